"""The embedded server keeps to what it says of its integrations API, whatever it is sent."""

from __future__ import annotations

import threading
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
from tui_app.sandbox.server import Sandbox
from tui_app.sandbox.stuut.app import build_api
from tui_app.sandbox.stuut.store import IntegrationStore

OPERATIONS = {"listConnections", "createConnection", "updateConnection", "requestSync"}
# As the API documents it: all of these are required, and those that may be null are.
SYNC = {
    "created_at": False, "modified_at": True, "id": False, "status": False, "attempt": False, "batch_id": True,
    "completed_at": True, "entity_id": True, "error": True, "file_id": True, "is_initial_sync": False,
    "is_one_off": False, "model_id": False, "pagination_state": False, "started_at": True, "timerange_end": True,
    "timerange_start": True, "object": False,
}  # fmt: skip
STATUSES = {"scheduled", "queued", "running", "cancelled", "failed", "pending_retry", "complete"}

store = IntegrationStore(1, 0, to_ms(START), VirtualClock(START, 0), threading.RLock())
raw = build_api(store, lambda: None).openapi()
description = schemathesis.openapi.from_dict(raw, config=config())


@dataclass
class Target(Listener):
    """A running sandbox, and a connection that can be synced."""

    connection_id: str

    def attack(self, case: Case[Any]) -> None:
        """Send a case, with a known connection where it is meant to be valid, and check the answer."""
        # Each request finds the batch before it at another stage; one that asks for a sync finds it over.
        self.sandbox.clock.advance(3600 if case.path.endswith("/sync") else 47)
        wrong = wrong_places(case)
        if ParameterLocation.PATH not in wrong and "connection_id" in case.path_parameters:
            case.path_parameters["connection_id"] = self.connection_id
        said = self.sandbox.announcement
        self.send(case, said.stuut_url.removesuffix("/v2/integrations"), said.stuut_key, valid=not wrong)


@pytest.fixture
def target() -> Iterator[Target]:
    with Sandbox(connections=18, speed=0, start=START) as sandbox:
        added = sandbox.add_integration(outcomes={"customers": "retry", "invoices": "failed", "payments": "cancelled"})
        with Target(sandbox, str(added["id"])).listening() as target:
            yield target


@description.parametrize()
@SETTINGS
def test_every_operation_keeps_to_the_servers_own_description(case: Case[Any], target: Target) -> None:
    target.attack(case)


def test_the_description_has_the_four_documented_operations() -> None:
    operations = [operation for path in raw["paths"].values() for operation in path.values()]
    assert {operation["operationId"] for operation in operations} == OPERATIONS
    assert all(operation["security"] for operation in operations)


def test_a_sync_is_described_as_the_api_documents_it() -> None:
    sync = raw["components"]["schemas"]["Sync"]
    assert set(sync["required"]) == set(sync["properties"]) == set(SYNC)
    nullable = {name: {"type": "null"} in each.get("anyOf", ()) for name, each in sync["properties"].items()}
    assert nullable == SYNC
    assert set(sync["properties"]["status"]["enum"]) == STATUSES
    answer = raw["paths"]["/v2/integrations/connections/{connection_id}/sync"]["post"]["responses"]["200"]
    listed = answer["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
    assert raw["components"]["schemas"][listed] == {"type": "array", "items": {"$ref": "#/components/schemas/Sync"}}


def test_the_running_server_tells_the_same_description(target: Target) -> None:
    target.heard[200] += 1
    assert requests.get(f"{target.sandbox.announcement.stuut_url}/openapi.json", timeout=10).json() == raw
