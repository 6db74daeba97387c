"""What holds for every plot, whatever chance brings."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_app.sandbox.ids import Draw
from tui_app.sandbox.issues import KINDS
from tui_app.sandbox.plans import HOUR, MINUTE, SECOND
from tui_app.sandbox.scenarios import SCENARIOS
from tui_app.sandbox.scenarios.plots import SETTINGS, Plot, Stage

NOW = 1_795_000_000_000
SEEDS = st.integers(0, 2**64)
NAMES = pytest.mark.parametrize("name", list(SETTINGS))


def plot(name: str, seed: int) -> Plot:
    return SETTINGS[name].tell(Stage(Draw("test", seed), NOW, NOW - HOUR))


@NAMES
@given(seed=SEEDS)
def test_a_plot_depends_on_chance_alone_and_begins_now(name: str, seed: int) -> None:
    told = plot(name, seed)
    assert told == plot(name, seed)
    assert told.sync.requested_ms == NOW
    assert NOW < told.sync.started_ms <= NOW + 20 * SECOND
    assert [ms for ms, _ in told.moves] == sorted({ms for ms, _ in told.moves if ms > NOW})


@NAMES
@given(seed=SEEDS)
def test_progress_and_attempts_only_rise_and_a_sync_left_alone_completes(name: str, seed: int) -> None:
    told = plot(name, seed)
    for plan in (told.sync, *told.turns):
        shares = [place for place, _ in plan.waypoints]
        assert shares == sorted(set(shares))
        looks = [plan.at(plan.started_ms + plan.run_ms * number // 300) for number in range(301)]
        progress = [each.progress or 0 for each in looks]
        assert progress == sorted(progress)
        assert all(0 <= each < 100 for each in progress[:-1])
        assert [each.attempts for each in looks] == sorted(each.attempts for each in looks)
        assert {each.status for each in looks[:-1]} == {"in_progress"}
        assert (looks[-1].status, looks[-1].progress) == ("completed", 100)


@NAMES
@given(seed=SEEDS)
def test_all_but_the_delivery_are_over_within_an_hour(name: str, seed: int) -> None:
    told = plot(name, seed)
    over_ms = max(plan.ended_ms for plan in (told.sync, *told.turns)) - NOW
    assert over_ms <= 60 * MINUTE or (name == "provider-files" and 4 * HOUR < over_ms < 6 * HOUR)


@NAMES
@given(seed=SEEDS)
def test_every_issue_comes_up_while_the_sync_works_and_before_it_is_cut_off(name: str, seed: int) -> None:
    told = plot(name, seed)
    for issue in told.issues:
        assert issue.code in KINDS
        end_ms = min([told.sync.ended_ms, *(ms for ms, _ in told.moves)])
        assert told.sync.started_ms < issue.first_ms < end_ms
        assert issue.resolved_ms is None or issue.first_ms < issue.resolved_ms < told.sync.ended_ms
    assert told.sync.meets == tuple(issue.id for issue in told.issues)


@given(seed=SEEDS)
def test_the_pauses_of_an_outage_grow(seed: int) -> None:
    tries = plot("provider-outage", seed).sync.retries_ms
    pauses = [after - before for before, after in pairwise(tries)]
    assert len(tries) == 5
    assert all(after > 1.5 * before for before, after in pairwise(pauses))


@given(seed=SEEDS)
def test_the_syncs_of_a_flapping_connection_come_one_after_another_while_it_is_connected(seed: int) -> None:
    told = plot("flapping", seed)
    syncs = [told.sync, *told.turns]
    lost, back = [ms for ms, _ in told.moves[::2]], [ms for ms, _ in told.moves[1::2]]
    assert [word for _, word in told.moves] == ["disconnected", "connected"] * 3
    for broken, good, lost_ms, back_ms in zip(syncs[::2], syncs[1::2], lost, back, strict=True):
        assert broken.started_ms < lost_ms < broken.ended_ms
        assert lost_ms < back_ms < good.requested_ms
    for good, broken in zip(syncs[1::2], syncs[2::2], strict=False):
        assert good.ended_ms < broken.requested_ms


def test_every_scenario_is_told_of_in_single_lines_that_fit_a_wide_screen() -> None:
    for each in SCENARIOS:
        assert all("\n" not in text and 0 < len(text) <= 120 for text in (each.title, each.what, each.support_sees))
        assert each.what.endswith(".")
        assert each.support_sees.endswith(".")
        assert each.name == each.name.lower().replace(" ", "-")
