"""Looks at each connection's last sync, which the list does not carry: what is on screen first, within bounds."""

from __future__ import annotations

import asyncio
import heapq
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from math import inf

from tui_app.api.base import SyncApi
from tui_app.api.turns import turns_of
from tui_app.models.clock import Clock, first_of
from tui_app.models.connection import Connection, Standing
from tui_app.models.problem import Problem, ProblemKind
from tui_app.models.sync import Sync
from tui_app.watch.faults import problem_of_look

_SOON = 3  # times the shortest gap: what is looked at more seldom has not moved for a while

# Nothing syncs any more in these, so nothing is asked of the server.
_AT_REST = (Standing.ARCHIVED, Standing.LEAVING, Standing.DELETED)


def may_look(connection: Connection, tokens: bool = True) -> bool:
    """Whether a connection has a last sync worth asking for.

    Args:
        connection: Which one.
        tokens: Whether asking takes the connection's own token.
    """
    return (connection.token is not None or not tokens) and connection.standing not in _AT_REST


@dataclass(frozen=True, slots=True)
class FleetPace:
    """How often a connection is looked at again, in seconds, and how many looks may be under way at once.

    A sync that runs is looked at often while its looks show that it moves. Where nothing has moved for long, the next
    look waits for the part `patience` of that, though no longer than at one that rests; one that waits for its provider
    may do so for days, and is looked at as one that rests. Where the newest sync ended long ago, the next is seldom
    near: a row on screen waits for the part `leisure` of that, though no longer than a hidden one.

    Looks that nobody waits for are spread: those at hidden rows, one each `spread` seconds at the most, and those at
    rows on screen that were looked at before and rest, or have not moved for long, one each `apart`. So a large fleet
    leaves the budget to what the person is doing, and what the line on top tells of it stands still. For `quiet`
    seconds nothing is looked at once the server could not be reached, or asked to slow down without saying for how
    long.
    """

    running_visible: float = 3
    running_hidden: float = 20
    idle_visible: float = 60
    idle_hidden: float = 300
    patience: float = 0.3
    leisure: float = 0.05
    after_problem: float = 30
    quiet: float = 5
    spread: float = 0.2
    apart: float = 1.0
    concurrent: int = 4


class FleetLooks:
    """Keeps looking while it runs.

    Args:
        api: The server.
        clock: What waiting is measured by.
        connection: Tells a connection as it is known, by its ID; ``None`` where it is not known any more.
        on_look: Told each look's outcome: a connection or a problem, never both.
        pace: How often.
        tokens: Whether a look takes the connection's own token.
        server_now: The date and time as the server has it.
        stands_still: Tells whether the server's time does: nothing moves by itself then, and what was looked at is
            looked at again only where somebody asks for it. Once its time goes on, `look_again` is to be called.
        followed: Tells whether the sync that runs at a connection is looked at closely by whoever follows it: then the
            connection is looked at as one that is hidden.
    """

    def __init__(
        self,
        api: SyncApi,
        clock: Clock,
        connection: Callable[[str], Connection | None],
        on_look: Callable[[str, Connection | None, Problem | None], None],
        pace: FleetPace | None = None,
        *,
        server_now: Callable[[], datetime],
        tokens: bool = True,
        stands_still: Callable[[], bool] = lambda: False,
        followed: Callable[[str], bool] = lambda connection_id: False,
    ) -> None:
        self._api = api
        self._clock = clock
        self._connection = connection
        self._on_look = on_look
        self._pace = pace or FleetPace()
        self._server_now = server_now
        self._tokens = tokens
        self._stands_still = stands_still
        self._followed = followed
        self._turns = turns_of(api, clock)
        self._due: dict[str, float] = {}  # id → when to look again; an id without an entry was never looked at
        self._running: set[str] = set()
        self._unmoved: dict[str, tuple[Sync, float]] = {}  # a sync that runs, and since when it is seen as it is
        self._visible: dict[str, None] = {}  # from the top, and each found at once
        self._unseen: deque[str] = deque()
        self._later: list[tuple[float, str]] = []
        self._under_way: dict[str, asyncio.Task[None]] = {}
        self._fault: BaseException | None = None
        self._wake = asyncio.Event()
        self._quiet_until = 0.0
        self._spread_next = 0.0
        self._again_next = 0.0

    def follow(self, connection_ids: Iterable[str]) -> None:
        """Take connections in, or look anew at those that can be looked at again."""
        for connection_id in connection_ids:
            self._due.pop(connection_id, None)
            self._unseen.append(connection_id)
        self._wake.set()

    def forget(self, connection_id: str) -> None:
        """Stop looking at a connection that is gone."""
        self._due.pop(connection_id, None)
        self._running.discard(connection_id)
        self._unmoved.pop(connection_id, None)

    def hasten(self, connection_id: str) -> None:
        """Look at a connection as at one whose sync runs, beginning soon: one was just asked for."""
        if self._connection(connection_id) is not None:
            self._running.add(connection_id)
            self._unmoved.pop(connection_id, None)
            self._set_due(connection_id, self._clock.monotonic() + self._pace.running_visible)
            self._wake.set()

    def show(self, connection_ids: Iterable[str]) -> None:
        """Say which connections are on screen, from the top."""
        before, self._visible = self._visible, dict.fromkeys(connection_ids)
        now = self._clock.monotonic()
        for connection_id in (each for each in before if each not in self._visible):
            if connection_id in self._due:  # looked at as a hidden row again
                self._set_due(connection_id, self._due[connection_id])
            else:
                self._unseen.append(connection_id)
        for connection_id in (each for each in self._visible if each not in before):
            soon = now + self._gap(connection_id, now)
            if self._due.get(connection_id, 0.0) > soon:  # it was paced as a hidden row until now
                self._set_due(connection_id, soon)
        self._wake.set()

    def look_again(self) -> None:
        """Look now at the connections that are on screen."""
        for connection_id in self._visible:
            if connection_id in self._due:
                self._set_due(connection_id, 0.0)
        self._wake.set()

    def give_way(self, seconds: float) -> None:
        """Begin no look for so long: a person waits for something else, and the budget is for that."""
        self._quiet_until = max(self._quiet_until, self._clock.monotonic() + seconds)

    async def run(self) -> None:
        """Look until cancelled, or until `on_look` fails, whose error is then raised."""
        try:
            while self._fault is None:
                self._wake.clear()
                wait = self._start_what_is_due()
                await self._rest(wait)
            raise self._fault
        finally:
            looks = list(self._under_way.values())
            for look in looks:
                look.cancel()
            await asyncio.gather(*looks, return_exceptions=True)

    def _start_what_is_due(self) -> float | None:
        """Start looks up to the bound; answer the seconds until the next is due, ``None`` when a look's end decides."""
        now = self._clock.monotonic()
        if now < self._quiet_until:
            return self._quiet_until - now
        while len(self._under_way) < self._pace.concurrent:
            connection_id = self._next_visible(now) or self._next_hidden(now)
            if connection_id is None:
                return self._until_next(now)
            connection = self._connection(connection_id)
            assert connection is not None  # what is due may be looked at
            look = asyncio.create_task(self._look(connection))
            look.add_done_callback(self._ended)
            self._under_way[connection_id] = look
        return None

    def _next_visible(self, now: float) -> str | None:
        ready = [i for i in self._visible if self._soonest(i, now) <= now]
        found = self._first(ready, lambda i: self._due.get(i, 0.0))
        if found is not None and not self._is_waited_for(found, now):
            self._again_next = now + self._pace.apart
        return found

    def _is_waited_for(self, connection_id: str, now: float) -> bool:
        """Whether a row on screen was not seen yet, or something is likely to be seen of it."""
        return not self._due.get(connection_id) or self._gap(connection_id, now) <= _SOON * self._pace.running_visible

    def _soonest(self, connection_id: str, now: float) -> float:
        """When a row on screen may be looked at: as it is due, though apart from others that nobody waits for."""
        due = self._due.get(connection_id, 0.0)
        if due and self._stands_still():
            return inf
        return due if self._is_waited_for(connection_id, now) else max(due, self._again_next)

    def _next_hidden(self, now: float) -> str | None:
        if now < self._spread_next:
            return None
        while self._unseen:
            connection_id = self._unseen.popleft()
            if connection_id not in self._due and self._is_hidden(connection_id):
                self._spread_next = now + self._pace.spread
                return connection_id
        while self._later and self._later[0][0] <= now and not self._stands_still():
            due, connection_id = heapq.heappop(self._later)
            if self._due.get(connection_id) == due and self._is_hidden(connection_id):
                self._spread_next = now + self._pace.spread
                return connection_id
        return None

    def _first(self, connection_ids: Iterable[str], when: Callable[[str], float]) -> str | None:
        """Whose time comes first, of those that may be looked at: whether one may is what takes longest to tell."""
        return next((i for i in sorted(connection_ids, key=when) if self._may_look(i)), None)

    def _is_hidden(self, connection_id: str) -> bool:
        return connection_id not in self._visible and self._may_look(connection_id)

    def _may_look(self, connection_id: str) -> bool:
        connection = self._connection(connection_id)
        return connection is not None and connection_id not in self._under_way and may_look(connection, self._tokens)

    def _until_next(self, now: float) -> float | None:
        following = self._first((i for i in self._visible if i in self._due), lambda i: self._soonest(i, now))
        times = [] if following is None else [self._soonest(following, now)]
        if self._unseen:
            times.append(self._spread_next)
        elif self._later and not self._stands_still():
            times.append(max(self._later[0][0], self._spread_next))
        soonest = min(times, default=inf)
        return max(soonest - now, 0.05) if soonest < inf else None

    async def _rest(self, seconds: float | None) -> None:
        """Wait that long, or until something changes."""
        if seconds is None:
            await self._wake.wait()
        else:
            await first_of(self._wake.wait(), self._clock.sleep(seconds))

    async def _look(self, connection: Connection) -> None:
        # As a result rather than an exception: a fault of ours in one look must not end the looking, nor hide.
        async with self._turns.turn(connection.id, patience=self._patience(connection.id)):
            [answer] = await asyncio.gather(self._api.connection(connection), return_exceptions=True)
        del self._under_way[connection.id]
        self._wake.set()
        if self._connection(connection.id) is None:
            return  # it was forgotten meanwhile
        seen = None if isinstance(answer, BaseException) else answer
        problem = problem_of_look(answer) if isinstance(answer, BaseException) else None
        self._plan(connection.id, seen, problem)
        self._on_look(connection.id, seen, problem)

    def _patience(self, connection_id: str) -> float:
        """Seconds for which a look might be late at no great loss: least for what moves on screen."""
        return self._gap(connection_id, self._clock.monotonic())

    def _ended(self, look: asyncio.Task[None]) -> None:
        if not look.cancelled() and (error := look.exception()) is not None:
            self._fault = error
            self._wake.set()

    def _plan(self, connection_id: str, seen: Connection | None, problem: Problem | None) -> None:
        now = self._clock.monotonic()
        self._running.discard(connection_id)
        if problem is not None:
            wait = problem.retry_after or self._pace.after_problem
            if problem.kind in (ProblemKind.RATE_LIMITED, ProblemKind.UNREACHABLE):
                # Asking for the next row would only meet the same answer.
                self._quiet_until = max(self._quiet_until, now + (problem.retry_after or self._pace.quiet))
        else:
            sync = seen.last_sync if seen is not None else None
            self._note(connection_id, sync, now)
            wait = self._gap(connection_id, now)
            if connection_id in self._running:
                wait *= self._turns.room().stretch
            elif sync is not None and sync.completed_at is not None:
                rests = (self._server_now() - sync.completed_at).total_seconds()
                wait = max(wait, min(self._pace.leisure * rests, self._pace.idle_hidden))
        self._set_due(connection_id, now + wait)

    def _note(self, connection_id: str, sync: Sync | None, now: float) -> None:
        """Note whether a sync runs that may move at any time, and since when it has not."""
        if sync is None or sync.phase.is_final or sync.awaits_provider:
            self._unmoved.pop(connection_id, None)
            return
        self._running.add(connection_id)
        if connection_id not in self._unmoved or self._unmoved[connection_id][0] != sync:
            self._unmoved[connection_id] = (sync, now)

    def _gap(self, connection_id: str, now: float) -> float:
        """Seconds between two looks at a connection, as things are."""
        pace, visible = self._pace, connection_id in self._visible
        closely = visible and not self._followed(connection_id)
        least = pace.running_visible if closely else pace.running_hidden
        most = pace.idle_visible if visible else pace.idle_hidden
        if connection_id not in self._running:
            return most
        _, since = self._unmoved.get(connection_id, (None, now))
        return min(max(least, pace.patience * (now - since)), most)

    def _set_due(self, connection_id: str, due: float) -> None:
        # The entry that stood for it until now is passed over when its time comes, because it names another.
        self._due[connection_id] = due
        heapq.heappush(self._later, (due, connection_id))
