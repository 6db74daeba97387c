"""What the tests of the models share: objects as Terminal documents them, and rows made of them."""

from __future__ import annotations

from typing import Any

from tests.clocks import START
from tui_app.models.connection import Connection, ConnectionModel, Standing
from tui_app.models.fleet import FleetRow
from tui_app.models.issue import Issue, IssueError
from tui_app.models.sync import Phase, Sync, SyncPart, phase_of

TOKEN = "con_tkn_22vUhkC6tgre4kwaYfUkCDA1rzn6eyb4"
KEY = "sk_prod_4eC39HqLyjWDarjtT1zdp7dc"

SYNC: dict[str, Any] = {
    "id": "sync_01GV12VR4DJP70GD1ZBK0SDWFH",
    "status": "in_progress",
    "progress": 85,
    "issues": ["isu_01GV12VR4DJP70GD1ZBK0SDWFH"],
    "startFrom": "2021-01-01T00:00:00.000Z",
    "attempts": 1,
    "requestedAt": "2021-01-06T03:24:53.000Z",
    "providerRequests": ["historical_files"],
}
ISSUE: dict[str, Any] = {
    "id": "isu_01GV12VR4DJP70GD1ZBK0SDWFH",
    "status": "ongoing",
    "connection": "conn_01GV12VR4DJP70GD1ZBK0SDWFH",
    "error": {"code": "missing_permissions", "message": "Trips cannot be read"},
    "firstReportedAt": "2021-01-06T03:24:53.000Z",
    "lastReportedAt": "2021-01-06T03:24:53.000Z",
}
CONNECTION: dict[str, Any] = {
    "id": "conn_01GV12VR4DJP70GD1ZBK0SDWFH",
    "status": "connected",
    "sourceId": "9981",
    "provider": {"name": "Geotab", "code": "geotab"},
    "company": {"name": "Frank's Trucking", "dotNumbers": ["1234567"]},
    "account": {"name": "Franks HQ", "dotNumbers": [], "user": {"email": "frank@example.com"}},
    "externalId": "fleet-7",
    "syncMode": "automatic",
    "token": TOKEN,
    "tags": ["west", "long haul"],
    "options": {"ingestHistoryFromSourceSystem": True},
    "filters": {"vehicles": {"status": "active"}},
    "linkUrl": "https://link.withterminal.com/connection/{id}",
    "createdAt": "2021-01-06T03:24:53.000Z",
    "updatedAt": "2021-01-06T03:24:53.000Z",
    "lastSync": SYNC,
}


def connection(**fields: Any) -> Connection:
    """A connection as the client reads one: by the server's names, or by ours."""
    base = {name: value for name, value in CONNECTION.items() if name != "lastSync"}
    return Connection.model_validate(base | {"standing": Standing.CONNECTED} | fields)


def sync(phase: Phase = Phase.RUNNING, **fields: Any) -> Sync:
    """A sync without issues and provider requests, in some phase."""
    base = {name: value for name, value in SYNC.items() if name not in ("issues", "providerRequests")}
    return Sync.model_validate(base | {"phase": phase} | fields)


def part(name: str = "invoices", phase: Phase = Phase.RUNNING, **fields: Any) -> SyncPart:
    """One part of a sync: a job of the model of that name, made at the start, in its first try."""
    facts = {
        "id": f"job_{name}",
        "model_id": name,
        "name": name.capitalize(),
        "status": phase.value,
        "requested_at": START,
        "attempt": 1,
    }
    return SyncPart(**(facts | {"phase": phase} | fields))


def sync_of(*parts: SyncPart, **fields: Any) -> Sync:
    """A sync of these parts, in the phase and with the word that they make together."""
    phase = phase_of(each.phase for each in parts)
    facts = {"id": "batch_1", "status": phase.value, "phase": phase, "requested_at": START, "parts": parts}
    return Sync(**(facts | fields))


def model(name: str = "invoices", **fields: Any) -> ConnectionModel:
    """A model that is read and not written."""
    facts: dict[str, Any] = {"id": name, "name": name.capitalize(), "reads": True, "writes": False}
    return ConnectionModel(**(facts | fields))


def row(last_sync: Sync | None = None, open_issues: int | None = None, **fields: Any) -> FleetRow:
    """A row of the list, with so many open issues."""
    issues = None if open_issues is None else tuple(open_issue(number) for number in range(open_issues))
    return FleetRow(connection(**fields), last_sync=last_sync, issues=issues)


def open_issue(number: int = 0) -> Issue:
    """An issue that nobody has to act upon."""
    return Issue(id=f"isu_{number}", status="ongoing", error=IssueError(code="data_delayed"))
