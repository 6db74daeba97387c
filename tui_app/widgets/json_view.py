"""JSON to read: folded, searched, its IDs gone to. Every place that shows JSON of a server shows it by this."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from textual import events, getters, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Input, Static

from tui_app.actions import bindings_of
from tui_app.models.ids import Known, no_id
from tui_app.widgets.field import SafeInput
from tui_app.widgets.json_lines import JsonLines
from tui_app.widgets.outline import MANY, Outline, Section


class KeyHint(Static):
    """A key with its word, which a click presses."""

    def __init__(self, key: str, word: str, press: Callable[[], None]) -> None:
        super().__init__(Content.assemble((key, "bold $accent"), f" {word}"), classes="json-key-hint")
        self._press = press

    def on_click(self, event: events.Click) -> None:
        """Do what the key does."""
        event.stop()
        self._press()


class JsonView(Vertical):
    """Lines of JSON and text, and below them a line to search by."""

    SCOPE: ClassVar[str] = "json"
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("json")

    lines = getters.query_one(JsonLines)
    words = getters.query_one(".json-words", Input)

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._shown: object = None

    def compose(self) -> ComposeResult:
        """The lines, and what stands below them."""
        yield JsonLines()
        with Horizontal(classes="json-hints"):
            yield KeyHint("/", "search", self.action_search)
            yield KeyHint("-", "fold all", self.action_fold_all)
            yield KeyHint("+", "unfold all", self.action_unfold_all)
            yield Static(Content.styled("← → fold one, Enter opens an ID", "$muted"), classes="json-hint")
        with Horizontal(classes="json-search"):
            yield Static("/", classes="json-slash")
            words = SafeInput(placeholder="search: any text", compact=True, classes="json-words")
            words.cursor_blink = False
            yield words
            yield KeyHint("n", "next", self.action_next_hit)
            yield KeyHint("N", "previous", self.action_previous_hit)
            yield Static(classes="json-found")

    def show(self, value: Any, known: Known = no_id) -> None:
        """Show a JSON value. A newer version of it keeps its folds and its cursor."""
        if self._shown is not None and self._shown == value:
            return
        newer, self._shown = self._shown is not None, value
        self.lines.show(Outline.of_json(value), known, keep=newer)

    def show_sections(self, sections: Sequence[Section], known: Known = no_id) -> None:
        """Show several parts below their headings."""
        self.lines.show(Outline.of_sections(sections), known)

    # Searching

    def action_search(self) -> None:
        """Go to the line in which a text to look for is typed."""
        self.add_class("-searching")
        self.words.focus()

    @on(Input.Changed, ".json-words")
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self.lines.search(event.value)

    @on(Input.Submitted, ".json-words")
    def _done(self, event: Input.Submitted) -> None:
        event.stop()
        self.lines.focus()
        if not event.value:
            self.remove_class("-searching")

    def on_key(self, event: events.Key) -> None:
        """Escape leaves the search before it leaves anything else."""
        if event.key == "escape" and self.has_class("-searching"):
            event.stop()
            self.words.value = ""
            self.remove_class("-searching")
            self.lines.focus()
        elif event.key == "down" and self.words.has_focus:
            event.stop()
            self.lines.focus()

    @on(JsonLines.Found)
    def _found(self, event: JsonLines.Found) -> None:
        event.stop()
        lines, place = self.lines, self.query_one(".json-found", Static)
        if not self.words.value:
            place.update("")
        elif not lines.hits:
            place.update(Content.styled("not found", "$warning"))
        else:
            many = f"{len(lines.hits):,}{'+' * (len(lines.hits) >= MANY)}"
            place.update(Content(f"{lines.hit + 1:,} of {many}" if lines.hit >= 0 else many))

    def action_next_hit(self) -> None:
        """Go to the next hit."""
        self._next(1)

    def action_previous_hit(self) -> None:
        """Go to the hit before."""
        self._next(-1)

    def _next(self, by: int) -> None:
        if self.words.value:
            self.lines.next_hit(by)
        else:
            self.action_search()

    # Folding

    def action_open(self) -> None:
        """Go to the ID in the line, or fold or unfold it."""
        self.lines.open()

    def action_fold_or_unfold(self) -> None:
        """Fold the line, or unfold it."""
        self.lines.toggle(self.lines.cursor)

    def action_fold(self) -> None:
        """Fold the line, or go to what it stands in."""
        self.lines.fold()

    def action_unfold(self) -> None:
        """Unfold the line, or go into it."""
        self.lines.unfold()

    def action_fold_all(self) -> None:
        """Fold everything but the outermost."""
        self.lines.fold_all()

    def action_unfold_all(self) -> None:
        """Unfold everything."""
        self.lines.unfold_all()
