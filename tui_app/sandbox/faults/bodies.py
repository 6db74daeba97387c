"""Answers that are not as they should be: JSON that is none, rows that lack something, words that nobody knows."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from tui_app.sandbox.faults import STUUT

Row = dict[str, Any]

CONNECTION, SYNC, ISSUE = "conn_", "sync_", "isu_"
"""How the identifiers of Terminal's objects begin."""

UNKNOWN_CONNECTION, UNKNOWN_SYNC, UNKNOWN_ISSUE = "quarantined", "reconciling", "snoozed"
UNKNOWN_RESOLUTION, UNKNOWN_MODE = "carrier_action_required", "on_demand"
UNKNOWN_JOB, UNKNOWN_HEALTH = "reconciling", "quarantined"
"""The words that no documentation names."""


def truncated(body: bytes) -> bytes:
    """Return the first half of a JSON array or object, which is never JSON; anything else as it is."""
    return body[: len(body) // 2] if _is_json(body) else body


def malformed(body: bytes) -> bytes:
    """Return a JSON array or object with a comma behind its first bracket; anything else as it is."""
    return body[:1] + b"," + body[1:] if _is_json(body) else body


def _is_json(body: bytes) -> bool:
    return body[:1] in (b"{", b"[") and len(body) > 1


def spoilt(body: bytes, kind: str, fault: str, meets: Callable[[str], bool]) -> bytes:
    """Return an answer some of whose objects are spoilt.

    Args:
        body: The answer; what is no JSON is returned as it is.
        kind: Which API it is of.
        fault: The name of the fault; one whose rate is a share of objects.
        meets: Tells whether the fault meets the object of an identifier.
    """
    try:
        content = json.loads(body)
    except ValueError:
        return body
    spoil = (_STUUT if kind == STUUT else _TERMINAL)[fault]
    for row in list(_objects(content)):
        if meets(row["id"]):
            spoil(row)
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "backslashreplace")


def _objects(value: Any) -> Iterator[Row]:
    """Return everything in an answer that has an identifier, what is outside before what is inside."""
    if isinstance(value, list):
        for each in value:
            yield from _objects(each)
    elif isinstance(value, dict):
        if isinstance(value.get("id"), str):
            yield value
        for each in value.values():
            yield from _objects(each)


def _replaced(row: Row, name: str, word: str | None) -> None:
    if isinstance(row.get(name), str):
        row[name] = word


def _status(row: Row) -> None:
    if row["id"].startswith(CONNECTION):
        _replaced(row, "status", UNKNOWN_CONNECTION)
    elif row["id"].startswith(SYNC):
        _replaced(row, "status", UNKNOWN_SYNC)


def _of_issues(name: str, word: str) -> Callable[[Row], None]:
    def spoil(row: Row) -> None:
        if row["id"].startswith(ISSUE):
            _replaced(row, name, word)

    return spoil


def _mode(row: Row) -> None:
    if row["id"].startswith(CONNECTION):
        _replaced(row, "syncMode", UNKNOWN_MODE)


def _without_status(row: Row) -> None:
    if row["id"].startswith((CONNECTION, SYNC, ISSUE)):
        _replaced(row, "status", None)


def _job_status(row: Row) -> None:
    if row.get("object") == "sync":
        _replaced(row, "status", UNKNOWN_JOB)
    elif isinstance(row.get("health"), dict):
        _replaced(row["health"], "status_code", UNKNOWN_HEALTH)


def _without_id(row: Row) -> None:
    # Of a connection nothing else has to be there; of a job, its status has.
    if isinstance(row.get("models"), list):
        row["id"] = None
    elif row.get("object") == "sync":
        row["status"] = None


_TERMINAL: dict[str, Callable[[Row], None]] = {
    "broken-rows": _without_status,
    "unknown-status": _status,
    "unknown-issue-status": _of_issues("status", UNKNOWN_ISSUE),
    "unknown-resolution": _of_issues("resolutionType", UNKNOWN_RESOLUTION),
    "unknown-sync-mode": _mode,
}
_STUUT: dict[str, Callable[[Row], None]] = {"broken-rows": _without_id, "unknown-status": _job_status}
