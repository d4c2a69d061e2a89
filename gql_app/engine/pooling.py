"""Pooling: where reading threads get connections from, and what they leave there."""

from threading import local

import sqlalchemy as sa
from sqlalchemy.pool import PoolProxiedConnection


class Pooled:
    """Connections that go back to the pool after each operation."""

    def __init__(self, engine: sa.Engine) -> None:
        self.engine = engine

    def take(self) -> PoolProxiedConnection:
        return self.engine.raw_connection()

    def give_back(self, connection: PoolProxiedConnection) -> None:
        connection.close()

    def drop(self, connection: PoolProxiedConnection) -> None:
        """Get rid of a connection that is of no more use, and of those that wait in
        the pool: what closed it has probably closed them, too."""
        if connection.is_valid:  # SQLAlchemy may have seen to it, in a hook's statement
            connection.invalidate()
        self.engine.dispose()

    def close(self) -> None:
        """Give back what is kept."""


class Kept(Pooled):
    """One connection for each thread, which it keeps: the pool's care at every
    operation costs more than a small statement does."""

    def __init__(self, engine: sa.Engine) -> None:
        super().__init__(engine)
        self._here = local()
        self._all: set[PoolProxiedConnection] = set()

    def take(self) -> PoolProxiedConnection:
        kept: PoolProxiedConnection | None = getattr(self._here, "kept", None)
        if kept is None:
            kept = self._here.kept = super().take()
            self._all.add(kept)
        return kept

    def give_back(self, connection: PoolProxiedConnection) -> None:
        """It stays with its thread."""

    def drop(self, connection: PoolProxiedConnection) -> None:
        self._here.kept = None
        self._all.discard(connection)
        super().drop(connection)

    def close(self) -> None:
        """Give all connections back; to be called when the threads have ended."""
        while self._all:
            self._all.pop().close()
