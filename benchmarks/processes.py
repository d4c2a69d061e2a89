"""Processes: their cores, their CPU time and their memory, as Linux tells them."""

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

PROC = Path("/proc")


Cpu = Mapping[int, int]
"""The nanoseconds that each process has used until now."""


def cpu(pids: Iterable[int]) -> Cpu:
    """The CPU time of all threads that these processes have now; without a process
    that has just ended."""
    return {pid: used for pid in pids if (used := _nanoseconds(pid))}


def milliseconds(before: Cpu, after: Cpu) -> float:
    """What was used meanwhile by the processes that are still there."""
    return sum(used - before.get(pid, 0) for pid, used in after.items()) / 1e6


def _nanoseconds(pid: int) -> int:
    total = 0
    for schedstat in (PROC / str(pid) / "task").glob("*/schedstat"):
        try:
            total += int(schedstat.read_text().split()[0])
        except (FileNotFoundError, ProcessLookupError):
            continue  # it ended in between
    return total


def memory_megabytes(pid: int) -> float:
    """The memory that is really there."""
    pages = int((PROC / str(pid) / "statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def parent(pid: int) -> int:
    # The name may hold spaces and brackets; what follows it does not.
    fields = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    return int(fields[1])


def children(pid: int) -> Iterator[int]:
    """The processes that this one has started and that still run."""
    for path in PROC.iterdir():
        if not path.name.isdecimal():
            continue
        try:
            if parent(int(path.name)) == pid:
                yield int(path.name)
        except (FileNotFoundError, ProcessLookupError):
            continue


def pin(pid: int, core: int) -> None:
    """Let a process, and what it starts from now on, run on one core alone."""
    os.sched_setaffinity(pid, {core})


@contextmanager
def starting_on(core: int) -> Iterator[None]:
    """Processes that are started meanwhile run on that core alone."""
    own = os.sched_getaffinity(0)
    pin(0, core)
    try:
        yield
    finally:
        os.sched_setaffinity(0, own)
