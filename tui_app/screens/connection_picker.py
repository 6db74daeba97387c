"""Asks for a connection out of many: a few letters of it, and Enter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import events, getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Input, Static

from tui_app.changes import FleetChanged, RowChanged
from tui_app.models.filter import Filter, FilterError, parse_filter
from tui_app.models.text import safe_text
from tui_app.screens.base import Dialog
from tui_app.widgets.field import SafeInput
from tui_app.widgets.scenario_view import Chooser
from tui_app.widgets.states import state_spans
from tui_app.widgets.table import Column, Table

if TYPE_CHECKING:
    from tui_app.changes import Change
    from tui_app.models.fleet import FleetRow
    from tui_app.widgets.spans import Spans


@dataclass(frozen=True, slots=True)
class Choice:
    """What was chosen.

    Attributes:
        row: A connection; ``None``: one that is made for it.
    """

    row: FleetRow | None

    @property
    def key(self) -> str:
        """What tells it from the others."""
        return self.row.id if self.row is not None else ""


NEW = Choice(None)


def _columns() -> tuple[Column[Choice], ...]:
    def name(choice: Choice, width: int) -> Spans:
        if choice.row is None:
            return (("A new connection", "accent"),)
        return ((safe_text(choice.row.connection.name, width * 2), ""),)

    def provider(choice: Choice, width: int) -> Spans:
        return () if choice.row is None else ((safe_text(choice.row.connection.provider.name, width * 2), "muted"),)

    def state(choice: Choice, width: int) -> Spans:
        return () if choice.row is None else state_spans(choice.row.state)

    return (
        Column("name", "Connection", name, 20, 2, 40),
        Column("provider", "Provider", provider, 10, 1, 20, 1),
        Column("state", "State", state, 14),
    )


class ConnectionPicker(Dialog[Choice | None]):
    """Chooses one of the connections that are known, or a new one."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "cancel")]
    AUTO_FOCUS = "#pick-filter"

    table = getters.query_one("#pick-table", Table)

    def __init__(self, chosen: str | None) -> None:
        """Prepare the question.

        Args:
            chosen: The ID of the connection that is chosen until now; ``None``: a new one.
        """
        super().__init__()
        self._chosen = chosen
        self._filter: Filter[FleetRow] = Filter()

    def compose(self) -> ComposeResult:
        """A filter, the connections, and two buttons."""
        with Vertical(classes="dialog -wide", id="pick"):
            yield Static(Content.styled("Start scenarios on", "bold"), classes="dialog-title")
            yield SafeInput(id="pick-filter", compact=True, placeholder="any words, state: provider:")
            yield Static(id="pick-problem")
            yield Chooser[Choice](_columns(), lambda choice: choice.key, id="pick-table")
            with Horizontal(classes="buttons"):
                yield Button("Choose", variant="primary", id="take", compact=True)
                yield Button("A new connection", id="new", compact=True)
                yield Button("Cancel", id="cancel", compact=True)

    def on_mount(self) -> None:
        """The cursor stands on what is chosen until now."""
        self.query_one("#pick-filter", Input).cursor_blink = False
        self.host.changes.subscribe(self, self._changed)
        self._draw()
        self.table.select(self._chosen or "")

    def _changed(self, change: Change) -> None:
        if isinstance(change, FleetChanged | RowChanged):
            self._draw()

    def _draw(self) -> None:
        rows = self.host.workspace.rows if self.host.workspace else []
        fitting = sorted(
            (row for row in rows if self._filter(row)), key=lambda row: (row.connection.name.lower(), row.id)
        )
        choices = [Choice(row) for row in fitting]
        self.table.empty = (("No connection fits this filter.", "muted"),)
        self.table.set_rows(choices if self._filter.tests else [NEW, *choices])

    @on(Input.Changed, "#pick-filter")
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        problem = self.query_one("#pick-problem", Static)
        try:
            self._filter = parse_filter(event.value)
        except FilterError as error:
            problem.update(Content.styled(f"✗ {safe_text(str(error), 200)}", "$error"))
            return
        problem.update("")
        self._draw()

    def on_key(self, event: events.Key) -> None:
        """From the filter, the arrows move in the list."""
        steps = {"down": 1, "up": -1}
        if event.key in steps and self.query_one("#pick-filter").has_focus:
            event.stop()
            self.table.action_move(steps[event.key])

    @on(Table.Highlighted, "#pick-table")
    @on(Table.Shown, "#pick-table")
    def _at_home(self, event: Table.Told) -> None:
        event.stop()  # the screen behind has tables of its own

    @on(Table.Chosen, "#pick-table")
    def _chosen_row(self, event: Table.Chosen) -> None:
        event.stop()
        self.dismiss(event.row)

    @on(Input.Submitted, "#pick-filter")
    @on(Button.Pressed, "#take")
    def _take(self) -> None:
        if self.table.current is not None:
            self.dismiss(self.table.current)

    @on(Button.Pressed, "#new")
    def _new(self) -> None:
        self.dismiss(NEW)

    @on(Button.Pressed, "#cancel")
    def _cancel(self) -> None:
        self.dismiss(None)
