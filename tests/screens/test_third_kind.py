"""A kind of server that nobody has heard of: one class against `SyncApi`, and every screen works with it.

Its interface is as unlike the others as it may be: boxes for connections, numbered runs for syncs, one letter for each
state, no token, no issues, no history, no form.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.clocks import START, FakeClock
from tests.screens.conftest import running
from tests.screens.stage import MEDIUM, SIZES, Stage, store
from tests.servers import Reply, ScriptedServer, ServerRequest
from tui_app.api.base import Capabilities, ConnectionQuery, SyncApi
from tui_app.api.kinds import KINDS, Kind
from tui_app.api.transport import Transport
from tui_app.models.connection import Connection, ProviderName, Standing
from tui_app.models.page import Page
from tui_app.models.sync import Phase, Sync, SyncRequest

PHASES = {"q": Phase.WAITING, "w": Phase.RUNNING, "d": Phase.SUCCEEDED, "e": Phase.FAILED}


class BoxApi(SyncApi):
    """The whole of the third kind."""

    capabilities = Capabilities(progress=True)

    def __init__(self, transport: Transport) -> None:
        self.transport = transport

    async def connections(self, query: ConnectionQuery | None = None) -> AsyncIterator[Page[Connection]]:
        """All boxes, on one page."""
        answer = await self.transport.read("/boxes")
        yield Page([_box(row) for row in answer.json])

    async def connection(self, connection: Connection) -> Connection:
        """One box with its newest run."""
        return _box((await self.transport.read(f"/boxes/{connection.id}", attempts=1)).json)

    async def request_sync(self, connection: Connection, request: SyncRequest) -> Sync:
        """Start a run."""
        return _run((await self.transport.write("POST", f"/boxes/{connection.id}/runs", action="request_sync")).json)

    async def sync(self, connection: Connection, sync_id: str) -> Sync:
        """One run."""
        return _run((await self.transport.read(f"/runs/{sync_id}", attempts=1)).json)

    async def aclose(self) -> None:
        """Let go of the server."""
        await self.transport.aclose()


def _box(row: dict[str, Any]) -> Connection:
    return Connection(
        id=row["no"],
        status="open",
        standing=Standing.CONNECTED,
        title=row["label"],
        provider=ProviderName(name="Boxes Inc."),
        last_sync=_run(row["run"]) if row.get("run") else None,
        source=row,
    )


def _run(row: dict[str, Any]) -> Sync:
    asked = datetime.fromtimestamp(row["asked"], UTC)
    phase = PHASES.get(row["s"], Phase.UNKNOWN)
    ended = datetime.fromtimestamp(row["ended"], UTC) if "ended" in row else None
    return Sync(
        id=str(row["no"]), status=row["s"], phase=phase, requested_at=asked, completed_at=ended,
        progress=row.get("percent"), source=row,
    )  # fmt: skip


class Boxes:
    """The server: two boxes; a run goes from q by w to d, a step with each look."""

    def __init__(self) -> None:
        self.looks = 0
        self.run: dict[str, Any] | None = None

    def __call__(self, request: ServerRequest) -> Reply:
        """Answer one request."""
        boxes: list[dict[str, Any]] = [
            {"no": "b1", "label": "Left box", "run": self.run},
            {"no": "b2", "label": "Right box"},
        ]
        if request.method == "POST":
            self.run = {"no": 7, "s": "q", "asked": START.timestamp()}
        if request.path.endswith("/boxes"):
            return Reply(json=boxes)
        if "/runs" in request.path:
            self.looks += request.method == "GET"
            if self.looks:
                self.run = {**(self.run or {}), "s": "w", "percent": min(25 * self.looks, 100)}
            if self.looks > 4:
                self.run = {**(self.run or {}), "s": "d", "ended": START.timestamp() + 300}
            return Reply(json=self.run)
        return Reply(json=next(box for box in boxes if request.path.endswith(box["no"])))


@pytest.mark.parametrize("size", SIZES)
async def test_a_third_kind_is_listed_synced_and_watched_by_the_same_screens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    monkeypatch.setitem(KINDS, "boxes", Kind("Boxes", f"{__name__}:BoxApi", "https://boxes.example"))
    monkeypatch.setenv("OWN_KEY", "k")
    with ScriptedServer(Boxes()) as server:
        path = tmp_path / "profiles.toml"
        path.write_text(f'[profiles.own]\nkind = "boxes"\nbase_url = "{server.url}"\nkey_env = "OWN_KEY"\n')
        async with running(Stage(FakeClock(), store(path), "own"), size) as stage:
            assert "2 connections" in stage.text
            assert "never synced" in stage.line("● connected")

            await stage.press("n")
            assert any("does not create connections" in toast for toast in stage.toasts)

            await stage.press("enter", "s")
            assert "Request a sync" in stage.text
            await stage.press("enter")
            await stage.see("50 %")
            await stage.see("Completed at")
            assert "q → w" in stage.text or size != MEDIUM

            await stage.press("escape", "tab")
            assert "keeps no history" in stage.text
            assert "✓ d" in stage.text
            await stage.press("tab")
            assert '"label": "Left box"' in stage.text
