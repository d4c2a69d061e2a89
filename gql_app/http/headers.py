"""Request headers as a dictionary, and the request's id."""

import re
from random import getrandbits
from typing import Any

_REQUEST_ID = re.compile(rb"[A-Za-z0-9._~:/+=-]{1,128}")


def headers_of(scope: Any) -> dict[bytes, bytes]:
    """By lower-case name; what was sent in several lines is joined, as HTTP has it."""
    lines: list[tuple[bytes, bytes]] = scope["headers"]
    headers = dict(lines)
    if len(headers) == len(lines):
        return headers
    headers.clear()
    for name, value in lines:
        headers[name] = headers[name] + b", " + value if name in headers else value
    return headers


def header_of(scope: Any, name: bytes) -> str | None:
    """One header's value, as `headers_of` has it; None if it wasn't sent."""
    values = [value for sent, value in scope["headers"] if sent == name]
    return b", ".join(values).decode("latin-1") if values else None


def text_of(headers: dict[bytes, bytes], name: bytes) -> str | None:
    """A header's value; None if it wasn't sent."""
    value = headers.get(name)
    return None if value is None else value.decode("latin-1")


def request_id_of(headers: dict[bytes, bytes]) -> str:
    """The caller's X-Request-Id if it is fit for a log line, or a new one."""
    given = headers.get(b"x-request-id")
    if given is not None and _REQUEST_ID.fullmatch(given):
        return given.decode("ascii")
    return f"{getrandbits(96):024x}"
