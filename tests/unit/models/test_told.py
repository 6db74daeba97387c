"""Models as plain JSON and back: nothing is lost but secrets, and nothing is taken that is no model."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from tests.clocks import START
from tests.unit.models.samples import ISSUE, TOKEN, connection, model, part, sync, sync_of
from tui_app.models.connection import Connection, ConnectionHealth
from tui_app.models.fleet import FleetRow
from tui_app.models.issue import Issue
from tui_app.models.observation import Observation
from tui_app.models.problem import FieldProblem, Problem, ProblemKind
from tui_app.models.sync import Phase, Sync
from tui_app.models.told import read, read_observation, read_row, told, told_observation, told_row

PROBLEM = Problem(ProblemKind.RATE_LIMITED, "Slow down", fields=(FieldProblem("a", "b"),), retry_after=2.5)


def over_the_wire(value: Any) -> Any:
    return json.loads(json.dumps(value))


def test_a_connection_comes_back_with_what_our_reading_made_of_it_and_without_its_token() -> None:
    health = ConnectionHealth(healthy=False, code="x", authentication_required=True, at=START)
    models = (model(last=part(), last_sync_id="batch_1"),)
    was = connection(health=health, models=models, hindrance="No.", particulars=(("a", "b"),), unknown={"c": [1]})
    back = read(Connection, over_the_wire(told(was)))
    assert back.token is None
    assert back.to_json() == was.to_json()
    assert (back.standing, back.health, back.models) == (was.standing, was.health, was.models)
    assert (back.hindrance, back.particulars, back.tags) == (was.hindrance, was.particulars, was.tags)
    assert TOKEN not in json.dumps(told(was))


def test_a_sync_comes_back_with_its_phase_parts_and_issues() -> None:
    for was in (
        sync(Phase.RETRYING, status="odd", issues=[ISSUE, "isu_2", {"id": "isu_3"}], extra=[1]),
        sync_of(part(), part("bills", Phase.FAILED, failure_reason="No"), source=[{"id": "1"}], until=START),
    ):
        back = read(Sync, over_the_wire(told(was)))
        assert (back, back.to_json(), back.phase, back.parts) == (was, was.to_json(), was.phase, was.parts)
        assert back.known_issues == was.known_issues


def test_a_row_comes_back_with_what_decides_whose_turn_it_is() -> None:
    issues = (Issue.model_validate(ISSUE),)
    for was in (
        FleetRow(connection(), sync(Phase.FAILED), START, PROBLEM, issues),
        FleetRow(connection(), None, START, None, ()),
        FleetRow(connection()),
    ):
        back = read_row(over_the_wire(told_row(was)))
        assert (back.last_sync, back.looked_at, back.problem, back.issues, back.state) == (
            was.last_sync, was.looked_at, was.problem, was.issues, was.state,
        )  # fmt: skip


def test_looks_come_back_whatever_they_brought() -> None:
    for was in (
        Observation("c", "s", START, 0.25, sync=sync(id="s"), next_look=3.0, pace="it moves"),
        Observation("c", "s", START + timedelta(microseconds=1), 0.0, problem=PROBLEM),
    ):
        assert read_observation(over_the_wire(told_observation(was))) == was


def test_secrets_are_masked_wherever_they_stand() -> None:
    careless = sync(failureReason="no", note=f"with {TOKEN}", apiKey="plain", credentials={"user": "me"})
    written = json.dumps(told(careless))
    assert not [secret for secret in (TOKEN, "plain", '"me"') if secret in written]


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        {},
        {"sent": {}},
        {"sent": [], "ours": {}},
        {"sent": {"id": "", "status": "x", "requestedAt": "2026-01-01T00:00:00Z"}, "ours": {}},
        {"sent": {"id": "s", "status": "x"}, "ours": {}},
        {"sent": {"id": "s", "status": "x", "requestedAt": "then"}, "ours": {}},
        {"sent": {"id": "s", "status": "x", "requestedAt": "2026-01-01"}, "ours": {"phase": "dozing"}},
        {"sent": {"id": "s", "status": "x", "requestedAt": "2026-01-01"}, "ours": {"parts": [{}]}},
    ],
    ids=str,
)
def test_what_is_no_sync_is_refused(value: Any) -> None:
    with pytest.raises(ValueError):
        read(Sync, value)


def test_a_time_without_a_zone_is_refused() -> None:
    value = over_the_wire(told(sync_of(part())))
    value["ours"]["parts"][0]["requested_at"] = "2026-11-22T14:02:00"
    with pytest.raises(ValueError, match="no zone"):
        read(Sync, value)


@pytest.mark.parametrize(
    "change", [{"sync": None, "problem": None}, {"latency": "soon"}, {"pace": 1}, {"observedAt": 1e300}], ids=str
)
def test_what_is_no_look_is_refused(change: dict[str, Any]) -> None:
    value = over_the_wire(told_observation(Observation("c", "s", START, 0.0, sync=sync(id="s"))))
    with pytest.raises(ValueError):
        read_observation(value | change)
