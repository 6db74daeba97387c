"""A JupyterLab server of the tests' own, and one page of it in Chromium."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

PATIENCE = 60.0
"""Seconds to wait for something to appear. Only ever used up by a failure."""

_QUIET = [
    "--no-browser",
    "--allow-root",
    "--ServerApp.ip=127.0.0.1",
    "--ServerApp.port_retries=0",
    "--LabApp.news_url=None",
    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    "--LabApp.extension_manager=readonly",
    "--LabApp.expose_app_in_browser=True",
]


_SETTINGS = "lab/user-settings/@jupyterlab/apputils-extension/notification.jupyterlab-settings"


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


@contextmanager
def lab_server(folder: Path, files: Path) -> Iterator[str]:
    """A running server.

    Args:
        folder: Where its settings, kernels and logs are.
        files: Where the notebooks are.

    Returns:
        The address of the notebook that is called `{name}`. It lets whoever has it in.
    """
    port = free_port()
    token = os.urandom(16).hex()
    settings = folder / "jupyter-config" / _SETTINGS
    settings.parent.mkdir(parents=True)
    settings.write_text('{"fetchNews": "false"}')  # else it asks, over what is to be seen
    homes = {name: str(folder / name.lower()) for name in ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "IPYTHONDIR")}
    jupyter = {f"JUPYTER_{name}_DIR": str(folder / f"jupyter-{name.lower()}") for name in ("CONFIG", "DATA", "RUNTIME")}
    environ = {**os.environ, **homes, **jupyter, "JUPYTER_TOKEN": token, "PYTHONPATH": str(Path.cwd())}
    with (folder / "server.log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *_QUIET, f"--ServerApp.port={port}", f"--notebook-dir={files}"],
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        address = f"http://127.0.0.1:{port}"
        _answering(f"{address}/api/status?token={token}", server, folder / "server.log")
        yield f"{address}/lab/tree/{{name}}?token={token}&reset"
    finally:
        server.terminate()  # its kernels end with it
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _answering(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and server.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            time.sleep(0.05)
    raise AssertionError(f"the server did not answer:\n{log.read_text()[-3000:]}")


def write_notebook(path: Path, *cells: str) -> None:
    """Write a notebook with these cells of code."""
    content: dict[str, Any] = {
        "cells": [
            {
                "cell_type": "code",
                "id": f"cell-{number}",
                "execution_count": None,
                "metadata": {},
                "outputs": [],
                "source": source,
            }
            for number, source in enumerate(cells)
        ],
        "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    path.write_text(json.dumps(content))


class Notebook:
    """One notebook, open in a page.

    Args:
        page: The page.
        address: The notebook's own.
    """

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self._address = address
        self.open()

    def open(self) -> None:
        """Open it, or load it anew, and wait until its kernel is there."""
        self.page.goto(self._address)
        self.page.wait_for_selector(".jp-Notebook .jp-Cell")
        self.page.wait_for_function(_READY)

    @property
    def busy(self) -> bool:
        """Whether a cell runs."""
        return any("*" in prompt for prompt in self.page.locator(".jp-InputPrompt").all_inner_texts())

    def cell(self, number: int) -> Locator:
        """A cell, the first one being 0."""
        return self.page.locator(".jp-Notebook .jp-Cell").nth(number)

    def run(self, number: int) -> None:
        """Run a cell and go on at once."""
        self.cell(number).locator(".cm-content").click()
        self.page.keyboard.press("Control+Enter")

    def output(self, number: int) -> str:
        """What a cell has printed."""
        told: str = self.cell(number).locator(".jp-OutputArea").inner_text()
        return told

    def interrupt(self) -> None:
        """Interrupt the cell that runs, and wait until that is done."""
        self.page.evaluate("() => window.jupyterapp.commands.execute('notebook:interrupt-kernel')")
        self.page.wait_for_function(
            "() => ![...document.querySelectorAll('.jp-InputPrompt')].some(each => each.textContent.includes('*'))"
        )

    def save(self) -> None:
        """Save it, and wait until that is done."""
        self.page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")

    @property
    def cells(self) -> int:
        """How many cells there are."""
        told: int = self.page.locator(".jp-Notebook .jp-Cell").count()
        return told


class Screen:
    """The interface in a cell's output.

    Args:
        notebook: Where.
        number: Which cell's output, the first one being 0.
    """

    def __init__(self, notebook: Notebook, number: int) -> None:
        self.page = notebook.page
        self.frame = notebook.cell(number).locator(".syncscope-cell")

    @property
    def text(self) -> str:
        """What it shows."""
        lines: list[str] = self.frame.locator(".xterm-rows > div").all_text_contents()
        return "\n".join(line.replace("\xa0", " ").rstrip() for line in lines)

    @property
    def columns(self) -> int:
        """How many letters a line of it has."""
        line = self.frame.locator(".xterm-rows > div").first.text_content()
        return len(line or "")

    def see(self, *texts: str) -> None:
        """Wait until it shows texts. What is out of sight is not drawn, so that it is scrolled to."""
        self.frame.scroll_into_view_if_needed()
        end = time.monotonic() + PATIENCE
        while not all(text in self.text for text in texts):
            assert time.monotonic() < end, f"{texts} do not appear; the cell shows:\n{self.text}"
            self.page.wait_for_timeout(20)

    def click(self, text: str) -> None:
        """Click on the first place that shows a text."""
        self.see(text)
        lines = self.text.split("\n")
        y = next(y for y, line in enumerate(lines) if text in line)
        row = self.frame.locator(".xterm-rows > div").nth(y).bounding_box()
        assert row is not None
        letter = row["width"] / self.columns
        self.page.mouse.click(row["x"] + letter * (lines[y].index(text) + 0.5), row["y"] + row["height"] / 2)

    def press(self, *keys: str) -> None:
        """Press keys, wherever the focus is."""
        for key in keys:
            self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        """Type a text, wherever the focus is."""
        self.page.keyboard.type(text)


_READY = """() => {
    const shown = window.jupyterapp?.shell.currentWidget;
    const context = shown?.sessionContext;
    return Boolean(context?.isReady && context.session?.kernel?.connectionStatus === 'connected');
}"""
