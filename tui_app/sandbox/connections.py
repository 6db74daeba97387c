"""A connection: who it belongs to, what becomes of it, and its syncs and issues at any time."""

from __future__ import annotations

import heapq
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tui_app.sandbox.ids import Draw, next_ulid
from tui_app.sandbox.issues import IssuePlan
from tui_app.sandbox.planning import Schedule
from tui_app.sandbox.plans import CUT_OFF, DAY, HOUR, SyncPlan

# States in which the token opens nothing any more.
REMOVED = frozenset({"deleting", "deleted"})

# From the request of a deletion: when it cannot be taken back any more, and when all is gone.
GRACE = DAY
GONE = 39 * HOUR

Move = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Profile:
    """Whose connection it is. Values are as the API shows them.

    Attributes:
        company: `name` and `dotNumbers`.
        account: The account at the provider.
        provider: The provider's code.
        sync_mode: automatic or manual.
        external_id: The id in the system of whoever made the connection.
        source_id: The id of the account at the provider.
        tags: Free words.
        options: What the provider can be told.
        filters: Which vehicles and drivers are left out.
        agreements: What the owner agreed to.
    """

    company: dict[str, Any]
    account: dict[str, Any]
    provider: str
    sync_mode: str
    external_id: str | None = None
    source_id: str | None = None
    tags: tuple[str, ...] = ()
    options: dict[str, Any] = field(default_factory=dict)
    filters: dict[str, Any] = field(default_factory=dict)
    agreements: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Story:
    """What was settled for a connection from the beginning. Times are in milliseconds since the epoch.

    Attributes:
        moves: When it takes which state; the first is its creation.
        touched_ms: When its owner last changed something about it.
        schedule: Its automatic syncs; None if it has none.
        plans: Its other syncs.
        issues: Its issues.
    """

    moves: tuple[Move, ...]
    touched_ms: int
    schedule: Schedule | None = None
    plans: tuple[SyncPlan, ...] = ()
    issues: tuple[IssuePlan, ...] = ()


class Connection:
    """A connection, settled by its story and by what clients did since.

    Attributes:
        id: `conn_` and a ULID.
        token: What opens it.
        created_ms: When it was made, since the epoch.
        part: Whether it belongs to the fleet or was made, and its number there: what chance depends on.
        requested: Syncs that clients asked for, or that scenarios begin with.
        turns: Syncs that come in the course of a scenario, unless something else is under way by then.
        reported: Issues that came of those.
        amended: Syncs that clients, or what clients did, ended or began anew; by id, as they are since.
        withdrawn: Ids of issues that never come up, because the sync that would have met them first was ended.
        resolved: When clients last resolved which issue, by its id, in milliseconds since the epoch.
        moved: States that clients or scenarios brought about, also such as are still to come.
        unasked: Those of them that a scenario lets come by themselves.
        modes: Sync modes that clients set, and when (since the epoch).
        edited: Whose it is since clients changed something about that; None if they did not.
        touched_ms: When clients last changed something, since the epoch; 0 if they did not.
    """

    def __init__(self, id: str, token: str, created_ms: int, part: tuple[str, int]) -> None:
        """Make a connection; subclasses say how its profile and story come about."""
        self.id = id
        self.token = token
        self.created_ms = created_ms
        self.part = part
        self.requested: list[SyncPlan] = []
        self.turns: list[SyncPlan] = []
        self.reported: list[IssuePlan] = []
        self.amended: dict[str, SyncPlan] = {}
        self.withdrawn: set[str] = set()
        self.resolved: dict[str, int] = {}
        self.moved: list[Move] = []
        self.unasked: list[Move] = []
        self.modes: list[Move] = []
        self.edited: Profile | None = None
        self.touched_ms = 0

    @property
    def original(self) -> Profile:
        """Whose connection it was at first."""
        raise NotImplementedError

    @property
    def profile(self) -> Profile:
        """Whose connection it is."""
        return self.edited or self.original

    @property
    def story(self) -> Story:
        """What was settled for it from the beginning."""
        raise NotImplementedError

    @property
    def moves(self) -> tuple[Move, ...]:
        """All its states in time: what a client brought about replaces whatever was to come after it."""
        if not self.moved:
            return self.story.moves
        return (*(move for move in self.story.moves if move[0] < self.moved[0][0]), *self.moved)

    @property
    def issues(self) -> tuple[IssuePlan, ...]:
        """All its issues, also those that were not reported yet."""
        if not self.reported and not self.withdrawn:
            return self.story.issues
        return tuple(issue for issue in (*self.story.issues, *self.reported) if issue.id not in self.withdrawn)

    def status_at(self, ms: int) -> str:
        """Return its state at a time (since the epoch)."""
        moves = self.moves
        return moves[max(bisect_right(moves, ms, key=_when) - 1, 0)][1]

    def updated_ms(self, now_ms: int) -> int:
        """Return when it last changed before a time (both since the epoch)."""
        moves = self.moves
        moved_ms = moves[max(bisect_right(moves, now_ms, key=_when) - 1, 0)][0]
        return max(moved_ms, self.story.touched_ms, self.touched_ms)

    def accepted_at(self, ms: int) -> bool:
        """Whether its provider accepts the stored credentials at a time (since the epoch).

        It does not once the connection was disconnected by itself, until it is connected again. A client that
        disconnects it changes nothing about that.
        """
        accepted = True
        for move in self.moves:
            if move[0] <= ms and move[1] == "connected":
                accepted = True
            elif move[0] <= ms and move[1] == "disconnected" and (move not in self.moved or move in self.unasked):
                accepted = False
        return accepted

    def move(self, now: Move, *later: Move) -> None:
        """Take another state now, and perhaps further ones later; whatever else was to come does not."""
        self.moved = [*(move for move in self.moved if move[0] <= now[0]), now, *later]
        self.unasked = [move for move in self.unasked if move[0] <= now[0]]
        self.turns = [turn for turn in self.turns if turn.requested_ms <= now[0]]

    def amend(self, plan: SyncPlan) -> None:
        """Let a sync be as it is given from now on."""
        # A new dictionary, because another thread may be walking along the old one.
        self.amended = {**self.amended, plan.id: plan}

    def moved_to_ms(self, status: str, now_ms: int) -> int | None:
        """Return when it last took a state before a time (both since the epoch), or None."""
        return next((ms for ms, word in reversed(self.moves) if word == status and ms <= now_ms), None)

    def syncs(self, now_ms: int) -> Iterator[SyncPlan]:
        """Yield the syncs requested until a time (since the epoch), the newest first."""
        # An automatic sync that was retried or cancelled is from then on told like one that somebody asked for.
        known = {plan.id: plan for plan in (*self.story.plans, *self.requested)} | self.amended
        asked = [self._cut(plan) for plan in known.values() if plan.requested_ms <= now_ms]
        for turn in self.turns:
            # Like an automatic one, it is passed over while another sync is under way.
            comes = turn.requested_ms <= now_ms and turn.id not in self.amended
            if comes and not any(_overlap(self._cut(turn), other) for other in asked):
                asked.append(self._cut(turn))
        asked.sort(key=_in_time, reverse=True)
        if self.story.schedule is None:
            return iter(asked)
        return heapq.merge(asked, self._automatic(now_ms, asked), key=_in_time, reverse=True)

    def latest_sync(self, now_ms: int) -> SyncPlan | None:
        """Return the newest sync at a time (since the epoch), or None."""
        return next(self.syncs(now_ms), None)

    def newest_id(self, sync_id: str, now_ms: int) -> str:
        """Return an id for a sync that is requested at a time (since the epoch): behind those of all syncs before it.

        Two of the same millisecond are in the order of chance otherwise, and the newest one counts.
        """
        latest = self.latest_sync(now_ms)
        return sync_id if latest is None or latest.id < sync_id else f"sync_{next_ulid(latest.id[5:])}"

    def running_sync(self, now_ms: int) -> SyncPlan | None:
        """Return the sync that is under way at a time (since the epoch), or None."""
        # One sync at a time: only the newest can be under way, or an older one that was retried.
        candidates = (self.latest_sync(now_ms), *map(self._cut, self.amended.values()))
        return next((plan for plan in candidates if plan is not None and now_ms < plan.ended_ms), None)

    def sync(self, sync_id: str, now_ms: int) -> SyncPlan | None:
        """Return the sync with an id at a time (since the epoch), or None."""
        for plan in self.syncs(now_ms):
            if plan.id <= sync_id:
                return plan if plan.id == sync_id else None
        return None

    def issues_of(self, plan: SyncPlan, now_ms: int) -> list[IssuePlan]:
        """Return the issues that a sync has run into by a time (since the epoch), in order of appearance."""
        met = [(self._met(issue, plan), issue) for issue in self.issues]
        seen = [(min(times), issue.id, issue) for times, issue in met if times and min(times) <= now_ms]
        return [issue for _, _, issue in sorted(seen)]

    def is_ongoing(self, issue: IssuePlan, now_ms: int) -> bool:
        """Whether an issue is not over at a time (since the epoch); what was resolved is so until it is met again."""
        resolved_ms = self.resolved.get(issue.id)
        met_again = resolved_ms is None or self.last_reported_ms(issue, now_ms) > resolved_ms
        return met_again and issue.lasts_at(now_ms)

    def last_reported_ms(self, issue: IssuePlan, now_ms: int) -> int:
        """Return when a sync last ran into an issue before a time (both since the epoch)."""
        # An older sync that was retried may have met it later than the newest one.
        latest = [ms for plan in self.amended.values() for ms in self._met(issue, self._cut(plan)) if ms <= now_ms]
        for plan in self.syncs(now_ms):
            times = [ms for ms in self._met(issue, plan) if ms <= now_ms]
            if times or plan.ended_ms <= issue.first_ms:
                latest += times
                break
        return max(latest, default=issue.first_ms)

    def _automatic(self, now_ms: int, asked: list[SyncPlan]) -> Iterator[SyncPlan]:
        assert self.story.schedule is not None
        until_ms = now_ms
        for ms, status in reversed(self.moves):
            if ms <= now_ms and status == "connected":
                for plan in map(self._cut, self.story.schedule.between(ms, until_ms)):
                    # The automatic turn is passed over while another sync is under way.
                    passed = plan.id in self.amended or any(_overlap(plan, other) for other in asked)
                    if not passed and self._is_automatic_at(plan.requested_ms):
                        yield plan
            until_ms = min(until_ms, ms - 1)

    def _is_automatic_at(self, ms: int) -> bool:
        """Whether a connection with a schedule followed it at a time (since the epoch)."""
        # A turn that comes at the very moment of a change has been seen by whoever changed the mode: it stands.
        changes = bisect_left(self.modes, ms, key=_when)
        return changes == 0 or self.modes[changes - 1][1] == "automatic"

    def _cut(self, plan: SyncPlan) -> SyncPlan:
        """End a sync with the connection's being connected."""
        for ms, status in self.moves:
            if plan.asked_ms < ms < plan.ended_ms and status != "connected":
                return plan.cut(ms, CUT_OFF)
        return plan

    def _met(self, issue: IssuePlan, plan: SyncPlan) -> list[int]:
        """Return when a sync runs into an issue: once for each time that it was asked for, if at all."""
        return [ms for ms in (self._met_ms(issue, each) for each in plan.tries()) if ms is not None]

    def _met_ms(self, issue: IssuePlan, plan: SyncPlan) -> int | None:
        """Return when a sync runs into an issue, or None if it does not."""
        if plan.meets is not None and issue.id not in plan.meets:
            return None
        if plan.started_ms <= issue.first_ms:
            met_ms = issue.first_ms
        else:
            met_ms = plan.started_ms + int(plan.run_ms * (0.1 + 0.8 * Draw(issue.id, plan.id).unit()))
        over = issue.resolved_ms is not None and met_ms >= issue.resolved_ms
        return None if over or met_ms >= plan.ended_ms else met_ms


class MadeConnection(Connection):
    """A connection that somebody made while the server ran, by the API or by hand.

    Attributes:
        number: How many were made before it.
        account_key: Which account at the provider it stands for; None if nothing is to be merged with it.
        backfill_ms: From when on its first sync reads (since the epoch), if that was asked for.
    """

    def __init__(
        self,
        id: str,
        token: str,
        created_ms: int,
        *,
        number: int,
        profile: Profile,
        status: str = "connected",
        account_key: str | None = None,
        backfill_ms: int | None = None,
    ) -> None:
        """Make a connection in a given state. It has no schedule: it syncs when it is asked to, and only then."""
        super().__init__(id, token, created_ms, ("made", number))
        self.number = number
        self.account_key = account_key
        self.backfill_ms = backfill_ms
        self._profile = profile
        self._story = Story(moves=((created_ms, status),), touched_ms=created_ms)

    @property
    def original(self) -> Profile:
        """Whose connection it was at first."""
        return self._profile

    @property
    def story(self) -> Story:
        """What was settled for it from the beginning: nothing but its state."""
        return self._story


def _when(move: Move) -> int:
    return move[0]


def _overlap(one: SyncPlan, other: SyncPlan) -> bool:
    return any(one.asked_ms < each.ended_ms and each.asked_ms < one.ended_ms for each in other.tries())


def _in_time(plan: SyncPlan) -> str:
    # A ULID begins with the time of request, and settles the order of two at the same millisecond.
    return plan.id
