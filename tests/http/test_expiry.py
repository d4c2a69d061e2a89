"""Connections that stay open end when it is no longer known who asks."""

import asyncio
from collections.abc import AsyncGenerator
from time import time
from typing import Any

import orjson
import pytest
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient, WebSocketTestSession
from starlette.websockets import WebSocketDisconnect

from gql_app.engine.policy import Viewer
from gql_app.engine.responses import Request, Result
from gql_app.http.endpoint import GraphQLEndpoint
from gql_app.http.executing import FindViewer, Subscribe, one_result
from gql_app.http.expiry import ExpiredError, until_expired
from tests.http.small import SmallExecutor
from tests.http.streams import SmallStreams
from tests.http.websocket import TICKS, closing, connect, ready, subscribe

SECONDS = 0.2
EXPIRED = (4403, "Forbidden: the authorization has expired")


def for_a_moment(seconds: float = SECONDS) -> FindViewer:
    """A viewer who expires so many seconds after having been found."""

    async def viewer(_request: Any) -> Viewer:
        return Viewer("editor", expires=time() + seconds)

    return viewer


def until_expired_there_as_well() -> None:
    """Returns when a connection that begins now has expired."""
    with connect(viewer=for_a_moment()) as session:
        assert closing(ready(session)) == EXPIRED


def received(session: WebSocketTestSession) -> tuple[set[str], int]:
    """The types of all messages, and the code with which the connection ends."""
    kinds = set()
    try:
        while True:
            kinds.add(session.receive_json()["type"])
    except WebSocketDisconnect as closed:
        return kinds, closed.code


def test_silent_connection_is_closed() -> None:
    began = time()
    with connect(viewer=for_a_moment()) as session:
        ready(session)

        closed = closing(session)

    assert closed == EXPIRED
    assert time() - began >= SECONDS


def test_subscription_ends_without_a_word_before_its_connection() -> None:
    streams = SmallStreams()
    with connect(streams, viewer=for_a_moment()) as session:
        ready(session).send_json(subscribe("1", TICKS))

        kinds, code = received(session)

    assert kinds == {"next"}
    assert code == EXPIRED[0]
    assert len(streams.ended) == 1


def test_mutation_that_has_begun_is_answered_and_nothing_else_begins() -> None:
    executor = SmallExecutor()
    finish = asyncio.Event()

    async def before() -> None:
        await finish.wait()

    async def release() -> None:
        finish.set()

    executor.before = before
    with connect(one_result(executor), viewer=for_a_moment()) as session:
        ready(session).send_json(subscribe("1", "mutation { count }"))
        until_expired_there_as_well()
        session.send_json(subscribe("2", "mutation { count }"))
        session.send_json({"type": "ping"})
        pong = session.receive_json()
        session.portal.call(release)
        answers = [session.receive_json(), session.receive_json()]
        closed = closing(session)

    assert pong == {"type": "pong"}
    assert answers[0]["payload"] == {"data": {"count": 1}}
    assert answers[1] == {"type": "complete", "id": "1"}
    assert closed == EXPIRED
    assert executor.count == 1


def test_connection_of_a_viewer_without_an_end_stays_open() -> None:
    with connect(viewer=for_a_moment(float("inf"))) as session:
        ready(session)
        until_expired_there_as_well()
        session.send_json({"type": "ping"})

        assert session.receive_json() == {"type": "pong"}


def test_event_stream_ends_with_an_error() -> None:
    streams = SmallStreams()
    endpoint = GraphQLEndpoint(
        streams.executor, viewer=for_a_moment(), subscribe=streams
    )
    app = Starlette(routes=[Route("/graphql", endpoint)])

    response = TestClient(app).post(
        "/graphql",
        json={"query": TICKS},
        headers={"accept": "text/event-stream"},
    )

    last, end = response.text.removesuffix("\n\n").split("\n\n")[-2:]
    body = orjson.loads(last.removeprefix("event: next\ndata: "))
    assert body["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert end == "event: complete\ndata:"
    assert len(streams.ended) == 1


async def without_pause(
    request: Request, viewer: Viewer, request_id: str
) -> AsyncGenerator[Result, None]:
    while True:
        yield Result(b"{}", True)


async def that_times_out(
    request: Request, viewer: Viewer, request_id: str
) -> AsyncGenerator[Result, None]:
    yield Result(b"{}", True)
    raise TimeoutError("of the subscription's own")


async def consume(subscribe: Subscribe, viewer: Viewer) -> None:
    async for _ in until_expired(subscribe)(Request(TICKS), viewer, "id"):
        pass


def test_results_that_never_pause_end_as_well() -> None:
    viewer = Viewer(expires=time() + 0.01)

    with pytest.raises(ExpiredError):
        asyncio.run(consume(without_pause, viewer))


def test_time_out_of_a_subscription_is_not_an_expiry() -> None:
    viewer = Viewer(expires=time() + 60)

    with pytest.raises(TimeoutError, match="own"):
        asyncio.run(consume(that_times_out, viewer))
