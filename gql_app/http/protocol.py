"""The server's HTTP protocol, with bounds for what comes before a request's body.

Uvicorn waits for the headers of a request for as long as the client likes, and takes as
many as it sends.
"""

import asyncio
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from uvicorn.protocols.http.httptools_impl import (
    HttpToolsProtocol,
    RequestResponseCycle,
)

from gql_app.engine.errors import ErrorCode
from gql_app.http.responses import error_body


class JoiningTransport:
    """A transport that sends in one piece what is written in one turn of the loop:
    Uvicorn writes a response's head and its body one after the other.

    It doesn't send before the turn is over: to wake clients one by one, between the
    requests of others, takes a fifth more of the processor's time.
    """

    def __init__(
        self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop
    ) -> None:
        self._transport = transport
        self._loop = loop
        self._held: list[bytes] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Send it before the loop waits again."""
        if not self._held:
            self._loop.call_soon(self._flush)
        self._held.append(data)

    def is_closing(self) -> bool:
        return self._transport.is_closing()

    def writelines(self, lines: Iterable[bytes]) -> None:
        """As `write`."""
        for line in lines:
            self.write(line)

    def write_eof(self) -> None:
        """Send what is held, and nothing more."""
        self._flush()
        self._transport.write_eof()

    def close(self) -> None:
        """Send what is held, then close."""
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        held, self._held = self._held, []
        if held and not self._transport.is_closing():
            self._transport.writelines(held)


class BoundedProtocol(HttpToolsProtocol):
    """Refuses headers that arrive too slowly, or are too large, and what isn't HTTP."""

    header_seconds = 15.0
    header_bytes = 65_536
    """About: as many again may come with the first of them."""

    _deadline: asyncio.TimerHandle | None = None
    _requests = 0
    _pending = False
    """Whether headers have begun and aren't complete."""
    _size = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as Uvicorn has it
        joining: Any = JoiningTransport(transport, self.loop)
        super().connection_made(joining)
        self._await_headers()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        self._requests += 1
        self._pending = True
        self._size = 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._pending = False
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        before = self._requests
        super().data_received(data)
        if not self._pending:
            self._stop_waiting()
            return
        # Most headers come at once: a timer for each request would cost too much.
        self._await_headers()
        if self._requests == before:
            self._size += len(data)
        if self._size > self.header_bytes:
            self._refuse(
                HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
                f"The headers are larger than {self.header_bytes} bytes.",
                ErrorCode.LIMIT_EXCEEDED,
            )

    def send_400_response(self, msg: str) -> None:
        self._refuse(HTTPStatus.BAD_REQUEST, msg, ErrorCode.BAD_REQUEST)

    def _await_headers(self) -> None:
        if self._deadline is None:
            self._deadline = self.loop.call_later(self.header_seconds, self._give_up)

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _give_up(self) -> None:
        self._deadline = None
        if self._is_working():
            self._await_headers()  # of a request that was sent too early
            return
        if self._requests == 0:
            self.transport.close()  # who has said nothing is told nothing
            return
        text = f"The headers did not arrive within {self.header_seconds:g} seconds."
        self._refuse(HTTPStatus.REQUEST_TIMEOUT, text, ErrorCode.TIMEOUT)

    def _is_working(self) -> bool:
        """Whether a request is to be answered yet."""
        cycle: RequestResponseCycle | None = self.cycle
        return cycle is not None and not cycle.response_complete

    def _is_sending(self) -> bool:
        """Whether it is its own body that is arriving, before any response."""
        cycle = self.cycle
        return cycle.more_body and not cycle.response_started and not self.pipeline

    def _refuse(self, status: HTTPStatus, message: str, code: ErrorCode) -> None:
        """Answer, and end the connection: what follows can't be understood."""
        self._stop_waiting()
        if self._is_working() and not self._is_sending():
            self.transport.close()  # a word now would be taken for the response
        if self.transport.is_closing():
            return
        body = error_body(message, code)
        head = (
            f"HTTP/1.1 {status.value} {status.phrase}\r\n"
            "content-type: application/json; charset=utf-8\r\n"
            f"content-length: {len(body)}\r\n"
            "connection: close\r\n\r\n"
        )
        self.transport.write(head.encode("ascii") + body)
        self.transport.close()
