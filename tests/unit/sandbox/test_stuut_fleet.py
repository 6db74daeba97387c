"""The integrations that a server starts with, over many seeds and hours."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest

from tests.unit.sandbox.stuut_shapes import check_connection
from tui_app.sandbox.clock import LATEST_MS, VirtualClock, from_ms, to_ms
from tui_app.sandbox.plans import DAY, HOUR, MINUTE
from tui_app.sandbox.stuut.fleet import MOST, build_fleet
from tui_app.sandbox.stuut.integrations import Integration
from tui_app.sandbox.stuut.jobs import FINAL
from tui_app.sandbox.stuut.names import NAMES, trading_name
from tui_app.sandbox.stuut.refusals import Refusal
from tui_app.sandbox.stuut.store import IntegrationStore
from tui_app.sandbox.stuut.views import connection_json

START = to_ms(datetime(2026, 11, 22, 12, tzinfo=UTC))
SEEDS = range(12)
# Any hour of any day, and minutes that are not round.
HOURS = [START + hours * HOUR + hours * 7 * MINUTE for hours in (0, 1, 5, 11, 16, 23, 24 * 40, 24 * 365)]
# One of the two that are cancelled every day is under way.
HOURS.append(START + 19 * HOUR)


def shown(seed: int, now_ms: int = START, start_ms: int = START) -> list[dict[str, Any]]:
    return [connection_json(each, now_ms) for each in build_fleet(seed, MOST, start_ms)]


def store(seed: int, now_ms: int, start_ms: int | None = None) -> IntegrationStore:
    clock = VirtualClock(from_ms(now_ms), 0)
    return IntegrationStore(seed, MOST, now_ms if start_ms is None else start_ms, clock, threading.RLock())


def last_syncs(connection: dict[str, Any]) -> list[dict[str, Any]]:
    return [model["last_sync"] for model in connection["models"] if model["last_sync"] is not None]


def is_idle(connection: dict[str, Any]) -> bool:
    kept = ("is_authentication_pending", "is_running_setup", "is_sync_disabled")
    return not any(connection[name] for name in kept) and all(
        sync["status"] in FINAL for sync in last_syncs(connection)
    )


def asked(seed: int, index: int, start_ms: int) -> Iterator[list[dict[str, Any]]]:
    """Ask a connection to sync at once, and yield its last jobs every quarter of a minute until 20 minutes later."""
    fleet = store(seed, start_ms)
    connection = fleet.fleet[index]
    jobs = {job.id for job in fleet.request_sync(connection)}
    for now_ms in range(start_ms, start_ms + 20 * MINUTE, MINUTE // 4):
        yield [sync for sync in last_syncs(connection_json(connection, now_ms)) if sync["id"] in jobs]


def test_the_same_seed_and_start_make_the_same_fleet_to_the_last_letter() -> None:
    assert json.dumps(shown(7)) == json.dumps(shown(7))
    assert {each["id"] for each in shown(1)}.isdisjoint(each["id"] for each in shown(2))


@pytest.mark.parametrize("size", [0, 1, 5, 18, 19, 100_000])
def test_a_fleet_does_not_depend_on_its_size_and_has_18_connections_at_most(size: int) -> None:
    ids = [each.id for each in build_fleet(3, size, START)]
    assert ids == [each["id"] for each in shown(3)][: min(size, 18)]


def test_a_clock_that_is_moved_changes_no_connection_but_its_jobs() -> None:
    before, after = shown(4), shown(4, START + 9 * DAY)
    for one, other in zip(before, after, strict=True):
        assert {**one, "models": []} == {**other, "models": []}


@pytest.mark.parametrize("now_ms", HOURS)
def test_everything_has_the_documented_shape(now_ms: int) -> None:
    for seed in SEEDS:
        for connection in [*shown(seed, now_ms), *shown(seed, now_ms, now_ms)]:
            check_connection(connection)


@pytest.mark.parametrize("now_ms", HOURS)
@pytest.mark.parametrize("fresh", [True, False], ids=["just started", "started long ago"])
def test_every_fleet_shows_every_state_at_every_hour(now_ms: int, fresh: bool) -> None:
    for seed in SEEDS:
        fleet = shown(seed, now_ms, now_ms if fresh else START)
        assert any(each["health"]["healthy"] and is_idle(each) for each in fleet)
        assert any(each["health"]["authentication_required"] and last_syncs(each) for each in fleet)
        sick = [each for each in fleet if not each["health"]["healthy"]]
        assert {each["health"]["status_code"] for each in sick if not each["health"]["authentication_required"]} == {
            "provider_unavailable",
            "rate_limited",
        }
        assert any(each["is_sync_disabled"] and last_syncs(each) for each in fleet)
        assert any(each["is_running_setup"] and not last_syncs(each) for each in fleet)
        assert any(each["is_authentication_pending"] and not last_syncs(each) for each in fleet)
        assert any({sync["status"] for sync in last_syncs(each)} == {"cancelled"} for each in fleet)
        on_premise = [sync for each in fleet if each["is_on_premise"] for sync in last_syncs(each)]
        assert on_premise
        assert {sync["batch_id"] for sync in on_premise} == {None}


def test_a_batch_is_running_when_a_server_starts_and_soon_one_runs_again() -> None:
    for seed in SEEDS:
        for start_ms in HOURS:
            assert any(
                sync["status"] == "running" for each in shown(seed, start_ms, start_ms) for sync in last_syncs(each)
            )
            turns = {model["next_sync_at"] for each in shown(seed, start_ms) for model in each["models"]} - {None}
            assert from_ms(start_ms) < datetime.fromisoformat(min(turns)) <= from_ms(start_ms + HOUR)


def test_the_first_connection_completes_what_it_is_asked_for() -> None:
    for seed in SEEDS:
        for start_ms in HOURS[:3]:
            *_, end = asked(seed, 0, start_ms)
            assert len(end) >= 3
            assert {sync["status"] for sync in end} == {"complete"}


def test_one_connection_is_in_trouble_when_asked_to_sync() -> None:
    for seed in SEEDS:
        seen = list(asked(seed, 1, START))
        attempts = {sync["attempt"] for look in seen for sync in look if sync["status"] == "pending_retry"}
        assert attempts == {1, 2}
        assert all(sync["error"] for look in seen for sync in look if sync["status"] == "pending_retry")
        retried = [sync for sync in seen[-1] if sync["status"] == "complete" and sync["attempt"] == 3]
        failed = [sync for sync in seen[-1] if sync["status"] == "failed"]
        assert len(retried) == len(failed) == 1
        assert failed[0]["error"]


def test_credentials_that_do_not_hold_let_every_job_fail() -> None:
    for seed in SEEDS:
        *_, end = asked(seed, 2, START)
        assert {sync["status"] for sync in end} == {"failed"}
        assert all("credentials" in sync["error"] for sync in end)


def test_jobs_of_a_batch_do_not_move_in_step() -> None:
    for seed in SEEDS:
        assert any(len({sync["status"] for sync in look}) > 1 for look in asked(seed, 0, START))


def test_each_status_is_met_in_a_fleet_within_half_a_day() -> None:
    fleet = build_fleet(1, MOST, START)
    met = {
        sync["status"]
        for now_ms in range(START, START + DAY // 2, 5 * MINUTE)
        for each in fleet
        for sync in last_syncs(connection_json(each, now_ms))
    }
    assert met == {"scheduled", "queued", "running", "pending_retry", "complete", "failed", "cancelled"}


def test_scheduled_runs_come_when_they_were_announced_and_nothing_runs_backwards() -> None:
    for connection in build_fleet(2, MOST, START):
        looks = [connection_json(connection, now_ms) for now_ms in range(START, START + DAY // 2, 2 * MINUTE)]
        for earlier, later in pairwise(looks):
            for before, after in zip(earlier["models"], later["models"], strict=True):
                check_step(before, after)


def check_step(before: dict[str, Any], after: dict[str, Any]) -> None:
    """Check two looks at a model, two virtual minutes apart and without any request between them."""
    was, now = before["last_sync"], after["last_sync"]
    if was is not None:
        assert now["created_at"] >= was["created_at"]
    if was is not None and was["id"] == now["id"]:
        assert now["attempt"] >= was["attempt"]
        assert now["status"] == was["status"] or was["status"] not in FINAL
        assert now["pagination_state"].get("page", 0) >= was["pagination_state"].get("page", 0)
    elif now is not None:
        assert now["status"] == "scheduled"
        assert not now["is_one_off"]
        assert was is None or was["status"] in FINAL
    if before["next_sync_at"] != after["next_sync_at"]:
        # Its turn has come: the job that was announced is on its way.
        assert now["status"] in ("queued", "running")
        assert after["next_sync_at"] > before["next_sync_at"]


def test_a_scheduled_batch_has_one_id_and_one_job_for_each_model_that_is_read() -> None:
    for seed in SEEDS:
        for connection in shown(seed):
            syncs = last_syncs(connection)
            assert len({sync["batch_id"] for sync in syncs}) <= 1
            assert len({sync["created_at"] for sync in syncs}) <= 1
            read = [model["id"] for model in connection["models"] if model["is_read_enabled"]]
            assert [sync["model_id"] for sync in syncs] in (read, [])
            off = [model for model in connection["models"] if not model["is_read_enabled"]]
            assert {model["next_sync_at"] for model in off} <= {None}


def test_models_differ_in_what_is_done_with_them() -> None:
    for seed in SEEDS:
        fleet = shown(seed)
        models = [model for each in fleet for model in each["models"]]
        assert all(3 <= len(each["models"]) <= 7 for each in fleet)
        for name in ("is_read_enabled", "is_write_enabled", "is_custom_object", "is_webhooks_setup"):
            assert {model[name] for model in models} == {True, False}, name
        assert all(model["is_write_supported"] for model in models if model["is_write_enabled"])


def test_companies_have_names_of_their_own() -> None:
    assert len({trading_name(3, index) for index in range(MOST)}) == MOST <= len(NAMES)
    assert trading_name(3, 0) != trading_name(4, 0) or trading_name(5, 0) != trading_name(4, 0)


def test_the_end_of_all_time_can_still_be_shown() -> None:
    for each in build_fleet(1, MOST, START):
        check_connection(connection_json(each, LATEST_MS))


def test_a_request_is_refused_while_a_scheduled_batch_is_under_way() -> None:
    for seed in SEEDS:
        fleet = store(seed, START)
        running: list[Integration] = [each for each in fleet.fleet if each.running_job(START) is not None]
        assert running
        for each in running:
            with pytest.raises(Refusal, match="already running"):
                fleet.request_sync(each)
