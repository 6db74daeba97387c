"""The embedded server keeps to what it says of its control path, whatever it is sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import requests
import schemathesis
from schemathesis import Case
from schemathesis.core.parameters import ParameterLocation

from tests.contract.sandbox_attack import CHECKS, SETTINGS, START, config
from tui_app.sandbox.clock import VirtualClock, to_ms
from tui_app.sandbox.control.app import build_api
from tui_app.sandbox.server import Sandbox
from tui_app.sandbox.store import Store

OPERATIONS = {"overview", "readClock", "setClock", "listScenarios", "playScenario"}

raw = build_api(Store(1, 0, to_ms(START), VirtualClock(START, 0)), lambda: None).openapi()
description = schemathesis.openapi.from_dict(raw, config=config())


@dataclass
class Target:
    """A running sandbox, a connection to play on, and how often each status was answered to valid requests."""

    sandbox: Sandbox
    connection_id: str
    heard: Counter[int] = field(default_factory=Counter)
    session: requests.Session = field(default_factory=requests.Session)

    def attack(self, case: Case[Any]) -> None:
        """Send a case, with a known connection where it is meant to be valid, and check the answer."""
        wrong = {place for place, part in (case.meta.components if case.meta else {}).items() if part.mode.is_negative}
        if ParameterLocation.BODY not in wrong and isinstance(case.body, dict) and "connectionId" in case.body:
            case.body["connectionId"] = self.connection_id
        said = self.sandbox.announcement
        response = case.call_and_validate(
            base_url=said.control_url.removesuffix("/sandbox"),
            headers={"Authorization": f"Bearer {said.api_key}"},
            checks=CHECKS,
            session=self.session,
        )
        if not wrong:
            self.heard[response.status_code] += 1


@pytest.fixture
def target() -> Iterator[Target]:
    with Sandbox(connections=2, speed=0, start=START) as sandbox:
        target = Target(sandbox, str(sandbox.add_connection()["id"]))
        with target.session:
            yield target
        # A tester who is always turned away finds nothing wrong either.
        assert any(200 <= status < 300 for status in target.heard), f"never answered well: {target.heard}"


@description.parametrize()
@SETTINGS
def test_every_operation_keeps_to_the_servers_own_description(case: Case[Any], target: Target) -> None:
    target.attack(case)


def test_the_description_has_all_operations_and_each_needs_the_key() -> None:
    operations = [operation for path in raw["paths"].values() for operation in path.values()]
    assert {operation["operationId"] for operation in operations} == OPERATIONS
    assert all(operation["security"] for operation in operations)


def test_the_running_server_tells_the_same_description(target: Target) -> None:
    target.heard[200] += 1
    assert requests.get(f"{target.sandbox.announcement.control_url}/openapi.json", timeout=10).json() == raw
