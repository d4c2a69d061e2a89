"""Origins: which sites' pages may open a connection that browsers ask nobody about."""

from collections.abc import Collection
from urllib.parse import urlsplit


def is_allowed(headers: dict[bytes, bytes], origins: Collection[str]) -> bool:
    """Whether a handshake comes from a page of our own host or of `origins`.

    Programs that are no browsers send no origin; they can't be made to by a page.
    """
    origin = headers.get(b"origin", b"").decode("latin-1")
    if not origin or origin in origins or "*" in origins:
        return True
    try:
        place = urlsplit(origin).netloc
    except ValueError:
        return False
    # Without the scheme: a proxy in front of us may have taken TLS off.
    return (
        bool(place)
        and place.lower() == headers.get(b"host", b"").decode("latin-1").lower()
    )
