"""What breaks ends in order: the terminal is given back, the exit code says so, and no secret is told to anybody."""

from __future__ import annotations

import os
import re
import signal
from pathlib import Path

import pytest

from tests.e2e.terminal import Terminal

SCRIPT = Path(__file__).with_name("breaking.py")
CANARIES = (
    "sk_prod_" + "Zq8vKp2Lx7Rw4Tn6Bd3Y",
    "Hx5mQw9cJt2Vs8Fz4Gk7",
    "con_tkn_" + "Uy3bNe6rPa1Di9Lo5Wj2Xf8C",
)
BACK = (b"\x1b[?1049l", b"\x1b[?25h", b"\x1b[?1000l", b"\x1b[?1003l", b"\x1b[?2004l", b"\x1b[<u")
"""What gives the terminal back: the ordinary screen, the cursor, the mouse, pastes, the keyboard."""


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return {
        "CANARIES": " ".join(CANARIES),
        "SYNCSCOPE_LOG_DIR": str(tmp_path),
        "PYTHONPATH": str(SCRIPT.parents[2]),
    }


def parts_of(secret: str) -> list[bytes]:
    """Every eight characters of what is secret in a secret: one that is cut or wrapped is told all the same."""
    secret = secret.rpartition("_")[2]
    return [secret[start : start + 8].encode() for start in range(len(secret) - 7)]


def holds_none(data: bytes) -> bool:
    flat = re.sub(rb"\x1b\[[0-9;?]*[A-Za-z]|\s", b"", data)
    return not [part for secret in CANARIES for part in parts_of(secret) if part in data or part in flat]


def log_of(tmp_path: Path) -> bytes:
    return (tmp_path / "syncscope.log").read_bytes()


def given_back(terminal: Terminal) -> None:
    written = bytes(terminal.written)
    for sequence in BACK:
        assert sequence in written, sequence
    assert not terminal.cursor_hidden
    assert written.rindex(b"\x1b[?1049l") > written.rindex(b"\x1b[?1049h")


@pytest.mark.parametrize("what", ["action", "worker", "timer", "drawing", "leaving"])
def test_whatever_breaks_the_terminal_is_given_back_and_nothing_secret_is_told(
    tmp_path: Path, environ: dict[str, str], what: str
) -> None:
    with Terminal(what, "demo", width=80, height=24, environ=environ, script=SCRIPT) as terminal:
        if what != "drawing":
            terminal.wait_for(r"48 connections")
            terminal.press("q" if what == "leaving" else "y")
        assert terminal.end() == 1
        given_back(terminal)
        written, log = bytes(terminal.written), log_of(tmp_path) if what != "drawing" else b""
    after = written[written.rindex(b"\x1b[?1049l") :].decode()
    assert "Syncscope ended because something in it broke: " in after
    assert "Traceback (most recent call last):" in after
    assert "RuntimeError: sk_prod_Zq8v•••••••• was refused" in after
    assert "in breaks" in after
    assert "locals" not in after
    assert b"\x1b]0;title" not in written
    if what != "drawing":
        assert str(tmp_path / "syncscope.log") in after.replace("\r\n", "")
        assert b"CRITICAL crash: broke: " in log
        assert b"RuntimeError: sk_prod_Zq8v" in log
    assert holds_none(written)
    assert holds_none(log)


def test_what_breaks_before_the_screens_is_told_in_the_same_way(tmp_path: Path, environ: dict[str, str]) -> None:
    with Terminal("before the screens", "demo", width=80, height=24, environ=environ, script=SCRIPT) as terminal:
        assert terminal.end() == 1
        assert b"Syncscope ended because something in it broke: RuntimeError" in terminal.written
        assert holds_none(bytes(terminal.written))
    assert b"CRITICAL crash: broke: RuntimeError" in log_of(tmp_path)
    assert holds_none(log_of(tmp_path))


def test_when_the_keyboard_can_no_longer_be_read_it_ends_in_the_same_way(
    tmp_path: Path, environ: dict[str, str]
) -> None:
    with Terminal("the keyboard", "demo", width=80, height=24, environ=environ, script=SCRIPT) as terminal:
        terminal.wait_for(r"48 connections")
        terminal.press("x")
        assert terminal.end() == 1
        given_back(terminal)
        assert b"Syncscope ended because something in it broke" in terminal.written
        assert holds_none(bytes(terminal.written))
    assert holds_none(log_of(tmp_path))


@pytest.mark.parametrize("what", ["a thread", "a task"])
def test_what_breaks_behind_the_screens_is_logged_and_they_stay(
    tmp_path: Path, environ: dict[str, str], what: str
) -> None:
    with Terminal(what, "demo", width=80, height=24, environ=environ, script=SCRIPT) as terminal:
        terminal.wait_for(r"48 connections")
        terminal.press("y")
        terminal.until(lambda: b"RuntimeError" in log_of(tmp_path), "the error in the log")
        terminal.press("n")
        terminal.wait_for(r"Create a connection")
        terminal.press("escape")
        terminal.wait_for(r"48 connections")
        terminal.press("q")
        assert terminal.end() == 0
        assert holds_none(bytes(terminal.written))
    assert b"in breaks" in log_of(tmp_path)
    assert holds_none(log_of(tmp_path))


def test_where_nothing_can_be_written_a_crash_says_so(tmp_path: Path, environ: dict[str, str]) -> None:
    (tmp_path / "file").write_text("")
    environ |= {"SYNCSCOPE_LOG_DIR": str(tmp_path / "file" / "logs")}
    with Terminal("action", "demo", width=80, height=24, environ=environ, script=SCRIPT) as terminal:
        terminal.wait_for(r"There is no log")
        terminal.wait_for(r"48 connections")
        terminal.press("y")
        assert terminal.end() == 1
        given_back(terminal)
        assert b"There is no log: " in terminal.written[terminal.written.rindex(b"\x1b[?1049l") :]


def test_told_to_end_by_the_system_the_terminal_is_given_back(tmp_path: Path, environ: dict[str, str]) -> None:
    with Terminal("demo", width=80, height=24, environ=environ) as terminal:
        terminal.wait_for(r"48 connections")
        os.kill(terminal.process, signal.SIGTERM)
        assert terminal.end() == 128 + signal.SIGTERM
        given_back(terminal)
        assert b"Traceback" not in terminal.written
    assert "told to end" in log_of(tmp_path).decode()
