"""The syncs that are followed: one line each, live, what needs a person first."""

from __future__ import annotations

from typing import Any

import pytest

from tests.screens.conftest import Opening, Scripted
from tests.screens.scripted import Terminal, connection, sync
from tests.screens.stage import MEDIUM, SIZES, SMALL, Stage
from tests.servers import Reply, ServerRequest
from tui_app.screens.connections import ConnectionsScreen
from tui_app.screens.copy_menu import CopyMenu
from tui_app.screens.sync import SyncScreen
from tui_app.screens.watching import WatchingScreen
from tui_app.widgets.table import Table

NAMES = ("Able Movers", "Bison Transport", "Cedar Logistics")


def fleet() -> tuple[Terminal, dict[str, dict[str, Any]]]:
    """Three connections whose syncs run, and those syncs, by ID, as a test changes them."""
    rows = [
        connection(id=f"conn_{number}", company={"name": name}, token=f"con_tkn_{'x' * 24}{number}")
        for number, name in enumerate(NAMES)
    ]
    syncs = {f"sync_{number}": sync(id=f"sync_{number}", progress=10 * number) for number in range(3)}
    terminal = Terminal(rows)

    def current(request: ServerRequest) -> Reply:
        number = int(request.headers["connection-token"][-1])
        return Reply(json=rows[number] | {"lastSync": syncs[f"sync_{number}"]})

    terminal.replies["GET", "/connections/current"] = current
    terminal.replies["GET", "/syncs/…"] = lambda request: Reply(json=syncs[request.path.rpartition("/")[2]])
    return terminal, syncs


async def follow_all(stage: Stage) -> WatchingScreen:
    """Follow the newest sync of each of the three, as a bulk action does, and go to what is followed."""
    for number in range(len(NAMES)):
        stage.workspace.watch(f"conn_{number}", f"sync_{number}")
    await stage.press("3")
    return shown(stage)


def shown(stage: Stage) -> WatchingScreen:
    assert isinstance(stage.app.screen, WatchingScreen), stage.text
    return stage.app.screen


def names(stage: Stage) -> list[str]:
    return [each.name for each in shown(stage).table.rows]


@pytest.mark.parametrize("size", SIZES)
async def test_every_sync_that_is_followed_has_a_line_and_what_ended_stands_last(
    scripted: Scripted, size: tuple[int, int]
) -> None:
    terminal, syncs = fleet()
    async with scripted(terminal, size) as stage:
        await follow_all(stage)
        assert "3 followed   3 moving" in stage.text
        for head in ("State", "Connection", "Progress", "Probably done", "Last change"):
            assert head in stage.lines[2] + stage.lines[4]
        assert "no earlier sync of this connection is known to have completed" in stage.words
        assert "◐ in progress" in stage.line("Bison Transport")
        assert "10 %" in stage.line("Bison Transport")
        syncs["sync_0"] |= {"status": "completed", "progress": 100, "completedAt": "2026-11-22T14:02:30.000Z"}
        await stage.until(lambda: names(stage)[-1] == NAMES[0], within=60)
        assert "3 followed   2 moving   1 ended" in stage.text
        assert "✓ completed" in stage.line("Able Movers")
        assert "◐" not in stage.line("Able Movers")


async def test_one_that_cannot_be_looked_at_rises_and_keeps_what_was_seen(scripted: Scripted) -> None:
    terminal, _ = fleet()
    answer = terminal.replies["GET", "/syncs/…"]

    def mostly(request: ServerRequest) -> Reply:
        assert callable(answer)
        return Reply(500) if request.path.endswith("sync_2") else answer(request)

    async with scripted(terminal, MEDIUM) as stage:
        await follow_all(stage)
        terminal.replies["GET", "/syncs/…"] = mostly
        await stage.until(lambda: names(stage)[0] == "Cedar Logistics", within=60)
        line = stage.line("Cedar Logistics")
        assert "! could not look" in line
        assert "20 %" in line
        terminal.replies["GET", "/syncs/…"] = answer
        await stage.until(lambda: names(stage)[0] == "Able Movers", within=60)
        assert "could not look" not in stage.text


async def test_a_look_paints_its_own_line_and_no_other(scripted: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal, syncs = fleet()
    async with scripted(terminal, SMALL) as stage:
        screen = await follow_all(stage)
        painted: list[int] = []
        render = Table.render_line

        def recorded(table: Table[Any], y: int) -> Any:
            painted.append(y)
            return render(table, y)

        await stage.press("p")  # the others send nothing
        screen.table.select("conn_2 sync_2")
        await stage.press("p")
        assert names(stage) == ["Bison Transport", "Able Movers", "Cedar Logistics"]
        monkeypatch.setattr(Table, "render_line", recorded)
        syncs["sync_1"]["progress"] = 55
        await stage.pass_time(20)
        assert "55 %" in stage.line("Bison Transport")
        assert set(painted) == {1}


class TestKeys:
    async def test_enter_opens_the_sync_and_escape_leads_back_to_its_line(self, scripted: Scripted) -> None:
        async with scripted(fleet()[0]) as stage:
            await follow_all(stage)
            await stage.press("down", "enter")
            assert isinstance(stage.app.screen, SyncScreen)
            assert stage.app.screen.sync_id == "sync_1"
            await stage.press("escape")
            assert shown(stage).subject == "conn_1"
            await stage.pass_time(20)
            assert [watch.visible for watch in stage.workspace.watcher.watches] == [True, True, True]
            await stage.press("escape")
            assert isinstance(stage.app.screen, ConnectionsScreen)
            assert not any(watch.visible for watch in stage.workspace.watcher.watches)

    async def test_p_pauses_space_looks_and_marks_take_several(self, scripted: Scripted) -> None:
        terminal, syncs = fleet()
        async with scripted(terminal) as stage:
            await follow_all(stage)
            await stage.press("m", "m", "p")
            assert "3 followed   1 moving   2 paused   2 marked, esc drops them" in stage.text
            assert names(stage) == ["Cedar Logistics", "Able Movers", "Bison Transport"]
            assert "▪ paused" in stage.line("Able Movers")
            await stage.press("space")
            assert any("Press p to go on." in toast for toast in stage.toasts)
            await stage.press("p", "escape", "home")
            assert "3 followed   3 moving" in stage.text
            syncs["sync_0"]["progress"] = 77
            await stage.pass_time(0.3)
            await stage.press("space")
            assert "77 %" in stage.line("Able Movers")
            await stage.press("y")
            assert stage.clipboard == "sync_0"
            await stage.press("Y")
            assert isinstance(stage.app.screen, CopyMenu)

    async def test_w_stops_following_and_nothing_is_lost(self, scripted: Scripted) -> None:
        terminal, _ = fleet()
        async with scripted(terminal) as stage:
            await stage.press("home", "w")
            await follow_all(stage)
            await stage.press("w")
            assert names(stage) == ["Bison Transport", "Cedar Logistics"]
            assert any("Nothing is lost: it goes on at the server" in toast for toast in stage.toasts)
            assert {request.method for request in terminal.requests} == {"GET"}
            await stage.press("1")  # where its screen stands: what is shown is followed
            assert type(stage.app.screen).__name__ == SyncScreen.__name__
            assert "next in" in stage.text
            await stage.press("3")
            assert sorted(names(stage)) == list(NAMES)
            await stage.press("asterisk", "delete")
            assert "Nothing is followed yet. Press 1, select a connection, and press w." in stage.text
            await stage.press("space", "p", "w", "y", "Y", "enter")
            assert isinstance(stage.app.screen, WatchingScreen)


async def test_another_profile_brings_its_own(opened: Opening) -> None:
    async with opened(SMALL) as stage:
        await stage.press("down", "w", "escape", "3")
        assert len(shown(stage).table.rows) == 1
        await stage.press("enter", "1", "right_square_bracket", "3")  # what was opened here is left with the profile
        assert not shown(stage).table.rows
