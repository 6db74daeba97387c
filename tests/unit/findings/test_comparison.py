"""Two syncs side by side: what is the same, what differs, and the sentence that says so."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.clocks import START
from tests.unit.models.samples import part, sync_of
from tui_app.findings.comparison import UNKNOWN, Comparison, Verdict, compare, proposed
from tui_app.models.issue import Issue, IssueError
from tui_app.models.sync import Phase, Sync, SyncPart

NOW = START + timedelta(days=2)
WEEK = timedelta(days=7)


def issue(code: str = "permission_missing", number: int = 1) -> Issue:
    return Issue(id=f"isu_{number}", status="ongoing", error=IssueError(code=code))


def ended(minutes: float | None = 10, *, at: datetime = START, **fields: Any) -> Sync:
    """A sync that was requested at some time, brought in a week, and completed after so many minutes."""
    facts: dict[str, Any] = {
        "id": f"sync_{at:%d%H%M}",
        "status": "completed",
        "phase": Phase.SUCCEEDED,
        "requested_at": at,
        "start_from": at - WEEK,
        "completed_at": None if minutes is None else at + timedelta(minutes=minutes),
        "progress": 100,
        "attempts": 1,
    }
    return Sync(**(facts | fields))


def failed(**fields: Any) -> Sync:
    facts: dict[str, Any] = {"status": "failed", "phase": Phase.FAILED, "completed_at": None}
    return ended(**(facts | fields))


def running(minutes: float = 10, **fields: Any) -> Sync:
    """A sync that has run for so many minutes by now."""
    facts = {"status": "in_progress", "phase": Phase.RUNNING, "completed_at": None, "progress": 40}
    return ended(at=NOW - timedelta(minutes=minutes), **(facts | fields))


def verdicts(comparison: Comparison, name: str) -> dict[tuple[str, str], Verdict]:
    return {(field.this, field.other): field.verdict for field in comparison.fields if field.name == name}


def said(this: Sync, other: Sync) -> str:
    return compare(this, other, NOW).summary


EARLIER = ended(at=START - timedelta(days=1))


class TestSummary:
    def test_it_says_how_much_longer_it_took_and_what_it_met(self) -> None:
        assert said(ended(30, issues=[issue()]), EARLIER) == (
            "It took 3 times as long, and met permission_missing, which the other did not."
        )

    def test_two_that_went_alike_are_told_as_that(self) -> None:
        assert said(ended(10.5), EARLIER) == "Nothing sets them apart but when they ran."

    def test_that_one_failed_comes_first(self) -> None:
        assert said(failed(attempts=3), EARLIER) == (
            "It failed where the other completed, and needed 3 attempts instead of 1."
        )

    def test_two_failures_for_different_reasons_are_told(self) -> None:
        this, other = failed(failure_reason="outage"), failed(failure_reason="refused", at=START - timedelta(days=1))
        assert said(this, other) == "It failed for another reason."

    @pytest.mark.parametrize(
        ("minutes", "words"),
        [
            (5, "It took 50 % of the time."),
            (13, "It took 1.3 times as long."),
            (25, "It took 2.5 times as long."),
            (1000, "It took 100 times as long."),
            (12, "Nothing sets them apart but when they ran."),
            (8.5, "Nothing sets them apart but when they ran."),
        ],
    )
    def test_only_a_notable_difference_in_time_is_told(self, minutes: float, words: str) -> None:
        assert said(ended(minutes), EARLIER) == words

    def test_of_what_still_runs_nothing_is_told_that_may_yet_change(self) -> None:
        assert said(running(5, attempts=1), ended(attempts=3, at=START)) == "It still runs where the other completed."

    def test_what_still_runs_may_have_taken_longer_already(self) -> None:
        assert said(running(40, attempts=2), EARLIER) == (
            "It still runs where the other completed, has already taken 4 times as long, "
            "and needed 2 attempts instead of 1."
        )

    def test_against_one_that_still_runs_no_time_is_told(self) -> None:
        assert said(ended(300), running(5)) == "It completed where the other still runs."

    def test_what_the_other_met_is_told_too(self) -> None:
        this = ended(issues=[issue("a"), issue("b", 2)])
        other = ended(issues=[issue("a"), issue("c", 3)], at=START - WEEK)
        assert said(this, other) == "It met b, which the other did not, and did not meet c, which the other did."

    def test_a_word_that_nobody_knows_stands_as_it_came(self) -> None:
        odd = running(5, status="Polishing!", phase=Phase.UNKNOWN)
        assert said(odd, EARLIER) == "It is “Polishing!” where the other completed."

    def test_many_differences_are_cut(self) -> None:
        this = failed(attempts=3, issues=[issue()], provider_requests=["historical_files"], start_from=START - WEEK * 4)
        other = ended(issues=[issue("x", 2)], at=START - WEEK)
        assert said(this, other) == (
            "It failed where the other completed, met permission_missing, which the other did not, did not meet x, "
            "which the other did, needed 3 attempts instead of 1, and differs in 2 more."
        )

    def test_a_longer_window_is_told(self) -> None:
        assert said(ended(start_from=START - timedelta(days=30)), EARLIER) == "It brought in 30 days instead of 7 days."

    def test_models_that_ended_otherwise_are_named(self) -> None:
        this = sync_of(part("invoices", Phase.FAILED), part("customers", Phase.SUCCEEDED))
        other = sync_of(part("invoices", Phase.SUCCEEDED), part("customers", Phase.SUCCEEDED))
        assert said(this, other) == "It failed where the other completed, and went otherwise for the model Invoices."


class TestFields:
    def test_those_that_differ_stand_first_and_when_they_ran_last(self) -> None:
        found = [field.verdict for field in compare(failed(), EARLIER, NOW).fields]
        different = [verdict.is_difference for verdict in found]
        assert different == sorted(different, reverse=True)
        assert found[-1] is Verdict.ITS_OWN
        assert {Verdict.DIFFERS, Verdict.SAME} <= set(found)

    def test_issues_are_compared_by_code_and_told_as_here_there_or_both(self) -> None:
        this = ended(issues=[issue("both"), issue("mine", 2), issue("twice", 3), issue("twice", 4)])
        other = ended(issues=[issue("both", 7), issue("its", 8), issue("twice", 9)], at=START - WEEK)
        assert verdicts(compare(this, other, NOW), "issue") == {
            ("both", "both"): Verdict.SAME,
            ("mine", UNKNOWN): Verdict.ONLY_THIS,
            ("twice (2 times)", "twice"): Verdict.DIFFERS,
            (UNKNOWN, "its"): Verdict.ONLY_OTHER,
        }

    def test_an_issue_of_which_only_the_id_came_is_compared_by_that(self) -> None:
        comparison = compare(ended(issues=["isu_7"]), ended(issues=["isu_7"], at=START - WEEK), NOW)
        assert verdicts(comparison, "issue") == {("isu_7", "isu_7"): Verdict.SAME}

    def test_lengths_that_hardly_differ_are_about_the_same_and_others_say_by_how_much(self) -> None:
        assert verdicts(compare(ended(10.5), EARLIER, NOW), "took") == {("10 min", "10 min"): Verdict.ABOUT_SAME}
        [took] = [field for field in compare(ended(30), EARLIER, NOW).fields if field.name == "took"]
        assert (took.verdict, took.note) == (Verdict.DIFFERS, "3 times as long")

    def test_a_length_that_the_server_does_not_say_is_not_made_up(self) -> None:
        assert verdicts(compare(failed(), EARLIER, NOW), "took") == {(UNKNOWN, "10 min"): Verdict.DIFFERS}
        assert verdicts(compare(failed(), failed(at=START - WEEK), NOW), "took") == {(UNKNOWN, UNKNOWN): Verdict.SAME}

    def test_the_begin_of_a_window_is_each_syncs_own_and_its_length_is_compared(self) -> None:
        comparison = compare(ended(), EARLIER, NOW)
        assert verdicts(comparison, "window") == {("7 days", "7 days"): Verdict.SAME}
        assert list(verdicts(comparison, "window from").values()) == [Verdict.ITS_OWN]

    def test_each_model_is_a_field_of_its_own(self) -> None:
        begun = {"started_at": START, "completed_at": START + timedelta(minutes=3)}
        failure = part("invoices", Phase.FAILED, attempt=3, failure_reason="no access")
        comparison = compare(
            sync_of(failure, part("customers", Phase.SUCCEEDED, **begun), part("payments")),
            sync_of(part("invoices", Phase.SUCCEEDED), part("customers", Phase.SUCCEEDED), part("terms")),
            NOW,
        )
        assert verdicts(comparison, "model Invoices") == {
            ("failed, 3 tries, no access", "succeeded"): Verdict.DIFFERS,
        }
        assert verdicts(comparison, "model Customers") == {("succeeded, 3 min", "succeeded"): Verdict.SAME}
        assert verdicts(comparison, "model Payments") == {("running", UNKNOWN): Verdict.ONLY_THIS}
        assert verdicts(comparison, "model Terms") == {(UNKNOWN, "running"): Verdict.ONLY_OTHER}


_codes = st.lists(st.sampled_from(("a", "b", "c")), max_size=3)
_reasons = st.none() | st.sampled_from(("outage", "refused"))
_phases = st.sampled_from(Phase)


def _with_parts(phases: list[Phase]) -> tuple[SyncPart, ...]:
    return tuple(part(f"m{number}", phase) for number, phase in enumerate(phases))


_syncs = st.builds(
    lambda codes, phase, reason, minutes, days, attempts, parts: ended(
        minutes,
        at=START - timedelta(days=days),
        status=phase.value,
        phase=phase,
        failure_reason=reason,
        attempts=attempts,
        issues=[issue(code, number) for number, code in enumerate(codes)],
        parts=_with_parts(parts),
    ),
    _codes,
    _phases,
    _reasons,
    st.none() | st.integers(0, 600),
    st.integers(0, 40),
    st.none() | st.integers(0, 3),
    st.lists(_phases, max_size=3),
)
_MIRROR = {Verdict.ONLY_THIS: Verdict.ONLY_OTHER, Verdict.ONLY_OTHER: Verdict.ONLY_THIS}


@given(_syncs, _syncs)
def test_seen_from_the_other_side_the_same_is_found_the_other_way_round(this: Sync, other: Sync) -> None:
    forth, back = compare(this, other, NOW), compare(other, this, NOW)
    mirrored = {
        (field.name, field.other, field.this, _MIRROR.get(field.verdict, field.verdict)) for field in back.fields
    }
    assert {(field.name, field.this, field.other, field.verdict) for field in forth.fields} == mirrored
    for comparison in (forth, back):
        order = [field.verdict.is_difference for field in comparison.fields]
        assert order == sorted(order, reverse=True)
        assert comparison.summary.startswith(("It ", "Nothing "))
        assert comparison.summary.endswith(".")


@given(_syncs)
def test_a_sync_does_not_differ_from_its_like(sync: Sync) -> None:
    comparison = compare(sync, sync, NOW)
    assert comparison.differences == ()
    assert {field.verdict for field in comparison.fields} == {Verdict.SAME}
    assert comparison.summary == "Nothing sets them apart but when they ran."


class TestProposal:
    def test_it_is_the_newest_earlier_one_that_succeeded(self) -> None:
        this = failed(at=START)
        others = [this, *(ended(at=START + timedelta(hours=hours)) for hours in (2, -3, -1))]
        others.append(failed(at=START - timedelta(minutes=5)))
        assert proposed(this, others) is others[3]

    def test_where_none_succeeded_it_is_the_newest_earlier_one(self) -> None:
        this, before = failed(at=START), [failed(at=START - timedelta(hours=hours)) for hours in (2, 1)]
        assert proposed(this, before) is before[1]

    def test_without_an_earlier_one_nothing_is_proposed(self) -> None:
        this = ended(at=START)
        assert proposed(this, [this, ended(at=START + WEEK)]) is None

    def test_of_one_that_was_not_seen_yet_all_others_count(self) -> None:
        only = ended()
        assert proposed(None, [only]) is only
