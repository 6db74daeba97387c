"""What is painted on every screen: words that can be read in each theme, and nothing but ASCII where that is wanted."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from rich.style import Style
from textual.color import Color
from textual.theme import Theme

from tests.screens.conftest import running, stage_on
from tests.screens.stage import LARGE, Stage
from tests.unit.test_themes import LEAST, luminance
from tui_app.filters import PlainAscii
from tui_app.sandbox.server import Sandbox
from tui_app.themes import TERMINAL, THEMES

# Every screen and every dialog, by the keys that lead there from the one before, and its name.
DEMO: tuple[tuple[tuple[str, ...], str], ...] = (
    ((), "ConnectionsScreen"),
    (("slash",), "ConnectionsScreen"),
    (("n", "o", "colon", "x"), "ConnectionsScreen"),  # a filter that nobody knows
    (("escape", "escape", "question_mark"), "HelpDialog"),
    (("escape", "f12"), "LogDialog"),
    (("escape", "ctrl+o"), "JumpScreen"),
    (("escape", "ctrl+p"), "Palette"),
    (("escape", "Y"), "CopyMenu"),
    (("t",), "CopyMenu"),  # asks before a token is copied
    (("escape", "escape", "s"), "SyncDialog"),
    (("escape", "space", "down", "space", "down", "space"), "ConnectionsScreen"),
    (("s",), "BulkScreen"),
    (("ctrl+s",), "BulkSyncDialog"),
    (("enter",), "BulkScreen"),
    (("escape", "t"), "BulkScreen"),
    (("ctrl+s",), "TagsDialog"),
    (("x", "enter"), "BulkScreen"),
    (("escape", "escape", "home", "enter"), "ConnectionScreen"),
    (("tab",), "ConnectionScreen"),
    (("tab",), "ConnectionScreen"),
    (("tab",), "ConnectionScreen"),
    (("D",), "OrderDialog"),
    (("escape", "b"), "HandOverDialog"),
    (("b",), "HandOverDialog"),
    (("escape", "e"), "EditConnectionScreen"),
    (("escape", "p"), "PassthroughScreen"),
    (("slash", "v", "ctrl+s"), "PassthroughScreen"),
    (("escape", "escape", "w"), "SyncScreen"),
    (("space", "space"), "SyncScreen"),
    (("t", "home"), "SyncScreen"),  # as it was
    (("end", "d"), "SyncPicker"),  # there is no other one
    (("x", "enter"), "ComparisonScreen"),  # and none of this ID
    (("escape", "escape", *"/frank", "enter", "w"), "SyncScreen"),
    (("d",), "SyncPicker"),
    (("enter",), "ComparisonScreen"),
    (("escape", "escape", "escape"), "ConnectionsScreen"),
    (("escape", "escape", "n"), "CreateScreen"),
    (("g", "e", "o"), "CreateScreen"),
    (("down", "enter", "ctrl+s"), "CreateScreen"),  # what is missing is said on its field
    (("escape", "escape", "L"), "LinkScreen"),
    (("ctrl+s",), "LinkScreen"),
    (("escape", "4"), "RequestsScreen"),
    (("slash", "i", "s", "colon", "x"), "RequestsScreen"),  # a filter that nobody knows
    (("escape", "escape", "h"), "HarDialog"),
    (("escape", "Y"), "CopyMenu"),
    (("escape", "home", "enter"), "ExchangeScreen"),
    (("slash", "c", "o", "n", "enter", "n"), "ExchangeScreen"),
    (("escape", "minus"), "ExchangeScreen"),
    (("escape", "escape", "2"), "IssuesScreen"),
    (("slash", "n", "o", "colon", "x"), "IssuesScreen"),  # a filter that nobody knows
    (("enter", "escape", "enter", "v"), "OrderDialog"),
    (("escape", "3"), "WatchingScreen"),
    (("p", "m"), "WatchingScreen"),
    (("6",), "SandboxScreen"),
    (("c",), "ConnectionPicker"),
    (("escape", "f"), "FaultsScreen"),
    (("down", "v", "minus", "o"), "OperationPicker"),
    (("escape", "escape", "escape", "5"), "ProfilesScreen"),
    (("a",), "ProfileDialog"),
    (("enter",), "ProfileDialog"),
    (("escape", "down", "down", "down", "o"), "KeyDialog"),
    (("escape", "escape"), "ConnectionsScreen"),
)
STUUT: tuple[tuple[tuple[str, ...], str], ...] = (
    (("right_square_bracket",), "ConnectionsScreen"),
    (("enter",), "ConnectionScreen"),
    (("tab",), "ConnectionScreen"),
    (("e",), "EditConnectionScreen"),
    (("escape", "escape", "w"), "SyncScreen"),
    (("escape", "n"), "NewConnectionScreen"),
)


async def walk(stage: Stage, look: Callable[[str], None]) -> None:
    """Go to every screen and every dialog, and look at each."""
    for keys, name in DEMO + STUUT:
        await stage.press(*keys)
        if name in ("SyncScreen", "SyncPicker"):
            await stage.pass_time(1)  # the budget is spent by now: what is to be seen of a sync waits for more of it
        assert type(stage.app.screen).__name__ == name, (keys, stage.text)
        look(f"{name} after {' '.join(keys)}")


def pieces(stage: Stage) -> Iterator[tuple[str, Style]]:
    """Everything that is painted, as text and style."""
    for strip in stage.app.screen._compositor.render_strips():
        for segment in strip:
            yield segment.text, segment.style or Style.null()


def is_text(text: str) -> bool:
    """Whether there is anything to read: lines, corners and bars are no text."""
    return any(unicodedata.category(c)[0] in "LNPS" and not "\u2500" <= c <= "\u259f" for c in text)


def as_seen(style: Style) -> tuple[Color, Color]:
    """The colours of a text and of its ground, as the eye gets them."""
    text, ground = style.color, style.bgcolor
    assert text is not None
    assert ground is not None
    assert text.triplet is not None, style
    assert ground.triplet is not None, style
    seen, behind = Color.from_rich_color(text), Color.from_rich_color(ground)
    if style.reverse:
        seen, behind = behind, seen
    return (seen.blend(behind, 0.5) if style.dim else seen), behind


def contrast(style: Style) -> float:
    dark, light = sorted(luminance(colour) for colour in as_seen(style))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", THEMES[:3], ids=lambda theme: theme.name)
async def test_every_word_on_every_screen_stands_out(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, theme: Theme
) -> None:
    monkeypatch.setenv("SYNCSCOPE_THEME", theme.name)
    stage = stage_on(sandbox, tmp_path, in_hand=True)
    faint: dict[str, tuple[float, str]] = {}

    def look(where: str) -> None:
        if where.startswith("Palette"):
            return  # what is behind it is dimmed on purpose
        for text, style in pieces(stage):
            if is_text(text) and (found := contrast(style)) < LEAST:
                faint.setdefault(f"{style}", (round(found, 2), f"{text.strip()} on {where}"))

    async with running(stage, LARGE):
        await walk(stage, look)
    assert faint == {}


async def test_in_ascii_and_the_terminals_own_colours_nothing_else_is_painted_on_any_screen(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """How the sixteen colours look is the terminal's own matter: no contrast can be told, so they stand on its ground.

    None but the sixteen is asked for, and no word has the colour of its ground.
    """
    monkeypatch.setenv("SYNCSCOPE_THEME", TERMINAL.name)
    stage = stage_on(sandbox, tmp_path, in_hand=True)
    stage.app._cell_filters = [PlainAscii()]

    def look(where: str) -> None:
        for text, style in pieces(stage):
            assert text.isascii(), (where, text)
            if "Palette" not in where:
                for colour in (style.color, style.bgcolor):
                    assert colour is None or colour.is_default or (colour.number or 0) < 16, (where, text, style)
                    assert colour is None or colour.triplet is None, (where, text, style)

    async with running(stage, LARGE):
        await walk(stage, look)
