"""The file behind the log: private, rotated, shared by those that run at once, and never a reason to fail."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path

from tui_app.config.files import locked
from tui_app.config.paths import private_folder
from tui_app.logs.redaction import safe_line, safe_traceback

LARGEST, FILES = 1_000_000, 3
"""Bytes of one file, and how many there are, the newest included."""

RETRY_S = 60.0
"""Seconds after which a file that could not be written is tried again."""

PACKAGE = "tui_app"


class SafeFormatter(logging.Formatter):
    """One line a record: time in UTC, level, where from, what. A traceback follows indented."""

    def format(self, record: logging.LogRecord) -> str:
        """Write a record without secrets and control characters."""
        try:
            return self._told(record)
        except Exception as error:  # noqa: BLE001 - whatever a record holds, logging it fails nobody
            return f"{self._head(record)} (a record that cannot be told: {type(error).__name__})"

    def _head(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return f"{at} {record.levelname:<8} {safe_line(record.name).removeprefix(f'{PACKAGE}.')}:"

    def _told(self, record: logging.LogRecord) -> str:
        line = f"{self._head(record)} {safe_line(_message(record))}"
        error = record.exc_info[1] if record.exc_info else None
        if error is None:
            return line
        return "\n    ".join([line, *safe_traceback(error).split("\n")])


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except Exception as error:  # noqa: BLE001 - a message that does not fit its arguments is told as it stands
        return f"{record.msg} ({type(error).__name__})"


class PrivateFile(RotatingFileHandler):
    """Appends to a file that nobody else can read; opened with the first record.

    Args:
        path: The newest file.
        complain: Called once with what is wrong, where nothing can be written.
        largest: Bytes after which the next file begins.
        files: How many there are.

    Attributes:
        trouble: Why nothing is written, in words; empty while all is well.
    """

    def __init__(
        self, path: Path, complain: Callable[[str], None], *, largest: int = LARGEST, files: int = FILES
    ) -> None:
        super().__init__(path, maxBytes=largest, backupCount=files - 1, encoding="utf-8", delay=True)
        self.path = path
        self.trouble = ""
        self._complain = complain
        self._complained = False
        self._lost = 0
        self._retry_at = 0.0
        self.setFormatter(SafeFormatter())
        self.addFilter(_is_wanted)

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record. Nothing is raised."""
        if self.trouble and time.monotonic() < self._retry_at:
            self._lost += 1
            return
        try:
            line = self.format(record)
            self._follow()
            if self.path.exists() and self.path.stat().st_size + len(line) > self.maxBytes:
                self.doRollover()
            if self.stream is None:
                self.stream = self._open()
            if self._lost:
                line = f"({self._lost} lines before this one could not be written)\n{line}"
            self.stream.write(line + "\n")
            self.stream.flush()
            self.trouble, self._lost = "", 0
        except OSError as error:
            self._failed(error)

    def doRollover(self) -> None:
        """Begin the next file, unless another Syncscope did so a moment ago."""
        self._let_go()
        # Where another holds the right to do it for so long, this file just becomes a little longer.
        with suppress(TimeoutError), locked(self.path, patience=1.0):
            if self.path.stat().st_size > self.maxBytes // 2:
                for number in range(self.backupCount, 0, -1):
                    older = self._numbered(number - 1) if number > 1 else self.path
                    if older.exists():
                        older.replace(self._numbered(number))

    def _numbered(self, number: int) -> Path:
        return self.path.with_name(f"{self.path.name}.{number}")

    def _open(self) -> TextIOWrapper:
        private_folder(self.path.parent)
        descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        if hasattr(os, "fchmod"):
            os.fchmod(descriptor, 0o600)  # it may have been there before
        return open(descriptor, "a", encoding="utf-8", errors="backslashreplace", newline="\n")  # noqa: PTH123

    def _follow(self) -> None:
        """Where another Syncscope began the next file, or somebody took this one away, go on in the new one."""
        if self.stream is None:
            return
        here = os.fstat(self.stream.fileno())
        try:
            there = self.path.stat()
        except FileNotFoundError:
            self._let_go()
            return
        if (here.st_dev, here.st_ino) != (there.st_dev, there.st_ino):
            self._let_go()

    def _let_go(self) -> None:
        stream, self.stream = self.stream, None
        if stream is not None:
            with suppress(OSError):  # what could not be written when the disk was full cannot be written now
                stream.close()

    def _failed(self, error: OSError) -> None:
        self._let_go()
        self._lost += 1
        self._retry_at = time.monotonic() + RETRY_S
        self.trouble = f"{self.path} cannot be written: {error.strerror or error}"
        if not self._complained:
            self._complained = True
            self._complain(self.trouble)


def _is_wanted(record: logging.LogRecord) -> bool:
    """Of other people's modules only what is at least a warning."""
    return record.name.split(".")[0] == PACKAGE or record.levelno >= logging.WARNING
