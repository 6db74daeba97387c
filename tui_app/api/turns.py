"""Who may look next: one order for everything that looks at one server by itself.

Followed syncs and the rows on screen all ask here before they send. What a person does asks nobody: it goes straight to
the budget, of which looks take a part only, and where no more of them ever wait than can be sent at once.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from tui_app.api.budget import Budget
from tui_app.models.clock import Clock
from tui_app.models.problem import Problem, ProblemKind

SHARE = 0.8
"""The part of the budget that looks may take; the rest is a person's."""

UNEVEN = 1.2
"""Seconds over which looks keep to their part, too: requests that were sent in so many may well arrive within one."""

MOST_AT_ONCE = 16
"""Looks under way at one time: what a slow server holds up stays bounded."""

APART = 0.1
"""Seconds between two looks at one connection, at least: a tenth of what it may be asked for."""

SAVED = 1.0
"""Seconds of turns that nobody took and that may be made up for at once: a screen that opens is filled sooner."""

FAIR = 2.5
"""How many times its fair share of the budget a wait is stretched to at most. Followed by the wait for a turn, no sync
goes unlooked at for longer than four times, unless it would have been anyway, as one that awaits a provider."""

_AT_ONCE = float("-inf")

HELD_MOST = 60.0
"""Seconds for which one answer holds all looks, at most. Who was told to wait for longer does; others then try."""


@dataclass(frozen=True, slots=True)
class Room:
    """What the budget leaves to each look.

    Attributes:
        stretch: How many times longer than it would, everything has to wait so that all of it fits; 1 where it does.
        most: The seconds to which no wait has to be stretched beyond, however little there is: everybody gets a turn.
    """

    stretch: float = 1.0
    most: float = 0.0


@dataclass(order=True)
class _Waiting:
    """One look that waits for its turn; the first of several is the one that suffers first from waiting."""

    deadline: float
    number: int
    connection_id: str = field(compare=False)
    turn: asyncio.Future[None] = field(compare=False)


class Turns:
    """Hands out turns to look, one after the other, evenly over time.

    Args:
        budget: What everything that is sent to this server waits for.
        clock: What is waited on.
    """

    def __init__(self, budget: Budget, clock: Clock) -> None:
        self._budget = budget
        self._clock = clock
        self._parts = [Budget(SHARE * budget.rate, clock, over) for over in (1.0, UNEVEN)]
        self._gap = 1 / (SHARE * budget.rate)
        self._held = clock.monotonic()
        self._next = self._held - SAVED
        self._under_way = 0
        self._order = itertools.count()
        self._waiting: list[_Waiting] = []
        self._looked: dict[str, float] = {}  # connection → when it may be looked at again
        self._wants: dict[Hashable, float] = {}  # looks a second that each would take if nothing were stretched
        self._wanted = 0.0
        self._handing: asyncio.Task[None] | None = None

    def room(self) -> Room:
        """What the budget leaves to each look now."""
        return Room(max(1.0, self._wanted * self._gap), FAIR * len(self._wants) / self._budget.rate)

    def plan(self, key: Hashable, wait: float | None, stretch: float = 1.0) -> None:
        """Say when something wants its next turn, so that the others can leave room for it.

        Args:
            key: What wants it.
            wait: Seconds from now; ``None`` where it wants none any more.
            stretch: How many times longer that is than it would have been.
        """
        self._wanted -= self._wants.pop(key, 0.0)
        if wait is None:
            self._wanted = self._wanted if self._wants else 0.0
            return
        self._wants[key] = stretch / max(wait, self._gap)
        self._wanted += self._wants[key]

    def note(self, problem: Problem | None) -> None:
        """Take in what became of a request, whoever sent it: where the server said how long to wait, all looks do.

        Args:
            problem: What went wrong, if anything.
        """
        if problem is not None and problem.kind is ProblemKind.RATE_LIMITED and problem.retry_after:
            self._held = max(self._held, self._clock.monotonic() + min(problem.retry_after, HELD_MOST))
            self._next = max(self._next, self._held)  # nothing is made up for after that

    @asynccontextmanager
    async def turn(self, connection_id: str, *, patience: float = 0.0, asked_for: bool = False) -> AsyncIterator[None]:
        """Wait for a turn, and look while it lasts.

        Args:
            connection_id: Whose connection is looked at.
            patience: Seconds for which it might be late at no great loss. Of several the least patient goes first, but
                everybody's patience ends: nobody waits for ever.
            asked_for: Whether a person waits for it, who may have all of the budget.
        """
        now = self._clock.monotonic()
        deadline = _AT_ONCE if asked_for else now + min(patience, len(self._wants) * self._gap)
        waiting = _Waiting(deadline, next(self._order), connection_id, asyncio.get_running_loop().create_future())
        heapq.heappush(self._waiting, waiting)
        self._hand_out()
        try:
            await waiting.turn
        except asyncio.CancelledError:
            self._leave(waiting)
            self._hand_out()
            raise
        try:
            yield
        finally:
            self._under_way -= 1
            self._hand_out()

    def _leave(self, waiting: _Waiting) -> None:
        """Somebody waits no more."""
        if waiting.turn.done() and not waiting.turn.cancelled():  # it was given the turn in the same moment
            self._under_way -= 1
        with suppress(ValueError):
            self._waiting.remove(waiting)
            heapq.heapify(self._waiting)
        if not self._waiting and self._handing is not None:
            self._handing.cancel()

    def _hand_out(self) -> None:
        """See to it that turns are handed out while somebody waits for one."""
        if (wait := self._hand_out_due()) is not None and (self._handing is None or self._handing.done()):
            self._handing = asyncio.get_running_loop().create_task(self._keep_handing_out(wait), name="turns")

    async def _keep_handing_out(self, wait: float | None) -> None:
        while wait is not None:
            await self._clock.sleep(wait)
            wait = self._hand_out_due()

    def _hand_out_due(self) -> float | None:
        """Hand out what may be sent now.

        Returns:
            Seconds until more may be; ``None`` where nobody waits, or a look's end decides.
        """
        while self._waiting and self._under_way < MOST_AT_ONCE:
            now = self._clock.monotonic()
            wait = max(self._held - now, self._budget.wait())
            if self._waiting[0].deadline > _AT_ONCE:
                wait = max(wait, self._until_next(now))
            if wait > 0:
                return wait
            first, wait = self._first(now)
            if first is None:
                return wait if self._waiting else None
            self._give(first, now)
        return None

    def _until_next(self, now: float) -> float:
        """Seconds until looks may take one more of their part."""
        spent = max(part.wait() for part in self._parts)
        if spent > 0:  # what was saved is, too: from here on they come evenly
            self._next = max(self._next, now + spent)
        return self._next - now

    def _first(self, now: float) -> tuple[_Waiting | None, float]:
        """Who is next, or else how long it takes until the connection of somebody who waits may be looked at."""
        passed: list[_Waiting] = []
        first, wait = None, float("inf")
        while self._waiting and first is None:
            one = heapq.heappop(self._waiting)
            if one.turn.done():  # it was cancelled, and does not know yet
                continue
            until = self._looked.get(one.connection_id, now)
            if until > now and one.deadline > _AT_ONCE:
                wait = min(wait, until - now)
                passed.append(one)
            else:
                first = one
        for one in passed:
            heapq.heappush(self._waiting, one)
        return first, wait

    def _give(self, waiting: _Waiting, now: float) -> None:
        self._next = max(self._next, now - SAVED) + self._gap
        for part in self._parts:
            part.take()
        if len(self._looked) > 4 * self._budget.rate:
            self._looked = {one: until for one, until in self._looked.items() if until > now}
        self._looked[waiting.connection_id] = now + APART
        self._under_way += 1
        waiting.turn.set_result(None)


def turns_of(api: object, clock: Clock) -> Turns:
    """The turns of what a server is asked through: one order for all that looks at it.

    Args:
        api: The server's operations. Where nothing is sent, as in a test's, there is no order to keep but its own.
        clock: What is waited on then.
    """
    turns = getattr(getattr(api, "transport", None), "turns", None)
    return turns if isinstance(turns, Turns) else Turns(Budget(20.0, clock), clock)
