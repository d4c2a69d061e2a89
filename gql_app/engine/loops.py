"""Loops: the running event loop, without asking the operating system.

Up to Python 3.11, `asyncio.get_running_loop` makes sure by a system call that the process
was not forked: once is nothing, but a small operation would ask a dozen times.
"""

import asyncio
from threading import local

_here = local()


def running_loop() -> asyncio.AbstractEventLoop:
    """As `asyncio.get_running_loop`. Of the loops that a thread has had, only the one
    that it runs is running."""
    known: asyncio.AbstractEventLoop | None = getattr(_here, "loop", None)
    if known is not None and known.is_running():
        return known
    _here.loop = found = asyncio.get_running_loop()
    return found
