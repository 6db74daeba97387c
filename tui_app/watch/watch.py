"""One sync that is followed: its state, apart from whatever drives it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from tui_app.api.turns import Turns
from tui_app.models.clock import Clock, first_of
from tui_app.models.connection import Connection
from tui_app.models.observation import Observation
from tui_app.models.problem import Problem
from tui_app.models.sync import Sync
from tui_app.watch.earlier import History
from tui_app.watch.feed import Feed
from tui_app.watch.journal import Entry, Journal
from tui_app.watch.pacing import ROOMY, Pace, Pacing, Tempo, next_look

# The first observation and the newest are kept. At one look a second that is well over an hour, at the slowest pace of
# a running sync most of a day; what fell out in between still stands in the journal.
MOST_OBSERVATIONS = 5000

# Whoever holds the key down sends no more than four looks a second.
BY_HAND = 0.25


class Watch:
    """One followed sync. It decides when a look is due and takes in what looks bring; it takes none itself.

    Attributes:
        connection: Whose sync it is.
        sync_id: Which sync.
        latest_good: The newest observation that saw the sync; stands while looks fail.
        looking: Whether a look is under way.
        finished: Whether the sync was seen to have ended: no more looks follow.
        recorded: Whether it was recorded elsewhere: no look follows whatever the sync's state was then.
    """

    def __init__(
        self,
        connection: Connection,
        sync_id: str,
        *,
        clock: Clock,
        pacing: Pacing,
        random: Callable[[], float],
        turns: Turns | None = None,
    ) -> None:
        self.connection = connection
        self.sync_id = sync_id
        self.latest_good: Observation | None = None
        self.looking = False
        self.finished = False
        self.recorded = False
        self._clock = clock
        self._pacing = self._usual_pacing = pacing
        self._random = random
        self._turns = turns
        self._first: Observation | None = None
        self._looked = False
        self._by_hand = False
        self._feed: Feed[Observation] = Feed(MOST_OBSERVATIONS - 1)
        self._journal = Journal()
        self._tempo = Tempo()
        self._pace = Pace(0.0, "not looked yet")
        self._paused = False
        self._visible = True
        self._due = clock.monotonic()
        self._changed = asyncio.Event()

    @property
    def observations(self) -> list[Observation]:
        """What was seen, oldest first: the first observation and the newest, `MOST_OBSERVATIONS` at most."""
        kept = list(self._feed.items)
        return kept if self._first is None or (kept and kept[0] is self._first) else [self._first, *kept]

    @property
    def latest(self) -> Observation | None:
        """The newest observation, whether it saw the sync or not."""
        return self._feed.items[-1] if self._feed.items else None

    @property
    def latest_sync(self) -> Sync | None:
        """What was last seen of the sync; stands while looks fail."""
        return self.latest_good.sync if self.latest_good is not None else None

    @property
    def looked_at(self) -> float | None:
        """When the newest look ended, on the clock's `monotonic`; ``None`` before the first."""
        return self._tempo.looked_at if self._looked else None

    @property
    def journal(self) -> Sequence[Entry]:
        """What changed, told look by look, oldest first; bounded as `Journal` says."""
        return self._journal.entries

    @property
    def pace(self) -> str:
        """Why the next look is due when it is, in words for the poll line."""
        return self._pace.why

    @property
    def problem(self) -> Problem | None:
        """Why the newest look failed, or ``None`` where it did not."""
        return self.latest.problem if self.latest is not None and self._looked else None

    @property
    def ended_in_sight(self) -> bool:
        """Whether its end is news: the newest observation saw it, and the one before that saw the sync saw it go on."""
        found = (seen.sync for seen in reversed(self.observations) if seen.sync is not None)
        newest, before = next(found, None), next(found, None)
        return newest is not None and newest.phase.is_final and before is not None and not before.phase.is_final

    @property
    def paused(self) -> bool:
        """Whether no looks are taken for now."""
        return self._paused

    @property
    def closed(self) -> bool:
        """Whether it is followed no more: it ended, or it was closed."""
        return self._feed.closed

    @property
    def next_look_at(self) -> float | None:
        """When the next look is due, on the clock's `monotonic`; ``None`` while paused or looking, and at the end."""
        return None if self._paused or self.looking or self.closed else self._due

    @property
    def patience(self) -> float:
        """Seconds for which the next look might be late at no great loss: what is awaited for long has time."""
        return 0.0 if self.looked_at is None else max(self._due - self._tempo.looked_at, 0.0)

    @property
    def asked_for(self) -> bool:
        """Whether a person waits for the next look: the first on a screen, or one by hand."""
        return self._by_hand or (self._visible and self.looked_at is None)

    @property
    def visible(self) -> bool:
        """Whether a screen shows it now. What no screen shows is looked at more slowly."""
        return self._visible

    @visible.setter
    def visible(self, visible: bool) -> None:
        if visible == self._visible:
            return
        self._visible = visible
        if self.problem is None and self._tempo.sync is not None and not self.looking and not self.closed:
            self._set_pace(self._tempo.looked_at)

    def look_now(self) -> bool:
        """Ask for a look now.

        Returns:
            Whether one is taken, or is under way already. A paused watch sends nothing, and one that ended has
            nothing left to see.
        """
        if self._paused or self.closed:
            return False
        if not self.looking:
            by_hand = self._tempo.looked_at + BY_HAND if self._looked else self._clock.monotonic()
            self._due = min(self._due, max(by_hand, self._clock.monotonic()))
            self._by_hand = True
            self._changed.set()
        return True

    def expect(self, history: History, speed: float = 1.0) -> None:
        """Look often enough to see in time that its progress does not change as it usually does, and when it ends.

        Args:
            history: What its connection's earlier syncs tell.
            speed: How many times faster than ours the server's time goes.
        """
        self._pacing = self._usual_pacing.knowing(history, speed)

    def time_changed(self) -> None:
        """The server's time goes otherwise than before, or was moved: learn its pace anew, and look now."""
        self._tempo = self._tempo.anew(self._clock.monotonic())
        self.look_now()

    def pause(self) -> None:
        """Send nothing until resumed. A look that is under way is still taken in."""
        self._paused = True
        self._want(None)
        self._changed.set()

    def resume(self) -> None:
        """Look on: at once where a look fell due in the meantime."""
        self._paused = False
        self._want(self._pace.seconds)
        self._changed.set()

    def stream(self) -> AsyncIterator[Observation]:
        """Follow it: the newest observation first, where there is one, then every new one.

        Ends after the last observation of a sync that ended, or when the watch is closed. Any number may follow at the
        same time; each gets every observation, unless it falls thousands behind.
        """
        return self._feed.follow(known=1)

    # What follows is for whoever drives it.

    async def due(self) -> None:
        """Wait until a look is due."""
        while True:
            self._changed.clear()
            wait = self._due - self._clock.monotonic()
            if self._paused:
                await self._changed.wait()
            elif wait <= 0:
                return
            else:
                await self._sleep(wait)

    def begin(self) -> None:
        """Note that a look is under way."""
        self.looking = True
        self._by_hand = False

    def take(self, observed_at: datetime, latency: float, sync: Sync | None, problem: Problem | None) -> Observation:
        """Take in what a look brought, and decide when the next is due.

        Args:
            observed_at: When it ended, in the server's time.
            latency: How long it took, in seconds.
            sync: What was seen, or ``None``.
            problem: Why nothing was seen, or ``None``.
        """
        self.looking = False
        seen = Observation(self.connection.id, self.sync_id, observed_at, latency, sync, problem)
        now = self._clock.monotonic()
        self._tempo = self._tempo.after(seen, now)
        self._set_pace(now)
        seen = replace(seen, next_look=self._pace.seconds, pace=self._pace.why)
        if sync is not None:
            self.latest_good = seen
        self._looked = True
        self._first = self._first or seen
        self._journal.add(seen)
        self.finished = self._pace.seconds is None
        self._feed.put(seen)
        if self.finished:
            self._feed.close()
        return seen

    def know(self, sync: Sync, observed_at: datetime) -> Observation:
        """Begin with what the server has said already, e.g. when it was asked for the sync.

        The first look follows, unless the sync has ended: then there is nothing left to see.
        """
        seen = Observation(self.connection.id, self.sync_id, observed_at, 0.0, sync, None, 0.0, self._pace.why)
        self._tempo = self._tempo.after(seen, self._clock.monotonic())
        self.latest_good = seen
        self._looked = True
        self._first = seen
        self._journal.add(seen)
        self._feed.put(seen)
        if sync.phase.is_final:
            self.finished = True
            self._feed.close()
        return seen

    def stand_as(self, observations: Iterable[Observation], entries: Sequence[Entry]) -> None:
        """Stand as it stood when it was recorded. No look follows.

        Args:
            observations: What was seen, oldest first.
            entries: The journal as it was: it may tell more than the observations that were kept.
        """
        for seen in observations:
            self._first = self._first or seen
            self.latest_good = seen if seen.sync is not None else self.latest_good
            self._journal.add(seen)
            self._feed.put(seen)
        self._journal.entries = list(entries) or self._journal.entries
        self.recorded = self.finished = True
        self._feed.close()

    def recall(self, earlier: Sequence[Observation]) -> bool:
        """Begin with what was seen of it at an earlier start: the observations and the journal, not the pace.

        Args:
            earlier: Oldest first. Those that are not older than the first look are left out.

        Returns:
            Whether any are left.
        """
        first = self._first
        earlier = [seen for seen in earlier if first is None or seen.observed_at < first.observed_at]
        if not earlier:
            return False
        since = self.observations
        self._feed.put_before(earlier)
        self._first = earlier[0]
        self._journal = Journal()
        for seen in [*earlier, *since]:
            self._journal.add(seen)
        self.latest_good = self.latest_good or next((seen for seen in reversed(earlier) if seen.sync is not None), None)
        return True

    def close(self) -> None:
        """Follow it no more. What was observed stays."""
        self.looking = False
        self._want(None)
        self._feed.close()

    def _set_pace(self, since: float) -> None:
        room = self._turns.room() if self._turns is not None else ROOMY
        self._pace = next_look(self._tempo, random=self._random, pacing=self._pacing, visible=self._visible, room=room)
        self._due = since + (self._pace.seconds or 0.0)
        self._want(None if self._paused else self._pace.seconds, room.stretch)
        self._changed.set()

    def _want(self, seconds: float | None, stretch: float = 1.0) -> None:
        """Have room left for the next look."""
        if self._turns is not None:
            self._turns.plan(self, seconds, stretch)

    async def _sleep(self, seconds: float) -> None:
        """Sleep on the clock until the time has passed or something changed."""
        await first_of(self._clock.sleep(seconds), self._changed.wait())
