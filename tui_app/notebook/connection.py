"""A connection in hand: what is known of it, its syncs and issues, and asking for a sync."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from tui_app.findings.issue_groups import OwnedIssue
from tui_app.models.sync import Sync, SyncRequest
from tui_app.notebook.chart import HistoryChart
from tui_app.notebook.connection_tables import syncs_table
from tui_app.notebook.errors import ExplorerError, in_plain_words
from tui_app.notebook.issue_tables import issues_table
from tui_app.notebook.loop import Ready
from tui_app.notebook.pieces import Block, Blocks, Grid, Heading, Line, Span, plain
from tui_app.notebook.session import check_zone
from tui_app.notebook.shown import Showable
from tui_app.notebook.sync import SyncHandle
from tui_app.notebook.sync_card import issue_cells
from tui_app.notebook.words import finding_callout, issues_words, last_sync, state_line

if TYPE_CHECKING:
    from tui_app.findings.triage import Finding
    from tui_app.models.fleet import FleetRow
    from tui_app.notebook.session import Session
    from tui_app.notebook.tables import Table


class ConnectionHandle(Showable, Ready):
    """One connection. A cell shows whose turn it is first, then what is known of it.

    Args:
        session: The open profile.
        row: What is known of it.

    Attributes:
        id: The server's ID of it.
    """

    def __init__(self, session: Session, row: FleetRow) -> None:
        self._session = session
        self.id = row.id
        self._row = row
        self._now, self._finding = session.call(self._judged)

    @property
    def row(self) -> FleetRow:
        """What is known of it now; once it is gone, or the explorer is closed, what was known last. Nothing is asked.

        ``row.connection`` is as the server describes it, ``row.last_sync`` its newest sync, ``row.issues`` the open
        ones; ``None``: not known.
        """
        self._look()
        return self._row

    @property
    def name(self) -> str:
        """What to call it, as the server has it."""
        return self.row.connection.name

    @property
    def state(self) -> str:
        """Its state in one word.

        >>> connection.state in ("connected", "requested", "syncing", "failing")
        True
        """
        return self.row.state.word

    @property
    def finding(self) -> Finding:
        """Who has to act next, why, and how: ``actor``, ``reason``, ``next_step``, and the server's own ``quote``.

        >>> connection.finding.first_line.startswith("Next to act: ")
        True
        """
        self._look()
        return self._finding

    def refresh(self) -> ConnectionHandle:
        """Have the server describe it, and its newest sync, anew.

        Raises:
            ExplorerError: It could not be read. What was known stands.

        >>> connection.refresh().id == connection.id
        True
        """
        self._session.run(self._session.workspace.read_connection(self.id))
        return self

    def request_sync(self, days: float | None = None, *, start_from: datetime | None = None) -> SyncHandle:
        """Ask for a sync. Where one runs already, that one is returned: ``attached`` says so.

        Args:
            days: How many days of history it brings in, from now; more than 0, fractions too. ``None``: the server
                decides.
            start_from: The earliest record time instead, with its zone.

        Raises:
            ExplorerError: The server refused it, the profile is locked, it takes no window, or `start_from` has no
                zone. Nothing was requested.

        >>> sync = connection.request_sync(days=7)
        >>> sync.sync.start_from is not None
        True
        """
        if (days is not None or start_from is not None) and not self._session.workspace.capabilities.sync_window:
            raise ExplorerError("This server takes no window: it decides by itself how much a sync brings in.")
        check_zone(start_from)
        with in_plain_words():
            request = SyncRequest(days=days, start_from=start_from)
        requested = self._session.order("request_sync", self._session.workspace.request_sync(self.id, request))
        return SyncHandle(self._session, self.id, requested.sync, attached=requested.attached)

    def syncs(self, most: int = 50) -> Table[SyncHandle]:
        """Its syncs, the newest first. Where the server keeps no history, those that were seen here.

        Args:
            most: How many, at the most.

        Raises:
            ExplorerError: They could not be read.

        >>> syncs = connection.syncs(most=5)
        >>> [sync.ended for sync in syncs][-1:]
        [True]
        """
        found = self._session.run(self._read_syncs(most))
        handles = [SyncHandle(self._session, self.id, sync) for sync in found]
        return syncs_table(handles, self._session.call(self._session.workspace.server_now), self.name)

    def sync(self, sync_id: str = "") -> SyncHandle:
        """One of its syncs, read anew.

        Args:
            sync_id: Which; its newest one by default.

        Raises:
            ExplorerError: There is none, or it could not be read.

        >>> connection.sync(connection.syncs()[0].id).connection_id == connection.id
        True
        """
        return SyncHandle(self._session, self.id, self._session.run(self._read_sync(sync_id)))

    def issues(self) -> Table[OwnedIssue]:
        """Its issues, open and resolved.

        Raises:
            ExplorerError: They could not be read, or the server has none.

        >>> connection.issues().column_names[:3]
        ['code', 'status', 'next_to_act']
        """
        rows = self._session.run(self._read_issues())
        return issues_table(rows, self._session.call(self._session.workspace.server_now), "Issues", self.name)

    def history(self, most: int = 40) -> HistoryChart:
        """Its syncs as a drawing: how long each took, and how it ended.

        Args:
            most: How many, at the most.

        Raises:
            ExplorerError: They could not be read.

        >>> connection.history().svg.startswith("<svg")
        True
        """
        syncs = self._session.run(self._read_syncs(most))
        return HistoryChart(self.name, syncs, self._session.call(self._session.workspace.server_now))

    def blocks(self) -> Blocks:
        """Whose turn it is, then what it is, then its open issues."""
        row = self.row
        connection = row.connection
        provider = (Span(f"  ·  {connection.provider.name}", "muted", limit=60),) if connection.provider.name else ()
        blocks: list[Block] = [
            finding_callout(self.finding),
            Heading((Span(connection.name, strong=True, limit=80), *provider)),
            Grid(("", ""), tuple(self._facts(row))),
        ]
        if row.issues:
            title = (Span("Open issues", strong=True), Span(f"  {len(row.issues)}", "muted"))
            cells = tuple(issue_cells(issue) for issue in row.issues[:20])
            blocks.append(Grid(("Issue", "Next to act", "What it says"), cells, title))
        return tuple(blocks)

    def _facts(self, row: FleetRow) -> list[tuple[Line, Line]]:
        connection = row.connection
        facts: list[tuple[str, Line]] = [
            ("State", state_line(row.state)),
            ("Last sync", last_sync(row, self._now)),
            ("Open issues", issues_words(row.open_issues) if self._session.workspace.capabilities.issues else ()),
            ("In the way of a sync", plain(connection.hindrance, 200)),
            ("DOT numbers", plain(", ".join(connection.company.dot_numbers), 120)),
            ("Sync mode", plain(connection.sync_mode, 40)),
            ("Tags", plain(", ".join(connection.tags), 200)),
            ("External ID", (Span(connection.external_id or "", code=True, limit=80),)),
            ("ID", (Span(connection.id, code=True, limit=80),)),
        ]
        told = [(name, line) for name, line in facts if any(span.text for span in line)]
        return [((Span(name, "muted"),), line) for name, line in told]

    def _look(self) -> None:
        if self._session.loop_thread.running:
            self._now, self._finding = self._session.call(self._judged)

    def _judged(self) -> tuple[datetime, Finding]:
        workspace = self._session.workspace
        self._row = workspace.row(self.id) or self._row
        return workspace.server_now(), workspace.finding(self._row)

    async def _read_syncs(self, most: int) -> list[Sync]:
        found: list[Sync] = []
        async for page in self._session.workspace.syncs(self.id, most):
            found += page.items
        return found[:most]

    async def _read_sync(self, sync_id: str) -> Sync:
        workspace = self._session.workspace
        if not sync_id:
            newest = (await workspace.read_connection(self.id)).last_sync
            if newest is None:
                raise ExplorerError("It was never synced.")
            return newest
        return await workspace.api.sync(workspace.fleet.connection(self.id), sync_id)

    async def _read_issues(self) -> list[OwnedIssue]:
        row = self._session.workspace.row(self.id)
        return [
            OwnedIssue(issue, row) async for page in self._session.workspace.issues(self.id) for issue in page.items
        ]
