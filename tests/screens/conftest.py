"""Fixtures for the screens: a simulated server whose time stands still, and the app in front of it."""

from __future__ import annotations

import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest
from pydantic import SecretStr

from tests.clocks import START, FakeClock, goes_by
from tests.screens.scripted import KEY, Terminal
from tests.screens.stage import SMALL, Stage, store
from tui_app.models.profile import Profile
from tui_app.models.times import telling
from tui_app.sandbox.server import Sandbox

Opening = Callable[..., AbstractAsyncContextManager[Stage]]
Scripted = Callable[..., AbstractAsyncContextManager[Stage]]

# A server needs a fifth of a second to end. Nobody waits for that but the end of the session.
_ending: list[threading.Thread] = []


def end(sandbox: Sandbox) -> None:
    """End a server without waiting for it."""
    thread = threading.Thread(target=sandbox.stop)
    thread.start()
    _ending.append(thread)


@pytest.fixture(scope="session", autouse=True)
def servers_end() -> Iterator[None]:
    """Wait at the end for the servers that were told to end."""
    yield
    for thread in _ending:
        thread.join()


@pytest.fixture(autouse=True)
def no_idling(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pilot waits after each event until the processor idles. `Stage.rest` knows better what to wait for."""

    async def at_once(*_: float) -> None:
        return None

    monkeypatch.setattr("textual.pilot.wait_for_idle", at_once)


@pytest.fixture(autouse=True)
def a_folder_of_its_own(folders: Iterator[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """What a person writes without saying where, is written to the current folder."""
    monkeypatch.chdir(next(folders))


@pytest.fixture(autouse=True)
def times_as_ages() -> Iterator[None]:
    """How times are told is one choice for the whole program: no test inherits another's."""
    telling.zone, telling.exact = None, False
    yield
    telling.zone, telling.exact = None, False


@pytest.fixture(autouse=True)
def one_zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every machine is in UTC."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def simulated(connections: int = 16, seed: int = 1) -> Sandbox:
    """A simulated server that makes the same fleet each time, on a clock that stands still."""
    return Sandbox(seed=seed, connections=connections, speed=0, start=START, rate_limits=False)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """A running server with a small fleet that shows every state."""
    server = simulated()
    server.start()
    yield server
    end(server)


def stage_on(
    sandbox: Sandbox, folder: Path, profile: str = "demo", *, speed: float = 1, in_hand: bool = False
) -> Stage:
    """The app, not yet running, whose embedded profiles are this server.

    Args:
        sandbox: The server.
        folder: Where the profiles file may be.
        profile: Which to open.
        speed: How many seconds pass at the server for each of the app's.
        in_hand: Whether the app has the server itself, as the demo has: its clock then goes by the app's, at any speed
            that it is given, and scenarios can be played.
    """

    def its_own(profile: Profile, key: SecretStr | None) -> tuple[str, SecretStr]:
        if profile.embedded:
            url, its_key = sandbox.announcement.servers[profile.kind]
            return url, SecretStr(its_key)
        assert profile.base_url is not None
        assert key is not None
        return profile.base_url, key

    if in_hand:
        clock = FakeClock()
        goes_by(clock, sandbox, speed)
        return Stage(clock, store(folder / "profiles.toml"), profile, open_as=its_own, sandbox=sandbox)
    clock = FakeClock(on_advance=lambda seconds: sandbox.clock.advance(seconds * speed))
    return Stage(clock, store(folder / "profiles.toml"), profile, open_as=its_own)


@asynccontextmanager
async def running(
    stage: Stage, size: tuple[int, int] = SMALL, *, resting: bool = True, unbroken: bool = True
) -> AsyncIterator[Stage]:
    """Run the app, with toasts and tooltips as a person gets them.

    Args:
        stage: The app.
        size: The terminal's columns and rows.
        resting: Whether to wait first until what can be read at once is read.
        unbroken: Whether nothing in the app may have said that it broke.
    """
    async with stage.app.run_test(size=size, notifications=True, tooltips=True) as pilot:
        await stage.begin(pilot, resting=resting)
        yield stage
        if unbroken:
            stage.never_broke()


@pytest.fixture
def opened(sandbox: Sandbox, tmp_path: Path) -> Opening:
    """Opens the app on the simulated server, at a size, with its list read and every connection looked at."""

    def open_it(size: tuple[int, int] = SMALL) -> AbstractAsyncContextManager[Stage]:
        return running(stage_on(sandbox, tmp_path), size)

    return open_it


@pytest.fixture
def scripted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scripted:
    """Opens the app on a scripted server, at a size, as the profile `own`."""

    @asynccontextmanager
    async def open_it(
        terminal: Terminal,
        size: tuple[int, int] = SMALL,
        *,
        key: str = KEY,
        settings: str = "",
        resting: bool = True,
    ) -> AsyncIterator[Stage]:
        monkeypatch.setenv("OWN_KEY", key)
        with terminal:
            path = tmp_path / "profiles.toml"
            path.write_text(f'[profiles.own]\nbase_url = "{terminal.url}"\nkey_env = "OWN_KEY"\n{settings}')
            async with running(Stage(FakeClock(), store(path), "own"), size, resting=resting) as stage:
                yield stage

    return open_it
