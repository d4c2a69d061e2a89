"""Operations over WebSocket, message by message."""

import asyncio
from contextvars import ContextVar
from typing import Any

import pytest
from starlette.requests import Request
from starlette.testclient import WebSocketTestSession

from gql_app.engine.policy import ANONYMOUS, Viewer
from gql_app.http.documents import Documents, TrustedDocuments, hash_of
from gql_app.http.executing import one_result
from gql_app.http.sockets import SocketOptions
from tests.http.small import SmallExecutor
from tests.http.streams import SmallStreams
from tests.http.websocket import (
    PROTOCOL,
    TICKS,
    accepted,
    code_of,
    connect,
    ready,
    subscribe,
)


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


def test_operations_see_what_finding_the_viewer_set() -> None:
    place: ContextVar[str] = ContextVar("place", default="unknown")
    executor = SmallExecutor()
    seen = []

    async def viewer(_request: Request) -> Viewer:
        place.set("found")
        return ANONYMOUS

    async def look() -> None:
        seen.append(place.get())
        place.set("its own")

    executor.before = look
    with connect(one_result(executor), viewer=viewer) as session:
        ready(session)
        for _ in range(2):
            session.send_json(subscribe("1", "{ role }"))
            assert session.receive_json()["type"] == "next"
            assert session.receive_json()["type"] == "complete"

    assert seen == ["found", "found"]


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


def test_more_operations_than_allowed_are_refused_one_by_one() -> None:
    options = SocketOptions(operations=1)
    with connect(SmallStreams(), options=options) as session:
        ready(session).send_json(subscribe("1", TICKS))
        session.send_json(subscribe("2", "{ role }"))
        answers = [session.receive_json()]
        while answers[-1]["id"] == "1":
            answers.append(session.receive_json())

    assert code_of(answers[-1]) == "LIMIT_EXCEEDED"


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


@pytest.mark.parametrize(
    ("query", "kept"), [("{ role }", True), ("{", False), ("{ unknown }", False)]
)
def test_document_that_runs_is_persisted_here_as_well(query: str, kept: bool) -> None:
    digest = {"version": 1, "sha256Hash": hash_of(query)}
    by_hash = {"extensions": {"persistedQuery": digest}}
    payloads: list[dict[str, Any]] = [by_hash, {**by_hash, "query": query}, by_hash]
    with connect() as session:
        ready(session)
        missed, _, again = (answer(session, one) for one in payloads)

    assert code_of(missed) == "PERSISTED_QUERY_NOT_FOUND"
    if kept:
        assert again["payload"] == {"data": {"role": "anonymous"}}
    else:
        assert code_of(again) == "PERSISTED_QUERY_NOT_FOUND"


def answer(session: WebSocketTestSession, payload: dict[str, Any]) -> Any:
    """The first message that answers an operation; there are no others."""
    session.send_json({"type": "subscribe", "id": "1", "payload": payload})
    first = session.receive_json()
    if first["type"] == "next":
        assert session.receive_json()["type"] == "complete"
    return first


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
