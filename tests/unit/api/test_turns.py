"""Turns to look: evenly, within their part of the budget, the least patient first, and nobody for ever last."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.clocks import AutoClock, FakeClock, settle
from tui_app.api.budget import Budget
from tui_app.api.turns import APART, FAIR, HELD_MOST, MOST_AT_ONCE, SAVED, SHARE, UNEVEN, Turns, turns_of
from tui_app.models.problem import Problem, ProblemKind

RATE = 20.0


def turns(rate: float = RATE) -> tuple[FakeClock, Budget, Turns]:
    clock = FakeClock()
    budget = Budget(rate, clock)
    return clock, budget, Turns(budget, clock)


class Lookers:
    """Anybody who looks, and when each got its turn."""

    def __init__(self, clock: FakeClock, of: Turns, takes: float = 0.0, spend: Budget | None = None) -> None:
        self.clock, self.turns, self.takes, self.spend = clock, of, takes, spend
        self.got: list[tuple[float, str]] = []
        self.tasks: list[asyncio.Task[None]] = []

    def begin(self, name: str, patience: float = 0.0) -> asyncio.Task[None]:
        self.tasks.append(asyncio.ensure_future(self._look(name, patience)))
        return self.tasks[-1]

    async def _look(self, name: str, patience: float) -> None:
        async with self.turns.turn(name, patience=patience):
            self.got.append((self.clock.monotonic(), name))
            if self.spend is not None:
                await self.spend.acquire()
            await self.clock.sleep(self.takes)

    @property
    def order(self) -> list[str]:
        return [name for _, name in self.got]

    @property
    def times(self) -> list[float]:
        return [at for at, _ in self.got]


def too_many(seconds: float) -> Problem:
    return Problem(ProblemKind.RATE_LIMITED, "Too many requests", retry_after=seconds)


async def test_looks_take_their_part_of_the_budget_and_never_more_in_any_second() -> None:
    clock, budget, of = turns()
    lookers = Lookers(clock, of, spend=budget)
    for number in range(200):
        lookers.begin(f"conn_{number}")
    await clock.advance(30)
    assert len(lookers.got) == 200
    assert lookers.times[-1] == pytest.approx(200 / (SHARE * RATE), abs=1)
    assert len([at for at in lookers.times if at < 0.1]) == pytest.approx(SAVED * SHARE * RATE, abs=2)
    for seconds in (1.0, UNEVEN):
        most = int(SHARE * RATE * seconds)
        for first, beyond in zip(lookers.times, lookers.times[most:], strict=False):
            assert beyond - first >= seconds - 1e-9


async def test_what_a_person_does_is_sent_at_once_however_many_look() -> None:
    clock, budget, of = turns()
    lookers = Lookers(clock, of, spend=budget)
    for number in range(500):
        lookers.begin(f"conn_{number}")
    waits = []
    for _ in range(10):
        await clock.advance(0.7)
        waits.append(await asyncio.wait_for(budget.acquire(), 1))
    assert waits == [0.0] * 10
    for task in lookers.tasks:
        task.cancel()
    await asyncio.gather(*lookers.tasks, return_exceptions=True)


async def test_under_load_turns_come_evenly() -> None:
    clock, _, of = turns()
    lookers = Lookers(clock, of)
    for number in range(100):
        lookers.begin(f"conn_{number}")
    await clock.advance(10)
    gaps = [after - before for before, after in pairwise(lookers.times[40:])]
    assert all(gap == pytest.approx(1 / (SHARE * RATE), abs=0.02) for gap in gaps)


async def test_the_least_patient_goes_first() -> None:
    clock, _, of = turns()
    for number in range(1000):  # so many that a fair share is a minute
        of.plan(number, 60.0)
    lookers = Lookers(clock, of)
    for number in range(30):  # what was saved up is spent
        lookers.begin(f"early_{number}")
    await settle()
    lookers.begin("slow", 30.0)
    lookers.begin("fast", 1.0)
    lookers.begin("first of all", 0.0)
    await clock.advance(10)
    assert lookers.order[-3:] == ["first of all", "fast", "slow"]


async def test_nobody_is_overtaken_for_ever() -> None:
    clock, _, of = turns()
    lookers = Lookers(clock, of)
    for number in range(100):
        of.plan(number, 10.0)
    for number in range(30):
        lookers.begin(f"early_{number}")
    lookers.begin("slow", 60.0)

    async def impatient() -> None:
        for number in range(2000):
            lookers.begin(f"fast_{number}")
            await clock.sleep(0.02)  # three times as many as there are turns

    crowd = asyncio.ensure_future(impatient())
    share = 100 / (SHARE * RATE)
    await clock.advance(4 * share)
    assert "slow" in lookers.order
    for task in [crowd, *lookers.tasks]:
        task.cancel()
    await asyncio.gather(crowd, *lookers.tasks, return_exceptions=True)


async def test_after_a_429_all_wait_exactly_as_long_as_the_server_said() -> None:
    clock, _, of = turns()
    await clock.advance(5)
    of.note(too_many(7.25))
    lookers = Lookers(clock, of)
    for number in range(5):
        lookers.begin(f"conn_{number}")
    await clock.advance(20)
    assert lookers.times[0] == pytest.approx(12.25)
    assert lookers.times[1] - lookers.times[0] == pytest.approx(1 / (SHARE * RATE))  # and not all at once then


@pytest.mark.parametrize("problem", [None, Problem(ProblemKind.SERVER, "Broken", retry_after=9.0), too_many(0.0)])
async def test_nothing_else_holds_them(problem: Problem | None) -> None:
    clock, _, of = turns()
    of.note(problem)
    lookers = Lookers(clock, of)
    lookers.begin("conn_0")
    await settle()
    assert lookers.times == [0.0]


async def test_one_answer_holds_the_others_for_a_minute_at_most() -> None:
    clock, _, of = turns()
    of.note(too_many(86400.0))
    lookers = Lookers(clock, of)
    lookers.begin("conn_0")
    await clock.advance(100)
    assert lookers.times == [HELD_MOST]


async def test_one_connection_is_not_asked_more_than_its_part_and_holds_up_no_other() -> None:
    clock, _, of = turns(400.0)
    lookers = Lookers(clock, of)
    for _ in range(10):
        lookers.begin("conn_0")
    lookers.begin("conn_1")
    await clock.advance(3)
    alone = [at for at, name in lookers.got if name == "conn_0"]
    assert all(after - before >= APART - 1e-9 for before, after in pairwise(alone))
    assert len(alone) == 10
    assert next(at for at, name in lookers.got if name == "conn_1") < APART


async def test_only_so_many_are_under_way_and_an_end_makes_room() -> None:
    clock, _, of = turns(400.0)
    lookers = Lookers(clock, of, takes=10.0)
    for number in range(MOST_AT_ONCE + 3):
        lookers.begin(f"conn_{number}")
    await clock.advance(9)
    assert len(lookers.got) == MOST_AT_ONCE
    await clock.advance(2)
    assert len(lookers.got) == MOST_AT_ONCE + 3


@pytest.mark.parametrize("when", ["waiting", "looking"])
async def test_who_is_cancelled_leaves_no_gap_and_nothing_behind(when: str) -> None:
    clock, _, of = turns(1.0)
    lookers = Lookers(clock, of, takes=0.0 if when == "waiting" else 5.0)
    first = lookers.begin("conn_0")
    second = lookers.begin("conn_1")
    await settle()
    (second if when == "waiting" else first).cancel()
    await settle()
    third = lookers.begin("conn_2")
    await clock.advance(60)
    assert third.done()
    assert lookers.order == (["conn_0", "conn_2"] if when == "waiting" else ["conn_0", "conn_1", "conn_2"])
    others = asyncio.all_tasks() - {asyncio.current_task()}
    assert not others
    assert clock.sleeping == 0


def test_waits_are_stretched_so_that_all_that_is_wanted_fits() -> None:
    _, _, of = turns()
    assert of.room().stretch == 1.0
    for number in range(160):
        of.plan(number, 2.0)
    assert of.room().stretch == pytest.approx(160 / 2.0 / (SHARE * RATE))
    assert of.room().most == pytest.approx(FAIR * 160 / RATE)
    for number in range(160):  # each now waits as long as that: what is wanted stays what it was
        of.plan(number, 2.0 * of.room().stretch, of.room().stretch)
    assert of.room().stretch == pytest.approx(160 / 2.0 / (SHARE * RATE))
    for number in range(160):
        of.plan(number, None)
    assert (of.room().stretch, of.room().most) == (1.0, 0.0)


@given(st.lists(st.tuples(st.floats(0, 30), st.floats(0, 100), st.integers(0, 5)), min_size=1, max_size=40))
def test_everybody_gets_a_turn_whoever_comes_when(wishes: list[tuple[float, float, int]]) -> None:
    async def story() -> int:
        clock = AutoClock()
        lookers = Lookers(clock, Turns(Budget(2.0, clock), clock), takes=0.3)

        async def later(at: float, patience: float, connection: int) -> None:
            await clock.sleep(at)
            await lookers.begin(f"conn_{connection}", patience)

        await asyncio.gather(*(later(*wish) for wish in wishes))
        return len(lookers.got)

    assert asyncio.run(story()) == len(wishes)


def test_all_that_look_through_one_way_share_its_turns() -> None:
    clock, _, of = turns()

    class Way:
        turns = of

    class Api:
        transport = Way()

    scripted: Callable[[], object] = object
    assert turns_of(Api(), clock) is of
    assert turns_of(scripted(), clock) is not of
