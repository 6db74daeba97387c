"""One job of the integrations API, from being made to its end."""

from __future__ import annotations

from itertools import pairwise
from uuid import UUID

import pytest

from tests.unit.sandbox.conftest import START
from tui_app.sandbox.clock import to_ms
from tui_app.sandbox.ids import Draw, uuid
from tui_app.sandbox.plans import HOUR, MINUTE, SECOND
from tui_app.sandbox.stuut.jobs import FINAL, JobLook, JobPlan
from tui_app.sandbox.stuut.planning import LEAD, OUTCOMES, Order, Schedule, plan_job

MADE = to_ms(START)
# What may come after what.
FOLLOWS = {
    "scheduled": {"queued"},
    "queued": {"running"},
    "running": {"pending_retry", "complete", "failed", "cancelled"},
    "pending_retry": {"queued"},
}


def job(outcome: str, seed: int = 1, *, is_one_off: bool = True, previous_ms: int | None = None) -> JobPlan:
    return plan_job(Draw("test", seed), Order("model", None, MADE, previous_ms, is_one_off), outcome, "It broke")


def looks(plan: JobPlan) -> list[JobLook]:
    """What it looks like every second, from being made to a minute after its end."""
    return [plan.at(ms) for ms in range(MADE, plan.ended_ms + MINUTE, SECOND)]


def statuses(plan: JobPlan) -> list[str]:
    return [word for _, word in plan.steps]


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_a_job_goes_only_ways_that_there_are_and_is_over_in_5_to_15_minutes(outcome: str) -> None:
    for seed in range(300):
        for is_one_off in (True, False):
            plan = job(outcome, seed, is_one_off=is_one_off)
            words = statuses(plan)
            assert words[0] == "scheduled"
            assert words[-1] == OUTCOMES[outcome].end
            assert all(later in FOLLOWS[earlier] for earlier, later in pairwise(words))
            assert all(earlier < later for (earlier, _), (later, _) in pairwise(plan.steps))
            assert 5 * MINUTE <= plan.ended_ms - MADE <= 15 * MINUTE


@pytest.mark.parametrize(("outcome", "tries"), [("complete", 1), ("retry_once", 2), ("retry", 3), ("failed", 3)])
def test_each_try_counts_from_its_start_on(outcome: str, tries: int) -> None:
    seen = looks(job(outcome))
    assert [look.attempt for look in seen] == sorted(look.attempt for look in seen)
    assert {look.attempt for look in seen} == set(range(tries + 1))
    assert {look.status for look in seen if look.attempt == 0} == {"scheduled", "queued"}
    for earlier, later in pairwise(seen):
        assert later.attempt == earlier.attempt or (earlier.status, later.status) == ("queued", "running")


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_nothing_about_a_job_runs_backwards_or_is_taken_back(outcome: str) -> None:
    for seed in range(20):
        seen = looks(job(outcome, seed))
        for earlier, later in pairwise(seen):
            assert later.started_ms == earlier.started_ms or earlier.started_ms is None
            assert later.completed_ms == earlier.completed_ms or earlier.completed_ms is None
            assert (later.page or 0) >= (earlier.page or 0)
            assert (later.changed_ms or 0) >= (earlier.changed_ms or 0)
            assert earlier.status not in FINAL or later == earlier


def test_moments_are_told_once_they_have_come() -> None:
    for plan in (job(outcome, seed) for outcome in OUTCOMES for seed in range(20)):
        for ms in range(MADE, plan.ended_ms + MINUTE, 5 * SECOND):
            look = plan.at(ms)
            for moment in (look.started_ms, look.completed_ms, look.changed_ms):
                assert moment is None or MADE <= moment <= ms
            assert (look.started_ms is not None) == (look.attempt > 0)
            assert (look.completed_ms is not None) == (look.status == "complete")
            assert (look.changed_ms is None) == (look.status == "scheduled")


def test_an_error_is_told_while_it_matters() -> None:
    for look in looks(job("retry")) + looks(job("failed")):
        assert (look.error == "It broke") == (look.status in ("pending_retry", "failed"))
    assert {look.error for look in looks(job("cancelled"))} == {None}


def test_a_change_is_dated_when_it_happens() -> None:
    plan = job("retry")
    for ms in range(MADE + SECOND, plan.ended_ms + MINUTE, SECOND):
        before, look = plan.at(ms - SECOND), plan.at(ms)
        if look.changed_ms == before.changed_ms:
            assert look == before
        else:
            assert look.changed_ms is not None
            assert ms - SECOND < look.changed_ms <= ms


def test_a_further_try_goes_on_at_the_page_of_the_last_one() -> None:
    seen = looks(job("retry", 3))
    pages = [look.page for look in seen if look.page is not None]
    assert pages[0] == 1
    assert all(later - earlier in (0, 1) for earlier, later in pairwise(pages))
    assert pages[-1] > 5


@pytest.mark.parametrize("outcome", ["rejected", "unreachable"])
def test_what_lets_nobody_in_is_never_read(outcome: str) -> None:
    assert {look.page for look in looks(job(outcome))} == {None}


def test_the_first_job_of_a_model_is_its_initial_one() -> None:
    assert job("complete").is_initial
    later = job("complete", previous_ms=MADE - HOUR)
    assert (later.is_initial, later.since_ms) == (False, MADE - HOUR)


def test_a_scheduled_job_is_queued_when_its_turn_comes() -> None:
    plan = job("complete", is_one_off=False)
    assert plan.at(MADE + LEAD - 1).status == "scheduled"
    assert plan.at(MADE + LEAD).status == "queued"


def test_a_schedule_has_turns_from_its_beginning_to_its_end() -> None:
    schedule = Schedule(phase_ms=MADE, cadence_ms=3 * HOUR, first_ms=MADE - 7 * HOUR, until_ms=MADE + 4 * HOUR)
    assert schedule.latest(MADE - 7 * HOUR) is None
    assert schedule.following(MADE - 100 * HOUR) == -2
    assert schedule.latest(MADE - 6 * HOUR - LEAD) == -2
    assert schedule.latest(MADE - 6 * HOUR - LEAD - 1) is None
    assert schedule.latest(MADE - LEAD) == 0
    assert schedule.following(MADE - LEAD) == 0
    assert schedule.following(MADE) == 1
    assert schedule.following(MADE + 3 * HOUR) is None
    assert schedule.latest(MADE + 100 * HOUR) == 1


def test_ids_are_uuids_that_depend_on_the_seed() -> None:
    made = [uuid(Draw("uuid", seed)) for seed in range(1000)]
    assert len(set(made)) == 1000
    assert all(UUID(each).version == 4 and str(UUID(each)) == each for each in made)
    assert uuid(Draw("uuid", 7)) == made[7]
    assert job("complete", 4).id == job("complete", 4).id != job("complete", 5).id
