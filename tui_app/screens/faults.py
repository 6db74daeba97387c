"""What can go wrong between here and the embedded server: switched on, so that one learns what each looks like."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual import getters, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Static

from tui_app.actions import bindings_of
from tui_app.changes import ServerChanged
from tui_app.models.text import safe_text
from tui_app.screens.base import AppScreen, Dialog
from tui_app.style_sheets import styles
from tui_app.widgets.fault_view import FaultView, fault_columns
from tui_app.widgets.scenario_view import Chooser
from tui_app.widgets.spans import Spans
from tui_app.widgets.table import Column, Table

if TYPE_CHECKING:
    from tui_app.changes import Change
    from tui_app.workspace.faults import FaultControls, FaultLine

NONE_ON = "None is on: the server answers as it should."


class FaultsScreen(AppScreen[None]):
    """Which faults are on, all that there are, and what the selected one does and looks like."""

    CSS_PATH = styles("faults")
    SCOPE = "faults"
    ABOUT = (
        "What can go wrong between here and the simulated server. Switch a fault on, choose how often and which "
        "operations it meets, and see in the line on top and on the other screens what it looks like. Faults stay on "
        "until they are ended; x ends them all."
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("faults")
    AUTO_FOCUS = "#faults"

    table = getters.query_one("#faults", Table)

    def body(self) -> ComposeResult:
        """Which are on, all that there are, and what is known of the selected one."""
        yield Static(id="faults-on")
        with Horizontal(id="faults-area"):
            yield Chooser[Any](fault_columns(), lambda line: line.key, id="faults")
            yield FaultView()

    def on_mount(self) -> None:
        """Show what there is."""
        self._draw()

    def on_screen_resume(self) -> None:
        """It is in front again."""
        self._draw()

    def on_change(self, change: Change) -> None:
        """They may have been set from elsewhere."""
        if isinstance(change, ServerChanged):
            self._draw()

    @property
    def _controls(self) -> FaultControls | None:
        simulation = self.host.workspace.simulation if self.host.workspace else None
        return simulation.faults if simulation else None

    @property
    def _current(self) -> FaultLine | None:
        line: FaultLine | None = self.table.current
        return line

    def _draw(self) -> None:
        controls = self._controls
        if controls is None:
            return
        lines = controls.lines
        if list(self.table.rows) != lines:
            self.table.set_rows(lines)
        said: list[str | tuple[str, str]] = [("faults  ", "$muted")]
        if controls.count:
            said += [(f"{controls.count} on", "bold $warning"), f": {safe_text(controls.words, 200)}"]
        else:
            said.append(NONE_ON)
        self.query_one("#faults-on", Static).update(Content.assemble(*said))

    @on(Table.Highlighted, "#faults")
    def _highlighted(self, event: Table.Highlighted) -> None:
        event.stop()
        self.query_one(FaultView).show(event.row)

    @on(Table.Shown, "#faults")
    def _rows_shown(self, event: Table.Shown) -> None:
        event.stop()

    @on(Table.Chosen, "#faults")
    def _row_chosen(self, event: Table.Chosen) -> None:
        event.stop()
        self.action_switch()

    def action_switch(self) -> None:
        """Switch the selected fault on or off."""
        if self._controls is not None and self._current is not None:
            self._controls.switch(self._current.key)
            self._draw()

    def action_more(self) -> None:
        """Let it happen more often."""
        self._set_rate(more=True)

    def action_less(self) -> None:
        """Let it happen less often."""
        self._set_rate(more=False)

    def _set_rate(self, *, more: bool) -> None:
        controls, line = self._controls, self._current
        if controls is None or line is None:
            return
        if not controls.set_rate(line.key, more=more):
            self.host.say(f"{line.known.rate:g} % is the {'most' if more else 'least'}.", timeout=3)
        self._draw()

    def action_setting(self) -> None:
        """Take its next setting."""
        controls, line = self._controls, self._current
        if controls is None or line is None:
            return
        if not controls.next_setting(line.key):
            self.host.say("There is nothing to set of it but its rate and its operations.", timeout=4)
        self._draw()

    def action_where(self) -> None:
        """Choose the operations that it meets."""
        self._choose()

    @work(group="where", exclusive=True, exit_on_error=False)
    async def _choose(self) -> None:
        controls, line = self._controls, self._current
        if controls is None or line is None:
            return
        chosen = await self.app.push_screen_wait(OperationPicker(controls.operations, line.known.operations[0]))
        if chosen is not None:
            controls.set_operation(line.key, chosen)
            self._draw()

    def action_end_all(self) -> None:
        """End all faults."""
        if self._controls is not None:
            self._controls.end_all()
            self._draw()

    def action_copy_command(self) -> None:
        """Copy the command that serves a sandbox with the selected fault."""
        if self._current is not None:
            self.host.copy(self._current.command, self._current.command)


class OperationPicker(Dialog[str | None]):
    """Chooses the operations that a fault meets."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "cancel")]
    AUTO_FOCUS = "#operations"

    table = getters.query_one("#operations", Table)

    def __init__(self, operations: dict[str, str], chosen: str) -> None:
        """Prepare the question.

        Args:
            operations: What can be chosen, and what each word stands for.
            chosen: What is chosen until now.
        """
        super().__init__()
        self._operations = operations
        self._chosen = chosen

    def compose(self) -> ComposeResult:
        """The operations, and two buttons."""
        with Vertical(classes="dialog", id="pick-operation"):
            yield Static(Content.styled("Which operations meet this fault", "bold"), classes="dialog-title")
            yield Chooser[tuple[str, str]](_columns(), lambda row: row[0], id="operations")
            with Horizontal(classes="buttons"):
                yield Button("Choose", variant="primary", id="take", compact=True)
                yield Button("Cancel", id="cancel", compact=True)

    def on_mount(self) -> None:
        """The cursor stands on what is chosen until now."""
        self.table.set_rows(list(self._operations.items()))
        self.table.select(self._chosen)

    @on(Table.Highlighted, "#operations")
    @on(Table.Shown, "#operations")
    def _at_home(self, event: Table.Told) -> None:
        event.stop()  # the screen behind has a table of its own

    @on(Table.Chosen, "#operations")
    def _chosen_row(self, event: Table.Chosen) -> None:
        event.stop()
        self.dismiss(event.row[0])

    @on(Button.Pressed, "#take")
    def _take(self) -> None:
        if self.table.current is not None:
            self.dismiss(self.table.current[0])

    @on(Button.Pressed, "#cancel")
    def _cancel(self) -> None:
        self.dismiss(None)


def _columns() -> tuple[Column[tuple[str, str]], ...]:
    def name(row: tuple[str, str], width: int) -> Spans:
        return ((safe_text(row[0], width * 2), ""),)

    def what(row: tuple[str, str], width: int) -> Spans:
        return ((safe_text(row[1], width * 2), "muted"),)

    return (Column("name", "Operations", name, 24), Column("what", "What they are", what, 30, 1, 44))
