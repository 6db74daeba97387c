"""Every fault that the embedded server can be told to have, seen from the other side: nothing but the truth is told."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from itertools import pairwise

import pytest
from pydantic import SecretStr

from tests.clocks import START, FakeClock, goes_by
from tests.unit.workspace.bench import let_pass, read
from tui_app.api.errors import ApiError, is_doubtful
from tui_app.api.health import HealthState
from tui_app.models.problem import ProblemKind
from tui_app.models.profile import Profile
from tui_app.models.sync import Phase, SyncRequest
from tui_app.sandbox.faults import BOTH, FAULTS, FORMS, STUUT, TERMINAL, Fault, bodies, named
from tui_app.sandbox.faults.board import parsed
from tui_app.sandbox.server import Sandbox
from tui_app.watch.watch import Watch
from tui_app.widgets.status_bar import health_words
from tui_app.workspace import Workspace

FAST = 100
"""How many times faster than the client's the server's time goes."""

VARIANTS = [fault.name for fault in FAULTS if fault.name not in ("latency", "rate-limit")]
VARIANTS += ["latency=20", *(f"rate-limit={form}" for form in FORMS)]
EACH = [(TERMINAL, text) for text in VARIANTS]
# How long a 429 asks to wait is read at one place for all kinds of servers.
EACH += [
    (STUUT, text)
    for text in VARIANTS
    if text in ("rate-limit=date", "latency=20") or ("=" not in text and STUUT in named(text).kinds)
]

WAITING = ("error-503", "rate-limit")
WAITS = {
    "error-503": 12.0,
    "seconds": 12.0,
    "fraction": 11.62,
    "date": 12.0,
    "body": 12.0,
    "none": None,
    "nonsense": None,
}


def fault_of(text: str) -> Fault:
    """Which fault is meant by what is typed."""
    return named(text.split(":")[0].split("=")[0])


SAID = {
    "rate-limit": (ProblemKind.RATE_LIMITED, "The server asks to slow down", "429"),
    "error-500": (ProblemKind.SERVER, "The server failed", "500"),
    "error-502": (ProblemKind.SERVER, "Something in front of the server could not reach it", "502"),
    "error-503": (ProblemKind.SERVER, "The server is not available just now", "503"),
    "error-504": (ProblemKind.SERVER, "The server ran out of time", "504"),
    "drop-before": (ProblemKind.UNREACHABLE, "dropped the connection", "connection dropped"),
    "drop-midway": (ProblemKind.UNREACHABLE, "dropped the connection", "connection dropped"),
    "truncated-json": (ProblemKind.UNREADABLE, "The server's answer is not JSON", "unreadable answer"),
    "malformed-json": (ProblemKind.UNREADABLE, "The server's answer is not JSON", "unreadable answer"),
}
"""What a request that brought nothing is told as: its kind, the title's words, and the status bar's."""


@pytest.fixture(scope="module")
def server() -> Iterator[Sandbox]:
    with Sandbox(seed=1, connections=8, speed=0, start=START, rate_limits=False) as running:
        yield running


@asynccontextmanager
async def opened(server: Sandbox, kind: str, text: str = "") -> AsyncIterator[tuple[Workspace, FakeClock]]:
    """A workspace on the server, which has a fault from the start or none."""
    clock = FakeClock()
    goes_by(clock, server, FAST)
    url, key = server.announcement.servers[kind]
    workspace = Workspace(Profile(name="demo", kind=kind, budget=400), url, SecretStr(key), clock=clock, sandbox=server)
    if text:
        server.faults.put(parsed(text))
    workspace.start()
    try:
        yield workspace, clock
    finally:
        server.faults.end_all()
        await workspace.close()


async def followed(server: Sandbox, workspace: Workspace, kind: str) -> Watch:
    """A sync that was requested just now of a connection that can sync."""
    if kind == TERMINAL:
        started = await workspace.play("healthy-first-sync")
        return workspace.watch(started.connection_id, started.sync_id or "")
    made = server.add_integration(company="Followed Works", models=("customers", "invoices"))
    await workspace.read_fleet()
    requested = await workspace.request_sync(made["id"], SyncRequest())
    return workspace.watch(made["id"], requested.sync.id)


def told_health(workspace: Workspace) -> HealthState:
    """How the server is said to be doing now."""
    return workspace.health.state


class TestFromTheStart:
    @pytest.mark.parametrize(("kind", "text"), [each for each in EACH if fault_of(each[1]).name in SAID])
    async def test_a_list_that_cannot_be_read_says_why_and_is_read_once_it_can_be(
        self, server: Sandbox, kind: str, text: str
    ) -> None:
        problem_kind, title, reason = SAID[fault_of(text).name]
        async with opened(server, kind, text) as (workspace, clock):
            await let_pass(clock, lambda: workspace.reading.problem is not None)
            problem = workspace.reading.problem
            assert problem is not None
            assert problem.kind is problem_kind
            assert title in problem.title
            assert workspace.health.reason == reason
            words, trouble = health_words(workspace.health, clock.now())
            promised = re.findall("“(.+?)”", fault_of(text).support_sees)[0]
            assert (words.split(",")[0], trouble) == (promised.split(",")[0], True)
            assert told_health(workspace) in (HealthState.DEGRADED, HealthState.OFFLINE)
            assert not workspace.reading.complete
            server.faults.end_all()
            if problem_kind is ProblemKind.UNREADABLE:
                await read(workspace, clock)  # waiting mends nothing: it is read again when a person asks for it
            await let_pass(clock, lambda: workspace.reading.complete)
            assert workspace.rows
            assert told_health(workspace) is HealthState.LIVE

    @pytest.mark.parametrize(("kind", "text"), [each for each in EACH if fault_of(each[1]).name in WAITING])
    async def test_what_the_server_asks_to_wait_is_waited_exactly_and_else_ever_longer(
        self, server: Sandbox, kind: str, text: str
    ) -> None:
        asked = WAITS[text.rpartition("=")[2]]
        async with opened(server, kind, f"{text}:100:listConnections") as (workspace, clock):
            await let_pass(clock, lambda: workspace.reading.problem is not None)
            tries = [each for each in workspace.recorder if "/connections" in each.url]
        waits = [
            (after.started_at - before.started_at).total_seconds() - before.latency for before, after in pairwise(tries)
        ]
        assert [each.attempt for each in tries] == [1, 2, 3, 4]
        if asked is not None:
            assert waits == pytest.approx([asked] * 3)
        else:
            assert all(low <= wait <= 2 * low for wait, low in zip(waits, (0.25, 0.5, 1.0), strict=True)), waits


class TestWhileFollowing:
    @pytest.mark.parametrize(("kind", "text"), EACH)
    async def test_a_look_that_failed_is_no_sync_that_failed_and_what_was_seen_stands(
        self, server: Sandbox, kind: str, text: str
    ) -> None:
        name = fault_of(text).name
        async with opened(server, kind) as (workspace, clock):
            await let_pass(clock, lambda: workspace.reading.complete)
            watch = await followed(server, workspace, kind)
            await let_pass(clock, lambda: watch.latest_sync is not None)
            before, seen = watch.latest_sync, len(watch.observations)
            assert before is not None
            rows = {row.id for row in workspace.rows}
            server.faults.put(parsed(text))
            watch.look_now()
            await let_pass(clock, lambda: len(watch.observations) > seen + 1 or watch.problem is not None)
            if name in SAID:
                kinds, title, _ = SAID[name]
                assert watch.problem is not None
                assert (watch.problem.kind, title in watch.problem.title) == (kinds, True)
                assert watch.latest_sync is before
                asked = watch.problem.retry_after
                assert watch.pace == (f"the server asked for {asked:g} s" if asked else "could not look, trying again")
            elif name == "broken-rows":
                assert watch.problem is not None
                assert watch.latest_sync is before
            elif name == "unknown-status":
                now = watch.latest_sync
                assert now is not None
                assert bodies.UNKNOWN_SYNC in {now.status, *(part.status for part in now.parts)}
                assert now.phase is Phase.UNKNOWN
                assert watch.pace == "the server uses a word that is not known here"
            assert not watch.finished or name == "latency"  # slow looks see it end, too
            assert {row.id for row in workspace.rows} == rows
            server.faults.end_all()
            watch.look_now()
            await let_pass(clock, lambda: watch.finished, step=1, limit=4000)
            assert watch.latest_sync is not None
            assert watch.latest_sync.phase is Phase.SUCCEEDED
            phases = [each.sync.phase for each in watch.observations if each.sync is not None]
            assert Phase.FAILED not in phases

    @pytest.mark.parametrize(("kind", "text"), EACH)
    async def test_at_30_percent_a_sync_is_followed_to_its_end_and_the_list_is_read(
        self, server: Sandbox, kind: str, text: str
    ) -> None:
        async with opened(server, kind) as (workspace, clock):
            await let_pass(clock, lambda: workspace.reading.complete)
            watch = await followed(server, workspace, kind)
            await let_pass(clock, lambda: watch.latest_sync is not None)
            rows = {row.id for row in workspace.rows}
            server.faults.put(parsed(f"{text}:30"))
            if fault_of(text).per_object:  # it meets this sync always, or never
                await let_pass(clock, lambda: watch.finished or len(watch.observations) > 5, step=1)
                assert watch.latest_sync is not None
                assert watch.latest_sync.phase is not Phase.FAILED
            else:
                await let_pass(clock, lambda: watch.finished, step=1, limit=200)
                assert watch.latest_sync is not None
                assert watch.latest_sync.phase is Phase.SUCCEEDED
            assert {row.id for row in workspace.rows} == rows
            for _ in range(12):
                if workspace.reading.problem:
                    await read(workspace, clock)
                await let_pass(clock, lambda: not workspace.reading.loading)
                if workspace.reading.complete:
                    break
            assert workspace.reading.complete
            assert {row.id for row in workspace.rows} == rows


class TestWrites:
    @pytest.mark.parametrize("kind", BOTH)
    @pytest.mark.parametrize("name", SAID)
    async def test_a_request_whose_answer_is_lost_is_sent_once_and_may_have_been_done(
        self, server: Sandbox, kind: str, name: str
    ) -> None:
        async with opened(server, kind) as (workspace, clock):
            await let_pass(clock, lambda: workspace.reading.complete)
            if kind == TERMINAL:
                target = str(server.add_connection(company="Written Freight")["id"])
            else:
                target = str(server.add_integration(company="Written Works")["id"])
            await workspace.read_fleet()
            server.faults.put(parsed(f"{name}:100:requestSync"))
            sent = len([each for each in workspace.recorder if each.method == "POST"])
            with pytest.raises(ApiError) as refused:
                await workspace.request_sync(target, SyncRequest())
            assert len([each for each in workspace.recorder if each.method == "POST"]) == sent + 1
            assert refused.value.problem.kind is SAID[name][0]
            assert is_doubtful(refused.value.problem) is (name != "rate-limit")


class TestUnknownWords:
    @pytest.mark.parametrize("kind", BOTH)
    async def test_rows_that_cannot_be_read_are_told_and_what_was_known_of_them_stays(
        self, server: Sandbox, kind: str
    ) -> None:
        async with opened(server, kind) as (workspace, clock):
            await let_pass(clock, lambda: workspace.reading.complete)
            rows = {row.id for row in workspace.rows}
            server.faults.put(parsed("broken-rows:50"))
            await read(workspace, clock)
            assert 0 < len(workspace.unreadable) < len(rows)
            assert {row.id for row in workspace.rows} == rows
            server.faults.end_all()
            await read(workspace, clock)
            assert workspace.unreadable == []

    async def test_the_words_of_connections_and_issues_are_kept_as_they_came(self, server: Sandbox) -> None:
        async with opened(server, TERMINAL) as (workspace, clock):
            await let_pass(clock, lambda: workspace.reading.complete and any(row.issues for row in workspace.rows))
            open_before = {issue.id for row in workspace.rows for issue in row.issues or ()}
            for name in ("unknown-status", "unknown-issue-status", "unknown-resolution", "unknown-sync-mode"):
                server.faults.put(parsed(name))
            await workspace.read_fleet()
            await let_pass(
                clock,
                lambda: any(
                    issue.status == bodies.UNKNOWN_ISSUE for row in workspace.rows for issue in row.issues or ()
                ),
            )
            assert {row.connection.sync_mode for row in workspace.rows} == {bodies.UNKNOWN_MODE}
            assert {row.connection.status for row in workspace.rows} == {bodies.UNKNOWN_CONNECTION}
            issues = [issue for row in workspace.rows for issue in row.issues or ()]
            assert {issue.resolution_type for issue in issues} == {bodies.UNKNOWN_RESOLUTION}
            assert all(issue.is_open for issue in issues)
            assert {issue.id for issue in issues} >= open_before
