"""What a server sends, read and written again: nothing is lost, nothing secret is shown."""

from __future__ import annotations

import json
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter, ValidationError

from tests.unit.models.samples import CONNECTION, ISSUE, SYNC, TOKEN
from tui_app.models.connection import Connection
from tui_app.models.issue import Issue, IssueReference
from tui_app.models.provider import Provider
from tui_app.models.remote import Moment, Remote, iso
from tui_app.models.sync import Phase, Sync

PROVIDER: dict[str, Any] = {
    "name": "Geotab",
    "status": "live",
    "code": "geotab",
    "supportedModels": {"Vehicle": {"supportedOperations": {"read": "supported"}}},
}
KINDS = [(Connection, CONNECTION), (Sync, SYNC), (Issue, ISSUE), (Provider, PROVIDER)]
ids = [kind.__name__ for kind, _ in KINDS]
moments = TypeAdapter(Moment)


@pytest.mark.parametrize(("kind", "sent"), KINDS, ids=ids)
class TestRoundTrip:
    def test_what_was_sent_is_written_again_but_for_its_secrets(self, kind: type[Remote], sent: dict[str, Any]) -> None:
        expected = deepcopy(sent)
        if "token" in expected:
            expected["token"] = "con_tkn_22vU••••••••"
        assert kind.model_validate(sent).to_json() == expected

    def test_unknown_fields_are_kept(self, kind: type[Remote], sent: dict[str, Any]) -> None:
        extra = {"newField": {"deep": [1, 2.5, None, "x"]}, "nothing": None}
        written = kind.model_validate(sent | extra).to_json()
        assert {name: written[name] for name in extra} == extra

    def test_a_secret_in_an_unknown_field_is_masked_everywhere(self, kind: type[Remote], sent: dict[str, Any]) -> None:
        read = kind.model_validate(sent | {"refreshToken": "hunter2-secret", "note": f"use {TOKEN}"})
        for shown in (json.dumps(read.to_json()), repr(read), str(read)):
            assert "hunter2" not in shown
            assert TOKEN not in shown

    def test_what_may_be_absent_may_be_absent(self, kind: type[Remote], sent: dict[str, Any]) -> None:
        required = {name: sent[name] for name in _required(kind)}
        assert kind.model_validate(required).to_json() == required

    def test_each_required_field_is_asked_for(self, kind: type[Remote], sent: dict[str, Any]) -> None:
        for name in _required(kind):
            with pytest.raises(ValidationError, match=name):
                kind.model_validate({key: value for key, value in sent.items() if key != name})

    def test_each_nullable_field_may_be_null(self, kind: type[Remote], sent: dict[str, Any]) -> None:
        nullable = {name: None for name, default in _defaults(kind).items() if default is None}
        assert kind.model_validate(sent | nullable).to_json().items() >= nullable.items()

    def test_it_cannot_be_changed(self, kind: type[Remote], sent: dict[str, Any]) -> None:
        read = kind.model_validate(sent)
        with pytest.raises(ValidationError, match="frozen"):
            read.status = "other"  # type: ignore[attr-defined]


def _fields(kind: type[BaseModel]) -> dict[str, Any]:
    return {field.alias or name: field for name, field in kind.model_fields.items() if not field.exclude}


def _required(kind: type[BaseModel]) -> list[str]:
    return [alias for alias, field in _fields(kind).items() if field.is_required()]


def _defaults(kind: type[BaseModel]) -> dict[str, Any]:
    return {alias: field.default for alias, field in _fields(kind).items() if not field.is_required()}


class TestSecrets:
    def test_a_connections_token_is_in_no_text_of_it(self) -> None:
        read = Connection.model_validate(CONNECTION)
        assert read.token is not None
        assert read.token.get_secret_value() == TOKEN
        for shown in (repr(read), str(read), json.dumps(read.to_json()), read.model_dump_json(), f"{[read]}"):
            assert TOKEN not in shown

    def test_a_refusal_quotes_nothing_of_what_came(self) -> None:
        with pytest.raises(ValidationError) as caught:
            Connection.model_validate(CONNECTION | {"token": {"value": TOKEN}, "tags": TOKEN, "createdAt": TOKEN})
        assert TOKEN not in str(caught.value)
        assert TOKEN not in repr(caught.value)

    def test_an_expanded_connection_leaves_its_token_behind(self) -> None:
        issue = Issue.model_validate(ISSUE | {"connection": CONNECTION})
        assert issue.connection_id == CONNECTION["id"]
        assert TOKEN not in repr(issue.__dict__)


class TestMoments:
    @pytest.mark.parametrize(
        "written", ["2021-01-06T03:24:53.000Z", "2021-01-06T03:24:53.250Z", "2021-01-06T03:24:53.000250Z"]
    )
    def test_a_time_is_written_as_it_came(self, written: str) -> None:
        assert json.loads(moments.dump_json(moments.validate_python(written))) == written

    @given(st.datetimes(timezones=st.timezones()))
    def test_no_time_is_lost_on_its_way_through(self, moment: datetime) -> None:
        try:
            read = moments.validate_python(moment.isoformat())
        except ValidationError as error:
            assert "outside the calendar" in str(error)  # noqa: PT017 - either is right
            return
        assert read == moment.astimezone(UTC)
        assert moments.validate_json(moments.dump_json(read)) == read

    @pytest.mark.parametrize(
        "written",
        [
            "2021-01-06T03:24:53.000Z",
            "2021-01-06T03:24:53",
            "2021-01-06 03:24:53",
            "20210106T032453Z",
            "2021-01-06T05:24:53+02:00",
            "2021-01-06t03:24:53z",
            "2021-01-06T03:24:53.000000000Z",
            1609903493,
            1609903493000,
        ],
    )
    def test_times_are_read_as_servers_write_them(self, written: object) -> None:
        read = moments.validate_python(written)
        assert read == datetime(2021, 1, 6, 3, 24, 53, tzinfo=UTC)
        assert read.tzinfo is not None

    @given(st.text(max_size=30))
    def test_any_text_is_a_time_with_a_zone_or_refused_in_words(self, text: str) -> None:
        try:
            read = moments.validate_python(text)
        except ValidationError:
            return
        assert read.tzinfo is not None
        moments.dump_json(read)

    @pytest.mark.parametrize("written", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"])
    def test_a_time_outside_the_calendar_is_refused(self, written: str) -> None:
        with pytest.raises(ValidationError, match="outside the calendar"):
            moments.validate_python(written)

    def test_what_is_sent_has_milliseconds(self) -> None:
        assert iso(datetime(2021, 1, 6, 3, 24, 53, 123456, tzinfo=UTC)) == "2021-01-06T03:24:53.123Z"


class TestSync:
    @pytest.mark.parametrize("progress", [0, 85, 100, 42.5, None])
    def test_progress_stays_the_number_that_it_was(self, progress: float | None) -> None:
        read = Sync.model_validate(SYNC | {"progress": progress})
        assert read.progress == progress
        assert type(read.progress) is type(progress)
        assert json.dumps(read.to_json()["progress"]) == json.dumps(progress)

    @pytest.mark.parametrize("progress", [float("nan"), float("inf"), "soon"])
    def test_progress_is_a_finite_number(self, progress: object) -> None:
        with pytest.raises(ValidationError, match="progress"):
            Sync.model_validate(SYNC | {"progress": progress})

    def test_provider_requests_may_be_words_or_objects(self) -> None:
        read = Sync.model_validate(
            SYNC | {"providerRequests": ["historical_files", {"type": "provision_credentials", "status": "sent"}]}
        )
        assert read.provider_requests == ["historical_files", "provision_credentials"]

    def test_issues_may_be_ids_objects_or_no_more_than_an_id(self) -> None:
        read = Sync.model_validate(SYNC | {"issues": ["isu_1", ISSUE | {"id": "isu_2"}, {"id": "isu_3", "new": 1}]})
        assert read.issue_ids == ["isu_1", "isu_2", "isu_3"]
        assert [issue.id for issue in read.known_issues] == ["isu_2"]
        assert isinstance(read.issues[2], IssueReference)
        assert read.to_json()["issues"] == ["isu_1", ISSUE | {"id": "isu_2"}, {"id": "isu_3", "new": 1}]

    def test_it_awaits_the_provider_only_while_it_is_not_over(self) -> None:
        assert Sync.model_validate(SYNC | {"phase": "running"}).awaits_provider
        assert not Sync.model_validate(SYNC | {"phase": "succeeded"}).awaits_provider
        assert not Sync.model_validate(SYNC | {"phase": "running", "providerRequests": []}).awaits_provider

    def test_elapsed_counts_to_its_end_and_never_below_nothing(self) -> None:
        now = datetime(2021, 1, 6, 4, tzinfo=UTC)
        before = datetime(2021, 1, 6, 3, tzinfo=UTC)
        ended = Sync.model_validate(SYNC | {"completedAt": "2021-01-06T03:25:53Z"})
        assert Sync.model_validate(SYNC).elapsed(now) == timedelta(minutes=35, seconds=7)
        assert Sync.model_validate(SYNC).elapsed(before) == timedelta(0)
        assert ended.elapsed(now) == timedelta(minutes=1)

    def test_how_long_it_took_is_not_known_where_its_end_is_not_told(self) -> None:
        now = datetime(2021, 1, 6, 4, tzinfo=UTC)
        assert Sync.model_validate(SYNC).model_copy(update={"phase": Phase.FAILED}).elapsed(now) is None


class TestConnection:
    def test_a_deleted_record_may_lack_all_but_its_id_and_status(self) -> None:
        read = Connection.model_validate({"id": "conn_1", "status": "deleted", "deletedAt": "2021-01-06T03:24:53.000Z"})
        assert (read.token, read.name, read.provider.code) == (None, "conn_1", "")

    @pytest.mark.parametrize("name", ["provider", "company"])
    def test_a_part_that_is_null_is_an_empty_part(self, name: str) -> None:
        assert getattr(Connection.model_validate(CONNECTION | {name: None}), name).name in ("", None)

    def test_an_id_that_came_as_a_number_is_one(self) -> None:
        read = Connection.model_validate(CONNECTION | {"externalId": 42, "company": {"dotNumbers": [123]}})
        assert (read.external_id, read.company.dot_numbers) == ("42", ["123"])

    @pytest.mark.parametrize(
        ("missing", "name"),
        [
            ((), "Frank's Trucking"),
            (("company",), "Franks HQ"),
            (("company", "account"), "fleet-7"),
            (("company", "account", "externalId"), "conn_01GV12VR4DJP70GD1ZBK0SDWFH"),
        ],
    )
    def test_it_is_called_by_the_best_name_there_is(self, missing: tuple[str, ...], name: str) -> None:
        sent = {key: value for key, value in CONNECTION.items() if key not in missing}
        assert Connection.model_validate(sent).name == name


class TestIssueAndProvider:
    @pytest.mark.parametrize(("connection", "found"), [(None, ""), ("conn_1", "conn_1"), ({"id": "conn_2"}, "conn_2")])
    def test_an_issue_knows_its_connection_where_the_server_says(self, connection: object, found: str) -> None:
        assert Issue.model_validate(ISSUE | {"connection": connection}).connection_id == found

    def test_a_status_that_nobody_knows_counts_as_open(self) -> None:
        opened = [Issue.model_validate(ISSUE | {"status": s}).is_open for s in ("ongoing", "resolved", "snoozed")]
        assert opened == [True, False, True]

    def test_support_is_told_in_the_servers_words(self) -> None:
        models = {
            "Vehicle": {"supportedOperations": {"read": "supported"}},
            "Odd": 3,
            "Odder": {"supportedOperations": 1},
        }
        provider = Provider.model_validate(PROVIDER | {"supportedModels": models})
        assert provider.support() == {"Vehicle": "supported", "Odd": "", "Odder": ""}


@pytest.mark.parametrize("name", ["phase", "parts", "until", "source"])
def test_no_server_sets_what_only_the_api_modules_set(name: str) -> None:
    sent = {**SYNC, f"x-syncscope-{name}": "failed", name: {"a": 1}}
    read = Sync.model_validate(sent, by_alias=True, by_name=False)
    assert (read.phase, read.parts, read.until, read.source) == (Phase.UNKNOWN, (), None, None)
    assert read.to_json()[name] == {"a": 1}
