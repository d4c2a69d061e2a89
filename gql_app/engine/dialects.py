"""The differences between SQLite and PostgreSQL, all of them, behind one interface."""

import json
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause, func
from sqlalchemy import Dialect as SQLDialect
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.types import TypeEngine

from gql_app.engine.mapping import plain_type
from gql_app.engine.sqltypes import comparable
from gql_app.engine.values import in_utc

_HIGHEST = "\U0010ffff"


class Dialect(ABC):
    """What SQL builders need to know of a database. Instances are compared by
    identity: each database has one for its life-time."""

    name: str
    lateral: bool
    snapshot: str
    """What begins a transaction in which all statements read the same state."""
    explain: str
    """What goes before a SELECT to be told how it runs."""

    transaction: str
    """What begins a transaction that writes."""

    sql: SQLDialect

    @abstractmethod
    def sortable(self, value: ColumnElement[Any]) -> ColumnElement[Any]:
        """The text (or enum) in code point order."""

    @abstractmethod
    def exact(self, value: ColumnElement[Any]) -> ColumnElement[Any]:
        """The number as it is stored, of a type that isn't rounded when it is read: a
        place in an order must be the very value."""

    @abstractmethod
    def folded(self, value: ColumnElement[Any]) -> ColumnElement[Any]:
        """The text in lower case, as `fold` makes it."""

    @abstractmethod
    def contains(
        self, value: ColumnElement[Any], part: ColumnElement[Any]
    ) -> ColumnElement[bool]:
        """Whether the text contains the other; nothing in it is a wildcard."""

    @abstractmethod
    def ends_with(
        self, value: ColumnElement[Any], end: ColumnElement[Any]
    ) -> ColumnElement[bool]:
        """Whether the text ends with the other."""

    @abstractmethod
    def member(self, value: ColumnElement[Any], parameter: str) -> ColumnElement[bool]:
        """Whether the value is in the list that the parameter holds."""

    @abstractmethod
    def keys(
        self, types: Sequence[TypeEngine[Any]]
    ) -> tuple[FromClause, list[ColumnElement[Any]]]:
        """The rows of the parameter `keys`, a list of tuples of these types."""

    @abstractmethod
    def key_parameters(self, keys: Sequence[tuple[Any, ...]]) -> dict[str, Any]:
        """The parameters that the rows of `keys` are read from."""

    @abstractmethod
    def insert(self, table: sa.Table) -> sqlite.Insert | postgresql.Insert:
        """An INSERT that knows ON CONFLICT."""

    @abstractmethod
    def begins_with(
        self, value: ColumnElement[Any], start: ColumnElement[Any]
    ) -> ColumnElement[bool]:
        """Whether the text starts with the other, for texts in no sorted order."""

    def starts_with(
        self, value: ColumnElement[Any], low: ColumnElement[Any], high: Any
    ) -> ColumnElement[bool]:
        """Whether the text starts with `low`; `high` is `after_prefix(low)`.

        A range of the sort order, so that an index serves it.
        """
        sortable = self.sortable(value)
        return sa.and_(sortable >= low, sortable < high)


def fold(text: str) -> str:
    """Lower case, character by character, as PostgreSQL's built-in provider does."""
    if text.isascii():
        return text.lower()
    return "".join(character.lower()[0] for character in text)


def after_prefix(prefix: str) -> str:
    """The first text in code point order after all those with the prefix."""
    head = prefix.rstrip(_HIGHEST)
    if not head:
        return prefix + _HIGHEST * 4
    successor = ord(head[-1]) + 1
    if 0xD800 <= successor <= 0xDFFF:  # surrogates are no characters
        successor = 0xE000
    return head[:-1] + chr(successor)


class SQLite(Dialect):
    """SQLite 3.35 or newer."""

    name = "sqlite"
    lateral = False
    snapshot = "BEGIN"
    explain = "EXPLAIN QUERY PLAN"
    # A writer that began by reading would fail instead of waiting its turn.
    transaction = "BEGIN IMMEDIATE"

    def __init__(self, sql: SQLDialect | None = None) -> None:
        self.sql = sql or sa.make_url("sqlite://").get_dialect()()

    @staticmethod
    def prepare(connection: sqlite3.Connection) -> None:
        """Give a new connection the functions that the SQL below calls."""
        connection.create_function("gql_fold", 1, _fold_or_none, deterministic=True)

    def sortable(self, value: ColumnElement[Any]) -> ColumnElement[Any]:
        return value

    def exact(self, value: ColumnElement[Any]) -> ColumnElement[Any]:
        rounded = isinstance(value.type, sa.Numeric | sa.Float) and value.type.asdecimal
        return sa.type_coerce(value, sa.Double()) if rounded else value

    def folded(self, value: ColumnElement[Any]) -> ColumnElement[Any]:
        return func.gql_fold(value, type_=sa.Text())

    def contains(
        self, value: ColumnElement[Any], part: ColumnElement[Any]
    ) -> ColumnElement[bool]:
        return func.instr(value, part) > 0

    def begins_with(
        self, value: ColumnElement[Any], start: ColumnElement[Any]
    ) -> ColumnElement[bool]:
        return func.substr(value, 1, func.length(start)) == start

    def ends_with(
        self, value: ColumnElement[Any], end: ColumnElement[Any]
    ) -> ColumnElement[bool]:
        start = func.length(value) - func.length(end)
        return sa.and_(start >= 0, func.substr(value, start + 1) == end)

    def member(self, value: ColumnElement[Any], parameter: str) -> ColumnElement[bool]:
        items = sa.bindparam(parameter, None, type_=_JSONList(comparable(value.type)))
        return value.in_(sa.select(func.json_each(items).table_valued("value").c.value))

    def keys(
        self, types: Sequence[TypeEngine[Any]]
    ) -> tuple[FromClause, list[ColumnElement[Any]]]:
        if len(types) == 1:
            items = sa.bindparam("keys", None, type_=_JSONList(types[0]))
            value = sa.column("value", types[0])
            single = func.json_each(items).table_valued(value, name="k")
            return single, [single.c.value]
        rows = sa.bindparam("keys", None, type_=_JSONRows(tuple(types)))
        table = func.json_each(rows).table_valued("value", name="k")
        return table, [
            func.json_extract(
                table.c.value, sa.literal_column(f"'$[{place}]'"), type_=kind
            )
            for place, kind in enumerate(types)
        ]

    def key_parameters(self, keys: Sequence[tuple[Any, ...]]) -> dict[str, Any]:
        single = bool(keys) and len(keys[0]) == 1
        return {"keys": [key[0] for key in keys] if single else keys}

    def insert(self, table: sa.Table) -> sqlite.Insert:
        return sqlite.insert(table)


def _fold_or_none(text: Any) -> str | None:
    return None if text is None else fold(str(text))


class PostgreSQL(Dialect):
    """PostgreSQL 13 or newer; `collation` folds case (see `fold_collation`)."""

    name = "postgresql"
    lateral = True
    snapshot = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
    explain = "EXPLAIN (ANALYZE, BUFFERS)"
    # Each statement sees what others have committed: whoever waited for a row goes on
    # with its newest version, where a snapshot would fail and have to start anew.
    transaction = "BEGIN ISOLATION LEVEL READ COMMITTED"

    def __init__(
        self, sql: SQLDialect | None = None, collation: str | None = None
    ) -> None:
        self.sql = sql or sa.make_url("postgresql+psycopg2://").get_dialect()()
        self._collation = collation

    def sortable(self, value: ColumnElement[Any]) -> ColumnElement[Any]:
        plain = plain_type(value.type.dialect_impl(self.sql))
        if isinstance(plain, sa.Enum):
            return sa.cast(value, sa.Text()).collate("C")
        return value if plain.collation == "C" else value.collate("C")

    def exact(self, value: ColumnElement[Any]) -> ColumnElement[Any]:
        kind = value.type
        if isinstance(kind, sa.Float):
            return sa.type_coerce(value, sa.Double()) if kind.asdecimal else value
        rounded = isinstance(kind, sa.Numeric) and not kind.asdecimal
        return sa.type_coerce(value, sa.Numeric()) if rounded else value

    def folded(self, value: ColumnElement[Any]) -> ColumnElement[Any]:
        text = value if self._collation is None else value.collate(self._collation)
        return func.lower(text, type_=sa.Text())

    def contains(
        self, value: ColumnElement[Any], part: ColumnElement[Any]
    ) -> ColumnElement[bool]:
        return func.strpos(value, part) > 0

    def begins_with(
        self, value: ColumnElement[Any], start: ColumnElement[Any]
    ) -> ColumnElement[bool]:
        return func.starts_with(value, start, type_=sa.Boolean())

    def ends_with(
        self, value: ColumnElement[Any], end: ColumnElement[Any]
    ) -> ColumnElement[bool]:
        return func.right(value, func.length(end)) == end

    def member(self, value: ColumnElement[Any], parameter: str) -> ColumnElement[bool]:
        return value == sa.any_(_array(parameter, value.type))

    def keys(
        self, types: Sequence[TypeEngine[Any]]
    ) -> tuple[FromClause, list[ColumnElement[Any]]]:
        arrays = [_array(f"keys{place}", kind) for place, kind in enumerate(types)]
        names = [sa.column(f"k{place}", kind) for place, kind in enumerate(types)]
        table = func.unnest(*arrays).table_valued(*names).render_derived(name="k")
        return table, [table.c[name.name] for name in names]

    def key_parameters(self, keys: Sequence[tuple[Any, ...]]) -> dict[str, Any]:
        return {
            f"keys{place}": list(values)
            for place, values in enumerate(zip(*keys, strict=True))
        }

    def insert(self, table: sa.Table) -> postgresql.Insert:
        return postgresql.insert(table)


def fold_collation(server_version: int, known: Sequence[str]) -> str | None:
    """The collation to fold case with: PostgreSQL 17 and newer bring one that depends
    on nothing outside; older ones have the C library's, or only the database's own."""
    if server_version >= 170000:
        return "pg_c_utf8"
    return next((name for name in ("C.utf8", "C.UTF-8") if name in known), None)


def _wide(kind: TypeEngine[Any]) -> TypeEngine[Any]:
    """The type without a width: a cast must not cut or round what is compared."""
    plain = plain_type(kind)
    if isinstance(plain, sa.Enum):
        return plain if plain.native_enum else sa.Text()
    for narrow, wide in _WIDE:
        if isinstance(plain, narrow):
            return wide
    return kind


_WIDE: tuple[tuple[type[Any], TypeEngine[Any]], ...] = (
    (sa.Integer, sa.BigInteger()),
    (sa.Float, sa.Double()),
    (sa.Numeric, sa.Numeric()),
    (sa.String, sa.Text()),
)


def _array(parameter: str, kind: TypeEngine[Any]) -> ColumnElement[Any]:
    items = sa.bindparam(parameter, None, type_=_ArrayItems(kind))
    return sa.cast(items, postgresql.ARRAY(_wide(kind)))


class _List(sa.TypeDecorator[Any]):
    """A list of values, each written as its own type says."""

    impl = sa.Text
    cache_ok = True

    def __init__(self, item: TypeEngine[Any]) -> None:
        super().__init__()
        self.item = item

    def written(self, values: Sequence[Any], dialect: SQLDialect) -> list[Any]:
        write = bind_processor(self.item, dialect)
        return list(values) if write is None else [write(value) for value in values]


class _JSONList(_List):
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: SQLDialect) -> Any:
        return json.dumps(self.written(value, dialect))


class _JSONRows(sa.TypeDecorator[Any]):
    impl = sa.Text
    cache_ok = True

    def __init__(self, items: tuple[TypeEngine[Any], ...]) -> None:
        super().__init__()
        self.items = items

    def process_bind_param(self, value: Any, dialect: SQLDialect) -> Any:
        if not value:
            return "[]"
        columns = [
            _List(kind).written(part, dialect)
            for kind, part in zip(self.items, zip(*value, strict=True), strict=True)
        ]
        return json.dumps(list(zip(*columns, strict=True)))


class _ArrayItems(_List):
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: SQLDialect) -> Any:
        plain = plain_type(self.item)
        if isinstance(plain, sa.Integer):
            # PostgreSQL reads this literal faster than it does ARRAY[1, 2, ...].
            return "{" + ",".join(map(str, value)).replace("None", "NULL") + "}"
        written = self.written(value, dialect)
        if isinstance(plain, sa.Enum | sa.JSON):
            # ARRAY['A', 'B'] would be one of texts, which EXECUTE takes for no other.
            return "{" + ",".join(map(_quoted, written)) + "}"
        return written


def _quoted(text: str | None) -> str:
    """The text in an array literal of PostgreSQL's."""
    if text is None:
        return "NULL"
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def bind_processor(kind: TypeEngine[Any], dialect: SQLDialect) -> Any:
    """The function that writes a value for the driver; None if none is needed."""
    write = kind.dialect_impl(dialect).bind_processor(dialect)
    if isinstance(kind, sa.JSON) and write is not None:
        # SQLAlchemy would write JSON's own null, unless the column says otherwise.
        return lambda value: None if value is None else write(value)
    if not isinstance(kind, sa.DateTime) or kind.timezone:
        return write
    # A server would move the moment to its own time zone before it drops the zone.
    return in_utc if write is None else lambda value: write(in_utc(value))


def result_processor(kind: TypeEngine[Any], dialect: SQLDialect) -> Any:
    """The function that reads a driver's value; None if none is needed."""
    # psycopg2's numbers ask which type the server sent; no other type cares.
    sent = _FLOAT8 if isinstance(plain_type(kind), sa.Float) else _NUMERIC
    return kind.dialect_impl(dialect).result_processor(dialect, sent)


_FLOAT8, _NUMERIC = 701, 1700  # the ids of these types, in every PostgreSQL
