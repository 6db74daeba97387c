"""Scenarios on the command line: each run in a process of its own, without a terminal."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.unit.cli.run import syncscope
from tui_app.sandbox.scenarios import SCENARIOS


@contextmanager
def served(*arguments: str) -> Iterator[tuple[dict[str, Any], subprocess.Popen[str]]]:
    """Serve a sandbox, and give what it announced."""
    command = [sys.executable, "-m", "tui_app", "sandbox", "--connections", "3", "--speed", "0", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline()), process
        finally:
            if process.poll() is None:
                process.kill()


def ask(method: str, url: str, said: dict[str, Any], token: str = "", **more: Any) -> Any:
    headers = {"Authorization": f"Bearer {said['api_key']}"} | ({"Connection-Token": token} if token else {})
    answer = httpx.request(method, url, headers=headers, trust_env=False, **more)
    assert answer.is_success, answer.text
    return answer.json()


def test_list_prints_every_scenario_with_its_lines_and_serves_nothing() -> None:
    done = syncscope("sandbox", "--scenario", "list")
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert [line for line in lines if not line.startswith(" ")] == [each.name for each in SCENARIOS]
    for each in SCENARIOS:
        at = lines.index(each.name)
        assert lines[at + 1 : at + 3] == [f"  {each.what}", f"  Support sees: {each.support_sees}"]


def test_the_help_says_how_to_list_them() -> None:
    done = syncscope("sandbox", "--help", COLUMNS="120")
    assert done.returncode == 0
    assert "--scenario list" in " ".join(done.stdout.split())


@pytest.mark.parametrize("names", [("nope",), ("stall", "nope")])
def test_an_unknown_name_is_refused_with_all_there_are_and_nothing_is_served(
    names: tuple[str, ...], tmp_path: Path
) -> None:
    state = tmp_path / "state.json"
    options = [option for name in names for option in ("--scenario", name)]
    done = syncscope("sandbox", *options, "--state", str(state))
    assert (done.returncode, done.stdout) == (2, "")
    assert "'nope'" in done.stderr
    assert all(each.name in done.stderr for each in SCENARIOS)
    assert not state.exists()


def test_scenarios_are_played_announced_and_explained() -> None:
    with served("--scenario", "stall", "--scenario", "missing-permissions", "--scenario", "stall") as (said, process):
        played = said["scenarios"]
        assert [each["name"] for each in played] == ["stall", "missing-permissions", "stall"]
        assert len({each["connection_id"] for each in played}) == 3
        for each in played:
            assert set(each) == {"name", "connection_id", "connection_token", "sync_id"}
            url = next(value for value in said.values() if str(value).endswith("/tsp/v1"))
            current = ask("GET", f"{url}/connections/current", said, each["connection_token"])
            assert (current["id"], current["lastSync"]["id"]) == (each["connection_id"], each["sync_id"])
        told = ask("GET", said["control_url"], said)
        assert [each["scenario"] for each in told["played"]] == ["stall", "missing-permissions", "stall"]
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=20)
    assert (process.returncode, out) == (0, "")
    for each in SCENARIOS:
        assert err.count(each.what) == err.count(each.support_sees) == [one["name"] for one in played].count(each.name)


def test_a_scenario_goes_on_after_a_restart_and_is_played_anew_on_another_connection(tmp_path: Path) -> None:
    options = ("--state", str(tmp_path / "state.json"), "--scenario", "healthy-first-sync")
    announced = []
    for _ in range(2):
        with served(*options) as (said, process):
            announced.append(said["scenarios"][0])
            ask("PATCH", f"{said['control_url']}/clock", said, json={"advanceSeconds": 330})
            url = next(value for value in said.values() if str(value).endswith("/tsp/v1"))
            looks = [
                ask("GET", f"{url}/syncs/{each['sync_id']}", said, each["connection_token"])["status"]
                for each in announced
            ]
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=20)
    assert announced[0]["connection_id"] != announced[1]["connection_id"]
    assert looks == ["completed", "in_progress"]
