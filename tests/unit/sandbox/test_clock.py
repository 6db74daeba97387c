from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_app.sandbox.clock import VirtualClock, from_ms, iso, to_ms

START = datetime(2026, 11, 22, 12, tzinfo=UTC)


class Wall:
    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def test_it_shows_its_start_first() -> None:
    assert VirtualClock(START, 1, Wall()).now() == START


def test_it_runs_as_many_times_faster_as_its_speed_says() -> None:
    wall = Wall()
    clock = VirtualClock(START, 600, wall)
    wall.seconds += 2
    assert clock.now() == START + timedelta(seconds=1200)


def test_a_change_of_speed_does_not_make_it_jump() -> None:
    wall = Wall()
    clock = VirtualClock(START, 10, wall)
    wall.seconds += 3
    clock.set_speed(600)
    assert clock.now() == START + timedelta(seconds=30)
    wall.seconds += 1
    assert clock.now() == START + timedelta(seconds=630)


def test_it_stands_still_while_it_is_paused_and_goes_on_from_there() -> None:
    wall = Wall()
    clock = VirtualClock(START, 2, wall)
    wall.seconds += 5
    clock.pause()
    clock.pause()
    wall.seconds += 100
    assert clock.paused
    assert clock.now() == START + timedelta(seconds=10)
    clock.resume()
    wall.seconds += 1
    assert clock.now() == START + timedelta(seconds=12)


def test_it_can_be_moved_forward_even_while_it_is_paused() -> None:
    clock = VirtualClock(START, 1, Wall())
    clock.pause()
    clock.advance(90)
    assert clock.now() == START + timedelta(seconds=90)


def test_it_tells_whoever_wants_to_know_that_it_runs_otherwise_now() -> None:
    clock, told = VirtualClock(START, 1, Wall()), []
    clock.on_change = lambda: told.append(clock.now())
    clock.set_speed(2)
    clock.advance(5)
    clock.pause()
    clock.resume()
    assert len(told) == 4


@pytest.mark.parametrize("speed", [-1, float("nan"), float("inf")])
def test_it_refuses_a_speed_that_is_none(speed: float) -> None:
    with pytest.raises(ValueError, match="speed"):
        VirtualClock(START, speed)


def test_it_refuses_to_move_backwards() -> None:
    with pytest.raises(ValueError, match="forward"):
        VirtualClock(START, 1).advance(-1)


def test_it_refuses_a_start_without_a_time_zone() -> None:
    with pytest.raises(ValueError, match="zone"):
        VirtualClock(datetime(2026, 1, 1), 1)


def test_it_stops_at_the_end_of_time_instead_of_breaking() -> None:
    clock = VirtualClock(START, 1, Wall())
    clock.advance(1e15)
    assert clock.now().year == 9999


@given(st.lists(st.tuples(st.sampled_from(["wait", "speed", "pause", "resume"]), st.floats(0, 1000))))
def test_it_never_runs_backwards_whatever_is_done_to_it(steps: list[tuple[str, float]]) -> None:
    wall = Wall()
    clock = VirtualClock(START, 1, wall)
    shown = clock.now()
    for step, amount in steps:
        if step == "wait":
            wall.seconds += amount
        elif step == "speed":
            clock.set_speed(amount)
        else:
            getattr(clock, step)()
        assert clock.now() >= shown
        shown = clock.now()


@given(st.datetimes(timezones=st.just(UTC)))
def test_times_are_written_with_three_digits_of_a_second_and_read_back(moment: datetime) -> None:
    moment = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    written = iso(to_ms(moment))
    assert len(written) == 24
    assert datetime.fromisoformat(written) == moment == from_ms(to_ms(moment))
