"""How an explorer opens a profile: by its name, with its key, on the thread that it is to live on."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, Field

from tui_app.notebook.errors import ExplorerError, in_plain_words
from tui_app.notebook.loop import LoopThread
from tui_app.opening import EmbeddedServer, open_workspace
from tui_app.workspace.simulation import SPEEDS

if TYPE_CHECKING:
    from pydantic import SecretStr

    from tui_app.config.keys import KeyRefused
    from tui_app.models.profile import Profile
    from tui_app.workspace import Workspace


@dataclass(slots=True)
class Opened:
    """An open profile, and what has to be ended with it.

    Attributes:
        loop_thread: What it lives on.
        workspace: The open profile.
        embedded: The embedded server, started or not.
    """

    loop_thread: LoopThread
    workspace: Workspace
    embedded: EmbeddedServer = field(repr=False)

    async def close(self) -> None:
        """End what runs, and the embedded server."""
        await self.workspace.close()
        await self.embedded.stop()


def profile_named(name: str) -> Profile:
    """The profile of that name; the default one where it is empty.

    Raises:
        ExplorerError: There is none, or none by default.
    """
    from tui_app.config.paths import find_paths
    from tui_app.config.profiles import ProfileStore

    found = ProfileStore(find_paths().profiles).load()
    name = name or found.default
    if name not in found.profiles:
        reason = f"There is no profile “{name}”. There are: {', '.join(found.profiles)}." if name else ""
        raise ExplorerError(reason, *found.problems)
    return found.profiles[name]


def demo_profile() -> Profile:
    """The first profile of the embedded server."""
    from tui_app.config.profiles import built_in_profiles

    return next(profile for profile in built_in_profiles() if profile.embedded)


class _Demo(BaseModel):
    speed: Annotated[float, Field(ge=SPEEDS[0], le=SPEEDS[-1])] | None = None  # as `--speed` of `syncscope demo`


def speed_of(given: object) -> float | None:
    """How fast the embedded server's time is to go, as the command line takes it; ``None``: as fast as it usually does.

    Raises:
        ExplorerError: It is no such speed.
    """
    with in_plain_words():
        return _Demo.model_validate({"speed": given}).speed


def open_profile(profile: Profile, key: SecretStr | None = None, *, speed: float | None = None) -> Opened:
    """Open a profile on a thread of its own.

    Args:
        profile: Which.
        key: Its key; ``None``: from where the profile says.
        speed: How many times faster than ours the embedded server's time goes.

    Raises:
        ExplorerError: It could not be opened; nothing is left behind.
    """
    loop_thread = LoopThread()
    try:
        with in_plain_words():
            return loop_thread.run(_open(loop_thread, profile, key, speed))
    except BaseException:
        loop_thread.stop()
        raise


async def _open(loop_thread: LoopThread, profile: Profile, key: SecretStr | None, speed: float | None) -> Opened:
    if not profile.embedded:
        key = await _key_of(profile, key)
    embedded = EmbeddedServer(speed)
    try:
        workspace = await open_workspace(profile, key, None, embedded)
    except BaseException:
        await embedded.stop()
        raise
    workspace.start()
    return Opened(loop_thread, workspace, embedded)


async def _key_of(profile: Profile, given: SecretStr | None) -> SecretStr:
    from tui_app.config.keys import KeyFound, KeyMissing, check_key, find_key

    if given is not None:
        found: KeyFound | KeyMissing | KeyRefused = check_key(profile, given.get_secret_value(), "given")
    else:
        found = await find_key(profile, os.environ)
    if isinstance(found, KeyFound):
        return found.secret
    how = (
        f"Or give it here: Explorer({profile.name!r}, key=getpass.getpass())." if isinstance(found, KeyMissing) else ""
    )
    raise ExplorerError(found.reason, found.next_step, how)
