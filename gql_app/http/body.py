"""Reading a request's body: no more of it, and for no longer, than allowed."""

from starlette.requests import ClientDisconnect
from starlette.types import Receive

from gql_app.engine.deadlines import TimeLimit
from gql_app.http.direct import body_at_hand
from gql_app.http.status import (
    BodyTooLargeError,
    SlowRequestError,
    UnsupportedMediaTypeError,
)

# Many clients read no response before they have sent everything: to them, a server
# that stops listening is a broken connection. So much more is read, and not kept.
_PATIENCE = 32


async def read_body(
    receive: Receive, headers: dict[bytes, bytes], *, limit: int, seconds: float
) -> bytes:
    """The whole body; raises RefusedError, or ClientDisconnect if the client is gone.

    Memory is bounded by the limit, and what is read at all by a multiple of it.
    """
    if headers.get(b"content-encoding", b"identity").lower() != b"identity":
        raise UnsupportedMediaTypeError("Compressed bodies are not supported.")
    if b"expect" in headers and _announced(headers) > limit:
        # This client asks before it sends, and is told no.
        raise _too_large(limit)
    at_hand = body_at_hand(receive, limit)
    if at_hand is not None:
        return at_hand
    try:
        with TimeLimit(seconds):
            return await _receive_all(receive, limit)
    except TimeoutError:
        raise SlowRequestError(
            f"The body did not arrive within {seconds} seconds."
        ) from None


async def _receive_all(receive: Receive, limit: int) -> bytes:
    chunks: list[bytes] = []
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        chunk: bytes = message.get("body", b"")
        more = message.get("more_body", False)
        size += len(chunk)
        if size <= limit:
            chunks.append(chunk)
        elif size > _PATIENCE * limit:
            break
    if size > limit:
        raise _too_large(limit)
    return b"".join(chunks)


def _announced(headers: dict[bytes, bytes]) -> int:
    length = headers.get(b"content-length", b"")
    # As many digits as a length can have; servers refuse other texts here.
    return int(length[:18]) if length.isdigit() else 0


def _too_large(limit: int) -> BodyTooLargeError:
    return BodyTooLargeError(
        f"The body is larger than {limit} bytes.", limit="body_bytes", maximum=limit
    )
