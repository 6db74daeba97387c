"""Writes requests to a HAR file: readable by its owner alone, and never over another file unasked."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from tui_app import __version__
from tui_app.api.exchanges import Exchange
from tui_app.api.har import har_text
from tui_app.config.files import write_privately


def har_name(profile: str, now: datetime) -> str:
    """A file name that says what is in it, e.g. ``syncscope-demo-20261122-140230.har``."""
    safe = re.sub(r"[^A-Za-z0-9._-]+", "-", profile).strip("-.") or "profile"
    return f"syncscope-{safe[:60]}-{now.astimezone():%Y%m%d-%H%M%S}.har"


def here() -> Path:
    """The folder in which Syncscope was started; the person's own where that is gone."""
    try:
        return Path.cwd()
    except OSError:
        return Path.home()


def place_of(text: str) -> tuple[Path, str]:
    """The file that a person means, and why it cannot be written there; that is empty where nothing is known."""
    try:
        path = Path(text).expanduser()
        path = path if path.is_absolute() else here() / path
        if path.is_dir():
            return path, "this is a folder: add a file name"
        if path.exists() and not path.is_file():
            return path, "this is there, and is no file"
        if not path.parent.is_dir():
            return path, f"there is no folder {path.parent}"
    except (OSError, RuntimeError, ValueError) as error:  # nobody's home, no folder to be in, a zero byte
        return Path(), str(error)
    return path, ""


def write_har(exchanges: Iterable[Exchange], path: Path, *, replace: bool) -> None:
    """Write exchanges, masked as they were recorded (0600).

    Args:
        exchanges: What to write.
        path: The file.
        replace: Whether a file that is there already may be replaced.

    Raises:
        FileExistsError: It is there, and may not be replaced.
        OSError: It cannot be written; what was there is untouched.
    """
    text = har_text(exchanges, version=__version__)
    if replace:
        write_privately(path, text)
        return
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except BaseException:
        with suppress(OSError):
            path.unlink()
        raise
