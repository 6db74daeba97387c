"""The second embedded server in a real terminal: list, open, sync, and each model's way to its end."""

from __future__ import annotations

import re

import pytest

from tests.e2e.terminal import Terminal

SIZES = [(80, 24), (160, 50)]
DEMO = ("demo", "--profile", "demo-stuut", "--speed", "100")


def filtered(terminal: Terminal, text: str) -> None:
    """Narrow the list and go back into it."""
    terminal.press("/")
    terminal.wait_gone(r"enter open")
    terminal.type(text)
    terminal.wait_for(r"\d+ of 18 connections")
    terminal.press("down")
    terminal.wait_for(r"enter open")


def ended(terminal: Terminal) -> tuple[int, int]:
    """How many models have ended, of how many."""
    found = re.search(r"Models (\d+) of (\d+) ended", terminal.text)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def requested(terminal: Terminal) -> None:
    """Open the selected connection and request a sync."""
    terminal.press("enter")
    terminal.wait_for(r"Overview")
    terminal.press("s")
    terminal.wait_for(r"One job each for")
    terminal.press("enter")
    terminal.wait_for(r"Models 0 of \d ended")


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_a_sync_is_requested_and_its_models_move_to_complete(width: int, height: int) -> None:
    with Terminal(*DEMO, width=width, height=height) as terminal:
        terminal.wait_for(r"18 connections")
        filtered(terminal, "Oakhurst")
        requested(terminal)
        terminal.wait_for(r"running +\w+")
        terminal.until(lambda: 0 < ended(terminal)[0] < ended(terminal)[1], "some models that ended")
        terminal.wait_for(r"✓ Completed at")
        terminal.until(lambda: 0 < ended(terminal)[0] == ended(terminal)[1], "all models that ended")
        terminal.wait_for(r"✓ complete +\w+ .*try \d")
        terminal.press("escape")
        terminal.wait_for(r"Overview")
        terminal.press("q")
        assert terminal.end() == 0


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_a_retry_and_a_failure_are_seen(width: int, height: int) -> None:
    with Terminal(*DEMO, width=width, height=height) as terminal:
        terminal.wait_for(r"18 connections")
        filtered(terminal, "Tamarind")
        requested(terminal)
        terminal.wait_for(r"pending retry +\w+")
        terminal.wait_for(r"try [23]")
        terminal.wait_for(r"✗ Failed:")
        terminal.wait_for(r"1 of \d failed")
        terminal.wait_for(r"✗ failed +\w+ .*try \d")


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_a_disabled_one_says_why_it_cannot_sync(width: int, height: int) -> None:
    with Terminal(*DEMO, width=width, height=height) as terminal:
        terminal.wait_for(r"18 connections")
        filtered(terminal, "state:disabled")
        terminal.press("enter")
        terminal.wait_for(r"Syncing is switched off")
        terminal.press("s")
        terminal.wait_for(r"most likely refuse|It will +.\s+.\s+most likely")
        terminal.press("enter")
        terminal.wait_for(r"Syncing is disabled for this connection")


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_by_mouse_the_other_server_is_opened_and_a_model_is_looked_at(width: int, height: int) -> None:
    with Terminal("demo", "--speed", "100", width=width, height=height) as terminal:
        terminal.wait_for(r"48 connections")
        terminal.click("] other server")
        terminal.wait_for(r"18 connections")
        terminal.click("unhealthy")
        terminal.wait_for(r"\d+ of 18 connections")
        terminal.click("Halvorsen", times=2)
        terminal.wait_for(r"provider_unavailable")
        terminal.click("Models")
        terminal.wait_for(r"Last job")
        terminal.click("Customers", times=2)
        terminal.wait_for(r"Ended: not looked at any more")
        terminal.click("esc back")
        terminal.wait_for(r"Last job")
        terminal.click("esc back")
        terminal.wait_for(r"of 18 connections")
        terminal.press("[")
        terminal.wait_for(r"48 connections")
