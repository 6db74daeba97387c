"""Every documented issue code is explained, and what is not documented is said to be so."""

from __future__ import annotations

import pytest

from tests.unit.models.samples import row
from tui_app.findings.catalogue import CATALOGUE, meaning_of
from tui_app.findings.triage import triage
from tui_app.models.actor import Actor
from tui_app.models.issue import Issue

DOCUMENTED = [
    "missing_permissions",
    "exceeded_retention_window",
    "invalid_source_id",
    "unknown_device_type",
    "missing_safety_configuration",
    "inaccessible_data",
    "manually_disabled",
    "permission_missing",
    "oauth_scope_missing",
    "subscription_required",
    "retention_window_exceeded",
    "provider_data_inaccessible",
    "invalid_source_identifier",
    "unsupported_device_type",
    "stream_disabled",
    "provider_provisioning_pending",
    "provider_feature_not_enabled",
    "missing_vehicle_identifier",
    "missing_vehicle_assignment",
    "provider_capability_not_supported",
    "provider_source_data_invalid",
    "provider_partially_configured",
    "managed_poll_returned_no_data",
    "managed_poll_failed",
    "data_delayed",
]


def issue(code: str = "permission_missing", resolution: str | None = None, status: str = "ongoing") -> Issue:
    sent = {"id": f"isu_{code}", "status": status, "error": {"code": code, "message": "No right to read drivers"}}
    return Issue.model_validate(sent | ({"resolutionType": resolution} if resolution else {}))


@pytest.mark.parametrize("code", DOCUMENTED)
def test_a_documented_code_is_explained_with_a_next_step(code: str) -> None:
    meaning = meaning_of(issue(code))
    assert meaning is CATALOGUE[code]
    assert meaning.words.endswith(".")
    assert meaning.next_step.endswith(".")


def test_nothing_else_is_in_the_catalogue() -> None:
    assert set(CATALOGUE) == set(DOCUMENTED)


@pytest.mark.parametrize(
    ("resolution", "actor"),
    [
        (None, Actor.US),
        ("a_new_word", Actor.US),
        ("action_required", Actor.FLEET),
        ("automatic_retry", Actor.NOBODY),
        ("terminal_managed", Actor.PLATFORM),
        ("known_limitation", Actor.NOBODY),
        ("investigation_required", Actor.PLATFORM),
    ],
)
def test_of_a_code_that_nobody_knows_the_server_says_who_acts(resolution: str | None, actor: Actor) -> None:
    meaning = meaning_of(issue("solar_flare", resolution))
    assert "does not know the code “solar_flare”" in meaning.words
    assert meaning.actor is actor


def test_a_server_that_tries_again_by_itself_is_believed() -> None:
    assert meaning_of(issue("permission_missing", "automatic_retry")).actor is Actor.NOBODY
    assert meaning_of(issue("permission_missing", "terminal_managed")).actor is Actor.PLATFORM
    assert meaning_of(issue("permission_missing", "action_required")).actor is Actor.FLEET


def test_a_server_that_says_that_somebody_must_act_is_believed_of_a_code_that_usually_passes_by_itself() -> None:
    assert meaning_of(issue("data_delayed", "action_required")).actor is Actor.FLEET
    assert meaning_of(issue("data_delayed", "investigation_required")).actor is Actor.PLATFORM
    assert meaning_of(issue("data_delayed", "known_limitation")).actor is Actor.NOBODY


def test_of_several_issues_the_one_that_somebody_can_act_upon_counts() -> None:
    found = triage(row(), [issue("data_delayed"), issue("unsupported_device_type"), issue("subscription_required")])
    assert found.actor is Actor.FLEET
    assert found.reason.startswith("subscription_required: ")
    assert found.quote == "No right to read drivers"
