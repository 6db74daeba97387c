"""Faults as rows, and in words what the selected one does and looks like."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from tui_app.models.text import safe_text
from tui_app.widgets.columns import Column
from tui_app.widgets.facts import facts_content
from tui_app.widgets.scenario_view import MOST_WORDS
from tui_app.widgets.spans import Spans

if TYPE_CHECKING:
    from tui_app.workspace.faults import FaultLine


def fault_columns() -> tuple[Column[FaultLine], ...]:
    """The columns of the faults."""

    def state(line: FaultLine, width: int) -> Spans:
        return (("● on", "warning"),) if line.on else (("○ off", "muted"),)

    def title(line: FaultLine, width: int) -> Spans:
        return ((safe_text(line.known.fault.title, width * 2), "strong" if line.on else ""),)

    def rate(line: FaultLine, width: int) -> Spans:
        return ((f"{line.known.rate:g} %", "" if line.on else "muted"),)

    def where(line: FaultLine, width: int) -> Spans:
        return ((safe_text(", ".join(line.known.operations), width * 2), "" if line.on else "muted"),)

    def setting(line: FaultLine, width: int) -> Spans:
        return ((safe_text(line.settings, width * 2), "" if line.on else "muted"),)

    return (
        Column("title", "Fault", title, 23, 1, 26),
        Column("state", "Now", state, 5),
        Column("rate", "Rate", rate, 5, align="right"),
        Column("where", "Operations", where, 12, 1, 24),
        Column("setting", "Setting", setting, 14),
    )


class FaultView(VerticalScroll, can_focus=False):
    """What the selected fault does, and what it looks like in a client."""

    def __init__(self) -> None:
        super().__init__()
        self._line: FaultLine | None = None

    def compose(self) -> ComposeResult:
        """Its title, where there is room, and what is said of it."""
        yield Static(id="fault-title")
        yield Static(id="fault-text")

    def show(self, line: FaultLine | None) -> None:
        """Tell of a fault."""
        self._line = line
        self._draw()

    def on_resize(self) -> None:
        """Lines end where the room does."""
        self._draw()

    def _draw(self) -> None:
        line, width = self._line, self.scrollable_content_region.width
        if line is None:
            return
        roomy = self.screen.size.width >= 100
        fault = line.known.fault
        self.query_one("#fault-title", Static).update(Content.styled(safe_text(fault.title, 80), "bold"))
        facts = [("what happens", fault.what), ("support sees", fault.support_sees)]
        if roomy:
            facts.append(("its rate", "a share of the objects, always the same ones" if fault.per_object else ""))
            facts.append(("command", line.command))
        blocks = [facts_content([fact], min(width, MOST_WORDS)) for fact in facts if fact[1]]
        self.query_one("#fault-text", Static).update(Content("\n\n" if roomy else "\n").join(blocks))
