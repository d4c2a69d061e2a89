"""The defence against forged requests: what a page elsewhere can make a browser send.

Without asking first (a preflight), a foreign page can send a POST as a form or as
plain text, and any GET. Bodies are JSON or refused, so that only GET is left. Apollo's
rule asks each GET for a header that can't be sent without a preflight. A GET that no
browser sent along with somebody's cookies forges nothing, though, and plain clients
do not know the rule: it is applied where a browser shows, unless told otherwise.
"""

_PREFLIGHT_HEADERS = (
    b"apollo-require-preflight",
    b"x-apollo-operation-name",
    b"graphql-require-preflight",
)
_SIMPLE_TYPES = (
    b"application/x-www-form-urlencoded",
    b"multipart/form-data",
    b"text/plain",
)
_OWN_SITES = (b"same-origin", b"none")

ADVICE = (
    "This request might have been forged by another site. Send it as a POST with the "
    "content type application/json, or with a header apollo-require-preflight."
)


def may_be_forged(headers: dict[bytes, bytes], *, always: bool) -> bool:
    """Whether a GET could be another site's doing; `always` is Apollo's rule."""
    if any(headers.get(name) for name in _PREFLIGHT_HEADERS):
        return False
    content_type = headers.get(b"content-type", b"").partition(b";")[0].strip().lower()
    if content_type and content_type not in _SIMPLE_TYPES:
        return False
    return always or _comes_from_elsewhere(headers)


def _comes_from_elsewhere(headers: dict[bytes, bytes]) -> bool:
    site = headers.get(b"sec-fetch-site")
    if site is not None:
        return site not in _OWN_SITES
    # Browsers that don't tell the site: whatever carries authority of the browser's.
    return b"cookie" in headers or b"origin" in headers
