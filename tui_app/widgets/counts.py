"""How many connections are in which state; each count is a filter to click."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from tui_app.widgets.saying import say
from tui_app.widgets.states import state_spans

if TYPE_CHECKING:
    from tui_app.models.fleet import State

MOST = 8
"""States shown at most; where fewer fit, the rest is found by the filter."""

GAP = 3
"""Cells between two counts."""

MORE = 12
"""Cells kept for what is not counted singly, so that the counts add up."""


class Count(Static):
    """One count."""

    @dataclass
    class Clicked(Message):
        """A count was clicked; `text` is the filter it stands for."""

        text: str

    filter_text = ""

    def show_fleets(self, count: int, chosen: str) -> None:
        """Say for how many connections the fleet has to act."""
        self.filter_text = "next:fleet"
        weight = "bold " if chosen == self.filter_text else ""
        say(self, Content.styled(f"{count} fleet must act", f"{weight}$text") if count else Content(""))

    def on_click(self, event: events.Click) -> None:
        """Ask for this filter."""
        event.stop()
        self.post_message(self.Clicked(self.filter_text))


class CountBar(Horizontal):
    """One count per state that occurs, in triage order, behind the total."""

    def __init__(self) -> None:
        super().__init__()
        self._reading = Content("")
        self._shown = 0
        self._all = 0
        self._counts: list[int] = []

    def compose(self) -> ComposeResult:
        """A place for the total; those of the states come as there are any, and not before the first paint."""
        yield Count(classes="count total")
        yield Count(id="fleets", classes="count")
        yield Static(id="more")
        yield Static(id="reading")

    def show(self, states: Mapping[State, int], fleets: int, total: str, reading: Content, chosen: str) -> None:
        """Show other counts.

        Args:
            states: How many rows are in each state, whatever the filter.
            fleets: For how many of them the fleet has to act.
            total: What the first count says.
            reading: What is said of how far the list is read.
            chosen: The filter that is in force, so that its count stands out.
        """
        occurring = sorted(((state, count) for state, count in states.items() if count), key=lambda each: each[0].rank)
        ordered = occurring[:MOST]
        self.query_one("#fleets", Count).show_fleets(fleets, chosen)
        places = list(self.query(".state").results(Count))
        missing = [Count(classes="count state") for _ in range(len(ordered) - len(places))]
        if missing:
            self.mount(*missing, before="#more")
            places += missing
        say(self.query_one(".total", Count), Content.assemble((total, "bold" if not chosen else "")))
        for place, found in zip(places, ordered, strict=False):
            state, count = found
            ((glyph_and_word, role),) = state_spans(state)
            glyph, _, word = glyph_and_word.partition(" ")
            # By our word for it: the server calls most of them connected.
            place.filter_text = f'state:"{word}"' if " " in word else f"state:{word}"
            style = f"bold ${role}" if chosen == place.filter_text else f"${role}"
            say(
                place,
                Content.assemble((f"{glyph} {count} ", style), (word, "bold" if chosen == place.filter_text else "")),
            )
        self._reading, self._shown = reading, len(ordered)
        self._counts = [count for _, count in ordered]
        self._all = sum(count for _, count in occurring)
        self._fit()

    def on_resize(self) -> None:
        """More or fewer counts may fit now."""
        self._fit()

    def _fit(self) -> None:
        """Show the counts that fit as a whole beside what is said of the reading: they are to be read by that."""
        say(self.query_one("#reading", Static), self._reading)
        left = self.size.width - self._reading.cell_length - MORE
        # The first two count by themselves: everything, and those whose fleet has to act.
        for index, place in enumerate(self.query(Count)):
            content = place.content
            length = content.cell_length if isinstance(content, Content) else 0
            place.display = length > 0 and index < self._shown + 2 and length + GAP <= left
            left -= length + GAP if place.display else 0
        states = self.query(".state").results(Count)
        shown = sum(count for place, count in zip(states, self._counts, strict=False) if place.display)
        more = self.query_one("#more", Static)
        more.display = self._all > shown
        say(more, Content.styled(f"… {self._all - shown} more", "$muted"))
