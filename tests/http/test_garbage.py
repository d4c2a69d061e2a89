"""What has ended is freed at once: the garbage collector may come much later."""

import asyncio
import gc
import json
import weakref
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.types import ASGIApp

from gql_app.http.executing import one_result
from gql_app.http.sockets import GraphQLSockets, SocketOptions
from tests.http.small import SmallExecutor, chunk, post_scope
from tests.http.streams import SmallStreams
from tests.http.test_event_stream import endpoint
from tests.http.websocket import INIT, PROTOCOL, TICKS, subscribe

SOCKET = {
    "type": "websocket",
    "path": "/graphql",
    "query_string": b"",
    "headers": [],
    "subprotocols": [PROTOCOL],
}
COMPLETE = {"type": "complete", "id": "1"}
GONE = {"type": "websocket.disconnect", "code": 1006}


def until(*kinds: str) -> dict[str, Any]:
    """The client says nothing until the server has sent one of these."""
    return {"until": {*kinds}}


ACK = until("connection_ack")


class Messages(list[dict[str, Any]]):
    """What a client says; it can be watched."""


@pytest.fixture(autouse=True)
def without_collector() -> Iterator[None]:
    """Only what nothing refers to is freed."""
    gc.disable()
    yield
    gc.enable()


def is_freed(app: ASGIApp, scope: dict[str, Any], said: list[dict[str, Any]]) -> bool:
    """Whether nothing that belongs to the request is left after its end."""
    messages = Messages(said)
    watched = weakref.ref(messages)
    asyncio.run(call(app, {**scope}, messages))
    del messages
    return watched() is None


async def call(app: ASGIApp, scope: dict[str, Any], messages: Messages) -> None:
    kinds: set[str] = set()
    more = asyncio.Event()

    async def receive() -> Any:
        while messages and "until" in messages[0]:
            if messages[0]["until"] & kinds:
                messages.pop(0)
            else:
                more.clear()
                await more.wait()
        return messages.pop(0) if messages else await asyncio.Event().wait()

    async def send(message: Any) -> None:
        if "text" in message:
            kinds.add(json.loads(message["text"])["type"])
            more.set()

    await app(scope, receive, send)


def text(message: str | dict[str, Any]) -> dict[str, Any]:
    sent = message if isinstance(message, str) else json.dumps(message)
    return {"type": "websocket.receive", "text": sent}


@pytest.mark.parametrize(
    "said",
    [
        [],
        [text(INIT), GONE],
        [text(INIT), ACK, text(subscribe("1", "{ role }")), until("complete"), GONE],
        [text(INIT), ACK, text(subscribe("1", TICKS)), until("next", "error"), GONE],
        [text(INIT), ACK, text(subscribe("1", TICKS)), text(COMPLETE), GONE],
        [text(INIT), text("{")],
        [text(subscribe("1", "{ role }"))],
    ],
    ids=["silent", "leaves", "asks", "streams", "at once", "invalid", "unauthorized"],
)
@pytest.mark.parametrize("streams", [True, False])
def test_connection_leaves_nothing(said: list[dict[str, Any]], streams: bool) -> None:
    subscribing = SmallStreams() if streams else one_result(SmallExecutor())
    options = SocketOptions(init_seconds=0.01)
    app = GraphQLSockets(subscribing, options=options)

    assert is_freed(app, SOCKET, [{"type": "websocket.connect"}, *said])


@pytest.mark.parametrize("query", ["{ role }", "{", TICKS])
@pytest.mark.parametrize("leaves", [True, False])
def test_event_stream_leaves_nothing(query: str, leaves: bool) -> None:
    body = json.dumps({"query": query}).encode()
    messages = [chunk(body, more=False)]
    if leaves:
        messages.append({"type": "http.disconnect"})
    app = endpoint(SmallStreams(most=3))

    assert is_freed(app, post_scope((b"accept", b"text/event-stream")), messages)


@pytest.mark.parametrize("query", ["{ role }", "{", "{ failing }"])
def test_request_leaves_nothing(query: str) -> None:
    body = json.dumps({"query": query}).encode()
    app = endpoint(SmallStreams())

    assert is_freed(app, post_scope(), [chunk(body, more=False)])
