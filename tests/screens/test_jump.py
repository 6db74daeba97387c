"""Jumping to any control by the letters that it shows, at every size, by keys and by mouse."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events
from textual.containers import VerticalScroll
from textual.widget import Widget
from textual.widgets import Button, Input, OptionList, Tab, TabbedContent, Tabs

from tests.clocks import until
from tests.screens.conftest import Opening, running, stage_on
from tests.screens.stage import MEDIUM, SIZES, SMALL, Stage
from tui_app.filters import PlainAscii
from tui_app.sandbox.server import Sandbox
from tui_app.screens.connections import ConnectionsScreen
from tui_app.screens.dialogs import SyncDialog
from tui_app.screens.jump import LETTERS, JumpScreen, Mark, labels, places_on
from tui_app.widgets.counts import Count
from tui_app.widgets.table import Table

WAYS: dict[str, tuple[str, ...]] = {
    "connections": (),
    "connection": ("enter",),
    "syncs": ("enter", "tab"),
    "create": ("n",),
    "sync": ("w",),
    "profiles": ("5",),
    "adding a profile": ("5", "a"),
    "request a sync": ("s",),
    "copy": ("Y",),
    "help": ("question_mark",),
    "palette": ("ctrl+p",),
}


def marks(stage: Stage) -> dict[str, Mark]:
    """The labels that can be seen."""
    assert isinstance(stage.app.screen, JumpScreen), stage.text
    return {mark.place.label: mark for mark in stage.app.screen.query(Mark) if mark.display}


def label_of(stage: Stage, target: Widget) -> str:
    """What is typed to go to a control."""
    return next(label for label, mark in marks(stage).items() if mark.place.target is target)


async def jump_to(stage: Stage, target: Widget) -> None:
    """Jump to a control of the screen in front."""
    await stage.press("ctrl+o")
    await stage.press(*label_of(stage, target))


@pytest.mark.parametrize("size", SIZES)
async def test_every_control_that_is_seen_has_a_label_that_stands_on_it_and_over_no_other(
    opened: Opening, size: tuple[int, int]
) -> None:
    async with opened(size) as stage:
        for way in WAYS.values():
            await stage.press(*way)
            behind: Any = stage.app.screen
            await stage.press("ctrl+o")
            labelled_well(stage, behind)
            await stage.press("escape")
            assert stage.app.screen is behind, way
            while not isinstance(stage.app.screen, ConnectionsScreen):
                await stage.press("escape")


def labelled_well(stage: Stage, behind: Any) -> None:
    """Hold the labels in front against the screen that they are about."""
    shown = marks(stage)
    regions = [mark.region for mark in shown.values()]
    for number, region in enumerate(regions):
        assert stage.app.size.region.contains_region(region)
        assert region.width == 3
        assert not any(region.overlaps(other) for other in regions[:number])
    targets = {mark.place.target for mark in shown.values()}
    assert len(targets) == len(shown)
    seen = {widget for widget in behind.focus_chain if behind.find_widget(widget).visible_region}
    assert {widget for widget in seen if not isinstance(widget, Tabs)} <= targets
    assert set(behind.query(Tab)) <= targets
    for mark in shown.values():
        under = behind.find_widget(mark.place.target).visible_region
        assert under.overlaps(mark.region) or under.y == mark.region.y
        assert stage.lines[mark.region.y][mark.region.x :].startswith(f" {mark.place.label}")


@pytest.mark.parametrize("size", SIZES)
async def test_in_the_list_it_focuses_the_filter_and_presses_a_count(opened: Opening, size: tuple[int, int]) -> None:
    async with opened(size) as stage:
        screen = stage.app.screen
        assert isinstance(screen, ConnectionsScreen)
        for target in (screen.filter_input, screen.table):
            await jump_to(stage, target)
            assert screen.focused is target
        chip = next(count for count in screen.query(Count) if count.filter_text == "state:disconnected")
        await jump_to(stage, chip)
        assert screen.filter_input.value == "state:disconnected"


@pytest.mark.parametrize("size", SIZES)
async def test_in_a_connection_it_shows_a_part(opened: Opening, size: tuple[int, int]) -> None:
    async with opened(size) as stage:
        await stage.press("enter")
        screen = stage.app.screen
        tabs = {str(tab.label): tab for tab in screen.query(Tab)}
        await jump_to(stage, tabs["JSON"])
        assert screen.query_one(TabbedContent).active == "json"
        await jump_to(stage, tabs["Syncs"])
        assert screen.query_one(TabbedContent).active == "syncs"
        assert isinstance(screen.focused, Table)


@pytest.mark.parametrize("size", SIZES)
async def test_in_a_form_it_goes_on_from_a_field_in_which_letters_are_typed(
    opened: Opening, size: tuple[int, int]
) -> None:
    async with opened(size) as stage:
        await stage.press("n")
        screen = stage.app.screen
        fields = [field for field in screen.query(Input) if screen.find_widget(field).visible_region]
        await jump_to(stage, fields[-1])
        assert screen.focused is fields[-1]
        assert [field.value for field in fields] == [""] * len(fields)


@pytest.mark.parametrize("size", SIZES)
async def test_in_a_dialog_it_presses_a_button(opened: Opening, size: tuple[int, int]) -> None:
    async with opened(size) as stage:
        await stage.press("s")
        dialog = stage.app.screen
        assert isinstance(dialog, SyncDialog)
        await jump_to(stage, dialog.query_one("#cancel", Button))
        assert isinstance(stage.app.screen, ConnectionsScreen)


@pytest.mark.parametrize("size", SIZES)
async def test_a_label_can_be_clicked_and_a_click_beside_leaves(opened: Opening, size: tuple[int, int]) -> None:
    async with opened(size) as stage:
        screen = stage.app.screen
        field = screen.query_one("#filter", Input)
        await stage.press("ctrl+o")
        await stage.click(marks(stage)[label_of(stage, field)])
        assert stage.app.screen is screen
        assert screen.focused is field
        await stage.press("ctrl+o")
        await stage.pilot.click(offset=(size[0] // 2, size[1] // 2))
        await stage.rest()
        assert stage.app.screen is screen
        assert screen.focused is field


async def test_letters_are_for_labels_alone_while_they_are_shown(opened: Opening) -> None:
    async with opened() as stage:
        behind: Any = stage.app.screen
        field = behind.query_one("#filter", Input)
        await stage.press("ctrl+o")
        await stage.press(*(letter for letter in LETTERS if letter not in marks(stage)), "5", "1", "?")
        assert isinstance(stage.app.screen, JumpScreen)
        await stage.press("ctrl+o")
        assert stage.app.screen is behind
        assert field.value == ""


async def test_where_there_are_many_the_first_letter_leaves_those_that_begin_with_it(opened: Opening) -> None:
    async with opened(MEDIUM) as stage:
        screen = stage.app.screen
        buttons = [Button(f"{number}", id=f"b{number}", compact=True) for number in range(30)]
        await screen.mount_all(buttons, before="#fleet-area")
        for button in buttons:
            button.styles.height, button.styles.margin = 1, 0
        await stage.rest()
        await stage.press("ctrl+o")
        all_of_them = marks(stage)
        assert len(all_of_them) > len(LETTERS)
        assert {len(label) for label in all_of_them} == {2}
        second = next(label for label in all_of_them if label[0] == LETTERS[1])
        target = all_of_them[second].place.target
        await stage.press(second[0])
        assert {label[0] for label in marks(stage)} == {second[0]}
        await stage.press("backspace")
        assert len(marks(stage)) == len(all_of_them)
        await stage.press(*second)
        assert screen.focused is target


async def test_what_is_hidden_or_cannot_be_used_has_none(opened: Opening) -> None:
    async with opened(MEDIUM) as stage:
        screen = stage.app.screen
        assert isinstance(screen, ConnectionsScreen)
        screen.filter_input.disabled = True
        screen.table.visible = False
        await stage.rest()
        targets = {place.target for place in places_on(screen)}
        assert targets
        assert all(isinstance(target, Count) for target in targets)


async def test_where_there_is_no_room_for_anything_there_are_none(opened: Opening) -> None:
    async with opened((40, 12)) as stage:
        await stage.press("ctrl+o")
        assert not isinstance(stage.app.screen, JumpScreen)


async def test_a_terminal_that_becomes_another_size_ends_it(opened: Opening) -> None:
    async with opened(MEDIUM) as stage:
        await stage.press("ctrl+o")
        await stage.pilot.resize_terminal(*SMALL)
        await until(lambda: isinstance(stage.app.screen, ConnectionsScreen))


async def test_keys_in_quick_succession_leave_it_once(opened: Opening) -> None:
    async with opened(MEDIUM) as stage:
        await stage.press("enter")
        behind = stage.app.screen
        await stage.press("ctrl+o")
        front = stage.app.screen
        for _ in range(3):
            front.post_message(events.Key("a", "a"))
        await stage.rest()
        assert stage.app.screen is behind


async def test_a_control_that_is_gone_meanwhile_is_not_gone_to(opened: Opening) -> None:
    async with opened(MEDIUM) as stage:
        screen = stage.app.screen
        assert isinstance(screen, ConnectionsScreen)
        button = Button("Here", compact=True)
        await screen.mount(button, before="#fleet-area")
        await stage.rest()
        await stage.press("ctrl+o")
        label = label_of(stage, button)
        await button.remove()
        await stage.press(*label)
        assert screen.focused is screen.table


async def test_in_the_menu_of_copies_it_goes_to_the_list(opened: Opening) -> None:
    async with opened() as stage:
        await stage.press("Y")
        menu = stage.app.screen
        await jump_to(stage, menu.query_one(OptionList))
        assert stage.app.screen is menu


async def test_without_colours_and_in_ascii_labels_stand_out(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    stage = stage_on(sandbox, tmp_path)
    stage.app._cell_filters = [*stage.app._cell_filters, PlainAscii()]
    async with running(stage, SMALL):
        await stage.press("ctrl+o")
        assert stage.text.isascii()
        strips = stage.app.screen._compositor.render_strips()
        for mark in marks(stage).values():
            [segment, *_] = strips[mark.region.y].crop(mark.region.x, mark.region.right)
            assert segment.style is not None
            assert segment.style.reverse
            assert segment.style.bgcolor is None


@given(st.integers(0, 2000))
def test_no_label_begins_another(count: int) -> None:
    made = labels(count)
    assert len(set(made)) == count
    assert len({len(label) for label in made}) <= 1


async def test_controls_that_begin_at_the_same_place_have_labels_beside_each_other(opened: Opening) -> None:
    async with opened(MEDIUM) as stage:
        outer = VerticalScroll(VerticalScroll(Button("Here", compact=True)))
        outer.styles.height = 5
        await stage.app.screen.mount(outer, before="#fleet-area")
        await stage.rest()
        await stage.press("ctrl+o")
        regions = [mark.region for mark in marks(stage).values() if outer in mark.place.target.ancestors_with_self]
        assert len(regions) == len({region.offset for region in regions}) == 3
