"""Every statement that writes, built from descriptions. Pure: runs nothing.

As in `queries`, values are parameters: the slots `v0`, `v1`, … and the rows of `keys`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from gql_app.engine.access import (
    Rows,
    Scope,
    Seen,
    pairwise,
    permitted,
    present,
    ruling,
)
from gql_app.engine.entity import Column, Entity, Relation
from gql_app.engine.filters import Where, clause, slot
from gql_app.engine.policy import Action
from gql_app.engine.rulings import verdict
from gql_app.engine.writing.presets import sql_presets

Columns = tuple[Column, ...]


def insert(
    entity: Entity, columns: Columns, returning: Columns, unless: Columns, scope: Scope
) -> sa.UpdateBase:
    """One new row: its columns are the slots. The ruling on it comes last.

    With `unless`, none if another row has these columns in common with it.
    """
    rows = Rows(entity, entity.table)
    values = {
        column.source: slot(place, column.source.type)
        for place, column in enumerate(columns)
    }
    statement = scope.dialect.insert(entity.table)
    statement = statement.values({**values, **sql_presets(entity, scope)})
    if unless:
        target = [column.source for column in unless]
        statement = statement.on_conflict_do_nothing(index_elements=target)
    own = [rows[column] for column in returning]
    return statement.returning(*own, *verdict(entity, "create", scope))


def insert_many(
    entity: Entity, columns: Columns, returning: Columns, unless: Columns, scope: Scope
) -> sa.UpdateBase:
    """New rows, for each of the keys: its place among them, then the columns.

    With `unless`, rows that another one has these columns in common with are left out.
    """
    rows = Rows(entity, entity.table)
    types = [column.source.type for column in columns]
    source, (place, *values) = scope.dialect.keys([sa.Integer(), *types])
    # SQLite takes ON CONFLICT for a part of the join unless a WHERE comes before.
    presets = sql_presets(entity, scope)
    chosen = sa.select(*values, *presets.values()).select_from(source)
    chosen = chosen.where(sa.true()).order_by(place)
    names = [*(column.source for column in columns), *presets]
    statement = scope.dialect.insert(entity.table).from_select(
        names, chosen, include_defaults=False
    )
    if unless:
        target = [column.source for column in unless]
        statement = statement.on_conflict_do_nothing(index_elements=target)
    own = [rows[column] for column in returning]
    return statement.returning(*own, *verdict(entity, "create", scope))


@dataclass(frozen=True, slots=True)
class Target:
    """Which rows a statement is about: those permitted for the action, or readable
    (`read`), or all there are; by one key in the slots, or by the keys."""

    action: Action | Literal["read", "any"]
    many: bool = False
    slot: int = 0
    version: bool = False
    """Whether the version must equal the slot after the key's."""
    key: Columns = ()
    """What the key consists of, if it isn't the primary one."""

    def conditions(self, rows: Rows, scope: Scope) -> list[ColumnElement[bool]]:
        entity = rows.entity
        key = self.key or entity.key
        found = [*self._keyed(rows, scope, key), *self._allowed(rows, scope)]
        if self.version:
            assert entity.version is not None
            place = self.slot + len(key)
            expected = slot(place, entity.version.source.type)
            found.append(rows[entity.version] == expected)
        return found

    def _keyed(
        self, rows: Rows, scope: Scope, key: Columns
    ) -> list[ColumnElement[bool]]:
        own = [rows[column] for column in key]
        if not self.many:
            slots = [
                slot(self.slot + place, value.type) for place, value in enumerate(own)
            ]
            return Seen(rows, scope).meeting(key, slots)
        source, values = scope.dialect.keys([value.type for value in own])
        named = tuple_of(own).in_(sa.select(*values).select_from(source))
        return [named, *Seen(rows, scope).showing(key)]

    def _allowed(self, rows: Rows, scope: Scope) -> list[ColumnElement[bool]]:
        if self.action == "any":
            return []
        if self.action == "read":
            return list(present(rows, scope))
        return list(permitted(rows, scope, self.action))


@dataclass(frozen=True, slots=True)
class Setting:
    """What an update sets: columns, to the slots. `kept` columns stay as they are even
    if they are to change with each update."""

    columns: Columns
    kept: Columns = ()


def update(
    entity: Entity, setting: Setting, target: Target, returning: Columns, scope: Scope
) -> sa.UpdateBase:
    """Set columns, and count the version. The ruling on the new row comes last, if the
    action is an update."""
    rows = Rows(entity, entity.table)
    values: dict[Any, Any] = {
        column.source: slot(place, column.source.type)
        for place, column in enumerate(setting.columns)
    }
    values |= {column.source: rows[column] for column in setting.kept}
    if entity.version is not None:
        values[entity.version.source] = rows[entity.version] + 1
    statement = sa.update(entity.table).values(values)
    statement = statement.where(*target.conditions(rows, scope))
    own = [rows[column] for column in returning]
    checked = verdict(entity, "update", scope) if target.action == "update" else ()
    return statement.returning(*own, *checked)


def delete(
    entity: Entity, target: Target, returning: Columns, scope: Scope
) -> sa.UpdateBase:
    """Delete rows for good."""
    rows = Rows(entity, entity.table)
    statement = sa.delete(entity.table).where(*target.conditions(rows, scope))
    return statement.returning(*(rows[column] for column in returning))


def select(
    entity: Entity, columns: Columns, target: Target, scope: Scope
) -> sa.Select[Any]:
    """The columns of rows."""
    rows = Rows.of(entity)
    statement = sa.select(*(rows[column] for column in columns))
    statement = statement.select_from(rows.source)
    return statement.where(*target.conditions(rows, scope))


def select_locked(
    entity: Entity, columns: Columns, target: Target, scope: Scope
) -> sa.Select[Any]:
    """As `select`, of rows that nobody else can change any more."""
    statement = select(entity, columns, target, scope)
    (source,) = statement.get_final_froms()
    return statement.with_for_update(of=source)


def select_where(
    entity: Entity, columns: Columns, where: Where, action: Action, scope: Scope
) -> sa.Select[Any]:
    """The columns of rows that pass a filter and may be changed, locked; in the order
    of their keys, `limit` of them."""
    rows = Rows.of(entity)
    statement = sa.select(*(rows[column] for column in columns))
    statement = statement.select_from(rows.source)
    statement = statement.where(
        clause(where, Seen(rows, scope)), *permitted(rows, scope, action)
    )
    statement = statement.order_by(*rows.sorted_key(scope.dialect))
    limit = sa.bindparam("limit", None, type_=sa.Integer())
    return statement.limit(limit).with_for_update(of=rows.source)


def allowed(entity: Entity, action: Action, scope: Scope) -> sa.Select[Any]:
    """Those of the keys whose rows, as they are now, the rule holds of."""
    rows = Rows.of(entity)
    keys, values = scope.dialect.keys([column.source.type for column in entity.key])
    source = keys.join(rows.source, sa.and_(*pairwise(rows.key(), values)))
    statement = sa.select(*rows.key()).select_from(source)
    condition = ruling(rows, scope, action)
    assert not isinstance(condition, bool)
    return statement.where(condition)


def orphans(relation: Relation, keep: bool, scope: Scope) -> sa.Select[Any]:
    """The readable rows at the end of a to-many relation from the row in the slots
    that are among the keys, or (`keep`) that are not."""
    rows = Rows.of(relation.target)
    slots = [
        slot(place, column.source.type) for place, column in enumerate(relation.remote)
    ]
    near = Seen(rows, scope).meeting(relation.remote, slots)
    keys, values = scope.dialect.keys(
        [column.source.type for column in relation.target.key]
    )
    named = tuple_of(rows.key()).in_(sa.select(*values).select_from(keys))
    statement = sa.select(*rows.key()).select_from(rows.source)
    conditions = [*near, *present(rows, scope), ~named if keep else named]
    return statement.where(*conditions).with_for_update(of=rows.source)


def readable_rows(
    entity: Entity, match: Columns, columns: Columns, scope: Scope
) -> sa.Select[Any]:
    """The columns of readable rows whose `match` columns are among the keys."""
    rows = Rows.of(entity)
    keys, values = scope.dialect.keys([column.source.type for column in match])
    met = Seen(rows, scope).meeting(match, values)
    statement = sa.select(*(rows[column] for column in columns))
    statement = statement.select_from(keys.join(rows.source, sa.and_(*met)))
    return statement.where(*present(rows, scope))


def tuple_of(values: Sequence[Any]) -> Any:
    """The values as one, to look for among others."""
    return sa.tuple_(*values) if len(values) > 1 else values[0]
