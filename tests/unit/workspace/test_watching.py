"""Every followed sync in one line: how it stands, in which order, and how it is let go of."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.clocks import START, FakeClock
from tests.servers import Reply
from tests.unit.watch.story import SYNC_ID, a_problem, a_sync
from tests.unit.workspace.bench import a_connection, current, let_pass, opened
from tests.unit.workspace.bench import a_sync as sent
from tests.unit.workspace.test_fleet_reading import CURRENT, FLEET, terminal
from tui_app.models.connection import Connection
from tui_app.models.problem import Problem
from tui_app.models.sync import Sync
from tui_app.watch.pacing import Pacing
from tui_app.watch.watch import Watch
from tui_app.watch.watcher import Watcher
from tui_app.workspace.estimates import Estimates
from tui_app.workspace.watching import CLOSE, Standing, followed, of_watch, see, stop_following


class Known:
    """As much of an open profile as these lines are made of: its watches, and no connection in its list."""

    def __init__(self, *watches: Watch) -> None:
        itself: Any = self
        self.watcher = self.fleet = itself
        self.watches = list(watches)
        self.estimates = Estimates(itself, itself)

    def seen_syncs(self, connection_id: str) -> list[Sync]:
        return []

    def row(self, connection_id: str) -> None:
        return None


def a_watch(*looks: Sync | Problem, name: str = "Able Movers", sync_id: str = SYNC_ID) -> Watch:
    """A watch that was given these looks, a minute apart."""
    clock = FakeClock()
    connection = Connection.model_validate({"id": f"conn_{name[:4]}", "status": "connected", "company": {"name": name}})
    watch = Watch(connection, sync_id, clock=clock, pacing=Pacing(), random=lambda: 0.5)
    for number, look in enumerate(looks):
        at = START.replace(minute=number)
        sync, problem = (look, None) if isinstance(look, Sync) else (None, look)
        watch.take(at, 0.01, sync, problem)
    return watch


def lines(*watches: Watch) -> list[Any]:
    known: Any = Known(*watches)
    return sorted(followed(known), key=lambda each: each.sort_key())


def line(watch: Watch) -> Any:
    known: Any = Known(watch)
    return of_watch(known, watch)


@pytest.mark.parametrize(
    ("looks", "standing"),
    [
        ((), Standing.WAITING),
        ((a_sync("requested"),), Standing.WAITING),
        ((a_sync(provider_requests=["historical_files"]),), Standing.WAITING),
        ((a_sync(),), Standing.MOVING),
        ((a_sync("retrying"),), Standing.MOVING),
        ((a_sync("a word of its own"),), Standing.MOVING),
        ((a_problem(),), Standing.UNSEEN),
        ((a_sync(), a_problem()), Standing.UNSEEN),
        ((a_sync(), a_problem(), a_sync()), Standing.MOVING),
        ((a_sync(), a_sync("failed")), Standing.ENDED),
    ],
)
def test_how_it_stands_follows_from_the_looks_at_it(looks: tuple[Sync | Problem, ...], standing: Standing) -> None:
    assert line(a_watch(*looks)).standing is standing


def standing_still() -> Watch:
    """One whose progress came each minute, and then not any more for a quarter of an hour."""
    moves = [a_sync(progress=3 * number) for number in range(12)]
    return a_watch(*moves, *[moves[-1]] * 15, name="Still")


def test_one_that_seems_to_stand_still_is_told_so_and_a_look_that_fails_says_nothing_of_that() -> None:
    watch = standing_still()
    assert line(watch).standing is Standing.STALLED
    assert line(watch).stall.words == "no change for 15 min; usually every 60 s"
    watch.take(START.replace(minute=30), 0.01, None, a_problem())
    assert line(watch).standing is Standing.UNSEEN
    watch.take(START.replace(minute=31), 0.01, a_sync(progress=40), None)
    assert line(watch).standing is Standing.MOVING


def test_what_was_last_seen_stands_while_looks_fail() -> None:
    seen = line(a_watch(a_sync(progress=10), a_sync(progress=40), a_problem(title="No route")))
    assert seen.sync.progress == 40
    assert (seen.seen_at, seen.problem.title) == (START.replace(minute=1), "No route")
    assert (seen.changed_at, seen.change) == (START.replace(minute=1), "progress 10 → 40")  # the sync's, not the look's


def test_a_paused_one_is_told_as_paused_and_an_ended_one_as_ended() -> None:
    paused, ended = a_watch(a_sync(), a_problem()), a_watch(a_sync(), a_sync("completed"))
    paused.pause()
    ended.pause()
    assert [line(paused).standing, line(ended).standing] == [Standing.PAUSED, Standing.ENDED]


def test_what_needs_a_person_rises_and_what_ended_last_stands_first_among_the_ended() -> None:
    early, late = (
        a_watch(a_sync(), a_sync("completed", completed_at=START.replace(minute=minute)), name=name)
        for minute, name in ((5, "Aaa"), (9, "Zzz"))
    )
    moving, waiting = a_watch(a_sync(), name="Moving"), a_watch(a_sync("requested"), name="Before")
    unseen, paused = a_watch(a_sync(), a_problem(), name="Unseen"), a_watch(a_sync(), name="Halted")
    first = a_watch(a_sync(progress=99), name="Another")
    paused.pause()
    ordered = lines(early, late, moving, waiting, unseen, paused, first, standing_still())
    assert [each.name for each in ordered] == ["Still", "Unseen", "Another", "Moving", "Before", "Halted", "Zzz", "Aaa"]


def test_what_moves_keeps_its_place_whatever_its_progress() -> None:
    watch = a_watch(a_sync(progress=1))
    before = line(watch).sort_key()
    watch.take(START, 0.01, a_sync(progress=80), None)
    assert line(watch).sort_key() == before


def test_one_that_had_ended_before_anybody_followed_it_is_not_listed() -> None:
    assert lines(a_watch(a_sync("completed")), a_watch(a_problem(), a_sync("failed"))) == []
    assert len(lines(a_watch(a_sync(), a_sync("completed")))) == 1


def test_the_first_that_are_shown_are_looked_at_closely_and_no_others() -> None:
    ended = a_watch(a_sync(), a_sync("completed"))
    many = [ended, *(a_watch(a_sync(), name=f"{number:04}") for number in range(CLOSE + 3))]
    assert see(many, many) == many[1 : CLOSE + 1]
    assert [watch.visible for watch in many] == [False, *[True] * CLOSE, False, False, False]
    see(many, [])
    assert not any(watch.visible for watch in many)


LOOK = f"GET /syncs/{SYNC_ID}"


@pytest.fixture
async def running() -> AsyncIterator[tuple[Any, FakeClock, Any]]:
    server = terminal()
    server.routes |= {LOOK: Reply(json=sent() | {"id": SYNC_ID}), CURRENT: current(*FLEET)}
    async with opened(server, start=False) as (workspace, clock):
        await workspace.read_fleet()
        yield workspace, clock, server


async def test_one_that_is_let_go_of_is_looked_at_no_more_and_can_be_followed_anew(
    running: tuple[Any, FakeClock, Any],
) -> None:
    workspace, clock, server = running
    watch = workspace.watch("conn_0", SYNC_ID)
    await let_pass(clock, lambda: watch.latest_sync is not None)
    assert [each.name for each in followed(workspace)] == [a_connection(0)["company"]["name"]]
    await stop_following(workspace, watch)
    looks = len(server.sent(LOOK))
    assert followed(workspace) == []
    await let_pass(clock, lambda: clock.monotonic() > 120, step=5)
    assert len(server.sent(LOOK)) == looks
    assert not [request for request in server.server.requests if request.method != "GET"]  # it goes on at the server
    again = workspace.watch("conn_0", SYNC_ID)
    await let_pass(clock, lambda: again.latest_sync is not None)
    assert again is not watch
    assert isinstance(workspace.watcher, Watcher)
