"""What a workspace says of followed syncs: by the earlier syncs of their connections, read once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from tests.clocks import START, FakeClock, settle
from tests.servers import Reply
from tests.unit.workspace.bench import Terminal, a_connection, a_list, a_sync, current, let_pass, opened
from tui_app.watch.watch import Watch
from tui_app.workspace import Workspace
from tui_app.workspace.estimates import estimate_of, stall_of

SYNC_ID = a_sync(1)["id"]
LOOK, LISTED = f"GET /syncs/{SYNC_ID}", "GET /syncs"


def asked(minutes_ago: float) -> str:
    return (START - timedelta(minutes=minutes_ago)).isoformat()


def took(number: int, minutes: float) -> dict[str, Any]:
    """An earlier sync, which took so long."""
    began = 200.0 + number
    return a_sync(number, "completed", requestedAt=asked(began), completedAt=asked(began - minutes), progress=100)


RUNNING = a_sync(1, requestedAt=asked(3), progress=25.0, attempts=1)
EARLIER = [took(number, 12 + number / 10) for number in range(2, 8)]


@pytest.fixture
async def server() -> Terminal:
    """A server whose only connection syncs, and has synced before."""
    made = Terminal()
    fleet = [a_connection(0)]
    made.routes |= {"GET /connections": a_list(*fleet), "GET /issues": a_list(), LOOK: Reply(json=RUNNING)}
    made.routes |= {"GET /connections/current": current(*fleet), LISTED: a_list(RUNNING, *EARLIER)}
    return made


@pytest.fixture
async def at_work(server: Terminal) -> AsyncIterator[tuple[Workspace, FakeClock]]:
    """A workspace that knows that connection."""
    async with opened(server, start=False) as (workspace, clock):
        await workspace.fleet.read()
        yield workspace, clock


async def followed(workspace: Workspace, clock: FakeClock) -> Watch:
    """The sync, seen once."""
    watch = workspace.watch("conn_0", SYNC_ID)
    await let_pass(clock, lambda: watch.latest_good is not None)
    return watch


async def test_what_was_read_of_earlier_syncs_says_when_one_ends(
    server: Terminal, at_work: tuple[Workspace, FakeClock]
) -> None:
    workspace, clock = at_work
    watch = await followed(workspace, clock)
    assert estimate_of(workspace, watch).basis == "from the pace of this run alone: no earlier sync compares"
    await workspace.estimates.learn("conn_0")
    told = estimate_of(workspace, watch)
    assert told.basis == "from 6 earlier syncs of this connection (usual 12–13 min) and its pace"
    assert told.earliest is not None
    assert told.latest is not None
    assert told.earliest <= START + timedelta(minutes=9.5) <= told.latest


async def test_they_are_read_once_for_each_connection(server: Terminal, at_work: tuple[Workspace, FakeClock]) -> None:
    workspace, _ = at_work
    await asyncio.gather(*(workspace.estimates.learn("conn_0") for _ in range(5)))
    await workspace.estimates.learn("conn_0")
    assert len(server.sent(LISTED)) == 1


async def test_where_they_cannot_be_read_nothing_breaks_and_it_is_tried_when_asked_again(
    server: Terminal, at_work: tuple[Workspace, FakeClock]
) -> None:
    workspace, clock = at_work
    server.routes[LISTED] = Reply(403, json={"code": "forbidden", "message": "no"})
    watch = await followed(workspace, clock)
    await workspace.estimates.learn("conn_0")
    assert estimate_of(workspace, watch).basis.startswith("from the pace of this run alone")
    server.routes[LISTED] = a_list(*EARLIER)
    await workspace.estimates.learn("conn_0")
    assert estimate_of(workspace, watch).basis.startswith("from 6 earlier syncs")


async def test_nothing_is_computed_again_until_there_is_a_new_look(
    server: Terminal, at_work: tuple[Workspace, FakeClock]
) -> None:
    workspace, clock = at_work
    watch = await followed(workspace, clock)
    told = estimate_of(workspace, watch)
    assert estimate_of(workspace, watch) is told
    server.routes[LOOK] = Reply(json=RUNNING | {"progress": 30.0})
    seen = watch.latest_good
    watch.look_now()
    await let_pass(clock, lambda: watch.latest_good is not seen)
    assert estimate_of(workspace, watch) is not told


async def test_a_sync_watched_to_its_end_says_how_often_the_next_one_changes(
    server: Terminal, at_work: tuple[Workspace, FakeClock]
) -> None:
    workspace, clock = at_work
    first = await followed(workspace, clock)
    assert stall_of(workspace, first).basis == "how often its progress usually changes is not known yet"
    for percent in range(30, 100, 5):
        server.routes[LOOK] = Reply(json=RUNNING | {"progress": percent})
        await let_pass(clock, lambda percent=percent: first.journal[-1].after == str(percent))  # type: ignore[misc]
    server.routes[LOOK] = Reply(json=RUNNING | {"status": "completed", "progress": 100, "completedAt": asked(0)})
    await let_pass(clock, lambda: first.finished)

    other = a_sync(9, requestedAt=asked(1), progress=10.0)
    server.routes[f"GET /syncs/{other['id']}"] = Reply(json=other)
    second = workspace.watch("conn_0", other["id"])
    history = workspace.estimates.history("conn_0", other["id"])
    assert len(history.gaps) == 14
    assert history.durations == (180.0,)
    await let_pass(clock, lambda: stall_of(workspace, second).stalled, limit=120)
    assert stall_of(workspace, second).basis == "by earlier syncs of this connection that were watched"


async def test_what_was_kept_elsewhere_can_be_given(server: Terminal, at_work: tuple[Workspace, FakeClock]) -> None:
    workspace, clock = at_work
    watch = await followed(workspace, clock)
    await settle()
    kept = await anext(workspace.syncs("conn_0"))
    workspace.estimates.know("conn_0", kept.items, {"sync_old": [40.0] * 9, SYNC_ID: [1.0] * 9})
    assert workspace.estimates.history("conn_0", SYNC_ID).gaps == (40.0,) * 9  # its own are no earlier ones
    assert estimate_of(workspace, watch).basis.startswith("from 6 earlier syncs")
