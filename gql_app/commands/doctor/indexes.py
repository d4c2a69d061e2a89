"""Which indexes the lists, relations and filters of the API would need."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import takewhile
from typing import Any, NamedTuple, TypeAlias

import sqlalchemy as sa
from sqlalchemy import UnaryExpression
from sqlalchemy.sql import operators

from gql_app.commands.doctor.findings import Finding, Severity
from gql_app.engine.entity import Entity
from gql_app.engine.order import parse_order
from gql_app.engine.relations import unique_groups


class Key(NamedTuple):
    """A column of an index or an order."""

    name: str
    descending: bool = False

    def __str__(self) -> str:
        return f"{self.name} DESC" if self.descending else self.name

    @property
    def code(self) -> str:
        """As `sa.Index` takes it, so that Alembic understands it as well."""
        name = f'"{self.name}"'
        return f"sa.column({name}).desc()" if self.descending else name


Path: TypeAlias = tuple[Key, ...]


class Need(NamedTuple):
    """An index that would have to begin with certain columns."""

    table: sa.Table
    columns: Path
    reason: str


def missing_indexes(entities: Sequence[Entity]) -> Iterator[Finding]:
    """For default orders, relations and foreign keys; each index once."""
    told = set()
    for need in (*_orders(entities), *_relations(entities), *_foreign_keys(entities)):
        columns = ", ".join(map(str, need.columns))
        where = f"{need.table.fullname}({columns})"
        if where in told:
            continue
        told.add(where)
        code = ", ".join(key.code for key in need.columns)
        yield Finding(
            Severity.WARNING,
            "missing-index",
            where,
            f"No index serves {need.reason}.",
            f"Add sa.Index(None, {code}) to the table, and a migration.",
        )


def unindexed_filters(entities: Sequence[Entity]) -> Iterator[Finding]:
    """Columns that clients may compare and sort by, at their own cost."""
    for entity in entities:
        first = {path[0].name for path in index_paths(entity.table)}
        names = [
            column.name
            for column in entity.visible
            if "lt" in column.exposed.operators and column.source.name not in first
        ]
        if names:
            yield Finding(
                Severity.NOTE,
                "unindexed-filter",
                entity.table.fullname,
                f"No index serves filters and orders by {', '.join(names)}.",
                "Add one for those that clients use on many rows.",
            )


def _orders(entities: Sequence[Entity]) -> Iterator[Need]:
    """Lists are sorted by the default order and then by the key."""
    for entity in entities:
        order = _default_order(entity)
        paths = index_paths(entity.table)
        if not any(_sorts(entity.table, path, order) for path in paths):
            yield Need(entity.table, order, f"the default order of {entity.list_field}")


def _default_order(entity: Entity) -> Path:
    """Ascending if it goes one way: indexes are read from both ends."""
    keys = tuple(
        Key(key.column.source.name, key.descending)
        for key in parse_order(entity, None)
        if key.column is not None  # which only clients' orders may lack
    )
    mixed = len({key.descending for key in keys}) > 1
    return keys if mixed else tuple(Key(key.name) for key in keys)


def _sorts(table: sa.Table, path: Path, order: Path) -> bool:
    """Whether rows come out of the index in the order, or in its reverse, up to where
    they are unique."""
    reverse = path[0].descending != order[0].descending
    same = 0
    for found, wanted in zip(path, order, strict=False):
        if found != Key(wanted.name, wanted.descending != reverse):
            break
        same += 1
    sorted_by = {key.name for key in order[:same]}
    return same == len(order) or any(
        {column.name for column in group} <= sorted_by
        and not any(column.nullable for column in group)
        for group in unique_groups(table)
    )


def _relations(entities: Sequence[Entity]) -> Iterator[Need]:
    """Rows at the other end are found by what they, or their links, refer to."""
    for entity in entities:
        for relation in entity.relations.values():
            table = relation.target.table
            columns = _path(column.source for column in relation.remote)
            if relation.link is not None:
                table = relation.link.table
                columns = _path(relation.link.near)
            if not _finds(table, columns):
                yield Need(table, columns, f"the relation {relation.title}")


def _foreign_keys(entities: Sequence[Entity]) -> Iterator[Need]:
    """To delete a row is to look for those that refer to it."""
    for metadata in {entity.table.metadata for entity in entities}:
        for table in metadata.tables.values():
            constraints = table.foreign_key_constraints
            for constraint in sorted(
                constraints, key=lambda one: tuple(one.column_keys)
            ):
                columns = _path(constraint.columns)
                if not _finds(table, columns):
                    reason = f"the foreign key to {constraint.referred_table.fullname}"
                    yield Need(table, columns, reason)


def _finds(table: sa.Table, columns: Path) -> bool:
    """Whether an index begins with the columns, in whatever order."""
    wanted = {key.name for key in columns}
    return any(
        {key.name for key in path[: len(wanted)]} == wanted
        for path in index_paths(table)
    )


def index_paths(table: sa.Table) -> list[Path]:
    """The columns of each index over all rows; keys and unique constraints have one."""
    paths = [_path(group) for group in unique_groups(table)]
    paths += [_index_path(index) for index in table.indexes if not _is_partial(index)]
    return [path for path in paths if path]


def _path(columns: Iterable[sa.Column[Any]]) -> Path:
    return tuple(Key(column.name) for column in columns)


def _index_path(index: sa.Index) -> Path:
    assert index.table is not None
    columns = index.table.columns
    # What follows one that computes something is sorted only where that is equal.
    return tuple(
        takewhile(lambda key: key.name in columns, map(_key, index.expressions))
    )


def _key(expression: Any) -> Key:
    """What an index has of a column; of no column's name if it computes something."""
    descending = False
    while isinstance(expression, UnaryExpression) and expression.modifier:
        descending = descending or expression.modifier is operators.desc_op
        expression = expression.element
    if isinstance(expression, sa.ColumnClause) and not expression.is_literal:
        return Key(expression.name, descending)
    name, _, direction = str(expression).partition(" ")  # text, such as "made DESC"
    return Key(name, descending or direction.upper().startswith("DESC"))


def _is_partial(index: sa.Index) -> bool:
    return any(
        index.dialect_kwargs.get(f"{dialect}_where") is not None
        for dialect in ("sqlite", "postgresql")
    )
