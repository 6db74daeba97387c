from __future__ import annotations

from itertools import pairwise

from hypothesis import assume, given
from hypothesis import strategies as st

from tui_app.sandbox.ids import Draw
from tui_app.sandbox.planning import Schedule, past_plan, requested_plan, stalled
from tui_app.sandbox.plans import DAY, HOUR, MINUTE, SECOND, SyncPlan, bursts, gliding, retried_at, waiting

NOW = 1_795_000_000_000
SEEDS = st.integers(0, 10_000)
# Shares of a sync's life, and some of what lies around it.
SHARES = st.lists(st.floats(-0.1, 1.1), min_size=2, max_size=40)


def plan_of(seed: int) -> SyncPlan:
    """Return any kind of plan there is."""
    draw = Draw("any plan", seed)
    curve = draw.pick((gliding(draw), bursts(draw), stalled(draw), waiting(draw, 0.9), ()))
    run_ms = draw.between(SECOND, 3 * DAY)
    return SyncPlan(
        id="sync_",
        requested_ms=NOW,
        start_from_ms=0,
        delay_ms=draw.between(0, MINUTE),
        run_ms=run_ms,
        failure="because" if draw.chance(0.3) else None,
        waypoints=curve,
        bursty=draw.chance(0.5),
        retries_ms=retried_at(draw, run_ms, draw.between(0, 4)),
        provider_requests=("historical_files",) if draw.chance(0.3) else (),
        provider_answers_ms=run_ms // 2,
        cut_ms=NOW + draw.between(0, DAY) if draw.chance(0.3) else None,
    )


def moments_of(plan: SyncPlan, shares: list[float]) -> list[int]:
    return [plan.requested_ms + int(share * (plan.ended_ms - plan.requested_ms)) for share in shares]


@given(SEEDS, SHARES)
def test_a_sync_only_ever_gets_further(seed: int, shares: list[float]) -> None:
    plan = plan_of(seed)
    order = ["requested", "in_progress", "completed", "failed"]
    looks = [plan.at(moment) for moment in sorted(moments_of(plan, shares))]
    told = [look.progress for look in looks if look.progress is not None]
    assert told == sorted(told)
    assert [look.attempts for look in looks] == sorted(look.attempts for look in looks)
    assert [order.index(look.status) for look in looks] == sorted(order.index(look.status) for look in looks)


@given(SEEDS, SHARES)
def test_a_look_depends_on_the_time_alone(seed: int, shares: list[float]) -> None:
    plan = plan_of(seed)
    moments = moments_of(plan, shares)
    first = {moment: plan_of(seed).at(moment) for moment in moments}
    assert {moment: plan.at(moment) for moment in reversed(moments)} == first


@given(SEEDS, SHARES)
def test_progress_has_two_decimals_and_reaches_100_with_completion_only(seed: int, shares: list[float]) -> None:
    plan = plan_of(seed)
    for moment in moments_of(plan, shares):
        look = plan.at(moment)
        if look.progress is not None:
            assert 0 <= look.progress <= 100
            assert round(look.progress, 2) == look.progress
            assert (look.progress == 100) == (look.status == "completed")


@given(SEEDS)
def test_a_finished_sync_waits_for_nobody(seed: int) -> None:
    plan = plan_of(seed)
    look = plan.at(plan.ended_ms)
    assert look.status in {"completed", "failed"}
    assert not look.provider_requests


@given(SEEDS, st.integers(1, 15 * MINUTE))
def test_a_cut_changes_nothing_that_was_seen_before_it(seed: int, after: int) -> None:
    plan = requested_plan(Draw(seed), NOW, start_from_ms=0)
    cut = plan.cut(NOW + after, "cut off")
    assert cut.at(NOW + after - 1) == plan.at(NOW + after - 1)
    if NOW + after < plan.ended_ms:
        assert cut.at(NOW + after).status == "failed"
        assert cut.failure == "cut off"
    else:
        assert cut == plan


@given(SEEDS)
def test_a_requested_sync_takes_8_to_15_minutes_and_shows_at_least_ten_values(seed: int) -> None:
    plan = requested_plan(Draw(seed), NOW, start_from_ms=0)
    assert 8 * MINUTE <= plan.ended_ms - NOW <= 15 * MINUTE
    looks = [plan.at(NOW + second * SECOND) for second in range(0, 15 * 60 + 1, 30)]
    assert looks[0].status == "requested"
    assert looks[-1].status == "completed"
    assert len({look.progress for look in looks} - {None}) >= 10


@given(SEEDS)
def test_a_first_sync_that_asks_something_of_the_provider_keeps_its_time(seed: int) -> None:
    plan = requested_plan(Draw(seed), NOW, start_from_ms=0, provider_requests=("historical_files",))
    assert 8 * MINUTE <= plan.ended_ms - NOW <= 15 * MINUTE
    looks = [plan.at(NOW + second * SECOND) for second in range(0, 15 * 60 + 1, 30)]
    assert looks[0].provider_requests == looks[3].provider_requests == ("historical_files",)
    assert plan.at(NOW + 5 * MINUTE).provider_requests == ()
    assert looks[-1].status == "completed"
    assert len({look.progress for look in looks} - {None}) >= 10


@given(SEEDS)
def test_a_later_sync_that_asks_something_of_the_provider_waits_for_days(seed: int) -> None:
    plan = requested_plan(Draw(seed), NOW, start_from_ms=0, provider_requests=("historical_files",), reliable=False)
    assume(plan.failure is None)
    waiting_look = plan.at(NOW + 20 * HOUR)
    assert waiting_look.status == "in_progress"
    assert waiting_look.provider_requests == ("historical_files",)
    assert plan.at(plan.ended_ms - 1).provider_requests == ()
    assert plan.at(plan.ended_ms).status == "completed"


def test_bursts_rest_between_their_steps() -> None:
    draw = Draw("bursts")
    plan = SyncPlan("sync_", NOW, 0, 0, 20 * MINUTE, waypoints=bursts(draw), bursty=True)
    seen = [plan.at(NOW + second * SECOND).progress for second in range(20 * 60)]
    assert len(set(seen)) <= 13


def test_attempts_rise_while_a_sync_is_retried() -> None:
    plan = SyncPlan("sync_", NOW, 0, SECOND, 10 * MINUTE, retries_ms=(MINUTE, 3 * MINUTE))
    minutes = (0, 0.5, 2, 4, 9)
    assert [plan.at(NOW + int(minute * MINUTE)).attempts for minute in minutes] == [0, 1, 2, 3, 3]


@given(SEEDS, st.integers(0, 40 * DAY), st.integers(0, 10 * DAY))
def test_automatic_syncs_of_a_time_do_not_depend_on_when_one_looks(seed: int, since: int, later: int) -> None:
    schedule = Schedule((1, seed), first_ms=NOW - DAY, phase_ms=seed * 700)
    now = NOW + since
    early = list(schedule.between(0, now))
    late = [plan for plan in schedule.between(0, now + later) if plan.requested_ms <= now]
    assert early == late
    gaps = [newer.requested_ms - older.requested_ms for newer, older in pairwise(early)]
    assert all(abs(gap - 2 * HOUR) <= 3 * MINUTE for gap in gaps)


def test_a_connection_that_fails_fails_every_time() -> None:
    schedule = Schedule((1, 1), NOW - DAY, 0, failing_from_ms=NOW - 10 * HOUR)
    looks = [(plan.requested_ms, plan.at(plan.ended_ms)) for plan in schedule.between(0, NOW)]
    assert {look.status for requested, look in looks if requested >= NOW - 10 * HOUR} == {"failed"}
    assert "completed" in {look.status for requested, look in looks if requested < NOW - 10 * HOUR}


def test_a_sync_of_the_past_is_over() -> None:
    plan = past_plan(Draw("past"), NOW - DAY)
    assert plan.at(NOW).status in {"completed", "failed"}
