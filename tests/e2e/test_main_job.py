"""The main job in a real terminal, on the embedded server over a real socket."""

from __future__ import annotations

import re

import pytest

from tests.e2e.terminal import Terminal

SIZES = [(80, 24), (160, 50)]
# Fast enough that a whole sync passes in seconds, slow enough that its stages can be seen.
DEMO = ("demo", "--speed", "100")


def progress(terminal: Terminal) -> float:
    """The percentage that stands beside the large bar."""
    found = re.search(r"(\d+(?:\.\d+)?) %", terminal.text)
    return float(found[1]) if found else 0.0


def watch_to_its_end(terminal: Terminal) -> None:
    """See the first sync move, meet its issue, and be announced as completed."""
    terminal.wait_for(r"in progress")
    terminal.until(lambda: 0 < progress(terminal) < 90, "progress under way")
    first = progress(terminal)
    terminal.until(lambda: progress(terminal) > first, "progress that moves")
    terminal.wait_for(r"issue \+ \w+|! \w+_\w+")
    terminal.wait_for(r"Sync completed with 1 issue")
    terminal.wait_for(r"✓ Completed with 1 issue")


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_by_keys_a_person_filters_opens_creates_syncs_and_watches(width: int, height: int) -> None:
    with Terminal(*DEMO, width=width, height=height) as terminal:
        terminal.wait_for(r"SIMULATED ×100")
        terminal.wait_for(r"48 connections")
        terminal.press("/")
        terminal.wait_gone(r"enter open")  # the keys at the bottom are the filter's now
        terminal.type("status:disconnected")
        terminal.wait_for(r"\d of 48 connections")
        terminal.press("enter")
        terminal.wait_for(r"enter open")
        terminal.press("enter")
        terminal.wait_for(r"esc back")
        terminal.wait_for(r"The stored credentials no longer work")
        terminal.press("escape")
        terminal.wait_for(r"\d of 48 connections")
        terminal.press("escape")
        terminal.wait_gone(r"\d of 48 connections")
        terminal.press("n")
        terminal.wait_for(r"Create a connection")
        terminal.wait_for(r"\d+ providers")
        terminal.type("geot")
        terminal.wait_for(r"Geotab\s+geotab")
        terminal.press("down", "enter")
        terminal.wait_focus("Username")
        terminal.type("fleet@prairie.example")
        terminal.press("tab")
        terminal.wait_focus("Password")
        terminal.type("secret-of-the-fleet")
        terminal.press("tab", "tab")
        terminal.wait_focus("Company")
        terminal.type("Harvest Moon Haulage")
        terminal.wait_for(r"Company +Harvest Moon Haulage")
        terminal.press("ctrl+s")
        terminal.wait_for(r"Harvest Moon Haulage · Geotab · conn_")
        assert "secret-of-the-fleet" not in terminal.text
        terminal.press("s")
        terminal.wait_for(r"Request a sync")
        terminal.wait_for(r"Days\s+7")
        terminal.press("enter")
        watch_to_its_end(terminal)
        terminal.press("escape")
        terminal.wait_for(r"Overview")
        terminal.press("escape")
        terminal.wait_for(r"49 connections")
        terminal.press("q")
        assert terminal.end() == 0
        assert b"secret-of-the-fleet" not in terminal.written


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_by_mouse_a_person_filters_opens_creates_syncs_and_watches(width: int, height: int) -> None:
    with Terminal(*DEMO, width=width, height=height) as terminal:
        terminal.wait_for(r"48 connections")
        terminal.wait_for(r"\d disconnected")
        terminal.click("disconnected")
        terminal.wait_for(r"\d of 48 connections")
        terminal.click("Transport Trép")
        terminal.click("enter open")
        terminal.wait_for(r"The stored credentials no longer work")
        terminal.wait_for(r"Transport Trépanier · ")
        terminal.click("esc back")
        terminal.wait_for(r"\d of 48 connections")
        terminal.click("n new")
        terminal.wait_for(r"\d+ providers")
        terminal.type("geot")
        terminal.click("Geotab")
        terminal.click_field("Username")
        terminal.type("fleet@prairie.example")
        terminal.click_field("Password")
        terminal.type("secret-of-the-fleet")
        terminal.click_field("Company")
        terminal.type("Harvest Moon Haulage")
        terminal.wait_for(r"Company +Harvest Moon Haulage")
        terminal.click(" Create  ")
        terminal.wait_for(r"Harvest Moon Haulage · Geotab · conn_")
        terminal.click("s sync")
        terminal.wait_for(r"Days\s+7")
        terminal.click("Request  ")
        watch_to_its_end(terminal)
