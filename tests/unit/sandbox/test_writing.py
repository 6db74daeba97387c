"""What the operations that write do, over a real socket."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.sandbox.conftest import START
from tui_app.sandbox.providers import BY_CODE, PROVIDERS
from tui_app.sandbox.server import Sandbox

JSON = {"Content-Type": "application/json"}
LOGIN = {"provider": "geotab", "credentials": {"username": "dispatch", "password": "secret"}}


def make(api: httpx.Client, **more: Any) -> dict[str, str]:
    answer = api.post("/connections", json={**LOGIN, **more})
    assert answer.status_code == 201, answer.text
    return {"Connection-Token": answer.json()["token"]}


def time(seconds: float = 0) -> str:
    return (START + timedelta(seconds=seconds)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def wrong_paths(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 400, answer.text
    return [each["path"] for each in answer.json()["detail"]]


def test_a_connection_is_made_as_it_was_asked_for(api: httpx.Client) -> None:
    asked = {
        **LOGIN,
        "company": {"name": "Åse's Frakt 🚚", "dotNumbers": ["123"]},
        "externalId": "mine-1",
        "syncMode": "manual",
        "tags": ["new", "pilot"],
        "options": {"free": {"form": [1, None]}},
        "agreements": [{"agreementUrl": "https://fleets.example/a", "ipAddress": "203.0.113.9"}],
        "somethingElse": 1,
    }
    made = api.post("/connections", json=asked).json()
    assert made["status"] == "connected"
    assert made["provider"] == {"name": "Geotab", "code": "geotab"}
    assert {name: made[name] for name in ("company", "externalId", "syncMode", "tags", "options")} == {
        name: asked[name] for name in ("company", "externalId", "syncMode", "tags", "options")
    }
    assert made["createdAt"] == made["updatedAt"] == time()
    assert api.get("/connections?limit=1&order=desc").json()["results"] == [made]
    current = api.get("/connections/current", headers={"Connection-Token": made["token"]}).json()
    assert "lastSync" not in current
    assert current["agreements"][0]["agreementUrl"] == "https://fleets.example/a"
    assert "secret" not in str(current)


def test_the_least_that_can_be_sent_makes_an_automatic_connection(api: httpx.Client) -> None:
    made = api.post("/connections", json=LOGIN).json()
    assert made["syncMode"] == "automatic"
    assert made["company"] == {}
    assert "externalId" not in made


def test_a_made_connection_never_syncs_by_itself(sandbox: Sandbox, api: httpx.Client) -> None:
    token = make(api, backfill={"days": 7})
    sandbox.clock.advance(3 * 86_400)
    assert api.get("/syncs", headers=token).json() == {"results": []}


def test_the_same_account_is_found_again_instead_of_made_twice(api: httpx.Client) -> None:
    first = api.post("/connections", json={**LOGIN, "externalId": "first"}).json()
    changed = {"username": "dispatch", "password": "a new password"}
    again = api.post("/connections", json={**LOGIN, "credentials": changed, "externalId": "second"})
    other = api.post("/connections", json={**LOGIN, "credentials": {**changed, "username": "night shift"}}).json()
    assert again.status_code == 201
    assert again.json() == first
    assert other["id"] != first["id"]


def test_an_account_whose_connection_is_lost_gets_a_new_one(sandbox: Sandbox, api: httpx.Client) -> None:
    first = make(api)
    sandbox.revoke_token(first["Connection-Token"])
    assert make(api) != first


@pytest.mark.parametrize("provider", [each.code for each in PROVIDERS])
def test_every_provider_takes_complete_credentials_and_names_what_is_missing(
    shared_api: httpx.Client, provider: str
) -> None:
    for group in BY_CODE[provider].credentials:
        whole = dict.fromkeys(group, "x")
        body = {"provider": provider, "credentials": whole}
        assert shared_api.post("/connections", json=body).status_code == 201
        last = group[-1]
        lacking = {name: value for name, value in whole.items() if name != last}
        found = wrong_paths(shared_api.post("/connections", json={"provider": provider, "credentials": lacking}))
        assert all(path.startswith("{requestBody}.credentials.") for path in found)
        if len(BY_CODE[provider].credentials) == 1:
            assert found == ["{requestBody}.credentials." + last]


@pytest.mark.parametrize(("provider", "field"), [("geotab", "password"), ("samsara", "apiKey")])
def test_the_word_wrong_is_turned_down_by_every_provider(shared_api: httpx.Client, provider: str, field: str) -> None:
    credentials = {"username": "x", field: "wrong"}
    answer = shared_api.post("/connections", json={"provider": provider, "credentials": credentials})
    assert answer.status_code == 422
    assert answer.json()["code"] == "invalid_credentials"
    assert answer.json()["detail"][0]["path"] == "{requestBody}.credentials." + field


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"provider": "nobody"}, "provider"),
        ({"provider": 1}, "provider"),
        ({"credentials": None}, "credentials"),
        ({"credentials": {"username": "", "password": "x"}}, "credentials.username"),
        ({"credentials": {"username": 7, "password": "x"}}, "credentials.username"),
        ({"company": {"name": 7}}, "company.name"),
        ({"company": {"dotNumbers": "123"}}, "company.dotNumbers"),
        ({"externalId": None}, "externalId"),
        ({"syncMode": "sometimes"}, "syncMode"),
        ({"tags": [True]}, "tags.0"),
        ({"backfill": {"days": -1}}, "backfill.days"),
        ({"backfill": {"startFrom": "2999-01-01T00:00:00Z"}}, "backfill.startFrom"),
        ({"agreements": [{"type": "end-user-agreement"}]}, "agreements.0.agreementUrl"),
        ({"agreements": [{"agreementUrl": "no address"}]}, "agreements.0.agreementUrl"),
        ({"agreements": [{"agreementUrl": "https://x.example/%2"}]}, "agreements.0.agreementUrl"),
        ({"agreements": [{"agreementUrl": "https://@"}]}, "agreements.0.agreementUrl"),
        ({"agreements": [{"agreementUrl": "https://x.example", "ipAddress": "::1"}]}, "agreements.0.ipAddress"),
        ({"options": {"half": "\ud83d"}}, "options"),
    ],
)
def test_what_is_wrong_with_a_connection_is_named_by_its_path(
    shared_api: httpx.Client, change: dict[str, Any], path: str
) -> None:
    content = json.dumps({**LOGIN, **change})
    assert wrong_paths(shared_api.post("/connections", content=content, headers=JSON)) == ["{requestBody}." + path]


@settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(account=st.integers(0, 10**9))
def test_the_first_sync_of_a_made_connection_keeps_its_promise(
    sandbox: Sandbox, api: httpx.Client, account: int
) -> None:
    token = make(api, credentials={"username": str(account), "password": "x"})
    requested = api.post("/syncs", headers=token)
    assert requested.status_code == 201
    path = f"/syncs/{requested.json()['id']}"
    looks = [requested.json()]
    for _ in range(15 * 4):
        sandbox.clock.advance(15)
        looks.append(api.get(path, headers=token).json())
    statuses = [look["status"] for look in looks]
    assert statuses[0] == "requested"
    assert statuses[8 * 4 - 1] == "in_progress"
    assert statuses[-1] == "completed"
    told = [look["progress"] for look in looks if "progress" in look]
    assert told == sorted(told)
    assert len(set(told)) >= 10
    assert looks[-1]["progress"] == 100
    appeared = next(look for look in looks if look["issues"])
    assert appeared["status"] == "in_progress"
    assert 5 < appeared["progress"] < 95
    assert len(looks[-1]["issues"]) == 1
    assert looks[-1]["issues"][0] in [each["id"] for each in api.get("/issues?limit=1000").json()["results"]]


def test_a_second_sync_has_to_wait_for_the_first(sandbox: Sandbox, api: httpx.Client) -> None:
    token = make(api)
    first = api.post("/syncs", headers=token).json()
    second = api.post("/syncs", headers=token)
    assert second.status_code == 409
    assert second.json() == {
        "code": "conflict",
        "message": "Sync already in progress",
        "detail": f"Existing sync in progress: {first['id']}",
    }
    sandbox.clock.advance(15 * 60)
    assert api.post("/syncs", headers=token).status_code == 201


def test_an_automatic_sync_stands_in_the_way_as_well(api: httpx.Client) -> None:
    for each in api.get("/connections?status=connected").json()["results"]:
        token = {"Connection-Token": each["token"]}
        last = api.get("/connections/current", headers=token).json().get("lastSync", {"status": "none"})
        running = last["status"] in {"requested", "in_progress"}
        assert api.post("/syncs", headers=token).status_code == (409 if running else 201)


@pytest.mark.parametrize("status", ["disconnected", "archived", "pending_deletion"])
def test_a_connection_that_is_not_connected_is_not_synced(api: httpx.Client, status: str) -> None:
    some = api.get("/connections", params={"status": status}).json()["results"][0]
    answer = api.post("/syncs", headers={"Connection-Token": some["token"]})
    assert answer.status_code == 400
    assert answer.json()["message"] == "Connection must be connected to perform this action"


@pytest.mark.parametrize(
    ("body", "start"),
    [
        (None, time()),
        ({}, time()),
        ({"days": 2}, time(-2 * 86_400)),
        ({"days": 0.5}, time(-43_200)),
        ({"startFrom": "2026-11-01T02:00:00+02:00"}, "2026-11-01T00:00:00.000Z"),
        ({"startFrom": "2026-11-01T00:00:00Z", "days": 1}, time(-86_400)),
        ({"startFrom": "2999-01-01T00:00:00Z", "days": 1}, time(-86_400)),
        ({"days": 1e300}, "1970-01-01T00:00:00.000Z"),
    ],
)
def test_a_first_sync_starts_where_it_is_told_or_now(api: httpx.Client, body: Any, start: str) -> None:
    token = make(api)
    request = {} if body is None else {"json": body}
    assert api.post("/syncs", headers=token, **request).json()["startFrom"] == start


def test_a_later_sync_starts_from_where_the_one_before_was_requested(sandbox: Sandbox, api: httpx.Client) -> None:
    token = make(api)
    first = api.post("/syncs", headers=token, json={"days": 30}).json()
    sandbox.clock.advance(3600)
    assert api.post("/syncs", headers=token).json()["startFrom"] == first["requestedAt"]


def test_a_backfill_settles_where_the_first_sync_starts(api: httpx.Client) -> None:
    token = make(api, backfill={"days": 7})
    assert api.post("/syncs", headers=token).json()["startFrom"] == time(-7 * 86_400)


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"days": 0}, "days"),
        ({"days": -0.5}, "days"),
        ({"days": False}, "days"),
        ({"days": "7"}, "days"),
        ({"days": None}, "days"),
        ({"startFrom": "2026-11-23T00:00:00Z"}, "startFrom"),
        ({"startFrom": 0}, "startFrom"),
        ({"startFrom": "2026-11-01"}, "startFrom"),
        ({"providerRequests": "historical_files"}, "providerRequests"),
        ({"providerRequests": ["files"]}, "providerRequests.0"),
        ({"providerRequests": [{"type": "historical_files", "more": 1}]}, "providerRequests.0"),
        ({"providerRequests": [{"type": []}]}, "providerRequests.0"),
    ],
)
def test_what_is_wrong_with_a_sync_is_named_by_its_path(
    shared_api: httpx.Client, body: dict[str, Any], path: str
) -> None:
    assert wrong_paths(shared_api.post("/syncs", headers=make(shared_api), json=body)) == ["{requestBody}." + path]


def test_numbers_that_json_does_not_know_are_refused(api: httpx.Client) -> None:
    answer = api.post("/syncs", headers={**make(api), **JSON}, content='{"days": Infinity}')
    assert wrong_paths(answer)[0].startswith("{requestBody}")


def test_a_sync_that_asks_something_of_the_provider_says_so_until_it_came(sandbox: Sandbox, api: httpx.Client) -> None:
    token = make(api)
    body = {"providerRequests": ["historical_files", "historical_files"]}
    path = f"/syncs/{api.post('/syncs', headers=token, json=body).json()['id']}"
    sandbox.clock.advance(90)
    look = api.get(path, headers=token).json()
    assert look["status"] == "in_progress"
    assert look["providerRequests"] == ["historical_files"]
    sandbox.clock.advance(15 * 60)
    look = api.get(path, headers=token).json()
    assert look["status"] == "completed"
    assert look["providerRequests"] == []
