"""WebSockets from their handshake to their end: who may connect, and what ends it."""

import asyncio
from typing import Any

import pytest
from starlette.types import ASGIApp
from starlette.websockets import WebSocketDisconnect

from gql_app.http.executing import one_result
from gql_app.http.sockets import GraphQLSockets, SocketOptions
from tests.http.small import SmallExecutor, viewer_by_header
from tests.http.streams import SmallStreams
from tests.http.websocket import (
    ACK,
    INIT,
    PROTOCOL,
    TICKS,
    accepted,
    closing,
    connect,
    endless,
    ready,
    subscribe,
)


@pytest.mark.parametrize(
    "message",
    [
        "",
        "{",
        "1",
        "[]",
        "null",
        "{}",
        '{"type": 1}',
        '{"type": "start"}',
        '{"type": "connection_ack"}',
        '{"type": "connection_init", "payload": []}',
        '{"type": "connection_init", "payload": {"Authorization": 1}}',
        '{"type": "ping", "payload": 1}',
        '{"type": "ping", "payload": ' + '{"a":' * 900 + "1" + "}" * 901,
        '{"type": "complete"}',
        '{"type": "complete", "id": 1}',
        '{"type": "subscribe", "id": "1"}',
        '{"type": "subscribe", "id": "", "payload": {"query": "{ role }"}}',
        '{"type": "subscribe", "payload": {"query": "{ role }"}}',
        '{"type": "subscribe", "id": "1", "payload": {"query": 1}}',
        '{"type": "subscribe", "id": "1", "payload": {"query": "{ role }", "variables": 1}}',
        '{"type": "subscribe", "id": "1", "payload": {"query": "{ role }", "operationName": 1}}',
    ],
)
def test_invalid_message_ends_the_connection(message: str) -> None:
    with connect() as session:
        session.send_text(message)

        assert closing(session)[0] == 4400


def test_defect_ends_the_connection_and_is_logged_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    sent: list[Any] = []
    received = iter([{"type": "websocket.connect"}])

    async def receive() -> Any:
        return next(received, None)  # nothing that ASGI knows

    async def send(message: Any) -> None:
        sent.append(message)

    app = GraphQLSockets(one_result(SmallExecutor()))
    scope = {"type": "websocket", "headers": [], "subprotocols": [PROTOCOL]}
    asyncio.run(serve(app, scope, receive, send))

    assert [message["type"] for message in sent] == [
        "websocket.accept",
        "websocket.close",
    ]
    assert sent[1]["code"] == 4500
    assert len(caplog.records) == 1


async def serve(app: ASGIApp, scope: Any, receive: Any, send: Any) -> None:
    await app(scope, receive, send)


def test_bytes_end_the_connection() -> None:
    with connect() as session:
        session.send_bytes(b'{"type": "connection_init"}')

        assert closing(session) == (4400, "Messages are text")


def test_message_that_is_too_large_ends_the_connection() -> None:
    with connect(options=SocketOptions(message_bytes=60)) as session:
        ready(session).send_json(subscribe("1", "{ role }" + " " * 60))

        assert closing(session)[0] == 1009


def test_operation_before_the_acknowledgement_is_unauthorized() -> None:
    with connect() as early:
        early.send_json(subscribe("1", "{ role }"))

        assert closing(early) == (4401, "Unauthorized")

    with connect(viewer=endless) as pending:
        pending.send_json(INIT)
        pending.send_json(subscribe("1", "{ role }"))

        assert closing(pending) == (4401, "Unauthorized")


@pytest.mark.parametrize(
    ("role", "code"),
    [
        ("UnauthenticatedError", 4403),
        ("ForbiddenError", 4403),
        ("UnavailableError", 1013),
        ("broken", 4500),
    ],
)
def test_viewer_that_is_refused_ends_the_connection(role: str, code: int) -> None:
    with connect(headers={"x-role": role}) as session:
        session.send_json(INIT)

        closed, reason = closing(session)

    assert closed == code
    assert "secret" not in reason


@pytest.mark.parametrize("name", ["Authorization", "authorization"])
def test_authorization_is_that_of_the_payload(name: str) -> None:
    seen: list[tuple[str, list[str]]] = []

    async def viewer(request: Any) -> Any:
        seen.append((request.method, request.headers.getlist("authorization")))
        return await viewer_by_header(request)

    headers = {"authorization": "of the handshake", "x-role": "editor"}
    with connect(viewer=viewer, headers=headers) as session:
        session.send_json({**INIT, "payload": {name: "Bearer ö"}})
        assert session.receive_json() == ACK
        session.send_json(subscribe("1", "{ role }"))
        answer = session.receive_json()

    assert [values[0].encode("latin-1").decode() for _, values in seen] == ["Bearer ö"]
    assert answer["payload"]["data"] == {"role": "editor"}


def test_silent_client_is_disconnected() -> None:
    with connect(options=SocketOptions(init_seconds=0.01)) as session:
        assert closing(session) == (4408, "Connection initialisation timeout")


def test_connection_outlives_the_time_for_its_init() -> None:
    options = SocketOptions(init_seconds=0.2)
    with connect(options=options) as session:
        ready(session)
        with connect(options=options) as later:
            assert closing(later)[0] == 4408
        session.send_json({"type": "ping"})

        assert session.receive_json() == {"type": "pong"}


def test_invalid_message_right_after_the_init_leaves_nothing_behind() -> None:
    with connect() as session:
        session.send_json(INIT)
        session.send_text("{")

        assert closing(session)[0] == 4400


def test_second_init_ends_the_connection() -> None:
    with connect() as session:
        ready(session).send_json(INIT)

        assert closing(session) == (4429, "Too many initialisation requests")


def test_id_in_use_ends_the_connection() -> None:
    streams = SmallStreams()
    with connect(streams) as session:
        ready(session).send_json(subscribe("é" * 200, TICKS))
        session.send_json(subscribe("é" * 200, "{ role }"))

        code, reason = closing(session)

    assert code == 4409
    assert reason.startswith("Subscriber for é")
    assert len(reason.encode()) <= 123
    assert len(streams.ended) == 1


@pytest.mark.parametrize("protocols", [(), ("graphql-ws",), ("soap", "graphql-ws")])
def test_other_protocols_are_refused(protocols: tuple[str, ...]) -> None:
    with connect(protocols=protocols) as session:
        assert accepted(session) is None
        assert closing(session) == (4406, "Subprotocol not acceptable")


def test_our_protocol_is_found_among_others() -> None:
    with connect(protocols=("graphql-ws", PROTOCOL)) as session:
        assert accepted(session) == PROTOCOL


@pytest.mark.parametrize(
    "origin", ["https://evil.test", "null", "https://testserver.evil.test", "http://["]
)
def test_foreign_origin_is_refused_in_the_handshake(origin: str) -> None:
    with pytest.raises(WebSocketDisconnect):
        connect(headers={"origin": origin}).__enter__()


@pytest.mark.parametrize(
    "origin", ["http://testserver", "https://TESTSERVER", "https://app.test", None]
)
def test_own_and_allowed_origins_may_connect(origin: str | None) -> None:
    options = SocketOptions(origins=("https://app.test",))
    headers = {} if origin is None else {"origin": origin}
    with connect(options=options, headers=headers) as session:
        ready(session)
