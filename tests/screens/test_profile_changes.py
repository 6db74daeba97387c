"""Profiles changed and removed on the screen, and keys that are looked for, typed, remembered and left."""

from __future__ import annotations

import json
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.clocks import until
from tests.keyrings import environ_of
from tests.screens.conftest import running, stage_on
from tests.screens.scripted import KEY, Terminal, connection
from tests.screens.stage import MEDIUM, SMALL, Stage
from tests.screens.test_profiles import choose
from tests.servers import Reply
from tui_app.config.keys import vault
from tui_app.sandbox.server import Sandbox
from tui_app.screens.dialogs import KeyDialog, WaitDialog
from tui_app.screens.profile_dialogs import ProfileDialog, RemoveProfileDialog
from tui_app.screens.profiles import ProfilesScreen

MARK = KEY.rpartition("_")[2]


@asynccontextmanager
async def beside(
    sandbox: Sandbox, folder: Path, terminal: Terminal, settings: str = "", size: tuple[int, int] = MEDIUM
) -> AsyncIterator[Stage]:
    """The app with the profile `other` in the person's file, selected on the profiles' screen."""
    (folder / "profiles.toml").write_text(
        f'# by hand\n[profiles.other]\nbase_url = "{terminal.url}"  # here\n{settings}\n\n# the end\n'
    )
    with terminal:
        async with running(stage_on(sandbox, folder), size) as stage:
            await stage.press("5")
            await choose(stage, "other")
            yield stage


def has_keyring(monkeypatch: pytest.MonkeyPatch, backend: str, store: Path) -> None:
    for name, value in environ_of(backend, store).items():
        monkeypatch.setenv(name, value)


async def asked(stage: Stage) -> None:
    await until(lambda: isinstance(stage.app.screen, KeyDialog))
    await stage.rest()


async def toast(stage: Stage, words: str) -> None:
    await until(lambda: any(words in shown.message or words in shown.title for shown in stage.app._notifications))


class TestAdding:
    @pytest.mark.parametrize(
        ("address", "told"),
        [
            ("http://127.0.0.1:18642/tsp/v1", "simulated"),
            ("https://api.sandbox.withterminal.com/tsp/v1", "sandbox"),
            ("https://api.example/tsp/v1", "production"),
        ],
    )
    async def test_what_it_is_follows_its_address_and_ctrl_s_writes_it(
        self, sandbox: Sandbox, tmp_path: Path, address: str, told: str
    ) -> None:
        async with running(stage_on(sandbox, tmp_path), MEDIUM) as stage:
            await stage.press("5", "a")
            await stage.fill("name", "acme")
            await stage.fill("url", address)
            assert f"(•) {told}" in stage.text
            await stage.press("ctrl+s")
            assert isinstance(stage.app.screen, ProfilesScreen)
            assert f'environment = "{told}"' in (tmp_path / "profiles.toml").read_text()

    async def test_what_a_person_says_it_is_stays_whatever_its_address(self, sandbox: Sandbox, tmp_path: Path) -> None:
        async with running(stage_on(sandbox, tmp_path), MEDIUM) as stage:
            await stage.press("5", "a")
            await stage.click_text("( ) sandbox")
            await stage.fill("url", "http://127.0.0.1:18642/tsp/v1")
            assert "(•) sandbox" in stage.text


class TestEditing:
    @pytest.mark.parametrize("size", [SMALL, MEDIUM])
    async def test_e_shows_what_it_is_and_writes_what_changes(
        self, sandbox: Sandbox, tmp_path: Path, size: tuple[int, int]
    ) -> None:
        settings = 'key_command = ["op", "read", "a b"]\nread_only = true\ncolour = "green"\ntimeout = {read = 60}'
        async with beside(sandbox, tmp_path, Terminal(), settings, size) as stage:
            before = (tmp_path / "profiles.toml").read_text()
            await stage.press("e")
            assert isinstance(stage.app.screen, ProfileDialog)
            for words in ("Change “other”", "(•) simulated", "(•) command", "op read 'a b'", "[x] lock", "Cancel"):
                assert words in stage.text
            await stage.fill("proxy", "http://proxy:3128")
            await stage.press("enter")
            assert "Change “other”" not in stage.text
            after = (tmp_path / "profiles.toml").read_text()
            assert after == before.replace("{read = 60}", '{read = 60}\nproxy = "http://proxy:3128"')
            assert "proxy http://proxy:3128" in stage.words

    async def test_what_is_not_touched_is_not_written(self, sandbox: Sandbox, tmp_path: Path) -> None:
        async with beside(sandbox, tmp_path, Terminal(), 'kind = "pigeon"') as stage:
            before = (tmp_path / "profiles.toml").read_text()
            await stage.press("e")
            await stage.click("#add")
            assert isinstance(stage.app.screen, ProfilesScreen)
            assert (tmp_path / "profiles.toml").read_text() == before

    async def test_another_place_for_the_key_is_chosen(self, sandbox: Sandbox, tmp_path: Path) -> None:
        async with beside(sandbox, tmp_path, Terminal(), 'key_env = "OTHER"') as stage:
            await stage.press("e")
            await stage.click_text("( ) file")
            await stage.fill("key-place", "~/key")
            await stage.press("enter")
            profile = stage.app.profiles.load().profiles["other"]
            assert (profile.key_env, profile.key_file) == (None, "~/key")

    @pytest.mark.parametrize(
        ("choice", "field", "text", "said"),
        [
            ("( ) file", "key-place", "key", "whole path"),
            ("( ) command", "key-place", "op 'x", "quotation mark"),
            ("(•) variable", "proxy", "socks5://x", "http:// or https://"),
            ("(•) variable", "ca_bundle", "x.pem", "whole path"),
            ("(•) variable", "client_key", "/k.pem", "client_cert"),
            ("(•) variable", "read", "soon", "as a number"),
            ("(•) variable", "connect", "0", "more than none"),
            ("(•) variable", "read", "inf", "not for ever"),
        ],
    )
    async def test_what_cannot_be_is_said_on_its_field(
        self, sandbox: Sandbox, tmp_path: Path, choice: str, field: str, text: str, said: str
    ) -> None:
        async with beside(sandbox, tmp_path, Terminal()) as stage:
            before = (tmp_path / "profiles.toml").read_text()
            await stage.press("e")
            await stage.click_text(choice)
            await stage.fill(field, text)
            await stage.press("enter")
            assert said in stage.problem(field)
            assert (tmp_path / "profiles.toml").read_text() == before

    async def test_one_that_is_open_says_when_it_takes_effect(self, sandbox: Sandbox, tmp_path: Path) -> None:
        async with beside(sandbox, tmp_path, Terminal()) as stage:
            await stage.press("enter")
            await asked(stage)
            await stage.fill("key", KEY)
            await stage.press("enter")
            await stage.until(lambda: stage.app.workspace is not None, within=10)
            await stage.press("5")
            await choose(stage, "other")
            await stage.press("e")
            await stage.fill("read", "9")
            await stage.press("enter")
            await toast(stage, "takes effect when the profile is opened again")

    @pytest.mark.parametrize("key", ["e", "d"])
    async def test_what_comes_with_syncscope_stays(self, sandbox: Sandbox, tmp_path: Path, key: str) -> None:
        async with beside(sandbox, tmp_path, Terminal()) as stage:
            await choose(stage, "demo")
            await stage.press(key)
            assert isinstance(stage.app.screen, ProfilesScreen)
            assert any("cannot be" in said for said in stage.toasts)


class TestRemoving:
    async def test_d_says_what_is_lost_and_takes_entry_and_key_away(
        self, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        store = tmp_path / "store"
        store.write_text(json.dumps({"syncscope/other": KEY}))
        has_keyring(monkeypatch, "Good", store)
        async with beside(sandbox, tmp_path, Terminal(), "key_keyring = true") as stage:
            await stage.press("d")
            assert isinstance(stage.app.screen, RemoveProfileDialog)
            assert "Its entry in" in stage.words
            assert "Its key in the system's keyring" in stage.words
            await stage.click("#remove")
            await until(lambda: MARK not in store.read_text())
            assert (tmp_path / "profiles.toml").read_text() == "# by hand\n\n# the end\n"
            assert "other" not in stage.app.profiles.load().profiles

    @pytest.mark.parametrize("by", ["escape", "enter"])
    async def test_nothing_goes_unless_it_is_said(self, sandbox: Sandbox, tmp_path: Path, by: str) -> None:
        async with beside(sandbox, tmp_path, Terminal()) as stage:
            before = (tmp_path / "profiles.toml").read_text()
            await stage.press("d", by)
            assert isinstance(stage.app.screen, ProfilesScreen)
            assert (tmp_path / "profiles.toml").read_text() == before

    async def test_a_key_that_may_still_be_there_is_told(
        self, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        has_keyring(monkeypatch, "Locked", tmp_path / "store")
        async with beside(sandbox, tmp_path, Terminal(), "key_keyring = true") as stage:
            await stage.press("d")
            await stage.click("#remove")
            await toast(stage, "Its key may still be in the keyring")


class TestKeys:
    async def test_one_from_the_keyring_opens_the_profile(
        self, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "store").write_text(json.dumps({"syncscope/other": KEY}))
        has_keyring(monkeypatch, "Good", tmp_path / "store")
        terminal = Terminal([connection(company={"name": "Another Fleet"})])
        async with beside(sandbox, tmp_path, terminal, "key_keyring = true") as stage:
            await stage.press("enter")
            await until(lambda: stage.app.workspace is not None and stage.app.workspace.profile.name == "other")
            await stage.see("Another Fleet")
            assert terminal.requests[0].headers["authorization"] == f"Bearer {KEY}"

    async def test_a_typed_one_is_remembered_where_that_is_ticked(
        self, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        has_keyring(monkeypatch, "Good", tmp_path / "store")
        terminal = Terminal()
        async with beside(sandbox, tmp_path, terminal) as stage:
            await stage.press("enter")
            await asked(stage)
            assert "[ ] remember it in the system's keyring" in stage.text
            await stage.click("#remember")
            await stage.fill("key", KEY)
            await stage.press("enter")
            await toast(stage, "Saved in the keyring (a good keyring), and read back.")
            assert json.loads((tmp_path / "store").read_text()) == {"syncscope/other": KEY}
            written = (tmp_path / "profiles.toml").read_text()
            assert "key_keyring = true" in written
            assert written.startswith("# by hand\n")
            assert MARK not in written + stage.text

    @pytest.mark.parametrize(
        ("backend", "said"),
        [
            ("keyring.backends.fail.Keyring", "This system has no keyring."),
            ("Hanging", "The keyring did not answer within"),
            ("Forgetting", "took the key, but gives back nothing."),
            ("Failing", "could not write ••• anywhere"),
        ],
    )
    async def test_where_it_cannot_be_remembered_that_is_said_and_the_key_is_used(
        self,
        sandbox: Sandbox,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
        backend: str,
        said: str,
    ) -> None:
        monkeypatch.setattr(vault, "KEYRING_S", 0.7)
        has_keyring(monkeypatch, backend, tmp_path / "store")
        terminal = Terminal([connection(company={"name": "Another Fleet"})])
        async with beside(sandbox, tmp_path, terminal, "key_keyring = true") as stage:
            await stage.press("enter")
            await asked(stage)
            assert "[x] remember it in the system's keyring" in stage.text
            await stage.fill("key", KEY)
            await stage.press("enter")
            await toast(stage, said)
            await toast(stage, "not remembered")
            await stage.see("Another Fleet")
            assert terminal.requests[0].headers["authorization"] == f"Bearer {KEY}"
            # Nothing is lost: the next time in this session, it is there.
            await stage.press("5")
            await choose(stage, "other")
            await stage.press("enter")
            await stage.see("Another Fleet")
            shown = [f"{shown.title} {shown.message}" for shown in stage.app._notifications]
            assert MARK not in repr(shown) + stage.text + caplog.text
        kept = [path for path in tmp_path.rglob("*") if path.is_file() and MARK in path.read_text(errors="replace")]
        assert kept == []

    @pytest.mark.parametrize("backend", ["keyring.backends.fail.Keyring", "Hanging", "Forgetting"])
    async def test_whoever_opens_a_profile_is_asked_for_its_key_within_four_seconds(
        self, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, backend: str
    ) -> None:
        has_keyring(monkeypatch, backend, tmp_path / "store")
        async with beside(sandbox, tmp_path, Terminal(), "key_keyring = true") as stage:
            began = time.monotonic()
            await stage.press("enter")
            await asked(stage)
            assert time.monotonic() - began < 4
            assert "keyring" in stage.text
            await stage.press("escape")

    async def test_a_slow_keyring_is_said_and_can_be_left(
        self, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(vault, "KEYRING_S", 60.0)
        has_keyring(monkeypatch, "Hanging", tmp_path / "store")
        terminal = Terminal()
        async with beside(sandbox, tmp_path, terminal, "key_keyring = true") as stage:
            await stage.press("enter")
            await until(lambda: isinstance(stage.app.screen, WaitDialog))
            await stage.rest()
            assert "Asking the keyring …" in stage.text
            asking = tmp_path / "store.asked"
            await until(lambda: asking.exists() and bool(asking.read_text()))
            await stage.press("escape")
            assert "“other” was not opened" in stage.text
            assert terminal.requests == []
            gone = Path(f"/proc/{asking.read_text()}/stat")
            await until(lambda: not gone.exists() or gone.read_text().rpartition(")")[2].split()[0] == "Z")

    async def test_a_command_that_takes_a_while_is_waited_for(self, sandbox: Sandbox, tmp_path: Path) -> None:
        pipe = tmp_path / "pipe"
        os.mkfifo(pipe)
        terminal = Terminal([connection(company={"name": "Another Fleet"})])
        async with beside(sandbox, tmp_path, terminal, f'key_command = ["cat", "{pipe}"]') as stage:
            await stage.press("enter")
            await until(lambda: isinstance(stage.app.screen, WaitDialog))
            await stage.rest()
            assert "Asking the command cat …" in stage.text
            pipe.write_text(KEY)
            await until(lambda: not isinstance(stage.app.screen, WaitDialog))
            await stage.see("Another Fleet")

    async def test_another_key_is_typed_and_used_when_it_is_opened(
        self, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("OTHER", "sk_sandbox_oldoldold")
        terminal = Terminal()
        async with beside(sandbox, tmp_path, terminal, 'key_env = "OTHER"') as stage:
            await stage.press("o")
            await asked(stage)
            await stage.fill("key", KEY)
            await stage.press("enter")
            await toast(stage, "used when the profile is opened again")
            await stage.press("enter")
            await until(lambda: bool(terminal.requests))
            assert terminal.requests[0].headers["authorization"] == f"Bearer {KEY}"

    async def test_a_typed_one_that_the_server_refuses_is_asked_for_again(
        self, sandbox: Sandbox, tmp_path: Path
    ) -> None:
        terminal = Terminal()
        terminal.replies["*", "*"] = Reply(401, json={"code": "unauthorized", "message": "Who are you?"})
        async with beside(sandbox, tmp_path, terminal) as stage:
            await stage.press("enter")
            await asked(stage)
            await stage.fill("key", KEY)
            await stage.press("enter")
            await stage.see("Who are you?")
            await stage.press("5")
            await choose(stage, "other")
            await stage.press("enter")
            await asked(stage)
            await stage.press("escape")
