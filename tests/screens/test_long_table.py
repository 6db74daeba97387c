"""The table with a hundred thousand rows: what it does costs by what is visible, and nothing else is touched."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

from textual.app import App, ComposeResult
from textual.geometry import Region
from textual.pilot import Pilot

from tui_app.widgets.columns import Column
from tui_app.widgets.spans import Spans
from tui_app.widgets.table import MarkSigns, Table

COUNT = 100_000


@dataclass(frozen=True, slots=True)
class Line:
    """A row."""

    id: str
    place: int
    word: str = "still"


ROWS = [Line(f"row {place:06}", place) for place in range(COUNT)]


class Long(App[None]):
    """One table, and how much of it was painted.

    Attributes:
        asked: The rows whose cells were made since the last look.
        newest: The newest versions of rows that were replaced elsewhere.
    """

    def __init__(self, *, live: bool = False) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.newest: dict[str, Line] = {}
        self._live = live

    def compose(self) -> ComposeResult:
        """The table."""

        def name(row: Line, width: int) -> Spans:
            self.asked.append(row.id)
            return ((row.id, ""),)

        columns: tuple[Column[Line], ...] = (
            Column("name", "Name", name, 10),
            Column("word", "Word", lambda row, width: ((row.word, ""),), 8, sort=lambda row: -row.place),
        )
        newest = (lambda row: self.newest.get(row.id, row)) if self._live else None
        yield Table[Line](columns, lambda row: row.id, marks=MarkSigns("* ", "  "), newest=newest)

    @property
    def table(self) -> Table[Line]:
        """The table."""
        return self.query_one(Table)


@asynccontextmanager
async def long(**options: Any) -> AsyncIterator[tuple[Table[Line], Long, Pilot[None]]]:
    app = Long(**options)
    async with app.run_test(size=(40, 20)) as pilot:
        app.table.set_rows(ROWS)
        app.table.focus()
        await pilot.pause()
        yield app.table, app, pilot


async def test_only_visible_rows_are_painted() -> None:
    async with long() as (_, app, _):
        assert set(app.asked) == {row.id for row in ROWS[:19]}


async def test_rows_that_are_replaced_elsewhere_are_not_held_a_second_time() -> None:
    async with long(live=True) as (table, _, _), long() as (own, _, _):
        assert table.rows is ROWS
        assert own.rows is not ROWS


async def test_end_page_and_home_paint_a_screen_full_each() -> None:
    async with long() as (table, app, pilot):
        for key, place in (("end", COUNT - 1), ("pageup", COUNT - 19), ("home", 0), ("pagedown", 18)):
            app.asked.clear()
            await pilot.press(key)
            await pilot.pause()
            assert table.cursor == place
            assert len(set(app.asked)) <= 19 + 1


async def test_a_row_that_changes_paints_its_own_line(monkeypatch: Any) -> None:
    async with long() as (table, app, pilot):
        painted: list[Region] = []
        refresh = Table.refresh

        def noted(self: Any, *regions: Region, **options: Any) -> Any:
            painted.extend(regions or [Region(0, 0, 40, 20)])
            return refresh(self, *regions, **options)

        monkeypatch.setattr(Table, "refresh", noted)
        app.asked.clear()
        table.update_row(replace(ROWS[7], word="moving"))
        await pilot.pause()
        assert {region.height for region in painted} == {1}
        assert {region.y for region in painted} == {8}
        assert set(app.asked) == {ROWS[7].id}
        assert table.rows[7].word == "moving"


async def test_hidden_rows_need_not_be_replaced_where_their_newest_version_is_known() -> None:
    async with long(live=True) as (table, app, pilot):
        last = replace(ROWS[-1], word="moving")
        app.newest[last.id] = last
        app.asked.clear()
        table.update_row(last)
        await pilot.pause()
        assert app.asked == []
        await pilot.press("end")
        assert table.current == last
        assert table.row(last.id) == last


async def test_the_cursor_stays_on_its_row_while_rows_move_come_and_go() -> None:
    async with long() as (table, _, _):
        assert table.select("row 050000")
        table.set_rows(ROWS[::-1])
        assert (table.current, table.cursor) == (ROWS[50_000], COUNT - 1 - 50_000)
        table.set_rows(ROWS[49_000:])
        assert (table.current, table.cursor) == (ROWS[50_000], 1_000)
        table.set_rows(ROWS[:50_000])
        assert table.cursor == 1_000


async def test_a_header_sorts_all_and_gives_the_order_back() -> None:
    async with long() as (table, _, pilot):
        await pilot.click(Table, offset=(15, 0))
        assert (table.rows[0], table.sorted_by) == (ROWS[-1], "word")
        await pilot.click(Table, offset=(15, 0))
        assert table.rows[0] == ROWS[0]
        await pilot.click(Table, offset=(15, 0))
        assert (table.rows[0], table.sorted_by) == (ROWS[0], "")


async def test_marks_outlast_what_is_shown() -> None:
    async with long() as (table, _, _):
        table.toggle_all_marks()
        assert table.marks is not None
        assert len(table.marks) == COUNT
        table.set_rows(ROWS[:10])
        assert table.marked_outside == COUNT - 10
        table.toggle_all_marks()
        assert len(table.marks) == COUNT - 10
