"""Where pictures are taken: the app on its embedded server, in a world in which nothing happens by chance.

The fleet comes from a fixed seed, all clocks start at a fixed moment and stand still unless a story lets time pass, and
what a person's environment says of themes, zones and keys is put aside. It is the stage of the screens' tests, with the
demo's speed.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from pydantic import SecretStr
from textual.widgets import Input

from tests.clocks import START, FakeClock
from tests.screens.stage import Stage, store
from tui_app.models.clock import Clock
from tui_app.models.profile import Profile
from tui_app.sandbox.server import Sandbox
from tui_app.sandbox.steering import DEMO_SPEED
from tui_app.workspace import Workspace

_THEIRS = ("SYNCSCOPE_", "TERMINAL_", "TEXTUAL", "NO_COLOR")


class Set(Stage):
    """A stage whose server is the embedded one, so that the app says that it is simulated, and how fast.

    Attributes:
        sandbox: The server.
    """

    def __init__(self, clock: FakeClock, sandbox: Sandbox, folder: Path, profile: str, theme: str) -> None:
        super().__init__(clock, store(folder / "profiles.toml"), profile)
        self.sandbox = sandbox
        self.app.theme = f"syncscope-{theme}"

    async def _open(self, profile: Profile, key: SecretStr | None, clock: Clock) -> Workspace:
        url, its_key = self.sandbox.announcement.servers[profile.kind]
        workspace = Workspace(profile, url, SecretStr(its_key), clock=clock, sandbox=self.sandbox)
        self.traffic.count(workspace.api.transport)
        self.opened.append(workspace)
        return workspace

    async def hold(self) -> None:
        """Come to rest as a picture: no cursor blinks, and every age is told as of now."""
        for field in self.app.screen.query(Input):
            field.cursor_blink = False
        self.app._tell_time_anew()
        await self.rest()

    def hush(self) -> None:
        """Take away what was announced: how long it stays is not told by our clock."""
        self.app.clear_notifications()


@asynccontextmanager
async def opened(profile: str, theme: str, size: tuple[int, int], *, connections: int = 48) -> AsyncIterator[Set]:
    """The running app on a server of its own, with its list read and every connection looked at.

    Args:
        profile: Which of the embedded server's profiles is open.
        theme: The theme's name, without what ours begin with.
        size: Columns and rows.
        connections: How many connections the fleet has.
    """
    clock = FakeClock(START)
    with (
        _plain_environment(),
        tempfile.TemporaryDirectory() as folder,
        Sandbox(
            seed=1,
            connections=connections,
            speed=DEMO_SPEED,
            start=START,
            rate_limits=False,
            time_source=clock.monotonic,
        ) as sandbox,
    ):
        stage = Set(clock, sandbox, Path(folder), profile, theme)
        async with stage.app.run_test(size=size, notifications=True) as pilot:
            await stage.begin(pilot)
            await stage.until(lambda: stage.workspace.fleet.looked_at >= stage.workspace.fleet.to_look_at, within=60)
            await stage.pass_time(2)  # the busy first seconds are over
            stage.hush()
            await stage.hold()
            yield stage
            stage.never_broke()


@contextmanager
def _plain_environment() -> Iterator[None]:
    before = dict(os.environ)
    for name in before:
        if name.startswith(_THEIRS):
            del os.environ[name]
    os.environ.update(TZ="UTC", COLORTERM="truecolor")
    time.tzset()
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
        time.tzset()
