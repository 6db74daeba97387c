"""Writing a file so that nobody ever reads half of it, nobody else can read it, and no two write it at once."""

from __future__ import annotations

import errno
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

if sys.platform == "win32":
    import msvcrt

    def _take(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _take(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextmanager
def locked(path: Path, *, patience: float = 5.0) -> Iterator[None]:
    """Hold the only right to change a file. It ends with the process that holds it, however that ends.

    Args:
        path: The file; the lock stands beside it and stays there, empty.
        patience: How long to wait for another holder, in seconds.

    Raises:
        TimeoutError: Another held it all that time.
        OSError: The lock cannot be made.
    """
    lock = path.with_name(f".{path.name}.lock")
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        end = time.monotonic() + patience
        while True:
            try:
                _take(descriptor)
                break
            except (BlockingIOError, PermissionError):
                if time.monotonic() >= end:
                    raise TimeoutError(f"another program has held {lock} for {patience:g} s") from None
                time.sleep(0.02)
        yield
    finally:
        os.close(descriptor)  # lets go of the lock


def write_privately(path: Path, text: str) -> None:
    """Replace a file as one step, readable by its owner alone (0600).

    Raises:
        OSError: It cannot be written; what was there is untouched.
    """
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    written = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        written.replace(path)
    except BaseException:
        with suppress(OSError):
            written.unlink()
        raise


def write_new(path: Path, content: bytes, *, replacing: bool = False) -> None:
    """Write a file as one step, readable by its owner alone (0600). Nobody ever finds half of it.

    Args:
        path: Where.
        content: What.
        replacing: Whether a file that is there already may be replaced.

    Raises:
        FileExistsError: There is one already; it is untouched.
        OSError: It cannot be written; what was there is untouched.
    """
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:80]}.")  # it is made 0600
    written = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if replacing:
            written.replace(path)
        else:
            _put(written, path)
    finally:
        with suppress(OSError):
            written.unlink()


def _put(written: Path, path: Path) -> None:
    """Give a file its name, unless something has that name."""
    try:
        os.link(written, path)  # unlike renaming, it never replaces
    except FileExistsError:
        raise
    except OSError:  # there are file systems without
        if os.path.lexists(path):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path)) from None
        written.replace(path)


def set_aside(path: Path) -> Path:
    """Rename a file to the first free name ending in ``.broken-<n>``, so that nothing overwrites it.

    Returns:
        The new path.

    Raises:
        OSError: It cannot be renamed.
    """
    number = 1
    while (aside := path.with_name(f"{path.name}.broken-{number}")).exists():
        number += 1
    path.rename(aside)
    return aside
