"""Tables that a cell shows and a data frame is made of."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, overload

from tui_app.notebook import frames
from tui_app.notebook.frames import Data, Kind
from tui_app.notebook.loop import Ready
from tui_app.notebook.pieces import Block, Blocks, Grid, Heading, Line, Says, Span, muted
from tui_app.notebook.shown import Showable

Item = TypeVar("Item")

MOST_SHOWN = 50
"""Rows that a cell shows; a data frame has all."""


@dataclass(frozen=True, slots=True)
class Column(Generic[Item]):
    """One column of the data.

    Attributes:
        name: What it is called.
        kind: What it holds.
        value: Takes it from a row; ``None``: it is not known.
    """

    name: str
    kind: Kind
    value: Callable[[Item], Any]


@dataclass(frozen=True, slots=True)
class Shows(Generic[Item]):
    """One column as a cell shows it.

    Attributes:
        title: What stands above it.
        cell: Writes it.
    """

    title: str
    cell: Callable[[Item], Line]


class Table(Showable, Ready, Generic[Item]):
    """Rows as they were when they were read; asking anew makes another table.

    It has a length, is gone through with ``for``, and its rows are taken by their number.

    Args:
        rows: What is in it.
        columns: Its data, column by column.
        shows: What a cell shows of it.
        heading: What stands above it.
        notes: What a person should know of how it was read, each in a line.
        empty: What is said where it has no rows.
    """

    def __init__(
        self,
        rows: Sequence[Item],
        columns: Sequence[Column[Item]],
        shows: Sequence[Shows[Item]],
        *,
        heading: Line,
        notes: Sequence[Line] = (),
        empty: str = "There are none.",
    ) -> None:
        self._rows = tuple(rows)
        self._columns = tuple(columns)
        self._shows = tuple(shows)
        self._heading = heading
        self._notes = tuple(notes)
        self._empty = empty

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[Item]:
        return iter(self._rows)

    @overload
    def __getitem__(self, place: int) -> Item: ...

    @overload
    def __getitem__(self, place: slice) -> list[Item]: ...

    def __getitem__(self, place: int | slice) -> Item | list[Item]:
        return list(self._rows[place]) if isinstance(place, slice) else self._rows[place]

    @property
    def column_names(self) -> list[str]:
        """What the columns of :meth:`records` and of the data frames are called."""
        return [column.name for column in self._columns]

    def records(self) -> list[dict[str, Any]]:
        """Every row as a dictionary of plain values. Texts are the server's own, as they came; times have a zone."""
        return [{column.name: column.value(row) for column in self._columns} for row in self._rows]

    def to_pandas(self) -> Any:
        """Every row as a pandas ``DataFrame``; missing values are ``NA``, times are in UTC.

        Raises:
            ExplorerError: pandas is not installed; the text says how it is.
        """
        return frames.to_pandas(self._data())

    def to_polars(self) -> Any:
        """Every row as a polars ``DataFrame``; missing values are ``null``, times are in UTC.

        Raises:
            ExplorerError: polars is not installed; the text says how it is.
        """
        return frames.to_polars(self._data())

    def blocks(self) -> Blocks:
        """Heading, rows and what is left out of them."""
        shown = self._rows[:MOST_SHOWN]
        cells = tuple(tuple(shows.cell(row) for shows in self._shows) for row in shown)
        blocks: list[Block] = [Heading(self._heading)]
        if self._notes:
            blocks.append(Says(self._notes))
        blocks.append(Grid(tuple(shows.title for shows in self._shows), cells, empty=self._empty))
        if len(self._rows) > len(shown):
            more = f"… and {len(self._rows) - len(shown):,} more: to_pandas(), to_polars() and records() have them all."
            blocks.append(Says((muted(more),)))
        return tuple(blocks)

    def _data(self) -> Data:
        return {column.name: (column.kind, [column.value(row) for row in self._rows]) for column in self._columns}


def heading(title: str, count: int, *asides: str) -> Line:
    """What stands above a table: what it holds, how many, and what else tells it from others."""
    spans = [Span(title, strong=True), Span(f"  {count:,}", "muted")]
    spans += [Span(f"  ·  {aside}", "muted") for aside in asides if aside]
    return tuple(spans)
