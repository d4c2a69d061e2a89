"""Running: one execution of a plan, and what its steps are given.

Steps don't read: they are generators that yield what is to be fetched and are sent the
rows. So the same plan runs in a thread, on the event loop, or within a transaction.
"""

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any, TypeAlias, TypeVar

from gql_app.engine.dialects import Dialect
from gql_app.engine.pages import Page
from gql_app.engine.plan.leaves import Convert
from gql_app.engine.queries import Side
from gql_app.engine.reading import Fetch
from gql_app.engine.statements import Row, Statement

Made = TypeVar("Made")

Fetching: TypeAlias = Generator[Fetch, Sequence[Row], Made]
"""What a step does: it yields what it needs, is sent the rows, and returns what it has
made of them."""

Key = Any
"""A value, or a tuple of values where the relation has several columns."""

Find = Callable[[Key, Any], Any]
"""`get` of a mapping from keys to response objects."""


@dataclass(slots=True)
class Run:
    """One execution of a plan: each step's arguments, and what a mutation's steps
    write with."""

    dialect: Dialect
    viewer: Mapping[str, Any]
    arguments: Sequence[Any]
    writer: Any = None

    def rows(self, path: str, statement: Statement, values: Mapping[str, Any]) -> Fetch:
        """What to fetch; the path is where in the response the rows go."""
        every = {**self.viewer, **values} if self.viewer else values
        return Fetch(path, statement, every)

    def keyed(
        self,
        path: str,
        statement: Statement,
        keys: Sequence[Key],
        values: Mapping[str, Any],
    ) -> Fetch:
        """As `rows`, for a statement about these keys."""
        rows = keys if isinstance(keys[0], tuple) else [(key,) for key in keys]
        every = {**values, **self.dialect.key_parameters(rows)}
        return self.rows(path, statement, every)


class KeyReader:
    """Reads the key that the rows of a statement about keys begin with."""

    def __init__(self, readers: Sequence[Convert | None]) -> None:
        self.width = len(readers)
        self._readers = readers
        self.read: Callable[[Row], Key] = self._converted
        """The key of a row."""
        if not any(readers):
            self.read = itemgetter(0 if self.width == 1 else slice(self.width))

    def _converted(self, row: Row) -> Key:
        values = tuple(
            value if read is None else read(value)
            for value, read in zip(row, self._readers, strict=False)
        )
        return values[0] if self.width == 1 else values


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
