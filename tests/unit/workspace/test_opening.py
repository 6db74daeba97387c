"""The embedded server: started when first needed, shared by all who ask, and tried again where it did not start."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass, field

import pytest

from tests.clocks import FakeClock, settle, until
from tui_app.api.errors import ApiError
from tui_app.config.profiles import built_in_profiles
from tui_app.models.problem import ProblemKind
from tui_app.models.profile import Profile
from tui_app.opening import EmbeddedServer, open_workspace
from tui_app.sandbox.errors import SandboxError
from tui_app.sandbox.process import SandboxProcess
from tui_app.sandbox.server import Announcement, Sandbox

EMBEDDED = [profile for profile in built_in_profiles() if profile.embedded]


@dataclass
class Starts:
    """How often the embedded server was started and stopped.

    Attributes:
        failing: How many starts fail, from the first on.
        held: A start waits for this.
        tried: How many starts there were.
        started: Those servers that did start.
        stopped: Those that were stopped.
    """

    failing: int = 0
    held: threading.Event = field(default_factory=threading.Event)
    tried: int = 0
    started: list[Sandbox] = field(default_factory=list)
    stopped: list[Sandbox] = field(default_factory=list)


@pytest.fixture
def starts(monkeypatch: pytest.MonkeyPatch) -> Starts:
    made = Starts()
    made.held.set()
    start, stop = Sandbox.start, Sandbox.stop

    def counted(sandbox: Sandbox) -> Announcement:
        made.tried += 1
        made.held.wait(10)
        if made.tried <= made.failing:
            raise SandboxError("there is no port left")
        made.started.append(sandbox)
        return start(sandbox)

    def noted(sandbox: Sandbox) -> None:
        made.stopped.append(sandbox)
        stop(sandbox)

    monkeypatch.setattr(Sandbox, "start", counted)
    monkeypatch.setattr(Sandbox, "stop", noted)
    return made


async def test_a_start_that_failed_is_told_in_words(starts: Starts) -> None:
    starts.failing = 1
    with pytest.raises(ApiError) as failed:
        await EmbeddedServer().start()
    problem = failed.value.problem
    assert (problem.kind, problem.meaning) == (ProblemKind.UNREACHABLE, "there is no port left")


async def test_a_start_that_failed_is_tried_again_by_the_next_call_and_one_that_succeeded_is_kept(
    starts: Starts,
) -> None:
    starts.failing = 2
    embedded = EmbeddedServer()
    for _ in range(2):
        with pytest.raises(ApiError):
            await embedded.start()
    first = await embedded.start()
    assert await embedded.start() == first
    assert starts.tried == 3
    await embedded.stop()
    assert starts.started == starts.stopped == [first[0]]


@pytest.mark.parametrize("failing", [0, 1])
async def test_all_who_ask_while_it_starts_share_the_start_and_how_it_ends(starts: Starts, failing: int) -> None:
    starts.failing = failing
    starts.held.clear()
    embedded = EmbeddedServer()
    asking = [asyncio.ensure_future(embedded.start()) for _ in range(3)]
    await until(lambda: starts.tried == 1)
    starts.held.set()
    ends = await asyncio.gather(*asking, return_exceptions=True)
    assert len({id(end) for end in ends}) == 1
    assert isinstance(ends[0], ApiError) is bool(failing)
    assert starts.tried == 1
    await embedded.stop()


async def test_who_leaves_while_it_starts_does_not_keep_the_others_waiting(starts: Starts) -> None:
    starts.held.clear()
    embedded = EmbeddedServer()
    leaving, staying = (asyncio.ensure_future(embedded.start()) for _ in range(2))
    await until(lambda: starts.tried == 1)
    leaving.cancel()
    await settle()
    starts.held.set()
    sandbox, _ = await staying
    assert starts.started == [sandbox]
    assert leaving.cancelled()
    await embedded.stop()


async def test_a_start_that_fails_after_all_have_left_is_tried_again(starts: Starts) -> None:
    starts.failing = 1
    starts.held.clear()
    embedded = EmbeddedServer()
    leaving = asyncio.ensure_future(embedded.start())
    await until(lambda: starts.tried == 1)
    leaving.cancel()
    await settle()
    starts.held.set()
    with pytest.raises(ApiError):
        await embedded.start()
    await embedded.start()
    assert starts.tried == 2
    await embedded.stop()


async def test_what_never_started_or_failed_has_nothing_to_stop(starts: Starts) -> None:
    starts.failing = 1
    embedded = EmbeddedServer()
    await embedded.stop()
    with pytest.raises(ApiError):
        await embedded.start()
    await embedded.stop()
    assert (starts.tried, starts.stopped) == (1, [])


async def test_after_it_was_stopped_the_next_call_starts_another_and_stopping_twice_is_stopping_once(
    starts: Starts,
) -> None:
    embedded = EmbeddedServer()
    first, _ = await embedded.start()
    await embedded.stop()
    await embedded.stop()
    second, _ = await embedded.start()
    assert first is not second
    await embedded.stop()
    assert starts.stopped == [first, second]


async def test_where_one_in_a_process_of_its_own_ended_by_itself_the_next_call_starts_another() -> None:
    begun: list[SandboxProcess] = []

    def begin(speed: float) -> SandboxProcess:
        begun.append(SandboxProcess(speed))
        return begun[-1]

    embedded = EmbeddedServer(600, begin)
    first, said = await embedded.start()
    assert await embedded.start() == (first, said)
    assert first.clock.speed == 600
    begun[0].stop()
    second, said_then = await embedded.start()
    assert (second, len(begun)) == (begun[1], 2)
    assert said_then.terminal_url != said.terminal_url
    await embedded.stop()
    assert second.has_ended


@pytest.mark.parametrize("profile", EMBEDDED, ids=lambda profile: profile.name)
async def test_a_profile_whose_server_did_not_start_opens_at_the_next_try(starts: Starts, profile: Profile) -> None:
    starts.failing = 1
    embedded = EmbeddedServer()

    with pytest.raises(ApiError):
        await open_workspace(profile, None, FakeClock(), embedded)
    workspace = await open_workspace(profile, None, FakeClock(), embedded)
    try:
        await workspace.read_fleet()
        assert workspace.rows
    finally:
        await workspace.close()
        await embedded.stop()
    assert starts.tried == 2
