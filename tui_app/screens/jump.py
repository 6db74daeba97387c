"""Jumping: every control that can be seen shows a letter or two; typing them goes there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, ClassVar

from textual import events
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.errors import NoWidget
from textual.geometry import Offset, Region, Size
from textual.message import Message
from textual.screen import ModalScreen, Screen
from textual.widget import Widget
from textual.widgets import Button, Static, Tab, Tabs

from tui_app.style_sheets import styles

LETTERS = "asdfghjklqwertyuiopzxcvbnm"
"""Those first that lie under the fingers."""


@dataclass(frozen=True, slots=True)
class Place:
    """A control and its label.

    Attributes:
        label: What is typed to go there.
        at: Where the label stands on the screen.
        target: The control.
    """

    label: str
    at: Offset
    target: Widget


class Mark(Static):
    """A control's label, over it."""

    @dataclass
    class Clicked(Message):
        """It was clicked."""

        place: Place

    def __init__(self, place: Place) -> None:
        super().__init__(shown(place.label), classes="jump-mark", markup=False)
        self.place = place
        self.styles.offset = place.at

    def on_click(self, event: events.Click) -> None:
        """As if it had been typed."""
        event.stop()
        self.post_message(self.Clicked(self.place))


class JumpScreen(ModalScreen[Widget | None]):
    """The labels, over the screen that they are about.

    Args:
        places: What can be gone to.
        room: The size of the screen that they are about.
    """

    CSS_PATH = styles("jump")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "leave"),
        Binding("backspace", "again", "again"),
    ]

    def __init__(self, places: Sequence[Place], room: Size) -> None:
        super().__init__()
        self._places = places
        self._room = room
        self._typed = ""

    def compose(self) -> ComposeResult:
        """One label for each control."""
        for place in self._places:
            yield Mark(place)

    def on_key(self, event: events.Key) -> None:
        """A letter goes there, or is the first of two."""
        character = (event.character or "").lower()
        if not character or character not in LETTERS:
            return
        event.stop()
        typed = self._typed + character
        fitting = [place for place in self._places if place.label.startswith(typed)]
        if not fitting:
            self.app.bell()
        elif fitting[0].label == typed:
            self._leave(fitting[0].target)
        else:
            self._narrow(typed)

    def action_again(self) -> None:
        """Show them all again."""
        self._narrow("")

    def _narrow(self, typed: str) -> None:
        self._typed = typed
        for mark in self.query(Mark):
            mark.display = mark.place.label.startswith(typed)

    def on_mark_clicked(self, message: Mark.Clicked) -> None:
        """Go there."""
        self._leave(message.place.target)

    def on_click(self) -> None:
        """Beside every label: leave."""
        self._leave(None)

    def on_resize(self, event: events.Resize) -> None:
        """What the labels stand over is elsewhere now."""
        if event.size != self._room:
            self._leave(None)

    def _leave(self, target: Widget | None) -> None:
        if self.is_current:  # keys and sizes may come in quick succession: it is left once
            self.dismiss(target)


def jump(app: App[Any]) -> None:
    """Label the controls of the screen in front, and go to the one that is chosen; a second time leaves."""
    screen = app.screen
    if isinstance(screen, JumpScreen):
        screen.dismiss(None)
        return

    def go(target: Widget | None) -> None:
        app.call_later(_go, screen, target)  # once the labels are gone

    places = places_on(screen)
    if places:
        app.push_screen(JumpScreen(places, screen.size), go)


def _go(screen: Screen[Any], target: Widget | None) -> None:
    """Focus a control; press what is there to be pressed."""
    if target is None or not target.is_attached or not screen.is_current:
        return
    if target.focusable:
        screen.set_focus(target)
        if isinstance(target, Button):
            target.press()
    else:
        x, y = target.region.offset
        target.post_message(events.Click(target, 0, 0, 0, 0, 1, False, False, False, x, y))


def places_on(screen: Screen[Any]) -> list[Place]:
    """Every control that can be seen, with its label, in the order of reading; no label lies over another."""
    found = [(region, widget) for widget in _controls(screen) if (region := _seen(screen, widget))]
    found.sort(key=lambda each: (each[0].y, each[0].x))
    placed: list[Region] = []
    places: list[Place] = []
    for label, (region, widget) in zip(labels(len(found)), found, strict=True):
        at = _free(region, screen.size.region, len(shown(label)), placed)
        placed.append(at)
        places.append(Place(label, at.offset, widget))
    return places


def labels(count: int) -> list[str]:
    """So many labels, all as long, none the beginning of another."""
    length = 1
    while len(LETTERS) ** length < count:
        length += 1
    return ["".join(letters) for letters, _ in zip(product(LETTERS, repeat=length), range(count), strict=False)]


def shown(label: str) -> str:
    """A label as it is painted, like a key."""
    return f" {label} "


def _controls(screen: Screen[Any]) -> Iterable[Widget]:
    """What takes the focus or a click; of what lies within another, such as a field's own line, the innermost."""
    for widget in screen.walk_children(Widget, with_self=False):
        if isinstance(widget, Tabs):
            continue  # each of its tabs is one
        if widget.focusable:
            yield widget
        elif isinstance(widget, Tab) or callable(getattr(widget, "on_click", None)):
            holds_one = any(inner.focusable for inner in widget.walk_children(Widget, with_self=False))
            if not holds_one and not widget.is_disabled:
                yield widget


def _seen(screen: Screen[Any], widget: Widget) -> Region | None:
    """The part of a control that can be seen, from its first cell that nothing covers; ``None`` where all is."""
    if not widget.visible:
        return None
    try:
        region = screen.find_widget(widget).visible_region
    except NoWidget:
        return None
    for y in range(region.y, region.bottom):
        for x in range(region.x, region.right):
            try:
                above, _ = screen.get_widget_at(x, y)
            except NoWidget:
                continue
            if widget in above.ancestors_with_self:
                return Region(x, y, region.right - x, region.bottom - y)
    return None


def _free(region: Region, whole: Region, width: int, placed: Sequence[Region]) -> Region:
    """Where a label fits that covers no other: on its control, else on its control's lines, else anywhere."""
    for y, x in _candidates(region, whole, width):
        wanted = Region(x, y, width, 1)
        if not any(wanted.overlaps(other) for other in placed):
            return wanted
    return Region(region.x, region.y, width, 1)


def _candidates(region: Region, whole: Region, width: int) -> Iterable[tuple[int, int]]:
    last = whole.right - width
    yield from product(range(region.y, region.bottom), range(min(region.x, last), min(region.right, last + 1)))
    yield from product((region.y,), range(last + 1))
    yield from product(range(whole.height), range(last + 1))
