"""The log in front of the screens: what is written of a session, and F12."""

from __future__ import annotations

import logging
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.clocks import FakeClock
from tests.screens.conftest import Opening, running
from tests.screens.scripted import KEY, Terminal, sync
from tests.screens.stage import MEDIUM, SIZES, Stage, store
from tui_app.logs.log_file import LogFile
from tui_app.screens.connections import ConnectionsScreen
from tui_app.screens.log import LogDialog


@asynccontextmanager
async def logging_stage(
    folder: Path, monkeypatch: pytest.MonkeyPatch, log: LogFile, size: tuple[int, int] = MEDIUM, settings: str = ""
) -> AsyncIterator[Stage]:
    """The app on a scripted server, with a log."""
    monkeypatch.setenv("OWN_KEY", KEY)
    with Terminal(last_sync=sync()) as terminal:
        path = folder / "profiles.toml"
        path.write_text(f'[profiles.own]\nbase_url = "{terminal.url}"\nkey_env = "OWN_KEY"\n{settings}')
        try:
            async with running(Stage(FakeClock(), store(path), "own", log_file=log), size) as stage:
                yield stage
        finally:
            log.end()


async def test_what_happens_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = LogFile(tmp_path / "a.log")
    async with logging_stage(tmp_path, monkeypatch, log, settings="read_only = true") as stage:
        await stage.press("s", "enter")
        await stage.fill("name", "own")
        await stage.press("enter")
        await stage.pass_time(5)
    text = log.path.read_text()
    for words in (
        "started: Syncscope ",
        "terminal 120×40, TERM=",
        "profile “own”",
        "opened “own” at http://127.0.0.1:",
        "terminal, simulated, locked",
        "GET /tsp/v1/connections?limit=200 200 ",
        "unlocked once: request_sync",
        "admitted, because it was unlocked: request_sync",
        "POST /tsp/v1/syncs 200 ",
        "in_progress",
        "closed “own”",
    ):
        assert words in text, (words, text)


@pytest.mark.parametrize("size", SIZES)
async def test_f12_shows_where_it_is_and_its_last_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    log = LogFile(tmp_path / "a.log")
    async with logging_stage(tmp_path, monkeypatch, log, size) as stage:
        logging.getLogger("tui_app.x").info("the \x1b[31mlast")
        logging.getLogger("tui_app.x").warning("the second")
        await stage.press("f12")
        assert isinstance(stage.app.screen, LogDialog)
        assert str(log.path) in stage.words.replace(" ", "") or str(log.path) in stage.text
        assert "kB in the newest file" in stage.words
        assert "the ␛[31mlast" in stage.words
        asked = [line.strip(" │▁▂▃▄▅▆▇█") for line in stage.lines if re.search(r" #\d+ GET ", line)]
        assert asked
        assert all(re.fullmatch(r"[\d:]{8} #\d+ GET \S+ 200 \d+ms", line) for line in asked), asked
        assert re.search(r"[\d:]{8} WARNING x: the second", stage.words)
        await stage.press("y")
        assert stage.clipboard == str(log.path)
        await stage.press("f12")
        assert isinstance(stage.app.screen, ConnectionsScreen)


async def test_a_log_that_is_off_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = LogFile(tmp_path / "a.log", "off")
    async with logging_stage(tmp_path, monkeypatch, log) as stage:
        await stage.press("f12")
        assert "There is no log: it is switched off" in stage.words
        await stage.press("y", "escape")
        assert stage.clipboard == ""
    assert not log.path.exists()


async def test_a_log_that_cannot_be_written_is_said_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    log = LogFile(tmp_path / "file" / "a.log")
    async with logging_stage(tmp_path, monkeypatch, log) as stage:
        assert [toast.split("\n")[0] for toast in stage.toasts] == ["There is no log"]
        assert "1 connection" in stage.text
        await stage.press("f12")
        assert "There is no log: " in stage.words


async def test_without_a_log_f12_says_so(opened: Opening) -> None:
    async with opened(MEDIUM) as stage:
        await stage.press("f12")
        assert "There is no log in this session." in stage.words
