"""Every scenario in a real terminal: started from its screen, followed, and watched to its end."""

from __future__ import annotations

import re

from tests.e2e.terminal import Terminal

# An hour there is six seconds here. The keys of the screen bring it there.
FASTEST = "SIMULATED ×600"

ENDS = {
    "Healthy first sync": r"✓ Completed at",
    "Missing permissions": r"✓ Completed with 1 issue",
    "Provider outage with retries": r"✓ Completed with 1 issue",
    "Provider file delivery": r"✓ Completed at",
    "Disconnect mid-sync": r"✗ Failed: ",
    "Flapping connection": r"✗ Failed: ",
    "Stalled sync": r"✓ Completed at",
}
"""How the sync of each scenario ends, in the order in which they are offered."""


def row(title: str, state: str) -> str:
    """What the list of what was started says of a scenario; longer titles are cut."""
    return rf"{re.escape(title[:12])}[^\n]*{state}"


def started(terminal: Terminal, title: str) -> None:
    """See a scenario among those that were started."""
    terminal.wait_for(row(title, r"[◌◐✓✗] (requested|in progress|completed|failed)"))


def ahead(terminal: Terminal, hours: int) -> None:
    """Move the server's time by hours, from the screen."""
    terminal.press("escape")
    terminal.wait_for(r"start on  ")
    terminal.press(*"a" * hours)
    terminal.press("w")
    terminal.wait_for(r"Ended: not looked at|next in|looking now")


def test_by_keys_each_is_started_on_a_new_connection_and_watched_to_its_end() -> None:
    with Terminal("demo", "--speed", "100", width=80, height=24) as terminal:
        terminal.wait_for(r"48 connections")
        terminal.press("6")
        terminal.wait_for(r"Nothing yet\. Press s to start")
        terminal.press("+", "+")
        terminal.wait_for(FASTEST)
        for number, (title, end) in enumerate(ENDS.items()):
            if number:
                terminal.press("down")
            terminal.press("n")
            started(terminal, title)
            terminal.press("w")
            terminal.wait_for(r"· sync_")
            if title == "Provider file delivery":
                terminal.wait_for(r"◌ Waiting for the provider to deliver historical files")
                ahead(terminal, 6)
            terminal.wait_for(end)
            terminal.press("escape")
            terminal.wait_for(r"start on  ")
        terminal.press("a", "a")  # by then nothing happens to any of them any more
        terminal.wait_for(row("Stalled sync", "✓ completed"))
        terminal.wait_for(row("Flapping connection", "✗ failed +● connected"))
        terminal.wait_for(row("Disconnect mid-sync", "✗ failed +○ disconnected"))
        terminal.press("p")
        terminal.wait_for(FASTEST + " paused")
        terminal.press("escape")
        terminal.wait_for(r"55 connections")
        terminal.press("q")
        assert terminal.end() == 0


def test_by_mouse_one_is_started_on_a_chosen_connection_and_watched_to_its_end() -> None:
    with Terminal("demo", "--speed", "300", width=160, height=50) as terminal:
        terminal.wait_for(r"48 connections")
        terminal.press("6")
        terminal.click("start on  ")
        terminal.wait_for(r"Start scenarios on")
        terminal.click("Copper Basin")
        terminal.click(" Choose  ")
        terminal.wait_for(r"start on  Copper Basin Freight")
        terminal.click("+ faster")
        terminal.wait_for(FASTEST)
        terminal.click("Missing permissions")
        terminal.click("s start")
        terminal.wait_for(r"Missing permissions +Copper Basin Freight +[◌◐✓]")
        terminal.click("w follow")
        terminal.wait_for(r"Copper Basin Freight · .* · sync_")
        terminal.wait_for(ENDS["Missing permissions"])
        terminal.wait_gone(r"x cancel")  # the keys at the bottom are laid out anew once it has ended
        terminal.click("esc back")
        terminal.wait_for(row("Missing permissions", "✓ completed"))
        terminal.click("p pause")
        terminal.wait_for(FASTEST + " paused")
        terminal.press("q")
        assert terminal.end() == 0
