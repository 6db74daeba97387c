"""A sync as a plan: everything that will happen to it is settled at once, and what it looks like follows from the time.

No task moves a sync forward. `SyncPlan.at(t)` answers for any `t`, so that a server that stood still, was restarted or
runs 600 times as fast still tells one consistent story.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from tui_app.sandbox.ids import Draw

SECOND = 1000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

SyncStatus = Literal["requested", "in_progress", "completed", "failed"]

# A progress curve: (share of the running time, percent), both rising, from (0, 0) to (1, 100). Where a sync is retried,
# the curve begins at the percentage that was reached before.
Waypoints = tuple[tuple[float, float], ...]

TRANSIENT_FAILURES = (
    "The provider answered with status 503 on every attempt",
    "The provider's rate limit was still exceeded after the last retry",
    "Timed out while waiting for the provider's vehicle location export",
    "The connection to the provider was reset while reading trips",
    "The provider returned a page of HOS logs that could not be read",
)
CUT_OFF = "The provider rejected the stored credentials while the sync was running"
CANCELLED = "The sync was cancelled"


@dataclass(frozen=True, slots=True)
class SyncLook:
    """What a sync looks like at one moment."""

    status: SyncStatus
    progress: float | None
    attempts: int
    provider_requests: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class SyncPlan:
    """All that will ever happen to one sync. Times are in milliseconds.

    Attributes:
        id: `sync_` and a ULID of the time of request.
        requested_ms: When it was requested, since the epoch.
        start_from_ms: The earliest record that it reads, since the epoch.
        delay_ms: From the request to the start of the work.
        run_ms: From the start of the work to its end; above 0.
        cut_ms: When it is ended early by something from outside, since the epoch; None for a sync left alone.
        failure: Why it fails at its end; None for a sync that completes.
        waypoints: The progress curve; empty for a provider that tells no progress.
        bursty: Progress jumps from waypoint to waypoint instead of gliding.
        retries_ms: When the second, third … attempt begins, counted from the start of the work.
        provider_requests: What is asked of the provider out of band.
        provider_answers_ms: When the provider has delivered, counted from the request.
        earlier: What it was before each of its retries, in order; these have none of their own.
        tried: How many attempts those took together.
        retried_ms: When it was last retried, since the epoch; None for a sync that was not.
        meets: Ids of the only issues that it runs into; None if it runs into any of its connection's.
    """

    id: str
    requested_ms: int
    start_from_ms: int
    delay_ms: int
    run_ms: int
    failure: str | None = None
    waypoints: Waypoints = ()
    bursty: bool = False
    retries_ms: tuple[int, ...] = ()
    provider_requests: tuple[str, ...] = ()
    provider_answers_ms: int = 0
    cut_ms: int | None = None
    earlier: tuple[SyncPlan, ...] = ()
    tried: int = 0
    retried_ms: int | None = None
    meets: tuple[str, ...] | None = None

    @property
    def asked_ms(self) -> int:
        """When it was last asked for, since the epoch: by its request, or by a retry."""
        return self.requested_ms if self.retried_ms is None else self.retried_ms

    @property
    def started_ms(self) -> int:
        """When the work starts, since the epoch."""
        return self.requested_ms + self.delay_ms

    @property
    def ended_ms(self) -> int:
        """When the sync has completed or failed, since the epoch."""
        planned = self.started_ms + self.run_ms
        return planned if self.cut_ms is None else min(planned, self.cut_ms)

    def at(self, now_ms: int) -> SyncLook:
        """Return what the sync looks like at a time (since the epoch); the same time always gives the same look."""
        if self.earlier and now_ms < self.asked_ms:
            return next((one for one in reversed(self.earlier) if one.asked_ms <= now_ms), self.earlier[0]).at(now_ms)
        attempts = self.tried
        if now_ms < min(self.started_ms, self.ended_ms):
            return SyncLook("requested", self._progress(now_ms), attempts, self._pending_requests(now_ms))
        tried_ms = min(now_ms, self.ended_ms) - self.started_ms
        attempts += 1 + bisect_right(self.retries_ms, tried_ms) if tried_ms >= 0 else 0
        if now_ms < self.ended_ms:
            return SyncLook("in_progress", self._progress(now_ms), attempts, self._pending_requests(now_ms))
        if self.failure is not None:
            # What had been reached stays; and a sync that failed is never waiting for anybody.
            return SyncLook("failed", self._progress(self.ended_ms), attempts, () if self.provider_requests else None)
        done = 100.0 if self.waypoints else None
        return SyncLook("completed", done, attempts, () if self.provider_requests else None)

    def cut(self, at_ms: int, reason: str) -> SyncPlan:
        """Return this plan ended early by a failure; what was reached by then does not change.

        Args:
            at_ms: When it ends, since the epoch.
            reason: Why.
        """
        return self if at_ms >= self.ended_ms else replace(self, cut_ms=at_ms, failure=reason)

    def tries(self) -> Iterator[SyncPlan]:
        """Yield the sync as it is, and as it was before each retry."""
        yield self
        yield from self.earlier

    def reached(self, now_ms: int) -> float:
        """Return how much is done at a time (since the epoch), in percent and unrounded; 0 where none is told."""
        if not self.waypoints:
            return 0.0
        if now_ms < self.started_ms:
            return self.waypoints[0][1]
        share = (now_ms - self.started_ms) / self.run_ms
        index = bisect_right(self.waypoints, (share, float("inf"))) - 1
        place, percent = self.waypoints[max(index, 0)]
        if not self.bursty and 0 <= index < len(self.waypoints) - 1:
            next_place, next_percent = self.waypoints[index + 1]
            percent += (share - place) / (next_place - place) * (next_percent - percent)
        return percent

    def _progress(self, now_ms: int) -> float | None:
        if not self.waypoints or (now_ms < self.started_ms and self.tried == 0):
            return None
        percent = self.reached(now_ms)
        # 100 is kept for syncs that completed, and rounding down keeps a later look from showing less.
        return int(min(percent, 99.99) * 100) / 100

    def _pending_requests(self, now_ms: int) -> tuple[str, ...] | None:
        if not self.provider_requests:
            return None
        return self.provider_requests if now_ms < self.requested_ms + self.provider_answers_ms else ()


def gliding(draw: Draw, pieces: int = 4) -> Waypoints:
    """Return a curve that always moves, faster here and slower there."""
    return _curve([0.4 + draw.unit() for _ in range(pieces)], [0.4 + draw.unit() for _ in range(pieces)])


def bursts(draw: Draw, steps: int = 12) -> Waypoints:
    """Return a curve for jumping along: long rests and sudden steps."""
    return _curve([0.15 + draw.unit() ** 2 for _ in range(steps)], [0.2 + draw.unit() ** 2 for _ in range(steps)])


def waiting(draw: Draw, wait_share: float) -> Waypoints:
    """Return a curve that gets on quickly, rests until the provider has delivered, and then finishes.

    Args:
        draw: Where chance comes from.
        wait_share: When the provider delivers, as a share of the running time.
    """
    plateau = 30 + 25 * draw.unit()
    return ((0.0, 0.0), (wait_share * 0.01, plateau), (wait_share, plateau + 0.5), (1.0, 100.0))


def retried_at(draw: Draw, run_ms: int, count: int) -> tuple[int, ...]:
    """Return when further attempts begin, in milliseconds after the start: the pauses between them grow."""
    weights = [1.6**number * (0.8 + 0.4 * draw.unit()) for number in range(count + 1)]
    total, reached, moments = sum(weights), 0.0, []
    for weight in weights[:-1]:
        reached += weight
        moments.append(int(run_ms * reached / total))
    return tuple(moments)


def _curve(widths: list[float], heights: list[float]) -> Waypoints:
    place, percent = 0.0, 0.0
    waypoints = [(0.0, 0.0)]
    for width, height in zip(widths[:-1], heights[:-1], strict=True):
        place += width / sum(widths)
        percent += 100 * height / sum(heights)
        waypoints.append((place, percent))
    return (*waypoints, (1.0, 100.0))
