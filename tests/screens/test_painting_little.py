"""Nothing is painted but what has changed: neither what stands still, nor what nobody sees."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual._compositor import Compositor
from textual.geometry import Region

from tests.screens.conftest import Opening, Scripted
from tests.screens.scripted import Terminal, sync
from tests.screens.stage import LARGE
from tui_app.changes import RowChanged
from tui_app.screens.base import AppScreen
from tui_app.screens.connections import ConnectionsScreen
from tui_app.screens.issues import IssuesScreen
from tui_app.screens.profiles import ProfilesScreen
from tui_app.screens.requests import RequestsScreen
from tui_app.screens.sandbox import SandboxScreen
from tui_app.screens.sync import SyncScreen
from tui_app.screens.watching import WatchingScreen

WHOLE = Region(0, 0, *LARGE)


@pytest.fixture
def painted(monkeypatch: pytest.MonkeyPatch) -> list[set[Region]]:
    """What is painted from now on: of each time, the regions."""
    found: list[set[Region]] = []
    paint = Compositor.render_update

    def noted(self: Compositor, *given: object, **named: object) -> object:
        found.append(set(self._dirty_regions))
        return paint(self, *given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(Compositor, "render_update", noted)
    return found


async def test_a_look_at_a_followed_sync_paints_a_small_part_of_the_screen(
    scripted: Scripted, painted: list[set[Region]]
) -> None:
    terminal = Terminal(last_sync=sync(progress=40))
    async with scripted(terminal, LARGE) as stage:
        await stage.press("w")
        assert isinstance(stage.app.screen, SyncScreen)
        for percent in (41, 42, 43):  # from the third on, the journal's line stays where it is
            terminal.last_sync = sync(progress=percent)
            await stage.see(f"→ {percent}", within=30)
        painted.clear()
        terminal.last_sync = sync(progress=44)
        await stage.see("→ 44", within=30)
        assert painted
        assert max(sum(region.area for region in regions) for regions in painted) < WHOLE.area / 10


async def test_what_changes_behind_a_screen_paints_nothing_of_it(opened: Opening, painted: list[set[Region]]) -> None:
    async with opened(LARGE) as stage:
        await stage.press("5")  # a screen that hears of nothing
        await stage.press("1", "enter")
        behind, workspace = stage.app.screen_stack[0], stage.app.workspace
        assert isinstance(behind, ConnectionsScreen)
        assert workspace is not None
        assert not behind.is_current
        painted.clear()
        behind.table.refresh()
        stage.app.changes.publish(RowChanged("conn_of_nobody"))
        await stage.rest()
        assert WHOLE not in set().union(*painted)


async def test_a_look_that_finds_nothing_new_paints_no_row(opened: Opening, painted: list[set[Region]]) -> None:
    async with opened(LARGE) as stage:
        screen, workspace = stage.app.screen, stage.app.workspace
        assert isinstance(screen, ConnectionsScreen)
        assert workspace is not None
        await stage.rest()
        painted.clear()
        for row in screen.table.rows[:5]:
            stage.app.changes.publish(RowChanged(row.id))
        await stage.rest()
        assert set().union(*painted) == set()


async def test_another_minute_paints_nothing_of_a_list_whose_ages_are_told_as_before(
    opened: Opening, painted: list[set[Region]]
) -> None:
    async with opened(LARGE) as stage:
        screen = stage.app.screen
        assert isinstance(screen, ConnectionsScreen)
        await stage.rest()
        painted.clear()
        screen.tell_time()
        await stage.rest()
        assert set().union(*painted) == set()


@pytest.mark.parametrize("key", ["1", "2", "3", "4", "5", "6"])
async def test_each_screen_hears_each_change_and_each_minute_once(
    opened: Opening, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    heard: list[str] = []
    for kind in (ConnectionsScreen, IssuesScreen, WatchingScreen, RequestsScreen, ProfilesScreen, SandboxScreen):
        monkeypatch.setattr(kind, "on_change", lambda screen, change: heard.append(f"{screen.SCOPE} {change}"))
        monkeypatch.setattr(kind, "tell_time", lambda screen: heard.append(f"{screen.SCOPE} minute"))
    async with opened(LARGE) as stage:
        await stage.press(key)
        screen, change = stage.app.screen, RowChanged("conn_of_nobody")
        assert isinstance(screen, AppScreen)
        heard.clear()
        stage.app.changes.publish(change)
        stage.app.minute.publish(None)
        await stage.rest()
        assert heard.count(f"{screen.SCOPE} {change}") == 1
        assert heard.count(f"{screen.SCOPE} minute") == 1


async def test_a_minute_that_begins_behind_another_screen_is_told_once_that_is_left(
    opened: Opening, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(LARGE) as stage:
        screen, told = stage.app.screen, list[str]()
        monkeypatch.setattr(screen, "tell_time", lambda: told.append("minute"))
        await stage.press("4")
        stage.app.minute.publish(None)
        await stage.rest()
        assert not told
        await stage.press("1")
        assert told == ["minute"]
        await stage.press("4", "1")
        assert told == ["minute"]
        await stage.press("?")  # it is seen behind what explains it
        stage.app.minute.publish(None)
        await stage.rest()
        assert told == ["minute"] * 2


async def test_how_the_server_answers_paints_nothing_of_what_it_is(opened: Opening, painted: list[set[Region]]) -> None:
    async with opened(LARGE) as stage:
        await stage.rest()
        painted.clear()
        stage.app.status = replace(stage.app.status, health="live 1234 ms")
        await stage.rest()
        assert "live 1234 ms" in stage.text
        regions = set().union(*painted)
        assert regions
        assert min(region.x for region in regions) > stage.lines[0].index("SIMULATED")


async def test_a_key_in_a_field_lays_nothing_out(opened: Opening, monkeypatch: pytest.MonkeyPatch) -> None:
    laid_out: list[Compositor] = []
    reflow = Compositor.reflow

    def noted(self: Compositor, *given: object, **named: object) -> object:
        laid_out.append(self)
        return reflow(self, *given, **named)  # type: ignore[arg-type]

    async with opened(LARGE) as stage:
        await stage.press("5", "a")
        await stage.fill("name", "acme")
        monkeypatch.setattr(Compositor, "reflow", noted)
        await stage.press("x")
        assert "acmex" in stage.text
        assert stage.app.screen._compositor not in laid_out  # what is behind the form may still be opening


async def test_a_text_that_is_longer_than_its_field_is_shown_from_where_the_cursor_is(opened: Opening) -> None:
    async with opened(LARGE) as stage:
        await stage.press("slash")
        await stage.press("b")
        await stage.type("egin " + "x" * 180 + " end")
        assert "x end" in stage.text
        assert "begin" not in stage.text
        await stage.press("home")
        assert "begin x" in stage.text
        assert "x end" not in stage.text
        await stage.press("end", "ctrl+u")
        await stage.type("short")
        assert "/  short" in stage.text


async def test_what_comes_to_the_front_is_as_it_would_have_been_there_all_the_time(opened: Opening) -> None:
    async with opened(LARGE) as stage:
        await stage.press("enter")
        await stage.pass_time(60)
        await stage.press("escape")
        screen = stage.app.screen
        assert isinstance(screen, ConnectionsScreen)
        seen = stage.lines
        screen.refresh(layout=True)
        await stage.rest()
        assert stage.lines == seen
