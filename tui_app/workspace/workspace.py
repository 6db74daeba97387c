"""One open profile: what it consists of, and every action a person can take on it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections.abc import AsyncIterator, Coroutine
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from pydantic import SecretStr

from tui_app.api.base import Capabilities, Changes, IssueQuery
from tui_app.api.errors import ApiError, SyncConflict, Unread
from tui_app.api.exchanges import Recorder
from tui_app.api.gate import Gate
from tui_app.api.health import Health, HealthState
from tui_app.api.kinds import open_api
from tui_app.api.network import limits_of, network_of
from tui_app.changes import Broken, Change, ChangeFeed, ServerChanged, Watched
from tui_app.config.environment import environment_of
from tui_app.logs.redaction import safe_words
from tui_app.models.clock import Clock, SystemClock
from tui_app.models.connection import Connection, ConnectionDraft
from tui_app.models.fleet import FleetRow
from tui_app.models.issue import Issue
from tui_app.models.link import Link, LinkDraft
from tui_app.models.page import Page, Unreadable
from tui_app.models.passthrough import PassthroughAnswer, PassthroughRequest, RawAnswer
from tui_app.models.profile import Profile
from tui_app.models.provider import Provider
from tui_app.models.sync import Sync, SyncRequest
from tui_app.watch.watch import Watch
from tui_app.watch.watcher import Watcher
from tui_app.workspace.estimates import Estimates
from tui_app.workspace.fleet import Fleet, FleetReading
from tui_app.workspace.landing import Landing
from tui_app.workspace.logged import SyncNews, told
from tui_app.workspace.remembering import Remembering
from tui_app.workspace.simulation import NotPlayed, Simulation, Started

if TYPE_CHECKING:
    from tui_app.api.credentials import CredentialForm
    from tui_app.api.exchanges import Request
    from tui_app.api.kinds import OpenApi
    from tui_app.history import History
    from tui_app.sandbox.server import Sandbox
    from tui_app.workspace.bulk import Bulk
    from tui_app.workspace.open_issues import OpenIssues
    from tui_app.workspace.remembering import OpenHistory

SETTLING = 5
"""Looks, a second apart, for which a retried sync may still be told as ended: a server may take its time."""

log = logging.getLogger(__name__)


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
        api: What answers instead of a server.
        history: Opens what is kept of this server from one start to the next; ``None``: nothing is kept.

    Attributes:
        fleet: What is known of its connections.
        estimates: When followed syncs will probably end, by what is known of earlier ones.
        bulk: The latest bulk action that was begun; it stands here also after its end.
        asked_in_bulk: The IDs of the syncs that bulk actions asked for.
        cancelled: The IDs of the syncs that were cancelled here and not tried again since.
        simulation: What else can be done with the embedded server; ``None`` elsewhere.
        landing: Finds what a person pasted something of.
        remembering: What ties it to its history; ``None`` where nothing is kept.
        links: The short links that were made here and not deleted since, oldest first: no server lists them.
    """

    def __init__(
        self,
        profile: Profile,
        base_url: str,
        key: SecretStr,
        *,
        clock: Clock | None = None,
        sandbox: Sandbox | None = None,
        api: OpenApi | None = None,
        history: OpenHistory | None = None,
    ) -> None:
        self.remembering: Remembering | None = None
        self.profile = profile
        self.base_url = base_url
        self.sandbox = sandbox
        told = {"changed": self._time_changed, "faulty": lambda: self._publish(ServerChanged())}
        self.simulation = Simulation(sandbox, profile.kind, **told) if sandbox else None
        self.clock = clock or SystemClock()
        self.environment = environment_of(base_url, profile.environment, key.get_secret_value())
        self.gate = Gate(
            locked=profile.locked(self.environment),
            profile=profile.name,
            on_change=lambda: self._publish(ServerChanged()),
        )
        self.recorder = Recorder()
        self.api = api or open_api(
            profile.kind,
            base_url,
            key,
            gate=self.gate,
            clock=self.clock,
            budget=profile.budget,
            recorder=self.recorder,
            on_health=self._felt,
            limits=limits_of(profile),
            network=network_of(profile),
        )
        self.watcher = Watcher(self.api, clock=self.clock, server_now=self.server_now, random=random.random)
        self.fleet = Fleet(self.api, self.clock, server_now=self.server_now, publish=self._publish, spawn=self._spawn)
        self.landing = Landing(self, self._spawn)
        self.estimates = Estimates(self, self._spawn)
        self.links: list[Link] = []
        self.bulk: Bulk | None = None
        self.asked_in_bulk: set[str] = set()
        self.cancelled: set[str] = set()
        self._offline = False
        self._providers: list[Provider] | None = None
        self._feeds: list[ChangeFeed] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False
        if history is not None:
            self.remembering = Remembering(self, history, self._spawn, self._publish)

    # What is known

    @property
    def stamp(self) -> str:
        """What its data is, in the one word that every screen bears."""
        return self.environment.value

    @property
    def recorded_at(self) -> datetime | None:
        """When this was recorded, in the server's time; ``None`` of a server that is really there."""
        return None

    @property
    def subject(self) -> tuple[str, str] | None:
        """Of a recording: the connection that it is about, and the sync, or an empty text."""
        return None

    @property
    def history(self) -> History | None:
        """What is kept of this server; ``None`` where nothing is. What it reads belongs on a thread."""
        return self.remembering.history if self.remembering else None

    @property
    def capabilities(self) -> Capabilities:
        """What this server can do."""
        return self.api.capabilities

    @property
    def reading(self) -> FleetReading:
        """How far the list of connections is read."""
        return self.fleet.reading

    @property
    def unreadable(self) -> list[Unreadable]:
        """The rows of the list that could not be read."""
        return self.fleet.unreadable

    @property
    def rows(self) -> list[FleetRow]:
        """Every connection that is known, in the server's order."""
        return self.fleet.rows

    def row(self, connection_id: str) -> FleetRow | None:
        """What is known of one connection."""
        return self.fleet.row(connection_id)

    @property
    def open_issues(self) -> OpenIssues:
        """The open issues of all connections."""
        return self.fleet.issues

    @property
    def looked_at(self) -> int:
        """How many connections had their last sync looked at."""
        return self.fleet.looked_at

    @property
    def to_look_at(self) -> int:
        """How many connections have a last sync that can be looked at."""
        return self.fleet.to_look_at

    @property
    def seen_since(self) -> datetime | None:
        """Since when syncs are remembered, where the server keeps no history."""
        return self.fleet.seen_since

    def server_now(self) -> datetime:
        """The time at the server: the embedded one's own, whatever its speed; elsewhere as far as its answers tell."""
        return self.simulation.now if self.simulation else self.api.transport.server_now()

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
        return self.simulation.speed if self.simulation else None

    @property
    def paused(self) -> bool:
        """Whether the embedded server's time stands still."""
        return self.simulation is not None and self.simulation.paused

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
        log.info("%s", told(self))
        if self.remembering is not None:
            self.remembering.start()
        self.fleet.start()
        self._spawn(self._pass_on())

    async def close(self) -> None:
        """End everything that runs and let go of the server. Watches end with it."""
        log.info("closed “%s”", self.profile.name)
        self._closed = True
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.watcher.close()
        if self.remembering is not None:
            await self.remembering.close()
        await self.api.aclose()
        for feed in self._feeds:
            feed.close()

    def show(self, connection_ids: list[str]) -> None:
        """Say which connections are on screen: they are looked at first."""
        self.fleet.show(connection_ids)

    async def read_fleet(self) -> None:
        """Read every page of the list. What was there stays until the end shows that it is gone.

        Where it is being read already, this waits for that. Whoever asked may leave: the reading goes on.
        """
        await self.fleet.read()

    # What a person asks for

    async def read_connection(self, connection_id: str) -> FleetRow:
        """Look at one connection now.

        Raises:
            ApiError: It could not be read. What was known stands.
            KeyError: It is not known.
        """
        await self.fleet.look(connection_id)
        row = self.fleet.row(connection_id)
        if row is None:
            raise KeyError(connection_id)
        return row

    async def syncs(self, connection_id: str, most: int = 100) -> AsyncIterator[Page[Sync]]:
        """Pages of a connection's syncs, newest first as the server lists them, up to `most` rows.

        Where the server keeps no history, these are the syncs that were seen here since `seen_since`.

        Raises:
            ApiError: A page could not be read; earlier ones were handed out.
        """
        if not self.capabilities.sync_history:
            yield Page(self.fleet.seen_syncs(connection_id)[:most])
            return
        await self.fleet.fetch(connection_id)
        read = 0
        async for page in self.api.syncs(self.fleet.connection(connection_id), limit=min(most, 50)):
            self.landing.saw_syncs(connection_id, page.items)
            yield page
            read += len(page.items)
            if read >= most:
                return

    async def issues(self, connection_id: str) -> AsyncIterator[Page[Issue]]:
        """Pages of a connection's issues, open and resolved."""
        async for page in self.api.issues(IssueQuery(connection_id=connection_id, limit=100)):
            self.landing.saw_issues(page.items)
            yield page

    def planned_read(self, connection_id: str) -> Request:
        """The request that reads a connection, secrets masked. Nothing is sent."""
        return self.api.planned_read(self.fleet.connection(connection_id))

    def planned_sync_read(self, connection_id: str, sync_id: str) -> Request:
        """The request that reads a sync, secrets masked. Nothing is sent."""
        return self.api.planned_sync_read(self.fleet.connection(connection_id), sync_id)

    def planned_issues_read(self, connection_id: str) -> Request:
        """The first request that :meth:`issues` would send, secrets masked. Nothing is sent."""
        return self.api.planned_issues_read(IssueQuery(connection_id=connection_id, limit=100))

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
        self.fleet.adopt(connection, made=True)
        return connection

    def planned_update(self, connection_id: str, changes: Changes) -> Request:
        """The request that :meth:`update_connection` would send, secrets masked. Nothing is sent."""
        return self.api.planned_update(self.fleet.connection(connection_id), changes)

    async def update_connection(self, connection_id: str, changes: Changes) -> Connection:
        """Change a connection.

        Raises:
            ApiError: It was refused; nothing was changed.
        """
        changed = await self.api.update_connection(self.fleet.connection(connection_id), changes)
        self.fleet.adopt(changed)
        return changed

    def planned_deletion(self, connection_id: str) -> Request:
        """The request that :meth:`delete_connection` would send, secrets masked. Nothing is sent."""
        return self.api.planned_deletion(self.fleet.connection(connection_id))

    async def delete_connection(self, connection_id: str) -> Connection | None:
        """Delete a connection.

        Returns:
            The connection as it is afterwards; ``None`` where it is gone, and its row with it.

        Raises:
            ApiError: It was refused; nothing was deleted.
        """
        left = await self.api.delete_connection(self.fleet.connection(connection_id))
        if left is None:
            self.fleet.drop(connection_id)
        elif self.fleet.row(connection_id) is not None:  # a list that was read meanwhile may be ahead
            self.fleet.adopt(left)
        return left

    def planned_exchange(self, token: SecretStr) -> Request:
        """The request that :meth:`exchange_public_token` would send, secrets masked. Nothing is sent."""
        return self.api.planned_exchange(token)

    async def exchange_public_token(self, token: SecretStr) -> Connection:
        """Get the connection that a fleet made by Link, and put it into the fleet. The token works once.

        Raises:
            ApiError: It was refused.
        """
        connection = await self.api.exchange_public_token(token)
        self.fleet.adopt(connection)
        return connection

    def planned_link(self, draft: LinkDraft) -> Request:
        """The request that :meth:`create_link` would send, secrets masked. Nothing is sent."""
        return self.api.planned_link(draft)

    async def create_link(self, draft: LinkDraft) -> Link:
        """Make a short link, by which a fleet connects by itself.

        Raises:
            ApiError: It was refused; nothing was made.
        """
        link = await self.api.create_link(draft)
        self.links = [*(known for known in self.links if known.id != link.id), link]
        return link

    def planned_link_deletion(self, link_id: str) -> Request:
        """The request that :meth:`delete_link` would send, secrets masked. Nothing is sent."""
        return self.api.planned_link_deletion(link_id)

    async def delete_link(self, link_id: str) -> None:
        """Delete a short link by its ID: whoever opens it from now on is turned away.

        Raises:
            ApiError: It was refused.
        """
        await self.api.delete_link(link_id)
        self.links = [known for known in self.links if known.id != link_id]

    def planned_passthrough(self, connection_id: str, request: PassthroughRequest, *, raw: bool = False) -> Request:
        """The request that :meth:`passthrough` would send, secrets masked. Nothing is sent."""
        return self.api.planned_passthrough(self.fleet.connection(connection_id), request, raw=raw)

    async def passthrough(self, connection_id: str, request: PassthroughRequest) -> PassthroughAnswer:
        """Ask a connection's provider directly. That it refuses is an answer.

        Raises:
            ApiError: The server refused, or could not ask it.
        """
        return await self.api.passthrough(self.fleet.connection(connection_id), request)

    async def passthrough_raw(self, connection_id: str, request: PassthroughRequest) -> RawAnswer:
        """The same, and the provider's answer byte for byte."""
        return await self.api.passthrough_raw(self.fleet.connection(connection_id), request)

    def planned_sync(self, connection_id: str, request: SyncRequest) -> Request:
        """The request that :meth:`request_sync` would send, secrets masked. Nothing is sent."""
        return self.api.planned_sync(self.fleet.connection(connection_id), request)

    async def request_sync(self, connection_id: str, request: SyncRequest) -> Requested:
        """Ask for a sync and follow it. Where one runs already, that one is followed instead.

        Raises:
            ApiError: It was refused, or one runs but cannot be found.
        """
        connection = self.fleet.connection(connection_id)
        try:
            requested = Requested(await self.api.request_sync(connection, request), attached=False)
        except SyncConflict as conflict:
            requested = await self._running_instead(connection, conflict)
        await self._follow(connection, requested.sync)
        return requested

    def planned_retry(self, connection_id: str, sync_id: str) -> Request:
        """The request that :meth:`retry_sync` would send, secrets masked. Nothing is sent."""
        return self.api.planned_retry(self.fleet.connection(connection_id), sync_id)

    async def retry_sync(self, connection_id: str, sync_id: str) -> Requested:
        """Try a sync that failed again, and follow what runs for it: the same sync from anew, or another one.

        Raises:
            Unread: It was taken, and is followed; how it is now could not be read.
            ApiError: It was refused, or another sync runs but cannot be found.
        """
        connection = self.fleet.connection(connection_id)
        try:
            requested = Requested(await self.api.retry_sync(connection, sync_id), attached=False)
        except SyncConflict as conflict:
            requested = await self._running_instead(connection, conflict)
        except Unread as unread:
            self.cancelled.discard(unread.id)
            await self._watch_anew(connection, unread.id)
            raise
        if requested.sync.id == sync_id:
            requested = Requested(await self._begun(connection, requested.sync), requested.attached)
        self.cancelled.discard(requested.sync.id)
        await self._follow(connection, requested.sync)
        return requested

    def planned_cancellation(self, connection_id: str, sync_id: str) -> Request:
        """The request that :meth:`cancel_sync` would send, secrets masked. Nothing is sent."""
        return self.api.planned_cancellation(self.fleet.connection(connection_id), sync_id)

    async def cancel_sync(self, connection_id: str, sync_id: str) -> Sync:
        """Cancel a sync, and follow it to its end: it may still run for a moment.

        Returns:
            The sync as it is now. Once cancelled, it counts as failed, and can be retried.

        Raises:
            Unread: It was taken; how the sync is now could not be read.
            ApiError: It was refused; the sync goes on.
        """
        connection = self.fleet.connection(connection_id)
        try:
            sync = await self.api.cancel_sync(connection, sync_id)
        except Unread as unread:
            self.cancelled.add(unread.id)
            self.watcher.watch(connection, unread.id).look_now()
            raise
        self.cancelled.add(sync.id)
        self.fleet.saw(connection_id, sync, self.server_now())
        self.watcher.watch(connection, sync.id, known=sync).look_now()
        return sync

    def planned_resolution(self, issue_id: str) -> Request:
        """The request that :meth:`resolve_issue` would send, secrets masked. Nothing is sent."""
        return self.api.planned_resolution(issue_id)

    async def resolve_issue(self, issue_id: str) -> Issue:
        """Mark an issue as resolved. It stays so until it is observed again.

        Raises:
            ApiError: It was refused.
        """
        issue = await self.api.resolve_issue(issue_id)
        if not issue.is_open:
            self.fleet.resolved(issue)
        return issue

    def begin_bulk(self, bulk: Bulk) -> None:
        """Carry a bulk action out. It goes on whoever looks, until it ends, is stopped, or the workspace closes."""
        self.bulk = bulk
        bulk.begin()
        self._spawn(bulk.run(self._publish))

    async def play(self, name: str, connection_id: str | None = None) -> Started:
        """Start a scenario on the embedded server, and follow its sync where it has one.

        Args:
            name: Which one.
            connection_id: Where; ``None`` on a connection that is made for it, which is in the fleet afterwards as soon
                as the list can be read.

        Raises:
            NotPlayed: It cannot be played there, or this is no embedded server. Nothing was changed.
        """
        if self.simulation is None:
            raise NotPlayed("Scenarios are played on the embedded server only.")
        started = await self.simulation.play(name, connection_id)
        self._publish(ServerChanged())
        await self._meet(started.connection_id)
        if started.sync_id is not None and self.row(started.connection_id) is not None:
            self.watch(started.connection_id, started.sync_id).look_now()
        return started

    def look_again(self) -> None:
        """Look now at the connections that are on screen."""
        self.fleet.look_again()

    def tell_time(self) -> None:
        """Let whoever shows the server's time tell it anew."""
        self._publish(ServerChanged())

    def watch(self, connection_id: str, sync_id: str, known: Sync | None = None) -> Watch:
        """Follow a sync; the same watch where it is followed already.

        Args:
            connection_id: Whose sync it is.
            sync_id: Which sync.
            known: What the server has just said of it, if anything; else, where the server keeps no history, what was
                last seen of it: it may not be there any more.
        """
        known = known or self.fleet.seen_sync(connection_id, sync_id)
        watch = self.watcher.watch(self.fleet.connection(connection_id), sync_id, known=known)
        self.estimates.expect(watch)
        return watch

    # How it holds together

    async def _running_instead(self, connection: Connection, conflict: SyncConflict) -> Requested:
        """The sync that is in the way of another one.

        Raises:
            SyncConflict: Which one it is, is not known.
        """
        if not conflict.running:
            raise conflict
        return Requested(await self.api.sync(connection, conflict.running), attached=True)

    async def _begun(self, connection: Connection, sync: Sync) -> Sync:
        """A retried sync once it is told as begun anew, or as it is when waiting any longer makes no sense."""
        for _ in range(SETTLING):
            if not sync.phase.is_final:
                break
            await self.clock.sleep(1)
            try:
                sync = await self.api.sync(connection, sync.id)
            except ApiError:
                break  # the watch goes on looking
        return sync

    async def _follow(self, connection: Connection, sync: Sync) -> None:
        """Follow a sync that has just begun; where an earlier run of it was followed to its end, from anew."""
        self.fleet.saw(connection.id, sync, self.server_now())
        await self._watch_anew(connection, sync.id, sync)

    async def _watch_anew(self, connection: Connection, sync_id: str, known: Sync | None = None) -> None:
        watch = self.watcher.find(connection.id, sync_id)
        if watch is not None and watch.finished:
            await self.watcher.forget(watch)
        self.watcher.watch(connection, sync_id, known=known).look_now()

    async def _meet(self, connection_id: str) -> None:
        """Know a connection as it is now, one that was made without us too."""
        if self.row(connection_id) is not None:
            with contextlib.suppress(ApiError):  # what was known stands, and is looked at again by itself
                await self.read_connection(connection_id)
            return
        await self.read_fleet()
        if self.row(connection_id) is None and self.reading.problem is None:
            await self.read_fleet()  # the first time was a reading under way, which may have begun too early

    def _time_changed(self) -> None:
        """The embedded server's time goes otherwise: look at what may have moved, and tell the time anew."""
        for watch in self.watcher.watches:
            self.estimates.expect(watch)
        self.watcher.time_changed()
        self.fleet.look_again()
        self._publish(ServerChanged())

    async def _pass_on(self) -> None:
        news = SyncNews()
        async for observation in self.watcher.stream():
            news.saw(observation)
            if self.remembering is not None:
                self.remembering.saw(observation)
            if observation.sync is not None:
                self.fleet.saw(observation.connection_id, observation.sync, observation.observed_at)
            self._publish(Watched(observation))

    def _felt(self, health: Health) -> None:
        """Pass the server's health on; once it answers again, what could not be looked at is looked at now."""
        if health.state is HealthState.LIVE and self._offline:
            for watch in self.watcher.watches:
                if watch.problem is not None:
                    watch.look_now()
        self._offline = health.state is HealthState.OFFLINE
        self._publish(ServerChanged())

    def _publish(self, change: Change) -> None:
        if self.remembering is not None:
            self.remembering.heard(change)
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
            self._publish(Broken(safe_words(error)))
