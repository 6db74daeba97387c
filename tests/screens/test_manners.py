"""The manners of a tool one keeps: how times are told, plain terminals, small ones, keys of one's own, being told."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from tests.clocks import until
from tests.screens.conftest import Opening, running, stage_on
from tests.screens.stage import LARGE, MEDIUM, SMALL, Stage
from tui_app.filters import PlainAscii
from tui_app.models.settings import Settings
from tui_app.sandbox.server import Sandbox
from tui_app.screens.connection import ConnectionScreen
from tui_app.screens.connections import ConnectionsScreen
from tui_app.themes import THEMES


def liking(stage: Stage, settings: Settings) -> Stage:
    """The app, not yet running, of somebody who likes things so."""
    stage.app.settings = settings
    stage.app.set_keymap(dict(settings.keys))
    return stage


async def test_one_key_tells_times_in_another_zone(sandbox: Sandbox, tmp_path: Path) -> None:
    stage = liking(stage_on(sandbox, tmp_path), Settings(zone="America/Chicago"))
    async with running(stage, MEDIUM):
        assert "14:02 local" in stage.lines[0]
        await stage.press("z")
        assert "14:02 UTC" in stage.lines[0]
        await stage.press("z")
        assert "08:02 America/Chicago" in stage.lines[0]
        await stage.press("z")
        assert "14:02 local" in stage.lines[0]


async def test_one_key_tells_ages_exactly_and_back(opened: Opening) -> None:
    async with opened(MEDIUM) as stage:
        assert "days ago" in stage.text
        await stage.press("Z")
        assert " ago" not in "\n".join(stage.lines[4:20])
        assert re.search(r"failed ≤ \d+ Nov \d\d:\d\d ", stage.text)
        await stage.press("Z")
        assert "days ago" in stage.text


@pytest.mark.parametrize("size", [(59, 40), (120, 15), (20, 5)])
async def test_a_terminal_that_is_too_small_says_so(opened: Opening, size: tuple[int, int]) -> None:
    async with opened(size) as stage:
        assert "The terminal is too small" in stage.words
        assert f"{size[0]}×{size[1]}" in stage.text
        assert "60×16" in stage.text
        await stage.pilot.resize_terminal(*MEDIUM)
        await until(lambda: "16 connections" in stage.text)  # the app gathers sizes for a moment
        assert "too small" not in stage.text


async def test_nothing_that_is_pressed_acts_where_the_terminal_is_too_small_to_show_it(opened: Opening) -> None:
    async with opened(MEDIUM) as stage:
        await stage.press("enter")
        before = stage.app.screen
        await stage.pilot.resize_terminal(50, 10)
        await until(lambda: "too small" in stage.words)
        await stage.press("D", "tab", "enter", "escape")
        assert stage.app.screen is before
        await stage.pilot.resize_terminal(*MEDIUM)
        await until(lambda: "Overview" in stage.text)
        await stage.press("D")
        assert stage.app.screen is not before


async def test_a_dialog_says_so_too_and_is_as_it_was_once_there_is_room(opened: Opening) -> None:
    async with opened(MEDIUM) as stage:
        await stage.press("enter", "D")
        assert "Leave it" in stage.text
        await stage.pilot.resize_terminal(50, 10)
        await until(lambda: "too small" in stage.words)
        assert "Delete" not in stage.text
        await stage.pilot.resize_terminal(*MEDIUM)
        await until(lambda: "Leave it" in stage.text)
        assert "too small" not in stage.text


async def test_plain_ascii_paints_nothing_else_on_any_screen(sandbox: Sandbox, tmp_path: Path) -> None:
    stage = stage_on(sandbox, tmp_path)
    stage.app._cell_filters = [PlainAscii()]
    async with running(stage, MEDIUM):
        for keys in ((), ("enter",), ("tab",), ("tab",), ("escape", "n"), ("escape", "5"), ("1", "question_mark")):
            await stage.press(*keys)
            assert stage.text.isascii(), keys
        assert "Enter" in stage.text or "enter" in stage.text


async def test_without_colours_the_row_under_the_cursor_stands_out(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with running(stage_on(sandbox, tmp_path), MEDIUM) as stage:
        styles = [
            segment.style
            for strip in stage.app.screen._compositor.render_strips()
            for segment in strip
            if segment.style is not None
        ]
        assert not [style for style in styles if style.color is not None or style.bgcolor is not None]
        assert [style for style in styles if style.reverse]


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
async def test_in_every_theme_each_state_is_told_by_its_word(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, theme: object
) -> None:
    monkeypatch.setenv("SYNCSCOPE_THEME", getattr(theme, "name", ""))
    async with running(stage_on(sandbox, tmp_path), MEDIUM) as stage:
        screen = stage.app.screen
        assert isinstance(screen, ConnectionsScreen)
        for row in screen.table.rows:
            assert row.state.word in stage.text


async def test_a_key_goes_from_theme_to_theme_and_says_which(opened: Opening) -> None:
    async with opened() as stage:
        names = []
        for _ in THEMES:
            await stage.press("f2")
            names.append(stage.app.theme)
            assert any(f"Theme: {stage.app.theme.removeprefix('syncscope-')}" in toast for toast in stage.toasts)
        assert sorted(names) == sorted(theme.name for theme in THEMES)


async def test_an_action_can_be_given_another_key(sandbox: Sandbox, tmp_path: Path) -> None:
    stage = liking(stage_on(sandbox, tmp_path), Settings(keys={"connections.open": "o"}))
    async with running(stage, SMALL):
        await stage.press("o")
        assert isinstance(stage.app.screen, ConnectionScreen)


async def test_keys_as_in_vi_move_in_the_list(opened: Opening) -> None:
    async with opened() as stage:
        screen = stage.app.screen
        assert isinstance(screen, ConnectionsScreen)
        await stage.press("j", "j", "k")
        assert screen.table.cursor == 1
        await stage.press("G")
        assert screen.table.cursor == len(screen.table.rows) - 1
        await stage.press("g")
        assert screen.table.cursor == 0


async def test_a_setting_that_cannot_be_used_is_said(sandbox: Sandbox, tmp_path: Path) -> None:
    stage = liking(stage_on(sandbox, tmp_path), Settings(problems=("settings.toml: there is no setting “colour”",)))
    async with running(stage, SMALL):
        assert any("there is no setting “colour”" in toast for toast in stage.toasts)


async def test_whatever_cannot_be_used_of_ones_settings_is_said_all_together(sandbox: Sandbox, tmp_path: Path) -> None:
    keys = {"nope.nope": "Q", "connections.request_sync": "Shift+Banana", "connections.create": "q"}
    wrong = tuple(f"settings.toml: the {number}. problem" for number in range(1, 5))
    stage = liking(stage_on(sandbox, tmp_path), Settings(theme="pink", keys=keys, problems=wrong))
    async with running(stage, LARGE):
        said = " ".join(" ".join(stage.toasts).split())
        for problem in (*wrong, "no theme “pink”", "no action “nope.nope”", "no key “Shift+Banana”"):
            assert problem in said
        assert "the key q is that of “app.quit”, too" in said
        await stage.press("s")
        assert "Request a sync" in stage.text  # it kept the key that it had


async def test_the_end_of_a_followed_sync_runs_the_hook_once(sandbox: Sandbox, tmp_path: Path) -> None:
    sandbox.add_integration(company="Aa Works", models=("customers",))
    out = tmp_path / "ended"
    code = "import os, sys; open(sys.argv[1], 'a').write(os.environ['SYNCSCOPE_EVENT'] + '\\n')"
    settings = Settings(hook=(sys.executable, "-c", code, str(out)))
    stage = liking(stage_on(sandbox, tmp_path, "demo-stuut", speed=30), settings)
    async with running(stage, MEDIUM):
        await stage.press("/")
        await stage.type("aa works")
        await stage.press("enter", "s", "enter")
        await stage.see("✓ Completed")
        await until(out.exists)
        await until(lambda: bool(out.read_text()))
        assert out.read_text() == "succeeded\n"


async def test_help_and_palette_tell_the_keys_that_a_person_chose(sandbox: Sandbox, tmp_path: Path) -> None:
    stage = liking(stage_on(sandbox, tmp_path), Settings(keys={"connections.request_sync": "f9"}))
    async with running(stage, MEDIUM):
        await stage.press("question_mark")
        assert "f9 Request a sync of the selected connection" in stage.words
        await stage.press("escape", "ctrl+p")
        await stage.type("Request a sync")
        await stage.see("(f9)")


async def test_help_says_which_keys_do_nothing_here(sandbox: Sandbox, tmp_path: Path) -> None:
    async with running(stage_on(sandbox, tmp_path, "demo-stuut"), MEDIUM) as stage:
        await stage.press("enter", "question_mark")
        assert "Delete this connection. (not here, or not now)" in stage.words
        assert "Request a sync of this connection and watch it. (" not in stage.words
