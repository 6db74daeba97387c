"""What the state file holds of the integrations API, as JSON, and how that becomes connections again."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from tui_app.sandbox.stuut.facts import Batch, Circumstances, Model, Profile
from tui_app.sandbox.stuut.integrations import Integration
from tui_app.sandbox.stuut.jobs import JobPlan
from tui_app.sandbox.stuut.planning import Schedule
from tui_app.sandbox.stuut.store import IntegrationStore


def to_json(store: IntegrationStore) -> dict[str, Any]:
    """Return what is to be kept of a store: its key, what was made, and what happened to anything since."""
    return {
        "key": store.key,
        "made": [_made(connection) for connection in store.made],
        "changes": {connection.id: _change(connection) for connection in store.connections() if connection.touched},
    }


def apply(saved: dict[str, Any], store: IntegrationStore) -> None:
    """Give a newly built store back what was kept of it.

    Args:
        saved: What `to_json` returned.
        store: A store of the same seed, size and start.

    Raises:
        AttributeError, LookupError, TypeError, ValueError: It was not what `to_json` returned.
    """
    store.key = str(saved["key"])
    for made in saved["made"]:
        store.restore(_integration(made))
    by_id = {connection.id: connection for connection in store.connections()}
    for connection_id, change in saved["changes"].items():
        _apply_change(by_id[connection_id], change)


def _made(connection: Integration) -> dict[str, Any]:
    return {
        "id": connection.id,
        "created_ms": connection.created_ms,
        "part": list(connection.part),
        "profile": asdict(connection.profiles[0][1]),
        "models": [asdict(model) for model in connection.models],
        "circumstances": asdict(connection.circumstances),
    }


def _integration(saved: dict[str, Any]) -> Integration:
    kind, seed, number = saved["part"]
    circumstances = dict(saved["circumstances"])
    if circumstances["schedule"] is not None:
        circumstances["schedule"] = Schedule(**circumstances["schedule"])
    return Integration(
        str(saved["id"]),
        int(saved["created_ms"]),
        (str(kind), int(seed), int(number)),
        Profile(**saved["profile"]),
        [Model(**model) for model in saved["models"]],
        Circumstances(**circumstances),
    )


def _change(connection: Integration) -> dict[str, Any]:
    return {
        "profiles": [[ms, asdict(profile)] for ms, profile in connection.profiles[1:]],
        "batches": [asdict(batch) for batch in connection.batches],
        "switches": [[ms, name, enabled] for ms, (name, enabled) in connection.switches],
        "notes": [[ms, note] for ms, note in connection.notes],
    }


def _apply_change(connection: Integration, change: dict[str, Any]) -> None:
    connection.profiles += [(int(ms), Profile(**profile)) for ms, profile in change["profiles"]]
    connection.batches += [
        Batch(int(batch["requested_ms"]), tuple(_job(job) for job in batch["jobs"])) for batch in change["batches"]
    ]
    connection.switches += [(int(ms), (str(name), bool(enabled))) for ms, name, enabled in change["switches"]]
    connection.notes += [(int(ms), dict(note)) for ms, note in change["notes"]]


def _job(saved: dict[str, Any]) -> JobPlan:
    return JobPlan(**{**saved, "steps": tuple((int(ms), str(status)) for ms, status in saved["steps"])})
