"""Statements: SQL compiled once, then run on raw cursors any number of times."""

import re
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.sql.compiler import SQLCompiler

from gql_app.engine.dialects import Dialect, bind_processor, result_processor

Row = tuple[Any, ...]
Reader = Callable[[Any], Any] | None

# The parameters that builders leave open; any other is a constant of the statement.
_VARIABLE = re.compile(r"v\d+|keys\d*|limit|viewer_\w+")


Built = sa.Select[Any] | sa.UpdateBase
"""A SELECT, or another statement with or without RETURNING."""


class Statement:
    """SQL text, how its parameters are written, and how its columns are read.

    Executing through SQLAlchemy costs more than the drivers do for small results. The
    processors of its types are all that is needed of it.

    A `steady` one is best executed in the same way for all values: it may be prepared.
    `constants` are the parameters that always have the same value; `prepared` is for
    what is made of the statement then, and `refused` says that it can't be prepared.
    """

    __slots__ = (
        "_order",
        "_values",
        "_writers",
        "constants",
        "prepared",
        "readers",
        "refused",
        "sql",
        "steady",
    )

    def __init__(self, built: Built, dialect: Dialect) -> None:
        if isinstance(built, sa.Select):  # rows have places here, not names
            built = built.set_label_style(sa.LABEL_STYLE_NONE)
        compiled = built.compile(dialect=dialect.sql)
        assert isinstance(compiled, SQLCompiler)
        # With the lists in policies spelled out. Compiling with "render_postcompile"
        # misses those that stand within SQLite's IS NOT.
        expanded = compiled.construct_expanded_state()
        self.sql = expanded.statement
        self.steady = True
        self.refused = False
        self._order: Sequence[str] | None = expanded.positiontup
        self._values: dict[str, Any] = {}
        self.prepared: dict[Any, Any] = {}
        self._writers: dict[str, Callable[[Any], Any]] = {}
        constants = set()
        for name, value in expanded.parameters.items():
            bound = _bound(compiled, name)
            write = bind_processor(bound.type, dialect.sql)
            # SQLAlchemy names parameters, too: after the column, with a number.
            if bound.unique or not _VARIABLE.fullmatch(name):
                constants.add(name)
                value = value if write is None else write(value)
            elif write is not None:
                self._writers[name] = write
            self._values[name] = value
        self.constants = frozenset(constants)
        self.readers: tuple[Reader, ...] = tuple(
            result_processor(column.type, dialect.sql) for column in _columns(built)
        )

    def parameters(self, values: Mapping[str, Any]) -> Mapping[str, Any] | list[Any]:
        """The values as the driver takes them; those without a value are NULL."""
        written, writers = self._values.copy(), self._writers
        for name, value in values.items():
            if name in written:
                written[name] = writers[name](value) if name in writers else value
        if self._order is None:
            return written
        return [written[name] for name in self._order]

    def read(self, row: Row) -> Row:
        """A driver's row as Python values."""
        pairs = zip(row, self.readers, strict=True)
        return tuple(
            value if reader is None else reader(value) for value, reader in pairs
        )


def _columns(built: Built) -> Iterable[ColumnElement[Any]]:
    if isinstance(built, sa.Select):
        return built.selected_columns
    return built.exported_columns


def _bound(compiled: SQLCompiler, name: str) -> sa.BindParameter[Any]:
    """The parameter of that name; lists in a policy are spelled out as `name_1`, …"""
    binds: Mapping[str, sa.BindParameter[Any]] = compiled.binds
    return binds[name] if name in binds else binds[name.rpartition("_")[0]]


class Statements:
    """Statements by how they are built, the most recently used ones; thread-safe."""

    def __init__(self, dialect: Dialect, most: int = 2048) -> None:
        self._dialect = dialect
        self.get = lru_cache(most)(self._compile)

    def _compile(self, build: Callable[..., Built], *arguments: Hashable) -> Statement:
        return Statement(build(*arguments), self._dialect)
