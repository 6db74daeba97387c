"""The embedded server keeps to what it says of its control path, whatever it is sent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import requests
import schemathesis
from schemathesis import Case
from schemathesis.core.parameters import ParameterLocation

from tests.contract.sandbox_attack import SETTINGS, START, Listener, config, wrong_places
from tui_app.sandbox.clock import VirtualClock, to_ms
from tui_app.sandbox.control.app import build_api
from tui_app.sandbox.faults.board import Faults
from tui_app.sandbox.server import Sandbox
from tui_app.sandbox.store import Store

OPERATIONS = {
    *("overview", "readClock", "setClock", "listScenarios", "playScenario"),
    *("listFaults", "setFault", "endFault", "endFaults"),
}

raw = build_api(Store(1, 0, to_ms(START), VirtualClock(START, 0)), lambda: None, Faults(1)).openapi()
description = schemathesis.openapi.from_dict(raw, config=config())


@dataclass
class Target(Listener):
    """A running sandbox, and a connection to play on."""

    connection_id: str

    def attack(self, case: Case[Any]) -> None:
        """Send a case, with a known connection where it is meant to be valid, and check the answer."""
        wrong = wrong_places(case)
        if ParameterLocation.BODY not in wrong and isinstance(case.body, dict) and "connectionId" in case.body:
            case.body["connectionId"] = self.connection_id
        said = self.sandbox.announcement
        self.send(case, said.control_url.removesuffix("/sandbox"), said.api_key, valid=not wrong)


@pytest.fixture
def target() -> Iterator[Target]:
    with (
        Sandbox(connections=2, speed=0, start=START) as sandbox,
        Target(sandbox, str(sandbox.add_connection()["id"])).listening() as target,
    ):
        yield target


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
