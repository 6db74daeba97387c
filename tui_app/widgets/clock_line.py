"""How the embedded server's time goes, and what can be done about it, in one line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Static

from tui_app.models.times import day_and_time

if TYPE_CHECKING:
    from tui_app.workspace.simulation import Simulation


class Touch(Static):
    """A text whose click does what a key does.

    Args:
        action: The screen's action.
        id: Its own name.
        classes: Its classes.
    """

    def __init__(self, action: str, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._action = action

    async def on_click(self, event: events.Click) -> None:
        """Do it."""
        event.stop()
        await self.run_action(f"screen.{self._action}")


class Knob(Touch):
    """A key with its word, which a click presses.

    Args:
        key: As it is shown.
        word: What it does.
        action: The screen's action.
    """

    def __init__(self, key: str, word: str, action: str) -> None:
        super().__init__(action, classes="knob")
        self._key = key
        self.name_it(word)

    def name_it(self, word: str, style: str = "") -> None:
        """Call what it does by another word, in a style of its own."""
        self.update(Content.assemble((self._key, "bold $accent"), " ", (word, style)))


class ClockLine(Horizontal):
    """The time, its speed, and four knobs. It is painted only where it says something new."""

    def __init__(self) -> None:
        super().__init__()
        self._said: tuple[str, str, bool] | None = None
        self._pause = Knob("p", "pause", "pause")

    def compose(self) -> ComposeResult:
        """Left the time, right the knobs."""
        yield Static(id="clock-time")
        yield Knob("-", "slower", "slower")
        yield Knob("+", "faster", "faster")
        yield self._pause
        yield Knob("a", "hour ahead", "ahead")

    def show(self, simulation: Simulation) -> None:
        """Tell the time as it is now, to the minute."""
        said = (day_and_time(simulation.now), f"×{simulation.speed:g}", simulation.paused)
        if said == self._said:
            return
        self._said = said
        time, speed, paused = said
        self.query_one("#clock-time", Static).update(
            Content.assemble((time, "bold"), "  ", (speed, "$accent"), ("  paused" if paused else "", "bold $warning"))
        )
        self._pause.name_it("go on" if paused else "pause")
