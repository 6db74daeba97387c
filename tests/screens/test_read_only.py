"""Read-only: whatever a person does, nothing that changes anything is sent, and no profile is changed.

Every change that is known is walked to, as in the tests of what is locked; here nothing can be unlocked either.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.clocks import FakeClock
from tests.screens.conftest import end, running, simulated
from tests.screens.scripted import KEY, Terminal, connection
from tests.screens.stage import LARGE, SMALL, Stage
from tests.screens.test_locked import ASKED, CHANGES, NAME, Scene, keys, locked
from tui_app.api.gate import SEALED
from tui_app.opening import UnchangedProfiles
from tui_app.screens.bulk import BulkScreen
from tui_app.screens.dialogs import KeyDialog, UnlockDialog


@dataclass
class Sealed(Scene):
    """The app that was started read-only, on a server that every profile makes locked."""

    async def refused(self, action: str) -> None:
        """See that this is said and that nothing is asked, and answer all the same."""
        assert not isinstance(self.stage.app.screen, UnlockDialog)
        assert self.asked[action], self.asked
        assert any(SEALED in toast for toast in self.stage.toasts), self.stage.toasts
        await keys(self, "enter", "ctrl+s", "enter")


@pytest.mark.parametrize("kind", ["terminal", "stuut"])
async def test_no_change_is_sent_and_none_can_be_unlocked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    sandbox = simulated()
    sandbox.start()
    async with locked(sandbox, kind, tmp_path, SMALL, monkeypatch) as given:
        scene = Sealed(given.stage, given.server, given.file, given.size, given.asked)
        scene.stage.app.read_only = True
        scene.stage.app.open_profile(NAME)
        await scene.stage.rest()
        assert "read-only" in scene.stage.lines[0]
        for change in CHANGES[kind].values():
            await scene.home()
            await change(scene)
            assert not scene.server.changes
        assert scene.asked.keys() >= ASKED[kind]
        assert scene.server.methods.keys() == {"GET"}
    end(sandbox)


def stage_on(terminal: Terminal, folder: Path, monkeypatch: pytest.MonkeyPatch, settings: str = "") -> Stage:
    """The app, started read-only on a scripted server that is not locked by itself."""
    monkeypatch.setenv("OWN_KEY", KEY)
    path = folder / "profiles.toml"
    path.write_text(f'[profiles.own]\nbase_url = "{terminal.url}"\nkey_env = "OWN_KEY"\n{settings}')
    stage = Stage(FakeClock(), UnchangedProfiles(path), "own")
    stage.app.read_only = True
    return stage


async def test_a_bulk_action_is_refused_before_anything_is_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Terminal([connection(), connection(id="conn_01OTHER")]) as terminal:
        async with running(stage_on(terminal, tmp_path, monkeypatch)) as stage:
            await stage.press("*", "s", "ctrl+s", "enter")
            assert isinstance(stage.app.screen, BulkScreen)
            assert any(SEALED in toast for toast in stage.toasts), stage.text
            assert not terminal.sent("POST")


async def test_another_profile_that_is_opened_is_read_only_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Terminal() as first, Terminal() as second:
        other = f'[profiles.other]\nbase_url = "{second.url}"\nkey_env = "OWN_KEY"\n'
        async with running(stage_on(first, tmp_path, monkeypatch, other)) as stage:
            stage.app.open_profile("other")
            await stage.rest()
            assert stage.workspace.profile.name == "other"
            await stage.press("s", "enter")
            assert not isinstance(stage.app.screen, UnlockDialog)
            assert not second.sent("POST")


async def test_a_key_can_be_typed_but_is_not_kept_in_the_keyring(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Terminal() as terminal:
        stage = stage_on(terminal, tmp_path, monkeypatch)
        monkeypatch.delenv("OWN_KEY")
        async with running(stage) as stage:
            assert isinstance(stage.app.screen, KeyDialog)
            assert not stage.app.screen.query("#remember")


async def test_profiles_stay_as_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Terminal() as terminal:
        async with running(stage_on(terminal, tmp_path, monkeypatch), LARGE) as stage:
            before = stage.app.profiles.path.read_bytes()
            await stage.press("5", "end", "d", "shift+tab", "enter")
            assert any("no profile is changed" in toast for toast in stage.toasts)
            await stage.press("e")
            await stage.fill("url", "https://elsewhere.example")
            await stage.press("enter")
            assert "no profile is changed" in stage.words
            assert stage.app.profiles.path.read_bytes() == before
