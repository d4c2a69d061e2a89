"""Over HTTP: a token in the Authorization header says who asks."""

from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from gql_app.app import create_app
from gql_app.settings import Settings
from tests.http.websocket import PROTOCOL, ready
from tests.publishing.accounts.conftest import ADA, LOGIN, PASSWORD, REGISTER

VIEWER = "{ viewer { user { username } } }"


@pytest.fixture
def http(migrated_url: str) -> Iterator[TestClient]:
    settings = Settings(
        database_url=migrated_url,
        password_kibibytes=8192,
        password_passes=1,
        address_attempts=2,
    )
    with TestClient(create_app(settings)) as client:
        yield client


def ask(http: TestClient, query: str, token: str | None = None, **input: Any) -> Any:
    headers = {} if token is None else {"authorization": token}
    body = {"query": query, "variables": {"input": input}}
    return http.post("/graphql", json=body, headers=headers)


def test_token_of_a_sign_in_says_who_asks(http: TestClient) -> None:
    ask(http, REGISTER, **ADA, password=PASSWORD)
    signed_in = ask(http, LOGIN, username="ada", password=PASSWORD).json()
    token = signed_in["data"]["login"]["tokens"]["accessToken"]

    mine = ask(http, VIEWER, f"Bearer {token}")
    nobodys = ask(http, VIEWER, "")

    assert mine.json() == {"data": {"viewer": {"user": {"username": "ada"}}}}
    assert nobodys.json() == {"data": {"viewer": None}}


def test_bad_token_is_401_with_the_way_to_sign_in(http: TestClient) -> None:
    response = ask(http, VIEWER, "Bearer forged")

    assert response.status_code == 401
    assert response.headers["www-authenticate"] == "Bearer"
    assert response.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


def test_address_of_the_client_is_counted(http: TestClient) -> None:
    for number in range(2):
        ask(http, LOGIN, username=f"user{number}", password="wrong")

    response = ask(http, LOGIN, username="ada", password="wrong")

    assert response.json()["errors"][0]["extensions"]["code"] == "RATE_LIMITED"


def test_address_of_a_socket_is_counted(http: TestClient) -> None:
    given = {"username": "ada", "password": "wrong"}
    asked = {"query": LOGIN, "variables": {"input": given}}

    with http.websocket_connect("/graphql", subprotocols=[PROTOCOL]) as socket:
        ready(socket)
        for number in range(3):
            socket.send_json({"type": "subscribe", "id": "1", "payload": asked})
            answer = socket.receive_json()
            assert socket.receive_json()["type"] == "complete", number

    [error] = answer["payload"]["errors"]
    assert error["extensions"]["code"] == "RATE_LIMITED"


def test_viewer_can_be_asked_for_by_get(http: TestClient) -> None:
    headers = {"graphql-require-preflight": "1"}

    response = http.get("/graphql", params={"query": VIEWER}, headers=headers)

    assert response.json() == {"data": {"viewer": None}}
