"""GraphQL over WebSocket, message by message."""

import asyncio
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.testclient import TestClient, WebSocketTestSession
from starlette.websockets import WebSocketDisconnect

from gql_app.engine.policy import ANONYMOUS, Viewer
from gql_app.http.documents import Documents, TrustedDocuments, hash_of
from gql_app.http.executing import FindViewer, Subscribe, one_result
from gql_app.http.sockets import GraphQLSockets, SocketOptions
from tests.http.small import SmallExecutor, viewer_by_header
from tests.http.streams import SmallStreams

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


def test_query_is_answered_by_next_and_complete() -> None:
    with connect() as session:
        assert accepted(session) == PROTOCOL
        ready(session)
        session.send_json(
            subscribe(
                "ä",
                "query Other { role } query Hi($name: String) { hello(name: $name) }",
                operationName="Hi",
                variables={"name": "Ada"},
                extensions=None,
            )
        )

        answers = [session.receive_json(), session.receive_json()]

    data = {"data": {"hello": "Hello, Ada!"}}
    assert answers == [
        {"id": "ä", "type": "next", "payload": data},
        {"id": "ä", "type": "complete"},
    ]


def test_mutation_runs() -> None:
    with connect() as session:
        ready(session).send_json(subscribe("1", "mutation { count }"))

        answer = session.receive_json()

    assert answer["payload"] == {"data": {"count": 1}}


def test_partial_result_is_a_result() -> None:
    with connect() as session:
        ready(session).send_json(subscribe("1", "{ hello forbidden }"))

        answers = [session.receive_json(), session.receive_json()]

    assert [answer["type"] for answer in answers] == ["next", "complete"]
    assert answers[0]["payload"]["errors"][0]["message"] == "no"


@pytest.mark.parametrize("query", ["{", "{ unknown }"])
def test_request_error_is_the_last_message(query: str) -> None:
    with connect() as session:
        ready(session).send_json(subscribe("1", query))
        failed = session.receive_json()
        session.send_json(subscribe("1", "{ role }"))
        answer = session.receive_json()

    assert failed["id"] == "1"
    assert code_of(failed).startswith("GRAPHQL_")
    assert answer["payload"] == {"data": {"role": "anonymous"}}


def test_results_of_a_subscription_follow_each_other() -> None:
    with connect(SmallStreams(most=3)) as session:
        ready(session).send_json(subscribe("1", TICKS))

        answers = [session.receive_json() for _ in range(4)]

    ticks = [answer["payload"]["data"]["ticks"] for answer in answers[:3]]
    assert ticks == [1, 2, 3]
    assert answers[3] == {"id": "1", "type": "complete"}


def test_complete_from_the_client_ends_the_subscription() -> None:
    streams = SmallStreams()
    with connect(streams, headers={"x-request-id": "a"}) as session:
        ready(session).send_json(subscribe("1", TICKS))
        assert session.receive_json()["payload"]["data"]["ticks"] == 1
        session.send_json({"type": "complete", "id": "1"})
        session.send_json(subscribe("2", "{ role }"))
        while session.receive_json()["id"] == "1":
            pass
        last = session.receive_json()
        ended_before_the_end = list(streams.ended)

    assert last == {"type": "complete", "id": "2"}
    assert ended_before_the_end == ["a.1"]


def test_leaving_ends_all_subscriptions() -> None:
    streams = SmallStreams()
    with connect(streams, headers={"x-request-id": "a"}) as session:
        ready(session)
        for one in ("1", "2"):
            session.send_json(subscribe(one, TICKS))
        session.receive_json()
        session.receive_json()

    assert sorted(streams.ended) == ["a.1", "a.2"]


def test_complete_of_an_unknown_operation_is_ignored() -> None:
    with connect() as session:
        ready(session).send_json({"type": "complete", "id": "x"})
        session.send_json({"type": "ping"})

        assert session.receive_json() == {"type": "pong"}


def test_mutation_goes_on_when_its_client_no_longer_listens() -> None:
    executor = SmallExecutor()
    began, finish = asyncio.Event(), asyncio.Event()

    async def before() -> None:
        began.set()
        await finish.wait()

    async def release() -> None:
        await began.wait()
        finish.set()

    executor.before = before
    with connect(one_result(executor)) as session:
        ready(session).send_json(subscribe("1", "mutation { count }"))
        session.send_json({"type": "complete", "id": "1"})
        session.send_json({"type": "ping"})
        answer = session.receive_json()
        session.portal.call(release)

    assert answer == {"type": "pong"}
    assert executor.count == 1


def test_result_is_not_sent_once_the_client_has_completed() -> None:
    executor = SmallExecutor()
    began, finish = asyncio.Event(), asyncio.Event()

    async def before() -> None:
        if not began.is_set():
            began.set()
            await finish.wait()

    async def release() -> None:
        await began.wait()
        finish.set()

    executor.before = before
    with connect(one_result(executor)) as session:
        ready(session).send_json(subscribe("1", "{ role }"))
        session.send_json({"type": "complete", "id": "1"})
        session.send_json({"type": "ping"})
        pong = session.receive_json()
        session.portal.call(release)
        session.send_json(subscribe("1", "{ hello }"))
        answer = session.receive_json()

    assert pong == {"type": "pong"}
    assert answer["payload"] == {"data": {"hello": "Hello, world!"}}


@pytest.mark.parametrize("payload", [None, {}, {"a": [1]}])
def test_ping_is_answered_even_before_the_connection(payload: Any) -> None:
    with connect() as session:
        session.send_json({"type": "ping", "payload": payload})
        session.send_json({"type": "pong", "payload": payload})
        answer = session.receive_json()

    assert answer.get("payload") == payload
    assert answer["type"] == "pong"


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
        ("UnauthenticatedError", 4401),
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
    with connect(options=SocketOptions(init_seconds=0.2)) as session:
        ready(session)
        session.portal.call(asyncio.sleep, 0.3)
        session.send_json({"type": "ping"})

        assert session.receive_json() == {"type": "pong"}


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


def test_more_operations_than_allowed_are_refused_one_by_one() -> None:
    options = SocketOptions(operations=1)
    with connect(SmallStreams(), options=options) as session:
        ready(session).send_json(subscribe("1", TICKS))
        session.send_json(subscribe("2", "{ role }"))
        answers = [session.receive_json()]
        while answers[-1]["id"] == "1":
            answers.append(session.receive_json())

    assert code_of(answers[-1]) == "LIMIT_EXCEEDED"


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


def test_only_trusted_documents_run_here_as_well() -> None:
    role = "{ role }"
    store = TrustedDocuments({hash_of(role): role})
    options = SocketOptions(documents=Documents(trusted=store, only_trusted=True))
    with connect(options=options) as session:
        ready(session).send_json(subscribe("1", "{ hello }"))
        refused = session.receive_json()
        by_id = {"documentId": f"sha256:{hash_of(role)}"}
        session.send_json({"type": "subscribe", "id": "2", "payload": by_id})
        answer = session.receive_json()

    assert code_of(refused) == "FORBIDDEN"
    assert answer["payload"] == {"data": {"role": "anonymous"}}


def test_defect_is_masked_and_ends_its_operation_alone() -> None:
    executor = SmallExecutor()

    async def fail() -> None:
        raise LookupError("secret")

    executor.before = fail
    with connect(one_result(executor), headers={"x-request-id": "a"}) as session:
        ready(session).send_json(subscribe("1", "{ role }"))
        failed = session.receive_json()
        session.send_json({"type": "ping"})
        answer = session.receive_json()

    assert code_of(failed) == "INTERNAL_SERVER_ERROR"
    assert failed["payload"][0]["extensions"]["requestId"] == "a.1"
    assert "secret" not in str(failed)
    assert answer == {"type": "pong"}
