"""How the list of connections is read: page by page, on from where it broke off, at a later start only what is new."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from tui_app.api.base import ConnectionQuery, SyncApi
from tui_app.api.errors import ApiError
from tui_app.models.clock import Clock, first_of
from tui_app.models.page import Unreadable
from tui_app.models.problem import Problem
from tui_app.workspace.open_issues import PAGE, PASSING

if TYPE_CHECKING:
    from tui_app.history import Listed
    from tui_app.models.connection import Connection

RETRY_FIRST = 5.0
"""Seconds until a list that could not be read is tried again; doubled each time, up to :data:`RETRY_MOST`."""

RETRY_MOST = 60.0

CHANGES = 60.0
"""Seconds after which a list that carries no syncs is asked what somebody else has changed in it."""

GATHERED = 1.0
"""Seconds for which what is heard to change is gathered before the list is asked."""

LISTED_MOVING = 5.0
"""Seconds between two readings of a list that carries each connection's newest sync, while any of them runs."""

LISTED_AT_REST = 30.0

MANY = 2_000
"""Connections from which a later start asks for what has changed, and reads the list again beside everything else."""

BESIDE = 1.0
"""Seconds between two pages that are read beside everything else: nobody waits for them."""

OVERLAP = timedelta(minutes=1)
"""How much further back changes are asked for: the server's machines need not agree on the time."""

_NOT_ANSWERED = (400, 404, 410, 422)
"""With what a server says that it does not know a cursor, or does not list what has changed."""

Spawn = Callable[[Coroutine[None, None, None]], asyncio.Task[None]]


@dataclass(frozen=True, slots=True)
class FleetReading:
    """How far the list of connections is read.

    Attributes:
        loading: Whether pages are being read that somebody waits for.
        complete: Whether the last reading reached the end, so that counts are exact.
        read_at: When the last page came, in the server's time.
        problem: Why the last reading stopped, if it did.
        recalled_at: When those connections were seen that are known from an earlier start only, while there are any.
        again: How many rows were read again beside everything else, while that goes on; else ``None``.
    """

    loading: bool = False
    complete: bool = False
    read_at: datetime | None = None
    problem: Problem | None = None
    recalled_at: datetime | None = None
    again: int | None = None


class Taker(Protocol):
    """Who knows the connections that are listed."""

    @property
    def ids(self) -> set[str]:
        """Those that are known."""
        ...

    @property
    def recalled_ids(self) -> set[str]:
        """Those that are known from an earlier start only."""
        ...

    @property
    def moving(self) -> bool:
        """Whether any sync runs, as far as is known."""
        ...

    async def take(self, connections: Sequence[Connection]) -> None:
        """Take in what a page describes."""
        ...

    def gone(self, connection_ids: set[str]) -> None:
        """Forget what the list does not hold any more."""
        ...


@dataclass(slots=True, eq=False)
class Pass:
    """One way through the list, or through what has changed of it.

    Attributes:
        since: When it began, in the server's time.
        cursor: The page that is next; ``None``: the first.
        place: How many rows were read.
        missing: Those that were known when it began and did not come yet; ``None`` where that says nothing.
        unreadable: Its rows that could not be read.
        from_start: Whether it began with the first page, so that what does not come is gone.
        changed_after: It lists only what has changed since.
        beside: Whether nobody waits for it.
        anew: Whether the server forgot its cursor, so that it began once more.
    """

    since: datetime
    cursor: str | None = None
    place: int = 0
    missing: set[str] | None = None
    unreadable: list[Unreadable] = field(default_factory=list)
    from_start: bool = True
    changed_after: datetime | None = None
    beside: bool = False
    anew: bool = False


async def _nothing_kept() -> None:
    return None


class Listing:
    """Reads the list, and again as long as it has to be.

    Args:
        api: The server.
        taker: Takes in what is read.
        clock: What waiting is measured by.
        server_now: The date and time as the server has it.
        tell: Called after `reading` has changed.
        spawn: Runs what goes on by itself, until the workspace closes.
        stands_still: Tells whether the server's time does: nothing changes there then unheard.

    Attributes:
        reading: How far it is read.
        unreadable: Its rows that could not be read.
        earlier: Tells how far earlier starts read it.
        recalled: Set once everything that is kept of them is known.
        on_page: Told of each page: its connections, the place of the first, and the pass.
        on_end: Told of the end of one: the pass, and which connections are gone.
    """

    def __init__(
        self,
        api: SyncApi,
        taker: Taker,
        clock: Clock,
        *,
        server_now: Callable[[], datetime],
        tell: Callable[[], None],
        spawn: Spawn,
        stands_still: Callable[[], bool] = lambda: False,
    ) -> None:
        self.reading = FleetReading()
        self.unreadable: list[Unreadable] = []
        self.earlier: Callable[[], Awaitable[Listed | None]] = _nothing_kept
        self.recalled = asyncio.Event()
        self.on_page: Callable[[Sequence[Connection], int, Pass], None] = lambda connections, place, done: None
        self.on_end: Callable[[Pass, set[str]], None] = lambda done, gone: None
        self.on_complete: Callable[[], None] = lambda: None
        self._api = api
        self._taker = taker
        self._clock = clock
        self._server_now = server_now
        self._tell = tell
        self._spawn = spawn
        self._stands_still = stands_still
        self._passes: deque[Pass] = deque()
        self._last: Pass | None = None
        self._known_since: datetime | None = None  # what changed before then is known
        self._tells_changes = True
        self._heard = asyncio.Event()
        self._now: asyncio.Task[None] | None = None
        self._unread = asyncio.Event()
        self._hurry = asyncio.Event()

    @property
    def failed(self) -> bool:
        """Whether it could not be read to its end, and is tried again by itself."""
        return self._unread.is_set()

    async def read(self, *, silently: bool = False) -> None:
        """Read every page of the list, or go on where that broke off.

        Where it is being read already, this waits for that, and lets it hurry. Whoever asked may leave: it goes on.

        Args:
            silently: What is known counts as complete meanwhile.
        """
        self._hurry.set()
        await self._under_way(silently)

    def hear(self) -> None:
        """Ask soon what has changed in the list: somebody was heard to change something."""
        self._heard.set()

    async def keep(self) -> None:
        """Read the list, and again by itself whenever, and for as long as, the server could not be reached.

        A list that carries each connection's newest sync is also read again to see those move; any other is asked from
        time to time what has changed in it.
        """
        self._spawn(self._plan())
        await self._under_way(silently=False)
        wait = RETRY_FIRST
        while True:
            if self._unread.is_set():
                problem = self.reading.problem
                await self._clock.sleep((problem.retry_after if problem else None) or wait)
                wait = min(wait * 2, RETRY_MOST)
                if self._unread.is_set():  # nobody else has read it meanwhile
                    await self.read()
                continue
            wait = RETRY_FIRST
            if self._api.capabilities.listed_syncs:
                await self._clock.sleep(LISTED_MOVING if self._taker.moving else LISTED_AT_REST)
                if not self._unread.is_set():
                    await self.read(silently=True)
            else:
                await first_of(self._unread.wait(), self._heard.wait(), self._clock.sleep(CHANGES))
                if not self._unread.is_set():
                    await self._read_changes()

    async def _read_changes(self) -> None:
        """Ask what has changed since that was known last, where anything may have."""
        if self._heard.is_set():
            await self._clock.sleep(GATHERED)
        elif self._stands_still():
            return
        self._heard.clear()
        if self._known_since is None or self._passes or not self.reading.complete or not self._tells_changes:
            return
        after = self._known_since - OVERLAP
        self._passes.append(Pass(self._server_now(), from_start=False, changed_after=after, beside=True))
        await self._under_way(silently=True)

    async def _under_way(self, silently: bool) -> None:
        """Wait for the reading that is under way, or for one that begins now."""
        if self._now is None or self._now.done():
            self._now = self._spawn(self._read_through(silently))
        elif not silently and not self._whole:
            self._passes.append(Pass(self._server_now()))
            self.say(loading=True, complete=False, problem=None)
        await asyncio.shield(self._now)

    @property
    def _whole(self) -> bool:
        """Whether what is being read, or to be read, shows in the end what is gone."""
        return any(each.from_start for each in self._passes)

    async def _plan(self) -> None:
        """Of a large fleet that is kept, read on where an earlier start stopped, or what has changed since.

        Nobody waits for what is kept: reading has begun when this is known. That goes on behind it, beside everything
        else, for tokens are never kept, and what was deleted is in no list of changes.
        """
        kept = await self.earlier()
        if kept is None or kept.count < MANY or self._api.capabilities.listed_syncs or not (kept.cursor or kept.since):
            return
        begun = next((each for each in self._passes if each.from_start), None)
        if begun is None:
            return  # it was read to its end meanwhile
        begun.beside = True
        await self.recalled.wait()
        if begun not in self._passes:
            return
        since = kept.since
        planned = []
        if kept.cursor is not None:
            since = kept.cursor_since or since
            planned.append(Pass(since or self._server_now(), kept.cursor, kept.count, from_start=False))
        after = (since or self._server_now()) - OVERLAP
        planned.append(Pass(self._server_now(), from_start=False, changed_after=after))
        self._passes.extendleft(reversed(planned))
        self._hurry.set()  # what is read beside everything else gives way at once

    async def _read_through(self, silently: bool) -> None:
        self._unread.clear()
        self._hurry.clear()
        if not self._passes or not (silently or self._whole):
            self._passes.append(Pass(self._server_now()))
        if not silently:
            self.say(loading=True, complete=False, problem=None)
        try:
            while self._passes:
                this = self._passes[0]
                if await self._read_pass(this):
                    self._passes.remove(this)
        except ApiError as error:
            self.say(problem=error.problem)
            if error.problem.kind in PASSING:
                self._unread.set()
            else:
                self._passes.clear()
        finally:
            self.say(loading=False, again=None)

    async def _read_pass(self, this: Pass) -> bool:
        """Read on; answer whether it came to its end, or something is to be read before that."""
        if this.from_start and this.missing is None:  # what is made meanwhile may stand on a page that was read already
            this.missing = self._taker.ids
        try:
            at_end = await self._read_pages(this)
        except ApiError as error:
            if error.problem.status not in _NOT_ANSWERED:
                raise
            if this.beside and this.changed_after is not None and this.cursor is None:
                self._tells_changes = False  # this server tells none; the list stands as it was read
                return True
            if this.cursor is None or this.anew:
                raise
            # The server does not know any more where that was: once from the first page.
            this.cursor, this.place = None, 0
            this.from_start = this.changed_after is None  # what has not changed is not gone
            this.missing = self._taker.ids if this.from_start else None
            this.anew, this.unreadable = True, []
            at_end = await self._read_pages(this)
        if at_end:
            self._ended(this)
        return at_end

    async def _read_pages(self, this: Pass) -> bool:
        first = this.place
        query = ConnectionQuery(limit=PAGE, cursor=this.cursor, updated_after=this.changed_after)
        async for page in self._api.connections(query):
            await self._taker.take(page.items)
            if this.missing is not None:
                this.missing.difference_update(connection.id for connection in page.items)
            this.unreadable += [replace(row, row=row.row + first) for row in page.unreadable]
            if this.changed_after is None:
                self.unreadable = this.unreadable
            place, this.cursor = this.place, page.next
            this.place += len(page.items) + len(page.unreadable)
            self.on_page(page.items, place, this)
            self.say(read_at=self._server_now(), again=this.place if this.beside and this.from_start else None)
            if page.next is not None:
                if this.beside:
                    await self._pause()
                if self._passes[0] is not this:
                    self._hurry.clear()
                    return False
        return True

    async def _pause(self) -> None:
        """Leave the server to others, unless somebody has come to wait for this."""
        await first_of(self._hurry.wait(), self._clock.sleep(BESIDE))

    def _ended(self, this: Pass) -> None:
        was_complete = self.reading.complete
        if this.from_start or this.changed_after is not None:
            self._known_since = max(this.since, self._known_since or this.since)
        if this.from_start:
            # Rows that could not be read may be about some that are known: those are not gone.
            told = all(row.id for row in this.unreadable)
            listed = {row.id for row in this.unreadable} if told else self._taker.ids
            gone = ((this.missing or set()) | self._taker.recalled_ids) - listed
            self._taker.gone(gone)
            self._last = this
            self.on_end(this, gone)
            self.say(complete=True, problem=None, recalled_at=None)
        elif this.changed_after is not None:
            self.on_end(this, set())
            if this.beside:
                self.say(problem=None)
            else:
                self.say(complete=True, loading=False, problem=None)
        if self.reading.complete and not (was_complete and this.beside):
            self.on_complete()

    def found_gone(self, connection_ids: set[str]) -> None:
        """Pass on that these are not listed any more, of which that was not known when the reading ended."""
        if connection_ids and self._last is not None:
            self.on_end(self._last, connection_ids)

    def say(self, **changes: object) -> None:
        """Change what is said of the reading, and tell."""
        self.reading = replace(self.reading, **changes)  # type: ignore[arg-type]
        self._tell()
