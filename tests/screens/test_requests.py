"""The requests of the session: the list that follows the newest, one in full, and what can be done with them."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import Footer
from textual.widgets._footer import FooterKey

from tests.clocks import until
from tests.screens.conftest import Scripted
from tests.screens.scripted import CONNECTION_ID, SYNC_ID, Terminal, connection, sync
from tests.screens.stage import LARGE, MEDIUM, SIZES, SMALL, Stage
from tests.servers import Reply
from tui_app.screens.connection import ConnectionScreen
from tui_app.screens.connections import ConnectionsScreen
from tui_app.screens.exchange import ExchangeScreen
from tui_app.screens.find import FindDialog
from tui_app.screens.har_dialog import HarDialog
from tui_app.screens.json_dialog import JsonDialog
from tui_app.screens.orders import OrderDialog
from tui_app.screens.requests import RequestsScreen
from tui_app.screens.sync import SyncScreen
from tui_app.widgets.json_lines import JsonLines
from tui_app.widgets.table import Table

FLEET = [connection(company={"name": "Prairie Lines"}), connection(id="conn_2", company={"name": "Harbor"})]


def listed(stage: Stage) -> list[str]:
    """The method and path of each request in the list."""
    return [f"{row.method} {row.request.path}" for row in stage.app.screen.query_one("#exchanges", Table).rows]


def current(stage: Stage) -> Any:
    """The request under the cursor."""
    return stage.app.screen.query_one("#exchanges", Table).current


async def open_look(stage: Stage) -> None:
    """Open the latest look at a connection, in full."""
    await stage.press("4", "slash")
    await stage.type("path:current")
    await stage.press("enter", "end", "enter")
    assert isinstance(stage.app.screen, ExchangeScreen)


def lines(stage: Stage) -> JsonLines:
    """The lines of the JSON on screen."""
    return stage.app.screen.query_one(JsonLines)


class TestTheList:
    async def test_new_ones_appear_and_the_cursor_goes_along_only_from_the_newest(self, scripted: Scripted) -> None:
        async with scripted(Terminal(FLEET)) as stage:
            await stage.press("4")
            assert isinstance(stage.app.screen, RequestsScreen)
            before = listed(stage)
            assert before[0] == "GET /tsp/v1/connections"
            newest = max(each.number for each in stage.workspace.recorder)
            assert current(stage).number == newest

            await stage.workspace.read_connection(CONNECTION_ID)
            await stage.rest()
            assert listed(stage) == [*before, "GET /tsp/v1/connections/current"]
            assert current(stage).number == newest + 1

            await stage.press("home")
            await stage.workspace.read_connection(CONNECTION_ID)
            await stage.rest()
            assert len(listed(stage)) == len(before) + 2
            assert current(stage).number == 1

    async def test_what_failed_is_said_and_words_narrow_the_list(self, scripted: Scripted) -> None:
        terminal = Terminal(FLEET)
        terminal.replies["GET", "/issues"] = Reply(403, json={"code": "forbidden", "message": "Not for you"})
        async with scripted(terminal, LARGE) as stage:
            await stage.press("4")
            assert "✗ 403 Forbidden" in stage.text
            assert "✗ 1 failed" in stage.text
            await stage.press("slash")
            await stage.type("is:failed")
            assert listed(stage) == ["GET /tsp/v1/issues"]
            assert "1 of " in stage.words
            await stage.type(" colour:red")
            assert "there is no filter “colour:”" in stage.words
            await stage.press("ctrl+u")
            await stage.type("status:5xx")
            assert "No request fits this filter." in stage.words
            await stage.press("escape", "escape")
            assert len(listed(stage)) > 1
            await stage.press("escape")
            assert isinstance(stage.app.screen, ConnectionsScreen)

    async def test_another_profile_begins_with_none_and_says_what_will_stand_there(self, scripted: Scripted) -> None:
        async with scripted(Terminal(FLEET)) as stage:
            await stage.press("4", "enter")
            assert isinstance(stage.app.screen, ExchangeScreen)
            stage.workspace.recorder.clear()
            await stage.press("escape")
            assert "Nothing was sent yet. Each request appears here as it is sent" in stage.words
            await stage.press("enter", "r", "y", "h")
            assert isinstance(stage.app.screen, RequestsScreen)
            assert "There is no request to save here." in "".join(stage.toasts)


class TestInFull:
    @pytest.mark.parametrize("size", SIZES)
    async def test_it_folds_is_searched_and_its_ids_lead_to_what_they_name(
        self, scripted: Scripted, size: tuple[int, int]
    ) -> None:
        async with scripted(Terminal(FLEET, last_sync=sync()), size) as stage:
            await open_look(stage)
            assert "200 OK · 22 Nov 2026" in stage.text
            assert "▸ Request headers" in stage.text
            assert "Connection-Token" not in stage.text
            keys = list(stage.app.screen.query(FooterKey))
            assert len(keys) <= 7
            assert all(stage.app.screen.query_one(Footer).region.contains_region(key.region) for key in keys)

            await stage.press("slash")
            await stage.type("CON_TKN")
            assert "1 of 2" in stage.text
            assert "Connection-Token: con_tkn_22vU••••" in stage.text
            await stage.press("enter", "n")
            assert "2 of 2" in stage.text
            assert '"token": "con_tkn_22vU••••' in stage.text
            await stage.press("N")
            assert "1 of 2" in stage.text
            await stage.press("escape", "left", "left")
            assert "▸ Request headers" in stage.text

            await stage.press("slash")
            await stage.type(SYNC_ID)
            await stage.press("enter", "enter")
            assert isinstance(stage.app.screen, SyncScreen)
            await stage.press("escape", "escape")
            assert isinstance(stage.app.screen, ExchangeScreen)
            await stage.press("home", "minus")
            await stage.click_text(CONNECTION_ID)
            assert isinstance(stage.app.screen, ConnectionScreen)
            assert stage.app.screen.connection_id == CONNECTION_ID
            await stage.press("escape", "escape")
            assert isinstance(stage.app.screen, RequestsScreen)

    async def test_a_click_folds_and_unfolds_and_presses_the_keys_below(self, scripted: Scripted) -> None:
        async with scripted(Terminal(FLEET), MEDIUM) as stage:
            await open_look(stage)
            await stage.click_text('"company": {')
            assert '"company": {…},  name Prairie Lines, 1 field' in stage.text
            await stage.click_text('"company": {…}')
            assert '"name": "Prairie Lines"' in stage.text
            await stage.click_text("fold all")
            assert '"company"' not in stage.text
            await stage.click_text("unfold all")
            assert "Accept: application/json" in stage.text

    async def test_long_and_wide_values_are_shown_to_their_end(self, scripted: Scripted) -> None:
        wide, long = "漢字" * 60 + "終", "x" * 3000 + "end"
        terminal = Terminal([connection(company={"name": wide}, externalId=long)])
        async with scripted(terminal, SMALL) as stage:
            await open_look(stage)
            await stage.press("slash")
            await stage.type("終")
            assert "終" in stage.text
            await stage.press("ctrl+u")
            await stage.type("xend")
            await stage.press("enter")
            assert "xend" in stage.text
            await stage.press("up", "pagedown", "pagedown", "end")
            assert lines(stage).cursor == lines(stage).outline.shown[-1]

    async def test_something_unknown_is_searched_for(self, scripted: Scripted) -> None:
        other = "conn_01ZZZZZZZZZZZZZZZZZZZZZZZZ"
        async with scripted(Terminal([connection(sourceId=other)]), MEDIUM) as stage:
            await open_look(stage)
            await stage.click_text(other)
            assert isinstance(stage.app.screen, FindDialog)
            assert other in stage.words
            await stage.press("escape")
            assert isinstance(stage.app.screen, ExchangeScreen)


class TestEveryOtherJson:
    async def test_a_syncs_json_folds_and_leads_on_and_back(self, scripted: Scripted) -> None:
        async with scripted(Terminal(FLEET, last_sync=sync(connection="conn_2")), MEDIUM) as stage:
            await stage.press("home", "w")
            await stage.until(lambda: "40" in stage.text)
            await stage.press("j")
            assert isinstance(stage.app.screen, JsonDialog)
            await stage.press("slash")
            await stage.type("conn_2")
            await stage.press("enter", "enter")
            assert isinstance(stage.app.screen, ConnectionScreen)
            await stage.press("escape")
            assert isinstance(stage.app.screen, JsonDialog)
            await stage.press("escape")
            assert isinstance(stage.app.screen, JsonDialog)  # the search was left
            await stage.press("escape")
            assert isinstance(stage.app.screen, SyncScreen)

    async def test_a_connections_json_keeps_its_folds_when_it_changes(self, scripted: Scripted) -> None:
        terminal = Terminal(FLEET[:1])
        async with scripted(terminal, MEDIUM) as stage:
            await stage.press("home", "enter", "shift+tab")
            await stage.click_text('"company": {')
            assert "name Prairie Lines, 1 field" in stage.text
            cursor = lines(stage).cursor
            terminal.connections[0] = connection(company={"name": "Other Lines"}, tags=["new"])
            await stage.press("R")
            assert "name Other Lines, 1 field" in stage.text
            assert '"new"' in stage.text
            assert lines(stage).cursor == cursor


class TestWhatCanBeDone:
    async def test_saved_as_har_and_never_over_another_file_unasked(
        self, scripted: Scripted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        folder = tmp_path / "here"
        folder.mkdir()
        monkeypatch.chdir(folder)
        async with scripted(Terminal(FLEET)) as stage:
            await stage.press("4", "slash")
            await stage.type("issues")
            await stage.press("enter", "h")
            assert isinstance(stage.app.screen, HarDialog)
            assert "the 1 request that the filter shows" in stage.words
            await stage.press("enter")
            await until(lambda: len(stage.toasts) == 1)  # a thread writes it
            (file,) = folder.iterdir()
            assert file.name.startswith("syncscope-own-20261122-")
            assert stat.S_IMODE(file.stat().st_mode) == 0o600
            (entry,) = json.loads(file.read_text())["log"]["entries"]
            assert entry["request"]["url"].endswith("/tsp/v1/issues?status=ongoing&limit=200")
            assert f"1 request written to {file}" in "".join(stage.toasts).replace("\n", " ")

            file.write_text("mine")
            await stage.press("escape", "h", "enter", "enter")
            assert file.read_text() == "mine"
            await stage.press("h", "enter")
            assert "this file is there already" in stage.words
            await stage.click("#replace")
            await until(lambda: file.read_text() != "mine")  # a thread writes it
            assert len(json.loads(file.read_text())["log"]["entries"]) > 1

    async def test_copied_as_what_runs(self, scripted: Scripted) -> None:
        async with scripted(Terminal(FLEET)) as stage:
            await open_look(stage)
            await stage.press("y")
            assert stage.clipboard.endswith("/tsp/v1/connections/current")
            await stage.press("Y", "c")
            assert "Connection-Token: $CONNECTION_TOKEN" in stage.clipboard
            await stage.press("Y", "p")
            assert "httpx.request(" in stage.clipboard
            await stage.press("Y", "a")
            assert json.loads(stage.clipboard)["id"] == CONNECTION_ID

    async def test_a_read_is_sent_again_at_once_and_what_came_is_shown(self, scripted: Scripted) -> None:
        terminal = Terminal(FLEET)
        async with scripted(terminal) as stage:
            await open_look(stage)
            before = len(terminal.requests)
            terminal.replies["GET", "/connections/current"] = Reply(
                500, json={"code": "boom", "message": "Not our day"}
            )
            await stage.press("r")
            assert len(terminal.requests) == before + 1
            assert "✗ 500 Internal Server Error" in stage.text
            assert '"message": "Not our day"' in stage.text

    async def test_a_change_is_shown_first_and_unlocked_like_any_other(self, scripted: Scripted) -> None:
        terminal = Terminal(FLEET, last_sync=sync())
        async with scripted(terminal, MEDIUM, settings="read_only = true") as stage:
            await stage.press("home", "s", "enter")
            await stage.fill("name", "own")
            await stage.press("enter")
            assert len(terminal.sent("POST")) == 1
            await stage.press("4", "slash")
            await stage.type("method:post")
            await stage.press("enter", "r")
            assert isinstance(stage.app.screen, OrderDialog)
            assert "request sync" in stage.words
            assert '"days": 7' in stage.text
            await stage.press("enter")  # by habit
            assert isinstance(stage.app.screen, RequestsScreen)
            await stage.press("r")
            await stage.click("#send")
            assert len(terminal.sent("POST")) == 1
            await stage.fill("name", "own")
            await stage.press("enter")
            first, second = terminal.sent("POST")
            assert (second.json, second.headers["connection-token"]) == (first.json, first.headers["connection-token"])
            assert listed(stage) == ["POST /tsp/v1/syncs"] * 2
            assert stage.workspace.gate.unlocked is None
