"""How well ends and standstills are told, on 400 simulated syncs that are looked at as the product looks.

`python -m bench.estimate` prints the same, for any seed.
"""

from __future__ import annotations

from statistics import median

import pytest

from bench.estimate import PLACES, Tally, together, tried
from bench.mix import SHARES


@pytest.fixture(scope="module")
def counted() -> dict[str, Tally]:
    """What was counted over 400 syncs, each of a connection that had five before, of which two were watched."""
    by_shape = tried(seed=5)
    return by_shape | {"together": together(by_shape.values())}


def test_the_mix_is_what_it_says(counted: dict[str, Tally]) -> None:
    assert {shape: len(counted[shape].alarms) for shape in SHARES} == {
        shape: 4 * share for shape, share in SHARES.items()
    }


@pytest.mark.parametrize("place", PLACES)
def test_the_range_holds_the_true_end_and_is_not_too_wide(counted: dict[str, Tally], place: float) -> None:
    whole = counted["together"]
    assert sum(whole.held[place]) / len(whole.held[place]) >= 0.8
    assert median(whole.widths[place]) <= 2.5


@pytest.mark.parametrize("shape", SHARES)
def test_no_shape_is_told_badly(counted: dict[str, Tally], shape: str) -> None:
    held = [one for place in PLACES for one in counted[shape].held[place]]
    assert sum(held) / len(held) >= 0.8


def test_no_wait_for_the_provider_is_called_a_standstill(counted: dict[str, Tally]) -> None:
    assert not any(counted["together"].provider_alarms)


def test_hardly_any_sync_that_moves_is_called_a_standstill(counted: dict[str, Tally]) -> None:
    alarms = counted["together"].alarms
    assert sum(alarms) / len(alarms) <= 0.05


def test_every_standstill_is_found_within_three_usual_gaps(counted: dict[str, Tally]) -> None:
    found = counted["together"].found
    assert len(found) == 360
    assert max(found) <= 3
    assert counted["no progress"].untold == 40  # nothing usual is known of these
