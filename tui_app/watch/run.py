"""One run as its looks tell it: how long it has worked, and how far it had got when."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from tui_app.models.observation import Observation
from tui_app.models.sync import Phase, Sync

Point = tuple[float, float]
"""Seconds of work, and the progress from 0 to 1."""


@dataclass(frozen=True, slots=True)
class Run:
    """What is known of one run. Seconds of work leave out the time for which a provider was waited for.

    Attributes:
        seen_at: When it was last seen, in the server's time.
        worked: Seconds of work until then, from the request on.
        first_worked: The same when it was first seen.
        phase: Its phase then.
        awaits_provider: Whether it then waited for the provider.
        tried_before: Whether it had been tried more than once when it was first seen.
        begun: Where its pace counts from: the request, the last look before it began, or where it began anew.
        points: Every new progress since then.
        told: Whether the server tells a progress.
    """

    seen_at: datetime
    worked: float
    first_worked: float
    phase: Phase
    awaits_provider: bool
    tried_before: bool
    begun: Point
    points: tuple[Point, ...]
    told: bool

    @property
    def progress(self) -> float:
        """How far it is, from 0 to 1."""
        return self.points[-1][1] if self.points else self.begun[1]

    @property
    def gained(self) -> float:
        """How far it got since its pace counts."""
        return self.progress - self.begun[1]

    def since_seen(self) -> Run:
        """The same run as if it had begun when it was first seen."""
        since, done = self.begun
        if since < self.first_worked:
            since, done = self.first_worked, self.points[0][1] if self.points else done
        shifted = tuple((max(at - self.first_worked, 0.0), progress) for at, progress in self.points)
        begun = (since - self.first_worked, done)
        return replace(self, worked=self.worked - self.first_worked, first_worked=0.0, begun=begun, points=shifted)


class _Reading:
    """Takes looks in, one by one."""

    def __init__(self, first: Observation, sync: Sync) -> None:
        self.begin(sync.requested_at, first, sync)
        self.first_worked = self.worked
        self.tried_before = (sync.attempts or 0) > 1

    def begin(self, since: datetime, seen: Observation, sync: Sync) -> None:
        self.seen_at, self.sync = seen.observed_at, sync
        passed = max((seen.observed_at - since).total_seconds(), 0.0)
        self.worked = 0.0 if sync.awaits_provider else passed
        self.begun: Point = (0.0, 0.0)
        self.points: list[Point] = []
        self.point(sync, None)

    def take(self, seen: Observation, sync: Sync) -> None:
        before = self.sync
        if before.phase.is_final:  # it was tried again
            self.begin(seen.observed_at, seen, sync)
            self.begun = (0.0, _progress(sync) or 0.0)
            return
        passed = (seen.observed_at - self.seen_at).total_seconds()
        self.worked += 0.0 if before.awaits_provider else max(passed, 0.0)
        self.seen_at, self.sync = seen.observed_at, sync
        self.point(sync, before)

    def point(self, sync: Sync, before: Sync | None) -> None:
        progress = _progress(sync)
        was = None if before is None else _progress(before)
        fell = progress is not None and was is not None and progress < was
        if sync.phase is Phase.WAITING or fell:
            self.begun, self.points = (self.worked, progress or 0.0), []
        elif progress is not None and progress != was:
            self.points.append((self.worked, progress))


def run_of(observations: Iterable[Observation]) -> Run | None:
    """Read a run from its looks, oldest first; ``None`` where none saw it."""
    reading: _Reading | None = None
    for seen in observations:
        if seen.sync is None:
            continue
        if reading is None:
            reading = _Reading(seen, seen.sync)
        else:
            reading.take(seen, seen.sync)
    if reading is None:
        return None
    sync = reading.sync
    return Run(
        seen_at=reading.seen_at,
        worked=reading.worked,
        first_worked=reading.first_worked,
        phase=sync.phase,
        awaits_provider=sync.awaits_provider,
        tried_before=reading.tried_before,
        begun=reading.begun,
        points=tuple(reading.points),
        told=sync.percent is not None,
    )


def _progress(sync: Sync) -> float | None:
    return None if sync.percent is None else min(max(float(sync.percent) / 100, 0.0), 1.0)
