"""Ordering: the keys of an order, the ORDER BY they mean, and the keyset conditions."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from gql_app.engine.access import Scope, Seen, reach, sortable
from gql_app.engine.entity import Column, Relation
from gql_app.engine.filters import count_of, slot
from gql_app.engine.scalars import DECIMAL, FLOAT


@dataclass(frozen=True, slots=True)
class OrderKey:
    """A column, or the number of rows of a to-many relation, at the end of a path of
    to-one relations; sorted one way."""

    member: Column | Relation
    descending: bool = False
    nulls_first: bool = False
    path: tuple[Relation, ...] = ()

    @property
    def nullable(self) -> bool:
        """Whether the database may have NULL here."""
        own = isinstance(self.member, Column) and self.member.may_be_null
        return own or any(step.nullable for step in self.path)

    @property
    def column(self) -> Column | None:
        return self.member if isinstance(self.member, Column) else None

    @property
    def title(self) -> str:
        """A text that no other key has, for binding cursors to orders."""
        names = [step.field for step in self.path]
        ends = f"{'-' if self.descending else '+'}{'f' if self.nulls_first else 'l'}"
        kind = "" if self.column is not None else "Count"
        return ".".join([*names, self.member.field + kind]) + ends

    def reversed(self) -> "OrderKey":
        return replace(
            self, descending=not self.descending, nulls_first=not self.nulls_first
        )


def expression(key: OrderKey, rows: Seen) -> ColumnElement[Any]:
    """The value to sort by; NULL where a to-one on the path has no readable row."""
    if key.path:
        step, *rest = key.path
        near = [rows[column] for column in step.local]
        reached = reach(step, near, rows.scope)
        inner = expression(replace(key, path=tuple(rest)), reached.target)
        return reached.first(inner).scalar_subquery()
    if isinstance(key.member, Relation):
        return count_of(key.member, rows)
    value = rows[key.member]
    is_number = key.member.scalar in (DECIMAL, FLOAT)
    return rows.scope.dialect.exact(value) if is_number else value


def order_by(
    key: OrderKey, value: ColumnElement[Any], scope: Scope
) -> ColumnElement[Any]:
    """The ORDER BY of the key's value."""
    sorted_by = sortable(key.column, value, scope.dialect)
    sorted_by = sorted_by.desc() if key.descending else sorted_by.asc()
    if not key.nullable:
        return sorted_by
    return sorted_by.nulls_first() if key.nulls_first else sorted_by.nulls_last()


@dataclass(frozen=True, slots=True)
class Boundary:
    """A cursor's place in an order: its values from a slot on, and which are NULL."""

    slot: int
    nulls: tuple[bool, ...]


def beyond(
    keys: Sequence[OrderKey],
    values: Sequence[ColumnElement[Any]],
    boundary: Boundary,
    scope: Scope,
) -> ColumnElement[bool]:
    """Whether a row comes after the boundary in the order of the keys.

    Row values where all keys go one way and no NULL is in the way; otherwise a bounded
    OR, `a >= x AND (a > x OR ...)`, whose first half an index can seek.
    """
    columns = [
        _KeysetColumn(
            key,
            sortable(key.column, value, scope.dialect),
            slot(boundary.slot + place, value.type),
            boundary.nulls[place],
        )
        for place, (key, value) in enumerate(zip(keys, values, strict=True))
    ]
    one_way = len({column.key.descending for column in columns}) == 1
    if one_way and all(column.plain for column in columns):
        left = sa.tuple_(*(column.value for column in columns))
        right = sa.tuple_(*(column.bound for column in columns))
        return left < right if keys[0].descending else left > right
    return _after(columns)


@dataclass(frozen=True, slots=True)
class _KeysetColumn:
    key: OrderKey
    value: ColumnElement[Any]
    bound: ColumnElement[Any]
    at_null: bool

    @property
    def plain(self) -> bool:
        """Whether NULLs can be ignored: none come after the boundary."""
        return not self.at_null and (not self.key.nullable or self.key.nulls_first)


def _after(columns: Sequence[_KeysetColumn]) -> ColumnElement[bool]:
    if not columns:
        return sa.false()
    column, rest = columns[0], _after(columns[1:])
    value, bound = column.value, column.bound
    if column.at_null:
        among_nulls = sa.and_(value.is_(None), rest)
        if column.key.nulls_first:
            return sa.or_(among_nulls, value.is_not(None))
        return among_nulls
    descending = column.key.descending
    past = value < bound if descending else value > bound
    from_bound = value <= bound if descending else value >= bound
    seekable = past if not columns[1:] else sa.and_(from_bound, sa.or_(past, rest))
    return seekable if column.plain else sa.or_(seekable, value.is_(None))
