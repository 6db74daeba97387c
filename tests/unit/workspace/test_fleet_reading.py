"""Reading the list of connections and counting their issues: what is known stays, and trouble passes by itself."""

from __future__ import annotations

import asyncio
import threading
from datetime import datetime, timedelta

import pytest
from pydantic import SecretStr

from tests.clocks import until
from tests.servers import Reply, ServerRequest, pages
from tests.unit.workspace.bench import Terminal, a_connection, a_list, a_sync, an_issue, current, let_pass, opened, read
from tui_app.changes import FleetChanged
from tui_app.models.connection import ConnectionDraft
from tui_app.models.problem import ProblemKind
from tui_app.workspace import Workspace
from tui_app.workspace.listing import CHANGES, OVERLAP, RETRY_FIRST
from tui_app.workspace.open_issues import RECOUNT

LIST, ISSUES, CURRENT = "GET /connections", "GET /issues", "GET /connections/current"
FLEET = [a_connection(number) for number in range(3)]


def terminal() -> Terminal:
    """A server with three connections and no issues."""
    made = Terminal()
    made.routes |= {LIST: a_list(*FLEET), ISSUES: a_list(), CURRENT: current(*FLEET)}
    return made


def ids(workspace: Workspace) -> list[str]:
    return [row.id for row in workspace.rows]


def of_the_whole_list(server: Terminal) -> list[ServerRequest]:
    """The requests for all of it: from time to time it is also asked what has changed."""
    return [request for request in server.sent(LIST) if "updatedAfter" not in request.query]


def asked_what_changed(server: Terminal) -> list[ServerRequest]:
    return [request for request in server.sent(LIST) if "updatedAfter" in request.query]


class TestReading:
    async def test_every_page_is_read_in_the_servers_order(self) -> None:
        server = terminal()
        server.routes[LIST] = pages([FLEET[2]], [], FLEET[:2])
        async with opened(server, start=False) as (workspace, clock):
            assert (workspace.rows, workspace.reading.complete, workspace.reading.read_at) == ([], False, None)
            await read(workspace, clock)
            assert ids(workspace) == ["conn_2", "conn_0", "conn_1"]
            assert (workspace.reading.loading, workspace.reading.complete) == (False, True)
            assert workspace.reading.read_at is not None

    async def test_rows_are_there_while_later_pages_are_still_read(self) -> None:
        held = threading.Event()
        server = terminal()
        first, second = Reply(json={"results": FLEET[:1], "next": "c1"}), Reply(json={"results": FLEET[1:]}, wait=held)
        server.routes[LIST] = lambda request: second if "cursor" in request.query else first
        async with opened(server, start=False) as (workspace, _):
            reading = asyncio.create_task(workspace.read_fleet())
            await until(lambda: ids(workspace) == ["conn_0"])
            assert (workspace.reading.loading, workspace.reading.complete) == (True, False)
            held.set()
            await reading
            assert len(workspace.rows) == 3

    async def test_a_row_that_is_gone_is_removed_at_the_end(self) -> None:
        server = terminal()
        async with opened(server, start=False) as (workspace, clock):
            await read(workspace, clock)
            server.routes[LIST] = a_list(FLEET[0], a_connection(7))
            await read(workspace, clock)
            assert ids(workspace) == ["conn_0", "conn_7"]
            assert workspace.row("conn_1") is None

    async def test_a_row_that_cannot_be_read_is_kept_with_its_reason(self) -> None:
        server = terminal()
        server.routes[LIST] = a_list(FLEET[0], {"id": "conn_odd"})
        async with opened(server, start=False) as (workspace, clock):
            await read(workspace, clock)
            assert ids(workspace) == ["conn_0"]
            assert [row.id for row in workspace.unreadable] == ["conn_odd"]
            assert workspace.reading.complete

    async def test_what_was_seen_of_a_row_stays_when_it_is_listed_again(self) -> None:
        server = terminal()
        server.routes[CURRENT] = current(*FLEET, lastSync=a_sync(status="failed"))
        async with opened(server, start=False) as (workspace, clock):
            await read(workspace, clock)
            await workspace.read_connection("conn_0")
            server.routes[LIST] = a_list(a_connection(0, company={"name": "Renamed"}))
            await read(workspace, clock)
            [row] = workspace.rows
            assert (row.connection.name, row.state.word) == ("Renamed", "failing")

    async def test_an_answer_without_a_token_takes_none_away(self) -> None:
        server = terminal()
        server.routes[CURRENT] = current(*FLEET, token=None)
        async with opened(server) as (workspace, clock):
            await let_pass(clock, lambda: workspace.looked_at == 3)
            assert all(row.connection.token for row in workspace.rows)
            asked = len(server.sent(CURRENT))
            workspace.fleet.show(row.id for row in workspace.rows)
            await let_pass(clock, lambda: len(server.sent(CURRENT)) >= asked + 3, limit=200)

    @pytest.mark.parametrize("status", [401, 403, 500, 503])
    async def test_a_problem_keeps_the_rows_and_says_what_it_is(self, status: int) -> None:
        server = terminal()
        async with opened(server, start=False) as (workspace, clock):
            await read(workspace, clock)
            before = workspace.reading.read_at
            server.routes[LIST] = Reply(status)
            await read(workspace, clock)
            assert len(workspace.rows) == 3
            assert workspace.reading.problem is not None
            assert workspace.reading.problem.status == status
            assert (workspace.reading.loading, workspace.reading.complete) == (False, False)
            assert workspace.reading.read_at == before

    async def test_a_problem_halfway_removes_nothing(self) -> None:
        server = terminal()
        async with opened(server, start=False) as (workspace, clock):
            await read(workspace, clock)
            halfway = Reply(json={"results": FLEET[:1], "next": "c1"})
            server.routes[LIST] = lambda request: Reply(403) if "cursor" in request.query else halfway
            await read(workspace, clock)
            assert len(workspace.rows) == 3

    async def test_two_who_ask_share_one_reading(self) -> None:
        server = terminal()
        async with opened(server, start=False) as (workspace, _):
            await asyncio.gather(workspace.read_fleet(), workspace.read_fleet())
            assert len(server.sent(LIST)) == 1

    async def test_who_asked_may_leave_and_the_reading_goes_on(self) -> None:
        held = threading.Event()
        server = terminal()
        server.routes[LIST] = Reply(json={"results": FLEET}, wait=held)
        async with opened(server, start=False) as (workspace, clock):
            leaving = asyncio.create_task(workspace.read_fleet())
            await until(lambda: workspace.reading.loading)
            leaving.cancel()
            await asyncio.gather(leaving, return_exceptions=True)
            held.set()
            await let_pass(clock, lambda: workspace.reading.complete)
            assert len(server.sent(LIST)) == 1

    async def test_a_connection_made_while_the_list_is_read_stays(self) -> None:
        held = threading.Event()
        server = terminal()
        server.routes[LIST] = Reply(json={"results": FLEET}, wait=held)
        server.routes["POST /connections"] = Reply(201, json=a_connection(9))
        async with opened(server, start=False) as (workspace, _):
            reading = asyncio.create_task(workspace.read_fleet())
            await until(lambda: workspace.reading.loading)
            await workspace.create_connection(ConnectionDraft(provider="geotab", credentials={"x": SecretStr("y")}))
            held.set()
            await reading
            assert "conn_9" in ids(workspace)

    async def test_a_connection_made_here_is_looked_at_though_nobody_shows_it(self) -> None:
        server = terminal()
        server.routes["POST /connections"] = Reply(201, json=a_connection(9))
        server.routes[CURRENT] = current(*FLEET, a_connection(9))
        async with opened(server) as (workspace, clock):
            await let_pass(clock, lambda: workspace.looked_at == 3)
            await workspace.create_connection(ConnectionDraft(provider="geotab", credentials={"x": SecretStr("y")}))
            await let_pass(clock, lambda: workspace.looked_at == 4)


class TestRecovering:
    async def test_a_list_that_could_not_be_read_is_read_again_by_itself(self) -> None:
        server = terminal()
        server.routes[LIST] = Reply(503)
        async with opened(server) as (workspace, clock):
            await let_pass(clock, lambda: workspace.reading.problem is not None)
            tries = len(server.sent(LIST))
            await clock.advance(RETRY_FIRST - 1)
            assert len(server.sent(LIST)) == tries
            server.routes[LIST] = a_list(*FLEET)
            await let_pass(clock, lambda: workspace.reading.complete, limit=RETRY_FIRST)
            assert (len(workspace.rows), workspace.reading.problem) == (3, None)

    async def test_it_waits_as_long_as_the_server_asks(self) -> None:
        server = terminal()
        server.routes[LIST] = Reply(429, headers={"Retry-After": "90"})
        async with opened(server) as (workspace, clock):
            await let_pass(clock, lambda: workspace.reading.problem is not None)
            tries = len(server.sent(LIST))
            await clock.advance(89)
            assert len(server.sent(LIST)) == tries
            server.routes[LIST] = a_list(*FLEET)
            await let_pass(clock, lambda: workspace.reading.complete, limit=2)

    async def test_a_later_reading_that_fails_is_repeated_by_itself_too(self) -> None:
        server = terminal()
        async with opened(server) as (workspace, clock):
            await let_pass(clock, lambda: workspace.reading.complete)
            server.routes[LIST] = Reply(503)
            await read(workspace, clock)
            assert not workspace.reading.complete
            server.routes[LIST] = a_list(*FLEET)
            await let_pass(clock, lambda: workspace.reading.complete, limit=RETRY_FIRST + 1)

    async def test_what_a_person_read_meanwhile_is_not_read_again(self) -> None:
        server = terminal()
        server.routes[LIST] = Reply(503)
        async with opened(server) as (workspace, clock):
            await let_pass(clock, lambda: workspace.reading.problem is not None)
            server.routes[LIST] = a_list(*FLEET)
            await read(workspace, clock)
            reads = len(of_the_whole_list(server))
            await let_pass(clock, lambda: clock.monotonic() > 300, step=10)
            assert len(of_the_whole_list(server)) == reads

    async def test_what_trying_again_does_not_mend_is_not_tried_again(self) -> None:
        server = terminal()
        server.routes[LIST] = Reply(401)
        async with opened(server) as (workspace, clock):
            await let_pass(clock, lambda: workspace.reading.problem is not None)
            await let_pass(clock, lambda: clock.monotonic() > 300, step=10)
            assert len(server.sent(LIST)) == 1
            assert workspace.reading.problem is not None
            assert workspace.reading.problem.kind is ProblemKind.UNAUTHORIZED


class TestChanges:
    async def test_what_somebody_else_made_is_there_after_a_minute(self) -> None:
        server = terminal()
        async with opened(server) as (workspace, clock):
            await let_pass(clock, lambda: workspace.reading.complete)
            server.routes[LIST] = lambda request: (
                a_list(a_connection(7)) if "updatedAfter" in request.query else a_list(*FLEET)
            )
            await let_pass(clock, lambda: len(workspace.rows) == 4, limit=CHANGES + 1)
            assert ids(workspace)[-1] == "conn_7"
            assert workspace.reading.complete

    async def test_each_time_from_shortly_before_the_last(self) -> None:
        server = terminal()
        async with opened(server) as (workspace, clock):
            await let_pass(clock, lambda: len(asked_what_changed(server)) == 3, step=1)
            readings = [each for each in workspace.recorder if each.url.partition("?")[0].endswith("/connections")]
            assert len(readings) == 4
            after = [datetime.fromisoformat(each.query["updatedAfter"]) for each in asked_what_changed(server)]
            for before, asked in zip(readings, after, strict=False):
                assert timedelta(0) <= before.started_at - OVERLAP - asked < timedelta(seconds=10)

    async def test_what_is_not_among_them_is_not_gone(self) -> None:
        server = terminal()

        def answer(request: ServerRequest) -> Reply:
            if "cursor" in request.query:
                return Reply(410)  # and so it is asked once more from the first page
            more = {} if len(asked_what_changed(server)) > 2 else {"next": "c1"}
            return Reply(json={"results": FLEET[:1], **more})

        async with opened(server) as (workspace, clock):
            await let_pass(clock, lambda: workspace.reading.complete)
            server.routes[LIST] = answer
            await let_pass(clock, lambda: len(asked_what_changed(server)) > 3, step=1)
            assert ids(workspace) == ["conn_0", "conn_1", "conn_2"]
            assert (workspace.reading.complete, workspace.reading.problem) == (True, None)

    @pytest.mark.parametrize("status", [400, 404, 422])
    async def test_a_server_that_tells_none_is_asked_once_and_its_list_stands(self, status: int) -> None:
        server = terminal()
        async with opened(server) as (workspace, clock):
            await let_pass(clock, lambda: workspace.reading.complete)
            server.routes[LIST] = lambda request: Reply(status) if "updatedAfter" in request.query else a_list(*FLEET)
            await let_pass(clock, lambda: clock.monotonic() > 5 * CHANGES, step=5)
            assert len(asked_what_changed(server)) == 1
            assert (workspace.reading.complete, workspace.reading.problem) == (True, None)
            await read(workspace, clock)
            assert (len(workspace.rows), workspace.reading.complete) == (3, True)

    async def test_where_that_could_not_be_asked_the_whole_list_is_read_again(self) -> None:
        server = terminal()
        async with opened(server) as (workspace, clock):
            await let_pass(clock, lambda: workspace.reading.complete)
            server.routes[LIST] = Reply(503)
            await let_pass(clock, lambda: workspace.reading.problem is not None, limit=CHANGES + 30)
            server.routes[LIST] = a_list(*FLEET[:2])
            await let_pass(clock, lambda: len(workspace.rows) == 2, limit=RETRY_FIRST + 1)
            assert (workspace.reading.complete, workspace.reading.problem) == (True, None)

    async def test_who_asks_for_the_list_meanwhile_is_given_all_of_it(self) -> None:
        held = threading.Event()
        server = terminal()
        async with opened(server) as (workspace, clock):
            await let_pass(clock, lambda: workspace.reading.complete)
            server.routes[LIST] = lambda request: (
                Reply(json={"results": []}, wait=held) if "updatedAfter" in request.query else a_list(*FLEET[:2])
            )
            await let_pass(clock, lambda: bool(asked_what_changed(server)), limit=CHANGES + 1)
            reading = asyncio.create_task(workspace.read_fleet())
            await until(lambda: workspace.reading.loading)
            held.set()
            await let_pass(clock, reading.done)
            assert (len(workspace.rows), workspace.reading.complete) == (2, True)


class TestCounting:
    async def test_open_issues_are_counted_by_connection(self) -> None:
        server = terminal()
        server.routes[ISSUES] = pages([an_issue(1, 0), an_issue(2, 0)], [an_issue(3, 2)])
        async with opened(server, start=False) as (workspace, clock):
            await read(workspace, clock)
            await until(lambda: [row.open_issues for row in workspace.rows] == [2, 0, 1])
            assert server.sent(ISSUES)[0].query["status"] == "ongoing"

    @pytest.mark.parametrize("status", [403, 404, 501])
    async def test_what_cannot_be_counted_is_not_known_and_not_asked_for_again(self, status: int) -> None:
        server = terminal()
        server.routes[ISSUES] = Reply(status)
        async with opened(server) as (workspace, clock):
            await let_pass(clock, lambda: bool(server.sent(ISSUES)))
            await let_pass(clock, lambda: clock.monotonic() > RECOUNT * 5, step=5)
            assert [row.open_issues for row in workspace.rows] == [None, None, None]
            assert workspace.reading.complete
            assert len(server.sent(ISSUES)) == 1

    async def test_a_count_that_failed_for_a_moment_is_made_a_little_later(self) -> None:
        server = terminal()
        server.routes[ISSUES] = Reply(503)
        async with opened(server) as (workspace, clock):
            await let_pass(clock, lambda: workspace.reading.complete and len(server.sent(ISSUES)) >= 4)
            server.routes[ISSUES] = a_list(an_issue(1, 1))
            await let_pass(clock, lambda: [row.open_issues for row in workspace.rows] == [0, 1, 0], limit=RECOUNT * 3)

    async def test_issues_are_counted_anew_when_a_sync_meets_one_that_was_not_counted(self) -> None:
        server = terminal()
        async with opened(server) as (workspace, clock):
            await let_pass(clock, lambda: workspace.looked_at == 3)
            await until(lambda: workspace.rows[0].open_issues == 0)
            server.routes[ISSUES] = a_list(an_issue(1, 0))
            server.routes[CURRENT] = current(*FLEET, lastSync=a_sync(issues=["isu_1"]))
            await workspace.read_connection("conn_0")
            await let_pass(clock, lambda: len(server.sent(ISSUES)) == 2, limit=RECOUNT + 1)
            await until(lambda: workspace.rows[0].open_issues == 1)

    async def test_an_issue_that_was_counted_is_no_reason_to_count_again(self) -> None:
        server = terminal()
        server.routes[ISSUES] = a_list(an_issue(1, 0))
        server.routes[CURRENT] = current(*FLEET, lastSync=a_sync(issues=["isu_1"]))
        async with opened(server) as (workspace, clock):
            await let_pass(clock, lambda: workspace.looked_at == 3)
            await let_pass(clock, lambda: clock.monotonic() > RECOUNT * 5, step=1)
            assert len(server.sent(ISSUES)) == 1

    async def test_counts_are_told(self) -> None:
        server = terminal()
        async with opened(server, start=False) as (workspace, _):
            changes = workspace.changes()
            await workspace.read_fleet()
            assert await anext(changes) == FleetChanged()
