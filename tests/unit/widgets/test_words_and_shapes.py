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
from tests.unit.models.samples import ISSUE, model, part, row, sync, sync_of
from tui_app.api.base import Capabilities
from tui_app.models.connection import ConnectionHealth, Standing
from tui_app.models.fleet import FleetRow
from tui_app.models.problem import Problem, ProblemKind
from tui_app.models.sync import Phase
from tui_app.watch.estimate import Estimate
from tui_app.watch.journal import Entry, EntryKind
from tui_app.watch.stall import Stall
from tui_app.widgets import sync_view
from tui_app.widgets.facts import NAME_WIDTH, facts_content
from tui_app.widgets.fleet_columns import fleet_columns
from tui_app.widgets.states import (
    bar,
    last_sync_spans,
    line,
    part_spans,
    phase_glyph,
    progress_words,
    state_spans,
    sync_spans,
)
from tui_app.widgets.sync_view import SyncView
from tui_app.widgets.table import GAP, Column, fit_columns

FLEET = fleet_columns(lambda: START)
IN_PARTS = fleet_columns(lambda: START, Capabilities(parts=True))
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
            (400, ["state", "company", "provider", "external", "last_sync", "actor", "issues", "mode", "tags"]),
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


def progress_of(*phases: Phase, **fields: Any) -> str:
    return progress_words(sync_of(*(part(f"m{number}", phase) for number, phase in enumerate(phases)), **fields))


class TestSyncsWithParts:
    def test_how_far_it_is_counts_the_parts_that_ended_well_or_not(self) -> None:
        assert progress_of(Phase.RUNNING, Phase.WAITING) == "0 of 2"
        assert progress_of(Phase.RUNNING, Phase.FAILED, Phase.SUCCEEDED, Phase.LOST) == "3 of 4"
        assert progress_of(Phase.SUCCEEDED, Phase.SUCCEEDED) == "2 of 2"

    def test_once_it_is_over_it_counts_the_parts_that_failed_and_not_before(self) -> None:
        assert progress_of(Phase.FAILED, Phase.SUCCEEDED, Phase.FAILED) == "2 of 3 failed"
        assert progress_of(Phase.FAILED, Phase.LOST) == "1 of 2 failed"
        assert progress_of(Phase.CANCELLED, Phase.SUCCEEDED) == "2 of 2"

    def test_an_end_that_was_not_seen_is_no_progress(self) -> None:
        assert progress_of(Phase.CANCELLED, Phase.LOST) == "end not seen"

    def test_the_servers_own_percent_goes_before_what_is_counted(self) -> None:
        assert progress_of(Phase.RUNNING, Phase.FAILED, progress=12.5) == "12.5 %"
        assert progress_words(sync(progress=None)) == ""

    @pytest.mark.parametrize("phase", list(Phase))
    def test_every_part_has_its_phases_glyph_beside_the_servers_word(self, phase: Phase) -> None:
        glyph, role = phase_glyph(phase.value)
        last = "last " if phase is Phase.LOST else ""
        assert part_spans(part(phase=phase, status="pending_retry")) == ((f"{glyph} {last}pending retry", role),)

    def test_a_parts_word_is_made_inert_and_short(self) -> None:
        text = said(part_spans(part(status=EVIL + "x" * 100)))
        assert not [c for c in text if unicodedata.category(c) in ("Cc", "Cf")]
        assert text.endswith("…")

    @pytest.mark.parametrize(
        ("phases", "text"),
        [
            ((Phase.RUNNING, Phase.SUCCEEDED), "━━━━━━━━──────── 1/2"),
            ((Phase.RUNNING, Phase.WAITING, Phase.WAITING), "──────────────── 0/3"),
            ((Phase.WAITING, Phase.FAILED), "━━━━━━━━──────── 1/2"),
            ((Phase.WAITING, Phase.WAITING), "waiting 10 min"),
            ((Phase.RETRYING, Phase.SUCCEEDED), "retrying 10 min"),
            ((Phase.FAILED, Phase.SUCCEEDED), "failed ≤ 10 min ago"),
        ],
    )
    def test_the_newest_sync_is_told_in_one_cell(self, phases: tuple[Phase, ...], text: str) -> None:
        made = sync_of(
            *(part(f"m{number}", phase) for number, phase in enumerate(phases)),
            requested_at=START - timedelta(minutes=10),
        )
        assert said(last_sync_spans(replace(row(made), looked_at=START), START, 24)) == text

    @given(st.integers(1, 150), st.integers(10, 40))
    def test_a_bar_with_its_count_fits_its_cell(self, count: int, width: int) -> None:
        made = sync_of(*(part(f"m{number}", Phase.RUNNING) for number in range(count)))
        spans = last_sync_spans(replace(row(made), looked_at=START), START, max(width, 7 + 2 * len(str(count))))
        assert len(said(spans)) <= max(width, 7 + 2 * len(str(count)))


def in_parts(key: str, shown: FleetRow) -> tuple[tuple[str, str], ...]:
    """A cell of the list of a server that syncs model by model."""
    [found] = [each for each in IN_PARTS if each.key == key]
    return found.cell(shown, 40)


ALL = "state company provider external last_sync actor issues mode tags"


class TestTheFleetOfAServerWithParts:
    def test_its_columns_are_what_such_a_server_has(self) -> None:
        keys = "state name provider last_sync next_sync actor know"
        assert [each.key for each in IN_PARTS] == keys.split()

    @pytest.mark.parametrize(
        ("can", "keys"),
        [
            (Capabilities(), "state name provider last_sync actor"),
            (Capabilities(issues=True), "state name provider last_sync actor issues"),
            (Capabilities(labels=True), "state company provider external last_sync actor mode tags"),
            (Capabilities(issues=True, labels=True), ALL),
            (None, ALL),
        ],
    )
    def test_what_a_server_does_not_have_has_no_column(self, can: Capabilities | None, keys: str) -> None:
        assert [each.key for each in fleet_columns(lambda: START, can)] == keys.split()

    @pytest.mark.parametrize(
        ("width", "shown"),
        [
            (20, ["state", "name"]),
            (62, ["state", "name", "last_sync"]),
            (80, ["state", "name", "provider", "last_sync"]),
            (100, ["state", "name", "provider", "last_sync", "next_sync"]),
            (160, ["state", "name", "provider", "last_sync", "next_sync", "actor", "know"]),
        ],
    )
    def test_they_give_way_in_the_order_of_their_worth(self, width: int, shown: list[str]) -> None:
        assert [each.key for each, _ in fit_columns(IN_PARTS, width)] == shown

    def test_a_connection_stands_under_its_own_name(self) -> None:
        assert said(in_parts("name", row(title="Main ledger"))) == "Main ledger"
        assert said(in_parts("name", row())) == "Frank's Trucking"

    def test_its_next_sync_is_told_and_where_none_is_planned_a_dash(self) -> None:
        planned = row(models=(model(next_sync_at=START + timedelta(minutes=26)),))
        assert said(in_parts("next_sync", planned)) == "in 26 min"
        assert said(in_parts("next_sync", row())) == "—"

    @pytest.mark.parametrize(
        ("fields", "span"),
        [
            ({}, ("", "muted")),
            ({"hindrance": "Syncing is off."}, ("Syncing is off.", "muted")),
            ({"health": ConnectionHealth(healthy=True, message="Fine")}, ("", "muted")),
            ({"health": ConnectionHealth(message="Fine"), "hindrance": "Off."}, ("Off.", "muted")),
            ({"health": ConnectionHealth(healthy=False, message="Bad", code="x")}, ("Bad", "error")),
            ({"health": ConnectionHealth(healthy=False, code="expired"), "hindrance": "Off."}, ("expired", "error")),
        ],
    )
    def test_what_to_know_is_what_is_wrong_else_what_is_in_the_way(
        self, fields: dict[str, Any], span: tuple[str, str]
    ) -> None:
        assert in_parts("know", row(**fields)) == (span,)

    @pytest.mark.parametrize("healthy", [True, False, None])
    def test_whatever_a_server_says_is_inert(self, healthy: bool | None) -> None:
        evil = row(title=EVIL, hindrance=EVIL, health=ConnectionHealth(healthy=healthy, message=EVIL, code=EVIL))
        for each in IN_PARTS:
            assert not [c for c in said(each.cell(evil, 40)) if unicodedata.category(c) in ("Cc", "Cf")]

    @given(st.lists(st.none() | st.integers(-(10**6), 10**6), max_size=12))
    def test_by_their_next_sync_those_that_come_first_stand_first_and_those_without_last(
        self, minutes: list[int | None]
    ) -> None:
        times = [None if each is None else START + timedelta(minutes=each) for each in minutes]
        rows = [row(models=(model(next_sync_at=each),)) for each in times]
        [by] = [each.sort for each in IN_PARTS if each.key == "next_sync"]
        assert by is not None
        ordered = [each.connection.next_sync_at for each in sorted(rows, key=by)]
        known = sorted(each for each in times if each is not None)
        assert ordered == [*known, *[None] * (len(times) - len(known))]


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
            (Phase.LOST, "running", "● requested ── ● in progress ── ● out of sight"),
        ],
    )
    def test_the_path_shows_the_place_it_has_reached(self, phase: Phase, status: str, path: str) -> None:
        shown, took = sync_view.path(view(phase, status=status))
        assert shown.plain == path
        assert took.plain == ("attempt 1" if phase.is_final else "elapsed 10 min · attempt 1")

    @pytest.mark.parametrize(
        ("attempts", "words"),
        [
            (None, "elapsed 10 min"),
            (0, "elapsed 10 min · no attempt yet"),
            (1, "elapsed 10 min · attempt 1"),
            (3, "elapsed 10 min · attempt 3"),
        ],
    )
    def test_the_attempts_stand_beside_the_time_and_none_is_not_the_first(
        self, attempts: int | None, words: str
    ) -> None:
        made = view(sync=sync(Phase.WAITING, attempts=attempts, **AGO))
        assert sync_view.path(made)[1].plain == words

    def test_the_head_names_a_connection_as_it_is_called_itself(self) -> None:
        made = view(row=row(title="Main ledger"), sync=sync_of(part()))
        whose, from_when = sync_view.heading(made)
        assert (whose.plain, from_when.plain) == ("Main ledger · Geotab · sync_1", "")

    @pytest.mark.parametrize(
        ("hours", "length"), [(2, "2 h"), (11, "11 h"), (12, "1 day"), (35, "1 day"), (36, "2 days")]
    )
    def test_the_window_is_as_long_as_from_its_begin_to_the_request(self, hours: int, length: str) -> None:
        made = view(sync=sync_of(part(), start_from=START - timedelta(hours=hours)))
        assert sync_view.heading(made)[1].plain.endswith(f" 2026, {length}")

    def test_before_the_first_look_it_says_so(self) -> None:
        nothing = view(None, looked=None, seen_at=None)
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
            (view(Phase.CANCELLED), "▫ Cancelled before it was done."),
            (
                view(Phase.LOST, status="running"),
                "◇ Its end was not seen: the server keeps only the newest job of each model, and a later one took its "
                "place.",
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

    def test_what_is_inferred_stands_above_what_it_rests_on(self) -> None:
        end = Estimate(START + timedelta(minutes=5), START + timedelta(minutes=8), "from its pace", as_of=START)
        moves, stands = Stall(), Stall(True, START, 540, 40, "by earlier syncs")
        for told, still, words in [
            (end, moves, "done in 5–8 min\nfrom its pace"),
            (end, stands, "◔ stalled? no change for 9 min; usually every 40 s\nby earlier syncs"),
            (replace(end, overdue=True), moves, "overdue: done in 5–8 min\nfrom its pace"),
            (Estimate(basis="nothing is known"), moves, "no estimate of its end\nnothing is known"),
        ]:
            shown = sync_view.outlook(view(estimate=told, stall=still))
            assert shown is not None
            assert shown.plain == words

    def test_its_two_lines_are_kept_from_before_the_first_look_until_it_ends(self) -> None:
        told: dict[str, Any] = {"estimate": Estimate(basis="it was not seen yet"), "stall": Stall()}
        before = sync_view.outlook(view(seen_at=None, **told))
        assert before is not None
        assert before.plain == "\n"
        assert sync_view.outlook(view(Phase.SUCCEEDED, **told)) is None
        assert sync_view.outlook(view(providerRequests=["historical_files"], **told)) is None

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
            ({"next_look": 0.1}, "Looked 4 s ago (84 ms) · next in a moment: moving steadily"),
            ({"latency": 0.0061}, "Looked 4 s ago (under 10 ms) · next in 3 s: moving steadily"),
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
        made = tuple(Entry(START + timedelta(seconds=n), EntryKind.FIELD, f"entry {n}") for n in range(500))
        title, shown = sync_view.journal_content(view(entries=made))
        lines = shown.plain.splitlines()
        assert title.plain == "Journal 500"
        assert (len(lines), lines[0].split("  ")[1]) == (sync_view.MOST_ENTRIES, "entry 499")

    def test_steps_of_progress_in_a_row_are_one_line_that_says_where_they_began(self) -> None:
        steps = [
            Entry(START + timedelta(seconds=n), EntryKind.PROGRESS, f"progress {n} → {n + 1}", str(n), str(n + 1))
            for n in range(5)
        ]
        other = Entry(START + timedelta(seconds=5), EntryKind.ATTEMPTS, "attempts 1 → 2", "1", "2")
        last = Entry(START + timedelta(seconds=6), EntryKind.PROGRESS, "progress 5 → 6", "5", "6")
        shown = sync_view.journal_content(view(entries=(*steps, other, last)))[1].plain
        assert [line.split("  ")[1] for line in shown.splitlines()] == [
            "progress 5 → 6",
            "attempts 1 → 2",
            "progress 0 → 5 in 5 steps",
        ]

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
