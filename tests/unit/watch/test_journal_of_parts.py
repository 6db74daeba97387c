"""What changed between looks at a sync that has parts: each part tells its own, once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.clocks import START
from tests.unit.models.samples import part, sync_of
from tests.unit.watch.story import a_look
from tui_app.models.sync import Phase, Sync, SyncPart
from tui_app.watch.journal import Entry, EntryKind, changes, journal

SEEN = START + timedelta(seconds=30)
OTHER = part("payments", status="queued")


def told(before: Sync | None, after: Sync) -> list[str]:
    """What the second of two looks adds."""
    return [entry.text for entry in changes(before, after, SEEN)]


def of_one(before: SyncPart, after: SyncPart) -> list[str]:
    """What the change of one part adds, beside one that stays as it is and keeps the whole as it was."""
    return told(sync_of(before, OTHER, **WHOLE), sync_of(after, OTHER, **WHOLE))


WHOLE: dict[str, Any] = {"phase": Phase.RUNNING, "status": "running"}


class TestTheFirstLook:
    def test_the_models_are_named(self) -> None:
        waiting = sync_of(part(phase=Phase.WAITING), part("payments", Phase.WAITING))
        assert told(None, waiting) == ["requested", "2 models: Invoices, Payments"]

    def test_one_model_is_one_model(self) -> None:
        assert told(None, sync_of(part(phase=Phase.WAITING))) == ["requested", "1 model: Invoices"]

    def test_a_sync_that_runs_already_is_said_to_be_first_seen_so(self) -> None:
        assert told(None, sync_of(part())) == ["requested", "1 model: Invoices", "first seen running"]

    def test_a_sync_without_parts_names_none(self) -> None:
        assert told(None, sync_of(phase=Phase.WAITING, status="requested")) == ["requested"]


class TestOnePart:
    def test_its_words_are_told_verbatim(self) -> None:
        entries = changes(
            sync_of(part(status="queued"), OTHER, **WHOLE), sync_of(part(status="Polishing!"), OTHER, **WHOLE), SEEN
        )
        assert entries == [Entry(SEEN, EntryKind.PART, "Invoices: queued → Polishing!", "queued", "Polishing!")]

    def test_a_try_that_began_with_a_new_word_is_told_in_the_same_line(self) -> None:
        assert of_one(part(status="queued", attempt=0), part(attempt=1)) == ["Invoices: queued → running, attempt 1"]

    def test_a_try_that_began_alone_is_told_alone(self) -> None:
        assert of_one(part(attempt=1), part(attempt=2)) == ["Invoices: attempt 2"]

    @pytest.mark.parametrize(
        ("before", "after", "line"), [(None, 3, "attempt 3"), (3, None, "attempt —"), (1, 0, "attempt 0")]
    )
    def test_tries_that_appear_go_or_fall_are_told(self, before: int | None, after: int | None, line: str) -> None:
        assert of_one(part(attempt=before), part(attempt=after)) == [f"Invoices: {line}"]

    def test_a_reason_is_told_after_the_word_that_it_explains(self) -> None:
        retrying = part(phase=Phase.RETRYING, status="pending_retry", failure_reason="timed out")
        assert of_one(part(), retrying) == ["Invoices: running → pending_retry", "Invoices: timed out"]

    def test_a_reason_that_stays_is_told_once_and_one_that_goes_is_no_news(self) -> None:
        first, again = part(failure_reason="timed out"), part(failure_reason="timed out", attempt=2)
        assert of_one(first, again) == ["Invoices: attempt 2"]
        assert of_one(first, part()) == []
        assert of_one(first, part(failure_reason="refused")) == ["Invoices: refused"]

    def test_a_note_is_told_once_and_its_going_is_no_news(self) -> None:
        noted = part(note="not in the server's list just now")
        assert of_one(part(), noted) == ["Invoices: not in the server's list just now"]
        assert of_one(noted, noted) == []
        assert of_one(noted, part()) == []

    def test_out_of_sight_is_told_with_what_was_seen_last_and_why(self) -> None:
        lost = part(phase=Phase.LOST, status="running", note="a later run took its place before its end was seen")
        assert of_one(part(), lost) == [
            "Invoices: running → out of sight, last running",
            "Invoices: a later run took its place before its end was seen",
        ]

    def test_a_long_reason_is_cut_in_the_line_and_whole_beside_it(self) -> None:
        reason = "x" * 500
        [entry] = changes(sync_of(part(), OTHER), sync_of(part(failure_reason=reason), OTHER), SEEN)
        assert len(entry.text) == 80
        assert entry.after == reason

    @pytest.mark.parametrize(
        "fields",
        [
            {"started_at": START},
            {"completed_at": START},
            {"name": "Bills"},
            {"until": START},
            {"id": "job_9"},
            {"inference": "told by its batch: the job has another ID than before"},
        ],
    )
    def test_what_is_no_news_by_itself_is_not_told(self, fields: dict[str, Any]) -> None:
        assert of_one(part(), replace(part(), **fields)) == []


class TestPartsThatComeAndGo:
    def test_a_model_that_appears_is_told(self) -> None:
        entries = changes(sync_of(OTHER, **WHOLE), sync_of(OTHER, part(), **WHOLE), SEEN)
        assert entries == [Entry(SEEN, EntryKind.PART, "model + Invoices", after="running")]

    def test_a_model_that_goes_is_told(self) -> None:
        entries = changes(sync_of(OTHER, part(), **WHOLE), sync_of(OTHER, **WHOLE), SEEN)
        assert entries == [Entry(SEEN, EntryKind.PART, "model − Invoices", before="running")]

    def test_another_order_is_no_news(self) -> None:
        assert told(sync_of(part(), OTHER), sync_of(OTHER, part())) == []

    def test_a_job_that_came_back_under_another_id_is_the_same_part(self) -> None:
        again = part(id="job_again", attempt=2)
        assert of_one(part(), again) == ["Invoices: attempt 2"]

    def test_two_jobs_of_one_model_are_two_parts(self) -> None:
        north, south = part(id="job_north"), part(id="job_south")
        assert told(sync_of(north, south), sync_of(north, south)) == []
        assert told(sync_of(north, south), sync_of(south, north)) == []
        assert told(sync_of(north, south), sync_of(north, replace(south, attempt=2))) == ["Invoices: attempt 2"]
        assert told(sync_of(north), sync_of(north, south)) == ["model + Invoices"]
        assert told(sync_of(north, south), sync_of(south)) == ["model − Invoices"]
        assert told(sync_of(north, south), sync_of(part(id="job_new"), south)) == []


class TestTheWhole:
    def test_its_tries_and_its_reason_are_not_told_again(self) -> None:
        failed = part(phase=Phase.FAILED, status="failed", attempt=3, failure_reason="timed out")
        before = sync_of(part(), OTHER, attempts=1, **WHOLE)
        after = sync_of(failed, OTHER, attempts=3, failure_reason="Invoices: timed out", **WHOLE)
        assert told(before, after) == ["Invoices: running → failed, attempt 3", "Invoices: timed out"]

    def test_its_word_its_window_and_its_end_are_told_beside_its_parts(self) -> None:
        ended = START + timedelta(seconds=20)
        before = sync_of(part())
        after = sync_of(
            part(phase=Phase.SUCCEEDED, status="complete"),
            status="complete",
            completed_at=ended,
            start_from=START - timedelta(days=7),
        )
        assert told(before, after) == [
            "ended after 20 s",
            "window starts 2026-11-15 14:02 UTC",
            "Invoices: running → complete",
            "running → complete",
        ]

    def test_a_sync_that_had_failed_before_the_first_look_tells_its_reason(self) -> None:
        failed = part(phase=Phase.FAILED, status="failed", failure_reason="timed out")
        assert told(None, sync_of(failed, failure_reason="Invoices: timed out"))[-1] == "reason: Invoices: timed out"

    def test_without_parts_its_tries_and_its_reason_are_told_as_ever(self) -> None:
        plain = {"phase": Phase.RUNNING, "status": "running"}
        assert told(sync_of(attempts=1, **plain), sync_of(attempts=2, failure_reason="outage", **plain)) == [
            "attempts 1 → 2",
            "reason: outage",
        ]

    def test_a_whole_story_is_told_line_by_line(self) -> None:
        looks = [
            sync_of(part(status="queued", phase=Phase.WAITING, attempt=0), status="queued"),
            sync_of(part(attempt=1)),
            sync_of(part(attempt=1, note="not in the server's list just now")),
            sync_of(part(attempt=1)),
            sync_of(part(phase=Phase.LOST, status="running", note="a later run took its place")),
        ]
        entries = journal([a_look(look, seconds=at) for at, look in enumerate(looks, 1)])
        assert [entry.text for entry in entries] == [
            "requested",
            "1 model: Invoices",
            "Invoices: queued → running, attempt 1",
            "queued → running",
            "Invoices: not in the server's list just now",
            "Invoices: running → out of sight, last running",
            "Invoices: a later run took its place",
            "running → lost",
        ]


_parts = st.builds(
    lambda name, number, phase, fields: replace(part(name, phase, id=f"{name}_{number}"), **fields),
    st.sampled_from(["invoices", "payments", "notes"]),
    st.integers(1, 3),
    st.sampled_from(Phase),
    st.fixed_dictionaries(
        {},
        optional={
            "status": st.sampled_from(["queued", "running", "?"]),
            "attempt": st.none() | st.integers(0, 5),
            "failure_reason": st.none() | st.text(max_size=100),
            "note": st.sampled_from(["", "not listed"]),
        },
    ),
)
_syncs = st.lists(_parts, min_size=1, max_size=6, unique_by=lambda each: each.id).map(lambda each: sync_of(*each))


@given(_syncs)
def test_the_same_parts_twice_tell_nothing(sync: Sync) -> None:
    assert changes(sync, sync.model_copy(deep=True), SEEN) == []


@given(_syncs, _syncs)
def test_what_comes_and_what_goes_add_up(before: Sync, after: Sync) -> None:
    lines = told(before, after)
    came = sum(line.startswith("model + ") for line in lines)
    went = sum(line.startswith("model − ") for line in lines)
    assert came - went == len(after.parts) - len(before.parts)


@given(_syncs, _syncs)
def test_no_line_of_a_part_is_told_twice_at_a_time(before: Sync, after: Sync) -> None:
    of_parts = [entry for entry in changes(before, after, SEEN) if entry.kind is EntryKind.PART]
    by_model: dict[str, int] = {}
    for each in (*before.parts, *after.parts):
        by_model[each.name] = by_model.get(each.name, 0) + 1
    for name, count in by_model.items():
        assert sum(name in entry.text for entry in of_parts) <= 3 * count
