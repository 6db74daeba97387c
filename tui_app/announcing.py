"""What is said when a followed sync ends: a toast, and whatever else the person asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import work

from tui_app.copying import Copying

if TYPE_CHECKING:
    from tui_app.models.observation import Observation
    from tui_app.notices import Ended


class Announcing(Copying):
    """The part of the app that announces the ends of followed syncs."""

    def _announce(self, observation: Observation) -> None:
        """Say once that a followed sync has ended."""
        from tui_app.notices import Ended
        from tui_app.widgets.states import with_issues

        sync = observation.sync
        if sync is None or not sync.phase.is_final or observation.next_look is not None:
            return
        workspace = self.workspace
        watch = workspace.watcher.find(observation.connection_id, sync.id) if workspace else None
        if watch is None or not watch.ended_in_sight:
            return  # it had ended before it was followed: its screen says so, and it is no news
        row = workspace.row(observation.connection_id) if workspace else None
        name = row.connection.name if row else observation.connection_id
        outcome = sync.phase.value
        words, severity = f"Sync {sync.status}: {sync.failure_reason or 'no reason given'}", "error"
        if outcome == "succeeded":
            words, severity = f"Sync completed{with_issues(sync)}.", "information"
        elif outcome == "lost":
            words, severity = "The end of the sync was not seen: a later run took its place.", "warning"
        # Of a bulk action nobody wants a toast for each that went well: the list shows them.
        if workspace is None or outcome != "succeeded" or sync.id not in workspace.asked_in_bulk:
            self.say(words, title=name, severity=severity, timeout=8 if outcome == "succeeded" else 12)
        self._tell(Ended(observation.connection_id, name, sync.id, sync.phase.value, sync.status, words))

    @work(group="notices", exit_on_error=False)
    async def _tell(self, ended: Ended) -> None:
        """Ring, notify and run the hook, as far as the person asked for it."""
        from tui_app.notices import tell

        problem = await tell(ended, self.settings, ring=self.bell, write=self._write)
        if problem:
            self.say(problem, title="Hook", severity="warning", timeout=12)
