"""Idempotency keys over HTTP: a mutation that is sent again is done once."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient

from gql_app.app import create_app
from gql_app.engine.database import Database
from gql_app.publishing.accounts.roles import give_role
from gql_app.publishing.base import utc_now
from gql_app.publishing.idempotency_key import KEPT, forget_old, keep_forgetting
from gql_app.publishing.post import Post
from gql_app.publishing.user import Role
from gql_app.settings import Settings
from tests.publishing.accounts.conftest import ADA, LOGIN, PASSWORD, REGISTER
from tests.publishing.rows import count_rows

CREATE = """mutation ($input: CreatePostInput!) {
  createPost(input: $input) { post { slug } errors { message } } }"""
CORS = {
    "origin": "https://app.test",
    "access-control-request-method": "POST",
    "access-control-request-headers": "content-type, idempotency-key",
}


@pytest.fixture
def http(migrated_url: str) -> Iterator[TestClient]:
    settings = Settings(
        database_url=migrated_url,
        password_kibibytes=8192,
        password_passes=1,
        cors_origins=("https://app.test",),
    )
    with TestClient(create_app(settings)) as client:
        yield client


def send(http: TestClient, query: str, headers: Any = None, **input: Any) -> Any:
    body = {"query": query, "variables": {"input": input}}
    accept = {"accept": "application/graphql-response+json"}
    return http.post("/graphql", json=body, headers={**accept, **(headers or {})})


@pytest.fixture
def author(http: TestClient, engine: sa.Engine) -> dict[str, str]:
    """The headers of one who may write posts, with an idempotency key."""
    send(http, REGISTER, **ADA, password=PASSWORD)
    give_role(engine, "ada", Role.AUTHOR)
    payload = send(http, LOGIN, username="ada", password=PASSWORD).json()
    token = payload["data"]["login"]["tokens"]["accessToken"]
    return {"authorization": f"Bearer {token}", "idempotency-key": "one"}


def keep(engine: sa.Engine, key: str, hours: int) -> None:
    with engine.begin() as connection:
        moment = utc_now() - timedelta(hours=hours)
        row = {"owner": "o", "key": key, "request": "r", "created_at": moment}
        connection.execute(sa.insert(KEPT).values(row))


def test_same_request_again_gets_the_same_response(
    http: TestClient, author: dict[str, str], engine: sa.Engine
) -> None:
    first = send(http, CREATE, author, title="Once", body="Only.")
    second = send(http, CREATE, author, title="Once", body="Only.")

    slug = first.json()["data"]["createPost"]["post"]["slug"]
    assert slug.startswith("once-")  # and goes on with what is never the same
    assert (second.status_code, second.content) == (200, first.content)
    assert count_rows(engine, Post) == 1


def test_another_request_with_the_key_is_a_conflict(
    http: TestClient, author: dict[str, str], engine: sa.Engine
) -> None:
    send(http, CREATE, author, title="Once", body="Only.")

    other = send(http, CREATE, author, title="Twice", body="Only.")

    assert other.status_code == 409
    assert other.json()["errors"][0]["extensions"]["code"] == "CONFLICT"
    assert count_rows(engine, Post) == 1


def test_tokens_are_not_kept(http: TestClient, author: dict[str, str]) -> None:
    key = {"idempotency-key": "two"}

    answer = send(http, LOGIN, key, username="ada", password=PASSWORD).json()

    assert answer["data"]["login"]["errors"][0]["code"] == "BAD_USER_INPUT"


def test_pages_of_allowed_origins_may_send_a_key(http: TestClient) -> None:
    response = http.options("/graphql", headers=CORS)

    assert response.status_code == 200
    assert "idempotency-key" in response.headers["access-control-allow-headers"]


def test_responses_are_kept_for_a_day(engine: sa.Engine) -> None:
    keep(engine, "old", hours=25)
    keep(engine, "new", hours=23)

    forgotten = forget_old(engine)

    with engine.connect() as connection:
        left = connection.scalars(sa.select(KEPT.c.key)).all()
    assert (forgotten, left) == (1, ["new"])


def test_old_responses_are_forgotten_meanwhile(engine: sa.Engine) -> None:
    keep(engine, "old", hours=25)

    async def until_forgotten() -> None:
        forgetting = asyncio.create_task(keep_forgetting(engine, timedelta()))
        while await asyncio.to_thread(_count, engine):
            assert not forgetting.done()
        forgetting.cancel()

    asyncio.run(asyncio.wait_for(until_forgotten(), 10))


def test_database_in_trouble_is_logged_and_tried_again(
    database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    database = Database(database_url)  # without tables

    async def until_logged_twice() -> None:
        forgetting = asyncio.create_task(keep_forgetting(database.engine, timedelta()))
        while len(caplog.records) < 2:
            await asyncio.to_thread(caplog.handler.flush)
        forgetting.cancel()

    asyncio.run(asyncio.wait_for(until_logged_twice(), 10))
    database.close()

    assert caplog.messages[0] == "Old idempotency keys are still there."


def _count(engine: sa.Engine) -> int:
    with engine.connect() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(KEPT)) or 0
