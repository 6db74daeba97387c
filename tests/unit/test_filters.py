"""What is painted where a terminal shows less: nothing but ASCII, or no colours, each cell where it was."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.color import Color

from tui_app.filters import NoColours, PlainAscii, SolidBlocks, ascii_of

BLACK = Color(0, 0, 0)


@given(st.text())
def test_every_text_becomes_ascii_of_the_same_width(text: str) -> None:
    plain = ascii_of(text)
    assert plain.isascii()
    assert cell_len(plain) == cell_len(text)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("● connected", "* connected"),
        ("✗ failing", "x failing"),
        ("◐ ◌ ◔ ○ ✓ ▫ ◇", "~ . ? o v - ?"),
        ("Transport Trépanier … 84 %", "Transport Trepanier . 84 %"),
        ("━━╸──", "===--"),
        ("東京", "????"),
    ],
)
def test_signs_have_their_likes(text: str, plain: str) -> None:
    assert ascii_of(text) == plain


def test_every_sign_of_our_own_has_a_like() -> None:
    ours = Path(__file__).parents[2] / "tui_app"
    signs = set()
    for folder in ("screens", "widgets"):
        for path in (ours / folder).glob("*.py"):
            signs |= set(re.findall(r"[^ -~\n]", path.read_text()))
    assert len(signs) > 20
    assert {sign for sign in signs if ascii_of(sign) == "?"} <= set("◔◇")


def test_styles_stay_where_only_the_text_is_plain() -> None:
    style = Style(color="red", bold=True)
    assert PlainAscii().apply([Segment("●", style)], BLACK) == [Segment("*", style)]


def test_without_colours_weight_and_reversal_are_left() -> None:
    style = Style(color="red", bgcolor="blue", bold=True, reverse=True, underline=True)
    (painted,) = NoColours().apply([Segment("●", style)], BLACK)
    assert painted.text == "●"
    assert painted.style == Style(bold=True, reverse=True, underline=True)
    assert NoColours().apply([Segment("x")], BLACK) == [Segment("x")]


def test_full_blocks_are_painted_as_what_is_behind_letters() -> None:
    style = Style(color="red", bgcolor="blue")
    painted = SolidBlocks().apply([Segment("██▌ 4 %", style), Segment("█"), Segment("x", style)], BLACK)
    solid = Segment("  ", Style(color="red", bgcolor="red"))
    assert painted == [solid, Segment("▌ 4 %", style), Segment("█"), Segment("x", style)]
