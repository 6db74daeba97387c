"""Orders in a real terminal, by keys and by mouse: each is given, and what comes of it is waited for and seen."""

from __future__ import annotations

import re

import pytest

from tests.e2e.terminal import Terminal

# Fast enough that a sync ends while one waits, slow enough that it can be cancelled before.
DEMO = ("demo", "--speed", "40")
BY_KEYS, BY_MOUSE = (80, 24), (160, 50)


def filtered(terminal: Terminal, text: str) -> None:
    """Narrow the list and go back into it."""
    terminal.wait_for(r"48 connections")
    terminal.press("/")
    terminal.wait_gone(r"enter open")
    terminal.type(text)
    terminal.wait_for(r"\d+ of 48 connections")
    terminal.press("down")
    terminal.wait_for(r"enter open")


def agreed(terminal: Terminal, mouse: bool, button: str, method: str) -> None:
    """See the request that would be sent, and agree."""
    terminal.wait_for(rf"(?:{method}) /")
    terminal.wait_for(r"Leave it")
    terminal.rest(0.4)
    if mouse:
        terminal.click(f" {button}   ")
    elif method == "DELETE":  # what nothing undoes takes one key more
        terminal.press("tab")
        terminal.rest()
        terminal.press("enter")
    else:
        terminal.press("enter")


def chosen(terminal: Terminal, mouse: bool, key: str, label: str) -> None:
    """Choose an action at the bottom, by its key or by a click on it."""
    terminal.wait_for(rf"{key} {label}")
    if mouse:
        terminal.click(f"{key} {label}")
    else:
        terminal.press(key)


@pytest.mark.parametrize(("size", "mouse"), [(BY_KEYS, False), (BY_MOUSE, True)], ids=["keys", "mouse"])
def test_a_cancelled_sync_ends_as_failed_and_tried_again_it_goes_on_to_its_end(
    size: tuple[int, int], mouse: bool
) -> None:
    with Terminal(*DEMO, width=size[0], height=size[1]) as terminal:
        filtered(terminal, "mode:manual state:connected")
        chosen(terminal, mouse, "s", "sync")
        terminal.wait_for(r"Days\s+7")
        if mouse:
            terminal.click("Request  ")
        else:
            terminal.press("enter")
        terminal.wait_for(r"◐ in progress")
        chosen(terminal, mouse, "x", "cancel")
        agreed(terminal, mouse, "Cancel the sync", "POST")
        terminal.wait_for(r"Cancelling was asked for")
        terminal.wait_for(r"✗ Failed: .*[Cc]ancel")
        terminal.wait_gone(r"x cancel")
        chosen(terminal, mouse, "r", "try again")
        agreed(terminal, mouse, "Try again", "POST")
        terminal.wait_for(r"The server tries")
        terminal.wait_gone(r"✗ Failed")
        terminal.wait_for(r"✓ Completed")


@pytest.mark.parametrize(("size", "mouse"), [(BY_KEYS, False), (BY_MOUSE, True)], ids=["keys", "mouse"])
def test_a_resolved_issue_is_shown_as_resolved(size: tuple[int, int], mouse: bool) -> None:
    # As slow as the world: no other issue comes or goes meanwhile.
    with Terminal("demo", "--speed", "1", width=size[0], height=size[1]) as terminal:
        filtered(terminal, "issues:>0")
        chosen(terminal, mouse, "enter", "open")
        terminal.wait_for(r"Overview")
        if mouse:
            terminal.click("Issues")
        else:
            for _ in range(8):  # a part that is not there yet hears no key
                terminal.press("tab")
                terminal.rest(0.5)
                if "! ongoing" in terminal.text:
                    break
        terminal.wait_for(r"! ongoing")
        open_before = terminal.text.count("! ongoing")
        if mouse:
            terminal.click("! ongoing")
            terminal.press("\x10")
            terminal.type("resolve")
            terminal.click("resolve issue")
        else:
            terminal.press("v")
        agreed(terminal, mouse, "Resolve", "POST|PATCH")
        terminal.wait_for(r"✓ resolved")
        terminal.until(lambda: terminal.text.count("! ongoing") == open_before - 1, "one open issue less")


@pytest.mark.parametrize(("size", "mouse"), [(BY_KEYS, False), (BY_MOUSE, True)], ids=["keys", "mouse"])
def test_an_edited_tag_is_shown(size: tuple[int, int], mouse: bool) -> None:
    with Terminal(*DEMO, width=size[0], height=size[1]) as terminal:
        filtered(terminal, "state:connected")
        chosen(terminal, mouse, "enter", "open")
        terminal.wait_for(r"Overview")
        chosen(terminal, mouse, "e", "edit")
        terminal.wait_for(r"Change a connection")
        if mouse:
            terminal.click_field("Tags")
        else:
            terminal.wait_focus("Company")
            for field in ("DOT numbers", "External ID", "Tags"):
                terminal.press("tab")
                terminal.wait_focus(field)
        terminal.press("ctrl+e", "ctrl+u")
        terminal.wait_for(r"Tags +e\.g\.")
        terminal.rest()
        terminal.type("by-hand")
        terminal.wait_for(r"Tags +by-hand")
        if mouse:
            terminal.click(" Save ")
        else:
            terminal.press("ctrl+s")
        terminal.wait_for(r"Saved\.")
        terminal.wait_for(r"Overview")
        if mouse:  # on the smaller one it stands below what fits
            terminal.wait_for(r"tags? +by-hand")
        terminal.press("escape")
        terminal.wait_for(r"of 48 connections")
        terminal.press("escape")
        terminal.wait_gone(r"of 48 connections")
        terminal.press("/")
        terminal.wait_gone(r"enter open")
        terminal.type("tag:by-hand")
        terminal.wait_for(r"\b1 of 48 connections")


@pytest.mark.parametrize(("size", "mouse"), [(BY_KEYS, False), (BY_MOUSE, True)], ids=["keys", "mouse"])
def test_a_deleted_connection_is_shown_as_leaving_and_then_as_gone(size: tuple[int, int], mouse: bool) -> None:
    with Terminal(*DEMO, width=size[0], height=size[1]) as terminal:
        filtered(terminal, "state:connected")
        chosen(terminal, mouse, "enter", "open")
        terminal.wait_for(r"Overview")
        name = re.escape(terminal.wait_for(r"(?m)^ *(\S.*?) · ")[1])
        if mouse:
            terminal.press("\x10")
            terminal.type("delete")
            terminal.click("delete  (D)")
        else:
            terminal.press("D")
        agreed(terminal, mouse, "Delete", "DELETE")
        terminal.wait_for(r"Its deletion was asked for")
        terminal.wait_for(r"leaving|deletion")
        terminal.press("escape")
        terminal.wait_for(r"\d+ of 48 connections")
        terminal.wait_gone(name)
        terminal.press("escape")
        terminal.wait_gone(r"of 48 connections")
        terminal.press("/")
        terminal.wait_gone(r"enter open")
        terminal.type("state:leaving")
        terminal.wait_for(rf"leaving +{name[:16]}")
