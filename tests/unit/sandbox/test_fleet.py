from __future__ import annotations

import json
import re
from collections import Counter
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest

from tui_app.sandbox import views
from tui_app.sandbox.clock import to_ms
from tui_app.sandbox.companies import company_name
from tui_app.sandbox.connections import Connection
from tui_app.sandbox.fleet import build_fleet
from tui_app.sandbox.issues import KINDS
from tui_app.sandbox.plans import DAY, HOUR, MINUTE
from tui_app.sandbox.providers import BY_CODE, PROVIDERS, provider_list
from tui_app.sandbox.stories import LEADING

START = to_ms(datetime(2026, 11, 22, 12, tzinfo=UTC))
STATES = {"connected", "disconnected", "archived", "pending_deletion", "deleting", "deleted"}


def shown(seed: int, size: int, start_ms: int = START) -> list[dict[str, Any]]:
    return [views.current_json(each, start_ms, "pk") for each in build_fleet(seed, size, start_ms)]


def live(fleet: list[Connection], at_ms: int) -> list[dict[str, Any]]:
    running = [(each, each.running_sync(at_ms)) for each in fleet if each.status_at(at_ms) == "connected"]
    return [views.sync_json(each, plan, at_ms) for each, plan in running if plan is not None]


def test_the_same_seed_and_start_make_the_same_fleet_to_the_last_letter() -> None:
    assert json.dumps(shown(7, 60)) == json.dumps(shown(7, 60))


def test_another_seed_makes_another_fleet() -> None:
    assert {each["id"] for each in shown(1, 20)}.isdisjoint(each["id"] for each in shown(2, 20))


def test_a_fleet_does_not_depend_on_its_size_nor_on_who_was_looked_at_first() -> None:
    large = build_fleet(3, 40, START)
    backwards = [views.current_json(each, START, "pk") for each in reversed(large)]
    assert backwards[::-1][:20] == shown(3, 20)


def test_ids_tell_when_their_connection_was_made() -> None:
    made = build_fleet(1, 200, START)
    by_id = sorted(made, key=lambda each: each.id)
    assert by_id == sorted(made, key=lambda each: (each.created_ms, each.id))
    assert all(re.fullmatch("conn_[0-9A-HJKMNP-TV-Z]{26}", each.id) for each in made)
    assert all(re.fullmatch("con_tkn_[0-9A-Za-z]{32}", each.token) for each in made)


@pytest.mark.parametrize("seed", [1, 2, 99])
def test_a_fleet_of_the_usual_size_shows_every_state(seed: int) -> None:
    assert {each["status"] for each in shown(seed, 48)} == STATES


@pytest.mark.parametrize("size", range(17))
def test_a_small_fleet_shows_as_many_states_as_fit(size: int) -> None:
    fleet: list[Connection] = list(build_fleet(1, size, START))
    assert len(fleet) == size
    first_at = {"connected": 0, "disconnected": 3, "archived": 8, "pending_deletion": 9, "deleted": 10, "deleting": 15}
    assert {each.status_at(START) for each in fleet} == {word for word, index in first_at.items() if index < size}
    assert bool(live(fleet, START)) == (size > 0)


@pytest.mark.parametrize("seed", [1, 2, 99])
def test_much_is_going_on_when_a_fleet_starts(seed: int) -> None:
    syncs = live(list(build_fleet(seed, 48, START)), START)
    assert len(syncs) >= 10
    assert len({sync.get("progress") for sync in syncs}) >= 7
    assert {sync["status"] for sync in syncs} == {"requested", "in_progress"}
    assert any("progress" not in sync for sync in syncs if sync["status"] == "in_progress")
    assert any(sync.get("providerRequests") == ["historical_files"] for sync in syncs)
    assert any(sync["attempts"] >= 3 for sync in syncs)


def test_one_connection_fails_again_and_again() -> None:
    failing = build_fleet(1, 12, START)[2]
    later = START + 10 * HOUR
    statuses = Counter(plan.at(later).status for plan in failing.syncs(later) if plan.requested_ms > START - HOUR)
    assert statuses["failed"] >= 4
    assert statuses["completed"] == 0


def test_one_connection_lacks_permissions_in_every_sync() -> None:
    lacking = build_fleet(1, 12, START)[4]
    later = START + 6 * HOUR
    issue = lacking.issues[0]
    assert issue.code == "permission_missing"
    assert all(lacking.issues_of(plan, later) == [issue] for plan in lacking.syncs(START) if plan.ended_ms < START)
    assert lacking.last_reported_ms(issue, START) < lacking.last_reported_ms(issue, later)


def test_one_connection_is_cut_off_a_few_minutes_after_the_start() -> None:
    cut = build_fleet(1, 12, START)[6]
    before, after = START + 3 * MINUTE, START + 5 * MINUTE
    running = cut.running_sync(before)
    assert running is not None
    assert cut.status_at(before) == "connected"
    assert cut.status_at(after) == "disconnected"
    ended = views.current_json(cut, after, "pk")["lastSync"]
    assert ended["id"] == running.id
    assert ended["status"] == "failed"
    assert "credentials" in ended["failureReason"]
    assert len(ended["issues"]) == 1
    assert cut.latest_sync(START + 9 * DAY) == cut.latest_sync(after)


def test_an_issue_appears_midway_through_a_sync() -> None:
    bursty = build_fleet(1, 12, START)[11]
    plan = bursty.running_sync(START)
    assert plan is not None
    assert bursty.issues_of(plan, START) == []
    assert len(bursty.issues_of(plan, START + 5 * MINUTE)) == 1


def test_automatic_connections_go_on_syncing_every_two_hours() -> None:
    later = START + 7 * DAY
    ordinary = next(each for each in build_fleet(1, 48, START)[len(LEADING) :] if each.story.schedule is not None)
    requested = [plan.requested_ms for plan in ordinary.syncs(later) if plan.requested_ms > START]
    assert 7 * 12 - 1 <= len(requested) <= 7 * 12 + 1
    assert requested == sorted(requested, reverse=True)


def test_a_connection_never_has_two_syncs_at_a_time() -> None:
    later = START + 3 * DAY
    for each in build_fleet(1, 200, START):
        plans = list(each.syncs(later))
        assert all(newer.requested_ms >= older.ended_ms for newer, older in pairwise(plans))


def test_connections_have_a_history_of_several_syncs() -> None:
    fleet = build_fleet(1, 48, START)
    connected = [each for each in fleet if each.status_at(START) == "connected" and each.created_ms < START - 3 * DAY]
    assert all(len(list(each.syncs(START))) >= 3 for each in connected)


def test_a_removal_runs_its_course_as_time_goes_by() -> None:
    leaving = build_fleet(1, 12, START)[9]
    words = [leaving.status_at(START + hours * HOUR) for hours in (0, 24, 48)]
    assert words == ["pending_deletion", "deleting", "deleted"]


def test_a_removed_connection_is_reduced_to_what_has_to_be_there() -> None:
    removed = views.connection_json(build_fleet(1, 12, START)[10], START, "pk")
    assert removed["status"] == "deleted"
    assert {"options", "filters", "linkUrl", "tags", "externalId", "sourceId"}.isdisjoint(removed)
    assert removed["account"] == {}
    assert set(removed["company"]) == {"name"}
    assert removed["deletedAt"] == removed["updatedAt"]


def test_every_company_has_a_name_of_its_own() -> None:
    names = [company_name(1, index) for index in range(12_000)]
    assert len(set(names)) == len(names)
    assert all(3 < len(name) < 60 and name.isprintable() for name in names)
    assert any(not name.isascii() for name in names[:24])


def test_providers_are_known_by_one_code_each_and_lack_only_what_there_is() -> None:
    assert len(BY_CODE) == len(PROVIDERS) >= 25
    assert {"geotab", "samsara", "motive", "omnitracs", "verizon", "zonar", "sandbox"} <= set(BY_CODE)
    reads = {
        model["supportedOperations"]["read"] for each in provider_list() for model in each["supportedModels"].values()
    }
    assert reads == {"supported", "not_supported_by_terminal", "not_supported_by_provider"}


def test_nobody_can_be_written_to_by_mistake() -> None:
    emails = [each["account"]["user"]["email"] for each in shown(1, 60) if each["account"]]
    assert all(re.fullmatch(r"[a-z]+\.[a-z]+@[a-z]+\.example", email) for email in emails)


def test_issues_say_who_can_end_them() -> None:
    assert {kind.resolution for kind in KINDS.values()} == {
        "action_required",
        "automatic_retry",
        "terminal_managed",
        "known_limitation",
        "investigation_required",
    }
