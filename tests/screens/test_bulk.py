"""Marks in the list, and one action on all that are marked: what is shown before, while and after it is sent."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import Static

from tests.clocks import until
from tests.screens.conftest import Opening, Scripted, running, stage_on
from tests.screens.scripted import Terminal, connection, issue, sync
from tests.screens.stage import LARGE, MEDIUM, SIZES, SMALL, Stage
from tests.screens.test_hostile import HOSTILE, RAW, inert
from tests.servers import Reply, ServerRequest
from tui_app.sandbox.server import Sandbox
from tui_app.screens.bulk import BulkScreen
from tui_app.screens.bulk_dialogs import BulkSyncDialog, TagsDialog
from tui_app.screens.connection import ConnectionScreen
from tui_app.screens.connections import ConnectionsScreen
from tui_app.screens.dialogs import SyncDialog, UnlockDialog
from tui_app.screens.orders import OrderDialog
from tui_app.workspace.bulk import Outcome
from tui_app.workspace.bulk import Stage as BulkStage

REFUSAL = Reply(400, json={"code": "bad_request", "message": "Connection must be connected"})


def the_list(stage: Stage) -> ConnectionsScreen:
    screen = stage.app.screen
    assert isinstance(screen, ConnectionsScreen), stage.text
    return screen


async def begin_slowly(stage: Stage, terminal: Terminal) -> None:
    """Ask for a sync of all that is listed, and wait until the first request is on its way."""
    await stage.press("*", "s", "ctrl+s")
    stage.app.screen.query_one("#request").press()  # type: ignore[attr-defined]
    await until(lambda: len(terminal.sent("POST")) == 1)


def the_bulk(stage: Stage) -> BulkScreen:
    screen = stage.app.screen
    assert isinstance(screen, BulkScreen), stage.text
    return screen


def marked(stage: Stage) -> list[str]:
    return [row.connection.name for row in the_list(stage).host.workspace.rows if row.id in the_list(stage).marks]  # type: ignore[union-attr]


async def narrow(stage: Stage, text: str) -> None:
    await stage.press("slash")
    the_list(stage).filter_input.value = ""
    await stage.type(text)
    await stage.press("down")


def fleet(count: int, **fields: Any) -> Terminal:
    """A server with so many connections, each with a token of its own that ends in its number."""
    token = "con_tkn_" + "x" * 20
    made = Terminal(
        connections=[
            connection(id=f"conn_{number}", token=f"{token}{number}")
            | {"company": {"name": f"Fleet {number}"}}
            | fields
            for number in range(count)
        ]
    )
    by_token = {each["token"]: each for each in made.connections}
    made.replies["GET", "/connections/current"] = lambda request: Reply(
        json=by_token[request.headers["connection-token"]] | {"lastSync": None}
    )
    return made


class TestMarks:
    @pytest.mark.parametrize("size", SIZES)
    async def test_space_marks_by_a_sign_and_goes_on(self, opened: Opening, size: tuple[int, int]) -> None:
        async with opened(size) as stage:
            await stage.press("space", "space")
            assert len(marked(stage)) == 2
            assert [line[0] for line in stage.lines if line[:1] == "◆"] == ["◆", "◆"]
            assert stage.line("Transport Trép").startswith("◆ ○ disconnected")
            assert "2 marked  s sync  t tags  v resolve  esc drop them" in stage.text
            await stage.press("up", "space")
            assert len(marked(stage)) == 1

    async def test_the_sign_is_more_than_a_colour_where_there_is_nothing_but_ascii(self) -> None:
        from tui_app.filters import ascii_of

        assert ascii_of("◆ ○ disconnected") == "+ o disconnected"

    async def test_asterisk_marks_all_that_the_filter_shows_and_takes_the_marks_away_again(
        self, opened: Opening
    ) -> None:
        async with opened() as stage:
            await narrow(stage, "state:syncing")
            await stage.press("*")
            syncing = marked(stage)
            assert len(syncing) == len(the_list(stage).table.rows) > 1
            await narrow(stage, "state:connected")
            assert f"{len(syncing)} marked, {len(syncing)} hidden by the filter" in stage.text
            await stage.press("*", "*")
            assert marked(stage) == syncing

    async def test_marks_stay_on_their_objects_through_sorting_and_reading_again(
        self, opened: Opening, sandbox: Sandbox
    ) -> None:
        async with opened(MEDIUM) as stage:
            await stage.press("space", "down", "space")
            before = marked(stage)
            await stage.click_text("Company")
            assert marked(stage) == before
            assert all(stage.line(name[:12]).startswith("◆") for name in before)
            await stage.press("R")
            assert marked(stage) == before

    async def test_a_connection_that_vanishes_takes_its_mark_along(self, scripted: Scripted) -> None:
        terminal = fleet(3)
        async with scripted(terminal) as stage:
            await stage.press("*")
            assert "3 marked" in stage.text
            terminal.connections = terminal.connections[1:]
            await stage.press("R")
            assert marked(stage) == ["Fleet 1", "Fleet 2"]
            assert "2 marked" in stage.text

    async def test_they_are_dropped_with_their_profile(self, opened: Opening) -> None:
        async with opened() as stage:
            await stage.press("*")
            await stage.press("]", "[")
            assert marked(stage) == []
            assert "marked" not in stage.text

    async def test_escape_leaves_the_filter_then_clears_it_then_drops_the_marks(self, opened: Opening) -> None:
        async with opened() as stage:
            await stage.press("space", "slash")
            await stage.type("prairie")
            await stage.press("escape")
            assert (the_list(stage).filter_input.value, len(marked(stage))) == ("prairie", 1)
            await stage.press("escape")
            assert (the_list(stage).filter_input.value, len(marked(stage))) == ("", 1)
            await stage.press("escape")
            assert marked(stage) == []

    async def test_a_space_in_the_filter_is_a_space(self, opened: Opening) -> None:
        async with opened() as stage:
            await stage.press("slash", "a", "space", "*")
            assert the_list(stage).filter_input.value == "a *"
            assert marked(stage) == []

    @pytest.mark.parametrize("held", ["control", "shift"])
    async def test_a_click_with_control_or_shift_marks(self, opened: Opening, held: str) -> None:
        async with opened() as stage:
            for name in ("Lindqvist", "Prairie"):
                y = next(y for y, line in enumerate(stage.lines) if name in line)
                await stage.pilot.click(offset=(20, y), control=held == "control", shift=held == "shift")
                await stage.rest()
            assert sorted(marked(stage)) == ["Lindqvist Åkeri", "Prairie Lines"]

    @pytest.mark.parametrize("size", [MEDIUM, LARGE])
    async def test_a_click_in_front_of_a_row_marks_it(self, opened: Opening, size: tuple[int, int]) -> None:
        async with opened(size) as stage:
            y = next(y for y, line in enumerate(stage.lines) if "Lindqvist" in line)
            await stage.pilot.click(offset=(0, y))
            await stage.rest()
            assert marked(stage) == ["Lindqvist Åkeri"]
            assert "Lindqvist" in stage.lines[y], "no row moves away from under the pointer"
            assert isinstance(stage.app.screen, ConnectionsScreen)

    @pytest.mark.parametrize("size", SIZES)
    async def test_every_line_still_fits(self, opened: Opening, size: tuple[int, int]) -> None:
        async with opened(size) as stage:
            await stage.press("*")
            assert all(len(line) <= size[0] for line in stage.lines)


class TestPlan:
    @pytest.mark.parametrize("size", SIZES)
    async def test_every_target_is_named_the_hidden_ones_as_such_and_those_that_will_refuse(
        self, opened: Opening, size: tuple[int, int]
    ) -> None:
        async with opened(size) as stage:
            await narrow(stage, "state:disconnected")
            await stage.press("*")
            await narrow(stage, "prairie")
            await stage.press("*", "s")
            assert "Request syncs" in stage.text
            assert "2 × POST /tsp/v1/syncs" in stage.text
            assert "in a moment at 40 requests a second" in stage.words
            assert stage.line("Prairie Lines").startswith(("[x]", "  [x]"))
            line = stage.line("Transport Trépanier")
            assert "hidden by the filter, ! Disconnected" in line
            assert "1 hidden by the filter, 1 will most likely refuse" in stage.words
            assert not [exchange for exchange in stage.workspace.recorder if exchange.request.method == "POST"]

    async def test_one_that_is_taken_off_is_not_counted_and_not_sent(self, scripted: Scripted) -> None:
        terminal = fleet(3)
        async with scripted(terminal) as stage:
            await stage.press("*", "s", "down", "space")
            assert "[ ] Fleet 1" in stage.text
            assert "2 × POST" in stage.text
            assert "Request syncs  2 of 3 targets" in stage.text
            await stage.press("ctrl+s")
            assert isinstance(stage.app.screen, BulkSyncDialog)
            assert "of 2 connections, all alike" in stage.text
            await stage.press("enter")
            await stage.see("✓ 2 done")
            assert len(terminal.sent("POST")) == 2
            assert "▫ left out" in stage.line("Fleet 1")

    async def test_ctrl_s_confirms_the_window_too(self, scripted: Scripted) -> None:
        terminal = fleet(3)
        async with scripted(terminal) as stage:
            await stage.press("*", "s", "ctrl+s")
            assert isinstance(stage.app.screen, BulkSyncDialog)
            await stage.fill("days", "nonsense")
            await stage.press("ctrl+s")
            assert isinstance(stage.app.screen, BulkSyncDialog)
            await stage.fill("days", "2")
            await stage.press("ctrl+s")
            await stage.see("✓ 3 done")
            assert len(terminal.sent("POST")) == 3
            assert "3 targets" in stage.text

    async def test_the_selected_ones_doubt_is_told_whole(self, scripted: Scripted) -> None:
        terminal = fleet(2)
        terminal.connections[1]["status"] = "archived"
        async with scripted(terminal, SMALL) as stage:
            await stage.press("*", "s")
            assert "1 will most likely refuse" in stage.words
            said = the_bulk(stage).query_one("#bulk-said", Static)
            await stage.press("home")
            first = str(said.render())
            await stage.press("end")
            assert {first, str(said.render())} == {"", "Fleet 1  Archived: it will most likely refuse."}

    async def test_with_nothing_ticked_nothing_can_be_sent(self, scripted: Scripted) -> None:
        terminal = fleet(2)
        async with scripted(terminal) as stage:
            await stage.press("*", "s", "*")
            assert "Nothing is to be sent. Esc leaves." in stage.text
            await stage.press("ctrl+s")
            assert the_bulk(stage).bulk.stage is BulkStage.CHOOSING

    async def test_a_click_on_the_tick_takes_one_off(self, scripted: Scripted) -> None:
        async with scripted(fleet(3), MEDIUM) as stage:
            await stage.press("*", "s")
            await stage.click_text("[x] Fleet 2")
            y = next(y for y, line in enumerate(stage.lines) if "Fleet 2" in line)
            await stage.pilot.click(offset=(stage.lines[y].index("[") + 1, y))
            await stage.rest()
            assert "[ ] Fleet 2" in stage.text

    async def test_without_marks_s_asks_for_the_selected_one_as_ever(self, opened: Opening) -> None:
        async with opened() as stage:
            await stage.press("s")
            assert isinstance(stage.app.screen, SyncDialog)
            assert not isinstance(stage.app.screen, BulkSyncDialog)

    async def test_leaving_sends_nothing(self, scripted: Scripted) -> None:
        terminal = fleet(2)
        async with scripted(terminal) as stage:
            await stage.press("*", "s", "escape", "s", "ctrl+s", "escape", "escape")
            assert isinstance(stage.app.screen, ConnectionsScreen)
            assert not terminal.sent("POST")
            assert "marked" in stage.text


class TestSending:
    @pytest.mark.parametrize("size", SIZES)
    async def test_each_outcome_is_told_and_the_refused_ones_can_be_shown_alone(
        self, opened: Opening, size: tuple[int, int]
    ) -> None:
        async with opened(size) as stage:
            await narrow(stage, "state:disconnected")
            await stage.press("*")
            await narrow(stage, "state:connected")
            await stage.press("*", "s", "ctrl+s", "enter")
            await stage.until(lambda: the_bulk(stage).bulk.stage is BulkStage.ENDED)
            assert "✗ 1 refused" in stage.text
            assert "Connection must be" in stage.line("✗ refused")
            await stage.press("f")
            assert "Only refused and doubtful ones" in stage.words
            said = str(the_bulk(stage).query_one("#bulk-said", Static).render())
            assert said == "Transport Trépanier  Connection must be connected to perform this action · 400 bad_request"
            assert said.replace("  ", " ") in stage.words, stage.text
            assert [line for line in stage.lines if "✓ done" in line] == []
            assert "Transport Trép" in stage.text
            await stage.press("enter")
            assert isinstance(stage.app.screen, ConnectionScreen)
            assert "Transport Trépanier" in stage.text

    async def test_the_list_shows_them_moving(self, opened: Opening) -> None:
        async with opened() as stage:
            await narrow(stage, "prairie")
            await stage.press("*", "s", "ctrl+s", "enter")
            await stage.until(lambda: the_bulk(stage).bulk.stage is BulkStage.ENDED)
            await stage.press("escape")
            await stage.see("syncing", within=300)

    async def test_one_that_went_well_has_no_toast_of_its_own(self, opened: Opening) -> None:
        async with opened() as stage:
            await narrow(stage, "prairie")
            await stage.press("*", "s", "ctrl+s", "enter")
            await stage.until(lambda: the_bulk(stage).bulk.stage is BulkStage.ENDED)
            key = the_bulk(stage).bulk.targets[0].key
            await stage.press("escape")
            await stage.until(
                lambda: (
                    (row := stage.workspace.row(key)) is not None
                    and row.last_sync is not None
                    and row.last_sync.phase.value == "succeeded"
                )
            )
            assert not any("Sync completed" in toast for toast in stage.toasts)

    async def test_it_can_be_left_and_come_back_to_and_its_end_is_told(self, scripted: Scripted) -> None:
        slow = threading.Event()
        terminal = fleet(3)
        terminal.replies["POST", "/syncs"] = lambda request: Reply(json=sync(), wait=slow)
        async with scripted(terminal) as stage:
            await begin_slowly(stage, terminal)
            await until(lambda: "0 of 3  now Fleet 0" in stage.text)
            await stage.app.screen.run_action("back")
            await until(lambda: "Request syncs: 0 of 3, b shows it" in stage.text)
            await stage.app.screen.run_action("bulk")
            assert isinstance(stage.app.screen, BulkScreen)
            await stage.app.screen.run_action("back")
            await until(lambda: isinstance(stage.app.screen, ConnectionsScreen))
            slow.set()
            await stage.rest()
            await stage.until(lambda: any("Request syncs: 3 done." in toast for toast in stage.toasts), within=60)
            assert "Request syncs: 3 done, b shows it" in stage.text
            await stage.press("b")
            assert "✓ 3 done" in stage.text
            await stage.press("escape")
            assert "b shows it" not in stage.text

    async def test_stopped_the_rest_is_not_sent_and_can_be_tried_again(self, scripted: Scripted) -> None:
        slow = threading.Event()
        terminal = fleet(4)
        terminal.replies["POST", "/syncs"] = lambda request: Reply(json=sync(), wait=slow)
        async with scripted(terminal) as stage:
            await begin_slowly(stage, terminal)
            await until(lambda: "x stop" in stage.text)
            await stage.app.screen.run_action("stop")
            slow.set()
            await stage.see("▫ 3 not sent")
            assert "Stopped before its turn." in stage.text
            assert len(terminal.sent("POST")) == 1
            await stage.press("f")
            assert "Nothing was refused." in stage.text
            await stage.press("f", "r")
            assert isinstance(stage.app.screen, OrderDialog)
            assert "3 requests like this one" in stage.words
            await stage.press("enter")
            await stage.see("✓ 4 done")
            assert len(terminal.sent("POST")) == 4

    async def test_y_copies_the_table_as_text(self, scripted: Scripted) -> None:
        terminal = fleet(2)
        terminal.replies["POST", "/syncs"] = REFUSAL
        async with scripted(terminal) as stage:
            await stage.press("*", "s", "ctrl+s", "enter")
            await stage.see("✗ 2 refused")
            await stage.press("y")
            lines = [line.split("\t") for line in stage.clipboard.split("\n")]
            assert lines[0] == ["Connection", "ID", "About", "Outcome", "Words"]
            assert lines[1] == ["Fleet 0", "conn_0", "", "refused", "Connection must be connected · 400 bad_request"]

    async def test_by_mouse_alone(self, scripted: Scripted) -> None:
        terminal = fleet(3)
        async with scripted(terminal, LARGE) as stage:
            for name in ("Fleet 0", "Fleet 2"):
                y = next(y for y, line in enumerate(stage.lines) if f"connected     {name}" in line)
                await stage.pilot.click(offset=(1, y))
                await stage.rest()
            await stage.click_text("n new  s sync  ")
            await stage.click_text("^s go on")
            await stage.click_text("Request  ")
            await stage.see("✓ 2 done")
            await stage.click_text("esc back")
            assert isinstance(stage.app.screen, ConnectionsScreen)
            assert len(terminal.sent("POST")) == 2

    async def test_only_one_runs_at_a_time(self, scripted: Scripted) -> None:
        slow = threading.Event()
        terminal = fleet(2)
        terminal.replies["POST", "/syncs"] = lambda request: Reply(json=sync(), wait=slow)
        async with scripted(terminal) as stage:
            await begin_slowly(stage, terminal)
            first = stage.workspace.bulk
            await until(lambda: isinstance(stage.app.screen, BulkScreen))
            await stage.app.screen.run_action("back")
            await stage.app.screen.run_action("resolve")
            assert the_bulk(stage).bulk is first
            slow.set()
            await stage.rest()


class TestLocked:
    @pytest.mark.parametrize("size", SIZES)
    async def test_the_unlock_is_for_these_requests_and_not_one_more(
        self, scripted: Scripted, size: tuple[int, int]
    ) -> None:
        terminal = fleet(5)
        async with scripted(terminal, size, settings="read_only = true") as stage:
            await stage.press("*", "s", "space", "ctrl+s", "enter")
            assert isinstance(stage.app.screen, UnlockDialog)
            assert (
                "You are about to request a sync (4 connections: Fleet 1, Fleet 2, Fleet 3 and 1 more)" in stage.words
            )
            assert "Unlocking lets these 4 requests, each once, through and locks again." in stage.words
            assert not terminal.sent("POST")
            await stage.fill("name", "own")
            await stage.press("enter")
            await stage.see("✓ 4 done")
            assert len(terminal.sent("POST")) == 4
            assert "locked" in stage.lines[0]
            assert "unlocked" not in stage.lines[0]
            await stage.press("escape", "escape", "s", "enter")
            assert isinstance(stage.app.screen, UnlockDialog)
            assert len(terminal.sent("POST")) == 4

    async def test_while_it_runs_the_status_bar_says_what_is_unlocked_and_nothing_else_passes(
        self, scripted: Scripted
    ) -> None:
        slow = threading.Event()
        terminal = fleet(3)
        terminal.replies["POST", "/syncs"] = lambda request: Reply(json=sync(), wait=slow)
        async with scripted(terminal, settings="read_only = true") as stage:
            await stage.press("*", "s", "ctrl+s", "enter")
            await stage.fill("name", "own")
            stage.app.screen.query_one("#unlock").press()  # type: ignore[attr-defined]
            await until(lambda: "unlocked for 2 × request sync" in stage.lines[0])
            assert not stage.workspace.gate.allows("request_sync")
            assert not stage.workspace.gate.allows("delete_connection")
            slow.set()
            await stage.see("✓ 3 done")
            assert len(terminal.sent("POST")) == 3

    async def test_leaving_it_locked_keeps_what_was_told(self, scripted: Scripted) -> None:
        terminal = fleet(2)
        terminal.replies["POST", "/syncs"] = REFUSAL
        async with scripted(terminal, settings="read_only = true") as stage:
            await stage.press("*", "s", "ctrl+s", "enter")
            await stage.fill("name", "own")
            await stage.press("enter")
            await stage.see("✗ 2 refused")
            await stage.press("r", "enter")
            assert isinstance(stage.app.screen, UnlockDialog)
            await stage.press("escape")
            assert "✗ 2 refused" in stage.text
            assert len(terminal.sent("POST")) == 2


class TestTags:
    async def test_of_the_selected_one_they_are_shown_before_and_told_after(self, opened: Opening) -> None:
        async with opened(MEDIUM) as stage:
            await narrow(stage, "prairie")
            await stage.press("t", "ctrl+s")
            assert isinstance(stage.app.screen, TagsDialog)
            await stage.type("vip, night")
            await stage.press("enter")
            assert "+vip +night" in stage.line("Prairie Lines")
            assert "PATCH /tsp/v1/connections/current" in stage.text
            assert not [one for one in stage.workspace.recorder if one.request.method == "PATCH"]
            await stage.press("ctrl+s")
            await stage.see("✓ 1 done")
            row = next(row for row in stage.workspace.rows if row.connection.name == "Prairie Lines")
            assert row.connection.tags[-2:] == ["vip", "night"]

    async def test_those_that_have_them_already_are_unchanged(self, opened: Opening) -> None:
        async with opened(MEDIUM) as stage:
            await narrow(stage, "prairie")
            for _ in range(2):
                await stage.press("t", "ctrl+s")
                await stage.type("vip")
                await stage.press("enter")
                if "+vip" in stage.text:
                    await stage.press("ctrl+s")
                    await stage.see("✓ 1 done")
                    await stage.press("escape")
            assert "its tags stay as they are" in stage.text
            await stage.press("ctrl+s")
            assert len([one for one in stage.workspace.recorder if one.request.method == "PATCH"]) == 1

    @pytest.mark.parametrize(
        ("add", "remove", "problem"),
        [
            ("", "", "give a tag to add, or one to remove"),
            ("a", "b, a", "“a” cannot be both added and removed"),
        ],
    )
    async def test_what_makes_no_sense_is_said(self, opened: Opening, add: str, remove: str, problem: str) -> None:
        async with opened() as stage:
            await stage.press("t", "ctrl+s")
            await stage.fill("add", add)
            await stage.fill("remove", remove)
            await stage.press("enter")
            assert problem in stage.text


class TestIssues:
    async def test_all_open_ones_are_listed_by_connection_and_code_and_resolved(self, opened: Opening) -> None:
        async with opened(MEDIUM) as stage:
            await narrow(stage, "issues:>0")
            await stage.press("*")
            known = sum(row.open_issues or 0 for row in the_list(stage).table.rows)
            await stage.press("v")
            bulk = the_bulk(stage).bulk
            assert len(bulk.to_send) == known > 1
            assert bulk.to_send[0].detail in stage.text
            assert f"{known} × POST /tsp/v1/issues/{{id}}/resolve" in stage.words
            assert bulk.to_send[0].key not in stage.text
            await stage.press("ctrl+s")
            await stage.see(f"✓ {known} done")
            assert all(
                not row.open_issues for row in stage.workspace.rows if row.id in {t.connection_id for t in bulk.targets}
            )

    async def test_of_one_without_any_nothing_is_sent(self, scripted: Scripted) -> None:
        async with scripted(Terminal()) as stage:
            await stage.press("v")
            assert "no open issue" in stage.text
            assert "Nothing is to be sent. Esc leaves." in stage.text


class TestTheOtherServer:
    async def test_syncs_are_requested_without_a_window_and_a_disabled_one_refuses(
        self, sandbox: Sandbox, tmp_path: Path
    ) -> None:
        async with running(stage_on(sandbox, tmp_path, "demo-stuut", speed=30), MEDIUM) as stage:
            screen = the_list(stage)
            disabled = {row.id for row in screen.table.rows if row.state.word == "disabled"}
            idle = {row.id for row in screen.table.rows if row.state.word == "connected"}
            assert disabled
            assert idle
            screen.marks.put([*disabled, *idle])
            screen.table.show_marks()
            await stage.press("s")
            assert f"{len(disabled)} will most likely refuse" in stage.words
            await stage.press("ctrl+s")
            assert "One job for each model that is read." in stage.words
            await stage.press("enter")
            await stage.until(lambda: the_bulk(stage).bulk.stage is BulkStage.ENDED)
            for target in the_bulk(stage).bulk.targets:
                wanted = [Outcome.REFUSED] if target.key in disabled else [Outcome.DONE, Outcome.ATTACHED]
                assert target.outcome in wanted, target
            assert "409" in stage.line("✗ refused")

    async def test_what_it_does_not_offer_has_no_key(self, sandbox: Sandbox, tmp_path: Path) -> None:
        async with running(stage_on(sandbox, tmp_path, "demo-stuut", speed=30), MEDIUM) as stage:
            await stage.press("space", "t", "v", "b")
            assert isinstance(stage.app.screen, ConnectionsScreen)
            assert "1 marked  s sync  esc drop them" in stage.text


LONG = [text for text in HOSTILE.values() if len(text) > 1000]
SHORT = [text for text in HOSTILE.values() if len(text) <= 1000]


@pytest.mark.parametrize("texts", [SHORT, *([text] * 2 for text in LONG)], ids=["short", "64 kB", "64 kB of markup"])
@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_hostile_names_and_words_are_shown_and_never_obeyed(
    scripted: Scripted, texts: list[str], size: tuple[int, int]
) -> None:
    terminal = fleet(len(texts))
    for made, text in zip(terminal.connections, texts, strict=True):
        made |= {"company": {"name": text, "dotNumbers": []}, "tags": [text]}
    terminal.issues = [
        issue(id=f"isu_{number}", connection=f"conn_{number}", error={"code": text, "message": text})
        for number, text in enumerate(texts)
    ]

    def refused(request: ServerRequest) -> Reply:
        text = texts[int(request.headers["connection-token"].rpartition("x")[2])]
        return Reply(400, json={"code": text, "message": text})

    terminal.replies["POST", "/syncs"] = refused
    async with scripted(terminal, size, settings="read_only = true") as stage:
        await stage.press("*")
        inert(stage)
        await stage.press("s")
        inert(stage)
        await stage.press("ctrl+s", "enter")
        inert(stage)
        await stage.fill("name", "own")
        await stage.press("enter")
        await stage.see(f"✗ {len(texts)} refused")
        inert(stage)
        await stage.press("y")
        assert not RAW.search(stage.clipboard.replace("\t", "").replace("\n", ""))
        await stage.press("escape", "t", "ctrl+s")
        inert(stage)
        await stage.press("escape", "escape", "v")
        inert(stage)
