"""What the operations that read answer, over a real socket."""

from __future__ import annotations

from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import pytest

from tests.unit.sandbox.conftest import START
from tui_app.sandbox.server import Sandbox


def everyone(api: httpx.Client, **filters: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = api.get("/connections", params={"limit": "1000", **filters}).json()["results"]
    return found


def walk(api: httpx.Client, path: str, headers: dict[str, str] | None = None, **params: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    while True:
        page = api.get(path, params=params, headers=headers).json()
        rows += page["results"]
        if "next" not in page:
            return rows
        assert page["results"]
        assert page["next"] != params.get("cursor"), "the same page for ever"
        params["cursor"] = page["next"]


def token_of(api: httpx.Client, role: int = 1, **filters: str) -> dict[str, str]:
    return {"Connection-Token": everyone(api, **filters)[role]["token"]}


def test_dates_are_the_virtual_time(sandbox: Sandbox, api: httpx.Client) -> None:
    sandbox.clock.advance(3600)
    for path in ("/providers", "/nowhere"):
        answer = api.get(path)
        assert answer.headers.get_list("date") == [answer.headers["date"]]
        assert (parsedate_to_datetime(answer.headers["date"]) - START).total_seconds() == 3600


def test_pages_of_any_size_hold_everything_once_and_in_order(api: httpx.Client) -> None:
    whole = everyone(api)
    assert len(whole) == 48
    for limit in ("1", "7", "48", "49"):
        assert walk(api, "/connections", limit=limit) == whole
    assert walk(api, "/connections", limit="7", order="desc") == whole[::-1]


def test_connections_made_between_two_pages_shift_nothing(sandbox: Sandbox, api: httpx.Client) -> None:
    first = api.get("/connections", params={"limit": "40", "order": "desc"}).json()
    made = sandbox.add_connection(company="Late")
    second = api.get("/connections", params={"limit": "40", "order": "desc", "cursor": first["next"]}).json()
    ids = [each["id"] for each in first["results"] + second["results"]]
    assert len(set(ids)) == len(ids) == 48
    assert everyone(api, order="desc")[0] == made


@pytest.mark.parametrize("cursor", ["", "x", "###", "é", "YXNjOm5vdGhpbmc", "YXNjOnN5bmNfMDE", "A" * 5000])
def test_a_cursor_that_nobody_handed_out_is_refused(shared_api: httpx.Client, cursor: str) -> None:
    answer = shared_api.get("/connections", params={"cursor": cursor})
    assert answer.status_code == 400
    assert answer.json()["detail"][0]["path"] == "{requestQuery}.cursor"


def test_a_cursor_is_good_for_its_own_list_and_order_only(api: httpx.Client) -> None:
    cursor = api.get("/connections", params={"limit": "1"}).json()["next"]
    assert api.get("/connections", params={"cursor": cursor, "order": "desc"}).status_code == 400
    assert api.get("/issues", params={"cursor": cursor}).status_code == 400


def test_connections_are_found_by_everything_they_can_be_asked_for(api: httpx.Client) -> None:
    whole = everyone(api)
    middle = sorted(each["updatedAt"] for each in whole)[24]
    one = next(each for each in whole if each.get("externalId") and each.get("tags") and each["company"]["dotNumbers"])
    tests: dict[str, tuple[str, Callable[[dict[str, Any]], bool]]] = {
        "externalId": (one["externalId"], lambda each: each.get("externalId") == one["externalId"]),
        "tag": (one["tags"][0], lambda each: one["tags"][0] in each.get("tags", ())),
        "provider": ("geotab", lambda each: each["provider"]["code"] == "geotab"),
        "status": ("archived", lambda each: each["status"] == "archived"),
        "updatedAfter": (middle, lambda each: each["updatedAt"] >= middle),
        "updatedBefore": (middle, lambda each: each["updatedAt"] <= middle),
    }
    for name, (value, fits) in tests.items():
        found = [each["id"] for each in everyone(api, **{name: value})]
        assert found == [each["id"] for each in whole if fits(each)], name
        assert 0 < len(found) < len(whole), name
    dot = one["company"]["dotNumbers"][0]
    assert one["id"] in [each["id"] for each in everyone(api, dotNumber=dot)]
    assert everyone(api, provider="geotab", status="archived", tag="nobody") == []


def test_a_filter_finds_a_state_that_came_with_time(sandbox: Sandbox, api: httpx.Client) -> None:
    before = len(everyone(api, status="disconnected"))
    sandbox.clock.advance(300)
    assert len(everyone(api, status="disconnected")) == before + 1


@pytest.mark.parametrize(
    ("path", "params"),
    [
        ("/connections", {"limit": "0"}),
        ("/connections", {"limit": "1.0"}),
        ("/connections", {"limit": "1_0"}),
        ("/connections", {"status": "lost"}),
        ("/connections", {"order": "up"}),
        ("/connections", {"updatedAfter": "2026-01-01"}),
        ("/connections", {"updatedAfter": "2026-02-30T00:00:00Z"}),
        ("/connections", {"updatedBefore": "2026-01-01T00:00:00"}),
        ("/issues", {"expand": "sync"}),
        ("/issues", {"status": "open"}),
        ("/issues", {"lastReportedAfter": "yesterday"}),
    ],
)
def test_a_wrong_parameter_is_named_in_the_refusal(shared_api: httpx.Client, path: str, params: dict[str, str]) -> None:
    answer = shared_api.get(path, params=params)
    body = answer.json()
    assert answer.status_code == 400
    assert body["code"] == "bad_request"
    assert [each["path"] for each in body["detail"]] == ["{requestQuery}." + next(iter(params))]


@pytest.mark.parametrize("moment", ["2016-12-31T23:59:60Z", "0001-01-01T00:00:00+14:00", "2026-01-01t00:00:00.5z"])
def test_unusual_times_are_understood(shared_api: httpx.Client, moment: str) -> None:
    assert shared_api.get("/connections", params={"updatedAfter": moment}).status_code == 200


def test_the_current_connection_tells_its_last_sync_and_agreements(api: httpx.Client) -> None:
    listed = everyone(api, status="connected")[3]
    headers = {"Connection-Token": listed["token"]}
    current = api.get("/connections/current", headers=headers).json()
    assert {name: current[name] for name in listed} == listed
    assert current["lastSync"] == api.get("/syncs?limit=1", headers=headers).json()["results"][0]
    assert isinstance(current["agreements"], list)


def test_syncs_come_newest_first_and_each_can_be_read(api: httpx.Client) -> None:
    headers = token_of(api, 0, status="connected")
    syncs = walk(api, "/syncs", headers, limit="3")
    assert len(syncs) > 3
    assert [each["requestedAt"] for each in syncs] == sorted((each["requestedAt"] for each in syncs), reverse=True)
    assert [api.get(f"/syncs/{each['id']}", headers=headers).json() for each in syncs] == syncs


def test_syncs_are_found_by_status(api: httpx.Client) -> None:
    headers = {"Connection-Token": next(each["token"] for each in everyone(api) if each["status"] == "disconnected")}
    found = [walk(api, "/syncs", headers, status=word) for word in ("requested", "in_progress", "completed", "failed")]
    assert found[0] == found[1] == []
    assert found[3]
    assert sorted(str(each) for rows in found for each in rows) == sorted(map(str, walk(api, "/syncs", headers)))


def test_a_sync_of_another_connection_is_not_found(api: httpx.Client) -> None:
    mine, other = token_of(api, 0, status="connected"), token_of(api, 1, status="connected")
    sync_id = api.get("/syncs", headers=other).json()["results"][0]["id"]
    answer = api.get(f"/syncs/{sync_id}", headers=mine)
    assert answer.status_code == 404
    assert answer.json() == {
        "code": "not_found",
        "message": "Resource not found",
        "detail": f"Could not find resource with ID: {sync_id}",
    }


def test_issues_are_found_by_everything_they_can_be_asked_for(api: httpx.Client) -> None:
    whole = walk(api, "/issues", limit="2")
    assert len(whole) > 5
    assert {each["status"] for each in whole} == {"ongoing", "resolved"}
    one = whole[1]
    tests: dict[str, tuple[str, Callable[[dict[str, Any]], bool]]] = {
        "connectionId": (one["connection"], lambda each: each["connection"] == one["connection"]),
        "errorCode": (one["error"]["code"], lambda each: each["error"]["code"] == one["error"]["code"]),
        "status": ("resolved", lambda each: each["status"] == "resolved"),
        "lastReportedAfter": (one["lastReportedAt"], lambda each: each["lastReportedAt"] >= one["lastReportedAt"]),
        "lastReportedBefore": (one["lastReportedAt"], lambda each: each["lastReportedAt"] <= one["lastReportedAt"]),
    }
    for name, (value, fits) in tests.items():
        found = walk(api, "/issues", None, **{name: value})
        assert found == [each for each in whole if fits(each)], name
        assert 0 < len(found) < len(whole), name


def test_issues_and_syncs_are_expanded_on_demand(api: httpx.Client) -> None:
    plain, whole = walk(api, "/issues"), walk(api, "/issues", expand="connection")
    assert [each["connection"]["id"] for each in whole] == [each["connection"] for each in plain]
    assert whole[0]["connection"] in everyone(api)
    owner = next(each for each in everyone(api) if each["id"] == plain[0]["connection"])
    headers = {"Connection-Token": owner["token"]}
    ids, objects = walk(api, "/syncs", headers), walk(api, "/syncs", headers, expand="issues")
    assert [[issue["id"] for issue in sync["issues"]] for sync in objects] == [sync["issues"] for sync in ids]
    assert plain[0] in [issue for sync in objects for issue in sync["issues"]]


def test_issues_keep_their_id_from_sync_to_sync(sandbox: Sandbox, api: httpx.Client) -> None:
    before = {each["id"]: each["lastReportedAt"] for each in walk(api, "/issues", status="ongoing")}
    sandbox.clock.advance(4 * 3600)
    after = {each["id"]: each["lastReportedAt"] for each in walk(api, "/issues", status="ongoing")}
    assert set(before) <= set(after)
    assert any(after[name] > told for name, told in before.items())


def test_an_empty_fleet_is_no_special_case() -> None:
    with Sandbox(connections=0, start=START) as empty:
        said = empty.announcement
        assert said.connection_tokens == []
        headers = {"Authorization": f"Bearer {said.api_key}"}
        for path in ("/connections", "/issues"):
            assert httpx.get(said.terminal_url + path, headers=headers, trust_env=False).json() == {"results": []}
