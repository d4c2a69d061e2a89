"""Reading: one operation's connection, in one snapshot, within its budget."""

import sqlite3
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock
from time import perf_counter
from typing import Any, NamedTuple, TypeVar

import psycopg2
import psycopg2.errorcodes
import sqlalchemy as sa
from sqlalchemy.pool import PoolProxiedConnection

from gql_app.engine.errors import (
    BadUserInputError,
    DatabaseTimeoutError,
    LimitExceededError,
    UnavailableError,
)
from gql_app.engine.pooling import Pooled
from gql_app.engine.statements import Row, Statement

DRIVER_ERRORS = (psycopg2.Error, sqlite3.Error)

Made = TypeVar("Made")


class Fetch(NamedTuple):
    """A request for rows; `path` says where in the response they go."""

    path: str
    statement: Statement
    values: Mapping[str, Any]


def driven(
    steps: Generator[Fetch, Sequence[Row], Made],
    rows: Callable[[Fetch], Sequence[Row]],
) -> Made:
    """What the steps make of the rows they ask for."""
    try:
        fetch = next(steps)
        while True:
            fetch = steps.send(rows(fetch))
    except StopIteration as done:
        made: Made = done.value
        return made


@dataclass(slots=True)
class Budget:
    """What an operation may still use; what it used, statement by statement."""

    statements: int
    rows: int
    explaining: bool = False
    path: str = ""
    """Where in the response the next statement's rows go."""
    used: list["Execution"] = field(default_factory=list)

    def spend(self, execution: "Execution") -> None:
        """Note a statement; LimitExceededError if it was one, or a row, too many."""
        execution.path = self.path
        if not self.explaining:
            execution.parameters = None
        self.used.append(execution)
        self.rows -= execution.rows
        if self.rows < 0:
            most = self.rows + sum(one.rows for one in self.used)
            raise LimitExceededError(
                f"The operation reads more than {most} rows{self._here()}.",
                limit="rows",
                maximum=most,
            )

    def check(self) -> None:
        """LimitExceededError if there must not be another statement."""
        if len(self.used) >= self.statements:
            most = self.statements
            raise LimitExceededError(
                f"The operation needs more than {most} statements{self._here()}.",
                limit="statements",
                maximum=most,
            )

    def failure(self, error: Exception) -> Exception:
        """The engine's error for a driver's, saying where time ran out."""
        return translated(error, self._here())

    def _here(self) -> str:
        return f", at {self.path}" if self.path else ""


@dataclass(slots=True)
class Execution:
    """A statement that ran: its SQL, the seconds it took, the rows it gave, and where
    these are in the response; its parameters only while explaining; when it began, by
    `perf_counter`."""

    sql: str
    seconds: float
    rows: int
    parameters: Any = None
    path: str = ""
    started: float = field(kw_only=True)


class Reading:
    """A connection lent to one operation. Threads may take turns with it, not share it.

    It is taken from the pool with the first statement. From then on every statement
    sees the same state of the database, unless it is `single`: one on its own needs no
    transaction.
    """

    def __init__(self, connections: Pooled, snapshot: str) -> None:
        self._connections = connections
        self._snapshot = snapshot
        self._connection: PoolProxiedConnection | None = None
        self._in_snapshot = False
        self._ending = Lock()

    def run(
        self, steps: Generator[Fetch, Sequence[Row], Made], budget: Budget, single: bool
    ) -> Made:
        """What the steps make of the rows they ask for, the connection given back.

        Raises what they and `rows` do.
        """

        def rows(fetch: Fetch) -> list[Row]:
            budget.path = fetch.path
            return self.rows(fetch.statement, fetch.values, budget, single=single)

        try:
            return driven(steps, rows)
        finally:
            self.close()

    def rows(
        self,
        statement: Statement,
        values: Mapping[str, Any],
        budget: Budget,
        *,
        single: bool = False,
    ) -> list[Row]:
        """The rows as the driver gives them.

        Raises LimitExceededError, DatabaseTimeoutError or UnavailableError.
        """
        budget.check()
        try:
            parameters = statement.parameters(values)
            started = perf_counter()
            found = self._execute(statement.sql, parameters, single)
        except (*DRIVER_ERRORS, sa.exc.SQLAlchemyError, OverflowError) as error:
            raise budget.failure(error) from error
        seconds = perf_counter() - started
        execution = Execution(
            statement.sql, seconds, len(found), parameters, started=started
        )
        budget.spend(execution)
        return found

    def explain(self, explain: str, execution: Execution) -> list[str]:
        """What the database says of a statement that ran: the lines of its EXPLAIN."""
        sql = f"{explain} {execution.sql}"
        try:
            rows = self._execute(sql, execution.parameters, single=True)
        except (*DRIVER_ERRORS, sa.exc.SQLAlchemyError) as error:
            raise translated(error) from error
        return [str(row[-1]) for row in rows]

    @property
    def closed(self) -> bool:
        """Whether there is no connection to give back."""
        return self._connection is None

    def close(self) -> None:
        """End the snapshot and give the connection back."""
        with self._ending:
            connection, self._connection = self._connection, None
        if connection is None:
            return
        try:
            if self._in_snapshot:
                connection.cursor().execute("ROLLBACK")
            self._connections.give_back(connection)
        except DRIVER_ERRORS:
            # Whatever was read is read; only the connection is of no more use.
            self._connections.drop(connection)
        self._in_snapshot = False

    def cancel(self) -> None:
        """Stop the statement that runs in another thread, if one does."""
        with self._ending:  # the connection must not be another operation's yet
            connection = self._connection
            driver = None if connection is None else connection.driver_connection
            if isinstance(driver, sqlite3.Connection):
                driver.interrupt()
            elif driver is not None:
                driver.cancel()

    def _execute(self, sql: str, parameters: Any, single: bool) -> list[Row]:
        fresh = self._connection is None
        if self._connection is None:
            self._connection = self._connections.take()
        try:
            return self._fetch(self._connection, sql, parameters, single)
        except DRIVER_ERRORS as error:
            if not fresh or not is_broken(self._connection, error):
                raise
            # The pool kept a connection that the server had closed meanwhile.
            self._connections.drop(self._connection)
            self._in_snapshot = False
            self._connection = self._connections.take()
            return self._fetch(self._connection, sql, parameters, single)

    def _fetch(
        self,
        connection: PoolProxiedConnection,
        sql: str,
        parameters: Any,
        single: bool,
    ) -> list[Row]:
        cursor = connection.cursor()
        if not single and not self._in_snapshot:
            self._in_snapshot = True
            if isinstance(connection.driver_connection, sqlite3.Connection):
                cursor.execute(self._snapshot)
            else:
                sql = f"{self._snapshot}; {sql}"  # one round trip for both
        cursor.execute(sql, parameters)
        found = list(cursor.fetchall())
        cursor.close()
        return found


def has_hung_up(error: Exception) -> bool:
    """Whether the server has, which it may do before the connection knows: only then
    an error is of no kind and has no code."""
    return type(error) is psycopg2.DatabaseError and error.pgcode is None


def is_broken(connection: PoolProxiedConnection, error: Exception) -> bool:
    if has_hung_up(error) or not connection.is_valid:
        return True
    return bool(getattr(connection.driver_connection, "closed", 0))


def translated(error: Exception, here: str = "") -> Exception:
    """The engine's error for a driver's; the error itself if it is a defect of ours."""
    code = getattr(error, "pgcode", None)
    if code == psycopg2.errorcodes.QUERY_CANCELED or str(error) == "interrupted":
        return DatabaseTimeoutError(
            f"The operation took too long in the database{here}."
        )
    if isinstance(error, OverflowError):  # where the driver's types end
        return BadUserInputError("A value is out of the range of its column.")
    locked = isinstance(error, sqlite3.OperationalError) and "locked" in str(error)
    if locked or isinstance(error, _UNAVAILABLE) or has_hung_up(error):
        return UnavailableError("The database is not available.")
    return error


_UNAVAILABLE = (
    psycopg2.OperationalError,
    psycopg2.InterfaceError,
    sa.exc.OperationalError,
    sa.exc.TimeoutError,
)
