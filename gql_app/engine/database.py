"""Database: engines and pools, and connections lent to operations for reading."""

import sqlite3
import sys
from collections.abc import Callable, Coroutine, Generator, Sequence
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.pool import QueuePool

from gql_app.engine.dialects import Dialect, PostgreSQL, SQLite, fold_collation
from gql_app.engine.errors import ConfigurationError, UnavailableError
from gql_app.engine.lanes import Lane
from gql_app.engine.polled import PolledReading
from gql_app.engine.polling import Connections
from gql_app.engine.pooling import Kept, Pooled
from gql_app.engine.preparing import Preparing
from gql_app.engine.reading import Budget, Fetch, Reading
from gql_app.engine.statements import Row
from gql_app.engine.transaction import Transaction

Result = TypeVar("Result")

READ_ONLY = "gql_read_only"
"""An execution option for connections of `Database.engine` that only read: on SQLite
they need not wait for a writer."""

# The event loop of Windows can't wait for sockets that are not its own.
_CAN_POLL = sys.platform != "win32"

_DRIVERS = {
    "sqlite": "sqlite+pysqlite",
    "postgres": "postgresql+psycopg2",
    "postgresql": "postgresql+psycopg2",
}


def normalise_url(url: str) -> sa.URL:
    """The URL with the driver that we use; ConfigurationError for other databases.

    `postgres://` is what hosting providers hand out; a plain `postgresql://` would
    mean another driver from SQLAlchemy 2.1 on.
    """
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError:
        raise ConfigurationError("The database URL can't be read.") from None
    name = parsed.drivername.partition("+")[0]
    if name not in _DRIVERS:
        raise ConfigurationError(
            f"A database URL begins with sqlite:// or postgresql://, not {name}://."
        )
    return parsed.set(drivername=_DRIVERS[name])


class Database:
    """One database for the life of the application; `close` it in the end.

    `engine` is for whatever needs SQLAlchemy. GraphQL reads on connections of a second
    pool and writes on those of a third: `pool_size` operations each at a time, waiting
    for one at most `pool_timeout` seconds. With `prepare`, PostgreSQL keeps the plans of
    statements.
    """

    def __init__(
        self,
        url: str,
        *,
        pool_size: int = 4,
        pool_timeout: float = 10.0,
        prepare: bool = True,
    ) -> None:
        parsed = normalise_url(url)
        in_memory = _is_sqlite(parsed) and parsed.database in (None, "", ":memory:")
        # A database in memory lives in its one connection.
        size = 1 if in_memory else pool_size
        self.engine = _engine(parsed, size, pool_timeout, writing=True)
        # Each thread keeps one, and operations field by field are lent others.
        self._reader, self._writer = (
            self.engine
            if in_memory
            else _engine(parsed, 2 * size, pool_timeout, writing=False)
            for _ in range(2)
        )
        keep = Pooled if in_memory else Kept
        self._pooled, self._kept = Pooled(self._reader), keep(self._reader)
        self._pooled_writer = Pooled(self._writer)
        self._kept_writer = keep(self._writer)
        self._preparing = Preparing(on=prepare and not _is_sqlite(parsed))
        self._polled = (
            None
            if _is_sqlite(parsed) or not _CAN_POLL
            else Connections(parsed, timeout=pool_timeout, preparing=self._preparing)
        )
        # SQLite has one writer at a time: better wait here than in its lock.
        writers = 1 if _is_sqlite(parsed) else size
        self.writing = Lane("gql-write", writers, pool_timeout)
        self.reading = Lane("gql-read", size, pool_timeout)
        self._dialect: Dialect | None = None

    @property
    def dialect(self) -> Dialect:
        """What SQL builders need to know; asks the server on first use."""
        if self._dialect is None:
            self._dialect = _dialect_of(self.engine)
        return self._dialect

    async def connect(self) -> Dialect:
        """The dialect, asked for off the event loop.

        Raises UnavailableError if the database can't be reached.
        """
        try:
            return await self.run(lambda: self.dialect)
        except sa.exc.SQLAlchemyError as error:
            raise UnavailableError("The database is not available.") from error

    def close(self) -> None:
        """Wait for statements that run, then close every connection."""
        self.reading.close()
        self._kept.close()
        if self._polled is not None:
            self._polled.close()
        self.writing.close()
        self._kept_writer.close()
        self._writer.dispose()
        self.engine.dispose()
        self._reader.dispose()

    async def lend(self) -> Reading:
        """A connection for one operation, which then leaves the `reading` lane.

        Raises UnavailableError if none is free in time.
        """
        await self.reading.enter()
        return Reading(self._pooled, self.dialect.snapshot)

    def transaction(self, *, of_thread: bool = False) -> Transaction:
        """A transaction for one operation that has its turn in the `writing` lane; all
        `of_thread`, or for threads to take turns with it."""
        connections = self._kept_writer if of_thread else self._pooled_writer
        return Transaction(connections, self.dialect.transaction, self._preparing)

    def answer(
        self,
        steps: Generator[Fetch, Sequence[Row], Result],
        budget: Budget,
        seconds: float,
        *,
        single: bool,
    ) -> Coroutine[Any, Any, Result]:
        """What the steps make of the rows they ask for, in one snapshot; they are
        stopped after that time. With `single`, they ask once at most.

        Raises UnavailableError if no connection is free in time, and what
        `Reading.rows` and the steps do.
        """
        if self._polled is None:
            reading = Reading(self._kept, self.dialect.snapshot)
            run = (reading.run, steps, budget, single)
            return self.reading.spend(reading, seconds, *run)
        polled = PolledReading(
            self._polled, self.reading, self.dialect.snapshot, steps, budget
        )
        return polled.run(seconds, single=single)

    async def read(self, work: Callable[[Reading], Result], seconds: float) -> Result:
        """Call a function with a connection of its own, in one hop to a thread; it is
        stopped after that time.

        Raises UnavailableError if no connection is free in time.
        """
        reading = Reading(self._kept, self.dialect.snapshot)
        return await self.reading.spend(reading, seconds, _read, work, reading)

    async def run(self, work: Callable[..., Result], *arguments: Any) -> Result:
        """Call a function that uses the database in one of the reading threads."""
        return await self.reading.run(work, *arguments)


def _read(work: Callable[[Reading], Result], reading: Reading) -> Result:
    try:
        return work(reading)
    finally:
        reading.close()


def _is_sqlite(url: sa.URL) -> bool:
    return url.drivername.startswith("sqlite")


def _engine(url: sa.URL, size: int, timeout: float, *, writing: bool) -> sa.Engine:
    engine = sa.create_engine(
        url,
        poolclass=QueuePool,
        pool_size=size,
        max_overflow=0,
        pool_timeout=timeout,
        # A reader finds out with its first statement, and may safely try again.
        pool_pre_ping=writing,
        connect_args={"check_same_thread": False} if _is_sqlite(url) else {},
    )
    if _is_sqlite(url):
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    elif not writing:
        event.listen(engine, "connect", _autocommit)
    return engine


def _prepare_sqlite(connection: Any, _: Any) -> None:
    # Python's sqlite3 would begin transactions by itself, and only for some statements.
    connection.isolation_level = None
    SQLite.prepare(connection)
    cursor = connection.cursor()
    cursor.execute("PRAGMA busy_timeout = 10000")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _begin_sqlite(connection: sa.Connection) -> None:
    driver = connection.connection.driver_connection
    if isinstance(driver, sqlite3.Connection) and driver.in_transaction:
        return  # a hook's connection is that of the transaction it is called in
    if connection.get_execution_options().get(READ_ONLY):
        connection.exec_driver_sql("BEGIN")
        return
    # IMMEDIATE: a writer that began by reading would fail instead of waiting its turn.
    connection.exec_driver_sql(SQLite.transaction)


def _autocommit(connection: Any, _: Any) -> None:
    connection.autocommit = True


def _dialect_of(engine: sa.Engine) -> Dialect:
    if engine.dialect.name == "sqlite":
        return SQLite(engine.dialect)
    with engine.connect() as connection:
        version = connection.connection.driver_connection.server_version  # type: ignore[union-attr]  # psycopg2's
        collations = sa.table("pg_collation", sa.column("collname"))
        known = connection.scalars(sa.select(collations.c.collname)).all()
    return PostgreSQL(engine.dialect, fold_collation(version, known))
