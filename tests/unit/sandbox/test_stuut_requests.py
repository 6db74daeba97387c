"""What clients do with the integrations API, over the wire."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.unit.sandbox.conftest import START
from tests.unit.sandbox.stuut_shapes import STATUSES, check_connection, check_sync
from tui_app.sandbox.server import Sandbox

NEW = {"provider_name": "xero", "name": "Books"}


def listed(stuut: httpx.Client, connection_id: str) -> dict[str, Any]:
    found: list[dict[str, Any]] = [each for each in stuut.get("/connections").json() if each["id"] == connection_id]
    assert len(found) == 1
    return found[0]


def last_syncs(stuut: httpx.Client, connection_id: str) -> dict[str, Any]:
    """The last job of each model, by the model's name."""
    return {model["name"]: model["last_sync"] for model in listed(stuut, connection_id)["models"]}


def request(stuut: httpx.Client, connection_id: str) -> list[dict[str, Any]]:
    answer = stuut.post(f"/connections/{connection_id}/sync")
    assert answer.status_code == 200, answer.text
    jobs: list[dict[str, Any]] = answer.json()
    return jobs


def fleets(stuut: httpx.Client, number: int) -> dict[str, Any]:
    connection: dict[str, Any] = stuut.get("/connections").json()[number]
    return connection


def test_connections_are_a_bare_array_with_the_time_of_the_virtual_clock(stuut: httpx.Client) -> None:
    answer = stuut.get("/connections")
    assert (answer.status_code, len(answer.json())) == (200, 18)
    assert answer.headers["date"] == "Sun, 22 Nov 2026 12:00:00 GMT"
    for connection in answer.json():
        check_connection(connection)


def test_a_server_without_terminal_connections_has_no_integrations_either() -> None:
    with Sandbox(connections=0, start=START, speed=0) as empty:
        said = empty.announcement
        url, key = said.servers["stuut"]
        assert said.servers["terminal"] == (said.terminal_url, said.api_key)
        answer = httpx.get(f"{url}/connections", headers={"Authorization": f"Bearer {key}"}, trust_env=False)
    assert answer.json() == []


def test_a_request_makes_one_job_for_each_model_that_is_read(stuut: httpx.Client) -> None:
    connection = fleets(stuut, 0)
    jobs = request(stuut, connection["id"])
    for job in jobs:
        check_sync(job)
    read = [model["id"] for model in connection["models"] if model["is_read_enabled"]]
    assert len(read) < len(connection["models"])
    assert [job["model_id"] for job in jobs] == read
    assert len({job["id"] for job in jobs}) == len(jobs)
    assert len({job["batch_id"] for job in jobs}) == 1
    assert {(job["status"], job["attempt"], job["is_one_off"], job["error"]) for job in jobs} == {
        ("scheduled", 0, True, None)
    }
    assert {job["created_at"] for job in jobs} == {"2026-11-22T12:00:00.000Z"}
    shown = {model["last_sync"]["id"] for model in fleets(stuut, 0)["models"] if model["is_read_enabled"]}
    assert shown == {job["id"] for job in jobs}


def test_a_job_comes_through_all_that_was_settled_for_it() -> None:
    with Sandbox(connections=0, start=START, speed=0) as empty:
        said = empty.announcement
        headers = {"Authorization": f"Bearer {said.stuut_key}"}
        with httpx.Client(base_url=said.stuut_url, headers=headers, trust_env=False) as client:
            check_ways(empty, client)


def check_ways(sandbox: Sandbox, stuut: httpx.Client) -> None:
    """Look at a batch of four jobs every virtual second, until all are over."""
    outcomes = {"customers": "complete", "invoices": "retry", "payments": "failed", "items": "cancelled"}
    added = sandbox.add_integration(models=tuple(outcomes), outcomes=outcomes)
    request(stuut, added["id"])
    seen: dict[str, list[str]] = {name: [] for name in outcomes}
    for _ in range(15 * 60):
        for name, sync in last_syncs(stuut, added["id"]).items():
            if seen[name][-1:] != [sync["status"]]:
                seen[name].append(sync["status"])
        sandbox.clock.advance(1)
    begun = ["scheduled", "queued", "running"]
    again = ["pending_retry", "queued", "running"]
    assert seen == {
        "customers": [*begun, "complete"],
        "invoices": [*begun, *again, *again, "complete"],
        "payments": [*begun, *again, *again, "failed"],
        "items": [*begun, "cancelled"],
    }
    assert {word for words in seen.values() for word in words} == STATUSES


def test_the_first_job_of_a_model_reads_everything_and_the_next_one_from_there(
    sandbox: Sandbox, stuut: httpx.Client
) -> None:
    added = sandbox.add_integration(models=["customers"])
    assert request(stuut, added["id"])[0]["is_initial_sync"] is True
    sandbox.clock.advance(3600)
    first = last_syncs(stuut, added["id"])["customers"]
    assert first["timerange_start"] is None
    assert first["timerange_end"] == first["started_at"]
    assert request(stuut, added["id"])[0]["is_initial_sync"] is False
    sandbox.clock.advance(3600)
    assert last_syncs(stuut, added["id"])["customers"]["timerange_start"] == first["created_at"]


def test_one_batch_at_a_time(sandbox: Sandbox, stuut: httpx.Client) -> None:
    added = sandbox.add_integration()
    before = request(stuut, added["id"])
    for _ in range(16):
        under_way = any(sync["status"] != "complete" for sync in last_syncs(stuut, added["id"]).values())
        answer = stuut.post(f"/connections/{added['id']}/sync")
        if not under_way:
            break
        assert answer.status_code == 409
        assert answer.json() == {"detail": "A sync is already running for this connection"}
        sandbox.clock.advance(60)
    assert answer.status_code == 200
    assert {job["id"] for job in answer.json()}.isdisjoint(job["id"] for job in before)
    assert {job["batch_id"] for job in answer.json()}.isdisjoint(job["batch_id"] for job in before)


@pytest.mark.parametrize(
    ("name", "detail"),
    [
        ("is_sync_disabled", "Syncing is disabled for this connection"),
        ("is_authentication_pending", "Authentication is pending for this connection"),
        ("is_running_setup", "Setup is running for this connection"),
    ],
)
def test_a_connection_that_is_kept_from_syncing_says_why(
    sandbox: Sandbox, stuut: httpx.Client, name: str, detail: str
) -> None:
    flags: dict[str, Any] = {name: True}
    added = sandbox.add_integration(**flags)
    others = [each for each in stuut.get("/connections").json() if each[name]]
    assert len(others) >= 2
    sandbox.clock.advance(86_400)
    for each in (added, *others):
        answer = stuut.post(f"/connections/{each['id']}/sync")
        assert (answer.status_code, answer.json()) == (409, {"detail": detail})
        assert {model["next_sync_at"] for model in each["models"]} == {None}


def test_a_connection_of_which_nothing_is_read_has_no_jobs(sandbox: Sandbox, stuut: httpx.Client) -> None:
    empty = sandbox.add_integration(models=())
    off = sandbox.add_integration(models=["items"])
    sandbox.switch_model(off["id"], "items", enabled=False)
    assert request(stuut, empty["id"]) == request(stuut, off["id"]) == request(stuut, empty["id"]) == []
    assert last_syncs(stuut, off["id"]) == {"items": None}
    # A request for nothing keeps no turn from coming.
    before = fleets(stuut, 0)
    sandbox.clock.advance(90 * 60)
    for model in before["models"]:
        sandbox.switch_model(before["id"], model["name"], enabled=False)
    assert request(stuut, before["id"]) == []
    for model in before["models"]:
        sandbox.switch_model(before["id"], model["name"], enabled=True)
    assert fleets(stuut, 0)["models"][0]["next_sync_at"] == before["models"][0]["next_sync_at"]


def test_jobs_on_premise_carry_no_batch_id(sandbox: Sandbox, stuut: httpx.Client) -> None:
    added = sandbox.add_integration(is_on_premise=True)
    made = stuut.post("/connections", json={**NEW, "is_on_premise": True}).json()
    sandbox.clock.advance(61)
    jobs = [*request(stuut, added["id"]), *request(stuut, made["id"])]
    assert {job["batch_id"] for job in jobs} == {None}


@pytest.mark.parametrize("number", [0, 1, 4, 10, 13, 14, 15, 17])
def test_what_was_asked_for_stands_as_the_last_job_for_an_hour(
    sandbox: Sandbox, stuut: httpx.Client, number: int
) -> None:
    connection = fleets(stuut, number)
    turn = datetime.fromisoformat(connection["models"][0]["next_sync_at"])
    # Its turn comes within the hour: its jobs would be seen 29 minutes after the request.
    sandbox.clock.advance((turn - START).total_seconds() - 31 * 60)
    jobs = {job["id"] for job in request(stuut, connection["id"])}
    shown = fleets(stuut, number)["models"]
    assert all(datetime.fromisoformat(model["next_sync_at"]) > turn for model in shown if model["is_read_enabled"])
    for _ in range(60):
        now = [model["last_sync"] for model in fleets(stuut, number)["models"] if model["is_read_enabled"]]
        assert {sync["id"] for sync in now} == jobs
        sandbox.clock.advance(60)
    later = datetime.fromisoformat(shown[0]["next_sync_at"]) - sandbox.clock.now()
    sandbox.clock.advance(later.total_seconds())
    now = [model["last_sync"] for model in fleets(stuut, number)["models"] if model["is_read_enabled"]]
    assert {(sync["status"], sync["is_one_off"]) for sync in now} == {("queued", False)}


def test_a_new_connection_is_set_up_and_then_syncs_when_asked(sandbox: Sandbox, stuut: httpx.Client) -> None:
    made = stuut.post("/connections", json={**NEW, "api_url": "https://x.example", "colour": "blue"}).json()
    check_connection(made)
    assert (made["provider_name"], made["name"], made["api_url"]) == ("xero", "Books", "https://x.example")
    assert (made["company"], made["environment"], made["is_on_premise"]) == (None, None, False)
    assert made["health"]["healthy"] is made["is_running_setup"] is True
    assert made["is_authentication_pending"] is made["is_sync_disabled"] is False
    assert "tracking_category" in [model["name"] for model in made["models"] if model["is_custom_object"]]
    assert listed(stuut, made["id"]) == made
    assert stuut.post(f"/connections/{made['id']}/sync").status_code == 409
    sandbox.clock.advance(60)
    ready = listed(stuut, made["id"])
    assert (ready["is_running_setup"], ready["modified_at"]) == (False, "2026-11-22T12:01:00.000Z")
    request(stuut, made["id"])
    sandbox.clock.advance(15 * 60)
    ended = last_syncs(stuut, made["id"]).values()
    assert {sync["status"] for sync in ended} == {"complete"}
    assert sorted(sync["attempt"] for sync in ended) == [1] * (len(ended) - 1) + [2]
    sandbox.clock.advance(30 * 86_400)
    assert list(last_syncs(stuut, made["id"]).values()) == list(ended)


def test_later_jobs_of_a_new_connection_go_well_mostly(sandbox: Sandbox, stuut: httpx.Client) -> None:
    made = stuut.post("/connections", json=NEW).json()
    ends = []
    for _ in range(40):
        sandbox.clock.advance(3600)
        request(stuut, made["id"])
        sandbox.clock.advance(15 * 60)
        ends += [sync["status"] for sync in last_syncs(stuut, made["id"]).values()]
    assert set(ends) == {"complete", "failed"}
    assert ends.count("complete") > 10 * ends.count("failed")


def test_a_connection_of_an_unknown_provider_has_the_usual_models(stuut: httpx.Client) -> None:
    made = stuut.post("/connections", json={"provider_name": "abacus & quill", "name": "é\u202e"}).json()
    assert (made["provider_name"], made["name"]) == ("abacus & quill", "é\u202e")
    assert [model["name"] for model in made["models"]][:3] == ["customers", "invoices", "payments"]


def test_an_edit_changes_what_it_names_and_nothing_else(sandbox: Sandbox, stuut: httpx.Client) -> None:
    before = fleets(stuut, 3)
    sandbox.clock.advance(30)
    edited = stuut.patch(f"/connections/{before['id']}", json={"company": "Renamed", "id": "other", "api_url": "x"})
    assert edited.status_code == 200
    assert edited.json() == fleets(stuut, 3)
    assert edited.json() == {**before, "company": "Renamed", "modified_at": "2026-11-22T12:00:30.000Z"}
    sandbox.clock.advance(30)
    unchanged = stuut.patch(f"/connections/{before['id']}", json={"company": "Renamed"}).json()
    assert unchanged["modified_at"] == "2026-11-22T12:00:30.000Z"
    all_four = {"provider_name": "sage", "name": "n", "company": None, "environment": None}
    assert stuut.patch(f"/connections/{before['id']}", json=all_four).json() == {
        **before,
        **all_four,
        "modified_at": "2026-11-22T12:01:00.000Z",
    }


def test_a_model_that_is_switched_off_keeps_its_last_job_and_gets_no_other(
    sandbox: Sandbox, stuut: httpx.Client
) -> None:
    before = fleets(stuut, 0)
    name = before["models"][0]["name"]
    sandbox.switch_model(before["id"], name, enabled=False)
    sandbox.clock.advance(5 * 3600)
    off, *others = fleets(stuut, 0)["models"]
    assert off["last_sync"] == before["models"][0]["last_sync"]
    assert (off["is_read_enabled"], off["next_sync_at"]) == (False, None)
    assert off["modified_at"] == "2026-11-22T12:00:00.000Z"
    assert others[0]["last_sync"] != before["models"][1]["last_sync"]
    sandbox.switch_model(before["id"], name, enabled=True)
    sandbox.clock.advance(4 * 3600)
    on = fleets(stuut, 0)["models"][0]
    assert on["last_sync"]["created_at"] == fleets(stuut, 0)["models"][1]["last_sync"]["created_at"]
    assert on["last_sync"]["timerange_start"] == off["last_sync"]["created_at"]


def test_switching_a_model_or_its_health_does_not_change_a_job_that_can_be_seen(
    sandbox: Sandbox, stuut: httpx.Client
) -> None:
    running = fleets(stuut, 4)
    turn = datetime.fromisoformat(running["models"][0]["next_sync_at"]) - timedelta(minutes=2)
    sandbox.clock.advance((turn - START).total_seconds())
    seen = fleets(stuut, 4)["models"][0]["last_sync"]
    assert seen["status"] == "scheduled"
    sandbox.set_health(running["id"], authentication_required=True)
    sandbox.switch_model(running["id"], running["models"][0]["name"], enabled=False)
    assert fleets(stuut, 4)["models"][0]["last_sync"] == seen
    sandbox.clock.advance(15 * 60)
    ended = fleets(stuut, 4)["models"][0]["last_sync"]
    assert (ended["id"], ended["status"]) == (seen["id"], "complete")
    sandbox.clock.advance(2 * 3600)
    assert {model["last_sync"]["status"] for model in fleets(stuut, 4)["models"][1:3]} == {"failed"}


def test_health_can_be_anything_and_settles_how_jobs_go(sandbox: Sandbox, stuut: httpx.Client) -> None:
    added = sandbox.add_integration(outcomes={"payments": "complete"})
    told = {"healthy": False, "status_code": "\x1b[31m", "message": "[/b]\u202e", "extra": [1]}
    sandbox.clock.advance(5)
    sandbox.set_health(added["id"], **told)
    health = listed(stuut, added["id"])["health"]
    assert health == {**added["health"], **told, "timestamp": "2026-11-22T12:00:05.000Z"}
    expected: list[tuple[dict[str, Any], list[tuple[str, int]]]] = [
        ({"status_code": "provider_unavailable"}, [("failed", 3), ("failed", 3), ("complete", 1)]),
        ({"status_code": "rate_limited"}, [("complete", 3), ("complete", 3), ("complete", 1)]),
        ({"authentication_required": True}, [("failed", 1)] * 3),
    ]
    for change, ends in expected:
        sandbox.set_health(added["id"], **change)
        request(stuut, added["id"])
        sandbox.clock.advance(900)
        assert [(sync["status"], sync["attempt"]) for sync in last_syncs(stuut, added["id"]).values()] == ends


def test_an_integration_can_be_added_with_any_values_at_all(sandbox: Sandbox, stuut: httpx.Client) -> None:
    company = "\x1b]2;owned\x07[/bold]" + "x" * 65_536 + "\u202e\ud83d"
    added = sandbox.add_integration(company=company, provider_name="", models=["", "a\x00", "\ud83d"], healthy=False)
    assert added == listed(stuut, added["id"])
    assert (added["company"], added["health"]["healthy"]) == (company, False)
    check_connection(added)
    with pytest.raises(ValueError, match="'perplexed'"):
        sandbox.add_integration(outcomes={"customers": "perplexed"})
    with pytest.raises(KeyError):
        sandbox.switch_model(added["id"], "customers", enabled=True)
    with pytest.raises(KeyError):
        sandbox.set_health("nobody")


def test_the_other_api_knows_nothing_of_this_one(sandbox: Sandbox, api: httpx.Client, stuut: httpx.Client) -> None:
    before = api.get("/connections?limit=1000").json()
    stuut.post("/connections", json=NEW)
    request(stuut, fleets(stuut, 0)["id"])
    assert api.get("/connections?limit=1000").json() == before
    root = sandbox.announcement.terminal_url.removesuffix("/tsp/v1")
    theirs = httpx.get(f"{root}/openapi.json", trust_env=False).json()
    ours = httpx.get(f"{sandbox.announcement.stuut_url}/openapi.json", trust_env=False).json()
    assert all(path.startswith("/tsp/v1/") for path in theirs["paths"])
    assert all(path.startswith("/v2/integrations/") for path in ours["paths"])
