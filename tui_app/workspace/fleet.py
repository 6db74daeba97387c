"""What is known of a profile's fleet: the list, read and read again, each connection's newest sync, and its issues."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from tui_app.api.base import ConnectionQuery, SyncApi
from tui_app.api.errors import ApiError
from tui_app.changes import Change, FleetChanged, RowChanged
from tui_app.findings.triage import triage
from tui_app.models.clock import Clock
from tui_app.models.connection import Connection
from tui_app.models.fleet import FleetRow
from tui_app.models.issue import Issue
from tui_app.models.observation import Observation
from tui_app.models.page import Page, Unreadable
from tui_app.models.problem import Problem, ProblemKind
from tui_app.models.sync import Sync
from tui_app.watch.fleet import FleetLooks, may_look
from tui_app.watch.pacing import facts
from tui_app.workspace.open_issues import PAGE, PASSING, OpenIssues

RETRY_FIRST = 5.0
"""Seconds until a list that could not be read is tried again; doubled each time, up to :data:`RETRY_MOST`."""

RETRY_MOST = 60.0

LISTED_MOVING = 5.0
"""Seconds between two readings of a list that carries each connection's newest sync, while any of them runs."""

LISTED_AT_REST = 30.0

SEEN_SYNCS = 200
"""Syncs remembered of each connection where the server keeps no history."""

_SOMEBODY_ELSE = Problem(
    ProblemKind.UNREADABLE,
    "The server described another connection",
    meaning="Asked about this connection, it answered with the ID of another one.",
    next_step="Read the list again; if it stays so, tell whoever runs the server.",
)

_GONE = Problem(
    ProblemKind.NOT_FOUND,
    "The connection is not there any more",
    meaning="It was seen at an earlier start; the server does not list it now.",
)


def _unread(problem: Problem | None) -> Problem:
    """Why a connection that is known from an earlier start was not read."""
    if problem is None:
        return _GONE
    why = f"{problem.title}. {problem.meaning}".strip()
    meaning = f"What is shown of it was seen at an earlier start, and nothing was sent for it. {why}"
    return replace(problem, title="The connection was not read since the start", meaning=meaning)


def _alike(before: Sync, after: Sync) -> bool:
    return (before.id, before.percent, facts(before)) == (after.id, after.percent, facts(after))


Spawn = Callable[[Coroutine[None, None, None]], asyncio.Task[None]]


@dataclass(frozen=True, slots=True)
class FleetReading:
    """How far the list of connections is read.

    Attributes:
        loading: Whether pages are being read.
        complete: Whether the last reading reached the end, so that counts are exact.
        read_at: When the last page came, in the server's time.
        problem: Why the last reading stopped, if it did.
        recalled_at: When those connections were seen that are known from an earlier start only, while there are any.
    """

    loading: bool = False
    complete: bool = False
    read_at: datetime | None = None
    problem: Problem | None = None
    recalled_at: datetime | None = None


class Fleet:
    """Every connection that is known, and what was seen of it.

    Args:
        api: The server.
        clock: What waiting is measured by.
        server_now: The date and time as the server has it.
        publish: Told of each change.
        spawn: Runs what goes on by itself, until the workspace closes.
        stalled: Says why a connection's newest sync seems to stand still; an empty text where it does not.

    Attributes:
        reading: How far the list is read.
        unreadable: Its rows that could not be read.
        seen_since: Since when syncs are remembered, where the server keeps no history.
        issues: The open issues of all its connections.
    """

    def __init__(
        self,
        api: SyncApi,
        clock: Clock,
        *,
        server_now: Callable[[], datetime],
        publish: Callable[[Change], None],
        spawn: Spawn,
        stalled: Callable[[FleetRow], str] = lambda row: "",
    ) -> None:
        self.reading = FleetReading()
        self.unreadable: list[Unreadable] = []
        self.seen_since: datetime | None = None
        self._api = api
        self._can = api.capabilities
        self._clock = clock
        self._server_now = server_now
        self._publish = publish
        self._spawn = spawn
        self._stalled = stalled
        self._rows: dict[str, FleetRow] = {}
        self.issues = OpenIssues(api, clock, self._counted, server_now=server_now, publish=publish, spawn=spawn)
        self._looks = FleetLooks(api, clock, self._looked, tokens=self._can.connection_tokens)
        self._seen: dict[str, dict[str, Sync]] = {}
        self._listed: dict[str, tuple[Sync, ...]] = {}
        self._unchanged: dict[str, Observation] = {}
        self._reading_now: asyncio.Task[None] | None = None
        self._unread = asyncio.Event()

    # What is known

    @property
    def rows(self) -> list[FleetRow]:
        """Every connection that is known, in the server's order."""
        return list(self._rows.values())

    def row(self, connection_id: str) -> FleetRow | None:
        """What is known of one connection."""
        return self._rows.get(connection_id)

    def connection(self, connection_id: str) -> Connection:
        """One connection as last read.

        Raises:
            KeyError: It is not known.
        """
        return self._rows[connection_id].connection

    @property
    def looked_at(self) -> int:
        """How many connections had their last sync looked at."""
        return sum(1 for row in self._rows.values() if row.looked_at is not None and row.recalled_at is None)

    @property
    def to_look_at(self) -> int:
        """How many connections have a last sync that can be looked at."""
        tokens = self._can.connection_tokens
        return sum(1 for row in self._rows.values() if row.looked_at is not None or may_look(row.connection, tokens))

    def seen_syncs(self, connection_id: str) -> list[Sync]:
        """The syncs of a connection that were seen here, newest first, where the server keeps no history."""
        seen = self._seen.get(connection_id, {}).values()
        return sorted(seen, key=lambda sync: sync.requested_at, reverse=True)

    def seen_sync(self, connection_id: str, sync_id: str) -> Sync | None:
        """One of them as it was last seen, if it was."""
        return self._seen.get(connection_id, {}).get(sync_id)

    def newest_syncs(self, row: FleetRow) -> Sequence[Sync]:
        """A connection's syncs as far as they were read, the newest first and none left out.

        Empty where they were not read, or a sync has begun since that is not among them: nobody knows what else has.
        """
        if not self._can.sync_history:
            return self.seen_syncs(row.id)
        listed, newest = self._listed.get(row.id, ()), row.last_sync
        if newest is None or not listed:
            return listed
        if all(sync.id != newest.id for sync in listed):
            return ()
        return [newest if sync.id == newest.id else sync for sync in listed]

    # What runs by itself

    def start(self) -> None:
        """Begin to read the list, to count its issues and to look at its syncs."""
        self._spawn(self._keep())
        self._spawn(self.issues.keep())
        if not self._can.listed_syncs:
            self._spawn(self._looks.run())

    def show(self, connection_ids: Iterable[str]) -> None:
        """Say which connections are on screen: they are looked at first."""
        self._looks.show(connection_ids)

    def hasten(self, connection_id: str) -> None:
        """Look at a connection soon, and more often while its sync runs. A list that carries syncs needs no more."""
        self._looks.hasten(connection_id)

    def give_way(self, seconds: float) -> None:
        """Begin no look by itself for so long: a person waits for something else, and the budget is for that."""
        self._looks.give_way(seconds)

    def look_again(self) -> None:
        """Look now at the newest syncs of the connections that are on screen, or of all where the list carries them."""
        if not self._can.listed_syncs:
            self._looks.look_again()
        elif not self._unread.is_set():
            self._spawn(self.read(silently=True))

    async def read(self, *, silently: bool = False) -> None:
        """Read every page of the list. What was there stays until the end shows that it is gone.

        Where it is being read already, this waits for that. Whoever asked may leave: the reading goes on.

        Args:
            silently: What is known counts as complete meanwhile.
        """
        if self._reading_now is None or self._reading_now.done():
            self._reading_now = self._spawn(self._read_pages(silently))
        await asyncio.shield(self._reading_now)

    async def _keep(self) -> None:
        """Read the list, and again by itself whenever, and for as long as, the server could not be reached.

        A list that carries each connection's newest sync is also read again to see those move.
        """
        await self.read()
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
            if self._can.listed_syncs:
                moving = any(row.last_sync and not row.last_sync.phase.is_final for row in self._rows.values())
                await self._clock.sleep(LISTED_MOVING if moving else LISTED_AT_REST)
                if not self._unread.is_set():
                    await self.read(silently=True)
            else:
                await self._unread.wait()

    async def _read_pages(self, silently: bool) -> None:
        self._unread.clear()
        if not silently:
            self._read(loading=True, complete=False, problem=None)
        before = set(self._rows)  # what is made while this reads may stand on a page that was read already
        seen: set[str] = set()
        unreadable: list[Unreadable] = []
        try:
            async for page in self._api.connections(ConnectionQuery(limit=PAGE)):
                self._take(page, seen)
                unreadable += page.unreadable
                self.unreadable = unreadable
                self._read(read_at=self._server_now())
        except ApiError as error:
            self._read(problem=error.problem)
            if error.problem.kind in PASSING:
                self._unread.set()
            return
        else:
            recalled = {row.id for row in self._rows.values() if row.connection.recalled_at is not None}
            for connection_id in (before | recalled) - seen - self._perhaps_listed(before, unreadable):
                self._forget(connection_id)
            self._read(complete=True, problem=None, recalled_at=None)
        finally:
            self._read(loading=False)
        if self._can.issues:
            # By itself: who asks for the list again meanwhile is given it again.
            self._spawn(self.issues.count())

    def _perhaps_listed(self, known: set[str], unreadable: list[Unreadable]) -> set[str]:
        """Those of the known connections that rows which could not be read may be about: they are not gone."""
        return {row.id for row in unreadable} if all(row.id for row in unreadable) else known

    def _take(self, page: Page[Connection], seen: set[str]) -> None:
        for connection in page.items:
            seen.add(connection.id)
            self._put(connection)
            if self._can.listed_syncs:
                self.saw(connection.id, connection.last_sync, self._server_now())
        if not self._can.listed_syncs:
            self._looks.follow(page.items)

    def _put(self, connection: Connection) -> None:
        known = self._rows.get(connection.id)
        if known is None:
            known = FleetRow(connection, issues=self.issues.of(connection.id))
        elif known.connection.recalled_at is not None:
            self._publish(RowChanged(connection.id))
            del self._rows[connection.id]  # it takes its place in the order of the list
            if self._can.listed_syncs:  # its newest sync came with it, if there is one
                known = replace(known, last_sync=None, looked_at=None, recalled_at=None)
            elif not may_look(connection, self._can.connection_tokens):
                known = replace(known, recalled_at=None)
        self._keep_row(replace(known, connection=connection))

    def _keep_row(self, row: FleetRow) -> None:
        self._rows[row.id] = self._judged(row)

    def _judged(self, row: FleetRow) -> FleetRow:
        syncs, stalled = self.newest_syncs(row), self._stalled(row)
        found = triage(row, row.issues or (), syncs=syncs, now=self._server_now(), stalled=stalled)
        return replace(row, actor=found.actor, stalled=bool(stalled))

    def _forget(self, connection_id: str) -> None:
        self._rows.pop(connection_id, None)
        self._listed.pop(connection_id, None)
        self._unchanged.pop(connection_id, None)
        self._looks.forget(connection_id)

    # What is taken in

    def stand_as(self, row: FleetRow, syncs: Iterable[Sync], seen_since: datetime | None) -> None:
        """Know one connection as it was recorded elsewhere. Nothing is asked of anybody.

        Args:
            row: What was known of it.
            syncs: Its syncs, in the server's order.
            seen_since: Since when syncs were remembered, where the server keeps no history.
        """
        self._seen[row.id] = {sync.id: sync for sync in syncs}
        self._listed[row.id] = tuple(self._seen[row.id].values())
        self._keep_row(row)
        self.seen_since = seen_since
        self.reading = FleetReading(complete=True, read_at=row.looked_at)
        self._publish(FleetChanged())

    def adopt(self, connection: Connection, *, made: bool = False) -> None:
        """Put a connection into the fleet, or its newer description.

        Args:
            connection: As the server has just described it.
            made: Whether it was made just now. Where it is new here, too, it has no issues yet.
        """
        if made and self._can.issues and connection.id not in self._rows:
            self._keep_row(FleetRow(connection, issues=()))
        self._put(connection)
        if not self._can.listed_syncs:
            self._looks.follow([connection])
        self._publish(FleetChanged())
        self._publish(RowChanged(connection.id))

    def drop(self, connection_id: str) -> None:
        """Take a connection out of the fleet: it is gone."""
        self._forget(connection_id)
        self._publish(FleetChanged())
        self._publish(RowChanged(connection_id))

    async def look(self, connection_id: str) -> None:
        """Look at one connection now.

        Raises:
            ApiError: It could not be read. What was known stands.
            KeyError: It is not known.
        """
        await self.fetch(connection_id)
        self._looked(connection_id, await self._api.connection(self.connection(connection_id)), None)

    def recall(self, rows: Iterable[FleetRow]) -> None:
        """Show what was seen at an earlier start: connections until the server describes them, or its list shows that
        they are gone; their newest syncs until they are looked at.

        Args:
            rows: Connections without tokens, each marked with when it was seen.
        """
        earlier = {}
        for row in rows:
            known = self._rows.get(row.id)
            if known is None:
                earlier[row.id] = self._judged(row)
            elif known.looked_at is None and not self._can.listed_syncs:  # the list was faster, and carries no syncs
                issues = row.issues if known.issues is None else known.issues
                merged = replace(row, connection=known.connection, problem=known.problem, issues=issues)
                to_look_at = may_look(known.connection, self._can.connection_tokens)
                self._keep_row(merged if to_look_at else replace(merged, recalled_at=None))
        if self.reading.complete:
            earlier = {}
        self._rows = earlier | self._rows
        seen_at = max((row.recalled_at for row in earlier.values() if row.recalled_at), default=None)
        self._read(recalled_at=seen_at)

    async def fetch(self, connection_id: str) -> None:
        """Have the server describe a connection that is known from an earlier start only, by reading the list.

        Raises:
            ApiError: It could not be read, or is gone. What was known stands.
            KeyError: It is not known.
        """
        if self.connection(connection_id).recalled_at is None:
            return
        await self.read()
        row = self._rows.get(connection_id)
        if row is None or row.connection.recalled_at is not None:
            raise ApiError(_unread(self.reading.problem))

    def saw(self, connection_id: str, sync: Sync | None, at: datetime) -> None:
        """Take in what was seen of a connection's newest sync, unless a newer one is known: answers may overtake."""
        row = self._rows.get(connection_id)
        if row is None:
            return
        self.issues.meet(sync)
        self._remember(connection_id, sync)
        known = row.last_sync
        if known is None or (sync is not None and sync.requested_at >= known.requested_at):
            self._note(connection_id, known, sync, at)
            recalled = row.connection.recalled_at
            self._keep_row(replace(row, last_sync=sync, looked_at=at, problem=None, recalled_at=recalled))
        self._publish(RowChanged(connection_id))

    def _note(self, connection_id: str, before: Sync | None, sync: Sync | None, at: datetime) -> None:
        """Note since when a sync that goes on has been seen to be as it is: who follows it later begins with that."""
        if sync is None or sync.phase.is_final:
            self._unchanged.pop(connection_id, None)
        elif before is None or connection_id not in self._unchanged or not _alike(before, sync):
            self._unchanged[connection_id] = Observation(connection_id, sync.id, at, 0.0, sync)

    def seen_unchanged(self, connection_id: str, sync_id: str) -> Observation | None:
        """The first look of the list that saw a sync which goes on as it still is; ``None`` where there was none."""
        seen = self._unchanged.get(connection_id)
        return seen if seen is not None and seen.sync_id == sync_id else None

    def listed(self, connection_id: str, syncs: Sequence[Sync]) -> None:
        """Take in a connection's syncs, the newest first and none left out: whose turn it is may rest on them.

        Args:
            connection_id: Whose they are.
            syncs: As far as they were read.
        """
        self._listed[connection_id] = tuple(syncs)
        self.judge(connection_id)

    def judge(self, connection_id: str) -> None:
        """Judge anew whose turn it is, once more is known than the connection itself tells."""
        row = self._rows.get(connection_id)
        if row is not None and (judged := self._judged(row)).sort_key() != row.sort_key():
            self._rows[connection_id] = judged
            self._publish(RowChanged(connection_id))

    def resolved(self, issue: Issue) -> None:
        """Take in that an issue was resolved."""
        owner = self.issues.resolve(issue)
        if owner in self._rows:
            self._keep_row(replace(self._rows[owner], issues=self.issues.of(owner)))
            self._publish(RowChanged(owner))

    def _looked(self, connection_id: str, seen: Connection | None, problem: Problem | None) -> None:
        row = self._rows.get(connection_id)
        if row is None:
            return
        if seen is not None and seen.id != connection_id:  # what is kept under an ID is what has it
            seen, problem = None, _SOMEBODY_ELSE
        if seen is None:
            self._keep_row(replace(row, problem=problem))
            self._publish(RowChanged(connection_id))
            return
        if row.recalled_at is not None:  # what the server says now counts, not what it said then
            row = replace(row, last_sync=None, recalled_at=None)
        self._keep_row(replace(row, connection=seen))
        self.saw(connection_id, seen.last_sync, self._server_now())

    def _counted(self) -> None:
        for connection_id, row in self._rows.items():
            self._keep_row(replace(row, issues=self.issues.of(connection_id)))
        self._publish(FleetChanged())

    def _remember(self, connection_id: str, sync: Sync | None) -> None:
        """Keep what was seen, where it is all the history that there is."""
        if self._can.sync_history:
            return
        self.seen_since = self.seen_since or self._server_now()
        if sync is not None:
            seen = self._seen.setdefault(connection_id, {})
            seen[sync.id] = sync
            while len(seen) > SEEN_SYNCS:
                del seen[next(iter(seen))]

    def _read(self, **changes: object) -> None:
        self.reading = replace(self.reading, **changes)  # type: ignore[arg-type]
        self._publish(FleetChanged())
