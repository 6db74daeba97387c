"""What Textual takes for its terminal: the pages of a notebook, at the other end of a wire."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from textual import constants, events
from textual._xterm_parser import XTermParser
from textual.driver import Driver
from textual.geometry import Size

if TYPE_CHECKING:
    from tui_app.notebook.cell_screens import CellScreens

BEGIN = "".join(
    (
        "\x1b[?1049h",  # a screen of its own, that does not scroll
        "\x1b[?25l\x1b[?7l",  # no cursor, no wrapping
        "\x1b[?1000h\x1b[?1003h\x1b[?1006h",  # the mouse: buttons, moves, in numbers of any size
        "\x1b[?1004h",  # told of whether it has the keys
        "\x1b[?2004h",  # a paste is known as one
    )
)
"""What a terminal is told first, and a page that begins to look later, too: it has heard nothing before."""

LONE = 0.02
"""Seconds beyond Textual's own delay after which an Escape that nothing followed surely is the key."""


class CellDriver(Driver):
    """Draws on a wire, and hears from it. Everything here runs on the application's own loop.

    Args:
        app: Whose screen and keys these are; it has the wire.
        debug: Whether Textual logs keys.
        mouse: Whether the mouse is used.
        size: Columns and lines to begin with.
    """

    def __init__(
        self, app: CellScreens, *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._screens = app
        self._wire = app.wire
        self._parser = XTermParser(debug)
        self._written: list[str] = []
        self._ticking: asyncio.TimerHandle | None = None

    # Out

    def write(self, data: str) -> None:
        """Draw. What is written in one turn of the loop travels as one message."""
        if not self._written:
            self._loop.call_soon(self._pass_on)
        self._written.append(data)

    def _pass_on(self) -> None:
        text = "".join(self._written)
        self._written.clear()
        if text:
            self._wire.draw(text)

    def start_application_mode(self) -> None:
        """Begin. Pages are told how when they begin to look."""
        self._screens.keep_streams()
        if self._size is not None:
            self._wire.size = self._size

    def disable_input(self) -> None:
        """Hear nothing more."""
        if self._ticking is not None:
            self._ticking.cancel()
            self._ticking = None

    def stop_application_mode(self) -> None:
        """End. The pages are told so by who runs the application."""
        self._screens.restore_streams()
        self._pass_on()

    # In

    def heard(self, text: str) -> None:
        """Take what a terminal sent: keys, the mouse, a paste."""
        if text:  # an empty text would mean the end to the parser
            self._take(self._parser.feed(text))
        self.disable_input()
        self._ticking = self._loop.call_later(constants.ESCAPE_DELAY + LONE, self._tick)

    def _tick(self) -> None:
        # An Escape may begin a longer sequence. The parser only tells that it does not when it is asked.
        self._ticking = None
        self._take(self._parser.tick())

    def _take(self, messages: Any) -> None:
        for message in messages:
            self.process_message(message)

    def shown(self, columns: int, rows: int) -> None:
        """Begin to be seen by one page more, which has heard nothing so far; it has room for this size."""
        self._size = self._wire.size = (columns, rows)
        self._wire.shown()
        self.write(BEGIN)

    def resized(self, columns: int, rows: int) -> None:
        """Take a new size."""
        self._size = self._wire.size = (columns, rows)
        self.repaint()

    def repaint(self) -> None:
        """Have everything painted: a size is painted for, whether or not it is a new one."""
        size = Size(*self._wire.size)
        self.process_message(events.Resize(size, size))
