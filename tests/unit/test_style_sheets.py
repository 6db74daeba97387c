"""Each style sheet is read once for each theme, however many screens and apps show what it is about."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from textual.color import Color
from textual.css.model import RuleSet
from textual.css.parse import parse

from tui_app.style_sheets import ReadOnce

RED, BLUE = {"warm": "red"}, {"warm": "blue"}


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The sheets that were read, in order."""
    seen: list[str] = []

    def reading(scope: str, css: str, *rest: Any, **more: Any) -> Iterable[RuleSet]:
        seen.append(css)
        return parse(scope, css, *rest, **more)

    monkeypatch.setattr("textual.css.stylesheet.parse", reading)
    return seen


def sheet(text: str, variables: dict[str, str], name: str) -> ReadOnce:
    made = ReadOnce(variables)
    made.add_source(text, (name, ""))
    made.reparse()
    return made


def colours(made: ReadOnce) -> list[Color]:
    return [rule.styles.color for rule in made.rules]


def test_a_second_app_reads_nothing_again(reads: list[str], tmp_path: Path) -> None:
    first = sheet("Label { color: $warm; }", RED, str(tmp_path))
    second = sheet("Label { color: $warm; }", RED, str(tmp_path))

    assert len(reads) == 1
    assert colours(first) == colours(second) == [Color.parse("red")]


def test_a_sheet_that_comes_later_is_the_only_one_that_is_read(reads: list[str], tmp_path: Path) -> None:
    made = sheet("Label { color: $warm; }", RED, str(tmp_path))
    made.add_source("Label { color: green; }", (str(tmp_path), "later"))
    made.reparse()

    assert reads == ["Label { color: $warm; }", "Label { color: green; }"]
    assert colours(made) == [Color.parse("red"), Color.parse("green")]


def test_another_theme_changes_the_colours_and_the_first_comes_back(reads: list[str], tmp_path: Path) -> None:
    made = sheet("Label { color: $warm; }", RED, str(tmp_path))
    told = []
    for theme in (BLUE, RED, BLUE):
        made.set_variables(theme)
        made.reparse()
        told += colours(made)

    assert told == [Color.parse("blue"), Color.parse("red"), Color.parse("blue")]
    assert len(reads) == 2


def test_an_app_in_another_theme_is_not_given_the_colours_of_the_first(tmp_path: Path) -> None:
    first = sheet("Label { color: $warm; }", RED, str(tmp_path))
    second = sheet("Label { color: $warm; }", BLUE, str(tmp_path))

    assert colours(first) == [Color.parse("red")]
    assert colours(second) == [Color.parse("blue")]


def test_a_sheet_whose_text_changed_is_read_again(tmp_path: Path) -> None:
    made = sheet("Label { color: $warm; }", RED, str(tmp_path))
    made.add_source("Label { color: green; }", (str(tmp_path), ""))
    made.reparse()

    assert colours(made) == [Color.parse("green")]


def test_a_sheet_that_cannot_be_read_leaves_the_rules_as_they_were(tmp_path: Path) -> None:
    made = sheet("Label { color: $warm; }", RED, str(tmp_path))
    made.add_source("Label { color: $nobody; }", (str(tmp_path), "broken"))
    with pytest.raises(Exception, match="nobody"):
        made.reparse()

    assert colours(made)[:1] == [Color.parse("red")]
