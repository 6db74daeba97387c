"""Scenarios are begun: on a new connection, or on a chosen one, whatever goes on there."""

from __future__ import annotations

import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import httpx
import pytest

from tests.unit.sandbox.conftest import START
from tests.unit.sandbox.courses import look, opens
from tests.unit.sandbox.steps import Token, ask, done, in_state, make
from tui_app.sandbox.plans import CANCELLED
from tui_app.sandbox.scenarios import SCENARIOS
from tui_app.sandbox.scenarios.playing import ENDED
from tui_app.sandbox.scenarios.plots import SETTINGS
from tui_app.sandbox.server import Sandbox, SandboxError

NAMES = pytest.mark.parametrize("name", list(SETTINGS))


def current(api: httpx.Client, token: Token) -> dict[str, Any]:
    shown: dict[str, Any] = done(api.get("/connections/current", headers=token))
    return shown


def id_of(api: httpx.Client, token: Token) -> str:
    return str(current(api, token)["id"])


def some(api: httpx.Client, status: str) -> str:
    """Return the id of a connection of the fleet in a state."""
    return str(done(api.get(f"/connections?status={status}"))["results"][0]["id"])


def test_every_scenario_is_told_of_and_can_be_played(sandbox: Sandbox) -> None:
    assert sandbox.scenarios == SCENARIOS
    assert [each.name for each in SCENARIOS] == list(SETTINGS)
    assert {each.kind for each in SCENARIOS} <= set(sandbox.announcement.servers)
    for each in SCENARIOS:
        played = sandbox.play(each.name)
        assert (played.scenario, bool(played.sync_id)) == (each, True)


def test_an_unknown_scenario_is_refused_with_those_that_there_are(sandbox: Sandbox) -> None:
    with pytest.raises(SandboxError, match=r"'nope\\x1b'.*: healthy-first-sync, missing-permissions.*, stall$"):
        sandbox.play("nope\x1b")


@NAMES
def test_a_new_connection_is_a_plausible_one_that_nobody_had_before(
    sandbox: Sandbox, api: httpx.Client, name: str
) -> None:
    before = done(api.get("/connections?limit=1000"))["results"]
    one, other = (look(sandbox, api, played) for played in (sandbox.play(name), sandbox.play(name)))
    made = done(api.get("/connections?limit=1000"))["results"][len(before) :]
    names = {each["company"].get("name") for each in before}
    assert len({*names, *(each["company"]["name"] for each in made)}) == len(names) + 2
    for each in made:
        assert (each["status"], each["syncMode"], each["tags"]) == ("connected", "manual", ["scenario"])
        assert each["provider"]["name"] != each["provider"]["code"]
        assert each["account"]["user"]["email"].endswith(".example")
        assert each["externalId"] not in {row.get("externalId") for row in before}
    assert [each.sync["status"] for each in (one, other)] == ["requested", "requested"]
    assert one.sync["id"] != other.sync["id"]
    assert one.sync["startFrom"] < one.sync["requestedAt"]


def test_the_same_steps_on_the_same_seed_bring_the_same() -> None:
    told = []
    for seed in (1, 1, 2):
        with Sandbox(seed=seed, connections=2, speed=0, start=START) as sandbox:
            played = [sandbox.play(each.name) for each in sandbox.scenarios]
            with httpx.Client(
                base_url=sandbox.announcement.terminal_url,
                headers={"Authorization": f"Bearer {sandbox.announcement.api_key}"},
                trust_env=False,
            ) as api:
                sandbox.clock.advance(300)
                told.append([look(sandbox, api, each) for each in played])
    assert told[0] == told[1] != told[2]


@NAMES
@pytest.mark.parametrize("status", ["disconnected", "archived", "pending_deletion"])
def test_a_connection_that_was_not_connected_is_connected_first(
    sandbox: Sandbox, api: httpx.Client, name: str, status: str
) -> None:
    played = sandbox.play(name, some(api, status))
    seen = look(sandbox, api, played)
    assert (seen.status, seen.syncs[0]["id"], seen.sync["status"]) == ("connected", played.sync_id, "requested")
    sandbox.clock.advance(60)
    seen = look(sandbox, api, played)
    assert (seen.status, seen.sync["status"]) == ("connected", "in_progress")
    # The deletion that was under way does not go on either.
    sandbox.clock.advance(72 * 3600)
    assert look(sandbox, api, played).status in {"connected", "disconnected"}


@NAMES
@pytest.mark.parametrize("status", ["requested", "in_progress"])
def test_a_sync_under_way_is_ended_with_the_reason(sandbox: Sandbox, api: httpx.Client, name: str, status: str) -> None:
    token, sync_id = in_state(sandbox, api, status)
    played = sandbox.play(name, id_of(api, token))
    ended = done(api.get(f"/syncs/{sync_id}", headers=token))
    assert (ended["status"], ended["failureReason"]) == ("failed", ENDED)
    assert played.sync_id != sync_id
    assert look(sandbox, api, played).syncs[0]["id"] == played.sync_id
    assert api.post("/syncs", headers=token).json()["detail"].endswith(str(played.sync_id))
    sandbox.clock.advance(120)
    assert done(api.get(f"/syncs/{sync_id}", headers=token)) == ended


def test_an_automatic_sync_under_way_is_ended_too_and_none_comes_in_between(
    sandbox: Sandbox, api: httpx.Client
) -> None:
    sandbox.clock.advance(3 * 3600)
    busy = None
    while busy is None:
        sandbox.clock.advance(60)
        for each in done(api.get("/connections?status=connected&limit=1000"))["results"]:
            last = current(api, {"Connection-Token": each["token"]}).get("lastSync", {})
            if each["syncMode"] == "automatic" and last.get("progress", 0) > 5 and last["status"] == "in_progress":
                busy = each["id"], last["id"]
    played = sandbox.play("provider-files", busy[0])
    assert done(api.get(f"/syncs/{busy[1]}", headers=opens(sandbox, played)))["failureReason"] == ENDED
    for _ in range(8):
        sandbox.clock.advance(2000)
        assert look(sandbox, api, played).syncs[0]["id"] == played.sync_id
    # Once the scenario is over, the connection syncs by itself again.
    sandbox.clock.advance(3 * 3600)
    assert look(sandbox, api, played).syncs[0]["id"] != played.sync_id


def test_one_scenario_takes_the_place_of_another_even_at_the_same_moment(sandbox: Sandbox, api: httpx.Client) -> None:
    first = sandbox.play("flapping")
    ids = [first.sync_id]
    for number in range(12):
        name = ("healthy-first-sync", "disconnect-mid-sync", "flapping")[number % 3]
        ids.append(sandbox.play(name, first.connection_id).sync_id)
    last = sandbox.play("healthy-first-sync", first.connection_id)
    seen = look(sandbox, api, last)
    assert [each["id"] for each in seen.syncs] == [last.sync_id, *reversed(ids)]
    assert {each["status"] for each in seen.syncs[1:]} == {"failed"}
    # Nothing of what was played before comes after all.
    for _ in range(60):
        sandbox.clock.advance(60)
        seen = look(sandbox, api, last)
        assert (seen.status, seen.syncs[0]["id"]) == ("connected", last.sync_id)
    assert (seen.sync["status"], seen.sync["issues"]) == ("completed", [])
    assert not done(api.get(f"/issues?connectionId={first.connection_id}"))["results"]


def test_what_was_to_become_of_the_connection_does_not(sandbox: Sandbox, api: httpx.Client) -> None:
    # The seventh connection of a fleet is about to be cut off, and an issue comes up before that.
    cut_off = sandbox._store.fleet[6]
    assert cut_off.moves[-1] == (sandbox.clock.now_ms() + 240_000, "disconnected")
    played = sandbox.play("healthy-first-sync", cut_off.id)
    sandbox.clock.advance(1200)
    seen = look(sandbox, api, played)
    assert (seen.status, seen.sync["status"], seen.sync["issues"]) == ("connected", "completed", [])


@NAMES
def test_what_is_gone_or_never_was_is_refused(sandbox: Sandbox, api: httpx.Client, name: str) -> None:
    before = done(api.get("/connections?limit=1000"))
    with pytest.raises(SandboxError, match="no connection 'conn_nowhere"):
        sandbox.play(name, "conn_nowhere")
    for status in ("deleting", "deleted"):
        gone = some(api, status)
        with pytest.raises(SandboxError, match=f"{gone} is {status}"):
            sandbox.play(name, gone)
    token = make(api)
    sandbox.revoke_token(token["Connection-Token"])
    with pytest.raises(SandboxError, match="revoked"):
        sandbox.play(name, done(api.get("/connections?limit=1000"))["results"][-1]["id"])
    assert done(api.get("/connections?limit=1000"))["results"][:-1] == before["results"]


def test_a_scenarios_sync_can_be_cancelled_and_retried(sandbox: Sandbox, api: httpx.Client) -> None:
    played = sandbox.play("missing-permissions")
    token = opens(sandbox, played)
    sandbox.clock.advance(60)
    done(api.post(f"/syncs/{played.sync_id}/cancel", headers=token))
    assert look(sandbox, api, played).sync["failureReason"] == CANCELLED
    sandbox.clock.advance(900)
    # What it had not met yet does not come up.
    assert not done(api.get(f"/issues?connectionId={played.connection_id}"))["results"]
    done(api.post(f"/syncs/{played.sync_id}/retry", headers=token))
    sandbox.clock.advance(900)
    seen = look(sandbox, api, played)
    assert (seen.sync["status"], seen.sync["issues"]) == ("completed", [])
    assert not done(api.get(f"/issues?connectionId={played.connection_id}"))["results"]


def test_a_healthy_sync_that_is_retried_brings_up_no_issue_either(sandbox: Sandbox, api: httpx.Client) -> None:
    played = sandbox.play("healthy-first-sync")
    sandbox.clock.advance(60)
    for step in ("cancel", "retry"):
        done(api.post(f"/syncs/{played.sync_id}/{step}", headers=opens(sandbox, played)))
    sandbox.clock.advance(900)
    assert look(sandbox, api, played).sync["status"] == "completed"
    assert not done(api.get(f"/issues?connectionId={played.connection_id}"))["results"]


def test_later_syncs_run_into_a_missing_permission_until_it_is_resolved(sandbox: Sandbox, api: httpx.Client) -> None:
    played = sandbox.play("missing-permissions")
    sandbox.clock.advance(900)
    [issue] = look(sandbox, api, played).sync["issues"]
    ask(api, opens(sandbox, played))
    sandbox.clock.advance(900)
    [again] = look(sandbox, api, played).syncs[0]["issues"]
    assert again["id"] == issue["id"]
    assert again["lastReportedAt"] > issue["lastReportedAt"]


def test_what_a_client_does_to_the_state_ends_what_was_still_to_come(sandbox: Sandbox, api: httpx.Client) -> None:
    played = sandbox.play("flapping")
    token = opens(sandbox, played)
    sandbox.clock.advance(60)
    for status in ("archived", "connected"):
        done(api.patch("/connections/current", headers=token, json={"status": status}))
    for _ in range(60):
        sandbox.clock.advance(60)
        seen = look(sandbox, api, played)
        assert (seen.status, len(seen.syncs)) == ("connected", 1)


def test_a_turn_is_passed_over_while_another_sync_is_under_way(sandbox: Sandbox, api: httpx.Client) -> None:
    played = sandbox.play("flapping")
    token = opens(sandbox, played)
    # The connection is back for half a minute before the scenario's own sync comes.
    for status in ("disconnected", "connected"):
        while look(sandbox, api, played).status != status:
            sandbox.clock.advance(5)
    mine = ask(api, token)
    sandbox.clock.advance(60)
    assert [each["id"] for each in look(sandbox, api, played).syncs] == [mine, played.sync_id]


def test_a_turn_can_be_cancelled_like_any_sync(sandbox: Sandbox, api: httpx.Client) -> None:
    played = sandbox.play("flapping")
    while len(look(sandbox, api, played).syncs) < 2:
        sandbox.clock.advance(20)
    turn = look(sandbox, api, played).syncs[0]["id"]
    done(api.post(f"/syncs/{turn}/cancel", headers=opens(sandbox, played)))
    sandbox.clock.advance(5)
    shown = look(sandbox, api, played).syncs
    assert [each["id"] for each in shown] == [turn, played.sync_id]
    assert shown[0]["failureReason"] == CANCELLED


def test_a_turn_that_is_cancelled_as_it_comes_is_told_once(sandbox: Sandbox, api: httpx.Client) -> None:
    played = sandbox.play("flapping")
    turn = sandbox._store.made[0].turns[0]
    sandbox.clock.advance((turn.requested_ms - sandbox.clock.now_ms()) / 1000)
    done(api.post(f"/syncs/{turn.id}/cancel", headers=opens(sandbox, played)))
    assert [each["id"] for each in look(sandbox, api, played).syncs] == [turn.id, played.sync_id]


def test_a_turn_that_was_left_of_one_scenario_does_not_come_in_another(sandbox: Sandbox, api: httpx.Client) -> None:
    flapping = sandbox.play("flapping")
    [connection] = sandbox._store.made
    # The connection is back for good, and the last sync is still to come.
    sandbox.clock.advance((connection.moves[-1][0] - sandbox.clock.now_ms()) / 1000)
    before = [each["id"] for each in look(sandbox, api, flapping).syncs]
    played = sandbox.play("healthy-first-sync", connection.id)
    done(api.post(f"/syncs/{played.sync_id}/cancel", headers=opens(sandbox, played)))
    sandbox.clock.advance(900)
    assert [each["id"] for each in look(sandbox, api, played).syncs] == [played.sync_id, *before]


def test_a_sync_that_is_asked_for_at_the_moment_at_which_another_was_cancelled_is_the_newest(
    sandbox: Sandbox, api: httpx.Client
) -> None:
    token = make(api)
    ids = []
    for _ in range(8):
        ids.append(ask(api, token))
        assert api.post("/syncs", headers=token).status_code == 409
        assert current(api, token)["lastSync"]["id"] == ids[-1]
        done(api.post(f"/syncs/{ids[-1]}/cancel", headers=token))
    assert ids == sorted(ids)
    assert sandbox.clock.now() - START == timedelta(0)


def test_scenarios_are_played_by_one_thread_while_another_reads() -> None:
    sandbox = Sandbox(connections=0, speed=0, start=START)
    connection_id = sandbox.play("missing-permissions").connection_id
    [connection] = sandbox._store.made
    over = threading.Event()

    def read() -> int:
        looks = 0
        while not over.is_set():
            now_ms = sandbox.clock.now_ms()
            connection.running_sync(now_ms)
            for plan in connection.syncs(now_ms):
                connection.issues_of(plan, now_ms)
            looks += 1
        return looks

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(1) as threads:
            reading = threads.submit(read)
            for number in range(150):
                sandbox.play(list(SETTINGS)[number % len(SETTINGS)], connection_id)
                sandbox.clock.advance(5)
            over.set()
            assert reading.result() > 10
    finally:
        over.set()
        sys.setswitchinterval(before)
