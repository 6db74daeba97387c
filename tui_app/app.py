"""The application: owns one workspace at a time, and leads from screen to screen."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import sys
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, tzinfo
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from textual import work
from textual.app import SystemCommand
from textual.binding import BindingType
from textual.command import CommandPalette, Provider
from textual.screen import Screen
from textual.worker import Worker, WorkerState

from tui_app.actions import bindings_of
from tui_app.copying import Copying
from tui_app.endings import Endings
from tui_app.models.clock import Clock, SystemClock
from tui_app.models.settings import THEME, Settings
from tui_app.models.text import safe_text
from tui_app.models.times import clock_time, day_and_time, telling
from tui_app.screens.base import AppScreen
from tui_app.screens.connections import A_MOMENT, ConnectionsScreen
from tui_app.style_sheets import ReadOnce, styles
from tui_app.themes import DARK, THEMES, theme_names
from tui_app.typing_order import TypingOrder
from tui_app.ways import Ways
from tui_app.widgets.status_bar import Status, budget_words, few_of, health_words, steady_latency

if TYPE_CHECKING:
    from pydantic import SecretStr
    from textual.driver import Driver
    from textual.filter import LineFilter
    from textual.timer import Timer

    from tui_app.api.health import Health
    from tui_app.config.profiles import ProfileStore
    from tui_app.logs.log_file import LogFile
    from tui_app.models.observation import Observation
    from tui_app.models.profile import Profile
    from tui_app.notices import Ended
    from tui_app.opening import EmbeddedServer
    from tui_app.sandbox.steering import Steered
    from tui_app.screens.keys import Keys
    from tui_app.workspace import Workspace

    OpenWorkspace = Callable[[Profile, SecretStr | None, Clock], Awaitable[Workspace]]


logger = logging.getLogger(__name__)

DEMO = "demo"
"""The profile that the command of this name opens: the embedded server's first."""

USUAL_TURN = 0.005
"""Seconds of a thread's turn while others wait for theirs: what Python begins with."""

A_SECOND = 1.0
"""Seconds between two tellings of the embedded server's time, however fast that goes."""

MOST_COUNTED = 60
"""Seconds of a wait up to which each is told; of a longer one, each minute is."""


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


class Syncscope(Endings, Ways, Copying, TypingOrder):
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
        self._embedded: EmbeddedServer | None = None
        self._begun: Steered | None = None
        self._counting: Timer | None = None
        self._ticking: Timer | None = None
        self._latency: float | None = None  # as it was told last
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

    @cached_property
    def _keys(self) -> Keys:
        from tui_app.screens.keys import Keys

        return Keys(self)

    @property
    def profiles(self) -> ProfileStore:
        """The servers that can be opened."""
        if self._profiles is None:
            from tui_app.config.paths import find_paths
            from tui_app.config.profiles import ProfileStore

            self._profiles = ProfileStore(find_paths().profiles)
        return self._profiles

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

    def _tick(self) -> None:
        self._latency = None
        self._say_status()
        self.minute.publish(None)
        self._tick_at_next_minute()

    def _tick_at_next_minute(self) -> None:
        # An idle screen is written to once a minute, at its beginning, and not more often: a minute of the time that
        # it tells, but of one that flies no more than each second.
        now = self.clock.now()
        wait = 60 - now.second - now.microsecond / 1e6
        simulation = self.workspace.simulation if self.workspace is not None else None
        if simulation is not None and (theirs := simulation.to_next_minute) is not None:
            wait = min(wait, max(theirs, A_SECOND))
        if self._ticking is not None:
            self._ticking.stop()
        self._ticking = self.set_timer(wait + 0.01, self._tick)

    def watch_status(self, before: Status, now: Status) -> None:
        """Where the time that is told goes otherwise than before, its next minute comes at another time."""
        if self._ticking is not None and (before.speed, before.paused) != (now.speed, now.paused):
            self._tick_at_next_minute()

    # Opening a profile

    def open_profile(self, name: str) -> None:
        """Close the open profile and open this one; an empty name means the default."""
        self._open(name)

    def read_again(self) -> None:
        """Read the list again; where no profile is open, or the embedded server has ended, open it again."""
        if self.workspace is None or self.workspace.ended:
            self.open_profile(self.status.profile or self._wanted or "")
        else:
            self._read_again(self.workspace)

    @work(group="read", exclusive=True, exit_on_error=False)
    async def _read_again(self, workspace: Workspace) -> None:
        await workspace.read_fleet()

    def switch_server(self, by: int) -> None:
        """Open the next of the embedded servers' profiles, or the one before; none is left for a real server."""
        names = [profile.name for profile in self.profiles.load().profiles.values() if profile.embedded]
        if self.workspace is not None and self.workspace.profile.name in names:
            self.open_profile(names[(names.index(self.workspace.profile.name) + by) % len(names)])

    @work(group="profile", exclusive=True, exit_on_error=False)
    async def _open(self, name: str) -> None:
        try:
            await self._close_and_open(name)
        finally:
            _go_on_as_usual()

    async def _close_and_open(self, name: str) -> None:
        before, self.workspace, self.trouble = self.workspace, None, None
        if before is not None and before.reading.problem and before.reading.problem.kind.value == "unauthorized":
            self._keys.forget_typed(before.profile)  # who opens it again has another one to type
        self.opening = f"Closing {before.profile.name} …" if before else "Starting …"
        await self._leave_details()
        if before is not None:
            await self._close_profile(before)
        # Everything that reads profiles and speaks HTTP is imported here, behind the first paint, and on a thread so
        # that keys are heard.
        modules = await asyncio.to_thread(_import_workspace)
        profile = self._find(name)
        if profile is None:
            self.opening = "No profile is open. Press 5 to choose one."
            return
        self.opening = "Starting the embedded server …" if profile.embedded else f"Opening {profile.name} …"
        self._say_status(profile)
        key = None
        if not profile.embedded and (key := await self.key_for(profile)) is None:
            self._failed_to_open(profile)
            return
        try:
            if self._open_workspace is not None:
                workspace = await self._open_workspace(profile, key, self.clock)
            else:
                self._embedded = self._embedded or modules.EmbeddedServer(self._demo_speed, self._begin_server)
                workspace = await modules.open_workspace(
                    profile, key, self.clock, self._embedded, history=self.settings.history
                )
        except modules.ApiError as error:
            self.trouble = error.problem
            self.opening = "This profile could not be opened."
            return
        self.opening = ""
        self._begin(workspace)

    def _begin_server_ahead(self) -> None:
        """Have the embedded server come up while here is imported what it takes to open it."""
        from tui_app.sandbox.errors import SandboxError
        from tui_app.sandbox.steering import DEMO_SPEED

        with suppress(SandboxError):  # it is tried once more as it is opened, and told then
            self._begun = self._begin_server(self._demo_speed or DEMO_SPEED)

    def _begin_server(self, speed: float) -> Steered:
        """An embedded server: the one that was begun ahead, or another."""
        from tui_app.sandbox.process import SandboxProcess

        begun, self._begun = self._begun, None
        return begun or SandboxProcess(speed)

    def _begin(self, workspace: Workspace) -> None:
        if self.read_only:
            workspace.gate.seal()
        self.workspace = workspace
        self._hear(workspace)  # before it starts, so that its first news is heard
        workspace.start()
        self._say_status()
        self.show_recorded()

    def _find(self, name: str) -> Profile | None:
        profiles = self.profiles.load()
        if name or profiles.default:
            for problem in profiles.problems:
                self.say(problem, title="Profiles", severity="warning", timeout=12)
        wanted = name or profiles.default
        if not wanted:
            from tui_app.models.problem import Problem, ProblemKind

            self.trouble = Problem(
                ProblemKind.REFUSED,
                "The environment does not describe a server that can be opened",
                meaning=" ".join(profiles.problems),
                next_step="Set the variables right and start again; or syncscope demo needs none.",
            )
            return None
        profile = profiles.profiles.get(wanted)
        if profile is None:
            self.say(
                f"There is no profile “{wanted}”. Press 5 to see those that there are.", severity="error", timeout=12
            )
        return profile

    def _failed_to_open(self, profile: Profile) -> None:
        from tui_app.models.problem import Problem, ProblemKind

        self.opening = "No profile is open."
        self.trouble = Problem(
            ProblemKind.UNAUTHORIZED,
            f"“{profile.name}” was not opened",
            meaning="It needs an API key, and none was given.",
            next_step=f"Set ${profile.key_env}, or open it again and type the key."
            if profile.key_env
            else "Open it again and type the key.",
        )

    async def key_for(self, profile: Profile) -> SecretStr | None:
        """A profile's key: as typed before, else from where the profile says, else as typed now."""
        return await self._keys.key_for(profile)

    async def replace_key(self, profile: Profile) -> None:
        """Ask for another key than the one that is used."""
        await self._keys.replace(profile)

    async def forget_key(self, profile: Profile) -> str:
        """Forget a profile's key, wherever it is kept for it."""
        return await self._keys.forget(profile)

    async def _leave_details(self) -> None:
        """Whatever showed an object of the profile that closes is left."""
        if self.current_mode != "connections":
            await self.switch_mode("connections")
        while len(self.screen_stack) > 1:
            await self.pop_screen()
        # What stands there is about the server that is left, and the next one may have no such screen.
        for mode in ("issues", "watching", "requests", "sandbox"):
            await self.remove_mode(mode)
            self.add_mode(mode, self.MODES[mode])

    @work(group="changes", exclusive=True, exit_on_error=False)
    async def _hear(self, workspace: Workspace) -> None:
        """Stream what the workspace sees to whoever shows it, until the workspace closes."""
        from tui_app.changes import Broken, BulkEnded, ServerChanged, Told, Watched

        async for change in workspace.changes():
            if isinstance(change, ServerChanged):
                self._say_status()
            elif isinstance(change, Told):
                self.say(change.text, title=change.title, severity="warning", timeout=20)
            elif isinstance(change, Broken):
                self.say(change.text, title="Something in Syncscope broke", severity="error", timeout=20)
            elif isinstance(change, BulkEnded):
                self.tell_bulk_end(change.text)
            elif isinstance(change, Watched):
                self._announce(change.observation)
            self.changes.publish(change)

    def _announce(self, observation: Observation) -> None:
        """Say once that a followed sync has ended."""
        from tui_app.notices import Ended
        from tui_app.widgets.states import with_issues

        sync = observation.sync
        if sync is None or not sync.phase.is_final or observation.next_look is not None:
            return
        workspace = self.workspace
        watch = workspace.watcher.find(observation.connection_id, sync.id) if workspace else None
        if watch is None or not watch.ended_in_sight:
            return  # it had ended before it was followed: its screen says so, and it is no news
        row = workspace.row(observation.connection_id) if workspace else None
        name = row.connection.name if row else observation.connection_id
        outcome = sync.phase.value
        words, severity = f"Sync {sync.status}: {sync.failure_reason or 'no reason given'}", "error"
        if outcome == "succeeded":
            words, severity = f"Sync completed{with_issues(sync)}.", "information"
        elif outcome == "lost":
            words, severity = "The end of the sync was not seen: a later run took its place.", "warning"
        # Of a bulk action nobody wants a toast for each that went well: the list shows them.
        if workspace is None or outcome != "succeeded" or sync.id not in workspace.asked_in_bulk:
            self.say(words, title=name, severity=severity, timeout=8 if outcome == "succeeded" else 12)
        self._tell(Ended(observation.connection_id, name, sync.id, sync.phase.value, sync.status, words))

    @work(group="notices", exit_on_error=False)
    async def _tell(self, ended: Ended) -> None:
        """Ring, notify and run the hook, as far as the person asked for it."""
        from tui_app.notices import tell

        problem = await tell(ended, self.settings, ring=self.bell, write=self._write)
        if problem:
            self.say(problem, title="Hook", severity="warning", timeout=12)

    def _say_status(self, profile: Profile | None = None) -> None:
        workspace = self.workspace
        clock = f"{clock_time(self.clock.now())[:5]} {telling.zone_name}"
        if workspace is not None and workspace.speed is not None:
            # Everything on the screens is told in the embedded server's time, so that is the time to read beside it.
            zone = "" if telling.zone is None else f"{telling.zone_name}, "
            clock = f"{clock_time(workspace.server_now())[:5]} {zone}simulated"
        if workspace is None:
            self.status = Status(profile=profile.name if profile else self.status.profile, time=clock)
            return
        health, used = workspace.health, workspace.budget_used()
        self._latency = steady_latency(self._latency, health.latency)
        text, trouble = health_words(replace(health, latency=self._latency), self.clock.now())
        budget = budget_words(used, workspace.profile.budget)
        if workspace.recorded_at is not None:  # its clock stands, and nobody is asked anything
            text = f"{workspace.environment.value} as of {day_and_time(workspace.recorded_at)}"
            clock = budget = ""
        self._say_again(health, used > few_of(workspace.profile.budget))
        self.status = Status(
            profile=workspace.profile.name,
            environment=workspace.stamp,
            speed=workspace.speed,
            paused=workspace.paused,
            faulty=workspace.simulation is not None and workspace.simulation.faults.count > 0,
            lock=workspace.gate.words,
            health=text,
            trouble=trouble,
            budget=budget,
            time=clock,
        )

    def _say_again(self, health: Health, busy: bool) -> None:
        """Tell it anew in a second where it would not be true any more: a wait of seconds, and many requests in one."""
        if self._counting is not None:
            self._counting.stop()
        left = (health.resuming_at - self.clock.now()).total_seconds() if health.resuming_at else 0
        self._counting = self.set_timer(1, self._say_status) if busy or 0 < left <= MOST_COUNTED else None

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

    def action_switch_zone(self) -> None:
        """Tell times in the next zone: this machine's, UTC, the one of the settings."""
        from zoneinfo import ZoneInfo

        zones: list[tzinfo | None] = [None, UTC, *([ZoneInfo(self.settings.zone)] if self.settings.zone else [])]
        telling.zone = zones[(zones.index(telling.zone) + 1) % len(zones)] if telling.zone in zones else None
        self.say(f"Times are told in {telling.zone_name} time.", timeout=3)
        self._tell_time_anew()

    def action_exact_times(self) -> None:
        """Tell ages as dates and times, or the other way round."""
        telling.exact = not telling.exact
        self.say("Times are told exactly." if telling.exact else "Times are told as ages.", timeout=3)
        self._tell_time_anew()

    def _tell_time_anew(self) -> None:
        self._say_status()
        self.minute.publish(None)

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

    async def _close_profile(self, workspace: Workspace) -> None:
        """Close a profile that is left; whoever opened it otherwise may leave it open."""
        await workspace.close()

    async def on_unmount(self) -> None:
        """Leave the server in order."""
        workspace, self.workspace = self.workspace, None
        if workspace is not None:
            await self._close_profile(workspace)
        if self._embedded is not None:
            await self._embedded.stop()
        if self._begun is not None:
            self._begun.stop()


def _go_on_as_usual() -> None:
    """From now on garbage is looked for, and threads take turns as Python has them; for the start, see `open_screens`.

    What is there by now is left out for good. Looking through all of it once took 100 ms, in which no key was heard.
    """
    if not gc.isenabled():
        sys.setswitchinterval(USUAL_TURN)
        gc.freeze()
        gc.enable()


def _cell_filters(no_colour: bool, ascii_only: bool) -> list[LineFilter]:
    if not no_colour and not ascii_only:
        return []
    from tui_app.filters import NoColours, PlainAscii

    return [*([NoColours()] if no_colour else []), *([PlainAscii()] if ascii_only else [])]


def _import_workspace() -> Any:
    from types import SimpleNamespace

    from tui_app.api.errors import ApiError
    from tui_app.opening import EmbeddedServer, open_workspace
    from tui_app.widgets import preview  # noqa: F401 - of the first row, which is selected as it comes

    return SimpleNamespace(ApiError=ApiError, EmbeddedServer=EmbeddedServer, open_workspace=open_workspace)
