"""What is drawn, on its way to the pages that show it: no more at a time than they say they have drawn."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

AHEAD = 2
"""Pictures that may be under way. More would pile up wherever a page is slow, asleep or gone."""

PATIENCE = 0.5
"""Seconds without an answer after which one picture is sent all the same: a kernel without subshells hears no page
while a cell runs. Each further wait is twice as long, so that what a server keeps for a page that is gone stays small.
"""

MOST_PATIENCE = 60.0
"""Seconds that the longest of these waits takes."""

Send = Callable[[dict[str, Any]], None]


class Wire:
    """The way from one application to all pages that show it.

    Args:
        send: Sends a message to the pages.
        loop: The application's loop, on which everything here is called.

    Attributes:
        repaint: Paints everything anew; called when what was not painted can be. The application sets it.
        size: The columns and lines that what is drawn was painted for.
    """

    def __init__(self, send: Send, loop: asyncio.AbstractEventLoop) -> None:
        self._send = send
        self._loop = loop
        self._sent = 0
        self._drawn: int | None = None  # nobody looks yet
        self._missed = False
        self._patience = PATIENCE
        self._waiting: asyncio.TimerHandle | None = None
        self.repaint: Callable[[], None] = lambda: None
        self.size = (0, 0)

    @property
    def free(self) -> bool:
        """Whether a picture may be sent now."""
        return self._drawn is not None and self._sent - self._drawn < AHEAD

    def draw(self, text: str) -> None:
        """Send what a terminal is to obey. Where nobody has looked yet, nobody misses it."""
        if self._drawn is None:
            return
        self._sent += 1
        columns, rows = self.size
        # Half a surrogate has no encoding, and a message that cannot be encoded would end the application.
        content = text.encode(errors="replace").decode()
        self._send({"kind": "draw", "frame": self._sent, "columns": columns, "rows": rows, "text": content})

    def tell(self, kind: str, **content: str) -> None:
        """Send a message of another kind."""
        self._send({"kind": kind, **content})

    def miss(self) -> None:
        """A picture is left out because the wire is not free: everything is painted anew once it is."""
        self._missed = True
        if self._drawn is not None and self._waiting is None:
            self._waiting = self._loop.call_later(self._patience, self._give_way)
            self._patience = min(2 * self._patience, MOST_PATIENCE)

    def drawn(self, frame: int) -> None:
        """A page has drawn a picture."""
        if self._drawn is None or not self._drawn < frame <= self._sent:
            return
        self._drawn = frame
        self._answered()
        if self._missed:
            self._paint()

    def shown(self) -> None:
        """A page has begun to look: it needs everything."""
        self._drawn = self._sent
        self._answered()
        self._paint()

    def _answered(self) -> None:
        self._patience = PATIENCE
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _give_way(self) -> None:
        self._waiting = None
        self._drawn = self._sent - AHEAD + 1  # one picture, and then it waits again
        self._paint()

    def _paint(self) -> None:
        self._missed = False
        self.repaint()
