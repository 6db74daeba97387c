"""The server's clock is followed without jitter, however it runs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.clocks import START, FakeClock
from tui_app.api.server_clock import ServerClock

THEIRS = datetime(2030, 1, 1, 12, 0, 0, tzinfo=UTC)


def stamp(moment: datetime) -> datetime:
    """What a Date header tells of a moment: whole seconds."""
    return moment.replace(microsecond=0)


def test_before_any_answer_this_machines_clock_is_told() -> None:
    assert ServerClock(FakeClock()).now() == START


async def test_one_answer_tells_the_time_to_about_half_a_second() -> None:
    clock = FakeClock()
    server = ServerClock(clock)
    await clock.advance(5)
    server.learn(THEIRS, sent=4.9, received=5.0)

    assert abs(server.now() - THEIRS - timedelta(seconds=0.5)) < timedelta(seconds=0.1)
    await clock.advance(10)
    assert abs(server.now() - THEIRS - timedelta(seconds=10.5)) < timedelta(seconds=0.1)


@given(begins=st.floats(0, 0.999), steps=st.lists(st.floats(0.01, 3), min_size=1, max_size=40), trip=st.floats(0, 0.5))
async def test_a_clock_that_runs_like_ours_never_goes_back_and_stays_near(
    begins: float, steps: list[float], trip: float
) -> None:
    clock = FakeClock()
    server = ServerClock(clock)
    shown = datetime.min.replace(tzinfo=UTC)
    for step in steps:
        sent = clock.monotonic()
        theirs = THEIRS + timedelta(seconds=begins + sent + trip / 2)
        clock._step(sent + trip)
        server.learn(stamp(theirs), sent, clock.monotonic())
        now = server.now()
        assert now >= shown
        assert abs((now - theirs).total_seconds()) <= 1.01 + trip
        shown = now
        clock._step(clock.monotonic() + step)


async def test_a_simulated_clock_that_runs_sixty_times_as_fast_is_caught_up_with_at_each_answer() -> None:
    clock = FakeClock()
    server = ServerClock(clock)
    for _ in range(20):
        theirs = THEIRS + timedelta(seconds=60 * clock.monotonic())
        server.learn(stamp(theirs), clock.monotonic(), clock.monotonic())
        assert abs(server.now() - theirs) <= timedelta(seconds=1)
        await clock.advance(5)


async def test_a_clock_that_was_set_back_is_followed_back() -> None:
    clock = FakeClock()
    server = ServerClock(clock)
    server.learn(THEIRS, 0, 0)
    server.now()
    server.learn(THEIRS - timedelta(hours=1), 0, 0)

    assert abs(server.now() - THEIRS + timedelta(hours=1)) <= timedelta(seconds=1)


async def test_a_small_correction_holds_the_clock_rather_than_turning_it_back() -> None:
    clock = FakeClock()
    server = ServerClock(clock)
    server.learn(THEIRS + timedelta(seconds=1), 0, 0)
    before = server.now()
    server.learn(THEIRS, 0, 0)

    assert server.now() == before
