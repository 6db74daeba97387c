"""How syncs come about: on a connection's cadence, or because somebody asked for one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from tui_app.sandbox.ids import Draw, ulid
from tui_app.sandbox.plans import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    TRANSIENT_FAILURES,
    SyncPlan,
    bursts,
    gliding,
    retried_at,
    waiting,
)

CADENCE = 2 * HOUR
_JITTER = 3 * MINUTE


@dataclass(frozen=True, slots=True)
class Schedule:
    """The automatic syncs of a connection, past and future: sync number k depends on k alone.

    Attributes:
        key: What chance depends on, the same for all syncs of the connection.
        first_ms: Nothing was synced before this time (since the epoch), or it is no longer kept.
        phase_ms: Where in the two hours the connection's turn comes.
        failing_from_ms: From when on every sync fails, since the epoch; None for a connection that works.
        failure_rate: How many of the other syncs fail, from 0 to 1.
        tells_progress: Whether the provider lets progress be known.
        bursty: Whether progress jumps.
    """

    key: tuple[int, int]
    first_ms: int
    phase_ms: int
    failing_from_ms: int | None = None
    failure_rate: float = 0.0
    tells_progress: bool = True
    bursty: bool = False

    def between(self, since_ms: int, until_ms: int) -> Iterator[SyncPlan]:
        """Yield the syncs requested between two times (since the epoch, both included), the newest first."""
        number = (until_ms - self.phase_ms) // CADENCE
        since_ms = max(since_ms, self.first_ms)
        while True:
            requested_ms = self._requested_ms(number)
            if requested_ms < since_ms:
                return
            if requested_ms <= until_ms:
                yield self._plan(number, requested_ms)
            number -= 1

    def _requested_ms(self, number: int) -> int:
        return self.phase_ms + number * CADENCE + Draw("tick", self.key, number).between(0, _JITTER)

    def _plan(self, number: int, requested_ms: int) -> SyncPlan:
        draw = Draw("cadence", self.key, number)
        failing = self.failing_from_ms is not None and requested_ms >= self.failing_from_ms
        failing = failing or draw.chance(self.failure_rate)
        run_ms = draw.between(3 * MINUTE, 12 * MINUTE) * (3 if draw.chance(0.15) else 1)
        retries = draw.between(2, 4) if failing else int(draw.chance(0.08))
        return SyncPlan(
            id=f"sync_{ulid(requested_ms, draw)}",
            requested_ms=requested_ms,
            start_from_ms=self._requested_ms(number - 1),
            delay_ms=draw.between(2 * SECOND, 45 * SECOND),
            run_ms=run_ms,
            failure=draw.pick(TRANSIENT_FAILURES) if failing else None,
            waypoints=self._waypoints(draw, failing),
            bursty=self.bursty,
            retries_ms=retried_at(draw, run_ms, retries),
        )

    def _waypoints(self, draw: Draw, failing: bool) -> tuple[tuple[float, float], ...]:
        if not self.tells_progress:
            return ()
        return stalled(draw) if failing else (bursts(draw) if self.bursty else gliding(draw))


def stalled(draw: Draw) -> tuple[tuple[float, float], ...]:
    """Return a curve that gets somewhere and then no further."""
    return ((0.0, 0.0), (0.2, 20 + 50 * draw.unit()), (1.0, 75.0))


def requested_plan(
    draw: Draw,
    now_ms: int,
    *,
    start_from_ms: int,
    provider_requests: tuple[str, ...] = (),
    reliable: bool = True,
) -> SyncPlan:
    """Settle a sync that somebody asks for now.

    It takes 8 to 15 minutes from the request to its end and always moves. If something is asked of the provider, a
    sync that is sure to complete waits for it within that time; any other waits one to three days first.

    Args:
        draw: Where chance comes from.
        now_ms: The time of the request, since the epoch.
        start_from_ms: The earliest record to read, since the epoch.
        provider_requests: What is asked of the provider out of band.
        reliable: Whether it is sure to complete; else one in seven fails.
    """
    plan_id = f"sync_{ulid(now_ms, Draw('requested', draw.bits(), now_ms))}"
    total_ms = draw.between(8 * MINUTE + 5 * SECOND, 14 * MINUTE + 55 * SECOND)
    delay_ms = draw.between(5 * SECOND, 40 * SECOND)
    failing = not reliable and draw.chance(1 / 7)
    waits_days = bool(provider_requests) and not reliable
    answers_ms = draw.between(DAY, 3 * DAY) if waits_days else 0
    run_ms = total_ms - delay_ms + answers_ms
    curve = stalled(draw) if failing else gliding(draw)
    return SyncPlan(
        id=plan_id,
        requested_ms=now_ms,
        start_from_ms=start_from_ms,
        delay_ms=delay_ms,
        run_ms=run_ms,
        failure=draw.pick(TRANSIENT_FAILURES) if failing else None,
        waypoints=waiting(draw, (answers_ms - delay_ms) / run_ms) if waits_days else curve,
        retries_ms=retried_at(draw, run_ms, 2) if failing else (),
        provider_requests=provider_requests,
        provider_answers_ms=answers_ms or draw.between(2 * MINUTE, 5 * MINUTE),
    )


def retried_plan(draw: Draw, plan: SyncPlan, now_ms: int) -> SyncPlan:
    """Settle how a failed sync goes on after a retry: it completes within 8 to 15 minutes.

    It stays the same sync with the same parameters, and goes on from where it had got to.

    Args:
        draw: Where chance comes from.
        plan: The sync as it failed.
        now_ms: The time of the retry, since the epoch.
    """
    total_ms = draw.between(8 * MINUTE + 5 * SECOND, 14 * MINUTE + 55 * SECOND)
    start_ms = draw.between(5 * SECOND, 40 * SECOND)
    reached = plan.reached(plan.ended_ms)
    curve = tuple((place, reached + percent * (100 - reached) / 100) for place, percent in gliding(draw))
    since_ms = now_ms - plan.requested_ms
    return replace(
        plan,
        delay_ms=since_ms + start_ms,
        run_ms=total_ms - start_ms,
        failure=None,
        waypoints=curve if plan.waypoints else (),
        bursty=False,
        retries_ms=(),
        provider_answers_ms=since_ms + draw.between(2 * MINUTE, 5 * MINUTE),
        cut_ms=None,
        earlier=(*plan.earlier, replace(plan, earlier=())),
        tried=plan.at(plan.ended_ms).attempts,
        retried_ms=now_ms,
    )


def past_plan(draw: Draw, requested_ms: int) -> SyncPlan:
    """Settle an ordinary sync that somebody once asked for.

    Args:
        draw: Where chance comes from.
        requested_ms: When, since the epoch.
    """
    run_ms = draw.between(4 * MINUTE, 40 * MINUTE)
    failing = draw.chance(0.1)
    return SyncPlan(
        id=f"sync_{ulid(requested_ms, draw)}",
        requested_ms=requested_ms,
        start_from_ms=requested_ms - draw.between(1, 14) * DAY,
        delay_ms=draw.between(2 * SECOND, 45 * SECOND),
        run_ms=run_ms,
        failure=draw.pick(TRANSIENT_FAILURES) if failing else None,
        waypoints=stalled(draw) if failing else gliding(draw),
    )
