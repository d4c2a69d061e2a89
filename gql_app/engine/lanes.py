"""Lanes: connections for as many operations at a time as there are threads for."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any, Protocol, TypeVar

from gql_app.engine.deadlines import Deadline, deadlines
from gql_app.engine.errors import UnavailableError
from gql_app.engine.loops import Loop, PerLoop, running_loop
from gql_app.engine.turns import Begin, Turns
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
        self.size = size
        self.timeout = timeout
        """Seconds that an operation waits for its turn."""
        self.busy = 0
        """How many operations have a turn."""
        self.waiting = 0
        """How many wait for one."""
        self._turns = PerLoop(lambda: Turns(size))

    def take(self, loop: Loop | None = None) -> bool:
        """Take a turn if one is free; it is ended with `free` or `leave`."""
        free = self._turns.here(loop).take()
        self.busy += free
        return free

    async def enter(self) -> None:
        """Wait for a turn, to be ended with `free` or `leave`; UnavailableError if it
        takes too long."""
        if self.take():
            return
        turn = running_loop().create_future()

        def begin() -> None:
            if turn.done():
                self.free()
            else:
                turn.set_result(None)

        def refuse(error: UnavailableError) -> None:
            if not turn.done():
                turn.set_exception(error)

        wait = self.wait(begin, refuse)
        try:
            await turn
        except asyncio.CancelledError:
            wait.leave()
            if not turn.cancelled() and turn.exception() is None:
                self.free()  # it began just when nobody wanted it any more
            raise

    def wait(self, begin: Begin, refuse: Callable[[UnavailableError], None]) -> "Wait":
        """Take a turn when one is free, and call `begin` then; or `refuse`, if it takes
        too long. To be called if `take` gave none."""
        return Wait(self, self._turns.here(), begin, refuse)

    async def leave(self, lent: Lent) -> None:
        """Give the connection back and let the next operation have its turn."""
        try:
            if not lent.closed:
                await self.run(lent.close)
        finally:
            self.free()

    def free(self, loop: Loop | None = None) -> None:
        """Let the next operation have its turn: the connection is given back."""
        self.busy -= 1
        self._turns.here(loop).give_back()

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


class Wait:
    """Somebody's wait for a turn in a lane."""

    __slots__ = ("_begin", "_deadline", "_lane", "_left", "_refuse", "_turns")

    def __init__(
        self,
        lane: Lane,
        turns: Turns,
        begin: Begin,
        refuse: Callable[[UnavailableError], None],
    ) -> None:
        self._lane = lane
        self._turns = turns
        self._begin = begin
        self._refuse = refuse
        self._left = False
        self._deadline = deadlines().start(lane.timeout, self._give_up)
        turns.wait(self._begins)
        lane.waiting += 1

    def leave(self) -> None:
        """Want no turn any more."""
        self._left = True
        if self._turns.leave(self._begins):
            self._end()

    def _begins(self) -> None:
        self._end()
        self._lane.busy += 1
        if self._left:
            self._lane.free()
        else:
            self._begin()

    def _give_up(self) -> None:
        if self._turns.leave(self._begins):
            self._end()
            seconds = self._lane.timeout
            text = f"No database connection was free for {seconds:g} seconds."
            self._refuse(UnavailableError(text))

    def _end(self) -> None:
        self._deadline.cancel()
        self._lane.waiting -= 1
