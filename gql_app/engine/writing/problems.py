"""ProblemsError: why a mutation field wrote nothing."""

from collections.abc import Sequence

from gql_app.engine.errors import (
    BadUserInputError,
    ConflictError,
    EngineError,
    ForbiddenError,
    LimitExceededError,
    NotFoundError,
    UnauthenticatedError,
)

PAYLOAD_ERRORS = (
    BadUserInputError,
    ConflictError,
    ForbiddenError,
    LimitExceededError,
    NotFoundError,
    UnauthenticatedError,
)
"""What a payload can say; any other error is one of the whole operation."""


class ProblemsError(Exception):
    """What is wrong with one mutation field, all of it: its payload says so."""

    def __init__(self, errors: Sequence[EngineError]) -> None:
        super().__init__(errors[0].message)
        self.errors = tuple(errors)
