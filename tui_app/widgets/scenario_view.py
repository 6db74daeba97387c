"""Scenarios and what was started of them, as rows and in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from tui_app.models.text import safe_text
from tui_app.models.times import age
from tui_app.widgets.columns import Column, Row
from tui_app.widgets.facts import facts_content
from tui_app.widgets.spans import Spans
from tui_app.widgets.states import progress_words, state_spans, sync_spans
from tui_app.widgets.table import Table

if TYPE_CHECKING:
    from datetime import datetime

    from tui_app.models.fleet import FleetRow
    from tui_app.models.sync import Sync
    from tui_app.sandbox.scenarios import Scenario
    from tui_app.workspace.simulation import Started

MOST_WORDS = 90
"""Cells of a line of text beyond which it is hard to read."""


class Chooser(Table[Row]):
    """A table whose Enter is told by the screen's own keys."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "choose", "choose", show=False)]


def scenario_columns() -> tuple[Column[Scenario], ...]:
    """The columns of the scenarios."""

    def title(scenario: Scenario, width: int) -> Spans:
        return ((safe_text(scenario.title, width * 2), "strong"),)

    def name(scenario: Scenario, width: int) -> Spans:
        return ((safe_text(scenario.name, width * 2), "muted"),)

    return (
        Column("title", "Scenario", title, 28, 1, 32),
        Column("name", "Name", name, 20, 1, 24, 3),
    )


def command_of(scenario: Scenario) -> str:
    """The command that serves a scenario without these screens."""
    return f"syncscope sandbox --scenario {scenario.name}"


class ScenarioView(VerticalScroll, can_focus=False):
    """What happens in the selected scenario, and what support should see."""

    def __init__(self) -> None:
        super().__init__()
        self._scenario: Scenario | None = None

    def compose(self) -> ComposeResult:
        """Its title, where there is room, and what is said of it."""
        yield Static(id="scenario-title")
        yield Static(id="scenario-text")

    def show(self, scenario: Scenario | None) -> None:
        """Tell of a scenario; ``None``: there is none."""
        self._scenario = scenario
        self._draw()

    def on_resize(self) -> None:
        """Lines end where the room does."""
        self._draw()

    def _draw(self) -> None:
        scenario, width = self._scenario, self.scrollable_content_region.width
        title, text = self.query_one("#scenario-title", Static), self.query_one("#scenario-text", Static)
        if scenario is None:
            title.update("")
            text.update(Content.styled("A scenario plays on one kind of server, and there is none for this.", "$muted"))
            return
        roomy = self.screen.size.width >= 100
        title.update(Content.styled(safe_text(scenario.title, 80), "bold"))
        facts = [("what happens", scenario.what), ("support sees", scenario.support_sees)]
        if roomy:
            facts.append(("command", command_of(scenario)))
        blocks = [facts_content([fact], min(width, MOST_WORDS)) for fact in facts]
        text.update(Content("\n\n" if roomy else "\n").join(blocks))


@dataclass(frozen=True, slots=True)
class Scene:
    """What was started, and how it stands.

    Attributes:
        started: What was started.
        row: Its connection; ``None`` where it is not in the list yet.
        sync: Its sync as last seen; ``None`` where it has none or was not looked at yet.
    """

    started: Started
    row: FleetRow | None
    sync: Sync | None

    @property
    def key(self) -> str:
        """What tells it from the others."""
        return str(self.started.number)


def _figure(sync: Sync) -> str:
    """How far a sync is that runs, without the fractions that some servers tell."""
    if sync.phase.is_final:
        return ""
    figure = f"{sync.progress:.0f} %" if sync.progress is not None else progress_words(sync)
    return f"  {figure}" if figure else ""


def scene_columns(now: Callable[[], datetime]) -> tuple[Column[Scene], ...]:
    """The columns of what was started.

    Args:
        now: The time that ages count to.
    """

    def title(scene: Scene, width: int) -> Spans:
        return ((safe_text(scene.started.scenario.title, width * 2), ""),)

    def connection(scene: Scene, width: int) -> Spans:
        if scene.row is None:
            return (("not in the list yet", "muted"),)
        return ((safe_text(scene.row.connection.name, width * 2), "strong"),)

    def sync(scene: Scene, width: int) -> Spans:
        if scene.sync is None:
            return (("—" if scene.started.sync_id is None else "not looked at yet", "muted"),)
        return (*sync_spans(scene.sync), (_figure(scene.sync), ""))

    def state(scene: Scene, width: int) -> Spans:
        return () if scene.row is None else state_spans(scene.row.state)

    def when(scene: Scene, width: int) -> Spans:
        return ((age(scene.started.at, now()), "muted"),)

    return (
        Column("title", "Started here", title, 17, 1, 30),
        Column("connection", "Connection", connection, 18, 2, 36),
        Column("sync", "Its sync", sync, 20, 0, 20),
        Column("state", "Now", state, 14, 0, 14, 2),
        Column("when", "Started", when, 10, 0, 17, 3),
    )
