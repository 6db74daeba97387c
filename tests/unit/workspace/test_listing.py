"""Reading a large list: on from where it broke off, also by the next start, and then only what has changed."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from tests.clocks import START, FakeClock, settle, until
from tests.servers import Reply, ServerRequest
from tests.unit.workspace.bench import KEY, Terminal, a_connection, a_list, current, let_pass, opened
from tui_app.history import History, Place
from tui_app.models.profile import Profile
from tui_app.workspace import Workspace
from tui_app.workspace.listing import BESIDE, OVERLAP, RETRY_FIRST

LIST, CURRENT, ISSUES = "GET /connections", "GET /connections/current", "GET /issues"
COUNT, PAGE = 12, 3
FLEET = [a_connection(number, id=f"conn_{number:02}", externalId=f"ext-{number}") for number in range(COUNT)]


class Fleet(Terminal):
    """A server that lists its fleet in pages of three, or what of it was changed of late.

    Attributes:
        fleet: Its connections.
        breaks_at: Before which row it fails; ``None``: it does not.
        recalled: Set once what was kept is known: the second page waits for it, as it would of a large fleet.
        forgets: A cursor that it refuses once, as if it had not handed that out.
    """

    def __init__(self) -> None:
        super().__init__()
        self.fleet: list[dict[str, Any]] = list(FLEET)
        self.breaks_at: int | None = None
        self.forgets = ""
        self.recalled = threading.Event()
        self.recalled.set()
        self.routes |= {LIST: self._page, CURRENT: current(*FLEET), ISSUES: a_list()}

    def _page(self, request: ServerRequest) -> Reply:
        query = request.query
        if query.get("cursor") == self.forgets:
            self.forgets = "none"
            return Reply(400, json={"code": "bad_request", "message": "no such cursor"})
        rows = [row for row in self.fleet if row["updatedAt"] >= query.get("updatedAfter", "")]
        rows = [row for row in rows if query.get("externalId") in (None, row["externalId"])]
        first = int(query.get("cursor", 0))
        if self.breaks_at is not None and first >= self.breaks_at:
            return Reply(drop=True)
        if first == PAGE and not self.recalled.is_set():
            return Reply(json={"results": rows[first : first + PAGE], "next": str(first + PAGE)}, wait=self.recalled)
        following = {"next": str(first + PAGE)} if first + PAGE < len(rows) else {}
        return Reply(json={"results": rows[first : first + PAGE]} | following)

    @property
    def lists(self) -> list[dict[str, str]]:
        """What the list was asked for, in order, without its usual limit."""
        asked = [{name: text for name, text in each.query.items() if name != "limit"} for each in self.sent(LIST)]
        return [each for index, each in enumerate(asked) if index == 0 or each != asked[index - 1]]  # but repetitions

    def change(self, number: int, **fields: Any) -> None:
        """Change a connection an hour after the first start."""
        self.fleet[number] = self.fleet[number] | {"updatedAt": "2026-11-22T15:02:00.000Z"} | fields


@pytest.fixture(autouse=True)
def twelve_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fleet of twelve is read as one of thousands would be."""
    for module in ("listing", "fleet"):
        monkeypatch.setattr(f"tui_app.workspace.{module}.MANY", PAGE)


@pytest.fixture
def server() -> Any:
    """One that runs for all starts of a test."""
    made = Fleet()
    with made.server:
        yield made


@asynccontextmanager
async def started(server: Fleet, folder: Path, *, hours: float = 0) -> AsyncIterator[tuple[Workspace, FakeClock]]:
    """A start some hours after the first; all starts keep what they see in one file."""
    clock = FakeClock(START + timedelta(hours=hours))
    place = Place("test", "https://api.example", "terminal")
    workspace = Workspace(
        Profile(name="test", kind="terminal", base_url=server.url, budget=400),
        server.url,
        SecretStr(KEY),
        clock=clock,
        history=lambda tell: History.open(folder / "history.db", place, tell=tell),
    )
    listing, planned = workspace.fleet.listing, asyncio.Event()
    plan = listing._plan

    async def noted() -> None:
        await plan()
        planned.set()

    setattr(listing, "_plan", noted)  # noqa: B010 - a method, which mypy lets nobody assign
    server.recalled.clear()
    workspace.start()
    try:
        await until(lambda: listing.recalled.is_set() and planned.is_set())
        await settle()
        server.recalled.set()
        yield workspace, clock
    finally:
        await workspace.close()


def ids(workspace: Workspace) -> list[str]:
    return sorted(row.id for row in workspace.rows)


ALL = [each["id"] for each in FLEET]


async def test_a_page_that_fails_is_asked_for_again_and_none_before_it() -> None:
    server = Fleet()
    server.breaks_at = 6
    async with opened(server) as (workspace, clock):
        await let_pass(clock, lambda: workspace.reading.problem is not None)
        assert ids(workspace) == ALL[:6]
        server.breaks_at = None
        await let_pass(clock, lambda: workspace.reading.complete, limit=RETRY_FIRST + 1)
        assert ids(workspace) == ALL
        assert server.lists == [{}, {"cursor": "3"}, {"cursor": "6"}, {"cursor": "9"}]


async def test_the_first_page_is_there_before_the_others() -> None:
    server = Fleet()
    server.breaks_at = 3
    async with opened(server) as (workspace, _):
        await until(lambda: len(workspace.rows) == 3)
        assert workspace.reading.loading
        assert not workspace.reading.complete


async def test_the_next_start_goes_on_where_one_stopped_and_then_asks_what_has_changed(
    server: Fleet, tmp_path: Path
) -> None:
    server.breaks_at = 6
    async with started(server, tmp_path) as (workspace, clock):
        await let_pass(clock, lambda: workspace.reading.problem is not None)
    server.breaks_at = None
    server.change(1, status="disconnected")
    server.server.requests.clear()
    async with started(server, tmp_path, hours=2) as (workspace, clock):
        await until(lambda: workspace.reading.complete)
        assert ids(workspace) == ALL
        row = workspace.row("conn_01")
        assert row is not None
        assert row.state.word == "disconnected"
        asked = [each for each in server.lists if each not in ({}, {"cursor": "3"})]  # but what was begun before that
        first, second, third = asked[:3]
        assert (first, second, set(third)) == ({"cursor": "6"}, {"cursor": "9"}, {"updatedAfter"})
        since = datetime.fromisoformat(third["updatedAfter"])
        assert START - OVERLAP <= since < START + timedelta(minutes=1)


async def test_a_cursor_that_the_server_forgot_has_the_list_read_from_its_beginning(
    server: Fleet, tmp_path: Path
) -> None:
    server.breaks_at = 6
    async with started(server, tmp_path) as (workspace, clock):
        await let_pass(clock, lambda: workspace.reading.problem is not None)
    server.breaks_at, server.forgets = None, "6"
    server.server.requests.clear()
    async with started(server, tmp_path, hours=1) as (workspace, clock):
        await let_pass(clock, lambda: workspace.reading.complete)
        assert ids(workspace) == ALL
        refused = server.lists.index({"cursor": "6"})
        assert {} in server.lists[refused + 1 :]


class TestWhatIsKeptWhole:
    async def test_only_changes_are_asked_for_and_everything_counts_at_once(
        self, server: Fleet, tmp_path: Path
    ) -> None:
        async with started(server, tmp_path) as (workspace, _):
            await until(lambda: workspace.reading.complete)
        server.change(4, company={"name": "Renamed"})
        server.server.requests.clear()
        async with started(server, tmp_path, hours=2) as (workspace, _):
            await until(lambda: workspace.reading.complete)
            assert {"updatedAfter"} in [set(each) for each in server.lists]
            assert ids(workspace) == ALL
            assert workspace.fleet.connection("conn_04").name == "Renamed"
            assert workspace.fleet.connection("conn_04").token is not None
            assert workspace.fleet.connection("conn_11").token is None

    async def test_all_is_read_again_beside_it_page_by_page_for_the_tokens_and_what_is_gone(
        self, server: Fleet, tmp_path: Path
    ) -> None:
        async with started(server, tmp_path) as (workspace, _):
            await until(lambda: workspace.reading.complete)
        del server.fleet[7]
        async with started(server, tmp_path, hours=2) as (workspace, clock):
            await until(lambda: workspace.reading.complete and workspace.reading.again is not None)
            assert (workspace.reading.complete, workspace.reading.loading) == (True, False)
            assert "conn_07" in ids(workspace)
            pages = len(server.sent(LIST))
            await clock.advance(BESIDE / 2)
            assert len(server.sent(LIST)) == pages
            await let_pass(clock, lambda: workspace.reading.again is None, limit=4 * BESIDE + 1)
            assert ids(workspace) == [each for each in ALL if each != "conn_07"]
            assert workspace.reading.recalled_at is None
            assert all(row.connection.token is not None for row in workspace.rows)
        async with started(server, tmp_path, hours=3) as (workspace, _):
            await until(lambda: workspace.reading.complete)
            assert "conn_07" not in ids(workspace)

    async def test_who_asks_for_the_list_again_lets_that_hurry(self, server: Fleet, tmp_path: Path) -> None:
        async with started(server, tmp_path) as (workspace, _):
            await until(lambda: workspace.reading.complete)
        async with started(server, tmp_path, hours=2) as (workspace, _):
            await until(lambda: workspace.reading.complete)
            await workspace.read_fleet()
            assert all(row.connection.token is not None for row in workspace.rows)

    async def test_one_connection_is_described_by_its_reference_and_not_by_reading_all(
        self, server: Fleet, tmp_path: Path
    ) -> None:
        async with started(server, tmp_path) as (workspace, _):
            await until(lambda: workspace.reading.complete)
        async with started(server, tmp_path, hours=2) as (workspace, _):
            await until(lambda: workspace.reading.complete)
            await workspace.fleet.fetch("conn_10")
            assert workspace.fleet.connection("conn_10").token is not None
            assert {"externalId": "ext-10"} in server.lists  # the reading beside may just have begun
            assert workspace.fleet.connection("conn_11").token is None
