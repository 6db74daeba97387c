"""One open profile: what it consists of, and every action a person can take on it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections.abc import AsyncIterator, Coroutine, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from pydantic import SecretStr

from tui_app.api.base import Capabilities, IssueQuery
from tui_app.api.errors import ApiError
from tui_app.api.exchanges import Recorder
from tui_app.api.gate import Gate
from tui_app.api.health import Health, HealthState
from tui_app.api.kinds import open_api
from tui_app.api.network import limits_of, network_of
from tui_app.changes import Broken, Change, ChangeFeed, ServerChanged, Told, Watched
from tui_app.config.environment import environment_of
from tui_app.logs.redaction import safe_words
from tui_app.models.clock import Clock, SystemClock
from tui_app.models.fleet import FleetRow
from tui_app.models.issue import Issue
from tui_app.models.link import Link
from tui_app.models.page import Page, Unreadable
from tui_app.models.profile import Profile
from tui_app.models.provider import Provider
from tui_app.models.sync import Sync
from tui_app.watch.watch import Watch
from tui_app.watch.watcher import Watcher
from tui_app.workspace.estimates import Estimates, stalled_words
from tui_app.workspace.fleet import Fleet, FleetReading
from tui_app.workspace.landing import Landing
from tui_app.workspace.logged import SyncNews, told
from tui_app.workspace.orders import Orders
from tui_app.workspace.remembering import Remembering
from tui_app.workspace.simulation import NotPlayed, Simulation, Started

if TYPE_CHECKING:
    from tui_app.api.credentials import CredentialForm
    from tui_app.api.exchanges import Request
    from tui_app.api.kinds import OpenApi
    from tui_app.findings.triage import Finding
    from tui_app.history import History
    from tui_app.sandbox.steering import Steered
    from tui_app.workspace.bulk import Bulk
    from tui_app.workspace.open_issues import OpenIssues
    from tui_app.workspace.remembering import OpenHistory

log = logging.getLogger(__name__)


class Workspace(Orders):
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
        way_in: The lines for a shell that point another program at the embedded server, with its key, which opens
            nothing else; an empty text elsewhere.
        links: The short links that were made here and not deleted since, oldest first: no server lists them.
    """

    def __init__(
        self,
        profile: Profile,
        base_url: str,
        key: SecretStr,
        *,
        clock: Clock | None = None,
        sandbox: Steered | None = None,
        api: OpenApi | None = None,
        history: OpenHistory | None = None,
    ) -> None:
        self.remembering: Remembering | None = None
        self.profile = profile
        self.base_url = base_url
        self.sandbox = sandbox
        self.way_in = _way_in(profile.kind, base_url, key) if sandbox is not None else ""
        told = {"changed": self._time_changed, "faulty": self._faults_changed}
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
        self.fleet = Fleet(
            self.api,
            self.clock,
            server_now=self.server_now,
            stands_still=lambda: self.paused,
            followed=self._looked_at_closely,
            publish=self._publish,
            spawn=self._spawn,
            stalled=lambda row: stalled_words(self, row),
        )
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
        self._passing_on: asyncio.Task[None] | None = None
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

    def finding(self, row: FleetRow, issues: Sequence[Issue] = ()) -> Finding:
        """Who has to act next for a connection, and why, by all that is known of it.

        Args:
            row: The connection.
            issues: Its issues, where they were read; else those that are open.
        """
        return self.fleet.finding(row, issues)

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
    def to_watch_again(self) -> int:
        """How many syncs were followed at an earlier start and wait until their connections can be read."""
        return len(self.remembering.waiting) if self.remembering else 0

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

    @property
    def ended(self) -> bool:
        """Whether the embedded server has ended by itself, and with it whatever was made there."""
        return self.simulation is not None and self.simulation.ended

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
        """Begin to read the fleet, to look at its syncs and to pass on what the watch sees. Once is enough."""
        if self._passing_on is not None:
            return
        log.info("%s", told(self))
        if self.remembering is not None:
            self.remembering.start()
        self.fleet.start()
        if self.simulation is not None:
            self.simulation.hear(self._heard)
        self._passing_on = self._spawn(self._pass_on())

    async def close(self) -> None:
        """End everything that runs and let go of the server. Watches end with it; what they saw is passed on first."""
        log.info("closed “%s”", self.profile.name)
        self._closed = True
        if self.simulation is not None:
            self.simulation.leave()
        tasks = list(self._tasks)
        for task in tasks:
            if task is not self._passing_on:
                task.cancel()
        await self.watcher.close()
        await asyncio.gather(*tasks, return_exceptions=True)
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
        read: list[Sync] = []
        async for page in self.api.syncs(self.fleet.connection(connection_id), limit=min(most, 50)):
            read += page.items
            self.landing.saw_syncs(connection_id, page.items)
            self.fleet.listed(connection_id, read)
            yield page
            if len(read) >= most:
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
        seen = self.fleet.seen_unchanged(connection_id, sync_id)
        if seen is not None and len(watch.observations) < 2:  # it is followed from now on, and was seen before
            is_new = watch.recall([seen])
            if is_new and self.remembering is not None:
                self.remembering.keep(seen)
        self.estimates.expect(watch)
        return watch

    # How it holds together

    async def _meet(self, connection_id: str) -> None:
        """Know a connection as it is now, one that was made without us too."""
        if self.row(connection_id) is not None:
            with contextlib.suppress(ApiError):  # what was known stands, and is looked at again by itself
                await self.read_connection(connection_id)
            return
        await self.read_fleet()
        if self.row(connection_id) is None and self.reading.problem is None:
            await self.read_fleet()  # the first time was a reading under way, which may have begun too early

    def _looked_at_closely(self, connection_id: str) -> bool:
        """Whether a connection's newest sync is followed on screen: the list learns of it without asking."""
        row = self.fleet.row(connection_id)
        watch = self.watcher.find(connection_id, row.last_sync.id) if row is not None and row.last_sync else None
        return watch is not None and watch.visible and not (watch.paused or watch.closed or watch.problem)

    def _time_changed(self) -> None:
        """The embedded server's time goes otherwise: look at what may have moved, and tell the time anew."""
        for watch in self.watcher.watches:
            self.estimates.expect(watch)
        self.watcher.time_changed()
        self.fleet.look_again()
        self._publish(ServerChanged())
        self._tell_if_ended()

    def _faults_changed(self) -> None:
        self._publish(ServerChanged())
        self._look_where_time_stands()
        self._tell_if_ended()

    def _tell_if_ended(self) -> None:
        if self.ended:
            self._publish(Told("Simulated server", "It has ended. Press R in the list of connections for a new one."))

    def _heard(self) -> None:
        """Some client has changed something at the embedded server: we have, or another that was pointed at it."""
        self.fleet.hear()
        self._look_where_time_stands()
        self._tell_if_ended()

    def _look_where_time_stands(self) -> None:
        """Somebody did something there. While the embedded server's time stands still, nothing else has us look."""
        if self.paused:
            self.fleet.look_again()

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


def _way_in(kind: str, base_url: str, key: SecretStr) -> str:
    """What a program reads that is pointed at a server; of Terminal's, by the names that its own client does."""
    prefix = kind.upper()
    return f"export {prefix}_BASE_URL={base_url}\nexport {prefix}_API_KEY={key.get_secret_value()}"
