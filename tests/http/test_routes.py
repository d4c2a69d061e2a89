"""GraphQL on an application of one's own."""

from fastapi import FastAPI
from starlette.requests import Request
from starlette.testclient import TestClient

from gql_app.engine import Viewer
from gql_app.http.application import graphql_routes
from gql_app.http.endpoint import Options
from tests.http.small import SmallExecutor
from tests.http.websocket import PROTOCOL, ready, subscribe

ROLE = {"query": "{ role }"}


async def find_viewer(_request: Request) -> Viewer:
    return Viewer("guest")


def test_routes_answer_post_beside_those_of_the_application() -> None:
    app = FastAPI(routes=graphql_routes(SmallExecutor(), viewer=find_viewer))

    @app.get("/health")
    async def health() -> str:
        return "alive"

    client = TestClient(app)

    assert client.post("/graphql", json=ROLE).json() == {"data": {"role": "guest"}}
    assert client.get("/health").json() == "alive"


def test_routes_answer_websockets() -> None:
    app = FastAPI(routes=graphql_routes(SmallExecutor(), viewer=find_viewer))

    with TestClient(app).websocket_connect("/graphql", [PROTOCOL]) as session:
        ready(session).send_json(subscribe("1", ROLE["query"]))
        answer = session.receive_json()

    assert answer["payload"] == {"data": {"role": "guest"}}


def test_page_finds_its_files_at_another_path() -> None:
    app = FastAPI(routes=graphql_routes(SmallExecutor(), "/api/query"))
    client = TestClient(app)

    page = client.get("/api/query", headers={"accept": "text/html"})
    file = client.get("/api/query/ide/plain.js")

    assert "./query/ide" in page.text
    assert file.status_code == 200


def test_options_are_those_of_every_route() -> None:
    options = Options(body_bytes=10)
    app = FastAPI(routes=graphql_routes(SmallExecutor(), options=options))

    assert TestClient(app).post("/graphql", json=ROLE).status_code == 413
