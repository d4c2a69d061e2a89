"""Loops: the running event loop, without asking the operating system, and what each loop
has of its own.

Up to Python 3.11, `asyncio.get_running_loop` makes sure by a system call that the process
was not forked: once is nothing, but a small operation would ask a dozen times.
"""

import asyncio
from collections.abc import Callable
from threading import local
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

Kept = TypeVar("Kept")
Loop = asyncio.AbstractEventLoop

_here = local()


def running_loop() -> Loop:
    """As `asyncio.get_running_loop`. Of the loops that a thread has had, only the one
    that it runs is running."""
    known: Loop | None = getattr(_here, "loop", None)
    if known is not None and known.is_running():
        return known
    _here.loop = found = asyncio.get_running_loop()
    return found


class PerLoop(Generic[Kept]):
    """One of a kind for each event loop, made when it is first asked for there."""

    def __init__(self, make: Callable[[], Kept]) -> None:
        self._make = make
        self._all: WeakKeyDictionary[Loop, Kept]
        self._all = WeakKeyDictionary()
        self._latest: tuple[Loop, Kept] | None = None

    def here(self, loop: Loop | None = None) -> Kept:
        """The running loop's; who knows that loop may say it."""
        if loop is None:
            loop = running_loop()
        latest = self._latest
        if latest is not None and latest[0] is loop:  # there is hardly ever another
            return latest[1]
        found = self._all.get(loop)
        if found is None:
            found = self._all[loop] = self._make()
        self._latest = (loop, found)
        return found
