"""What happens before the first paint, and what must not: looked at in a process of its own, without a terminal."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.clocks import until
from tests.screens.conftest import Opening, running, stage_on
from tests.screens.stage import MEDIUM, store
from tui_app.app import Syncscope
from tui_app.sandbox.process import SandboxProcess
from tui_app.sandbox.server import Sandbox
from tui_app.screens.connections import ConnectionsScreen
from tui_app.widgets.table import Table

START = """
import collections, json, sys
from textual.css import stylesheet
from tui_app.app import Syncscope
from tui_app.models.settings import Settings

read, styled = collections.Counter(), collections.Counter()

def parse(scope, css, read_from, *rest, before=stylesheet.parse, **more):
    read[str(read_from[0])] += 1
    return before(scope, css, read_from, *rest, **more)

def apply(self, node, *rest, before=stylesheet.Stylesheet.apply, **more):
    if node.is_attached and node is not node.app and node is not node.screen:
        styled[f"{type(node).__name__}#{node.id}-{id(node)}"] += 1
    return before(self, node, *rest, **more)

stylesheet.parse, stylesheet.Stylesheet.apply = parse, apply

class Painted(Syncscope):
    def _start(self):
        found = {"modules": sorted(sys.modules), "read": read.most_common(), "styled": styled.most_common(3)}
        print(json.dumps(found), file=sys.__stdout__)
        self.exit()

Painted(settings=Settings()).run(headless=True, size=(120, 40))
"""

LATER = {
    *("httpx", "pydantic", "fastapi", "uvicorn", "sqlite3", "tomlkit", "typer", "importlib.metadata", "pygments.lexer"),
    *("tui_app.workspace", "tui_app.opening", "tui_app.api", "tui_app.config.profiles", "tui_app.history"),
    *("tui_app.changes", "tui_app.notices", "tui_app.palette", "tui_app.screens.landing", "tui_app.screens.log"),
    *("tui_app.models.filter", "tui_app.models.pasted", "tui_app.findings", "tui_app.widgets.preview"),
}
"""What only rows, words in the filter, or whatever happens later need."""


@pytest.fixture(scope="module")
def painted(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What was imported, read and styled by the first paint."""
    environ = {"HOME": str(tmp_path_factory.mktemp("home")), "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run([sys.executable, "-c", START], env=environ, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_by_the_first_paint_nothing_is_imported_that_it_does_not_need(
    painted: dict[str, Any],
) -> None:
    assert "tui_app.screens.connections" in painted["modules"]
    assert not LATER & {str(name) for name in painted["modules"]}


def test_by_the_first_paint_each_style_sheet_is_read_once(painted: dict[str, Any]) -> None:
    times = {str(source): times for source, times in painted["read"] if str(source).endswith(".tcss")}
    assert set(times.values()) == {1}
    assert len(times) == len(ConnectionsScreen.CSS_PATH) + len(Syncscope.CSS_PATH)


def test_by_the_first_paint_each_widget_is_styled_as_it_is_mounted_and_as_it_is_focused(
    painted: dict[str, Any],
) -> None:
    (_, most), (_, second), _ = painted["styled"]
    assert (most, second) == (3, 2)  # as its screen comes to the front, too: else layouts were lost


@pytest.mark.parametrize(
    ("size", "classes"),
    [
        ((60, 29), {"-narrow", "-short"}),
        ((99, 30), {"-narrow", "-tall"}),
        ((100, 24), {"-medium", "-short"}),
        ((119, 40), {"-medium", "-tall"}),
        ((120, 40), {"-wide", "-tall"}),
    ],
)
async def test_a_screen_begins_with_the_classes_of_the_widest_and_the_tallest_that_it_reaches(
    sandbox: Sandbox, tmp_path: Path, size: tuple[int, int], classes: set[str]
) -> None:
    async with running(stage_on(sandbox, tmp_path), size) as stage:
        shown = {name for name in stage.app.screen.classes if name[1:] in ("narrow", "medium", "wide", "short", "tall")}
        assert shown == classes


async def test_another_word_in_the_line_on_top_does_not_paint_the_whole_screen(
    opened: Opening, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened() as stage:
        painted: list[object] = []
        kind = type(stage.app.screen)
        refresh = kind.refresh

        def noted(screen: Any, *regions: Any, **how: Any) -> Any:
            painted.extend([] if regions else [how])
            return refresh(screen, *regions, **how)

        monkeypatch.setattr(kind, "refresh", noted)
        stage.app.status = replace(stage.app.status, health="slow")
        await stage.rest()
        assert "slow" in stage.text
        assert painted == []


async def test_garbage_is_looked_for_again_once_a_profile_is_open(opened: Opening) -> None:
    gc.disable()
    try:
        async with opened() as stage:
            assert stage.app.workspace is not None
            assert gc.isenabled()
    finally:
        gc.enable()


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> list[SandboxProcess]:
    """Every server that was begun in a process of its own."""
    made: list[SandboxProcess] = []

    class Noted(SandboxProcess):
        def __init__(self, speed: float) -> None:
            super().__init__(speed)
            made.append(self)

    monkeypatch.setattr("tui_app.sandbox.process.SandboxProcess", Noted)
    return made


async def test_the_demos_server_has_a_process_of_its_own_which_ends_with_the_app(
    begun: list[SandboxProcess], tmp_path: Path
) -> None:
    app = Syncscope("demo", store(tmp_path), demo_speed=2)
    async with app.run_test(size=MEDIUM):
        await until(lambda: app.workspace is not None and app.workspace.reading.complete)
        assert app.workspace is not None
        assert (app.workspace.sandbox, app.workspace.speed) == (begun[0], 2)
        assert not begun[0].has_ended
    assert [each.has_ended for each in begun] == [True]


def shown(app: Syncscope) -> str:
    """Everything on screen."""
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())


async def test_where_the_demos_server_ended_by_itself_this_is_said_and_reading_again_brings_a_new_one(
    begun: list[SandboxProcess], tmp_path: Path
) -> None:
    app = Syncscope("demo", store(tmp_path))
    async with app.run_test(size=MEDIUM, notifications=True) as pilot:
        await until(lambda: app.workspace is not None and app.workspace.reading.complete)
        begun[0].stop()
        await until(lambda: any("has ended" in toast.message for toast in app._notifications))
        await until(lambda: "Press R for a new one, 5 to open another profile." in shown(app))
        await pilot.press("R")
        await until(lambda: len(begun) == 2 and app.workspace is not None and not app.workspace.ended)
    assert [each.has_ended for each in begun] == [True, True]


async def test_a_server_that_was_begun_and_is_not_opened_any_more_ends_with_the_app(
    begun: list[SandboxProcess], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Syncscope, "open_profile", lambda app, name: app.exit())
    app = Syncscope("demo", store(tmp_path))
    async with app.run_test(size=MEDIUM):
        await until(lambda: bool(begun))
    assert [each.has_ended for each in begun] == [True]


async def test_the_first_rows_are_drawn_as_they_come(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui_app.screens.connections.OFTEN", 3600.0)
    app = Syncscope("demo", store(tmp_path))
    async with app.run_test(size=MEDIUM):
        await until(lambda: len(app.screen.query_one(Table).rows) > 0)
