"""The clocks of the tests are tested too: everything about time rests on them."""

from __future__ import annotations

import asyncio

from tests.clocks import START, AutoClock, FakeClock, settle


async def test_time_stands_still_until_it_is_advanced() -> None:
    clock = FakeClock()
    sleeper = asyncio.ensure_future(clock.sleep(5))
    await settle()
    assert (clock.monotonic(), clock.now(), clock.sleeping) == (0, START, 1)
    await clock.advance(4.9)
    assert not sleeper.done()
    await clock.advance(0.1)
    assert sleeper.done()


async def test_sleepers_wake_in_the_order_of_their_time_and_see_it() -> None:
    clock, seen = FakeClock(), list[tuple[str, float]]()

    async def sleeper(name: str, *seconds: float) -> None:
        for wait in seconds:
            await clock.sleep(wait)
            seen.append((name, clock.monotonic()))

    tasks = [asyncio.ensure_future(sleeper("slow", 3, 3)), asyncio.ensure_future(sleeper("fast", 1, 1, 1.5))]
    await clock.advance(10)
    assert seen == [("fast", 1), ("fast", 2), ("slow", 3), ("fast", 3.5), ("slow", 6)]
    assert clock.monotonic() == 10
    await asyncio.gather(*tasks)


async def test_who_is_cancelled_sleeps_no_more() -> None:
    clock = FakeClock()
    sleeper = asyncio.ensure_future(clock.sleep(1))
    await settle()
    sleeper.cancel()
    await clock.advance(2)
    assert sleeper.cancelled()
    assert clock.sleeping == 0


async def test_another_clock_is_moved_in_lock_step() -> None:
    steps: list[float] = []
    clock = FakeClock(on_advance=steps.append)
    sleeper = asyncio.ensure_future(clock.sleep(2))
    await clock.advance(5)
    await sleeper
    assert steps == [2, 3]


async def test_a_clock_that_advances_by_itself_keeps_sleepers_in_order() -> None:
    steps: list[float] = []
    clock, seen = AutoClock(on_advance=steps.append), list[tuple[str, float]]()

    async def sleeper(name: str, *seconds: float) -> None:
        for wait in seconds:
            await clock.sleep(wait)
            seen.append((name, clock.monotonic()))

    await asyncio.gather(sleeper("slow", 3, 3), sleeper("fast", 1, 1, 1.5))
    assert seen == [("fast", 1), ("fast", 2), ("slow", 3), ("fast", 3.5), ("slow", 6)]
    assert sum(steps) == clock.monotonic() == 6
