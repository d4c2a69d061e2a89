"""Every SELECT of the engine, built from descriptions. Pure: runs nothing.

Values are parameters: the keys (see `Dialect.keys`), `limit`, the slots `v0`, `v1`, … of
a field's arguments, and the viewer's claims. So one statement serves every request of a
shape, and each builder is called once per shape.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause, Select

from gql_app.engine.access import (
    ONE,
    Rows,
    Scope,
    Seen,
    aliased,
    pairwise,
    permitted,
    reach,
    readable,
)
from gql_app.engine.entity import Column, Entity, Relation
from gql_app.engine.filters import ALL_ROWS, Where, clause, slot
from gql_app.engine.ordering import OrderKey, beyond, expression, order_by
from gql_app.engine.pages import PageShape
from gql_app.engine.policy import Action
from gql_app.engine.sqltypes import comparable

Side = Literal["after", "before"]


@dataclass(frozen=True, slots=True)
class Selection:
    """What to read of each row, in this order: its columns, columns of the edge it is
    reached by, then for each joined to-one relation a column that is NULL where there
    is no such row, and that row's own selection."""

    columns: tuple[Column, ...] = ()
    edge: tuple[Column, ...] = ()
    joins: tuple[tuple[Relation, "Selection"], ...] = ()

    @property
    def width(self) -> int:
        joined = sum(1 + inner.width for _, inner in self.joins)
        return len(self.columns) + len(self.edge) + joined


def by_keys(
    entity: Entity,
    match: tuple[Column, ...],
    selection: Selection,
    arrived: Relation | None,
    scope: Scope,
) -> Select[Any]:
    """For each of the keys: the key, then the selection of the readable rows whose
    `match` columns it is, in primary key order."""
    seen = Seen.of(entity, scope)
    keys, values = scope.dialect.keys(_types(match))
    source = keys.join(seen.source, sa.and_(*seen.meeting(match, values)))
    reading = _Reading(source, scope)
    reading.read(seen, selection)
    statement = sa.select(*values, *reading.columns).select_from(reading.source)
    statement = statement.where(*readable(seen.rows, scope, arrived))
    return statement.order_by(*seen.rows.sorted_key(scope.dialect))


def by_key(
    entity: Entity,
    match: tuple[Column, ...],
    selection: Selection,
    arrived: Relation | None,
    scope: Scope,
) -> Select[Any]:
    """As `by_keys`, for the one key in the slots from 0 on: databases find a row by
    plain equality in half the time."""
    seen = Seen.of(entity, scope)
    own = [seen[column] for column in match]
    values = [slot(place, comparable(kind)) for place, kind in enumerate(_types(match))]
    reading = _Reading(seen.source, scope)
    reading.read(seen, selection)
    statement = sa.select(*own, *reading.columns).select_from(reading.source)
    statement = statement.where(
        *seen.meeting(match, values), *readable(seen.rows, scope, arrived)
    )
    if match in entity.unique:
        return statement
    return statement.order_by(*seen.rows.sorted_key(scope.dialect))


def page(
    entity: Entity, shape: PageShape, selection: Selection, cursors: bool, scope: Scope
) -> Select[Any]:
    """One page: the selection, then with `cursors` the values of the order's keys.

    Backward pages come in reverse.
    """
    seen = Seen.of(entity, scope)
    order = [expression(key, seen) for key in shape.order]
    reading = _Reading(seen.source, scope)
    reading.read(seen, selection)
    if cursors:
        reading.columns += order
    # Whether there are rows at all may be everything that is asked.
    columns = reading.columns or [ONE]
    statement = sa.select(*columns).select_from(reading.source)
    statement = statement.where(*readable(seen.rows, scope))
    return _limited(statement, shape, seen, order)


def related_page(
    relation: Relation,
    shape: PageShape,
    selection: Selection,
    cursors: bool,
    scope: Scope,
) -> Select[Any]:
    """One page for each of the keys, which are values of the relation's local columns:
    the key, the selection, then with `cursors` the values of the order's keys."""
    keys = scope.dialect.keys(_types(relation.local))
    build = _lateral if scope.dialect.lateral else _correlated
    source, rows, edge, order = build(relation, shape, selection, scope, keys)
    _, values = keys
    reading = _Reading(source, scope)
    reading.read(rows, selection, edge)
    columns = [*values, *reading.columns, *(order if cursors else ())]
    statement = sa.select(*columns).select_from(reading.source)
    sorts = zip(_direction(shape), order, strict=True)
    return statement.order_by(
        *values, *(order_by(key, value, scope) for key, value in sorts)
    )


def count(entity: Entity, where: Where, scope: Scope) -> Select[Any]:
    """The number of readable rows that pass the filter."""
    seen = Seen.of(entity, scope)
    statement = sa.select(sa.func.count()).select_from(seen.source)
    return statement.where(*readable(seen.rows, scope), *_filtered(where, seen))


def related_count(relation: Relation, where: Where, scope: Scope) -> Select[Any]:
    """For each of the keys with any: the key, and the number of rows at the end of the
    relation that pass the filter."""
    keys, values = scope.dialect.keys(_types(relation.local))
    reached = reach(relation, values, scope)
    source = keys.join(reached.source, sa.and_(*reached.conditions))
    statement = sa.select(*values, sa.func.count()).select_from(source)
    statement = statement.where(*_filtered(where, reached.target))
    return statement.group_by(*values)


def permitted_keys(entity: Entity, action: Action, scope: Scope) -> Select[Any]:
    """Those of the keys (primary ones) whose rows may be changed like that."""
    rows = Rows.of(entity)
    keys, values = scope.dialect.keys(_types(entity.key))
    source = keys.join(rows.source, sa.and_(*pairwise(rows.key(), values)))
    statement = sa.select(*rows.key()).select_from(source)
    return statement.where(*permitted(rows, scope, action))


def outside(entity: Entity, shape: PageShape, side: Side, scope: Scope) -> Select[Any]:
    """One row if the list has rows on the far side of the cursor, or at it."""
    seen = Seen.of(entity, scope)
    statement = sa.select(ONE).select_from(seen.source)
    conditions = (*readable(seen.rows, scope), *_filtered(shape.where, seen))
    return statement.where(*conditions, _far(shape, side, seen)).limit(1)


def related_outside(
    relation: Relation, shape: PageShape, side: Side, scope: Scope
) -> Select[Any]:
    """Those of the keys whose list has rows on the far side of the cursor, or at it."""
    keys, values = scope.dialect.keys(_types(relation.local))
    reached = reach(relation, values, scope)
    seen = reached.target
    found = reached.select(ONE).where(
        *_filtered(shape.where, seen), _far(shape, side, seen)
    )
    return sa.select(*values).select_from(keys).where(found.exists())


_Shown: TypeAlias = Seen | Rows
"""Rows in a FROM of the statement: seen, or those of a subquery that took only what the
viewer sees."""


class _Reading:
    """Collects the columns of a selection, and the joins that they need."""

    def __init__(self, source: FromClause, scope: Scope) -> None:
        self.source = source
        self.columns: list[ColumnElement[Any]] = []
        self._scope = scope

    def read(
        self,
        rows: _Shown,
        selection: Selection,
        edge: Sequence[ColumnElement[Any]] = (),
    ) -> None:
        self.columns += [rows[column] for column in selection.columns]
        self.columns += edge
        for relation, inner in selection.joins:
            near = [rows[column] for column in relation.local]
            reached = reach(relation, near, self._scope)
            self.source = self.source.outerjoin(
                reached.source, sa.and_(*reached.conditions)
            )
            self.columns.append(reached.target.rows[relation.remote[0]])
            self.read(reached.target, inner)


_Keys = tuple[FromClause, list[ColumnElement[Any]]]
_Build = tuple[
    FromClause, _Shown, Sequence[ColumnElement[Any]], Sequence[ColumnElement[Any]]
]
"""FROM, the rows in it, the edge's columns and the order's values."""


def _lateral(
    relation: Relation,
    shape: PageShape,
    selection: Selection,
    scope: Scope,
    keys: _Keys,
) -> _Build:
    given, values = keys
    reached = reach(relation, values, scope)
    order = [expression(key, reached.target) for key in shape.order]
    edge = _edge(relation, reached.link, selection, scope)
    joined = [column for join, _ in selection.joins for column in join.local]
    needed = dict.fromkeys((*selection.columns, *joined))
    inner = reached.select(
        *(reached.target[column].label(column.source.key) for column in needed),
        *(value.label(f"edge_{place}") for place, value in enumerate(edge)),
        *(value.label(f"order_{place}") for place, value in enumerate(order)),
    )
    limited = _limited(inner, shape, reached.target, order).lateral("page")
    return (
        given.join(limited, sa.true()),
        Rows(relation.target, limited),
        [limited.c[f"edge_{place}"] for place in range(len(edge))],
        [limited.c[f"order_{place}"] for place in range(len(order))],
    )


def _correlated(
    relation: Relation,
    shape: PageShape,
    selection: Selection,
    scope: Scope,
    keys: _Keys,
) -> _Build:
    """For SQLite, which has no LATERAL: rows whose primary key is on the page."""
    given, values = keys
    reached = reach(relation, values, scope)
    inner_order = [expression(key, reached.target) for key in shape.order]
    inner = reached.select(*reached.target.rows.key())
    limited = _limited(inner, shape, reached.target, inner_order)
    seen = Seen.of(relation.target, scope)
    own = seen.rows.key()
    on_page = (sa.tuple_(*own) if len(own) > 1 else own[0]).in_(limited)
    source = given.join(seen.source, on_page)
    table: FromClause | None = None
    if relation.link is not None:
        link = relation.link
        table = aliased(link.table)
        near = [table.c[column.key] for column in link.near]
        far = [table.c[column.key] for column in link.far]
        ends = [seen.rows[column] for column in relation.remote]
        met = [*pairwise(near, values), *pairwise(far, ends)]
        source = source.join(table, sa.and_(*met))
    order = [expression(key, seen) for key in shape.order]
    return source, seen, _edge(relation, table, selection, scope), order


def _edge(
    relation: Relation, source: FromClause | None, selection: Selection, scope: Scope
) -> list[ColumnElement[Any]]:
    """The columns of the link (the source) that clients see on the edge."""
    entity = None if relation.link is None else relation.link.entity
    if entity is None or source is None:
        return []
    link = Seen(Rows(entity, source), scope)
    return [link[column] for column in selection.edge]


def _limited(
    statement: Select[Any],
    shape: PageShape,
    seen: Seen,
    order: Sequence[ColumnElement[Any]],
) -> Select[Any]:
    """The statement with the page's filter, boundaries, order and limit."""
    scope = seen.scope
    conditions = list(_filtered(shape.where, seen))
    if shape.after is not None:
        conditions.append(beyond(shape.order, order, shape.after, scope))
    if shape.before is not None:
        conditions.append(beyond(_reversed(shape.order), order, shape.before, scope))
    sorts = zip(_direction(shape), order, strict=True)
    return (
        statement.where(*conditions)
        .order_by(*(order_by(key, value, scope) for key, value in sorts))
        .limit(sa.bindparam("limit", None, type_=sa.Integer()))
    )


def _far(shape: PageShape, side: Side, seen: Seen) -> ColumnElement[bool]:
    """Whether the row is not on the page's side of the cursor."""
    boundary = shape.after if side == "after" else shape.before
    assert boundary is not None
    keys = shape.order if side == "after" else _reversed(shape.order)
    values = [expression(key, seen) for key in keys]
    return beyond(keys, values, boundary, seen.scope).self_group().is_not(sa.true())


def _filtered(where: Where, seen: Seen) -> list[ColumnElement[bool]]:
    return [] if where == ALL_ROWS else [clause(where, seen)]


def _direction(shape: PageShape) -> Sequence[OrderKey]:
    return _reversed(shape.order) if shape.backward else shape.order


def _reversed(order: Sequence[OrderKey]) -> list[OrderKey]:
    return [key.reversed() for key in order]


def _types(columns: Sequence[Column]) -> list[Any]:
    return [column.source.type for column in columns]
