"""Finds anything by whatever somebody sent of it, and follows the search where it takes one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import events, getters, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Input, Static

from tui_app.models.text import safe_text
from tui_app.screens.base import Dialog
from tui_app.screens.landing import LEFT_OUT
from tui_app.widgets.scenario_view import Chooser
from tui_app.widgets.search_field import SearchField
from tui_app.widgets.states import state_spans
from tui_app.widgets.table import Column, Table

if TYPE_CHECKING:
    from tui_app.models.fleet import FleetRow
    from tui_app.models.pasted import Pasted
    from tui_app.widgets.spans import Spans
    from tui_app.workspace.landing import Found
    from tui_app.workspace.search import Place, Search

_TEACHING = "Paste a sync, issue or connection ID, a token, a DOT number, a reference or a name; a whole line will do."


@dataclass(frozen=True, slots=True)
class Match:
    """One of the places to choose from."""

    place: Place
    row: FleetRow

    @property
    def key(self) -> str:
        """What tells it from the others."""
        return f"{self.place.connection_id} {self.place.sync_id} {self.place.issue_id}"


def _columns() -> tuple[Column[Match], ...]:
    def name(match: Match, width: int) -> Spans:
        return ((safe_text(match.row.connection.name, width * 2), ""),)

    def what(match: Match, width: int) -> Spans:
        place = match.place
        return ((safe_text(place.sync_id or place.issue_id or place.connection_id, width * 2), "muted"),)

    def state(match: Match, width: int) -> Spans:
        return state_spans(match.row.state)

    return (
        Column("name", "Connection", name, 16, 2, 30),
        Column("what", "ID", what, 12, 1, 32, 1),
        Column("state", "State", state, 14),
    )


class FindDialog(Dialog["Place | None"]):
    """Asks what to find, shows what fits, and answers where to go. A search goes on in it until it is left.

    Args:
        pasted: What is looked for, where somebody said so already.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "cancel")]
    AUTO_FOCUS = "#find-field"

    field = getters.query_one("#find-field", SearchField)
    table = getters.query_one("#find-table", Table)

    def __init__(self, pasted: Pasted | None = None) -> None:
        super().__init__()
        self._pasted = pasted
        self._search: Search | None = None

    def compose(self) -> ComposeResult:
        """The field, what is to be said, what fits, and two buttons."""
        with Vertical(classes="dialog", id="find"):
            yield Static(Content.styled("Find", "bold"), classes="dialog-title")
            yield SearchField(id="find-field", is_token=self._is_token)
            yield Static(id="find-words")
            yield Chooser[Match](_columns(), lambda match: match.key, id="find-table")
            with Horizontal(classes="buttons"):
                yield Button("Find", variant="primary", id="go", compact=True)
                yield Button("Cancel", id="cancel", compact=True)

    def on_mount(self) -> None:
        """What was looked for elsewhere is looked for at once."""
        self._show(None)
        if self._pasted is not None:
            self.field.put(self._pasted)
            self._go(self._pasted)

    def on_unmount(self) -> None:
        """Whoever leaves does not want to wait for it any more; it goes on from there when it is asked for again."""
        if self._search is not None:
            self._search.leave()

    def _is_token(self, text: str) -> bool:
        return self.host.workspace is not None and self.host.workspace.landing.is_token(text)

    # What is shown

    def _say(self, words: str, style: str = "$muted") -> None:
        self.query_one("#find-words", Static).update(Content.styled(safe_text(words, 600), style))

    def _show(self, found: Found | None) -> None:
        """Show what is known of what stands in the field."""
        workspace = self.host.workspace
        matches = []
        for place in found.places if found is not None and workspace is not None else ():
            row = workspace.row(place.connection_id) if workspace is not None else None
            matches += [Match(place, row)] if row is not None else []
        self.table.display = bool(matches)
        self.table.set_rows(matches)
        words = found.words if found is not None else ""
        self._say(words or _TEACHING, "$warning" if found is not None and found.pasted.refusal else "$muted")

    def _found(self, pasted: Pasted) -> Found | None:
        workspace = self.host.workspace
        return None if workspace is None else workspace.landing.find(pasted)

    @on(Input.Changed, "#find-field")
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        if self._search is not None:
            if event.value == self._search.pasted.text:
                return
            self._search.leave()
            self._search = None
        self._show(self._found(self.field.pasted))

    @on(SearchField.Took)
    def _took(self, event: SearchField.Took) -> None:
        event.stop()
        if event.pasted.refusal:
            self._show(self._found(event.pasted))
        elif event.pasted.left_out:
            self.host.say(LEFT_OUT, severity="warning", timeout=10)

    # What a person does

    def on_key(self, event: events.Key) -> None:
        """From the field, the arrows move in the list."""
        steps = {"down": 1, "up": -1}
        if event.key in steps and self.field.has_focus:
            event.stop()
            self.table.action_move(steps[event.key])

    @on(Input.Submitted, "#find-field")
    @on(Button.Pressed, "#go")
    def _submitted(self, event: Input.Submitted | Button.Pressed) -> None:
        event.stop()
        self._go(self.field.cover())

    def _go(self, pasted: Pasted) -> None:
        """Go where it is, or begin to search."""
        if self.table.current is not None:
            self.dismiss(self.table.current.place)
            return
        found = self._found(pasted)
        self._show(found)
        if found is None or found.search is None:
            return
        if len(found.places) == 1:
            self.dismiss(found.places[0])
            return
        self._search = found.search
        self._search.begin()
        self._follow(self._search)

    @work(group="search", exclusive=True, exit_on_error=False)
    async def _follow(self, search: Search) -> None:
        """Tell how far the search is, until it is at its end or left."""
        while search is self._search:
            leave = " Esc leaves it; asked again, it goes on from there." if search.under_way else ""
            self._say(search.words + leave, "$muted" if search.under_way else "")
            if not search.under_way:
                break
            await search.moved()
        if search is not self._search or not search.places:
            return
        if len(search.places) == 1:
            self.dismiss(search.places[0])
        else:
            self._search = None
            self._show(self._found(search.pasted))

    @on(Table.Highlighted, "#find-table")
    @on(Table.Shown, "#find-table")
    def _at_home(self, event: Table.Told) -> None:
        event.stop()  # the screen behind has tables of its own

    @on(Table.Chosen, "#find-table")
    def _chosen(self, event: Table.Chosen) -> None:
        event.stop()
        self.dismiss(event.row.place)

    @on(Button.Pressed, "#cancel")
    def _cancel(self) -> None:
        self.dismiss(None)
