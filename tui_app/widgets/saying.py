"""Shows a text anew, and lays the screen out anew only where that takes another room."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static


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
        place.update(content, layout=not _takes_the_same_room(place, before, content))


def _takes_the_same_room(place: Static, before: Content, now: Content) -> bool:
    lines = [[line.cell_length for line in each.split("\n", allow_blank=True)] for each in (before, now)]
    widest = max(max(each, default=0) for each in lines)
    if place.styles.width is not None and place.styles.width.is_auto:
        return lines[0] == lines[1]
    return bool(before and now) and len(lines[0]) == len(lines[1]) and widest <= place.size.width
