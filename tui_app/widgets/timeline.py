"""The line on which one travels through what was seen of a sync, and the banner that says when one is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widgets import Static

from tui_app.models.times import clock_time
from tui_app.watch.travel import Mark
from tui_app.widgets.sync_view import SyncView, when

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_app.models.fleet import FleetRow
    from tui_app.watch.estimate import Estimate
    from tui_app.watch.stall import Stall
    from tui_app.watch.travel import Frame, Travel

_SIGNS = {
    Mark.QUIET: ("─", "$muted"),
    Mark.STEP: ("·", "$accent"),
    Mark.FAILED: ("✗", "$error"),
    Mark.CHANGE: ("●", "$accent"),
}
_HERE = ("◆", "bold $warning")
_KEYS = "← → a look · [ ] a change · Home the first · nothing is requested in the past"
_SIGNS_TOLD = " · ● change · ✗ could not look"


def view_at(
    frame: Frame, row: FleetRow | None, estimate: Estimate | None = None, stall: Stall | None = None
) -> SyncView:
    """A sync's screen as it was at one look.

    Args:
        frame: The look.
        row: Its connection, which is shown as it is now.
        estimate: When it would probably have ended, as of that look.
        stall: Whether it seemed to stand still then.
    """
    seen, good = frame.seen, frame.good
    return SyncView(
        sync_id=seen.sync_id,
        sync=good.sync if good else None,
        seen_at=good.observed_at if good else None,
        problem=seen.problem,
        row=row,
        entries=frame.entries,
        now=seen.observed_at,
        looked=0.0,
        latency=seen.latency,
        next_look=seen.next_look,
        pace=seen.pace,
        paused=False,
        finished=frame.finished,
        estimate=estimate,
        stall=stall,
    )


def place_of(cell: int, width: int, count: int) -> int:
    """The look that a cell of the line stands for; beyond its ends, the first or the last.

    Args:
        cell: Which, from 0.
        width: Cells of the line.
        count: How many looks there are, at least one.
    """
    place = round(cell * (count - 1) / (width - 1)) if width > 1 else count - 1
    return min(max(place, 0), count - 1)


def cell_of(place: int, width: int, count: int) -> int:
    """The cell of the line at which a look stands; of many looks, several share one."""
    return round(place * (width - 1) / (count - 1)) if count > 1 else 0


def line_content(marks: Sequence[Mark], here: int, width: int) -> Content:
    """The line: where something changed, where it could not be looked, and where one is.

    Args:
        marks: What each look brought, oldest first.
        here: The look that is shown.
        width: Cells of the line.
    """
    cells: list[Mark] = [Mark.QUIET] * width
    for place, mark in enumerate(marks):
        cell = cell_of(place, width, len(marks))
        cells[cell] = max(cells[cell], mark)
    signs = [_SIGNS[mark] for mark in cells]
    signs[cell_of(here, width, len(marks))] = _HERE
    return Content.assemble(*signs)


class Timeline(Static):
    """All looks on one line, the oldest on the left. A click or a drag goes to one."""

    @dataclass
    class Moved(Message):
        """Somebody points at a look; `place` counts from 0."""

        place: int

    def __init__(self) -> None:
        super().__init__(id="timeline")
        self.tooltip = Content("Click or drag to go to a look.\n● something changed, · progress, ✗ could not look")
        self._marks: Sequence[Mark] = ()
        self._here = 0

    def show(self, marks: Sequence[Mark], here: int) -> None:
        """Show what each look brought, and which one is shown."""
        self._marks, self._here = marks, here
        self._draw()

    def on_resize(self) -> None:
        """The line fills its width."""
        self._draw()

    def _draw(self) -> None:
        if self._marks and self.size.width:
            self.update(line_content(self._marks, self._here, self.size.width))

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Go to the look under the pointer, and to those that it is dragged over."""
        event.stop()
        self.capture_mouse()
        self._point(event.x)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Go on to the look under the pointer."""
        if self.app.mouse_captured is self:
            event.stop()
            self._point(event.x)

    def on_mouse_up(self, event: events.MouseUp) -> None:
        """The drag is over."""
        event.stop()
        self.release_mouse()

    def _point(self, cell: int) -> None:
        if self._marks:
            place = place_of(cell, self.size.width, len(self._marks))
            if place != self._here:
                self.post_message(self.Moved(place))


class TravelBar(Vertical):
    """Says that this is the past, which time of it, how to go on and how to leave. Not there in the present."""

    shown: reactive[bool] = reactive(False, toggle_class="-travelling")

    def compose(self) -> ComposeResult:
        """The banner, the line between its two times, the keys."""
        yield Static(id="travel-banner")
        with Horizontal(id="travel-line"):
            yield Static(id="travel-from")
            yield Timeline()
            yield Static(id="travel-until")
        yield Static(id="travel-keys")

    def show(self, travel: Travel, frame: Frame, now: datetime) -> None:
        """Show where in time one is.

        Args:
            travel: All looks.
            frame: The one that is shown.
            now: The server's time.
        """
        self.shown = True
        moment = when(frame.seen.observed_at, now)
        self.query_one("#travel-banner", Static).update(
            Content(
                f"◀ As it was at {moment} · {frame.place + 1} of {frame.count} "
                f"{'observation' if frame.count == 1 else 'observations'} · End or t goes back to now"
            )
        )
        began, ended = travel.span
        self.query_one("#travel-from", Static).update(Content(clock_time(began)))
        self.query_one("#travel-until", Static).update(Content(clock_time(ended)))
        roomy = self.screen.size.width >= 120
        self.query_one("#travel-keys", Static).update(Content(_KEYS + (_SIGNS_TOLD if roomy else "")))
        self.query_one(Timeline).show(travel.marks, frame.place)
