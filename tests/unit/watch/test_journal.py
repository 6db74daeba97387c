"""What changed between looks, in few words."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.clocks import START
from tests.unit.watch.story import a_look, a_problem, a_sync
from tui_app.models.issue import Issue, IssueError
from tui_app.models.observation import Observation
from tui_app.models.problem import ProblemKind
from tui_app.models.sync import Sync
from tui_app.watch import journal as module
from tui_app.watch.journal import EntryKind, Journal, changes, entries, journal


def an_issue(issue_id: str = "isu_1", code: str = "missing_permissions", status: str = "ongoing") -> Issue:
    return Issue(id=issue_id, status=status, error=IssueError(code=code))


def texts(*syncs: Sync) -> list[str]:
    """What the last of these states adds."""
    *before, after = [a_look(sync, seconds=index) for index, sync in enumerate(syncs)]
    return [entry.text for entry in entries(before[-1] if before else None, after)]


def test_the_first_look_tells_when_it_was_requested() -> None:
    [entry] = entries(None, a_look(a_sync("requested"), seconds=3))
    assert (entry.at, entry.kind, entry.text) == (START, EntryKind.REQUESTED, "requested")


def test_a_sync_that_runs_already_is_said_to_be_first_seen_so() -> None:
    assert texts(a_sync(progress=40)) == ["requested", "first seen in_progress at 40"]


def test_a_sync_that_ended_before_the_first_look_is_told_whole() -> None:
    ended = START + timedelta(minutes=5)
    sync = a_sync("failed", failure_reason="provider outage", completed_at=ended)
    told = entries(None, a_look(sync, seconds=600))
    assert [entry.text for entry in told] == [
        "requested",
        "ended after 5 min",
        "first seen failed",
        "reason: provider outage",
    ]
    assert told[1].at == ended


def test_status_words_are_told_verbatim() -> None:
    assert texts(a_sync("requested"), a_sync("in_progress")) == ["requested → in_progress"]
    assert texts(a_sync("in_progress"), a_sync("Polishing!")) == ["in_progress → Polishing!"]


def test_every_change_of_the_progress_is_kept() -> None:
    looks = [a_look(a_sync(progress=value), seconds=index) for index, value in enumerate([81, 83, 83, 83.25, 84.0])]
    told = [entry for entry in journal(looks) if entry.kind is EntryKind.PROGRESS]
    assert [entry.text for entry in told] == ["progress 81 → 83", "progress 83 → 83.25", "progress 83.25 → 84"]
    assert (told[0].before, told[0].after) == ("81", "83")


def test_a_progress_that_appears_or_goes_is_told() -> None:
    assert texts(a_sync(), a_sync(progress=0)) == ["progress 0"]
    assert texts(a_sync(progress=3), a_sync()) == ["progress 3 → —"]


def test_attempts_and_the_window_are_told() -> None:
    moved = a_sync(attempts=2, start_from=START - timedelta(days=7))
    assert texts(a_sync(attempts=1), moved) == ["window starts 2026-11-15 14:02 UTC", "attempts 1 → 2"]


def test_issues_are_told_by_their_code_as_they_come_and_go() -> None:
    with_issue = a_sync(issues=[an_issue()])
    assert texts(a_sync(), with_issue) == ["issue + missing_permissions"]
    assert texts(with_issue, a_sync()) == ["issue − missing_permissions"]
    assert texts(a_sync(), a_sync(issues=["isu_9"])) == ["issue + isu_9"]
    assert texts(a_sync(issues=["isu_1"]), with_issue) == []
    resolved = a_sync(issues=[an_issue(status="resolved")])
    assert texts(with_issue, resolved) == ["issue missing_permissions: ongoing → resolved"]


def test_provider_requests_are_told_as_they_come_and_go() -> None:
    waiting = a_sync(provider_requests=["historical_files"])
    assert texts(a_sync(), waiting) == ["provider request + historical_files"]
    assert texts(waiting, a_sync()) == ["provider request − historical_files"]


def test_an_end_is_told_at_the_time_that_the_server_gives() -> None:
    ended = START + timedelta(seconds=0.4)
    told = entries(
        a_look(a_sync(progress=99)), a_look(a_sync("completed", progress=100, completed_at=ended), seconds=9)
    )
    assert [entry.text for entry in told] == ["ended after 0 s", "progress 99 → 100", "in_progress → completed"]
    assert [entry.at for entry in told] == [ended, START + timedelta(seconds=9), START + timedelta(seconds=9)]


def test_a_retried_sync_is_told_as_requested_again() -> None:
    failed = a_sync("failed", failure_reason="outage", completed_at=START + timedelta(minutes=1))
    again = a_sync("requested", requested_at=START + timedelta(minutes=2))
    assert [entry.text for entry in changes(failed, again, START + timedelta(minutes=3))] == [
        "requested again",
        "failed → requested",
    ]


def test_a_field_that_nobody_knows_is_told_with_its_values() -> None:
    assert texts(a_sync(lane="slow"), a_sync(lane="fast")) == ["lane slow → fast"]
    assert texts(a_sync(), a_sync(rows={"trips": 3})) == ['rows {"trips": 3}']
    assert texts(a_sync(rows=3), a_sync()) == ["rows 3 → —"]


def test_a_secret_in_a_field_that_nobody_knows_stays_masked() -> None:
    told = texts(a_sync(), a_sync(note="con_tkn_22vUhkC6tgre4kwaYfUkCDA1rzn6eyb4"))
    assert told == ["note con_tkn_22vU••••••••"]


def test_a_long_text_is_cut_in_the_line_and_whole_beside_it() -> None:
    reason = "x" * 500
    [entry, *_] = entries(a_look(a_sync()), a_look(a_sync(failure_reason=reason)))
    assert len(entry.text) == 80
    assert entry.after == reason


def test_an_outage_is_told_once_and_then_how_long_it_was() -> None:
    looks = [
        a_look(a_sync(progress=10), seconds=0),
        a_look(problem=a_problem(title="No answer"), seconds=5),
        a_look(problem=a_problem(ProblemKind.SERVER, title="The server failed"), seconds=9),
        a_look(problem=a_problem(title="No answer"), seconds=13),
        a_look(a_sync(progress=14), seconds=17),
    ]
    assert [entry.text for entry in journal(looks)][2:] == [
        "could not look: No answer",
        "answers again after 12 s",
        "progress 10 → 14",
    ]


def test_an_outage_that_turns_into_a_refusal_says_so_once() -> None:
    gone = a_problem(ProblemKind.NOT_FOUND, title="The server does not know this sync")
    looks = [a_look(problem=problem, seconds=at) for at, problem in enumerate([a_problem(), gone, a_problem(), gone])]
    assert [entry.text for entry in journal(looks)] == [
        "could not look: No answer",
        "could not look: The server does not know this sync",
    ]


def test_a_failed_look_is_never_told_as_a_failed_sync() -> None:
    told = entries(
        a_look(a_sync()), a_look(problem=a_problem(ProblemKind.SERVER, title="The server failed"), seconds=1)
    )
    assert [entry.kind for entry in told] == [EntryKind.LOST]


def test_the_journal_keeps_the_first_entry_and_the_newest() -> None:
    told = Journal()
    for at in range(module.MOST_ENTRIES + 100):
        told.add(a_look(a_sync("requested", progress=at), seconds=at))
    assert len(told.entries) == module.MOST_ENTRIES
    assert told.entries[0].text == "requested"
    assert told.entries[-1].text.endswith(f"→ {module.MOST_ENTRIES + 99}")


_words = st.sampled_from(["requested", "in_progress", "retrying", "completed", "failed", "?"])
_fields: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {},
    optional={
        "progress": st.integers(0, 100),
        "attempts": st.floats(0, 9),
        "failure_reason": st.text(),
        "issues": st.lists(st.sampled_from(["isu_1", "isu_2", an_issue("isu_3")])),
        "provider_requests": st.lists(st.sampled_from(["historical_files", "provision_credentials"])),
        "completed_at": st.datetimes().map(lambda moment: moment.replace(tzinfo=START.tzinfo)),
        "extra": st.recursive(st.none() | st.booleans() | st.text(), st.lists, max_leaves=5),
    },
)
_states = st.builds(lambda word, fields: a_sync(word, **fields), _words, _fields)
_seen: st.SearchStrategy[list[Observation]] = st.lists(
    st.one_of(
        _states.map(a_look), st.builds(lambda kind: a_look(problem=a_problem(kind)), st.sampled_from(ProblemKind))
    )
)


@given(_seen)
def test_look_by_look_tells_the_same_as_all_at_once(looks: list[Observation]) -> None:
    told = Journal()
    added = [entry for look in looks for entry in told.add(look)]
    assert added == told.entries == journal(looks)


@given(_states)
def test_the_same_state_twice_tells_nothing(sync: Sync) -> None:
    assert changes(sync, sync.model_copy(deep=True), START) == []
