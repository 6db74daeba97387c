"""What the integrations API remembers over a restart, and over being killed."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.unit.sandbox.conftest import START
from tests.unit.sandbox.test_state import httpx_date, start_alone
from tui_app.sandbox.server import Sandbox, SandboxError


def call(said: dict[str, Any], method: str, path: str, **more: Any) -> httpx.Response:
    headers = {"Authorization": f"Bearer {said['stuut_key']}"}
    answer = httpx.request(method, said["stuut_url"] + path, headers=headers, trust_env=False, **more)
    assert answer.is_success, answer.text
    return answer


def said_by(sandbox: Sandbox) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(sandbox.announcement.to_json())
    return said


def test_everything_is_there_again_after_a_restart(tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    with Sandbox(seed=5, speed=0, start=START, state_file=state) as first:
        before = said_by(first)
        fleet = call(before, "GET", "/connections").json()
        made = call(before, "POST", "/connections", json={"provider_name": "xero", "name": "Books"}).json()
        call(before, "PATCH", f"/connections/{fleet[2]['id']}", json={"company": "Renamed"})
        call(before, "PATCH", f"/connections/{made['id']}", json={"environment": "test"})
        odd = first.add_integration(company="<b>\x1b[31m\ud83d", models=["é", "b"], outcomes={"b": "failed"})
        first.switch_model(fleet[0]["id"], "customers", enabled=False)
        first.set_health(fleet[3]["id"], healthy=False, message="odd", status_code=None)
        first.clock.advance(60)
        for each in (fleet[0], fleet[1], made, odd):
            call(before, "POST", f"/connections/{each['id']}/sync")
        first.clock.advance(240)
        looks = call(before, "GET", "/connections").json()
    with Sandbox(state_file=state, speed=0) as second:
        again = said_by(second)
        assert again["stuut_key"] == before["stuut_key"]
        assert call(again, "GET", "/connections").json() == looks
        assert len(looks) == 20
        second.clock.advance(900)
        later = {each["id"]: each for each in call(again, "GET", "/connections").json()}
        assert [model["last_sync"]["status"] for model in later[odd["id"]]["models"]] == ["complete", "failed"]
        assert second.add_integration()["id"] not in later
        second.clock.advance(10 * 86_400)
        moved = call(again, "GET", "/connections").json()
    saved = json.loads(state.read_text())
    saved["integrations"]["key"] = again["stuut_key"] = "stuut_test_of_another_version"
    state.write_text(json.dumps(saved))
    with Sandbox(state_file=state, speed=0) as third:
        assert said_by(third)["stuut_key"] == again["stuut_key"]
        assert call(said_by(third), "GET", "/connections").json() == moved


def test_a_change_is_written_down_before_it_is_answered(tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    with Sandbox(speed=0, state_file=state) as sandbox:
        said = said_by(sandbox)
        made = call(said, "POST", "/connections", json={"provider_name": "netsuite", "name": "Books"}).json()
        assert made["id"] in state.read_text()
        call(said, "PATCH", f"/connections/{made['id']}", json={"company": "Renamed"})
        assert "Renamed" in state.read_text()
        sandbox.clock.advance(60)
        job = call(said, "POST", f"/connections/{made['id']}/sync").json()[0]
        assert job["id"] in state.read_text()
        by_hand = sandbox.add_integration(company="Noted")
        assert "Noted" in state.read_text()
        sandbox.set_health(by_hand["id"], message="Feverish")
        assert "Feverish" in state.read_text()
        sandbox.switch_model(by_hand["id"], "payments", enabled=False)
        saved = json.loads(state.read_text())["integrations"]
        assert [name for _, name, _ in saved["changes"][by_hand["id"]]["switches"]] == ["payments"]


def test_a_file_from_before_there_were_integrations_still_loads(tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    with Sandbox(seed=5, connections=4, speed=0, start=START, state_file=state) as first:
        fresh = call(said_by(first), "GET", "/connections").json()
        made = first.add_connection()
    saved = json.loads(state.read_text())
    del saved["integrations"]
    state.write_text(json.dumps(saved))
    with Sandbox(state_file=state, speed=0) as second:
        said = second.announcement
        assert call(said_by(second), "GET", "/connections").json() == fresh
        headers = {"Authorization": f"Bearer {said.api_key}", "Connection-Token": made["token"]}
        assert httpx.get(f"{said.terminal_url}/connections/current", headers=headers, trust_env=False).is_success
        assert "integrations" in json.loads(state.read_text())


@pytest.mark.parametrize(
    "part",
    [
        {},
        [],
        "x",
        {"key": "k", "made": [{"id": 1}], "changes": {}},
        {"key": "k", "made": [], "changes": {"nobody": {}}},
        {"key": "k", "made": None, "changes": {}},
    ],
)
def test_a_file_with_a_damaged_part_is_named_and_left_as_it_is(tmp_path: Path, part: Any) -> None:
    state = tmp_path / "state.json"
    with Sandbox(connections=2, speed=0, state_file=state):
        pass
    saved = {**json.loads(state.read_text()), "integrations": part}
    state.write_text(json.dumps(saved))
    with pytest.raises(SandboxError, match=r"state\.json.*damaged"):
        Sandbox(state_file=state)
    assert json.loads(state.read_text()) == saved


def test_a_killed_server_goes_on_where_it_was_and_never_back_in_time(tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    process, said = start_alone(0, 60, state)
    port = int(said["stuut_url"].split(":")[2].split("/")[0])
    connection = call(said, "GET", "/connections").json()[0]
    jobs = {job["id"]: job for job in call(said, "POST", f"/connections/{connection['id']}/sync").json()}
    seen = call(said, "GET", "/connections")
    process.send_signal(signal.SIGKILL)
    process.communicate()
    process, again = start_alone(port, 60, state)
    try:
        assert again == said
        answer = call(again, "GET", "/connections")
        assert httpx_date(answer) >= httpx_date(seen)
        syncs = [model["last_sync"] for model in answer.json()[0]["models"] if model["is_read_enabled"]]
        assert {sync["id"]: sync["created_at"] for sync in syncs} == {
            job["id"]: job["created_at"] for job in jobs.values()
        }
        assert {sync["batch_id"] for sync in syncs} == {job["batch_id"] for job in jobs.values()}
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate()
