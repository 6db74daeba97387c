"""Scenarios go on after a restart."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.unit.sandbox.conftest import START
from tests.unit.sandbox.courses import Look, course, look
from tui_app.sandbox.scenarios.plots import SETTINGS
from tui_app.sandbox.server import Played, Sandbox


@contextmanager
def served(state: Path | None) -> Iterator[tuple[Sandbox, httpx.Client]]:
    with Sandbox(connections=8, speed=0, start=START, state_file=state, rate_limits=False) as sandbox:
        said = sandbox.announcement
        headers = {"Authorization": f"Bearer {said.api_key}"}
        with httpx.Client(base_url=said.terminal_url, headers=headers, trust_env=False) as api:
            yield sandbox, api


@pytest.mark.parametrize("name", list(SETTINGS))
def test_a_scenario_is_the_same_with_a_restart_midway_as_without(name: str, tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    with served(None) as (sandbox, api):
        played = begin(sandbox, name)
        whole = [looks(sandbox, api, played, seconds) for seconds in (290, 6 * 3600)]
    with served(state) as (sandbox, api):
        assert begin(sandbox, name) == played
        first = looks(sandbox, api, played, 290)
    with served(state) as (sandbox, api):
        second = looks(sandbox, api, played, 6 * 3600)
    assert [first, second] == whole
    assert first != second


def begin(sandbox: Sandbox, name: str) -> list[Played]:
    """Play a scenario on a new connection, and on one of the fleet that is syncing and has an issue of its own."""
    return [sandbox.play(name), sandbox.play(name, sandbox._store.fleet[4].id)]


def looks(sandbox: Sandbox, api: httpx.Client, played: list[Played], seconds: float) -> list[Look]:
    sandbox.clock.advance(seconds)
    return [look(sandbox, api, each) for each in played]


def test_what_is_still_to_come_of_a_flapping_connection_comes_after_a_restart(tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    with served(state) as (sandbox, api):
        played = sandbox.play("flapping")
        sandbox.clock.advance(60)
    with served(state) as (sandbox, api):
        seen = course(sandbox, api, played, minutes=60)
        assert [each["status"] for each in seen[-1].syncs] == ["completed", "failed"] * 3
        assert {each.status for each in seen} == {"connected", "disconnected"}


def test_a_disconnect_of_a_scenario_stays_the_providers_after_a_restart(tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    with served(state) as (sandbox, api):
        played = sandbox.play("disconnect-mid-sync")
        sandbox.clock.advance(900)
    with served(state) as (sandbox, api):
        token = {"Connection-Token": sandbox.token_of(played.connection_id)}
        asked = api.patch("/connections/current", headers=token, json={"status": "connected"})
        assert asked.json()["code"] == "connection_disconnected"


def test_a_file_from_before_there_were_scenarios_is_read(tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    with served(state) as (sandbox, api):
        made = sandbox.add_connection()
        token = {"Connection-Token": str(made["token"])}
        sync = api.post("/syncs", headers=token).json()
    saved = json.loads(state.read_text())
    del saved["played"]
    for change in saved["changes"].values():
        for name in ("turns", "unasked"):
            del change[name]
        for plan in change["requested"]:
            del plan["meets"]
    state.write_text(json.dumps(saved))
    with served(state) as (sandbox, api):
        assert api.get(f"/syncs/{sync['id']}", headers=token).json() == sync
        sandbox.clock.advance(900)
        assert len(api.get(f"/syncs/{sync['id']}", headers=token).json()["issues"]) == 1
