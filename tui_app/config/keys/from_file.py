"""The key that stands in a file of its own, which nobody else may read."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

from tui_app.config.keys.judging import KeyFound, KeyMissing, KeyRefused, check_key
from tui_app.models.profile import Profile

LARGEST = 64 * 1024


def key_from_file(profile: Profile) -> KeyFound | KeyMissing | KeyRefused:
    """Read a profile's key_file, if nobody else can."""
    assert profile.key_file is not None
    try:
        path = Path(profile.key_file).expanduser()
        # Not waiting: whoever opens a pipe would otherwise wait until somebody writes into it.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except FileNotFoundError:
        return KeyMissing(
            f"The key file {profile.key_file} is not there.",
            f"Write the key into it and run chmod 600 {profile.key_file}, or type the key.",
        )
    except RuntimeError:  # a home that nobody has
        return KeyMissing(f"Whose home {profile.key_file} means is not known.", "Write the file's whole path.")
    except OSError as error:
        reason = f"The key file {profile.key_file} cannot be read: {error.strerror or error}."
        return KeyMissing(reason, "See who owns it, or type the key.")
    try:
        # What was opened is judged, not what stands under its name by then.
        refused = _open_to_others(profile.key_file, os.fstat(descriptor))
        if refused is not None:
            return refused
        raw = os.read(descriptor, LARGEST + 1)
    finally:
        os.close(descriptor)
    try:
        key = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        key = None
    if key is None or len(raw) > LARGEST:
        return KeyRefused(f"The key file {profile.key_file} holds something else.", "It must hold the key and no more.")
    return check_key(profile, key, f"the file {profile.key_file}")


def _open_to_others(path: str, status: os.stat_result) -> KeyRefused | None:
    if not stat.S_ISREG(status.st_mode):
        return KeyRefused(f"The key file {path} is no plain file.", "Name a file that holds the key and no more.")
    if sys.platform == "win32":  # which has no such rights to look at
        return None
    if status.st_uid != os.geteuid():
        return KeyRefused(
            f"The key file {path} belongs to somebody else, who can change it.", "Copy it into one of your own."
        )
    rights = stat.S_IMODE(status.st_mode)
    if rights & 0o077:
        return KeyRefused(
            f"The key file {path} is open to others (its rights are {rights:04o}).",
            f"Run chmod 600 {path}, and replace the key if others use this machine.",
        )
    return None
