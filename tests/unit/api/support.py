"""What the tests of the client share: a clock that skips waits, and a server opened on it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import pytest
from pydantic import SecretStr

from tests.clocks import FakeClock
from tests.servers import Reply, ScriptedServer, ServerRequest
from tui_app.api.errors import ApiError
from tui_app.api.exchanges import Recorder
from tui_app.api.gate import Gate
from tui_app.api.network import Limits
from tui_app.api.terminal import TerminalApi
from tui_app.api.transport import Transport
from tui_app.models.connection import Connection
from tui_app.models.page import Page
from tui_app.models.problem import Problem

KEY = "sk_sandbox_4eC39HqLyjWDarjtT1zdp7dc"
TOKEN = "con_tkn_22vUhkC6tgre4kwaYfUkCDA1rzn6eyb4"
SYNC_ID = "sync_01GV12VR4DJP70GD1ZBK0SDWFH"
SYNC = {"id": SYNC_ID, "status": "completed", "requestedAt": "2021-01-06T03:24:53.000Z"}
CONNECTION = {
    "id": "conn_01GV12VR4DJP70GD1ZBK0SDWFH",
    "status": "connected",
    "provider": {"name": "Geotab", "code": "geotab"},
    "company": {"name": "Frank's Trucking", "dotNumbers": ["1234567"]},
    "syncMode": "automatic",
    "token": TOKEN,
    "createdAt": "2021-01-06T03:24:53.000Z",
    "updatedAt": "2021-01-06T03:24:53.000Z",
}

Item = TypeVar("Item")


class SkippingClock(FakeClock):
    """A clock on which whoever sleeps wakes at once, with that much time gone."""

    def __init__(self) -> None:
        super().__init__()
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        """Skip the wait, and note how long it would have been."""
        self.slept.append(seconds)
        self._step(self._elapsed + seconds)


class Bench:
    """A scripted server and a client that speaks to it.

    Attributes:
        server: The server.
        clock: What the client waits on.
        recorder: The client's exchanges.
        gate: What its writes pass; open unless a test locks it.
        transport: The client's transport.
        api: The client.
    """

    def __init__(self, server: ScriptedServer, key: str | None, options: dict[str, Any]) -> None:
        self.server = server
        self.clock = options.pop("clock", None) or SkippingClock()
        self.recorder = Recorder()
        self.gate = Gate(locked=options.pop("locked", False), profile="test")
        self.transport = Transport(
            options.pop("base_url", server.url),
            SecretStr(key) if key is not None else None,
            gate=self.gate,
            clock=self.clock,
            recorder=self.recorder,
            chance=lambda: 1.0,
            **options,
        )
        self.api = TerminalApi(self.transport)

    @property
    def slept(self) -> list[float]:
        """How long the client would have waited, each time."""
        assert isinstance(self.clock, SkippingClock)
        return self.clock.slept


@asynccontextmanager
async def bench(
    *script: Reply | Callable[[ServerRequest], Reply], key: str | None = KEY, **options: Any
) -> AsyncIterator[Bench]:
    """Start a server with a script, and a client of it."""
    options.setdefault("budget", 400)
    with ScriptedServer(*script) as server:
        made = Bench(server, key, options)
        try:
            yield made
        finally:
            await made.api.aclose()


def connection(**fields: Any) -> Connection:
    """A connection as it was listed."""
    return Connection.model_validate(CONNECTION | fields)


async def rows(listing: AsyncIterator[Page[Item]]) -> list[Item]:
    """Every readable row of every page."""
    return [item async for page in listing for item in page.items]


def short(**times: Any) -> Limits:
    """Limits with some of them changed."""
    return Limits(**times)


OK = Reply(json={"fine": True})


async def problem_of_read(bench: Bench, **options: Any) -> Problem:
    """The problem of a read that fails."""
    with pytest.raises(ApiError) as caught:
        await bench.transport.read("/x", **options)
    return caught.value.problem


async def problem_of_write(bench: Bench, **options: Any) -> Problem:
    """The problem of a write that fails."""
    with pytest.raises(ApiError) as caught:
        await bench.transport.write("POST", "/x", action="act", **options)
    return caught.value.problem
