"""The short way to the endpoint, and who does not take it."""

from typing import Any

from starlette.middleware.cors import CORSMiddleware
from starlette.routing import Route
from starlette.testclient import TestClient

from gql_app.http.application import Application
from gql_app.http.endpoint import GraphQLEndpoint
from tests.http.small import SmallExecutor


def application() -> tuple[Application, list[bool]]:
    """An application, and whether each request of its endpoint came by routing."""
    endpoint = GraphQLEndpoint(SmallExecutor())
    routed: list[bool] = []

    async def noting(scope: Any, receive: Any, send: Any) -> None:
        routed.append("endpoint" in scope)
        await endpoint(scope, receive, send)

    class Noting:
        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            await noting(scope, receive, send)

    app = Application("/graphql", noting, routes=[Route("/graphql", Noting())])
    return app, routed


def ask(app: Application, **headers: str) -> Any:
    query = {"query": "{ role }"}
    return TestClient(app).post("/graphql", json=query, headers=headers)


def test_request_goes_straight_to_the_endpoint() -> None:
    app, routed = application()

    response = ask(app)

    assert response.json() == {"data": {"role": "anonymous"}}
    assert routed == [False]


def test_middleware_sees_every_request() -> None:
    app, routed = application()
    app.add_middleware(CORSMiddleware, allow_origins=["https://app.test"])

    response = ask(app, origin="https://app.test")

    assert response.headers["access-control-allow-origin"] == "https://app.test"
    assert routed == [True]


def test_request_that_gets_a_span_is_routed() -> None:
    app, routed = application()
    app.traced = True

    assert ask(app).status_code == 200
    assert routed == [True]


def test_other_paths_are_routed() -> None:
    app, routed = application()

    response = TestClient(app).get("/graphql/nothing")

    assert response.status_code == 404
    assert routed == []
