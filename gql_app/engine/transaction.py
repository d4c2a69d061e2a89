"""Transaction: one mutation operation's connection, all of it or nothing."""

import sqlite3
from collections.abc import Mapping, Sequence
from threading import Lock
from time import perf_counter
from typing import Any

import psycopg2
import psycopg2.errorcodes
import sqlalchemy as sa
from sqlalchemy.pool import PoolProxiedConnection

from gql_app.engine.errors import BadUserInputError, TransientError, UnavailableError
from gql_app.engine.pooling import Pooled
from gql_app.engine.preparing import MOST_PREPARED, Preparing, prepared
from gql_app.engine.reading import (
    DRIVER_ERRORS,
    Budget,
    Execution,
    is_broken,
    translated,
)
from gql_app.engine.statements import Row, Statement

_AGAIN = (
    psycopg2.errorcodes.SERIALIZATION_FAILURE,
    psycopg2.errorcodes.DEADLOCK_DETECTED,
)
# Values that a column can't hold: sqlite3 raises some of them as Python's own errors.
_DATA_ERRORS = (psycopg2.DataError, sqlite3.DataError, OverflowError)


class ConstraintError(Exception):
    """A constraint of the database was violated; the driver's error says which one."""

    def __init__(self, driver_error: Exception) -> None:
        super().__init__(str(driver_error))
        self.driver_error = driver_error


class Transaction:
    """A connection lent to one mutation operation, which begins with its first
    statement. Threads may take turns with it, not share it.

    Whatever isn't committed is rolled back when it is closed.
    """

    def __init__(self, connections: Pooled, begin: str, preparing: Preparing) -> None:
        self._connections = connections
        self._begin = begin
        self._preparing = preparing
        self._spoiled = False
        self._lent: PoolProxiedConnection | None = None
        self._open = False
        self._ending = Lock()

    def rows(
        self, statement: Statement, values: Mapping[str, Any], budget: Budget
    ) -> Sequence[Row]:
        """The rows (of a SELECT, or that RETURNING gives) as the driver has them.

        Raises ConstraintError, BadUserInputError for a value that can't be stored,
        TransientError if the operation should begin again, and what `Reading.rows` does.
        """
        budget.check()
        started = perf_counter()
        try:
            parameters = statement.parameters(values)
            found = self._execute(statement, parameters)
        except (*DRIVER_ERRORS, sa.exc.SQLAlchemyError, OverflowError) as error:
            if self._preparing.applies(statement) and self._preparing.learn(error):
                statement.refused = True
                self._spoiled = True
                raise TransientError("What was prepared is of no use.") from error
            raise self.failure(error) from error
        seconds = perf_counter() - started
        budget.spend(Execution(statement.sql, seconds, len(found), started=started))
        return found

    @property
    def connection(self) -> sa.Connection:
        """The same connection as SQLAlchemy's, for hooks."""
        lent = self._begun()
        return sa.Connection(self._connections.engine, connection=lent)

    def commit(self) -> None:
        """Keep what was written, if anything was done at all.

        Raises ConstraintError for a deferred constraint, TransientError if nothing was
        kept, and UnavailableError if it can't be known.
        """
        if self._lent is None or not self._open:
            return
        try:
            cursor = self._lent.cursor()
            cursor.execute("COMMIT")
        except DRIVER_ERRORS as error:
            if is_broken(self._lent, error):
                raise UnavailableError(
                    "The connection broke while the changes were being saved: whether "
                    "they were is not known."
                ) from error
            raise self.failure(error) from error
        self._open = False
        # PostgreSQL answers the COMMIT of a failed transaction with a ROLLBACK.
        if getattr(cursor, "statusmessage", "COMMIT") != "COMMIT":
            raise RuntimeError("A failed statement was passed over; nothing was saved.")

    def finish(self) -> None:
        """Commit, and give the connection back. Raises what `commit` does."""
        self.commit()
        self.close()

    @property
    def closed(self) -> bool:
        """Whether there is no connection to give back."""
        return self._lent is None

    def close(self) -> None:
        """Roll back what isn't committed, and give the connection back."""
        with self._ending:
            lent, self._lent = self._lent, None
        if lent is None:
            return
        try:
            if self._open and lent.is_valid:
                lent.cursor().execute("ROLLBACK")
        except DRIVER_ERRORS:
            # The server has rolled back already; the connection is of no more use.
            self._spoiled = True
        if self._spoiled or not lent.is_valid:
            self._connections.drop(lent)
        else:
            self._connections.give_back(lent)
        self._open = False

    def cancel(self) -> None:
        """Stop the statement that runs in another thread, if one does."""
        with self._ending:  # the connection must not be another operation's yet
            driver = None if self._lent is None else self._lent.driver_connection
            if isinstance(driver, sqlite3.Connection):
                driver.interrupt()
            elif driver is not None:
                driver.cancel()

    def _execute(self, statement: Statement, parameters: Any) -> Sequence[Row]:
        if self._lent is None:
            self._lent = self._connections.take()
        sql = statement.sql
        if self._preparing.applies(statement):
            sql = self._prepared(self._lent, statement, parameters)
        if self._open or isinstance(self._lent.driver_connection, sqlite3.Connection):
            return _fetched(self._begun(), sql, parameters)
        # One round trip for both.
        self._open = True
        return _fetched(self._lent, f"{self._begin}; {sql}", parameters)

    def _prepared(
        self, lent: PoolProxiedConnection, statement: Statement, parameters: Any
    ) -> str:
        """What executes the statement, which is prepared if it isn't yet."""
        known: set[str] = lent.info.setdefault("gql_prepared", set())
        prepare, execute = prepared(statement, parameters)
        if execute not in known:
            if len(known) >= MOST_PREPARED:
                _fetched(lent, "DEALLOCATE ALL", None)
                known.clear()
            statement.refused = True  # unless it works
            try:
                _fetched(lent, prepare, parameters)
            except psycopg2.Error as error:
                self._preparing.learn(error)
                # Where it stands in a transaction, that has failed.
                raise TransientError("A statement can't be prepared.") from error
            statement.refused = False
            known.add(execute)
        return execute

    def _begun(self) -> PoolProxiedConnection:
        if self._lent is None:
            self._lent = self._connections.take()
        if not self._open:
            self._lent.cursor().execute(self._begin)
            self._open = True
        return self._lent

    def failure(self, error: Exception) -> Exception:
        """The engine's error for a driver's; the error itself if it is a defect of
        ours."""
        if isinstance(error, psycopg2.IntegrityError | sqlite3.IntegrityError):
            return ConstraintError(error)
        if isinstance(error, _DATA_ERRORS):
            return BadUserInputError("A value is out of the range of its column.")
        if self._lent is not None and is_broken(self._lent, error):
            # Nothing was committed. Other idle connections are likely to be dead, too.
            self._connections.engine.dispose()
            return TransientError("The connection to the database broke.")
        if getattr(error, "pgcode", None) in _AGAIN or _is_busy(error):
            return TransientError("Other operations were changing the same rows.")
        return translated(error)


def _fetched(
    connection: PoolProxiedConnection, sql: str, parameters: Any
) -> Sequence[Row]:
    cursor = connection.cursor()
    cursor.execute(sql, parameters)
    found: Sequence[Row] = cursor.fetchall() if cursor.description else ()
    cursor.close()
    return found


def _is_busy(error: Exception) -> bool:
    code = getattr(error, "sqlite_errorcode", None)
    # The lower byte is the primary code; the rest says more about it.
    busy = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
    return code is not None and code & 0xFF in busy
