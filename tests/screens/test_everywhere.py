"""What every screen has: the line on top, the keys at the bottom, the help, the palette and the ways between."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest
from textual import events
from textual.command import CommandPalette, DiscoveryHit, Hit
from textual.widgets import Footer, Static
from textual.widgets._footer import FooterKey

from tests.clocks import until
from tests.screens.conftest import Opening, running, stage_on
from tests.screens.stage import MEDIUM, SIZES, SMALL, Stage
from tui_app.actions import ACTIONS, actions_of
from tui_app.palette import ActionCommands
from tui_app.sandbox.server import Sandbox
from tui_app.screens.base import AppScreen
from tui_app.screens.connections import ConnectionsScreen
from tui_app.screens.profiles import ProfilesScreen
from tui_app.screens.sandbox import SandboxScreen

WAYS = {
    "connections": (),
    "issues": ("2",),
    "watching": ("3",),
    "connection": ("down", "enter"),
    "create": ("n",),
    "link": ("L",),
    "sync": ("down", "w"),
    "requests": ("4",),
    "profiles": ("5",),
    "sandbox": ("6",),
    "faults": ("6", "f"),
}
"""The keys that lead to each screen."""

FORMS = {"create", "link"}
"""Screens that open in a text field, where letters are typed."""


@pytest.fixture
def opened(sandbox: Sandbox, tmp_path: Path) -> Opening:
    """Opens the app with the server in hand, as the demo does: else there is one screen less."""

    def open_it(size: tuple[int, int] = SMALL) -> AbstractAsyncContextManager[Stage]:
        return running(stage_on(sandbox, tmp_path, in_hand=True), size)

    return open_it


@pytest.mark.parametrize("scope", WAYS)
@pytest.mark.parametrize("size", [SMALL, MEDIUM])
async def test_the_footer_shows_seven_keys_at_most_and_all_of_them_whole(
    opened: Opening, scope: str, size: tuple[int, int]
) -> None:
    async with opened(size) as stage:
        await stage.press(*WAYS[scope])
        keys = list(stage.app.screen.query(FooterKey))
        assert 1 <= len(keys) <= 7
        footer = stage.app.screen.query_one(Footer)
        await until(lambda: all(key.region.width for key in keys))  # they are laid out a moment after they are made
        for key in keys:
            assert footer.region.contains_region(key.region), key.description
        assert not footer.show_horizontal_scrollbar


@pytest.mark.parametrize("scope", WAYS)
async def test_the_palette_finds_every_action_of_the_screen(opened: Opening, scope: str) -> None:
    async with opened() as stage:
        await stage.press(*WAYS[scope])
        screen = stage.app.screen
        provider = ActionCommands(screen)
        listed = [_text(hit) async for hit in provider.discover()]
        for action in actions_of(scope, "app"):
            owner = stage.app if action.scope == "app" else screen
            if action.id == "command_palette" or owner.check_action(action.id, ()) is not True:
                continue
            assert f"{action.label}  ({action.shown_key})" in listed
            found = [_text(hit) async for hit in provider.search(action.label)]
            assert any(action.label in text for text in found), action


def _text(hit: DiscoveryHit | Hit) -> str:
    return str(hit.display if isinstance(hit, DiscoveryHit) else hit.match_display)


async def test_the_palette_runs_what_was_chosen(opened: Opening) -> None:
    async with opened(MEDIUM) as stage:
        await stage.press("ctrl+p")
        assert isinstance(stage.app.screen, CommandPalette)
        await stage.type("profiles")
        await until(lambda: "Go to the servers that can be opened." in stage.text)
        await stage.press("enter")
        await until(lambda: isinstance(stage.app.screen, ProfilesScreen))


async def test_enter_pressed_twice_in_the_palette_does_it_once(opened: Opening) -> None:
    async with opened(MEDIUM) as stage:
        await stage.press("ctrl+p")
        await stage.type("profiles")
        await until(lambda: "Go to the servers that can be opened." in stage.text)
        for _ in range(3):
            stage.app.post_message(events.Key("enter", None))
        await until(lambda: isinstance(stage.app.screen, ProfilesScreen))
        await stage.rest()


@pytest.mark.parametrize("scope", [scope for scope in WAYS if scope not in FORMS])
@pytest.mark.parametrize("size", SIZES)
async def test_help_explains_the_screen_and_lists_its_keys(opened: Opening, scope: str, size: tuple[int, int]) -> None:
    async with opened(size) as stage:
        await stage.press(*WAYS[scope])
        screen = stage.app.screen
        assert isinstance(screen, AppScreen)
        await stage.press("question_mark")
        assert stage.app.screen.query(".about")
        assert screen.ABOUT.split(".")[0] in stage.words
        listed = [str(line.render()) for line in stage.app.screen.query(".help-line Static").results(Static)]
        for action in actions_of(scope, "app"):
            # What does not fit is scrolled to, and what does nothing here is said to be so.
            assert [text for text in listed if text.startswith(action.tooltip)], action
        await stage.press("escape")
        assert stage.app.screen is screen


async def test_help_can_be_scrolled_where_it_does_not_fit(opened: Opening) -> None:
    async with opened(SMALL) as stage:
        await stage.press("question_mark", "end")
        await until(lambda: "Leave Syncscope. Nothing is lost by leaving." in stage.words)


async def test_every_action_has_a_method_that_does_it(opened: Opening) -> None:
    async with opened() as stage:
        for scope, keys in WAYS.items():
            await stage.press(*keys)
            for action in actions_of(scope):
                assert hasattr(stage.app.screen, f"action_{action.id}"), action
            await stage.press("escape")
        for action in actions_of("app"):
            assert hasattr(stage.app, f"action_{action.id}"), action
        # What lies behind another screen or inside one, and bulk actions, are tried in tests of their own.
        elsewhere = {"edit", "passthrough", "bulk", "request", "json", "comparison"}
        assert {action.scope for action in ACTIONS} == {"app", *elsewhere, *WAYS}


class TestStatusBar:
    @pytest.mark.parametrize("size", SIZES)
    async def test_it_says_which_server_this_is_how_it_answers_and_the_time(
        self, opened: Opening, size: tuple[int, int]
    ) -> None:
        async with opened(size) as stage:
            line = stage.lines[0]
            assert line.startswith(" syncscope  demo   SIMULATED")
            assert "live 0 ms" in line
            assert "14:02" in line
            assert ("budget " in line) is (size[0] >= 100)

    async def test_it_is_on_every_screen(self, opened: Opening) -> None:
        async with opened() as stage:
            for keys in WAYS.values():
                await stage.press(*keys)
                assert "SIMULATED" in stage.lines[0]
                await stage.press("escape")


class TestWays:
    async def test_digits_lead_to_the_modes(self, opened: Opening) -> None:
        async with opened() as stage:
            await stage.press("5")
            assert isinstance(stage.app.screen, ProfilesScreen)
            await stage.press("1")
            assert isinstance(stage.app.screen, ConnectionsScreen)

    async def test_escape_leads_back_from_everywhere_with_the_focus_in_the_list(self, opened: Opening) -> None:
        async with opened() as stage:
            for scope, keys in WAYS.items():
                await stage.press(*keys)
                await stage.press("escape")
                if scope == "faults":  # they stand behind the simulated server's screen
                    assert isinstance(stage.app.screen, SandboxScreen)
                    await stage.press("escape")
                assert isinstance(stage.app.screen, ConnectionsScreen), scope
                assert stage.app.focused is stage.app.screen.query_one("#fleet"), scope

    async def test_f2_switches_the_theme_and_everything_stays_readable(self, opened: Opening) -> None:
        async with opened() as stage:
            before = stage.text
            for theme in ("light", "colour-blind", "terminal", "dark"):
                await stage.press("f2")
                assert stage.app.theme == f"syncscope-{theme}"
                stage.app.clear_notifications()
                await stage.rest()
                assert stage.text == before

    async def test_a_dialog_keeps_the_keys_of_the_screens_away(self, opened: Opening) -> None:
        async with opened() as stage:
            await stage.press("s")
            dialog = stage.app.screen
            dialog.set_focus(dialog.query_one("#request"))
            await stage.press("5", "1", "question_mark")
            assert stage.app.screen is dialog

    async def test_q_leaves(self, opened: Opening) -> None:
        async with opened() as stage:
            await stage.press("q")
        assert stage.app.return_code == 0


async def test_the_terminal_may_become_smaller_and_larger_on_every_screen(opened: Opening) -> None:
    async with opened(MEDIUM) as stage:
        for keys in WAYS.values():
            await stage.press(*keys)
            for size in ((40, 12), (20, 5), (160, 50), (80, 24)):
                await stage.pilot.resize_terminal(*size)
                await until(lambda size=size: stage.app.screen._compositor.size == size)  # type: ignore[misc]
                await stage.rest()
                assert all(len(line) <= size[0] for line in stage.lines), (keys, size, stage.text)
            await stage.press("escape")
