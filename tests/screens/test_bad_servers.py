"""Bad servers, seen through the screens: each is said in words, loses nothing, and never breaks the app."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.clocks import FakeClock
from tests.screens.conftest import Opening, Scripted, running
from tests.screens.scripted import KEY, Terminal, connection, sync
from tests.screens.stage import MEDIUM, SIZES, SMALL, Stage, store
from tests.servers import Reply
from tui_app.sandbox.server import Sandbox
from tui_app.screens.connection import ConnectionScreen
from tui_app.screens.profiles import ProfilesScreen


@asynccontextmanager
async def unreachable(folder: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    """The app on a port where nobody listens."""
    monkeypatch.setenv("OWN_KEY", KEY)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    path = folder / "profiles.toml"
    path.write_text(f'[profiles.own]\nbase_url = "http://127.0.0.1:{port}/tsp/v1"\nkey_env = "OWN_KEY"\n')
    async with running(Stage(FakeClock(), store(path), "own")) as stage:
        yield stage


@pytest.mark.parametrize("size", SIZES)
async def test_a_wrong_key_is_said_with_what_to_do(scripted: Scripted, size: tuple[int, int]) -> None:
    terminal = Terminal()
    terminal.replies["*", "*"] = Reply(401, json={"code": "unauthorized", "message": "Invalid API key"})
    async with scripted(terminal, size) as stage:
        assert "✗ " in stage.text
        assert "the server: 401 · unauthorized · Invalid API key" in stage.words
        assert "Press R to try again, 5 to open another profile." in stage.words
        assert "There are no connections" not in stage.text
        assert "degraded: key refused" in stage.lines[0]
        await stage.press("5")
        assert isinstance(stage.app.screen, ProfilesScreen)


async def test_an_unreachable_host_is_said_and_tried_again_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with unreachable(tmp_path, monkeypatch) as stage:
        await stage.pass_time(30)
        assert "offline since 14:02" in stage.lines[0]
        assert "✗ " in stage.text
        assert "Press R to try again" in stage.text
        assert "There are no connections" not in stage.text


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (Reply(body=b"<html>Welcome to the wifi</html>"), "not JSON"),
        (Reply(json={"hello": "world"}), "not a page of a list"),
        (Reply(json=[1, 2]), "not a page of a list"),
        (Reply(json={"results": [], "next": {"odd": 1}}), "does not say what the next page is"),
        (Reply(body=b'{"results": [', length=500), "✗ "),
        (Reply(drop=True), "✗ "),
    ],
)
async def test_an_answer_that_is_none_of_this_api_is_said(scripted: Scripted, reply: Reply, said: str) -> None:
    terminal = Terminal()
    terminal.replies["GET", "/connections"] = reply
    async with scripted(terminal, MEDIUM) as stage:
        await stage.pass_time(30)
        assert said in stage.words
        assert "There are no connections" not in stage.text


async def test_what_was_read_stays_when_the_list_cannot_be_read_again(scripted: Scripted) -> None:
    terminal = Terminal()
    async with scripted(terminal, MEDIUM) as stage:
        assert "Frank's Trucking" in stage.text
        terminal.replies["GET", "/connections"] = Reply(401, json={"message": "Key was revoked"})
        await stage.press("R")
        assert "Key was revoked" in stage.text
        assert "● connected" in stage.text
        assert "1+ connections" in stage.text
        del terminal.replies["GET", "/connections"]
        await stage.press("R")
        assert "Key was revoked" not in stage.text
        assert "1 connection" in stage.text


async def test_a_row_that_cannot_be_read_is_shown_with_its_reason_beside_those_that_can(scripted: Scripted) -> None:
    rows = [connection(), {"id": "conn_broken", "status": None}, "not even an object"]
    async with scripted(Terminal(connections=rows), MEDIUM) as stage:
        assert "2 rows could not be read: row 2 conn_broken –" in stage.words
        assert "Frank's Trucking" in stage.text
        assert "1 connection" in stage.text


async def test_a_server_error_is_retried_and_then_the_list_is_there(scripted: Scripted) -> None:
    terminal = Terminal()
    terminal.replies["GET", "/connections"] = Reply(503, json={"message": "Warming up"})
    async with scripted(terminal, MEDIUM) as stage:
        await stage.see("Warming up", within=60)
        del terminal.replies["GET", "/connections"]
        await stage.see("1 connection", within=120)
        assert "Warming up" not in stage.text


async def test_words_that_nobody_knows_are_shown_as_they_came(scripted: Scripted) -> None:
    terminal = Terminal(
        connections=[connection(status="hibernating", syncMode="psychic")], last_sync=sync(status="levitating")
    )
    async with scripted(terminal, (160, 50)) as stage:
        assert "? hibernating" in stage.text
        assert "psychic" in stage.text
        assert "levitating" in stage.text
        await stage.press("enter")
        assert "The server uses a state that Syncscope does not know" in stage.words


async def test_a_server_without_issues_leaves_the_rest_working(scripted: Scripted) -> None:
    terminal = Terminal(last_sync=sync())
    terminal.replies["GET", "/issues"] = Reply(404)
    async with scripted(terminal, MEDIUM) as stage:
        assert "◐ syncing" in stage.text
        await stage.press("enter", "tab", "tab")
        assert "This server does not offer a list of issues" in stage.words


async def test_a_connection_whose_token_was_revoked_keeps_what_is_known(opened: Opening, sandbox: Sandbox) -> None:
    async with opened(MEDIUM) as stage:
        row = next(row for row in stage.workspace.rows if row.connection.name == "Prairie Lines")
        assert row.connection.token is not None
        sandbox.revoke_token(row.connection.token.get_secret_value())
        await stage.press("slash")
        await stage.type("prairie")
        await stage.press("enter", "enter")
        assert isinstance(stage.app.screen, ConnectionScreen)
        assert "Prairie Lines" in stage.text
        assert any("Could not read the connection" in toast and "403" in toast for toast in stage.toasts)
        await stage.press("tab")
        assert "403" in stage.words


async def test_a_connection_without_a_token_says_why_nothing_is_read(scripted: Scripted) -> None:
    async with scripted(Terminal(connections=[connection(token=None, status="deleted")]), SMALL) as stage:
        await stage.press("enter")
        assert "deleted" in stage.text
        assert any("has no token" in toast for toast in stage.toasts)


async def test_a_rate_limit_is_said_with_the_wait(scripted: Scripted) -> None:
    terminal = Terminal()
    async with scripted(terminal, MEDIUM) as stage:
        terminal.replies["*", "*"] = Reply(429, headers={"Retry-After": "30"}, json={"message": "Slow down"})
        await stage.press("R")
        await stage.pass_time(1)
        assert "degraded: 429" in stage.lines[0]
        assert "resuming in" in stage.lines[0]


async def test_the_app_ends_cleanly_while_a_sync_is_followed(scripted: Scripted) -> None:
    terminal = Terminal(last_sync=sync())
    async with scripted(terminal, MEDIUM) as stage:
        await stage.press("w", "escape", "q")
    assert stage.app.return_code == 0
    assert stage.opened[0].api.transport._closed


async def test_a_server_that_answers_for_another_connection_is_said_to_and_no_row_is_mixed_up(
    scripted: Scripted,
) -> None:
    terminal = Terminal([connection(), connection(id="conn_other", company={"name": "Other Fleet"})])
    async with scripted(terminal, MEDIUM) as stage:
        assert stage.line("Other Fleet")
        assert "could not look" in stage.line("Other Fleet")
        assert stage.line("Frank's Trucking")
        await stage.press("s", "escape", "5", "1")
