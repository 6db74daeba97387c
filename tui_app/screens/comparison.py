"""Two syncs of one connection side by side: what is the same, what differs."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import getters, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from tui_app.actions import bindings_of
from tui_app.changes import Watched
from tui_app.findings.comparison import Comparison, compare
from tui_app.models.text import safe_text
from tui_app.models.times import age
from tui_app.screens.base import AppScreen, Host, problem_content
from tui_app.screens.sync_picker import SyncPicker
from tui_app.style_sheets import styles
from tui_app.widgets.comparison_view import comparison_content, comparison_text
from tui_app.widgets.states import sync_spans

if TYPE_CHECKING:
    from datetime import datetime

    from tui_app.changes import Change
    from tui_app.models.problem import Problem
    from tui_app.models.sync import Sync


def compare_with_another(host: Host, connection_id: str, sync_id: str) -> None:
    """Ask which sync to hold this one against, and show both."""

    def chosen(other: str | None) -> None:
        if other is not None:
            host.push_screen(ComparisonScreen(connection_id, sync_id, other))

    host.push_screen(SyncPicker(connection_id, sync_id), chosen)


class ComparisonScreen(AppScreen[None]):
    """Holds one sync against another, field by field, and keeps up with those that still run."""

    CSS_PATH = styles("comparison")
    SCOPE = "comparison"
    ABOUT = (
        "Two syncs of one connection, field by field, those that differ first. The sentence on top is about the sync "
        "that you came from. Issues are compared by their code, models by their name; when each was requested is its "
        "own and counts as no difference."
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("comparison")
    AUTO_FOCUS = "#comparison-pane"

    pane = getters.query_one("#comparison-pane", VerticalScroll)

    def __init__(self, connection_id: str, sync_id: str, other_id: str) -> None:
        """Prepare the screen.

        Args:
            connection_id: Whose syncs they are.
            sync_id: The one in hand.
            other_id: What it is held against.
        """
        super().__init__()
        self.connection_id = connection_id
        self.sync_id = sync_id
        self.other_id = other_id
        self.comparison: Comparison | None = None
        self._syncs: dict[str, Sync] = {}
        self._problem: Problem | None = None
        self._only = False

    def body(self) -> ComposeResult:
        """Whose they are, which two, the sentence, the fields."""
        with Vertical(id="comparison-head"):
            yield Static(id="comparison-name")
            yield Static(id="comparison-this")
            yield Static(id="comparison-other")
            yield Static(id="comparison-summary")
        with VerticalScroll(id="comparison-pane"):
            yield Static(id="comparison-fields")

    def on_mount(self) -> None:
        """Read both."""
        self._draw()
        self._read()

    @property
    def subject(self) -> str | None:
        """The connection whose syncs it shows."""
        return self.connection_id

    def on_change(self, change: Change) -> None:
        """One of the two was seen again."""
        if isinstance(change, Watched) and change.observation.sync is not None:
            sync = change.observation.sync
            if change.observation.connection_id == self.connection_id and sync.id in self._syncs:
                self._syncs[sync.id] = sync
                self._draw()

    def tell_time(self) -> None:
        """What still runs has run for a minute more."""
        self._draw()

    def on_resize(self) -> None:
        """The fields are laid out by the width."""
        self.call_after_refresh(self._draw)

    @work(group="comparison", exclusive=True, exit_on_error=False)
    async def _read(self) -> None:
        from tui_app.api.errors import ApiError
        from tui_app.workspace.comparing import read_sync

        workspace = self.host.workspace
        if workspace is None:
            return
        self._problem = None
        for sync_id in (self.sync_id, self.other_id):
            try:
                self._syncs[sync_id] = await read_sync(workspace, self.connection_id, sync_id)
            except ApiError as error:
                self._problem = error.problem
                break
        self._draw()

    # What is shown

    def _draw(self) -> None:
        workspace = self.host.workspace
        if workspace is None:
            return
        now, row = workspace.server_now(), workspace.row(self.connection_id)
        whose = safe_text(row.connection.name, 60) if row is not None else safe_text(self.connection_id, 60)
        title = Content.assemble((whose, "bold"), " · two syncs compared")
        self.query_one("#comparison-name", Static).update(title)
        self._draw_one("#comparison-this", "this", self.sync_id, now)
        self._draw_one("#comparison-other", "other", self.other_id, now)
        this, other = self._syncs.get(self.sync_id), self._syncs.get(self.other_id)
        summary, fields = self.query_one("#comparison-summary", Static), self.query_one("#comparison-fields", Static)
        if this is None or other is None:
            self.comparison = None
            summary.update("")
            fields.update(
                Content.styled("Reading both …", "$muted")
                if self._problem is None
                else Content("\n").join([problem_content(self._problem), Content("Press d to choose another.")])
            )
        else:
            self.comparison = compare(this, other, now)
            summary.update(Content(safe_text(self.comparison.summary, 600)))
            fields.update(self._fields(self.comparison))
        self.refresh_bindings()

    def _draw_one(self, place: str, side: str, sync_id: str, now: datetime) -> None:
        pieces: list[str | tuple[str, str]] = [(f"{side:<7}", "$muted"), safe_text(sync_id, 60)]
        sync = self._syncs.get(sync_id)
        if sync is not None:
            ((word, role),) = sync_spans(sync)
            pieces += ["  ", (word, f"${role}"), (f"  requested {age(sync.requested_at, now)}", "$muted")]
        self.query_one(place, Static).update(Content.assemble(*pieces))

    def _fields(self, comparison: Comparison) -> Content:
        width = self.pane.scrollable_content_region.width
        if not width:  # not laid out yet: it is drawn again once it is
            return Content("")
        if not self._only:
            return comparison_content(comparison.fields, width)
        left = len(comparison.fields) - len(comparison.differences)
        rest = Content.styled(f"{left} that do not differ are left out; f shows them.", "$muted")
        if not comparison.differences:
            return rest
        return Content("\n").join([comparison_content(comparison.differences, width), Content(""), rest])

    # What a person does

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What needs both needs both."""
        if action in ("only_differing", "copy_table"):
            return self.comparison is not None
        if action == "open_other":
            return self.other_id in self._syncs
        return super().check_action(action, parameters)

    def action_choose(self) -> None:
        """Choose another sync to hold it against."""

        def chosen(other: str | None) -> None:
            if other is not None:
                self.other_id = other
                self._draw()
                self._read()

        self.app.push_screen(SyncPicker(self.connection_id, self.sync_id), chosen)

    def action_only_differing(self) -> None:
        """Show what differs and nothing else, or all again."""
        self._only = not self._only
        self._draw()

    def action_copy_table(self) -> None:
        """Copy the comparison as text."""
        if self.comparison is not None:
            self.host.copy(comparison_text(self.comparison, self.sync_id, self.other_id), "the comparison as text")

    def action_open_other(self) -> None:
        """Show the other sync."""
        self.host.open_sync(self.connection_id, self.other_id)
