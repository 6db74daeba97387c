"""A text that is shown anew: only what has changed is painted, and nothing is laid out that has its room."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from textual.app import App, ComposeResult
from textual.content import Content
from textual.geometry import Region
from textual.strip import Strip

from tui_app.widgets.saying import Saying, changed_cells, say

WIDTH = 30


def text(*pieces: str | tuple[str, str]) -> Content:
    return Content.assemble(*pieces)


BAR = text(("█" * 10, "red"), (" " * 20, "on blue"))
PAIRS = {
    "a word": (text("looked 2 s ago"), text("looked 3 s ago")),
    "a longer one": (text("elapsed 9 s · 1"), text("elapsed 10 s · 1")),
    "a shorter one": (text("elapsed 10 min"), text("elapsed 9 h")),
    "only how it looks": (text("a ", ("b", "bold"), " c"), text("a ", ("b", "red"), " c")),
    "a bar": (BAR, text(("█" * 12, "red"), (" " * 18, "on blue"))),
    "wide characters": (text("資料 12 %"), text("資料庫 12 %")),
    "a mark over a letter": (text("e 1"), text("e\u0301 1")),
    "one line of three": (text("one\ntwo\nthree"), text("one\ntwo!\nthree")),
    "an empty line": (text("one\n\nthree"), text("one\ntwo\nthree")),
}


class Room(App[None]):
    """One text in a room of 30 by 3 cells."""

    CSS = "Saying { width: 30; height: 3; }"

    def compose(self) -> ComposeResult:
        """Only that."""
        yield Saying("")


def cells(strip: Strip) -> list[tuple[str, str]]:
    """What stands in each cell of a line, and how it looks; of a wide character, twice."""
    found = []
    for piece in (strip.crop(place, place + 1) for place in range(WIDTH)):
        looks = [segment.style.render("x") for segment in piece if segment.style]
        found.append(("".join(segment.text for segment in piece), "".join(looks)))
    return found


def differing(before: list[Strip], now: list[Strip]) -> Iterator[tuple[int, int]]:
    for y, (old, new) in enumerate(zip(before, now, strict=True)):
        for x, (was, is_now) in enumerate(zip(cells(old), cells(new), strict=True)):
            if was != is_now:
                yield x, y


@pytest.mark.parametrize("name", PAIRS)
async def test_every_cell_that_differs_is_painted_and_the_rest_is_as_it_was(name: str) -> None:
    before, now = PAIRS[name]
    app = Room()
    async with app.run_test() as pilot:
        place = app.query_one(Saying)
        say(place, before)
        await pilot.pause()
        lines = [place.render_line(y) for y in range(3)]
        regions = changed_cells(before, now)
        layouts = place._layout_updates
        say(place, now)
        assert place._repaint_regions == set(regions)
        assert place._layout_updates == layouts
        await pilot.pause()
        fresh = [place.render_line(y) for y in range(3)]
        missed = [cell for cell in differing(lines, fresh) if not any(region.contains(*cell) for region in regions)]
        assert not missed
        painted = app.screen._compositor.render_strips()[:3]
        place.refresh()
        await pilot.pause()
        assert painted == app.screen._compositor.render_strips()[:3]


def test_a_figure_that_changes_costs_its_own_cells_and_one_before_them() -> None:
    assert changed_cells(text("looked 2 s ago"), text("looked 3 s ago")) == (Region(6, 0, 2, 1),)


def test_a_bar_that_grows_costs_what_it_grew_by() -> None:
    assert changed_cells(*PAIRS["a bar"]) == (Region(9, 0, 3, 1),)


async def test_more_lines_than_before_are_laid_out_anew() -> None:
    app = Room()
    async with app.run_test() as pilot:
        place = app.query_one(Saying)
        say(place, text("one"))
        await pilot.pause()
        layouts = place._layout_updates
        say(place, text("one\ntwo"))
        assert place._layout_updates == layouts + 1
