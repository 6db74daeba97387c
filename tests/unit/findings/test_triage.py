"""Who has to act next: what the documentation says of each case, and what holds of all."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.clocks import START
from tests.unit.findings.test_catalogue import issue
from tests.unit.models.samples import row, sync
from tui_app.findings.triage import Finding, triage, triage_sync
from tui_app.models.actor import Actor
from tui_app.models.connection import ConnectionHealth, Standing
from tui_app.models.fleet import FleetRow
from tui_app.models.issue import Issue
from tui_app.models.problem import Problem, ProblemKind
from tui_app.models.sync import Phase, Sync

CANCELLED = sync(Phase.FAILED, status="failed", failureReason="The sync was cancelled")
FAILED = sync(Phase.FAILED, status="failed", failureReason="Provider timed out")
UNWELL = ConnectionHealth(healthy=False, code="odd", message="The ledger is closed", resolution="Open it")
PERMISSION, DELAY, DEVICE = issue("permission_missing"), issue("data_delayed"), issue("unsupported_device_type")

DOCUMENT = Path(__file__).parents[3] / "docs" / "triage.md"
FACTS = {
    "connection", "healthy", "looked", "mode", "sync", "because", "because-before", "before", "waits for", "asked",
    "attempts", "ended", "issue", "look", "stands still",
}  # fmt: skip


def documented() -> list[tuple[str, str, str]]:
    """The cases that the documentation tells: facts, who acts, words of the reason."""
    lines = [line for line in DOCUMENT.read_text(encoding="utf-8").splitlines() if line.startswith("| connection:")]
    return [(facts, actor, words) for facts, actor, words in (line.strip("| ").split(" | ") for line in lines)]


def length(text: str) -> timedelta:
    number, unit = text.split()
    return timedelta(**{{"s": "seconds", "min": "minutes", "h": "hours", "days": "days"}[unit]: int(number)})


def judged(told: str) -> Finding:
    """Triage a connection by its facts, as the documentation writes them."""
    known, issues, syncs = judging(told)
    still = re.search(r"stands still: ([^;]*)", told)
    return triage(known, issues, syncs=syncs, now=START, stalled=still[1] if still else "")


def judging(told: str) -> tuple[FleetRow, list[Issue], list[Sync]]:
    """A connection with its issues and syncs, by its facts as the documentation writes them."""
    pairs = [pair.split(": ", 1) for pair in told.split("; ")]
    assert {name for name, _ in pairs} <= FACTS, told
    facts = dict(pairs)
    fields: dict[str, Any] = {"standing": Standing(facts["connection"]), "syncMode": facts.get("mode", "automatic")}
    if facts["connection"] == "unknown":
        fields["status"] = "on hold"
    if "healthy" in facts:
        _, code, *more = facts["healthy"].split(", ")
        fields["health"] = ConnectionHealth(healthy=False, code=code, authentication_required=more == ["sign-in"])
    newest, syncs = None, []
    if "sync" in facts:
        newest = a_sync(facts["sync"], facts.get("because"), facts)
        before = [
            a_sync(phase, facts.get("because-before", "Provider timed out"))
            for phase in facts.get("before", "").split()
        ]
        syncs = [newest, *before]
    issues = [issue(*each.split(", ")) for name, each in pairs if name == "issue"]
    known = row(newest, **fields)
    if "looked" in facts:
        known = replace(known, looked_at=START)
    if "look" in facts:
        known = replace(known, problem=Problem(ProblemKind(facts["look"]), "It was refused"))
    return known, issues, syncs


def a_sync(phase: str, reason: str | None, facts: Mapping[str, str] = MappingProxyType({})) -> Sync:
    fields: dict[str, Any] = {"requestedAt": START - length(facts.get("asked", "1 min")), "providerRequests": []}
    if phase == "succeeded":
        ended = START - length(facts.get("ended", "20 min"))
        fields |= {"completedAt": ended, "requestedAt": ended - timedelta(minutes=10)}
    if phase == "failed" and reason:
        fields["failureReason"] = reason
    if "attempts" in facts:
        fields["attempts"] = int(facts["attempts"])
    if "waits for" in facts:
        fields["providerRequests"] = [facts["waits for"]]
    return sync(Phase(phase), **fields)


@pytest.mark.parametrize(("facts", "actor", "words"), documented(), ids=[facts for facts, _, _ in documented()])
def test_somebody_is_named_and_the_reason_told_as_documented(facts: str, actor: str, words: str) -> None:
    found = judged(facts)
    assert found.first_line == f"Next to act: {actor}"
    assert words in found.reason
    assert found.reason.endswith(".")


def test_the_documentation_names_everybody_and_every_state_and_phase() -> None:
    facts = "; ".join(told for told, _, _ in documented())
    assert {actor for _, actor, _ in documented()} == set(Actor)
    assert {each for each in Standing if f"connection: {each.value}" not in facts} == set()
    assert {each for each in Phase if f"sync: {each.value}" not in facts} == set()


def test_one_that_was_looked_at_and_never_synced_needs_its_first_sync() -> None:
    assert triage(replace(row(), looked_at=START)).actor is Actor.US
    assert triage(row()).actor is Actor.NOBODY


def test_what_the_server_says_is_quoted() -> None:
    assert triage(row(FAILED)).quote == "Provider timed out"
    assert triage(row(standing=Standing.UNHEALTHY, health=UNWELL)).quote == "The ledger is closed Open it"
    assert triage(row(CANCELLED)).quote == "The sync was cancelled"


def test_the_issues_of_its_newest_sync_count_and_what_was_read_later_counts_more() -> None:
    met = sync(Phase.SUCCEEDED, issues=[issue().to_json()])
    assert triage(row(met)).actor is Actor.FLEET
    assert triage(row(met), [issue(status="resolved")]).actor is Actor.NOBODY


@given(
    st.sampled_from(list(Standing)),
    st.sampled_from([None, *Phase]),
    st.lists(st.sampled_from([PERMISSION, DELAY, DEVICE]), unique_by=lambda each: each.id),
)
def test_the_order_in_which_issues_come_is_no_matter(
    standing: Standing, phase: Phase | None, issues: list[Issue]
) -> None:
    made = row(None if phase is None else sync(phase), standing=standing)
    assert triage(made, issues) == triage(made, issues[::-1])


class TestOneSync:
    """The finding of a sync that somebody asks for, which need not be its connection's newest."""

    def test_of_the_newest_it_is_the_connections(self) -> None:
        known = replace(row(FAILED), issues=(PERMISSION,))
        assert triage_sync(known, FAILED) == triage(known, (PERMISSION,))
        assert triage_sync(row(), FAILED) == triage(row(FAILED))

    def test_one_that_failed_before_another_succeeded_is_nobodys_turn_any_more(self) -> None:
        later = sync(Phase.SUCCEEDED, id="sync_2", requestedAt="2026-11-23T00:00:00Z")
        finding = triage_sync(row(later), FAILED)
        assert finding.actor is Actor.NOBODY
        assert finding.reason == "This sync failed, and a later one has succeeded since."

    def test_where_a_later_one_failed_too_its_turn_is_told(self) -> None:
        later = sync(Phase.FAILED, id="sync_2", requestedAt="2026-11-23T00:00:00Z")
        finding = triage_sync(row(later), FAILED)
        assert finding.actor is Actor.PLATFORM
        assert finding.reason.startswith("A later sync has begun since, and of that: ")
