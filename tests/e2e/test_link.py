"""The way by Link in a real terminal: a link is made, the fleet signs in over HTTP, its token is exchanged."""

from __future__ import annotations

import base64
import re
import sys
from pathlib import Path

import httpx

from tests.e2e.terminal import Terminal

DEMO = ("demo", "--speed", "100")
KEYS = {"ctrl+t": "\x14", "ctrl+l": "\x0c"}


def sign_in(url: str) -> str:
    """Sign in at a link as a program does, and return the public token."""
    account = {"username": "fleet@prairie.example", "password": "secret-of-the-fleet", "database": "prairie"}
    answer = httpx.post(url, json={"provider": "geotab", "credentials": account}, trust_env=False, timeout=30)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["publicToken"])


def copied(terminal: Terminal) -> str:
    """What the terminal was last asked to put on the clipboard, by OSC 52."""
    pattern = rb"\x1b\]52;c;([A-Za-z0-9+/=]+)(?:\x07|\x1b\\)"
    terminal.until(lambda: re.search(pattern, terminal.written) is not None, "something copied")
    return base64.b64decode(re.findall(pattern, terminal.written)[-1]).decode()


def stand_in(folder: Path) -> tuple[str, Path]:
    """A command in place of a browser, and the file that it writes the address to."""
    script, out = folder / "stand-in", folder / "opened"
    script.write_text(f"#!{sys.executable}\nimport sys\nopen({str(out)!r}, 'w').write(sys.argv[1])\n")
    script.chmod(0o755)
    return str(script), out


def landed(terminal: Terminal, token: str) -> None:
    """The connection is shown, and the token never was."""
    terminal.wait_for(r"Prairie Lines · Geotab · conn_")
    assert token not in terminal.text
    assert token.encode() not in terminal.written


def test_by_keys_a_link_is_made_and_its_token_exchanged(tmp_path: Path) -> None:
    browser, opened = stand_in(tmp_path)
    with Terminal(*DEMO, width=80, height=24, environ={"BROWSER": browser}) as terminal:
        terminal.wait_for(r"48 connections")
        terminal.press("L")
        terminal.wait_for(r"1 Make a link")
        terminal.press("tab", "tab")
        terminal.wait_focus("Company")
        terminal.type("Prairie Lines")
        terminal.wait_for(r"Company +Prairie Lines")
        terminal.press("ctrl+s")
        link = terminal.wait_for(r"http://127\.0\.0\.1:\d+/link/[a-z0-9]{8}")[0]
        terminal.wait_for(r"y copy")
        terminal.press("y")
        assert copied(terminal) == link
        terminal.press("o")
        terminal.wait_for(r"Opened the link in the browser")
        assert opened.read_text() == link
        token = sign_in(link)
        terminal.press(KEYS["ctrl+t"])
        terminal.wait_focus("Public token")
        terminal.type(token)
        terminal.wait_for(r"Public token +•{20}")
        terminal.press("enter")
        landed(terminal, token)
        terminal.press("escape")
        terminal.wait_for(r"49 connections")
        terminal.press("q")
        assert terminal.end() == 0


def test_by_mouse_the_same_from_the_form_that_creates() -> None:
    with Terminal(*DEMO, width=160, height=50) as terminal:
        terminal.wait_for(r"48 connections")
        terminal.click("n new")
        terminal.wait_for(r"\d+ providers")
        terminal.click("^l by Link")
        terminal.wait_for(r"1 Make a link")
        terminal.click_field("Company")
        terminal.type("Prairie Lines")
        terminal.wait_for(r'"name": "Prairie Lines"')
        terminal.click("Make the link")
        terminal.wait_for(r"http://127\.0\.0\.1:\d+/link/[a-z0-9]{8}")
        terminal.click("  Copy  ")
        token = sign_in(copied(terminal))
        terminal.click_field("Public token")
        terminal.type(token)
        terminal.wait_for(r"Public token +•{20}")
        terminal.click("  Exchange  ")
        landed(terminal, token)
