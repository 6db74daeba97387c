"""What the screens are drawn through when a browser shows them: Textual's driver for that, and the page around it."""

from __future__ import annotations

import os
from functools import partial
from typing import Any

from textual.drivers.web_driver import WebDriver
from textual.theme import Theme

from tui_app.serve.colour import page_colour


class TabDriver(WebDriver):
    """Writes to the server that started this process, which passes it on to the page."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._write = partial(self._written)

    def start_application_mode(self) -> None:
        """Begin, and let what the page shows beside the cells have the colour of the screens."""
        super().start_application_mode()
        self._colour_page(self._app.current_theme)
        self._app.theme_changed_signal.subscribe(self._app, self._colour_page)

    def _colour_page(self, theme: Theme) -> None:
        self.write(f"\x1b]11;{page_colour(theme)}\x07")

    def _written(self, data: bytes) -> int:
        try:
            return os.write(self.fileno, data)
        except BrokenPipeError:
            # The server is gone, and nobody looks any more. What ends the screens then is that their input ended.
            return 0
