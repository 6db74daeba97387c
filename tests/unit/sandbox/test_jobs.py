"""What becomes of a sync that is cancelled or retried, over a real socket."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.sandbox.conftest import START
from tests.unit.sandbox.steps import Token, ask, done, in_state, look, make, refused
from tui_app.sandbox.ids import Draw
from tui_app.sandbox.planning import retried_plan
from tui_app.sandbox.plans import CANCELLED, HOUR, MINUTE, SyncPlan, gliding
from tui_app.sandbox.server import Sandbox

NOW = 1_795_000_000_000


def syncs_of(api: httpx.Client, token: Token) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = api.get("/syncs?limit=1000", headers=token).json()["results"]
    return found


def automatic(sandbox: Sandbox, api: httpx.Client, wanted: str) -> tuple[Token, dict[str, Any]]:
    """Return a connection that syncs by itself and a sync of it: one under way, or the oldest that failed."""
    # Hours after the start, whatever is under way without having been asked for is automatic.
    sandbox.clock.advance(3 * 3600)
    for _ in range(200):
        for each in api.get("/connections?status=connected&limit=1000").json()["results"]:
            token = {"Connection-Token": each["token"]}
            syncs = syncs_of(api, token)
            fitting = [sync for sync in syncs if sync["status"] == wanted and not sync.get("providerRequests")]
            busy = bool(syncs) and syncs[0]["status"] in {"requested", "in_progress"}
            if each["syncMode"] == "automatic" and fitting and busy == (wanted != "failed"):
                return token, fitting[-1]
        sandbox.clock.advance(60)
    raise AssertionError(f"no automatic sync is {wanted}")


@pytest.mark.parametrize("status", ["requested", "in_progress"])
def test_a_sync_under_way_is_cancelled_and_says_so(sandbox: Sandbox, api: httpx.Client, status: str) -> None:
    token, sync_id = in_state(sandbox, api, status)
    before = look(api, token, sync_id)
    told = done(api.post(f"/syncs/{sync_id}/cancel", headers=token))
    assert told == {"id": sync_id, "message": "Sync cancellation requested"}
    after = look(api, token, sync_id)
    assert after == {**before, "status": "failed", "failureReason": CANCELLED}
    sandbox.clock.advance(3600)
    assert look(api, token, sync_id) == after


def test_after_a_cancelled_sync_another_can_be_asked_for(sandbox: Sandbox, api: httpx.Client) -> None:
    token, sync_id = in_state(sandbox, api, "failed")
    other = ask(api, token)
    assert [each["id"] for each in syncs_of(api, token)] == [other, sync_id]


@pytest.mark.parametrize("status", ["completed", "failed"])
def test_a_sync_that_is_over_is_not_cancelled(sandbox: Sandbox, api: httpx.Client, status: str) -> None:
    token, sync_id = in_state(sandbox, api, status)
    before = look(api, token, sync_id)
    told = refused(api.post(f"/syncs/{sync_id}/cancel", headers=token), 422, "unprocessable_entity")
    assert status in told["message"]
    assert told["detail"][0]["path"] == "{requestPath}.id"
    assert look(api, token, sync_id) == before


@pytest.mark.parametrize("status", ["requested", "in_progress", "completed"])
def test_a_sync_that_did_not_fail_is_not_retried(sandbox: Sandbox, api: httpx.Client, status: str) -> None:
    token, sync_id = in_state(sandbox, api, status)
    before = look(api, token, sync_id)
    told = refused(api.post(f"/syncs/{sync_id}/retry", headers=token), 422, "unprocessable_entity")
    assert status in told["message"]
    assert look(api, token, sync_id) == before


def test_a_retried_sync_stays_itself_and_completes(sandbox: Sandbox, api: httpx.Client) -> None:
    token, sync_id = in_state(sandbox, api, "failed")
    failed = look(api, token, sync_id)
    told = done(api.post(f"/syncs/{sync_id}/retry", headers=token))
    assert told == {"id": sync_id, "message": "Sync retry requested"}
    looks = [look(api, token, sync_id)]
    for _ in range(15 * 4):
        sandbox.clock.advance(15)
        looks.append(look(api, token, sync_id))
    statuses = [each["status"] for each in looks]
    assert statuses[0] == "requested"
    assert statuses[8 * 4 - 1] == "in_progress"
    assert statuses[-1] == "completed"
    progress = [failed["progress"], *(each["progress"] for each in looks)]
    assert progress == sorted(progress)
    assert [looks[0]["attempts"], looks[-1]["attempts"]] == [failed["attempts"], failed["attempts"] + 1]
    assert all("failureReason" not in each for each in looks)
    for name in ("requestedAt", "startFrom"):
        assert {each[name] for each in looks} == {failed[name]}
    assert looks[-1]["completedAt"] > looks[-1]["requestedAt"]
    assert [each["id"] for each in syncs_of(api, token)] == [sync_id]


def test_a_retried_sync_asks_the_provider_for_the_same_again(sandbox: Sandbox, api: httpx.Client) -> None:
    token = make(api)
    sync_id = ask(api, token, providerRequests=["historical_files"], days=3)
    done(api.post(f"/syncs/{sync_id}/cancel", headers=token))
    assert look(api, token, sync_id)["providerRequests"] == []
    done(api.post(f"/syncs/{sync_id}/retry", headers=token))
    assert look(api, token, sync_id)["providerRequests"] == ["historical_files"]
    sandbox.clock.advance(900)
    assert look(api, token, sync_id)["providerRequests"] == []


def test_a_sync_can_be_cancelled_and_retried_again_and_again(sandbox: Sandbox, api: httpx.Client) -> None:
    token, sync_id = in_state(sandbox, api, "failed")
    progress = []
    for turn in range(2, 40):
        done(api.post(f"/syncs/{sync_id}/retry", headers=token))
        sandbox.clock.advance(60)
        done(api.post(f"/syncs/{sync_id}/cancel", headers=token))
        told = look(api, token, sync_id)
        assert told["attempts"] == turn
        progress.append(told["progress"])
    assert progress == sorted(progress)
    assert progress[-1] < 100


def test_a_sync_that_is_retried_stands_in_the_way_of_others(sandbox: Sandbox, api: httpx.Client) -> None:
    token, first = in_state(sandbox, api, "failed")
    second = ask(api, token)
    told = refused(api.post(f"/syncs/{first}/retry", headers=token), 422, "unprocessable_entity")
    assert second in told["message"]
    sandbox.clock.advance(900)
    done(api.post(f"/syncs/{first}/retry", headers=token))
    sandbox.clock.advance(120)
    told = refused(api.post("/syncs", headers=token), 409, "conflict")
    assert told["detail"] == f"Existing sync in progress: {first}"


def test_an_automatic_sync_is_cancelled_like_any_other(sandbox: Sandbox, api: httpx.Client) -> None:
    token, running = automatic(sandbox, api, "in_progress")
    before = syncs_of(api, token)
    done(api.post(f"/syncs/{running['id']}/cancel", headers=token))
    assert look(api, token, running["id"])["failureReason"] == CANCELLED
    mine = ask(api, token)
    assert [each["id"] for each in syncs_of(api, token)] == [mine, *(each["id"] for each in before)]


def test_the_past_stays_when_an_old_automatic_sync_is_retried(sandbox: Sandbox, api: httpx.Client) -> None:
    token, old = automatic(sandbox, api, "failed")
    before = syncs_of(api, token)
    done(api.post(f"/syncs/{old['id']}/retry", headers=token))
    sandbox.clock.advance(900)
    assert look(api, token, old["id"])["status"] == "completed"
    after = {each["id"]: each for each in syncs_of(api, token)}
    for each in before:
        if each["id"] != old["id"]:
            assert after[each["id"]] == each
    sandbox.clock.advance(24 * 3600)
    assert len(syncs_of(api, token)) > len(before) + 5


def test_turns_that_were_passed_over_do_not_come_up_when_a_sync_is_retried() -> None:
    with Sandbox(start=START, speed=0, connections=150, rate_limits=False) as sandbox:
        said = sandbox.announcement
        headers = {"Authorization": f"Bearer {said.api_key}"}
        with httpx.Client(base_url=said.terminal_url, headers=headers, trust_env=False) as api:
            asked: dict[str, str] = {}
            for each in api.get("/connections?status=connected&limit=1000").json()["results"]:
                told = api.post("/syncs", headers={"Connection-Token": each["token"]})
                if each["syncMode"] == "automatic" and told.status_code == 201:
                    asked[each["token"]] = told.json()["id"]
            sandbox.clock.advance(400)
            for token, sync_id in asked.items():
                done(api.post(f"/syncs/{sync_id}/cancel", headers={"Connection-Token": token}))
            # By then whatever would have begun in between would be over.
            sandbox.clock.advance(2700)
            for token, sync_id in asked.items():
                opened = {"Connection-Token": token}
                before = [each["id"] for each in syncs_of(api, opened)]
                if api.post(f"/syncs/{sync_id}/retry", headers=opened).status_code == 200:
                    assert [each["id"] for each in syncs_of(api, opened)] == before


@pytest.mark.parametrize("what", ["retry", "cancel"])
def test_a_sync_of_somebody_else_is_not_found(sandbox: Sandbox, api: httpx.Client, what: str) -> None:
    _, sync_id = in_state(sandbox, api, "failed" if what == "retry" else "in_progress")
    other = make(api, credentials={"username": "somebody else", "password": "x"})
    for wrong in (sync_id, "sync_01GV12VR4DJP70GD1ZBK0SDWFH", "x"):
        refused(api.post(f"/syncs/{wrong}/{what}", headers=other), 404, "not_found")


def test_the_sync_of_a_connection_that_is_not_connected_is_not_retried(api: httpx.Client) -> None:
    lost = api.get("/connections", params={"status": "disconnected"}).json()["results"][0]
    token = {"Connection-Token": lost["token"]}
    cut = next(each for each in syncs_of(api, token) if each["status"] == "failed")
    told = refused(api.post(f"/syncs/{cut['id']}/retry", headers=token), 422, "connection_disconnected")
    assert told == {
        "code": "connection_disconnected",
        "message": "Connection must be connected to perform this action",
        "detail": [],
    }


def test_an_issue_that_a_cancelled_sync_did_not_come_to_is_not_reported(sandbox: Sandbox, api: httpx.Client) -> None:
    token = make(api)
    mine = api.get("/connections/current", headers=token).json()["id"]
    sync_id = ask(api, token)
    sandbox.clock.advance(60)
    done(api.post(f"/syncs/{sync_id}/cancel", headers=token))
    sandbox.clock.advance(3600)
    assert look(api, token, sync_id)["issues"] == []
    assert api.get("/issues", params={"connectionId": mine}).json()["results"] == []
    done(api.post(f"/syncs/{sync_id}/retry", headers=token))
    sandbox.clock.advance(900)
    issues = api.get("/issues", params={"connectionId": mine}).json()["results"]
    assert [each["id"] for each in issues] == look(api, token, sync_id)["issues"]
    assert len(issues) == 1


def test_a_retry_takes_back_no_issue_that_was_met_before(sandbox: Sandbox, api: httpx.Client) -> None:
    token = make(api)
    sync_id = ask(api, token)
    while not (met := look(api, token, sync_id)["issues"]):
        sandbox.clock.advance(15)
    told = api.get("/issues").json()["results"][0]
    done(api.post(f"/syncs/{sync_id}/cancel", headers=token))
    done(api.post(f"/syncs/{sync_id}/retry", headers=token))
    assert look(api, token, sync_id)["issues"] == met
    sandbox.clock.advance(900)
    assert look(api, token, sync_id)["issues"] == met
    again = api.get("/issues").json()["results"][0]
    assert again["id"] == told["id"]
    assert again["lastReportedAt"] > told["lastReportedAt"]


@given(
    seed=st.integers(0, 10_000),
    breaks=st.lists(st.integers(0, 20 * MINUTE), min_size=1, max_size=4),
    times=st.lists(st.integers(-MINUTE, 2 * HOUR), min_size=2, max_size=40),
)
def test_a_plan_never_takes_back_progress_or_attempts_whenever_it_is_retried(
    seed: int, breaks: list[int], times: list[int]
) -> None:
    draw = Draw("retried", seed)
    plan = SyncPlan("sync_", NOW, 0, 5000, 10 * MINUTE, waypoints=gliding(draw))
    asked_ms = NOW
    for gap in breaks:
        plan = plan.cut(asked_ms + gap, CANCELLED)
        if plan.failure is None:
            break
        asked_ms = plan.ended_ms + gap
        plan = retried_plan(draw, plan, asked_ms)
        assert asked_ms + 8 * MINUTE < plan.ended_ms < asked_ms + 15 * MINUTE
    looks = [plan.at(NOW + ms) for ms in sorted(times)]
    progress = [each.progress for each in looks if each.progress is not None]
    assert progress == sorted(progress)
    attempts = [each.attempts for each in looks]
    assert attempts == sorted(attempts)
    assert plan.at(plan.ended_ms).status == "completed"
