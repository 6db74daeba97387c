"""Handing over: the report and the bundle looked at and written, and a bundle shown on another machine."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from textual.widgets import Button

from tests.clocks import FakeClock, until
from tests.screens.conftest import Opening, Scripted, running
from tests.screens.scripted import SYNC_ID, TOKEN, Terminal, issue, sync
from tests.screens.stage import LARGE, MEDIUM, SMALL, Stage
from tui_app.findings.leaks import Leak
from tui_app.models.clock import Clock
from tui_app.models.profile import Profile
from tui_app.opening import OnlyRecorded
from tui_app.screens.connection import ConnectionScreen
from tui_app.screens.hand_over import HandOverDialog
from tui_app.screens.sync import SyncScreen
from tui_app.workspace import Workspace
from tui_app.workspace.handing_over import HandedOver
from tui_app.workspace.recording import Recording, read_recording

FAILED = {"status": "failed", "progress": 55, "failureReason": "The provider timed out"}


async def ask(stage: Stage) -> HandOverDialog:
    """Press the key that hands over, and wait until everything was gathered."""
    await stage.press("b")
    dialog = stage.app.screen
    assert isinstance(dialog, HandOverDialog)
    await stage.until(lambda: dialog._handed is not None, within=60)
    await stage.rest()
    return dialog


async def written(stage: Stage) -> Path:
    """Write what was chosen, and say where it is."""
    before = set(Path.cwd().iterdir())
    await stage.press("ctrl+s")
    await until(lambda: not isinstance(stage.app.screen, HandOverDialog))
    await stage.rest()
    [path] = set(Path.cwd().iterdir()) - before
    return path


class There(Stage):
    """The app on another machine, with nothing but a bundle."""

    def __init__(self, recording: Recording) -> None:
        self._only = OnlyRecorded(recording)
        super().__init__(FakeClock(), self._only.profiles)

    async def _open(self, profile: Profile, key: SecretStr | None, clock: Clock) -> Workspace:
        workspace = await self._only.open(profile, key, clock)
        self.opened.append(workspace)
        return workspace


@asynccontextmanager
async def there(path: Path, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int] = MEDIUM) -> AsyncIterator[Stage]:
    """The app on another machine: another home, and no network at all."""

    def no_network(*_: Any, **__: Any) -> None:
        raise AssertionError("a socket was opened")

    elsewhere = path.parent / "elsewhere"
    elsewhere.mkdir(exist_ok=True)
    recording = read_recording(path.read_bytes())
    with monkeypatch.context() as other:
        other.setenv("HOME", str(elsewhere))
        other.chdir(elsewhere)
        other.setattr(socket, "socket", no_network)
        async with running(There(recording), size) as stage:
            yield stage
        assert list(elsewhere.iterdir()) == []


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_a_failing_sync_is_told_elsewhere_as_it_is_here(
    scripted: Scripted, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    terminal = Terminal(last_sync=sync(progress=20))
    async with scripted(terminal, size) as stage:
        await stage.press("w")
        await stage.pass_time(5)
        terminal.last_sync = sync(**FAILED, issues=[issue()])
        await stage.see("✗ Failed", within=60)
        screen = stage.app.screen
        assert isinstance(screen, SyncScreen)
        journal = str(screen.query_one("#journal-text").render())
        dialog = await ask(stage)
        assert "The leak check found no secret in it." in stage.words
        assert dialog._handed is not None
        assert dialog._handed.report.startswith("Next to act: the fleet\n")
        assert "Next to act: the fleet" in stage.text
        await stage.press("b")
        assert "requests.har" in stage.text
        assert "manifest.json" in stage.text
        path = await written(stage)
        assert path.name == f"syncscope-{SYNC_ID}-20261122-{stage.workspace.server_now():%H%M}.zip"
        assert path.stat().st_mode & 0o777 == 0o600
        assert stage.app.screen is screen
        assert any(path.name in toast for toast in stage.toasts)
        await stage.press("escape", "enter")
        assert "Next to act: the fleet" in stage.text
    async with there(path, monkeypatch, size) as stage:
        screen = stage.app.screen
        assert isinstance(screen, SyncScreen)
        assert "RECORDED" in stage.lines[0]
        assert "simulated as of 22 Nov 2026 14:02" in stage.lines[0]
        assert "✗ Failed: The provider timed out" in stage.text
        assert str(screen.query_one("#journal-text").render()) == journal
        assert "nothing is looked at anew. Last seen 14:02:" in stage.text
        before = stage.text
        await stage.pass_time(130)
        assert stage.text == before
        await stage.press("p", "space", "r", "x", "s")
        assert stage.app.screen is screen
        await stage.press("escape")
        assert isinstance(stage.app.screen, ConnectionScreen)
        assert "Next to act: the fleet" in stage.text
        assert "permission_missing" in stage.text


async def test_everything_of_a_recording_can_be_looked_at_and_nothing_asked_for(
    opened: Opening, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(MEDIUM) as stage:
        await stage.press("down", "down", "enter")
        name = stage.lines[2].split(" · ")[0].strip()
        await ask(stage)
        await stage.press("b")
        path = await written(stage)
    async with there(path, monkeypatch) as stage:
        assert isinstance(stage.app.screen, ConnectionScreen)
        assert name in stage.text
        await stage.press("tab", "enter")
        assert isinstance(stage.app.screen, SyncScreen)
        await stage.press("escape", "tab", "tab", "R", "o", "e", "p", "D", "escape")
        assert any("This is a recording" in toast for toast in stage.toasts)
        stage.app.clear_notifications()
        await stage.press("s", "space", "t", "v", "n", "L")
        assert any("This is a recording" in toast for toast in stage.toasts)
        assert "1 connection" in stage.text
        await stage.press("6", "5")
        assert "demo" in stage.text
        await stage.press("a")
        await stage.press("escape", "1", "]", "enter")
        report = await ask(stage)  # what was handed over can be handed on
        assert report._handed is not None
        assert report._handed.leaks == ()


async def test_what_a_recording_says_is_to_be_done_names_no_key_of_the_living(
    scripted: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with scripted(Terminal(last_sync=None), MEDIUM) as stage:
        await stage.press("enter")
        assert "Press s to request its first sync." in stage.text
        await ask(stage)
        await stage.press("b")
        path = await written(stage)
    async with there(path, monkeypatch) as stage:
        assert "→ Request its first sync." in stage.text
        assert "Press s" not in stage.text


class TestDialog:
    @pytest.fixture
    def terminal(self) -> Terminal:
        """A server whose newest sync failed, and whose words hold a secret."""
        return Terminal(last_sync=sync(**FAILED | {"failureReason": f"Refused {TOKEN}"}))

    async def test_the_report_is_copied_and_written(self, scripted: Scripted, terminal: Terminal) -> None:
        async with scripted(terminal, MEDIUM) as stage:
            await stage.press("enter")
            dialog = await ask(stage)
            await stage.press("y")
            assert dialog._handed is not None
            assert stage.clipboard == dialog._handed.report
            assert TOKEN[12:] not in stage.clipboard
            path = await written(stage)
            assert path.suffix == ".md"
            assert path.read_text() == stage.clipboard

    async def test_a_file_that_is_there_is_replaced_only_when_asked_twice(
        self, scripted: Scripted, terminal: Terminal
    ) -> None:
        async with scripted(terminal) as stage:
            await stage.press("enter")
            dialog = await ask(stage)
            path = Path(dialog.place.value)
            path.write_text("before")
            await stage.press("ctrl+s")
            await until(lambda: bool(stage.problem("path")))
            await stage.rest()
            assert "that file is there already: write again to replace it" in stage.words
            assert path.read_text() == "before"
            await stage.press("ctrl+s")
            await until(lambda: stage.app.screen is not dialog)
            assert path.read_text().startswith("Next to act: Terminal")

    async def test_a_place_that_cannot_be_written_to_is_said_on_its_field(
        self, scripted: Scripted, terminal: Terminal
    ) -> None:
        async with scripted(terminal) as stage:
            await stage.press("enter")
            await ask(stage)
            for place, words in (("", "name a file"), ("no/such/folder/x.md", "no such file or directory")):
                await stage.fill("path", place)
                await stage.press("enter")
                await until(lambda words=words: words in stage.problem("path"))  # type: ignore[misc]
            await stage.press("escape")
            assert isinstance(stage.app.screen, ConnectionScreen)

    async def test_what_the_leak_check_finds_is_neither_written_nor_copied(
        self, scripted: Scripted, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        leak = Leak("report.md", "a bearer token")
        monkeypatch.setattr(HandedOver, "report_leaks", lambda self: (leak,))
        async with scripted(terminal, SMALL) as stage:
            await stage.press("enter")
            dialog = await ask(stage)
            assert "✗ Not written: the leak check found report.md: a bearer token." in stage.words
            assert dialog.query_one("#write", Button).disabled
            there_before = set(Path.cwd().iterdir())
            await stage.press("y", "ctrl+s", "enter")
            assert stage.app.screen is dialog
            assert stage.clipboard == ""
            assert set(Path.cwd().iterdir()) == there_before

    async def test_what_the_person_typed_as_its_place_stays(self, scripted: Scripted, terminal: Terminal) -> None:
        async with scripted(terminal) as stage:
            await stage.press("enter")
            dialog = await ask(stage)
            assert dialog.place.value.endswith(".md")
            dialog.action_choose("bundle")
            await stage.rest()
            assert dialog.place.value.endswith(".zip")
            await stage.fill("path", "mine.zip")
            dialog.action_choose("report")
            await stage.rest()
            assert dialog.place.value == "mine.zip"
