"""``syncscope profiles edit`` and ``remove``, and the places that a key may come from, run as people run them."""

from __future__ import annotations

import json
import os
import tomllib
from pathlib import Path

import pytest

from tests.keyrings import environ_of
from tests.servers import Reply, ScriptedServer
from tests.unit.cli.run import syncscope

MARK = "7Yw3uniqueAndNowhereElse"


@pytest.fixture
def path() -> Path:
    syncscope("profiles", "add", "mine", "--base-url", "https://e.example", "--key-env", "MY_KEY")
    return Path(os.environ["XDG_CONFIG_HOME"]) / "syncscope" / "profiles.toml"


class TestEditing:
    def test_what_is_given_changes_and_the_comments_stay(self, path: Path) -> None:
        path.write_text(f"# mine\n{path.read_text()}")
        done = syncscope(
            *("profiles", "edit", "mine", "--key-command", "op read 'op://a b'", "--proxy", "http://p:1"),
            *("--ca-bundle", "~/ca.pem", "--client-cert", "/c.pem", "--client-key", "/k.pem"),
            *("--connect-timeout", "2", "--read-timeout", "60", "--read-only", "--budget", "5"),
        )
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith("Changed. ")
        assert path.read_text().startswith("# mine\n")
        assert tomllib.loads(path.read_text())["profiles"]["mine"] == {
            "base_url": "https://e.example",
            "key_command": ["op", "read", "op://a b"],
            "proxy": "http://p:1",
            "ca_bundle": "~/ca.pem",
            "client_cert": "/c.pem",
            "client_key": "/k.pem",
            "timeout": {"connect": 2, "read": 60},
            "read_only": True,
            "budget": 5,
        }
        assert "printed by op" in syncscope("profiles", "list").stdout

    def test_nothing_given_for_a_setting_takes_it_away(self, path: Path) -> None:
        before = path.read_text()
        syncscope("profiles", "edit", "mine", "--proxy", "http://p:1", "--read-only", "--read-timeout", "9")
        assert path.read_text() != before
        done = syncscope("profiles", "edit", "mine", "--proxy", "", "--no-read-only", "--read-timeout", "0")
        assert done.returncode == 0
        assert path.read_text() == before
        syncscope("profiles", "edit", "mine", "--key-env", "")
        assert "asked for" in syncscope("profiles", "list").stdout

    @pytest.mark.parametrize(
        ("arguments", "code", "said"),
        [
            (("mine",), 2, "Nothing to change"),
            (("nobody", "--budget", "1"), 1, "There is no profile “nobody”"),
            (("demo", "--budget", "1"), 1, "is built in"),
            (("mine", "--budget", "0"), 1, "--budget: "),
            (("mine", "--kind", "pigeon"), 1, "--kind: "),
            (("mine", "--proxy", "socks5://x"), 1, "--proxy: "),
            (("mine", "--ca-bundle", "x.pem"), 1, "--ca-bundle: "),
            (("mine", "--key-file", "x"), 1, "--key-file: "),
            (("mine", "--key-command", "op 'x"), 1, "--key-command: a quotation mark"),
            (("mine", "--key-env", "A", "--key-keyring"), 1, "from one place only"),
            (("mine", "--client-key", "/k"), 1, "client_cert"),
            (("mine", "--read-timeout", "-1"), 1, "--read-timeout: "),
        ],
    )
    def test_what_cannot_be_is_refused_and_nothing_is_written(
        self, path: Path, arguments: tuple[str, ...], code: int, said: str
    ) -> None:
        before = path.read_text()
        done = syncscope("profiles", "edit", *arguments)
        assert done.returncode == code
        assert said in done.stderr
        assert "Traceback" not in done.stderr
        assert path.read_text() == before

    def test_a_key_is_no_argument_of_a_command_either(self, path: Path) -> None:
        done = syncscope("profiles", "edit", "mine", "--key-command", f"echo sk_prod_{MARK}")
        assert done.returncode == 2
        assert "never taken as an argument" in done.stderr
        assert MARK not in done.stdout + done.stderr + path.read_text()

    def test_a_built_in_one_is_changed_by_one_in_the_file(self, path: Path) -> None:
        done = syncscope("profiles", "edit", "sandbox", "--budget", "3")
        assert "takes the place of the built-in" in done.stderr
        assert "[profiles.sandbox]" in path.read_text()
        gone = syncscope("profiles", "remove", "sandbox", "--yes")
        assert (gone.returncode, gone.stdout) == (0, "Removed.\n")
        assert "is there again" in gone.stderr

    def test_a_key_in_the_keyring_that_would_go_elsewhere_is_told(self, path: Path) -> None:
        syncscope("profiles", "edit", "mine", "--key-keyring")
        done = syncscope("profiles", "edit", "mine", "--base-url", "https://other.example")
        assert "the key in the keyring will be sent to https://other.example" in done.stderr


class TestRemoving:
    def test_it_asks_and_without_a_terminal_it_is_refused(self, path: Path) -> None:
        done = syncscope("profiles", "remove", "mine")
        assert done.returncode == 2
        assert "say --yes" in done.stderr
        assert "[profiles.mine]" in path.read_text()
        assert syncscope("profiles", "remove", "mine", "--yes").returncode == 0
        assert "[profiles.mine]" not in path.read_text()

    @pytest.mark.parametrize(("name", "said"), [("sandbox", "is built in"), ("nobody", "There is no profile “nobody”")])
    def test_what_cannot_be_removed_says_why(self, name: str, said: str) -> None:
        for more in ((), ("--yes",)):
            done = syncscope("profiles", "remove", name, *more)
            assert done.returncode == 1
            assert said in done.stderr

    def test_its_key_goes_from_the_keyring_too(self, path: Path, tmp_path: Path) -> None:
        store = tmp_path / "store"
        store.write_text(json.dumps({"syncscope/mine": f"sk_live_{MARK}", "other/x": "y"}))
        syncscope("profiles", "edit", "mine", "--key-keyring")
        assert syncscope("profiles", "remove", "mine", "--yes", **environ_of("Good", store)).returncode == 0
        assert json.loads(store.read_text()) == {"other/x": "y"}

    def test_a_key_that_may_still_be_there_is_told(self, path: Path, tmp_path: Path) -> None:
        syncscope("profiles", "edit", "mine", "--key-keyring")
        done = syncscope("profiles", "remove", "mine", "--yes", **environ_of("Locked", tmp_path / "store"))
        assert (done.returncode, done.stdout) == (1, "Removed.\n")
        assert "may still be in the keyring" in done.stderr


class TestKeys:
    @pytest.mark.parametrize(
        ("backend", "said"),
        [
            ("keyring.backends.fail.Keyring", "This system has no keyring."),
            ("Hanging", "The keyring did not answer within 3 s."),
            ("Forgetting", "holds no key for “mine”"),
        ],
    )
    def test_a_keyring_that_does_not_answer_is_told_and_the_command_ends(
        self, path: Path, tmp_path: Path, backend: str, said: str
    ) -> None:
        syncscope("profiles", "edit", "mine", "--key-keyring")
        done = syncscope("profiles", "test", "mine", **environ_of(backend, tmp_path / "store"))
        assert done.returncode == 1
        assert "Asking the keyring" in done.stderr
        assert said in done.stderr
        assert "Type the key" in done.stderr

    def test_one_from_a_command_opens_the_server_and_is_said_nowhere(self, path: Path) -> None:
        with ScriptedServer(Reply(json={"results": []})) as server:
            syncscope("profiles", "edit", "mine", "--base-url", server.url, "--key-command", "printenv HELD")
            done = syncscope("profiles", "test", "mine", HELD=f"sk_sandbox_{MARK}")
        assert done.returncode == 0
        assert done.stdout.count("✓") == 5
        assert server.requests[0].headers["authorization"] == f"Bearer sk_sandbox_{MARK}"
        assert MARK not in done.stdout + done.stderr + path.read_text()

    def test_certificates_that_cannot_be_read_are_told_before_anything_is_sent(self, path: Path) -> None:
        with ScriptedServer(Reply(json={"results": []})) as server:
            syncscope("profiles", "edit", "mine", "--base-url", server.url, "--ca-bundle", "/nowhere.pem")
            done = syncscope("profiles", "test", "mine", MY_KEY="sk_sandbox_12345678")
        assert done.returncode == 1
        assert "✗ TLS: Nothing was sent" in done.stdout
        assert server.requests == []
