"""Media types: what a request's body is, and what its response should be."""

import re
from collections.abc import Iterator
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple


class MediaType(StrEnum):
    """What responses can be, the one we like best first."""

    GRAPHQL_RESPONSE = "application/graphql-response+json"
    JSON = "application/json"
    EVENT_STREAM = "text/event-stream"


HTML = "text/html"

_QUALITY = re.compile(r"0(\.\d{0,3})?|1(\.0{0,3})?")


class _Range(NamedTuple):
    pattern: str
    quality: float


class _Match(NamedTuple):
    quality: float
    exact: bool


# Headers repeat from request to request; the caches hold what clients really send.
@lru_cache(maxsize=256)
def negotiate(accept: bytes | None) -> MediaType | None:
    """The media type of the response, or None if nothing we speak is acceptable.

    A wildcard means application/json: so do clients that know nothing else. An event
    stream is for those who like it better than JSON, by its name.
    """
    ranges = list(_ranges(b"*/*" if accept is None else accept))
    best = max(MediaType, key=lambda media: _preference(media, ranges))
    return best if _preference(best, ranges)[0] else None


@lru_cache(maxsize=256)
def accepts_events(accept: bytes) -> bool:
    """Whether the header names event streams, however much it likes them."""
    found = _match(MediaType.EVENT_STREAM, list(_ranges(accept)))
    return found.exact and found.quality > 0


@lru_cache(maxsize=256)
def prefers_html(accept: bytes | None) -> bool:
    """Whether a browser asks for a page: it names text/html, and likes it best."""
    ranges = list(_ranges(accept or b""))
    found = [_match(media, ranges) for media in MediaType]
    rival = max((match.quality for match in found if match.exact), default=0)
    page = _match(HTML, ranges)
    return page.exact and page.quality > rival


@lru_cache(maxsize=64)
def is_json(content_type: bytes) -> bool:
    """Whether a body is application/json in UTF-8, the one encoding of JSON."""
    media_type, *parameters = content_type.decode("latin-1").lower().split(";")
    if media_type.strip() != MediaType.JSON:
        return False
    named = [parameter.partition("=") for parameter in parameters]
    charsets = [
        value.strip(' "') for name, _, value in named if name.strip() == "charset"
    ]
    return all(charset in ("utf-8", "utf8") for charset in charsets)


def _ranges(accept: bytes) -> Iterator[_Range]:
    for part in accept.decode("latin-1").lower().split(","):
        pattern, *parameters = (piece.strip() for piece in part.split(";"))
        quality = next((p[2:] for p in parameters if p.startswith("q=")), "1")
        if pattern and _QUALITY.fullmatch(quality):
            yield _Range(pattern, float(quality))


def _match(media_type: str, ranges: list[_Range]) -> _Match:
    """By the most specific range, as RFC 9110 has it: `*/*;q=1, x/y;q=0` isn't x/y."""
    family = media_type.partition("/")[0]
    for pattern in (media_type, f"{family}/*", "*/*"):
        for candidate in ranges:
            if candidate.pattern == pattern:
                return _Match(candidate.quality, pattern == media_type)
    return _Match(0, False)


def _preference(media: MediaType, ranges: list[_Range]) -> tuple[float, bool, bool]:
    found = _match(media, ranges)
    if media is MediaType.EVENT_STREAM and not found.exact:
        return 0, False, False
    liked = MediaType.GRAPHQL_RESPONSE if found.exact else MediaType.JSON
    return found.quality, found.exact, media is liked
