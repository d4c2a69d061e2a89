"""Turns: so many at a time, first come, first served, within one event loop."""

from collections import deque
from collections.abc import Callable

from gql_app.engine.loops import running_loop

Begin = Callable[[], None]
"""Begins a turn."""


class Turns:
    """As a semaphore, but a turn begins with a call, not by waking a task."""

    __slots__ = ("_free", "_queue")

    def __init__(self, size: int) -> None:
        self._free = size
        self._queue: deque[Begin] = deque()

    def take(self) -> bool:
        """Take a turn if one is free: then nobody waits for any."""
        if self._free == 0:
            return False
        self._free -= 1
        return True

    def wait(self, begin: Begin) -> None:
        """Take a turn when one is free, and then call the function."""
        self._queue.append(begin)

    def leave(self, begin: Begin) -> bool:
        """Wait no longer; False if it is too late for that."""
        if begin not in self._queue:
            return False
        self._queue.remove(begin)
        return True

    def give_back(self) -> None:
        """End a turn, and let the next begin: soon, not at once, as one that fails as
        it begins would call the one after it, and so on."""
        if self._queue:
            running_loop().call_soon(self._queue.popleft())
        else:
            self._free += 1
