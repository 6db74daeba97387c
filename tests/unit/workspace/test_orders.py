"""What a person orders beside new syncs and connections: what is sent, and what the fleet and the watch then show."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from pydantic import SecretStr

from tests.clocks import FakeClock, settle, until
from tests.servers import Reply, ServerRequest
from tests.unit.workspace.bench import Terminal, a_connection, a_list, a_sync, an_issue, current, let_pass, opened
from tui_app.api.errors import ApiError, SyncConflict, Unread
from tui_app.changes import Change, FleetChanged, RowChanged
from tui_app.models.connection import Standing
from tui_app.models.link import LinkDraft
from tui_app.models.passthrough import PassthroughRequest
from tui_app.models.problem import ProblemKind
from tui_app.models.sync import Phase, SyncRequest
from tui_app.workspace import Workspace
from tui_app.workspace.open_issues import RECOUNT
from tui_app.workspace.orders import SETTLING

LIST, ISSUES, CURRENT = "GET /connections", "GET /issues", "GET /connections/current"
FLEET = [a_connection(number) for number in range(3)]
SYNC_ID, OTHER_ID = a_sync(1)["id"], a_sync(2)["id"]
LOOK, RETRY, CANCEL = f"GET /syncs/{SYNC_ID}", f"POST /syncs/{SYNC_ID}/retry", f"POST /syncs/{SYNC_ID}/cancel"
PUBLIC = SecretStr("pub_tkn_9jNzH26e5b9RgErDnRt8zfm5emDUUyyG")


def terminal(**routes: Any) -> Terminal:
    """A server with three connections; routes are added by name."""
    made = Terminal()
    made.routes |= {LIST: a_list(*FLEET), ISSUES: a_list(), CURRENT: current(*FLEET), **routes}
    return made


async def failed(workspace: Workspace, server: Terminal, clock: FakeClock, **fields: Any) -> None:
    """Follow a sync of the first connection to its failure."""
    server.routes[LOOK] = Reply(json=a_sync(1, "failed", failureReason="Provider timeout", **fields))
    await workspace.fleet.read()
    watch = workspace.watch("conn_0", SYNC_ID)
    await let_pass(clock, lambda: watch.finished)
    await settle()


async def while_time_passes(clock: FakeClock, order: Awaitable[Any]) -> Any:
    """What an order brings, with time passing meanwhile."""
    giving = asyncio.ensure_future(order)
    await let_pass(clock, giving.done)
    return await giving


async def told(changes: AsyncIterator[Change], wanted: Change) -> None:
    """Wait until a change is told of."""
    async with asyncio.timeout(5):
        async for change in changes:
            if change == wanted:
                return


class TestRetrying:
    async def test_the_same_sync_is_followed_from_anew_to_its_end(self) -> None:
        server = terminal()
        async with opened(server) as (workspace, clock):
            await failed(workspace, server, clock)
            old = workspace.watcher.find("conn_0", SYNC_ID)
            server.routes |= {
                RETRY: Reply(json={"id": SYNC_ID, "message": "Sync retry requested"}),
                LOOK: Reply(json=a_sync(1, "requested", attempts=2)),
            }
            requested = await workspace.retry_sync("conn_0", SYNC_ID)
            assert (requested.attached, requested.sync.phase) == (False, Phase.WAITING)
            assert workspace.rows[0].state.word == "requested"
            watch = workspace.watch("conn_0", SYNC_ID)
            assert watch is not old
            assert not watch.closed
            server.routes[LOOK] = Reply(json=a_sync(1, "completed", attempts=2))
            await let_pass(clock, lambda: watch.finished)
            await settle()
            assert workspace.rows[0].state.word == "connected"
            assert [one.sync_id for one in workspace.watcher.watches] == [SYNC_ID]

    async def test_a_new_sync_is_followed_beside_the_old_one(self) -> None:
        server = terminal(
            **{
                RETRY: Reply(json={"id": OTHER_ID, "message": "m"}),
                f"GET /syncs/{OTHER_ID}": Reply(json=a_sync(2)),
            }
        )
        async with opened(server) as (workspace, clock):
            await failed(workspace, server, clock)
            requested = await workspace.retry_sync("conn_0", SYNC_ID)
            assert requested.sync.id == OTHER_ID
            assert [watch.sync_id for watch in workspace.watcher.watches] == [SYNC_ID, OTHER_ID]
            assert workspace.rows[0].last_sync == requested.sync
            assert workspace.rows[0].state.word == "syncing"

    async def test_one_that_is_still_told_as_failed_is_given_a_few_seconds_to_begin(self) -> None:
        server = terminal(**{RETRY: Reply(json={"id": SYNC_ID})})
        async with opened(server) as (workspace, clock):
            await failed(workspace, server, clock)
            looks = 0

            def look(_: ServerRequest) -> Reply:
                nonlocal looks
                looks += 1
                return Reply(json=a_sync(1, "failed" if looks < 3 else "in_progress"))

            server.routes[LOOK] = look
            requested = await while_time_passes(clock, workspace.retry_sync("conn_0", SYNC_ID))
            assert requested.sync.phase is Phase.RUNNING
            assert not workspace.watch("conn_0", SYNC_ID).closed

    async def test_one_that_fails_again_at_once_is_waited_for_no_longer(self) -> None:
        server = terminal(**{RETRY: Reply(json={"id": SYNC_ID})})
        async with opened(server) as (workspace, clock):
            await failed(workspace, server, clock)
            began = clock.monotonic()
            requested = await while_time_passes(clock, workspace.retry_sync("conn_0", SYNC_ID))
            assert requested.sync.phase is Phase.FAILED
            assert clock.monotonic() - began == pytest.approx(SETTLING, abs=2)

    async def test_where_another_runs_that_one_is_followed(self) -> None:
        busy = {"code": "conflict", "message": "Busy", "detail": f"Existing sync in progress: {OTHER_ID}"}
        server = terminal(**{RETRY: Reply(409, json=busy), f"GET /syncs/{OTHER_ID}": Reply(json=a_sync(2))})
        async with opened(server, start=False) as (workspace, _):
            await workspace.read_fleet()
            requested = await workspace.retry_sync("conn_0", SYNC_ID)
            assert (requested.attached, requested.sync.id) == (True, OTHER_ID)
            assert [watch.sync_id for watch in workspace.watcher.watches] == [OTHER_ID]

    async def test_where_another_runs_that_nobody_finds_the_refusal_is_told(self) -> None:
        server = terminal(**{RETRY: Reply(409), "GET /syncs": a_list()})
        async with opened(server, start=False) as (workspace, _):
            await workspace.read_fleet()
            with pytest.raises(SyncConflict):
                await workspace.retry_sync("conn_0", SYNC_ID)
            assert workspace.watcher.watches == []

    async def test_one_that_was_taken_but_not_seen_is_followed_all_the_same(self) -> None:
        server = terminal(**{RETRY: Reply(json={"id": SYNC_ID})})
        async with opened(server) as (workspace, clock):
            await failed(workspace, server, clock)
            server.routes[LOOK] = Reply(404)
            with pytest.raises(Unread):
                await while_time_passes(clock, workspace.retry_sync("conn_0", SYNC_ID))
            server.routes[LOOK] = Reply(json=a_sync(1, "in_progress"))
            await let_pass(clock, lambda: workspace.rows[0].state.word == "syncing")

    @pytest.mark.parametrize("status", [403, 404, 422, 500])
    async def test_a_refusal_leaves_everything_as_it_was(self, status: int) -> None:
        server = terminal(**{RETRY: Reply(status)})
        async with opened(server) as (workspace, clock):
            await failed(workspace, server, clock)
            old = workspace.watcher.find("conn_0", SYNC_ID)
            with pytest.raises(ApiError):
                await workspace.retry_sync("conn_0", SYNC_ID)
            assert workspace.watcher.find("conn_0", SYNC_ID) is old
            assert workspace.rows[0].state.word == "failing"


class TestCancelling:
    async def test_it_ends_as_failed_and_the_row_and_the_watch_say_so(self) -> None:
        server = terminal(**{LOOK: Reply(json=a_sync()), CANCEL: Reply(json={"id": SYNC_ID, "message": "m"})})
        async with opened(server) as (workspace, clock):
            await workspace.read_fleet()
            watch = workspace.watch("conn_0", SYNC_ID)
            await let_pass(clock, lambda: watch.latest_sync is not None)
            server.routes[LOOK] = Reply(json=a_sync(1, "failed", failureReason="Sync was cancelled"))
            sync = await workspace.cancel_sync("conn_0", SYNC_ID)
            assert sync.phase is Phase.FAILED
            assert workspace.rows[0].state.word == "failing"
            await let_pass(clock, lambda: watch.finished, limit=2)
            assert workspace.watch("conn_0", SYNC_ID) is watch

    async def test_one_that_nobody_followed_is_followed_until_it_has_ended(self) -> None:
        server = terminal(**{LOOK: Reply(json=a_sync()), CANCEL: Reply(json={"id": SYNC_ID})})
        async with opened(server) as (workspace, clock):
            await workspace.read_fleet()
            assert (await workspace.cancel_sync("conn_0", SYNC_ID)).phase is Phase.RUNNING
            [watch] = workspace.watcher.watches
            server.routes[LOOK] = Reply(json=a_sync(1, "failed"))
            await let_pass(clock, lambda: watch.finished)

    async def test_one_that_was_taken_but_not_seen_is_followed_all_the_same(self) -> None:
        server = terminal(**{LOOK: Reply(404), CANCEL: Reply(json={"id": SYNC_ID})})
        async with opened(server, start=False) as (workspace, _):
            await workspace.read_fleet()
            with pytest.raises(Unread):
                await workspace.cancel_sync("conn_0", SYNC_ID)
            assert [watch.sync_id for watch in workspace.watcher.watches] == [SYNC_ID]

    async def test_a_refusal_leaves_the_sync_running(self) -> None:
        server = terminal(**{LOOK: Reply(json=a_sync()), CANCEL: Reply(422)})
        async with opened(server) as (workspace, clock):
            await workspace.read_fleet()
            watch = workspace.watch("conn_0", SYNC_ID)
            await let_pass(clock, lambda: watch.latest_sync is not None)
            with pytest.raises(ApiError):
                await workspace.cancel_sync("conn_0", SYNC_ID)
            assert not watch.closed


class TestResolving:
    ISSUES = [an_issue(1, 0), an_issue(2, 0), an_issue(3, 1)]
    RESOLVE = "POST /issues/isu_1/resolve"

    def counts(self, workspace: Workspace) -> list[int | None]:
        return [row.open_issues for row in workspace.rows]

    async def test_the_count_of_its_connection_follows_at_once(self) -> None:
        done = Reply(json=self.ISSUES[0] | {"status": "resolved"})
        server = terminal(**{ISSUES: a_list(*self.ISSUES), self.RESOLVE: done})
        async with opened(server) as (workspace, clock):
            await let_pass(clock, lambda: self.counts(workspace) == [2, 1, 0])
            changes = workspace.changes()
            for _ in range(2):  # the second time changes nothing
                issue = await workspace.resolve_issue("isu_1")
                assert not issue.is_open
                assert self.counts(workspace) == [1, 1, 0]
            await told(changes, RowChanged("conn_0"))

    async def test_its_connection_is_known_by_the_issue_where_the_answer_does_not_say(self) -> None:
        done = Reply(json={"id": "isu_1", "status": "resolved", "error": {"code": "x"}})
        server = terminal(**{ISSUES: a_list(*self.ISSUES), self.RESOLVE: done})
        async with opened(server) as (workspace, clock):
            await let_pass(clock, lambda: self.counts(workspace) == [2, 1, 0])
            await workspace.resolve_issue("isu_1")
            assert self.counts(workspace) == [1, 1, 0]

    async def test_one_that_the_server_leaves_open_counts_on(self) -> None:
        server = terminal(**{ISSUES: a_list(*self.ISSUES), self.RESOLVE: Reply(json=self.ISSUES[0])})
        async with opened(server) as (workspace, clock):
            await let_pass(clock, lambda: self.counts(workspace) == [2, 1, 0])
            await workspace.resolve_issue("isu_1")
            assert self.counts(workspace) == [2, 1, 0]

    async def test_a_count_that_began_before_does_not_bring_it_back(self) -> None:
        held = threading.Event()
        done = Reply(json=self.ISSUES[0] | {"status": "resolved"})
        server = terminal(**{ISSUES: a_list(*self.ISSUES), self.RESOLVE: done})
        async with opened(server) as (workspace, clock):
            await let_pass(clock, lambda: self.counts(workspace) == [2, 1, 0])
            server.routes[ISSUES] = Reply(json={"results": self.ISSUES}, wait=held)
            await workspace.read_fleet()
            await until(lambda: len(server.sent(ISSUES)) == 2)
            await workspace.resolve_issue("isu_1")
            changes = workspace.changes()
            held.set()
            await told(changes, FleetChanged())
            assert self.counts(workspace) == [1, 1, 0]

    async def test_where_it_is_observed_again_it_counts_again(self) -> None:
        done = Reply(json=self.ISSUES[0] | {"status": "resolved"})
        server = terminal(**{ISSUES: a_list(*self.ISSUES), self.RESOLVE: done, LOOK: Reply(json=a_sync())})
        async with opened(server) as (workspace, clock):
            await let_pass(clock, lambda: self.counts(workspace) == [2, 1, 0])
            await workspace.resolve_issue("isu_1")
            server.routes[LOOK] = Reply(json=a_sync(issues=["isu_1"]))
            workspace.watch("conn_0", SYNC_ID)
            await let_pass(clock, lambda: self.counts(workspace) == [2, 1, 0], limit=RECOUNT * 2)


class TestConnections:
    DELETE = "DELETE /connections/current"

    async def test_a_deleted_connection_is_on_its_way_out_and_is_looked_at_no_more(self) -> None:
        leaving = FLEET[0] | {"status": "pending_deletion"}
        server = terminal(**{self.DELETE: Reply(202, json={"message": "m"})})
        async with opened(server) as (workspace, clock):
            await let_pass(clock, lambda: workspace.looked_at == 3)
            server.routes[CURRENT] = current(leaving, *FLEET[1:])
            left = await workspace.delete_connection("conn_0")
            assert left is not None
            assert workspace.rows[0].connection.standing is Standing.LEAVING
            assert workspace.rows[0].state.word == "leaving"
            looks = len(server.sent(CURRENT))
            workspace.show(["conn_0"])
            await clock.advance(1)
            assert not [one for one in server.sent(CURRENT)[looks:] if one.headers["connection-token"].endswith("x0")]

    async def test_one_that_is_gone_at_once_goes_from_the_list(self) -> None:
        server = terminal(**{self.DELETE: Reply(202), CURRENT: Reply(404)})
        async with opened(server, start=False) as (workspace, _):
            await workspace.read_fleet()
            assert await workspace.delete_connection("conn_0") is None
            assert [row.id for row in workspace.rows] == ["conn_1", "conn_2"]

    async def test_a_refusal_leaves_it_there(self) -> None:
        async with opened(terminal(**{self.DELETE: Reply(403)}), start=False) as (workspace, _):
            await workspace.read_fleet()
            with pytest.raises(ApiError):
                await workspace.delete_connection("conn_0")
            assert workspace.rows[0].connection.standing is Standing.CONNECTED

    async def test_what_was_changed_stands_in_the_row_with_what_else_is_known(self) -> None:
        changed = FLEET[0] | {"tags": ["vip"], "company": {"name": "Prairie Lines"}}
        server = terminal(**{"PATCH /connections/current": Reply(json=changed)})
        server.routes[CURRENT] = current(*FLEET, lastSync=a_sync())
        async with opened(server) as (workspace, clock):
            await let_pass(clock, lambda: workspace.looked_at == 3)
            planned = workspace.planned_update("conn_0", {"tags": ("vip",)})
            await workspace.update_connection("conn_0", {"tags": ("vip",)})
            assert planned.body == '{"tags": ["vip"]}'
            row = workspace.rows[0]
            assert (row.connection.name, row.connection.tags, row.state.word) == ("Prairie Lines", ["vip"], "syncing")

    async def test_an_archived_connection_is_looked_at_again_once_it_is_connected(self) -> None:
        archived = FLEET[0] | {"status": "archived"}
        server = terminal(**{LIST: a_list(archived, *FLEET[1:]), "PATCH /connections/current": Reply(json=FLEET[0])})
        async with opened(server) as (workspace, clock):
            await let_pass(clock, lambda: workspace.looked_at == 2)
            await workspace.update_connection("conn_0", {"status": "connected"})
            await let_pass(clock, lambda: workspace.looked_at == 3, limit=60)

    async def test_a_public_token_brings_its_connection_into_the_fleet(self) -> None:
        new = a_connection(7)
        server = terminal(**{"POST /public-token/exchange": Reply(json=new)})
        async with opened(server) as (workspace, clock):
            await let_pass(clock, lambda: workspace.looked_at == 3)
            server.routes[CURRENT] = current(*FLEET, new)
            connection = await workspace.exchange_public_token(PUBLIC)
            assert connection.id == "conn_7"
            assert [row.id for row in workspace.rows][-1] == "conn_7"
            await let_pass(clock, lambda: workspace.looked_at == 4, limit=60)

    async def test_a_connection_that_was_there_before_stays_where_it_is(self) -> None:
        server = terminal(**{"POST /public-token/exchange": Reply(json=FLEET[1] | {"tags": ["again"]})})
        async with opened(server, start=False) as (workspace, _):
            await workspace.read_fleet()
            await workspace.exchange_public_token(PUBLIC)
            assert [row.id for row in workspace.rows] == ["conn_0", "conn_1", "conn_2"]
            assert workspace.rows[1].connection.tags == ["again"]


class TestLinks:
    LINK = {"id": "slk_1", "code": "az9qtk2d", "url": "https://term.new/az9qtk2d"}

    async def test_links_that_were_made_here_are_remembered_until_they_are_deleted(self) -> None:
        other = self.LINK | {"id": "slk_2"}
        server = terminal(**{"POST /link/short": Reply(json=self.LINK), "DELETE /link/short/slk_1": Reply(204)})
        async with opened(server, start=False) as (workspace, _):
            await workspace.create_link(LinkDraft())
            server.routes["POST /link/short"] = Reply(json=other)
            await workspace.create_link(LinkDraft(name="Prairie"))
            server.routes["POST /link/short"] = Reply(json=self.LINK, headers={"Idempotent-Replayed": "true"})
            assert (await workspace.create_link(LinkDraft())).replayed
            assert [link.id for link in workspace.links] == ["slk_2", "slk_1"]
            await workspace.delete_link("slk_1")
            assert [link.id for link in workspace.links] == ["slk_2"]
            with pytest.raises(ApiError):
                await workspace.delete_link("slk_2")
            assert [link.id for link in workspace.links] == ["slk_2"]


QUESTION = PassthroughRequest(path="/vehicles")
PLANNED: dict[str, tuple[Callable[[Workspace], Any], Callable[[Workspace], Awaitable[Any]]]] = {
    "POST /syncs": (
        lambda w: w.planned_sync("conn_0", SyncRequest(days=7)),
        lambda w: w.request_sync("conn_0", SyncRequest(days=7)),
    ),
    RETRY: (lambda w: w.planned_retry("conn_0", SYNC_ID), lambda w: w.retry_sync("conn_0", SYNC_ID)),
    CANCEL: (lambda w: w.planned_cancellation("conn_0", SYNC_ID), lambda w: w.cancel_sync("conn_0", SYNC_ID)),
    "POST /issues/isu_1/resolve": (lambda w: w.planned_resolution("isu_1"), lambda w: w.resolve_issue("isu_1")),
    "DELETE /connections/current": (
        lambda w: w.planned_deletion("conn_0"),
        lambda w: w.delete_connection("conn_0"),
    ),
    "POST /public-token/exchange": (
        lambda w: w.planned_exchange(PUBLIC),
        lambda w: w.exchange_public_token(PUBLIC),
    ),
    "POST /link/short": (lambda w: w.planned_link(LinkDraft()), lambda w: w.create_link(LinkDraft())),
    "DELETE /link/short/slk_1": (lambda w: w.planned_link_deletion("slk_1"), lambda w: w.delete_link("slk_1")),
    "POST /passthrough": (
        lambda w: w.planned_passthrough("conn_0", QUESTION),
        lambda w: w.passthrough("conn_0", QUESTION),
    ),
    "POST /passthrough/raw": (
        lambda w: w.planned_passthrough("conn_0", QUESTION, raw=True),
        lambda w: w.passthrough_raw("conn_0", QUESTION),
    ),
}


@pytest.mark.parametrize("route", PLANNED)
async def test_each_request_is_shown_as_it_is_then_sent_and_a_lock_holds_it_back(route: str) -> None:
    planned, send = PLANNED[route]
    server = terminal(**{route: Reply(422)})
    async with opened(server, start=False) as (workspace, _):
        await workspace.read_fleet()
        shown = planned(workspace)
        with pytest.raises(ApiError):
            await send(workspace)
        assert [one.request for one in workspace.recorder if one.method != "GET"] == [shown]
    locked = terminal(**{route: Reply(422)})
    async with opened(locked, start=False, read_only=True) as (workspace, _):
        await workspace.read_fleet()
        assert planned(workspace).method == shown.method
        with pytest.raises(ApiError) as caught:
            await send(workspace)
        assert caught.value.problem.kind is ProblemKind.REFUSED
        assert not [one for one in locked.asked if not one.startswith("GET")]
