"""The embedded server keeps to the published description of the API that it simulates, as far as it is built."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from schemathesis import Case

from tests.contract.sandbox_attack import SETTINGS, START, Target, config, running_target
from tui_app.sandbox.clock import VirtualClock, to_ms
from tui_app.sandbox.store import Store
from tui_app.sandbox.web import build_api

PUBLISHED = Path(__file__).parents[2].parent / "shared" / "spec" / "terminal.openapi.json"
OPERATIONS = (
    "listConnections",
    "createConnection",
    "getCurrentConnection",
    "updateCurrentConnection",
    "deleteCurrentConnection",
    "requestSync",
    "listSyncHistory",
    "getSyncJobStatus",
    "retrySync",
    "cancelSync",
    "listIssues",
    "resolveIssue",
    "listProviders",
    "publicTokenExchange",
    "createShortLink",
    "deleteShortLink",
    "passthrough",
    "passthroughRaw",
)

if not PUBLISHED.exists():
    pytest.skip(f"the published description is not at {PUBLISHED}", allow_module_level=True)


def _built() -> dict[str, Any]:
    """Return the published description without the operations that are not built: 405 has to leave them out."""
    found: dict[str, Any] = json.loads(PUBLISHED.read_text("utf-8"))
    for path in found["paths"].values():
        for method in [name for name, part in path.items() if isinstance(part, dict) and "responses" in part]:
            if path[method].get("operationId") not in OPERATIONS:
                del path[method]
    # The description knows the JSON with which a refusal is told. What a provider grants comes as it is, says its text,
    # and that may be any JSON.
    granted = found["paths"]["/passthrough/raw"]["post"]["responses"]["200"]["content"]
    granted["application/json"] = {"schema": {}}
    return found


published = schemathesis.openapi.from_dict(_built(), config=config())


@pytest.fixture
def target() -> Iterator[Target]:
    with running_target() as target, target.listening():
        yield target


@published.parametrize()
@SETTINGS
def test_every_operation_keeps_to_the_published_description(case: Case[Any], target: Target) -> None:
    target.attack(case, target.sandbox.announcement.terminal_url)


def test_every_operation_built_so_far_is_published() -> None:
    operations = [part for path in _built()["paths"].values() for part in path.values() if "responses" in part]
    assert sorted(operation["operationId"] for operation in operations) == sorted(OPERATIONS)
    own = build_api(Store(1, 0, to_ms(START), VirtualClock(START, 0)), lambda: None).openapi()
    served = [operation["operationId"] for path in own["paths"].values() for operation in path.values()]
    assert sorted(served) == sorted(OPERATIONS)
