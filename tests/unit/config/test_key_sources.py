"""Keys from the keyring, a command or a file: each failure has its reason, and no key is ever repeated."""

from __future__ import annotations

import asyncio
import os
import shlex
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from tests.clocks import until
from tests.keyrings import environ_of
from tui_app.config.keys import (
    KeyFound,
    KeyMissing,
    KeyRefused,
    KeyringFailed,
    KeySaved,
    TypedKeys,
    asking_words,
    find_key,
    forget_key,
    from_command,
    program,
    save_key,
    vault,
)
from tui_app.models.profile import Profile

MARK = "9fQz7uniqueAndNowhereElse"
KEY = f"sk_sandbox_{MARK}"


def profile(**settings: Any) -> Profile:
    return Profile(name="mine", kind="terminal", base_url="https://x.example", environment="sandbox", **settings)


def alive(pid: int) -> bool:
    """Whether a process runs; one that ended and was not fetched yet does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits as long as people do."""
    monkeypatch.setattr(vault, "KEYRING_S", 0.7)
    monkeypatch.setattr(from_command, "COMMAND_S", 0.3)


class TestCommand:
    """key_command."""

    def running(self, code: str, *arguments: str) -> Profile:
        return profile(key_command=[sys.executable, "-c", code, *arguments])

    async def test_what_it_prints_is_the_key(self) -> None:
        found = await find_key(self.running(f"print('  {KEY}')"), {})
        assert isinstance(found, KeyFound)
        assert found.secret.get_secret_value() == KEY
        assert found.source == f"the command {sys.executable}"

    async def test_no_shell_reads_its_arguments(self, tmp_path: Path) -> None:
        code = "import sys; print(sys.argv[1] == '$(touch hit); *' and 'sk_sandbox_1')"
        assert isinstance(await find_key(self.running(code, "$(touch hit); *"), {}), KeyFound)

    async def test_it_gets_the_environment_and_no_input(self) -> None:
        code = "import os, sys; assert sys.stdin.read() == ''; print(os.environ['VAULT'])"
        assert isinstance(await find_key(self.running(code), {"VAULT": KEY}), KeyFound)

    async def test_it_has_no_terminal_to_paint_over_or_to_ask_on(self) -> None:
        code = "import os; print('sk_sandbox_' + str(os.getsid(0) == os.getpid()))"
        found = await find_key(self.running(code), {})
        assert isinstance(found, KeyFound)
        assert found.secret.get_secret_value() == "sk_sandbox_True"

    async def test_one_that_is_not_there_is_named(self) -> None:
        missing = await find_key(profile(key_command=["no-such-program", "x"]), dict(os.environ))
        assert isinstance(missing, KeyMissing)
        assert missing.reason == "The command no-such-program was not found."

    async def test_one_that_cannot_be_started_is_named(self, tmp_path: Path) -> None:
        missing = await find_key(profile(key_command=[str(tmp_path)]), {})
        assert isinstance(missing, KeyMissing)
        assert "could not be started: Permission denied" in missing.reason

    async def test_one_that_fails_is_told_with_what_it_said_and_how_to_try_it_by_hand(self) -> None:
        code = f"import sys; print('{KEY}'); sys.exit('not signed in to {KEY}\\nmore')"
        failing = self.running(code)
        missing = await find_key(failing, {})
        assert isinstance(missing, KeyMissing)
        assert "failed (exit code 1): not signed in to sk_sandbox_" in missing.reason
        assert "more" not in missing.reason
        assert MARK not in missing.reason
        assert "in a shell" in missing.next_step

    @pytest.mark.parametrize(
        ("code", "kind", "reason"),
        [
            ("pass", KeyMissing, "printed nothing"),
            ("print('a key with spaces')", KeyRefused, "white space"),
            ("import sys; sys.stdout.buffer.write(b'\\xff')", KeyRefused, "prints no text"),
            ("import sys\nwhile True: sys.stdout.write('x' * 9999)", KeyRefused, "far more than a key"),
            ("import sys\nwhile True: sys.stderr.write('x' * 9999)", KeyRefused, "far more than a key"),
            ("import os; os.kill(os.getpid(), 15)", KeyMissing, "ended by signal 15"),
        ],
    )
    async def test_what_prints_no_key_is_told(self, code: str, kind: type, reason: str) -> None:
        found = await find_key(self.running(code), {})
        assert isinstance(found, KeyMissing | KeyRefused)
        assert isinstance(found, kind)
        assert reason in found.reason
        assert found.next_step

    @pytest.mark.usefixtures("hurried")
    async def test_one_that_hangs_is_ended_with_all_that_it_started(self, tmp_path: Path) -> None:
        script = f"sleep 60 & echo $! > {shlex.quote(str(tmp_path))}/pid; wait"
        missing = await find_key(profile(key_command=["/bin/sh", "-c", script]), dict(os.environ))
        assert isinstance(missing, KeyMissing)
        assert "did not end within 0.3 s" in missing.reason
        pid = int((tmp_path / "pid").read_text())
        await until(lambda: not alive(pid))

    async def test_whoever_leaves_ends_it(self, tmp_path: Path) -> None:
        path = tmp_path / "pid"
        code = f"import os, threading; open({str(path)!r}, 'w').write(str(os.getpid())); threading.Event().wait()"
        looking = asyncio.ensure_future(find_key(self.running(code), {}))
        await until(lambda: path.exists() and path.read_text() != "")
        looking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await looking
        await until(lambda: not alive(int(path.read_text())))

    def test_people_wait_ten_seconds(self) -> None:
        assert from_command.COMMAND_S == 10

    async def test_much_more_than_a_key_is_not_held_in_memory(self) -> None:
        with pytest.raises(program.TooMuchError):
            await program.run([sys.executable, "-c", "print('x' * 10**6)"], environ={}, seconds=10)


class TestFile:
    """key_file."""

    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        path = tmp_path / "key"
        path.write_text(f"{KEY}\n")
        path.chmod(0o600)
        return path

    async def test_what_only_its_owner_can_read_is_read(self, path: Path) -> None:
        for rights in (0o600, 0o400):
            path.chmod(rights)
            found = await find_key(profile(key_file=str(path)), {})
            assert isinstance(found, KeyFound)
            assert (found.secret.get_secret_value(), found.source) == (KEY, f"the file {path}")

    async def test_home_is_understood(self, isolated: Path) -> None:
        (isolated / "key").write_text(KEY)
        (isolated / "key").chmod(0o600)
        assert isinstance(await find_key(profile(key_file="~/key"), {}), KeyFound)

    @pytest.mark.parametrize("rights", [0o644, 0o640, 0o604, 0o610, 0o602, 0o660, 0o777])
    async def test_what_others_can_reach_is_refused_with_the_way_to_close_it(self, path: Path, rights: int) -> None:
        path.chmod(rights)
        refused = await find_key(profile(key_file=str(path)), {})
        assert isinstance(refused, KeyRefused)
        assert f"open to others (its rights are {rights:04o})" in refused.reason
        assert f"chmod 600 {path}" in refused.next_step
        assert MARK not in repr(refused)

    async def test_what_a_link_points_to_is_what_is_judged(self, path: Path, tmp_path: Path) -> None:
        link = tmp_path / "link"
        link.symlink_to(path)
        assert isinstance(await find_key(profile(key_file=str(link)), {}), KeyFound)
        path.chmod(0o644)
        assert isinstance(await find_key(profile(key_file=str(link)), {}), KeyRefused)

    async def test_somebody_elses_is_refused(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(os, "geteuid", lambda: path.stat().st_uid + 1)
        refused = await find_key(profile(key_file=str(path)), {})
        assert isinstance(refused, KeyRefused)
        assert "belongs to somebody else" in refused.reason

    async def test_one_that_is_not_there_is_named(self, tmp_path: Path) -> None:
        missing = await find_key(profile(key_file=str(tmp_path / "none")), {})
        assert isinstance(missing, KeyMissing)
        assert "is not there" in missing.reason
        assert "chmod 600" in missing.next_step

    async def test_a_home_that_nobody_has_is_told(self) -> None:
        missing = await find_key(profile(key_file="~nobody-of-that-name/key"), {})
        assert isinstance(missing, KeyMissing)
        assert "home" in missing.reason

    @pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo], ids=["folder", "pipe"])
    async def test_what_is_no_file_is_refused_and_not_waited_for(
        self, tmp_path: Path, make: Callable[[Path], None]
    ) -> None:
        make(tmp_path / "odd")
        refused = await find_key(profile(key_file=str(tmp_path / "odd")), {})
        assert isinstance(refused, KeyRefused)
        assert "no plain file" in refused.reason

    @pytest.mark.parametrize("content", [b"\xff\xfe", b"x" * 70_000])
    async def test_what_holds_something_else_is_refused(self, path: Path, content: bytes) -> None:
        path.write_bytes(content)
        refused = await find_key(profile(key_file=str(path)), {})
        assert isinstance(refused, KeyRefused)
        assert "something else" in refused.reason


class TestKeyring:
    """key_keyring."""

    mine = profile(key_keyring=True)

    def environ(self, backend: str, folder: Path) -> dict[str, str]:
        return dict(os.environ) | environ_of(backend, folder / "store")

    async def test_what_is_saved_is_found_and_can_be_forgotten(self, tmp_path: Path) -> None:
        environ = self.environ("Good", tmp_path)
        assert await save_key(self.mine, SecretStr(KEY), environ) == KeySaved("a good keyring")
        assert f'"syncscope/mine": "{KEY}"' in (tmp_path / "store").read_text()
        found = await find_key(self.mine, environ)
        assert isinstance(found, KeyFound)
        assert (found.secret.get_secret_value(), found.source) == (KEY, "the keyring (a good keyring)")
        assert await forget_key(self.mine, environ) is True
        assert MARK not in (tmp_path / "store").read_text()
        assert await forget_key(self.mine, environ) is False
        missing = await find_key(self.mine, environ)
        assert isinstance(missing, KeyMissing)
        assert missing.reason == "The keyring (a good keyring) holds no key for “mine”."

    @pytest.mark.usefixtures("hurried")
    @pytest.mark.parametrize(
        ("backend", "saving", "finding"),
        [
            ("keyring.backends.fail.Keyring", "This system has no keyring.", "This system has no keyring."),
            (
                "Hanging",
                "The keyring did not answer within 0.7 s. It may be waiting to be unlocked.",
                "The keyring did not answer within 0.7 s. It may be waiting to be unlocked.",
            ),
            (
                "Forgetting",
                "The keyring (a forgetting keyring) took the key, but gives back nothing.",
                "The keyring (a forgetting keyring) holds no key for “mine”.",
            ),
            ("Locked", "The keyring is locked, and was not unlocked.", "The keyring is locked, and was not unlocked."),
            (
                "Failing",
                "The keyring failed: OSError, “could not write ••• anywhere”.",
                "The keyring failed: OSError, “the bus is gone”.",
            ),
            ("Dying", "The keyring ended without an answer.", "The keyring ended without an answer."),
        ],
    )
    async def test_one_that_does_not_keep_says_why_and_what_to_do_instead(
        self, tmp_path: Path, backend: str, saving: str, finding: str, capfd: pytest.CaptureFixture[str]
    ) -> None:
        environ = self.environ(backend, tmp_path)
        saved = await save_key(self.mine, SecretStr(KEY), environ)
        assert isinstance(saved, KeyringFailed)
        assert saved.reason == saving
        for way in ("kept in memory", "key_env", "key_file", "chmod 600"):
            assert way in saved.next_step
        found = await find_key(self.mine, environ)
        assert isinstance(found, KeyMissing)
        assert found.reason == finding
        assert "Type the key" in found.next_step
        assert MARK not in repr((saved, found)) + "".join(capfd.readouterr())

    @pytest.mark.parametrize("backend", ["keyring.backends.fail.Keyring", "Hanging", "Forgetting"])
    async def test_nobody_waits_longer_than_four_seconds_for_one(self, tmp_path: Path, backend: str) -> None:
        environ = self.environ(backend, tmp_path)
        for asking in (find_key(self.mine, environ), save_key(self.mine, SecretStr(KEY), environ)):
            began = time.monotonic()
            assert isinstance(await asking, KeyMissing | KeyringFailed)
            assert time.monotonic() - began < 4

    async def test_the_one_that_swallows_everything_is_not_believed(self, tmp_path: Path) -> None:
        environ = self.environ("keyring.backends.null.Keyring", tmp_path)
        saved = await save_key(self.mine, SecretStr(KEY), environ)
        assert isinstance(saved, KeyringFailed)
        assert "gives back nothing" in saved.reason

    async def test_one_that_gives_back_something_else_is_not_believed(self, tmp_path: Path) -> None:
        saved = await save_key(self.mine, SecretStr(KEY), self.environ("Garbling", tmp_path))
        assert isinstance(saved, KeyringFailed)
        assert "gives back something else" in saved.reason

    async def test_without_the_library_it_is_said(self, tmp_path: Path) -> None:
        (tmp_path / "keyring.py").write_text("raise ImportError")
        missing = await find_key(self.mine, dict(os.environ) | {"PYTHONPATH": str(tmp_path)})
        assert isinstance(missing, KeyMissing)
        assert "(keyring) is not installed" in missing.reason

    @pytest.mark.usefixtures("hurried")
    async def test_one_that_hangs_is_ended_and_saves_nothing_later(self, tmp_path: Path) -> None:
        await find_key(self.mine, self.environ("Hanging", tmp_path))
        pid = int((tmp_path / "store.asked").read_text())
        await until(lambda: not alive(pid))

    async def test_a_key_that_cannot_be_right_is_refused_from_there_too(self, tmp_path: Path) -> None:
        environ = self.environ("Good", tmp_path)
        await save_key(self.mine, SecretStr("sk_prod_12345678"), environ)
        assert isinstance(await find_key(self.mine, environ), KeyRefused)

    @pytest.mark.usefixtures("hurried")
    async def test_what_could_not_be_forgotten_says_where_to_look(self, tmp_path: Path) -> None:
        for backend in ("Hanging", "Locked", "keyring.backends.fail.Keyring"):
            failed = await forget_key(self.mine, self.environ(backend, tmp_path))
            assert isinstance(failed, KeyringFailed)
            assert "“syncscope” and “mine”" in failed.next_step

    async def test_the_key_is_no_argument_and_no_variable(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        seen = []

        async def watched(command: Any, **options: Any) -> Any:
            seen.append((list(command), dict(options["environ"])))
            return await program.run(command, **options)

        monkeypatch.setattr(vault, "run", watched)
        await save_key(self.mine, SecretStr(KEY), self.environ("Good", tmp_path))
        assert len(seen) == 2
        assert MARK not in repr(seen)

    def test_people_wait_three_seconds(self) -> None:
        assert vault.KEYRING_S == 3

    async def test_nothing_is_asked_where_no_profile_wants_it(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(vault, "run", None)
        assert isinstance(await find_key(profile(key_env="MINE"), {"MINE": KEY}), KeyFound)


def test_whoever_takes_long_is_named() -> None:
    assert asking_words(profile(key_keyring=True)) == "Asking the keyring …"
    assert asking_words(profile(key_command=["op", "read", "x"])) == "Asking the command op …"
    assert asking_words(profile(key_env="X")) == asking_words(profile(key_file="/x")) == asking_words(profile()) == ""


def test_a_typed_key_is_for_the_address_it_was_typed_for() -> None:
    typed, mine = TypedKeys(), profile()
    typed.keep(mine, SecretStr(KEY))
    assert typed.get(mine) == SecretStr(KEY)
    assert typed.get(mine.model_copy(update={"base_url": "https://elsewhere.example"})) is None
    typed.forget(mine)
    typed.forget(mine)
    assert typed.get(mine) is None
