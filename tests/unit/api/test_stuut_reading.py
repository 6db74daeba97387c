"""What Stuut sends is told in our words: standings, hindrances, phases, parts and the whole that they make."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest

from tests.unit.api.stuut_support import BATCH, OTHER, at, connection, job, listed, model
from tui_app.api.stuut_batches import BY_TIME, PHASES, phase_of_word
from tui_app.api.stuut_reading import read_connection
from tui_app.models.connection import Standing
from tui_app.models.fleet import FleetRow
from tui_app.models.sync import Phase, Sync


def time(minutes: float) -> datetime:
    """A time on the day of these tests."""
    return datetime.fromisoformat(at(minutes))


def sync(*jobs: dict[str, Any]) -> Sync:
    """The newest sync of a connection with these newest jobs."""
    found = connection(*(model(one["model_id"], one) for one in jobs)).last_sync
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("word", "phase"),
    [
        ("scheduled", Phase.WAITING),
        ("queued", Phase.WAITING),
        ("running", Phase.RUNNING),
        ("pending_retry", Phase.RETRYING),
        ("complete", Phase.SUCCEEDED),
        ("failed", Phase.FAILED),
        ("cancelled", Phase.CANCELLED),
        ("completed", Phase.UNKNOWN),
        ("canceled", Phase.UNKNOWN),
        ("COMPLETE", Phase.UNKNOWN),
        ("", Phase.UNKNOWN),
    ],
)
def test_every_status_word_is_kept_and_placed(word: str, phase: Phase) -> None:
    assert phase_of_word(word) is phase
    one = sync(job("j1", "invoices", status=word))
    assert (one.status, one.phase) == (word, phase)
    assert (one.parts[0].status, one.parts[0].phase) == (word, phase)


def test_the_documented_words_are_all_known() -> None:
    assert set(PHASES) == {"scheduled", "queued", "running", "pending_retry", "complete", "failed", "cancelled"}


class TestStandings:
    """What a connection's flags and health come to."""

    def test_a_connection_is_told_in_our_words(self) -> None:
        one = connection()

        assert (one.name, one.title, one.company.name) == ("Main ledger", "Main ledger", "Juniper & Vale")
        assert (one.provider.name, one.provider.code) == ("netsuite", "netsuite")
        assert (one.status, one.standing, one.hindrance) == ("healthy", Standing.CONNECTED, "")
        assert (one.created_at, one.updated_at) == (time(0), time(1))
        assert one.last_sync is None
        assert one.health is not None
        assert (one.health.healthy, one.health.code, one.health.message) == (True, "healthy", "Fine")
        assert (one.health.authentication_required, one.health.resolution, one.health.at) == (False, "", time(2))

    def test_what_else_is_said_of_it_is_told_by_name_and_without_secrets(self) -> None:
        url = "https://ledger.example/api?key=sk_live_4eC39HqLyjWDarjtT1zdp7dc"
        one = connection(api_url=url, is_on_premise=True)

        assert [name for name, _ in one.particulars] == ["environment", "API URL", "on premise"]
        assert [value for _, value in one.particulars][::2] == ["production", "yes"]
        assert url not in repr(one.particulars)
        assert connection(environment=None, is_on_premise=None).particulars == ()

    @pytest.mark.parametrize("health", [None, {}, "fine", {"healthy": None}])
    def test_without_a_verdict_nothing_is_known_to_be_wrong(self, health: Any) -> None:
        one = connection(health=health, is_sync_disabled=False)

        assert (one.status, one.standing) == ("", Standing.CONNECTED)

    def test_what_is_not_said_is_not_taken_for_good(self) -> None:
        assert read_connection({"id": "c1"}).standing is Standing.UNKNOWN
        assert read_connection({"id": "c1", "health": None, "is_sync_disabled": None}).standing is Standing.UNKNOWN

    @pytest.mark.parametrize(
        ("fields", "standing", "field"),
        [
            ({"health": {"healthy": False}}, Standing.UNHEALTHY, ""),
            ({"health": {"healthy": False, "authentication_required": True}}, Standing.UNHEALTHY, ""),
            ({"health": {"healthy": False}, "is_sync_disabled": True}, Standing.UNHEALTHY, "(is_sync_disabled)"),
            ({"health": {"healthy": True, "authentication_required": True}}, Standing.CONNECTED, ""),
            ({"is_authentication_pending": True}, Standing.UNAUTHORISED, "(is_authentication_pending)"),
            ({"is_running_setup": True}, Standing.SETTING_UP, "(is_running_setup)"),
            ({"is_sync_disabled": True}, Standing.DISABLED, "(is_sync_disabled)"),
        ],
    )
    def test_each_flag_gives_its_standing_and_names_its_field(
        self, fields: dict[str, Any], standing: Standing, field: str
    ) -> None:
        one = connection(**fields)

        assert one.standing is standing
        assert field in one.hindrance
        assert bool(one.hindrance) == bool(field)

    def test_of_several_the_first_is_told(self) -> None:
        flags: dict[str, Any] = {
            "health": {"healthy": False, "authentication_required": True},
            "is_authentication_pending": True,
            "is_running_setup": True,
            "is_sync_disabled": True,
        }
        told = []
        for name in list(flags):
            told.append(connection(**flags).standing)
            del flags[name]

        assert told == [Standing.UNHEALTHY, Standing.UNAUTHORISED, Standing.SETTING_UP, Standing.DISABLED]

    def test_an_unhealthy_connection_that_is_switched_off_tells_what_keeps_it_from_syncing(self) -> None:
        one = connection(health={"healthy": False}, is_sync_disabled=True)

        assert one.standing is Standing.UNHEALTHY
        assert one.hindrance == "Syncing is switched off at the server (is_sync_disabled)."

    def test_the_list_has_a_word_for_each(self) -> None:
        assert FleetRow(connection(health={"healthy": False})).state.word == "unhealthy"
        assert FleetRow(connection(is_sync_disabled=True)).state.word == "disabled"


class TestModels:
    """What a connection syncs."""

    def test_a_model_is_told_in_our_words(self) -> None:
        row = model(
            "notes",
            job("j1", "notes", status="running"),
            is_write_enabled=True,
            is_custom_object=True,
            is_file_upload_enabled=True,
            is_webhooks_setup=True,
            is_sync_supported=False,
            next_sync_at=at(90),
        )
        one = connection(row)
        (found,) = one.models

        assert (found.id, found.name, found.reads, found.writes) == ("notes", "Notes", True, True)
        assert found.traits == ("custom object", "file upload", "webhooks", "syncing not supported")
        assert found.next_sync_at == one.next_sync_at == time(90)
        assert found.last is not None
        assert (found.last.id, found.last.phase, found.last_sync_id) == ("j1", Phase.RUNNING, BATCH)

    def test_what_is_not_said_is_none(self) -> None:
        (found,) = connection({"id": "m1"}).models

        assert (found.name, found.reads, found.writes, found.traits) == ("m1", None, None, ())
        assert (found.last, found.last_sync_id, found.next_sync_at) == (None, "", None)

    def test_a_model_without_a_display_name_is_called_by_its_own(self) -> None:
        assert connection(model("notes", display_name=None)).models[0].name == "notes"

    def test_the_newest_batch_among_the_models_is_the_last_sync(self) -> None:
        one = connection(
            model("invoices", job("j1", "invoices", made=5, batch_id=OTHER, status="running")),
            model("payments", job("j2", "payments", made=0, status="complete")),
            model("customers", job("j3", "customers", made=5, batch_id=OTHER)),
            model("contacts"),
        )

        assert one.last_sync is not None
        assert (one.last_sync.id, one.last_sync.phase) == (OTHER, Phase.RUNNING)
        assert [part.name for part in one.last_sync.parts] == ["Invoices", "Customers"]
        assert [found.last_sync_id for found in one.models] == [OTHER, BATCH, OTHER, ""]

    def test_jobs_without_a_batch_id_are_told_by_model_and_time(self) -> None:
        one = connection(
            model("invoices", job("j2", "invoices", made=5.05, batch_id=None)),
            model("payments", job("j1", "payments", made=5, batch_id=None)),
            model("customers", job("j0", "customers", made=1, batch_id=None)),
        )

        assert one.last_sync is not None
        assert one.last_sync.id == "j1"
        assert [(part.id, part.inference) for part in one.last_sync.parts] == [("j2", BY_TIME), ("j1", BY_TIME)]
        assert [found.last_sync_id for found in one.models] == ["j1", "j1", "j0"]

    def test_a_job_that_is_known_keeps_its_sync(self) -> None:
        row = listed(model("payments", job("j2", "payments", batch_id=None)))
        one = read_connection(row, lambda connection_id: {"j2": "j1"} if connection_id == "c1" else {})

        assert one.models[0].last_sync_id == "j1"
        assert one.last_sync is not None
        assert one.last_sync.id == "j1"


class TestTheWhole:
    """A sync as its parts make it."""

    def test_a_part_is_told_in_our_words(self) -> None:
        row = job(
            "j1",
            "invoices",
            status="pending_retry",
            attempt=2,
            error="timed out",
            started_at=at(1),
            timerange_start=at(-60),
            timerange_end=at(2),
            is_initial_sync=True,
        )
        (part,) = sync(row).parts

        assert (part.id, part.model_id, part.name, part.status) == ("j1", "invoices", "Invoices", "pending_retry")
        assert (part.phase, part.attempt, part.failure_reason) == (Phase.RETRYING, 2, "timed out")
        assert (part.requested_at, part.started_at, part.completed_at) == (time(0), time(1), None)
        assert (part.start_from, part.until) == (time(-60), time(2))
        assert (part.is_initial, part.is_one_off, part.inference, part.note) == (True, True, "", "")

    def test_the_whole_spans_its_parts(self) -> None:
        one = sync(
            job("j1", "invoices", made=1, status="complete", attempt=1, completed_at=at(9), timerange_start=at(-5)),
            job("j2", "payments", made=0, status="complete", attempt=3, completed_at=at(7), timerange_end=at(2)),
            job("j3", "customers", made=2, status="complete", completed_at=at(8), timerange_start=at(-9)),
        )

        assert (one.id, one.requested_at, one.completed_at) == (BATCH, time(0), time(9))
        assert (one.start_from, one.until, one.attempts) == (time(-9), time(2), 3)
        assert (one.phase, one.status, one.failure_reason) == (Phase.SUCCEEDED, "complete", None)
        assert one.percent == 100

    def test_it_has_not_ended_before_all_its_parts_have(self) -> None:
        one = sync(
            job("j1", "invoices", status="complete", completed_at=at(9)), job("j2", "payments", status="running")
        )

        assert (one.phase, one.status, one.completed_at, one.percent) == (Phase.RUNNING, "running", None, 50)
        assert sync(job("j1", "invoices", status="pending_retry", completed_at=at(9))).completed_at is None

    def test_where_a_part_does_not_say_when_it_ended_the_whole_does_not_either(self) -> None:
        one = sync(job("j1", "invoices", status="complete", completed_at=at(9)), job("j2", "payments", status="failed"))

        assert (one.phase, one.completed_at) == (Phase.FAILED, None)

    def test_its_word_is_the_servers_for_the_first_part_in_its_phase(self) -> None:
        one = sync(
            job("j1", "invoices", status="scheduled"),
            job("j2", "payments", status="queued"),
            job("j3", "customers", status="queued"),
        )
        assert (one.phase, one.status) == (Phase.WAITING, "scheduled")

    def test_between_two_parts_its_word_is_ours(self) -> None:
        one = sync(job("j1", "invoices", status="complete"), job("j2", "payments", status="queued"))

        assert (one.phase, one.status) == (Phase.RUNNING, "running")

    def test_a_failure_names_the_model_and_the_servers_reason(self) -> None:
        one = sync(
            job("j1", "invoices", status="failed", error="rate limit"),
            job("j2", "payments", status="complete", error="an earlier try timed out"),
            job("j3", "customers", status="failed", error="no access"),
            job("j4", "contacts", status="failed"),
        )

        assert one.failure_reason == "Invoices: rate limit; Customers: no access"

    def test_a_reason_that_stopped_several_models_is_told_once(self) -> None:
        one = sync(
            job("j1", "invoices", status="failed", error="no access"),
            job("j2", "payments", status="failed", error="timed out"),
            job("j3", "customers", status="failed", error="no access"),
        )

        assert one.failure_reason == "Invoices, Customers: no access; Payments: timed out"

    def test_its_json_is_the_list_of_its_jobs_secrets_masked(self) -> None:
        first = job("j1", "invoices", brand_new={"a": [None]})
        second = job("j2", "payments", access_token="hunter2-secret")
        one = sync(first, second)

        assert one.to_json()[0] == first
        assert one.to_json()[1].keys() == second.keys()
        assert "hunter2" not in json.dumps(one.to_json())
