"""Writer: runs the statements of one mutation operation in its transaction."""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from gql_app.engine.access import Scope
from gql_app.engine.entity import Column, Entity
from gql_app.engine.errors import Path
from gql_app.engine.hooks import Change, Hook
from gql_app.engine.limits import Limits
from gql_app.engine.policy import Claim, Expression, Viewer
from gql_app.engine.reading import Budget
from gql_app.engine.statements import Built, Row, Statements
from gql_app.engine.transaction import Transaction
from gql_app.engine.writing.drafts import Key
from gql_app.engine.writing.problems import PAYLOAD_ERRORS, ProblemsError


class CarefulRetryError(Exception):
    """One of several rows written by one statement broke a constraint. The operation is
    run again row by row, to tell which."""


@dataclass(frozen=True, slots=True)
class Session:
    """The operation's transaction, its statements, and what it may still use."""

    transaction: Transaction
    statements: Statements
    budget: Budget


class Writer:
    """What the functions that write share. `careful`: one row per statement."""

    def __init__(
        self,
        session: Session,
        scope: Scope,
        viewer: Viewer,
        limits: Limits,
        *,
        careful: bool = False,
    ) -> None:
        self.scope = scope
        self.viewer = viewer
        self.limits = limits
        self.careful = careful
        self._session = session
        self._claims = viewer.parameters()

    def rows(
        self,
        build: Callable[..., Built],
        *arguments: Hashable,
        slots: Sequence[Any] = (),
        keys: Sequence[Key] | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> list[Row]:
        """The rows of the statement that `build` makes of the arguments and the scope.

        Raises what `Transaction.rows` does.
        """
        statement = self._session.statements.get(build, *arguments, self.scope)
        values = {f"v{place}": value for place, value in enumerate(slots)}
        values |= self._claims
        if keys is not None:
            values |= self.scope.dialect.key_parameters(keys)
        values |= extra or {}
        session = self._session
        found = session.transaction.rows(statement, values, session.budget)
        return [statement.read(row) for row in found]

    @property
    def connection(self) -> sa.Connection:
        """The operation's connection, for hooks and for hand-written mutations."""
        return self._connect()

    def _connect(self) -> sa.Connection:
        return self._session.transaction.connection

    def call(
        self,
        hook: Hook | None,
        path: Path,
        values: dict[str, Any],
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
    ) -> None:
        """Call the hook, if there is one, for the input at the path.

        Raises ProblemsError for an error that the hook raises for the client.
        """
        if hook is None:
            return
        try:
            hook(Change(self._connect, self.viewer, values, before, after))
        except PAYLOAD_ERRORS as error:
            error.path = (*path, *error.path)
            raise ProblemsError([error]) from error
        except sa.exc.DBAPIError as error:
            cause = error.orig if isinstance(error.orig, Exception) else error
            raise self._session.transaction.failure(cause) from error

    def preset(self, entity: Entity, values: dict[str, Any]) -> None:
        """Give a new row what the policy presets."""
        for name, preset in entity.policy.presets.items():
            if isinstance(preset, Claim):
                values[name] = self.viewer.claims.get(preset.name)
            elif not isinstance(preset, Expression):  # the statement has those
                values[name] = preset(self.viewer)


def defaults(entity: Entity, values: dict[str, Any]) -> None:
    """Give a new row the defaults that Python knows; the database has the others."""
    for name, default in _defaults(entity):
        if name not in values:
            known, value = _value_of(default)
            if known:
                values[name] = value


@lru_cache(1024)
def _defaults(entity: Entity) -> Sequence[tuple[str, Any]]:
    return [
        (name, column.source.default)
        for name, column in entity.columns.items()
        if column.source.default is not None and name not in entity.policy.presets
    ]


def stamps(entity: Entity, values: Mapping[str, Any]) -> dict[str, Any]:
    """What else is set whenever a row is changed, such as the time of the change."""
    found = {}
    for name, column in entity.columns.items():
        if name not in values and column.source.onupdate is not None:
            known, value = _value_of(column.source.onupdate)
            if known:
                found[name] = value
    return found


def stamped(entity: Entity) -> tuple[Column, ...]:
    """The columns that are set whenever a row is changed."""
    columns = entity.columns.values()
    return tuple(column for column in columns if column.source.onupdate is not None)


def _value_of(default: Any) -> tuple[bool, Any]:
    if default.is_callable:
        return True, default.arg(None)
    return default.is_scalar, default.arg if default.is_scalar else None


@lru_cache(1024)
def needed(entity: Entity, hook: Hook | None) -> tuple[Column, ...]:
    """The columns to read of each row that is written: its key, what its relations begin
    with; all if the hook that comes after wants to see it."""
    if hook is not None:
        return tuple(entity.columns.values())
    local = [entity.relations[name].local for name in entity.nested]
    ends = [column for columns in local for column in columns]
    return tuple(dict.fromkeys((*entity.key, *ends)))


def columns_of(entity: Entity, names: Iterable[str]) -> tuple[Column, ...]:
    """The columns with these names, in the table's order: the same names always make
    the same statement."""
    chosen = set(names)
    return tuple(column for name, column in entity.columns.items() if name in chosen)
