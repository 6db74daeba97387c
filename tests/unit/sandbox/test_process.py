"""A sandbox in a process of its own: it serves the same, is steered from here, and outlives nobody."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from tests.clocks import until
from tests.unit.sandbox.steps import done
from tui_app.sandbox.announcement import Announcement
from tui_app.sandbox.errors import SandboxError
from tui_app.sandbox.faults import FaultSet, named
from tui_app.sandbox.process import SandboxProcess
from tui_app.sandbox.scenarios import SCENARIOS
from tui_app.sandbox.server import Sandbox

BEGINNER = """
import sys
from tui_app.sandbox.process import SandboxProcess
print(SandboxProcess(0).start().control_url, flush=True)
sys.stdin.read()
"""
"""A program that begins one and then waits."""


def wait_until(predicate: Callable[[], bool]) -> None:
    asyncio.run(until(predicate))


Served = tuple[SandboxProcess, Announcement]


@pytest.fixture(scope="module")
def shared() -> Iterator[Served]:
    sandbox = SandboxProcess(0)
    yield sandbox, sandbox.start()
    sandbox.stop()


@pytest.fixture
def served(shared: Served) -> Iterator[Served]:
    """One that stands still, without faults; each test gives it back so."""
    yield shared
    shared[0].on_write = None
    shared[0].clock.set_speed(0)
    shared[0].clock.resume()
    shared[0].faults.end_all()


@pytest.fixture
def control(served: Served) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {served[1].api_key}"}
    with httpx.Client(base_url=served[1].control_url, headers=headers, trust_env=False) as client:
        yield client


def test_it_describes_itself_as_one_on_a_thread_does(served: Served) -> None:
    with Sandbox(speed=0) as sandbox:
        urls = [said.terminal_url.replace("/tsp/v1", "/openapi.json") for said in (served[1], sandbox.announcement)]
        there, here = (done(httpx.get(url, trust_env=False, timeout=30)) for url in urls)
    assert there == here


def test_its_time_goes_as_it_is_told_and_is_the_same_here_and_there(served: Served, control: httpx.Client) -> None:
    clock = served[0].clock
    before = clock.now()
    clock.advance(3600)
    assert clock.now() == before + timedelta(hours=1)
    clock.set_speed(600)
    clock.pause()
    told = done(control.get("/clock"))
    assert (told["speed"], told["paused"]) == (clock.speed, clock.paused) == (600, True)
    assert told["now"] == clock.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
    clock.resume()
    assert done(control.get("/clock"))["paused"] is clock.paused is False


def test_whoever_else_changes_its_time_or_its_faults_it_is_seen_here(served: Served, control: httpx.Client) -> None:
    sandbox, _ = served
    done(control.patch("/clock", json={"speed": 5, "paused": True}))
    wait_until(lambda: (sandbox.clock.speed, sandbox.clock.paused) == (5, True))
    done(control.put("/faults/error-500", json={"rate": 20}))
    wait_until(lambda: [each.rate for each in sandbox.faults.on] == [20])


def test_its_faults_are_switched_on_set_anew_and_switched_off(served: Served, control: httpx.Client) -> None:
    faults, slow, broken = served[0].faults, FaultSet(named("latency")), FaultSet(named("error-500"), rate=30)
    faults.put(broken)
    faults.put(slow)
    faults.put(replace(broken, rate=10))
    assert faults.on == (slow, replace(broken, rate=10))
    assert faults.find("error-500") == replace(broken, rate=10)
    assert [each["name"] for each in done(control.get("/faults"))["on"]] == ["latency", "error-500"]
    faults.end("latency")
    assert faults.find("latency") is None
    faults.end_all()
    assert len(faults.on) == 0


def test_a_scenario_is_played_there(served: Served, control: httpx.Client) -> None:
    sandbox, _ = served
    assert sandbox.scenarios == SCENARIOS
    played = sandbox.play("healthy-first-sync")
    [told] = done(control.get(""))["played"]
    assert (told["connectionId"], told["syncId"]) == (played.connection_id, played.sync_id)
    with pytest.raises(SandboxError, match="There is no scenario"):
        sandbox.play("a-quiet-day")


def test_it_is_told_here_that_a_client_has_changed_something_there(served: Served) -> None:
    sandbox, said = served
    told = threading.Event()
    sandbox.on_write = told.set
    headers = {"Authorization": f"Bearer {said.api_key}", "Connection-Token": said.connection_tokens[0]}
    done(httpx.get(f"{said.terminal_url}/connections/current", headers=headers, trust_env=False))
    assert not told.is_set()
    done(httpx.post(f"{said.terminal_url}/syncs", headers=headers, trust_env=False), 201)
    assert told.wait(10)


def test_what_was_stopped_serves_nobody_and_stopping_twice_is_stopping_once() -> None:
    sandbox = SandboxProcess(0)
    url = sandbox.start().control_url
    sandbox.stop()
    sandbox.stop()
    assert sandbox.has_ended
    with pytest.raises(httpx.ConnectError):
        httpx.get(url, trust_env=False)


def test_what_ended_by_itself_is_known_to_have_ended_and_cannot_be_steered() -> None:
    sandbox = SandboxProcess(0)
    sandbox.start()
    os.kill(sandbox._process.pid, signal.SIGTERM)
    wait_until(lambda: sandbox.has_ended)
    sandbox.clock.pause()
    assert not sandbox.clock.paused
    for _ in range(2):
        with pytest.raises(SandboxError, match="has ended"):
            sandbox.play("healthy-first-sync")
    sandbox.stop()


def test_it_ends_with_whoever_began_it_however_that_ends() -> None:
    beginner = subprocess.Popen([sys.executable, "-c", BEGINNER], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert beginner.stdin is not None
    assert beginner.stdout is not None
    with beginner.stdin, beginner.stdout:
        url = beginner.stdout.readline().decode().strip()
        assert httpx.get(url, trust_env=False).status_code == 401
        beginner.kill()
        beginner.wait()

    def is_closed() -> bool:
        try:
            httpx.get(url, trust_env=False)
        except httpx.TransportError:
            return True
        return False

    wait_until(is_closed)


@pytest.mark.parametrize(
    ("executable", "words"), [("/nowhere/python", "does not start: No such file"), ("/bin/false", "has ended")]
)
def test_one_that_does_not_come_up_says_so(monkeypatch: pytest.MonkeyPatch, executable: str, words: str) -> None:
    monkeypatch.setattr(sys, "executable", executable)
    with pytest.raises(SandboxError, match=words):
        SandboxProcess(0).start()


def test_what_lies_in_the_current_folder_is_nobodys_module(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "random.py").write_text("raise SystemExit('this is not the library')")
    sandbox = SandboxProcess(0)
    assert sandbox.start().terminal_url
    sandbox.stop()
