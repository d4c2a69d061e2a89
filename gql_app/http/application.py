"""The FastAPI application, with a short way to its GraphQL endpoint."""

from typing import Any

from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send


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
