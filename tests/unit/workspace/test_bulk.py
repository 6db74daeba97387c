"""Bulk actions: what is sent to whom, what came of each, and what is not sent any more."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest

from tests.clocks import FakeClock, until
from tests.servers import Reply, ServerRequest
from tests.unit.workspace.bench import (
    Terminal,
    a_connection,
    a_list,
    a_sync,
    an_issue,
    current,
    embedded,
    let_pass,
    opened,
)
from tui_app.changes import BulkChanged, BulkEnded, Change
from tui_app.models.connection import Standing
from tui_app.models.sync import SyncRequest
from tui_app.workspace import Workspace
from tui_app.workspace.bulk import Bulk, Outcome, Stage
from tui_app.workspace.bulk_orders import WATCHED, ResolveOrder, SyncOrder, TagOrder, bulk_of

__all__ = ["embedded"]

LIST, ISSUES, CURRENT, SYNCS = "GET /connections", "GET /issues", "GET /connections/current", "POST /syncs"
PATCH = "PATCH /connections/current"


def number_of(request: ServerRequest) -> int:
    """Which connection a request is about: its token ends in its number."""
    return int(request.headers["connection-token"].rsplit("x", 1)[1])


def server_of(count: int, answer: Callable[[int], Reply], **fields: Any) -> Terminal:
    """A server with connections that answers each request for a sync by its number."""
    fleet = [a_connection(number, **fields) for number in range(count)]
    made = Terminal()
    made.routes |= {
        LIST: a_list(*fleet),
        ISSUES: a_list(),
        CURRENT: current(*fleet),
        SYNCS: lambda request: answer(number_of(request)),
    }
    return made


def taken(number: int) -> Reply:
    return Reply(json=a_sync(number, "requested"))


REFUSAL = Reply(400, json={"code": "bad_request", "message": "Connection must be connected"})


async def whole(workspace: Workspace, action: str = "request_sync") -> Bulk:
    """A bulk action on every connection of the list."""
    await workspace.fleet.read()
    return bulk_of(workspace, action, [row.id for row in workspace.rows])


async def carried_out(workspace: Workspace, clock: FakeClock, bulk: Bulk) -> None:
    workspace.begin_bulk(bulk)
    await let_pass(clock, lambda: bulk.stage is Stage.ENDED)


def outcomes(bulk: Bulk) -> list[str]:
    return [target.outcome.value for target in bulk.targets]


class TestOutcomes:
    async def test_of_twenty_three_refuse_in_the_servers_words(self) -> None:
        server = server_of(20, lambda number: REFUSAL if number in (2, 9, 17) else taken(number))
        async with opened(server, start=False) as (workspace, clock):
            bulk = await whole(workspace)
            await carried_out(workspace, clock, bulk)
            assert bulk.summary() == "17 done, 3 refused"
            refused = [target for target in bulk.targets if target.outcome is Outcome.REFUSED]
            assert [target.key for target in refused] == ["conn_2", "conn_9", "conn_17"]
            assert {target.words for target in refused} == {"Connection must be connected · 400 bad_request"}
            assert sorted(map(number_of, server.sent(SYNCS))) == list(range(20))

    async def test_one_window_is_asked_of_all(self) -> None:
        server = server_of(3, taken)
        async with opened(server, start=False) as (workspace, clock):
            bulk = await whole(workspace)
            assert isinstance(bulk.order, SyncOrder)
            bulk.order.request = SyncRequest(days=3)
            await carried_out(workspace, clock, bulk)
            assert [request.json for request in server.sent(SYNCS)] == [server.sent(SYNCS)[0].json] * 3
            assert server.sent(SYNCS)[0].json["days"] == 3

    async def test_one_that_runs_already_is_attached_to(self) -> None:
        running = a_sync(7)
        conflict = Reply(409, json={"code": "conflict", "message": "A sync runs"})
        server = server_of(2, lambda number: conflict if number == 0 else taken(number))
        server.routes |= {"GET /syncs": a_list(running), f"GET /syncs/{running['id']}": Reply(json=running)}
        async with opened(server, start=False) as (workspace, clock):
            bulk = await whole(workspace)
            await carried_out(workspace, clock, bulk)
            assert outcomes(bulk) == ["attached", "done"]
            assert workspace.watcher.find("conn_0", running["id"]) is not None

    async def test_one_that_runs_and_cannot_be_looked_at_is_attached_all_the_same(self) -> None:
        conflict = Reply(409, json={"code": "conflict", "message": "A sync runs"})
        async with opened(server_of(1, lambda _: conflict), start=False) as (workspace, clock):
            bulk = await whole(workspace)
            await carried_out(workspace, clock, bulk)
            assert outcomes(bulk) == ["attached"]

    async def test_an_answer_that_says_nothing_is_doubtful(self) -> None:
        server = server_of(2, lambda number: Reply(body=b"<html>") if number == 0 else Reply(500))
        async with opened(server, start=False) as (workspace, clock):
            bulk = await whole(workspace)
            await carried_out(workspace, clock, bulk)
            assert outcomes(bulk) == ["doubtful", "doubtful"]
            assert bulk.again == []

    async def test_one_that_vanished_meanwhile_is_not_sent(self) -> None:
        server = server_of(2, taken)
        async with opened(server, start=False) as (workspace, clock):
            bulk = await whole(workspace)
            workspace.fleet.drop("conn_0")
            await carried_out(workspace, clock, bulk)
            assert outcomes(bulk) == ["not sent", "done"]
            assert bulk.targets[0].words == "It is not in the list any more."

    async def test_one_without_a_token_is_not_sent(self) -> None:
        server = server_of(2, taken)
        server.routes[LIST] = a_list(a_connection(0, token=None), a_connection(1))
        async with opened(server, start=False) as (workspace, clock):
            bulk = await whole(workspace)
            await carried_out(workspace, clock, bulk)
            assert outcomes(bulk) == ["not sent", "done"]

    async def test_what_was_taken_off_the_list_is_left_out(self) -> None:
        server = server_of(3, taken)
        async with opened(server, start=False) as (workspace, clock):
            bulk = await whole(workspace)
            bulk.targets[1].ticked = False
            await carried_out(workspace, clock, bulk)
            assert outcomes(bulk) == ["done", "left out", "done"]
            assert list(map(number_of, server.sent(SYNCS))) == [0, 2]


class TestTheWay:
    async def test_each_step_is_told_and_the_end_once(self) -> None:
        server = server_of(3, lambda number: REFUSAL if number == 1 else taken(number))
        async with opened(server, start=False) as (workspace, _clock):
            bulk = await whole(workspace)
            told: list[tuple[int, Change]] = []
            bulk.begin()
            await bulk.run(lambda change: told.append((bulk.tried, change)))
            assert [tried for tried, change in told if change == BulkChanged()] == [0, 1, 1, 2, 2, 3, 3]
            assert [change for _, change in told if isinstance(change, BulkEnded)] == [
                BulkEnded("Request syncs: 2 done, 1 refused.")
            ]

    async def test_stopped_midway_nothing_more_is_sent_and_what_was_sent_is_told(self) -> None:
        slow = threading.Event()
        server = server_of(20, lambda number: Reply(json=a_sync(number), wait=slow) if number == 5 else taken(number))
        async with opened(server, start=False) as (workspace, clock):
            bulk = await whole(workspace)
            workspace.begin_bulk(bulk)
            await let_pass(clock, lambda: len(server.sent(SYNCS)) == 6)
            assert bulk.present is not None
            assert bulk.present.key == "conn_5"
            bulk.stop()
            slow.set()
            await until(lambda: bulk.stage is Stage.ENDED)
            assert bulk.summary() == "6 done, 14 not sent"
            assert len(server.sent(SYNCS)) == 6
            assert bulk.targets[6].words == "Stopped before its turn."

    async def test_a_network_that_is_lost_leaves_one_in_doubt_and_the_rest_unsent(self) -> None:
        server = server_of(20, lambda number: Reply(drop=True) if number >= 4 else taken(number))
        async with opened(server, start=False) as (workspace, clock):
            bulk = await whole(workspace)
            await carried_out(workspace, clock, bulk)
            assert bulk.summary() == "4 done, 14 not sent, 2 doubtful"
            assert "dropped the connection" in bulk.cut_short
            assert "look whether it happened" in bulk.targets[4].words
            assert bulk.targets[19].words.startswith("Not tried any more: ")
            assert len(server.sent(SYNCS)) == 6

    async def test_a_server_that_is_gone_altogether_is_asked_twice_and_nothing_is_in_doubt(self) -> None:
        server = server_of(5, taken)
        async with opened(server, start=False) as (workspace, clock):
            bulk = await whole(workspace)
            await workspace.api.transport.aclose()
            workspace.api.transport._closed = False
            server.server.stop()
            await carried_out(workspace, clock, bulk)
            server.server = type(server)().server.start()  # so that leaving finds one to stop
            assert set(outcomes(bulk)) == {"not sent"}
            assert len(bulk.again) == 5

    async def test_one_hiccup_does_not_end_it(self) -> None:
        server = server_of(4, lambda number: Reply(drop=True) if number == 1 else taken(number))
        async with opened(server, start=False) as (workspace, clock):
            bulk = await whole(workspace)
            await carried_out(workspace, clock, bulk)
            assert outcomes(bulk) == ["done", "doubtful", "done", "done"]

    async def test_a_key_that_is_refused_ends_it(self) -> None:
        server = server_of(4, lambda number: Reply(401, json={"message": "No such key"}))
        async with opened(server, start=False) as (workspace, clock):
            bulk = await whole(workspace)
            await carried_out(workspace, clock, bulk)
            assert outcomes(bulk) == ["refused", "not sent", "not sent", "not sent"]

    async def test_asked_to_slow_down_the_next_waits_as_long_as_the_server_says(self) -> None:
        limited = Reply(429, json={"message": "Slow down"}, headers={"Retry-After": "7"})
        server = server_of(3, lambda number: limited if number == 0 else taken(number))
        async with opened(server, start=False) as (workspace, clock):
            bulk = await whole(workspace)
            workspace.begin_bulk(bulk)
            await until(lambda: outcomes(bulk)[0] == "refused")
            await let_pass(clock, lambda: clock.monotonic() >= 6.5)
            assert len(server.sent(SYNCS)) == 1
            await let_pass(clock, lambda: bulk.stage is Stage.ENDED)
            assert outcomes(bulk) == ["refused", "done", "done"]
            assert len(server.sent(SYNCS)) == 3, "a write is never repeated by itself"

    async def test_while_it_waits_it_can_be_stopped(self) -> None:
        limited = Reply(429, headers={"Retry-After": "600"})
        async with opened(server_of(3, lambda _: limited), start=False) as (workspace, _clock):
            bulk = await whole(workspace)
            workspace.begin_bulk(bulk)
            await until(lambda: outcomes(bulk)[0] == "refused")
            bulk.stop()
            await until(lambda: bulk.stage is Stage.ENDED)
            assert outcomes(bulk) == ["refused", "not sent", "not sent"]

    async def test_a_profile_that_closes_meanwhile_leaves_one_in_doubt(self) -> None:
        slow = threading.Event()
        server = server_of(3, lambda number: Reply(json=a_sync(number), wait=slow))
        async with opened(server, start=False) as (workspace, _clock):
            bulk = await whole(workspace)
            workspace.begin_bulk(bulk)
            await until(lambda: len(server.sent(SYNCS)) == 1)
            closing = asyncio.create_task(workspace.close())
            await until(lambda: bulk.stage is Stage.ENDED)
            slow.set()
            await closing
            assert outcomes(bulk) == ["doubtful", "not sent", "not sent"]

    async def test_what_was_refused_is_tried_again_and_nothing_else(self) -> None:
        refusing = {1, 2}
        server = server_of(4, lambda number: REFUSAL if number in refusing else taken(number))
        async with opened(server, start=False) as (workspace, clock):
            bulk = await whole(workspace)
            await carried_out(workspace, clock, bulk)
            refusing.discard(2)
            bulk.try_again()
            await carried_out(workspace, clock, bulk)
            assert outcomes(bulk) == ["done", "refused", "done", "done"]
            assert list(map(number_of, server.sent(SYNCS))) == [0, 1, 2, 3, 1, 2]

    async def test_how_long_it_takes_follows_the_budget_and_the_servers_pace(self) -> None:
        async with opened(server_of(40, taken), start=False) as (workspace, _clock):
            bulk = await whole(workspace)
            assert bulk.seconds() == pytest.approx(40 / 400)
            assert len(bulk.to_send) == 40


class TestLocked:
    async def test_as_many_arrive_as_were_unlocked_and_then_it_is_locked_again(self) -> None:
        server = server_of(5, lambda number: REFUSAL if number == 1 else taken(number))
        async with opened(server, start=False, read_only=True) as (workspace, clock):
            bulk = await whole(workspace)
            bulk.targets[4].ticked = False
            workspace.gate.unlock_each("request_sync", [target.key for target in bulk.to_send])
            assert workspace.gate.words == "unlocked for 4 × request sync"
            await carried_out(workspace, clock, bulk)
            assert bulk.summary() == "3 done, 1 refused, 1 left out"
            assert len(server.sent(SYNCS)) == 4
            assert workspace.gate.words == "locked"
            bulk.try_again()
            await carried_out(workspace, clock, bulk)
            assert len(server.sent(SYNCS)) == 4
            assert "locked" in bulk.targets[1].words

    async def test_stopped_what_is_left_of_the_unlock_is_taken_back(self) -> None:
        limited = Reply(429, headers={"Retry-After": "600"})
        server = server_of(3, lambda _: limited)
        async with opened(server, start=False, read_only=True) as (workspace, _clock):
            bulk = await whole(workspace)
            workspace.gate.unlock_each("request_sync", [target.key for target in bulk.to_send])
            workspace.begin_bulk(bulk)
            await until(lambda: outcomes(bulk)[0] == "refused")
            bulk.stop()
            await until(lambda: bulk.stage is Stage.ENDED)
            assert workspace.gate.bulk is None
            assert len(server.sent(SYNCS)) == 1


class TestWatching:
    async def test_as_many_are_watched_as_the_budget_bears(self) -> None:
        async with opened(server_of(WATCHED + 6, taken), start=False) as (workspace, clock):
            bulk = await whole(workspace)
            await carried_out(workspace, clock, bulk)
            assert len(workspace.watcher.watches) == WATCHED
            assert len(workspace.asked_in_bulk) == WATCHED + 6
            assert {row.state.word for row in workspace.rows} == {"requested"}


class TestTags:
    async def test_each_keeps_its_own_and_those_that_would_not_change_are_not_sent(self) -> None:
        tags = {0: ["west", "pilot"], 1: ["vip"], 2: [], 3: ["pilot"]}
        fleet = [a_connection(number, tags=["stale"]) for number in tags]
        fresh = [a_connection(number, tags=held) for number, held in tags.items()]
        server = server_of(0, taken)
        server.routes |= {
            LIST: a_list(*fleet),
            CURRENT: current(*fresh),
            PATCH: lambda request: Reply(json=fresh[number_of(request)] | request.json),
        }
        async with opened(server, start=False) as (workspace, clock):
            bulk = await whole(workspace, "update_connection")
            assert isinstance(bulk.order, TagOrder)
            assert bulk.stage is Stage.CHOOSING
            bulk.order.add, bulk.order.remove = ("vip",), ("pilot",)
            read: list[int] = []
            await bulk.prepare(lambda: read.append(bulk.tried))
            assert read == [0, 1, 2, 3, 4, 4]
            assert [target.detail for target in bulk.targets] == ["+vip −pilot", "+vip", "+vip −pilot", ""]
            assert outcomes(bulk) == ["waiting", "waiting", "waiting", "unchanged"]
            await carried_out(workspace, clock, bulk)
            assert outcomes(bulk) == ["done", "done", "done", "unchanged"]
            sent = {number_of(request): request.json for request in server.sent(PATCH)}
            assert sent == {0: {"tags": ["west", "vip"]}, 2: {"tags": ["vip"]}, 3: {"tags": ["vip"]}}

    async def test_tags_that_somebody_changed_after_the_reading_are_read_again(self) -> None:
        server = server_of(1, taken, tags=["a"])
        server.routes[PATCH] = lambda request: Reply(json=a_connection(0) | request.json)
        async with opened(server, start=False) as (workspace, clock):
            bulk = await whole(workspace, "update_connection")
            assert isinstance(bulk.order, TagOrder)
            bulk.order.add = ("new",)
            await bulk.prepare(lambda: None)
            server.routes[CURRENT] = current(a_connection(0, tags=["a", "theirs"]))
            await clock.advance(60)
            await carried_out(workspace, clock, bulk)
            assert server.sent(PATCH)[0].json == {"tags": ["a", "theirs", "new"]}

    async def test_one_that_cannot_be_read_is_not_sent(self) -> None:
        server = server_of(2, taken)
        answers = current(a_connection(0), a_connection(1))
        server.routes[CURRENT] = lambda request: Reply(500) if number_of(request) == 0 else answers(request)
        async with opened(server, start=False) as (workspace, _clock):
            bulk = await whole(workspace, "update_connection")
            assert isinstance(bulk.order, TagOrder)
            bulk.order.add = ("new",)
            await bulk.prepare(lambda: None)
            assert outcomes(bulk) == ["waiting", "not sent"]
            assert bulk.targets[1].words.startswith("It could not be read: The server failed · 500")

    async def test_while_reading_it_waits_where_the_server_asks_to(self) -> None:
        server = server_of(1, taken, tags=[])
        answer = current(a_connection(0, tags=[]))
        asked = 0

        def limited(request: ServerRequest) -> Reply:
            nonlocal asked
            asked += 1
            return Reply(429, headers={"Retry-After": "3"}) if asked == 1 else answer(request)

        server.routes[CURRENT] = limited
        async with opened(server, start=False) as (workspace, clock):
            bulk = await whole(workspace, "update_connection")
            assert isinstance(bulk.order, TagOrder)
            bulk.order.add = ("new",)
            reading = asyncio.ensure_future(bulk.prepare(lambda: None))
            await let_pass(clock, reading.done)
            assert outcomes(bulk) == ["waiting"]
            assert clock.monotonic() >= 3


class TestIssues:
    async def test_each_open_issue_is_resolved_by_its_own_request(self) -> None:
        server = server_of(3, taken)
        issues = {"conn_0": [an_issue(1, 0), an_issue(2, 0)], "conn_1": [], "conn_2": [an_issue(3, 2)]}
        server.routes[ISSUES] = lambda request: a_list(*issues[request.query["connectionId"]])
        for number in (1, 2, 3):
            server.routes[f"POST /issues/isu_{number}/resolve"] = Reply(
                json=an_issue(number, 0) | {"status": "resolved"}
            )
        server.routes["POST /issues/isu_3/resolve"] = Reply(422, json={"code": "x", "message": "Too late"})
        async with opened(server, start=False) as (workspace, clock):
            server.routes[ISSUES], by_connection = a_list(), server.routes[ISSUES]
            bulk = await whole(workspace, "resolve_issue")
            await until(lambda: "GET /issues" in server.asked)
            server.routes[ISSUES] = by_connection
            assert isinstance(bulk.order, ResolveOrder)
            await bulk.prepare(lambda: None)
            assert [(target.name, target.detail) for target in bulk.targets] == [
                ("Fleet 0", "missing_permissions"),
                ("Fleet 0", "missing_permissions"),
                ("Fleet 2", "missing_permissions"),
                ("Fleet 1", ""),
            ]
            await carried_out(workspace, clock, bulk)
            assert outcomes(bulk) == ["done", "done", "refused", "unchanged"]
            assert "Too late" in bulk.targets[2].words


class TestDoubts:
    async def test_those_that_will_most_likely_refuse_are_told_with_the_reason(self) -> None:
        server = server_of(2, taken)
        server.routes[LIST] = a_list(a_connection(0, status="disconnected"), a_connection(1))
        async with opened(server, start=False) as (workspace, _clock):
            bulk = await whole(workspace)
            assert [target.doubt for target in bulk.targets] == ["Disconnected: it will most likely refuse.", ""]
            assert workspace.rows[0].connection.standing is Standing.DISCONNECTED

    @pytest.mark.parametrize(
        ("status", "word"),
        [
            ("disconnected", "Disconnected"),
            ("archived", "Archived"),
            ("pending_deletion", "On its way out"),
            ("deleting", "On its way out"),
            ("deleted", "Deleted"),
        ],
    )
    async def test_whatever_is_not_connected_is_doubted_for_syncs_and_for_nothing_else(
        self, status: str, word: str
    ) -> None:
        server = server_of(1, taken)
        server.routes[LIST] = a_list(a_connection(0, status=status))
        async with opened(server, start=False) as (workspace, _clock):
            await workspace.fleet.read()
            key = workspace.rows[0].id
            (target,) = bulk_of(workspace, "request_sync", [key]).targets
            assert target.doubt == f"{word}: it will most likely refuse."
            (target,) = bulk_of(workspace, "update_connection", [key]).targets
            assert target.doubt == ""

    async def test_hidden_ones_are_named_as_such(self) -> None:
        async with opened(server_of(2, taken), start=False) as (workspace, _clock):
            await workspace.fleet.read()
            bulk = bulk_of(workspace, "request_sync", ["conn_1", "conn_0", "conn_9"], hidden=["conn_0"])
            assert [(target.key, target.hidden) for target in bulk.targets] == [("conn_1", False), ("conn_0", True)]


async def test_on_the_embedded_server_those_that_are_disconnected_refuse(
    embedded: tuple[Workspace, FakeClock],
) -> None:
    workspace, clock = embedded
    workspace.start()
    bulk = await whole(workspace)
    await carried_out(workspace, clock, bulk)
    for target in bulk.targets:
        row = workspace.row(target.connection_id)
        assert row is not None
        if row.connection.standing is Standing.CONNECTED:
            assert target.outcome in (Outcome.DONE, Outcome.ATTACHED), target
        else:
            assert target.outcome in (Outcome.REFUSED, Outcome.NOT_SENT), target
    assert {Outcome.DONE, Outcome.ATTACHED, Outcome.REFUSED} <= set(bulk.counts())
    done = next(target for target in bulk.targets if target.outcome is Outcome.DONE)
    await let_pass(clock, lambda: workspace.row(done.key).state.word == "syncing", limit=900)  # type: ignore[union-attr]
