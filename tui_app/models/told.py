"""Models as plain JSON values and back: what a server sent, and beside it what our reading made of that.

For files that leave this machine. No token is written, secrets are masked, and what is read back is checked: such a
file may come from anybody.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from datetime import datetime
from functools import cache
from typing import Any, TypeVar

from pydantic import BaseModel, TypeAdapter

from tui_app.models.connection import Connection
from tui_app.models.fleet import FleetRow
from tui_app.models.issue import Issue
from tui_app.models.observation import Observation
from tui_app.models.packed import whole
from tui_app.models.problem import Problem
from tui_app.models.remote import Moment
from tui_app.models.secrets import redacted
from tui_app.models.sync import Sync

Model = TypeVar("Model", Connection, Sync, Issue)

_NEVER = {"token", "last_sync"}
"""Of a connection: the first is not written at all, the second has a place of its own."""

_PROBLEM = TypeAdapter(Problem)
_MOMENT = TypeAdapter(Moment)
_NUMBER = TypeAdapter(float)


def told(model: Connection | Sync | Issue) -> dict[str, Any]:
    """A model as plain JSON values, secrets masked: `sent` by the server's names, `ours` by our own."""
    model = whole(model)
    sent = model.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude=_NEVER)
    ours = {
        name: adapter.dump_python(getattr(model, name), mode="json")
        for name, adapter in _ours(type(model)).items()
        if name in model.model_fields_set
    }
    if isinstance(model, Connection):
        ours["source"] = model.to_json()  # with the token as it is shown, masked
    return {"sent": redacted(sent), "ours": redacted(ours)}


def read(kind: type[Model], value: Any, **more: Any) -> Model:
    """Read a model again.

    Args:
        kind: What it is.
        value: What :func:`told` gave.
        more: Fields that have a place of their own.

    Raises:
        ValueError: It is none.
    """
    sent, ours = _object(value, "sent"), _object(value, "ours")
    model = kind.model_validate(sent | {name: ours[name] for name in _ours(kind) if name in ours} | more)
    for name in _ours(kind):
        _check_zones(getattr(model, name))
    return model


def told_row(row: FleetRow) -> dict[str, Any]:
    """What is known of a connection as plain JSON values, secrets masked."""
    return {
        "connection": told(row.connection),
        "lastSync": told(row.last_sync) if row.last_sync else None,
        "lookedAt": _dumped(_MOMENT, row.looked_at),
        "problem": redacted(_dumped(_PROBLEM, row.problem)),
        "issues": None if row.issues is None else [told(issue) for issue in row.issues],
    }


def read_row(value: Any) -> FleetRow:
    """Read it again.

    Raises:
        ValueError: It is none.
    """
    last = _of(value, "lastSync")
    sync = None if last is None else read(Sync, last)
    issues = _of(value, "issues")
    return FleetRow(
        read(Connection, _of(value, "connection"), **({"last_sync": sync} if sync else {})),
        last_sync=sync,
        looked_at=_loaded(_MOMENT, _of(value, "lookedAt")),
        problem=_loaded(_PROBLEM, _of(value, "problem")),
        issues=None if issues is None else tuple(read(Issue, issue) for issue in _list(issues)),
    )


def told_observation(seen: Observation) -> dict[str, Any]:
    """A look as plain JSON values, secrets masked."""
    return {
        "connectionId": seen.connection_id,
        "syncId": seen.sync_id,
        "observedAt": _dumped(_MOMENT, seen.observed_at),
        "latency": seen.latency,
        "sync": told(seen.sync) if seen.sync else None,
        "problem": redacted(_dumped(_PROBLEM, seen.problem)),
        "nextLook": seen.next_look,
        "pace": seen.pace,
    }


def read_observation(value: Any) -> Observation:
    """Read it again.

    Raises:
        ValueError: It is none.
    """
    sync, problem = _of(value, "sync"), _of(value, "problem")
    if (sync is None) is (problem is None):
        raise ValueError("a look brings either a sync or a problem")
    next_look = _of(value, "nextLook")
    return Observation(
        text_of(value, "connectionId"),
        text_of(value, "syncId"),
        _MOMENT.validate_python(_of(value, "observedAt")),
        _NUMBER.validate_python(_of(value, "latency")),
        None if sync is None else read(Sync, sync),
        _loaded(_PROBLEM, problem),
        None if next_look is None else _NUMBER.validate_python(next_look),
        text_of(value, "pace"),
    )


def text_of(value: Any, name: str) -> str:
    """A text in an object.

    Raises:
        ValueError: There is none.
    """
    found = _of(value, name)
    if not isinstance(found, str):
        raise ValueError(f"“{name}” is not a text")
    return found


def _of(value: Any, name: str) -> Any:
    if not isinstance(value, dict) or name not in value:
        raise ValueError(f"there is no “{name}”")
    return value[name]


def _object(value: Any, name: str) -> dict[str, Any]:
    found = _of(value, name)
    if not isinstance(found, dict):
        raise ValueError(f"“{name}” is not an object")
    return found


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError("there should be a list")
    return value


def _dumped(adapter: TypeAdapter[Any], value: Any) -> Any:
    return None if value is None else adapter.dump_python(value, mode="json")


def _loaded(adapter: TypeAdapter[Any], value: Any) -> Any:
    return None if value is None else adapter.validate_python(value)


def _check_zones(value: Any) -> None:
    """Refuse times without a zone: those that servers send are read with one, and compared with others."""
    if isinstance(value, datetime) and value.tzinfo is None:
        raise ValueError("a time has no zone")
    if isinstance(value, tuple):
        for each in value:
            _check_zones(each)
    elif is_dataclass(value):
        for field in fields(value):
            _check_zones(getattr(value, field.name))


@cache
def _ours(kind: type[BaseModel]) -> dict[str, TypeAdapter[Any]]:
    """The fields that no server sets, and how each is written."""
    fields = kind.model_fields.items()
    return {name: TypeAdapter[Any](info.annotation) for name, info in fields if info.exclude}  # type: ignore[arg-type]
