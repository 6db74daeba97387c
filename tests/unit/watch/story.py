"""A server and syncs for these tests: they answer what a test says, on the test's clock."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast

from tests.clocks import START, FakeClock
from tui_app.api.base import SyncApi
from tui_app.api.errors import ApiError
from tui_app.models.connection import Connection
from tui_app.models.observation import Observation
from tui_app.models.problem import Problem, ProblemKind
from tui_app.models.sync import Phase, Sync
from tui_app.watch.pacing import Pacing
from tui_app.watch.watch import Watch
from tui_app.watch.watcher import Watcher

SYNC_ID = "sync_01GV12VR4DJP70GD1ZBK0SDWFH"
CONNECTION = Connection(id="conn_01", status="connected")

_PHASES = {
    "requested": Phase.WAITING,
    "in_progress": Phase.RUNNING,
    "retrying": Phase.RETRYING,
    "completed": Phase.SUCCEEDED,
    "failed": Phase.FAILED,
}


def a_sync(status: str = "in_progress", **fields: Any) -> Sync:
    """A sync as a server might send it."""
    facts: dict[str, Any] = {"id": SYNC_ID, "requested_at": START}
    return Sync(**(facts | {"status": status, "phase": _PHASES.get(status, Phase.UNKNOWN)} | fields))


def a_problem(kind: ProblemKind = ProblemKind.UNREACHABLE, **fields: Any) -> Problem:
    """Something that went wrong."""
    return Problem(**({"kind": kind, "title": "No answer"} | fields))


def a_look(sync: Sync | None = None, *, seconds: float = 0.0, problem: Problem | None = None) -> Observation:
    """An observation so many seconds after the start."""
    at = START + timedelta(seconds=seconds)
    return Observation("conn_01", SYNC_ID, at, 0.01, sync=sync, problem=problem)


Script = Callable[[float], Sync]


@dataclass
class ScriptedApi:
    """Answers `sync` by a function of the time, and keeps count.

    Attributes:
        clock: The test's clock.
        script: Seconds on that clock to the answer; it may raise.
        takes: Seconds that each answer takes.
        looks: When each look began.
        most_at_once: The most looks that were ever under way together.
        cancelled: How many looks were cancelled under way.
    """

    clock: FakeClock
    script: Script
    takes: float = 0.0
    looks: list[float] = field(default_factory=list)
    under_way: int = 0
    most_at_once: int = 0
    cancelled: int = 0

    async def sync(self, connection: Connection, sync_id: str) -> Sync:
        """One look."""
        self.looks.append(self.clock.monotonic())
        self.under_way += 1
        self.most_at_once = max(self.most_at_once, self.under_way)
        try:
            await self.clock.sleep(self.takes)
            return self.script(self.clock.monotonic()).model_copy(update={"id": sync_id})
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        finally:
            self.under_way -= 1

    @property
    def gaps(self) -> list[float]:
        """Seconds between the looks."""
        return [after - before for before, after in zip(self.looks, self.looks[1:], strict=False)]


def a_watcher(api: ScriptedApi, *, pacing: Pacing | None = None, now: Callable[[], datetime] | None = None) -> Watcher:
    """A watcher of that server, on its clock, without chance."""
    return Watcher(
        cast(SyncApi, api),
        clock=api.clock,
        server_now=now or api.clock.now,
        random=lambda: 0.5,
        pacing=pacing,
    )


def running(seconds: float, *, waits: float = 0.0) -> Script:
    """A sync that is asked for, then moves evenly, and ends after that many seconds."""

    def script(now: float) -> Sync:
        if now < waits:
            return a_sync("requested")
        if now >= waits + seconds:
            ended = START + timedelta(seconds=waits + seconds)
            return a_sync("completed", progress=100, completed_at=ended)
        return a_sync("in_progress", progress=round(100 * (now - waits) / seconds, 2))

    return script


def failing(kind: ProblemKind = ProblemKind.UNREACHABLE, **fields: Any) -> Script:
    """A server that answers with a problem, always."""

    def script(_: float) -> Sync:
        raise ApiError(a_problem(kind, **fields))

    return script


def progress_seen(watch: Watch) -> list[float]:
    """The different progress values that were seen, in order."""
    values = [seen.sync.progress for seen in watch.observations if seen.sync is not None]
    return list(dict.fromkeys(float(value) for value in values if value is not None))
