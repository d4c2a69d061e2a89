"""Responses: complete in memory, always JSON, sent as plain ASGI messages."""

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any, NamedTuple

import orjson
from starlette.types import Send

from gql_app.http.direct import respond
from gql_app.http.media_types import MediaType
from gql_app.http.status import HEADERS, OK

Headers = tuple[tuple[bytes, bytes], ...]

NO_STORE = b"no-store"
NOT_MODIFIED = 304

_VARY: Headers = ((b"vary", b"Accept, Authorization, Cookie"),)
_COMMON: Headers = ((b"x-content-type-options", b"nosniff"),)
_CONTENT_TYPES: Mapping[MediaType, Headers] = {
    media_type: ((b"content-type", f"{media_type}; charset=utf-8".encode()), *_COMMON)
    for media_type in MediaType
}


class Response(NamedTuple):
    status: int
    body: bytes
    media_type: MediaType = MediaType.JSON
    headers: Headers = ()
    cache_control: bytes = NO_STORE


def error_body(
    message: str, code: str, details: Mapping[str, Any] | None = None
) -> bytes:
    extensions = {"code": code, **(details or {})}
    return orjson.dumps({"errors": [{"message": message, "extensions": extensions}]})


def cacheable(
    response: Response, if_none_match: bytes | None, cache_control: bytes
) -> Response:
    """The response to a GET that caches may keep and ask about by its ETag."""
    tag = b'"%s"' % blake2b(response.body, digest_size=16).hexdigest().encode()
    kept = response._replace(
        headers=(*response.headers, (b"etag", tag)), cache_control=cache_control
    )
    if if_none_match is not None and _names(if_none_match, tag):
        return kept._replace(status=NOT_MODIFIED, body=b"")
    return kept


async def send_response(
    send: Send, response: Response, *, request_id: str, vary: bool
) -> None:
    headers = [
        *_CONTENT_TYPES[response.media_type],
        (b"cache-control", response.cache_control),
        (b"x-request-id", request_id.encode("ascii")),
        *response.headers,
        *HEADERS.get(response.status, ()),
    ]
    if vary:
        headers += _VARY
    if response.status != NOT_MODIFIED:
        headers.append((b"content-length", b"%d" % len(response.body)))
    if response.status == OK and respond(send, headers, response.body):
        return
    await send(
        {
            "type": "http.response.start",
            "status": response.status,
            "headers": headers,
        }
    )
    await send({"type": "http.response.body", "body": response.body})


def _names(if_none_match: bytes, tag: bytes) -> bool:
    """Weakly, as RFC 9110 asks for If-None-Match: what proxies compress gets a W/."""
    tags = [part.strip().removeprefix(b"W/") for part in if_none_match.split(b",")]
    return tag in tags or b"*" in tags
