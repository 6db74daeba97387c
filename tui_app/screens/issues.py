"""The open issues of all connections: one line for each code, what it means and who must act, and where it stands."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar

from textual import getters, on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Input, Static

from tui_app.actions import bindings_of
from tui_app.changes import FleetChanged, IssuesChanged
from tui_app.findings.issue_groups import (
    IssueFilter,
    IssueGroup,
    Order,
    OwnedIssue,
    groups_of,
    parse_issue_filter,
)
from tui_app.models.filter import FilterError
from tui_app.models.text import safe_text
from tui_app.models.times import age
from tui_app.screens.base import AppScreen, problem_content
from tui_app.style_sheets import styles
from tui_app.widgets.field import SafeInput
from tui_app.widgets.issue_rows import group_columns, group_content, issue_columns, issue_content
from tui_app.widgets.table import Table

if TYPE_CHECKING:
    from tui_app.changes import Change
    from tui_app.workspace import Workspace
    from tui_app.workspace.open_issues import IssuesReading

NONE_HERE = (
    "This kind of server has no list of issues.\n"
    "What keeps data from coming stands with each connection: press 1 for the list, Enter for one of them."
)


class IssuesScreen(AppScreen[None]):
    """The filter, how many there are and how far they are read, the groups, and the selected one's issues."""

    CSS_PATH = styles("issues")
    SCOPE = "issues"
    ABOUT = (
        "Every open issue of every connection, grouped by what the server calls it. Each group says in plain words "
        "what does not come, whose turn it is, and what they do; below are its issues, one for each connection that "
        "it stands in. An issue never fails a sync: its data came incompletely."
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("issues")
    AUTO_FOCUS = "#groups"

    filter_input = getters.query_one("#issue-filter", Input)
    groups = getters.query_one("#groups", Table)
    issues = getters.query_one("#group-issues", Table)

    def __init__(self) -> None:
        super().__init__()
        self._filter = IssueFilter()
        self._order = Order.TURN
        self._owned: dict[str, OwnedIssue] = {}
        self._draw_waits = False

    def body(self) -> ComposeResult:
        """Filter, counts, groups, what the selected one means, its issues, the selected one whole."""
        with Horizontal(id="issue-filter-line"):
            yield Static("/", id="issue-filter-mark")
            yield SafeInput(id="issue-filter", compact=True, placeholder="filter: any words, who: code: provider:")
        with Horizontal(id="issues-head"):
            yield Static(id="issues-count")
            yield Static(id="issues-read")
        yield Static(id="issues-notice")
        with Vertical(id="issues-area"):
            yield Table[Any](group_columns(self._now), lambda group: group.code, id="groups")
            yield Static(id="group-text")
            yield Table[Any](issue_columns(self._now, mixed=False), lambda issue: issue.id, id="group-issues")
            yield Static(id="issue-text")

    def on_mount(self) -> None:
        """Show what is known of the open profile."""
        self.watch(self.host, "workspace", lambda _: self._come())
        self.watch(self.host, "opening", lambda _: self._draw())

    def on_screen_resume(self) -> None:
        """Draw what came behind another screen, and read them where that was long ago."""
        self._come()

    def _come(self) -> None:
        workspace = self.host.workspace
        if workspace is not None and workspace.capabilities.issues:
            workspace.open_issues.look()
        self._draw()

    @property
    def subject(self) -> str | None:
        """The connection of the selected issue."""
        issue = self._selected
        return issue.connection_id if issue is not None and issue.row is not None else None

    # What is shown

    def _now(self) -> datetime:
        return self.host.workspace.server_now() if self.host.workspace else datetime.now(UTC)

    def on_change(self, change: Change) -> None:
        """Pages come quickly one after the other, and are drawn together."""
        if isinstance(change, IssuesChanged | FleetChanged) and self.is_current and not self._draw_waits:
            self._draw_waits = True
            self.set_timer(0.1, self._draw_if_due)

    def _draw_if_due(self) -> None:
        if self._draw_waits:  # else it was drawn for another reason meanwhile
            self._draw()

    def tell_time(self) -> None:
        """Ages are a minute older."""
        self._draw()

    def _draw(self) -> None:
        self._draw_waits = False
        workspace = self.host.workspace
        here = workspace is not None and workspace.capabilities.issues
        for part in ("#issue-filter-line", "#issues-head", "#issues-area"):
            self.query_one(part).display = here
        if workspace is None or not here:
            self._say(Content(NONE_HERE if workspace is not None else self.host.opening or "No server is open."))
            return
        reading = workspace.open_issues.reading
        every = self._every(workspace)
        fitting = [issue for issue in every if self._filter(issue)] if self._filter.tests else every
        self.groups.empty = self._empty(reading, bool(every))
        self.groups.set_rows(groups_of(fitting), sort=self._order.key)
        self.query_one("#issues-count", Static).update(self._counted(reading, every, fitting))
        self.query_one("#issues-read", Static).update(self._read(reading))
        self._notice(workspace)

    def _every(self, workspace: Workspace) -> list[OwnedIssue]:
        """Every open issue with its connection; what was made out of one is kept while both stay as they are."""
        before, self._owned = self._owned, {}
        for issue in workspace.open_issues.issues:
            row, known = workspace.row(issue.connection_id), before.get(issue.id)
            same = known is not None and known.issue is issue and known.row is row
            self._owned[issue.id] = known if same and known is not None else OwnedIssue(issue, row)
        return list(self._owned.values())

    def _counted(self, reading: IssuesReading, every: list[OwnedIssue], fitting: list[OwnedIssue]) -> Content:
        if not every and reading.whole_at is None:
            return Content("")
        # A count that is not the whole is never shown as if it were.
        exact = "" if reading.whole_at is not None and reading.problem is None else "+"
        of = f" of {len(every):,}{exact}" if len(fitting) != len(every) else exact
        connections = len({issue.connection_id for issue in fitting})
        place = f" in {connections:,} connection{'' if connections == 1 else 's'}" if connections else ""
        noun = "issue" if len(every) == 1 and not exact else "issues"
        return Content.assemble((f"{len(fitting):,}{of} open {noun}{place}", "bold"), (f"  {self._order}", "$muted"))

    def _read(self, reading: IssuesReading) -> Content:
        if reading.loading:
            return Content.styled(f"reading … {reading.read:,} so far" if reading.read else "reading …", "$muted")
        return Content.styled(f"as of {age(reading.whole_at, self._now())}" if reading.whole_at else "", "$muted")

    def _empty(self, reading: IssuesReading, any_known: bool) -> tuple[tuple[str, str], ...]:
        if any_known:
            return (("No open issue fits this filter. ", ""), ("Press Esc twice to clear it.", "muted"))
        if reading.problem is not None and not reading.loading:
            return ()  # the notice says it
        if reading.whole_at is None:
            return (("Reading the open issues …", "muted"),)
        return (("No issue is open: ", "success"), ("everything that was asked for came whole.", "muted"))

    def _notice(self, workspace: Workspace) -> None:
        reading, parts = workspace.open_issues.reading, list[Content]()
        if reading.problem is not None:
            parts += [problem_content(reading.problem), Content.styled(self._left(reading), "$muted")]
        unreadable = workspace.open_issues.unreadable
        if unreadable:
            count = "1 issue" if len(unreadable) == 1 else f"{len(unreadable)} issues"
            reason = safe_text(f"{unreadable[0].id} – {unreadable[0].reason}", 200)
            parts.append(Content.assemble((f"{count} could not be read: ", "bold $warning"), reason))
        self._say(Content("\n").join(parts) if parts else None)

    def _left(self, reading: IssuesReading) -> str:
        """What is shown although a reading failed, and how old that is."""
        shown = []
        if reading.read and reading.page_at is not None:
            shown.append(f"{reading.read:,} were read {age(reading.page_at, self._now())}")
        if reading.whole_at is not None:
            shown.append(f"{'the others' if shown else 'What is shown was'} seen {age(reading.whole_at, self._now())}")
        words = ", ".join(shown)
        return f"{words + '. ' if words else ''}Press R to try again."

    def _say(self, text: Content | None) -> None:
        notice = self.query_one("#issues-notice", Static)
        notice.update(text or Content(""))
        notice.display = text is not None

    @on(Table.Highlighted, "#groups")
    def _group_selected(self, event: Table.Highlighted) -> None:
        event.stop()
        group: IssueGroup | None = event.row
        self.query_one("#group-text", Static).update(group_content(group) if group is not None else "")
        found = list(group.issues) if group is not None else []
        self.issues.set_columns(issue_columns(self._now, mixed=len({issue.meaning.actor for issue in found}) > 1))
        self.issues.set_rows(found)

    @on(Table.Highlighted, "#group-issues")
    def _issue_selected(self, event: Table.Highlighted) -> None:
        event.stop()
        issue: OwnedIssue | None = event.row
        self.query_one("#issue-text", Static).update(issue_content(issue) if issue is not None else "")
        self.refresh_bindings()

    # What a person does

    @on(Input.Changed, "#issue-filter")
    def _filter_typed(self, event: Input.Changed) -> None:
        event.stop()
        try:
            self._filter = parse_issue_filter(event.value)
        except FilterError as error:
            # In place of the counts, so that nothing below moves while a word is being typed.
            self.query_one("#issues-count", Static).update(Content.styled(f"✗ {safe_text(str(error), 200)}", "$error"))
            return
        self._draw()

    @on(Input.Submitted, "#issue-filter")
    def _filter_done(self, event: Input.Submitted) -> None:
        event.stop()
        self.set_focus(self.groups)

    def on_key(self, event: Any) -> None:
        """From the filter, the arrow down goes into the groups."""
        if event.key == "down" and self.filter_input.has_focus:
            event.stop()
            self.set_focus(self.groups)

    @on(Table.Chosen, "#groups")
    def _group_chosen(self, event: Table.Chosen) -> None:
        event.stop()
        self.set_focus(self.issues)

    @on(Table.Chosen, "#group-issues")
    def _issue_chosen(self, event: Table.Chosen) -> None:
        event.stop()
        issue: OwnedIssue = event.row
        if issue.row is None:
            self.host.say("Its connection is not in the list: it is gone, or the list could not be read yet.")
        else:
            self.host.open_connection(issue.connection_id)

    @property
    def _selected(self) -> OwnedIssue | None:
        """The issue that is selected, while its table is what a person is in."""
        issue: OwnedIssue | None = self.issues.current
        return issue if self.focused is self.issues else None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What is about one issue is for where one is selected; what this server does not offer is not shown."""
        can = self.host.workspace.capabilities if self.host.workspace else None
        if action in ("open", "filter", "order", "message", "refresh"):
            return can is None or can.issues
        if action == "resolve" and (can is None or not can.resolve_issues):
            return False
        if action in ("resolve", "copy_id", "copy_as"):
            return True if self.is_mounted and self._selected is not None else None
        return super().check_action(action, parameters)

    def action_open(self) -> None:
        """Open the group, or the issue's connection."""
        (self.issues if self.issues.has_focus else self.groups).action_choose()

    def action_filter(self) -> None:
        """Go to the filter, at once: what is typed next belongs to it."""
        self.set_focus(self.filter_input)

    def action_order(self) -> None:
        """Order the groups by the other of the two."""
        self._order = self._order.other
        self._draw()

    def action_resolve(self) -> None:
        """Resolve the selected issue."""
        if self._selected is not None:
            self._resolve_it(self._selected)

    @work(group="order", exclusive=True, exit_on_error=False)
    async def _resolve_it(self, issue: OwnedIssue) -> None:
        from tui_app.screens.orders import resolve_issue

        if self.host.workspace is not None:
            await resolve_issue(self.host, self.host.workspace, issue.issue)

    def action_message(self) -> None:
        """Copy a message for the customer, or ask which."""
        from tui_app.screens.copy_menu import ask_copy
        from tui_app.screens.customer_message import group_message, issue_messages

        issue, group = self._selected, self.groups.current
        if issue is not None:
            others = [each for each in self._owned.values() if each.connection_id == issue.connection_id]
            copies = issue_messages(issue, others if issue.connection_id else [issue])
            if len(copies) > 1:
                ask_copy(self.host, f"a message for {issue.name}", copies)
                return
        elif group is not None:
            copies = [group_message(group)]
        else:
            return
        self.host.copy(copies[0].text(), copies[0].what)

    def action_copy_id(self) -> None:
        """Copy the selected issue's ID."""
        if self._selected is not None:
            self.host.copy(self._selected.id, f"issue ID {self._selected.id}")

    def action_copy_as(self) -> None:
        """Copy something else of the selected issue."""
        from tui_app.screens.copies import issue_copies
        from tui_app.screens.copy_menu import ask_copy

        issue, workspace = self._selected, self.host.workspace
        if issue is not None and workspace is not None:
            copies = issue_copies(workspace, issue.connection_id, issue.issue)
            ask_copy(self.host, f"issue {issue.issue.error.code}", copies)

    def action_refresh(self) -> None:
        """Read them again."""
        workspace = self.host.workspace
        if workspace is None:
            self.host.read_again()
        elif workspace.capabilities.issues:
            workspace.open_issues.read_again()

    async def action_back(self) -> None:
        """Leave the filter, then the group, then clear the filter; from there, go back to the connections."""
        if self.filter_input.has_focus or self.issues.has_focus:
            self.set_focus(self.groups)
        elif self.filter_input.value:
            self.filter_input.value = ""
        else:
            await self.app.switch_mode("connections")
