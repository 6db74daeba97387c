"""The server answers the documented examples as documented, and everything it shows fits the published description."""

from __future__ import annotations

import json
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
        template = "/syncs/{id}" if path.startswith("/syncs/") else path.partition("?")[0]
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
