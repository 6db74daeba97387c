"""Being told that a sync has ended: only as asked for, and whatever a server sends stays text."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tui_app import notices
from tui_app.models.settings import Settings
from tui_app.notices import Ended, osc9, tell

ENDED = Ended("conn_1", "Frank's\x07 \x1b]0;owned\x07Trucking", "sync_1", "failed", "failed", "Sync failed: line\nline")


class Terminal:
    """What a terminal was sent."""

    def __init__(self) -> None:
        self.rung = 0
        self.written: list[str] = []

    def ring(self) -> None:
        self.rung += 1


async def told(settings: Settings) -> tuple[Terminal, str]:
    terminal = Terminal()
    return terminal, await tell(ENDED, settings, ring=terminal.ring, write=terminal.written.append)


async def test_nothing_happens_that_was_not_asked_for() -> None:
    terminal, problem = await told(Settings())
    assert (terminal.rung, terminal.written, problem) == (0, [], "")


async def test_the_bell_rings_and_the_terminal_notifies_where_asked_to() -> None:
    terminal, problem = await told(Settings(bell=True, notify=True))
    assert (terminal.rung, problem) == (1, "")
    (written,) = terminal.written
    assert written.startswith("\x1b]9;Frank's")
    assert written.endswith("\x07")
    assert "\x1b" not in written[1:]
    assert "\x07" not in written[:-1]
    assert "\n" not in written


def test_a_long_text_is_cut() -> None:
    assert len(osc9("x" * 100_000)) < 220


async def test_the_hook_finds_what_ended_in_its_environment(tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    code = "import json, os, sys; json.dump({k: v for k, v in os.environ.items() if k.startswith('SYNCSCOPE_')}, "
    hook = (sys.executable, "-c", code + "open(sys.argv[1], 'w'))", str(out))
    _, problem = await told(Settings(hook=hook))
    assert problem == ""
    found = json.loads(out.read_text())
    assert found["SYNCSCOPE_EVENT"] == "failed"
    assert found["SYNCSCOPE_SYNC_ID"] == "sync_1"
    assert found["SYNCSCOPE_CONNECTION_ID"] == "conn_1"
    assert all(text.isprintable() for name, text in found.items() if not name.endswith("_DIR"))


@pytest.mark.parametrize(
    ("hook", "said"),
    [
        (("/nonexistent/command",), "could not be started"),
        ((sys.executable, "-c", "raise SystemExit(3)"), "failed with exit code 3"),
    ],
)
async def test_a_hook_that_fails_is_told(hook: tuple[str, ...], said: str) -> None:
    _, problem = await told(Settings(hook=hook))
    assert said in problem


async def test_a_hook_that_does_not_end_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notices, "PATIENCE", 0.05)
    _, problem = await told(Settings(hook=(sys.executable, "-c", "import time; time.sleep(600)")))
    assert "was ended" in problem
