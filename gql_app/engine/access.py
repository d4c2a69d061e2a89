"""Rows as statements see them: joins between entities, and who may read what."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause

from gql_app.engine.dialects import Dialect
from gql_app.engine.entity import Column, Entity, Link, Relation
from gql_app.engine.policy import Action, ViewerTerms

ONE: ColumnElement[int] = sa.literal_column("1", sa.Integer())
"""What EXISTS selects."""


def aliased(table: sa.Table) -> FromClause:
    """The table under a name of its own."""
    return _plain(table).alias()


@lru_cache(1024)
def _plain(table: sa.Table) -> sa.TableClause:
    """The table with the names and types of its columns alone: an alias copies them all,
    and with their keys and events that would be most of the work of a statement."""
    columns: list[sa.ColumnClause[Any]] = []
    for one in table.columns:
        column: sa.ColumnClause[Any] = sa.column(one.name, one.type)
        column.key = one.key
        columns.append(column)
    return sa.table(table.name, *columns, schema=table.schema)


@dataclass(frozen=True, slots=True)
class Scope:
    """What a statement is built for, whatever the values: a database and a role."""

    dialect: Dialect
    role: str


@dataclass(frozen=True, slots=True)
class Rows:
    """An entity's table (or a part of it) under an alias of its own, with its columns
    as they are: for keys, policies and hooks. What clients name and are given goes
    through `Seen`."""

    entity: Entity
    source: FromClause

    @classmethod
    def of(cls, entity: Entity) -> "Rows":
        return cls(entity, aliased(entity.table))

    def __getitem__(self, column: Column) -> ColumnElement[Any]:
        return self.source.c[column.source.key]

    def key(self) -> list[ColumnElement[Any]]:
        return [self[column] for column in self.entity.key]

    def sorted_key(self, dialect: Dialect) -> list[ColumnElement[Any]]:
        """What to order by, for the order of the primary key."""
        return [sortable(column, self[column], dialect) for column in self.entity.key]

    def terms(self) -> "Terms":
        """The columns by attribute name, as policies use them."""
        return Terms(self)


class Terms:
    """A row as rules see it: each column is an attribute."""

    __slots__ = ("_rows",)

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def __getattr__(self, name: str) -> ColumnElement[Any]:
        column = self._rows.entity.columns.get(name)
        if column is None:
            raise AttributeError(f"{self._rows.entity.name} has no column {name!r}.")
        return self._rows[column]


@dataclass(frozen=True, slots=True)
class Seen:
    """Rows as a viewer sees them: NULL stands for a column that may not be read.

    Every value that a client can ask for, or infer from an answer, is taken from here:
    selections, filters, orders, and the columns that look-ups and relations go by.
    """

    rows: Rows
    scope: Scope

    @classmethod
    def of(cls, entity: Entity, scope: Scope) -> "Seen":
        return cls(Rows.of(entity), scope)

    @property
    def source(self) -> FromClause:
        return self.rows.source

    def __getitem__(self, column: Column) -> ColumnElement[Any]:
        shown = self.shows(column)
        if shown is True:
            return self.rows[column]
        condition = sa.false() if shown is False else shown
        return sa.case((condition, self.rows[column]))

    def shows(self, column: Column) -> ColumnElement[bool] | bool:
        """Where the viewer may read the column."""
        if column.readers is None:
            return True
        return column.readers(ViewerTerms(self.scope.role), self.rows.terms())

    def showing(self, columns: Iterable[Column]) -> Iterator[ColumnElement[bool]]:
        """The conditions under which the viewer may read all these columns."""
        for column in columns:
            yield from _condition(self.shows(column))

    def meeting(
        self, columns: Sequence[Column], values: Sequence[ColumnElement[Any]]
    ) -> list[ColumnElement[bool]]:
        """The conditions under which the columns have the values, for indexes to serve:
        what may not be read equals nothing."""
        own = [self.rows[column] for column in columns]
        return [*pairwise(own, values), *self.showing(columns)]


@dataclass(frozen=True, slots=True)
class Reached:
    """The far end of a relation: rows, their FROM, and what must hold of them."""

    target: Seen
    link: FromClause | None
    source: FromClause
    conditions: tuple[ColumnElement[bool], ...]
    unique: bool

    def select(self, *columns: ColumnElement[Any]) -> sa.Select[Any]:
        """A statement over the rows; every other table in it is correlated."""
        own = [one for one in (self.target.source, self.link) if one is not None]
        statement = sa.select(*columns).select_from(self.source)
        return statement.where(*self.conditions).correlate_except(*own)

    def first(self, *columns: ColumnElement[Any]) -> sa.Select[Any]:
        """As `select`, but one row at most: that with the lowest primary key."""
        statement = self.select(*columns)
        if self.unique:
            return statement
        key = self.target.rows.sorted_key(self.target.scope.dialect)
        return statement.order_by(*key).limit(1)


def reach(
    relation: Relation, near: Sequence[ColumnElement[Any]], scope: Scope
) -> Reached:
    """Follow the relation from the values of its `local` columns to readable rows."""
    target = Seen.of(relation.target, scope)
    if relation.link is None:
        met = target.meeting(relation.remote, near)
        allowed = readable(target.rows, scope, relation)
        unique = relation.remote in relation.target.unique
        return Reached(target, None, target.source, (*met, *allowed), unique)
    link = aliased(relation.link.table)
    far = [target.rows[column] for column in relation.remote]
    onward = pairwise([link.c[column.key] for column in relation.link.far], far)
    return Reached(
        target,
        link,
        link.join(target.source, sa.and_(*onward)),
        (
            *pairwise([link.c[column.key] for column in relation.link.near], near),
            *_readable_link(relation.link, link, scope),
            *link_showing(relation.link, link, scope),
            *target.showing(relation.remote),
            *readable(target.rows, scope),
        ),
        False,
    )


def readable(
    rows: Rows, scope: Scope, arrived: Relation | None = None
) -> Iterator[ColumnElement[bool]]:
    """The conditions under which the viewer may read a row.

    `arrived` is the relation whose readable source rows these were reached from: a
    policy `within` that relation's reverse holds already.
    """
    yield from _allowed(rows, scope)
    yield from _inside(rows, scope, arrived)


def permitted(
    rows: Rows, scope: Scope, action: Action
) -> Iterator[ColumnElement[bool]]:
    """The conditions under which the viewer may change a row that is there.

    It must be readable; of deleted rows, only what they are within.
    """
    deleted_at = rows.entity.deleted_at
    if action in ("restore", "purge"):
        assert deleted_at is not None
        yield rows[deleted_at].is_not(None)
        yield from _inside(rows, scope, None)
    else:
        yield from present(rows, scope)
    yield from _condition(ruling(rows, scope, action))


def present(rows: Rows, scope: Scope) -> Iterator[ColumnElement[bool]]:
    """The conditions under which a row is there for the viewer, and not deleted."""
    if rows.entity.deleted_at is not None:
        yield rows[rows.entity.deleted_at].is_(None)
    yield from readable(rows, scope)


def ruling(rows: Rows, scope: Scope, action: Action) -> ColumnElement[bool] | bool:
    """What the policy's rule for the action says of the row, whatever else holds."""
    rule = rows.entity.policy.rule(action)
    return rule is not None and rule(ViewerTerms(scope.role), rows.terms())


def _inside(
    rows: Rows, scope: Scope, arrived: Relation | None
) -> Iterator[ColumnElement[bool]]:
    policy = rows.entity.policy
    if policy.within is not None:
        outer = rows.entity.relations[policy.within]
        if arrived is None or not outer.reverses(arrived):
            near = [rows[column] for column in outer.local]
            yield _reach_anyway(outer, near, scope).select(ONE).exists()


def _reach_anyway(
    relation: Relation, near: Sequence[ColumnElement[Any]], scope: Scope
) -> Reached:
    """As `reach`, for policies: even by columns that the viewer may not read."""
    if not relation.has_readers or relation.link is not None:
        return reach(relation, near, scope)
    target = Seen.of(relation.target, scope)
    met = pairwise([target.rows[column] for column in relation.remote], near)
    conditions = (*met, *readable(target.rows, scope))
    return Reached(target, None, target.source, conditions, True)


def link_showing(
    link: Link, source: FromClause, scope: Scope
) -> Iterator[ColumnElement[bool]]:
    """The conditions under which the viewer may read which rows a link joins."""
    if link.entity is not None:
        columns = [link.entity.by_source[end] for end in (*link.near, *link.far)]
        yield from Seen(Rows(link.entity, source), scope).showing(columns)


def _readable_link(
    link: Link, source: FromClause, scope: Scope
) -> Iterator[ColumnElement[bool]]:
    """A registered link's own policy. What it is `within` is one of the two ends, and
    both are readable already, unless it is another relation altogether."""
    if link.entity is None:
        return
    rows = Rows(link.entity, source)
    within = link.entity.policy.within
    outer = None if within is None else link.entity.relations[within]
    ends = {*link.near, *link.far}
    if outer is None or {column.source for column in outer.local} <= ends:
        yield from _allowed(rows, scope)
    else:
        yield from readable(rows, scope)


def _allowed(rows: Rows, scope: Scope) -> Iterator[ColumnElement[bool]]:
    yield from _condition(
        rows.entity.policy.read(ViewerTerms(scope.role), rows.terms())
    )


def _condition(rule: ColumnElement[bool] | bool) -> Iterator[ColumnElement[bool]]:
    """What a WHERE needs for a rule: nothing if it always holds."""
    if rule is not True:
        yield sa.false() if rule is False else rule


def pairwise(
    left: Sequence[ColumnElement[Any]], right: Sequence[ColumnElement[Any]]
) -> list[ColumnElement[bool]]:
    """The conditions under which each of the values equals its counterpart."""
    return [one == other for one, other in zip(left, right, strict=True)]


def sortable(
    column: Column | None, value: ColumnElement[Any], dialect: Dialect
) -> ColumnElement[Any]:
    """The column's value in the order that is the same on every database."""
    scalar = None if column is None else column.scalar
    textual = scalar is not None and scalar.order == "text"
    return dialect.sortable(value) if textual else value
