"""What is copied arrives in a real terminal, as the terminal, tmux or GNU screen around it can take it."""

from __future__ import annotations

import base64
import re

import pytest

from tests.e2e.terminal import Terminal

# Over SSH no tool of this machine is asked, and so nobody's own clipboard is touched; whoever tests may sit in tmux.
FAR = {"SSH_CONNECTION": "192.0.2.1 1 192.0.2.2 22", "TMUX": "", "STY": ""}
PLAIN = rb"\x1b\]52;c;([A-Za-z0-9+/=]+)\x07"


def copied(terminal: Terminal, sequence: bytes) -> str:
    """What the terminal is asked to put on its clipboard, once it is."""
    terminal.until(lambda: re.search(sequence, terminal.written) is not None, "a sequence for the clipboard")
    found = re.search(sequence, bytes(terminal.written))
    assert found is not None
    return base64.b64decode(found[1]).decode()


@pytest.mark.parametrize(
    ("environ", "sequence"),
    [({}, PLAIN), ({"TMUX": "/tmp/t,1,0"}, rb"\x1bPtmux;\x1b" + PLAIN + rb"\x1b\\"), ({"STY": "1"}, rb"\x1bP" + PLAIN)],
    ids=["terminal", "tmux", "screen"],
)
def test_an_id_arrives_and_a_token_only_once_that_was_agreed_to(environ: dict[str, str], sequence: bytes) -> None:
    with Terminal("demo", width=80, height=24, environ=FAR | environ) as terminal:
        terminal.wait_for(r"48 connections")
        terminal.press("enter")
        shown = terminal.wait_for(r"(conn_[0-9A-Z]{26}|conn_\w+)\s")[1]
        terminal.press("y")
        assert copied(terminal, sequence).startswith(shown)
        terminal.wait_for(r"Copied connection ID conn_")
        terminal.written.clear()
        terminal.press("Y")
        terminal.wait_for(r"connection token")
        terminal.press("t")
        terminal.wait_for(r"Copy it\?")
        assert re.search(PLAIN, bytes(terminal.written)) is None
        terminal.press("y")
        token = copied(terminal, sequence)
        assert token.startswith("con_tkn_")
        terminal.wait_for(r"Copied the connection token of")
        assert token.encode() not in terminal.written
