"""The log in front of the screens: begun when they are painted, and shown when somebody asks."""

from __future__ import annotations

import logging
import os
import re
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from tui_app.models.text import safe_text
from tui_app.screens.base import Dialog

if TYPE_CHECKING:
    from tui_app.logs.log_file import LogFile
    from tui_app.screens.base import Host

LINES = 200
"""Lines of the log that are shown, the newest of them."""

logger = logging.getLogger(__name__)


def begin_log(host: Host, log: LogFile, profile: str) -> None:
    """Begin the log of a session. Where it cannot be written this is said once, and everything goes on."""
    import asyncio

    import textual

    from tui_app.crash import on_loop_error
    from tui_app.logs.log_file import versions

    log.begin(lambda trouble: host.say(f"{trouble}. Syncscope goes on without.", title="There is no log", timeout=12))
    asyncio.get_running_loop().set_exception_handler(on_loop_error)
    logger.info(
        "started: %s, Textual %s, terminal %d×%d, TERM=%s, profile %s",
        versions(),
        textual.__version__,
        *host.size,
        os.environ.get("TERM", ""),
        f"“{profile}”" if profile else "by default",
    )


class LogDialog(Dialog[None]):
    """Says where the log is and how large, and shows its last lines.

    Args:
        log: The log, if there is any.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "close"),
        Binding("f12", "dismiss(None)", "close"),
        Binding("q", "dismiss(None)", "close"),
        Binding("y", "copy_path", "copy path"),
    ]

    def __init__(self, log: LogFile | None) -> None:
        super().__init__()
        self._log_file = None if log is None or log.is_off else log
        self._where = "There is no log in this session." if log is None else log.where

    def compose(self) -> ComposeResult:
        """Where it is, its last lines, the keys."""
        from tui_app.widgets.text import shown_block  # it highlights, and this module is imported to begin a log

        log = self._log_file
        with Vertical(classes="dialog -wide"):
            yield Static(Content.styled("Log", "bold"), classes="dialog-title")
            yield Static(Content(safe_text(self._where, 600)), classes="log-place")
            if log is None:
                yield Static(Content.styled("Esc closes this", "$muted"))
                return
            yield Static(Content.styled(_size_words(log), "$muted"), classes="hint")
            with VerticalScroll():
                lines = [_short(line) for line in log.last_lines(LINES)]
                yield Static(shown_block("\n".join(lines), None) if lines else Content.styled("Nothing yet.", "$muted"))
            yield Static(Content.styled("y copies the path · Esc closes this", "$muted"))

    def on_mount(self) -> None:
        """The newest lines stand at the end."""
        for lines in self.query(VerticalScroll):
            lines.scroll_end(animate=False)

    def action_copy_path(self) -> None:
        """Put the path on the clipboard."""
        if self._log_file is not None:
            self.host.copy(str(self._log_file.path), "the path of the log")


def _short(line: str) -> str:
    """A line of the log as it fits: without its date, and where all is well, without level and module, too."""
    line = re.sub(r"^\d{4}-\d\d-\d\dT(\d\d:\d\d:\d\d)\.\d+Z ([A-Z]+) +", r"\1 \2 ", line)
    line = re.sub(r"^([\d:]+) INFO [\w.]+: ", r"\1 ", line)
    return re.sub(r"(\d) ms$", r"\1ms", line)  # so that no line begins with its unit


def _size_words(log: LogFile) -> str:
    level = {"info": "what happens", "debug": "everything", "warning": "what goes wrong"}[log.level]
    return (
        f"{log.size() / 1000:,.1f} kB in the newest file; it says {level}, without secrets (SYNCSCOPE_LOG={log.level})"
    )
