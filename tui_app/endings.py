"""How the screens end when it is not a person who leaves: because something broke, or the system says so."""

from __future__ import annotations

import asyncio
import io
import logging
import os
import signal
import sys
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from textual.app import App
from textual.worker import WorkerFailed

if TYPE_CHECKING:
    from rich.console import RenderableType
    from textual._types import CallbackType as Callback

logger = logging.getLogger(__name__)

GRACE = 3.0
"""Seconds that the screens have to end in order once they are told to."""

TOLD_TO_END = 128 + signal.SIGTERM
"""The exit code of a program that was told to end, as a shell has it."""

_VERY_WIDE = 10_000  # nothing wraps: a secret over two lines would not be found


class Endings(App[int]):
    """The part of the app that ends it in order.

    Attributes:
        last_words: What is to be printed once the terminal is as it was, because something broke; else empty.
    """

    last_words = ""

    def end_when_told(self) -> None:
        """On SIGTERM leave as a person does, so that the terminal is given back; whatever hangs ends a little later."""
        # Only the main thread is told of signals, and not on every system.
        with suppress(NotImplementedError, RuntimeError, ValueError):
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, self._told_to_end)

    def _told_to_end(self) -> None:
        logger.warning("told to end, by SIGTERM")
        ended = threading.Timer(GRACE, os._exit, (TOLD_TO_END,))
        ended.daemon = True
        ended.start()
        self.exit(return_code=TOLD_TO_END)

    # Textual ends by an error in these ways. It would print every variable; what is printed here, and after the
    # terminal was given back, is `last_words`.

    def call_later(self, callback: Callback, *args: Any, **kwargs: Any) -> bool:
        """Run something when the app is idle.

        The thread that reads the keyboard asks for `panic` in this way, with its error already drawn. Only the error
        itself tells which secrets were at hand, so that is what is passed on.
        """
        if callback == self.panic and isinstance(error := sys.exc_info()[1], Exception):
            return super().call_later(self._handle_exception, error)
        return super().call_later(callback, *args, **kwargs)

    def _handle_exception(self, error: Exception) -> None:
        from tui_app import crash

        cause = error.error if isinstance(error, WorkerFailed) else error
        crash.note(cause)
        self.last_words = self.last_words or crash.last_words(cause)  # the first one says most
        super()._handle_exception(error)

    def _fatal_error(self) -> None:
        self.bell()
        self._close_messages_no_wait()

    def panic(self, *renderables: RenderableType) -> None:
        """End, and tell why."""
        if not self.last_words:
            from tui_app import crash
            from tui_app.logs.redaction import safe_printed

            self._return_code = crash.BROKEN
            text = safe_printed(_plain(renderables))
            logger.critical("broke: %s", text)
            self.last_words = f"{text}\n\n{crash.ended_words((text.strip().splitlines() or ['?'])[-1])}"
        self._close_messages_no_wait()


def _plain(renderables: tuple[RenderableType, ...]) -> str:
    from rich.console import Console

    console = Console(file=io.StringIO(), width=_VERY_WIDE, color_system=None)
    console.print(*renderables)
    assert isinstance(console.file, io.StringIO)
    return "\n".join(line.rstrip() for line in console.file.getvalue().split("\n"))
