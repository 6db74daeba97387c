"""What happens to the connections of a fleet: the first few show every state there is, the others are ordinary."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tui_app.sandbox.connections import GONE, GRACE, Move, Story
from tui_app.sandbox.ids import Draw, ulid
from tui_app.sandbox.issues import IssuePlan, plan_issue
from tui_app.sandbox.planning import CADENCE, Schedule, past_plan, stalled
from tui_app.sandbox.plans import DAY, HOUR, MINUTE, SECOND, TRANSIENT_FAILURES, SyncPlan, bursts, gliding, waiting


@dataclass(frozen=True, slots=True)
class Cast:
    """One connection waiting for its story.

    Attributes:
        seed: The fleet's seed.
        index: Its number in the fleet.
        created_ms: When it was made, since the epoch.
        start_ms: When the server's time began, since the epoch.
        draw: Where chance comes from.
    """

    seed: int
    index: int
    created_ms: int
    start_ms: int
    draw: Draw

    def live(self, ago_ms: int, run_ms: int, **facts: Any) -> SyncPlan:
        """Return a sync that is under way when the server starts.

        Args:
            ago_ms: How long before the start it was requested.
            run_ms: How long it works.
            facts: What else is to be said of it; it glides if no waypoints are given.
        """
        requested_ms = self.start_ms - ago_ms
        facts.setdefault("delay_ms", self.draw.between(5 * SECOND, 25 * SECOND))
        facts.setdefault("waypoints", gliding(self.draw))
        plan_id = f"sync_{ulid(requested_ms, self.draw)}"
        return SyncPlan(plan_id, requested_ms, requested_ms - CADENCE, run_ms=run_ms, **facts)

    def schedule(self, until_ms: int | None = None, **facts: Any) -> Schedule:
        """Return automatic syncs that reach half a day to two days back.

        Args:
            until_ms: From when to reach back, since the epoch; from the start by default.
            facts: What else is to be said of them.
        """
        reach_ms = self.draw.between(12 * HOUR, 48 * HOUR)
        first_ms = max((until_ms or self.start_ms) - reach_ms, self.created_ms + MINUTE)
        return Schedule((self.seed, self.index), first_ms, self.draw.between(0, CADENCE - 1), **facts)

    def issue(self, ago_ms: int, code: str | None = None, over_ago_ms: int | None = None) -> IssuePlan:
        """Return an issue.

        Args:
            ago_ms: How long before the start it is first reported; negative for the future.
            code: Its code; any by default.
            over_ago_ms: How long before the start it is over; never by default.
        """
        resolved_ms = None if over_ago_ms is None else self.start_ms - over_ago_ms
        return plan_issue(self.draw, max(self.start_ms - ago_ms, self.created_ms), code=code, resolved_ms=resolved_ms)

    def story(self, *moves: Move, **facts: Any) -> Story:
        """Return a story that begins with the connection's creation.

        Args:
            moves: Its further states: milliseconds after the start, and the state.
            facts: Its schedule, plans and issues.
        """
        later = tuple((max(self.start_ms + ms, self.created_ms + 1), status) for ms, status in moves)
        # Its owner changed something now and then, but nothing any more once it had begun to go.
        until_ms = min([self.start_ms, *(ms for ms, _ in later)])
        touched_ms = self.created_ms + int(self.draw.unit() ** 2 * (until_ms - self.created_ms))
        return Story(((self.created_ms, "connected"), *later), touched_ms, **facts)


def _syncing(cast: Cast) -> Story:
    return cast.story(schedule=cast.schedule(), plans=(cast.live(6 * MINUTE, 18 * MINUTE),))


def _idle(cast: Cast) -> Story:
    days = range(1, cast.draw.between(4, 9))
    past = tuple(past_plan(cast.draw, cast.start_ms - day * 2 * DAY - day * 37 * MINUTE) for day in days)
    return cast.story(plans=tuple(plan for plan in past if plan.requested_ms > cast.created_ms))


def _failing(cast: Cast) -> Story:
    retries = (50 * SECOND, 130 * SECOND, 300 * SECOND)
    plan = cast.live(
        4 * MINUTE, 9 * MINUTE, failure=TRANSIENT_FAILURES[0], waypoints=stalled(cast.draw), retries_ms=retries
    )
    return cast.story(schedule=cast.schedule(failing_from_ms=cast.start_ms - 30 * HOUR), plans=(plan,))


def _failed(cast: Cast) -> Story:
    """On request only, so that its newest sync stays a failed one until somebody asks for another."""
    last = cast.live(49 * MINUTE, 6 * MINUTE, failure=TRANSIENT_FAILURES[1], waypoints=stalled(cast.draw))
    idle = _idle(cast)
    return cast.story(plans=(last, *idle.plans))


def _disconnected(cast: Cast) -> Story:
    gone_ms = -cast.draw.between(3 * HOUR, 9 * DAY)
    last = cast.live(4 * MINUTE - gone_ms, 12 * MINUTE)
    return cast.story(
        (gone_ms, "disconnected"), schedule=cast.schedule(until_ms=cast.start_ms + gone_ms), plans=(last,)
    )


def _missing_permissions(cast: Cast) -> Story:
    issue = cast.issue(5 * DAY, "permission_missing")
    return cast.story(schedule=cast.schedule(), plans=(cast.live(11 * MINUTE, 25 * MINUTE),), issues=(issue,))


def _waiting_for_files(cast: Cast) -> Story:
    plan = cast.live(
        31 * HOUR,
        4 * DAY,
        waypoints=waiting(cast.draw, 0.97),
        provider_requests=("historical_files",),
        provider_answers_ms=int(0.97 * 4 * DAY),
    )
    return cast.story(schedule=cast.schedule(until_ms=plan.requested_ms), plans=(plan,))


def _cut_off(cast: Cast) -> Story:
    plan = cast.live(5 * MINUTE, 30 * MINUTE)
    issue = cast.issue(-210 * SECOND, "provider_data_inaccessible")
    return cast.story((4 * MINUTE, "disconnected"), schedule=cast.schedule(), plans=(plan,), issues=(issue,))


def _retrying(cast: Cast) -> Story:
    retries = (2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE)
    return cast.story(schedule=cast.schedule(), plans=(cast.live(7 * MINUTE, 22 * MINUTE, retries_ms=retries),))


def _archived(cast: Cast) -> Story:
    gone_ms = -cast.draw.between(2 * DAY, 60 * DAY)
    return cast.story((gone_ms, "archived"), schedule=cast.schedule(until_ms=cast.start_ms + gone_ms))


def _removal(cast: Cast, asked_ms: int) -> Story:
    """Tell the removal of a connection asked for some time after (or, negative, before) the start."""
    return cast.story(
        (asked_ms, "pending_deletion"),
        (asked_ms + GRACE, "deleting"),
        (asked_ms + GONE, "deleted"),
        schedule=cast.schedule(until_ms=cast.start_ms + asked_ms),
    )


def _pending_deletion(cast: Cast) -> Story:
    return _removal(cast, -cast.draw.between(1 * HOUR, 20 * HOUR))


def _deleting(cast: Cast) -> Story:
    return _removal(cast, -cast.draw.between(25 * HOUR, 34 * HOUR))


def _deleted(cast: Cast) -> Story:
    return _removal(cast, -cast.draw.between(2 * DAY, 30 * DAY))


def _bursty(cast: Cast) -> Story:
    plan = cast.live(3 * MINUTE, 14 * MINUTE, waypoints=bursts(cast.draw), bursty=True)
    issue = cast.issue(-4 * MINUTE, "unsupported_device_type")
    return cast.story(schedule=cast.schedule(bursty=True), plans=(plan,), issues=(issue,))


def _silent(cast: Cast) -> Story:
    return cast.story(
        schedule=cast.schedule(tells_progress=False), plans=(cast.live(11 * MINUTE, 28 * MINUTE, waypoints=()),)
    )


def _queued(cast: Cast) -> Story:
    return cast.story(schedule=cast.schedule(), plans=(cast.live(25 * SECOND, 12 * MINUTE, delay_ms=150 * SECOND),))


def _nearly_done(cast: Cast) -> Story:
    issues = (
        cast.issue(9 * DAY, "data_delayed", over_ago_ms=6 * DAY),
        cast.issue(26 * HOUR, "missing_vehicle_identifier"),
        cast.issue(-30 * SECOND, "provider_source_data_invalid"),
    )
    return cast.story(schedule=cast.schedule(), plans=(cast.live(19 * MINUTE, 21 * MINUTE),), issues=issues)


def _ordinary(cast: Cast) -> Story:
    issues: list[IssuePlan] = []
    while len(issues) < 3 and cast.draw.chance(0.22):
        age_ms = cast.draw.between(HOUR, 20 * DAY)
        over_ago_ms = cast.draw.between(0, age_ms) if cast.draw.chance(0.5) else None
        issues.append(cast.issue(age_ms, over_ago_ms=over_ago_ms))
    schedule = cast.schedule(
        failure_rate=cast.draw.weighted(((0.02, 92), (0.4, 8))),
        tells_progress=not cast.draw.chance(0.12),
        bursty=cast.draw.chance(0.3),
    )
    return cast.story(schedule=schedule, issues=tuple(issues))


@dataclass(frozen=True, slots=True)
class Role:
    """A part that a connection can play.

    Attributes:
        tell: Makes its story.
        manual: Whether it syncs on request only.
        provider: The provider's code, where the story needs a certain one.
    """

    tell: Callable[[Cast], Story]
    manual: bool = False
    provider: str | None = None


SYNCING = Role(_syncing, provider="samsara")
IDLE = Role(_idle, manual=True, provider="geotab")
ORDINARY = Role(_ordinary)
# In this order they are given to a fleet's first connections, so that a small fleet shows what matters most.
LEADING = (
    SYNCING,
    IDLE,
    Role(_failing, provider="zonar"),
    Role(_disconnected, provider="motive"),
    Role(_missing_permissions, provider="motive"),
    Role(_waiting_for_files, provider="omnitracs"),
    Role(_cut_off, provider="samsara"),
    Role(_retrying, provider="verizon"),
    Role(_archived),
    Role(_pending_deletion),
    Role(_deleted),
    Role(_bursty, provider="eroad"),
    Role(_silent, provider="people-net"),
    Role(_queued, provider="geotab"),
    Role(_nearly_done, provider="isaac"),
    Role(_deleting),
    Role(_failed, manual=True, provider="verizon"),
)
_OTHERS = (
    (ORDINARY, 76),
    (IDLE, 9),
    (Role(_disconnected), 7),
    (Role(_archived), 4),
    (Role(_pending_deletion), 2),
    (Role(_deleting), 1),
    (Role(_deleted), 1),
)


def role_of(seed: int, index: int) -> Role:
    """Return the part that connection number `index` of a fleet plays."""
    return LEADING[index] if index < len(LEADING) else Draw("role", seed, index).weighted(_OTHERS)


def story_of(seed: int, index: int, created_ms: int, start_ms: int) -> Story:
    """Return the story of connection number `index` of a fleet; times are in milliseconds since the epoch."""
    return role_of(seed, index).tell(Cast(seed, index, created_ms, start_ms, Draw("story", seed, index)))
