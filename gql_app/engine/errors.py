"""Every error the engine raises, each with the code a client sees.

EngineError
├── ConfigurationError      at start-up, for the developer; never reaches a client
├── BadUserInputError       BAD_USER_INPUT
├── InvalidCursorError      INVALID_CURSOR
├── LimitExceededError      LIMIT_EXCEEDED
├── UnauthenticatedError    UNAUTHENTICATED
├── ForbiddenError          FORBIDDEN
├── NotFoundError           NOT_FOUND
├── ConflictError           CONFLICT
│   ├── UniqueViolationError
│   └── RolledBackError     because of another field of the operation
├── DatabaseTimeoutError    TIMEOUT
└── UnavailableError        UNAVAILABLE
    └── TransientError      trying again may help, and is safe
"""

from enum import StrEnum
from typing import Any, TypeAlias

Path: TypeAlias = tuple[str | int, ...]


class ErrorCode(StrEnum):
    """What `extensions.code` of an error can be."""

    GRAPHQL_PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
    GRAPHQL_VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"
    BAD_REQUEST = "BAD_REQUEST"
    BAD_USER_INPUT = "BAD_USER_INPUT"
    INVALID_CURSOR = "INVALID_CURSOR"
    UNAUTHENTICATED = "UNAUTHENTICATED"
    FORBIDDEN = "FORBIDDEN"
    NOT_FOUND = "NOT_FOUND"
    CONFLICT = "CONFLICT"
    LIMIT_EXCEEDED = "LIMIT_EXCEEDED"
    RATE_LIMITED = "RATE_LIMITED"
    PERSISTED_QUERY_NOT_FOUND = "PERSISTED_QUERY_NOT_FOUND"
    TIMEOUT = "TIMEOUT"
    UNAVAILABLE = "UNAVAILABLE"
    INTERNAL_SERVER_ERROR = "INTERNAL_SERVER_ERROR"


class EngineError(Exception):
    """An error whose message may be shown to whoever caused it.

    graphql-core copies `extensions` into the response, so nothing else is needed to
    carry the code there.
    """

    code = ErrorCode.INTERNAL_SERVER_ERROR

    def __init__(self, message: str, *, path: Path = (), **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.path = path
        """Where in the input of a mutation, by GraphQL names and list indices."""
        self.extensions: dict[str, Any] = {"code": self.code.value, **details}


class ConfigurationError(EngineError):
    """The tables, models or policies given to the engine can't be served."""


class BadUserInputError(EngineError):
    code = ErrorCode.BAD_USER_INPUT


class InvalidCursorError(EngineError):
    code = ErrorCode.INVALID_CURSOR


class LimitExceededError(EngineError):
    code = ErrorCode.LIMIT_EXCEEDED


class UnauthenticatedError(EngineError):
    code = ErrorCode.UNAUTHENTICATED


class ForbiddenError(EngineError):
    code = ErrorCode.FORBIDDEN


class NotFoundError(EngineError):
    code = ErrorCode.NOT_FOUND


class ConflictError(EngineError):
    code = ErrorCode.CONFLICT


class UniqueViolationError(ConflictError):
    """Another row has the value already."""


class RolledBackError(ConflictError):
    """Nothing is wrong here, but another field of the operation failed."""


class DatabaseTimeoutError(EngineError):
    code = ErrorCode.TIMEOUT


class UnavailableError(EngineError):
    code = ErrorCode.UNAVAILABLE


class TransientError(UnavailableError):
    """The transaction was undone, by a deadlock or because a connection broke."""
