"""One open profile: its server, its watch, what is known of its fleet, and every action a person can take on it."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Coroutine
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from pydantic import SecretStr

from tui_app.api.base import Capabilities, Changes, ConnectionQuery, IssueQuery
from tui_app.api.errors import ApiError, SyncConflict
from tui_app.api.exchanges import Recorder
from tui_app.api.gate import Gate
from tui_app.api.health import Health, HealthState
from tui_app.api.kinds import open_api
from tui_app.changes import Broken, Change, ChangeFeed, FleetChanged, RowChanged, ServerChanged, Watched
from tui_app.config.environment import environment_of
from tui_app.models.clock import Clock, SystemClock
from tui_app.models.connection import Connection, ConnectionDraft
from tui_app.models.fleet import FleetRow
from tui_app.models.issue import Issue
from tui_app.models.page import Page, Unreadable
from tui_app.models.problem import Problem, ProblemKind
from tui_app.models.profile import Profile
from tui_app.models.provider import Provider
from tui_app.models.sync import Sync, SyncRequest
from tui_app.watch.fleet import FleetLooks, may_look
from tui_app.watch.watch import Watch
from tui_app.watch.watcher import Watcher

if TYPE_CHECKING:
    from tui_app.api.credentials import CredentialForm
    from tui_app.api.exchanges import Request
    from tui_app.sandbox.server import Sandbox

RETRY_FIRST = 5.0
"""Seconds until a list that could not be read is tried again; doubled each time, up to :data:`RETRY_MOST`."""

RETRY_MOST = 60.0

LISTED_MOVING = 5.0
"""Seconds between two readings of a list that carries each connection's newest sync, while any of them runs."""

LISTED_AT_REST = 30.0

SEEN_SYNCS = 200
"""Syncs remembered of each connection where the server keeps no history."""

RECOUNT = 10.0
"""Seconds for which new issues are gathered before they are counted: one list serves them all."""

_PASSING = (ProblemKind.UNREACHABLE, ProblemKind.SERVER, ProblemKind.RATE_LIMITED)

log = logging.getLogger(__name__)

PAGE = 200
"""Rows asked for at a time: the first screen is there after one answer, and a large fleet takes few."""


@dataclass(frozen=True, slots=True)
class FleetReading:
    """How far the list of connections is read.

    Attributes:
        loading: Whether pages are being read.
        complete: Whether the last reading reached the end, so that counts are exact.
        read_at: When the last page came, in the server's time.
        problem: Why the last reading stopped, if it did.
    """

    loading: bool = False
    complete: bool = False
    read_at: datetime | None = None
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class Requested:
    """A sync that was asked for.

    Attributes:
        sync: As the server answered.
        attached: Whether it ran already, so that no second one was started.
    """

    sync: Sync
    attached: bool


class Workspace:
    """One open profile; end it with :meth:`close`. Belongs to one event loop.

    Args:
        profile: Which one.
        base_url: Where its server answers.
        key: Its key.
        clock: What waiting is measured by.
        sandbox: The embedded server, where that is what answers; it is not stopped with the workspace.
    """

    def __init__(
        self,
        profile: Profile,
        base_url: str,
        key: SecretStr,
        *,
        clock: Clock | None = None,
        sandbox: Sandbox | None = None,
    ) -> None:
        self.profile = profile
        self.base_url = base_url
        self.sandbox = sandbox
        self.clock = clock or SystemClock()
        self.environment = environment_of(base_url, profile.environment, key.get_secret_value())
        self.gate = Gate(
            locked=profile.locked(self.environment),
            profile=profile.name,
            on_change=lambda: self._publish(ServerChanged()),
        )
        self.recorder = Recorder()
        self.api = open_api(
            profile.kind,
            base_url,
            key,
            gate=self.gate,
            clock=self.clock,
            budget=profile.budget,
            recorder=self.recorder,
            on_health=self._felt,
        )
        self.watcher = Watcher(self.api, clock=self.clock, server_now=self.server_now, random=random.random)
        self.reading = FleetReading()
        self._offline = False
        self.unreadable: list[Unreadable] = []
        self._rows: dict[str, FleetRow] = {}
        self._open_issues: dict[str, int] | None = None
        self._counted: set[str] = set()
        self._uncounted = asyncio.Event()
        self._providers: list[Provider] | None = None
        self._reading_now: asyncio.Task[None] | None = None
        self._unread = asyncio.Event()
        self._feeds: list[ChangeFeed] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False
        self._looks = FleetLooks(self.api, self.clock, self._looked, tokens=self.capabilities.connection_tokens)
        self._seen: dict[str, dict[str, Sync]] = {}
        self.seen_since: datetime | None = None

    # What is known

    @property
    def capabilities(self) -> Capabilities:
        """What this server can do."""
        return self.api.capabilities

    @property
    def rows(self) -> list[FleetRow]:
        """Every connection that is known, in the server's order."""
        return list(self._rows.values())

    @property
    def looked_at(self) -> int:
        """How many connections had their last sync looked at."""
        return sum(1 for row in self._rows.values() if row.looked_at is not None)

    @property
    def to_look_at(self) -> int:
        """How many connections have a last sync that can be looked at."""
        tokens = self.capabilities.connection_tokens
        return sum(1 for row in self._rows.values() if row.looked_at is not None or may_look(row.connection, tokens))

    def row(self, connection_id: str) -> FleetRow | None:
        """What is known of one connection."""
        return self._rows.get(connection_id)

    def server_now(self) -> datetime:
        """The time at the server, as far as its answers tell."""
        return self.api.transport.server_now()

    @property
    def health(self) -> Health:
        """How the server answers."""
        return self.api.transport.health

    def budget_used(self) -> int:
        """Requests sent in the last second."""
        return self.api.transport.budget.used()

    @property
    def speed(self) -> float | None:
        """How many times faster than ours the embedded server's time goes; ``None`` elsewhere."""
        return self.sandbox.clock.speed if self.sandbox else None

    def changes(self) -> AsyncIterator[Change]:
        """Everything that changes from now on, until the workspace closes. Equal changes not yet taken are one."""
        feed = ChangeFeed()
        if self._closed:
            feed.close()
        self._feeds.append(feed)
        return self._taken_from(feed)

    async def _taken_from(self, feed: ChangeFeed) -> AsyncIterator[Change]:
        try:
            async for change in feed:
                yield change
        finally:
            self._feeds.remove(feed)

    # What runs by itself

    def start(self) -> None:
        """Begin to read the fleet, to look at its syncs and to pass on what the watch sees."""
        self._spawn(self._keep_fleet())
        self._spawn(self._keep_counts())
        if not self.capabilities.listed_syncs:
            self._spawn(self._looks.run())
        self._spawn(self._pass_on())

    async def close(self) -> None:
        """End everything that runs and let go of the server. Watches end with it."""
        self._closed = True
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.watcher.close()
        await self.api.aclose()
        for feed in self._feeds:
            feed.close()

    def show(self, connection_ids: list[str]) -> None:
        """Say which connections are on screen: they are looked at first."""
        self._looks.show(connection_ids)

    async def _keep_fleet(self) -> None:
        """Read the list, and again by itself whenever, and for as long as, the server could not be reached.

        A list that carries each connection's newest sync is also read again to see those move.
        """
        await self.read_fleet()
        wait = RETRY_FIRST
        while True:
            if self._unread.is_set():
                problem = self.reading.problem
                await self.clock.sleep((problem.retry_after if problem else None) or wait)
                wait = min(wait * 2, RETRY_MOST)
                if self._unread.is_set():  # nobody else has read it meanwhile
                    await self.read_fleet()
                continue
            wait = RETRY_FIRST
            if self.capabilities.listed_syncs:
                moving = any(row.last_sync and not row.last_sync.phase.is_final for row in self._rows.values())
                await self.clock.sleep(LISTED_MOVING if moving else LISTED_AT_REST)
                if not self._unread.is_set():
                    await self.read_fleet(silently=True)
            else:
                await self._unread.wait()

    async def _keep_counts(self) -> None:
        """Count the open issues anew when a sync meets one that was not counted."""
        while True:
            await self._uncounted.wait()
            await self.clock.sleep(RECOUNT)
            self._uncounted.clear()
            await self._count_issues()

    async def read_fleet(self, *, silently: bool = False) -> None:
        """Read every page of the list. What was there stays until the end shows that it is gone.

        Where it is being read already, this waits for that. Whoever asked may leave: the reading goes on.

        Args:
            silently: What is known counts as complete meanwhile.
        """
        if self._reading_now is None or self._reading_now.done():
            self._reading_now = self._spawn(self._read_pages(silently))
        await asyncio.shield(self._reading_now)

    async def _read_pages(self, silently: bool) -> None:
        self._unread.clear()
        if not silently:
            self._read(loading=True, complete=False, problem=None)
        before = set(self._rows)  # what is made while this reads may stand on a page that was read already
        seen: set[str] = set()
        unreadable: list[Unreadable] = []
        try:
            async for page in self.api.connections(ConnectionQuery(limit=PAGE)):
                self._take(page, seen)
                unreadable += page.unreadable
                self.unreadable = unreadable
                self._read(read_at=self.server_now())
        except ApiError as error:
            self._read(problem=error.problem)
            if error.problem.kind in _PASSING:
                self._unread.set()
            return
        else:
            for connection_id in before - seen:
                del self._rows[connection_id]
                self._looks.forget(connection_id)
            self._read(complete=True, problem=None)
        finally:
            self._read(loading=False)
        self._spawn(self._count_issues())  # by itself: who asks for the list again meanwhile is given it again

    def _take(self, page: Page[Connection], seen: set[str]) -> None:
        for connection in page.items:
            seen.add(connection.id)
            known = self._rows.get(connection.id)
            self._rows[connection.id] = (
                replace(known, connection=connection)
                if known
                else FleetRow(connection, open_issues=self._count(connection.id))
            )
            if self.capabilities.listed_syncs:
                self._saw(connection.id, connection.last_sync, self.server_now())
        if not self.capabilities.listed_syncs:
            self._looks.follow(page.items)

    async def _count_issues(self) -> None:
        """Count each connection's open issues by one list over all of them. Not knowing is shown as not knowing.

        Where the server could not be reached, they are counted a little later.
        """
        if not self.capabilities.issues:
            return
        counts: dict[str, int] = {}
        known: set[str] = set()
        try:
            async for page in self.api.issues(IssueQuery(status="ongoing", limit=PAGE)):
                for issue in page.items:
                    known.add(issue.id)
                    counts[issue.connection_id] = counts.get(issue.connection_id, 0) + 1
        except ApiError as error:
            # The exchange is recorded, the health line shows it, and the column stays as it was.
            if error.problem.kind in _PASSING:
                self._uncounted.set()
            return
        self._open_issues = counts
        self._counted |= known
        for connection_id, row in self._rows.items():
            self._rows[connection_id] = replace(row, open_issues=self._count(connection_id))
        self._publish(FleetChanged())

    def _count(self, connection_id: str) -> int | None:
        return None if self._open_issues is None else self._open_issues.get(connection_id, 0)

    # What a person asks for

    async def read_connection(self, connection_id: str) -> FleetRow:
        """Look at one connection now.

        Raises:
            ApiError: It could not be read. What was known stands.
            KeyError: It is not known.
        """
        row = self._rows[connection_id]
        self._looked(connection_id, await self.api.connection(row.connection), None)
        return self._rows[connection_id]

    async def syncs(self, connection_id: str, most: int = 100) -> AsyncIterator[Page[Sync]]:
        """Pages of a connection's syncs, newest first as the server lists them, up to `most` rows.

        Where the server keeps no history, these are the syncs that were seen here since `seen_since`.

        Raises:
            ApiError: A page could not be read; earlier ones were handed out.
        """
        if not self.capabilities.sync_history:
            seen = sorted(self._seen.get(connection_id, {}).values(), key=lambda sync: sync.requested_at, reverse=True)
            yield Page(seen[:most])
            return
        read = 0
        async for page in self.api.syncs(self._rows[connection_id].connection, limit=min(most, 50)):
            yield page
            read += len(page.items)
            if read >= most:
                return

    async def issues(self, connection_id: str) -> AsyncIterator[Page[Issue]]:
        """Pages of a connection's issues, open and resolved."""
        async for page in self.api.issues(IssueQuery(connection_id=connection_id, limit=100)):
            yield page

    async def providers(self) -> list[Provider]:
        """The server's providers, asked for once."""
        if self._providers is None:
            self._providers = await self.api.providers()
        return self._providers

    def credential_forms(self, provider_code: str) -> tuple[CredentialForm, ...] | None:
        """The ways to give a provider's credentials; ``None`` where they are not known."""
        from tui_app.api.credentials import fields_for

        return fields_for(provider_code)

    def planned_connection(self, draft: ConnectionDraft) -> Request:
        """The request that :meth:`create_connection` would send, secrets masked. Nothing is sent."""
        return self.api.planned_connection(draft)

    async def create_connection(self, draft: ConnectionDraft) -> Connection:
        """Make a connection and put it into the fleet.

        Raises:
            ApiError: It was refused; nothing was made.
        """
        connection = await self.api.create_connection(draft)
        known = self._rows.get(connection.id)
        self._rows[connection.id] = (
            replace(known, connection=connection) if known else FleetRow(connection, open_issues=0)
        )
        if not self.capabilities.listed_syncs:
            self._looks.follow([connection])
        self._publish(FleetChanged())
        return connection

    def planned_update(self, connection_id: str, changes: Changes) -> Request:
        """The request that :meth:`update_connection` would send, secrets masked. Nothing is sent."""
        return self.api.planned_update(self._rows[connection_id].connection, changes)

    async def update_connection(self, connection_id: str, changes: Changes) -> Connection:
        """Change a connection.

        Raises:
            ApiError: It was refused; nothing was changed.
        """
        changed = await self.api.update_connection(self._rows[connection_id].connection, changes)
        self._rows[connection_id] = replace(self._rows[connection_id], connection=changed)
        self._publish(FleetChanged())
        self._publish(RowChanged(connection_id))
        return changed

    async def request_sync(self, connection_id: str, request: SyncRequest) -> Requested:
        """Ask for a sync and follow it. Where one runs already, that one is followed instead.

        Raises:
            ApiError: It was refused, or one runs but cannot be found.
        """
        connection = self._rows[connection_id].connection
        try:
            requested = Requested(await self.api.request_sync(connection, request), attached=False)
        except SyncConflict as conflict:
            if not conflict.running:
                raise
            requested = Requested(await self.api.sync(connection, conflict.running), attached=True)
        self._saw(connection_id, requested.sync, self.server_now())
        self.watcher.watch(connection, requested.sync.id, known=requested.sync)
        return requested

    def watch(self, connection_id: str, sync_id: str, known: Sync | None = None) -> Watch:
        """Follow a sync; the same watch where it is followed already.

        Args:
            connection_id: Whose sync it is.
            sync_id: Which sync.
            known: What the server has just said of it, if anything.
        """
        return self.watcher.watch(self._rows[connection_id].connection, sync_id, known=known)

    # How it holds together

    def _looked(self, connection_id: str, seen: Connection | None, problem: Problem | None) -> None:
        row = self._rows.get(connection_id)
        if row is None:
            return
        if seen is None:
            self._rows[connection_id] = replace(row, problem=problem)
            self._publish(RowChanged(connection_id))
            return
        self._rows[connection_id] = replace(row, connection=seen)
        self._saw(connection_id, seen.last_sync, self.server_now())

    async def _pass_on(self) -> None:
        async for observation in self.watcher.stream():
            if observation.sync is not None:
                self._saw(observation.connection_id, observation.sync, observation.observed_at)
            self._publish(Watched(observation))

    def _saw(self, connection_id: str, sync: Sync | None, at: datetime) -> None:
        """Take in what was seen of a connection's newest sync, unless a newer one is known: answers may overtake."""
        row = self._rows.get(connection_id)
        if row is None:
            return
        self._meet(sync)
        self._remember(connection_id, sync)
        known = row.last_sync
        if known is None or (sync is not None and sync.requested_at >= known.requested_at):
            self._rows[connection_id] = replace(row, last_sync=sync, looked_at=at, problem=None)
        self._publish(RowChanged(connection_id))

    def _remember(self, connection_id: str, sync: Sync | None) -> None:
        """Keep what was seen, where it is all the history that there is."""
        if self.capabilities.sync_history:
            return
        self.seen_since = self.seen_since or self.server_now()
        if sync is not None:
            seen = self._seen.setdefault(connection_id, {})
            seen[sync.id] = sync
            while len(seen) > SEEN_SYNCS:
                del seen[next(iter(seen))]

    def _meet(self, sync: Sync | None) -> None:
        """Notice issues that were not counted yet."""
        if sync is not None and self._open_issues is not None and not self._counted.issuperset(sync.issue_ids):
            self._counted.update(sync.issue_ids)
            self._uncounted.set()

    def _felt(self, health: Health) -> None:
        """Pass the server's health on; once it answers again, what could not be looked at is looked at now."""
        if health.state is HealthState.LIVE and self._offline:
            for watch in self.watcher.watches:
                if watch.problem is not None:
                    watch.look_now()
        self._offline = health.state is HealthState.OFFLINE
        self._publish(ServerChanged())

    def _read(self, **changes: object) -> None:
        self.reading = replace(self.reading, **changes)  # type: ignore[arg-type]
        self._publish(FleetChanged())

    def _publish(self, change: Change) -> None:
        for feed in self._feeds:
            feed.put(change)

    def _spawn(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("a background task ended by an error", exc_info=error)
            self._publish(Broken(f"{type(error).__name__}: {error}"))
