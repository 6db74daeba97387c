"""The phase of a sync with parts follows from its parts' phases alone, whatever their order and number."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_app.models.sync import Phase, phase_of

MOVING = [phase for phase in Phase if not phase.is_final]
FINAL = [phase for phase in Phase if phase.is_final]

phases = st.lists(st.sampled_from(list(Phase)), max_size=12)
some = st.lists(st.sampled_from(list(Phase)), min_size=1, max_size=12)
ended = st.lists(st.sampled_from(FINAL), max_size=12)


def test_what_has_no_parts_is_unknown() -> None:
    assert phase_of([]) is Phase.UNKNOWN


@given(st.data(), some)
def test_the_order_of_the_parts_is_no_matter(data: st.DataObject, parts: list[Phase]) -> None:
    assert phase_of(data.draw(st.permutations(parts))) is phase_of(parts) is phase_of(iter(parts))


@given(some, st.integers(0, 11), st.integers(1, 500))
def test_how_many_parts_are_in_a_phase_is_no_matter(parts: list[Phase], which: int, times: int) -> None:
    assert phase_of(parts + [parts[which % len(parts)]] * times) is phase_of(parts)


@given(phases)
def test_it_is_over_exactly_where_there_are_parts_and_all_are_over(parts: list[Phase]) -> None:
    assert phase_of(parts).is_final == (bool(parts) and all(part.is_final for part in parts))


@given(st.sampled_from(list(Phase)), st.integers(1, 12))
def test_parts_that_are_all_in_one_phase_give_that_phase(phase: Phase, times: int) -> None:
    assert phase_of([phase] * times) is phase


@given(ended)
def test_one_failure_makes_it_failed_once_all_is_over(parts: list[Phase]) -> None:
    assert phase_of([*parts, Phase.FAILED]) is Phase.FAILED


@given(ended)
def test_one_lost_end_keeps_it_from_having_succeeded(parts: list[Phase]) -> None:
    expected = Phase.FAILED if Phase.FAILED in parts else Phase.LOST
    assert phase_of([*parts, Phase.LOST]) is expected


@given(phases, st.sampled_from(MOVING))
def test_a_part_that_still_moves_keeps_it_moving(parts: list[Phase], moving: Phase) -> None:
    assert not phase_of([*parts, moving]).is_final


@given(phases)
def test_it_succeeded_exactly_where_every_part_did(parts: list[Phase]) -> None:
    assert (phase_of(parts) is Phase.SUCCEEDED) == (bool(parts) and set(parts) == {Phase.SUCCEEDED})


@given(some)
def test_it_waits_exactly_where_every_part_waits(parts: list[Phase]) -> None:
    assert (phase_of(parts) is Phase.WAITING) == (set(parts) == {Phase.WAITING})


@given(phases)
def test_a_running_part_makes_it_run(parts: list[Phase]) -> None:
    assert phase_of([*parts, Phase.RUNNING]) is Phase.RUNNING


@given(some)
def test_it_is_in_a_phase_of_a_part_or_runs_between_two_of_them(parts: list[Phase]) -> None:
    assert phase_of(parts) in {*parts, Phase.RUNNING}


@given(ended, st.sampled_from(FINAL), st.lists(st.sampled_from(MOVING), min_size=1, max_size=5))
def test_parts_that_end_one_by_one_never_take_it_from_an_end(
    over: list[Phase], end: Phase, moving: list[Phase]
) -> None:
    seen = []
    for count in range(len(moving) + 1):
        seen.append(phase_of([*over, *[end] * count, *moving[count:]]))

    assert [phase.is_final for phase in seen] == [False] * len(moving) + [True]


@pytest.mark.parametrize(
    ("parts", "whole"),
    [
        ([Phase.WAITING, Phase.SUCCEEDED], Phase.RUNNING),
        ([Phase.WAITING, Phase.FAILED], Phase.RUNNING),
        ([Phase.WAITING, Phase.RETRYING], Phase.RETRYING),
        ([Phase.WAITING, Phase.UNKNOWN], Phase.UNKNOWN),
        ([Phase.RETRYING, Phase.UNKNOWN], Phase.RETRYING),
        ([Phase.RETRYING, Phase.RUNNING], Phase.RUNNING),
        ([Phase.CANCELLED, Phase.SUCCEEDED], Phase.CANCELLED),
        ([Phase.CANCELLED, Phase.LOST], Phase.LOST),
        ([Phase.LOST, Phase.FAILED], Phase.FAILED),
        ([Phase.UNKNOWN, Phase.FAILED], Phase.UNKNOWN),
    ],
)
def test_of_two_phases_the_one_that_says_more_is_the_whole(parts: list[Phase], whole: Phase) -> None:
    assert phase_of(parts) is whole


def test_every_set_of_phases_has_an_answer() -> None:
    for size in range(len(Phase) + 1):
        for parts in itertools.combinations(Phase, size):
            assert phase_of(parts) in Phase
