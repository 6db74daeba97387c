"""A fleet of a hundred thousand connections in the real application, without a server: what a list costs by itself.

Run ``python -m bench.fleet HAYSTACKS`` to open it; what its rows are searched in is written to that file.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from pydantic import SecretStr

from tui_app.api.terminal_reading import read_connection, read_sync
from tui_app.app import Syncscope
from tui_app.config.profiles import Profiles, ProfileStore
from tui_app.models.connection import Connection
from tui_app.models.issue import Issue, IssueError
from tui_app.models.profile import Profile
from tui_app.sandbox.fleet import FleetConnection
from tui_app.sandbox.views import connection_json
from tui_app.workspace import Workspace

COUNT = 100_000
NOW_MS = 1_764_000_000_000
_PAGE = 1_000


def connections(count: int = COUNT, seed: int = 1) -> Iterator[list[Connection]]:
    """Pages of connections as a server lists them."""
    page = []
    for index in range(count):
        each = connection_json(FleetConnection(seed, index, NOW_MS), NOW_MS, "pk_sandbox_of_nobody")
        page.append(read_connection(json.loads(json.dumps(each))))
        if len(page) == _PAGE:
            yield page
            page = []
    if page:
        yield page


class StillWorkspace(Workspace):
    """An open profile in which nothing runs by itself and nothing is sent."""

    def start(self) -> None:
        """Nothing is started."""


class _OneProfile(ProfileStore):
    def __init__(self, profile: Profile) -> None:
        super().__init__(Path("/dev/null"), {})
        self._profile = profile

    def load(self) -> Profiles:
        return Profiles({self._profile.name: self._profile}, [], self._profile.name)


def application(count: int = COUNT, *, known: bool = False) -> Syncscope:
    """The application on such a fleet.

    Args:
        count: How many connections.
        known: Whether their newest syncs and issues are known, too.
    """
    profile = Profile(name="bench", kind="terminal")  # of the embedded server, which asks for no key

    async def opened(*_: Any) -> Workspace:
        workspace = StillWorkspace(profile, "http://127.0.0.1:9/tsp/v1", SecretStr("sk_sandbox_of_nobody"))
        for page in connections(count):
            await workspace.fleet.take(page)
        if known:
            await learn(workspace, Random(1))
        workspace.fleet.listing.say(complete=True, read_at=workspace.server_now())
        return workspace

    return Syncscope("bench", _OneProfile(profile), open_workspace=opened)


async def learn(workspace: Workspace, chance: Random) -> None:
    """Let each connection have a newest sync that ended at some time, and one in ten an issue."""
    began, issues = datetime.fromisoformat("2025-11-01T00:00:00Z"), dict[str, tuple[Issue, ...]]()
    for number, row in enumerate(workspace.rows):
        at = began + timedelta(seconds=chance.uniform(0, 2e6))
        sync = {"id": f"sync_{number:026}", "status": "completed", "requestedAt": at.isoformat()}
        if chance.random() < 0.1:
            issue = Issue(id=f"isu_{number}", status="ongoing", error=IssueError(code="data_delayed"))
            issues[row.id] = (issue,)
        workspace.fleet.saw(row.id, read_sync(sync), at)
    workspace.fleet.issues._open = issues
    await workspace.fleet._counted()


@contextmanager
def timed(into: list[float]) -> Iterator[None]:
    """Add the seconds of the processor that something takes, whatever else the machine does meanwhile."""
    began = time.process_time()
    yield
    into.append(time.process_time() - began)


async def painted(screen: Any) -> None:
    """Wait until what a screen was told to show is painted."""
    done = asyncio.Event()
    screen.call_after_refresh(done.set)
    await done.wait()


def main() -> None:
    """Open it."""
    app = application()
    haystacks = Path(sys.argv[1])

    def tell() -> None:
        if app.workspace is None or len(app.workspace.fleet) < COUNT:
            app.set_timer(0.2, tell)
            return
        unfinished = haystacks.with_suffix(".unfinished")
        unfinished.write_text(json.dumps([row.haystack for row in app.workspace.fleet.arranged.rows]))
        unfinished.rename(haystacks)

    app.call_later(tell)
    app.run()


if __name__ == "__main__":
    main()
