"""Lanes: connections for as many operations at a time as there are threads for."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any, Protocol, TypeVar
from weakref import WeakKeyDictionary

from gql_app.engine.deadlines import Deadline, TimeLimit, deadlines
from gql_app.engine.errors import UnavailableError
from gql_app.engine.loops import running_loop
from gql_app.engine.workers import After, Workers

Returned = TypeVar("Returned")


class Lent(Protocol):
    """What a lane lends: a connection, for one operation."""

    @property
    def closed(self) -> bool:
        """Whether there is no connection to give back."""

    def close(self) -> None:
        """Give the connection back, whatever state it is in."""

    def cancel(self) -> None:
        """Stop the statement that runs in another thread, if one does."""


class Lane:
    """Threads for `size` operations at a time, each with a connection of its own.

    Operations wait for their turn in the event loop, never in a thread: whoever has a
    connection finds a thread free to go on with it.
    """

    def __init__(self, name: str, size: int, timeout: float) -> None:
        self._workers = Workers(name, size)
        self._timeout = timeout
        self.size = size
        self.busy = 0
        """How many operations have a turn."""
        self.waiting = 0
        """How many wait for one."""
        self._free: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore]
        self._free = WeakKeyDictionary()

    async def enter(self) -> None:
        """Wait for a turn, to be ended with `leave`; UnavailableError if it takes too
        long."""
        free = self._free_here()
        if not free.locked():
            await free.acquire()
        else:
            self.waiting += 1
            try:
                with TimeLimit(self._timeout):
                    await free.acquire()
            except TimeoutError:
                raise UnavailableError(
                    f"No database connection was free for {self._timeout:g} seconds."
                ) from None
            finally:
                self.waiting -= 1
        self.busy += 1

    async def leave(self, lent: Lent) -> None:
        """Give the connection back and let the next operation have its turn."""
        try:
            if not lent.closed:
                await self.run(lent.close)
        finally:
            self.free()

    def free(self) -> None:
        """Let the next operation have its turn: the connection is given back."""
        self.busy -= 1
        self._free_here().release()

    def limit(self, lent: Lent, seconds: float) -> Deadline:
        """Stop what the operation does after that time, unless the deadline is
        cancelled before. The server need not be asked to keep time."""
        # Not in a thread of ours: those may all be waiting for what is to be stopped.
        stop = partial(running_loop().run_in_executor, None, lent.cancel)
        return deadlines().start(seconds, stop)

    async def spend(
        self,
        lent: Lent,
        seconds: float,
        work: Callable[..., Returned],
        *arguments: Any,
    ) -> Returned:
        """A whole turn in one hop: the work, which closes what is lent in the end, and
        is stopped after that time."""
        await self.enter()
        deadline = self.limit(lent, seconds)

        def ended() -> None:
            deadline.cancel()
            self.free()

        return await self.run(work, *arguments, after=ended)

    async def run(
        self, work: Callable[..., Returned], *arguments: Any, after: After | None = None
    ) -> Returned:
        """Call a function that uses the database in one of the threads; `after` is
        called when it has ended, even if the caller was cancelled meanwhile."""
        returned: Returned = await self._workers.call(work, *arguments, after=after)
        return returned

    def close(self) -> None:
        """Wait for what runs."""
        self._workers.close()

    def _free_here(self) -> asyncio.Semaphore:
        loop = running_loop()
        free = self._free.get(loop)
        if free is None:
            free = self._free[loop] = asyncio.Semaphore(self.size)
        return free
