"""A row of the list: what state it is in, where it stands, and what finds it."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from tests.unit.models.samples import row, sync
from tui_app.models.actor import Actor
from tui_app.models.connection import Standing
from tui_app.models.fleet import FleetRow, called
from tui_app.models.sync import Phase

CONNECTED_BY_PHASE = {
    None: "connected",
    Phase.WAITING: "requested",
    Phase.RUNNING: "syncing",
    Phase.RETRYING: "retrying",
    Phase.SUCCEEDED: "connected",
    Phase.FAILED: "failing",
    Phase.CANCELLED: "connected",
    Phase.LOST: "connected",
    Phase.UNKNOWN: "connected",
}
WORDS = {
    Standing.DISCONNECTED: "disconnected",
    Standing.UNHEALTHY: "unhealthy",
    Standing.UNAUTHORISED: "unauthorised",
    Standing.SETTING_UP: "setting up",
    Standing.DISABLED: "disabled",
    Standing.ARCHIVED: "archived",
    Standing.LEAVING: "leaving",
    Standing.DELETED: "deleted",
    Standing.UNKNOWN: "on hold",
}


def a_row(standing: Standing, phase: Phase | None, **of_sync: object) -> FleetRow:
    status = "on hold" if standing is Standing.UNKNOWN else "any"
    return row(sync(phase, **of_sync) if phase else None, standing=standing, status=status)


@pytest.mark.parametrize(("standing", "phase"), itertools.product(Standing, CONNECTED_BY_PHASE))
def test_every_standing_and_phase_make_one_state(standing: Standing, phase: Phase | None) -> None:
    expected = WORDS.get(standing) or CONNECTED_BY_PHASE[phase]
    assert a_row(standing, phase).state.word == expected


@pytest.mark.parametrize("phase", [phase for phase in Phase if not phase.is_final])
def test_waiting_for_the_provider_is_said_first(phase: Phase) -> None:
    waiting = a_row(Standing.CONNECTED, phase, providerRequests=["historical_files"])
    assert (waiting.state.word, waiting.state.role) == ("waiting", "muted")


@pytest.mark.parametrize("phase", [phase for phase in Phase if phase.is_final])
def test_a_sync_that_is_over_waits_for_nobody(phase: Phase) -> None:
    over = a_row(Standing.CONNECTED, phase, providerRequests=["historical_files"])
    assert over.state.word == CONNECTED_BY_PHASE[phase]


def test_a_standing_without_a_word_is_called_so() -> None:
    assert row(standing=Standing.UNKNOWN, status="").state.word == "no status"


def test_the_list_stands_in_the_order_of_who_needs_somebody() -> None:
    rows = [a_row(standing, phase) for standing, phase in itertools.product(Standing, CONNECTED_BY_PHASE)]
    rows.append(a_row(Standing.CONNECTED, Phase.RUNNING, providerRequests=["historical_files"]))
    words = [each.state.word for each in sorted(rows, key=FleetRow.sort_key)]
    assert list(dict.fromkeys(words)) == [
        "disconnected",
        "unhealthy",
        "unauthorised",
        "failing",
        "on hold",
        "retrying",
        "syncing",
        "requested",
        "setting up",
        "waiting",
        "connected",
        "leaving",
        "disabled",
        "archived",
        "deleted",
    ]


def test_equals_stand_by_name_without_regard_to_case_then_by_id() -> None:
    names = [("b", "1"), ("A", "2"), ("a", "1"), ("C", "0")]
    rows = [row(company={"name": name}, id=f"conn_{number}") for name, number in names]
    ordered = [(each.connection.name, each.id) for each in sorted(rows, key=FleetRow.sort_key)]
    assert ordered == [("a", "conn_1"), ("A", "conn_2"), ("b", "conn_1"), ("C", "conn_0")]


def test_a_row_with_news_is_a_row_with_another_state() -> None:
    quiet = row()
    assert quiet.state.word == "connected"
    assert replace(quiet, last_sync=sync(Phase.FAILED)).state.word == "failing"


@pytest.mark.parametrize(
    "word",
    [
        "frank's trucking",
        "franks hq",
        "fleet-7",
        "9981",
        "geotab",
        "automatic",
        "west",
        "1234567",
        "conn_01",
        "sync_01",
    ],
)
def test_every_visible_field_and_id_can_be_found(word: str) -> None:
    assert word in row(sync(Phase.FAILED)).haystack


def test_what_a_connection_itself_is_called_can_be_found_beside_its_company() -> None:
    found = row(title="Main Ledger").haystack
    assert "main ledger" in found
    assert "frank's trucking" in found


def test_the_list_stands_by_what_a_connection_itself_is_called() -> None:
    rows = [row(title="Beta", company={"name": "Alpha"}), row(company={"name": "Apex"})]
    assert [each.connection.name for each in sorted(rows, key=FleetRow.sort_key)] == ["Apex", "Beta"]


def test_the_token_cannot_be_found() -> None:
    assert "con_tkn" not in row().haystack
    assert "22vuhk" not in row().haystack


def test_whose_turn_it_is_goes_before_the_state() -> None:
    rows = [
        replace(row(sync(phase), id=f"conn_{actor.name}_{phase}"), actor=actor)
        for actor in Actor
        for phase in (Phase.RUNNING, Phase.FAILED, Phase.SUCCEEDED)
    ]
    ordered = [(each.actor, each.state.word) for each in sorted(rows, key=FleetRow.sort_key)]
    assert {actor for actor, _ in ordered[:3]} == {Actor.FLEET}
    assert [word for _, word in ordered[:3]] == ["failing", "syncing", "connected"]
    assert {actor for actor, _ in ordered[3:9]} == {Actor.US, Actor.PLATFORM}
    assert [word for _, word in ordered[3:5]] == ["failing", "failing"]
    assert {actor for actor, _ in ordered[9:]} == {Actor.PROVIDER, Actor.NOBODY}


def test_what_nobody_judged_stands_with_what_nobody_has_to_do_anything_about() -> None:
    assert row().urgency == replace(row(), actor=Actor.NOBODY).urgency > replace(row(), actor=Actor.US).urgency


def test_its_names_are_told_apart_from_what_else_finds_it() -> None:
    account = {"name": "Frank's\nAccount", "user": {"email": "Frank@fleet.example"}}
    made = row(title="Main Ledger", company={"name": "Frank's Trucking"}, account=account, tags=["night"])
    assert made.names == ["main ledger", "frank's trucking", "frank's account"]
    assert replace(made, actor=Actor.US, known=made.haystack).names == made.names


def test_what_finds_it_is_one_text_for_all_its_versions_that_are_found_by_the_same() -> None:
    made = row()
    assert replace(made, issues=(), known=made.haystack).haystack is made.haystack
    assert replace(made, stalled=True, last_sync=sync(Phase.RUNNING), known=made.haystack).haystack != made.haystack


def test_an_address_and_no_name_tells_it_from_others() -> None:
    account = {"name": "Frank", "user": {"email": "Frank@fleet.example"}}
    made = row(company={"name": "Frank's Trucking"}, account=account)
    assert called("frank@fleet.example") in made.haystack
    assert called("frank") not in made.haystack
    assert called("frank's trucking") not in made.haystack
    assert row(account={"user": {"email": 7}}).names == ["frank's trucking"]


def test_a_sync_that_stands_still_is_said_to_until_it_has_ended() -> None:
    assert replace(row(sync(Phase.RUNNING)), stalled=True).state.word == "stalled?"
    assert replace(row(sync(Phase.SUCCEEDED)), stalled=True).state.word == "connected"
