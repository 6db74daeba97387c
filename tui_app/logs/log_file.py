"""The log of a session: where it is, how much is written, and how it begins and ends. Light to import."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tui_app.models.settings import LOG_LEVELS, Settings

if TYPE_CHECKING:
    from tui_app.logs.handler import PrivateFile

PACKAGE = "tui_app"
TAIL = 64 * 1024
"""Bytes of the file's end that are looked at for its last lines."""

logger = logging.getLogger(__name__)
_kept: list[LogFile] = []


class LogFile:
    """A log file. Nothing is opened before the first record.

    Args:
        path: The newest file.
        level: One of `LOG_LEVELS`.
    """

    def __init__(self, path: Path, level: str = "") -> None:
        self.path = path
        self.level = level if level in LOG_LEVELS else LOG_LEVELS[0]
        self._handler: PrivateFile | logging.NullHandler | None = None

    @property
    def is_off(self) -> bool:
        """Whether nothing is written because the person wants it so."""
        return self.level == "off"

    @property
    def trouble(self) -> str:
        """Why nothing can be written, in words; empty while all is well."""
        return getattr(self._handler, "trouble", "")

    @property
    def where(self) -> str:
        """Where the log is, or why there is none, as a sentence."""
        if self.is_off:
            return "There is no log: it is switched off (SYNCSCOPE_LOG=info switches it on)."
        if self.trouble:
            return f"There is no log: {self.trouble}."
        return f"The log is {self.path}."

    def begin(self, complain: Callable[[str], None] = lambda _: None) -> None:
        """Take in what is told from now on.

        Args:
            complain: Called once, with a sentence, where the file cannot be written. It may be called on any thread.
        """
        if self._handler is not None:
            return
        from tui_app.logs.handler import PrivateFile

        # Where it is off there is a handler all the same: without any, Python would print errors as they are.
        self._handler = logging.NullHandler() if self.is_off else PrivateFile(self.path, complain)
        logging.getLogger().addHandler(self._handler)
        logging.getLogger(PACKAGE).setLevel(logging.CRITICAL if self.is_off else self.level.upper())
        _kept.append(self)

    def end(self) -> None:
        """Take in nothing more."""
        handler, self._handler = self._handler, None
        if handler is not None:
            logging.getLogger().removeHandler(handler)
            logging.getLogger(PACKAGE).setLevel(logging.NOTSET)
            handler.close()
            _kept.remove(self)

    def size(self) -> int:
        """Bytes of the newest file; 0 where there is none."""
        try:
            return self.path.stat().st_size
        except OSError:
            return 0

    def last_lines(self, most: int = 200) -> list[str]:
        """The newest lines, oldest first; none where it cannot be read."""
        try:
            with self.path.open("rb") as file:
                start = max(self.size() - TAIL, 0)
                file.seek(start)
                lines = file.read(TAIL).decode("utf-8", "replace").split("\n")
        except OSError:
            return []
        # The first may be the end of a line.
        return [line for line in lines[1 if start else 0 :] if line][-most:]


def current() -> LogFile | None:
    """The log that takes in what is told now."""
    return _kept[-1] if _kept else None


def persons_log(settings: Settings | None = None, environ: Mapping[str, str] = os.environ) -> LogFile:
    """The person's own log, as their settings say; not yet begun."""
    from tui_app.config.paths import find_paths

    paths = find_paths(environ)
    if settings is None:
        from tui_app.config.settings import read_settings

        settings = read_settings(paths.settings, environ)
    return LogFile(paths.log, settings.log)


@contextmanager
def logged(command: str) -> Iterator[None]:
    """Log what a command does. Where that is not possible, this is said once and the command goes on."""
    log = persons_log()
    log.begin(lambda trouble: print(f"There is no log: {trouble}.", file=sys.stderr))
    logger.info("%s: %s", command, versions())
    try:
        yield
        logger.info("%s: ended", command)
    finally:
        log.end()


def versions() -> str:
    """Which Syncscope on which Python and system."""
    from tui_app import __version__

    return f"Syncscope {__version__}, Python {sys.version.split()[0]}, {sys.platform}"
