"""When a sync will end: a range that says what it rests on, and never more than is known."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.clocks import START
from tests.unit.watch.story import a_look, a_problem, a_sync
from tui_app.models.observation import Observation
from tui_app.watch.earlier import NOTHING_KNOWN, History
from tui_app.watch.estimate import Estimate, estimate

MINUTE = 60.0
TWELVE = History(tuple(minutes * MINUTE for minutes in (11, 12, 12.5, 13, 11.5, 12, 14)))


def even(until: float, whole: float = 720, step: float = 10, **fields: Any) -> list[Observation]:
    """Looks at a sync that moves evenly, up to a time, in seconds."""
    times = [step * number for number in range(int(until / step) + 1)]
    return [a_look(a_sync(progress=round(100 * at / whole, 2), **fields), seconds=at) for at in times]


def mute(until: float, **fields: Any) -> list[Observation]:
    """Looks at a sync whose server tells no progress."""
    return [a_look(a_sync(**fields), seconds=at) for at in range(0, int(until) + 1, 10)]


def left(told: Estimate, seconds: float) -> tuple[float, float]:
    """The range, so many seconds after the request."""
    found = told.left(START + timedelta(seconds=seconds))
    assert found is not None
    return found


class TestItsRange:
    @pytest.mark.parametrize("history", [TWELVE, NOTHING_KNOWN], ids=["with history", "without"])
    @pytest.mark.parametrize("passed", [180, 360, 540, 680])
    def test_an_even_sync_ends_within_it(self, history: History, passed: float) -> None:
        low, high = left(estimate(even(passed), history), passed)
        assert low <= 720 - passed <= high

    def test_without_progress_it_rests_on_earlier_syncs_alone(self) -> None:
        told = estimate(mute(180), TWELVE)
        low, high = left(told, 180)
        assert low <= 540 <= high
        assert told.basis == "from 7 earlier syncs of this connection (usual 11–13 min)"

    def test_the_pace_of_the_run_narrows_it(self) -> None:
        paced, alone = left(estimate(even(360), TWELVE), 360), left(estimate(mute(360), TWELVE), 360)
        assert paced[1] - paced[0] < alone[1] - alone[0]

    def test_fewer_earlier_syncs_widen_it(self) -> None:
        few, many = History((720.0,)), History((720.0,) * 9)
        widths = [high - low for low, high in (left(estimate(mute(180), known), 180) for known in (few, many))]
        assert widths[0] > 1.3 * widths[1]

    def test_a_run_that_does_the_most_first_is_held_back_by_what_is_usual(self) -> None:
        rushed = [
            a_look(a_sync(progress=round(100 * (1 - (1 - at / 720) ** 2.5), 2)), seconds=at) for at in range(0, 190, 10)
        ]
        by_pace = 180 / rushed[-1].sync.percent * 100 - 180  # type: ignore[union-attr, operator]
        low, high = left(estimate(rushed, TWELVE), 180)
        assert by_pace < 200
        assert low <= 540 <= high

    def test_it_moves_with_the_run_and_never_lies_in_the_past(self) -> None:
        for passed in range(0, 3000, 50):
            told = estimate(mute(passed), TWELVE)
            low, high = left(told, passed)
            assert 0 <= low < high
            later = told.left(START + timedelta(seconds=passed + 20))
            assert later is None or 0 <= later[0] < later[1] <= high

    def test_a_sync_that_took_days_counts_for_nothing_among_others(self) -> None:
        odd = History((*TWELVE.durations, 3 * 86400.0))
        assert left(estimate(mute(180), odd), 180)[1] < 1500

    def test_a_time_spent_waiting_for_the_provider_is_no_work(self) -> None:
        waited = [
            a_look(a_sync(progress=25), seconds=180),
            a_look(a_sync(progress=25, provider_requests=["historical_files"]), seconds=190),
            a_look(a_sync(progress=25, provider_requests=["historical_files"]), seconds=86000),
            a_look(a_sync(progress=25), seconds=86390),
        ]
        told = estimate(waited, TWELVE)
        assert not told.overdue
        low, high = left(told, 86390)
        assert low <= 530 <= high

    def test_a_run_that_began_anew_goes_by_its_new_pace(self) -> None:
        again = [a_look(a_sync(progress=(at - 300) / 6, attempts=2), seconds=at) for at in range(310, 601, 10)]
        told = estimate([*even(300), *again], NOTHING_KNOWN)
        low, high = left(told, 600)
        assert low <= 300 <= high

    def test_a_failed_look_says_nothing_of_it(self) -> None:
        seen = even(360)
        lost = [*seen, a_look(problem=a_problem(), seconds=370), a_look(problem=a_problem(), seconds=420)]
        assert estimate(lost, TWELVE) == estimate(seen, TWELVE)


class TestWhatCannotBeSaid:
    @pytest.mark.parametrize(
        ("seen", "history", "why"),
        [
            ([], TWELVE, "it was not seen yet"),
            ([a_look(problem=a_problem())], TWELVE, "it was not seen yet"),
            ([a_look(a_sync("completed", progress=100))], TWELVE, "it has ended"),
            (
                [a_look(a_sync(progress=40, provider_requests=["historical_files"]), seconds=9)],
                TWELVE,
                "it waits for the provider, which may take days",
            ),
            (
                mute(300),
                NOTHING_KNOWN,
                "no earlier sync of this connection is known to have completed, and the server tells no progress",
            ),
            (
                even(10),
                NOTHING_KNOWN,
                "no earlier sync of this connection is known to have completed, and it has hardly moved yet",
            ),
            (
                [a_look(a_sync("requested"), seconds=9)],
                NOTHING_KNOWN,
                "it has not begun, and no earlier sync of this connection is known to have completed",
            ),
        ],
    )
    def test_it_says_why_there_is_none(self, seen: list[Observation], history: History, why: str) -> None:
        told = estimate(seen, history)
        assert (told.earliest, told.latest) == (None, None)
        assert told.words(START) == ""
        assert told.basis == why

    def test_a_sync_tried_again_long_after_its_request_is_not_held_against_what_is_usual(self) -> None:
        day = 86400
        seen = [a_look(a_sync(progress=20 + at / 10, attempts=2), seconds=day + at) for at in range(0, 301, 10)]
        told = estimate(seen, TWELVE)
        assert not told.overdue
        assert told.basis == "from the pace of this run alone: no earlier sync compares"
        low, high = left(told, day + 300)
        assert low <= 500 <= high
        assert estimate(seen[:1], TWELVE).basis.startswith("it was tried before, so that earlier syncs do not compare")


class TestItsWords:
    def test_they_name_the_range_and_beneath_what_it_rests_on(self) -> None:
        told = estimate(even(360), TWELVE)
        assert told.words(START + timedelta(seconds=360)).startswith("done in ")
        assert told.basis == "from 7 earlier syncs of this connection (usual 11–13 min) and its pace"
        assert estimate(even(360)).basis == "from the pace of this run alone: no earlier sync compares"
        assert estimate(mute(99), History((720.0,))).basis == "from 1 earlier sync of this connection (it took 12 min)"

    @pytest.mark.parametrize(
        ("low", "high", "words"),
        [
            (300, 480, "done in 5–8 min"),
            (0, 170, "done within 3 min"),
            (45, 85, "done in 40–90 s"),
            (4200, 7000, "done in 1 h 10 min – 2 h"),
            (0, 5000, "done within 1 h 25 min"),
            (-30, 60, "done within 60 s"),
        ],
    )
    def test_a_range_is_rounded_outward(self, low: float, high: float, words: str) -> None:
        told = Estimate(START + timedelta(seconds=low), START + timedelta(seconds=high))
        assert told.words(START) == words

    def test_an_overdue_sync_says_so_and_not_before(self) -> None:
        assert not estimate(mute(780), TWELVE).overdue
        told = estimate(mute(2400), TWELVE)
        assert told.overdue
        assert told.words(START + timedelta(seconds=2400)).startswith("overdue: done ")

    def test_where_nobody_looked_since_it_may_be_done(self) -> None:
        told = Estimate(START, START + timedelta(seconds=60))
        assert told.words(START + timedelta(seconds=61)) == "may be done by now"
        assert told.left(START + timedelta(seconds=61)) is None
