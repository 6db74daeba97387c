"""One connection: its parts, what they list, and what leads on from them."""

from __future__ import annotations

import pytest

from tests.screens.conftest import Opening, Scripted
from tests.screens.scripted import CONNECTION_ID, TOKEN, Terminal, connection, issue, sync
from tests.screens.stage import MEDIUM, SIZES
from tests.servers import Reply
from tui_app.screens.connection import ConnectionScreen
from tui_app.screens.sync import SyncScreen


@pytest.mark.parametrize("size", SIZES)
async def test_the_overview_says_how_it_stands_and_what_that_means(opened: Opening, size: tuple[int, int]) -> None:
    async with opened(size) as stage:
        await stage.press("enter")
        assert "Transport Trépanier · Motive · conn_" in stage.text
        assert "○ disconnected" in stage.text
        assert "The stored credentials no longer work." in stage.words
        assert "✗ failed · asked 8 days ago" in stage.words


async def test_tab_goes_through_the_parts_and_around_and_the_focus_goes_along(opened: Opening) -> None:
    async with opened(MEDIUM) as stage:
        await stage.press("enter")
        screen = stage.app.screen
        assert isinstance(screen, ConnectionScreen)
        for part, focused in (("syncs", "#syncs-table"), ("issues", "#issues-table"), ("json", "#json-view JsonLines")):
            await stage.press("tab")
            assert screen.parts.active == part
            assert stage.app.focused is screen.query_one(focused)
        await stage.press("tab")
        assert screen.parts.active == "overview"
        await stage.press("shift+tab")
        assert screen.parts.active == "json"


async def test_a_click_opens_a_part(opened: Opening) -> None:
    async with opened() as stage:
        await stage.press("enter")
        await stage.click_text("Issues")
        assert "No issues: everything that was asked for came whole." in stage.text


async def test_the_syncs_are_listed_and_enter_opens_one(opened: Opening) -> None:
    async with opened(MEDIUM) as stage:
        await stage.press("down", "down", "enter", "tab")
        assert "◐ in progress" in stage.text
        assert "✓ completed" in stage.text
        assert "usually" in stage.text
        await stage.press("down", "enter")
        assert isinstance(stage.app.screen, SyncScreen)
        await stage.press("escape")
        assert isinstance(stage.app.screen, ConnectionScreen)


async def test_the_issues_are_listed_open_ones_first_with_their_message(scripted: Scripted) -> None:
    over = issue(id="isu_2", status="resolved", error={"code": "data_delayed", "message": "Was late"})
    async with scripted(Terminal(issues=[over, issue()]), MEDIUM) as stage:
        await stage.press("enter", "tab", "tab")
        assert stage.text.index("permission_missing") < stage.text.index("data_delayed")
        assert "Driver data cannot be read with these credentials." in stage.text
        assert "user action required" in stage.text
        await stage.press("down")
        assert "Was late" in stage.text


async def test_the_json_masks_the_token(scripted: Scripted) -> None:
    async with scripted(Terminal([connection(futureField="kept")]), (160, 50)) as stage:
        await stage.press("enter", "shift+tab")
        assert '"token": "con_tkn_22vU••••••••"' in stage.text
        assert '"futureField": "kept"' in stage.text
        assert TOKEN not in stage.text


async def test_what_was_never_synced_says_so_and_the_key_that_changes_it(scripted: Scripted) -> None:
    async with scripted(Terminal()) as stage:
        await stage.press("enter", "tab")
        assert "This connection was never synced. Press s to request a sync." in stage.text


async def test_syncs_that_cannot_be_read_are_said(scripted: Scripted) -> None:
    terminal = Terminal()
    terminal.replies["GET", "/syncs"] = Reply(403, json={"code": "forbidden", "message": "Not for you"})
    async with scripted(terminal, MEDIUM) as stage:
        await stage.press("enter", "tab")
        assert "the server: 403 · forbidden · Not for you" in stage.words


async def test_its_newest_sync_is_followed_and_its_id_copied(scripted: Scripted) -> None:
    async with scripted(Terminal(last_sync=sync())) as stage:
        await stage.press("enter", "y")
        assert stage.clipboard == CONNECTION_ID
        await stage.press("w")
        assert isinstance(stage.app.screen, SyncScreen)


async def test_what_changes_at_the_server_changes_here(scripted: Scripted) -> None:
    terminal = Terminal(last_sync=sync())
    async with scripted(terminal, MEDIUM) as stage:
        await stage.press("enter")
        assert "A sync is running now." in stage.text
        terminal.last_sync = sync(status="failed", failureReason="Gone wrong", completedAt="2026-11-22T14:02:30.000Z")
        await stage.press("R")
        assert "✗ failing" in stage.text
        assert "Gone wrong" in stage.text
