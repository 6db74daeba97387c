"""What is said for a moment: the same thing once, and never so much that the screen is buried."""

from __future__ import annotations

import pytest

from tests.screens.conftest import Opening
from tests.screens.stage import MEDIUM, SMALL, Stage
from tui_app.models.problem import Problem, ProblemKind


def said(stage: Stage) -> list[str]:
    return [toast.strip() for toast in stage.toasts]


@pytest.mark.parametrize(("size", "most"), [(SMALL, 2), ((80, 29), 2), ((80, 30), 3), (MEDIUM, 3)])
async def test_the_newest_few_are_shown(opened: Opening, size: tuple[int, int], most: int) -> None:
    async with opened(size) as stage:
        for number in range(1, 6):
            stage.app.say(f"Number {number}")
        await stage.rest()
        assert said(stage) == [f"Number {number}" for number in range(6 - most, 6)]
        assert "Number 5" in stage.text
        stage.app.complain(Problem(ProblemKind.REFUSED, "No", meaning="It says so."))
        await stage.rest()
        assert len(said(stage)) == most
        assert said(stage)[-1] == "No\nIt says so."


async def test_the_same_again_takes_the_place_of_what_still_stands(opened: Opening) -> None:
    async with opened(MEDIUM) as stage:
        stage.app.say("Again", title="One")
        stage.app.say("Between")
        stage.app.say("Again", title="One")
        await stage.rest()
        assert said(stage) == ["Between", "One\nAgain"]
        stage.app.say("Again", title="Another")
        stage.app.complain(Problem(ProblemKind.REFUSED, "No"))
        stage.app.complain(Problem(ProblemKind.REFUSED, "No"))
        await stage.rest()
        assert said(stage) == ["One\nAgain", "Another\nAgain", "No\nNo"]


async def test_what_was_clicked_away_leaves_its_room(opened: Opening) -> None:
    async with opened(SMALL) as stage:
        stage.app.say("First")
        stage.app.say("Second")
        await stage.rest()
        await stage.click_text("Second")
        stage.app.say("Third")
        await stage.rest()
        assert said(stage) == ["First", "Third"]
