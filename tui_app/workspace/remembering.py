"""What one start remembers of those before: the fleet as last seen, the looks at each sync, and which were watched."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine, Sequence
from typing import TYPE_CHECKING

from tui_app.changes import Change, FleetChanged, Recalled, RowChanged, Told
from tui_app.models.problem import ProblemKind

if TYPE_CHECKING:
    from tui_app.history import History, Watching
    from tui_app.models.connection import Connection
    from tui_app.models.observation import Observation
    from tui_app.watch.watch import Watch
    from tui_app.workspace.listing import Pass
    from tui_app.workspace.workspace import Workspace

    OpenHistory = Callable[[Callable[[str], None]], History]
    """Opens what is kept of a server, given by whom a person is told of trouble with it."""

AT_ONCE = 200
"""Rows that are recalled at a time: the first are there at once, and a large fleet holds nothing up."""

KEEP_EVERY = 10.0
"""Seconds for which news of connections are gathered before they are kept."""

logger = logging.getLogger(__name__)


class Remembering:
    """Keeps what a workspace sees, and hands it what was kept. Belongs to its loop; the history has a thread.

    Args:
        workspace: The open profile.
        opens: Opens what is kept of its server, told by whom to tell a person something. It ends with the workspace.
        spawn: Runs what goes on by itself, until the workspace closes.
        publish: Told of each change.

    Attributes:
        history: What is kept.
        waiting: What was watched at an earlier start, and waits for its connection to be read.
    """

    def __init__(
        self,
        workspace: Workspace,
        opens: OpenHistory,
        spawn: Callable[[Coroutine[None, None, None]], asyncio.Task[None]],
        publish: Callable[[Change], None],
    ) -> None:
        self.history = opens(_from_thread(publish))
        self.waiting: list[Watching] = []
        self._workspace = workspace
        self._spawn = spawn
        self._publish = publish
        self._again: set[tuple[str, str]] = set()
        self._changed: set[str] = set()
        self._news = asyncio.Event()
        listing = workspace.fleet.listing
        listing.earlier = lambda: asyncio.to_thread(self.history.listed)
        listing.on_page, listing.on_end = self._page_read, self._all_read
        workspace.watcher.on_watch = self._watched
        workspace.watcher.on_forget = self._forgotten

    def start(self) -> None:
        """Show what was kept, and keep what is seen from now on."""
        self._spawn(self._recall())
        self._spawn(self._keep())

    async def close(self) -> None:
        """Keep what is not kept yet."""
        self._keep_now()
        await asyncio.to_thread(self.history.close)

    def saw(self, observation: Observation) -> None:
        """Keep a look at a followed sync; of one that was stopped before anything was sent there is nothing to keep."""
        if observation.problem is not None and observation.problem.kind is ProblemKind.REFUSED:
            return
        self.keep(observation)
        place = (observation.connection_id, observation.sync_id)
        sync, problem = observation.sync, observation.problem
        if sync is not None and sync.phase.is_final:
            self.history.unwatch(*place)
        elif problem is not None and problem.kind is ProblemKind.NOT_FOUND and place in self._again:
            self._drop(*place, "the server does not have it any more")
            if (watch := self._workspace.watcher.find(*place)) is not None:
                self._spawn(self._workspace.watcher.forget(watch))
        if sync is not None:
            self._again.discard(place)

    def keep(self, observation: Observation) -> None:
        """Keep what was seen of a sync, by whomever."""
        row = self._workspace.row(observation.connection_id)
        token = row.connection.token if row else None
        self.history.record(observation, token=token.get_secret_value() if token else "")

    def heard(self, change: Change) -> None:
        """Take in that what is known of the fleet has changed."""
        if isinstance(change, RowChanged):
            self._changed.add(change.connection_id)
            self._news.set()
        elif isinstance(change, FleetChanged):
            self._go_on()

    # What was kept

    async def _recall(self) -> None:
        last: str | None = ""
        while last is not None:
            rows, last = await asyncio.to_thread(self.history.fleet_after, last, AT_ONCE)
            self._workspace.fleet.recall(rows)
        self._workspace.fleet.listing.recalled.set()
        self.waiting = await asyncio.to_thread(self.history.watching)
        self._go_on()

    def _go_on(self) -> None:
        """Watch again what was watched, as far as its connection has been read; look again with what came with that."""
        workspace = self._workspace
        for watch in workspace.watcher.watches:
            row = workspace.row(watch.connection.id)
            if watch.connection.recalled_at and row is not None and row.connection.recalled_at is None:
                watch.connection = row.connection
                watch.look_now()
        if not self.waiting:
            return
        waiting, self.waiting = self.waiting, []
        for each in waiting:
            row = workspace.row(each.connection_id)
            if row is not None and row.connection.recalled_at is None:
                self._again.add((each.connection_id, each.sync_id))
                workspace.watch(each.connection_id, each.sync_id).visible = False
            elif row is None and workspace.reading.complete:
                self._drop(each.connection_id, each.sync_id, "its connection is gone")
            else:
                self.waiting.append(each)

    def _drop(self, connection_id: str, sync_id: str, why: str) -> None:
        logger.info("sync %s of %s was watched, and is not watched any more: %s", sync_id, connection_id, why)
        self.history.unwatch(connection_id, sync_id)

    def _watched(self, watch: Watch) -> asyncio.Task[None]:
        self.history.watch(watch.connection.id, watch.sync_id, self._workspace.server_now())
        return self._spawn(self._hand_over(watch))

    async def _hand_over(self, watch: Watch) -> None:
        connection_id = watch.connection.id
        kept = await asyncio.to_thread(self.history.observations, connection_id, watch.sync_id)
        past = await asyncio.to_thread(self.history.syncs_of, connection_id)
        if past:
            gaps = {each.sync.id: each.gaps for each in reversed(past)}  # the oldest first
            self._workspace.estimates.know(connection_id, [each.sync for each in past], gaps)
        if kept:
            watch.recall(kept)
            self._publish(Recalled(watch.connection.id, watch.sync_id))

    def _forgotten(self, watch: Watch) -> None:
        self.history.unwatch(watch.connection.id, watch.sync_id)

    # What is kept

    async def _keep(self) -> None:
        while True:
            await self._news.wait()
            await self._workspace.clock.sleep(KEEP_EVERY)
            self._news.clear()
            self._keep_now()

    def _keep_now(self) -> None:
        workspace = self._workspace
        rows = [row for each in self._changed if (row := workspace.row(each)) is not None]
        if rows:
            self.history.keep_fleet(rows, workspace.server_now(), whole=False)
        self._changed.clear()

    def _page_read(self, connections: Sequence[Connection], place: int, reading: Pass) -> None:
        workspace = self._workspace
        if reading.changed_after is not None:
            self._changed.update(each.id for each in connections)
            self._news.set()
            return
        rows = [row for each in connections if (row := workspace.row(each.id)) is not None]
        # What is read beside everything else is not gone on with: a later start asks for what has changed.
        cursor = None if reading.beside else reading.cursor
        self.history.keep_page(rows, workspace.server_now(), first=place, cursor=cursor, since=reading.since)

    def _all_read(self, reading: Pass, gone: set[str]) -> None:
        workspace = self._workspace
        count = len(workspace.fleet)
        self.history.keep_end(gone, workspace.server_now(), count=count, since=reading.since)


def _from_thread(publish: Callable[[Change], None]) -> Callable[[str], None]:
    """A way to tell a person something from another thread. Once the loop that runs now has ended, nobody hears it."""
    loop = asyncio.get_running_loop()

    def tell(text: str) -> None:
        with contextlib.suppress(RuntimeError):  # the log has it, too
            loop.call_soon_threadsafe(publish, Told("History", text))

    return tell
