"""What is sent is checked before it is sent, and a problem is told in the server's words."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from tui_app.models.connection import Backfill, ConnectionDraft
from tui_app.models.problem import FieldProblem, Problem, ProblemKind
from tui_app.models.sync import SyncRequest

NOW = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.mark.parametrize("kind", [SyncRequest, Backfill])
class TestWindows:
    def test_nothing_at_all_is_a_window(self, kind: Any) -> None:
        assert (kind().days, kind().start_from) == (None, None)

    @pytest.mark.parametrize("days", [0.5, 1, 7, 36500])
    def test_days_may_be_fractions(self, kind: Any, days: float) -> None:
        assert kind(days=days).days == days

    @pytest.mark.parametrize("days", [0, -1, 36501, float("nan"), float("inf"), "many"])
    def test_other_days_are_refused(self, kind: Any, days: object) -> None:
        with pytest.raises(ValidationError, match="days"):
            kind(days=days)

    def test_days_and_a_start_exclude_each_other(self, kind: Any) -> None:
        with pytest.raises(ValidationError, match="not both"):
            kind(days=7, start_from=NOW)

    def test_a_start_without_a_zone_is_in_utc(self, kind: Any) -> None:
        assert kind(start_from=NOW.replace(tzinfo=None)).start_from == NOW

    def test_what_is_misspelt_is_refused(self, kind: Any) -> None:
        with pytest.raises(ValidationError, match="day"):
            kind(day=7)


class TestDraft:
    def test_credentials_are_in_no_text_of_it(self) -> None:
        draft = ConnectionDraft(provider="geotab", credentials={"password": SecretStr("hunter2-secret")})
        assert "hunter2" not in repr(draft) + str(draft) + draft.model_dump_json()
        assert draft.credentials["password"].get_secret_value() == "hunter2-secret"

    def test_a_refusal_quotes_no_credentials(self) -> None:
        with pytest.raises(ValidationError) as caught:
            ConnectionDraft.model_validate({"provider": "", "credentials": "hunter2", "sync_mode": "hunter2"})
        assert "hunter2" not in str(caught.value)
        assert caught.value.error_count() == 3

    def test_it_asks_for_automatic_syncs_unless_told_otherwise(self) -> None:
        assert ConnectionDraft(provider="x", credentials={}).sync_mode == "automatic"


class TestServerWords:
    def test_status_code_message_and_detail_stand_as_they_came(self) -> None:
        problem = Problem(ProblemKind.CONFLICT, "Ours", status=409, code="conflict", message="Busy", detail="sync_1")
        assert problem.server_words == "409 · conflict · Busy · sync_1"

    def test_each_field_stands_with_its_path_and_what_the_server_suggests(self) -> None:
        fields = (
            FieldProblem("{requestBody}.days", "too many", "use 7"),
            FieldProblem("", "odd"),
            FieldProblem("a", "b"),
        )
        problem = Problem(ProblemKind.INVALID, "Ours", status=400, fields=fields)
        assert problem.server_words == "400 · {requestBody}.days: too many: use 7 · odd · a: b"

    def test_for_a_line_that_may_be_cut_the_reason_stands_first(self) -> None:
        problem = Problem(ProblemKind.INVALID, "Ours", status=400, code="bad_request", message="Not now", detail="Why")
        assert problem.reason_first == "Not now · Why · 400 bad_request"
        assert Problem(ProblemKind.SERVER, "It failed", status=500).reason_first == "It failed · 500"
        assert Problem(ProblemKind.UNREACHABLE, "No answer").reason_first == "No answer"

    def test_where_the_server_said_nothing_there_are_no_words(self) -> None:
        assert Problem(ProblemKind.UNREACHABLE, "No answer").server_words == ""
