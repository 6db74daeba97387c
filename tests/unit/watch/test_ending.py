"""Where the end of a sync is likely, and when a look is worth it."""

from __future__ import annotations

import random
from math import exp, log

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.unit.watch.story import a_look, a_sync
from tui_app.api.turns import Room
from tui_app.watch.earlier import History
from tui_app.watch.ending import Projection, ending, unnoticed, wait_worth
from tui_app.watch.pacing import Pacing, Tempo, next_look
from tui_app.watch.usual import Usual

USUAL = Usual.of([700.0, 720.0, 740.0, 690.0, 760.0])


def projected(*points: tuple[float, float]) -> Projection:
    run = Projection.begun(*points[0])
    for point in points[1:]:
        run = run.after(*point)
    return run


def evenly(until: float, whole: float = 720.0, every: float = 15.0) -> Projection:
    count = int(until / every)
    return projected(*((number * every, 100 * number * every / whole) for number in range(count + 1)))


def end_of(run: Projection) -> tuple[float, float]:
    end = run.end()
    assert end is not None
    return exp(end[0]), exp(end[0]) * end[1]


def test_an_even_run_tells_its_end_to_the_second() -> None:
    total, off = end_of(evenly(360))
    assert total == pytest.approx(720, abs=0.5)
    assert off < 1


def test_one_that_slows_down_is_expected_later_and_trusted_less() -> None:
    slowing = projected(*((at, 100 * (1 - (1 - at / 720) ** 2)) for at in range(0, 540, 15)))
    assert slowing.total is not None
    total, off = end_of(slowing)
    assert slowing.total < total < 720 < total + 3 * off
    assert off > 20 * end_of(evenly(525))[1]


def test_what_falls_back_or_stands_still_begins_anew_or_says_nothing() -> None:
    run = evenly(360)
    assert run.after(375, run.at[1]) is run
    assert run.after(375, 3.0) == Projection.begun(375, 3.0)
    assert projected((0, 0), (15, 2)).end() is None


def test_without_earlier_syncs_nothing_is_expected_of_a_pace_alone() -> None:
    assert not ending(None, evenly(360))


def test_what_goes_unnoticed_is_what_chance_says() -> None:
    parts, chance = ending(USUAL, None), random.Random(4)
    age, wait, late, still = 600.0, 120.0, 0.0, 0
    for _ in range(200_000):
        _, middle, spread = parts[0] if chance.random() < parts[0][0] else parts[1]
        end = exp(chance.gauss(middle, spread))
        if end > age:
            still += 1
            late += max(age + wait - end, 0.0)
    assert unnoticed(parts, age, wait) == pytest.approx(late / still, rel=0.03)


@given(st.floats(1, 1e5), st.floats(1e-9, 1e3), st.floats(0.1, 50))
@example(7907.0, 1e-9, 0.1)  # long after every end that is known, where shares are next to 1
def test_a_wait_is_within_its_bounds_and_worth_its_look(age: float, worth: float, least: float) -> None:
    parts = ending(USUAL, None)
    wait = wait_worth(parts, age, worth, least, 60.0)
    assert least * 0.999 <= wait <= 60.0
    if wait < 60.0 and wait > least * 1.02:
        # It is found to one part in a hundred.
        assert unnoticed(parts, age, wait * 0.98) <= worth <= unnoticed(parts, age, wait * 1.02)


def test_looks_are_close_where_the_end_is_likely_and_far_apart_long_before_and_after() -> None:
    parts = ending(USUAL, None)
    waits = {age: wait_worth(parts, age, 7e-4, 0.1, 60.0) for age in (100.0, 400.0, 720.0, 900.0)}
    assert waits[720.0] < waits[400.0] < waits[100.0]
    assert waits[720.0] < 1.0
    assert waits[100.0] > 5.0


def looking(age: float, progress: float | None, *, room: Room | None = None, visible: bool = True) -> float:
    """The wait after a look at an even run of which earlier syncs are known."""
    tempo = Tempo()
    for at in [number * 15.0 for number in range(int(age / 15))] + [age]:
        told = None if progress is None else progress * at / age
        tempo = tempo.after(a_look(a_sync(progress=told), seconds=at), at)
    pacing = Pacing().knowing(History((700.0, 720.0, 740.0, 690.0, 760.0)))
    pace = next_look(tempo, random=lambda: 0.5, pacing=pacing, visible=visible, room=room or Room())
    assert pace.seconds is not None
    return pace.seconds


def test_a_sync_that_tells_no_progress_is_looked_at_closely_once_its_time_has_come() -> None:
    assert looking(720, None) <= 1.0
    assert looking(240, None) > 2.0


def test_an_even_run_is_left_alone_until_just_before_its_end() -> None:
    assert looking(700, 100 * 700 / 720) == pytest.approx(19, abs=7)
    assert looking(360, 50.0) > 10


def test_where_there_is_little_room_all_wait_longer_but_not_longer_than_everybody_has_to() -> None:
    assert looking(720, None, room=Room(4.0, 60.0)) == pytest.approx(4 * looking(720, None), rel=1.0)
    assert looking(240, 30.0, room=Room(100.0, 60.0)) <= 60.0
    assert looking(720, None, visible=False) > looking(720, None)


def test_who_was_held_up_compares_with_no_earlier_sync() -> None:
    tempo = Tempo().after(a_look(a_sync(provider_requests=["historical_files"]), seconds=300), 300)
    tempo = tempo.after(a_look(a_sync(), seconds=720), 720)
    pacing = Pacing().knowing(History((720.0,) * 5))
    pace = next_look(tempo, random=lambda: 0.5, pacing=pacing)
    assert pace.seconds == Pacing().running.first
    assert log(720) == pytest.approx(Usual.of([720.0] * 5).middle)
