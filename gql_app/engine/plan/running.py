"""Running: one execution of a plan, and what its steps are given."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gql_app.engine.dialects import Dialect
from gql_app.engine.pages import Page
from gql_app.engine.plan.leaves import Convert
from gql_app.engine.queries import Side
from gql_app.engine.reading import Budget, Reading
from gql_app.engine.statements import Row, Statement

Key = Any
"""A value, or a tuple of values where the relation has several columns."""

Find = Callable[[Key, Any], Any]
"""`get` of a mapping from keys to response objects."""


@dataclass(slots=True)
class Run:
    """One execution of a plan: its connection, and each step's arguments."""

    reading: Reading
    budget: Budget
    dialect: Dialect
    viewer: Mapping[str, Any]
    arguments: Sequence[Any]
    single: bool

    def rows(
        self, path: str, statement: Statement, values: Mapping[str, Any]
    ) -> list[Row]:
        """The rows as the driver gives them; the path is where they go."""
        every = {**self.viewer, **values} if self.viewer else values
        self.budget.path = path
        return self.reading.rows(statement, every, self.budget, single=self.single)

    def keyed(
        self,
        path: str,
        statement: Statement,
        keys: Sequence[Key],
        values: Mapping[str, Any],
    ) -> list[Row]:
        """As `rows`, for a statement about these keys."""
        rows = keys if isinstance(keys[0], tuple) else [(key,) for key in keys]
        every = {**values, **self.dialect.key_parameters(rows)}
        return self.rows(path, statement, every)


class KeyReader:
    """Reads the key that the rows of a statement about keys begin with."""

    def __init__(self, readers: Sequence[Convert | None]) -> None:
        self.width = len(readers)
        self._readers = readers
        self._plain = not any(readers)

    def __call__(self, row: Row) -> Key:
        if self.width == 1:
            read = self._readers[0]
            return row[0] if read is None else read(row[0])
        if self._plain:
            return row[: self.width]
        return tuple(
            value if read is None else read(value)
            for value, read in zip(row, self._readers, strict=False)
        )


@dataclass(frozen=True, slots=True)
class PageArguments:
    """A connection's arguments, parsed, and the statement they lead to."""

    page: Page
    statement: Statement
    values: Mapping[str, Any]


@dataclass(eq=False, slots=True)
class Wanted:
    """Which parts of a connection are selected."""

    rows: bool = False
    cursors: bool = False
    total: bool = False
    flags: set[Side] = field(default_factory=set)
    """before: whether there is a next page; after: whether there is a previous one."""
