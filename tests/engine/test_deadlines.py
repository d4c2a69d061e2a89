"""Deadlines: one timer for all of an event loop's."""

import asyncio

import pytest

from gql_app.engine.deadlines import TimeLimit, deadlines


def test_a_deadline_is_called_until_it_is_cancelled() -> None:
    async def watched() -> int:
        called = asyncio.Semaphore(0)
        deadline = deadlines().start(0.01, called.release)
        for _ in range(2):
            await called.acquire()
        deadline.cancel()
        waiting = asyncio.create_task(called.acquire())
        done, _ = await asyncio.wait({waiting}, timeout=0.3)
        waiting.cancel()
        return len(done)

    assert asyncio.run(watched()) == 0


def test_a_cancelled_deadline_is_never_called() -> None:
    async def watched() -> list[str]:
        called: list[str] = []
        deadlines().start(0.01, lambda: called.append("cancelled")).cancel()
        await_this = asyncio.Event()
        kept = deadlines().start(0.05, await_this.set)
        await await_this.wait()
        kept.cancel()
        return called

    assert asyncio.run(watched()) == []


def test_time_limit_ends_what_waits_too_long() -> None:
    async def waiting() -> None:
        with TimeLimit(0.01):
            await asyncio.Event().wait()

    with pytest.raises(TimeoutError):
        asyncio.run(waiting())


def test_time_limit_leaves_the_task_fit_for_more() -> None:
    async def twice() -> str:
        for _ in range(2):
            with pytest.raises(TimeoutError), TimeLimit(0.01):
                await asyncio.Event().wait()
        return "done"

    assert asyncio.run(twice()) == "done"


def test_cancellation_by_somebody_else_stays_one() -> None:
    async def waiting() -> None:
        with TimeLimit(60):
            await asyncio.Event().wait()

    async def cancelled() -> bool:
        task = asyncio.create_task(waiting())
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait({task})
        return task.cancelled()

    assert asyncio.run(cancelled())
