"""The one table of HTTP statuses, and the refusals that never become an operation."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from gql_app.engine.errors import ErrorCode
from gql_app.http.media_types import MediaType


class Statuses(NamedTuple):
    """The status of a response whose first error has the code, and no data."""

    response: int
    """For application/graphql-response+json."""
    draft: int
    """The same after the draft of August 2026, which the audits don't follow yet."""
    legacy: int
    """For application/json, whose clients read 4xx as a broken connection: 200
    wherever the request was understood and the fault is in the operation."""


# What an intermediary acts upon (sign in, slow down, retry) keeps its status always.
STATUSES: Mapping[str, Statuses] = {
    ErrorCode.GRAPHQL_PARSE_FAILED: Statuses(400, 400, 200),
    ErrorCode.GRAPHQL_VALIDATION_FAILED: Statuses(400, 422, 200),
    ErrorCode.BAD_REQUEST: Statuses(400, 422, 200),
    ErrorCode.BAD_USER_INPUT: Statuses(400, 422, 200),
    ErrorCode.INVALID_CURSOR: Statuses(400, 422, 200),
    ErrorCode.LIMIT_EXCEEDED: Statuses(400, 422, 200),
    ErrorCode.NOT_FOUND: Statuses(404, 404, 200),
    ErrorCode.CONFLICT: Statuses(409, 409, 200),
    # Apollo's link repeats the request with the document; caches must not see it.
    ErrorCode.PERSISTED_QUERY_NOT_FOUND: Statuses(200, 200, 200),
    ErrorCode.UNAUTHENTICATED: Statuses(401, 401, 401),
    ErrorCode.FORBIDDEN: Statuses(403, 403, 403),
    ErrorCode.RATE_LIMITED: Statuses(429, 429, 429),
    ErrorCode.TIMEOUT: Statuses(504, 504, 504),
    ErrorCode.UNAVAILABLE: Statuses(503, 503, 503),
    ErrorCode.INTERNAL_SERVER_ERROR: Statuses(500, 500, 500),
}

OK = 200
METHOD_NOT_ALLOWED = 405
PARTIAL_SUCCESS = 294  # of the draft: data and errors

# What else HTTP asks to be said with a status.
HEADERS: Mapping[int, tuple[tuple[bytes, bytes], ...]] = {
    401: ((b"www-authenticate", b"Bearer"),),
    405: ((b"allow", b"GET, HEAD, POST"),),
    408: ((b"connection", b"close"),),
    413: ((b"connection", b"close"),),
    503: ((b"retry-after", b"1"),),
}


def status_of(
    codes: tuple[str, ...], *, executed: bool, media_type: MediaType, draft: bool
) -> int:
    """The status of a response with errors of these codes, in order."""
    modern = media_type is MediaType.GRAPHQL_RESPONSE
    if executed:
        return PARTIAL_SUCCESS if codes and modern and draft else OK
    # A code that isn't ours comes from an application's own fields.
    row = STATUSES.get(codes[0], STATUSES[ErrorCode.BAD_REQUEST])
    if not modern:
        return row.legacy
    return row.draft if draft else row.response


class RefusedError(Exception):
    """A request that is not, or not acceptably, a GraphQL request."""

    status = 400
    code = ErrorCode.BAD_REQUEST

    def __init__(self, message: str, **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.details = details


class ForbiddenDocumentError(RefusedError):
    status = 403
    code = ErrorCode.FORBIDDEN


class UnknownDocumentError(RefusedError):
    status = 404
    code = ErrorCode.NOT_FOUND


class PersistedQueryNotFoundError(RefusedError):
    status = 200
    code = ErrorCode.PERSISTED_QUERY_NOT_FOUND


class MethodNotAllowedError(RefusedError):
    status = METHOD_NOT_ALLOWED


class NotAcceptableError(RefusedError):
    status = 406


class SlowRequestError(RefusedError):
    status = 408
    code = ErrorCode.TIMEOUT


class BodyTooLargeError(RefusedError):
    status = 413
    code = ErrorCode.LIMIT_EXCEEDED


class UnsupportedMediaTypeError(RefusedError):
    status = 415
