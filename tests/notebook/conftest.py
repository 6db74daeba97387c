"""One explorer on the embedded server, for the tests that change nothing of each other's."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tui_app import Explorer


@pytest.fixture(scope="module")
def explorer() -> Iterator[Explorer]:
    """An explorer of the embedded server, whose time flies."""
    with Explorer.demo(speed=600) as opened:
        yield opened
