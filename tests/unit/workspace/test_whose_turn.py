"""Whose turn it is in the list, by what else is known than the connection itself tells."""

from __future__ import annotations

from tests.servers import Reply
from tests.unit.workspace.bench import Terminal, a_connection, a_list, a_sync, current, let_pass, opened
from tui_app.models.actor import Actor
from tui_app.watch.watch import Watch
from tui_app.workspace import Workspace

FLEET = [a_connection(0), a_connection(1)]
CURRENT, LISTED = "GET /connections/current", "GET /syncs"
REFUSED = {"failureReason": "The provider refused the login"}
BY_TURNS = [
    a_sync(9, "completed", completedAt="2026-11-22T14:00:00.000Z"),
    a_sync(8, "failed", **REFUSED),
    a_sync(7, "completed"),
    a_sync(6, "failed", **REFUSED),
]


def fleet_that_syncs(newest: dict[str, object]) -> Terminal:
    server = Terminal()
    server.routes["GET /connections"] = a_list(*FLEET)
    server.routes["GET /issues"] = a_list()
    server.routes[CURRENT] = current(*FLEET, lastSync=newest)
    return server


def listed(workspace: Workspace) -> Actor | None:
    row = workspace.row("conn_0")
    assert row is not None
    return row.actor


def turn(workspace: Workspace) -> Actor | None:
    row = workspace.row("conn_0")
    assert row is not None
    assert workspace.finding(row).actor is row.actor  # what the list says is what its screen says
    return row.actor


def took(number: int) -> dict[str, str]:
    return {"completedAt": f"2026-11-22T10:{number + 4:02d}:00.000Z"}


def seen_at(watch: Watch) -> float | None:
    return watch.latest_sync.percent if watch.latest_sync is not None else None


async def read_all_syncs(workspace: Workspace) -> None:
    async for _ in workspace.syncs("conn_0"):
        pass


async def test_it_is_judged_anew_once_the_earlier_syncs_were_read() -> None:
    server = fleet_that_syncs(BY_TURNS[0])
    server.routes[LISTED] = a_list(*BY_TURNS)
    async with opened(server) as (workspace, clock):
        await let_pass(clock, lambda: workspace.looked_at == 2)
        assert turn(workspace) is Actor.NOBODY
        await read_all_syncs(workspace)
        assert turn(workspace) is Actor.FLEET


async def test_earlier_syncs_say_nothing_any_more_once_one_began_that_was_not_among_them() -> None:
    server = fleet_that_syncs(BY_TURNS[0])
    server.routes[LISTED] = a_list(*BY_TURNS)
    async with opened(server) as (workspace, clock):
        await let_pass(clock, lambda: workspace.looked_at == 2)
        await read_all_syncs(workspace)
        server.routes[CURRENT] = current(*FLEET, lastSync=a_sync(12, progress=3))
        await workspace.read_connection("conn_0")
        assert turn(workspace) is Actor.NOBODY
        server.routes[LISTED] = a_list(a_sync(12, "failed", **REFUSED), *BY_TURNS)
        await read_all_syncs(workspace)
        row = workspace.row("conn_0")
        assert row is not None
        assert workspace.fleet.newest_syncs(row)[0].phase.value == "running"  # what was seen last, not what was listed


async def test_who_follows_a_sync_begins_with_what_the_list_saw_of_it() -> None:
    still = a_sync(9, progress=53.0)
    server = fleet_that_syncs(a_sync(9, progress=40.0))
    server.routes[f"GET /syncs/{still['id']}"] = Reply(json=still)
    server.routes[LISTED] = a_list(still, *(a_sync(each, "completed", **took(each)) for each in (1, 2, 3)))
    async with opened(server) as (workspace, clock):
        await let_pass(clock, lambda: workspace.looked_at == 2)
        server.routes[CURRENT] = current(*FLEET, lastSync=still)
        await workspace.read_connection("conn_0")
        met = workspace.server_now()
        await clock.advance(240)
        await workspace.read_connection("conn_0")
        watch = workspace.watch("conn_0", str(still["id"]))
        assert [each.observed_at for each in watch.observations] == [met]
        await workspace.estimates.learn("conn_0")
        await let_pass(clock, lambda: listed(workspace) is Actor.PLATFORM, limit=90)  # with the look after it
        assert turn(workspace) is Actor.PLATFORM
        row = workspace.row("conn_0")
        assert row is not None
        assert row.state.word == "stalled?"
        assert workspace.finding(row).reason.startswith("Its sync seems to stand still: no change for 5 min")


async def test_it_is_terminals_while_a_followed_sync_stands_still() -> None:
    moving = a_sync(9, progress=10.0)
    server = fleet_that_syncs(moving)
    server.routes[LISTED] = a_list(moving)
    look = f"GET /syncs/{moving['id']}"
    async with opened(server) as (workspace, clock):
        await let_pass(clock, lambda: workspace.looked_at == 2)
        watch = workspace.watch("conn_0", str(moving["id"]))
        for percent in range(15, 60, 5):
            server.routes[look] = Reply(json=moving | {"progress": percent})
            await let_pass(clock, lambda percent=percent: seen_at(watch) == percent)  # type: ignore[misc]
        assert turn(workspace) is Actor.NOBODY
        await let_pass(clock, lambda: listed(workspace) is Actor.PLATFORM)
        assert turn(workspace) is Actor.PLATFORM
        server.routes[look] = Reply(json=moving | {"progress": 70})
        await let_pass(clock, lambda: listed(workspace) is Actor.NOBODY)
        assert turn(workspace) is Actor.NOBODY
