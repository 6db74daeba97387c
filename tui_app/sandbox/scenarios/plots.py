"""What happens in each scenario, settled as a whole when it begins."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from tui_app.sandbox.connections import Move
from tui_app.sandbox.ids import Draw, ulid
from tui_app.sandbox.issues import IssuePlan, plan_issue
from tui_app.sandbox.plans import DAY, HOUR, MINUTE, SECOND, SyncPlan, Waypoints, gliding


@dataclass(frozen=True, slots=True)
class Stage:
    """Where a scenario is played.

    Attributes:
        draw: Where chance comes from.
        now_ms: When it begins, since the epoch.
        since_ms: From when on its syncs read, since the epoch.
    """

    draw: Draw
    now_ms: int
    since_ms: int

    def sync(self, run_ms: int, *, after_ms: int = 0, **facts: Any) -> SyncPlan:
        """Return a sync that runs into nothing but the issues that it is said to run into.

        Args:
            run_ms: How long it works.
            after_ms: How long after the beginning it is requested.
            facts: What else is to be said of it; it glides if no waypoints are given.
        """
        requested_ms = self.now_ms + after_ms
        plan_id = f"sync_{ulid(requested_ms, self.draw)}"
        facts.setdefault("delay_ms", self.draw.between(8 * SECOND, 20 * SECOND))
        facts.setdefault("waypoints", gliding(self.draw, 6))
        facts.setdefault("start_from_ms", self.since_ms)
        facts.setdefault("meets", ())
        return SyncPlan(plan_id, requested_ms, run_ms=run_ms, **facts)


@dataclass(frozen=True, slots=True)
class Plot:
    """All that happens in a scenario.

    Attributes:
        sync: The sync that it begins with.
        issues: What its syncs run into.
        moves: The states that its connection takes, by itself, later on.
        turns: Syncs that come later, if nobody acts in between.
    """

    sync: SyncPlan
    issues: tuple[IssuePlan, ...] = ()
    moves: tuple[Move, ...] = ()
    turns: tuple[SyncPlan, ...] = ()


def _with_issue(plan: SyncPlan, issue: IssuePlan) -> SyncPlan:
    return replace(plan, meets=(issue.id,))


def _minutes(draw: Draw, low: float, high: float) -> int:
    return draw.between(int(low * MINUTE), int(high * MINUTE))


def _resting(draw: Draw, run_ms: int, rests_ms: int, goes_on_ms: int, percent: float) -> Waypoints:
    """Return a curve that glides to a percentage, rests there to the millisecond, and glides to its end.

    Args:
        draw: Where chance comes from.
        run_ms: How long the whole takes.
        rests_ms: When the rest begins, counted from the start of the work.
        goes_on_ms: When it is over.
        percent: What is reached by then.
    """
    first, last = rests_ms / run_ms, goes_on_ms / run_ms
    rising = ((place * first, height * percent / 100) for place, height in gliding(draw, 4))
    finishing = ((last + place * (1 - last), percent + height * (1 - percent / 100)) for place, height in gliding(draw))
    *between, _ = finishing
    return (*rising, *between, (1.0, 100.0))


def _healthy(stage: Stage) -> Plot:
    return Plot(stage.sync(_minutes(stage.draw, 9.5, 10)))


def _missing_permissions(stage: Stage) -> Plot:
    plan = stage.sync(_minutes(stage.draw, 10, 12))
    midway_ms = plan.started_ms + int(plan.run_ms * (0.45 + 0.1 * stage.draw.unit()))
    issue = plan_issue(stage.draw, midway_ms, code="permission_missing")
    return Plot(_with_issue(plan, issue), (issue,))


def _provider_outage(stage: Stage) -> Plot:
    """The pauses between attempts double, from one minute to sixteen; the sixth attempt gets through."""
    draw = stage.draw
    broken_ms = _minutes(draw, 2, 3)
    retries_ms, tried_ms = [], broken_ms
    for number in range(5):
        tried_ms += int(2**number * MINUTE * (0.9 + 0.2 * draw.unit()))
        retries_ms.append(tried_ms)
    run_ms = tried_ms + _minutes(draw, 5, 6)
    plan = stage.sync(
        run_ms,
        waypoints=_resting(draw, run_ms, broken_ms, tried_ms, 30 + 15 * draw.unit()),
        retries_ms=tuple(retries_ms),
    )
    issue = replace(
        # It is known once the first attempt has failed twice, and over a minute after the provider is back.
        plan_issue(draw, plan.started_ms + retries_ms[0], code="data_delayed"),
        message="The provider answers with status 503; vehicle locations and trips arrive late until it recovers",
        resolved_ms=plan.started_ms + tried_ms + MINUTE,
    )
    return Plot(_with_issue(plan, issue), (issue,))


def _provider_files(stage: Stage) -> Plot:
    draw = stage.draw
    asked_ms, delay_ms = _minutes(draw, 4, 6), draw.between(8 * SECOND, 20 * SECOND)
    delivered_ms = draw.between(4 * HOUR + 40 * MINUTE, 5 * HOUR)
    run_ms = delivered_ms + _minutes(draw, 12, 18)
    plan = stage.sync(
        run_ms,
        delay_ms=delay_ms,
        start_from_ms=min(stage.since_ms, stage.now_ms - 180 * DAY),
        waypoints=_resting(draw, run_ms, asked_ms, delivered_ms, 30 + 20 * draw.unit()),
        provider_requests=("historical_files",),
        provider_answers_ms=delay_ms + delivered_ms,
    )
    return Plot(plan)


def _disconnect(stage: Stage) -> Plot:
    plan = stage.sync(_minutes(stage.draw, 11, 13))
    lost_ms = plan.started_ms + int(plan.run_ms * (0.4 + 0.15 * stage.draw.unit()))
    issue = plan_issue(stage.draw, lost_ms - _minutes(stage.draw, 0.6, 1), code="provider_data_inaccessible")
    return Plot(_with_issue(plan, issue), (issue,), ((lost_ms, "disconnected"),))


def _flapping(stage: Stage) -> Plot:
    """Three rounds: a sync is cut off, the connection is connected again, and the next sync completes."""
    draw = stage.draw
    syncs: list[SyncPlan] = []
    moves: list[Move] = []
    at_ms = 0
    for _ in range(3):
        broken = stage.sync(_minutes(draw, 8, 10), after_ms=at_ms)
        lost_ms = broken.started_ms + int(broken.run_ms * (0.35 + 0.25 * draw.unit()))
        back_ms = lost_ms + _minutes(draw, 3, 5)
        moves += [(lost_ms, "disconnected"), (back_ms, "connected")]
        good = stage.sync(_minutes(draw, 5, 6), after_ms=back_ms - stage.now_ms + 30 * SECOND)
        syncs += [broken, good]
        at_ms = good.ended_ms - stage.now_ms + _minutes(draw, 1, 2)
    return Plot(syncs[0], moves=tuple(moves), turns=tuple(syncs[1:]))


def _stall(stage: Stage) -> Plot:
    draw = stage.draw
    rests_ms = _minutes(draw, 4, 6)
    goes_on_ms = rests_ms + _minutes(draw, 38, 42)
    run_ms = goes_on_ms + _minutes(draw, 3, 4)
    waypoints = _resting(draw, run_ms, rests_ms, goes_on_ms, 52 + 18 * draw.unit())
    return Plot(stage.sync(run_ms, waypoints=waypoints))


@dataclass(frozen=True, slots=True)
class Setting:
    """How a scenario is told.

    Attributes:
        tell: Settles what happens.
        provider: Whose connection is made for it, where none is chosen.
    """

    tell: Callable[[Stage], Plot]
    provider: str


SETTINGS = {
    "healthy-first-sync": Setting(_healthy, "samsara"),
    "missing-permissions": Setting(_missing_permissions, "motive"),
    "provider-outage": Setting(_provider_outage, "zonar"),
    "provider-files": Setting(_provider_files, "omnitracs"),
    "disconnect-mid-sync": Setting(_disconnect, "geotab"),
    "flapping": Setting(_flapping, "verizon"),
    "stall": Setting(_stall, "webfleet"),
}
