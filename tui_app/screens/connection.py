"""One connection: how it stands, its syncs, its issues, and what the server sent."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar

from textual import getters, on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static, TabbedContent, TabPane

from tui_app.actions import bindings_of
from tui_app.changes import RowChanged
from tui_app.models.text import safe_text
from tui_app.models.times import day_and_time
from tui_app.screens.base import AppScreen, problem_content
from tui_app.screens.ids import known_ids
from tui_app.style_sheets import styles
from tui_app.widgets.connection_columns import issue_columns, model_columns, outcomes, sync_chart, sync_columns
from tui_app.widgets.facts import facts_content
from tui_app.widgets.json_view import JsonView
from tui_app.widgets.preview import connection_facts, headline, issue_finding
from tui_app.widgets.table import Table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from tui_app.api.base import Capabilities
    from tui_app.changes import Change
    from tui_app.models.connection import ConnectionModel
    from tui_app.models.fleet import FleetRow
    from tui_app.models.issue import Issue
    from tui_app.models.sync import Sync


class ConnectionScreen(AppScreen[None]):
    """Overview, syncs, issues and JSON of one connection, kept up to date while it is open."""

    CSS_PATH = styles("connection", "json_view")
    SCOPE = "connection"
    MORE_SCOPES = ("json",)
    ABOUT = (
        "One connection: how it stands and what that means, its earlier syncs, its models or issues where the server "
        "has such, and the JSON that it sent, secrets masked. Tab goes from part to part; Enter opens a sync."
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("connection")
    AUTO_FOCUS = ""

    parts = getters.query_one(TabbedContent)
    syncs_table = getters.query_one("#syncs-table", Table)

    def __init__(self, connection_id: str, issue_id: str = "") -> None:
        """Prepare it.

        Args:
            connection_id: Which connection.
            issue_id: The issue that is asked for; empty where it is the connection itself.
        """
        super().__init__()
        self.connection_id = connection_id
        self._wanted = issue_id
        self._syncs: list[Sync] = []
        self._issues: list[Issue] = []
        self._known_sync: tuple[str, str] | None = None

    def body(self) -> ComposeResult:
        """Name and state, then the parts."""
        with Vertical(id="connection-head"):
            yield Static(id="connection-name")
        with TabbedContent(id="parts"):
            with TabPane("Overview", id="overview"), VerticalScroll():
                yield Static(id="headline")
                yield Static(id="facts")
            if self._can.parts:
                with TabPane("Models", id="models"):
                    yield Table[Any](model_columns(self._now), lambda model: model.id, id="models-table")
            with TabPane("Syncs", id="syncs"):
                yield Static(id="syncs-chart")
                yield Table[Any](sync_columns(self._now, self._can), lambda sync: sync.id, id="syncs-table")
            if self._can.issues:
                with TabPane("Issues", id="issues"):
                    yield Table[Any](issue_columns(self._now), lambda issue: issue.id, id="issues-table")
                    yield Static(id="issue-text")
            with TabPane("JSON", id="json"):
                yield JsonView(id="json-view")

    def on_mount(self) -> None:
        """Show what is known at once, and read what is not."""
        self.syncs_table.empty = (("Reading syncs …", "muted"),)
        if self._can.issues:
            self.query_one("#issues-table", Table).empty = (("Reading issues …", "muted"),)
        if self._can.parts:
            self.query_one("#models-table", Table).empty = (("The server names no models of this connection.", ""),)
        row = self._row()
        if self._wanted and self._can.issues and row is not None:
            self.parts.active = "issues"
            self._show_issues(row.issues or ())
        self._draw()
        self.action_refresh()

    @property
    def subject(self) -> str | None:
        """The connection that it shows."""
        return self.connection_id

    # What is shown

    @property
    def _can(self) -> Capabilities:
        from tui_app.api.base import Capabilities

        return self.host.workspace.capabilities if self.host.workspace else Capabilities()

    def _now(self) -> datetime:
        return self.host.workspace.server_now() if self.host.workspace else datetime.now(UTC)

    def _row(self) -> FleetRow | None:
        return self.host.workspace.row(self.connection_id) if self.host.workspace else None

    def on_change(self, change: Change) -> None:
        """Draw this connection's news; read its syncs again when its newest is another or ended."""
        if change != RowChanged(self.connection_id):
            return
        self._draw()
        row = self._row()
        newest = row.last_sync if row else None
        state = (newest.id, newest.status) if newest else None
        if not self._can.sync_history:
            self._read_syncs()  # what was just seen is the history
        elif state != self._known_sync and self._known_sync is not None:
            self._read_syncs()
            self._read_issues()
        self._known_sync = state

    def tell_time(self) -> None:
        """Ages are a minute older."""
        self._draw()
        self.syncs_table.refresh()

    def on_screen_resume(self) -> None:
        """What changed behind another screen is drawn now."""
        self._draw()

    def _draw(self) -> None:
        row = self._row()
        if row is None:
            return
        connection, now = row.connection, self._now()
        title: list[str | tuple[str, str]] = [(safe_text(connection.name, 200), "bold")]
        title += [" · ", safe_text(connection.provider.name, 60)]
        if connection.name != connection.id:  # where nothing else names it, its ID stands in front already
            title += [" · ", (safe_text(connection.id, 60), "$muted")]
        self.query_one("#connection-name", Static).update(Content.assemble(*title))
        self.query_one("#headline", Static).update(self._headline(row, now))
        if self._can.parts:
            self.query_one("#models-table", Table).set_rows(connection.models)
        self.query_one("#facts", Static).update(facts_content(connection_facts(row, now), max(self.size.width - 6, 40)))
        self._draw_json()

    def _draw_json(self) -> None:
        row = self._row()
        if row is not None and self.parts.active == "json":
            self.query_one("#json-view", JsonView).show(row.connection.to_json(), known_ids(self.host))

    def _headline(self, row: FleetRow, now: datetime) -> Content:
        workspace = self.host.workspace
        return headline(row, now, workspace.finding(row, self._issues)) if workspace is not None else Content("")

    def _draw_syncs(self) -> None:
        self.syncs_table.empty = (
            ("This connection was never synced. " if self._can.sync_history else "No sync of it was seen yet. ", ""),
            ("Press s to request a sync.", "muted"),
        )
        self.syncs_table.set_rows(self._syncs)
        chart = sync_chart(self._syncs, max(self.size.width - 6, 40))
        if not self._can.sync_history:
            chart = Content("\n").join([self._seen_since(), chart])
        place = self.query_one("#syncs-chart", Static)
        place.update(chart)
        place.tooltip = Content(f"The newest on the right: {outcomes(self._syncs)}") if self._syncs else None

    def _seen_since(self) -> Content:
        since = self.host.workspace.seen_since if self.host.workspace else None
        when = f" since {day_and_time(since)}" if since else " now and then"
        return Content.styled(
            f"This server keeps no history. These are the syncs that Syncscope itself saw, looking{when}; "
            "what ran and was replaced while nobody looked is not among them.",
            "$muted",
        )

    # What is read

    @work(group="connection", exclusive=True, exit_on_error=False)
    async def _read(self) -> None:
        from tui_app.api.errors import ApiError

        workspace = self.host.workspace
        if workspace is None:
            return
        try:
            await workspace.read_connection(self.connection_id)
        except ApiError as error:
            self.host.complain(error.problem, "Could not read the connection")

    @work(group="syncs", exclusive=True, exit_on_error=False)
    async def _read_syncs(self) -> None:
        from tui_app.api.errors import ApiError

        workspace = self.host.workspace
        if workspace is None:
            return
        read: list[Sync] = []
        try:
            async for page in workspace.syncs(self.connection_id):
                read += page.items
                self._syncs = list(read)
                self._draw_syncs()
        except ApiError as error:
            if not self._syncs:
                self.syncs_table.empty = (
                    (safe_text(f"✗ {error.problem.title}. {error.problem.next_step}", 200), "error"),
                )
                self.syncs_table.refresh()
            self.query_one("#syncs-chart", Static).update(problem_content(error.problem))
            return
        self._syncs = read
        self._draw_syncs()
        self._draw()  # whose turn it is rests on them, too

    @work(group="issues", exclusive=True, exit_on_error=False)
    async def _read_issues(self) -> None:
        from tui_app.api.errors import ApiError

        workspace = self.host.workspace
        if workspace is None or not workspace.capabilities.issues:
            return
        read: list[Issue] = []
        try:
            async for page in workspace.issues(self.connection_id):
                read += page.items
        except ApiError as error:
            self.query_one("#issue-text", Static).update(problem_content(error.problem))
            return
        self._issues = read
        self._draw()
        self.query_one("#issues-table", Table).empty = (
            ("No issues: everything that was asked for came whole.", "muted"),
        )
        self._show_issues(read)

    def _show_issues(self, issues: Sequence[Issue]) -> None:
        table = self.query_one("#issues-table", Table)
        table.set_rows(sorted(issues, key=lambda issue: not issue.is_open))
        if self._wanted and table.row(self._wanted) is not None:
            table.select(self._wanted)
            self._wanted = ""  # from now on it is the person who selects

    # What a person does

    @on(Table.Chosen, "#syncs-table")
    def _sync_chosen(self, event: Table.Chosen) -> None:
        event.stop()
        self.host.open_sync(self.connection_id, event.row.id)

    @on(Table.Chosen, "#models-table")
    def _model_chosen(self, event: Table.Chosen) -> None:
        event.stop()
        model: ConnectionModel = event.row
        if model.last_sync_id:
            self.host.open_sync(self.connection_id, model.last_sync_id)
        else:
            self.host.say("It was never synced. Press s to request a sync.", title=model.name)

    @on(Table.Highlighted, "#issues-table")
    def _issue_highlighted(self, event: Table.Highlighted) -> None:
        event.stop()
        issue: Issue | None = event.row
        if issue is None:
            return
        pieces: list[str | tuple[str, str]] = [*issue_finding(issue), safe_text(issue.error.message, 2000)]
        if issue.documentation_url:
            pieces += ["\n", (safe_text(issue.documentation_url, 300), "$muted")]
        pieces += ["\n", (safe_text(issue.id, 60), "$muted")]
        self.query_one("#issue-text", Static).update(Content.assemble(*pieces))

    @on(TabbedContent.TabActivated)
    def _part_shown(self, event: TabbedContent.TabActivated) -> None:
        event.stop()
        target = {
            "models": "#models-table",
            "syncs": "#syncs-table",
            "issues": "#issues-table",
            "json": "#json-view JsonLines",
        }.get(self.parts.active)
        self._draw_json()
        self.set_focus(self.query_one(target) if target else None)

    def action_next_tab(self) -> None:
        """Show the next part."""
        self._turn(1)

    def action_previous_tab(self) -> None:
        """Show the part before."""
        self._turn(-1)

    def _turn(self, by: int) -> None:
        parts = [pane.id or "" for pane in self.query(TabPane)]
        self.parts.active = parts[(parts.index(self.parts.active) + by) % len(parts)]

    def action_request_sync(self) -> None:
        """Request a sync of this connection."""
        self.host.ask_sync(self.connection_id)

    def action_watch(self) -> None:
        """Watch its newest sync."""
        self.host.watch_newest(self.connection_id)

    def action_edit(self) -> None:
        """Change what can be changed of it."""
        self.host.open_edit(self.connection_id)

    def action_copy_id(self) -> None:
        """Copy this connection's ID."""
        self.host.copy(self.connection_id, f"connection ID {self.connection_id}")

    def action_copy_as(self) -> None:
        """Copy something else of this connection, or of the issue that is selected where those are shown."""
        from tui_app.screens.copies import connection_copies, issue_copies
        from tui_app.screens.copy_menu import ask_copy

        workspace, row = self.host.workspace, self._row()
        if workspace is None or row is None:
            return
        issue: Issue | None = None
        if self.parts.active == "issues":
            issue = self.query_one("#issues-table", Table).current
        if issue is not None:
            ask_copy(self.host, f"issue {issue.error.code}", issue_copies(workspace, self.connection_id, issue))
        else:
            ask_copy(self.host, row.connection.name, connection_copies(workspace, row.connection))

    def action_relink(self) -> None:
        """Open this connection's re-link URL."""
        self.host.open_relink(self.connection_id)

    def action_ask_provider(self) -> None:
        """Ask its provider directly."""
        self.host.open_passthrough(self.connection_id)

    def action_hand_over(self) -> None:
        """Hand over what is known of it."""
        self.host.open_hand_over(self.connection_id)

    def action_refresh(self) -> None:
        """Read everything of this connection again."""
        self._read()
        self._read_syncs()
        self._read_issues()

    @property
    def _issue(self) -> Issue | None:
        """The issue that is selected and still open."""
        issue: Issue | None = self.query_one("#issues-table", Table).current if self._can.issues else None
        return issue if issue is not None and issue.is_open else None

    def action_resolve(self) -> None:
        """Resolve the selected issue."""
        if self._issue is not None:
            self._resolve_it(self._issue)

    @work(group="order", exclusive=True, exit_on_error=False)
    async def _resolve_it(self, issue: Issue) -> None:
        from tui_app.screens.orders import resolve_issue

        workspace = self.host.workspace
        if workspace is not None and await resolve_issue(self.host, workspace, issue):
            self._read_issues()

    def action_delete(self) -> None:
        """Delete this connection."""
        if not self.host.reads_first([self.connection_id], self.action_delete):
            self._delete_it()

    @work(group="order", exclusive=True, exit_on_error=False)
    async def _delete_it(self) -> None:
        from tui_app.screens.orders import ShortOrder, carry_out

        workspace, row = self.host.workspace, self._row()
        if workspace is None or row is None:
            return
        name = row.connection.name
        done = await carry_out(
            self.host,
            ShortOrder(
                "delete_connection",
                f"Delete {name}",
                f"delete the connection of {name}",
                "Nothing is synced any more, and after a time its data is gone for good. No key undoes it.",
                "Delete",
                workspace.planned_deletion(self.connection_id),
                lambda: workspace.delete_connection(self.connection_id),
                grave=True,
            ),
        )
        if done is not None:
            self.host.say("Its deletion was asked for.", title=name, timeout=8)
            if done[0] is None:
                await self.action_back()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What this server does not offer is not shown."""
        workspace = self.host.workspace
        if action == "edit":
            return workspace is not None and bool(workspace.capabilities.edit_fields)
        if action == "request_sync":
            return not self._can.recorded
        if action == "delete":
            return self._can.delete_connection
        if action == "ask_provider":
            return self._can.passthrough
        if action == "resolve":
            return self._can.resolve_issues and self.parts.active == "issues" and self._issue is not None
        return super().check_action(action, parameters)
