"""A small GraphQL endpoint under the IDE's page, free of engine and database."""

from pathlib import Path
from typing import Any

from graphql import build_schema, graphql_sync
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

from gql_app.http import ide

SCHEMA = build_schema('''
"""What can be read."""
type Query {
  "The newest posts."
  posts(first: Int = 20): PostConnection!
  "Always fails."
  broken: String
}
type Subscription {
  "Each post that is published."
  published: Post!
}
"""A page of posts."""
type PostConnection { nodes: [Post!]! totalCount: Int! }
"""An article."""
type Post {
  "What readers see first."
  title: String!
}
''')
EXPLAIN = {
    "plan": "posts: a page of 20, newest first",
    "statements": [
        {"path": "posts", "sql": "SELECT post.title FROM post", "ms": 1.25, "rows": 2},
        {"path": "posts.totalCount", "sql": "SELECT count(*)", "ms": 0.5, "rows": 1},
    ],
}


def posts(_info: object, first: int = 20) -> dict[str, Any]:
    nodes = [{"title": "Reading a query plan"}, {"title": "Keyset pages"}]
    return {"nodes": nodes[:first], "totalCount": len(nodes)}


def broken(_info: object) -> str:
    raise ValueError("The cellar is flooded")


class Endpoint:
    """Browsers get the page, everyone else an answer: as the real endpoint does."""

    def __init__(
        self, bundle: Path, *, explains: bool = True, examples: bool = True
    ) -> None:
        self._page = ide.page(bundle, examples=examples)
        self._assets = ide.assets(bundle)
        self._explains = explains
        self.headers: list[dict[str, str]] = []  # of the operations, as they came
        self.connections: list[Any] = []  # the payloads of connection_init

    def app(self, path: str = "/graphql") -> ASGIApp:
        return Starlette(
            routes=[
                Route(path, self),
                WebSocketRoute(path, self.subscribe),
                Mount(f"{path}/ide", self._assets),
            ]
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] == "GET":
            await self._page(scope, receive, send)
            return
        response = await self.answer(Request(scope, receive))
        await response(scope, receive, send)

    async def answer(self, request: Request) -> JSONResponse:
        body = await request.json()
        root = {"posts": posts, "broken": broken}
        variables, name = body.get("variables"), body.get("operationName")
        result = graphql_sync(
            SCHEMA, body["query"], root, variable_values=variables, operation_name=name
        )
        response: dict[str, Any] = {**result.formatted}
        if self._explains and "x-graphql-explain" in request.headers:
            response["extensions"] = {"explain": EXPLAIN}
        if name != "IntrospectionQuery":
            self.headers.append(dict(request.headers))
        return JSONResponse(response)

    async def subscribe(self, socket: WebSocket) -> None:
        await socket.accept("graphql-transport-ws")
        self.connections.append((await socket.receive_json()).get("payload"))
        await socket.send_json({"type": "connection_ack"})
        operation = (await socket.receive_json())["id"]
        post = {"data": {"published": {"title": "Fresh from the socket"}}}
        await socket.send_json({"id": operation, "type": "next", "payload": post})
        await socket.send_json({"id": operation, "type": "complete"})
        await socket.close()
