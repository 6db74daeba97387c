"""The large bar of a sync."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Static

from tui_app.models.text import safe_text
from tui_app.widgets.saying import Saying, say
from tui_app.widgets.states import bar, phase_glyph, progress_words

if TYPE_CHECKING:
    from tui_app.widgets.sync_view import SyncView


class Progress(Horizontal):
    """How far a sync is, in the server's own percent or counted from its parts; where neither is, it says so."""

    def __init__(self) -> None:
        super().__init__()
        self._view: SyncView | None = None

    def compose(self) -> ComposeResult:
        """The bar and its figure."""
        yield Saying(id="bar")
        yield Saying(id="percent")

    def show(self, view: SyncView) -> None:
        """Show how far a sync is."""
        self._view = view
        self._draw()

    def on_resize(self) -> None:
        """The bar fills the width."""
        self._draw()

    def _draw(self) -> None:
        view = self._view
        if view is None:
            return
        if view.sync is None:  # not seen yet, or not yet seen at the time that is shown
            for name in ("#bar", "#percent"):
                say(self.query_one(name, Static), Content(""))
            return
        sync = view.sync
        glyph, role = phase_glyph(sync.phase.value)
        width = max(self.query_one("#bar").size.width, 10)
        if sync.percent is not None:
            filled, rest = bar(sync.percent, width)
            figure = progress_words(sync)
            if sync.progress is None and not figure.endswith("failed"):
                figure += " models"
        else:
            filled, rest = ("█" * width, "") if sync.phase.value == "succeeded" else ("", " " * width)
            figure = "100 %" if filled else progress_words(sync) or "no figure yet"
        line = Content.assemble(*self._filled(filled, role), (rest, "on $track"))
        say(self.query_one("#bar", Static), Content("\n").join([line, line]))
        word = sync.status.replace("_", " ")
        state = (f"{glyph} {safe_text(word, 16)}", f"${role}")
        say(self.query_one("#percent", Static), Content.assemble((figure, "bold"), "\n", state))

    def _filled(self, blocks: str, role: str) -> list[tuple[str, str]]:
        """Whole blocks as spaces on their colour, where there are colours: these are a third of the bytes.

        A terminal is sent the bar from its left end on, whatever has changed, and through a slow line with every look.
        """
        if self.app.no_color:
            return [(blocks, f"${role} on $track")]
        whole = blocks.count("█")
        return [(" " * whole, f"on ${role}"), (blocks[whole:], f"${role} on $track")]
