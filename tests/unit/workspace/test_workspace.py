"""An open profile: what a person does on it, what it hears, and how it ends."""

from __future__ import annotations

import asyncio
import itertools
import threading
from collections.abc import AsyncIterator
from typing import Any

import pytest
from pydantic import SecretStr

from tests.clocks import FakeClock, settle, until
from tests.servers import Reply, ServerRequest
from tests.unit.workspace.bench import KEY, Terminal, a_connection, a_list, a_sync, current, let_pass, opened
from tui_app.api.errors import ApiError, SyncConflict
from tui_app.api.kinds import KINDS
from tui_app.changes import Broken, Change, FleetChanged, RowChanged, ServerChanged, Watched
from tui_app.config.profiles import built_in_profiles
from tui_app.models.connection import Backfill, ConnectionDraft
from tui_app.models.fleet import FleetRow
from tui_app.models.observation import Observation
from tui_app.models.problem import ProblemKind
from tui_app.models.profile import Environment, Profile
from tui_app.models.sync import Phase, SyncRequest
from tui_app.opening import EmbeddedServer, open_workspace
from tui_app.sandbox.steering import DEMO_SPEED
from tui_app.workspace import Workspace
from tui_app.workspace.fleet import Fleet
from tui_app.workspace.open_issues import OpenIssues
from tui_app.workspace.rows import Rows

LIST, ISSUES, CURRENT = "GET /connections", "GET /issues", "GET /connections/current"
FLEET = [a_connection(number) for number in range(3)]
DRAFT = ConnectionDraft(
    provider="geotab",
    credentials={"username": SecretStr("u"), "password": SecretStr("p"), "database": SecretStr("d")},
    company_name="Prairie Lines",
    backfill=Backfill(days=7),
)
SYNC_ID = a_sync()["id"]
Embedded = tuple[Workspace, FakeClock]


def terminal(**routes: Any) -> Terminal:
    """A server with three connections; routes are added by name."""
    made = Terminal()
    made.routes |= {LIST: a_list(*FLEET), ISSUES: a_list(), CURRENT: current(*FLEET), **routes}
    return made


def asked_for(connection_id: str, server: Terminal) -> list[ServerRequest]:
    """The requests for one connection as it is now, which its token tells."""
    (token,) = (each["token"] for each in FLEET if each["id"] == connection_id)
    return [each for each in server.sent(CURRENT) if each.headers["connection-token"] == token]


async def heard(changes: AsyncIterator[Change], into: list[Change]) -> None:
    async for change in changes:
        into.append(change)


class TestOverTheEmbeddedServer:
    async def test_the_main_job_is_played_from_the_list_to_the_end_of_a_sync(self, embedded: Embedded) -> None:
        workspace, clock = embedded
        changes: list[Change] = []
        hearing = asyncio.create_task(heard(workspace.changes(), changes))
        workspace.start()
        await let_pass(clock, lambda: workspace.reading.complete)
        created = await workspace.create_connection(DRAFT)
        row = workspace.row(created.id)
        assert row is not None
        assert (row.connection.name, row.state.word, row.open_issues) == ("Prairie Lines", "connected", 0)

        requested = await workspace.request_sync(created.id, SyncRequest(days=7))
        assert not requested.attached
        row = workspace.row(created.id)
        assert row is not None
        assert (row.state.word, row.last_sync) == ("requested", requested.sync)

        watch = workspace.watch(created.id, requested.sync.id)
        await let_pass(clock, lambda: watch.finished, step=2, limit=3600)
        # What the watch saw is passed on by a task of its own.
        await until(lambda: bool((r := workspace.row(created.id)) and r.last_sync and r.last_sync.phase.is_final))
        row = workspace.row(created.id)
        assert row is not None
        assert row.last_sync is not None
        assert row.last_sync.phase is Phase.SUCCEEDED
        assert row.state.word == "connected"
        progress = {seen.sync.progress for seen in watch.observations if seen.sync is not None}
        assert len(progress) >= 10

        def told() -> list[Observation]:
            watched = [change.observation for change in changes if isinstance(change, Watched)]
            return [seen for seen in watched if seen.sync_id == requested.sync.id]

        await until(lambda: told()[-1] == watch.latest)  # by a task of its own, too
        assert RowChanged(created.id) in changes
        if row.last_sync.issue_ids:
            await let_pass(clock, lambda: bool((r := workspace.row(created.id)) and r.open_issues), limit=60)
        hearing.cancel()

    async def test_every_connection_that_can_be_looked_at_is(self, embedded: Embedded) -> None:
        workspace, clock = embedded
        workspace.start()
        await let_pass(clock, lambda: workspace.reading.complete)
        assert 0 < workspace.to_look_at < len(workspace.rows)
        await let_pass(clock, lambda: workspace.looked_at == workspace.to_look_at, limit=60)

    async def test_rows_on_screen_are_looked_at_first(self, embedded: Embedded) -> None:
        workspace, clock = embedded
        await workspace.read_fleet()
        shown = [row.id for row in workspace.rows if row.state.word == "connected"][-3:]
        workspace.show(shown)
        workspace.start()
        await let_pass(clock, lambda: workspace.looked_at >= 3, step=0.01)
        assert {row.id for row in workspace.rows if row.looked_at} >= set(shown)

    async def test_it_is_simulated_and_may_be_changed(self, embedded: Embedded) -> None:
        workspace, _ = embedded
        assert workspace.environment is Environment.SIMULATED
        assert (workspace.gate.locked, workspace.speed) == (False, 0)

    async def test_a_second_request_follows_the_sync_that_runs(self, embedded: Embedded) -> None:
        workspace, _ = embedded
        await workspace.read_fleet()
        created = await workspace.create_connection(DRAFT)
        first = await workspace.request_sync(created.id, SyncRequest())
        second = await workspace.request_sync(created.id, SyncRequest())
        assert (second.attached, second.sync.id) == (True, first.sync.id)
        assert len(workspace.watcher.watches) == 1

    async def test_providers_are_asked_for_once(self, embedded: Embedded) -> None:
        workspace, _ = embedded
        before = len(workspace.recorder)
        assert await workspace.providers() is await workspace.providers()
        assert len(workspace.recorder) == before + 1

    async def test_syncs_are_read_as_far_as_asked(self, embedded: Embedded) -> None:
        workspace, _ = embedded
        await workspace.read_fleet()
        busiest = workspace.rows[0].id
        count = sum([len(page.items) async for page in workspace.syncs(busiest, most=2)])
        assert count == 2

    async def test_a_planned_request_is_shown_and_not_sent(self, embedded: Embedded) -> None:
        workspace, _ = embedded
        before = len(workspace.recorder)
        assert workspace.planned_connection(DRAFT).method == "POST"
        assert len(workspace.recorder) == before


class TestRequesting:
    async def request(self, server: Terminal) -> tuple[Workspace, Any]:
        async with opened(server, start=False) as (workspace, clock):
            await workspace.read_fleet()
            asking = asyncio.create_task(workspace.request_sync("conn_0", SyncRequest()))
            await let_pass(clock, asking.done)
            return workspace, asking

    async def test_the_sync_that_a_409_names_is_followed(self) -> None:
        conflict = Reply(409, json={"code": "conflict", "message": "Busy", "detail": f"Existing sync: {SYNC_ID}"})
        server = terminal(**{"POST /syncs": conflict, f"GET /syncs/{SYNC_ID}": Reply(json=a_sync(progress=40))})
        workspace, asked = await self.request(server)
        assert asked.result().attached
        assert asked.result().sync.progress == 40
        assert [watch.sync_id for watch in workspace.watcher.watches] == [SYNC_ID]
        assert workspace.rows[0].state.word == "syncing"

    async def test_where_a_409_names_none_the_sync_that_runs_is_searched(self) -> None:
        server = terminal(
            **{
                "POST /syncs": Reply(409, json={"code": "conflict", "message": "Busy"}),
                "GET /syncs": a_list(a_sync(2, "completed"), a_sync(1)),
                f"GET /syncs/{SYNC_ID}": Reply(json=a_sync()),
            }
        )
        _, asked = await self.request(server)
        assert (asked.result().attached, asked.result().sync.id) == (True, SYNC_ID)

    async def test_where_none_is_found_the_refusal_is_told_and_nothing_changes(self) -> None:
        server = terminal(
            **{"POST /syncs": Reply(409, json={"code": "conflict", "message": "Busy"}), "GET /syncs": a_list()}
        )
        workspace, asked = await self.request(server)
        assert isinstance(asked.exception(), SyncConflict)
        assert (workspace.rows[0].last_sync, workspace.watcher.watches) == (None, [])

    @pytest.mark.parametrize("status", [401, 403, 422, 500])
    async def test_a_refusal_leaves_the_row_as_it_was(self, status: int) -> None:
        workspace, asked = await self.request(terminal(**{"POST /syncs": Reply(status)}))
        assert isinstance(asked.exception(), ApiError)
        assert (workspace.rows[0].last_sync, workspace.watcher.watches) == (None, [])

    async def test_a_look_that_was_asked_before_does_not_hide_the_new_sync(self) -> None:
        held = threading.Event()
        old = FLEET[0] | {"lastSync": a_sync(1, "failed")}
        server = terminal(
            **{CURRENT: Reply(json=old, wait=held), "POST /syncs": Reply(201, json=a_sync(2, "requested"))}
        )
        async with opened(server, start=False) as (workspace, _):
            await workspace.read_fleet()
            looking = asyncio.create_task(workspace.read_connection("conn_0"))
            await until(lambda: bool(server.sent(CURRENT)))
            await workspace.request_sync("conn_0", SyncRequest())
            held.set()
            await looking
            assert workspace.rows[0].state.word == "requested"

    async def test_a_connection_that_went_while_its_sync_was_asked_for_is_no_fault(self) -> None:
        held = threading.Event()
        server = terminal(**{"POST /syncs": Reply(201, json=a_sync(), wait=held)})
        async with opened(server, start=False) as (workspace, clock):
            await workspace.read_fleet()
            asking = asyncio.create_task(workspace.request_sync("conn_0", SyncRequest()))
            await until(lambda: bool(server.sent("POST /syncs")))
            server.routes[LIST] = a_list(*FLEET[1:])
            await workspace.read_fleet()
            assert workspace.row("conn_0") is None
            held.set()
            await let_pass(clock, asking.done)
            assert asking.result().sync.id == SYNC_ID


class TestLocks:
    async def test_a_locked_profile_sends_no_change_until_that_action_is_unlocked(self) -> None:
        server = terminal(**{"POST /syncs": Reply(201, json=a_sync())})
        async with opened(server, start=False, read_only=True) as (workspace, _):
            await workspace.read_fleet()
            with pytest.raises(ApiError) as refused:
                await workspace.request_sync("conn_0", SyncRequest())
            assert refused.value.problem.kind is ProblemKind.REFUSED
            assert server.sent("POST /syncs") == []
            workspace.gate.unlock("request_sync")
            await workspace.request_sync("conn_0", SyncRequest())
            assert len(server.sent("POST /syncs")) == 1

    @pytest.mark.parametrize(
        ("url", "key", "read_only", "locked"),
        [
            ("https://api.withterminal.com", "sk_prod_x", None, True),
            ("https://api.withterminal.com", "sk_prod_x", False, True),
            ("https://api.sandbox.withterminal.com", "sk_sandbox_x", None, False),
            ("https://api.sandbox.withterminal.com", "sk_sandbox_x", True, True),
            ("https://other.example.com", "x", None, True),
            ("http://127.0.0.1:9", "sk_prod_x", None, True),
        ],
    )
    async def test_production_is_locked_whatever_the_profile_says_and_others_where_it_does(
        self, url: str, key: str, read_only: bool | None, locked: bool
    ) -> None:
        workspace = Workspace(
            Profile(name="x", kind="terminal", base_url=url, read_only=read_only), url, SecretStr(key)
        )
        assert workspace.gate.locked is locked
        await workspace.close()


class TestLooking:
    async def test_a_look_that_fails_keeps_what_was_seen_and_one_that_succeeds_ends_the_problem(self) -> None:
        server = terminal(**{CURRENT: current(*FLEET, lastSync=a_sync())})
        async with opened(server) as (workspace, clock):
            await let_pass(clock, lambda: workspace.looked_at == 3)
            server.routes[CURRENT] = Reply(500)
            await let_pass(clock, lambda: workspace.rows[0].problem is not None, step=1)
            assert workspace.rows[0].state.word == "syncing"
            server.routes[CURRENT] = current(*FLEET, lastSync=a_sync(status="completed"))
            await let_pass(clock, lambda: workspace.rows[0].problem is None, step=1)
            assert workspace.rows[0].state.word == "connected"

    async def test_a_row_is_kept_once_for_each_look_and_its_connection_as_it_was_where_that_is_so(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        server = terminal(**{CURRENT: current(*FLEET, lastSync=a_sync())})
        async with opened(server) as (workspace, clock):
            await let_pass(clock, lambda: workspace.looked_at == 3)
            kept: list[FleetRow] = []
            keep = Rows.keep

            def noted(rows: Rows, row: FleetRow, **how: Any) -> None:
                kept.append(row)
                keep(rows, row, **how)

            monkeypatch.setattr(Rows, "keep", noted)
            before = workspace.rows[0]
            await workspace.read_connection("conn_0")
            [row] = [each for each in kept if each.id == "conn_0"]
            assert workspace.rows[0] == row
            assert row.connection is before.connection
            server.routes[CURRENT] = current(*(each | {"tags": ["new"]} for each in FLEET), lastSync=a_sync())
            await workspace.read_connection("conn_0")
            assert workspace.rows[0].connection.tags == ["new"]

    async def test_reading_a_connection_that_fails_is_told_and_keeps_the_row(self) -> None:
        server = terminal(**{CURRENT: Reply(403)})
        async with opened(server, start=False) as (workspace, _):
            await workspace.read_fleet()
            with pytest.raises(ApiError):
                await workspace.read_connection("conn_0")
            assert workspace.rows[0].looked_at is None

    async def test_what_a_watch_sees_stands_in_the_row(self) -> None:
        server = terminal(**{f"GET /syncs/{SYNC_ID}": Reply(json=a_sync(progress=12))})
        async with opened(server) as (workspace, clock):
            await let_pass(clock, lambda: workspace.looked_at == 3)
            workspace.watch("conn_1", SYNC_ID)
            await let_pass(clock, lambda: workspace.rows[1].last_sync is not None)
            server.routes[f"GET /syncs/{SYNC_ID}"] = Reply(json=a_sync(progress=50))
            await let_pass(clock, lambda: bool((s := workspace.rows[1].last_sync) and s.progress == 50))

    async def test_while_a_sync_is_followed_on_screen_its_connection_is_not_asked_for_the_same(self) -> None:
        percent = itertools.count(1)

        def moving(request: ServerRequest) -> Reply:
            return current(*FLEET, lastSync=a_sync(progress=next(percent) % 100))(request)

        def sync(request: ServerRequest) -> Reply:
            return Reply(json=a_sync(progress=next(percent) % 100))

        server = terminal(**{CURRENT: moving, f"GET /syncs/{SYNC_ID}": sync})
        async with opened(server) as (workspace, clock):
            await let_pass(clock, lambda: workspace.looked_at == 3)
            workspace.show(["conn_1"])
            watch = workspace.watch("conn_1", SYNC_ID)
            await let_pass(clock, lambda: watch.looked_at is not None)

            async def asked_within_a_minute() -> int:
                asked, end = len(asked_for("conn_1", server)), clock.monotonic() + 60
                await let_pass(clock, lambda: clock.monotonic() > end)
                return len(asked_for("conn_1", server)) - asked

            assert await asked_within_a_minute() <= 5
            watch.visible = False
            assert await asked_within_a_minute() > 10

    async def test_watching_an_older_sync_does_not_stand_for_the_newest(self) -> None:
        newest, older = a_sync(5, "failed"), a_sync(1, "in_progress")
        server = terminal(**{CURRENT: current(*FLEET, lastSync=newest), f"GET /syncs/{SYNC_ID}": Reply(json=older)})
        async with opened(server) as (workspace, clock):
            await let_pass(clock, lambda: workspace.looked_at == 3)
            watch = workspace.watch("conn_1", SYNC_ID)
            await let_pass(clock, lambda: watch.latest_sync is not None)
            await settle()
            assert workspace.rows[1].state.word == "failing"


class TestChanges:
    async def test_equal_changes_that_were_not_taken_yet_are_one(self) -> None:
        async with opened(terminal(), start=False) as (workspace, _):
            changes = workspace.changes()
            for _ in range(3):
                await workspace.read_fleet()
            await workspace.close()
            async with asyncio.timeout(5):
                taken = [change async for change in changes]
            assert [change for change in taken if isinstance(change, FleetChanged)] == [FleetChanged()]
            assert ServerChanged() in taken

    async def test_every_listener_hears_every_change(self) -> None:
        async with opened(terminal(), start=False) as (workspace, _):
            both = [workspace.changes(), workspace.changes()]
            await workspace.read_fleet()
            assert [await anext(each) for each in both] == [FleetChanged(), FleetChanged()]

    async def test_changes_end_when_the_workspace_closes(self) -> None:
        async with opened(terminal()) as (workspace, _):
            taken: list[Change] = []
            hearing = asyncio.create_task(heard(workspace.changes(), taken))
            await until(lambda: bool(taken))
            await workspace.close()
            await asyncio.wait_for(hearing, 5)

    async def test_who_asks_after_the_end_hears_nothing_and_does_not_wait(self) -> None:
        async with opened(terminal()) as (workspace, _):
            await workspace.close()
            async with asyncio.timeout(5):
                assert [change async for change in workspace.changes()] == []

    async def test_a_change_of_the_lock_is_told(self) -> None:
        async with opened(terminal(), start=False, read_only=True) as (workspace, _):
            changes = workspace.changes()
            workspace.gate.unlock("request_sync")
            assert await anext(changes) == ServerChanged()

    @pytest.mark.parametrize(("kind", "broken"), [(Fleet, "_looked"), (OpenIssues, "count"), (Fleet, "take")])
    async def test_a_fault_of_ours_in_what_runs_by_itself_is_told(
        self, kind: type, broken: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(*_: object) -> None:
            raise ZeroDivisionError("division by zero")

        monkeypatch.setattr(kind, broken, fail)
        taken: list[Change] = []
        async with opened(terminal(), start=False) as (workspace, clock):
            hearing = asyncio.create_task(heard(workspace.changes(), taken))
            workspace.start()
            await let_pass(clock, lambda: any(isinstance(change, Broken) for change in taken))
            assert Broken("ZeroDivisionError: division by zero") in taken
            assert not workspace.reading.loading
            hearing.cancel()


class TestTheEnd:
    async def test_closing_ends_everything_that_runs_and_nothing_is_sent_any_more(self) -> None:
        server = terminal(**{f"GET /syncs/{SYNC_ID}": Reply(json=a_sync())})
        others = asyncio.all_tasks()
        async with opened(server) as (workspace, clock):
            await let_pass(clock, lambda: workspace.looked_at == 3)
            workspace.watch("conn_0", SYNC_ID)
            await let_pass(clock, lambda: bool(server.sent(f"GET /syncs/{SYNC_ID}")))
            await workspace.close()
            assert asyncio.all_tasks() == others
            sent = len(server.server.requests)
            await clock.advance(1000)
            await asyncio.to_thread(lambda: None)
            assert len(server.server.requests) == sent
            with pytest.raises(ApiError):
                await workspace.providers()

    async def test_closing_while_answers_are_awaited_does_not_wait_for_them(self) -> None:
        held = threading.Event()
        server = terminal(**{LIST: Reply(json={"results": []}, wait=held)})
        async with opened(server) as (workspace, _):
            await until(lambda: bool(server.sent(LIST)))
            async with asyncio.timeout(5):
                await workspace.close()
            assert not workspace.reading.loading
            held.set()

    async def test_closing_twice_is_closing_once(self) -> None:
        async with opened(terminal()) as (workspace, _):
            await workspace.close()
            await workspace.close()


def embedded_profiles() -> list[Profile]:
    return [profile for profile in built_in_profiles() if profile.embedded]


DEMO = embedded_profiles()[0]


def sandbox_threads() -> set[threading.Thread]:
    return {thread for thread in threading.enumerate() if thread.name == "sandbox"}


class TestOpening:
    async def test_the_demo_brings_its_own_server_and_key(self) -> None:
        others = sandbox_threads()  # of tests that share a server
        embedded = EmbeddedServer()
        workspace = await open_workspace(DEMO, None, FakeClock(), embedded)
        try:
            await workspace.read_fleet()
            assert workspace.reading.complete
            assert len(workspace.rows) > 30
            assert (workspace.speed, workspace.environment) == (DEMO_SPEED, Environment.SIMULATED)
        finally:
            await workspace.close()
            await embedded.stop()
        assert sandbox_threads() <= others

    async def test_the_profiles_of_the_embedded_server_share_it(self) -> None:
        others = sandbox_threads()
        embedded = EmbeddedServer()
        try:
            opened = [await open_workspace(profile, None, FakeClock(), embedded) for profile in embedded_profiles()]
            assert len(opened) == len(KINDS)
            assert len({workspace.base_url for workspace in opened}) == len(opened)
            assert len({id(workspace.sandbox) for workspace in opened}) == 1
            for workspace in opened:
                await workspace.read_fleet()
                assert workspace.reading.complete
                assert workspace.rows
                await workspace.close()
            assert len(sandbox_threads() - others) == 1
        finally:
            await embedded.stop()
        assert sandbox_threads() <= others

    async def test_another_server_needs_a_key(self) -> None:
        profile = Profile(name="mine", kind="terminal", base_url="http://127.0.0.1:9")
        with pytest.raises(ApiError) as refused:
            await open_workspace(profile, None, None, EmbeddedServer())
        assert refused.value.problem.kind is ProblemKind.UNAUTHORIZED
        workspace = await open_workspace(profile, SecretStr(KEY), None, EmbeddedServer())
        assert (workspace.sandbox, workspace.speed) == (None, None)
        await workspace.close()

    async def test_a_kind_that_nobody_knows_is_refused_with_those_that_there_are(self) -> None:
        profile = Profile(name="mine", kind="pigeon", base_url="http://127.0.0.1:9")
        with pytest.raises(ApiError) as refused:
            await open_workspace(profile, SecretStr(KEY), None, EmbeddedServer())
        assert "pigeon" in refused.value.problem.title
        assert all(kind in refused.value.problem.meaning for kind in KINDS)

    async def test_who_leaves_while_the_embedded_server_starts_leaves_none_behind(self) -> None:
        others = sandbox_threads()
        embedded = EmbeddedServer()
        opening = asyncio.create_task(open_workspace(DEMO, None, None, embedded))
        await settle()
        opening.cancel()
        with pytest.raises(asyncio.CancelledError):
            await opening
        await embedded.stop()
        assert not sandbox_threads() - others
