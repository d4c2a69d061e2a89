"""A client of GraphQL over WebSocket, for tests."""

import asyncio
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.testclient import TestClient, WebSocketTestSession
from starlette.websockets import WebSocketDisconnect

from gql_app.engine.policy import ANONYMOUS, Viewer
from gql_app.http.executing import FindViewer, Subscribe, one_result
from gql_app.http.sockets import GraphQLSockets, SocketOptions
from tests.http.small import SmallExecutor, viewer_by_header

PROTOCOL = "graphql-transport-ws"
INIT = {"type": "connection_init"}
ACK = {"type": "connection_ack"}
TICKS = "subscription { ticks }"


def connect(
    subscribe: Subscribe | None = None,
    *,
    viewer: FindViewer = viewer_by_header,
    options: SocketOptions | None = None,
    protocols: tuple[str, ...] = (PROTOCOL,),
    headers: dict[str, str] | None = None,
) -> WebSocketTestSession:
    sockets = GraphQLSockets(
        subscribe or one_result(SmallExecutor()), viewer=viewer, options=options
    )
    app = Starlette(routes=[WebSocketRoute("/graphql", sockets)])
    return TestClient(app).websocket_connect(
        "/graphql", subprotocols=list(protocols), headers=headers or {}
    )


def ready(session: WebSocketTestSession) -> WebSocketTestSession:
    session.send_json(INIT)
    assert session.receive_json() == ACK
    return session


def subscribe(id: str, query: str, **payload: Any) -> dict[str, Any]:
    return {"type": "subscribe", "id": id, "payload": {"query": query, **payload}}


def accepted(session: WebSocketTestSession) -> Any:
    return session.accepted_subprotocol


def closing(session: WebSocketTestSession) -> tuple[int, str]:
    """The code and the reason with which the server ends the connection."""
    try:
        while session.receive_json():
            pass
    except WebSocketDisconnect as closed:
        return closed.code, closed.reason
    pytest.fail("an empty message")


def code_of(message: dict[str, Any]) -> str:
    assert message["type"] == "error"
    return str(message["payload"][0]["extensions"]["code"])


async def endless(_request: Any) -> Viewer:
    await asyncio.Event().wait()
    return ANONYMOUS
