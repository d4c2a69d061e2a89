"""Which indexes the lists, relations and filters of the API would need."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypeAlias

import sqlalchemy as sa
from sqlalchemy import UnaryExpression

from gql_app.commands.doctor.findings import Finding, Severity
from gql_app.engine.entity import Column, Entity
from gql_app.engine.relations import unique_groups

Names: TypeAlias = tuple[str, ...]


class Need(NamedTuple):
    """An index that would have to begin with certain columns."""

    table: sa.Table
    columns: Names
    reason: str


def missing_indexes(entities: Sequence[Entity]) -> Iterator[Finding]:
    """For default orders, relations and foreign keys; each index once."""
    told = set()
    for need in (*_orders(entities), *_relations(entities), *_foreign_keys(entities)):
        columns = ", ".join(need.columns)
        where = f"{need.table.fullname}({columns})"
        if where in told:
            continue
        told.add(where)
        quoted = ", ".join(f'"{name}"' for name in need.columns)
        yield Finding(
            Severity.WARNING,
            "missing-index",
            where,
            f"No index serves {need.reason}.",
            f"Add sa.Index(None, {quoted}) to the table, and a migration.",
        )


def unindexed_filters(entities: Sequence[Entity]) -> Iterator[Finding]:
    """Columns that clients may compare and sort by, at their own cost."""
    for entity in entities:
        first = {path[0] for path in index_paths(entity.table)}
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
        order = [term.column for term in entity.order]
        order += [column for column in entity.key if column not in order]
        names = _names(order)
        paths = index_paths(entity.table)
        if not any(_sorts(entity.table, path, names) for path in paths):
            yield Need(entity.table, names, f"the default order of {entity.list_field}")


def _sorts(table: sa.Table, path: Names, order: Names) -> bool:
    """Whether rows come out of the index in the order, up to where they are unique."""
    same = 0
    while same < min(len(path), len(order)) and path[same] == order[same]:
        same += 1
    return same == len(order) or any(
        {column.name for column in group} <= set(order[:same])
        and not any(column.nullable for column in group)
        for group in unique_groups(table)
    )


def _relations(entities: Sequence[Entity]) -> Iterator[Need]:
    """Rows at the other end are found by what they, or their links, refer to."""
    for entity in entities:
        for relation in entity.relations.values():
            table = relation.target.table
            columns = _names(relation.remote)
            if relation.link is not None:
                table = relation.link.table
                columns = tuple(column.name for column in relation.link.near)
            if not _finds(table, columns):
                yield Need(table, columns, f"the relation {relation.title}")


def _foreign_keys(entities: Sequence[Entity]) -> Iterator[Need]:
    """To delete a row is to look for those that refer to it."""
    for metadata in {entity.table.metadata for entity in entities}:
        for table in metadata.tables.values():
            for constraint in sorted(table.foreign_key_constraints, key=_key_names):
                columns = _key_names(constraint)
                if not _finds(table, columns):
                    reason = f"the foreign key to {constraint.referred_table.fullname}"
                    yield Need(table, columns, reason)


def _key_names(constraint: sa.ForeignKeyConstraint) -> Names:
    return tuple(column.name for column in constraint.columns)


def _finds(table: sa.Table, columns: Names) -> bool:
    """Whether an index begins with the columns, in whatever order."""
    wanted = set(columns)
    return any(set(path[: len(wanted)]) == wanted for path in index_paths(table))


def _names(columns: Sequence[Column]) -> Names:
    return tuple(column.source.name for column in columns)


def index_paths(table: sa.Table) -> list[Names]:
    """The columns of each index over all rows; keys and unique constraints have one."""
    paths = [tuple(column.name for column in group) for group in unique_groups(table)]
    paths += [_path(index) for index in table.indexes if not _is_partial(index)]
    return [path for path in paths if path]


def _path(index: sa.Index) -> Names:
    assert index.table is not None
    names = []
    for expression in index.expressions:
        if isinstance(expression, UnaryExpression):  # such as a descending column
            expression = expression.element
        if isinstance(expression, sa.Column):
            name = expression.name
        else:  # text, such as "made DESC", unless it computes something
            name = str(expression).partition(" ")[0]
        if name not in index.table.columns:
            break  # what follows is sorted only among rows where this is equal
        names.append(name)
    return tuple(names)


def _is_partial(index: sa.Index) -> bool:
    return any(
        index.dialect_kwargs.get(f"{dialect}_where") is not None
        for dialect in ("sqlite", "postgresql")
    )
