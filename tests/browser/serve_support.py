"""A tab of a real browser that shows the screens: what a person sees in it, presses and clicks."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pyte
from PIL import Image

from tests.browser.chromium import browser
from tests.e2e.terminal import PATIENCE, Terminal, _known
from tests.serving import Serving

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page, WebSocket

KEYS = {
    "enter": "Enter",
    "escape": "Escape",
    "tab": "Tab",
    "up": "ArrowUp",
    "down": "ArrowDown",
    "space": " ",
    "f2": "F2",
}

POLL = 15
"""Milliseconds in which the browser is heard before it is looked at again."""


class Tab(Terminal):
    """The screens in a tab. What the page is sent is read by an emulator; keys and clicks are the browser's own.

    Args:
        page: The browser's page.

    Attributes:
        page: The same.
        complaints: What the page wrote into the browser's console as an error.
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        self.complaints: list[str] = []
        self.written = bytearray()
        self._heard: list[bytes] = []
        self._resized(80, 24)
        page.on("websocket", self._connected)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda message: self.complaints.append(message.text) if message.type == "error" else None)

    def _resized(self, width: int, height: int) -> None:
        self._screen = pyte.Screen(width, height)
        self._stream = pyte.ByteStream(self._screen)

    def _connected(self, socket: WebSocket) -> None:
        size = parse_qs(urlsplit(socket.url).query)
        self._resized(int(size["width"][0]), int(size["height"][0]))
        socket.on("framereceived", lambda data: self._heard.append(data) if isinstance(data, bytes) else None)
        socket.on("framesent", self._said)

    def _said(self, data: str | bytes) -> None:
        kind, *what = json.loads(data)
        if kind == "resize":
            self._screen.resize(what[0]["height"], what[0]["width"])

    # What a person does

    def press(self, *keys: str) -> None:
        """Press keys, by name or as characters."""
        for key in keys:
            self.page.keyboard.press(KEYS.get(key, key.replace("ctrl+", "Control+")))

    def type(self, text: str) -> None:
        """Type a text."""
        self.page.keyboard.type(text)

    def click(self, text: str, times: int = 1, *, control: bool = False) -> None:
        """Click in the middle of the first place that shows a text."""
        assert not control
        self.until(lambda: text in self.text, f"“{text}” to click on")
        self._settled()
        y, line = next((y, line) for y, line in enumerate(self._screen.display) if text in line)
        self.page.mouse.click(*self.place(line.index(text) + len(text) // 2, y), click_count=times)

    def click_field(self, label: str) -> None:
        """Click on a form's field and wait until it looks focused."""
        self.page.mouse.click(*self.place(*self._field(label)))
        self.wait_focus(label)

    # What a person sees

    def place(self, x: int, y: int) -> tuple[float, float]:
        """The middle of a cell, in pixels of the page."""
        box = self.page.locator(".xterm-screen").bounding_box()
        assert box is not None
        width, height = box["width"] / self._screen.columns, box["height"] / self._screen.lines
        return box["x"] + (x + 0.5) * width, box["y"] + (y + 0.5) * height

    def picture(self) -> Image.Image:
        """What is painted."""
        return Image.open(io.BytesIO(self.page.screenshot())).convert("RGB")

    def _take_in(self, seconds: float) -> bool:
        end = time.monotonic() + seconds
        while not self._heard:
            if time.monotonic() >= end:
                return False
            self.page.wait_for_timeout(POLL)
        for data in self._heard:
            self.written += data
            self._stream.feed(_known(data))
        self._heard.clear()
        return True


class Log:
    """Everything that a browser asks of anybody."""

    def __init__(self, context: BrowserContext) -> None:
        self.addresses: list[str] = []
        context.on("request", lambda request: self.addresses.append(request.url))
        context.on("page", lambda page: page.on("websocket", lambda socket: self.addresses.append(socket.url)))

    def strangers(self, root: str) -> list[str]:
        """The addresses that are not the server's own."""
        ours = (root, root.replace("http", "ws", 1))
        return [address for address in self.addresses if not address.startswith((*ours, "data:"))]


@contextmanager
def opened(folder: Path, *arguments: str, width: int = 1280, height: int = 800) -> Iterator[tuple[Serving, Tab, Log]]:
    """The demo in a tab: the link was opened, and the screens are drawn.

    Args:
        folder: An empty one.
        arguments: What follows ``syncscope serve --demo``.
        width: Pixels of the window.
        height: Pixels of the window.
    """
    with Serving("--demo", *arguments) as serving, browser(folder, width, height) as context:
        log = Log(context)
        tab = Tab(context.new_page())
        tab.page.goto(serving.link)
        tab.page.wait_for_selector("body.-first-byte", timeout=PATIENCE * 1000)
        tab.wait_for(r"SIMULATED")
        yield serving, tab, log


def blocked(page: Page, script: str) -> str:
    """Run a script that is to fail in a page, and return how it failed; empty where it went well."""
    told = f"async () => {{ try {{ {script} }} catch (error) {{ return String(error) }} return '' }}"
    return str(page.evaluate(told))
