"""The lock: what is production is changed by nobody who did not say so, one change at a time."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from pydantic import SecretStr

from tests.clocks import FakeClock
from tests.screens.conftest import Scripted, running
from tests.screens.scripted import Terminal, sync
from tests.screens.stage import SIZES, Stage, store
from tui_app.models.profile import Profile
from tui_app.screens.connections import ConnectionsScreen
from tui_app.screens.create import CreateScreen
from tui_app.screens.dialogs import UnlockDialog
from tui_app.screens.sync import SyncScreen

LOCKED = "read_only = true"


@asynccontextmanager
async def asked(scripted: Scripted, terminal: Terminal, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Stage]:
    """A locked profile in which a sync was asked for."""
    async with scripted(terminal, size, settings=LOCKED) as stage:
        await stage.press("s", "enter")
        terminal.last_sync = sync(status="requested", progress=0)
        assert isinstance(stage.app.screen, UnlockDialog)
        yield stage


@pytest.mark.parametrize("size", SIZES)
async def test_the_question_names_the_change_the_profile_and_what_it_is(
    scripted: Scripted, size: tuple[int, int]
) -> None:
    async with asked(scripted, Terminal(), size) as stage:
        assert "This profile is locked" in stage.text
        assert "You are about to request a sync of Frank's Trucking at “own”, which is SIMULATED" in stage.words
        assert "Unlocking lets this one change through and locks again." in stage.words
        assert "type own to unlock" in stage.text


async def test_a_wrong_name_refuses_and_sends_nothing(scripted: Scripted) -> None:
    terminal = Terminal()
    async with asked(scripted, terminal) as stage:
        await stage.fill("name", "own?")
        await stage.press("enter")
        assert isinstance(stage.app.screen, UnlockDialog)
        assert "that is not the profile's name: type own" in stage.text
        assert not terminal.sent("POST")


@pytest.mark.parametrize("way", ["escape", "#cancel"])
async def test_leaving_it_locked_sends_nothing(scripted: Scripted, way: str) -> None:
    terminal = Terminal()
    async with asked(scripted, terminal) as stage:
        await (stage.click(way) if way.startswith("#") else stage.press(way))
        await stage.pass_time(5)
        assert isinstance(stage.app.screen, ConnectionsScreen)
        assert not terminal.sent("POST")
        assert "locked" in stage.lines[0]


async def test_the_right_name_lets_one_change_through_and_locks_again(scripted: Scripted) -> None:
    terminal = Terminal()
    async with asked(scripted, terminal) as stage:
        await stage.fill("name", "own")
        await stage.click("#unlock")
        assert isinstance(stage.app.screen, SyncScreen)
        assert len(terminal.sent("POST")) == 1
        assert "locked" in stage.lines[0]
        assert "unlocked" not in stage.lines[0]
        await stage.press("s", "enter")
        assert isinstance(stage.app.screen, UnlockDialog)
        assert len(terminal.sent("POST")) == 1


async def test_creating_is_asked_for_too_and_a_refusal_keeps_the_form(scripted: Scripted) -> None:
    terminal = Terminal()
    async with scripted(terminal, (120, 40), settings=LOCKED) as stage:
        await stage.press("n")
        await stage.type("geotab")
        await stage.press("tab")
        for index in range(3):
            await stage.fill(f"credential-{index}", f"secret-{index}")
        await stage.fill("company", "Prairie Lines")
        await stage.press("ctrl+s")
        assert isinstance(stage.app.screen, UnlockDialog)
        assert "You are about to create a connection for Prairie Lines" in stage.words
        await stage.press("escape")
        assert isinstance(stage.app.screen, CreateScreen)
        assert not terminal.sent("POST")
        await stage.press("ctrl+s")
        await stage.fill("name", "own")
        await stage.press("enter")
        assert [request.json["company"] for request in terminal.sent("POST")] == [{"name": "Prairie Lines"}]


async def test_production_is_locked_without_being_told_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNCSCOPE_PRODUCTION_KEY", "sk_prod_4eC39HqLyjWDarjtT1zdp7dc")
    with Terminal() as terminal:

        def here(profile: Profile, key: SecretStr | None) -> tuple[str, SecretStr]:
            assert key is not None
            return terminal.url, key

        stage = Stage(FakeClock(), store(tmp_path / "profiles.toml"), "production", open_as=here)
        async with running(stage):
            assert "PRODUCTION" in stage.lines[0]
            assert "locked" in stage.lines[0]
            await stage.press("s", "enter")
            assert "at “production”, which is PRODUCTION" in stage.words
            await stage.press("escape")
            assert not terminal.sent("POST")


async def test_an_unlock_is_for_one_kind_of_change_only(scripted: Scripted) -> None:
    async with scripted(Terminal(), settings=LOCKED) as stage:
        stage.workspace.gate.unlock("create_connection")
        await stage.rest()
        assert "unlocked for create connection" in stage.lines[0]
        await stage.press("s", "enter")
        assert isinstance(stage.app.screen, UnlockDialog)
