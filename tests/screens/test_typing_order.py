"""Keys that come in a burst, as from a slow line or a password manager, take effect in their order."""

from __future__ import annotations

import pytest
from textual import events
from textual.keys import _character_to_key

from tests.clocks import until
from tests.screens.conftest import Opening
from tests.screens.stage import Stage
from tests.screens.test_create import choose
from tui_app import typing_order
from tui_app.screens.connection import ConnectionScreen
from tui_app.screens.create import CreateScreen
from tui_app.widgets.field import Field


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that has other things to do takes longer than a person waits for a key that was lost."""
    monkeypatch.setattr(typing_order, "_LOST", 3.0)


def burst(stage: Stage, *keys: str) -> None:
    """Press keys without waiting for any; a text is typed letter by letter."""
    for key in keys:
        for each in [key] if key in ("tab", "enter", "ctrl+s", "slash", "escape", "down") else list(key):
            character = each if len(each) == 1 else None
            stage.app.post_message(events.Key(_character_to_key(each) if character else each, character))


def value(stage: Stage, field: str) -> str:
    return stage.app.screen.query_one(f"#{field}", Field).input.value


async def test_a_form_that_is_typed_in_a_burst_is_filled_field_by_field_and_sent_whole(opened: Opening) -> None:
    async with opened() as stage:
        await choose(stage, "geotab")
        stage.app.screen.set_focus(stage.app.screen.query_one("#credential-0", Field).input)
        burst(stage, "user", "tab", "pass-word", "tab", "base", "tab", "Burst Lines")
        await until(lambda: value(stage, "company") == "Burst Lines")
        assert [value(stage, f"credential-{number}") for number in range(3)] == ["user", "pass-word", "base"]
        burst(stage, " and Sons", "ctrl+s")
        await until(lambda: isinstance(stage.app.screen, ConnectionScreen))
        await stage.rest()
        assert "Burst Lines and Sons · Geotab" in stage.text


async def test_a_filter_and_what_follows_it_in_one_burst(opened: Opening) -> None:
    async with opened() as stage:
        burst(stage, "slash", "state:disconnected", "enter", "enter")
        await until(lambda: isinstance(stage.app.screen, ConnectionScreen))
        await stage.rest()
        assert "disconnected" in stage.text


@pytest.mark.parametrize("keys", [("n", "escape", "n"), ("enter", "escape", "n")])
async def test_screens_that_come_and_go_meanwhile_hold_nothing_up(opened: Opening, keys: tuple[str, ...]) -> None:
    async with opened() as stage:
        burst(stage, *keys)
        await until(lambda: isinstance(stage.app.screen, CreateScreen))
        burst(stage, "geo")
        await until(lambda: "Geotab" in stage.text)
