"""A start after others: what was seen is there at once, with its age, and nothing is sent that cannot be."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from tests.clocks import START, FakeClock, until
from tests.screens.conftest import running
from tests.screens.scripted import KEY, Terminal, connection, issue, sync
from tests.screens.stage import LARGE, MEDIUM, SMALL, Stage, store
from tests.servers import Reply

AWAY = {("*", "*"): Reply(drop=True)}


@pytest.fixture
def server() -> Terminal:
    other = connection(id="conn_02", company={"name": "Prairie Lines"}, token="con_tkn_33vUhkC6tgre4kwaYfUkCDA1rzn6")
    return Terminal([connection(), other], last_sync=sync(), issues=[issue()])


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OWN_KEY", KEY)


@asynccontextmanager
async def started(
    server: Terminal, folder: Path, size: tuple[int, int] = SMALL, *, after: float = 0
) -> AsyncIterator[Stage]:
    """One start of the app on a server that runs, some seconds after the first."""
    path = folder / "profiles.toml"
    path.write_text(f'[profiles.own]\nbase_url = "{server.url}"\nkey_env = "OWN_KEY"\n')
    clock = FakeClock(START + timedelta(seconds=after))
    async with running(Stage(clock, store(path), "own", history=folder / "history.db"), size) as stage:
        yield stage


async def seen_before(server: Terminal, folder: Path) -> None:
    """A start at which the newest sync was watched."""
    async with started(server, folder) as stage:
        await stage.until(lambda: stage.workspace.rows[0].last_sync is not None)
        await stage.press("w")
        await stage.until(lambda: watched_at(stage) == 40)  # the screen says it earlier: the list had seen it
        server.last_sync = sync(progress=45)
        await stage.until(lambda: watched_at(stage) == 45)
        await stage.see("45 %")


def watched_at(stage: Stage) -> object:
    """What whoever follows the sync has seen of its progress, in percent; ``None`` before the first look."""
    watches = stage.workspace.watcher.watches
    seen = watches[0].latest_sync if watches else None
    return seen.progress if seen is not None else None


@pytest.mark.parametrize("size", [SMALL, MEDIUM, LARGE], ids=["80x24", "120x40", "160x50"])
async def test_without_a_network_the_last_known_fleet_is_shown_with_its_age_and_the_reason(
    server: Terminal, tmp_path: Path, size: tuple[int, int]
) -> None:
    with server:
        await seen_before(server, tmp_path)
        server.replies.update(AWAY)
        async with started(server, tmp_path, size, after=7200) as stage:
            await until(lambda: len(stage.workspace.rows) == 2)
            await stage.see("as seen 2 h ago")
            await stage.until(lambda: stage.workspace.reading.problem is not None)
            await stage.rest()
            assert "Frank's Trucking" in stage.text
            assert "Prairie Lines" in stage.text
            assert "was in progress 45%" in stage.text
            assert "as seen 2 h ago" in stage.text
            assert "Press R to try again" in stage.text
            await stage.press("3")
            assert "1 sync was followed when Syncscope was left" in stage.words
            await stage.press("1")
            server.replies.clear()
            server.last_sync = sync(
                progress=60
            )  # it went on meanwhile: what was the same for two hours would stand still
            await stage.press("R")
            await stage.see("syncing")
            await stage.until(lambda: "as seen" not in stage.text and "was " not in stage.text)


async def test_what_needs_a_token_has_the_list_read_first_and_says_so_where_that_cannot_be(
    server: Terminal, tmp_path: Path
) -> None:
    with server:
        await seen_before(server, tmp_path)
        server.replies.update(AWAY)
        before = len(server.requests)
        async with started(server, tmp_path, MEDIUM, after=7200) as stage:
            await until(lambda: len(stage.workspace.rows) == 2)
            for keys in (["s"], ["m"], ["t"], ["Y", "escape"], ["o"]):
                await stage.press(*keys)
                await stage.pass_time(20)
            assert any("The connection was not read since the start" in toast for toast in stage.toasts)
            await stage.press("enter")
            await stage.pass_time(20)
            assert "2 h ago, at an earlier start" in stage.text
            for keys in (["s"], ["e"], ["p"], ["D"], ["R"], ["w"]):
                await stage.press(*keys)
                await stage.pass_time(20)
            assert "not read since the start" in stage.words
            assert "45 %" in stage.words  # what is shown was seen at the start before
            assert "What is shown was seen 2 h ago" in stage.words
            await stage.press("x", "r", "escape")
            assert all("connection-token" not in request.headers for request in server.requests[before:])
            assert {request.method for request in server.requests[before:]} <= {"GET"}
            server.replies.clear()
            await stage.press("s")
            await stage.until(lambda: stage.workspace.rows[0].connection.token is not None)
            await stage.see("Request a sync")


async def test_what_was_watched_is_watched_again_and_its_end_is_told(server: Terminal, tmp_path: Path) -> None:
    with server:
        await seen_before(server, tmp_path)
        server.last_sync = sync(status="completed", progress=100, completedAt="2026-11-22T14:30:00.000Z")
        async with started(server, tmp_path, MEDIUM, after=7200) as stage:
            await stage.until(lambda: bool(stage.workspace.watcher.watches))
            await stage.until(lambda: stage.workspace.watcher.watches[0].finished)
            await stage.rest()
            assert any("Sync completed" in toast for toast in stage.toasts)
            await stage.press("w")
            await stage.see("Journal")
            for told in ("40 → 45", "45 → 100"):
                await stage.see(told)
