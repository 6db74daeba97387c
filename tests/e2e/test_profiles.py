"""What the command line asks in a real terminal: a key, which is never shown, and whether a profile should go."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from tests.e2e.terminal import Terminal
from tests.keyrings import environ_of
from tests.servers import Reply, ScriptedServer

MARK = "3Bf8uniqueAndNowhereElse"
KEY = f"sk_sandbox_{MARK}"
LIMIT_S = 4.0
"""Seconds after which somebody who waits for a keyring wants to know."""


def in_file(url: str, settings: str = "") -> Path:
    """The profile `mine`, in the person's file."""
    path = Path(os.environ["XDG_CONFIG_HOME"]) / "syncscope" / "profiles.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'[profiles.mine]\nbase_url = "{url}"\n{settings}\n')
    return path


def profiles(*arguments: str, environ: dict[str, str] | None = None) -> Terminal:
    return Terminal("profiles", *arguments, width=120, height=40, environ=environ)


def test_a_key_is_asked_for_and_never_shown() -> None:
    with ScriptedServer(Reply(json={"results": []})) as server:
        path = in_file(server.url)
        with profiles("test", "mine") as terminal:
            terminal.wait_for("API key for mine:")
            terminal.type(f"{KEY}\n")
            terminal.wait_for("✓ First page|✓ first page")
            assert terminal.end() == 0
        assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"
    assert MARK.encode() not in terminal.written
    assert MARK not in path.read_text()


@pytest.mark.parametrize(
    ("backend", "said"),
    [
        ("keyring.backends.fail.Keyring", "This system has no keyring."),
        ("Hanging", "The keyring did not answer within 3 s."),
        ("Forgetting", "holds no key for “mine”"),
    ],
)
def test_where_the_keyring_gives_none_that_is_said_in_time_and_the_key_is_typed(
    tmp_path: Path, backend: str, said: str
) -> None:
    with ScriptedServer(Reply(json={"results": []})) as server:
        in_file(server.url, "key_keyring = true")
        with profiles("test", "mine", environ=environ_of(backend, tmp_path / "store")) as terminal:
            terminal.wait_for("Asking the keyring")
            asked = time.monotonic()
            terminal.wait_for("API key for mine:")
            assert time.monotonic() - asked < LIMIT_S
            assert said in terminal.text
            terminal.type(f"{KEY}\n")
            terminal.wait_for("Remember it in the keyring?")
            terminal.type("y\n")
            answered = time.monotonic()
            terminal.wait_for("Not remembered")
            assert time.monotonic() - answered < LIMIT_S
            assert terminal.end() == 0  # the key is used all the same
        assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"
    assert MARK.encode() not in terminal.written


def test_a_profile_goes_only_where_that_is_said() -> None:
    path = in_file("https://e.example")
    before = path.read_text()
    for answer in ("n\n", "\n"):
        with profiles("remove", "mine") as terminal:
            terminal.wait_for("Remove the profile “mine” from")
            terminal.type(answer)
            terminal.wait_for("Nothing was removed.")
            assert terminal.end() == 1
        assert path.read_text() == before
    with profiles("remove", "mine") as terminal:
        terminal.wait_for("Remove the profile “mine” from")
        terminal.type("y\n")
        terminal.wait_for("Removed.")
        assert terminal.end() == 0
    assert "profiles.mine" not in path.read_text()
