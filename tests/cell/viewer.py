"""A page of a notebook: draws what it is sent in an emulator, and says what a person types and does there."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pyte

from tests import clocks
from tests.screens.stage import store
from tui_app.notebook.cell_driver import CellDriver
from tui_app.notebook.cell_screens import CellScreens
from tui_app.notebook.cell_wire import Wire
from tui_app.workspace import Workspace

SIZE = (100, 30)

PATIENCE = 60.0
"""Seconds to wait for something to appear. Only ever used up by a failure."""


def pasted(text: str) -> str:
    """What a terminal sends where a text is pasted."""
    return f"\x1b[200~{text}\x1b[201~"


async def until(predicate: Callable[[], bool]) -> None:
    """Wait until something is so."""
    await clocks.until(predicate, limit=PATIENCE)


class Viewer:
    """One page.

    Attributes:
        drawn: The messages that it was sent to draw, in order.
        told: All other messages.
    """

    def __init__(self) -> None:
        self._screen = pyte.Screen(*SIZE)
        self._stream = pyte.Stream(self._screen)
        self.drawn: list[dict[str, Any]] = []
        self.told: list[dict[str, Any]] = []

    def take(self, message: dict[str, Any]) -> None:
        """Be sent a message."""
        if message["kind"] != "draw":
            self.told.append(message)
            return
        self.drawn.append(message)
        if (message["columns"], message["rows"]) != (self._screen.columns, self._screen.lines):
            self._screen.resize(message["rows"], message["columns"])
        self._stream.feed(message["text"])

    @property
    def raw(self) -> str:
        """Everything that it was sent to draw."""
        return "".join(each["text"] for each in self.drawn)

    @property
    def lines(self) -> list[str]:
        """What it shows."""
        rows = (self._screen.buffer[y] for y in range(self._screen.lines))
        return ["".join(row[x].data for x in range(self._screen.columns)).rstrip() for row in rows]

    @property
    def text(self) -> str:
        """What it shows, as one text."""
        return "\n".join(self.lines)

    def place(self, text: str) -> tuple[int, int]:
        """The column and line where a text begins, counted from 1 as a terminal does."""
        for y, line in enumerate(self.lines):
            if text in line:
                return line.index(text) + 1, y + 1
        raise AssertionError(f"“{text}” is not on screen:\n{self.text}")


class Cell:
    """The application in a cell, and the pages that show it.

    Attributes:
        screens: The application.
        wire: Its wire.
        pages: Who is sent what is drawn.
        answering: Whether the pages say what they have drawn.
    """

    def __init__(self, lent: Workspace, folder: Path) -> None:
        self.wire = Wire(self._send, asyncio.get_running_loop())
        self.screens = CellScreens(lent, self.wire, profiles=store(folder / "profiles.toml"))
        self.screens.animation_level = "none"
        self.pages: list[Viewer] = []
        self.answering = True
        self._running: asyncio.Task[int | None] | None = None

    def _send(self, message: dict[str, Any]) -> None:
        for page in self.pages:
            page.take(message)
        if self.answering and message["kind"] == "draw":
            asyncio.get_running_loop().call_soon(self.wire.drawn, message["frame"])

    @property
    def driver(self) -> CellDriver:
        """What Textual takes for its terminal."""
        assert isinstance(self.screens._driver, CellDriver)
        return self.screens._driver

    @property
    def page(self) -> Viewer:
        """The first page."""
        return self.pages[0]

    async def run(self) -> None:
        """Run the application from now on."""
        self._running = asyncio.create_task(self.screens.run_async(size=SIZE))
        await until(lambda: self.screens._running and self.screens._driver is not None)

    def look(self, size: tuple[int, int] = SIZE) -> Viewer:
        """Look at it on one more page."""
        viewer = Viewer()
        self.pages.append(viewer)
        self.driver.shown(*size)
        return viewer

    def resize(self, columns: int, rows: int) -> None:
        """Give the page another size."""
        self.driver.resized(columns, rows)

    def type(self, text: str) -> None:
        """Type, or whatever else a terminal sends."""
        self.driver.heard(text)

    def click(self, text: str) -> None:
        """Click on the first place that shows a text."""
        x, y = self.page.place(text)
        self.type(f"\x1b[<0;{x};{y}M\x1b[<0;{x};{y}m")

    async def see(self, *texts: str) -> None:
        """Wait until the first page shows texts."""
        await self._seen(lambda: all(text in self.page.text for text in texts), f"“{texts}” does not appear")

    async def see_no(self, text: str) -> None:
        """Wait until the first page does not show a text any more."""
        await self._seen(lambda: text not in self.page.text, f"“{text}” stays")

    async def _seen(self, seen: Any, otherwise: str) -> None:
        with contextlib.suppress(AssertionError):
            await until(seen)
        assert seen(), f"{otherwise}; the page shows:\n{self.page.text}"

    async def ended(self) -> None:
        """Wait until the application has ended."""
        assert self._running is not None
        await asyncio.wait_for(asyncio.shield(self._running), PATIENCE)

    async def end(self) -> None:
        """End the application, where it has not ended."""
        if self._running is not None and not self._running.done():
            self.screens.exit()
            await self.ended()


@asynccontextmanager
async def cell_of(lent: Workspace, folder: Path, *, looking: bool = True) -> AsyncIterator[Cell]:
    """The application in a cell, running; looked at on one page, where nothing else is said."""
    cell = Cell(lent, folder)
    await cell.run()
    try:
        if looking:
            cell.look()
            await cell.see("connections")
        yield cell
    finally:
        await cell.end()
