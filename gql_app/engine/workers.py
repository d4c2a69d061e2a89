"""Workers: threads that call functions for an event loop, as cheaply as can be."""

import asyncio
from collections.abc import Callable
from queue import SimpleQueue
from threading import Thread
from typing import Any, NamedTuple

from gql_app.engine.loops import running_loop

After = Callable[[], None]


class _Task(NamedTuple):
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Any]
    after: After | None
    work: Callable[..., Any]
    arguments: tuple[Any, ...]


class Workers:
    """A fixed number of threads, started with the first call.

    An executor of the standard library makes a future of its own beside the loop's for
    each call; here there is one, and one message back.
    """

    def __init__(self, name: str, count: int) -> None:
        self._tasks: SimpleQueue[_Task | None] = SimpleQueue()
        self._threads = [
            Thread(target=self._serve, name=f"{name}-{number}", daemon=True)
            for number in range(count)
        ]
        self._started = False

    def call(
        self, work: Callable[..., Any], *arguments: Any, after: After | None = None
    ) -> asyncio.Future[Any]:
        """A future of the running loop for what the function returns or raises.

        `after` is called in the loop when the function has ended, even if nobody waits
        for that any more.
        """
        if not self._started:
            self._started = True
            for thread in self._threads:
                thread.start()
        loop = running_loop()
        future = loop.create_future()
        self._tasks.put(_Task(loop, future, after, work, arguments))
        return future

    def close(self) -> None:
        """Wait for what runs, and for what waits its turn."""
        for _ in self._threads:
            self._tasks.put(None)
        for thread in self._threads:
            if thread.is_alive():
                thread.join()

    def _serve(self) -> None:
        while (task := self._tasks.get()) is not None:
            result, error = None, None
            try:
                result = task.work(*task.arguments)
            except BaseException as raised:  # noqa: BLE001  # the caller's to handle
                error = raised
            if not task.loop.is_closed():
                task.loop.call_soon_threadsafe(_settle, task, result, error)
            del task, result, error  # nothing is kept alive while waiting


def _settle(task: _Task, result: Any, error: BaseException | None) -> None:
    if task.after is not None:
        task.after()
    if task.future.cancelled():
        return
    if error is not None:
        task.future.set_exception(error)
    else:
        task.future.set_result(result)
