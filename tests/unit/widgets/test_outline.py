"""JSON as lines: nothing is lost by folding, everything is found, and a newer version keeps what was folded."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_app.widgets.outline import MANY, SHORT, Outline, Section

VALUE = {
    "id": "conn_1",
    "tags": ["a", "b"],
    "company": {"name": "Prairie Lines", "dotNumbers": []},
    "count": 7,
    "gone": None,
    "live": True,
}
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text('abc é"\\', max_size=6),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abc", max_size=3), inner, max_size=4),
    max_leaves=30,
)


def shown(outline: Outline) -> list[str]:
    """The lines as they stand on screen, indented by one space a level."""
    return [
        " " * outline.lines[number].depth + "".join(text for text, _ in outline.spans(number))
        for number in outline.shown
    ]


def line(outline: Outline, text: str) -> int:
    """The first line that says something."""
    return next(number for number in range(len(outline.lines)) if text in outline.text(number))


class TestLines:
    def test_json_is_written_as_json(self) -> None:
        assert shown(Outline.of_json(VALUE)) == [
            "{",
            ' "id": "conn_1",',
            ' "tags": [',
            '  "a",',
            '  "b"',
            " ],",
            ' "company": {',
            '  "name": "Prairie Lines",',
            '  "dotNumbers": []',
            " },",
            ' "count": 7,',
            ' "gone": null,',
            ' "live": true',
            "}",
        ]

    @given(value=values)
    def test_unfolded_it_is_the_same_json(self, value: Any) -> None:
        outline = Outline.of_json(value)
        outline.unfold_all()

        assert json.loads("\n".join(shown(outline))) == value

    def test_parts_stand_below_their_headings(self) -> None:
        outline = Outline.of_sections(
            [
                Section("Headers", pairs=(("Accept", "a"), ("Accept", "b")), folded=True),
                Section("Answer", value={"a": 1}, is_json=True, note="more came"),
                Section("Text", text="one\ntwo\tthree"),
                Section("Nothing"),
            ]
        )

        assert shown(outline) == [
            "Headers  2", "Answer", " {", '  "a": 1', " }", " more came", "Text", " one", " two    three", "Nothing",
        ]  # fmt: skip
        outline.unfold(0)
        assert shown(outline)[:3] == ["Headers  2", " Accept: a", " Accept: b"]

    def test_what_a_terminal_would_obey_is_made_visible(self) -> None:
        outline = Outline.of_sections(
            [Section("\x1b[2J", pairs=[("\x07", "\u202e")], text="\x9b31m", value={"\x00": "\u2066"}, is_json=True)]
        )

        assert all(character.isprintable() for text in shown(outline) for character in text)
        assert "\u202e" not in "".join(shown(outline))

    def test_what_is_long_begins_with_its_structure_alone(self) -> None:
        outline = Outline.of_json(
            {"results": [{"id": f"conn_{number}", "tags": ["x", "y"]} for number in range(SHORT)]}
        )

        assert shown(outline)[:4] == [
            "{", ' "results": [', "  {…},  id conn_0, 2 fields", "  {…},  id conn_1, 2 fields",
        ]  # fmt: skip
        assert len(outline.shown) == SHORT + 4


class TestFolding:
    def test_what_is_folded_says_how_much_it_holds(self) -> None:
        outline = Outline.of_json(VALUE)
        outline.fold(line(outline, "tags"))
        outline.fold(line(outline, "company"))

        assert shown(outline)[2:4] == [' "tags": […],  2 items', ' "company": {…},  name Prairie Lines, 2 fields']

    def test_all_is_folded_but_the_outermost_and_unfolded_again(self) -> None:
        outline = Outline.of_json({"a": {"b": {"c": 1}}})
        before = shown(outline)
        outline.fold_all()

        assert shown(outline) == ["{", ' "a": {…}  1 field', "}"]
        outline.unfold_all()
        assert shown(outline) == before

    def test_a_closing_bracket_folds_what_it_closes_and_a_value_nothing(self) -> None:
        outline = Outline.of_json({"a": {"b": 1}})

        assert outline.holder(3) == 1
        assert outline.holder(2) == -1

    def test_what_is_folded_away_is_seen_where_the_outermost_fold_stands(self) -> None:
        outline = Outline.of_json({"a": {"b": {"c": 1}}})
        deepest = line(outline, '"c"')
        outline.fold(line(outline, '"b"'))
        assert outline.seen(deepest) == line(outline, '"b"')
        outline.fold(line(outline, '"a"'))
        assert outline.seen(deepest) == line(outline, '"a"')

        outline.reveal(deepest)
        assert outline.seen(deepest) == deepest
        assert deepest in outline.shown

    @given(value=values, data=st.data())
    def test_each_line_is_shown_or_folded_away_and_each_shown_line_has_its_place(
        self, value: Any, data: st.DataObject
    ) -> None:
        outline = Outline.of_json(value)
        for number in data.draw(st.lists(st.integers(0, len(outline.lines) - 1), max_size=6)):
            outline.fold(number)

        for number in range(len(outline.lines)):
            seen = outline.seen(number)
            assert (seen == number) is (number in outline.shown)
            assert outline.shown[outline.place(number)] == seen


class TestANewerVersion:
    def test_what_was_folded_stays_so_wherever_it_stands_now(self) -> None:
        before = Outline.of_json(VALUE)
        before.fold(line(before, "company"))
        after = Outline.of_json({"new": {"x": 1}} | VALUE)
        cursor = after.take_over(before, line(before, "count"))

        assert ' "company": {…},  name Prairie Lines, 2 fields' in shown(after)
        assert ' "new": {' in shown(after)
        assert cursor == line(after, "count")

    def test_what_stood_open_stays_open_however_much_there_is_now(self) -> None:
        rows = [{"id": f"conn_{number}"} for number in range(SHORT)]
        before = Outline.of_json({"results": rows})
        before.unfold_all()
        after = Outline.of_json({"results": [*rows, {"id": "conn_new"}]})
        after.take_over(before, 0)

        assert after.folded == {line(after, "conn_new") - 1}

    def test_where_the_line_is_gone_the_cursor_stands_on_what_held_it(self) -> None:
        before = Outline.of_json({"a": {"b": 1}})
        after = Outline.of_json({"a": {"c": 1}})

        assert after.take_over(before, line(before, '"b"')) == line(after, '"a"')


class TestSearching:
    def test_names_and_values_are_found_whatever_their_case_folded_away_or_not(self) -> None:
        outline = Outline.of_json(VALUE)
        outline.fold_all()
        (hit,) = outline.find("PRAIRIE")

        assert hit.line == line(outline, "Prairie")
        assert outline.text(hit.line)[hit.start :].startswith("Prairie")
        assert [outline.text(each.line) for each in outline.find("dotn")] == ['"dotNumbers": []']

    def test_a_line_may_hold_several(self) -> None:
        assert [hit.start for hit in Outline.of_json("abcabc").find("abc")] == [1, 4]

    @pytest.mark.parametrize("words", [".*", "[", "(?", "\\"])
    def test_signs_are_looked_for_as_they_are(self, words: str) -> None:
        assert Outline.of_json("x").find(words) == []
        assert Outline.of_sections([Section("", text=f"a {words} b")]).find(words)

    def test_nothing_is_found_by_nothing_and_no_more_than_can_be_told(self) -> None:
        outline = Outline.of_json(["a" * MANY * 2])

        assert outline.find("") == []
        assert len(outline.find("a")) == MANY
