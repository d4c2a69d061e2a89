"""Direct: whole bodies and whole responses at once, where Uvicorn serves.

It looks at each header of a response twice, with regular expressions, and takes two
messages for what is written in one piece: more work than most responses are. Behind any
middleware that wraps `receive` or `send`, and on other servers, ASGI's messages are used.
"""

from collections.abc import Iterable
from typing import Any

from starlette.types import Receive, Send

try:
    from uvicorn.protocols.http.httptools_impl import RequestResponseCycle
except ImportError:  # it needs httptools, which we don't ask for on Windows
    _CYCLE: type[Any] | None = None
else:
    _CYCLE = RequestResponseCycle

_OK = b"HTTP/1.1 200 OK\r\n"
_LINE = b"%b: %b\r\n".__mod__
_LARGE = 16_384


def body_at_hand(receive: Receive, limit: int) -> bytes | None:
    """The request's body if all of it has arrived and it isn't larger; otherwise None:
    it must be received."""
    cycle: Any = getattr(receive, "__self__", None)
    if (
        type(cycle) is not _CYCLE
        or cycle.more_body
        or cycle.disconnected
        or cycle.response_complete
        or len(cycle.body) > limit
    ):
        return None
    body = bytes(cycle.body)
    cycle.body = bytearray()
    cycle.message_event.clear()
    return body


def respond(send: Send, headers: Iterable[tuple[bytes, bytes]], body: bytes) -> bool:
    """Send a whole response with status 200; False if it must be sent by messages.

    The headers must be fit for the wire, and have the body's length.
    """
    cycle: Any = getattr(send, "__self__", None)
    if (
        type(cycle) is not _CYCLE
        or not cycle.keep_alive
        or cycle.response_started
        or cycle.disconnected
        or cycle.access_log
        or cycle.flow.write_paused
        or cycle.scope["method"] == "HEAD"
    ):
        return False
    lines = map(_LINE, (*cycle.default_headers, *headers))
    head = b"".join((_OK, *lines, b"\r\n"))
    cycle.response_started = cycle.response_complete = True
    cycle.waiting_for_100_continue = False
    # To copy a large body takes longer than to send it in two pieces.
    cycle.transport.writelines([head, body] if len(body) > _LARGE else [head + body])
    cycle.message_event.set()
    cycle.on_response()
    return True
