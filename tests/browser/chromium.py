"""Chromium, as the system has it: without a head, a network of its own or anybody's settings."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext

REQUIRED = "SYNCSCOPE_BROWSER_TESTS"
"""The environment variable that, set to ``required``, turns what would be skipped into a failure."""

IS_REQUIRED = os.environ.get(REQUIRED) == "required"  # read now: each test is given an environment without it

PROGRAM = Path("/usr/bin/chromium")
_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def missing(*packages: str) -> str:
    """What the tests in a browser need and is not here, in words; empty where all of it is.

    Args:
        packages: What they need beside a browser and what drives it.
    """
    for package in ("playwright", *packages):
        if find_spec(package) is None:
            return f"{package} is not installed: pip install 'syncscope[browser-tests]'"
    return "" if PROGRAM.exists() else f"there is no {PROGRAM}: apt-get install chromium"


def need_browser(*packages: str) -> None:
    """Skip the test where there is no browser, or a package that it needs beside it; fail where they are required."""
    if reason := missing(*packages):
        if IS_REQUIRED:
            pytest.fail(f"{reason}, and {REQUIRED} says that it is required")
        pytest.skip(reason)


@contextmanager
def browser(folder: Path, width: int, height: int) -> Iterator[BrowserContext]:
    """A new browser with a window of this size in pixels.

    Args:
        folder: An empty one, for what it keeps.
        width: Pixels.
        height: Pixels.
    """
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            str(folder),
            executable_path=str(PROGRAM),
            args=_OPTIONS,
            headless=True,
            viewport={"width": width, "height": height},
        )
        try:
            yield context
        finally:
            context.close()
