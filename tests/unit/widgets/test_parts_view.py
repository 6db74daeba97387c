"""The parts of a sync on screen: every line fits, nothing that a server says does anything, nothing is left out."""

from __future__ import annotations

import unicodedata
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len

from tests.clocks import START
from tests.unit.models.samples import part, sync, sync_of
from tui_app.models.sync import Phase, SyncPart
from tui_app.models.times import day_and_time
from tui_app.widgets.parts_view import parts_content

EVIL = "\x1b]2;owned\x07\u202e[bold]\n[/foo]"
NOW = START + timedelta(minutes=10)
WIDTH = 60


def lines(*parts: SyncPart, width: int = WIDTH) -> list[str]:
    """The lines of these parts."""
    return parts_content(sync_of(*parts), NOW, width)[1].plain.splitlines()


def title(*parts: SyncPart) -> str:
    return parts_content(sync_of(*parts), NOW, WIDTH)[0].plain


def state(word: str) -> str:
    """The head of a line, up to the right side."""
    return f"{word:<16}Invoices"


texts = st.text(max_size=700) | st.text(st.sampled_from("word 長い 🙂\n\t\x1b"), max_size=200)
moments = st.none() | st.timedeltas(timedelta(days=-400), timedelta(days=400)).map(lambda length: START + length)
parts = st.builds(
    lambda phase, fields: part(phase=phase, **fields),
    st.sampled_from(Phase),
    st.fixed_dictionaries(
        {"name": texts, "status": texts},
        optional={
            "attempt": st.none() | st.integers(0, 10**12),
            "started_at": moments,
            "completed_at": moments,
            "start_from": moments,
            "until": moments,
            "failure_reason": st.none() | texts,
            "note": texts,
            "inference": texts,
        },
    ),
)


class TestEveryLine:
    @given(st.lists(parts, min_size=1, max_size=4), st.integers(40, 120))
    @example([part(started_at=NOW - timedelta(hours=23, minutes=59), attempt=0)], 40)
    @example([part("長" * 60, attempt=None, started_at=NOW - timedelta(days=90))], 41)
    @example([part(attempt=10**12, started_at=NOW)], 44)
    @example([part(failure_reason="長い " * 90, note="x" * 300)], 40)
    def test_it_fits_the_width_whatever_the_server_says(self, made: list[SyncPart], width: int) -> None:
        for line in lines(*made, width=width):
            assert cell_len(line) <= width, line

    @given(st.lists(parts, min_size=1, max_size=4), st.integers(40, 120))
    def test_whatever_the_server_says_is_inert(self, made: list[SyncPart], width: int) -> None:
        for content in parts_content(sync_of(*made), NOW, width):
            assert not [c for c in content.plain if unicodedata.category(c) in ("Cc", "Cf") and c != "\n"]

    @given(parts, st.integers(40, 120))
    def test_each_part_begins_one_line_and_the_rest_is_indented(self, made: SyncPart, width: int) -> None:
        first, *rest = lines(made, width=width)
        assert not first.startswith(" ")
        assert all(line.startswith("  ") for line in rest)

    def test_markup_is_shown_as_text(self) -> None:
        made = part(name="[bold]x[/]", failure_reason="[/foo]", note="[link=x]")
        shown = "\n".join(lines(made))
        assert all(text in shown for text in ("[bold]x[/]", "[/foo]", "[link=x]"))

    def test_a_control_code_is_made_visible(self) -> None:
        shown = "\n".join(lines(part(name=EVIL, status=EVIL, failure_reason=EVIL, note=EVIL, inference=EVIL)))
        assert shown.count("␛]2;owned") == 4 + 1
        assert "\x1b" not in shown

    def test_a_width_below_forty_is_shown_as_forty(self) -> None:
        assert lines(part(), width=0) == lines(part(), width=40)


class TestAPart:
    @pytest.mark.parametrize(
        ("phase", "status", "word"),
        [
            (Phase.WAITING, "queued", "◌ queued"),
            (Phase.RUNNING, "running", "◐ running"),
            (Phase.RETRYING, "pending_retry", "◔ pending retry"),
            (Phase.SUCCEEDED, "complete", "✓ complete"),
            (Phase.FAILED, "failed", "✗ failed"),
            (Phase.CANCELLED, "cancelled", "▫ cancelled"),
            (Phase.LOST, "running", "◇ last running"),
            (Phase.UNKNOWN, "re_indexing", "? re indexing"),
        ],
    )
    def test_its_state_is_a_glyph_and_the_servers_word(self, phase: Phase, status: str, word: str) -> None:
        assert lines(part(phase=phase, status=status))[0].startswith(state(word))

    def test_a_word_without_room_is_cut_and_shows_it(self) -> None:
        assert lines(part(phase=Phase.UNKNOWN, status="something_else"))[0].startswith(state("? something el…"))

    @pytest.mark.parametrize(
        ("fields", "right"),
        [
            ({"attempt": 0}, "no try yet"),
            ({"attempt": 1}, "try 1"),
            ({"attempt": 3}, "try 3"),
            ({"attempt": None}, "tries unknown"),
            ({"started_at": START}, "try 1 · 10 min"),
            ({"started_at": START, "completed_at": START + timedelta(seconds=30)}, "try 1 · 30 s"),
            ({"started_at": START, "phase": Phase.FAILED}, "try 1"),
            ({"completed_at": START, "phase": Phase.SUCCEEDED}, "try 1"),
            ({"started_at": START - timedelta(hours=4, minutes=40)}, "try 1 · 4 h 50 min"),
            ({"started_at": START - timedelta(hours=4, minutes=40), "attempt": 0}, "no try yet · 4 h 50 min"),
        ],
    )
    def test_its_tries_and_its_time_stand_on_the_right(self, fields: dict[str, Any], right: str) -> None:
        [line] = lines(part(**fields))
        assert line.endswith(f" {right}")
        assert cell_len(line) == WIDTH

    def test_where_there_is_no_room_for_its_time_its_tries_still_stand_whole(self) -> None:
        [line] = lines(part(attempt=0, started_at=NOW - timedelta(hours=23, minutes=59)), width=40)
        assert line.endswith(" no try yet")
        assert line.startswith(state("◐ running"))

    def test_a_long_name_is_cut_and_shows_it(self) -> None:
        [line] = lines(part(name="Purchase orders of all the subsidiaries everywhere"))
        assert line.startswith(f"{'◐ running':<16}Purchase orders of all the subsidiari… ")

    @pytest.mark.parametrize(
        ("start_from", "until", "window"),
        [
            (None, None, None),
            (START, None, f"window from {day_and_time(START)}"),
            (None, START, f"everything up to {day_and_time(START)}"),
            (
                START - timedelta(days=7),
                START,
                f"window {day_and_time(START - timedelta(days=7))} to {day_and_time(START)}",
            ),
            (START, START + timedelta(minutes=5), f"window {day_and_time(START)} to {START.astimezone():%H}:07"),
        ],
    )
    def test_its_window_stands_below(self, start_from: Any, until: Any, window: str | None) -> None:
        _, *below = lines(part(start_from=start_from, until=until))
        assert below == ([] if window is None else [f"  {window}"])

    def test_what_went_wrong_what_to_know_and_how_it_was_told_stand_below_in_that_order(self) -> None:
        made = part(failure_reason="timed out", note="out of sight", inference="told by time", until=START)
        assert [line.strip() for line in lines(made)[1:]] == [
            f"everything up to {day_and_time(START)}",
            "timed out",
            "out of sight",
            "told by time",
        ]

    @pytest.mark.parametrize(("phase", "role"), [(Phase.FAILED, "$error"), (Phase.RETRYING, "$warning")])
    def test_a_reason_is_an_error_only_where_the_part_failed(self, phase: Phase, role: str) -> None:
        shown = parts_content(sync_of(part(phase=phase, failure_reason="timed out")), NOW, WIDTH)[1]
        begin = shown.plain.index("timed out")
        assert [span.style for span in shown.spans if span.start <= begin < span.end] == [role]

    def test_a_long_reason_goes_on_below(self) -> None:
        _, *below = lines(part(failure_reason="word " * 40))
        assert len(below) > 3
        assert " ".join(line.strip() for line in below).split() == ["word"] * 40


class TestTheList:
    def test_parts_stand_in_the_servers_order(self) -> None:
        shown = lines(part("payments"), part("invoices"), part("notes"))
        assert [line[16:].split()[0] for line in shown] == ["Payments", "Invoices", "Notes"]

    def test_the_title_counts_what_ended_well_or_not(self) -> None:
        made = [part(f"m{number}", phase) for number, phase in enumerate(Phase)]
        assert title(*made) == "Models 3 of 8 ended, the end of 1 was not seen"

    @pytest.mark.parametrize(
        ("fields", "words"),
        [
            ({"is_one_off": True}, " · asked for by hand"),
            ({"is_one_off": False}, " · by schedule"),
            ({"is_initial": True}, " · first sync"),
            ({"is_one_off": True, "is_initial": True}, " · asked for by hand, first sync"),
            ({"is_initial": False}, ""),
            ({}, ""),
        ],
    )
    def test_what_holds_for_all_of_them_stands_in_the_title(self, fields: dict[str, Any], words: str) -> None:
        assert title(part(**fields), part("payments", **fields)) == f"Models 0 of 2 ended{words}"

    @pytest.mark.parametrize("name", ["is_one_off", "is_initial"])
    @pytest.mark.parametrize("other", [False, None])
    def test_what_holds_for_some_of_them_does_not(self, name: str, other: bool | None) -> None:
        given: tuple[dict[str, Any], dict[str, Any]] = ({name: True}, {name: other})
        first, second = part(**given[0]), part("payments", **given[1])
        assert title(first, second) == "Models 0 of 2 ended"

    @pytest.mark.parametrize("nothing", [None, sync()])
    def test_before_anything_is_known_it_says_what_would_be_here(self, nothing: Any) -> None:
        heading, shown = parts_content(nothing, NOW, WIDTH)
        assert (heading.plain, shown.plain) == ("Models", "Each model's own state appears here.")
