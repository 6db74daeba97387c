"""The line of all looks: which cell stands for which look, and what is marked where."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_app.filters import ascii_of
from tui_app.watch.travel import Mark
from tui_app.widgets.timeline import cell_of, line_content, place_of

_marks = st.lists(st.sampled_from(Mark), min_size=1, max_size=200)


@given(st.integers(1, 300), st.integers(1, 200))
def test_every_look_has_a_cell_and_every_cell_leads_to_a_look(count: int, width: int) -> None:
    cells = [cell_of(place, width, count) for place in range(count)]
    assert cells == sorted(cells)
    assert all(0 <= cell < width for cell in cells)
    assert all(0 <= place_of(cell, width, count) < count for cell in range(-2, width + 3))
    if 2 <= count <= width:
        assert [place_of(cell, width, count) for cell in cells] == list(range(count))
    if width > 1:
        assert (place_of(0, width, count), place_of(width - 1, width, count)) == (0, count - 1)


@given(_marks, st.integers(1, 120), st.data())
def test_the_line_is_as_long_as_its_place_and_shows_where_one_is(
    marks: list[Mark], width: int, data: st.DataObject
) -> None:
    here = data.draw(st.integers(0, len(marks) - 1))
    line = line_content(marks, here, width)
    assert line.cell_length == width
    assert line.plain[cell_of(here, width, len(marks))] == "◆"
    assert line.plain.count("◆") == 1
    assert "?" not in ascii_of(line.plain)


def test_each_mark_has_a_sign_of_its_own_in_ascii_too() -> None:
    line = line_content([*Mark, Mark.QUIET], 4, 5).plain
    assert line == "─·✗●◆"
    assert ascii_of(line) == "-.x*+"


@pytest.mark.parametrize(
    ("marks", "sign"),
    [
        ((Mark.STEP, Mark.FAILED, Mark.QUIET), "✗"),
        ((Mark.FAILED, Mark.CHANGE, Mark.STEP), "●"),
        ((Mark.QUIET, Mark.STEP, Mark.QUIET), "·"),
    ],
)
def test_of_many_looks_in_one_cell_the_most_telling_is_shown(marks: tuple[Mark, ...], sign: str) -> None:
    line = line_content([*marks, *[Mark.QUIET] * 97], 99, 4)
    assert line.plain[0] == sign
