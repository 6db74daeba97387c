"""Faults in hand: each is told of, switched on and off, and what it looks like is seen."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.clocks import until
from tests.screens.conftest import running, stage_on
from tests.screens.stage import LARGE, MEDIUM, SIZES, SMALL, Stage
from tests.screens.test_sandbox import in_hand
from tui_app.sandbox.faults import FAULTS, STUUT
from tui_app.sandbox.faults.board import parsed, typed
from tui_app.sandbox.server import Sandbox
from tui_app.screens.faults import NONE_ON, FaultsScreen, OperationPicker
from tui_app.screens.sandbox import SandboxScreen
from tui_app.widgets.status_bar import Status, StatusBar


def shown(stage: Stage) -> FaultsScreen:
    assert isinstance(stage.app.screen, FaultsScreen), stage.text
    return stage.app.screen


def on(sandbox: Sandbox) -> list[str]:
    """The faults that are on, as they are typed."""
    return [typed(each) for each in sandbox.faults.on]


async def select(stage: Stage, name: str) -> None:
    assert shown(stage).table.select(name)
    await stage.rest()


@pytest.mark.parametrize("size", SIZES)
async def test_every_fault_is_listed_and_told_of_without_scrolling(
    sandbox: Sandbox, tmp_path: Path, size: tuple[int, int]
) -> None:
    async with in_hand(sandbox, tmp_path, size) as stage:
        assert "f faults: none on" in stage.text
        await stage.press("f")
        assert NONE_ON in stage.text
        # Those of which most is to be said: where they fit, the others do.
        assert all(fault.title in stage.text for fault in FAULTS)
        for fault in sorted(FAULTS, key=lambda fault: -len(fault.what + fault.support_sees))[:4]:
            await select(stage, fault.name)
            assert fault.what.split()[-1] in stage.words
            assert fault.support_sees.split()[-1] in stage.words
            assert shown(stage).query_one("FaultView").max_scroll_y == 0, fault.name
        assert shown(stage).table.max_scroll_y == 0


async def test_a_fault_is_set_and_switched_by_keys_and_every_screen_says_that_one_is_on(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    async with in_hand(sandbox, tmp_path, SMALL) as stage:
        await stage.press("f", "down", "v", "v", "minus", "minus", "o")
        assert type(stage.app.screen) is OperationPicker
        await stage.press("down", "enter")
        line = stage.line("Too many requests (429)")
        assert line.split("(429)")[1].split() == ["○", "off", "30", "%", "reads", "date,", "12", "s"]
        assert on(sandbox) == []
        await stage.press("space")
        assert on(sandbox) == ["rate-limit=date:30:reads"]
        assert "faults  1 on: Too many requests (429) 30 %" in stage.text
        assert "faults on" in stage.lines[0]
        await stage.press("+")
        assert on(sandbox) == ["rate-limit=date:50:reads"]
        await stage.press("y")
        assert stage.clipboard == "syncscope sandbox --fault rate-limit=date:50:reads"
        await stage.press("escape")
        assert "f faults: 1 on" in stage.text
        await stage.press("1")
        assert "Company" in stage.text
        assert "faults on" in stage.lines[0]
        await stage.press("6", "f", "down", "enter")
        assert on(sandbox) == []
        assert "faults on" not in stage.lines[0]
        assert "date, 12 s" in stage.line("Too many requests (429)")


async def test_one_key_ends_all_faults_here_and_on_the_scenarios_screen(sandbox: Sandbox, tmp_path: Path) -> None:
    async with in_hand(sandbox, tmp_path, MEDIUM) as stage:
        await stage.press("f", "space", "down", "space")
        assert on(sandbox) == ["latency", "rate-limit"]
        await stage.press("x")
        assert on(sandbox) == []
        assert NONE_ON in stage.text
        await stage.press("+", "end", "v")
        assert "100 % is the most." in stage.toasts[0]
        assert "There is nothing to set of it" in stage.toasts[1]
        await stage.press("space", "escape", "x")
        assert on(sandbox) == []
        assert "f faults: none on" in stage.text


async def test_by_mouse_a_fault_is_switched_and_all_are_ended(sandbox: Sandbox, tmp_path: Path) -> None:
    async with in_hand(sandbox, tmp_path, LARGE) as stage:
        await stage.click_text("f faults: none on")
        for _ in range(2):
            await stage.click_text("Truncated JSON     ")
        assert on(sandbox) == ["truncated-json"]
        await stage.click_text("where")
        await stage.click_text("listIssues")
        await stage.click_text("  Choose  ")
        assert on(sandbox) == ["truncated-json:100:listIssues"]
        await stage.click_text("end all")
        assert on(sandbox) == []


async def test_the_other_server_has_its_own_faults_and_6_leads_back_to_the_scenarios(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    async with in_hand(sandbox, tmp_path, MEDIUM, "demo-stuut") as stage:
        await stage.press("f")
        listed = [line.key for line in shown(stage).table.rows]
        assert listed == [fault.name for fault in FAULTS if STUUT in fault.kinds]
        await stage.press("6")
        assert isinstance(stage.app.screen, SandboxScreen)


async def test_on_the_list_each_looks_as_was_said_and_no_connection_is_lost(sandbox: Sandbox, tmp_path: Path) -> None:
    async with running(stage_on(sandbox, tmp_path, in_hand=True), MEDIUM) as stage:
        rows = len(stage.workspace.rows)
        for text, words in (
            ("broken-rows:50:listConnections", "rows could not be read"),
            ("unknown-status", "? quarantined"),
            ("drop-midway:100:listConnections", "offline since 14:02"),
            ("rate-limit", "degraded: 429, resuming in 12 s"),
        ):
            sandbox.faults.end_all()
            sandbox.faults.put(parsed(text))
            await stage.press("R")
            await stage.until(lambda words=words: words in stage.words, within=60)  # type: ignore[misc]
            assert len(stage.workspace.rows) == rows

        def left() -> float:
            resuming = stage.workspace.health.resuming_at
            return (resuming - stage.clock.now()).total_seconds() if resuming is not None else 0.0

        await stage.until(lambda: 0 < left() < 11, within=60)
        await until(lambda: f"degraded: 429, resuming in {left():.0f} s" in stage.lines[0])  # it is counted down


async def test_where_there_is_no_room_for_all_the_time_gives_way_to_the_servers_health(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    async with running(stage_on(sandbox, tmp_path, in_hand=True), SMALL) as stage:
        status = Status(
            "demo", "simulated", 30, faulty=True, health="degraded: 429, resuming in 12 s", time="14:02 UTC"
        )
        stage.app.screen.query_one(StatusBar).status = status
        await stage.rest()
        assert "SIMULATED ×30   faults on" in stage.lines[0]
        assert stage.lines[0].endswith("degraded: 429, resuming in 12 s")
