"""Whether a sync stands still: by how often its progress usually changes, and never where it may rightly rest."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.watch.story import a_look, a_problem, a_sync
from tui_app.models.observation import Observation
from tui_app.watch.earlier import ENOUGH, NOTHING_KNOWN, History
from tui_app.watch.stall import stall

# Looks come a little more often than the progress usually changes: here every ten seconds.
TEN = History(durations=(720.0,) * 5, gaps=(10.4,) * 50)


def moving(until: int = 100, **fields: Any) -> list[Observation]:
    """Looks every ten seconds at a sync that moves with each."""
    return [a_look(a_sync(progress=at / 10, **fields), seconds=at) for at in range(0, until + 1, 10)]


def still(since: int, until: int, status: str = "in_progress", **fields: Any) -> list[Observation]:
    """Looks every ten seconds at a sync that does not change."""
    same = {"progress": 10.0} | fields
    return [a_look(a_sync(status, **same), seconds=at) for at in range(since, until + 1, 10)]


def stalls_at(seen: list[Observation], history: History = TEN) -> float | None:
    """At which look it is first said to stand still, in seconds after the request."""
    for count in range(1, len(seen) + 1):
        if stall(seen[:count], history).stalled:
            return (seen[count - 1].observed_at - seen[0].observed_at).total_seconds()
    return None


def test_a_sync_that_moves_does_not_stall() -> None:
    assert stalls_at(moving(900)) is None


def test_one_that_stops_is_found_within_three_usual_gaps() -> None:
    assert stalls_at([*moving(), *still(110, 900)]) == 120.0  # it changed after 90 s and no later than 100 s


def test_it_says_what_is_seen_and_what_is_usual() -> None:
    told = stall([*moving(), *still(110, 640)], TEN)
    assert told.words == "no change for 9 min; usually every 10 s"
    assert told.basis == "by earlier syncs of this connection that were watched"
    assert told.since == moving()[-1].observed_at


def test_one_look_without_a_change_is_no_standstill() -> None:
    assert not stall([*moving(), *still(110, 110)], TEN).stalled


def test_any_change_counts_as_life() -> None:
    assert not stall([*moving(), *still(110, 300), *still(310, 310, issues=["isu_1"])], TEN).stalled


@pytest.mark.parametrize(
    ("rest", "why"),
    [
        (still(110, 90000, provider_requests=["historical_files"]), "it waits for the provider, which may take days"),
        (still(110, 9000, "requested"), "it has not begun yet"),
        (still(110, 9000, progress=None), "the server tells no progress to compare"),
        (still(110, 9000, "completed"), "it has ended"),
    ],
)
def test_what_may_rightly_rest_never_stalls_and_says_why(rest: list[Observation], why: str) -> None:
    told = stall([*moving(), *rest], TEN)
    assert (told.stalled, told.words, told.basis) == (False, "", why)


def test_after_the_provider_has_delivered_it_counts_anew() -> None:
    waited = still(110, 9000, provider_requests=["historical_files"])
    assert stalls_at([*moving(), *waited, *still(9010, 9800)]) == pytest.approx(9030, abs=5)


def test_trying_again_may_take_longer_and_the_first_try_does_not() -> None:
    again = still(110, 900, attempts=2)
    assert stalls_at([*moving(attempts=1), *again]) == pytest.approx(280, abs=15)  # a quarter of twelve minutes
    assert stalls_at([*moving(attempts=0), *still(110, 900, attempts=1)]) == pytest.approx(130, abs=5)
    retrying = still(110, 900, "retrying")
    assert stalls_at([*moving(), *retrying]) == pytest.approx(280, abs=15)


def test_what_finishes_at_its_last_hundredth_is_not_hurried() -> None:
    nearly = [a_look(a_sync(progress=99.99), seconds=at) for at in range(110, 200, 10)]
    assert stalls_at([*moving(), *nearly]) is None


def test_a_server_that_does_not_answer_says_nothing_of_the_sync() -> None:
    failing = [a_look(problem=a_problem(), seconds=at) for at in range(110, 900, 10)]
    assert stalls_at([*moving(), *failing]) is None


def test_a_change_found_after_an_outage_is_not_held_to_have_been_long_ago() -> None:
    back = [a_look(a_sync(progress=60), seconds=at) for at in (900, 901, 902)]
    assert stalls_at([*moving(), a_look(problem=a_problem(), seconds=110), *back]) is None


def test_without_watched_earlier_syncs_the_run_itself_says_what_is_usual() -> None:
    told = stall([*moving(), *still(110, 200)], NOTHING_KNOWN)
    assert told.stalled
    assert told.basis == "by what this run did so far"


def test_as_long_as_too_few_changes_were_seen_it_says_so() -> None:
    few = 10 * ENOUGH  # one gap fewer than are needed
    told = stall([*moving(few), *[a_look(a_sync(progress=few / 10), seconds=at) for at in range(few + 10, 900, 10)]])
    assert (told.stalled, told.basis) == (False, "how often its progress usually changes is not known yet")


@pytest.mark.parametrize(
    ("history", "limit", "basis"),
    [
        (NOTHING_KNOWN, 1800, "nor how long its syncs take"),
        (History(durations=(720.0,) * 3), 540, "by how long earlier syncs of this connection took: 12 min"),
        (History(durations=(60.0,)), 300, "by how long earlier syncs of this connection took: 60 s"),
    ],
)
def test_one_that_was_met_standing_still_is_said_to_after_a_time_that_is_long_for_any(
    history: History, limit: int, basis: str
) -> None:
    met = still(0, 2000)
    assert stalls_at(met, history) == limit + 10
    told = stall(met, history)
    assert told.words == "no change for 33 min"
    assert told.basis.endswith(basis)


def test_a_run_that_rested_before_may_rest_that_long_again() -> None:
    rested = [a_look(a_sync(progress=10), seconds=at) for at in range(110, 200, 10)]
    on = [a_look(a_sync(progress=at / 10), seconds=at) for at in range(200, 260, 10)]
    before = [*moving(), *rested, *on]

    def again(until: int) -> list[Observation]:
        return [*before, *[a_look(a_sync(progress=25), seconds=at) for at in range(260, until, 10)]]

    assert not stall(again(400)).stalled
    assert stall(again(460)).stalled
