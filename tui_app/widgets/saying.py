"""Shows a text anew, and lays the screen out anew only where that takes another room."""

from __future__ import annotations

from typing import Self

from rich.cells import cell_len
from textual.content import Content
from textual.geometry import Region
from textual.widgets import Static


class Saying(Static):
    """A text of which only what has changed is painted, where `say` shows it anew in the same room."""

    _changed: tuple[Region, ...] = ()

    def refresh(self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False) -> Self:
        """Paint it, or what of it has changed."""
        return super().refresh(*(regions or self._changed), repaint=repaint, layout=layout, recompose=recompose)

    def say_in_place(self, content: Content) -> None:
        """Show a text that takes the room which this has, whatever was shown before: nothing is laid out anew."""
        before = self.content
        if not isinstance(before, Content):
            self.update(content, layout=False)
        elif not before.is_same(content):
            from_the_left = self.styles.text_align in ("start", "left")
            self._changed = changed_cells(before, content) if from_the_left else ()
            self.update(content, layout=False)
            self._changed = ()


def say(place: Static, content: Content) -> None:
    """Show something in a place that may show it already.

    A layout paints the whole screen, which takes more than all that changes in a second on a busy one.

    Args:
        place: Where.
        content: What.
    """
    before = place.content
    if not isinstance(before, Content):
        place.update(content)
    elif not before.is_same(content):
        if not _takes_the_same_room(place, before, content):
            place.update(content)
        elif isinstance(place, Saying):
            place.say_in_place(content)
        else:
            place.update(content, layout=False)


def _lines(content: Content) -> list[Content]:
    return content.split("\n", allow_blank=True)


def _takes_the_same_room(place: Static, before: Content, now: Content) -> bool:
    lines = [[line.cell_length for line in _lines(each)] for each in (before, now)]
    widest = max(max(each, default=0) for each in lines)
    if place.styles.width is not None and place.styles.width.is_auto:
        return lines[0] == lines[1]
    return bool(before and now) and len(lines[0]) == len(lines[1]) and widest <= place.size.width


def changed_cells(before: Content, now: Content) -> tuple[Region, ...]:
    """Where two texts of as many lines differ: of each line, from the first cell to the last."""
    lines = [_lines(each) for each in (before, now)]
    if len(lines[0]) != len(lines[1]):
        return ()
    found = []
    for y, (old, new) in enumerate(zip(*lines, strict=True)):
        if old.is_same(new):
            continue
        was, is_now = _cells(old), _cells(new)
        most = min(len(was), len(is_now))
        first = next((place for place in range(most) if was[place] != is_now[place]), most)
        widths = [cell_len(each.plain) for each in (old, new)]
        behind = max(widths)
        if widths[0] == widths[1] and len(was) == len(is_now):
            alike = next((n for n in range(most - first) if was[-1 - n] != is_now[-1 - n]), most - first)
            behind -= cell_len(new.plain[len(new.plain) - alike :])
        begin = cell_len(new.plain[: max(first - 1, 0)])  # what differs may be a mark over the character before
        found.append(Region(begin, y, max(behind - begin, 1), 1))
    return tuple(found)


def _cells(line: Content) -> list[tuple[str, tuple[object, ...]]]:
    """Each character with all that is said of how it looks."""
    looks: list[tuple[object, ...]] = [()] * len(line.plain)
    for span in line.spans:
        for place in range(max(span.start, 0), min(span.end, len(looks))):
            looks[place] += (span.style,)
    return list(zip(line.plain, looks, strict=True))
