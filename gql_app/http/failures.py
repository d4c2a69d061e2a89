"""Failures: what a client is told when a request raises instead of having a result."""

import logging
from typing import NamedTuple

from gql_app.engine.errors import EngineError, ErrorCode
from gql_app.http.responses import error_body
from gql_app.http.status import STATUSES, RefusedError

logger = logging.getLogger(__name__)

# What finding out who asks may answer, instead of a viewer.
_VIEWER_CODES = (
    ErrorCode.UNAUTHENTICATED,
    ErrorCode.FORBIDDEN,
    ErrorCode.RATE_LIMITED,
    ErrorCode.TIMEOUT,
    ErrorCode.UNAVAILABLE,
)


class Failure(NamedTuple):
    status: int
    code: ErrorCode
    body: bytes


def failure(error: Exception, request_id: str) -> Failure:
    """The response to a request; a defect of ours is logged, and not shown."""
    if isinstance(error, RefusedError):
        body = error_body(error.message, error.code, error.details)
        return _refused(Failure(error.status, error.code, body), request_id)
    if isinstance(error, EngineError) and error.code in _VIEWER_CODES:
        body = error_body(error.message, error.code)
        status = STATUSES[error.code].response
        return _refused(Failure(status, error.code, body), request_id)
    logger.error("request %s failed", request_id, exc_info=error)
    code = ErrorCode.INTERNAL_SERVER_ERROR
    body = error_body("Internal server error.", code, {"requestId": request_id})
    return Failure(STATUSES[code].response, code, body)


def _refused(failed: Failure, request_id: str) -> Failure:
    logger.debug("request %s refused: %d %s", request_id, failed.status, failed.code)
    return failed
