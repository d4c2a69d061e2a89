"""Loaders: every batch of keys is one statement."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aiodataloader import DataLoader

from gql_app.engine import queries
from gql_app.engine.context import Context
from gql_app.engine.entity import Column, Entity, Relation
from gql_app.engine.pages import Page
from gql_app.engine.policy import Action
from gql_app.engine.queries import Selection, Side
from gql_app.engine.records import Record, record
from gql_app.engine.statements import Row

Key = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class LoadedRow:
    """A row of a page, its edge's column values and its cursor, as far as read."""

    node: Record
    edge: Mapping[str, Any]
    cursor: str | None


@dataclass(frozen=True, slots=True)
class LoadedPage:
    """The rows of a page in the client's order, and whether there are more where the
    page was cut."""

    rows: Sequence[LoadedRow]
    more: bool


@dataclass(frozen=True, slots=True)
class PageRequest:
    """A page of a relation (or of all rows) with what to read of each row."""

    entity: Entity
    relation: Relation | None
    page: Page
    selection: Selection
    cursors: bool

    def loaded(self, rows: Sequence[Row]) -> LoadedPage:
        """What the statement's rows (without keys) are."""
        more = len(rows) > self.page.size
        kept = list(rows[: self.page.size])
        if self.page.shape.backward:
            kept.reverse()
        return LoadedPage([self._row(row) for row in kept], more)

    def _row(self, row: Row) -> LoadedRow:
        columns, edge = self.selection.columns, self.selection.edge
        own, rest = row[: len(columns)], row[len(columns) :]
        names = [column.name for column in edge]
        order = rest[len(edge) :]
        return LoadedRow(
            record(self.entity, columns, own),
            dict(zip(names, rest, strict=False)),
            self.page.cursors.encode(order) if self.cursors else None,
        )


def row_loader(
    context: Context,
    entity: Entity,
    match: tuple[Column, ...],
    columns: tuple[Column, ...],
    arrived: Relation | None = None,
) -> DataLoader[Key, Record | None]:
    """Loads the row (the first, if several match) with a key of the match columns."""

    async def load(keys: list[Key]) -> list[Record | None]:
        found = await context.fetch_keyed(
            *(queries.by_keys, entity, match, Selection(columns)), arrived, keys=keys
        )
        rows = [found.get(key) for key in keys]
        return [record(entity, columns, row[0]) if row else None for row in rows]

    return context.loader(("row", entity, match, columns, arrived), load)


def page_loader(context: Context, request: PageRequest) -> DataLoader[Key, LoadedPage]:
    """Loads the page for a key of the relation's local columns; all rows have ()."""
    page, shape = request.page, request.page.shape
    values = {**page.parameters, "limit": page.size + 1}
    rest = (shape, request.selection, request.cursors)

    async def load(keys: list[Key]) -> list[LoadedPage]:
        if request.relation is None:
            rows = await context.fetch(
                queries.page, request.entity, *rest, values=values
            )
            return [request.loaded(rows)]
        found = await context.fetch_keyed(
            queries.related_page, request.relation, *rest, keys=keys, values=values
        )
        return [request.loaded(found.get(key, ())) for key in keys]

    whose = request.relation or request.entity
    key = ("page", whose, page.identity, request.selection, request.cursors)
    return context.loader(key, load)


def count_loader(
    context: Context, whose: Entity | Relation, page: Page
) -> DataLoader[Key, int]:
    """Loads the number of rows on all pages, for the same keys as the page itself."""
    where = page.shape.where

    async def load(keys: list[Key]) -> list[int]:
        values = page.parameters
        if isinstance(whose, Entity):
            rows = await context.fetch(queries.count, whose, where, values=values)
            return [rows[0][0]]
        found = await context.fetch_keyed(
            queries.related_count, whose, where, keys=keys, values=values
        )
        return [found[key][0][0] if key in found else 0 for key in keys]

    return context.loader(("count", whose, page.cursors.binding), load)


def outside_loader(
    context: Context, whose: Entity | Relation, page: Page, side: Side
) -> DataLoader[Key, bool]:
    """Loads whether there are rows on the far side of a cursor, or at it."""
    shape = page.shape

    async def load(keys: list[Key]) -> list[bool]:
        values = page.parameters
        if isinstance(whose, Entity):
            rows = await context.fetch(
                queries.outside, whose, shape, side, values=values
            )
            return [bool(rows)]
        found = await context.fetch_keyed(
            queries.related_outside, whose, shape, side, keys=keys, values=values
        )
        return [key in found for key in keys]

    return context.loader(("outside", whose, page.identity, side), load)


def permission_loader(
    context: Context, entity: Entity, action: Action
) -> DataLoader[Key, bool]:
    """Loads whether the viewer may do that to the row with a primary key."""

    async def load(keys: list[Key]) -> list[bool]:
        found = await context.fetch_keyed(
            queries.permitted_keys, entity, action, keys=keys
        )
        return [key in found for key in keys]

    return context.loader(("permission", entity, action), load)
