"""When followed syncs will probably end, and whether they stand still, by what is known of their connections.

Whoever shows a followed sync asks `estimate_of(workspace, watch)` and `stall_of(workspace, watch)`: both answer at
once, from what is known by then, and cost next to nothing until there is a new look. `learn(workspace, connection_id)`
reads the connection's earlier syncs, once, so that more is known.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from tui_app.api.errors import ApiError
from tui_app.watch.earlier import History, gaps_of, history_of
from tui_app.watch.estimate import Estimate, estimate
from tui_app.watch.stall import Stall, stall

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tui_app.models.fleet import FleetRow
    from tui_app.models.observation import Observation
    from tui_app.models.sync import Sync
    from tui_app.watch.watch import Watch
    from tui_app.workspace.fleet import Spawn
    from tui_app.workspace.workspace import Workspace

MOST_LISTED = 50
"""Earlier syncs that are asked for: one page of the list."""


def estimate_of(workspace: Workspace, watch: Watch) -> Estimate:
    """When a followed sync will probably end, as of its last look.

    ``estimate_of(workspace, watch).words(workspace.server_now())`` is one line (``done in 5–8 min``), empty where
    nothing can be said; `basis` is what that rests on, or why nothing can be said.
    """
    return workspace.estimates.told(watch).estimate


def stall_of(workspace: Workspace, watch: Watch) -> Stall:
    """Whether a followed sync seems to stand still, as of its last look.

    ``stall_of(workspace, watch).words`` is one line (``no change for 9 min; usually every 40 s``), empty where it does
    not; `basis` is by what, or why nothing can be said.
    """
    return workspace.estimates.told(watch).stall


def stalled_words(workspace: Workspace, row: FleetRow) -> str:
    """Why a connection's newest sync seems to stand still; empty where it does not, or is not followed."""
    watch = workspace.watcher.find(row.id, row.last_sync.id) if row.last_sync is not None else None
    return stall_of(workspace, watch).words if watch is not None else ""


@dataclass(frozen=True, slots=True)
class Told:
    """What is told of a followed sync, and of what that was made."""

    estimate: Estimate
    stall: Stall
    seen: Observation | None
    version: int


class Estimates:
    """What is known of the earlier syncs of a profile's connections, and what follows for those that are followed.

    Args:
        workspace: The open profile.
        spawn: Runs what is read, until the workspace closes.
    """

    def __init__(self, workspace: Workspace, spawn: Spawn) -> None:
        self._workspace = workspace
        self._spawn = spawn
        self._earlier: dict[str, dict[str, Sync]] = {}  # by connection, by ID
        self._kept: dict[str, dict[str, tuple[float, ...]]] = {}  # gaps, by connection, by the sync's ID
        self._versions: dict[str, int] = {}
        self._readings: dict[str, asyncio.Task[None]] = {}
        self._told: WeakKeyDictionary[Watch, Told] = WeakKeyDictionary()
        self._gaps: WeakKeyDictionary[Watch, tuple[float, ...]] = WeakKeyDictionary()

    def told(self, watch: Watch) -> Told:
        """What is told of a followed sync; made anew only when there is a new look, or more is known."""
        version = self._versions.get(watch.connection.id, 0)
        told = self._told.get(watch)
        if told is None or told.seen is not watch.latest_good or told.version != version:
            looks = watch.observations
            history = self.history(watch.connection.id, watch.sync_id)
            told = Told(estimate(looks, history), stall(looks, history), watch.latest_good, version)
            self._told[watch] = told
        return told

    def told_then(self, watch: Watch, looks: Sequence[Observation]) -> Told:
        """What would have been told of a followed sync after its first looks, by what is known of the others now."""
        history = self.history(watch.connection.id, watch.sync_id)
        return Told(estimate(looks, history), stall(looks, history), looks[-1] if looks else None, 0)

    def history(self, connection_id: str, sync_id: str) -> History:
        """What is known of the syncs of a connection that came before one of them."""
        fleet = self._workspace.fleet
        earlier = {sync.id: sync for sync in fleet.seen_syncs(connection_id)} | self._earlier.get(connection_id, {})
        gaps = dict(self._kept.get(connection_id, {}))
        for watch in self._workspace.watcher.watches:
            if watch.connection.id == connection_id and watch.finished and watch.latest_sync is not None:
                earlier[watch.sync_id] = watch.latest_sync
                gaps[watch.sync_id] = self._gaps_of(watch)
        gaps.pop(sync_id, None)
        return history_of(earlier.values(), reversed(gaps.values()), of=sync_id)

    def know(
        self, connection_id: str, earlier: Iterable[Sync], gaps: Mapping[str, Sequence[float]] | None = None
    ) -> None:
        """Take in earlier syncs of a connection, from wherever they were kept.

        Args:
            connection_id: Whose they are.
            earlier: As they were last seen.
            gaps: What `gaps_of` made of the looks at those that were watched, by the sync's ID, the oldest first.
        """
        self._earlier.setdefault(connection_id, {}).update((sync.id, sync) for sync in earlier)
        self._kept.setdefault(connection_id, {}).update((one, tuple(some)) for one, some in (gaps or {}).items())
        self._versions[connection_id] = self._versions.get(connection_id, 0) + 1
        for watch in self._workspace.watcher.watches:
            if watch.connection.id == connection_id:
                self.expect(watch)

    def expect(self, watch: Watch) -> None:
        """Have a followed sync looked at as often as what is usual on its connection asks for."""
        watch.expect(self.history(watch.connection.id, watch.sync_id), self._workspace.speed or 1.0)

    async def learn(self, connection_id: str) -> None:
        """Read a connection's earlier syncs, one request for each connection; who comes meanwhile waits for that one.

        Where they cannot be read, nothing more is known, and whoever asks again has it tried again.
        """
        reading = self._readings.get(connection_id)
        if reading is None:
            reading = self._readings[connection_id] = self._spawn(self._read(connection_id))
        await asyncio.shield(reading)

    async def _read(self, connection_id: str) -> None:
        if not self._workspace.capabilities.sync_history:
            return  # what was seen here is all that there is, and is asked for each time
        try:
            async for page in self._workspace.syncs(connection_id, MOST_LISTED):
                self.know(connection_id, page.items)
                break
        except ApiError:
            del self._readings[connection_id]  # recorded where every exchange is; the estimate says what it lacks

    def _gaps_of(self, watch: Watch) -> tuple[float, ...]:
        if watch not in self._gaps:
            self._gaps[watch] = gaps_of(watch.observations)
        return self._gaps[watch]
