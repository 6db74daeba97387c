"""What becomes of an issue that is resolved, over a real socket."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.unit.sandbox.conftest import START
from tests.unit.sandbox.steps import Token, ask, done, look, make, refused
from tui_app.sandbox.server import Sandbox


@pytest.fixture
def token(api: httpx.Client) -> Token:
    return make(api)


@pytest.fixture
def issue(sandbox: Sandbox, api: httpx.Client, token: Token) -> dict[str, Any]:
    """The one issue of a connection whose only sync is over."""
    ask(api, token)
    sandbox.clock.advance(900)
    return the_issue(api, token)


def the_issue(api: httpx.Client, token: Token) -> dict[str, Any]:
    mine = done(api.get("/connections/current", headers=token))["id"]
    found = done(api.get("/issues", params={"connectionId": mine}))["results"]
    assert len(found) == 1
    only: dict[str, Any] = found[0]
    return only


def test_a_resolved_issue_stays_so_as_long_as_nothing_is_synced(
    sandbox: Sandbox, api: httpx.Client, token: Token, issue: dict[str, Any]
) -> None:
    assert issue["status"] == "ongoing"
    told = done(api.post(f"/issues/{issue['id']}/resolve"))
    assert told == {**issue, "status": "resolved"}
    sandbox.clock.advance(30 * 86_400)
    assert the_issue(api, token) == told
    assert done(api.get("/issues?limit=1000&status=resolved"))["results"].count(told) == 1
    assert told not in done(api.get("/issues?limit=1000&status=ongoing"))["results"]


def test_it_reopens_when_a_later_sync_runs_into_it(
    sandbox: Sandbox, api: httpx.Client, token: Token, issue: dict[str, Any]
) -> None:
    done(api.post(f"/issues/{issue['id']}/resolve"))
    sync_id = ask(api, token)
    looks = []
    for _ in range(15 * 4):
        looks.append((the_issue(api, token)["status"], bool(look(api, token, sync_id)["issues"])))
        sandbox.clock.advance(15)
    assert looks[0] == ("resolved", False)
    assert looks[-1] == ("ongoing", True)
    # It is ongoing again from the very moment at which the sync shows it.
    assert set(looks) == {("resolved", False), ("ongoing", True)}
    again = the_issue(api, token)
    assert again["lastReportedAt"] > issue["lastReportedAt"]
    assert {**again, "lastReportedAt": issue["lastReportedAt"]} == issue
    assert done(api.post(f"/issues/{issue['id']}/resolve"))["status"] == "resolved"


def test_an_issue_is_not_resolved_twice(api: httpx.Client, issue: dict[str, Any]) -> None:
    done(api.post(f"/issues/{issue['id']}/resolve"))
    told = refused(api.post(f"/issues/{issue['id']}/resolve"), 422, "unprocessable_entity")
    assert told["detail"][0]["path"] == "{requestPath}.issueId"


def test_an_issue_that_is_over_by_itself_is_not_resolved(api: httpx.Client) -> None:
    over = done(api.get("/issues?status=resolved"))["results"][0]
    refused(api.post(f"/issues/{over['id']}/resolve"), 422, "unprocessable_entity")


def test_an_issue_that_was_not_reported_yet_is_not_found(sandbox: Sandbox, api: httpx.Client) -> None:
    with Sandbox(start=START, speed=0) as later:
        later.clock.advance(300)
        said = later.announcement
        headers = {"Authorization": f"Bearer {said.api_key}"}
        known = httpx.get(f"{said.terminal_url}/issues?limit=1000", headers=headers, trust_env=False).json()["results"]
    now = {each["id"] for each in done(api.get("/issues?limit=1000"))["results"]}
    ahead = [each["id"] for each in known if each["id"] not in now]
    assert ahead
    for issue_id in (*ahead, "x"):
        refused(api.post(f"/issues/{issue_id}/resolve"), 404, "not_found")
    sandbox.clock.advance(300)
    done(api.post(f"/issues/{ahead[0]}/resolve"))


def test_the_issue_of_a_removed_connection_is_not_found(
    sandbox: Sandbox, api: httpx.Client, token: Token, issue: dict[str, Any]
) -> None:
    done(api.delete("/connections/current", headers=token), 202)
    sandbox.clock.advance(86_400)
    refused(api.post(f"/issues/{issue['id']}/resolve"), 404, "not_found")
