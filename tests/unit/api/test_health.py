"""How a server is doing, as its answers tell."""

from __future__ import annotations

import pytest

from tests.clocks import FakeClock
from tui_app.api.health import HealthMonitor


@pytest.mark.parametrize(
    ("took", "told"),
    [
        ([], None),
        ([0.2], 0.2),
        ([0.01, 0.01, 0.9, 0.01, 0.01], 0.01),
        ([0.01] * 5 + [0.5] * 2, 0.01),
        ([0.01] * 5 + [0.5] * 3, 0.5),
    ],
    ids=["none yet", "the first", "slow once", "slow twice", "slow for good"],
)
def test_the_latency_is_the_usual_one_and_not_that_of_a_single_answer(took: list[float], told: float | None) -> None:
    monitor = HealthMonitor(FakeClock())
    for seconds in took:
        monitor.note(None, "", seconds)
    assert monitor.health.latency == told
