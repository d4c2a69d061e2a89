"""Steps: what a plan does at run time, one statement and its rows at a time."""

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import sqlalchemy as sa

from gql_app.engine import queries
from gql_app.engine.access import Scope
from gql_app.engine.entity import Entity, Relation
from gql_app.engine.filters import ALL_ROWS
from gql_app.engine.pages import Page
from gql_app.engine.plan.running import (
    Fetching,
    Find,
    Key,
    KeyReader,
    PageArguments,
    Run,
    Wanted,
)
from gql_app.engine.queries import Selection, Side
from gql_app.engine.reading import Fetch
from gql_app.engine.statements import Row, Statement, Statements


@dataclass(eq=False, slots=True)
class Child:
    """A step below another one: its keys are in the parent's rows."""

    step: "Step"
    keys: Callable[[Collection[Row]], Iterable[Key]]


class PageStep:
    """A page of rows; of a relation, one page for each key."""

    def __init__(
        self,
        path: str,
        number: int,
        whose: Entity | Relation,
        statements: Statements,
        scope: Scope,
    ) -> None:
        self.number = number
        self._path = path
        self._whose = whose
        self._wanted = Wanted()
        self._statements = statements
        self._scope = scope

    def complete(
        self,
        wanted: Wanted,
        selection: Selection,
        children: Sequence[Child],
        read_key: KeyReader,
        build: Callable[..., Any],
    ) -> None:
        """Give the step what is known only after its sub-selection is compiled.

        `build(rows, total, has_next, has_previous, cursor, …)` makes the connection
        object; it also takes each child's `get` and its value for no rows.
        """
        self._wanted = wanted
        self._selection = selection
        self._children = children
        self._read_key = read_key
        self._build = build
        self._order_start = read_key.width + selection.width

    def single(self, arguments: Sequence[PageArguments]) -> bool:
        """Whether there is one statement at most."""
        if self._children:
            return False
        shape = arguments[self.number].page.shape
        far = sum(getattr(shape, side) is not None for side in self._wanted.flags)
        return self._wanted.rows + self._wanted.total + far <= 1

    def describe(self) -> list[str]:
        """The step and those below it, a line each."""
        extra = ", count" if self._wanted.total else ""
        lines = [f"{self._path}: page of {self._whose.title}{extra}"]
        return lines + [
            line for child in self._children for line in child.step.describe()
        ]

    def prepare(self, page: Page) -> PageArguments:
        """The statement and the values for a page."""
        build = (
            queries.page if isinstance(self._whose, Entity) else queries.related_page
        )
        wanted = (self._selection, self._wanted.cursors)
        statement = self._statement(build, page, page.shape, *wanted)
        values = {**page.parameters, "limit": page.size + 1}
        return PageArguments(page, statement, values)

    def root(self, run: Run) -> Fetching[Any]:
        """The connection object of all rows."""
        arguments: PageArguments = run.arguments[self.number]
        rows: Sequence[Row] = ()
        if self._wanted.rows:
            rows = yield run.rows(self._path, arguments.statement, arguments.values)
        found = {(): self._cut(rows, arguments.page)}
        objects = yield from self._objects(run, arguments, found, [()])
        return objects[()]

    def below(self, run: Run, keys: Sequence[Key]) -> Fetching[tuple[Find, Any]]:
        """The connection objects by key, and the one of a key without rows."""
        arguments: PageArguments = run.arguments[self.number]
        rows: Sequence[Row] = ()
        if self._wanted.rows and keys:
            statement, values = arguments.statement, arguments.values
            rows = yield run.keyed(self._path, statement, keys, values)
        found: dict[Key, tuple[Sequence[Row], bool]] = {
            key: self._cut(some, arguments.page)
            for key, some in self._grouped(rows).items()
        }
        found[None] = ((), False)
        objects = yield from self._objects(run, arguments, found, keys)
        return objects.get, objects.pop(None)

    def _grouped(self, rows: Iterable[Row]) -> dict[Key, list[Row]]:
        groups: dict[Key, list[Row]] = {}
        read_key = self._read_key.read
        for row in rows:
            key = read_key(row)
            if key in groups:
                groups[key].append(row)
            else:
                groups[key] = [row]
        return groups

    def _cut(self, rows: Sequence[Row], page: Page) -> tuple[Sequence[Row], bool]:
        """The page's rows in the client's order, and whether there are more."""
        more = len(rows) > page.size
        if more:
            rows = rows[: page.size]
        return rows[::-1] if page.shape.backward else rows, more

    def _objects(
        self,
        run: Run,
        arguments: PageArguments,
        found: dict[Key, tuple[Sequence[Row], bool]],
        keys: Sequence[Key],
    ) -> Fetching[dict[Key, Any]]:
        """The connection objects of these rows by key, and of keys without any."""
        totals = yield from self._totals(run, arguments, keys)
        far: dict[Side, set[Key]] = {}
        for side in self._wanted.flags:
            far[side] = yield from self._far(run, arguments, side, keys)
        for key in chain(totals, *far.values()):
            found.setdefault(key, ((), False))
        parts: list[Any] = []
        if self._children:
            rows = list(chain.from_iterable(rows for rows, _ in found.values()))
            for child in self._children:
                below = [key for key in child.keys(rows) if key is not None]
                parts += yield from child.step.below(run, below)
        cursor = self._cursor(arguments) if self._wanted.cursors else None
        backward = arguments.page.shape.backward
        nexts, previous = far.get("before", ()), far.get("after", ())
        build = self._build
        return {
            key: build(
                rows,
                totals.get(key, 0),
                (more and not backward) or key in nexts,
                (more and backward) or key in previous,
                cursor,
                *parts,
            )
            for key, (rows, more) in found.items()
        }

    def _cursor(self, arguments: PageArguments) -> Callable[[Row], str]:
        start = self._order_start
        encode = arguments.page.cursors.encode
        readers = arguments.statement.readers[start:]
        return lambda row: encode(
            [
                value if read is None or value is None else read(value)
                for value, read in zip(row[start:], readers, strict=True)
            ]
        )

    def _totals(
        self, run: Run, arguments: PageArguments, keys: Sequence[Key]
    ) -> Fetching[Mapping[Key, int]]:
        if not self._wanted.total or not keys:
            return {}
        page = arguments.page
        if isinstance(self._whose, Entity):
            statement = self._statement(queries.count, page, page.shape.where)
            rows = yield run.rows(self._path, statement, arguments.values)
            return {(): rows[0][0]}
        statement = self._statement(queries.related_count, page, page.shape.where)
        rows = yield run.keyed(self._path, statement, keys, arguments.values)
        return {self._read_key.read(row): row[-1] for row in rows}

    def _far(
        self, run: Run, arguments: PageArguments, side: Side, keys: Sequence[Key]
    ) -> Fetching[set[Key]]:
        """The keys that have rows beyond the page's cursor on that side."""
        page = arguments.page
        if getattr(page.shape, side) is None or not keys:
            return set()
        if isinstance(self._whose, Entity):
            statement = self._statement(queries.outside, page, page.shape, side)
            rows = yield run.rows(self._path, statement, arguments.values)
            return {()} if rows else set()
        statement = self._statement(queries.related_outside, page, page.shape, side)
        rows = yield run.keyed(self._path, statement, keys, arguments.values)
        return {self._read_key.read(row) for row in rows}

    def _statement(
        self, build: Callable[..., sa.Select[Any]], page: Page, *how: Hashable
    ) -> Statement:
        statement = self._statements.get(build, self._whose, *how, self._scope)
        # What is best for one value of a filter may be the worst for another.
        statement.steady = page.shape.where == ALL_ROWS
        return statement


class RowStep:
    """Single rows, found by a key: at the end of a to-one relation that can't be
    joined, or by their ids."""

    def __init__(self, path: str, entity: Entity) -> None:
        self._path = path
        self._entity = entity

    def complete(
        self,
        by_key: Callable[[], Statement],
        by_keys: Callable[[], Statement],
        children: Sequence[Child],
        read_key: KeyReader,
        build: Callable[..., Any],
    ) -> None:
        """As `PageStep.complete`; `build(r, …)` makes the object of one row. There is
        one statement for one key, and one for any number."""
        self._by_key = by_key
        self._by_keys = by_keys
        self._children = children
        self._read_key = read_key
        self._build = build

    def single(self, _: Sequence[PageArguments]) -> bool:
        """Whether there is one statement at most."""
        return not self._children

    def describe(self) -> list[str]:
        """The step and those below it, a line each."""
        lines = [f"{self._path}: rows of {self._entity.title} by key"]
        return lines + [
            line for child in self._children for line in child.step.describe()
        ]

    def root(self, run: Run, key: Key) -> Fetching[Any]:
        """The object with that key, or None."""
        rows = yield self._one(run, key)
        if not rows:
            return None
        below: list[Any] = []
        for child in self._children:
            keys = [one for one in child.keys(rows[:1]) if one is not None]
            below += yield from child.step.below(run, keys)
        return self._build(rows[0], *below)

    def below(self, run: Run, keys: Sequence[Key]) -> Fetching[tuple[Find, Any]]:
        """The objects by key (of several rows with it the first), and None."""
        found: dict[Key, Row] = {}
        if len(keys) == 1:
            rows = yield self._one(run, keys[0])
            found = dict(zip(keys, rows, strict=False))
        elif keys:
            rows = yield run.keyed(self._path, self._by_keys(), keys, {})
            for row in rows:
                found.setdefault(self._read_key.read(row), row)
        below: list[Any] = []
        for child in self._children:
            child_keys = [key for key in child.keys(found.values()) if key is not None]
            below += yield from child.step.below(run, child_keys)
        objects = {key: self._build(row, *below) for key, row in found.items()}
        return objects.get, None

    def _one(self, run: Run, key: Key) -> Fetch:
        parts = key if isinstance(key, tuple) else (key,)
        values = {f"v{place}": part for place, part in enumerate(parts)}
        return run.rows(self._path, self._by_key(), values)


class PermissionStep:
    """Whether the viewer may do something to each of the rows."""

    def __init__(
        self, path: str, title: str, statement: Statement, read_key: KeyReader
    ) -> None:
        self._path = path
        self._title = title
        self._statement = statement
        self._read_key = read_key

    def describe(self) -> list[str]:
        """The step, in a line."""
        return [f"{self._path}: what is allowed on {self._title}"]

    def below(self, run: Run, keys: Sequence[Key]) -> Fetching[tuple[Find, bool]]:
        """True for the keys of rows where it is allowed, and False for others."""
        if not keys:
            return {}.get, False
        rows = yield run.keyed(self._path, self._statement, keys, {})
        return {self._read_key.read(row): True for row in rows}.get, False


Step = PageStep | RowStep | PermissionStep
