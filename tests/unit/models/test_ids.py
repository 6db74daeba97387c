"""IDs are found in texts, and what only looks a little like them is left alone."""

from __future__ import annotations

import pytest

from tui_app.models.ids import ids_in

CONNECTION = "conn_01GV12VR4DJP70GD1ZBK0SDWFH"
SYNC = "sync_01GV12VR4DJP70GD1ZBK0SDWFH"
ISSUE = "isu_01GV12VR4DJP70GD1ZBK0SDWFH"


def found(text: str, *known: str) -> list[str]:
    return [text[start:end] for start, end in ids_in(text, known.__contains__)]


@pytest.mark.parametrize("text", ["{}", '"{}",', "/syncs/{}?expand=issues", "see {}.", "({})", "id={}"])
@pytest.mark.parametrize("wanted", [CONNECTION, SYNC, ISSUE])
def test_what_has_the_shape_of_an_id_is_found_wherever_it_stands(text: str, wanted: str) -> None:
    assert found(text.format(wanted)) == [wanted]


def test_several_stand_in_one_text() -> None:
    assert found(f"{SYNC} of {CONNECTION} met {ISSUE}") == [SYNC, CONNECTION, ISSUE]


@pytest.mark.parametrize(
    "text",
    [
        "sync_mode",
        "conn_type: sync_history",
        "con_tkn_22vUhkC6tgre4kwaYfUkCDA1rzn6eyb4",
        f"x{CONNECTION}",
        f"{CONNECTION}_more",
        "conn_22vU••••••••",
        "a longer sentence without any",
    ],
)
def test_what_has_not_is_none(text: str) -> None:
    assert found(text) == []


def test_words_that_somebody_knows_are_ids_too() -> None:
    known = "0b9f6a52-3f1c-4f0e-8d0e-6c2a7f9b1d11"

    assert found(f'"model": "{known}", "other": "0b9f6a52-0000"', known) == [known]


def test_a_known_word_inside_another_is_not_meant() -> None:
    assert found("ledger-17a ledger-17", "ledger-17") == ["ledger-17"]
