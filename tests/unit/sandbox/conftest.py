"""A running sandbox whose clock stands still, and a client that knows the key."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pytest

from tui_app.sandbox.server import Sandbox

START = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(start=START, speed=0, rate_limits=False) as running:
        yield running


@pytest.fixture(scope="session")
def shared_api() -> Iterator[httpx.Client]:
    """A client of one server for all tests that leave no trace, or none that another test could stumble over."""
    with Sandbox(start=START, speed=0, rate_limits=False) as running:
        said = running.announcement
        headers = {"Authorization": f"Bearer {said.api_key}"}
        with httpx.Client(base_url=said.terminal_url, headers=headers, trust_env=False) as client:
            yield client


@pytest.fixture
def api(sandbox: Sandbox) -> Iterator[httpx.Client]:
    said = sandbox.announcement
    headers = {"Authorization": f"Bearer {said.api_key}"}
    with httpx.Client(base_url=said.terminal_url, headers=headers, trust_env=False) as client:
        yield client


@pytest.fixture
def stuut(sandbox: Sandbox) -> Iterator[httpx.Client]:
    """A client of the integrations API."""
    said = sandbox.announcement
    headers = {"Authorization": f"Bearer {said.stuut_key}"}
    with httpx.Client(base_url=said.stuut_url, headers=headers, trust_env=False) as client:
        yield client
