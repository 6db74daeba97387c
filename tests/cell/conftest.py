"""A simulated server for all tests here, and a profile that is open on it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
from pydantic import SecretStr

from tests.cell.viewer import until
from tests.clocks import FakeClock
from tests.screens.conftest import simulated
from tui_app.config.profiles import built_in_profiles
from tui_app.sandbox.server import Sandbox
from tui_app.workspace import Workspace


@pytest.fixture(scope="module")
def server() -> Iterator[Sandbox]:
    """A server whose time stands still."""
    sandbox = simulated()
    sandbox.start()
    yield sandbox
    sandbox.stop()


@pytest.fixture
async def lent(server: Sandbox) -> AsyncIterator[Workspace]:
    """An open profile, started, with its list read: an explorer's."""
    profile = built_in_profiles()[0]
    url, key = server.announcement.servers[profile.kind]
    workspace = Workspace(profile, url, SecretStr(key), clock=FakeClock())
    workspace.start()
    await until(lambda: workspace.reading.complete)
    yield workspace
    await workspace.close()
