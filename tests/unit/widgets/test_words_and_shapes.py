"""The pure parts of widgets: which columns fit, and how states, facts and syncs are put into words."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.content import Content

from tests.clocks import START
from tests.unit.models.samples import ISSUE, row, sync
from tui_app.models.connection import Standing
from tui_app.models.problem import Problem, ProblemKind
from tui_app.models.sync import Phase
from tui_app.watch.journal import Entry, EntryKind
from tui_app.widgets import sync_view
from tui_app.widgets.facts import NAME_WIDTH, facts_content
from tui_app.widgets.fleet_columns import fleet_columns
from tui_app.widgets.states import bar, last_sync_spans, line, phase_glyph, state_spans, sync_spans
from tui_app.widgets.sync_view import SyncView
from tui_app.widgets.table import GAP, Column, fit_columns

FLEET = fleet_columns(lambda: START)
EVIL = "\x1b]2;owned\x07\u202e[bold]"
AGO = {"requestedAt": (START - timedelta(minutes=10)).isoformat()}


def column(key: str, width: int, **facts: Any) -> Column[Any]:
    return Column(key, key, lambda _, __: (), width, **facts)


def said(spans: tuple[tuple[str, str], ...]) -> str:
    return "".join(text for text, _ in spans)


columns = st.lists(
    st.builds(
        column,
        st.just("x"),
        st.integers(1, 30),
        grow=st.integers(0, 3),
        most=st.integers(30, 60),
        priority=st.integers(0, 7),
        comfort=st.integers(0, 40),
    ),
    min_size=1,
    max_size=8,
).map(lambda made: [replace(each, key=f"c{number}", title="") for number, each in enumerate(made)])


class TestColumns:
    @given(columns, st.integers(0, 400))
    def test_what_is_shown_fits_and_nobody_has_less_than_needed_or_more_than_wanted(
        self, made: list[Column[Any]], width: int
    ) -> None:
        fitted = fit_columns(made, width)
        assert [each for each, _ in fitted] == [each for each in made if each in [shown for shown, _ in fitted]]
        for each, cells in fitted:
            assert each.width <= cells <= max(each.most, each.width)
            assert cells == each.width or each.grow
        shown = [each for each, _ in fitted]
        if any(each.priority for each in shown) and len(shown) > 1:
            assert sum(cells + GAP for _, cells in fitted) <= width

    @given(columns, st.integers(0, 400))
    def test_what_has_no_priority_never_gives_way(self, made: list[Column[Any]], width: int) -> None:
        shown = [each for each, _ in fit_columns(made, width)]
        if any(each.priority == 0 for each in made):
            assert {each.key for each in made if each.priority == 0} <= {each.key for each in shown}

    @given(columns, st.integers(0, 399))
    def test_a_cell_more_never_hides_a_column(self, made: list[Column[Any]], width: int) -> None:
        assert len(fit_columns(made, width)) <= len(fit_columns(made, width + 1))

    @pytest.mark.parametrize(
        ("width", "shown"),
        [
            (20, ["state", "company"]),
            (62, ["state", "company", "last_sync"]),
            (80, ["state", "company", "provider", "last_sync"]),
            (400, ["state", "company", "provider", "external", "last_sync", "issues", "mode", "tags"]),
        ],
    )
    def test_the_fleets_columns_give_way_in_the_order_of_their_worth(self, width: int, shown: list[str]) -> None:
        assert [each.key for each, _ in fit_columns(FLEET, width)] == shown

    def test_what_is_left_over_goes_to_those_that_grow_by_their_share(self) -> None:
        made = [column("a", 10), column("b", 10, grow=1), column("c", 10, grow=2)]
        assert [cells for _, cells in fit_columns(made, 30 + 3 * GAP + 30)] == [10, 20, 30]


class TestStates:
    @pytest.mark.parametrize("standing", list(Standing))
    @pytest.mark.parametrize("phase", [None, *Phase])
    def test_every_state_has_a_glyph_of_its_own_beside_its_word(self, standing: Standing, phase: Phase | None) -> None:
        state = row(sync(phase) if phase else None, standing=standing, status="on hold").state
        [(text, role)] = state_spans(state)
        glyph, _, word = text.partition(" ")
        assert (word, role) == (state.word, state.role)
        assert (glyph == "?") is (standing is Standing.UNKNOWN)

    @pytest.mark.parametrize("phase", list(Phase))
    def test_every_phase_has_a_glyph(self, phase: Phase) -> None:
        assert (phase_glyph(phase.value)[0] == "?") is (phase is Phase.UNKNOWN)

    def test_a_word_that_nobody_knows_is_shown_as_it_came_and_inert(self) -> None:
        assert said(sync_spans(sync(Phase.UNKNOWN, status="re_indexing"))) == "? re indexing"
        for spans in (
            sync_spans(sync(Phase.UNKNOWN, status=EVIL)),
            state_spans(row(standing=Standing.UNKNOWN, status=EVIL).state),
            last_sync_spans(replace(row(sync(Phase.UNKNOWN, status=EVIL)), looked_at=START), START, 30),
        ):
            assert not [c for c in said(spans) if unicodedata.category(c) in ("Cc", "Cf")]

    @given(st.floats(-50, 150), st.integers(1, 80))
    def test_a_bar_is_as_wide_as_it_should_be_and_as_full_as_it_is(self, percent: float, width: int) -> None:
        for made in (bar(percent, width), line(percent, width)):
            assert len(made[0]) + len(made[1]) == width
            assert (len(made[0]) == width and "╸" not in made[0]) or percent < 100
            assert made[0] == "" or percent > 0

    @pytest.mark.parametrize(
        ("phase", "fields", "text"),
        [
            (Phase.RUNNING, {"progress": 50}, "━━━━━━━━────────  50%"),
            (Phase.RUNNING, {"progress": None}, "in progress 10 min"),
            (Phase.WAITING, {"status": "requested"}, "requested 10 min"),
            (Phase.RUNNING, {"providerRequests": ["historical_files"]}, "provider, 10 min"),
            (Phase.SUCCEEDED, {"status": "completed", "completedAt": START.isoformat()}, "completed just now"),
            (Phase.FAILED, {"status": "failed"}, "failed ≤ 10 min ago"),
        ],
    )
    def test_the_newest_sync_is_told_in_one_cell(self, phase: Phase, fields: dict[str, Any], text: str) -> None:
        seen = replace(row(sync(phase, **(AGO | fields))), looked_at=START)
        assert said(last_sync_spans(seen, START, 24)) == text

    def test_what_is_not_known_is_told_as_that(self) -> None:
        nothing = row()
        problem = Problem(ProblemKind.UNREACHABLE, "No answer")
        words = [
            said(last_sync_spans(each, START, 24))
            for each in (
                nothing,
                row(standing=Standing.ARCHIVED),
                replace(nothing, looked_at=START),
                replace(nothing, problem=problem),
            )
        ]
        assert words == ["not looked at yet", "—", "never synced", "could not look"]


class TestFacts:
    def test_what_is_empty_is_left_out(self) -> None:
        shown = facts_content([("company", "Frank"), ("account", ""), ("tags", Content(""))], 60)
        assert shown.plain == f"{'company':<{NAME_WIDTH}}Frank"

    def test_what_does_not_fit_goes_on_below_the_value(self) -> None:
        shown = facts_content([("link", "word " * 20)], 50).plain.splitlines()
        assert len(shown) > 1
        assert all(text.startswith(" " * NAME_WIDTH) for text in shown[1:])
        assert all(len(text) <= 50 for text in shown)

    def test_a_value_is_made_inert(self) -> None:
        assert "\x1b" not in facts_content([("x", EVIL)], 60).plain
        assert "[bold]" in facts_content([("x", EVIL)], 60).plain


def view(phase: Phase | None = Phase.RUNNING, **changes: Any) -> SyncView:
    """A snapshot of a sync that was requested ten minutes ago."""
    of_sync = {name: changes.pop(name) for name in list(changes) if name in ("status", "progress", "failureReason")}
    more = {name: changes.pop(name) for name in list(changes) if name in ("issues", "providerRequests", "completedAt")}
    plain = SyncView(
        sync_id="sync_1",
        sync=sync(phase, **(AGO | of_sync | more)) if phase else None,
        seen_at=START,
        problem=None,
        row=row(),
        entries=(),
        now=START,
        looked=4.0,
        latency=0.084,
        next_look=3.0,
        pace="moving steadily",
        paused=False,
        finished=False,
    )
    return replace(plain, **changes)


PROBLEM = Problem(ProblemKind.UNREACHABLE, "No answer", next_step="Wait.", status=503, message="down")


class TestSyncInWords:
    def test_the_head_names_whose_sync_it_is_and_its_window(self) -> None:
        window = sync(Phase.RUNNING, requestedAt="2026-11-22T12:00:00Z", startFrom="2026-11-15T12:00:00Z")
        whose, from_when = sync_view.heading(replace(view(), sync=window))
        assert whose.plain == "Frank's Trucking · Geotab · sync_1"
        assert from_when.plain.endswith("Nov 2026, 7 days")

    @pytest.mark.parametrize(
        ("phase", "status", "path"),
        [
            (Phase.WAITING, "requested", "● requested ── ○ in progress ── ○ completed"),
            (Phase.RUNNING, "in_progress", "● requested ── ● in progress ── ○ completed"),
            (Phase.RETRYING, "retrying", "● requested ── ● retrying ── ○ completed"),
            (Phase.UNKNOWN, "polishing", "● requested ── ● polishing ── ○ completed"),
            (Phase.SUCCEEDED, "completed", "● requested ── ● in progress ── ● completed"),
            (Phase.FAILED, "failed", "● requested ── ● in progress ── ● failed"),
            (Phase.CANCELLED, "cancelled", "● requested ── ● in progress ── ● cancelled"),
        ],
    )
    def test_the_path_shows_the_place_it_has_reached(self, phase: Phase, status: str, path: str) -> None:
        shown, took = sync_view.path(view(phase, status=status))
        assert shown.plain == path
        assert took.plain == ("attempt 1" if phase.is_final else "elapsed 10 min · attempt 1")

    def test_before_the_first_look_it_says_so(self) -> None:
        nothing = view(None, looked=None)
        assert sync_view.path(nothing)[0].plain == "looking for the first time …"
        assert sync_view.poll_line(nothing).plain == "Looking for the first time …"
        assert sync_view.banner(nothing) is None

    @pytest.mark.parametrize(
        ("made", "words"),
        [
            (view(Phase.SUCCEEDED), "✓ Completed."),
            (view(Phase.SUCCEEDED, issues=["a"]), "✓ Completed with 1 issue."),
            (view(Phase.SUCCEEDED, issues=["a", "b"]), "✓ Completed with 2 issues."),
            (view(Phase.FAILED, failureReason="The provider is down"), "✗ Failed: The provider is down"),
            (view(Phase.FAILED), "✗ Failed: The server gives no reason."),
            (
                view(providerRequests=["historical_files"]),
                "◌ Waiting for the provider to deliver historical files; this may rightly take days.",
            ),
            (
                view(Phase.UNKNOWN, status="polishing"),
                "? The server says “polishing”, a word that Syncscope does not know. It is followed on.",
            ),
            (view(paused=True), "Paused: the server is not looked at. Press p to go on."),
        ],
    )
    def test_the_banner_says_what_must_not_be_overlooked(self, made: SyncView, words: str) -> None:
        shown = sync_view.banner(made)
        assert shown is not None
        assert shown.plain == words

    def test_nothing_to_overlook_is_no_banner(self) -> None:
        assert sync_view.banner(view()) is None

    def test_a_look_that_failed_is_never_called_a_sync_that_failed(self) -> None:
        shown = sync_view.banner(view(problem=PROBLEM))
        assert shown is not None
        assert shown.plain.startswith("Could not look: No answer. What is shown was seen just now. The sync itself may")
        assert "the server: 503 · down" in shown.plain
        assert "✗" not in shown.plain

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({}, "Looked 4 s ago (84 ms) · next in 3 s: moving steadily"),
            ({"looked": 0.4}, "Looked just now (84 ms) · next in 3 s: moving steadily"),
            ({"next_look": 0.1}, "Looked 4 s ago (84 ms) · next now: moving steadily"),
            ({"next_look": None}, "Looked 4 s ago (84 ms) · looking now"),
            ({"paused": True}, "Looked 4 s ago (84 ms) · paused"),
            ({"problem": PROBLEM}, "Could not look 4 s ago (84 ms) · next in 3 s: moving steadily"),
            ({"looked": 200.0}, "Looked 3 min ago (84 ms) · next in 3 s: moving steadily"),
        ],
    )
    def test_the_poll_line_says_when_it_looked_and_when_it_looks_next(
        self, changes: dict[str, Any], words: str
    ) -> None:
        assert sync_view.poll_line(view(**changes)).plain == words

    def test_once_it_has_ended_it_is_not_looked_at(self) -> None:
        shown = sync_view.poll_line(view(Phase.SUCCEEDED, finished=True)).plain
        assert shown.startswith("Ended: not looked at any more. Last look at ")

    def test_issues_are_shown_whole_or_by_their_id(self) -> None:
        title, shown = sync_view.issues_content(
            view(issues=["isu_other", ISSUE | {"resolutionType": "action_required"}])
        )
        assert title.plain == "Issues 2"
        assert shown.plain.startswith(
            "isu_other\n\n! missing_permissions  action required\nTrips cannot be read\nfirst seen "
        )

    def test_no_issues_says_what_would_be_here(self) -> None:
        assert sync_view.issues_content(view())[1].plain.startswith("None so far.")

    def test_the_journal_stands_newest_first_and_is_bounded(self) -> None:
        made = tuple(Entry(START + timedelta(seconds=n), EntryKind.PROGRESS, f"entry {n}") for n in range(500))
        title, shown = sync_view.journal_content(view(entries=made))
        lines = shown.plain.splitlines()
        assert title.plain == "Journal 500"
        assert (len(lines), lines[0].split("  ")[1]) == (sync_view.MOST_ENTRIES, "entry 499")

    def test_whatever_a_server_says_is_inert(self) -> None:
        issue = ISSUE | {"error": {"code": EVIL, "message": EVIL}, "status": EVIL, "resolutionType": EVIL}
        evil = view(
            Phase.UNKNOWN,
            status=EVIL,
            issues=[issue, EVIL],
            entries=(Entry(START, EntryKind.FIELD, EVIL),),
            problem=replace(PROBLEM, title=EVIL, message=EVIL, next_step=EVIL),
            row=row(company={"name": EVIL}, provider={"name": EVIL, "code": "x"}),
            pace=EVIL,
            sync_id=EVIL,
        )
        failed = view(Phase.FAILED, failureReason=EVIL)
        waiting = view(Phase.RUNNING, providerRequests=[EVIL])
        shown = [
            *sync_view.heading(evil),
            *sync_view.path(evil),
            *(sync_view.banner(each) for each in (evil, failed, waiting)),
            *sync_view.issues_content(evil),
            *sync_view.journal_content(evil),
            sync_view.poll_line(evil),
        ]
        for content in shown:
            assert content is not None
            assert not [c for c in content.plain if unicodedata.category(c) in ("Cc", "Cf") and c != "\n"]
