"""A clock on which hours take seconds: an event loop whose time jumps to whatever is due next, and a server on it."""

from __future__ import annotations

import asyncio
import random
import selectors
from collections import deque
from collections.abc import Coroutine
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

from bench.mix import START, Plan
from tui_app.api.budget import Budget
from tui_app.api.errors import ApiError
from tui_app.api.turns import Turns
from tui_app.models.connection import Connection
from tui_app.models.problem import Problem, ProblemKind
from tui_app.models.sync import Sync

Result = TypeVar("Result")


class _Jumping(selectors.SelectSelector):
    """Waits for no socket: the time for which it is asked to wait has passed at once."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise RuntimeError("everybody waits for somebody else")
        self.now += timeout
        return []


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._jumping = _Jumping()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.now


def run(main: Coroutine[Any, Any, Result]) -> Result:
    """Run something on a time of its own, which begins at 0."""
    with asyncio.Runner(loop_factory=_Loop) as runner:
        return runner.run(main)


class VirtualClock:
    """The product's clock on that loop."""

    def monotonic(self) -> float:
        """Seconds since the loop began."""
        return asyncio.get_running_loop().time()

    def now(self) -> datetime:
        """The date and time."""
        return START + timedelta(seconds=self.monotonic())

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)


@dataclass(frozen=True)
class Way:
    """What the product's requests pass on their way out: its own budget, and its own turns."""

    budget: Budget
    turns: Turns


@dataclass
class Followed:
    """One simulated sync, and the looks that were taken at it.

    Attributes:
        plan: What happens in it.
        requested: When it was requested, in seconds of the loop's time.
        looks: When each request for it was sent.
    """

    plan: Plan
    requested: float
    looks: list[float] = field(default_factory=list)

    @property
    def ends(self) -> float:
        """When it ends."""
        return self.requested + self.plan.whole


class VirtualServer:
    """A server that refuses whatever comes more often than allowed, by the strictest rule: in any second, so many.

    Args:
        limit: Requests in any one second; also what the product's budget is set to.
        seed: What latencies are drawn from.
    """

    def __init__(self, limit: float, seed: int = 1) -> None:
        self.clock = VirtualClock()
        budget = Budget(limit, self.clock)
        self.transport = Way(budget, Turns(budget, self.clock))
        self.syncs: dict[str, Followed] = {}
        self.sent = self.refused = 0
        self._limit = limit
        self._chance = random.Random(seed)
        self._arrived: deque[float] = deque()

    def latency(self) -> float:
        """Seconds from a request to its answer, the next by chance."""
        return self._chance.uniform(0.02, 0.3)

    async def sync(self, connection: Connection, sync_id: str) -> Sync:
        """One look, as the product's transport sends it."""
        await self.transport.budget.acquire()
        followed = self.syncs[sync_id]
        followed.looks.append(self.clock.monotonic())
        self.sent += 1
        way = self.latency() / 2
        await asyncio.sleep(way)
        refused = self._refuses()
        told = self._told(followed)
        await asyncio.sleep(way)
        if refused:
            self.refused += 1
            problem = Problem(ProblemKind.RATE_LIMITED, "Too many requests", retry_after=1.0)
            self.transport.turns.note(problem)
            raise ApiError(problem)
        return told

    def _refuses(self) -> bool:
        now, arrived = self.clock.monotonic(), self._arrived
        while arrived and arrived[0] <= now - 1:
            arrived.popleft()
        if len(arrived) >= self._limit:
            return True
        arrived.append(now)
        return False

    def _told(self, followed: Followed) -> Sync:
        requested = START + timedelta(seconds=followed.requested)
        told = followed.plan.at(self.clock.monotonic() - followed.requested)
        if told["phase"].is_final:
            told["completed_at"] = requested + timedelta(seconds=followed.plan.whole)
        return Sync(id=followed.plan.id, requested_at=requested, **told)
