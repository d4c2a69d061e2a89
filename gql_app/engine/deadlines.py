"""Deadlines: what is to happen if something takes too long, which it hardly ever does."""

import asyncio
from collections.abc import Callable
from time import monotonic

from gql_app.engine.loops import Loop, PerLoop, running_loop

TICK = 0.05
"""Seconds: how late a deadline may be noticed."""

_AGAIN = 0.1


def _nothing() -> None:
    pass


class Deadline:
    """A moment, and what is called when it has come, again and again until it is
    cancelled: to stop a statement that is only about to begin has no effect."""

    __slots__ = ("_call", "_due", "_waiting", "over")

    def __init__(
        self, due: float, call: Callable[[], object], waiting: set["Deadline"]
    ) -> None:
        self._due = due
        self._call = call
        self._waiting = waiting
        self.over = False
        """Whether it was called."""
        waiting.add(self)

    def cancel(self) -> None:
        """It is not needed any more, nor is whatever it would have called: which
        often has the deadline, and together they'd be left to the garbage collector."""
        self._waiting.discard(self)
        self._call = _nothing

    def check(self, now: float) -> None:
        """Call it if its time has come."""
        if self._due <= now:
            self._due = now + _AGAIN
            self.over = True
            self._call()


class Deadlines:
    """The deadlines of an event loop, with one timer for all of them: a timer each
    would cost more than what most of them watch."""

    def __init__(self) -> None:
        self._waiting: set[Deadline] = set()
        self._ticking = False

    def start(self, seconds: float, call: Callable[[], object]) -> Deadline:
        """Have it called in so many seconds, or up to a tick later."""
        if not self._ticking:
            self._ticking = True
            running_loop().call_later(TICK, self._tick)
        return Deadline(monotonic() + seconds, call, self._waiting)

    def _tick(self) -> None:
        now = monotonic()
        for deadline in tuple(self._waiting):
            deadline.check(now)
        self._ticking = bool(self._waiting)
        if self._ticking:
            running_loop().call_later(TICK, self._tick)


class TimeLimit:
    """`with TimeLimit(seconds):` raises TimeoutError where the task waits too long for
    something, as `asyncio.timeout` does, to within a tick."""

    __slots__ = ("_before", "_deadline", "_seconds", "_task")

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def __enter__(self) -> None:
        task = asyncio.current_task(running_loop())
        assert task is not None
        self._task = task
        self._before = task.cancelling()
        self._deadline = deadlines().start(self._seconds, task.cancel)

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._deadline.cancel()
        # Somebody else may want the task to end as well.
        ours = self._deadline.over and self._task.uncancel() <= self._before
        if ours and kind is asyncio.CancelledError:
            raise TimeoutError


_all = PerLoop(Deadlines)


def deadlines(loop: Loop | None = None) -> Deadlines:
    """Those of the running event loop; who knows that loop may say it."""
    return _all.here(loop)
