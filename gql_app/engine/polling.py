"""Polling: reading from PostgreSQL on the event loop, without threads.

psycopg2 has an asynchronous mode: it sends without waiting, and is polled whenever the
socket is ready. For small results, the way to a thread and back would cost more than
what is done there.
"""

from collections.abc import Callable
from contextlib import suppress
from select import select
from time import monotonic
from typing import Any

import psycopg2
import sqlalchemy as sa
from psycopg2 import extensions, extras

from gql_app.engine.errors import UnavailableError
from gql_app.engine.loops import Loop
from gql_app.engine.preparing import MOST_PREPARED, Preparing, prepared
from gql_app.engine.reading import has_hung_up
from gql_app.engine.statements import Statement

Cursor = Any  # psycopg2 has no types for asynchronous use
Then = Callable[[Cursor | None, psycopg2.Error | None], None]
"""What is done with an answer: a cursor to fetch rows from, or what went wrong."""


class Connection:
    """A connection that an event loop polls; it runs one statement at a time."""

    def __init__(self, driver: Any, loop: Loop) -> None:
        self.prepared: set[str] = set()
        """What executes the statements that it has prepared."""
        self._driver = driver
        self._loop = loop
        self._file: int = driver.fileno()
        self._writing = False
        self._cursor: Cursor = driver.cursor()
        self._then: Then | None = None
        self._loop.add_reader(self._file, self._poll)

    @property
    def closed(self) -> bool:
        """Whether the server has hung up."""
        return bool(self._driver.closed)

    @property
    def abandoned(self) -> bool:
        """Whether its event loop has ended."""
        return self._loop.is_closed()

    def send(self, sql: str, parameters: Any, then: Then) -> Cursor | None:
        """Have the statement run. The cursor if it has run at once; otherwise `then` is
        called when it has. Raises psycopg2.Error."""
        self._cursor.execute(sql, parameters)
        self._then = then
        return self._answer()  # what the socket didn't take must be sent on, too

    async def run(self, sql: str, parameters: Any = None) -> None:
        """Wait until the statement has run. Raises psycopg2.Error."""
        ran = self._loop.create_future()

        def then(_: Cursor | None, error: psycopg2.Error | None) -> None:
            if ran.cancelled():
                return
            if error is None:
                ran.set_result(None)
            else:
                ran.set_exception(error)

        if self.send(sql, parameters, then) is None:
            await ran

    @property
    def busy(self) -> bool:
        """Whether a statement runs."""
        return self._then is not None

    def close(self) -> None:
        """Hang up."""
        self._leave()
        self._driver.close()

    def cancel(self) -> None:
        """Ask the server, in a thread, to stop what the connection does."""
        self._loop.run_in_executor(None, _cancel, self._driver)

    def abort(self) -> None:
        """Have the server stop what the connection does, in a thread, and hang up."""
        self._leave()
        self._loop.run_in_executor(None, _abort, self._driver)

    def _leave(self) -> None:
        if not self.abandoned:
            self._loop.remove_reader(self._file)
            self._loop.remove_writer(self._file)

    def _poll(self) -> None:
        then = self._then
        try:
            cursor, error = self._answer(), None
        except psycopg2.Error as failed:
            cursor, error = None, failed
        if then is not None and self._then is None:
            then(cursor, error)

    def _answer(self) -> Cursor | None:
        """The cursor if the statement has run. Raises psycopg2.Error."""
        try:
            state = self._driver.poll()
        except psycopg2.Error:
            self._then = None
            if self._driver.closed:
                self._leave()
            raise
        if (state == extensions.POLL_WRITE) is not self._writing:
            self._await_room()
        if state != extensions.POLL_OK:
            return None
        self._then = None
        return self._cursor

    def _await_room(self) -> None:
        self._writing = not self._writing
        if self._writing:
            self._loop.add_writer(self._file, self._poll)
        else:
            self._loop.remove_writer(self._file)


def _cancel(driver: Any) -> None:
    with suppress(psycopg2.Error):  # it may have ended meanwhile
        driver.cancel()


def _abort(driver: Any) -> None:
    _cancel(driver)
    driver.close()


class Connections:
    """Connections that wait for work, by event loop. How many there are is up to those
    who take them.

    With `preparing`, PostgreSQL plans each statement once for a connection.
    """

    def __init__(self, url: sa.URL, *, timeout: float, preparing: Preparing) -> None:
        arguments, options = url.get_dialect()().create_connect_args(url)
        self.preparing = preparing
        self._timeout = timeout
        self._arguments = arguments
        self._options = options
        self._idle: dict[Loop, list[Connection]] = {}
        self._open: set[Connection] = set()

    def waiting(self, loop: Loop) -> Connection | None:
        """One that waits, if there is any."""
        idle = self._idle.get(loop)
        return idle.pop() if idle else None

    async def open(self, loop: Loop) -> Connection:
        """A new one. Raises psycopg2.Error, or UnavailableError if it takes too long."""
        for left in [one for one in self._open if one.abandoned]:
            self.drop(left)
        for ended in [one for one in self._idle if one.is_closed()]:
            del self._idle[ended]
        # To resolve names and to agree on keys takes time.
        driver = await loop.run_in_executor(None, self._opened)
        connection = Connection(driver, loop)
        self._open.add(connection)
        return connection

    def give_back(self, connection: Connection, loop: Loop) -> None:
        """It has done its work."""
        self._idle.setdefault(loop, []).append(connection)

    def drop(self, connection: Connection) -> None:
        """Get rid of one that is of no more use."""
        self._open.discard(connection)
        connection.close()

    def abort(self, connection: Connection) -> None:
        """Get rid of one that may still be at work."""
        self._open.discard(connection)
        connection.abort()

    def drop_waiting(self, loop: Loop) -> None:
        """Get rid of those that wait."""
        for connection in self._idle.pop(loop, []):
            self.drop(connection)

    def close(self) -> None:
        """Hang up on all of them."""
        self._idle.clear()
        while self._open:
            self._open.pop().close()

    async def prepare(
        self, connection: Connection, statement: Statement, parameters: Any
    ) -> None:
        """Have the connection prepare the statement. Raises psycopg2.Error."""
        prepare, execute = prepared(statement, parameters)
        if len(connection.prepared) >= MOST_PREPARED:
            await connection.run("DEALLOCATE ALL")
            connection.prepared.clear()
        statement.refused = True  # unless it works
        await connection.run(prepare, parameters)
        statement.refused = False
        connection.prepared.add(execute)

    def is_stale(self, connection: Connection, error: psycopg2.Error) -> bool:
        """Whether the error only says that the connection is of no use any more: it is
        closed, or what was prepared is lost, or a table has changed since."""
        return self.preparing.learn(error) or connection.closed or has_hung_up(error)

    def _opened(self) -> Any:
        """A new connection of the driver's."""
        driver: Any = psycopg2.connect(*self._arguments, **self._options, async_=True)
        until = monotonic() + self._timeout
        while (state := driver.poll()) != extensions.POLL_OK:
            reading = [driver] if state == extensions.POLL_READ else []
            writing = [driver] if state == extensions.POLL_WRITE else []
            left = max(0.0, until - monotonic())
            if not any(select(reading, writing, [], left)):
                driver.close()
                raise UnavailableError("The database did not answer in time.")
        extras.register_uuid(None, driver)  # type: ignore[no-untyped-call]  # theirs
        return driver
