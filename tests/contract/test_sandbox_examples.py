"""The server answers the documented examples as documented, and everything it shows fits the published description."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import jsonschema_rs
import pytest

from tests.contract.sandbox_attack import START
from tui_app.sandbox.providers import PROVIDERS
from tui_app.sandbox.server import Sandbox

PUBLISHED = Path(__file__).parents[2].parent / "shared" / "spec" / "terminal.openapi.json"
HOUR = 3600


class Client:
    """Asks the server, and holds every answer against the published description where that is at hand."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self._http = httpx.Client(base_url=sandbox.announcement.terminal_url, trust_env=False)
        self._published = json.loads(PUBLISHED.read_text("utf-8")) if PUBLISHED.exists() else None
        self._validators: dict[str, jsonschema_rs.Draft202012Validator] = {}

    def close(self) -> None:
        self._http.close()

    def ask(self, method: str, path: str, status: int = 200, token: str | None = None, **more: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.sandbox.announcement.api_key}"}
        if token is not None:
            headers["Connection-Token"] = token
        answer = self._http.request(method, path, headers=headers, **more)
        assert answer.status_code == status, answer.text
        if status == 204:
            assert answer.content == b""
            return None
        template = re.sub("/(sync|slk)_[^/]+", "/{id}", re.sub("/isu_[^/]+", "/{issueId}", path.partition("?")[0]))
        self.hold(method, template, status, answer.json())
        return answer.json()

    def hold(self, method: str, path: str, status: int, body: Any) -> None:
        if self._published is None:
            return
        name = f"{method} {path} {status}"
        if name not in self._validators:
            reply = self._published["paths"][path][method.lower()]["responses"][str(status)]
            if "$ref" in reply:
                reply = self._published["components"]["responses"][reply["$ref"].rpartition("/")[2]]
            schema = {**reply["content"]["application/json"]["schema"], "components": self._published["components"]}
            self._validators[name] = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
        self._validators[name].validate(body)


@pytest.fixture
def client() -> Iterator[Client]:
    server = Sandbox(connections=300, speed=0, start=START, rate_limits=False)
    with server as sandbox, closing(Client(sandbox)) as client:
        yield client


@pytest.fixture
def token(client: Client) -> str:
    made = client.ask("POST", "/connections", 201, json={"provider": "geotab", "credentials": LOGIN})
    return str(made["token"])


LOGIN = {"username": "dispatch", "password": "anything"}


def test_a_connection_is_created_with_what_its_page_shows(client: Client) -> None:
    body = {
        "provider": "geotab",
        "credentials": LOGIN,
        "company": {"name": "Frank's Trucking", "dotNumbers": ["1234567"]},
        "externalId": "1234",
        "syncMode": "automatic",
        "backfill": {"startFrom": "2021-01-06T03:24:53.000Z"},
        "tags": ["Tag Name"],
    }
    made = client.ask("POST", "/connections", 201, json=body)
    promised = {"id", "company", "status", "provider", "externalId", "syncMode", "token", "tags", "linkUrl"}
    assert promised | {"createdAt", "updatedAt"} <= set(made)


@pytest.mark.parametrize(
    "body",
    [
        {"days": 7},
        {"startFrom": "2021-01-06T03:24:53.000Z"},
        {"startFrom": "2021-01-06T03:24:53.000Z", "days": 7},
        {"providerRequests": ["historical_files", "provision_credentials"]},
        {"providerRequests": [{"type": "historical_files"}]},
        {},
        None,
    ],
)
def test_a_sync_is_requested_in_every_documented_way(client: Client, token: str, body: dict[str, Any] | None) -> None:
    request = {} if body is None else {"json": body}
    made = client.ask("POST", "/syncs", 201, token, **request)
    assert {"id", "status", "requestedAt", "startFrom"} <= set(made)
    assert made["status"] == "requested"


def test_a_sync_under_way_is_named_in_the_conflict(client: Client, token: str) -> None:
    made = client.ask("POST", "/syncs", 201, token)
    told = client.ask("POST", "/syncs", 409, token)
    assert told["detail"] == f"Existing sync in progress: {made['id']}"


def test_a_syncs_page_shows_its_progress_attempts_and_issues(client: Client, token: str) -> None:
    made = client.ask("POST", "/syncs", 201, token)
    client.sandbox.clock.advance(14 * 60 + 59)
    look = client.ask("GET", f"/syncs/{made['id']}", token=token)
    assert look["status"] == "completed"
    assert look["progress"] == 100
    assert look["attempts"] == 1
    assert {"completedAt", "startFrom"} <= set(look)
    assert isinstance(look["issues"][0], str)
    expanded = client.ask("GET", f"/syncs/{made['id']}?expand=issues", token=token)
    assert expanded["issues"][0]["id"] == look["issues"][0]


@pytest.mark.parametrize("hours", [0, 0.1, 1, 30, 24 * 40])
def test_everything_that_is_shown_fits_the_description_at_any_time(client: Client, hours: float) -> None:
    client.sandbox.clock.advance(hours * HOUR)
    everyone = client.ask("GET", "/connections?limit=1000")["results"]
    client.ask("GET", "/issues?limit=1000&expand=connection")
    client.ask("GET", "/providers")
    opened = [each for each in everyone if each["status"] not in {"deleting", "deleted"}]
    for each in opened[:60]:
        client.ask("GET", "/connections/current", token=each["token"])
        client.ask("GET", "/syncs?expand=issues&limit=20", token=each["token"])
    assert {each["status"] for each in everyone} >= {"connected", "disconnected", "archived", "deleted"}


def test_a_sync_is_cancelled_and_retried_as_documented(client: Client, token: str) -> None:
    made = client.ask("POST", "/syncs", 201, token)
    cancelled = client.ask("POST", f"/syncs/{made['id']}/cancel", token=token)
    assert cancelled == {"id": made["id"], "message": "Sync cancellation requested"}
    # "Cancelled syncs will be marked as failed and can be retried."
    look = client.ask("GET", f"/syncs/{made['id']}", token=token)
    assert look["status"] == "failed"
    assert "cancelled" in look["failureReason"]
    retried = client.ask("POST", f"/syncs/{made['id']}/retry", token=token)
    assert retried == {"id": made["id"], "message": "Sync retry requested"}
    client.ask("POST", f"/syncs/{made['id']}/retry", 422, token)
    client.ask("POST", "/syncs/sync_01GV12VR4DJP70GD1ZBK0SDWFH/retry", 404, token)


def test_an_issue_is_resolved_as_documented(client: Client) -> None:
    ongoing = client.ask("GET", "/issues?status=ongoing")["results"][0]
    assert client.ask("POST", f"/issues/{ongoing['id']}/resolve")["status"] == "resolved"
    client.ask("POST", f"/issues/{ongoing['id']}/resolve", 422)
    client.ask("POST", "/issues/isu_01D8ZQFGHVJ858NBF2Q7DV9MNC/resolve", 404)


@pytest.mark.parametrize(
    "body",
    [
        {"status": "archived"},
        {"company": {"name": "Acme Inc.", "dotNumbers": ["1234567"]}},
        {"externalId": "1234", "syncMode": "manual", "tags": ["Tag Name"]},
        {"options": {"ingestHistoryFromSourceSystem": True}},
        {"filters": {"vehicles": {"status": "active", "excludeIds": ["vcl_01D8ZQFGHVJ858NBF2Q7DV9MNC"]}}},
        {},
    ],
)
def test_a_connection_is_updated_in_every_documented_way(client: Client, token: str, body: dict[str, Any]) -> None:
    told = client.ask("PATCH", "/connections/current", token=token, json=body)
    assert {name: told[name] for name in body} == body


def test_a_deletion_is_accepted_and_waits(client: Client, token: str) -> None:
    client.ask("DELETE", "/connections/current", 202, token)
    assert client.ask("GET", "/connections/current", token=token)["status"] == "pending_deletion"
    client.ask("PATCH", "/connections/current", 422, token, json={"tags": []})
    for hours in (24, 24):
        client.sandbox.clock.advance(hours * HOUR)
        assert client.ask("GET", "/connections?limit=1000")["results"][-1]["status"] in {"deleting", "deleted"}


def test_a_link_leads_to_a_connection_as_documented(client: Client) -> None:
    body = {
        "name": "Frank's Trucking",
        "provider": "geotab",
        "redirectUrl": "https://postman-echo.com/get",
        "backfill": {"days": 2},
        "template": "ltp_01HXQ4YK8V2X0X0X0X0X0X0X0X",
    }
    link = client.ask("POST", "/link/short", json=body)
    assert client.ask("POST", "/link/short", json=body) == link
    signed_in = httpx.post(link["url"], json={"credentials": LOGIN}, trust_env=False).json()
    assert signed_in["redirectUrl"] == f"https://postman-echo.com/get?token={signed_in['publicToken']}"
    exchanged = {"publicToken": signed_in["publicToken"]}
    connection = client.ask("POST", "/public-token/exchange", json=exchanged)
    assert connection["company"] == {"name": "Frank's Trucking"}
    client.ask("POST", "/public-token/exchange", 404, json=exchanged)
    client.ask("DELETE", f"/link/short/{link['id']}", 204)
    client.ask("DELETE", f"/link/short/{link['id']}", 404)


def test_a_request_is_passed_through_as_documented(client: Client, token: str) -> None:
    asked = {"method": "POST", "path": "/reports", "body": '{"reportId":"1234"}'}
    told = client.ask("POST", "/passthrough", token=token, json=asked)
    assert (told["method"], told["path"], told["statusCode"]) == ("POST", "/reports", 200)
    assert told["headers"] == {"Content-Type": "application/json"}
    client.ask("POST", "/passthrough", 502, token, json={"method": "GET", "path": "/status/500"})
    refused = client.ask("POST", "/passthrough/raw", token=token, json={"method": "GET", "path": "/status/500"})
    assert refused["statusCode"] == 500
    client.ask("PATCH", "/connections/current", token=token, json={"status": "disconnected"})
    lost = client.ask("POST", "/passthrough", 422, token, json=asked)
    assert lost["message"] == "Connection must be connected to perform this action"
    odd = str(client.sandbox.add_connection(provider="bigroad")["token"])
    client.ask("POST", "/passthrough", 501, odd, json=asked)


def test_refusals_fit_the_description(client: Client, token: str) -> None:
    client.ask("GET", "/connections?limit=0", 400)
    client.ask("GET", "/connections/current", 400)
    client.ask("GET", "/connections/current", 403, "con_tkn_unknown")
    client.ask("GET", "/syncs/sync_01GV12VR4DJP70GD1ZBK0SDWFH", 404, token)
    client.ask("POST", "/syncs", 400, token, json={"days": 0})
    wrong = {"provider": "geotab", "credentials": {**LOGIN, "password": "wrong"}}
    client.ask("POST", "/connections", 422, json=wrong)


def test_refused_keys_and_rates_fit_the_description() -> None:
    with Sandbox(connections=2, speed=0, start=START) as sandbox:
        url, key = sandbox.announcement.terminal_url, sandbox.announcement.api_key
        nobody = httpx.get(f"{url}/providers", trust_env=False)
        headers = {"Authorization": f"Bearer {key}", "Connection-Token": sandbox.announcement.connection_tokens[0]}
        with httpx.Client(headers=headers, trust_env=False) as hasty:
            answers = [hasty.get(f"{url}/connections/current") for _ in range(400)]
        refused = next(answer for answer in answers if answer.status_code == 429)
        with closing(Client(sandbox)) as client:
            client.hold("GET", "/providers", 401, nobody.json())
            client.hold("GET", "/connections/current", 429, refused.json())


@pytest.mark.skipif(not PUBLISHED.exists(), reason=f"the published description is not at {PUBLISHED}")
def test_providers_and_their_credentials_are_as_published() -> None:
    published = json.loads(PUBLISHED.read_text("utf-8"))["components"]["schemas"]["ProviderCredentials"]["oneOf"]
    by_code = {each["properties"]["provider"]["enum"][0]: each for each in published}
    for provider in PROVIDERS:
        schema = by_code[provider.code]["properties"]["credentials"]
        assert provider.name == by_code[provider.code]["title"]
        groups = [set(each["required"]) for each in schema.get("oneOf", [schema])]
        assert sorted(map(sorted, groups)) == sorted(map(sorted, provider.credentials)), provider.code
        if "properties" in schema:
            known = {name for group in provider.credentials for name in group} | set(provider.optional)
            assert known == set(schema["properties"]), provider.code
