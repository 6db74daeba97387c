"""Time travel on a sync's screen: all of it as it was at any look, and nothing requested there by mistake."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.screens.conftest import Scripted, running, stage_on
from tests.screens.scripted import Terminal, issue, sync
from tests.screens.stage import MEDIUM, SIZES, SMALL, Stage
from tests.screens.test_integrations import synced
from tests.servers import Reply
from tui_app.sandbox.server import Sandbox
from tui_app.screens.json_dialog import JsonDialog
from tui_app.screens.orders import OrderDialog
from tui_app.screens.sync import SyncScreen
from tui_app.widgets.timeline import Timeline, TravelBar

PAST = "As it was at "


def screen(stage: Stage) -> SyncScreen:
    assert isinstance(stage.app.screen, SyncScreen), stage.text
    return stage.app.screen


async def look(stage: Stage, terminal: Terminal, **fields: Any) -> None:
    """Look once more, at a sync that is now so."""
    terminal.last_sync = sync(**fields)
    await stage.pass_time(0.3)  # a held key looks no more often than four times a second
    await stage.press("space")


async def story(stage: Stage, terminal: Terminal) -> None:
    """A sync that moves, meets an issue, cannot be looked at for once, and moves on: the list's look, and five more."""
    await stage.press("w")
    await look(stage, terminal, progress=50)
    await look(stage, terminal, progress=60, issues=[issue()])
    terminal.replies["GET", "/syncs/…"] = Reply(500)
    await look(stage, terminal)
    del terminal.replies["GET", "/syncs/…"]
    await look(stage, terminal, progress=70, issues=[issue()], attempts=2)
    watch = screen(stage)._watch
    assert watch is not None
    assert len(watch.observations) == 6


def there(stage: Stage) -> list[str]:
    """What the screen says besides the bar that tells the past, and empty lines."""
    height = stage.app.screen.query_one(TravelBar).region.height
    return [line for line in stage.lines[1 + height : -1] if line.strip(" │")]


async def test_the_screen_is_as_it_was_at_each_look(scripted: Scripted) -> None:
    terminal = Terminal(last_sync=sync(progress=40))
    async with scripted(terminal, MEDIUM) as stage:
        await story(stage, terminal)
        for action in ("earlier", "later", "earliest", "now", "change_before", "change_after"):
            assert stage.app.screen.check_action(action, ()) is False  # these keys scroll
        await stage.press("t")
        assert "6 of 6 observations · End or t goes back to now" in stage.lines[1]
        await stage.press("left")
        assert "5 of 6" in stage.lines[1]
        assert "Could not look: " in stage.words
        assert "60 %" in stage.text  # what was seen before stands
        await stage.press("left")
        assert "Could not look" not in stage.text
        assert "issue + permission_missing" in stage.text
        assert "attempts 1 → 2" not in stage.text
        await stage.press("home")
        assert "1 of 6" in stage.lines[1]
        assert "40 %" in stage.text
        assert "permission_missing" not in stage.text
        await stage.press("left")
        assert "1 of 6" in stage.lines[1]
        await stage.press("right_square_bracket")
        assert "4 of 6" in stage.lines[1]  # the second look saw nothing but progress
        await stage.press("left_square_bracket", "right", "right")
        assert "50 %" in stage.text
        await stage.press("j")
        assert isinstance(stage.app.screen, JsonDialog)
        assert '"progress": 50' in stage.text
        await stage.press("escape", "end")
        assert PAST not in stage.text
        assert "70 %" in stage.text
        assert "attempt 2" in stage.text


@pytest.mark.parametrize("size", SIZES)
async def test_the_bar_fits_at_every_size_and_one_that_ended_long_ago_has_its_one_look(
    scripted: Scripted, size: tuple[int, int]
) -> None:
    ended = sync(status="completed", progress=100, completedAt="2026-11-22T13:30:00.000Z")
    async with scripted(Terminal(last_sync=ended), size) as stage:
        await stage.press("w")
        now = there(stage)
        await stage.press("t")
        assert f"{PAST}14:02:00 · 1 of 1 observation · End or t goes back to now" in stage.lines[1]
        assert "14:02:00 ◆──" in stage.lines[2]
        assert "nothing is requested in the past" in stage.lines[3]
        assert ("✗ could not look" in stage.lines[3]) is (size[0] >= 120)
        assert "…" not in stage.lines[3]
        assert there(stage) == now
        await stage.press("escape")
        assert PAST not in stage.text
        screen(stage)._watch = None  # as before the first look
        await stage.press("t")
        assert PAST not in stage.text
        assert any("there is no past to go to" in toast for toast in stage.toasts)


async def test_what_is_seen_meanwhile_is_kept_and_drawn_when_one_is_back(scripted: Scripted) -> None:
    terminal = Terminal(last_sync=sync(progress=40))
    async with scripted(terminal, MEDIUM) as stage:
        await stage.press("w", "t")
        before = stage.lines[1:-1]
        terminal.last_sync = sync(progress=99)
        await stage.pass_time(5)
        assert stage.lines[1:-1] == before
        await stage.press("t")
        assert PAST not in stage.text
        assert "99 %" in stage.text
        await stage.press("t", "home")
        assert "1 of 1 " not in stage.lines[1]
        assert "40 %" in stage.text


async def test_nothing_is_requested_in_the_past_and_the_key_says_why(scripted: Scripted) -> None:
    terminal = Terminal(last_sync=sync())
    async with scripted(terminal, SMALL) as stage:
        await stage.press("w", "t")
        sent = len(terminal.requests)
        for key, name in (
            ("s", "sync again"),
            ("x", "cancel"),
            ("r", "try again"),
            ("space", "look now"),
            ("p", "pause"),
        ):
            await stage.press(key)
            screen(stage)
            assert stage.toasts[-1].startswith(f"Not in the past: {name}\nThis is how it was at 14:02:00: here nothing")
        assert len(terminal.requests) == sent
        watch = screen(stage)._watch
        assert watch is not None
        assert not watch.paused
        await stage.press("end", "x")  # and back in the present it asks again
        assert isinstance(stage.app.screen, OrderDialog)


async def test_a_click_and_a_drag_on_the_line_go_to_a_look(scripted: Scripted) -> None:
    terminal = Terminal(last_sync=sync(progress=40))
    async with scripted(terminal, MEDIUM) as stage:
        await story(stage, terminal)
        await stage.press("t")
        line = stage.app.screen.query_one(Timeline)
        await stage.pilot.click(line, offset=(0, 0))
        await stage.rest()
        assert "1 of 6" in stage.lines[1]
        await stage.pilot.mouse_down(line, offset=(0, 0))
        await stage.pilot.hover(line, offset=(line.size.width // 2, 0))
        await stage.rest()
        assert "4 of 6" in stage.lines[1]
        await stage.pilot.hover(line, offset=(line.size.width - 1, 0))
        await stage.pilot.mouse_up(line, offset=(line.size.width - 1, 0))
        await stage.rest()
        assert "6 of 6" in stage.lines[1]
        await stage.pilot.hover(line, offset=(0, 0))
        await stage.rest()
        assert "6 of 6" in stage.lines[1]  # the drag is over


async def test_the_models_of_the_other_kind_are_as_they_were(sandbox: Sandbox, tmp_path: Path) -> None:
    sandbox.add_integration(company="Aa Works", models=("customers", "invoices"))
    async with running(stage_on(sandbox, tmp_path, "demo-stuut", speed=600), MEDIUM) as stage:
        await synced(stage, "Aa Works")
        await stage.see("2 of 2 ended", within=600)
        await stage.press("t", "home")
        assert "Models 0 of 2 ended" in stage.text
        assert "○ completed" in stage.text
        await stage.press("end")
        assert "Models 2 of 2 ended" in stage.text
