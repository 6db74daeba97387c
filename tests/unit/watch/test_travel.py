"""Time travel: every look is a frame, and a frame is what the screen showed when that look had ended."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.clocks import START, FakeClock
from tests.unit.watch.story import CONNECTION, SYNC_ID, a_look, a_problem, a_sync
from tui_app.models.issue import Issue, IssueError
from tui_app.models.observation import Observation
from tui_app.models.problem import ProblemKind
from tui_app.models.sync import Sync
from tui_app.watch import journal as journal_module
from tui_app.watch import travel as module
from tui_app.watch.journal import journal
from tui_app.watch.pacing import Pacing
from tui_app.watch.travel import Mark, Travel
from tui_app.watch.watch import Watch
from tui_app.widgets.sync_view import SyncView
from tui_app.widgets.timeline import view_at

ISSUE = Issue(id="isu_1", status="ongoing", error=IssueError(code="permission_missing"))

_running = st.builds(
    a_sync,
    st.sampled_from(("requested", "in_progress", "retrying", "Polishing!")),
    progress=st.none() | st.integers(0, 99),
    attempts=st.none() | st.integers(1, 3),
    issues=st.sampled_from(([], [ISSUE], ["isu_2"])),
    provider_requests=st.sampled_from(([], ["historical_files"])),
)
_lost = st.builds(a_problem, st.sampled_from((ProblemKind.UNREACHABLE, ProblemKind.NOT_FOUND)))
_ended = st.none() | st.builds(a_sync, st.sampled_from(("completed", "failed")), completed_at=st.just(START))
# Whatever may happen to a sync: looks that see it, looks that fail, and perhaps an end.
_stories = st.tuples(st.lists(_running | _lost, min_size=1, max_size=12), _ended).map(
    lambda story: [*story[0], *([story[1]] if story[1] is not None else [])]
)


def looks(story: list[Sync | object]) -> list[Observation]:
    return [
        a_look(each, seconds=10 * index) if isinstance(each, Sync) else a_look(seconds=10 * index, problem=each)  # type: ignore[arg-type]
        for index, each in enumerate(story)
    ]


@given(_stories)
def test_a_frame_holds_what_the_looks_until_then_tell_and_nothing_later(story: list[Sync | object]) -> None:
    seen = looks(story)
    travel = Travel(seen)
    assert len(travel) == len(seen)
    for place in range(len(seen)):
        before = seen[: place + 1]
        frame = travel.frame(place)
        assert frame.seen is seen[place]
        assert frame.good is next((look for look in reversed(before) if look.sync is not None), None)
        assert list(frame.entries) == journal(before)
        assert travel.until(place) == tuple(before)


@given(_stories, st.booleans())
def test_a_frame_is_drawn_as_the_screen_was_drawn_when_that_look_had_ended(
    story: list[Sync | object], known: bool
) -> None:
    clock = FakeClock()
    watch = Watch(CONNECTION, SYNC_ID, clock=clock, pacing=Pacing(), random=lambda: 0.5)
    shown = []
    for index, each in enumerate(story):
        at = START + timedelta(seconds=10 * index)
        if index == 0 and known and isinstance(each, Sync) and not each.phase.is_final:
            watch.know(each, at)
        elif isinstance(each, Sync):
            watch.take(at, 0.25, each, None)
        else:
            watch.take(at, 0.25, None, each)  # type: ignore[arg-type]
        shown.append(SyncView.of(watch, None, at, clock.monotonic()))
    travel = Travel(watch.observations, watch.journal)
    drawn = [view_at(travel.frame(place), None) for place in range(len(travel))]
    assert drawn == shown


def test_looks_that_fail_are_frames_and_leave_what_was_seen_standing() -> None:
    travel = Travel([a_look(a_sync(progress=5)), a_look(seconds=10, problem=a_problem())])
    frame = travel.frame(1)
    assert frame.seen.problem is not None
    assert frame.good is not None
    assert frame.good.sync == a_sync(progress=5)
    assert not frame.finished
    assert "could not look" in frame.entries[-1].text


def test_beyond_the_ends_are_the_ends_and_nothing_is_no_frame() -> None:
    travel = Travel([a_look(a_sync(progress=value), seconds=value) for value in range(3)])
    assert travel.frame(-5) == travel.frame(0)
    assert travel.frame(99) == travel.frame(2)
    assert travel.span == (START, START + timedelta(seconds=2))
    with pytest.raises(IndexError):
        Travel([]).frame(0)


STORY = [
    a_sync("requested"),
    a_sync(progress=1),
    a_sync(progress=2),
    a_sync(progress=2),
    a_problem(),
    a_sync(progress=3, issues=[ISSUE]),
    a_sync(progress=4),
]


def test_each_look_is_marked_by_what_it_brought() -> None:
    marks = Travel(looks(STORY[:6])).marks
    assert marks == (Mark.CHANGE, Mark.CHANGE, Mark.STEP, Mark.QUIET, Mark.FAILED, Mark.CHANGE)


def test_one_goes_from_change_to_change_and_at_last_to_the_end() -> None:
    travel = Travel(looks([*STORY[:6], a_sync(progress=4, issues=[ISSUE]), a_sync(progress=5, issues=[ISSUE])]))
    assert [travel.change_after(place) for place in (0, 1, 3, 5, 7)] == [1, 5, 5, 7, 7]
    assert [travel.change_before(place) for place in (7, 5, 4, 1, 0)] == [5, 1, 1, 0, 0]


def test_looks_that_came_after_it_was_made_do_not_move_it() -> None:
    seen = [a_look(a_sync(progress=1))]
    travel = Travel(seen)
    seen.append(a_look(a_sync(progress=2), seconds=5))
    assert len(travel) == 1
    assert travel.frame(0).count == 1


def test_what_the_journal_knows_of_looks_that_were_not_kept_is_told_when_it_was_known() -> None:
    whole = looks([a_sync(progress=value) for value in range(8)])
    kept = [whole[0], *whole[5:]]
    travel = Travel(kept, journal(whole))
    first = [entry.text for entry in travel.frame(0).entries]
    assert first == ["requested", "first seen in_progress at 0"]
    assert list(travel.frame(1).entries) == journal(whole[:6])  # and not that it went from 0 to 5 at once
    assert list(travel.frame(3).entries) == journal(whole)


@given(_stories, st.data())
def test_whatever_was_not_kept_the_last_frame_tells_the_whole_journal_in_its_order(
    story: list[Sync | object], data: st.DataObject
) -> None:
    whole = looks(story)
    missing = data.draw(st.sets(st.integers(1, len(whole) - 1))) if len(whole) > 1 else set()
    kept = [look for index, look in enumerate(whole) if index not in missing]
    travel = Travel(kept, journal(whole))
    told = [travel.frame(place).entries for place in range(len(travel))]
    for before, after in pairwise(told):
        assert after[: len(before)] == before
    known = set(journal(kept))
    if not known.issuperset(journal(whole)):
        assert list(told[-1]) == journal(whole)


def test_a_long_journal_is_bounded_as_the_live_one_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_module, "MOST_ENTRIES", 4)
    monkeypatch.setattr(module, "MOST_ENTRIES", 4)
    seen = looks([a_sync(progress=value) for value in range(9)])
    travel = Travel(seen, journal(seen))
    for place in range(len(seen)):
        assert list(travel.frame(place).entries) == journal(seen[: place + 1])
