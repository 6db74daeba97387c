"""Attacks a running sandbox with what an OpenAPI description makes schemathesis think of, good and bad alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Self

import requests
from hypothesis import HealthCheck, settings
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.core.parameters import ParameterLocation
from schemathesis.specs.openapi.checks import (
    allow_header_conformance,
    content_type_conformance,
    ignored_auth,
    missing_required_header,
    negative_data_rejection,
    positive_data_acceptance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from tui_app.sandbox.server import Sandbox

START = datetime(2026, 11, 22, 12, tzinfo=UTC)
CHECKS: list[Callable[..., Any]] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
    positive_data_acceptance,
    missing_required_header,
    unsupported_method,
    allow_header_conformance,
    ignored_auth,
]
# A description cannot say what a server knows: a cursor that it handed out, a date that has passed, a password that is
# right. Data of the right shape may therefore be refused, but only as a bad request or as one that cannot be fulfilled.
ACCEPTABLE = ["2xx", "400", "422"]
CONFIG = {
    "seed": 1,
    "generation": {
        "mode": "all",
        "max-examples": 100,
        "deterministic": True,
        "database": "none",
        "allow-extra-parameters": False,
    },
    "checks": {"positive_data_acceptance": {"expected-statuses": ACCEPTABLE}},
}
SETTINGS = settings(deadline=None, suppress_health_check=list(HealthCheck))
# What each operation must be able to answer when it is asked rightly.
PROVIDER: dict[str, Any] = {"provider": "geotab", "credentials": {"username": "dispatch", "password": "anything"}}


def config() -> SchemathesisConfig:
    """Return the settings of an attack: the same cases on every run."""
    return SchemathesisConfig.from_dict(CONFIG)


def wrong_places(case: Case[Any]) -> set[ParameterLocation]:
    """Return the parts of a request that are meant to be wrong."""
    return {place for place, part in (case.meta.components if case.meta else {}).items() if part.mode.is_negative}


@dataclass
class Listener:
    """Sends cases to a running sandbox, and keeps what it hears.

    Attributes:
        sandbox: The server; its clock stands still unless an attack moves it.
        heard: How often each status was answered to requests that the description calls valid.
        session: Keeps connections open.
    """

    sandbox: Sandbox
    heard: Counter[int] = field(default_factory=Counter, kw_only=True)
    session: requests.Session = field(default_factory=requests.Session, kw_only=True)

    def send(self, case: Case[Any], base_url: str, key: str, *, valid: bool) -> None:
        """Send a case, check the answer, and remember it where the case was meant to be valid."""
        response = case.call_and_validate(
            base_url=base_url, headers={"Authorization": f"Bearer {key}"}, checks=CHECKS, session=self.session
        )
        if valid:
            self.heard[response.status_code] += 1

    @contextmanager
    def listening(self) -> Iterator[Self]:
        """Let a test attack, and fail it if nothing went well: who is always turned away finds nothing wrong either."""
        with self.session:
            yield self
        assert any(200 <= status < 300 for status in self.heard), f"never answered well: {self.heard}"


@dataclass
class Target(Listener):
    """A running sandbox of the first kind.

    Attributes:
        token: Opens a connection that can be synced.
        sync_id: A sync of that connection.
    """

    token: str
    sync_id: str

    def attack(self, case: Case[Any], base_url: str) -> None:
        """Send a case, with known values in the places where it is meant to be valid, and check the answer."""
        if case.operation.method.upper() == "POST":
            # One sync at a time: by then the one before is over, even if it waited for its provider.
            self.sandbox.clock.advance(5 * 86_400)
        self.send(case, base_url, self.sandbox.announcement.api_key, valid=self._seed(case))

    def ask(self, method: str, path: str, **more: Any) -> Any:
        """Do something that has to succeed, in preparation of an attack."""
        said = self.sandbox.announcement
        headers = {"Authorization": f"Bearer {said.api_key}", "Connection-Token": self.token}
        answer = self.session.request(method, said.terminal_url + path, headers=headers, timeout=10, **more)
        assert answer.ok, answer.text
        return answer.json() if answer.content else None

    def _seed(self, case: Case[Any]) -> bool:
        """Put known values where a case is meant to be valid, and say whether it is meant to be so as a whole."""
        wrong = wrong_places(case)
        if ParameterLocation.HEADER not in wrong and "Connection-Token" in case.headers:
            case.headers["Connection-Token"] = self.token
        if ParameterLocation.PATH not in wrong:
            for name in case.path_parameters:
                case.path_parameters[name] = self._known(case.path.removeprefix("/tsp/v1"))
        if ParameterLocation.BODY not in wrong and isinstance(case.body, dict):
            case.body = {**case.body, **self.told(case.body)}
        return not wrong

    def told(self, body: dict[str, Any]) -> dict[str, Any]:
        """Return what has to stand in a body for it to be good now."""
        if "credentials" in body:
            return PROVIDER
        if "publicToken" in body:
            return {"publicToken": self.public_token()}
        if "method" in body:
            return {"path": "/vehicles"}
        return {"provider": "geotab"} if "provider" in body else {}

    def public_token(self) -> str:
        """Sign in by a short link."""
        url = self.ask("POST", "/link/short", json={"externalId": "attacked"})["url"]
        answer = self.session.post(url, json=PROVIDER, timeout=10)
        assert answer.ok, answer.text
        return str(answer.json()["publicToken"])

    def _known(self, path: str) -> str:
        """Return the id of something to which the operation on a path can be done now."""
        if path == "/syncs/{id}/cancel":
            return str(self.ask("POST", "/syncs")["id"])
        if path == "/syncs/{id}/retry":
            sync_id = str(self.ask("POST", "/syncs")["id"])
            self.ask("POST", f"/syncs/{sync_id}/cancel")
            return sync_id
        if path == "/issues/{issueId}/resolve":
            # A sync runs into the connection's issue again, so that there is something to resolve.
            self.ask("POST", "/syncs")
            self.sandbox.clock.advance(5 * 86_400)
            connection_id = self.ask("GET", "/connections/current")["id"]
            return str(self.ask("GET", f"/issues?status=ongoing&connectionId={connection_id}")["results"][0]["id"])
        if path == "/link/short/{id}":
            return str(self.ask("POST", "/link/short")["id"])
        return self.sync_id


@contextmanager
def running_target() -> Iterator[Target]:
    """Serve a small fleet on a standing clock, with a connection that has one sync behind it."""
    with Sandbox(connections=16, speed=0, start=START, rate_limits=False) as sandbox:
        target = Target(sandbox, str(sandbox.add_connection(company="Attacked Freight")["token"]), "")
        with target.session:
            target.sync_id = str(target.ask("POST", "/syncs")["id"])
            sandbox.clock.advance(3600)
            yield target
