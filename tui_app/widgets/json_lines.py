"""The lines of an outline on screen: its cost is what is visible. IDs in it are links."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar

from rich.cells import cell_len, chop_cells
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui_app.models.ids import Known, ids_in, no_id
from tui_app.widgets.outline import Hit, Outline

_LEAST = 24  # cells that a value has, however deep it stands and however narrow the screen is
_EDGE = 200  # characters around what is painted in which a hit may begin or end


@dataclass
class IdChosen(Message):
    """A person wants to go to what has this ID."""

    text: str


class JsonLines(ScrollView, can_focus=True, inherit_bindings=False):
    """An outline with a cursor. What does not fit into a line goes on in the next.

    Attributes:
        outline: What is shown.
        cursor: The number of the line under the cursor.
        hits: Where the text stands that is looked for.
        hit: Which of them was gone to last, from 0; -1 for none.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "json--cursor",
        "json--cursor-blurred",
        "json--key",
        "json--string",
        "json--number",
        "json--word",
        "json--mark",
        "json--muted",
        "json--heading",
        "json--text",
        "json--link",
        "json--hit",
        "json--current",
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", "Up", show=False),
        Binding("down", "move(1)", "Down", show=False),
        Binding("pageup,ctrl+u,ctrl+b", "page(-1)", "Page up", show=False),
        Binding("pagedown,ctrl+d,ctrl+f", "page(1)", "Page down", show=False),
        Binding("home,g", "move(-1000000000)", "First", show=False),
        Binding("end,G,shift+g", "move(1000000000)", "Last", show=False),
    ]

    @dataclass
    class Found(Message):
        """Other hits are there, or another one was gone to."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.outline = Outline()
        self.cursor = 0
        self.hits: list[Hit] = []
        self.hit = -1
        self._words = ""
        self._wanted: re.Pattern[str] | None = None
        self._known: Known = no_id
        self._width = 0
        self._starts: list[int] = []
        self._links: dict[tuple[int, bool], list[tuple[int, int]]] = {}
        self._breaks: dict[tuple[int, bool, int], list[int]] = {}
        self._styles: dict[str, Style] = {}

    # What is shown

    def show(self, outline: Outline, known: Known = no_id, *, keep: bool = False) -> None:
        """Show an outline.

        Args:
            outline: What to show.
            known: Tells which words are IDs, beside those that look like it.
            keep: Whether it is a newer version of what is shown: folds and cursor stay.
        """
        self.cursor = outline.take_over(self.outline, self.cursor) if keep else 0
        self.outline, self._known = outline, known
        self._links.clear()
        if self._words:
            self.hits, self.hit = outline.find(self._words), -1
        self._lay_out()
        if not keep:
            self.scroll_to(y=0, animate=False)
        self.post_message(self.Found())

    def _lay_out(self) -> None:
        """Work out on which row each line begins."""
        self._breaks.clear()
        self._width = self.scrollable_content_region.width
        lines, folded, row = self.outline.lines, self.outline.folded, 0
        starts = self._starts = []
        for number in self.outline.shown:
            starts.append(row)
            line = lines[number]
            # Most lines are short, and there may be very many.
            plain = number not in folded and len(line.label) + len(line.value) < _LEAST // 2
            row += 1 if plain else len(self._cuts(number))
        self.virtual_size = Size(self._width, row)
        self.refresh()

    def _indent(self, number: int) -> int:
        return max(min(2 + 2 * self.outline.lines[number].depth, self._width - _LEAST), 2)

    def _plain(self, number: int) -> str:
        return "".join(text for text, _ in self.outline.spans(number))

    def _cuts(self, number: int) -> range | list[int]:
        """Where each row of a line begins, in characters."""
        text, room = self._plain(number), max(self._width - self._indent(number) - 1, 1)
        if text.isascii():
            return range(0, max(len(text), 1), room)
        key = (number, number in self.outline.folded, room)
        if key not in self._breaks:
            at, cuts = 0, []
            for piece in chop_cells(text, max(room, 2)):
                cuts.append(at)
                at += len(piece)
            self._breaks[key] = cuts or [0]
        return self._breaks[key]

    def links(self, number: int) -> list[tuple[int, int]]:
        """Where IDs stand in a line as it is shown."""
        key = (number, number in self.outline.folded)
        if key not in self._links:
            self._links[key] = ids_in(self._plain(number), self._known)
        return self._links[key]

    def on_resize(self) -> None:
        """Lines break elsewhere."""
        self._lay_out()
        self._keep_in_view()

    def notify_style_update(self) -> None:
        """Colours changed: forget those that were worked out."""
        super().notify_style_update()
        self._styles.clear()

    # Moving and folding

    def go(self, number: int) -> None:
        """Put the cursor on a line, or on what is shown in its place."""
        self.cursor = self.outline.seen(number) if self.outline.lines else 0
        self._keep_in_view()
        self.refresh()

    def _rows(self, number: int) -> tuple[int, int]:
        """The first row of a line that is shown, and the one behind its last."""
        place = self.outline.place(number)
        end = self._starts[place + 1] if place + 1 < len(self._starts) else self.virtual_size.height
        return self._starts[place], end

    def _keep_in_view(self, row: int | None = None) -> None:
        if not self._starts or not self.size.height:
            return
        first, end = self._rows(self.cursor) if row is None else (row, row + 1)
        top, height = self.scroll_offset.y, self.size.height
        if first < top or end - first > height:
            self.scroll_to(y=first, animate=False)
        elif end > top + height:
            self.scroll_to(y=end - height, animate=False)

    def action_move(self, by: int) -> None:
        """Move the cursor by lines; within one that is taller than the screen, by rows."""
        if not self._starts:
            return
        (first, end), top, height = self._rows(self.cursor), self.scroll_offset.y, self.size.height
        hidden = end > top + height if by > 0 else first < top
        if abs(by) == 1 and end - first > height and hidden:
            self.scroll_to(y=top + by, animate=False)
            return
        place = self.outline.place(self.cursor) + by
        self.go(self.outline.shown[max(0, min(place, len(self._starts) - 1))])

    def action_page(self, by: int) -> None:
        """Move the cursor by a screenful of rows."""
        if not self._starts:
            return
        row = self._rows(self.cursor)[0] + by * max(self.size.height - 1, 1)
        place = bisect_right(self._starts, max(row, 0)) - 1
        if self.outline.shown[place] == self.cursor:
            self.scroll_to(y=self.scroll_offset.y + by * max(self.size.height - 1, 1), animate=False)
        else:
            self.go(self.outline.shown[place])

    def fold(self) -> None:
        """Fold the line under the cursor; where there is nothing to fold, go to what it stands in."""
        number = self.outline.holder(self.cursor) if self.outline.lines else -1
        if number < 0 or number in self.outline.folded:
            self.go(max(self.outline.lines[self.cursor].parent, 0) if self.outline.lines else 0)
        else:
            self.outline.fold(number)
            self._folded(number)

    def unfold(self) -> None:
        """Unfold the line under the cursor; where it stands open, go into it."""
        if self.cursor in self.outline.folded:
            self.outline.unfold(self.cursor)
            self._folded(self.cursor)
        elif self.outline.lines and self.outline.opens(self.cursor):
            self.action_move(1)

    def toggle(self, number: int) -> None:
        """Fold what a line holds, or unfold it."""
        holder = self.outline.holder(number) if self.outline.lines else -1
        if holder in self.outline.folded:
            self.outline.unfold(holder)
        elif holder >= 0:
            self.outline.fold(holder)
        self._folded(max(holder, 0) if holder >= 0 else number)

    def fold_all(self) -> None:
        """Fold everything but the outermost."""
        self.outline.fold_all()
        self._folded(self.cursor)

    def unfold_all(self) -> None:
        """Unfold everything."""
        self.outline.unfold_all()
        self._folded(self.cursor)

    def _folded(self, number: int) -> None:
        self._lay_out()
        self.go(number)

    def open(self) -> None:
        """Go to the first ID in the line under the cursor; where there is none, fold or unfold it."""
        if not self.outline.lines:
            return
        if links := self.links(self.cursor):
            first, end = links[0]
            self.post_message(IdChosen(self._plain(self.cursor)[first:end]))
        else:
            self.toggle(self.cursor)

    # Searching

    def search(self, words: str) -> None:
        """Look for a text, and go to where it stands next, from the cursor on."""
        self._words = words
        self._wanted = re.compile(re.escape(words), re.IGNORECASE) if words else None
        self.hits, self.hit = self.outline.find(words), -1
        if self.hits:
            self._go_to_hit(next((place for place, hit in enumerate(self.hits) if hit.line >= self.cursor), 0))
        self.refresh()
        self.post_message(self.Found())

    def next_hit(self, by: int) -> None:
        """Go to the next hit, or to the one before; behind the last stands the first."""
        if not self.hits:
            return
        if self.hit < 0:
            later = (place for place, hit in enumerate(self.hits) if hit.line > self.cursor)
            self._go_to_hit(next(later, 0) if by > 0 else -1)
        else:
            self._go_to_hit(self.hit + by)
        self.post_message(self.Found())

    def _go_to_hit(self, place: int) -> None:
        self.hit = place % len(self.hits)
        hit = self.hits[self.hit]
        if self.outline.seen(hit.line) != hit.line:
            self.outline.reveal(hit.line)
            self._lay_out()
        self.go(hit.line)
        first, end = self._rows(hit.line)
        if end - first > 1:
            self._keep_in_view(first + max(bisect_right(self._cuts(hit.line), hit.start) - 1, 0))

    # Mouse

    def on_click(self, event: events.Click) -> None:
        """An ID is gone to, what holds others is folded or unfolded, anything else gets the cursor."""
        offset = event.get_content_offset(self)
        row = self.scroll_offset.y + offset.y if offset is not None else -1
        if offset is None or not 0 <= row < self.virtual_size.height or not self._starts:
            return
        place = bisect_right(self._starts, row) - 1
        number = self.outline.shown[place]
        character = self._character(number, row - self._starts[place], offset.x)
        for first, end in self.links(number):
            if first <= character < end:
                self.go(number)
                self.post_message(IdChosen(self._plain(number)[first:end]))
                return
        if self.outline.opens(number):
            self.toggle(number)
        else:
            self.go(number)

    def _character(self, number: int, row: int, x: int) -> int:
        """Which character of a line stands in a cell; -1 beside them all."""
        first, end = self._part(number, row)
        at = self._indent(number)
        for place, character in enumerate(self._plain(number)[first:end]):
            if at <= x < (at := at + cell_len(character)):
                return first + place
        return -1

    # Painting

    def _style(self, name: str) -> Style:
        style = self._styles.get(name)
        if style is None:
            style = self.get_component_rich_style(f"json--{name}", partial=True) if name else self.rich_style
            self._styles[name] = style
        return style

    def _part(self, number: int, row: int) -> tuple[int, int]:
        """The characters that stand in one row of a line."""
        cuts = self._cuts(number)
        return cuts[row], cuts[row + 1] if row + 1 < len(cuts) else len(self._plain(number))

    def render_line(self, y: int) -> Strip:
        """Paint one row."""
        width, base = self.size.width, self._style("")
        row = self.scroll_offset.y + y
        if not self._starts or row >= self.virtual_size.height:
            return Strip.blank(width, base)
        place = bisect_right(self._starts, row) - 1
        number = self.outline.shown[place]
        style = base
        if number == self.cursor:
            style = base + self._style("cursor" if self.has_focus else "cursor-blurred")
        indent, row = self._indent(number), row - self._starts[place]
        sign = "  "
        if row == 0 and self.outline.opens(number):
            sign = "▸ " if number in self.outline.folded else "▾ "
        front = Segment(" " * (indent - 2) + sign, style + self._style("muted"))
        return Strip([front, *self._segments(number, row, style)]).adjust_cell_length(width, style)

    def _segments(self, number: int, row: int, style: Style) -> Iterator[Segment]:
        """What stands in one row of a line, cut wherever its look changes."""
        first, end = self._part(number, row)
        looks: list[tuple[int, int, str]] = [(start, stop, "link") for start, stop in self.links(number)]
        looks += self._hits_between(number, first, end)
        cuts = {first, end, *(each for look in looks for each in look[:2] if first < each < end)}
        at = 0
        for text, role in self.outline.spans(number):
            inside = sorted({max(at, first), min(at + len(text), end), *(c for c in cuts if at < c < at + len(text))})
            for start, stop in pairwise(inside):
                if first <= start < stop <= end:
                    look = style + self._style(role)
                    for _, _, name in (each for each in looks if each[0] <= start < each[1]):
                        look += self._style(name)
                    yield Segment(text[start - at : stop - at], look)
            at += len(text)

    def _hits_between(self, number: int, first: int, end: int) -> Iterator[tuple[int, int, str]]:
        if self._wanted is None:
            return
        current = self.hits[self.hit] if 0 <= self.hit < len(self.hits) else None
        for found in self._wanted.finditer(self._plain(number), max(first - _EDGE, 0), end + _EDGE):
            yield (*found.span(), "current" if current == Hit(number, found.start()) else "hit")

    def on_focus(self) -> None:
        """The cursor looks different with the focus."""
        self.refresh()

    def on_blur(self) -> None:
        """The cursor looks different without the focus."""
        self.refresh()

    @property
    def whole(self) -> str:
        """Everything that can be shown, folded away or not."""
        return "\n".join(self.outline.text(number) for number in range(len(self.outline.lines)))
