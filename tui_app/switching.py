"""Which profile is open: the part of the app that owns one workspace at a time, and hears what changes in it."""

from __future__ import annotations

import asyncio
import gc
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any

from textual import work

from tui_app.announcing import Announcing
from tui_app.status_line import StatusLine
from tui_app.ways import Ways

if TYPE_CHECKING:
    from pydantic import SecretStr

    from tui_app.config.profiles import ProfileStore
    from tui_app.models.clock import Clock
    from tui_app.models.profile import Profile
    from tui_app.opening import EmbeddedServer
    from tui_app.sandbox.steering import Steered
    from tui_app.screens.keys import Keys
    from tui_app.workspace import Workspace

    OpenWorkspace = Callable[[Profile, SecretStr | None, Clock], Awaitable[Workspace]]

USUAL_TURN = 0.005
"""Seconds of a thread's turn while others wait for theirs: what Python begins with."""


class Switching(StatusLine, Announcing, Ways):
    """The part of the app that opens a profile, closes it, and goes from one to another."""

    def __init__(self) -> None:
        super().__init__()
        self._profiles: ProfileStore | None = None
        self._wanted: str | None = None
        self._demo_speed: float | None = None
        self._embedded: EmbeddedServer | None = None
        self._begun: Steered | None = None
        self._open_workspace: OpenWorkspace | None = None

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


def _import_workspace() -> Any:
    from types import SimpleNamespace

    from tui_app.api.errors import ApiError
    from tui_app.opening import EmbeddedServer, open_workspace
    from tui_app.widgets import preview  # noqa: F401 - of the first row, which is selected as it comes

    return SimpleNamespace(ApiError=ApiError, EmbeddedServer=EmbeddedServer, open_workspace=open_workspace)
