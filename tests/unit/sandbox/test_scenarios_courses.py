"""Each scenario, followed through the API from its beginning to its end, in virtual time."""

from __future__ import annotations

from itertools import pairwise

import httpx
import pytest

from tests.unit.sandbox.courses import OVER, course, look, opens, rested, rises, turns
from tests.unit.sandbox.steps import done
from tui_app.sandbox.plans import CUT_OFF
from tui_app.sandbox.server import Played, Sandbox

# Virtual minutes within which each is over: at ×30, all but the delivery are shown in under two minutes of ours.
ENDS = {
    "healthy-first-sync": 11,
    "missing-permissions": 13,
    "provider-outage": 46,
    "provider-files": 325,
    "disconnect-mid-sync": 9,
    "flapping": 59,
    "stall": 53,
}


@pytest.fixture(params=["new", "chosen"])
def where(request: pytest.FixtureRequest, sandbox: Sandbox, api: httpx.Client) -> str | None:
    """No connection, or one of the fleet that syncs by itself and has issues of its own."""
    if request.param == "new":
        return None
    ongoing = done(api.get("/issues?status=ongoing&errorCode=missing_vehicle_identifier&expand=connection"))["results"]
    chosen = next(each["connection"] for each in ongoing if each["connection"]["syncMode"] == "automatic")
    return str(chosen["id"])


def test_all_are_over_when_they_are_said_to_be(sandbox: Sandbox, api: httpx.Client) -> None:
    assert set(ENDS) == {each.name for each in sandbox.scenarios}
    assert all(minutes <= 60 for name, minutes in ENDS.items() if name != "provider-files")
    assert ENDS["provider-files"] * 60 / 600 < 60
    all_played = {each.name: sandbox.play(each.name) for each in sandbox.scenarios}
    before = 0
    for name, minutes in sorted(ENDS.items(), key=lambda each: each[1]):
        sandbox.clock.advance((minutes - before) * 60)
        before = minutes
        assert {each["status"] for each in look(sandbox, api, all_played[name]).syncs} <= OVER, name


def test_a_healthy_first_sync_glides_to_its_end(sandbox: Sandbox, api: httpx.Client, where: str | None) -> None:
    looks = course(sandbox, api, sandbox.play("healthy-first-sync", where), minutes=12)
    assert turns(looks) == ["requested", "in_progress", "completed"]
    assert rises(looks)
    assert rested(looks) == 0
    assert {each.status for each in looks} == {"connected"}
    last = looks[-1].sync
    assert (last["progress"], last["attempts"], last["issues"]) == (100, 1, [])
    assert not any("providerRequests" in each.sync or each.codes for each in looks)
    ended = next(each.minute for each in looks if each.sync["status"] == "completed")
    assert 9 <= ended <= ENDS["healthy-first-sync"]


def test_missing_permissions_bring_up_an_issue_midway_and_it_stays(
    sandbox: Sandbox, api: httpx.Client, where: str | None
) -> None:
    looks = course(sandbox, api, sandbox.play("missing-permissions", where), minutes=14)
    assert turns(looks) == ["requested", "in_progress", "completed"]
    assert rises(looks)
    found = next(each for each in looks if each.codes)
    assert (found.sync["status"], found.sync["attempts"]) == ("in_progress", 1)
    assert 20 < found.sync["progress"] < 80
    assert looks[-1].codes == [("permission_missing", "ongoing")]
    assert looks[-1].sync["issues"][0]["resolutionType"] == "action_required"
    assert looks[-1].sync["progress"] == 100


def test_in_an_outage_attempts_come_after_ever_longer_pauses_and_the_last_one_gets_through(
    sandbox: Sandbox, api: httpx.Client, where: str | None
) -> None:
    looks = course(sandbox, api, sandbox.play("provider-outage", where), minutes=48)
    assert turns(looks) == ["requested", "in_progress", "completed"]
    assert rises(looks)
    began = [next(each.minute for each in looks if each.sync["attempts"] == number) for number in range(1, 7)]
    pauses = [after - before for before, after in pairwise(began[1:])]
    assert pauses == sorted(set(pauses))
    assert pauses[-1] > 4 * pauses[0]
    rest = {each.sync["progress"] for each in looks if 2 <= each.sync["attempts"] <= 5}
    assert len(rest) == 1
    during = next(each for each in looks if each.sync["attempts"] == 4)
    assert during.codes == [("data_delayed", "ongoing")]
    assert during.sync["issues"][0]["resolutionType"] == "automatic_retry"
    assert "503" in during.sync["issues"][0]["error"]["message"]
    assert looks[-1].codes == [("data_delayed", "resolved")]
    assert (looks[-1].sync["progress"], looks[-1].sync["attempts"]) == (100, 6)


def test_a_delivery_is_waited_for_on_a_plateau_and_comes(
    sandbox: Sandbox, api: httpx.Client, where: str | None
) -> None:
    looks = course(sandbox, api, sandbox.play("provider-files", where), minutes=330, step_s=60)
    assert turns(looks) == ["requested", "in_progress", "completed"]
    assert rises(looks)
    waits = [each for each in looks if each.sync["providerRequests"]]
    assert all(each.sync["providerRequests"] == ["historical_files"] for each in waits)
    assert waits == looks[: len(waits)]
    assert 4.5 * 60 < waits[-1].minute < 5.1 * 60
    assert rested(looks) > 4 * 60
    assert rested(looks[len(waits) + 1 :]) <= 1
    last = looks[-1].sync
    assert (last["progress"], last["attempts"], last["providerRequests"], last["issues"]) == (100, 1, [], [])


def test_a_disconnect_fails_the_sync_and_stays_until_the_account_is_linked_again(
    sandbox: Sandbox, api: httpx.Client, where: str | None
) -> None:
    played = sandbox.play("disconnect-mid-sync", where)
    looks = course(sandbox, api, played, minutes=20)
    assert turns(looks) == ["requested", "in_progress", "failed"]
    assert rises(looks)
    gone = next(each for each in looks if each.status == "disconnected")
    assert 20 < gone.sync["progress"] < 80
    assert gone.sync == looks[-1].sync
    assert (gone.sync["status"], gone.sync["failureReason"], gone.sync["attempts"]) == ("failed", CUT_OFF, 1)
    assert gone.codes == [("provider_data_inaccessible", "ongoing")]
    before = next(each for each in looks if each.codes)
    assert (before.status, before.sync["status"]) == ("connected", "in_progress")
    assert all(each.status == "disconnected" for each in looks if each.minute >= gone.minute)
    # The way out that is named in `support_sees`.
    token = opens(sandbox, played)
    asked = api.patch("/connections/current", headers=token, json={"status": "connected"})
    assert asked.json()["code"] == "connection_disconnected"
    link_again(sandbox, api, played)
    done(api.post(f"/syncs/{played.sync_id}/retry", headers=token))
    sandbox.clock.advance(900)
    again = look(sandbox, api, played)
    assert (again.status, again.sync["status"]) == ("connected", "completed")


def test_a_flapping_connections_syncs_fail_and_complete_in_turn(
    sandbox: Sandbox, api: httpx.Client, where: str | None
) -> None:
    began = sandbox.clock.now_ms()
    looks = course(sandbox, api, sandbox.play("flapping", where), minutes=59)
    states = [each.status for each in looks]
    changes = [after for before, after in pairwise(states) if before != after]
    assert changes == ["disconnected", "connected"] * 3
    last = looks[-1]
    own = [each for each in last.syncs if each["requestedAt"] >= looks[0].sync["requestedAt"]]
    assert [each["status"] for each in reversed(own)] == ["failed", "completed"] * 3
    assert all(each["failureReason"] == CUT_OFF for each in own if each["status"] == "failed")
    assert all(each["progress"] == 100 for each in own if each["status"] == "completed")
    assert not any(each["issues"] for each in own)
    for each in looks:
        under_way = [sync for sync in each.syncs if sync["status"] not in OVER]
        assert len(under_way) <= (each.status == "connected")
    assert sandbox.clock.now_ms() - began == 59 * 60_000


def test_a_stalled_sync_stands_still_for_long_and_then_goes_on(
    sandbox: Sandbox, api: httpx.Client, where: str | None
) -> None:
    looks = course(sandbox, api, sandbox.play("stall", where), minutes=53)
    assert turns(looks) == ["requested", "in_progress", "completed"]
    assert rises(looks)
    assert 37 <= rested(looks) <= 42
    assert {each.sync["attempts"] for each in looks} == {0, 1}
    assert not any(each.codes or "providerRequests" in each.sync for each in looks)
    assert looks[-1].sync["progress"] == 100


def link_again(sandbox: Sandbox, api: httpx.Client, played: Played) -> None:
    """Sign in by the connection's own link."""
    shown = done(api.get("/connections/current", headers=opens(sandbox, played)))
    path = httpx.URL(shown["linkUrl"]).raw_path.decode()
    url = sandbox.announcement.terminal_url.replace("/tsp/v1", path)
    login = {"username": "dispatch", "password": "right", "code": "1", "authCode": "1"}
    body = {"provider": shown["provider"]["code"], "credentials": login}
    done(httpx.post(url, json=body, trust_env=False))
