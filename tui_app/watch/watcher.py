"""Follows syncs through time: takes the looks that are due, and tells everybody who listens what they brought."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from datetime import datetime
from random import random as by_chance

from tui_app.api.base import SyncApi
from tui_app.api.turns import turns_of
from tui_app.models.clock import Clock
from tui_app.models.connection import Connection
from tui_app.models.observation import Observation
from tui_app.models.sync import Sync
from tui_app.watch.faults import problem_of_look
from tui_app.watch.feed import Feed
from tui_app.watch.journal import Entry
from tui_app.watch.pacing import Pacing
from tui_app.watch.watch import Watch

__all__ = ["MOST_BEHIND", "Watch", "Watcher"]

# Seconds that a first look waits for what is remembered of its sync.
PATIENCE = 0.5

# Syncs that were followed to their ends, and are still shown with all that was seen: who follows syncs for days would
# fill the memory with them. What a history keeps of older ones stays there.
MOST_ENDED = 200

# How far a reader of all observations may fall behind before it misses the oldest.
MOST_BEHIND = 2000


class Watcher:
    """Follows any number of syncs of one server.

    Each sync has a state of its own (`Watch`), which says when its next look is due, and a task of its own that drives
    it. One look at a time is taken per sync; which of those that are due is next, the server's `Turns` decide.

    Args:
        api: The server.
        clock: What is slept on and measured by.
        server_now: The date and time as the server has it, in UTC.
        random: Gives numbers from 0 to 1, for spreading looks after failures.
        pacing: How fast to look.

    Attributes:
        on_watch: Told of each sync that is followed from now on. Where it answers with a task, the first look waits for
            that, `PATIENCE` seconds at the most. ``None``: nobody is told.
        on_forget: Told of each that is followed no more because somebody did not want to.
    """

    def __init__(
        self,
        api: SyncApi,
        *,
        clock: Clock,
        server_now: Callable[[], datetime],
        random: Callable[[], float] = by_chance,
        pacing: Pacing | None = None,
    ) -> None:
        self._api = api
        self._clock = clock
        self._pacing = pacing or Pacing()
        self._server_now = server_now
        self._random = random
        self._watches: dict[tuple[str, str], Watch] = {}
        self._tasks: dict[tuple[str, str], asyncio.Task[None]] = {}
        self._ended: deque[Watch] = deque()
        self._feed: Feed[Observation] = Feed(MOST_BEHIND)
        self._turns = turns_of(api, clock)
        self.on_watch: Callable[[Watch], asyncio.Task[None]] | None = None
        self.on_forget: Callable[[Watch], None] | None = None

    @property
    def watches(self) -> list[Watch]:
        """Every sync that is followed, and the last that were, in the order in which they were asked for."""
        return list(self._watches.values())

    def watch(self, connection: Connection, sync_id: str, *, known: Sync | None = None) -> Watch:
        """Follow a sync. The first look is taken at once; an event loop must be running.

        Args:
            connection: Whose sync it is. Where it is followed already, this newer description replaces the older.
            sync_id: Which sync.
            known: What the server has said of it already, if anything: it becomes the first observation.

        Returns:
            The same watch wherever this sync is followed already, also once it ended.
        """
        if self._feed.closed:
            raise RuntimeError("this watcher is closed")
        place = (connection.id, sync_id)
        if place in self._watches:
            watch = self._watches[place]
            watch.connection = connection
            return watch
        watch = Watch(
            connection, sync_id, clock=self._clock, pacing=self._pacing, random=self._random, turns=self._turns
        )
        self._watches[place] = watch
        before = self.on_watch(watch) if self.on_watch is not None else None
        if known is not None:
            self._feed.put(watch.know(known, self._server_now()))
        self._tasks[place] = asyncio.get_running_loop().create_task(
            self._follow(watch, before), name=f"watch {sync_id}"
        )
        return watch

    def recall(
        self, connection: Connection, sync_id: str, observations: Iterable[Observation], entries: Sequence[Entry] = ()
    ) -> Watch:
        """Put a watch in place that was recorded elsewhere. No look is taken, whoever asks for it.

        Args:
            connection: Whose sync it is.
            sync_id: Which sync.
            observations: What was seen, oldest first.
            entries: Its journal.
        """
        watch = Watch(connection, sync_id, clock=self._clock, pacing=self._pacing, random=self._random)
        watch.stand_as(observations, entries)
        self._watches[connection.id, sync_id] = watch
        return watch

    def time_changed(self) -> None:
        """The server's time goes otherwise than before, or was moved: learn each sync's pace anew, and look now."""
        for watch in self._watches.values():
            watch.time_changed()

    def find(self, connection_id: str, sync_id: str) -> Watch | None:
        """The watch of a sync, where it is or was followed."""
        return self._watches.get((connection_id, sync_id))

    async def forget(self, watch: Watch) -> None:
        """Follow a sync no more, and let go of what was observed. Asking for it again begins anew."""
        place = (watch.connection.id, watch.sync_id)
        if self._watches.get(place) is not watch:
            return
        del self._watches[place]
        task = self._tasks.pop(place, None)
        watch.close()
        if self.on_forget is not None:
            self.on_forget(watch)
        if task is not None:  # what was recorded elsewhere has none
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    def stream(self) -> AsyncIterator[Observation]:
        """Follow the observations of every sync from now on; ends when the watcher is closed.

        Nobody who reads slowly holds up a look: who falls `MOST_BEHIND` behind misses the oldest.
        """
        return self._feed.follow()

    async def close(self) -> None:
        """End every task, looks under way included. Every stream ends; what was observed stays."""
        self._feed.close()
        for watch in self._watches.values():
            watch.close()
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _follow(self, watch: Watch, before: asyncio.Task[None] | None) -> None:
        if before is not None:
            await asyncio.wait({before}, timeout=PATIENCE)  # of no clock of ours: what it waits for is a disk
        while not watch.closed:
            await watch.due()
            turn = self._turns.turn(watch.connection.id, patience=watch.patience, asked_for=watch.asked_for)
            async with turn:
                if not watch.paused:  # it may have been, while this waited for its turn
                    await self._look(watch)
        self._end(watch)

    def _end(self, watch: Watch) -> None:
        """Keep it among those that ended, and let go of the oldest of those where they are too many."""
        self._tasks.pop((watch.connection.id, watch.sync_id), None)
        self._ended.append(watch)
        if len(self._ended) > MOST_ENDED:
            oldest = self._ended.popleft()
            place = (oldest.connection.id, oldest.sync_id)
            if self._watches.get(place) is oldest:
                del self._watches[place]

    async def _look(self, watch: Watch) -> None:
        watch.begin()
        began = self._clock.monotonic()
        # As a result rather than an exception: whatever goes wrong in one look, even by a fault of ours, must not end
        # the watching for good. Being cancelled still does.
        [answer] = await asyncio.gather(self._api.sync(watch.connection, watch.sync_id), return_exceptions=True)
        latency = self._clock.monotonic() - began
        if isinstance(answer, BaseException):
            seen = watch.take(self._server_now(), latency, None, problem_of_look(answer))
        else:
            seen = watch.take(self._server_now(), latency, answer, None)
        self._feed.put(seen)
