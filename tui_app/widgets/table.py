"""A table whose cost is what is visible, not what exists: rows stay plain objects until their line is painted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import indexOf
from typing import Any, ClassVar, Generic, cast

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui_app.widgets.columns import GAP, Column, Row, fit_columns, fitted_cell, header_cells
from tui_app.widgets.marks import WIDE, Marks, MarkSigns
from tui_app.widgets.spans import Spans

__all__ = ["GAP", "Column", "MarkSigns", "Table", "fit_columns"]


_NO_SIGNS = MarkSigns("", "")


def _as_it_is(row: Any) -> Any:
    return row


class Table(ScrollView, Generic[Row], can_focus=True):
    """A long list of rows with a cursor that stays on its object while rows come, go and move.

    Attributes:
        cursor: The selected row's place, from 0; -1 without rows.
        marks: The rows that are marked, whether they are shown or not; ``None`` where none can be.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "table--header",
        "table--cursor",
        "table--cursor-blurred",
        "table--hover",
        "table--success",
        "table--accent",
        "table--muted",
        "table--warning",
        "table--error",
        "table--strong",
        "table--track",
        "table--mark",
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", show=False),
        Binding("down,j", "move(1)", "Down", show=False),
        Binding("pageup,ctrl+u,ctrl+b", "page(-1)", "Page up", show=False),
        Binding("pagedown,ctrl+d,ctrl+f", "page(1)", "Page down", show=False),
        Binding("home,g", "move(-1000000000)", "First", show=False),
        Binding("end,G,shift+g", "move(1000000000)", "Last", show=False),
        Binding("enter", "choose", "open", key_display="enter"),
    ]

    cursor: reactive[int] = reactive(-1, repaint=False)
    hover: reactive[int] = reactive(-1, repaint=False)

    @dataclass
    class Told(Message):
        """Something happened in a table."""

        table: Table[Any]

        @property
        def control(self) -> Table[Any]:
            """The table it came from."""
            return self.table

    @dataclass
    class Highlighted(Told):
        """The cursor came to another row, or the row under it changed. `row` is ``None`` without rows."""

        row: Any

    @dataclass
    class Chosen(Told):
        """A row was opened, by Enter or by clicking the selected row."""

        row: Any

    @dataclass
    class Shown(Told):
        """Other rows are on screen now."""

        rows: list[Any]

    @dataclass
    class Marked(Told):
        """Other rows are marked now."""

    def __init__(
        self,
        columns: Sequence[Column[Row]],
        row_key: Callable[[Row], str],
        *,
        empty: Spans = (),
        marks: MarkSigns | None = None,
        newest: Callable[[Row], Row] | None = None,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        """Make an empty table.

        Args:
            columns: Its columns.
            row_key: What tells a row from others.
            empty: What is said where there are no rows.
            marks: What stands in front of rows; ``None``: no row can be marked.
            newest: Gives a row's newest version when it is painted, so that hidden rows need not be replaced.
            id: The widget's ID.
            classes: Its classes.
        """
        super().__init__(id=id, classes=classes)
        self.marks = Marks() if marks else None
        self._signs = marks or _NO_SIGNS
        self._gutter = 0
        self.columns = tuple(columns)
        self.empty = empty
        self._row_key = row_key
        self._newest = newest or _as_it_is
        self._given: Sequence[Row] = ()
        self._rows: Sequence[Row] = ()
        self._known_places: dict[str, int] | None = {}
        self._layout: list[tuple[Column[Row], int]] = []
        self._sort: tuple[str, bool] | None = None
        self._default_sort: Callable[[Row], Any] | None = None
        self._styles: dict[str, Style] = {}
        self._shown: tuple[int, int] = (0, 0)
        self._painted: dict[int, Strip] = {}  # what each line looked like when it was painted last

    # Rows

    @property
    def rows(self) -> Sequence[Row]:
        """The rows in the order shown."""
        return self._rows

    @property
    def current(self) -> Row | None:
        """The row under the cursor."""
        return self._newest(self._rows[self.cursor]) if 0 <= self.cursor < len(self._rows) else None

    @property
    def sorted_by(self) -> str:
        """The key of the column whose header was chosen; empty where none is."""
        return self._sort[0] if self._sort is not None else ""

    def row(self, key: str) -> Row | None:
        """The row of that key, if it is shown."""
        place = self._places.get(key)
        return None if place is None else self._newest(self._rows[place])

    @property
    def _places(self) -> dict[str, int]:
        """Where each row stands. Made when somebody asks for one that is anywhere: few who set rows do."""
        if self._known_places is None:
            self._known_places = {self._row_key(row): place for place, row in enumerate(self._rows)}
        return self._known_places

    def _place_of(self, key: str) -> int | None:
        """Where one row stands, at the price of looking through them."""
        if self._known_places is not None:
            return self._known_places.get(key)
        try:
            return indexOf(map(self._row_key, self._rows), key)
        except ValueError:
            return None

    def set_columns(self, columns: Sequence[Column[Row]]) -> None:
        """Show these columns from now on; a chosen header that is among them no more loses its order."""
        self.columns = tuple(columns)
        if self._sort is not None and self._sort[0] not in {column.key for column in self.columns}:
            self._sort = None
        self._resize()
        self.refresh()

    def set_signs(self, signs: MarkSigns | None) -> None:
        """Put these in front of the rows from now on; ``None``: none, and no row can be marked by the mouse."""
        self._signs = signs or _NO_SIGNS
        self._resize()
        self.refresh()

    def set_rows(self, rows: Sequence[Row], sort: Callable[[Row], Any] | None = None) -> None:
        """Show these rows. The cursor stays on its object; where that is gone, on its place.

        Args:
            rows: All rows.
            sort: The order while no header is chosen; ``None``: they are in order.
        """
        current = self.current
        key = self._row_key(current) if current is not None else None
        offset, before = self.cursor - self.scroll_offset.y, self._keys_shown
        self._default_sort, self._given = sort, rows
        self._rows, self._known_places = self._sorted(rows), None
        place = self._place_of(key) if key is not None else 0
        if place is None:
            place = min(self.cursor, len(self._rows) - 1)
        self._resize()
        self.set_reactive(Table.cursor, place if self._rows else -1)
        if key is not None and self._rows and self.scroll_offset.y > 0:
            self.scroll_to(y=max(place - offset, 0), animate=False)
        elif self._rows:
            self._keep_in_view()
        if self._keys_shown == before:
            for y in range(self.size.height):
                self._refresh_line(y)
        else:
            self.refresh()
        self._tell_shown(always=True)
        self.post_message(self.Highlighted(self, self.current))

    def update_row(self, row: Row) -> None:
        """Show a row's newer version on its line, without moving it. Unknown rows are ignored.

        Where the line looks as it did, nothing is painted: of most looks at a server nothing new is to be seen.
        """
        key = self._row_key(row)
        first, behind = self._span
        place = next((place for place in range(first, behind) if self._row_key(self._rows[place]) == key), None)
        if place is None and self._newest is _as_it_is:
            place = self._places.get(key)
        if place is None:
            return
        if self._newest is _as_it_is:
            cast(list[Row], self._rows)[place] = row
        self._refresh_line(place - self.scroll_offset.y + 1)
        if place == self.cursor:
            self.post_message(self.Highlighted(self, row))

    def select(self, key: str) -> bool:
        """Put the cursor on a row; answer whether it is there."""
        place = self._places.get(key)
        if place is None:
            return False
        self.cursor = place
        return True

    def _sorted(self, rows: Sequence[Row]) -> Sequence[Row]:
        if self._default_sort is None and self._sort is None and self._newest is not _as_it_is:
            return rows  # no copy, which would keep a hundred thousand old versions while those are replaced
        ordered = sorted(rows, key=self._default_sort) if self._default_sort else list(rows)
        if self._sort is not None:
            key, reverse = self._sort
            column = next((column for column in self.columns if column.key == key), None)
            if column is not None and column.sort is not None:
                ordered.sort(key=column.sort, reverse=reverse)
        return ordered

    def sort_by(self, column_key: str) -> None:
        """Sort by a column: upwards, then downwards, then back to the usual order."""
        if self._sort is None or self._sort[0] != column_key:
            self._sort = (column_key, False)
        elif not self._sort[1]:
            self._sort = (column_key, True)
        else:
            self._sort = None
        self.set_rows(self._given, self._default_sort)

    # Marking

    @property
    def marked_outside(self) -> int:
        """How many rows are marked that are not shown."""
        return self.marks.outside(self._places) if self.marks else 0

    def toggle_mark(self) -> None:
        """Mark the row under the cursor, or take its mark away."""
        if self.marks is not None and self.current is not None:
            self.marks.toggle(self._row_key(self.current))
            self.show_marks()

    def toggle_all_marks(self) -> None:
        """Mark all rows that are shown, or take all their marks away; what is not shown keeps its own."""
        if self.marks is not None:
            self.marks.toggle_all(self._places.keys())
            self.show_marks()

    def show_marks(self) -> None:
        """Paint the marks as they are now, and tell."""
        self._resize()
        self.refresh()
        self.post_message(self.Marked(self))

    @property
    def _room_for_marks(self) -> bool:
        return self._signs.always or self.app.size.width >= WIDE

    # Moving

    def action_move(self, by: int) -> None:
        """Move the cursor by rows."""
        if self._rows:
            self.cursor = max(0, min(self.cursor + by, len(self._rows) - 1))

    def action_page(self, by: int) -> None:
        """Move the cursor by pages."""
        self.action_move(by * max(self.size.height - 2, 1))

    def action_choose(self) -> None:
        """Open the row under the cursor."""
        if self.current is not None:
            self.post_message(self.Chosen(self, self.current))

    def watch_cursor(self, before: int, after: int) -> None:
        """Repaint the two rows concerned and tell."""
        self._refresh_row(before)
        self._refresh_row(after)
        self._keep_in_view()
        self.post_message(self.Highlighted(self, self.current))

    def watch_hover(self, before: int, after: int) -> None:
        """Repaint the two rows concerned."""
        self._refresh_row(before)
        self._refresh_row(after)

    def _keep_in_view(self) -> None:
        if self.cursor < 0 or self.size.height < 2:
            return
        body = self.size.height - 1
        top = self.scroll_offset.y
        if self.cursor < top:
            self.scroll_to(y=self.cursor, animate=False)
        elif self.cursor >= top + body:
            self.scroll_to(y=self.cursor - body + 1, animate=False)

    # Mouse

    def on_click(self, event: events.Click) -> None:
        """A header sorts; a row is selected, and opened when it is selected already."""
        offset = event.get_content_offset(self)
        if offset is None:
            return
        if offset.y == 0:
            self._click_header(offset.x)
            return
        place = self.scroll_offset.y + offset.y - 1
        if not 0 <= place < len(self._rows):
            return
        if self._signs.marked and (offset.x < self._gutter or event.ctrl or event.shift):
            self.cursor = place
            self.toggle_mark()
        elif place == self.cursor:
            self.action_choose()
        else:
            self.cursor = place

    def _click_header(self, x: int) -> None:
        left = self._gutter
        for column, width in self._layout:
            if left <= x < left + width + GAP and column.sort is not None:
                self.sort_by(column.key)
                return
            left += width + GAP

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Remember which row the pointer is over."""
        place = self.scroll_offset.y + event.y - 1 if event.y > 0 else -1
        self.hover = place if place < len(self._rows) else -1

    def on_leave(self) -> None:
        """The pointer is over no row."""
        self.hover = -1

    def on_focus(self) -> None:
        """The cursor looks different with the focus."""
        self._refresh_row(self.cursor)

    def on_blur(self) -> None:
        """The cursor looks different without the focus."""
        self._refresh_row(self.cursor)

    # Painting

    def on_resize(self) -> None:
        """Fit the columns to the new width."""
        self._resize()
        self._keep_in_view()
        self._tell_shown()

    def notify_style_update(self) -> None:
        """Colours changed: forget those that were worked out."""
        super().notify_style_update()
        self._styles.clear()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Other rows are on screen now."""
        super().watch_scroll_y(old_value, new_value)
        self._tell_shown()

    def _resize(self) -> None:
        width = self.scrollable_content_region.width
        self._gutter = len(self._signs.plain) if self.marks or self._room_for_marks else 0
        self._layout = fit_columns(self.columns, width - self._gutter + GAP - 1)  # a cell's distance from the scrollbar
        self.virtual_size = Size(width, len(self._rows) + 1)

    @property
    def _span(self) -> tuple[int, int]:
        """The place of the first row on screen, and that behind the last."""
        top = self.scroll_offset.y
        return (min(top, len(self._rows)), min(top + max(self.size.height - 1, 0), len(self._rows)))

    def _tell_shown(self, always: bool = False) -> None:
        span = self._span
        if always or span != self._shown:
            self._shown = span
            self.post_message(self.Shown(self, [self._newest(row) for row in self._rows[span[0] : span[1]]]))

    @property
    def _keys_shown(self) -> list[str]:
        first, behind = self._span
        return [self._row_key(row) for row in self._rows[first:behind]]

    def _refresh_row(self, place: int) -> None:
        y = place - self.scroll_offset.y + 1
        if place >= 0 and 1 <= y < self.size.height:
            self.refresh(Region(0, y, self.size.width, 1))

    def _refresh_line(self, y: int) -> None:
        """Have a line painted where it looks different from what was painted last."""
        if 0 <= y < self.size.height and (y not in self._painted or self._painted[y] != self._line(y)):
            self.refresh(Region(0, y, self.size.width, 1))

    def _style(self, name: str) -> Style:
        style = self._styles.get(name)
        if style is None:
            style = self.get_component_rich_style(f"table--{name}", partial=True) if name else self.rich_style
            self._styles[name] = style
        return style

    def render_line(self, y: int) -> Strip:
        """Paint one line."""
        self._painted[y] = self._line(y)
        return self._painted[y]

    def _line(self, y: int) -> Strip:
        """One line: the header on top, then rows. In front of it stand the marks, on the table's own ground."""
        width = self.size.width
        base = self._style("")
        place = self.scroll_offset.y + y - 1
        segments: list[Segment] = []
        style, row = base, None
        if y == 0:
            style = base + self._style("header")
            segments = header_cells(self._layout, self._sort, style)
        elif place < len(self._rows):
            row = self._newest(self._rows[place])
            segments, style = self._cells(place, row, base)
        elif not self._rows and y == 2 and self.empty:
            said = [Segment(text, base + self._style(role) if role else base) for text, role in self.empty]
            segments = [Segment("  ", base), *said]
        return Strip([*self._front(row, base), *segments]).adjust_cell_length(width, style)

    def _front(self, row: Row | None, base: Style) -> list[Segment]:
        """The sign in front of a row, outside the cursor's line, so that it is seen on any ground."""
        if not self._gutter:
            return []
        if row is not None and self.marks is not None and self._row_key(row) in self.marks:
            return [Segment(self._signs.marked, base + self._style("mark"))]
        sign = self._signs.plain if row is not None else ""
        return [Segment(sign.ljust(self._gutter), base if sign.strip() else Style(bgcolor=base.bgcolor))]

    def _cells(self, place: int, row: Row, base: Style) -> tuple[list[Segment], Style]:
        style = base
        if place == self.cursor:
            style = base + self._style("cursor" if self.has_focus else "cursor-blurred")
        elif place == self.hover:
            style = base + self._style("hover")

        def role_style(role: str) -> Style:
            return style + self._style(role) if role else style

        segments: list[Segment] = []
        for column, cells in self._layout:
            segments += fitted_cell(column.cell(row, cells), cells, column.align, role_style, style)
        return segments, style
