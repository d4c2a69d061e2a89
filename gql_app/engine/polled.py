"""Polled: one operation's reading from PostgreSQL, on the event loop."""

import asyncio
from collections.abc import Callable, Generator, Sequence
from time import perf_counter
from typing import Any, TypeVar

import psycopg2

from gql_app.engine.deadlines import Deadline, deadlines
from gql_app.engine.loops import running_loop
from gql_app.engine.polling import Connection, Connections, Cursor
from gql_app.engine.reading import Budget, Execution, Fetch
from gql_app.engine.statements import Row, Statement

Made = TypeVar("Made")


class StaleConnectionError(Exception):
    """A connection has become useless in the middle of an operation."""


class PolledReading:
    """One operation's connection, as `Reading` is for threads."""

    def __init__(self, connections: Connections, snapshot: str) -> None:
        self._connections = connections
        self._snapshot = snapshot
        self._connection: Connection | None = None
        self._in_snapshot = False
        self._loop = running_loop()
        self._deadline: Deadline | None = None
        self._spoiled = False

    async def run(
        self, steps: Generator[Fetch, Sequence[Row], Made], budget: Budget, single: bool
    ) -> Made:
        """What the steps make of the rows they ask for. Raises what `Reading.rows`
        and the steps do."""
        try:
            fetch = next(steps)
            while True:
                fetch = steps.send(await self._rows(fetch, budget, single))
        except StopIteration as done:
            made: Made = done.value
            return made

    def limit(self, seconds: float) -> None:
        """Stop what runs after that time."""
        self._deadline = deadlines().start(seconds, self._stop)

    def close(self, after: Callable[[], None]) -> None:
        """End the snapshot and give the connection back; then call the function. The
        response need not wait for it."""
        if self._deadline is not None:
            self._deadline.cancel()
        connection, self._connection = self._connection, None
        if connection is None:
            after()
        elif self._spoiled or connection.busy:
            # A late cancellation would hit whoever had the connection next.
            self._connections.abort(connection)
            after()
        elif self._in_snapshot:
            self._end(connection, after)
        else:
            self._connections.give_back(connection, self._loop)
            after()

    def _end(self, connection: Connection, after: Callable[[], None]) -> None:
        def ended(answer: asyncio.Future[Cursor]) -> None:
            if answer.cancelled() or answer.exception() is not None:
                self._connections.drop(connection)
            else:
                self._connections.give_back(connection, self._loop)
            after()

        try:
            answer = connection.send("ROLLBACK")
        except psycopg2.Error:
            # Whatever was read is read; only the connection is of no more use.
            self._connections.drop(connection)
            after()
        else:
            answer.add_done_callback(ended)

    def _stop(self) -> None:
        self._spoiled = True
        if self._connection is not None:
            self._connection.cancel()

    async def _rows(self, fetch: Fetch, budget: Budget, single: bool) -> list[Row]:
        budget.path = fetch.path
        budget.check()
        statement = fetch.statement
        parameters = statement.parameters(fetch.values)
        started = perf_counter()
        try:
            found = await self._found(statement, parameters, single)
        except psycopg2.Error as error:
            raise budget.failure(error) from error
        seconds = perf_counter() - started
        execution = Execution(
            statement.sql, seconds, len(found), parameters, started=started
        )
        budget.spend(execution)
        return found

    async def _found(
        self, statement: Statement, parameters: Any, single: bool
    ) -> list[Row]:
        """The rows. The first statement is tried once more on a new connection if the
        one that waited was of no use any more."""
        connections, loop = self._connections, self._loop
        connection, waited = self._connection, False
        if connection is None:
            connection = connections.waiting(loop)
            waited = connection is not None
        if connection is None:
            connection = await connections.open(loop)
        self._connection = connection
        try:
            return await self._execute(connection, statement, parameters, single)
        except psycopg2.Error as error:
            if connections.is_stale(connection, error):
                self._spoiled = True
                if not waited:
                    raise StaleConnectionError from error
            else:
                raise
        # What made this one useless has probably happened to the others, too.
        connections.drop(connection)
        connections.drop_waiting(loop)
        self._in_snapshot, self._spoiled, self._connection = False, False, None
        self._connection = connection = await connections.open(loop)
        return await self._execute(connection, statement, parameters, single)

    async def _execute(
        self,
        connection: Connection,
        statement: Statement,
        parameters: Any,
        single: bool,
    ) -> list[Row]:
        sql = statement.sql
        if self._connections.preparing.applies(statement):
            prepared = self._connections.prepared
            sql = await prepared(connection, statement, parameters)
        if not single and not self._in_snapshot:
            self._in_snapshot = True
            sql = f"{self._snapshot}; {sql}"  # one round trip for both
        cursor = await connection.send(sql, parameters)
        rows: list[Row] = cursor.fetchall()
        return rows
