"""Asks which other sync of a connection is meant: the likeliest stands first, any ID can be pasted."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, ClassVar

from textual import events, getters, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Input, Static

from tui_app.findings.comparison import proposed
from tui_app.models.secrets import holds_secret
from tui_app.models.text import safe_text
from tui_app.screens.base import Dialog
from tui_app.style_sheets import styles
from tui_app.widgets.columns import Column
from tui_app.widgets.connection_columns import sync_columns
from tui_app.widgets.field import SafeInput
from tui_app.widgets.scenario_view import Chooser
from tui_app.widgets.table import Table

if TYPE_CHECKING:
    from tui_app.models.sync import Sync
    from tui_app.widgets.spans import Spans

_LONGEST_ID = 200


class SyncPicker(Dialog[str | None]):
    """Chooses a sync by a list or by its ID; what is chosen is its ID."""

    CSS_PATH = styles("fields", "dialogs", "comparison")
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "cancel")]
    AUTO_FOCUS = "#sync-filter"

    table = getters.query_one("#sync-choices", Table)

    def __init__(self, connection_id: str, sync_id: str) -> None:
        """Prepare the question.

        Args:
            connection_id: Whose syncs.
            sync_id: The one that is to be compared, and so cannot be chosen.
        """
        super().__init__()
        self._connection_id = connection_id
        self._sync_id = sync_id
        self._syncs: list[Sync] = []
        self._proposed: Sync | None = None
        self._reading = True

    def compose(self) -> ComposeResult:
        """A field for an ID, the syncs, and two buttons."""
        with Vertical(classes="dialog -wide", id="sync-pick"):
            yield Static(Content.styled("Compare this sync with", "bold"), classes="dialog-title")
            yield SafeInput(id="sync-filter", compact=True, placeholder="paste a sync ID, or pick one below")
            yield Static(id="sync-problem")
            yield Chooser["Sync"](self._columns(), lambda sync: sync.id, id="sync-choices")
            with Horizontal(classes="buttons"):
                yield Button("Compare", variant="primary", id="take", compact=True)
                yield Button("Cancel", id="cancel", compact=True)

    def _columns(self) -> tuple[Column[Sync], ...]:
        from tui_app.api.base import Capabilities

        workspace = self.host.workspace
        can = workspace.capabilities if workspace is not None else Capabilities()

        def why(sync: Sync, width: int) -> Spans:
            return (("proposed" if sync is self._proposed else "", "accent"),)

        def identity(sync: Sync, width: int) -> Spans:
            return ((safe_text(sync.id, width * 2), "muted"),)

        told = [column for column in sync_columns(self._now, can) if column.key in ("state", "requested", "took")]
        return (*told, Column("why", "", why, 8, 0, 8, 1), Column("id", "ID", identity, 12, 1, 40, 2))

    def _now(self) -> datetime:
        return self.host.workspace.server_now() if self.host.workspace else datetime.now(UTC)

    def on_mount(self) -> None:
        """Read the connection's syncs."""
        self.query_one("#sync-filter", Input).cursor_blink = False
        self.table.empty = (("Reading syncs …", "muted"),)
        self._read()

    @work(group="syncs", exclusive=True, exit_on_error=False)
    async def _read(self) -> None:
        from tui_app.api.errors import ApiError

        workspace = self.host.workspace
        if workspace is None:
            return
        watch = workspace.watcher.find(self._connection_id, self._sync_id)
        this = watch.latest_sync if watch is not None else None
        read: list[Sync] = []
        try:
            async for page in workspace.syncs(self._connection_id):
                read += page.items
        except ApiError as error:
            self._say(f"{error.problem.title}. {error.problem.next_step}")
        this = this or next((sync for sync in read if sync.id == self._sync_id), None)
        self._proposed = proposed(this, read)
        rest = [sync for sync in read if sync.id != self._sync_id and sync is not self._proposed]
        self._reading = False
        self._syncs = [*([self._proposed] if self._proposed else []), *rest]
        self._draw()

    def _say(self, problem: str) -> None:
        text = Content.styled(f"✗ {safe_text(problem, 200)}", "$error") if problem else Content("")
        self.query_one("#sync-problem", Static).update(text)

    @property
    def _typed(self) -> str:
        return self.query_one("#sync-filter", Input).value.strip()

    def _draw(self) -> None:
        if self._reading:
            return
        fitting = [sync for sync in self._syncs if self._typed.lower() in f"{sync.id} {sync.status}".lower()]
        self.table.empty = (
            ("No other sync of this connection is listed. " if not self._syncs else "None of those listed. ", ""),
            ("Enter takes what is typed as the ID of one." if self._typed else "Paste the ID of one above.", "muted"),
        )
        self.table.set_rows(fitting)

    @on(Input.Changed, "#sync-filter")
    def _narrow(self, event: Input.Changed) -> None:
        event.stop()
        self._say("")
        self._draw()

    def on_key(self, event: events.Key) -> None:
        """From the field, the arrows move in the list."""
        steps = {"down": 1, "up": -1}
        if event.key in steps and self.query_one("#sync-filter").has_focus:
            event.stop()
            self.table.action_move(steps[event.key])

    @on(Table.Highlighted, "#sync-choices")
    @on(Table.Shown, "#sync-choices")
    def _at_home(self, event: Table.Told) -> None:
        event.stop()  # the screen behind may have tables of its own

    @on(Table.Chosen, "#sync-choices")
    def _chosen_row(self, event: Table.Chosen) -> None:
        event.stop()
        self.dismiss(event.row.id)

    @on(Input.Submitted, "#sync-filter")
    @on(Button.Pressed, "#take")
    def _take(self) -> None:
        current: Sync | None = self.table.current
        if current is not None:
            self.dismiss(current.id)
        elif self._typed == self._sync_id:
            self._say("That is this sync itself.")
        elif not self._typed:
            self._say("They are still being read." if self._reading else "Paste the ID of a sync.")
        elif len(self._typed) > _LONGEST_ID or any(letter.isspace() for letter in self._typed):
            self._say("That is no sync ID.")
        elif holds_secret(self._typed):  # it would stand in an address, and on the next screen
            self._say("That looks like a secret, not like a sync ID. It was not sent.")
        else:
            self.dismiss(self._typed)

    @on(Button.Pressed, "#cancel")
    def _cancel(self) -> None:
        self.dismiss(None)
