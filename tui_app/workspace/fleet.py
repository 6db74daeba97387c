"""What is known of a profile's fleet: the list, read and read again, each connection's newest sync, and its issues."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any, cast

from tui_app.api.base import ConnectionQuery, SyncApi
from tui_app.api.errors import ApiError
from tui_app.changes import Change, FleetChanged, RowChanged
from tui_app.findings.triage import Finding, triage
from tui_app.models.arranged import Arranged
from tui_app.models.clock import Clock
from tui_app.models.connection import Connection
from tui_app.models.fleet import FleetRow
from tui_app.models.issue import Issue
from tui_app.models.observation import Observation
from tui_app.models.packed import Packer, whole
from tui_app.models.page import Unreadable
from tui_app.models.problem import Problem, ProblemKind
from tui_app.models.sync import Sync
from tui_app.watch.fleet import FleetLooks, may_look
from tui_app.watch.pacing import facts
from tui_app.workspace.listing import MANY, FleetReading, Listing, Spawn
from tui_app.workspace.open_issues import PAGE, OpenIssues
from tui_app.workspace.rows import Rows

_AT_ONCE = 25
"""Connections taken in, or judged anew, before others get their turn: 3 ms."""

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


__all__ = ["Fleet", "FleetReading", "Spawn"]


class _PackedLooks:
    """The server as the looks at the fleet ask it: what it answers is packed, for they keep it."""

    def __init__(self, api: SyncApi, packer: Packer) -> None:
        self._api = api
        self._packer = packer

    async def connection(self, connection: Connection) -> Connection:
        """One connection as it is now."""
        return self._packer.pack(await self._api.connection(whole(connection)))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._api, name)


class Fleet:
    """Every connection that is known, and what was seen of it.

    Args:
        api: The server.
        clock: What waiting is measured by.
        server_now: The date and time as the server has it.
        publish: Told of each change.
        spawn: Runs what goes on by itself, until the workspace closes.
        stands_still: Tells whether the server's time does.
        followed: Tells whether a connection's newest sync is looked at closely by whoever follows it.
        stalled: Says why a connection's newest sync seems to stand still; an empty text where it does not.

    Attributes:
        listing: Reads the list.
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
        stands_still: Callable[[], bool] = lambda: False,
        followed: Callable[[str], bool] = lambda connection_id: False,
        stalled: Callable[[FleetRow], str] = lambda row: "",
    ) -> None:
        self.seen_since: datetime | None = None
        self._api = api
        self._can = api.capabilities
        self._clock = clock
        self._server_now = server_now
        self._publish = publish
        self._spawn = spawn
        self._stalled = stalled
        self._rows = Rows(tokens=self._can.connection_tokens)
        self.listing = Listing(
            api,
            self,
            clock,
            server_now=server_now,
            tell=lambda: publish(FleetChanged()),
            spawn=spawn,
            stands_still=stands_still,
        )
        self.listing.on_complete = self._complete
        self.issues = OpenIssues(
            api, clock, self._rows.packer, self._counted, server_now=server_now, publish=publish, spawn=spawn
        )
        looked_by = cast(SyncApi, _PackedLooks(api, self._rows.packer))
        tokens = self._can.connection_tokens
        self._looks = FleetLooks(
            looked_by,
            clock,
            self._known,
            self._looked,
            server_now=server_now,
            tokens=tokens,
            stands_still=stands_still,
            followed=followed,
        )
        self._seen: dict[str, dict[str, Sync]] = {}
        self._listed: dict[str, tuple[Sync, ...]] = {}
        self._unchanged: dict[str, Observation] = {}

    # What is known

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def reading(self) -> FleetReading:
        """How far the list is read."""
        return self.listing.reading

    @property
    def unreadable(self) -> list[Unreadable]:
        """Its rows that could not be read."""
        return self.listing.unreadable

    @property
    def rows(self) -> list[FleetRow]:
        """Every connection that is known, in the server's order."""
        return list(self._rows)

    @property
    def arranged(self) -> Arranged:
        """The same in triage order, and how many are in which state."""
        return self._rows.arranged

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
        return len(self._rows.looked_at)

    @property
    def to_look_at(self) -> int:
        """How many connections have a last sync that can be looked at."""
        return self._rows.to_look_at

    @property
    def ids(self) -> set[str]:
        """The IDs of all connections that are known."""
        return self._rows.ids

    @property
    def recalled_ids(self) -> set[str]:
        """The IDs of those that are known from an earlier start only."""
        return set(self._rows.recalled)

    @property
    def moving(self) -> bool:
        """Whether any sync runs, as far as is known."""
        return any(row.last_sync and not row.last_sync.phase.is_final for row in self._rows)

    def with_token(self, token: str) -> list[FleetRow]:
        """The connections that a token opens, given in clear or masked."""
        return self._rows.with_token(token)

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
        self._spawn(self.listing.keep())
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
        elif not self.listing.failed:
            self._spawn(self.listing.read(silently=True))

    def hear(self) -> None:
        """Somebody was heard to change something there: ask soon what has changed in the list."""
        self.listing.hear()

    async def read(self) -> None:
        """Read every page of the list. What was there stays until the end shows that it is gone."""
        await self.listing.read()

    async def take(self, connections: Sequence[Connection]) -> None:
        """Take in what a page of the list describes."""
        self._rows.packer.prime(connections)
        for first in range(0, len(connections), _AT_ONCE):
            some = connections[first : first + _AT_ONCE]
            to_look_at = [connection.id for connection in some if self._put(connection)]
            if not self._can.listed_syncs:
                self._looks.follow(to_look_at)
            else:
                for connection in some:
                    self.saw(connection.id, connection.last_sync, self._server_now())
            if len(connections) > _AT_ONCE:
                await asyncio.sleep(0)

    def gone(self, connection_ids: set[str]) -> None:
        """Forget what the list does not hold any more."""
        for connection_id in connection_ids:
            self._forget(connection_id)

    def _complete(self) -> None:
        if self._can.issues:
            # By itself: who asks for the list again meanwhile is given it again.
            self._spawn(self.issues.count())

    def _put(self, connection: Connection) -> bool:
        """Keep a connection as the server describes it; answer whether it is to be looked at for the first time."""
        connection = self._rows.packed(connection)
        known = self._rows.get(connection.id)
        was_recalled = known is not None and known.connection.recalled_at is not None
        if known is None:
            row = FleetRow(connection, issues=self.issues.of(connection.id))
        elif not was_recalled:
            row = replace(known, connection=connection)
        elif self._can.listed_syncs:  # its newest sync came with it, if there is one
            row = replace(known, connection=connection, last_sync=None, looked_at=None, recalled_at=None)
        elif not self._may_look(connection):
            row = replace(known, connection=connection, recalled_at=None)
        else:
            row = replace(known, connection=connection)
        if was_recalled:
            self._publish(RowChanged(connection.id))
        self._keep_row(row, at_end=was_recalled)  # what was recalled takes its place in the order of the list
        return self._may_look(connection) and (known is None or not self._may_look(known.connection))

    def _may_look(self, connection: Connection) -> bool:
        return may_look(connection, self._can.connection_tokens)

    def _known(self, connection_id: str) -> Connection | None:
        row = self._rows.get(connection_id)
        return None if row is None else row.connection

    def _keep_row(self, row: FleetRow, *, at_end: bool = False) -> None:
        self._rows.keep(self._judged(row), at_end=at_end)

    def _judged(self, row: FleetRow) -> FleetRow:
        actor, stalled = self.finding(row).actor, bool(self._stalled(row))
        if actor is row.actor and stalled == row.stalled:
            return row
        return replace(row, actor=actor, stalled=stalled, known=row.haystack)

    def finding(self, row: FleetRow, issues: Sequence[Issue] = ()) -> Finding:
        """Who has to act next for a connection, as `Workspace.finding` says."""
        syncs, now = self.newest_syncs(row), self._server_now()
        return triage(row, issues or row.issues or (), syncs=syncs, now=now, stalled=self._stalled(row))

    def _forget(self, connection_id: str) -> None:
        self._rows.drop(connection_id)
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
        self.listing.reading = FleetReading(complete=True, read_at=row.looked_at)
        self._publish(FleetChanged())

    def adopt(self, connection: Connection, *, made: bool = False) -> None:
        """Put a connection into the fleet, or its newer description.

        Args:
            connection: As the server has just described it.
            made: Whether it was made just now. Where it is new here, too, it has no issues yet.
        """
        is_new = connection.id not in self._rows
        if made and self._can.issues and is_new:
            self._keep_row(FleetRow(connection, issues=()))
        to_look_at = self._put(connection) or is_new
        if to_look_at and not self._can.listed_syncs:
            self._looks.follow([connection.id])
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
        earlier: list[FleetRow] = []
        for row in rows:
            known = self._rows.get(row.id)
            if known is None:
                earlier.append(self._judged(row))
            elif known.looked_at is None and not self._can.listed_syncs:  # the list was faster, and carries no syncs
                issues = row.issues if known.issues is None else known.issues
                merged = replace(row, connection=known.connection, problem=known.problem, issues=issues)
                to_look_at = self._may_look(known.connection)
                self._keep_row(merged if to_look_at else replace(merged, recalled_at=None))
        if self.reading.complete:
            self.listing.found_gone({row.id for row in earlier})
            earlier = []
        self._rows.put_first(earlier)
        seen_at = max((row.recalled_at for row in earlier if row.recalled_at), default=self.reading.recalled_at)
        self.listing.say(recalled_at=seen_at)

    async def fetch(self, connection_id: str) -> None:
        """Have the server describe a connection that is known from an earlier start only, by reading the list.

        Raises:
            ApiError: It could not be read, or is gone. What was known stands.
            KeyError: It is not known.
        """
        if self.connection(connection_id).recalled_at is None:
            return
        if len(self._rows) >= MANY:
            with suppress(ApiError):  # reading all of it finds the connection, or says what is wrong
                await self._describe(self.connection(connection_id))
        row = self._rows.get(connection_id)
        if row is not None and row.connection.recalled_at is None:
            return
        await self.read()
        row = self._rows.get(connection_id)
        if row is None or row.connection.recalled_at is not None:
            raise ApiError(_unread(self.reading.problem))

    async def _describe(self, connection: Connection) -> None:
        """Have the server describe one connection of very many, by what else it is known by."""
        numbers = connection.company.dot_numbers
        if not self._can.labels or not (connection.external_id or numbers):
            return
        if connection.external_id:
            query = ConnectionQuery(external_id=connection.external_id, limit=PAGE)
        else:
            query = ConnectionQuery(dot_number=numbers[0], limit=PAGE)
        async for page in self._api.connections(query):
            await self.take(page.items)
            return

    def saw(self, connection_id: str, sync: Sync | None, at: datetime) -> None:
        """Take in what was seen of a connection's newest sync, unless a newer one is known: answers may overtake."""
        row = self._rows.get(connection_id)
        if row is not None:
            self._see(row, sync, at)

    def _see(self, row: FleetRow, sync: Sync | None, at: datetime) -> None:
        """Keep a row, which may be newer than the one that is kept, with what was seen of its newest sync."""
        self.issues.meet(sync)
        self._remember(row.id, sync)
        known = row.last_sync
        if known is None or (sync is not None and sync.requested_at >= known.requested_at):
            self._note(row.id, known, sync, at)
            recalled = row.connection.recalled_at
            newest = self._rows.packed_sync(sync)
            known_by = row.haystack
            row = replace(row, last_sync=newest, looked_at=at, problem=None, recalled_at=recalled, known=known_by)
        if row is not self._rows.get(row.id):
            self._keep_row(row)
        self._publish(RowChanged(row.id))

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
            self._rows.keep(judged)
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
        if seen.token is None and row.connection.token is not None:  # an answer without one does not take it away
            seen = whole(seen).model_copy(update={"token": row.connection.token})
        if seen != row.connection:
            row = replace(row, connection=self._rows.packed(seen))
        self._see(row, seen.last_sync, self._server_now())

    async def _counted(self) -> None:
        ids = tuple(self._rows.ids)  # and not the rows: the old ones would stay until the last is replaced
        for first in range(0, len(ids), _AT_ONCE):
            for connection_id in ids[first : first + _AT_ONCE]:
                self._take_issues(connection_id)
            if len(ids) > _AT_ONCE:
                await asyncio.sleep(0)
        self._publish(FleetChanged())

    def _take_issues(self, connection_id: str) -> None:
        row, issues = self._rows.get(connection_id), self.issues.of(connection_id)
        if row is not None and issues != row.issues:
            if issues or row.issues:
                self._publish(RowChanged(connection_id))
            self._keep_row(replace(row, issues=issues, known=row.haystack))

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
