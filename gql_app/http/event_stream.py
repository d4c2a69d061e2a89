"""Server-sent events: results one after another on a response that stays open.

The protocol is graphql-sse's mode of distinct connections: each result is an event
`next`, whatever is wrong with the operation included, and `complete` is the last one.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any, NamedTuple

from starlette.types import Receive, Send

from gql_app.engine.responses import Result
from gql_app.http.failures import failure
from gql_app.http.media_types import MediaType

_SILENCE = 15.0
"""Seconds without an event after which a comment is sent: proxies cut silent lines."""
_COMMENT = b":\n\n"
# With data, however empty: browsers don't tell their pages of events without.
_COMPLETE = b"event: complete\ndata:\n\n"
_HEADERS = (
    (b"content-type", f"{MediaType.EVENT_STREAM}; charset=utf-8".encode()),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),  # nginx would wait for more of it
    (b"x-content-type-options", b"nosniff"),
)


class EventStream(NamedTuple):
    """A response of several results."""

    results: AsyncGenerator[Result, None]


async def send_events(
    stream: EventStream, receive: Receive, send: Send, *, request_id: str
) -> None:
    """Send the results until they or the client end."""
    headers = [*_HEADERS, (b"x-request-id", request_id.encode("ascii"))]
    start = {"type": "http.response.start", "status": 200, "headers": headers}
    await send(start)
    await _send(send, _COMMENT)  # so that the headers leave
    gone = asyncio.ensure_future(_disconnected(receive))
    try:
        async with aclosing(stream.results) as results:
            while (body := await _next(results, gone, send, request_id)) is not None:
                await _send(send, b"event: next\ndata: %b\n\n" % body)
        await _send(send, _COMPLETE, more=False)
    except _GoneError:
        pass  # nobody listens
    finally:
        gone.cancel()


class _GoneError(Exception):
    """The client has closed the connection."""


async def _next(
    results: AsyncGenerator[Result, None],
    gone: asyncio.Future[None],
    send: Send,
    request_id: str,
) -> bytes | None:
    """The next result's body, or None after the last one."""
    upcoming = asyncio.ensure_future(_body(results, request_id))
    either: set[asyncio.Future[Any]] = {upcoming, gone}
    try:
        while not upcoming.done():
            await asyncio.wait(
                either, timeout=_SILENCE, return_when=asyncio.FIRST_COMPLETED
            )
            if gone.done():
                raise _GoneError
            if not upcoming.done():
                await _send(send, _COMMENT)
    finally:
        if not upcoming.done():
            upcoming.cancel()
            await asyncio.wait({upcoming})
    return upcoming.result()


async def _body(results: AsyncGenerator[Result, None], request_id: str) -> bytes | None:
    try:
        return (await anext(results)).body
    except StopAsyncIteration:
        return None
    except Exception as error:  # noqa: BLE001  # whatever it is, the client learns of it
        return failure(error, request_id).body


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass  # the rest of a body that nobody asked for


async def _send(send: Send, body: bytes, *, more: bool = True) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": more})
