"""The part of the app that copies: every copy takes this one way, and says honestly how far it came."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

from textual import work

from tui_app.screens.base import Host

if TYPE_CHECKING:
    from tui_app.clipboard import Copied

HINT = (
    "The terminal was asked to take it. If pasting brings something else, it does not allow that: "
    "drag with Shift held (Option on a Mac) to select by the terminal itself."
)
"""Said once: nobody can tell whether a terminal did what it was asked for."""


class Copying(Host):
    """Copies by the terminal, and by the system's own tool where that is on the person's machine.

    Attributes:
        surroundings: The environment that tells which terminal this is and which tools there are.
    """

    def __init__(self) -> None:
        super().__init__()
        self.surroundings: Mapping[str, str] = os.environ
        self._hinted = False

    def copy(self, text: str, what: str) -> None:
        """Put a text on the clipboard and say what it was."""
        self._copy(text, what)

    def copy_to_clipboard(self, text: str) -> None:
        """Put a text on the clipboard: what fields and selections copy takes this way, too."""
        self._copy(text, "")

    def _copy(self, text: str, what: str) -> None:
        from tui_app.clipboard import pasteable

        self._clipboard = pasteable(text)  # what is pasted within the app
        self._put(self._clipboard, what)

    @work(group="copy", exclusive=True, exit_on_error=False, description="copy")
    async def _put(self, text: str, what: str) -> None:
        # The latest copy is the one that counts: an earlier one that still waits for a tool is given up.
        from tui_app.clipboard import put

        self._say_copied(await put(text, self.surroundings, self._write), text, what)

    def _write(self, sequence: str) -> None:
        # The driver is how Textual itself writes such sequences; there is no public way.
        if self._driver is not None:
            self._driver.write(sequence)

    def _say_copied(self, copied: Copied, text: str, what: str) -> None:
        if not copied.tool and not copied.asked:
            size = f"{len(text.encode()) / 1000:,.0f} kB are more than terminals take"
            words = [
                f"Not copied{': ' if what else ''}{what}",
                size,
                copied.problem,
                "Within Syncscope, Ctrl+V pastes it",
            ]
            self.say(". ".join(filter(None, words)) + ".", severity="warning", timeout=12)
            return
        lines = [f"Copied {what}"] if what else []
        if copied.problem and not copied.tool:
            lines.append(f"{copied.problem}. The terminal was asked instead.")
        elif what and not copied.tool and not self._hinted:
            self._hinted = True
            lines.append(HINT)
        if lines:
            self.say(". ".join(lines), timeout=12 if len(lines) > 1 else 5)
