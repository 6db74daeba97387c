"""A bulk sync in a real terminal: twenty connections, of which three refuse, from the marks to the last outcome."""

from __future__ import annotations

import re

from tests.e2e.terminal import Terminal

DEMO = ("demo", "--speed", "1")  # slow enough that no schedule begins a sync of its own meanwhile
GOOD = 17


def looked_at(terminal: Terminal) -> None:
    """Wait until the newest syncs were looked at, so that what is told as connected does not run."""
    terminal.wait_for(r"48 connections.*3 disconnected")
    terminal.wait_gone(r"reading …|not looked at yet|seen:? ([0-9]|[12][0-9]|3[0-8]) of")


def narrowed(terminal: Terminal, text: str) -> None:
    """Narrow the list to what fits, and go back into it."""
    terminal.press("/")
    terminal.wait_gone(r"enter open")
    terminal.type(text)
    terminal.wait_for(r"\d+ of 48 connections")
    terminal.press("down")
    terminal.wait_for(r"enter open")


def rows_there(terminal: Terminal, rows: re.Pattern[str], count: int) -> None:
    """Wait until at least so many rows are on screen."""
    terminal.until(lambda: len(rows.findall(terminal.text)) >= count, f"{count} rows")


def outcomes(terminal: Terminal) -> None:
    """Wait for the end, and read the table: as many done and refused as were expected, each in its words."""
    terminal.wait_for(r"✓ 17 done +✗ 3 refused", patience=60)
    terminal.wait_for(r"Enter opens a connection")
    terminal.press("f")
    terminal.wait_gone(r"✓ done")
    terminal.until(
        lambda: len(re.findall(r"✗ refused +Connection must be", terminal.text)) == 3,
        "three refusals in the server's words",
    )


def test_by_keys_twenty_are_synced_and_three_refuse() -> None:
    with Terminal(*DEMO, width=80, height=24) as terminal:
        looked_at(terminal)
        narrowed(terminal, "state:disconnected")
        terminal.press("*")
        terminal.wait_for(r"3 marked")
        terminal.press("escape")
        terminal.wait_for(r"\n 48 connections")
        narrowed(terminal, "state:connected")
        terminal.press(*["space"] * GOOD)
        terminal.wait_for(r"20 marked, 3 hidden by the filter")
        terminal.press("s")
        terminal.wait_for(r"20 × POST")
        terminal.wait_for(r"3 hidden by the filter, 3 will most likely refuse")
        terminal.press("G")
        terminal.until(
            lambda: terminal.text.count("hidden by the filter, ! Disconnected") == 3, "the hidden ones, named"
        )
        terminal.press("\x13")
        terminal.wait_for(r"of 20 connections, all alike")
        terminal.press("enter")
        outcomes(terminal)
        terminal.press("enter")
        terminal.wait_for(r"Overview")
        terminal.press("escape")
        terminal.wait_for(r"✗ refused")
        terminal.press("escape")
        terminal.wait_for(r"20 marked")
        terminal.press("q")
        assert terminal.end() == 0


def test_by_mouse_twenty_are_synced_and_three_refuse() -> None:
    with Terminal(*DEMO, width=160, height=50) as terminal:
        looked_at(terminal)
        for state, count in (("disconnected", 3), ("connected", GOOD)):
            terminal.click(f" {state}   ")
            terminal.wait_for(rf"/ +state:{state}")
            rows = re.compile(rf"^[◆ ] \S ({state} +\S+ \S+)", re.MULTILINE)
            rows_there(terminal, rows, count)
            for row in rows.findall(terminal.text)[:count]:
                terminal.click(row, control=True)
        terminal.wait_for(r"20 marked, 3 hidden by the filter")
        terminal.click("n new  s sync  ")
        terminal.wait_for(r"20 × POST")
        terminal.click("^s go on")
        terminal.wait_for(r"of 20 connections, all alike")
        terminal.click("Request  ")
        outcomes(terminal)
        terminal.click("esc back")
        terminal.wait_for(r"20 marked")
