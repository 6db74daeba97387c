"""A server whose list carries each connection's newest sync: the list is read again and again, and nothing else is."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.clocks import FakeClock, settle, until
from tests.servers import Reply
from tests.unit.api.stuut_support import BATCH, OTHER, at, job, listed, model
from tests.unit.workspace.bench import Integrations, let_pass, opened
from tui_app.api.errors import ApiError, SyncConflict
from tui_app.changes import Change, FleetChanged, RowChanged
from tui_app.models.connection import ConnectionDraft
from tui_app.models.page import Page
from tui_app.models.problem import ProblemKind
from tui_app.models.sync import Phase, Sync, SyncRequest
from tui_app.workspace import Workspace
from tui_app.workspace.listing import LISTED_AT_REST, LISTED_MOVING, RETRY_FIRST, RETRY_MOST

LIST, REQUEST, CHANGE = "GET /connections", "POST /connections/c1/sync", "PATCH /connections/c1"
STEP = 0.5
"""Seconds that pass at a time while a socket is waited for: a reading that ends meanwhile is noticed one step late."""


def a_list(*connections: dict[str, Any], **fields: Any) -> Reply:
    return Reply(json=list(connections), **fields)


def a_job(status: str, *, batch: str = BATCH, made: float = 0, **fields: Any) -> dict[str, Any]:
    """The job that the invoices of a connection last had."""
    ended = at(made + 3) if status in ("complete", "failed", "cancelled") else None
    facts: dict[str, Any] = {
        "batch_id": batch,
        "made": made,
        "status": status,
        "completed_at": ended,
        "modified_at": at(made + 4),
    }
    return job(f"{batch[:2]}-invoices", "invoices", **(facts | fields))


def synced(status: str, **fields: Any) -> dict[str, Any]:
    """A connection whose invoices last had such a job."""
    return listed(model("invoices", a_job(status, **fields)))


REST, MOVING = synced("complete"), synced("running")


def server(*connections: dict[str, Any]) -> Integrations:
    made = Integrations()
    made.routes[LIST] = a_list(*connections)
    return made


@dataclass
class Readings:
    """When the list was read, on the clock.

    Attributes:
        begun: When each reading began.
        ended: When each of them ended, well or not.
    """

    begun: list[float] = field(default_factory=list)
    ended: list[float] = field(default_factory=list)

    @property
    def rests(self) -> list[float]:
        """The seconds between the end of a reading and the begin of the next."""
        return [round(begun - ended, 6) for ended, begun in zip(self.ended, self.begun[1:], strict=False)]


@asynccontextmanager
async def reading(
    scripted: Integrations, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[Workspace, FakeClock, Readings]]:
    """A workspace that runs by itself, and notes when it reads the list."""
    readings = Readings()
    async with opened(scripted, start=False) as (workspace, clock):
        read = workspace.api.connections

        async def noted(*given: Any) -> AsyncIterator[Page[Any]]:
            readings.begun.append(clock.monotonic())
            try:
                async for page in read(*given):
                    yield page
            finally:
                readings.ended.append(clock.monotonic())

        monkeypatch.setattr(workspace.api, "connections", noted)
        workspace.start()
        yield workspace, clock, readings


def about(seconds: float) -> Any:
    """So many seconds; a step or two late is on time."""
    return pytest.approx(seconds + STEP, abs=STEP)


async def read_so_often(readings: Readings, clock: FakeClock, count: int) -> None:
    """Let time pass until the list was read so often, and what came of it was taken in."""
    await let_pass(clock, lambda: len(readings.ended) >= count, step=STEP)
    await settle()


def newest(workspace: Workspace) -> Sync:
    row = workspace.row("c1")
    assert row is not None
    assert row.last_sync is not None
    return row.last_sync


async def history(workspace: Workspace, most: int = 100) -> list[Sync]:
    return [sync async for page in workspace.syncs("c1", most) for sync in page.items]


class TestReadingAgain:
    @pytest.mark.parametrize(
        ("connections", "rest"),
        [
            ([REST], LISTED_AT_REST),
            ([listed()], LISTED_AT_REST),
            ([], LISTED_AT_REST),
            ([MOVING], LISTED_MOVING),
            ([synced("scheduled")], LISTED_MOVING),
            ([synced("pending_retry")], LISTED_MOVING),
            ([synced("re_indexing")], LISTED_MOVING),
            ([REST | {"id": "c2"}, MOVING, REST | {"id": "c3"}], LISTED_MOVING),
        ],
        ids=["ended", "never synced", "none", "running", "scheduled", "retrying", "unknown word", "one of three"],
    )
    async def test_it_is_read_again_the_sooner_while_anything_moves(
        self, connections: list[dict[str, Any]], rest: float, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async with reading(server(*connections), monkeypatch) as (_, clock, readings):
            await read_so_often(readings, clock, 4)
            assert readings.rests == [about(rest)] * 3

    async def test_its_pace_follows_what_it_shows(self, monkeypatch: pytest.MonkeyPatch) -> None:
        scripted = server(REST)
        async with reading(scripted, monkeypatch) as (workspace, clock, readings):
            await read_so_often(readings, clock, 1)
            scripted.routes[LIST] = a_list(MOVING)
            await read_so_often(readings, clock, 3)
            assert newest(workspace).phase is Phase.RUNNING
            scripted.routes[LIST] = a_list(REST)
            await read_so_often(readings, clock, 5)
            assert newest(workspace).phase is Phase.SUCCEEDED
            assert readings.rests == [about(each) for each in (30, 5, 5, 30)]

    async def test_no_connection_is_ever_asked_for_by_itself(self, monkeypatch: pytest.MonkeyPatch) -> None:
        scripted = server(MOVING, REST | {"id": "c2"})
        async with reading(scripted, monkeypatch) as (workspace, clock, readings):
            workspace.show(["c1", "c2"])
            await read_so_often(readings, clock, 12)
            assert set(scripted.asked) == {LIST}
            assert len(scripted.asked) == len(readings.begun)

    async def test_every_connection_counts_as_looked_at(self, monkeypatch: pytest.MonkeyPatch) -> None:
        async with reading(server(MOVING, listed(id="c2")), monkeypatch) as (workspace, clock, _):
            await let_pass(clock, lambda: workspace.reading.complete, step=STEP)
            assert (workspace.looked_at, workspace.to_look_at) == (2, 2)

    async def test_it_is_read_again_silently(self, monkeypatch: pytest.MonkeyPatch) -> None:
        held = threading.Event()
        scripted = server(MOVING)
        async with reading(scripted, monkeypatch) as (workspace, clock, readings):
            await let_pass(clock, lambda: workspace.reading.complete, step=STEP)
            scripted.routes[LIST] = a_list(REST, wait=held)
            await let_pass(clock, lambda: len(scripted.asked) == 2, step=STEP)
            assert len(readings.ended) == 1
            assert (workspace.reading.loading, workspace.reading.complete) == (False, True)
            held.set()
            await until(lambda: len(readings.ended) == 2)
            await settle()
            assert (workspace.reading.loading, workspace.reading.complete) == (False, True)
            assert newest(workspace).phase is Phase.SUCCEEDED

    async def test_the_first_reading_and_one_that_a_person_asks_for_are_not_silent(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        held = threading.Event()
        scripted = server()
        scripted.routes[LIST] = a_list(REST, wait=held)
        async with reading(scripted, monkeypatch) as (workspace, _, readings):
            await until(lambda: len(scripted.asked) == 1)
            assert (workspace.reading.loading, workspace.reading.complete) == (True, False)
            held.set()
            await until(lambda: workspace.reading.complete)
            held.clear()
            asking = asyncio.create_task(workspace.read_fleet())
            await until(lambda: len(scripted.asked) == 2)
            assert (workspace.reading.loading, workspace.reading.complete) == (True, False)
            held.set()
            await asking
            assert len(readings.ended) == 2

    async def test_what_comes_and_goes_is_seen(self, monkeypatch: pytest.MonkeyPatch) -> None:
        scripted = server(MOVING, REST | {"id": "c2"})
        async with reading(scripted, monkeypatch) as (workspace, clock, readings):
            await let_pass(clock, lambda: workspace.reading.complete, step=STEP)
            scripted.routes[LIST] = a_list(MOVING, REST | {"id": "c3"})
            await read_so_often(readings, clock, 2)
            await settle()
            assert [row.id for row in workspace.rows] == ["c1", "c3"]

    async def test_what_is_read_silently_is_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        scripted = server(MOVING)
        async with reading(scripted, monkeypatch) as (workspace, clock, readings):
            await let_pass(clock, lambda: workspace.reading.complete, step=STEP)
            await settle()
            changes: AsyncIterator[Change] = workspace.changes()
            scripted.routes[LIST] = a_list(REST)
            await read_so_often(readings, clock, 2)
            await workspace.close()
            async with asyncio.timeout(5):
                taken = [change async for change in changes]
            assert {FleetChanged(), RowChanged("c1")} <= set(taken)

    async def test_closing_ends_it(self, monkeypatch: pytest.MonkeyPatch) -> None:
        async with reading(server(MOVING), monkeypatch) as (workspace, clock, readings):
            await read_so_often(readings, clock, 2)
            await workspace.close()
            await clock.advance(1000)
            assert len(readings.begun) == 2


class TestTrouble:
    async def test_a_reading_that_failed_is_told_and_keeps_what_was_there(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        scripted = server(MOVING)
        async with reading(scripted, monkeypatch) as (workspace, clock, _):
            await let_pass(clock, lambda: workspace.reading.complete, step=STEP)
            seen_at = workspace.reading.read_at
            scripted.routes[LIST] = Reply(503)
            await let_pass(clock, lambda: workspace.reading.problem is not None, step=STEP)
            assert workspace.reading.problem is not None
            assert workspace.reading.problem.status == 503
            assert not workspace.reading.loading
            assert workspace.reading.read_at == seen_at
            assert newest(workspace).phase is Phase.RUNNING

    async def test_it_is_tried_again_later_and_later_and_goes_on_as_before_once_it_is_over(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        scripted = server(MOVING)
        async with reading(scripted, monkeypatch) as (workspace, clock, readings):
            await let_pass(clock, lambda: workspace.reading.complete, step=STEP)
            scripted.routes[LIST] = Reply(503)
            await read_so_often(readings, clock, 7)
            assert workspace.reading.problem is not None
            backing_off = [RETRY_FIRST, RETRY_FIRST * 2, RETRY_FIRST * 4, RETRY_FIRST * 8, RETRY_MOST]
            assert readings.rests == [about(each) for each in (LISTED_MOVING, *backing_off)]

            scripted.routes[LIST] = a_list(MOVING)
            await read_so_often(readings, clock, 10)
            assert workspace.reading.complete
            assert readings.rests[7:] == [about(LISTED_MOVING)] * 2

    async def test_another_outage_begins_with_the_first_wait_again(self, monkeypatch: pytest.MonkeyPatch) -> None:
        scripted = server(REST)
        async with reading(scripted, monkeypatch) as (_, clock, readings):
            for count in (1, 5):
                scripted.routes[LIST] = a_list(REST)
                await read_so_often(readings, clock, count)
                scripted.routes[LIST] = Reply(503)
                await read_so_often(readings, clock, count + 3)
            one = [LISTED_AT_REST, RETRY_FIRST, RETRY_FIRST * 2]
            assert readings.rests == [about(each) for each in (*one, RETRY_FIRST * 4, *one)]

    async def test_it_waits_as_long_as_the_server_asks(self, monkeypatch: pytest.MonkeyPatch) -> None:
        scripted = server(MOVING)
        async with reading(scripted, monkeypatch) as (workspace, clock, readings):
            await let_pass(clock, lambda: workspace.reading.complete, step=STEP)
            scripted.routes[LIST] = Reply(429, headers={"Retry-After": "90"})
            await read_so_often(readings, clock, 2)
            scripted.routes[LIST] = a_list(MOVING)
            await read_so_often(readings, clock, 3)
            assert readings.rests[1] == about(90)

    async def test_a_refusal_is_told_and_ends_once_the_server_answers_again(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        scripted = server(REST)
        async with reading(scripted, monkeypatch) as (workspace, clock, readings):
            await let_pass(clock, lambda: workspace.reading.complete, step=STEP)
            scripted.routes[LIST] = Reply(401)
            await read_so_often(readings, clock, 2)
            await settle()
            assert workspace.reading.problem is not None
            assert workspace.reading.problem.kind is ProblemKind.UNAUTHORIZED
            scripted.routes[LIST] = a_list(MOVING)
            await let_pass(clock, lambda: workspace.reading.problem is None, step=STEP)
            assert workspace.reading.complete


class TestHistory:
    async def see(self, scripted: Integrations, workspace: Workspace, *jobs: dict[str, Any]) -> None:
        """Read the list once for each of these jobs of the invoices."""
        for each in jobs:
            scripted.routes[LIST] = a_list(listed(model("invoices", each)))
            await workspace.read_fleet()

    async def test_what_was_seen_is_the_history_newest_first(self) -> None:
        scripted = server()
        async with opened(scripted, start=False) as (workspace, _):
            jobs = [a_job("complete", batch=f"b{made}", made=made) for made in (10, 20, 30)]
            await self.see(scripted, workspace, *jobs)
            assert [sync.id for sync in await history(workspace)] == ["b30", "b20", "b10"]
            assert set(scripted.asked) == {LIST}

    async def test_a_sync_stands_there_once_as_it_was_last_seen(self) -> None:
        scripted = server()
        async with opened(scripted, start=False) as (workspace, _):
            await self.see(scripted, workspace, a_job("queued"), a_job("running"), a_job("complete"))
            [sync] = await history(workspace)
            assert (sync.id, sync.phase) == (BATCH, Phase.SUCCEEDED)

    async def test_no_more_are_handed_out_than_asked_for_and_those_are_the_newest(self) -> None:
        scripted = server()
        async with opened(scripted, start=False) as (workspace, _):
            jobs = [a_job("complete", batch=f"b{made}", made=made) for made in (10, 20, 30)]
            await self.see(scripted, workspace, *jobs)
            assert [sync.id for sync in await history(workspace, most=2)] == ["b30", "b20"]

    async def test_so_many_are_remembered_and_of_more_those_that_were_seen_last(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("tui_app.workspace.fleet.SEEN_SYNCS", 3)
        scripted = server()
        async with opened(scripted, start=False) as (workspace, _):
            jobs = [a_job("complete", batch=f"b{made}", made=made) for made in (10, 20, 30, 40, 50)]
            await self.see(scripted, workspace, *jobs)
            assert [sync.id for sync in await history(workspace)] == ["b50", "b40", "b30"]

    async def test_what_was_seen_of_one_connection_is_not_anothers(self) -> None:
        scripted = server(synced("complete"), listed(id="c2"))
        async with opened(scripted, start=False) as (workspace, _):
            await workspace.read_fleet()
            assert [page.items async for page in workspace.syncs("c2")] == [[]]
            assert len(await history(workspace)) == 1

    async def test_since_when_it_was_watched_is_known_and_stays(self) -> None:
        scripted = server(listed())
        async with opened(scripted, start=False) as (workspace, clock):
            assert workspace.seen_since is None
            await clock.advance(60)
            await workspace.read_fleet()
            since = workspace.seen_since
            assert since == clock.now()
            await clock.advance(60)
            await workspace.read_fleet()
            assert workspace.seen_since == since

    async def test_before_anything_was_seen_the_history_is_empty(self) -> None:
        async with opened(server(listed()), start=False) as (workspace, _):
            await workspace.read_fleet()
            assert await history(workspace) == []


JOBS = [job("j1", "invoices", made=1), job("j2", "payments", made=1)]


def models(*statuses: str, **fields: Any) -> dict[str, Any]:
    """The connection with its invoices and payments, whose jobs of this request are in these states."""
    rows = [
        model(name, each | {"status": status, "modified_at": at(5)} | fields)
        for (name, each), status in zip((("invoices", JOBS[0]), ("payments", JOBS[1])), statuses, strict=True)
    ]
    return listed(*rows)


class TestRequesting:
    async def test_a_sync_that_was_asked_for_is_followed_to_its_end_and_stands_in_the_row(self) -> None:
        scripted = server(listed(model("invoices"), model("payments")))
        scripted.routes[REQUEST] = Reply(json=JOBS)
        async with opened(scripted) as (workspace, clock):
            await let_pass(clock, lambda: workspace.reading.complete)
            requested = await workspace.request_sync("c1", SyncRequest())
            assert (requested.attached, requested.sync.id, requested.sync.phase) == (False, BATCH, Phase.WAITING)
            assert newest(workspace) == requested.sync
            [watch] = workspace.watcher.watches
            assert watch.latest_sync == requested.sync

            scripted.routes[LIST] = a_list(models("running", "complete"))
            await let_pass(clock, lambda: newest(workspace).phase is Phase.RUNNING, limit=LISTED_AT_REST)
            assert [part.name for part in newest(workspace).parts] == ["Invoices", "Payments"]

            scripted.routes[LIST] = a_list(models("complete", "complete", completed_at=at(6)))
            await let_pass(clock, lambda: watch.finished, limit=60)
            await let_pass(clock, lambda: newest(workspace).phase is Phase.SUCCEEDED, limit=1)
            assert [sync.id for sync in await history(workspace)] == [BATCH]

    async def test_a_sync_that_was_asked_for_is_history_at_once(self) -> None:
        scripted = server(synced("complete", batch=OTHER, made=-30))
        scripted.routes[REQUEST] = Reply(json=JOBS)
        async with opened(scripted, start=False) as (workspace, _):
            await workspace.read_fleet()
            await workspace.request_sync("c1", SyncRequest())
            assert [sync.id for sync in await history(workspace)] == [BATCH, OTHER]

    async def test_a_list_that_does_not_show_it_yet_does_not_hide_it(self) -> None:
        scripted = server(synced("complete", batch=OTHER, made=-30))
        scripted.routes[REQUEST] = Reply(json=JOBS)
        async with opened(scripted, start=False) as (workspace, _):
            await workspace.read_fleet()
            await workspace.request_sync("c1", SyncRequest())
            await workspace.read_fleet()
            assert (newest(workspace).id, newest(workspace).phase) == (BATCH, Phase.WAITING)

    async def test_once_one_was_asked_for_the_list_is_read_the_sooner(self, monkeypatch: pytest.MonkeyPatch) -> None:
        scripted = server(models("complete", "complete"))
        scripted.routes[REQUEST] = Reply(json=[each | {"batch_id": OTHER, "created_at": at(50)} for each in JOBS])
        async with reading(scripted, monkeypatch) as (workspace, clock, readings):
            await read_so_often(readings, clock, 1)
            await workspace.request_sync("c1", SyncRequest())
            await read_so_often(readings, clock, 4)
            # The wait that was under way when it was asked for is seen through.
            assert readings.rests == [about(LISTED_AT_REST), about(LISTED_MOVING), about(LISTED_MOVING)]

    async def test_the_sync_that_runs_already_is_followed_instead(self) -> None:
        scripted = server(listed(model("invoices"), model("payments")))
        scripted.routes[REQUEST] = Reply(409, json={"detail": "A sync is already running for this connection"})
        async with opened(scripted, start=False) as (workspace, _):
            await workspace.read_fleet()
            scripted.routes[LIST] = a_list(models("running", "queued"))
            requested = await workspace.request_sync("c1", SyncRequest())
            assert (requested.attached, requested.sync.id, requested.sync.phase) == (True, BATCH, Phase.RUNNING)
            assert [watch.sync_id for watch in workspace.watcher.watches] == [BATCH]
            assert newest(workspace) == requested.sync

    async def test_where_none_runs_the_refusal_is_told_and_nothing_is_followed(self) -> None:
        scripted = server(synced("complete"))
        scripted.routes[REQUEST] = Reply(409, json={"detail": "Syncing is disabled"})
        async with opened(scripted, start=False) as (workspace, _):
            await workspace.read_fleet()
            before = newest(workspace)
            with pytest.raises(ApiError) as refused:
                await workspace.request_sync("c1", SyncRequest())
            assert refused.value.problem.kind is ProblemKind.CONFLICT
            assert not isinstance(refused.value, SyncConflict)
            assert (newest(workspace), workspace.watcher.watches) == (before, [])

    async def test_a_window_is_refused_before_anything_is_sent(self) -> None:
        scripted = server(synced("complete"))
        async with opened(scripted, start=False) as (workspace, _):
            await workspace.read_fleet()
            with pytest.raises(ApiError) as refused:
                await workspace.request_sync("c1", SyncRequest(days=7))
            assert refused.value.problem.kind is ProblemKind.REFUSED
            assert scripted.asked == [LIST]


class TestChanging:
    async def test_what_was_changed_stands_in_the_row_and_its_newest_sync_stays(self) -> None:
        scripted = server(REST)
        scripted.routes[CHANGE] = Reply(json=listed(name="Second ledger"))
        async with opened(scripted, start=False) as (workspace, _):
            await workspace.read_fleet()
            before = newest(workspace)
            changes: AsyncIterator[Change] = workspace.changes()
            changed = await workspace.update_connection("c1", {"name": "Second ledger"})
            row = workspace.row("c1")
            assert row is not None
            assert row.connection == changed
            assert (row.connection.name, newest(workspace)) == ("Second ledger", before)
            await workspace.close()
            taken = [change async for change in changes]
            assert {FleetChanged(), RowChanged("c1")} <= set(taken)

    async def test_what_would_be_sent_is_shown_and_not_sent(self) -> None:
        scripted = server(REST)
        async with opened(scripted, start=False) as (workspace, _):
            await workspace.read_fleet()
            planned = workspace.planned_update("c1", {"name": "Second ledger"})
            assert (planned.method, planned.url) == ("PATCH", f"{scripted.url}/connections/c1")
            assert "Second ledger" in (planned.body or "")
            assert scripted.asked == [LIST]

    @pytest.mark.parametrize("status", [403, 404, 422, 500])
    async def test_a_refusal_leaves_the_row_as_it_was(self, status: int) -> None:
        scripted = server(REST)
        scripted.routes[CHANGE] = Reply(status)
        async with opened(scripted, start=False) as (workspace, _):
            await workspace.read_fleet()
            before = workspace.row("c1")
            with pytest.raises(ApiError):
                await workspace.update_connection("c1", {"name": "Second ledger"})
            assert workspace.row("c1") == before

    async def test_a_locked_profile_sends_no_change_until_that_action_is_unlocked(self) -> None:
        scripted = server(REST)
        scripted.routes[CHANGE] = Reply(json=listed(name="Second ledger"))
        async with opened(scripted, start=False, read_only=True) as (workspace, _):
            await workspace.read_fleet()
            with pytest.raises(ApiError) as refused:
                await workspace.update_connection("c1", {"name": "Second ledger"})
            assert refused.value.problem.kind is ProblemKind.REFUSED
            assert scripted.asked == [LIST]
            workspace.gate.unlock("update_connection")
            await workspace.update_connection("c1", {"name": "Second ledger"})
            assert scripted.asked == [LIST, CHANGE]

    async def test_a_connection_that_was_made_stands_in_the_list_at_once(self) -> None:
        scripted = server(REST)
        scripted.routes["POST /connections"] = Reply(
            201, json=listed(id="c2", name="New ledger", is_running_setup=True)
        )
        async with opened(scripted, start=False) as (workspace, _):
            await workspace.read_fleet()
            await workspace.create_connection(ConnectionDraft(provider="netsuite", values={"name": "New ledger"}))
            assert [(row.connection.name, row.state.word) for row in workspace.rows] == [
                ("Main ledger", "connected"),
                ("New ledger", "setting up"),
            ]
            assert scripted.asked == [LIST, "POST /connections"]
