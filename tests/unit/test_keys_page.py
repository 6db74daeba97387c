"""docs/keys.md is generated, and up to date."""

from __future__ import annotations

import pytest

from docs import keys
from tui_app.actions import ACTIONS


def test_the_page_is_what_the_table_says_now() -> None:
    assert keys.FILE.read_text(encoding="utf-8") == keys.text(), (
        "actions changed: run `make docs` (python -m docs.keys)"
    )


def test_every_action_stands_in_it_by_the_name_that_gives_it_another_key() -> None:
    page = keys.text()
    assert [each.id for each in ACTIONS if f"`{each.scope}.{each.id}` |" not in page] == []


@pytest.mark.parametrize(
    ("bound", "shown"),
    [
        ("question_mark,f1", "`?` `F1`"),
        ("Z,shift+z", "`Z`"),
        ("ctrl+p", "`Ctrl+P`"),
        ("shift+tab", "`Shift+Tab`"),
        ("enter", "`Enter`"),
        ("right_square_bracket", "`]`"),
        ("space", "`Space`"),
    ],
)
def test_a_key_is_written_as_a_person_reads_it(bound: str, shown: str) -> None:
    assert keys._keys(bound) == shown
