"""A connection's syncs and models as rows: what each cell says, and which columns there are."""

from __future__ import annotations

import unicodedata
from datetime import timedelta
from typing import Any

import pytest

from tests.clocks import START
from tests.unit.models.samples import model, part, sync, sync_of
from tui_app.api.base import Capabilities
from tui_app.filters import ascii_of
from tui_app.models.connection import ConnectionModel
from tui_app.models.sync import Phase, Sync, SyncPart
from tui_app.models.times import day_and_time
from tui_app.widgets.connection_columns import model_columns, outcomes, sync_chart, sync_columns
from tui_app.widgets.spans import Spans
from tui_app.widgets.table import Column, fit_columns

EVIL = "\x1b]2;owned\x07\u202e[bold]"
MODELS = model_columns(lambda: START)
PLAIN = sync_columns(lambda: START, Capabilities())
IN_PARTS = sync_columns(lambda: START, Capabilities(parts=True))


def cells(columns: tuple[Column[Any], ...], item: ConnectionModel | Sync) -> dict[str, Spans]:
    return {column.key: column.cell(item, 40) for column in columns}


def texts(columns: tuple[Column[Any], ...], item: ConnectionModel | Sync) -> dict[str, str]:
    """What each cell of a row says."""
    return {key: "".join(text for text, _ in spans) for key, spans in cells(columns, item).items()}


def role(columns: tuple[Column[Any], ...], key: str, item: ConnectionModel | Sync) -> str:
    """What the colour of a cell's beginning stands for."""
    return cells(columns, item)[key][0][1]


def last(phase: Phase = Phase.SUCCEEDED, **fields: Any) -> SyncPart:
    """A job that was made an hour ago."""
    return part(phase=phase, **({"requested_at": START - timedelta(hours=1)} | fields))


class TestModels:
    def test_a_model_is_told_in_one_row(self) -> None:
        ended = last(status="complete", attempt=2, completed_at=START - timedelta(minutes=26))
        made = model(last=ended, next_sync_at=START + timedelta(hours=4), writes=True, traits=("webhooks", "custom"))
        assert texts(MODELS, made) == {
            "name": "Invoices",
            "last": "✓ complete  26 min ago",
            "tries": "2",
            "next": "in 4 h",
            "flows": "reads, writes",
            "know": "webhooks, custom",
        }

    def test_what_is_not_known_is_told_as_that(self) -> None:
        assert texts(MODELS, model(reads=None, writes=None)) == {
            "name": "Invoices",
            "last": "never synced",
            "tries": "",
            "next": "—",
            "flows": "",
            "know": "",
        }

    @pytest.mark.parametrize(
        ("fields", "when"),
        [
            ({}, "1 h ago"),
            ({"started_at": START - timedelta(minutes=30)}, "30 min ago"),
            ({"started_at": START - timedelta(minutes=30), "completed_at": START - timedelta(minutes=5)}, "5 min ago"),
        ],
    )
    def test_a_job_is_as_old_as_the_newest_that_is_known_of_it(self, fields: dict[str, Any], when: str) -> None:
        assert texts(MODELS, model(last=last(status="running", phase=Phase.RUNNING, **fields)))["last"] == (
            f"◐ running  {when}"
        )

    def test_a_job_that_is_out_of_sight_is_told_by_its_last_word(self) -> None:
        assert texts(MODELS, model(last=last(Phase.LOST, status="running")))["last"] == "◇ last running  1 h ago"

    def test_no_try_yet_is_none(self) -> None:
        assert texts(MODELS, model(last=last(Phase.WAITING, attempt=0)))["tries"] == "0"
        assert texts(MODELS, model(last=last(Phase.WAITING, attempt=None)))["tries"] == ""

    @pytest.mark.parametrize(
        ("reads", "writes", "words"),
        [
            (True, False, "reads"),
            (True, None, "reads"),
            (False, True, "not read, writes"),
            (False, False, "not read"),
            (None, True, "writes"),
        ],
    )
    def test_a_model_that_is_not_read_stands_out(self, reads: bool | None, writes: bool | None, words: str) -> None:
        made = model(reads=reads, writes=writes)
        assert texts(MODELS, made)["flows"] == words
        assert role(MODELS, "flows", made) == ("warning" if reads is False else "muted")
        assert role(MODELS, "name", made) == ("strong" if reads else "")

    def test_what_went_wrong_goes_before_what_it_can_do(self) -> None:
        made = model(traits=("webhooks",), last=last(Phase.FAILED, failure_reason="timed out"))
        assert texts(MODELS, made)["know"] == "timed out"
        assert role(MODELS, "know", made) == "error"

    def test_whatever_a_server_says_is_inert(self) -> None:
        for reason in (None, EVIL):
            made = model(name=EVIL, traits=(EVIL,), last=last(status=EVIL, failure_reason=reason))
            for text in texts(MODELS, made).values():
                assert not [c for c in text if unicodedata.category(c) in ("Cc", "Cf")]

    @pytest.mark.parametrize(
        ("width", "shown"),
        [
            (20, ["name"]),
            (46, ["name", "last"]),
            (66, ["name", "last", "flows"]),
            (76, ["name", "last", "next", "flows"]),
            (120, ["name", "last", "tries", "next", "flows", "know"]),
        ],
    )
    def test_columns_give_way_in_the_order_of_their_worth(self, width: int, shown: list[str]) -> None:
        assert [column.key for column, _ in fit_columns(MODELS, width)] == shown


class TestSyncs:
    def test_issues_have_a_column_only_where_the_server_has_issues(self) -> None:
        with_issues = sync_columns(lambda: START, Capabilities(issues=True))
        keys = ["state", "requested", "took", "progress", "issues", "attempts", "id"]
        assert [column.key for column in with_issues] == keys
        assert [column.key for column in PLAIN] == [key for key in keys if key != "issues"]

    def test_a_sync_with_parts_is_told_in_one_row(self) -> None:
        asked = START - timedelta(minutes=10)
        made = sync_of(part(), part("payments", Phase.SUCCEEDED), requested_at=asked, attempts=2)
        assert texts(PLAIN, made) == {
            "state": "◐ running",
            "requested": f"{day_and_time(asked)}  10 min ago",
            "took": "10 min",
            "progress": "1 of 2",
            "attempts": "2",
            "id": "batch_1",
        }

    def test_once_it_has_ended_with_failures_those_are_counted_and_the_reason_stands_for_the_id(self) -> None:
        made = sync_of(
            part(phase=Phase.FAILED), part("payments", Phase.SUCCEEDED), failure_reason="Invoices: timed out"
        )
        told = texts(PLAIN, made)
        assert (told["progress"], told["id"], told["took"]) == ("1 of 2 failed", "Invoices: timed out", "—")
        assert role(PLAIN, "id", made) == "error"

    @pytest.mark.parametrize(("count", "role_"), [(0, "muted"), (2, "warning")])
    def test_issues_are_counted(self, count: int, role_: str) -> None:
        columns = sync_columns(lambda: START, Capabilities(issues=True))
        made = sync(issues=[f"isu_{number}" for number in range(count)])
        assert texts(columns, made)["issues"] == str(count)
        assert role(columns, "issues", made) == role_

    def test_no_attempt_yet_and_attempts_that_are_not_told_are_not_the_same(self) -> None:
        assert texts(PLAIN, sync(attempts=0))["attempts"] == "0"
        assert texts(PLAIN, sync(attempts=None))["attempts"] == ""

    def test_whatever_a_server_says_is_inert(self) -> None:
        for reason in (None, EVIL):
            made = sync_of(part(EVIL, status=EVIL), id=EVIL, status=EVIL, failure_reason=reason)
            for text in texts(PLAIN, made).values():
                assert not [c for c in text if unicodedata.category(c) in ("Cc", "Cf")]

    def test_the_words_about_failed_parts_fit_their_column(self) -> None:
        made = sync_of(*(part(f"m{number}", Phase.FAILED) for number in range(24)))
        [column] = [column for column in IN_PARTS if column.key == "progress"]
        assert len(texts(PLAIN, made)["progress"]) <= column.width


class TestChart:
    def one(self, phase: Phase, minutes: int = 12) -> Sync:
        return sync(phase, requestedAt=START.isoformat(), completedAt=(START + timedelta(minutes=minutes)).isoformat())

    def test_the_newest_stands_on_the_right_and_words_say_what_the_signs_say(self) -> None:
        newest_first = [self.one(Phase.RUNNING), self.one(Phase.FAILED), *[self.one(Phase.SUCCEEDED)] * 10]
        line = "last 12  ✓✓✓✓✓✓✓✓✓✓✗◐  10 completed, 1 still running, 1 failed   usually 12 min"
        assert sync_chart(newest_first, 116).plain == line
        assert "?" not in ascii_of(line)

    @pytest.mark.parametrize("width", [58, 70, 114])
    def test_it_is_one_line_whose_signs_stay_where_the_words_do_not_fit(self, width: int) -> None:
        phases = [Phase.SUCCEEDED, Phase.FAILED, Phase.LOST] * 12
        chart = sync_chart([self.one(phase, 10 + number) for number, phase in enumerate(phases)], width)
        assert chart.cell_length <= width
        shown = 24 if width > 100 else 12
        assert chart.plain.startswith(f"last {shown}  ")
        assert sum(letter in "✓✗◇" for letter in chart.plain) == shown
        assert chart.plain.endswith("   usually 17–36 min")
        assert ("completed" in chart.plain) is (width > 100)

    def test_the_usual_time_is_told_from_four_on(self) -> None:
        assert "usually" not in sync_chart([self.one(Phase.SUCCEEDED)] * 3).plain
        assert "usually 12 min" in sync_chart([self.one(Phase.SUCCEEDED)] * 4).plain
        assert sync_chart([]).plain == ""

    def test_every_phase_has_its_word(self) -> None:
        told = outcomes([self.one(phase) for phase in Phase])
        assert told == "4 still running, 1 completed, 1 failed, 1 cancelled, 1 end not seen"
