"""No second sees more requests than the budget allows."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.clocks import FakeClock
from tests.unit.api.support import SkippingClock
from tui_app.api.budget import Budget


async def test_requests_within_the_budget_do_not_wait() -> None:
    clock = SkippingClock()
    budget = Budget(20, clock)

    assert [await budget.acquire() for _ in range(20)] == [0.0] * 20
    assert clock.slept == []


async def test_the_first_request_beyond_the_budget_waits_for_the_next_second() -> None:
    clock = SkippingClock()
    budget = Budget(3, clock)
    for _ in range(3):
        await budget.acquire()

    assert await budget.acquire() == pytest.approx(1.0)


@given(rate=st.integers(1, 50), pauses=st.lists(st.floats(0, 0.7), max_size=60))
async def test_no_second_sees_more_than_the_budget(rate: int, pauses: list[float]) -> None:
    clock = SkippingClock()
    budget = Budget(rate, clock)
    sent: list[float] = []
    for pause in pauses * 2:
        clock._step(clock._elapsed + pause)
        await budget.acquire()
        sent.append(clock.monotonic())
        assert budget.used() <= rate

    for moment in sent:
        assert sum(1 for other in sent if moment <= other < moment + 1 - 1e-9) <= rate


async def test_a_fraction_spaces_requests_over_several_seconds() -> None:
    clock = SkippingClock()
    budget = Budget(0.5, clock)

    assert [await budget.acquire() for _ in range(3)] == [0.0, 2.0, 2.0]


async def test_who_asks_first_is_let_through_first() -> None:
    clock = FakeClock()
    budget = Budget(1, clock)
    order: list[int] = []

    async def ask(number: int) -> None:
        await budget.acquire()
        order.append(number)

    asking = [asyncio.create_task(ask(number)) for number in range(4)]
    await clock.advance(3)
    await asyncio.gather(*asking)

    assert order == [0, 1, 2, 3]
    assert clock.monotonic() == 3


async def test_what_was_used_is_forgotten_after_a_second() -> None:
    clock = FakeClock()
    budget = Budget(20, clock)
    for _ in range(7):
        await budget.acquire()
    assert budget.used() == 7

    await clock.advance(0.9)
    assert budget.used() == 7
    await clock.advance(0.1)
    assert budget.used() == 0


@pytest.mark.parametrize("rate", [0, -1, float("nan")])
def test_a_budget_of_nothing_is_refused(rate: float) -> None:
    with pytest.raises(ValueError, match="above 0"):
        Budget(rate, FakeClock())
