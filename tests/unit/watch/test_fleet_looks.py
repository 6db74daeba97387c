"""Looking at every connection's last sync: what is on screen first, within bounds, on a clock that stands still."""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from tests.clocks import START, FakeClock, settle
from tests.unit.watch.story import a_problem, a_sync
from tui_app.api.errors import ApiError
from tui_app.models.connection import Connection, Standing
from tui_app.models.problem import Problem, ProblemKind
from tui_app.watch.fleet import FleetLooks, FleetPace, may_look

PACE = FleetPace()
TOKEN = SecretStr("con_tkn_22vUhkC6tgre4kwaYfUkCDA1rzn6eyb4")
AT_REST = [Standing.ARCHIVED, Standing.LEAVING, Standing.DELETED]


def connection(number: int = 0, standing: Standing = Standing.CONNECTED, running: bool = False) -> Connection:
    """A connection; its last sync is running, or ended."""
    last = a_sync("in_progress" if running else "completed")
    return Connection(id=f"conn_{number}", status="any", standing=standing, token=TOKEN, last_sync=last)


def fleet(count: int) -> list[Connection]:
    return [connection(number) for number in range(count)]


class CountingClock(FakeClock):
    """A clock that counts how often somebody went to sleep on it."""

    sleeps = 0

    async def sleep(self, seconds: float) -> None:
        """Sleep, counted."""
        self.sleeps += 1
        await super().sleep(seconds)


@dataclass
class FakeApi:
    """Answers looks as a test says, and keeps count."""

    clock: CountingClock
    answer: Callable[[Connection], Connection] = lambda asked: asked
    takes: float = 0.01
    looks: list[tuple[float, str]] = field(default_factory=list)
    under_way: int = 0
    most_at_once: int = 0

    async def connection(self, asked: Connection) -> Connection:
        """One look."""
        self.looks.append((self.clock.monotonic(), asked.id))
        self.under_way += 1
        self.most_at_once = max(self.most_at_once, self.under_way)
        try:
            await self.clock.sleep(self.takes)
            return self.answer(asked)
        finally:
            self.under_way -= 1

    @property
    def order(self) -> list[str]:
        """Who was looked at, in order."""
        return [looked for _, looked in self.looks]

    @property
    def counts(self) -> Counter[str]:
        """How often each was looked at."""
        return Counter(self.order)

    def gaps(self, *, of: str | None = None) -> list[float]:
        """Seconds between looks, of one connection or of all."""
        times = [at for at, looked in self.looks if of in (None, looked)]
        return [round(after - before, 2) for before, after in itertools.pairwise(times)]


@dataclass
class Bench:
    """Looks that run, on a server that is a test's."""

    api: FakeApi
    looks: FleetLooks
    seen: list[tuple[str, Connection | None, Problem | None]]
    running: asyncio.Task[None]
    known: dict[str, Connection]
    tokens: bool

    def follow(self, connections: Iterable[Connection]) -> None:
        """Know these, and look at those that could not be looked at before."""
        anew = []
        for each in connections:
            before = self.known.get(each.id)
            if before is None or not may_look(before, self.tokens):
                anew.append(each.id)
            self.known[each.id] = each
        self.looks.follow(anew)

    def forget(self, connection_id: str) -> None:
        """Know one no more."""
        del self.known[connection_id]
        self.looks.forget(connection_id)

    async def advance(self, seconds: float) -> None:
        """Let time pass."""
        await self.api.clock.advance(seconds)


@asynccontextmanager
async def bench(
    answer: Callable[[Connection], Connection] = lambda asked: asked,
    *,
    takes: float = 0.01,
    on_look: Callable[[str, Connection | None, Problem | None], None] | None = None,
    tokens: bool = True,
    stands_still: Callable[[], bool] = lambda: False,
    followed: Callable[[str], bool] = lambda connection_id: False,
) -> AsyncIterator[Bench]:
    api = FakeApi(CountingClock(), answer, takes)
    seen: list[tuple[str, Connection | None, Problem | None]] = []
    known: dict[str, Connection] = {}

    def keep(connection_id: str, found: Connection | None, problem: Problem | None) -> None:
        seen.append((connection_id, found, problem))
        if found is not None and found.id == connection_id:
            known[connection_id] = found

    server: Any = api
    told = on_look or keep
    looks = FleetLooks(
        server,
        api.clock,
        known.get,
        told,
        server_now=api.clock.now,
        tokens=tokens,
        stands_still=stands_still,
        followed=followed,
    )
    made = Bench(api, looks, seen, asyncio.create_task(looks.run()), known, tokens)
    try:
        yield made
    finally:
        made.running.cancel()
        await asyncio.gather(made.running, return_exceptions=True)


def failing(kind: ProblemKind, retry_after: float | None = None) -> Callable[[Connection], Connection]:
    def answer(_: Connection) -> Connection:
        raise ApiError(a_problem(kind, retry_after=retry_after))

    return answer


async def test_every_connection_is_looked_at_once_before_any_is_again() -> None:
    async with bench() as it:
        it.follow(fleet(50))
        await it.advance(30)
        assert it.api.counts == Counter(f"conn_{number}" for number in range(50))
        assert {looked for looked, *_ in it.seen} == set(it.api.counts)


async def test_an_outcome_is_a_connection_or_a_problem() -> None:
    def answer(asked: Connection) -> Connection:
        if asked.id == "conn_1":
            raise ApiError(a_problem(ProblemKind.FORBIDDEN))
        return asked

    async with bench(answer) as it:
        it.follow(fleet(2))
        await it.advance(2)
        outcomes = {looked: (found is not None, problem is not None) for looked, found, problem in it.seen}
        assert outcomes == {"conn_0": (True, False), "conn_1": (False, True)}


async def test_looks_give_way_to_what_a_person_waits_for_and_then_go_on() -> None:
    async with bench() as it:
        it.looks.give_way(5)
        it.follow(fleet(2))
        await it.advance(4)
        assert not it.seen
        await it.advance(2)
        assert len(it.seen) == 2


async def test_where_its_sync_is_followed_a_connection_on_screen_is_looked_at_as_a_hidden_one() -> None:
    followed = {"conn_0"}
    async with bench(moving, followed=followed.__contains__) as it:
        it.follow([connection(0, running=True), connection(1, running=True)])
        it.looks.show(["conn_0", "conn_1"])
        await it.advance(PACE.running_hidden + 1)
        assert it.api.counts["conn_0"] == 2
        assert it.api.counts["conn_1"] > 4
        followed.clear()
        await it.advance(2 * PACE.running_hidden)
        assert it.api.counts["conn_0"] > 6


async def test_what_is_on_screen_comes_first_from_the_top() -> None:
    async with bench() as it:
        it.follow(fleet(100))
        it.looks.show([f"conn_{number}" for number in (70, 71, 72, 73, 74, 75)])
        await it.advance(0.1)
        assert it.api.order[:6] == [f"conn_{number}" for number in (70, 71, 72, 73, 74, 75)]


async def test_what_comes_on_screen_later_overtakes_what_is_hidden() -> None:
    async with bench() as it:
        it.follow(fleet(100))
        await it.advance(2)
        before = len(it.api.looks)
        it.looks.show(["conn_99", "conn_98"])
        await it.advance(0.05)
        assert it.api.order[before : before + 2] == ["conn_99", "conn_98"]


async def test_no_more_looks_are_under_way_than_the_bound() -> None:
    async with bench(takes=7) as it:
        it.follow(fleet(60))
        it.looks.show([f"conn_{number}" for number in range(30)])
        await it.advance(60)
        assert it.api.most_at_once == PACE.concurrent


async def test_hidden_rows_are_spread() -> None:
    async with bench() as it:
        it.follow(fleet(60))
        await it.advance(10)
        assert min(it.api.gaps()) >= PACE.spread
        assert len(it.api.looks) == pytest.approx(10 / PACE.spread, abs=2)


async def test_rows_on_screen_that_rest_are_looked_at_again_one_after_the_other() -> None:
    async with bench() as it:
        it.follow(fleet(30))
        it.looks.show([f"conn_{number}" for number in range(30)])
        await it.advance(30)
        first = len(it.api.looks)
        assert first == 30
        await it.advance(PACE.idle_visible)
        again = it.api.looks[first:]
        assert {looked for _, looked in again} == {f"conn_{number}" for number in range(30)}
        assert min(after[0] - before[0] for before, after in itertools.pairwise(again)) >= PACE.apart - 0.001


async def test_rows_on_screen_are_looked_at_all_at_once_where_a_person_asks() -> None:
    async with bench() as it:
        it.follow(fleet(30))
        it.looks.show([f"conn_{number}" for number in range(30)])
        await it.advance(30)
        it.looks.look_again()
        await it.advance(3)  # the order of turns lets so many pass
        assert it.api.counts == Counter({f"conn_{number}": 2 for number in range(30)})


@pytest.mark.parametrize(
    ("running", "shown", "pace"),
    [
        (True, True, PACE.running_visible),
        (True, False, PACE.running_hidden),
        (False, True, PACE.idle_visible),
        (False, False, PACE.idle_hidden),
    ],
)
async def test_rows_are_looked_at_again_as_what_they_are_asks(running: bool, shown: bool, pace: float) -> None:
    async with bench(moving if running else lambda asked: asked) as it:
        it.follow([connection(running=running)])
        it.looks.show(["conn_0"] if shown else [])
        await it.advance(pace * 4 + 1)
        assert it.api.gaps(of="conn_0") == pytest.approx([pace] * 4, abs=0.3)


def moving(asked: Connection) -> Connection:
    """The same connection, whose sync has gone on."""
    assert asked.last_sync is not None
    further = asked.last_sync.model_copy(update={"progress": (asked.last_sync.progress or 0) + 1})
    return asked.model_copy(update={"last_sync": further})


async def test_what_has_not_moved_for_long_is_looked_at_more_seldom_until_it_moves_again() -> None:
    stands = True
    async with bench(lambda asked: asked if stands else moving(asked)) as it:
        it.follow([connection(running=True)])
        it.looks.show(["conn_0"])
        await it.advance(600)
        gaps = it.api.gaps(of="conn_0")
        assert gaps[0] == pytest.approx(PACE.running_visible, abs=0.1)
        assert gaps == sorted(gaps)
        assert gaps[-1] == pytest.approx(PACE.idle_visible, abs=0.1)
        stands = False
        await it.advance(PACE.idle_visible + 4 * PACE.running_visible + 1)
        assert it.api.gaps(of="conn_0")[-4:] == pytest.approx([PACE.running_visible] * 4, abs=0.1)


async def test_what_waits_for_its_provider_is_looked_at_as_what_rests() -> None:
    waits = a_sync("in_progress", provider_requests=["file_delivery"])
    async with bench() as it:
        it.follow([connection().model_copy(update={"last_sync": waits})])
        it.looks.show(["conn_0"])
        await it.advance(PACE.idle_visible * 3 + 1)
        assert it.api.gaps(of="conn_0") == pytest.approx([PACE.idle_visible] * 3, abs=0.3)


async def test_what_leaves_the_screen_is_looked_at_as_a_hidden_row_from_then_on() -> None:
    async with bench() as it:
        it.follow(fleet(8))
        it.looks.show(["conn_0", "conn_1"])
        await it.advance(10)
        it.looks.show([])
        await it.advance(PACE.idle_hidden + 10)
        assert set(it.api.counts.values()) == {2}


async def test_what_leaves_the_screen_before_its_first_look_is_looked_at_all_the_same() -> None:
    async with bench() as it:
        it.looks.give_way(5)
        it.follow(fleet(8))
        it.looks.show(["conn_0", "conn_1"])
        await it.advance(3)
        it.looks.show([])
        await it.advance(10)
        assert it.api.counts == Counter({f"conn_{number}": 1 for number in range(8)})


@pytest.mark.parametrize(
    ("minutes", "gap"), [(1, PACE.idle_visible), (60, 0.05 * 3600), (24 * 60, PACE.idle_hidden)], ids=str
)
async def test_the_longer_ago_its_sync_ended_the_more_seldom_a_row_on_screen_is_looked_at(
    minutes: float, gap: float
) -> None:
    ended = a_sync("completed", completed_at=START - timedelta(minutes=minutes))
    async with bench() as it:
        it.follow([connection().model_copy(update={"last_sync": ended})])
        it.looks.show(["conn_0"])
        await it.advance(1)
        it.looks.show(["conn_0"])  # the same rows, drawn anew
        await it.advance(gap + 30)
        assert it.api.gaps(of="conn_0") == pytest.approx([gap], rel=0.02)


@pytest.mark.parametrize("standing", AT_REST)
async def test_what_is_at_rest_is_never_looked_at(standing: Standing) -> None:
    async with bench() as it:
        it.follow([connection(0, standing), connection(1)])
        it.looks.show(["conn_0", "conn_1"])
        await it.advance(1000)
        assert set(it.api.order) == {"conn_1"}


async def test_what_has_no_token_is_never_looked_at() -> None:
    bare = connection().model_copy(update={"token": None})
    assert not may_look(bare)
    async with bench() as it:
        it.follow([bare])
        it.looks.show(["conn_0"])
        await it.advance(1000)
        assert it.api.looks == []


@pytest.mark.parametrize("standing", [Standing.CONNECTED, Standing.DISCONNECTED, Standing.UNKNOWN])
def test_any_other_standing_may_be_looked_at(standing: Standing) -> None:
    assert may_look(connection(standing=standing))


@pytest.mark.parametrize("standing", list(Standing))
def test_where_looking_takes_no_token_a_missing_one_is_no_hindrance(standing: Standing) -> None:
    without = connection(standing=standing).model_copy(update={"token": None})
    assert may_look(without, tokens=False) is (standing not in AT_REST)
    assert not may_look(without, tokens=True)


async def test_where_looking_takes_no_token_everything_is_looked_at_and_followed_as_it_was_found() -> None:
    def answer(asked: Connection) -> Connection:
        return asked.model_copy(update={"status": f"{asked.status}+"})

    async with bench(answer, tokens=False) as it:
        it.follow(each.model_copy(update={"token": None, "status": ""}) for each in fleet(3))
        it.looks.show(["conn_0"])
        await it.advance(PACE.idle_visible * 2 + 1)
        assert it.api.counts == {"conn_0": 3, "conn_1": 1, "conn_2": 1}
        assert [found.status for looked, found, _ in it.seen if looked == "conn_0" and found] == ["+", "++", "+++"]


async def test_a_server_that_answers_with_another_connection_does_not_end_the_looking() -> None:
    async with bench(lambda asked: connection(0)) as it:
        it.follow(fleet(3))
        it.looks.show(["conn_0", "conn_1", "conn_2"])
        await it.advance((PACE.idle_visible + 3 * PACE.apart) * 2)
        assert it.api.counts == dict.fromkeys(("conn_0", "conn_1", "conn_2"), 3)
        assert not it.running.done()


async def test_what_comes_back_from_rest_is_looked_at_again_though_nobody_shows_it() -> None:
    async with bench() as it:
        it.follow([connection(0, Standing.ARCHIVED), connection(1)])
        await it.advance(10)
        it.follow([connection(1, Standing.ARCHIVED)])
        await it.advance(10)
        it.follow(fleet(2))
        await it.advance(1)
        assert it.api.order == ["conn_1", "conn_0", "conn_1"]


async def test_what_a_look_finds_at_rest_is_let_alone_from_then_on() -> None:
    async with bench(lambda asked: asked.model_copy(update={"standing": Standing.ARCHIVED})) as it:
        it.follow([connection(0)])
        it.looks.show(["conn_0"])
        await it.advance(1000)
        assert it.api.order == ["conn_0"]


@pytest.mark.parametrize(
    ("kind", "retry_after", "quiet"),
    [
        (ProblemKind.RATE_LIMITED, None, PACE.quiet),
        (ProblemKind.RATE_LIMITED, 12.5, 12.5),
        (ProblemKind.RATE_LIMITED, 0.62, 0.62),
        (ProblemKind.UNREACHABLE, None, PACE.quiet),
    ],
)
async def test_after_being_sent_away_everybody_keeps_quiet(
    kind: ProblemKind, retry_after: float | None, quiet: float
) -> None:
    async with bench(failing(kind, retry_after), takes=0) as it:
        it.follow(fleet(3))
        await it.advance(quiet - 0.05)
        assert len(it.api.looks) == 1
        await it.advance(0.1)
        assert len(it.api.looks) == 2


async def test_of_several_waits_that_the_server_asks_for_the_longest_is_kept() -> None:
    waits = {"conn_0": 30.0, "conn_1": 1.0}

    def answer(asked: Connection) -> Connection:
        raise ApiError(a_problem(ProblemKind.RATE_LIMITED, retry_after=waits.get(asked.id, 1.0)))

    async with bench(answer) as it:
        it.follow(fleet(9))
        it.looks.show(["conn_0", "conn_1"])
        await it.advance(29)
        assert {at for at, _ in it.api.looks} == {0.0}


async def test_a_refusal_of_one_row_does_not_keep_the_others_waiting() -> None:
    async with bench(failing(ProblemKind.FORBIDDEN)) as it:
        it.follow(fleet(5))
        await it.advance(2)
        assert len(it.api.counts) == 5
        await it.advance(PACE.after_problem)
        assert set(it.api.counts.values()) == {2}


async def test_an_unforeseen_failure_is_a_problem_of_that_row_and_paced_as_one() -> None:
    def answer(asked: Connection) -> Connection:
        raise ZeroDivisionError("a fault of ours")

    async with bench(answer) as it:
        it.follow(fleet(1))
        it.looks.show(["conn_0"])
        await it.advance(PACE.after_problem - 1)
        assert it.api.order == ["conn_0"]
        [(_, found, problem)] = it.seen
        assert found is None
        assert problem is not None
        assert "ZeroDivisionError" in problem.meaning
        assert not it.running.done()


async def test_a_listener_that_fails_ends_the_looking_with_its_error() -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("a fault of ours")

    async with bench(on_look=broken) as it:
        it.follow(fleet(3))
        await it.advance(5)
        assert it.running.done()
        assert isinstance(it.running.exception(), ZeroDivisionError)


async def test_what_is_forgotten_is_not_looked_at_again() -> None:
    async with bench() as it:
        it.follow(fleet(2))
        await it.advance(2)
        it.forget("conn_0")
        await it.advance(1000)
        assert it.api.counts["conn_0"] == 1
        assert it.api.counts["conn_1"] > 2


async def test_a_look_that_is_under_way_when_its_row_is_forgotten_tells_nothing() -> None:
    async with bench(takes=5) as it:
        it.follow(fleet(1))
        await it.advance(1)
        it.forget("conn_0")
        await it.advance(1000)
        assert (len(it.api.looks), it.seen) == (1, [])


async def test_what_was_forgotten_and_is_followed_again_is_looked_at_at_once() -> None:
    async with bench() as it:
        it.follow(fleet(1))
        await it.advance(2)
        it.forget("conn_0")
        it.follow(fleet(1))
        await it.advance(1)
        assert it.api.counts["conn_0"] == 2


@pytest.mark.parametrize(
    ("running", "soon"), [(True, PACE.running_visible), (False, PACE.idle_visible)], ids=["running", "idle"]
)
async def test_a_row_that_comes_on_screen_is_paced_as_one_from_then_on(running: bool, soon: float) -> None:
    async with bench() as it:
        it.follow([connection(running=running)])
        await it.advance(5)
        it.looks.show(["conn_0"])
        await it.advance(soon - 0.5)
        assert len(it.api.looks) == 1
        await it.advance(1)
        assert len(it.api.looks) == 2


async def test_a_row_that_only_passed_over_the_screen_is_still_looked_at_later() -> None:
    async with bench() as it:
        it.follow([connection(running=True)])
        await it.advance(5)
        it.looks.show(["conn_0"])
        await it.advance(1)
        it.looks.show([])
        await it.advance(PACE.running_hidden * 3)
        assert len(it.api.looks) >= 3


async def test_showing_it_again_and_again_does_not_put_a_look_off() -> None:
    async with bench() as it:
        it.follow([connection(running=True)])
        for _ in range(10):
            it.looks.show(["conn_0"])
            await it.advance(1)
        assert len(it.api.looks) >= 3


async def test_an_empty_fleet_costs_nothing() -> None:
    async with bench() as it:
        it.looks.show([])
        await it.advance(1000)
        assert (it.api.looks, it.api.clock.sleeps) == ([], 0)


async def test_a_fleet_of_ten_thousand_costs_what_its_pace_says_and_no_more() -> None:
    async with bench() as it:
        it.follow(fleet(10_000))
        shown = [f"conn_{number}" for number in range(9000, 9050)]
        it.looks.show(shown)
        await it.advance(60)
        visible, hidden = 2 * len(shown), 60 / PACE.spread
        assert len(it.api.looks) <= visible + hidden + 1
        assert set(shown) <= set(it.api.order)
        assert len(it.api.counts) >= len(shown) + hidden * 0.9
        # Each look sleeps once for its answer; waiting for the next one takes few turns more.
        assert it.api.clock.sleeps <= 4 * len(it.api.looks)


async def test_of_rows_on_screen_none_is_looked_up_before_it_is_due_but_the_next() -> None:
    async with bench() as it:
        it.follow(fleet(100))
        it.looks.show(f"conn_{number}" for number in range(100))
        await it.advance(30)
        looked_up: list[str] = []

        def noted(connection_id: str) -> Connection | None:
            looked_up.append(connection_id)
            return it.known.get(connection_id)

        it.looks._connection = noted
        before = len(it.api.looks)
        await it.advance(60)
        looks = len(it.api.looks) - before
        assert looks == 30  # those that rest are looked at one a second, once their minute is over
        assert len(looked_up) <= 10 * looks  # a few for each, however many are on screen or due already


@pytest.mark.parametrize("running", [False, True])
async def test_while_the_servers_time_stands_still_nothing_is_looked_at_twice_but_what_is_asked_for(
    running: bool,
) -> None:
    stands = True
    async with bench(stands_still=lambda: stands) as it:
        it.follow([connection(number, running=running) for number in range(3)])
        it.looks.show(["conn_0", "conn_1"])
        await it.advance(10 * PACE.idle_hidden)
        assert it.api.counts == {"conn_0": 1, "conn_1": 1, "conn_2": 1}
        it.looks.look_again()
        await it.advance(10 * PACE.idle_hidden)
        assert it.api.counts == {"conn_0": 2, "conn_1": 2, "conn_2": 1}
        stands = False
        it.looks.look_again()
        await it.advance(PACE.idle_hidden + 1)
        assert it.api.counts["conn_2"] > 1
        assert it.api.counts["conn_0"] > 4


async def test_cancelling_ends_the_looks_that_are_under_way() -> None:
    async with bench(takes=100) as it:
        it.follow(fleet(10))
        await it.advance(5)
        assert it.api.under_way == PACE.concurrent
        it.running.cancel()
        await settle()
        assert it.running.cancelled()
        assert (it.api.under_way, it.seen) == (0, [])
