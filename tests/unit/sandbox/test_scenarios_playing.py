"""Scenarios are begun on a new connection or on a chosen one."""

from __future__ import annotations

import pytest

from tui_app.sandbox.scenarios import SCENARIOS
from tui_app.sandbox.scenarios.plots import SETTINGS
from tui_app.sandbox.server import Sandbox, SandboxError


def test_every_scenario_is_told_of_and_can_be_played(sandbox: Sandbox) -> None:
    assert sandbox.scenarios == SCENARIOS
    assert [each.name for each in SCENARIOS] == list(SETTINGS)
    assert {each.kind for each in SCENARIOS} <= set(sandbox.announcement.servers)
    for each in SCENARIOS:
        played = sandbox.play(each.name)
        assert (played.scenario, bool(played.sync_id)) == (each, True)


def test_an_unknown_scenario_is_refused_with_those_that_there_are(sandbox: Sandbox) -> None:
    with pytest.raises(SandboxError, match="'nope'.*healthy-first-sync, missing-permissions.*stall"):
        sandbox.play("nope")
