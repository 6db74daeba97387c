"""Opens profiles: on a server somewhere, or on the embedded one, which all its profiles share."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import SecretStr

from tui_app.api.errors import ApiError
from tui_app.api.kinds import KINDS, import_kind
from tui_app.api.network import network_of
from tui_app.config.profiles import ProfileError, Profiles, ProfileStore
from tui_app.models.clock import Clock
from tui_app.models.problem import Problem, ProblemKind
from tui_app.models.profile import Profile
from tui_app.workspace import Workspace

if TYPE_CHECKING:
    from tui_app.history.store import Store
    from tui_app.sandbox.announcement import Announcement
    from tui_app.sandbox.steering import Steered
    from tui_app.workspace.recording import Recording
    from tui_app.workspace.remembering import OpenHistory

    _Starting = asyncio.Future[tuple[Steered, Announcement]]

Begin = Callable[[float], "Steered"]
"""Makes a server whose time goes so many times faster than ours; it is started after that."""


class EmbeddedServer:
    """The simulated server: started when first needed, kept until the program ends.

    Whoever goes from one of its profiles to another, or opens one anew, finds what they made before.

    Args:
        speed: How many times faster than ours its time goes.
        begin: Where it runs; by default on a thread of this process.
    """

    def __init__(self, speed: float | None = None, begin: Begin | None = None) -> None:
        self._speed = speed
        self._begin = begin or _on_a_thread
        self._starting: _Starting | None = None
        self._seen: Store | None = None

    @property
    def seen(self) -> Store:
        """What was seen of it, in memory: it goes with the server."""
        from tui_app.history.store import Store

        self._seen = self._seen or Store(None)
        return self._seen

    async def start(self) -> tuple[Steered, Announcement]:
        """The server and where it is; started at the first call. Whoever waits may leave: it starts all the same.

        Where it ended by itself, another is started.

        Raises:
            ApiError: It could not start. The next call tries again.
        """
        if self._starting is None or (self._starting.done() and _is_of_no_use(self._starting)):
            self._starting = asyncio.ensure_future(self._begin_anew(self._starting))
        return await asyncio.shield(self._starting)

    async def stop(self) -> None:
        """End it, where it was started."""
        if self._seen is not None:
            await asyncio.to_thread(self._seen.close)
        starting, self._starting = self._starting, None
        if starting is not None:
            await self._end(starting)

    async def _begin_anew(self, before: _Starting | None) -> tuple[Steered, Announcement]:
        if before is not None:
            await self._end(before)
        return await asyncio.to_thread(self._start)

    async def _end(self, starting: _Starting) -> None:
        [started] = await asyncio.gather(starting, return_exceptions=True)
        if not isinstance(started, BaseException):
            await asyncio.to_thread(started[0].stop)

    def _start(self) -> tuple[Steered, Announcement]:
        from tui_app.sandbox.errors import SandboxError
        from tui_app.sandbox.steering import DEMO_SPEED

        try:
            sandbox = self._begin(self._speed or DEMO_SPEED)
            return sandbox, sandbox.start()
        except SandboxError as error:
            raise ApiError(
                Problem(ProblemKind.UNREACHABLE, "The embedded server did not start", meaning=str(error))
            ) from error


class _OneProfile(ProfileStore):
    """Nothing but the profile that was recorded, and nothing to change."""

    def __init__(self, profile: Profile) -> None:
        super().__init__(Path(os.devnull), {})
        self._profile = profile

    def load(self) -> Profiles:
        return Profiles({self._profile.name: self._profile}, [], self._profile.name)

    def add(self, profile: Profile) -> list[str]:
        raise ProfileError("A recording is open, and no profiles are.", "Start Syncscope without it to change them.")

    edit = add

    def remove(self, name: str) -> list[str]:
        raise ProfileError("A recording is open, and no profiles are.", "Start Syncscope without it to change them.")

    def in_file(self, name: str) -> bool:
        return False


class UnchangedProfiles(ProfileStore):
    """A person's profiles, to be opened and not to be changed."""

    def add(self, profile: Profile) -> list[str]:
        raise ProfileError("Syncscope is read-only: no profile is changed.", "Start it otherwise to change them.")

    edit = add

    def remove(self, name: str) -> list[str]:
        raise ProfileError("Syncscope is read-only: no profile is changed.", "Start it otherwise to change them.")


class OnlyRecorded:
    """What the app opens where a recording is shown: that, and nothing else.

    Args:
        recording: What is shown.

    Attributes:
        profiles: The one profile that there is.
    """

    def __init__(self, recording: Recording) -> None:
        self.profiles: ProfileStore = _OneProfile(recording.profile)
        self._recording = recording

    async def open(self, profile: Profile, key: SecretStr | None, clock: Clock) -> Workspace:
        """Open it, as :func:`open_workspace` opens a server."""
        from tui_app.workspace.recorded import RecordedWorkspace

        return RecordedWorkspace(self._recording, clock=clock)


async def open_workspace(
    profile: Profile, key: SecretStr | None, clock: Clock | None, embedded: EmbeddedServer, *, history: int = 0
) -> Workspace:
    """Open a profile's server.

    Args:
        profile: Which server.
        key: The API key; the embedded server announces its own.
        clock: What waiting is measured by; the system's by default.
        embedded: The server that is opened where the profile names none. Whoever gives it, stops it.
        history: How many megabytes are kept of what is seen, for the next start; 0: nothing is. Of the embedded server
            it is kept until that stops.

    Raises:
        ApiError: The embedded server could not start, a key is needed and missing, the kind is not known, or a
            certificate that the profile names cannot be read.
    """
    if profile.kind not in KINDS:
        raise ApiError(
            Problem(
                ProblemKind.REFUSED,
                f"There is no kind of server called “{profile.kind}”",
                meaning=f"The profile “{profile.name}” says so. There are: {', '.join(KINDS)}.",
                next_step="Correct its kind in the profiles file.",
            )
        )
    if profile.embedded:
        (sandbox, announced), _ = await asyncio.gather(
            embedded.start(), asyncio.to_thread(_import_ahead, profile.kind, history > 0)
        )
        url, its_key = announced.servers[profile.kind]
        kept = _history(profile, url, history, embedded) if history else None
        return Workspace(profile, url, SecretStr(its_key), clock=clock, sandbox=sandbox, history=kept)
    if key is None:
        raise ApiError(Problem(ProblemKind.UNAUTHORIZED, "No API key", next_step="Give a key for this profile."))
    await asyncio.to_thread(network_of(profile).check)
    assert profile.base_url is not None
    kept = await asyncio.to_thread(_history, profile, profile.base_url, history, None) if history else None
    return Workspace(profile, profile.base_url, key, clock=clock, history=kept)


def _import_ahead(kind: str, history: bool) -> None:
    """While the embedded server comes up, import what is needed as soon as it is there."""
    import_kind(kind)
    if history:
        import_module("tui_app.history.store")


def _history(profile: Profile, base_url: str, megabytes: int, embedded: EmbeddedServer | None) -> OpenHistory:
    """How what is kept of a server is opened: from the person's file, or from what is kept of the embedded one."""
    from tui_app.config.paths import find_paths, private_folder
    from tui_app.history import History, Place
    from tui_app.history.store import MEGABYTE
    from tui_app.logs.redaction import masker

    place = Place(profile.name, base_url, profile.kind)
    if embedded is not None:
        store = embedded.seen
        return lambda tell: History(store, place, masks=masker)
    path = find_paths().history
    with contextlib.suppress(OSError):  # opening the file says what there is to say
        private_folder(path.parent)
    return lambda tell: History.open(path, place, limit=megabytes * MEGABYTE, masks=masker, tell=tell)


def _is_of_no_use(started: _Starting) -> bool:
    return started.exception() is not None or started.result()[0].has_ended


def _on_a_thread(speed: float) -> Steered:
    # Imported here and on this thread: it costs more than everything before the first paint.
    from tui_app.sandbox.server import Sandbox

    return Sandbox(speed=speed)
