"""The clock and the scenarios, controlled over a real socket."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.unit.sandbox.conftest import START
from tests.unit.sandbox.steps import done, make, refused
from tui_app.sandbox.faults import FAULTS
from tui_app.sandbox.faults.board import parsed
from tui_app.sandbox.server import Sandbox


@pytest.fixture
def control(sandbox: Sandbox) -> Iterator[httpx.Client]:
    said = sandbox.announcement
    headers = {"Authorization": f"Bearer {said.api_key}"}
    with httpx.Client(base_url=said.control_url, headers=headers, trust_env=False) as client:
        yield client


def test_it_tells_what_there_is(sandbox: Sandbox, control: httpx.Client) -> None:
    told = done(control.get(""))
    said = sandbox.announcement
    assert told["clock"] == {"now": "2026-11-22T12:00:00.000Z", "speed": 0, "paused": False}
    assert told["clock"] == done(control.get("/clock"))
    assert told == done(httpx.get(said.control_url, headers=control.headers, trust_env=False))
    assert told["servers"] == {name: url for name, (url, _) in said.servers.items()}
    assert (told["seed"], told["connections"], told["played"]) == (1, {"fleet": 48, "made": 0}, [])
    assert said.api_key not in json.dumps(told)
    assert told["scenarios"] == done(control.get("/scenarios"))["scenarios"]
    assert told["scenarios"] == [
        {
            "name": each.name,
            "title": each.title,
            "what": each.what,
            "supportSees": each.support_sees,
            "kind": each.kind,
        }
        for each in sandbox.scenarios
    ]


def test_the_clock_runs_as_it_is_told(sandbox: Sandbox, control: httpx.Client) -> None:
    clock = sandbox.clock
    assert done(control.patch("/clock", json={"paused": True}))["paused"] is clock.paused is True
    told = done(control.patch("/clock", json={"speed": 2.5, "advanceSeconds": 0.5}))
    assert told == {"now": "2026-11-22T12:00:00.500Z", "speed": 2.5, "paused": True}
    assert (clock.speed, clock.now()) == (2.5, START + timedelta(milliseconds=500))
    assert done(control.patch("/clock", json={})) == told
    for speed in (1, 600, 1.0, 599.99):
        assert done(control.patch("/clock", json={"speed": speed}))["speed"] == clock.speed == speed
    assert done(control.patch("/clock", json={"paused": False}))["paused"] is clock.paused is False


def test_time_that_is_moved_ahead_is_everybodys(sandbox: Sandbox, control: httpx.Client, api: httpx.Client) -> None:
    played = done(control.post("/scenarios/healthy-first-sync"), 201)
    token = {"Connection-Token": played["connectionToken"]}
    assert done(api.get(f"/syncs/{played['syncId']}", headers=token))["status"] == "requested"
    answer = control.patch("/clock", json={"advanceSeconds": 700})
    assert done(api.get(f"/syncs/{played['syncId']}", headers=token))["status"] == "completed"
    assert answer.headers["date"] == "Sun, 22 Nov 2026 12:11:40 GMT"


def test_every_scenario_is_played_on_a_new_connection_or_on_a_chosen_one(
    sandbox: Sandbox, control: httpx.Client, api: httpx.Client
) -> None:
    token = make(api)
    chosen = done(api.get("/connections/current", headers=token))["id"]
    for each in sandbox.scenarios:
        for body in (None, {}, {"connectionId": chosen}):
            sent: dict[str, Any] = {} if body is None else {"json": body}
            told = done(control.post(f"/scenarios/{each.name}", **sent), 201)
            assert set(told) == {"scenario", "connectionId", "syncId", "connectionToken"}
            assert told["scenario"] == each.name
            assert (told["connectionId"] == chosen) is bool(body)
            opened = {"Connection-Token": told["connectionToken"]}
            current = done(api.get("/connections/current", headers=opened))
            assert (current["id"], current["lastSync"]["id"]) == (told["connectionId"], told["syncId"])
    overview = done(control.get(""))
    assert overview["connections"]["made"] == 1 + 2 * len(sandbox.scenarios)
    assert len(overview["played"]) == 3 * len(sandbox.scenarios)
    assert overview["played"][0] == {
        "scenario": sandbox.scenarios[-1].name,
        "connectionId": chosen,
        "syncId": told["syncId"],
        "playedAt": "2026-11-22T12:00:00.000Z",
    }


def test_what_was_played_is_still_told_of_after_a_restart(tmp_path: Path) -> None:
    told = []
    for scenario in ("stall", "flapping"):
        with Sandbox(connections=2, speed=0, start=START, state_file=tmp_path / "state.json") as sandbox:
            said = sandbox.announcement
            headers = {"Authorization": f"Bearer {said.api_key}"}
            with httpx.Client(base_url=said.control_url, headers=headers, trust_env=False) as control:
                done(control.post(f"/scenarios/{scenario}"), 201)
                told.append(done(control.get(""))["played"])
    assert [each["scenario"] for each in told[1]] == ["flapping", "stall"]
    assert told[1][1:] == told[0]


def test_the_apis_do_not_tell_of_it_nor_it_of_them(sandbox: Sandbox) -> None:
    said = sandbox.announcement
    descriptions = [f"{said.control_url}/openapi.json", said.terminal_url.replace("/tsp/v1", "/openapi.json")]
    descriptions.append(f"{said.stuut_url}/openapi.json")
    ours, *others = [set(done(httpx.get(url, trust_env=False))["paths"]) for url in descriptions]
    assert ours == {
        *("/sandbox", "/sandbox/clock", "/sandbox/scenarios", "/sandbox/scenarios/{name}"),
        *("/sandbox/faults", "/sandbox/faults/{name}"),
    }
    assert not any(path.startswith("/sandbox") for paths in others for path in paths)


class TestFaults:
    def test_they_are_listed_set_told_and_ended(self, sandbox: Sandbox, control: httpx.Client) -> None:
        told = done(control.get("/faults"))
        assert [each["name"] for each in told["faults"]] == [fault.name for fault in FAULTS]
        assert told["on"] == done(control.get(""))["faults"] == []
        latency = {"name": "latency", "rate": 100, "operations": ["all"], "delayMs": 1500}
        assert done(control.put("/faults/latency")) == latency
        sent = {"rate": 30, "operations": ["reads", "requestSync"], "retryAfter": "date", "waitSeconds": 5}
        limited = {"name": "rate-limit", **sent}
        assert done(control.put("/faults/rate-limit", json=sent)) == limited
        listed = done(control.get("/faults"))
        assert listed["on"] == done(control.get(""))["faults"] == [latency, limited]
        assert [each["name"] for each in listed["faults"] if each["on"]] == ["latency", "rate-limit"]
        assert [each.fault.name for each in sandbox.faults.on] == ["latency", "rate-limit"]
        assert done(control.put("/faults/latency", json={"delayMs": 5})) == latency | {"delayMs": 5}
        assert done(control.delete("/faults/latency")) == done(control.delete("/faults/latency")) == {"on": [limited]}
        assert done(control.delete("/faults")) == done(control.delete("/faults")) == {"on": []}
        assert sandbox.faults.on == ()

    def test_what_cannot_be_set_is_refused_and_changes_nothing(self, sandbox: Sandbox, control: httpx.Client) -> None:
        bodies: list[dict[str, Any]] = [
            {"rate": 101},
            {"rate": "30"},
            {"operations": []},
            {"operations": ["nothing"]},
            {"retryAfter": "never"},
            {"delayMs": 5},
            {"speed": 5},
        ]
        for body in bodies:
            refused(control.put("/faults/rate-limit", json=body), 422, "unprocessable")
        refused(control.put("/faults/rate-limit", content=b"null"), 400, "bad_request")
        for method in ("PUT", "DELETE"):
            told = refused(control.request(method, "/faults/chaos"), 404, "unknown_fault")
            assert "rate-limit" in told["message"]
        assert sandbox.faults.on == ()

    def test_like_the_clocks_speed_they_are_not_kept_over_a_restart(self, tmp_path: Path) -> None:
        state = tmp_path / "state.json"
        with Sandbox(connections=1, state_file=state) as sandbox:
            sandbox.faults.put(parsed("latency"))
            sandbox.play("stall")
        assert Sandbox(state_file=state).faults.on == ()
