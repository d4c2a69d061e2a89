"""Pooling: where reading operations get connections from, and what they leave there."""

import re
from dataclasses import dataclass
from threading import local
from typing import Protocol

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.pool import PoolProxiedConnection

_MOST_PREPARED = 256
_PARAMETER = re.compile(r"%\((\w+)\)s|%%")


class Text(Protocol):
    """Something with SQL text."""

    @property
    def sql(self) -> str: ...

    @property
    def steady(self) -> bool:
        """Whether it may be prepared."""


@dataclass(frozen=True, slots=True)
class Explained:
    """A statement after an EXPLAIN."""

    explain: str
    statement: str

    @property
    def sql(self) -> str:
        return f"{self.explain} {self.statement}"

    @property
    def steady(self) -> bool:
        return False


class Pooled:
    """Connections that go back to the pool after each operation."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def take(self) -> PoolProxiedConnection:
        return self._engine.raw_connection()

    def give_back(self, connection: PoolProxiedConnection) -> None:
        connection.close()

    def drop(self, connection: PoolProxiedConnection) -> None:
        """Get rid of a connection that is of no more use, and of those that wait in
        the pool: what closed it has probably closed them, too."""
        connection.invalidate()
        self._engine.dispose()

    def text(self, _: DBAPICursor, statement: Text, /) -> str:
        """What to execute for the statement on the cursor's connection."""
        return statement.sql


class Kept(Pooled):
    """One connection for each thread, which it keeps: the pool's care at every
    operation costs more than a small statement does.

    With `prepares`, statements are prepared on PostgreSQL: it then plans each once for
    a connection. That is state of the session, which a pooler between transactions
    can't keep.
    """

    def __init__(self, engine: sa.Engine, *, prepares: bool) -> None:
        super().__init__(engine)
        self._prepares = prepares and engine.dialect.name == "postgresql"
        self._here = local()
        self._all: set[PoolProxiedConnection] = set()

    def take(self) -> PoolProxiedConnection:
        kept: PoolProxiedConnection | None = getattr(self._here, "kept", None)
        if kept is None:
            kept = self._here.kept = super().take()
            self._here.prepared = {}
            self._all.add(kept)
        return kept

    def give_back(self, connection: PoolProxiedConnection) -> None:
        """It stays with its thread."""

    def drop(self, connection: PoolProxiedConnection) -> None:
        self._here.kept = None
        self._all.discard(connection)
        super().drop(connection)

    def close(self) -> None:
        """Give all connections back; call it when the threads have ended."""
        while self._all:
            self._all.pop().close()

    def text(self, cursor: DBAPICursor, statement: Text, /) -> str:
        if not self._prepares or not statement.steady:
            return statement.sql
        prepared: dict[str, str] = self._here.prepared
        if statement.sql not in prepared:
            if len(prepared) >= _MOST_PREPARED:
                cursor.execute("DEALLOCATE ALL")
                prepared.clear()
            prepare, execute = _prepared(f"gql_{len(prepared)}", statement.sql)
            # If it can't be prepared, the next operation won't try again.
            prepared[statement.sql] = statement.sql
            cursor.execute(prepare)
            prepared[statement.sql] = execute
        return prepared[statement.sql]


def _prepared(name: str, sql: str) -> tuple[str, str]:
    """PREPARE and EXECUTE for SQL with named parameters."""
    names: list[str] = []

    def numbered(match: re.Match[str]) -> str:
        if match[0] == "%%":
            return "%"
        if match[1] not in names:
            names.append(match[1])
        return f"${names.index(match[1]) + 1}"

    text = _PARAMETER.sub(numbered, sql)
    given = ", ".join(f"%({one})s" for one in names)
    return f"PREPARE {name} AS {text}", f"EXECUTE {name}" + (
        f" ({given})" if given else ""
    )
