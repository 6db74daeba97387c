"""Reads the keyboard without waking while nobody types: Textual's own driver looks ten times a second.

That took more of the processor than all else that goes on while nothing happens.
"""

from __future__ import annotations

import codecs
import os
import selectors
import time
from typing import Any
from weakref import finalize

from textual import constants
from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver

TICK = 0.1
"""Seconds between two looks while a key may not be whole yet."""

RESTLESS = constants.ESCAPE_DELAY + 2 * TICK
"""Seconds after which what was typed is whole: a lone Escape is told from the beginning of a longer key by then."""


class KeyboardDriver(LinuxDriver):
    """Textual's driver for terminals, whose thread for the keys sleeps until there is one."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._leaving = False
        self._woken, self._waker = os.pipe()
        # And not in `close`: a program that was stopped has been closed, and goes on.
        finalize(self, _close, self._woken, self._waker)

    def run_input_thread(self) -> None:
        """Pass on what is typed until the driver is told to end."""
        parser = XTermParser(self._debug)
        decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        typed_at = time.monotonic()
        with selectors.SelectSelector() as waiting:
            waiting.register(self.fileno, selectors.EVENT_READ)
            waiting.register(self._woken, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                restless = self._leaving or time.monotonic() - typed_at < RESTLESS
                for ready, _ in waiting.select(TICK if restless else None):
                    typed_at = time.monotonic()
                    content = os.read(ready.fd, 4096)
                    if ready.fd == self._woken:
                        continue
                    if not content:  # nothing can be typed any more
                        waiting.unregister(self.fileno)
                    for event in parser.feed(text) if (text := decode(content)) else ():
                        self.process_message(event)
                for event in parser.tick():
                    self.process_message(event)

    def disable_input(self) -> None:
        """End the thread, which may be asleep."""
        self._leaving = True
        os.write(self._waker, b".")
        try:
            super().disable_input()
        finally:
            self._leaving = False


def _close(*ends: int) -> None:
    for end in ends:
        os.close(end)
