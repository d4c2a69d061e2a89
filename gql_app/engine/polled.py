"""Polled: one operation's reading from PostgreSQL, on the event loop."""

import asyncio
from collections.abc import Generator, Sequence
from time import perf_counter
from typing import Generic, TypeVar

import psycopg2

from gql_app.engine.deadlines import Deadline, deadlines
from gql_app.engine.errors import UnavailableError
from gql_app.engine.lanes import Lane
from gql_app.engine.loops import running_loop
from gql_app.engine.polling import Connection, Connections, Cursor
from gql_app.engine.preparing import prepared
from gql_app.engine.reading import Budget, Execution, Fetch
from gql_app.engine.statements import Row

Made = TypeVar("Made")


class StaleConnectionError(Exception):
    """A connection has become useless in the middle of an operation."""


class PolledReading(Generic[Made]):
    """One operation's reading, as `Reading` is for threads.

    Its connection drives it: with each answer the steps go on, and what they ask for
    next is sent at once. Only when all is done, the task that waits is woken.
    """

    __slots__ = (
        "_budget",
        "_connection",
        "_connections",
        "_deadline",
        "_in_snapshot",
        "_kept",
        "_lane",
        "_loop",
        "_made",
        "_parameters",
        "_preparation",
        "_seconds",
        "_single",
        "_snapshot",
        "_spoiled",
        "_started",
        "_statement",
        "_steps",
    )

    def __init__(
        self,
        connections: Connections,
        lane: Lane,
        snapshot: str,
        steps: Generator[Fetch, Sequence[Row], Made],
        budget: Budget,
    ) -> None:
        self._connections = connections
        self._lane = lane
        self._snapshot = snapshot
        self._steps = steps
        self._budget = budget
        self._loop = running_loop()
        self._made: asyncio.Future[Made] = self._loop.create_future()
        self._deadline: Deadline | None = None
        self._connection: Connection | None = None
        self._kept = False
        """Whether the connection has waited for work, and done none since."""
        self._preparation: asyncio.Task[None] | None = None
        self._in_snapshot = False
        self._spoiled = False

    async def run(self, seconds: float, *, single: bool) -> Made:
        """What the steps make of the rows they ask for; they are stopped after that
        time. Raises what `Lane.enter`, `Reading.rows` and the steps do."""
        self._seconds, self._single = seconds, single
        wait = None
        if self._lane.take(self._loop):
            self._begin()
        else:
            wait = self._lane.wait(self._begin, self._refuse)
        try:
            return await self._made
        except asyncio.CancelledError:
            if wait is not None:
                wait.leave()
            if self._made.cancelled() and self._deadline is not None:
                self._abandon()
            raise

    # Once the task is cancelled, nothing but `_abandon` ends what has begun.

    def _begin(self) -> None:
        if self._made.cancelled():
            self._lane.free(self._loop)
            return
        self._deadline = deadlines(self._loop).start(self._seconds, self._stop)
        self._go_on(None)

    def _refuse(self, error: UnavailableError) -> None:
        if not self._made.cancelled():
            self._made.set_exception(error)

    def _go_on(self, cursor: Cursor | None) -> None:
        """Give the steps their rows, and send what they ask for next, as long as the
        answers come at once."""
        steps = self._steps
        try:
            fetch = next(steps) if cursor is None else steps.send(self._rows(cursor))
            while (answer := self._ask(fetch)) is not None:
                fetch = steps.send(self._rows(answer))
        except StopIteration as done:
            self._close()
            self._made.set_result(done.value)
        except Exception as error:  # noqa: BLE001  # the task that waits will raise it
            self._fail(error)

    def _rows(self, cursor: Cursor) -> list[Row]:
        self._kept = False
        rows: list[Row] = cursor.fetchall()
        seconds = perf_counter() - self._started
        self._budget.spend(
            Execution(
                self._statement.sql,
                seconds,
                len(rows),
                self._parameters,
                started=self._started,
            )
        )
        return rows

    def _ask(self, fetch: Fetch) -> Cursor | None:
        """The answer if it comes at once; otherwise it will be received."""
        self._budget.path, self._statement, values = fetch
        self._budget.check()
        self._parameters = self._statement.parameters(values)
        self._started = perf_counter()
        connection = self._connection
        if connection is None:
            connection = self._connections.waiting(self._loop)
            self._connection, self._kept = connection, connection is not None
        return self._send(connection)

    def _send(self, connection: Connection | None) -> Cursor | None:
        sql = None if connection is None else self._text(connection)
        if connection is None or sql is None:
            self._preparation = self._loop.create_task(self._prepare())
            return None
        if not self._single and not self._in_snapshot:
            self._in_snapshot = True
            sql = f"{self._snapshot}; {sql}"  # one round trip for both
        try:
            return connection.send(sql, self._parameters, self._received)
        except psycopg2.Error as error:
            self._received(None, error)
            return None

    def _text(self, connection: Connection) -> str | None:
        """What to send; None if the statement must be prepared before."""
        statement = self._statement
        if not self._connections.preparing.applies(statement):
            return statement.sql
        execute = prepared(statement, self._parameters).execute
        return execute if execute in connection.prepared else None

    async def _prepare(self) -> None:
        """Open a connection, or have it prepare the statement; then send that."""
        try:
            if self._connection is None:
                self._connection = await self._connections.open(self._loop)
            else:
                what = (self._connection, self._statement, self._parameters)
                await self._connections.prepare(*what)
            answer = self._send(self._connection)
        except psycopg2.Error as error:
            self._received(None, error)
        except Exception as error:  # noqa: BLE001  # as in `_go_on`
            self._fail(error)
        else:
            if answer is not None:
                self._received(answer, None)

    def _received(self, cursor: Cursor | None, error: psycopg2.Error | None) -> None:
        connections, connection = self._connections, self._connection
        if self._made.cancelled():
            return
        if error is None:
            self._go_on(cursor)
        elif connection is None or not connections.is_stale(connection, error):
            self._fail(error)
        elif not self._kept:
            self._spoiled = True
            self._fail(StaleConnectionError(str(error)))
        else:
            # What made this one useless has probably happened to the others, too: the
            # statement is tried once more, on a new one.
            connections.drop(connection)
            connections.drop_waiting(self._loop)
            self._connection, self._kept, self._in_snapshot = None, False, False
            self._preparation = self._loop.create_task(self._prepare())

    def _fail(self, error: Exception) -> None:
        if self._made.cancelled():
            return
        self._close()
        if isinstance(error, psycopg2.Error):
            failure = self._budget.failure(error)
            failure.__cause__ = None if failure is error else error
            error = failure
        self._made.set_exception(error)

    def _stop(self) -> None:
        self._spoiled = True
        if self._connection is not None:
            self._connection.cancel()

    def _abandon(self) -> None:
        """Nobody waits any more."""
        if self._preparation is not None:
            self._preparation.cancel()
        self._close()

    def _close(self) -> None:
        """End the snapshot, give the connection back, and the turn after it. The
        response need not wait for that."""
        if self._deadline is not None:
            self._deadline.cancel()
        connection, self._connection = self._connection, None
        if connection is None:
            self._lane.free(self._loop)
        elif self._spoiled or connection.busy:
            # A late cancellation would hit whoever had the connection next.
            self._connections.abort(connection)
            self._lane.free(self._loop)
        elif self._in_snapshot:
            self._end_snapshot(connection)
        else:
            self._connections.give_back(connection, self._loop)
            self._lane.free(self._loop)

    def _end_snapshot(self, connection: Connection) -> None:
        def ended(_: Cursor | None, error: psycopg2.Error | None) -> None:
            if error is None:
                self._connections.give_back(connection, self._loop)
            else:
                # Whatever was read is read; only the connection is of no more use.
                self._connections.drop(connection)
            self._lane.free(self._loop)

        try:
            cursor = connection.send("ROLLBACK", None, ended)
        except psycopg2.Error as error:
            ended(None, error)
        else:
            if cursor is not None:
                ended(cursor, None)
