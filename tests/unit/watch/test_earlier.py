"""What earlier syncs tell: how long they took, and how often their progress changed."""

from __future__ import annotations

from datetime import timedelta

from tests.clocks import START
from tests.unit.watch.story import a_look, a_problem, a_sync
from tui_app.models.observation import Observation
from tui_app.models.sync import Sync
from tui_app.watch.earlier import MOST_DURATIONS, MOST_GAPS, gaps_of, history_of


def ended(name: str, minutes: float, *, hours_ago: float = 1.0, status: str = "completed") -> Sync:
    """An earlier sync that took so long."""
    asked = START - timedelta(hours=hours_ago)
    return a_sync(status, id=name, requested_at=asked, completed_at=asked + timedelta(minutes=minutes))


def moving(*places: tuple[float, float | None]) -> list[Observation]:
    """Looks at a sync: seconds, and its progress then."""
    return [a_look(a_sync(progress=progress), seconds=seconds) for seconds, progress in places]


def test_only_syncs_that_succeeded_tell_how_long_one_takes_the_newest_first() -> None:
    told = [ended("old", 30, hours_ago=9), ended("new", 10), ended("failed", 2, status="failed"), a_sync(id="runs")]
    assert history_of(told).durations == (600.0, 1800.0)


def test_a_sync_is_no_earlier_one_of_its_own() -> None:
    assert history_of([ended("this", 10), ended("other", 20)], of="this").durations == (1200.0,)


def test_a_sync_that_ended_before_it_was_requested_tells_nothing() -> None:
    assert history_of([ended("odd", -3)]).durations == ()


def test_what_is_kept_is_bounded() -> None:
    many = history_of((ended(f"sync_{n}", 10, hours_ago=n) for n in range(99)), [[1.0] * 400, [2.0] * 400])
    assert len(many.durations) == MOST_DURATIONS
    assert len(many.gaps) == MOST_GAPS
    assert many.gaps.count(1.0) == 400  # the newest watched one counts in full


def test_a_gap_lies_between_two_changes_whatever_the_looks_in_between() -> None:
    assert gaps_of(moving((0, 10), (5, 12), (10, 12), (15, 12), (25, 20), (30, 21))) == (20.0, 5.0)


def test_the_first_look_is_no_change() -> None:
    assert gaps_of(moving((0, 10), (5, 12))) == ()


def test_a_time_in_which_nobody_could_look_is_no_gap() -> None:
    seen = [
        *moving((0, 10), (5, 12)),
        a_look(problem=a_problem(), seconds=10),
        *moving((600, 50), (605, 52), (615, 54)),
    ]
    assert gaps_of(seen) == (10.0,)


def test_waiting_for_the_provider_or_for_another_try_is_no_gap() -> None:
    for rest in (a_sync(progress=12, provider_requests=["historical_files"]), a_sync("retrying", progress=12)):
        seen = [*moving((0, 10), (5, 12)), a_look(rest, seconds=10), *moving((9000, 13), (9005, 14), (9012, 15))]
        assert gaps_of(seen) == (7.0,)


def test_a_server_that_tells_no_progress_tells_no_gaps() -> None:
    assert gaps_of(moving((0, None), (5, None), (60, None))) == ()
