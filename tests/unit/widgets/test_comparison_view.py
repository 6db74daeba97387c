"""A comparison as lines: verdicts as words, two columns where there is room, nothing that a terminal would obey."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.clocks import START
from tests.unit.models.samples import sync
from tui_app.filters import ascii_of
from tui_app.findings.comparison import Compared, Verdict, compare
from tui_app.models.issue import Issue, IssueError
from tui_app.models.sync import Phase
from tui_app.widgets.comparison_view import comparison_content, comparison_text

EVIL = "\x1b]2;owned\x07\u202e[bold]" + "漢字" * 60

FIELDS = (
    Compared("ended as", "failed", "completed", Verdict.DIFFERS),
    Compared("issue", "permission_missing", "—", Verdict.ONLY_THIS),
    Compared("issue", "—", "data_delayed", Verdict.ONLY_OTHER),
    Compared("took", "31 min", "30 min", Verdict.ABOUT_SAME),
    Compared("attempts", "1", "1", Verdict.SAME),
    Compared("requested", "today", "yesterday", Verdict.ITS_OWN, "1 day later"),
)


def lines(width: int, fields: tuple[Compared, ...] = FIELDS) -> list[str]:
    return comparison_content(fields, width).plain.split("\n")


def test_where_there_is_room_the_two_stand_beside_each_other() -> None:
    head, *told = lines(120)
    assert head.index("This sync") < head.index("The other")
    assert {line.index(word) for line, word in zip(told, ("completed", "—"), strict=False)} == {head.index("The other")}
    assert [" ".join(line.split()) for line in told] == [
        "● differs ended as failed completed",
        "◀ only this issue permission_missing —",
        "▶ only the other issue — data_delayed",
        "~ about the same took 31 min 30 min",
        "= same attempts 1 1",
        "· each its own requested today (1 day later) yesterday",
    ]


def test_else_they_stand_under_one_another_and_what_is_the_same_is_told_once() -> None:
    told = lines(78)
    assert told[:3] == ["● differs         ended as", "  this   failed", "  other  completed"]
    assert "  both   1" in told
    assert len(told) == 3 * 5 + 2


@pytest.mark.parametrize("width", [60, 78, 116, 156])
@pytest.mark.parametrize("verdict", list(Verdict))
def test_whatever_the_server_says_each_line_fits_and_holds_nothing_raw(width: int, verdict: Verdict) -> None:
    field = Compared(f"model {EVIL}", EVIL, f"{EVIL} and more", verdict, "3 times as long")
    for line in comparison_content([field, *FIELDS], width).split("\n"):
        assert line.cell_length <= width
        assert not {"\x1b", "\x07", "\u202e"} & set(line.plain)


def test_every_verdict_has_its_word_and_a_sign_that_ascii_has_too() -> None:
    text = comparison_content(FIELDS, 120).plain
    for verdict in Verdict:
        assert verdict.value in text
    assert "?" not in ascii_of(text)


def test_as_text_it_holds_every_field_and_nothing_raw() -> None:
    odd = Issue(id="isu_1", status="ongoing", error=IssueError(code=EVIL))
    this = sync(Phase.SUCCEEDED, issues=[odd], requestedAt="2026-11-22T14:00:00Z")
    comparison = compare(this, sync(Phase.FAILED, status="failed"), START + timedelta(hours=1))
    text = comparison_text(comparison, "sync_\x1bA", "sync_B")
    told = text.split("\n")
    assert len(told) == 5 + len(comparison.fields)
    assert told[2:4] == ["this:  sync_␛A", "other: sync_B"]
    assert "differs: ended as: in progress | failed" in told
    assert not {"\x1b", "\x07", "\u202e"} & set(text)
