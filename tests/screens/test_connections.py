"""The list of connections: what it shows, how it narrows, sorts and moves, and what leads on from it."""

from __future__ import annotations

import re
import threading
from pathlib import Path
from typing import Any

import pytest

from tests.clocks import until
from tests.screens.conftest import Opening, Scripted, end, running, simulated, stage_on
from tests.screens.scripted import Terminal, connection
from tests.screens.stage import LARGE, MEDIUM, SIZES, SMALL, Stage
from tests.servers import Reply
from tui_app.models.actor import Actor
from tui_app.sandbox.server import Sandbox
from tui_app.screens import connections
from tui_app.screens.connection import ConnectionScreen
from tui_app.screens.connections import ConnectionsScreen
from tui_app.screens.sync import SyncScreen
from tui_app.widgets.counts import Count


def companies(stage: Stage) -> list[str]:
    screen = stage.app.screen
    assert isinstance(screen, ConnectionsScreen)
    return [row.connection.name for row in screen.table.rows]


def selected(stage: Stage) -> str:
    screen = stage.app.screen
    assert isinstance(screen, ConnectionsScreen)
    assert screen.table.current is not None
    return str(screen.table.current.connection.name)


@pytest.mark.parametrize("size", SIZES)
async def test_every_size_shows_state_company_provider_and_last_sync(opened: Opening, size: tuple[int, int]) -> None:
    async with opened(size) as stage:
        header = stage.line("Company")
        assert [word in header for word in ("State", "Company", "Provider", "Last sync")] == [True] * 4
        assert "Transport Trép" in stage.line("○ disconnected")
        assert "failed ≤ 8 days ago" in stage.line("○ disconnected")
        assert all(len(line) <= size[0] for line in stage.lines)
        assert "16 connections" in stage.text


@pytest.mark.parametrize(("size", "shown"), [(SMALL, False), ((119, 40), False), (MEDIUM, True), (LARGE, True)])
async def test_the_preview_is_there_from_120_columns_on(opened: Opening, size: tuple[int, int], shown: bool) -> None:
    async with opened(size) as stage:
        assert ("The stored credentials no longer" in stage.text) is shown


async def test_the_preview_follows_the_cursor(opened: Opening) -> None:
    async with opened(MEDIUM) as stage:
        await stage.press("down", "down", "down")
        assert "◐ syncing" in stage.text
        assert "Its sync met an error or was" in stage.text
        assert "The stored credentials no longer" not in stage.text


async def test_what_needs_somebody_stands_first(opened: Opening) -> None:
    async with opened() as stage:
        states = [line.split()[1] for line in stage.lines[4:20]]
        order = ["disconnected", "syncing", "requested", "waiting", "connected", "leaving", "archived", "deleted"]
        assert states == sorted(states, key=order.index)


class TestFilter:
    async def test_words_narrow_while_they_are_typed(self, opened: Opening) -> None:
        async with opened() as stage:
            await stage.press("slash")
            await stage.type("prairie")
            assert companies(stage) == ["Prairie Lines"]
            assert "1 of 16 connections" in stage.text

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("status:disconnected", {"Transport Trépanier"}),
            ("provider:omnitracs status:waiting", {"Blue Heron Logistics"}),
            ("sync:failed", {"Transport Trépanier"}),
            ("mode:manual", {"Prairie Lines"}),
            ("issues:>0 state:syncing -provider:isaac", {"Nuñez & Sons Freight"}),
        ],
    )
    async def test_fields_narrow(self, opened: Opening, query: str, found: set[str]) -> None:
        async with opened() as stage:
            await stage.press("slash")
            await stage.type(query)
            assert set(companies(stage)) == found

    async def test_a_bad_query_says_what_is_wrong_and_leaves_the_rows(self, opened: Opening) -> None:
        async with opened() as stage:
            await stage.press("slash")
            await stage.type("stauts:failed")
            assert "there is no filter “stauts:” – did you mean status: ?" in stage.text
            assert len(companies(stage)) == 16

    async def test_the_reason_goes_when_the_query_is_mended(self, opened: Opening) -> None:
        async with opened() as stage:
            await stage.press("slash")
            await stage.type("issues:many")
            assert "issues: compares a number" in stage.text
            await stage.press(*["backspace"] * 4)
            assert "issues: compares a number" not in stage.text
            assert "16 connections" in stage.text

    @pytest.mark.parametrize("size", SIZES)
    async def test_the_whole_reason_is_on_screen(self, opened: Opening, size: tuple[int, int]) -> None:
        async with opened(size) as stage:
            await stage.press("slash")
            await stage.type("issues:many")
            assert "✗ issues: compares a number, as in issues:>0" in stage.text
            await stage.press("escape", "slash", *["backspace"] * 11)
            await stage.type("colour:red")
            words = " ".join(stage.text.split())
            assert "there is no filter “colour:” – known: status: state: next: provider: tag: mode:" in words
            assert "issues: sync: id:" in words

    async def test_no_fitting_row_says_so_and_how_to_get_out(self, opened: Opening) -> None:
        async with opened() as stage:
            await stage.press("slash")
            await stage.type("nobody of that name")
            assert "No connection fits. Esc twice clears the filter, Enter asks the server." in stage.text
            await stage.press("escape", "escape", "slash")
            await stage.type("state:nothing")
            assert "No connection fits this filter. Press Esc twice to clear it." in stage.text
            await stage.press("enter", "escape")
            assert len(companies(stage)) == 16

    @pytest.mark.parametrize("key", ["down", "escape"])
    async def test_down_and_escape_lead_from_the_filter_into_the_list(self, opened: Opening, key: str) -> None:
        async with opened() as stage:
            await stage.press("slash")
            await stage.type("prairie")
            await stage.press(key)
            assert stage.app.focused is stage.app.screen.query_one("#fleet")
            assert companies(stage) == ["Prairie Lines"]

    async def test_keys_of_the_list_are_letters_in_the_filter(self, opened: Opening) -> None:
        async with opened() as stage:
            await stage.press("slash", "s", "n", "q", "1")
            assert isinstance(stage.app.screen, ConnectionsScreen)
            assert stage.app.screen.filter_input.value == "snq1"


class TestCounts:
    async def test_a_count_is_a_filter_and_takes_itself_back(self, opened: Opening) -> None:
        async with opened(MEDIUM) as stage:
            await stage.click_text("1 disconnected")
            assert companies(stage) == ["Transport Trépanier"]
            await stage.click_text("1 disconnected")
            assert len(companies(stage)) == 16

    async def test_every_count_brings_as_many_rows_as_it_says(self, opened: Opening) -> None:
        async with opened(LARGE) as stage:
            screen = stage.app.screen
            assert isinstance(screen, ConnectionsScreen)
            for count in [count for count in screen.query(Count) if count.display and count.filter_text]:
                screen.filter_input.value = ""  # a filter makes the total longer, so that fewer counts fit beside it
                await stage.rest()
                said = str(count.content)
                await stage.pilot.click(count)
                await stage.rest()
                assert len(companies(stage)) == int(re.findall(r"\d+", said)[0]), said

    @pytest.mark.parametrize("size", SIZES)
    async def test_how_many_fleets_must_act_is_said_first(self, opened: Opening, size: tuple[int, int]) -> None:
        async with opened(size) as stage:
            fleets = [row for row in stage.workspace.rows if row.actor is Actor.FLEET]
            assert fleets
            await stage.click_text(f"{len(fleets)} fleet must act")
            assert set(companies(stage)) == {row.connection.name for row in fleets}
            await stage.press("enter")
            assert "Next to act: the fleet" in stage.text

    async def test_the_total_takes_every_filter_back(self, opened: Opening) -> None:
        async with opened(MEDIUM) as stage:
            await stage.click_text("1 disconnected")
            await stage.click_text("1 of 16")
            assert len(companies(stage)) == 16

    @pytest.mark.parametrize("size", SIZES)
    async def test_no_count_is_cut_in_two(self, opened: Opening, size: tuple[int, int]) -> None:
        async with opened(size) as stage:
            for count in stage.app.screen.query(Count):
                if count.display:
                    assert count.size.width >= len(str(count.content))


class TestOrder:
    async def test_a_header_sorts_up_then_down_then_as_before(self, opened: Opening) -> None:
        async with opened() as stage:
            usual = companies(stage)
            await stage.click_text("Company")
            assert companies(stage) == sorted(usual, key=str.lower)
            assert "Company ▴" in stage.text
            await stage.click_text("Company")
            assert companies(stage) == sorted(usual, key=str.lower, reverse=True)
            assert "Company ▾" in stage.text
            await stage.click_text("Company")
            assert companies(stage) == usual

    async def test_the_cursor_stays_on_its_row_while_rows_move(self, opened: Opening) -> None:
        async with opened() as stage:
            await stage.press("down", "down", "down")
            chosen = selected(stage)
            await stage.click_text("Company")
            assert selected(stage) == chosen
            await stage.click_text("Provider")
            assert selected(stage) == chosen

    async def test_the_cursor_stays_on_its_row_while_states_change(self, opened: Opening, sandbox: Sandbox) -> None:
        async with opened() as stage:
            await stage.press("slash")
            await stage.type("status:syncing")
            await stage.press("enter", "escape", "escape", "end")
            chosen, before = selected(stage), companies(stage)
            sandbox.clock.advance(1800)
            await stage.pass_time(4)
            assert companies(stage) != before
            assert selected(stage) == chosen


class TestStates:
    async def test_an_empty_fleet_says_what_would_be_here_and_the_key_that_brings_it(self, tmp_path: Path) -> None:
        server = simulated(connections=0)
        server.start()
        async with running(stage_on(server, tmp_path)) as stage:
            assert "There are no connections yet. Press n to create one." in stage.text
            assert "0 connections" in stage.text
            for key in ("enter", "s", "w", "y"):
                await stage.press(key)
            assert isinstance(stage.app.screen, ConnectionsScreen)
        end(server)

    async def test_a_list_that_is_being_read_says_so(self, scripted: Scripted) -> None:
        slow = threading.Event()
        terminal = Terminal(connections=[connection()])
        terminal.replies["GET", "/connections"] = lambda request: Reply(json={"results": [connection()]}, wait=slow)
        async with scripted(terminal, resting=False) as stage:
            await until(lambda: "Reading connections …" in stage.text)
            await until(lambda: "reading …" in stage.text)
            assert "There are no connections" not in stage.text
            slow.set()
            await stage.rest()
            assert "reading …" not in stage.text
            assert "Frank's Trucking" in stage.text

    async def test_how_many_last_syncs_were_looked_at_is_said_until_all_were(self, tmp_path: Path) -> None:
        server = simulated(connections=60)
        server.start()
        async with running(stage_on(server, tmp_path), LARGE) as stage:
            assert re.search(r"last syncs seen: \d+ of \d+", stage.text)
            await stage.pass_time(20)
            assert "last syncs seen" not in stage.lines[3]
        end(server)

    async def test_a_new_connection_appears_when_the_list_is_read_again(
        self, opened: Opening, sandbox: Sandbox
    ) -> None:
        async with opened() as stage:
            sandbox.add_connection(company="Late Comer Freight", status="connected")
            await stage.press("R")
            assert "Late Comer Freight" in companies(stage)
            assert "17 connections" in stage.text

    async def test_a_status_that_nobody_knows_is_shown_as_it_came(self, opened: Opening, sandbox: Sandbox) -> None:
        sandbox.add_connection(company="Odd One", status="quarantined")
        async with opened() as stage:
            assert "? quarantined" in stage.line("Odd One")


class TestWays:
    async def test_enter_opens_the_connection_and_escape_comes_back_to_its_row(self, opened: Opening) -> None:
        async with opened() as stage:
            await stage.press("down", "down", "enter")
            assert isinstance(stage.app.screen, ConnectionScreen)
            await stage.press("escape")
            assert selected(stage) == "Pine Barrens Aggregate"

    async def test_the_first_click_selects_a_row_and_the_second_opens_it(self, opened: Opening) -> None:
        async with opened(SMALL) as stage:
            await stage.click_text("Lindqvist")
            assert selected(stage) == "Lindqvist Åkeri"
            assert isinstance(stage.app.screen, ConnectionsScreen)
            await stage.click_text("Lindqvist")
            assert isinstance(stage.app.screen, ConnectionScreen)

    async def test_w_watches_the_newest_sync(self, opened: Opening) -> None:
        async with opened() as stage:
            await stage.press("down", "w")
            assert isinstance(stage.app.screen, SyncScreen)
            assert "Nuñez & Sons Freight" in stage.text

    async def test_w_on_a_connection_that_was_never_synced_says_so(self, opened: Opening, sandbox: Sandbox) -> None:
        sandbox.add_connection(company="AAA Fresh", status="connected")
        async with opened() as stage:
            await stage.press("slash")
            await stage.type("fresh")
            await stage.press("enter", "w")
            assert any("It was never synced. Press s to request a sync." in toast for toast in stage.toasts)

    async def test_y_copies_the_id_and_says_what_was_copied(self, opened: Opening) -> None:
        async with opened() as stage:
            await stage.press("y")
            assert stage.clipboard.startswith("conn_")
            assert any(stage.clipboard in toast for toast in stage.toasts)

    async def test_the_footer_is_for_the_mouse_too(self, opened: Opening) -> None:
        async with opened() as stage:
            await stage.click_text("/ filter")
            assert stage.app.focused is stage.app.screen.query_one("#filter")
            await stage.press("escape")
            await stage.click_text("enter open")
            assert isinstance(stage.app.screen, ConnectionScreen)


async def test_what_fills_the_screen_is_shown_before_a_long_list_is_looked_through_to_its_end(
    scripted: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "AT_FIRST", 100)
    monkeypatch.setattr(connections, "AT_ONCE", 100)
    rows = [
        connection(id=f"conn_{number:03}", company={"name": f"Acme {number:03}"}, externalId=f"x{number % 2}")
        for number in range(300)
    ]
    async with scripted(Terminal(connections=rows)) as stage:
        screen, later, painted, put_off_at = stage.app.screen, list[Any](), [""], list[str]()
        assert isinstance(screen, ConnectionsScreen)
        await stage.press("slash")

        def painting() -> None:
            paint()
            painted.append(str(screen.query(Count).first().content))

        def put_off(call: Any) -> None:
            put_off_at.append(painted[-1])
            later.append(call)

        paint = screen._on_timer_update
        monkeypatch.setattr(screen, "_on_timer_update", painting)
        monkeypatch.setattr(screen, "_once_painted", put_off)
        await stage.press("x")
        for told in ("300 connections", "100+ of 300 connections", "300 of 300 connections"):
            assert told in stage.text
            for call in [later.pop()] if later else []:
                call()
            await stage.rest()
        assert put_off_at[1:] == ["100+ of 300 connections"]  # what was found first is painted before the rest is tried
        await stage.press("1")
        while later:
            later.pop()()
            await stage.rest()
        assert "150 of 300 connections" in stage.text
        assert [row.id for row in screen.table.rows] == [row["id"] for row in rows if row["externalId"] == "x1"]


async def test_a_long_list_is_looked_through_to_its_end_first_where_the_selected_row_may_stand_there(
    scripted: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "AT_FIRST", 100)
    monkeypatch.setattr(connections, "AT_ONCE", 100)
    rows = [connection(id=f"conn_{number:03}", company={"name": f"Acme {number:03}"}) for number in range(300)]
    async with scripted(Terminal(connections=rows)) as stage:
        screen = stage.app.screen
        assert isinstance(screen, ConnectionsScreen)
        await stage.press("end", "slash", "a")
        await stage.see("300 of 300 connections")
        assert screen.table.current is not None
        assert screen.table.current.id == "conn_299"
