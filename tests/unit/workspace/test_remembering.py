"""What one start remembers of those before, over real sockets and real files."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from tests.clocks import START, FakeClock, settle, until
from tests.servers import Reply
from tests.unit.api.stuut_support import job, listed, model
from tests.unit.models import samples
from tests.unit.workspace.bench import (
    KEY,
    Integrations,
    Routed,
    Terminal,
    a_connection,
    a_list,
    a_sync,
    an_issue,
    current,
    let_pass,
)
from tui_app.api.errors import ApiError
from tui_app.changes import Change, Recalled, Told
from tui_app.history import History, Place
from tui_app.logs.redaction import masker
from tui_app.models.problem import ProblemKind
from tui_app.models.profile import Profile
from tui_app.models.sync import Phase, SyncRequest
from tui_app.workspace import Workspace

AWAY = Reply(drop=True)
LIST, CURRENT = "GET /connections", "GET /connections/current"


@dataclass
class Start:
    """One start of the program."""

    workspace: Workspace
    clock: FakeClock
    heard: list[Change] = field(default_factory=list)

    async def recalled(self) -> None:
        """Wait until what was kept is known."""
        assert self.workspace.history is not None
        await until(lambda: bool(self.workspace.rows))

    async def read(self) -> None:
        """Wait until the list is read and each newest sync looked at."""
        workspace = self.workspace
        await let_pass(
            self.clock, lambda: workspace.reading.complete and workspace.looked_at == workspace.to_look_at, step=1
        )


@asynccontextmanager
async def started(scripted: Routed, path: Path, *, after: float = 0) -> AsyncIterator[Start]:
    """Start on a scripted server that runs, some seconds after the first start; all that is kept lies in one file."""
    clock = FakeClock(START + timedelta(seconds=after))
    profile = Profile(name="test", kind=scripted.kind, base_url=scripted.url, budget=400)
    place = Place("test", "https://api.example", scripted.kind)
    workspace = Workspace(
        profile,
        scripted.url,
        SecretStr(KEY),
        clock=clock,
        history=lambda tell: History.open(path, place, masks=masker, tell=tell),
    )
    start = Start(workspace, clock)

    async def hear() -> None:
        async for change in workspace.changes():
            start.heard.append(change)

    hearing = asyncio.create_task(hear())
    await settle()
    workspace.start()
    try:
        yield start
    finally:
        await workspace.close()
        await hearing


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "history.db"


@pytest.fixture
def server() -> Iterator[Terminal]:
    """Three fleets, of which the first is syncing and has an open issue."""
    made = Terminal()
    fleet = [a_connection(number) for number in (1, 2, 3)]
    made.routes[LIST] = a_list(*fleet)
    made.routes["GET /issues"] = a_list(an_issue(1, 1))
    made.routes[CURRENT] = current(*fleet, lastSync=a_sync(1, progress=40))
    made.routes[f"GET /syncs/{a_sync(1)['id']}"] = Reply(json=a_sync(1, progress=40))
    with made.server:
        yield made


async def seen_before(server: Terminal, path: Path) -> None:
    """A start at which the whole fleet was seen."""
    async with started(server, path) as start:
        await start.read()
        await let_pass(start.clock, lambda: start.workspace.row("conn_1").open_issues == 1)  # type: ignore[union-attr]


def go_away(server: Routed) -> None:
    for route in list(server.routes):
        server.routes[route] = AWAY


async def test_the_fleet_as_last_seen_is_there_before_the_server_answers_and_then_becomes_what_it_says(
    server: Terminal, path: Path
) -> None:
    await seen_before(server, path)
    answers = server.routes[LIST]
    server.routes[LIST] = Reply(503)
    async with started(server, path, after=7200) as start:
        await start.recalled()
        workspace = start.workspace
        assert [row.id for row in workspace.rows] == ["conn_1", "conn_2", "conn_3"]
        row = workspace.rows[0]
        assert row.recalled_at is not None
        assert workspace.server_now() - row.recalled_at > timedelta(hours=1.9)
        assert workspace.reading.recalled_at is not None
        assert workspace.reading.recalled_at >= row.recalled_at
        assert row.connection.token is None
        assert row.last_sync is not None
        assert (row.last_sync.progress, row.open_issues) == (40, 1)
        assert workspace.looked_at == 0
        server.routes[LIST] = answers
        server.routes[CURRENT] = current(*(a_connection(each) for each in (1, 2, 3)), lastSync=a_sync(2, "completed"))
        await start.read()
        assert [row.recalled_at for row in workspace.rows] == [None] * 3
        assert [row.connection.token is not None for row in workspace.rows] == [True] * 3
        assert [row.last_sync.id for row in workspace.rows if row.last_sync] == [a_sync(2)["id"]] * 3
        assert workspace.reading.recalled_at is None


async def test_a_row_stays_marked_until_its_newest_sync_was_looked_at_too(server: Terminal, path: Path) -> None:
    await seen_before(server, path)
    server.routes[CURRENT] = Reply(503)
    async with started(server, path, after=60) as start:
        await let_pass(start.clock, lambda: start.workspace.reading.complete)
        await until(lambda: start.workspace.rows[0].recalled_at is not None)  # whichever was faster, list or disk
        row = start.workspace.rows[0]
        assert row.connection.recalled_at is None
        assert row.last_sync is not None
        assert start.workspace.looked_at == 0


async def test_what_the_list_does_not_name_any_more_is_gone(server: Terminal, path: Path) -> None:
    await seen_before(server, path)
    server.routes[LIST] = a_list(a_connection(4), a_connection(2))
    async with started(server, path) as start:
        await let_pass(start.clock, lambda: start.workspace.reading.complete)
        await settle()
        assert [row.id for row in start.workspace.rows] == ["conn_4", "conn_2"]
    async with started(server, path) as start:
        await start.recalled()
        assert [row.id for row in start.workspace.rows] == ["conn_4", "conn_2"]


class TestWithoutANetwork:
    async def test_the_last_known_fleet_is_shown_with_the_reason(self, server: Terminal, path: Path) -> None:
        await seen_before(server, path)
        go_away(server)
        async with started(server, path, after=7200) as start:
            await start.recalled()
            await let_pass(start.clock, lambda: start.workspace.reading.problem is not None)
            assert len(start.workspace.rows) == 3
            assert start.workspace.reading.recalled_at is not None
            assert start.workspace.reading.problem is not None
            assert start.workspace.reading.problem.kind is ProblemKind.UNREACHABLE

    async def test_nothing_is_sent_for_a_connection_whose_token_is_not_known(
        self, server: Terminal, path: Path
    ) -> None:
        await seen_before(server, path)
        go_away(server)
        before = len(server.asked)
        async with started(server, path) as start:
            await start.recalled()
            workspace = start.workspace
            watch = workspace.watch("conn_1", str(a_sync(1)["id"]))
            workspace.show(["conn_1"])
            for ask in (
                workspace.request_sync("conn_1", SyncRequest()),
                workspace.retry_sync("conn_1", "sync_1"),
                workspace.cancel_sync("conn_1", "sync_1"),
                workspace.update_connection("conn_1", {"tags": ("a",)}),
                workspace.delete_connection("conn_1"),
            ):
                with pytest.raises(ApiError) as refused:
                    await ask
                assert refused.value.problem.kind is ProblemKind.REFUSED
                assert "not read since the start" in refused.value.problem.title
            with pytest.raises(ApiError):
                workspace.planned_sync("conn_1", SyncRequest())
            await let_pass(start.clock, lambda: watch.problem is not None)
            assert "not read since the start" in watch.problem.title  # type: ignore[union-attr]
            await let_pass(start.clock, lambda: workspace.reading.problem is not None)
        assert set(server.asked[before:]) <= {LIST, "GET /issues"}

    async def test_who_asks_for_such_a_connection_has_the_list_read_or_is_told_why_not(
        self, server: Terminal, path: Path
    ) -> None:
        await seen_before(server, path)
        answers = dict(server.routes)
        go_away(server)
        async with started(server, path) as start:
            await start.recalled()
            asking = asyncio.create_task(start.workspace.read_connection("conn_1"))
            await let_pass(start.clock, asking.done)
            problem = asking.exception().problem  # type: ignore[union-attr]
            assert problem.title == "The connection was not read since the start"
            assert "seen at an earlier start" in problem.meaning
            server.routes.update(answers)
            asking = asyncio.create_task(start.workspace.read_connection("conn_1"))
            await let_pass(start.clock, asking.done)
            assert asking.result().connection.token is not None
            await start.workspace.fleet.fetch("conn_2")
            server.routes[LIST] = a_list()
            with pytest.raises(KeyError):
                await start.workspace.fleet.fetch("conn_9")

    async def test_a_connection_that_is_gone_is_told_as_gone(self, server: Terminal, path: Path) -> None:
        await seen_before(server, path)
        answers = server.routes[LIST]
        server.routes[LIST] = AWAY
        async with started(server, path) as start:
            await start.recalled()
            await let_pass(start.clock, lambda: start.workspace.reading.problem is not None)
            server.routes[LIST] = a_list(a_connection(2))
            with pytest.raises(ApiError) as gone:
                await start.workspace.fleet.fetch("conn_1")
            assert gone.value.problem.kind is ProblemKind.NOT_FOUND
            server.routes[LIST] = answers


class TestWhatWasWatched:
    WATCHED = str(a_sync(1)["id"])
    ROUTE = f"GET /syncs/{WATCHED}"

    def goes_on(self, server: Terminal, sync: dict[str, Any]) -> None:
        """The server tells the same of a sync wherever it is asked."""
        server.routes[self.ROUTE] = Reply(json=sync)
        server.routes[CURRENT] = current(*(a_connection(number) for number in (1, 2, 3)), lastSync=sync)

    async def watched_before(self, server: Terminal, path: Path, sync_id: str = WATCHED) -> None:
        """A start at which a sync was seen to go from 40, as the list had seen it, to 50 percent."""
        async with started(server, path) as start:
            await start.read()
            watch = start.workspace.watch("conn_1", sync_id)
            server.routes[self.ROUTE] = Reply(json=a_sync(1, progress=50))
            await let_pass(start.clock, lambda: watch.latest_sync is not None and watch.latest_sync.progress == 50)

    async def test_is_watched_again_and_begins_with_what_was_seen(self, server: Terminal, path: Path) -> None:
        await self.watched_before(server, path)
        self.goes_on(server, a_sync(1, progress=80))
        async with started(server, path, after=600) as start:
            await let_pass(start.clock, lambda: bool(start.workspace.watcher.watches))
            (watch,) = start.workspace.watcher.watches
            assert (watch.connection.id, watch.sync_id, watch.visible) == ("conn_1", self.WATCHED, False)
            await let_pass(start.clock, lambda: Recalled("conn_1", self.WATCHED) in start.heard)
            await let_pass(start.clock, lambda: watch.latest_sync.progress == 80)  # type: ignore[union-attr]
            percents = [look.sync.progress for look in watch.observations if look.sync]
            assert (percents[0], percents[-1]) == (40, 80)
            assert percents == sorted(percents)  # type: ignore[type-var]
            told = " ".join(entry.text for entry in watch.journal)
            assert "40" in told
            assert "80" in told

    async def test_is_not_watched_again_once_it_has_ended(self, server: Terminal, path: Path) -> None:
        await self.watched_before(server, path)
        self.goes_on(server, a_sync(1, "completed", progress=100))
        async with started(server, path, after=600) as start:
            await let_pass(start.clock, lambda: bool(start.workspace.watcher.watches))
            await let_pass(start.clock, lambda: start.workspace.watcher.watches[0].finished)
            assert start.workspace.watcher.watches[0].ended_in_sight
        async with started(server, path, after=1200) as start:
            await start.read()
            assert start.workspace.watcher.watches == []
            watch = start.workspace.watch("conn_1", self.WATCHED)
            await let_pass(start.clock, lambda: watch.finished)
            await let_pass(start.clock, lambda: len(watch.observations) > 2)
            assert not watch.ended_in_sight  # its end is no news any more

    async def test_what_was_seen_last_is_kept_however_soon_one_leaves(self, server: Terminal, path: Path) -> None:
        await self.watched_before(server, path)
        server.routes[LIST] = a_list(a_connection(1), a_connection(2))
        async with started(server, path, after=600) as start:
            await let_pass(start.clock, lambda: start.workspace.reading.complete)
            ended = samples.sync(Phase.SUCCEEDED, id="sync_9", status="completed")
            start.workspace.watch("conn_2", "sync_9", ended)  # and not one turn of the loop before it closes
        async with started(server, path, after=1200) as start:
            await start.read()
            history = start.workspace.history
            assert history is not None
            (seen,) = await asyncio.to_thread(history.observations, "conn_2", "sync_9")
            assert seen.sync is not None
            assert seen.sync.phase is Phase.SUCCEEDED
            assert start.workspace.watcher.find("conn_2", "sync_9") is None

    async def test_that_is_gone_is_dropped_with_a_word(
        self, server: Terminal, path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        await self.watched_before(server, path)
        server.routes[self.ROUTE] = Reply(404, json={"code": "not_found", "message": "No such sync"})
        with caplog.at_level(logging.INFO, "tui_app"):
            async with started(server, path) as start:
                await let_pass(start.clock, lambda: "does not have it any more" in caplog.text)
                await let_pass(start.clock, lambda: start.workspace.watcher.watches == [])
        async with started(server, path) as start:
            await start.read()
            assert start.workspace.remembering.waiting == []  # type: ignore[union-attr]
            assert start.workspace.watcher.watches == []

    async def test_whose_connection_is_gone_is_dropped_with_a_word(
        self, server: Terminal, path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        await self.watched_before(server, path)
        server.routes[LIST] = a_list(a_connection(2))
        with caplog.at_level(logging.INFO, "tui_app"):
            async with started(server, path) as start:
                await let_pass(start.clock, lambda: "its connection is gone" in caplog.text)
        assert f"sync {self.WATCHED} of conn_1 was watched" in caplog.text

    async def test_waits_for_the_network_and_is_looked_at_once_it_is_there(self, server: Terminal, path: Path) -> None:
        await self.watched_before(server, path)
        answers = dict(server.routes)
        go_away(server)
        async with started(server, path) as start:
            await start.recalled()
            await until(lambda: bool(start.workspace.remembering.waiting))  # type: ignore[union-attr]
            opened = start.workspace.watch("conn_1", self.WATCHED)  # somebody opens it meanwhile
            await let_pass(start.clock, lambda: opened.problem is not None)
            await until(lambda: opened.latest_sync is not None)
            assert opened.latest_sync.progress == 50  # type: ignore[union-attr]
            server.routes.update(answers)
            await let_pass(start.clock, lambda: opened.problem is None)
            assert start.workspace.watcher.watches == [opened]
            assert opened.connection.token is not None

    async def test_is_followed_no_more_where_somebody_did_not_want_to(self, server: Terminal, path: Path) -> None:
        async with started(server, path) as start:
            await start.read()
            watch = start.workspace.watch("conn_1", self.WATCHED)
            await let_pass(start.clock, lambda: watch.latest is not None)
            await start.workspace.watcher.forget(watch)
        async with started(server, path) as start:
            await start.read()
            assert start.workspace.watcher.watches == []


async def test_where_the_list_carries_the_syncs_a_reading_of_it_is_all_that_is_waited_for(path: Path) -> None:
    server = Integrations()
    server.routes[LIST] = Reply(json=[listed(model("invoices", job("a", "invoices", status="running")))])
    with server.server:
        async with started(server, path) as start:
            await let_pass(start.clock, lambda: start.workspace.reading.complete)
            sync = start.workspace.rows[0].last_sync
        answers, server.routes[LIST] = server.routes[LIST], AWAY
        async with started(server, path) as start:
            await start.recalled()
            (row,) = start.workspace.rows
            assert row.recalled_at is not None
            assert row.last_sync == sync
            server.routes[LIST] = answers
            await let_pass(start.clock, lambda: start.workspace.reading.complete)
            (row,) = start.workspace.rows
            assert row.recalled_at is None


async def test_a_file_that_cannot_be_used_is_told_of_and_all_else_goes_on(server: Terminal, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    async with started(server, tmp_path / "file" / "history.db") as start:
        await start.read()
        await until(lambda: any(isinstance(change, Told) for change in start.heard))
        assert len(start.workspace.rows) == 3


async def test_who_records_waits_for_nothing(server: Terminal, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the file is held by somebody else, syncs are followed as ever."""
    import sqlite3

    await seen_before(server, path)
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    try:
        async with started(server, path) as start:
            watch = None
            await let_pass(start.clock, lambda: start.workspace.reading.complete)
            watch = start.workspace.watch("conn_1", str(a_sync(1)["id"]))
            await let_pass(start.clock, lambda: len(watch.observations) > 5)
            holder.execute("ROLLBACK")
    finally:
        holder.close()
    async with started(server, path) as start:
        await let_pass(start.clock, lambda: bool(start.workspace.watcher.watches))


def test_no_token_is_in_the_file(server: Terminal, path: Path) -> None:
    asyncio.run(seen_before(server, path))
    assert b"conn_1" in path.read_bytes()
    assert b"con_tkn_" not in path.read_bytes()
    assert KEY.encode() not in path.read_bytes()
