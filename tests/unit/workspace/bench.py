"""Workspaces for tests: over real sockets, on a clock that stands still."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from pydantic import SecretStr

from tests.clocks import START, FakeClock
from tests.servers import Reply, ScriptedServer, ServerRequest
from tui_app.models.profile import Profile
from tui_app.sandbox.server import Sandbox
from tui_app.workspace import Workspace

KEY = "sk_sandbox_4eC39HqLyjWDarjtT1zdp7dc"


async def let_pass(clock: FakeClock, predicate: Callable[[], bool], *, step: float = 0.25, limit: float = 600) -> None:
    """Let time pass in steps, with real time for sockets in between, until something is so.

    Args:
        clock: What everything waits on.
        predicate: What has to become true.
        step: Seconds that pass at a time.
        limit: Seconds on the clock after which the test fails.
    """
    end = clock.monotonic() + limit
    while not predicate():
        if clock.monotonic() > end:
            raise AssertionError(f"did not come true within {limit} s of this clock")
        await clock.advance(step)
        await asyncio.sleep(0.002)


async def read(workspace: Workspace, clock: FakeClock) -> None:
    """Read the list to its end, letting time pass."""
    task = asyncio.create_task(workspace.read_fleet())
    await let_pass(clock, task.done)
    await task


class Routed:
    """A server whose answers a test changes as it goes. What it was not told to answer gets 404.

    Attributes:
        kind: Which kind of server it is.
        base: The path of its base URL.
        routes: `GET /connections` and the like, each to a reply or to a function that makes one.
        server: What listens.
    """

    kind: str
    base: str

    def __init__(self) -> None:
        self.routes: dict[str, Reply | Callable[[ServerRequest], Reply]] = {}
        self.server = ScriptedServer(self._answer)

    def _answer(self, request: ServerRequest) -> Reply:
        route = self.routes.get(f"{request.method} {request.path.removeprefix(self.base)}", Reply(404))
        return route(request) if callable(route) else route

    @property
    def url(self) -> str:
        """Its base URL."""
        return f"http://127.0.0.1:{self.server.port}{self.base}"

    @property
    def asked(self) -> list[str]:
        """The routes that requests came for, in order."""
        return [f"{each.method} {each.path.removeprefix(self.base)}" for each in self.server.requests]

    def sent(self, route: str) -> list[ServerRequest]:
        """The requests that came for a route."""
        return [each for each, asked in zip(self.server.requests, self.asked, strict=False) if asked == route]


class Terminal(Routed):
    """A server in Terminal's form."""

    kind, base = "terminal", "/tsp/v1"


class Integrations(Routed):
    """A server in the form of Stuut's integrations API."""

    kind, base = "stuut", "/v2/integrations"


def a_connection(number: int, **fields: Any) -> dict[str, Any]:
    """A connection as the list has it. Its token ends in its number."""
    return {
        "id": f"conn_{number}",
        "status": "connected",
        "provider": {"name": "Geotab", "code": "geotab"},
        "company": {"name": f"Fleet {number}"},
        "syncMode": "automatic",
        "token": f"con_tkn_{'x' * 20}{number}",
        "createdAt": "2026-11-01T00:00:00.000Z",
        "updatedAt": "2026-11-01T00:00:00.000Z",
    } | fields


def a_sync(number: int = 1, status: str = "in_progress", **fields: Any) -> dict[str, Any]:
    """A sync; the higher its number, the later it was requested."""
    requested = f"2026-11-22T10:{number:02d}:00.000Z"
    return {"id": f"sync_{number:026d}", "status": status, "requestedAt": requested, "issues": []} | fields


def an_issue(number: int, connection: int) -> dict[str, Any]:
    """An open issue."""
    return {
        "id": f"isu_{number}",
        "status": "ongoing",
        "connection": f"conn_{connection}",
        "error": {"code": "missing_permissions", "message": "Trips cannot be read"},
        "firstReportedAt": "2026-11-22T10:00:00.000Z",
        "lastReportedAt": "2026-11-22T10:00:00.000Z",
    }


def a_list(*rows: dict[str, Any]) -> Reply:
    """One page that is the whole list."""
    return Reply(json={"results": list(rows)})


def current(*connections: dict[str, Any], **fields: Any) -> Callable[[ServerRequest], Reply]:
    """Answer `GET /connections/current` by the token."""
    by_token = {each["token"]: each for each in connections}
    return lambda request: Reply(json=by_token[request.headers["connection-token"]] | fields)


@asynccontextmanager
async def opened(scripted: Routed, *, start: bool = True, **options: Any) -> AsyncIterator[tuple[Workspace, FakeClock]]:
    """A workspace on a scripted server."""
    clock = FakeClock()
    with scripted.server:
        profile = Profile(name="test", kind=scripted.kind, base_url=scripted.url, budget=400, **options)
        workspace = Workspace(profile, scripted.url, SecretStr(KEY), clock=clock)
        if start:
            workspace.start()
        try:
            yield workspace, clock
        finally:
            await workspace.close()


@pytest.fixture
async def embedded() -> AsyncIterator[tuple[Workspace, FakeClock]]:
    """A workspace on the embedded server, whose time goes with the clock's."""
    sandbox = Sandbox(seed=1, connections=24, speed=0, start=START, rate_limits=False)
    announced = sandbox.start()
    clock = FakeClock(on_advance=sandbox.clock.advance)
    profile = Profile(name="demo", kind="terminal", budget=400)
    workspace = Workspace(profile, announced.terminal_url, SecretStr(announced.api_key), clock=clock, sandbox=sandbox)
    try:
        yield workspace, clock
    finally:
        await workspace.close()
        sandbox.stop()
