"""GraphQL on FastAPI: routes for any application, and one with a short way to them."""

from typing import Any

from fastapi import FastAPI
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from gql_app.http import ide
from gql_app.http.endpoint import GraphQLEndpoint, Options
from gql_app.http.executing import Executes, FindViewer, anonymous, one_result
from gql_app.http.sockets import GraphQLSockets, SocketOptions


def graphql_routes(
    executor: Executes,
    path: str = "/graphql",
    *,
    viewer: FindViewer = anonymous,
    options: Options | None = None,
) -> list[BaseRoute]:
    """What a FastAPI or Starlette application needs to serve GraphQL at `path`: POST and
    GET, WebSockets, and GraphiQL for browsers."""
    options = options or Options()
    endpoint = GraphQLEndpoint(executor, viewer=viewer, options=options, ide=ide.page())
    sockets = GraphQLSockets(
        one_result(executor),
        viewer=viewer,
        options=SocketOptions(
            message_bytes=options.body_bytes, documents=options.documents
        ),
    )
    return [
        Route(path, endpoint, methods=None),
        WebSocketRoute(path, sockets),
        Mount(f"{path}/ide", ide.assets()),
    ]


class Application(FastAPI):
    """Hands requests for `path` straight to `endpoint`: to find it by routing takes
    longer than all it does. The endpoint needs a route as well: requests take it when
    middleware, such as CORS, or FastAPI's own spans are to see them.
    """

    def __init__(self, path: str, endpoint: ASGIApp, **options: Any) -> None:
        super().__init__(**options)
        self.stopping = False
        """Whether the server has been told to stop."""
        self.traced = False
        """Whether requests are to get spans."""
        self._path = path
        self._endpoint = endpoint

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if (
            scope["type"] == "http"
            and scope["path"] == self._path
            and not self.user_middleware
            and not self.traced
        ):
            await self._endpoint(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)
