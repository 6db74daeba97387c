"""Orders that need no form: cancel, try again, resolve, delete. Each is shown before it is sent, and followed after."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from textual import events

from tests.clocks import until
from tests.screens.conftest import Opening, Scripted, running, stage_on
from tests.screens.scripted import SYNC_ID, Terminal, connection, issue, sync
from tests.screens.stage import MEDIUM, SMALL, Stage
from tests.screens.test_sync import watch
from tests.servers import Reply
from tui_app.sandbox.server import Sandbox
from tui_app.screens.connection import ConnectionScreen
from tui_app.screens.connections import ConnectionsScreen
from tui_app.screens.dialogs import HelpDialog
from tui_app.screens.orders import OrderDialog
from tui_app.screens.sync import SyncScreen


def shown_sync(stage: Stage) -> str:
    assert isinstance(stage.app.screen, SyncScreen), stage.text
    return stage.app.screen.sync_id


@pytest.mark.parametrize("size", [SMALL, MEDIUM])
async def test_a_sync_is_cancelled_ends_as_failed_and_is_tried_again(opened: Opening, size: tuple[int, int]) -> None:
    async with opened(size) as stage:
        await watch(stage, "pine barrens")
        first = shown_sync(stage)
        assert "x cancel" in stage.lines[-1]
        assert "r try again" not in stage.lines[-1]
        await stage.press("x")
        assert isinstance(stage.app.screen, OrderDialog)
        assert f"/syncs/{first}/cancel" in stage.words.replace(" ", "")
        await stage.press("enter")
        # Within the budget: what was read meanwhile may have used it for this second.
        await stage.until(lambda: any("will end as failed" in toast for toast in stage.toasts), within=3)
        await stage.see("✗ Failed:", within=600)
        assert "It was cancelled here: the server tells a cancelled sync as failed." in stage.words
        assert "x cancel" not in stage.lines[-1]
        assert "r try again" in stage.lines[-1]
        await stage.press("r", "enter")
        await stage.see("elapsed", within=120)
        assert "✗ Failed" not in stage.text
        assert "cancelled here" not in stage.text


@pytest.mark.parametrize("again", [SYNC_ID, "sync_01NEW"])
async def test_a_sync_that_is_tried_again_is_followed_under_the_id_it_then_has_even_if_it_cannot_be_read_at_first(
    scripted: Scripted, again: str
) -> None:
    terminal = Terminal(last_sync=sync(status="failed", failureReason="outage"))
    terminal.replies["POST", "/syncs/…"] = Reply(json={"id": again, "message": "Sync retried"})
    async with scripted(terminal, MEDIUM) as stage:
        await stage.press("w")
        assert "✗ Failed: outage" in stage.text
        terminal.replies["GET", "/syncs/…"] = Reply(404)  # for a moment
        await stage.press("r", "enter")
        assert shown_sync(stage) == again
        del terminal.replies["GET", "/syncs/…"]
        terminal.last_sync = sync(id=again, attempts=2)
        await stage.see("attempt 2", within=120)
        assert "✗ Failed" not in stage.text


async def test_leaving_the_question_sends_nothing(opened: Opening) -> None:
    async with opened(MEDIUM) as stage:
        await watch(stage, "pine barrens")
        await stage.press("x", "escape")
        shown_sync(stage)
        await stage.press("x", "tab", "enter")
        shown_sync(stage)
        assert not [exchange for exchange in stage.workspace.recorder if exchange.request.method == "POST"]


async def test_a_refusal_is_told_in_the_servers_words(scripted: Scripted) -> None:
    terminal = Terminal(last_sync=sync())
    refusal = Reply(422, json={"code": "not_cancellable", "message": "It is past the point of no return"})
    terminal.replies["POST", "/syncs/…"] = refusal
    async with scripted(terminal, MEDIUM) as stage:
        await stage.press("w", "x", "enter")
        assert any("It is past the point of no return" in toast for toast in stage.toasts)
        assert shown_sync(stage) == SYNC_ID


async def test_an_issue_is_resolved_and_leaves_the_count(sandbox: Sandbox, tmp_path: Path) -> None:
    async with running(stage_on(sandbox, tmp_path), MEDIUM) as stage:
        screen = stage.app.screen
        assert isinstance(screen, ConnectionsScreen)
        row = next(row for row in screen.table.rows if row.open_issues)
        before = row.open_issues
        assert before is not None
        assert screen.table.select(row.id)
        await stage.press("enter", "tab", "tab")
        assert "! ongoing" in stage.text
        await stage.press("v")
        assert isinstance(stage.app.screen, OrderDialog)
        await stage.press("enter")
        assert any("Resolved." in toast for toast in stage.toasts)
        assert "✓ resolved" in stage.text
        known = stage.workspace.row(row.id)
        assert known is not None
        assert known.open_issues == before - 1


async def test_a_resolved_issue_offers_nothing(scripted: Scripted) -> None:
    terminal = Terminal([connection()], issues=[issue(status="resolved")])
    async with scripted(terminal, MEDIUM) as stage:
        await stage.press("enter", "tab", "tab", "v")
        assert isinstance(stage.app.screen, ConnectionScreen)


async def test_a_connection_is_deleted_after_it_was_asked_about_and_not_by_enter_alone(opened: Opening) -> None:
    async with opened(MEDIUM) as stage:
        await stage.press("/")
        await stage.type("state:connected")
        await stage.press("enter", "enter", "D")
        assert isinstance(stage.app.screen, OrderDialog)
        assert "DELETE" in stage.text
        await stage.press("enter")
        assert isinstance(stage.app.screen, ConnectionScreen)
        assert not [exchange for exchange in stage.workspace.recorder if exchange.request.method == "DELETE"]
        await stage.press("D", "shift+tab", "enter")
        assert any("deletion was asked for" in toast for toast in stage.toasts)
        assert "leaving" in stage.text


async def test_what_a_server_does_not_offer_has_no_key(sandbox: Sandbox, tmp_path: Path) -> None:
    made = sandbox.add_integration(company="Aa Works", models=("customers",))
    async with running(stage_on(sandbox, tmp_path, "demo-stuut", speed=30), MEDIUM) as stage:
        screen = stage.app.screen
        assert isinstance(screen, ConnectionsScreen)
        assert screen.table.select(made["id"])
        await stage.press("enter", "D", "v")
        assert isinstance(stage.app.screen, ConnectionScreen)
        await stage.press("s", "enter")
        assert "x cancel" not in stage.lines[-1]
        await stage.press("x", "r")
        shown_sync(stage)


@pytest.mark.parametrize(("key", "path"), [("x", "/cancel"), ("s", "/syncs")])
async def test_enter_pressed_thrice_in_haste_answers_once_and_leaves_nothing_else(
    opened: Opening, key: str, path: str
) -> None:
    async with opened(MEDIUM) as stage:
        await watch(stage, "pine barrens")
        await stage.press(key)
        for _ in range(3):
            stage.app.post_message(events.Key("enter", None))
        await stage.rest()
        shown_sync(stage)
        sent = [exchange.request.path for exchange in stage.workspace.recorder if exchange.request.method == "POST"]
        assert len(sent) == 1
        assert sent[0].endswith(path)


async def test_a_form_that_is_done_behind_another_screen_leaves_once_that_is_gone(scripted: Scripted) -> None:
    terminal = Terminal()
    answer = threading.Event()
    terminal.replies["POST", "/connections"] = Reply(json=connection(id="conn_01NEW"), wait=answer)
    async with scripted(terminal, MEDIUM) as stage:
        await stage.press("n")
        await stage.type("nobody-knows")
        await stage.press("tab")
        await stage.fill("free-name-0", "key")
        await stage.fill("free-value-0", "x")
        await stage.fill("company", "Prairie Lines")
        stage.app.post_message(events.Key("ctrl+s", None))
        await until(lambda: bool(terminal.sent("POST")))
        stage.app.post_message(events.Key("f1", None))
        await until(lambda: isinstance(stage.app.screen, HelpDialog))
        answer.set()
        await stage.rest()
        assert isinstance(stage.app.screen, HelpDialog)
        await stage.press("escape")
        assert isinstance(stage.app.screen, ConnectionScreen)
        assert stage.app.screen.connection_id == "conn_01NEW"
