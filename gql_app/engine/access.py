"""Rows as statements see them: joins between entities, and who may read what."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause

from gql_app.engine.dialects import Dialect
from gql_app.engine.entity import Column, Entity, Link, Relation
from gql_app.engine.policy import Action, ViewerTerms

ONE: ColumnElement[int] = sa.literal_column("1", sa.Integer())
"""What EXISTS selects."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What a statement is built for, whatever the values: a database and a role."""

    dialect: Dialect
    role: str


@dataclass(frozen=True, slots=True)
class Rows:
    """An entity's table (or a part of it) under an alias of its own."""

    entity: Entity
    source: FromClause

    @classmethod
    def of(cls, entity: Entity) -> "Rows":
        return cls(entity, entity.table.alias())

    def __getitem__(self, column: Column) -> ColumnElement[Any]:
        return self.source.c[column.source.key]

    def key(self) -> list[ColumnElement[Any]]:
        return [self[column] for column in self.entity.key]

    def terms(self) -> SimpleNamespace:
        """The columns by attribute name, as policies use them."""
        columns = self.entity.columns
        return SimpleNamespace(**{name: self[columns[name]] for name in columns})


@dataclass(frozen=True, slots=True)
class Reached:
    """The far end of a relation: rows, their FROM, and what must hold of them."""

    target: Rows
    link: FromClause | None
    source: FromClause
    conditions: tuple[ColumnElement[bool], ...]
    unique: bool

    def select(self, *columns: ColumnElement[Any]) -> sa.Select[Any]:
        """A statement over the rows; every other table in it is correlated."""
        own = (
            [self.target.source]
            if self.link is None
            else [
                self.target.source,
                self.link,
            ]
        )
        statement = sa.select(*columns).select_from(self.source)
        return statement.where(*self.conditions).correlate_except(*own)

    def first(self, *columns: ColumnElement[Any]) -> sa.Select[Any]:
        """As `select`, but one row at most: that with the lowest primary key."""
        statement = self.select(*columns)
        if self.unique:
            return statement
        return statement.order_by(*self.target.key()).limit(1)


def reach(
    relation: Relation, near: Sequence[ColumnElement[Any]], scope: Scope
) -> Reached:
    """Follow the relation from the values of its `local` columns to readable rows."""
    target = Rows.of(relation.target)
    far = [target[column] for column in relation.remote]
    if relation.link is None:
        met = _equal(far, near)
        allowed = readable(target, scope, relation)
        unique = relation.remote in relation.target.unique
        return Reached(target, None, target.source, (*met, *allowed), unique)
    link = relation.link.table.alias()
    onward = _equal([link.c[column.key] for column in relation.link.far], far)
    return Reached(
        target,
        link,
        link.join(target.source, sa.and_(*onward)),
        (
            *_equal([link.c[column.key] for column in relation.link.near], near),
            *_readable_link(relation.link, link, scope),
            *readable(target, scope),
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
    rule = ruling(rows, scope, action)
    if rule is not True:
        yield sa.false() if rule is False else rule


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
            yield reach(outer, near, scope).select(ONE).exists()


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
    condition = rows.entity.policy.read(ViewerTerms(scope.role), rows.terms())
    if condition is not True:
        yield sa.false() if condition is False else condition


def _equal(
    left: Sequence[ColumnElement[Any]], right: Sequence[ColumnElement[Any]]
) -> list[ColumnElement[bool]]:
    return [one == other for one, other in zip(left, right, strict=True)]
