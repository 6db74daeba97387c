"""Clocks for tests: time passes only when a test says so, and nothing sleeps for real.

`FakeClock` stands still until `advance` moves it; `AutoClock` jumps to the next thing that is due as soon as somebody
sleeps. Both give every sleeper that is due its turn in the order of its time.

What waits for a real socket is not on any of these clocks. A test that has one waits for what it is to see::

    await clock.advance(1.0)
    await until(lambda: watch.finished)

An embedded server keeps its own virtual time. `on_advance` moves it in lock-step, whatever the step::

    clock = FakeClock(on_advance=sandbox.clock.advance)

Where the test changes how fast that goes, `goes_by` lets it go by the test's clock instead.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui_app.sandbox.server import Sandbox

START = datetime(2026, 11, 22, 14, 2, tzinfo=UTC)

# How many turns of the loop tasks get to settle after time moved. A turn runs every callback that is ready, so this is
# the longest chain of awaits without a socket that settles, not a number of tasks.
_TURNS = 30


async def settle() -> None:
    """Let every task run until it waits for time, for a socket or for another task that does."""
    for _ in range(_TURNS):
        await asyncio.sleep(0)


async def until(predicate: Callable[[], bool], *, limit: float = 10.0) -> None:
    """Wait until something is so: for what depends on a real socket or thread, and so on no clock of ours.

    Args:
        predicate: What has to become true.
        limit: Real seconds after which the test fails.
    """
    end = time.monotonic() + limit
    while not predicate():
        if time.monotonic() > end:
            raise AssertionError(f"did not come true within {limit} s")
        await asyncio.sleep(0.001)  # off the processor, so that a server on another thread gets on


class FakeClock:
    """Time that stands still until it is advanced.

    Args:
        start: What `now` says at first.
        on_advance: Called with the seconds of every step that time takes, before those who are due then wake.
    """

    def __init__(self, start: datetime = START, *, on_advance: Callable[[float], object] | None = None) -> None:
        self._start = start
        self._elapsed = 0.0
        self._on_advance = on_advance
        self._order = itertools.count()
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []

    def monotonic(self) -> float:
        """Seconds since this clock was made."""
        return self._elapsed

    def now(self) -> datetime:
        """The date and time on this clock."""
        return self._start + timedelta(seconds=self._elapsed)

    @property
    def sleeping(self) -> int:
        """How many sleep on this clock."""
        return sum(not sleeper.done() for _, _, sleeper in self._sleepers)

    async def sleep(self, seconds: float) -> None:
        """Wait until this clock was advanced that far."""
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        await self._until(self._elapsed + seconds)

    async def advance(self, seconds: float) -> None:
        """Let time pass: step by step from sleeper to sleeper, each with time to settle before the next."""
        target = self._elapsed + seconds
        await settle()
        while (due := self._next_due()) is not None and due <= target:
            self._step(due)
            await settle()
        self._step(target)
        await settle()

    async def advance_until(self, predicate: Callable[[], bool], *, limit: float = 3600.0) -> float:
        """Let time pass until something is so, from sleeper to sleeper.

        Args:
            predicate: What has to become true.
            limit: Seconds on this clock after which the test fails.

        Returns:
            The seconds that passed.
        """
        began = self._elapsed
        await settle()
        while not predicate():
            due = self._next_due()
            if due is None or due - began > limit:
                raise AssertionError(f"did not come true within {limit} s of this clock; next due: {due}")
            self._step(due)
            await settle()
        return self._elapsed - began

    async def _until(self, due: float) -> None:
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (due, next(self._order), woken))
        await woken

    def _next_due(self) -> float | None:
        while self._sleepers and self._sleepers[0][2].done():  # cancelled
            heapq.heappop(self._sleepers)
        return self._sleepers[0][0] if self._sleepers else None

    def _step(self, to: float) -> None:
        if to > self._elapsed:
            step, self._elapsed = to - self._elapsed, to
            if self._on_advance is not None:
                self._on_advance(step)
        while self._sleepers and self._sleepers[0][0] <= self._elapsed:
            sleeper = heapq.heappop(self._sleepers)[2]
            if not sleeper.done():
                sleeper.set_result(None)


def goes_by(clock: FakeClock, sandbox: Sandbox, speed: float = 1) -> None:
    """Let an embedded server's time go by a clock of the test's, however fast it is told to go.

    Args:
        clock: What its time goes by from now on.
        sandbox: The server.
        speed: How fast at first.
    """
    virtual = sandbox.clock
    virtual._time_source = clock.monotonic
    virtual._anchor_real = clock.monotonic()
    virtual.set_speed(speed)


class AutoClock(FakeClock):
    """Time that jumps to whatever is due next as soon as somebody sleeps: for running a whole story at once.

    Those who are not asleep get some turns of the loop first, so what needs no socket is done before time moves. What
    waits for a socket is overtaken: a story with a real server sees fewer looks per second of this clock, never wrong
    ones.
    """

    _driver: asyncio.Task[None] | None = None

    async def sleep(self, seconds: float) -> None:
        """Wait on this clock, which moves to whoever is due first."""
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        if self._driver is None or self._driver.done():
            self._driver = asyncio.ensure_future(self._drive())
        await self._until(self._elapsed + seconds)

    async def _drive(self) -> None:
        await settle()
        while (due := self._next_due()) is not None:
            self._step(due)
            await settle()
