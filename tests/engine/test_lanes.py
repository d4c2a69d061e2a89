"""Lanes: turns for so many operations at a time, none of which is ever lost."""

import asyncio
from collections.abc import Iterator

import pytest

from gql_app.engine.errors import UnavailableError
from gql_app.engine.lanes import Lane


@pytest.fixture
def lane() -> Iterator[Lane]:
    lane = Lane("test", 1, 5.0)
    yield lane
    lane.close()


def test_turns_are_had_in_the_order_of_asking(lane: Lane) -> None:
    had: list[int] = []

    async def have(number: int) -> None:
        await lane.enter()
        had.append(number)
        lane.free()

    async def ask() -> None:
        await lane.enter()
        waiting = [asyncio.create_task(have(number)) for number in range(5)]
        await asyncio.sleep(0)
        assert (lane.busy, lane.waiting) == (1, 5)
        lane.free()
        await asyncio.gather(*waiting)

    asyncio.run(ask())

    assert had == [0, 1, 2, 3, 4]
    assert (lane.busy, lane.waiting) == (0, 0)


@pytest.mark.parametrize("steps", range(4))
def test_whoever_is_cancelled_leaves_the_turn_to_the_next(
    lane: Lane, steps: int
) -> None:
    """Cancelled while it waits, while its turn comes, and just after."""

    async def cancel() -> None:
        await lane.enter()
        first, second = (asyncio.create_task(lane.enter()) for _ in range(2))
        await asyncio.sleep(0)
        lane.free()
        for _ in range(steps):
            await asyncio.sleep(0)
        if first.cancel():
            with pytest.raises(asyncio.CancelledError):
                await first
        else:
            lane.free()
        await asyncio.wait_for(second, 5)
        lane.free()

    asyncio.run(cancel())

    assert (lane.busy, lane.waiting) == (0, 0)


def test_whoever_waits_too_long_is_told(lane: Lane) -> None:
    lane.timeout = 0.01

    async def wait() -> bool:
        await lane.enter()
        with pytest.raises(UnavailableError):
            await lane.enter()
        lane.free()
        return lane.take()

    assert asyncio.run(wait())
    assert (lane.busy, lane.waiting) == (1, 0)


def test_each_event_loop_has_turns_of_its_own(lane: Lane) -> None:
    async def take() -> list[bool]:
        return [lane.take(), lane.take()]

    assert [asyncio.run(take()), asyncio.run(take())] == [[True, False]] * 2
