"""Opens the screens, where there is a terminal. Imports nothing before it must: this is what people wait for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TextIO


def is_terminal(environ: Mapping[str, str], stdin: TextIO | None, stdout: TextIO | None) -> bool:
    """Whether there is a terminal that can show screens: not a pipe, not a dumb one, not a CI job's."""
    if environ.get("TERM") in ("dumb", "unknown") or environ.get("CI", "").lower() in ("1", "true", "yes"):
        return False
    # A stream that was closed before the start is None.
    return stdin is not None and stdout is not None and stdin.isatty() and stdout.isatty()


def open_screens(profile: str = "", demo_speed: float | None = None) -> int:
    """Run the application on a profile, the default one where none is named, and return its exit code."""
    from tui_app.app import Syncscope

    return Syncscope(profile=profile or None, demo_speed=demo_speed).run() or 0
