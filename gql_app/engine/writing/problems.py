"""ProblemsError: why a mutation field wrote nothing."""

from collections.abc import Sequence

from gql_app.engine.access import Scope
from gql_app.engine.entity import Entity
from gql_app.engine.errors import (
    BadUserInputError,
    ConflictError,
    EngineError,
    ForbiddenError,
    LimitExceededError,
    NotFoundError,
    Path,
    UnauthenticatedError,
)
from gql_app.engine.names import words
from gql_app.engine.policy import Action
from gql_app.engine.rulings import ruling_of

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


def check_ruling(scope: Scope, entity: Entity, action: Action, path: Path) -> None:
    """Raise ProblemsError if the viewer may do that to no row at all."""
    if ruling_of(entity, action, scope) == "never":
        message = f"You may not {action} {words(entity.plural)}."
        raise ProblemsError([ForbiddenError(message, path=path)])


def may_not(action: Action, entity: Entity, path: Path) -> ForbiddenError:
    """The error for a row that the viewer may not do that to."""
    return ForbiddenError(f"You may not {action} this {words(entity.name)}.", path=path)
