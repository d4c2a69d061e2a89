"""Constraints: which one a driver's error means, and which columns it is about."""

import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import psycopg2
import sqlalchemy as sa
from sqlalchemy.sql.compiler import IdentifierPreparer

Kind = Literal["unique", "foreign key", "not null", "check", "other"]

_BY_SQLSTATE: dict[str, Kind] = {
    "23505": "unique",
    "23503": "foreign key",
    "23001": "foreign key",
    "23502": "not null",
    "23514": "check",
    "23P01": "other",  # exclusion
}
_BY_ERRORNAME: dict[str, Kind] = {
    "SQLITE_CONSTRAINT_UNIQUE": "unique",
    "SQLITE_CONSTRAINT_PRIMARYKEY": "unique",
    "SQLITE_CONSTRAINT_ROWID": "unique",
    "SQLITE_CONSTRAINT_FOREIGNKEY": "foreign key",
    "SQLITE_CONSTRAINT_NOTNULL": "not null",
    "SQLITE_CONSTRAINT_CHECK": "check",
}


@dataclass(frozen=True, slots=True)
class Violation:
    """What was violated: the kind, the table, and the columns as far as they are
    known. SQLite doesn't say which foreign key it was: then there is no table."""

    kind: Kind
    table: sa.Table | None
    columns: tuple[sa.Column[Any], ...]


def violation(error: Exception, metadata: sa.MetaData, sql: sa.Dialect) -> Violation:
    """What the driver's IntegrityError is about, among the tables of the metadata."""
    if isinstance(error, psycopg2.Error):
        return _postgresql(error, metadata, sql)
    assert isinstance(error, sqlite3.Error)
    return _sqlite(error, metadata, sql)


def _postgresql(
    error: psycopg2.Error, metadata: sa.MetaData, sql: sa.Dialect
) -> Violation:
    kind = _BY_SQLSTATE.get(error.pgcode or "", "other")
    name, said = error.diag.table_name, error.diag.constraint_name
    schema = error.diag.schema_name
    table = metadata.tables.get(f"{schema}.{name}")
    table = metadata.tables.get(name or "") if table is None else table
    if table is None:
        return Violation(kind, None, ())
    if kind == "not null":
        column = table.columns.get(error.diag.column_name or "")
        return Violation(kind, table, () if column is None else (column,))
    prepare = sql.identifier_preparer
    named = _Constraints(table, prepare)
    return Violation(kind, table, named.columns(said or ""))


def _sqlite(error: sqlite3.Error, metadata: sa.MetaData, sql: sa.Dialect) -> Violation:
    kind = _BY_ERRORNAME.get(error.sqlite_errorname, "other")
    _, _, detail = str(error).partition("failed: ")
    if kind == "check":
        for table in metadata.tables.values():
            named = _Constraints(table, sql.identifier_preparer)
            if named.has(detail):
                return Violation(kind, table, named.columns(detail))
        return Violation(kind, None, ())
    if index := re.fullmatch(r"index '(.+)'", detail):
        for table in metadata.tables.values():
            named = _Constraints(table, sql.identifier_preparer)
            if named.has(index[1]):
                return Violation(kind, table, named.columns(index[1]))
    places = [place.rpartition(".") for place in detail.split(", ") if "." in place]
    table_name = places[0][0] if places else ""
    found = metadata.tables.get(table_name)
    if found is None:
        return Violation(kind, None, ())
    names = [name for _, _, name in places]
    known = tuple(found.columns[name] for name in names if name in found.columns)
    return Violation(kind, found, known)


class _Constraints:
    """A table's constraints and unique indexes, by the names they have in databases."""

    def __init__(self, table: sa.Table, prepare: IdentifierPreparer) -> None:
        self._table = table
        self._prepare = prepare
        self._found = dict(self._all())

    def has(self, name: str) -> bool:
        return name in self._found

    def columns(self, name: str) -> tuple[sa.Column[Any], ...]:
        """The columns of the constraint; none if it is unknown, or about no column."""
        return self._found.get(name, ())

    def _all(self) -> Iterator[tuple[str, tuple[sa.Column[Any], ...]]]:
        for constraint in self._table.constraints:
            columns = self._about(constraint)
            name = self._default(constraint)
            if constraint.name is not None:
                name = self._prepare.format_constraint(constraint) or name
            yield name.strip('"'), columns
        for index in self._table.indexes:
            expressions = [one for one in index.expressions if hasattr(one, "name")]
            columns = tuple(self._table.columns[one.name] for one in expressions)
            yield (self._prepare.format_index(index) or "").strip('"'), columns

    def _default(self, constraint: sa.Constraint) -> str:
        """What PostgreSQL calls a constraint without a name; a check on one column of
        SQLite goes by its text."""
        names = [column.name for column in self._about(constraint)]
        table = self._table.name
        match constraint:
            case sa.PrimaryKeyConstraint():
                return f"{table}_pkey"
            case sa.UniqueConstraint():
                return "_".join([table, *names, "key"])
            case sa.ForeignKeyConstraint():
                return "_".join([table, *names, "fkey"])
            case sa.CheckConstraint():
                if self._prepare.dialect.name == "sqlite":
                    return str(constraint.sqltext)
                return "_".join([table, *(names if len(names) == 1 else ()), "check"])
        return ""

    def _about(self, constraint: sa.Constraint) -> tuple[sa.Column[Any], ...]:
        if not isinstance(constraint, sa.CheckConstraint):
            columns = getattr(constraint, "columns", ())
            return tuple(columns)
        words = set(re.findall(r"\w+", re.sub(r"'[^']*'", "", str(constraint.sqltext))))
        return tuple(column for column in self._table.columns if column.name in words)
