"""What Stuut sends is read tolerantly, and written again exactly as it came."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from tests.unit.api.stuut_support import EXAMPLE, NULLABLE, job, listed, model
from tui_app.api.stuut_reading import connection_row, read_connection, read_job
from tui_app.api.stuut_wire import Job, moment

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def written(read: Job) -> list[Any]:
    """A job as JSON, by both ways that there are: what it was made from, and its own fields."""
    return [read.to_json(), read.model_dump(mode="json", exclude_unset=True)]


class TestJobs:
    """A job, which Stuut calls a sync."""

    def test_the_documented_example_comes_back_exactly_to_the_letter(self) -> None:
        for again in written(read_job(EXAMPLE)):
            assert again == EXAMPLE
            assert again["created_at"] == "2023-11-07T05:31:56Z"

    def test_every_documented_field_is_one_of_the_models(self) -> None:
        assert len(EXAMPLE) == 18
        assert set(EXAMPLE) <= set(Job.model_fields)

    @pytest.mark.parametrize("nulls", [*[(name,) for name in NULLABLE], NULLABLE], ids=lambda names: "+".join(names))
    def test_a_null_stays_an_explicit_null(self, nulls: tuple[str, ...]) -> None:
        sent = EXAMPLE | dict.fromkeys(nulls)
        for again in written(read_job(sent)):
            assert json.dumps(again, sort_keys=True) == json.dumps(sent, sort_keys=True)

    @given(st.sets(st.sampled_from(NULLABLE)), st.dictionaries(st.text(max_size=8), json_values, max_size=3))
    def test_any_nulls_and_any_unknown_fields_come_back(self, nulls: set[str], unknown: dict[str, Any]) -> None:
        sent = unknown | EXAMPLE | dict.fromkeys(nulls)

        assert read_job(sent).source == sent

    @pytest.mark.parametrize(
        "time", ["2023-11-07T05:31:56Z", "2023-11-07T05:31:56.123456Z", "2023-11-07T05:31:56+02:00", "2023-11-07"]
    )
    def test_a_time_stays_as_it_was_written(self, time: str) -> None:
        sent = EXAMPLE | {"created_at": time, "started_at": time}
        for again in written(read_job(sent)):
            assert again == sent

    def test_a_word_that_is_not_documented_is_kept(self) -> None:
        assert read_job(EXAMPLE | {"status": "hibernating"}).to_json()["status"] == "hibernating"

    def test_an_id_that_is_a_number_is_read_and_written_as_one(self) -> None:
        read = read_job(EXAMPLE | {"id": 17})

        assert read.id == "17"
        assert read.to_json()["id"] == 17

    @pytest.mark.parametrize("name", ["id", "status", "created_at"])
    def test_without_its_id_status_or_creation_it_is_no_job(self, name: str) -> None:
        for broken in ({key: value for key, value in EXAMPLE.items() if key != name}, EXAMPLE | {name: None}):
            with pytest.raises(ValidationError, match=name):
                read_job(broken)

    def test_a_creation_that_is_no_time_makes_it_unreadable(self) -> None:
        with pytest.raises(ValidationError, match="created_at"):
            read_job(EXAMPLE | {"created_at": "yesterday"})

    @given(
        st.dictionaries(
            st.sampled_from([name for name in EXAMPLE if name not in ("id", "status", "created_at")]), json_values
        )
    )
    def test_whatever_else_is_of_another_type_costs_that_field_alone(self, odd: dict[str, Any]) -> None:
        assert read_job(EXAMPLE | odd).id == EXAMPLE["id"]

    def test_a_secret_in_an_unknown_field_shows_nowhere(self) -> None:
        read = read_job(EXAMPLE | {"refresh_token": "hunter2-secret"})

        assert "hunter2" not in repr(read)
        assert "hunter2" not in json.dumps(read.to_json())


class TestConnections:
    """A connection, of which only the beginning is documented."""

    def test_it_comes_back_exactly(self) -> None:
        sent = listed(model("invoices", job("j1", "invoices")), model("notes"), something_new={"a": [1, None]})

        assert connection_row(sent).to_json() == sent
        assert read_connection(sent).to_json() == sent

    def test_nothing_but_an_id_is_required(self) -> None:
        read = connection_row({"id": 5})

        assert (read.id, read.models, read.health, read.name) == ("5", (), None, None)
        assert read_connection({"id": 5}).id == "5"

    @given(st.dictionaries(st.sampled_from([name for name in listed() if name != "id"]), json_values))
    def test_whatever_is_of_another_type_counts_as_not_said(self, odd: dict[str, Any]) -> None:
        assert read_connection(listed(model("invoices")) | odd).id == "c1"

    @pytest.mark.parametrize("row", [None, 5, "text", [], {}, {"id": None}, {"id": ""}, {"id": {}}])
    def test_without_an_id_it_is_no_connection(self, row: Any) -> None:
        with pytest.raises(ValidationError):
            connection_row(row)

    def test_a_model_that_cannot_be_read_costs_itself_alone(self) -> None:
        sent = listed(model("invoices"), None, {"name": "without an id"}, 7, model("payments"))

        assert [one.id for one in connection_row(sent).models] == ["invoices", "payments"]
        assert read_connection(sent).to_json() == sent

    def test_a_newest_job_that_cannot_be_read_costs_itself_alone(self) -> None:
        sent = listed(model("invoices", {"id": "j1"}))

        (one,) = connection_row(sent).models
        assert one.last_sync is None

    def test_a_company_may_be_an_object_with_a_name(self) -> None:
        assert connection_row(listed(company={"id": 1, "name": "Juniper & Vale"})).company == "Juniper & Vale"


@pytest.mark.parametrize("text", [None, "", "soon", "2023-13-45T00:00:00Z"])
def test_what_is_no_time_is_none(text: str | None) -> None:
    assert moment(text) is None
