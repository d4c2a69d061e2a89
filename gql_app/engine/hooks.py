"""Hooks: an entity's own rules, run inside the transaction that writes its rows."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import sqlalchemy as sa

from gql_app.engine.policy import Viewer


@dataclass(slots=True)
class Change:
    """One row about to be written, or just written. Columns go by attribute name.

    `values` is what is being set: a `before_` hook may change it, for inputs that are
    no columns must. `before` is the whole row as it was (but for a new one), `after`
    the whole row as it is now (in `after_` hooks, but for a deleted one). The
    connection belongs to the operation: a hook neither commits nor closes it.
    """

    connect: Callable[[], sa.Connection]
    viewer: Viewer
    values: dict[str, Any]
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None

    @property
    def connection(self) -> sa.Connection:
        """The operation's, in its transaction."""
        return self.connect()


Hook: TypeAlias = Callable[[Change], None]
"""May raise an EngineError: the operation is rolled back, and its payload says why.
The error's `path` counts from the input that is written: `("title",)`."""


@dataclass(frozen=True, slots=True)
class Hooks:
    """What to call for each row that is written. Bulk mutations call them row by row."""

    before_create: Hook | None = None
    after_create: Hook | None = None
    before_update: Hook | None = None
    after_update: Hook | None = None
    before_delete: Hook | None = None
    after_delete: Hook | None = None
    after_restore: Hook | None = None
