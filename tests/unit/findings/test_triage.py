"""Who has to act next: one case for every rule, and for what beats what."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.clocks import START
from tests.unit.findings.test_catalogue import issue
from tests.unit.models.samples import row, sync
from tui_app.findings.triage import triage
from tui_app.models.actor import Actor
from tui_app.models.connection import ConnectionHealth, Standing
from tui_app.models.issue import Issue
from tui_app.models.sync import Phase, Sync

WAITING = sync(Phase.RUNNING, providerRequests=["historical_files"])
CANCELLED = sync(Phase.FAILED, status="failed", failureReason="The sync was cancelled")
FAILED = sync(Phase.FAILED, status="failed", failureReason="Provider timed out")
SIGN_IN = ConnectionHealth(healthy=False, code="authentication_error", authentication_required=True)
OUTAGE = ConnectionHealth(healthy=False, code="provider_unavailable", authentication_required=False)
UNWELL = ConnectionHealth(healthy=False, code="odd", message="The ledger is closed", resolution="Open it")
PERMISSION, DELAY, DEVICE = issue("permission_missing"), issue("data_delayed"), issue("unsupported_device_type")

CASES: list[tuple[str, Actor, Sync | None, list[Issue], dict[str, Any]]] = [
    ("deleted", Actor.NOBODY, FAILED, [PERMISSION], {"standing": Standing.DELETED}),
    ("being deleted", Actor.NOBODY, FAILED, [PERMISSION], {"standing": Standing.LEAVING}),
    ("archived", Actor.NOBODY, FAILED, [PERMISSION], {"standing": Standing.ARCHIVED}),
    ("switched off", Actor.US, FAILED, [], {"standing": Standing.DISABLED}),
    ("switched off and unwell", Actor.US, FAILED, [], {"standing": Standing.DISABLED, "health": SIGN_IN}),
    ("being set up", Actor.NOBODY, None, [], {"standing": Standing.SETTING_UP}),
    ("nobody signed in", Actor.FLEET, None, [], {"standing": Standing.UNAUTHORISED}),
    ("disconnected", Actor.FLEET, FAILED, [DEVICE], {"standing": Standing.DISCONNECTED}),
    ("disconnected mid-sync", Actor.FLEET, sync(Phase.RUNNING), [], {"standing": Standing.DISCONNECTED}),
    ("unwell, sign in", Actor.FLEET, FAILED, [], {"standing": Standing.UNHEALTHY, "health": SIGN_IN}),
    ("unwell, the provider", Actor.PROVIDER, FAILED, [], {"standing": Standing.UNHEALTHY, "health": OUTAGE}),
    ("unwell, advice", Actor.US, FAILED, [], {"standing": Standing.UNHEALTHY, "health": UNWELL}),
    ("unwell, no word", Actor.US, None, [], {"standing": Standing.UNHEALTHY}),
    ("a state that nobody knows", Actor.US, FAILED, [], {"standing": Standing.UNKNOWN, "status": "on hold"}),
    ("cancelled", Actor.US, CANCELLED, [PERMISSION], {}),
    ("cancelled by a word of its own", Actor.US, sync(Phase.CANCELLED, status="cancelled"), [], {}),
    ("failed, the fleet can mend it", Actor.FLEET, FAILED, [PERMISSION], {}),
    ("failed", Actor.PLATFORM, FAILED, [], {}),
    ("failed, and something passes", Actor.PLATFORM, FAILED, [DELAY], {}),
    ("end not seen", Actor.NOBODY, sync(Phase.LOST), [], {}),
    ("waits for files", Actor.PROVIDER, WAITING, [], {}),
    ("waits for files, and lacks a right", Actor.FLEET, WAITING, [PERMISSION], {}),
    ("tried again", Actor.NOBODY, sync(Phase.RETRYING), [], {}),
    ("runs", Actor.NOBODY, sync(Phase.RUNNING), [], {}),
    ("asked for", Actor.NOBODY, sync(Phase.WAITING), [], {}),
    ("a sync's word that nobody knows", Actor.US, sync(Phase.UNKNOWN, status="dozing"), [], {}),
    ("completed, lacks a right", Actor.FLEET, sync(Phase.SUCCEEDED), [PERMISSION], {}),
    ("completed, a device", Actor.PLATFORM, sync(Phase.SUCCEEDED), [DEVICE], {}),
    ("completed, delayed", Actor.NOBODY, sync(Phase.SUCCEEDED), [DELAY], {}),
    ("completed", Actor.NOBODY, sync(Phase.SUCCEEDED), [], {}),
    ("never synced", Actor.NOBODY, None, [], {}),
    ("a resolved issue", Actor.NOBODY, None, [issue(status="resolved")], {}),
]


@pytest.mark.parametrize(
    ("newest", "issues", "fields", "actor"), [(c[2], c[3], c[4], c[1]) for c in CASES], ids=[c[0] for c in CASES]
)
def test_somebody_is_named_and_the_reason_told(
    actor: Actor, newest: Sync | None, issues: list[Issue], fields: dict[str, Any]
) -> None:
    found = triage(row(newest, **fields), issues)
    assert found.actor is actor, found
    assert found.first_line == f"Next to act: {actor.value}"
    assert found.reason.endswith(".")


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
