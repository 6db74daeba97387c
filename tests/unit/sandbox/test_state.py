"""What a server remembers over a restart, and over being killed."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.unit.sandbox.conftest import START
from tui_app.sandbox.server import Sandbox, SandboxError
from tui_app.sandbox.state import SavedState

LOGIN = {"provider": "geotab", "credentials": {"username": "dispatch", "password": "very secret"}}
ALONE = """
import sys
from pathlib import Path
from tui_app.sandbox.server import Sandbox
port, speed, state = int(sys.argv[1]), float(sys.argv[2]), Path(sys.argv[3])
sandbox = Sandbox(port=port, speed=speed, connections=8, state_file=state)
sandbox.serve_forever(lambda said: print(said.to_json(), flush=True))
"""


def call(sandbox: Sandbox, method: str, path: str, token: str | None = None, **more: Any) -> Any:
    said = sandbox.announcement
    headers = {"Authorization": f"Bearer {said.api_key}"} | ({"Connection-Token": token} if token else {})
    answer = httpx.request(method, said.terminal_url + path, headers=headers, trust_env=False, **more)
    assert answer.is_success, answer.text
    return answer.json() if answer.content else None


def resumed(state: Path, **other: Any) -> Sandbox:
    return Sandbox(state_file=state, speed=0, **other)


def test_everything_is_there_again_after_a_restart(tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    with Sandbox(seed=5, connections=9, speed=0, start=START, state_file=state) as first:
        before = first.announcement
        made = call(first, "POST", "/connections", json=LOGIN)
        sync = call(first, "POST", "/syncs", made["token"], json={"days": 3})
        fleets = call(first, "POST", "/syncs", before.connection_tokens[0])
        odd = first.add_connection(company="<b>\x1b[31m", status="bewildered", tags=["é"], external_id="x")
        first.revoke_token(before.connection_tokens[1])
        first.clock.advance(300)
        looks = [
            call(first, "GET", "/connections?limit=1000"),
            call(first, "GET", f"/syncs/{sync['id']}", made["token"]),
        ]
        issues = call(first, "GET", "/issues")
    with resumed(state) as second:
        assert (second.seed, second.connections) == (5, 9)
        assert second.announcement.api_key == before.api_key
        assert second.clock.now() == START + timedelta(seconds=300)
        again = [
            call(second, "GET", "/connections?limit=1000"),
            call(second, "GET", f"/syncs/{sync['id']}", made["token"]),
        ]
        assert again == looks
        assert odd in again[0]["results"]
        assert call(second, "GET", "/issues") == issues
        assert call(second, "GET", f"/syncs/{fleets['id']}", before.connection_tokens[0])["status"] == "in_progress"
        with pytest.raises(AssertionError, match="forbidden"):
            call(second, "GET", "/syncs", before.connection_tokens[1])
        second.clock.advance(900)
        assert call(second, "GET", f"/syncs/{sync['id']}", made["token"])["status"] == "completed"
        assert call(second, "POST", "/connections", json=LOGIN)["id"] == made["id"]
        assert second.add_connection()["token"] not in {each["token"] for each in looks[0]["results"]}


def test_a_file_from_before_syncs_could_be_retried_is_read(tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    with Sandbox(connections=2, speed=0, start=START, state_file=state) as first:
        made = call(first, "POST", "/connections", json=LOGIN)
        sync = call(first, "POST", "/syncs", made["token"])
        first.clock.advance(300)
        told = call(first, "GET", f"/syncs/{sync['id']}", made["token"])
    saved = json.loads(state.read_text())
    for change in saved["changes"].values():
        for name in set(change) - {"requested", "reported", "moved"}:
            del change[name]
        for plan in change["requested"]:
            for name in ("earlier", "tried", "retried_ms"):
                del plan[name]
    state.write_text(json.dumps(saved))
    with resumed(state) as second:
        assert call(second, "GET", f"/syncs/{sync['id']}", made["token"]) == told


def test_what_was_done_to_syncs_is_there_again_after_a_restart(tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    with Sandbox(connections=9, speed=0, start=START, state_file=state) as first:
        made = call(first, "POST", "/connections", json=LOGIN)["token"]
        fleets = first.announcement.connection_tokens[0]
        paths = {}
        for token in (made, fleets):
            paths[token] = f"/syncs/{call(first, 'POST', '/syncs', token)['id']}"
            first.clock.advance(150)
            call(first, "POST", f"{paths[token]}/cancel", token)
        call(first, "POST", f"{paths[made]}/retry", made)
        first.clock.advance(240)
        looks = [call(first, "GET", path, token) for token, path in paths.items()]
        assert [each["status"] for each in looks] == ["in_progress", "failed"]
        issues = call(first, "GET", "/issues")
    with resumed(state) as second:
        assert [call(second, "GET", path, token) for token, path in paths.items()] == looks
        assert call(second, "GET", "/issues") == issues
        second.clock.advance(900)
        assert call(second, "GET", paths[made], made)["status"] == "completed"


def test_what_was_done_to_connections_and_issues_is_there_again_after_a_restart(tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    with Sandbox(connections=9, speed=0, start=START, state_file=state) as first:
        made = call(first, "POST", "/connections", json=LOGIN)["token"]
        kept, going = first.announcement.connection_tokens[:2]
        call(first, "POST", "/syncs", made)
        first.clock.advance(900)
        call(first, "POST", f"/issues/{call(first, 'GET', '/issues')['results'][0]['id']}/resolve")
        for token in (made, kept):
            body = {"tags": [token], "company": {"name": "Changed"}, "filters": {"vehicles": {"status": "active"}}}
            call(first, "PATCH", "/connections/current", token, json={**body, "syncMode": "manual"})
        call(first, "PATCH", "/connections/current", made, json={"status": "archived"})
        call(first, "DELETE", "/connections/current", going)
        looks = [call(first, "GET", path) for path in ("/connections?limit=1000", "/issues?limit=1000")]
    with resumed(state) as second:
        assert [call(second, "GET", path) for path in ("/connections?limit=1000", "/issues?limit=1000")] == looks
        second.clock.advance(3 * 86_400)
        assert call(second, "GET", "/connections?status=deleted&order=desc")["results"]
        assert call(second, "GET", "/connections/current", made)["status"] == "archived"
        assert call(second, "PATCH", "/connections/current", made, json={"status": "connected"})["tags"] == [made]
        with pytest.raises(AssertionError, match="forbidden"):
            call(second, "GET", "/connections/current", going)


def test_links_and_public_tokens_are_good_after_a_restart(tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    with Sandbox(connections=1, speed=0, start=START, state_file=state) as first:
        deleted, kept = (call(first, "POST", "/link/short", json={"name": name}) for name in ("deleted", "kept"))
        call(first, "DELETE", f"/link/short/{deleted['id']}")
        used, held = (httpx.post(kept["url"], json=LOGIN, trust_env=False).json()["publicToken"] for _ in range(2))
        made = call(first, "POST", "/public-token/exchange", json={"publicToken": used})
    with resumed(state) as second:
        again = call(second, "POST", "/link/short", json={"name": "kept"})
        assert (again["id"], again["expiresAt"]) == (kept["id"], kept["expiresAt"])
        assert call(second, "POST", "/link/short", json={"name": "deleted"})["id"] not in (kept["id"], deleted["id"])
        assert call(second, "POST", "/public-token/exchange", json={"publicToken": held}) == made
        for token in (used, held):
            with pytest.raises(AssertionError, match="not_found"):
                call(second, "POST", "/public-token/exchange", json={"publicToken": token})


def test_a_file_from_before_there_were_links_is_read(tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    with Sandbox(connections=1, speed=0, state_file=state):
        pass
    saved = json.loads(state.read_text())
    del saved["links"]
    state.write_text(json.dumps(saved))
    with resumed(state) as second:
        assert call(second, "POST", "/link/short")["id"].startswith("slk_")


def test_the_file_wins_over_what_else_is_said_about_the_fleet(tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    with Sandbox(seed=5, connections=3, speed=0, start=START, state_file=state) as first:
        ids = [each["id"] for each in call(first, "GET", "/connections")["results"]]
    with resumed(state, seed=6, connections=40, start=START + timedelta(days=9)) as second:
        assert [each["id"] for each in call(second, "GET", "/connections")["results"]] == ids


def test_the_file_is_for_its_owner_only_and_holds_no_credentials(tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    with Sandbox(connections=2, speed=0, state_file=state) as sandbox:
        call(sandbox, "POST", "/connections", json=LOGIN)
        assert "dispatch" not in state.read_text()
        assert "very secret" not in state.read_text()
        assert state.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [state]


def test_a_change_is_written_down_before_it_is_answered(tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    with Sandbox(connections=2, speed=0, state_file=state) as sandbox:
        made = call(sandbox, "POST", "/connections", json=LOGIN)
        assert made["id"] in state.read_text()
        sync = call(sandbox, "POST", "/syncs", made["token"])
        assert sync["id"] in state.read_text()


def test_a_leap_of_the_clock_is_written_down_at_once(tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    with Sandbox(connections=0, speed=0, start=START, state_file=state) as sandbox:
        sandbox.clock.advance(3600)
        saved = json.loads(state.read_text())
    assert datetime.fromtimestamp(saved["nowMs"] / 1000, UTC) == START + timedelta(hours=1)


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "{}", '"x"', '{"version": 2}', "\x00", '{"version": 1, "seed": "x"}']
)
def test_a_damaged_file_is_named_and_left_as_it_is(tmp_path: Path, content: str) -> None:
    state = tmp_path / "state.json"
    state.write_text(content)
    with pytest.raises(SandboxError, match=r"state\.json"):
        Sandbox(state_file=state)
    assert state.read_text() == content


@pytest.mark.parametrize("part", ["made", "changes", "links"])
def test_a_file_with_a_damaged_part_is_named_and_left_as_it_is(tmp_path: Path, part: str) -> None:
    state = tmp_path / "state.json"
    with Sandbox(connections=2, speed=0, state_file=state):
        pass
    saved = json.loads(state.read_text())
    saved[part] = {"made": [{"id": 1}], "changes": {"conn_unknown": {}}, "links": {"links": [1]}}[part]
    state.write_text(json.dumps(saved))
    with pytest.raises(SandboxError, match="damaged"):
        Sandbox(state_file=state)
    assert json.loads(state.read_text()) == saved


def test_a_file_that_cannot_be_written_keeps_the_server_from_starting(tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match="cannot be written"):
        Sandbox(connections=0, state_file=tmp_path / "nowhere" / "state.json").start()


def test_what_a_killed_server_lived_through_since_its_last_write_is_made_up_for(tmp_path: Path) -> None:
    state, copy = tmp_path / "state.json", tmp_path / "copy.json"
    with Sandbox(connections=0, speed=600, state_file=state):
        copy.write_bytes(state.read_bytes())
    assert SavedState.read(copy).now_ms == json.loads(copy.read_text())["nowMs"] + 600_000
    assert SavedState.read(state).now_ms == json.loads(state.read_text())["nowMs"]


def start_alone(port: int, speed: float, state: Path) -> tuple[subprocess.Popen[str], dict[str, Any]]:
    command = [sys.executable, "-c", ALONE, str(port), str(speed), str(state)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, process.communicate()
    said: dict[str, Any] = json.loads(line)
    return process, said


def look(said: dict[str, Any], path: str, token: str, method: str = "GET") -> httpx.Response:
    headers = {"Authorization": f"Bearer {said['api_key']}", "Connection-Token": token}
    return httpx.request(method, said["terminal_url"] + path, headers=headers, trust_env=False)


def test_a_killed_server_goes_on_where_it_was_and_never_back_in_time(tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    process, said = start_alone(0, 60, state)
    port = int(said["terminal_url"].split(":")[2].split("/")[0])
    token = said["connection_tokens"][0]
    sync_id = look(said, "/syncs", token, "POST").json()["id"]
    seen = look(said, f"/syncs/{sync_id}", token)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    process, again = start_alone(port, 60, state)
    try:
        assert again == said
        answer = look(again, f"/syncs/{sync_id}", token)
        assert httpx_date(answer) >= httpx_date(seen)
        assert answer.json()["requestedAt"] == seen.json()["requestedAt"]
        assert answer.json().get("progress", 0) >= seen.json().get("progress", 0)
    finally:
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate()
    assert (process.returncode, out, err) == (0, "", "")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_server_that_is_told_to_end_does_so_quietly(tmp_path: Path, number: signal.Signals) -> None:
    process, said = start_alone(0, 1, tmp_path / "state.json")
    assert list(said)[:5] == ["terminal_url", "api_key", "connection_tokens", "stuut_url", "stuut_key"]
    process.send_signal(number)
    out, err = process.communicate(timeout=10)
    assert (process.returncode, out, err) == (0, "", "")
    assert json.loads((tmp_path / "state.json").read_text())["stopped"] is True


def httpx_date(answer: httpx.Response) -> datetime:
    return datetime.strptime(answer.headers["date"], "%a, %d %b %Y %H:%M:%S GMT").replace(tzinfo=UTC)
