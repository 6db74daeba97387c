"""The interface in a cell, as a person uses it: in real JupyterLab, in a real Chromium."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.chromium import browser, need_browser
from tests.browser.lab import PATIENCE, Notebook, Screen, lab_server, write_notebook

CELLS = (
    "from tui_app import Explorer\nexplorer = Explorer.demo(speed=240)\napp = explorer.app()\napp",
    "print(explorer.connections(state='connected', sync='completed')[0].id)",
    "import time\nfor tick in range(600):\n    print(tick, end=' ')\n    time.sleep(0.05)",
    "app",
)


@pytest.fixture
def notebook(tmp_path: Path) -> Iterator[Notebook]:
    """A notebook in a JupyterLab of its own."""
    need_browser("jupyterlab", "anywidget")
    files = tmp_path / "files"
    files.mkdir()
    write_notebook(files / "cells.ipynb", *CELLS)
    with lab_server(tmp_path, files) as address, browser(tmp_path / "chromium", 1400, 1100) as context:
        context.set_default_timeout(1000 * PATIENCE)
        yield Notebook(context.pages[0], address.format(name="cells.ipynb"))


def test_a_person_uses_it_in_jupyterlab(notebook: Notebook) -> None:
    notebook.run(0)
    screen = Screen(notebook, 0)
    screen.see("48 connections", "disconnected", "completed", "? help")
    it_is_drawn_in_the_colours_of_the_theme(screen)
    connection_id = printed_id(notebook)
    notebook.run(2)
    a_sync_is_requested_and_watched_to_its_end(notebook, screen, connection_id)
    it_is_still_there_when_the_page_is_loaded_anew(notebook)
    the_notebooks_shortcuts_wait_until_they_are_asked_for(notebook, Screen(notebook, 0))
    two_cells_show_one_application(notebook)
    it_ends_with_its_last_look_in_the_cell(notebook)


def printed_id(notebook: Notebook) -> str:
    """The connection that the explorer names in the cell beside it."""
    notebook.run(1)
    notebook.cell(1).locator(".jp-OutputArea-output").wait_for()
    [found] = re.findall(r"conn_\w+", notebook.output(1))
    return str(found)


def it_is_drawn_in_the_colours_of_the_theme(screen: Screen) -> None:
    colours = screen.frame.evaluate(
        "frame => [...new Set([...frame.querySelectorAll('.xterm-rows span')].map(s => getComputedStyle(s).color))]"
    )
    assert {"rgb(99, 192, 125)", "rgb(108, 178, 247)", "rgb(217, 224, 232)"} <= set(
        colours
    )  # good, under way, and plain
    assert screen.frame.evaluate("frame => getComputedStyle(frame).backgroundColor") == "rgb(16, 21, 27)"


def a_sync_is_requested_and_watched_to_its_end(notebook: Notebook, screen: Screen, connection_id: str) -> None:
    screen.click("State")
    screen.press("/")
    screen.type(f"id:{connection_id}")
    screen.see("1 of 48 connections")
    screen.press("Enter", "s")
    screen.see("Request a sync")
    screen.press("Enter")
    screen.see("in_progress")
    assert notebook.busy
    before = len(notebook.output(2).split())
    screen.see("Sync completed")
    assert notebook.busy
    assert len(notebook.output(2).split()) > before  # what it prints arrives meanwhile


def it_is_still_there_when_the_page_is_loaded_anew(notebook: Notebook) -> None:
    notebook.interrupt()
    notebook.save()
    notebook.open()
    Screen(notebook, 0).see("completed")


def the_notebooks_shortcuts_wait_until_they_are_asked_for(notebook: Notebook, screen: Screen) -> None:
    screen.click("completed")
    screen.press("Escape", "Escape")
    screen.see("1 of 48 connections")
    notebook.page.evaluate("() => { window.heard = []; addEventListener('keydown', e => window.heard.push(e.key)); }")
    screen.press("/")
    screen.type("abddxmyz")  # each of them changes cells where a notebook hears it
    screen.see("abddxmyz")
    screen.press("Control+b", "Shift+Enter", "Escape")
    assert notebook.page.evaluate("() => window.heard") == []
    assert notebook.cells == len(CELLS)
    assert notebook.page.locator("#jp-left-stack").is_visible()  # Ctrl+B would have hidden it
    screen.press("Shift+Escape", "b")
    notebook.page.wait_for_function(f"document.querySelectorAll('.jp-Notebook .jp-Cell').length === {len(CELLS) + 1}")
    notebook.page.keyboard.press("z")  # and back


def two_cells_show_one_application(notebook: Notebook) -> None:
    notebook.page.wait_for_function(f"document.querySelectorAll('.jp-Notebook .jp-Cell').length === {len(CELLS)}")
    notebook.run(3)
    other = Screen(notebook, 3)
    other.see("connections", "filter")
    other.click("State")
    other.press("?")
    other.see("Esc closes this")
    Screen(notebook, 0).see("Esc closes this")


def it_ends_with_its_last_look_in_the_cell(notebook: Notebook) -> None:
    other = Screen(notebook, 3)
    other.click("Esc closes this")
    other.press("Escape")
    other.see("? help")
    other.press("q")
    for number in (0, 3):
        notebook.cell(number).get_by_text("Syncscope has ended").wait_for()
    assert "connections" in notebook.output(3)
