"""A recording as an open profile: every screen shows it, and nothing is asked of anybody."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from pydantic import SecretStr

from tui_app.api.recorded import Nowhere, RecordedApi, only_recorded, recorded_capabilities
from tui_app.changes import FleetChanged
from tui_app.models.observation import Observation
from tui_app.models.page import Page
from tui_app.workspace.workspace import Workspace

if TYPE_CHECKING:
    from tui_app.findings.triage import Finding
    from tui_app.models.clock import Clock
    from tui_app.models.fleet import FleetRow
    from tui_app.models.issue import Issue
    from tui_app.models.sync import Sync
    from tui_app.watch.watch import Watch
    from tui_app.workspace.recording import Recording


class RecordedWorkspace(Workspace):
    """One connection as it was recorded elsewhere. Its clock stands at the time of the recording.

    Args:
        recording: What was recorded.
        clock: What waiting is measured by.

    Attributes:
        recording: What was recorded.
    """

    def __init__(self, recording: Recording, *, clock: Clock | None = None) -> None:
        self.recording = recording
        row = recording.row
        api = RecordedApi(
            Nowhere(recording.at, clock),
            recorded_capabilities(recording.profile.kind),
            row.connection,
            recording.syncs,
            recording.issues,
        )
        super().__init__(recording.profile, recording.base_url, SecretStr(""), clock=clock, api=api)
        self.environment = recording.environment
        self.gate.locked = True
        for exchange in recording.exchanges:
            self.recorder.add(exchange)
        self.fleet.stand_as(row, recording.syncs, recording.seen_since)
        for sync_id, looks in (recording.observations or {}).items():
            self.watcher.recall(row.connection, sync_id, looks, recording.journal(sync_id))

    @property
    def stamp(self) -> str:
        """The one word that every screen bears."""
        return "recorded"

    @property
    def recorded_at(self) -> datetime:
        """When it was recorded, in the server's time."""
        return self.recording.at

    @property
    def subject(self) -> tuple[str, str]:
        """The connection that it is about, and the sync, or an empty text."""
        return self.recording.row.id, self.recording.sync_id if self._shows(self.recording.sync_id) else ""

    def _shows(self, sync_id: str) -> bool:
        last = self.recording.row.last_sync
        listed = {*(sync.id for sync in self.recording.syncs), last.id if last is not None else ""}
        return bool(sync_id) and (sync_id in listed or self.watcher.find(self.recording.row.id, sync_id) is not None)

    def start(self) -> None:
        """Nothing runs by itself here."""
        self._publish(FleetChanged())

    def finding(self, row: FleetRow, issues: Sequence[Issue] = ()) -> Finding:
        """As it was when it was recorded. What to do next is told without keys: none of them does anything here."""
        found = super().finding(row, issues)
        return replace(found, next_step=found.step_in_writing)

    async def read_fleet(self) -> None:
        """There is nothing more to read."""
        self._publish(FleetChanged())

    async def read_connection(self, connection_id: str) -> FleetRow:
        """The connection as it was recorded.

        Raises:
            ApiError: It is another one.
        """
        row = self.fleet.row(connection_id)
        if row is None:
            raise only_recorded()
        return row

    async def syncs(self, connection_id: str, most: int = 100) -> AsyncIterator[Page[Sync]]:
        """Its syncs, as far as they were recorded."""
        yield Page(list(self.recording.syncs[:most]))

    async def issues(self, connection_id: str) -> AsyncIterator[Page[Issue]]:
        """Its issues, as far as they were recorded."""
        yield Page(list(self.recording.issues))

    def look_again(self) -> None:
        """Nothing is looked at anew."""

    def watch(self, connection_id: str, sync_id: str, known: Sync | None = None) -> Watch:
        """What was seen of a sync; where it was never followed, as it was listed.

        Raises:
            KeyError: Neither is known.
        """
        watch = self.watcher.find(connection_id, sync_id)
        if watch is not None:
            return watch
        sync = next((sync for sync in self.recording.syncs if sync.id == sync_id), None) or known
        last = self.recording.row.last_sync
        sync = sync or (last if last is not None and last.id == sync_id else None)
        if sync is None:
            raise KeyError(sync_id)
        listed = Observation(connection_id, sync_id, self.recording.at, 0.0, sync)
        return self.watcher.recall(self.fleet.connection(connection_id), sync_id, [listed])
