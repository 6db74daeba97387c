"""The application: how it starts, how it looks, and what a person can do everywhere in it."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import SystemCommand
from textual.binding import BindingType
from textual.command import CommandPalette, Provider
from textual.screen import Screen
from textual.worker import Worker, WorkerState

from tui_app.actions import bindings_of
from tui_app.endings import Endings
from tui_app.models.clock import Clock, SystemClock
from tui_app.models.settings import THEME, Settings
from tui_app.models.text import safe_text
from tui_app.screens.base import AppScreen
from tui_app.screens.connections import A_MOMENT, ConnectionsScreen
from tui_app.style_sheets import ReadOnce, styles
from tui_app.switching import Switching
from tui_app.themes import DARK, THEMES, theme_names
from tui_app.typing_order import TypingOrder

if TYPE_CHECKING:
    from textual.driver import Driver
    from textual.filter import LineFilter

    from tui_app.config.profiles import ProfileStore
    from tui_app.logs.log_file import LogFile
    from tui_app.switching import OpenWorkspace

logger = logging.getLogger(__name__)

DEMO = "demo"
"""The profile that the command of this name opens: the embedded server's first."""


def _requests_screen() -> Screen[Any]:
    from tui_app.screens.requests import RequestsScreen

    return RequestsScreen()


def _profiles_screen() -> Screen[Any]:
    from tui_app.screens.profiles import ProfilesScreen

    return ProfilesScreen()


def _issues_screen() -> Screen[Any]:
    from tui_app.screens.issues import IssuesScreen

    return IssuesScreen()


def _watching_screen() -> Screen[Any]:
    from tui_app.screens.watching import WatchingScreen

    return WatchingScreen()


def _sandbox_screen() -> Screen[Any]:
    from tui_app.screens.sandbox import SandboxScreen

    return SandboxScreen()


def _action_commands() -> type[Provider]:
    from tui_app.palette import ActionCommands

    return ActionCommands


class Syncscope(Endings, Switching, TypingOrder):
    """The terminal explorer.

    Args:
        profile: Which one to open; ``None`` opens the default.
        profiles: The servers that can be opened; the person's own by default.
        clock: What time is told and waited by; the system's by default.
        demo_speed: How many times faster the embedded server lives.
        settings: How the person likes things.
        log_file: Where what happens is written, if anywhere; begun after the first paint.
        read_only: Whether nothing at any server is changed, whatever is pressed.
        open_workspace: How a profile is opened, given the profile, its key and the clock; tests give their own.
    """

    TITLE = "Syncscope"
    CSS_PATH = styles("base", "status_bar", "table")
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("app")
    COMMANDS: ClassVar[set[Any]] = {_action_commands}
    MODES = {
        "connections": ConnectionsScreen,
        "issues": _issues_screen,
        "watching": _watching_screen,
        "requests": _requests_screen,
        "profiles": _profiles_screen,
        "sandbox": _sandbox_screen,
    }
    DEFAULT_MODE = "connections"

    def __init__(
        self,
        profile: str | None = None,
        profiles: ProfileStore | None = None,
        *,
        clock: Clock | None = None,
        demo_speed: float | None = None,
        settings: Settings | None = None,
        log_file: LogFile | None = None,
        read_only: bool = False,
        open_workspace: OpenWorkspace | None = None,
    ) -> None:
        super().__init__()
        self.settings = settings or Settings(theme=os.environ.get(THEME, ""))
        self.log_file = log_file
        self.read_only = read_only
        self.clock = clock or SystemClock()
        self._profiles = profiles
        self._wanted = profile
        self._demo_speed = demo_speed
        self._open_workspace = open_workspace
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = self._theme_meant or DARK.name
        self.stylesheet = ReadOnce(self.get_css_variables())
        if not self.settings.motion:
            self.animation_level = "none"
        self._cell_filters = _cell_filters(self.no_color, self.settings.ascii)

    def get_driver_class(self) -> type[Driver]:
        """Textual's, but for one thread that would wake all the time."""
        driver = super().get_driver_class()
        if driver.__module__ != "textual.drivers.linux_driver":
            return driver  # a browser tab's, a test's, or that of Windows
        from tui_app.keyboard import KeyboardDriver

        return KeyboardDriver

    @property
    def _theme_meant(self) -> str | None:
        """The theme that the person wants; ``None`` where none was named, or there is none of that name."""
        return next((name for name in theme_names(self.settings.theme) if name in self.available_themes), None)

    def _wrong_theme(self) -> list[str]:
        if not self.settings.theme or self._theme_meant is not None:
            return []
        ours = ", ".join(theme.name.removeprefix("syncscope-") for theme in THEMES)
        return [f"there is no theme “{self.settings.theme}”; there are {ours}, and those of Textual"]

    def _settle_keys(self) -> list[str]:
        """Give actions the keys that the person wants for them, and say which cannot be had."""
        if not self.settings.keys:
            return []
        from tui_app.own_keys import own_keys  # most people have none

        keys, problems = own_keys(self.settings.keys)
        self.set_keymap(keys)
        return problems

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Our variables for themes that are not ours."""
        return DARK.variables

    def get_line_filters(self) -> Sequence[LineFilter]:
        """What is painted passes these: nothing but ASCII where that is asked for, no colours where none are wanted."""
        return [*([] if self.no_color else super().get_line_filters()), *self._cell_filters]

    def on_mount(self) -> None:
        """Paint first; open the profile after that."""
        self.opening = "Starting …"
        self.end_when_told()
        # What the terminal shows after the program was stopped and brought back is nobody's but the shell's.
        self.app_resume_signal.subscribe(self, lambda _: self.refresh())
        if problems := [*self.settings.problems, *self._wrong_theme(), *self._settle_keys()]:
            # In one, because only a few are shown at once.
            words = "\n".join(safe_text(problem, 200) for problem in problems)
            self.notify(words, title="Settings", severity="warning", timeout=8 + 4 * len(problems), markup=False)
        self.call_after_refresh(self._start)

    async def _start(self) -> None:
        await asyncio.sleep(A_MOMENT)
        if self._wanted == DEMO and self._open_workspace is None:
            self._begin_server_ahead()
        if self.log_file is not None:
            from tui_app.screens.log import begin_log

            begin_log(self, self.log_file, self._wanted or "")
        self._say_status()
        self._tick_at_next_minute()
        self.open_profile(self._wanted or "")

    # Everywhere

    async def action_mode_connections(self) -> None:
        """Go to the connections."""
        await self.switch_mode("connections")

    async def action_mode_issues(self) -> None:
        """Go to the open issues."""
        await self.switch_mode("issues")

    async def action_mode_watching(self) -> None:
        """Go to the syncs that are followed."""
        await self.switch_mode("watching")

    async def action_mode_requests(self) -> None:
        """Go to the requests of the session."""
        await self.switch_mode("requests")

    async def action_mode_profiles(self) -> None:
        """Go to the profiles."""
        await self.switch_mode("profiles")

    async def action_mode_sandbox(self) -> None:
        """Go to the embedded server's clock and scenarios, where it is what is open."""
        await self.open_sandbox()

    def key_6(self) -> None:
        """The key that leads to the sandbox does so on an embedded server; elsewhere it says why it does not."""
        if isinstance(self.screen, AppScreen) and self.workspace is not None and self.workspace.simulation is None:
            self.say(
                "Only the simulated server that runs within Syncscope can be taken in hand here. One that was started "
                "elsewhere is controlled at the control_url that it announced. Press 5 to open the demo."
            )

    def action_command_palette(self) -> None:
        """Find any action by its name."""
        if not isinstance(self.screen, CommandPalette):
            from tui_app.palette import Palette

            self.push_screen(Palette(id="--command-palette"))

    def action_explain(self) -> None:
        """Explain the screen in front."""
        from tui_app.screens.dialogs import HelpDialog

        if isinstance(self.screen, AppScreen):
            self.push_screen(HelpDialog(self.screen, self.settings.keys))

    def action_find(self) -> None:
        """Find anything by whatever somebody sent of it."""
        self.open_find()

    def action_jump(self) -> None:
        """Label every control of the screen in front, to go to one by its letter."""
        from tui_app.screens.jump import jump

        jump(self)

    def action_show_log(self) -> None:
        """Show where the log is, and its last lines."""
        from tui_app.screens.log import LogDialog

        self.push_screen(LogDialog(self.log_file))

    def action_help_quit(self) -> None:
        """Ctrl+C is for copying; whoever means to leave by it is told how."""
        self.say("Press Ctrl+Q to leave Syncscope; q does, too, outside a text field.")

    def action_switch_theme(self) -> None:
        """To the next of our themes, and say which it is."""
        names = [theme.name for theme in THEMES]
        self.theme = names[(names.index(self.theme) + 1) % len(names)] if self.theme in names else DARK.name
        self.say(f"Theme: {self.theme.removeprefix('syncscope-')}", timeout=2)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """While a dialog asks, the ways to other screens wait."""
        if action.startswith("mode_") or action in ("explain", "find", "show_log"):
            # The palette is no question: what it lists is done on the screen behind it.
            behind = self.screen_stack[-2:-1] if isinstance(self.screen, CommandPalette) else [self.screen]
            if action == "mode_sandbox" and (self.workspace is None or self.workspace.simulation is None):
                return False
            return all(isinstance(screen, AppScreen) for screen in behind)
        return super().check_action(action, parameters)

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """The palette's entries that are not actions of ours: choosing among all themes."""
        yield SystemCommand("Choose a theme", "Any of the themes that Textual brings", self.action_change_theme)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Whatever fails behind the screens is said, not hidden."""
        if event.state is WorkerState.ERROR and event.worker.error is not None:
            error = event.worker.error
            logger.error("the worker %s ended by an error", event.worker.name, exc_info=error)
            from tui_app.logs.redaction import safe_words

            self.say(
                safe_words(error),
                title=f"Something in Syncscope broke ({event.worker.name})",
                severity="error",
                timeout=20,
            )


def _cell_filters(no_colour: bool, ascii_only: bool) -> list[LineFilter]:
    if not no_colour and not ascii_only:
        return []
    from tui_app.filters import NoColours, PlainAscii

    return [*([NoColours()] if no_colour else []), *([PlainAscii()] if ascii_only else [])]
