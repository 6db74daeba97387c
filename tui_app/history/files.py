"""Opening a history file so that nobody else can read it, and setting one aside that cannot be read."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from pathlib import Path

from tui_app.history.schema import MIGRATIONS, NewerFile, migrate, version_of

BUSY_S = 5.0
"""Seconds for which another Syncscope that writes just now is waited for."""

_BESIDE = ("-wal", "-shm")
_WAL_BYTES = 4_000_000


def open_file(path: Path | None) -> sqlite3.Connection:
    """Open a history file, made where it is missing, and bring it to this version.

    Args:
        path: The file, in a folder that exists; ``None`` for one in memory.

    Raises:
        NewerFile: It is of a later version, and was not changed.
        OSError: It cannot be made.
        sqlite3.Error: It cannot be read.
    """
    if path is not None:
        _make_private(path)
    end = time.monotonic() + BUSY_S
    while True:
        db = sqlite3.connect(path or ":memory:", timeout=BUSY_S, isolation_level=None)
        try:
            _prepare(db)
        except BaseException as error:
            db.close()
            # Who changes how the file is written does not wait for another, who does the same, by itself.
            busy = isinstance(error, sqlite3.OperationalError) and error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
            if not busy or time.monotonic() > end:
                raise
            time.sleep(0.02)
        else:
            return db


def _prepare(db: sqlite3.Connection) -> None:
    version = version_of(db)
    if version > len(MIGRATIONS):
        raise NewerFile(f"version {version}; this one knows {len(MIGRATIONS)}")
    db.execute("PRAGMA trusted_schema = OFF")
    db.execute("PRAGMA auto_vacuum = INCREMENTAL")  # counts before the first table only
    db.execute("PRAGMA journal_mode = WAL").fetchone()
    db.execute("PRAGMA synchronous = NORMAL")  # a crash of the machine may cost the last seconds, never the file
    db.execute("PRAGMA cache_size = -500")  # KiB: the system keeps the file's pages at hand as well
    db.execute(f"PRAGMA journal_size_limit = {_WAL_BYTES}").fetchone()
    migrate(db)
    db.execute("SELECT count(*) FROM sqlite_master").fetchone()


def _make_private(path: Path) -> None:
    # Never opened here where it exists: closing it would take away the locks that another part of this process holds.
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        with contextlib.suppress(OSError):  # somebody else's file: opening it says what there is to say
            path.chmod(0o600)


def number_of(path: Path | None) -> int | None:
    """Which file a path names now, so that another in its place is told from it."""
    if path is None:
        return None
    try:
        return path.stat().st_ino
    except OSError:
        return None


def set_aside(path: Path, broken: sqlite3.Connection | None, number: int | None) -> Path | None:
    """Rename a file, and what belongs to it, to the first free name ending in ``.broken-<n>``.

    Args:
        path: The file.
        broken: It as it was opened, where it was; it is closed.
        number: What `number_of` said of it then.

    Returns:
        The new path; ``None`` where another Syncscope has set it aside already.

    Raises:
        OSError: It cannot be renamed.
    """
    if broken is not None:
        with contextlib.suppress(sqlite3.Error):
            broken.close()
        if number_of(path) != number:
            return None
    free = 1
    while (aside := path.with_name(f"{path.name}.broken-{free}")).exists():
        free += 1
    try:
        path.rename(aside)
    except FileNotFoundError:
        return None
    for end in _BESIDE:
        with contextlib.suppress(FileNotFoundError):
            path.with_name(path.name + end).rename(aside.with_name(aside.name + end))
    return aside
