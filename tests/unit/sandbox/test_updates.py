"""What becomes of a connection that is updated or deleted, over a real socket."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import httpx
import pytest

from tests.unit.sandbox.conftest import START
from tests.unit.sandbox.steps import LOGIN, Token, ask, done, in_state, look, make, refused
from tui_app.sandbox.server import Sandbox

DAY = 86_400
VEHICLE = "vcl_01D8ZQFGHVJ858NBF2Q7DV9MNC"


def change(api: httpx.Client, token: Token, **body: Any) -> httpx.Response:
    return api.patch("/connections/current", headers=token, json=body)


def current(api: httpx.Client, token: Token) -> dict[str, Any]:
    found: dict[str, Any] = done(api.get("/connections/current", headers=token))
    return found


def one(api: httpx.Client, **filters: str) -> Token:
    return {"Connection-Token": api.get("/connections", params=filters).json()["results"][0]["token"]}


def listed(api: httpx.Client, connection_id: str) -> dict[str, Any]:
    everyone = api.get("/connections?limit=1000").json()["results"]
    return next(each for each in everyone if each["id"] == connection_id)


@pytest.mark.parametrize(
    "body",
    [
        {"company": {"name": "Åse's Frakt 🚚", "dotNumbers": ["9", "10"]}},
        {"externalId": "mine-2"},
        {"syncMode": "manual"},
        {"tags": []},
        {"tags": ["a", "b"]},
        {"options": {"ingestHistoryFromSourceSystem": False}},
        {"filters": {"vehicles": {"status": "active", "excludeIds": [VEHICLE]}, "drivers": {"includeIds": []}}},
        {"filters": {}},
        {"status": "archived"},
        {"status": "disconnected"},
        {"externalId": "mine-3", "tags": ["both"], "status": "disconnected"},
    ],
)
def test_what_is_named_is_changed_and_nothing_else(sandbox: Sandbox, api: httpx.Client, body: dict[str, Any]) -> None:
    token = make(api, externalId="mine-1", tags=["first"], company={"name": "Before", "dotNumbers": ["1"]})
    before = current(api, token)
    sandbox.clock.advance(60)
    told = done(change(api, token, **body))
    moment = (START + timedelta(seconds=60)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    assert told == {**listed(api, before["id"]), **body}
    assert current(api, token) == {**before, **body, "updatedAt": moment}
    assert told["account"]["name"] == "Before"


def test_of_a_company_only_what_is_named_is_changed(api: httpx.Client) -> None:
    token = make(api, company={"name": "Before", "dotNumbers": ["1"]})
    assert done(change(api, token, company={"name": "After"}))["company"] == {"name": "After", "dotNumbers": ["1"]}
    assert done(change(api, token, company={"dotNumbers": []}))["company"] == {"name": "After", "dotNumbers": []}


def test_an_update_of_nothing_changes_nothing(sandbox: Sandbox, api: httpx.Client) -> None:
    token = make(api)
    before = current(api, token)
    sandbox.clock.advance(60)
    done(change(api, token))
    done(change(api, token, somethingElse=1, id="conn_1", account={"name": "Mine"}))
    done(api.patch("/connections/current", headers=token))
    assert current(api, token) == before


def test_a_connection_of_the_fleet_is_found_by_what_it_was_changed_to(api: httpx.Client) -> None:
    token = one(api, status="connected")
    told = done(change(api, token, externalId="changed", tags=["changed"], company={"dotNumbers": ["4242"]}))
    for name, value in (("externalId", "changed"), ("tag", "changed"), ("dotNumber", "4242")):
        assert api.get("/connections", params={name: value}).json()["results"] == [told]


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"status": "pending_deletion"}, "status"),
        ({"status": "deleted"}, "status"),
        ({"status": None}, "status"),
        ({"syncMode": "never"}, "syncMode"),
        ({"externalId": 7}, "externalId"),
        ({"externalId": None}, "externalId"),
        ({"tags": "one"}, "tags"),
        ({"tags": [1]}, "tags.0"),
        ({"company": {"name": None}}, "company.name"),
        ({"options": []}, "options"),
        ({"options": {"half": "\ud83d"}}, "options"),
        ({"filters": {"vehicles": {"status": "lost"}}}, "filters.vehicles.status"),
        ({"filters": {"vehicles": {"excludeIds": ["drv_1"]}}}, "filters.vehicles.excludeIds.0"),
        ({"filters": {"drivers": {"includeIds": [VEHICLE]}}}, "filters.drivers.includeIds.0"),
    ],
)
def test_what_is_wrong_with_an_update_is_named_and_nothing_is_changed(
    sandbox: Sandbox, api: httpx.Client, body: dict[str, Any], path: str
) -> None:
    token = make(api)
    before = current(api, token)
    content = json.dumps({"tags": ["new"], **body})
    sandbox.clock.advance(60)
    json_headers = {**token, "Content-Type": "application/json"}
    told = refused(api.patch("/connections/current", headers=json_headers, content=content), 400, "bad_request")
    assert [each["path"] for each in told["detail"]] == ["{requestBody}." + path]
    assert current(api, token) == before


@pytest.mark.parametrize("status", ["disconnected", "archived"])
def test_a_sync_under_way_ends_with_the_connection(sandbox: Sandbox, api: httpx.Client, status: str) -> None:
    for stage in ("requested", "in_progress"):
        token, sync_id = in_state(sandbox, api, stage)
        before = look(api, token, sync_id)
        done(change(api, token, status=status))
        cut = look(api, token, sync_id)
        assert cut == {**before, "status": "failed", "failureReason": cut["failureReason"]}
        assert status in cut["failureReason"]
        told = refused(api.post("/syncs", headers=token), 400, "bad_request")
        assert told["message"] == "Connection must be connected to perform this action"
        assert done(change(api, token, status="connected"))["status"] == "connected"
        assert look(api, token, sync_id) == cut
        ask(api, token)
        sandbox.clock.advance(10 * DAY)


def test_an_archived_connection_that_its_provider_turned_away_comes_back_disconnected(api: httpx.Client) -> None:
    token = one(api, status="disconnected")
    told = refused(change(api, token, status="connected"), 422, "connection_disconnected")
    assert "linked again" in told["message"]
    assert done(change(api, token, status="archived"))["status"] == "archived"
    assert done(change(api, token, status="connected"))["status"] == "disconnected"
    refused(change(api, token, status="connected", tags=["x"]), 422, "connection_disconnected")
    assert current(api, token)["tags"] != ["x"]


def test_automatic_syncs_stop_and_go_on_with_the_sync_mode(sandbox: Sandbox, api: httpx.Client) -> None:
    busy = next(
        each
        for each in api.get("/connections?status=connected").json()["results"]
        if each["syncMode"] == "automatic" and each["provider"]["code"] == "samsara"
    )
    token = {"Connection-Token": busy["token"]}

    def syncs() -> list[dict[str, Any]]:
        return [{**each} for each in api.get("/syncs?limit=1000", headers=token).json()["results"]]

    done(change(api, token, syncMode="manual"))
    sandbox.clock.advance(DAY)
    assert current(api, token)["syncMode"] == "manual"
    before = syncs()
    assert max(each["requestedAt"] for each in before) <= START.isoformat().replace("+00:00", ".000Z")
    done(change(api, token, syncMode="automatic"))
    sandbox.clock.advance(DAY)
    assert len(syncs()) >= len(before) + 10
    assert syncs()[-len(before) :] == before


def test_a_deletion_takes_its_course(sandbox: Sandbox, api: httpx.Client) -> None:
    token, sync_id = in_state(sandbox, api, "in_progress")
    done(change(api, token, options={"free": 1}, externalId="gone", tags=["gone"]))
    whole = current(api, token)
    assert done(api.delete("/connections/current", headers=token), 202) == {"message": "Connection deletion requested"}
    assert look(api, token, sync_id)["status"] == "failed"
    assert current(api, token)["status"] == "pending_deletion"
    seen = []
    for _ in range(50):
        seen.append(listed(api, whole["id"]))
        sandbox.clock.advance(3600)
    statuses = [each["status"] for each in seen]
    assert statuses == ["pending_deletion"] * 24 + ["deleting"] * 15 + ["deleted"] * 11
    for each in seen[24:]:
        assert not {"options", "filters", "linkUrl", "tags", "externalId"} & set(each)
    assert [("deletedAt" in each) for each in seen] == [False] * 39 + [True] * 11
    assert [each["updatedAt"] for each in seen] == sorted(each["updatedAt"] for each in seen)
    refused(api.get("/connections/current", headers=token), 403, "forbidden")
    refused(api.delete("/connections/current", headers=token), 403, "forbidden")
    assert api.get("/issues", params={"connectionId": whole["id"]}).json()["results"] == []


def test_asking_twice_for_a_deletion_gives_no_second_day_of_grace(sandbox: Sandbox, api: httpx.Client) -> None:
    token = make(api)
    done(api.delete("/connections/current", headers=token), 202)
    sandbox.clock.advance(DAY - 60)
    done(api.delete("/connections/current", headers=token), 202)
    sandbox.clock.advance(60)
    refused(api.get("/connections/current", headers=token), 403, "forbidden")


@pytest.mark.parametrize("fleets", [True, False])
def test_a_deletion_is_taken_back_within_a_day(sandbox: Sandbox, api: httpx.Client, fleets: bool) -> None:
    token = one(api, status="pending_deletion") if fleets else make(api)
    if not fleets:
        done(api.delete("/connections/current", headers=token), 202)
    for body in ({"tags": ["x"]}, {"status": "archived"}, {"status": "disconnected", "externalId": "x"}):
        told = refused(change(api, token, **body), 422, "unprocessable_entity")
        assert told["detail"][0]["path"] == "{requestBody}.status"
    assert done(change(api, token, status="connected", tags=["kept"]))["status"] == "connected"
    sandbox.clock.advance(3 * DAY)
    assert current(api, token)["status"] == "connected"
    assert current(api, token)["tags"] == ["kept"]
    busy = current(api, token).get("lastSync", {"status": "none"})["status"] in {"requested", "in_progress"}
    if not busy:
        ask(api, token)


def test_a_deleted_account_that_is_made_again_is_a_new_connection(sandbox: Sandbox, api: httpx.Client) -> None:
    first = make(api)
    done(api.delete("/connections/current", headers=first), 202)
    second = make(api)
    assert second != first
    assert make(api) == second
    sandbox.clock.advance(3 * DAY)
    assert api.post("/connections", json=LOGIN).json()["token"] == second["Connection-Token"]
