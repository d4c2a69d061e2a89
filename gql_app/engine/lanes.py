"""Lanes: connections for as many operations at a time as there are threads for."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol, TypeVar
from weakref import WeakKeyDictionary

from gql_app.engine.errors import UnavailableError

Returned = TypeVar("Returned")


class Lent(Protocol):
    """What a lane lends: a connection, for one operation."""

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
        self._threads = ThreadPoolExecutor(size, name)
        self._size = size
        self._timeout = timeout
        self._free: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore]
        self._free = WeakKeyDictionary()

    async def enter(self) -> None:
        """Wait for a turn, to be ended with `leave`; UnavailableError if it takes too
        long."""
        free = self._free_here()
        if not free.locked():
            await free.acquire()
            return
        try:
            await asyncio.wait_for(free.acquire(), self._timeout)
        except TimeoutError:
            raise UnavailableError(
                f"No database connection was free for {self._timeout:g} seconds."
            ) from None

    async def leave(self, lent: Lent) -> None:
        """Give the connection back and let the next operation have its turn."""
        try:
            await self.run(lent.close)
        finally:
            self._free_here().release()

    def limit(self, lent: Lent, seconds: float) -> asyncio.TimerHandle:
        """Stop what the operation does after that time, unless the handle is cancelled
        before. The server need not be asked to keep time."""
        loop = asyncio.get_running_loop()
        # Not in a thread of ours: those may all be waiting for what is to be stopped.
        return loop.call_later(seconds, lambda: loop.run_in_executor(None, lent.cancel))

    async def run(self, work: Callable[..., Returned], *arguments: Any) -> Returned:
        """Call a function that uses the database in one of the threads."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, work, *arguments)

    def close(self) -> None:
        """Wait for what runs."""
        self._threads.shutdown()

    def _free_here(self) -> asyncio.Semaphore:
        loop = asyncio.get_running_loop()
        if loop not in self._free:
            self._free[loop] = asyncio.Semaphore(self._size)
        return self._free[loop]
