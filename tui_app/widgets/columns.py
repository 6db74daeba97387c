"""The columns of a table: what they are, which of them fit, and how one cell is painted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style

from tui_app.widgets.spans import Spans

Row = TypeVar("Row")

GAP = 2
"""Cells between two columns."""

LESSER = 3
"""From this priority on, a column is shown only where the others have comfortable room."""


@dataclass(frozen=True)
class Column(Generic[Row]):
    """One column.

    Attributes:
        key: Its name.
        title: What its header says.
        cell: Makes a row's cell: safe pieces of text with roles. It is told how many cells wide it is.
        width: The least cells it needs.
        grow: Its share of what is left over; 0 keeps it at `width`.
        most: The most cells it grows to.
        priority: The columns with the highest number give way first where there is no room; 0 never does.
        align: Which side its text keeps to.
        comfort: The cells it should have before columns of priority `LESSER` and above are shown beside it.
        sort: Makes what rows are sorted by; ``None``: this column does not sort.
    """

    key: str
    title: str
    cell: Callable[[Row, int], Spans]
    width: int
    grow: int = 0
    most: int = 60
    priority: int = 0
    align: Literal["left", "right"] = "left"
    comfort: int = 0
    sort: Callable[[Row], Any] | None = None


def fit_columns(columns: Sequence[Column[Row]], width: int) -> list[tuple[Column[Row], int]]:
    """Choose the columns that fit and their widths, in cells.

    Columns give way by priority, the highest first, and the rightmost first among equals: the lesser ones already where
    the others lack the room that is comfortable, the greater ones only where they would not fit at all. What is left
    over goes to those that grow.
    """
    kept = list(columns)

    def give_way(needed: Callable[[Column[Row]], int], least: int) -> None:
        while sum(needed(column) + GAP for column in kept) > width:
            worst = max(kept, key=lambda column: (column.priority, kept.index(column)))
            if worst.priority < least or len(kept) == 1:
                return
            kept.remove(worst)

    give_way(lambda column: max(column.width, column.comfort), LESSER)
    give_way(lambda column: column.width, 1)
    widths = {column.key: column.width for column in kept}
    left = width - sum(column.width + GAP for column in kept)
    growing = [column for column in kept if column.grow]
    while left > 0 and growing:
        share = max(left // sum(column.grow for column in growing), 1)
        for column in list(growing):
            take = max(min(share * column.grow, column.most - widths[column.key], left), 0)
            widths[column.key] += take
            left -= take
            if widths[column.key] >= column.most:
                growing.remove(column)
    return [(column, widths[column.key]) for column in kept]


def fitted_cell(spans: Spans, width: int, align: str, style_of: Callable[[str], Style], plain: Style) -> list[Segment]:
    """One cell's pieces, cut or padded to its width, and the gap after it."""
    total = sum(cell_len(text) for text, _ in spans)
    segments: list[Segment] = []
    left = width
    if align == "right" and total < width:
        segments.append(Segment(" " * (width - total), plain))
        left = total
    for text, role in spans:
        cells = cell_len(text)
        if cells > left:
            text = set_cell_size(text, left - 1) + "…" if left > 0 else ""
            cells = left
        if text:
            segments.append(Segment(text, style_of(role)))
        left -= cells
        if left <= 0:
            break
    segments.append(Segment(" " * (max(left, 0) + GAP), plain))
    return segments


def header_cells(
    layout: Sequence[tuple[Column[Row], int]], sort: tuple[str, bool] | None, style: Style
) -> list[Segment]:
    """The titles of the columns, the one that is sorted by with an arrow.

    Args:
        layout: The columns and their widths.
        sort: The key of the column that is sorted by, and whether downwards.
        style: How titles look.
    """
    segments = []
    for column, cells in layout:
        arrow = ""
        if sort is not None and sort[0] == column.key:
            arrow = " ▾" if sort[1] else " ▴"
        segments += fitted_cell(((column.title + arrow, ""),), cells, column.align, lambda _: style, style)
    return segments
