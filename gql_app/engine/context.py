"""Context: what lives as long as one operation."""

import asyncio
from collections.abc import Callable, Coroutine, Hashable, Mapping, Sequence
from typing import Any, TypeVar

import sqlalchemy as sa
from aiodataloader import DataLoader

from gql_app.engine.access import Scope
from gql_app.engine.database import Database
from gql_app.engine.deadlines import Deadline
from gql_app.engine.errors import UnavailableError
from gql_app.engine.limits import Limits
from gql_app.engine.pages import PageParser
from gql_app.engine.policy import Viewer
from gql_app.engine.reading import Budget, Reading
from gql_app.engine.statements import Row, Statement, Statements

Returned = TypeVar("Returned")
Load = Callable[[list[Any]], Coroutine[Any, Any, list[Any]]]


class Context:
    """The viewer, one connection in one snapshot, and the loaders of one operation.

    `close` it when the operation ends. Statements run one at a time, in a reading
    thread; loaders are kept under the key they are asked for with.
    """

    def __init__(
        self,
        database: Database,
        statements: Statements,
        pages: PageParser,
        viewer: Viewer,
        budget: Budget,
    ) -> None:
        self.viewer = viewer
        self.pages = pages
        self.scope = Scope(database.dialect, viewer.role)
        limits: Limits = pages.limits
        self.budget = budget
        self._database = database
        self._lane = database.reading
        self._statements = statements
        self._seconds = limits.milliseconds / 1000
        self._reading: Reading | None = None
        self._deadline: Deadline | None = None
        self._turn = asyncio.Lock()
        self._ended = False
        self._loaders: dict[Hashable, DataLoader[Any, Any]] = {}

    def loader(self, key: Hashable, load: Load) -> DataLoader[Any, Any]:
        """The loader with that key; `load` is how to make it on first use."""
        if key not in self._loaders:
            self._loaders[key] = DataLoader(load)
        return self._loaders[key]

    async def fetch(
        self,
        build: Callable[..., sa.Select[Any]],
        *arguments: Hashable,
        values: Mapping[str, Any],
    ) -> list[Row]:
        """The rows of the statement that `build` makes of the arguments and the scope.

        Raises what `Reading.rows` does.
        """
        statement = self._statements.get(build, *arguments, self.scope)
        parameters = {**self.viewer.parameters(), **values}
        # For want of a path, the first argument tells what is read.
        title = getattr(arguments[0], "title", "")
        return await self._run(self._read, title, statement, parameters)

    async def fetch_keyed(
        self,
        build: Callable[..., sa.Select[Any]],
        *arguments: Hashable,
        keys: Sequence[tuple[Any, ...]],
        values: Mapping[str, Any] | None = None,
    ) -> dict[tuple[Any, ...], list[Row]]:
        """As `fetch`, for a statement whose rows begin with the key they belong to:
        the rest of the rows by key."""
        width = len(keys[0])
        parameters = {**(values or {}), **self.scope.dialect.key_parameters(keys)}
        grouped: dict[tuple[Any, ...], list[Row]] = {}
        for row in await self.fetch(build, *arguments, values=parameters):
            grouped.setdefault(row[:width], []).append(row[width:])
        return grouped

    async def close(self) -> None:
        """End what has begun and free the connection, as soon as no thread uses it any
        more; even if whoever waits for that is cancelled.

        An error can end an operation while loaders still wait for their turn.
        """
        self._ended = True
        await asyncio.shield(asyncio.ensure_future(self._close()))

    async def _close(self) -> None:
        async with self._turn:
            if self._reading is not None:
                reading, self._reading = self._reading, None
                if self._deadline is not None:
                    self._deadline.cancel()
                await self._lane.leave(reading)

    async def _run(self, work: Callable[..., Returned], *arguments: Any) -> Returned:
        """Call a function that uses the connection, in a thread. The thread has the turn
        until it is done, even if the caller is cancelled meanwhile."""
        await self._turn.acquire()
        try:
            await self._begin()
        except BaseException:
            self._turn.release()
            raise
        return await self._lane.run(work, *arguments, after=self._turn.release)

    async def _begin(self) -> None:
        self._check_open()
        if self._reading is None:
            self._reading = await self._database.lend()
            self._deadline = self._lane.limit(self._reading, self._seconds)

    def _check_open(self) -> None:
        """Raises for whoever comes after `close`, and would never give back what it is
        lent; nobody waits for its answer any more."""
        if self._ended:
            raise UnavailableError("The operation has ended.")

    def _read(
        self, title: str, statement: Statement, parameters: Mapping[str, Any]
    ) -> list[Row]:
        assert self._reading is not None
        self.budget.path = title
        rows = self._reading.rows(statement, parameters, self.budget)
        return [statement.read(row) for row in rows]
