"""How the API shows what the server knows, at one moment."""

from __future__ import annotations

from typing import Any

from tui_app.sandbox.clock import iso
from tui_app.sandbox.connections import REMOVED, Connection
from tui_app.sandbox.issues import IssuePlan
from tui_app.sandbox.plans import SyncPlan
from tui_app.sandbox.providers import provider_reference

LINK = "https://link.sandbox.withterminal.com/connection"


def connection_json(connection: Connection, now_ms: int, publishable_key: str) -> dict[str, Any]:
    """Return a connection.

    Args:
        connection: The connection.
        now_ms: The time of the look, since the epoch.
        publishable_key: Goes into the link by which its owner reconnects it.
    """
    profile = connection.profile
    status = connection.status_at(now_ms)
    shown: dict[str, Any] = {
        "id": connection.id,
        "status": status,
        "provider": provider_reference(profile.provider),
        "company": profile.company,
        "account": profile.account,
        "syncMode": profile.sync_mode,
        "token": connection.token,
        "createdAt": iso(connection.created_ms),
        "updatedAt": iso(connection.updated_ms(now_ms)),
    }
    if status in REMOVED:
        return _removed(shown, connection, now_ms)
    shown["tags"] = list(profile.tags)
    shown["options"] = profile.options
    shown["filters"] = profile.filters
    shown["linkUrl"] = f"{LINK}/{connection.id}?key={publishable_key}"
    if profile.external_id is not None:
        shown["externalId"] = profile.external_id
    if profile.source_id is not None:
        shown["sourceId"] = profile.source_id
    return shown


def _removed(shown: dict[str, Any], connection: Connection, now_ms: int) -> dict[str, Any]:
    """Reduce a connection to the record that outlives it.

    Of a removed connection only id, provider, status and times are said to be kept; the published description still
    requires company, account, sync mode and token. Its company's name is kept, so that a person can tell which it was,
    the account is there but empty, and everything optional is gone.
    """
    shown["company"] = {"name": shown["company"]["name"]} if "name" in shown["company"] else {}
    shown["account"] = {}
    deleted_ms = connection.moved_to_ms("deleted", now_ms)
    if deleted_ms is not None:
        shown["deletedAt"] = iso(deleted_ms)
    return shown


def current_json(connection: Connection, now_ms: int, publishable_key: str) -> dict[str, Any]:
    """Return a connection with what only the look at a single one shows: its last sync and its agreements."""
    shown = connection_json(connection, now_ms, publishable_key)
    shown["agreements"] = list(connection.profile.agreements)
    latest = connection.latest_sync(now_ms)
    if latest is not None:
        shown["lastSync"] = sync_json(connection, latest, now_ms)
    return shown


def sync_json(connection: Connection, plan: SyncPlan, now_ms: int, *, expand_issues: bool = False) -> dict[str, Any]:
    """Return a sync.

    Args:
        connection: Whose it is.
        plan: The sync.
        now_ms: The time of the look, since the epoch.
        expand_issues: Show whole issues in place of their ids.
    """
    look = plan.at(now_ms)
    issues = connection.issues_of(plan, now_ms)
    shown: dict[str, Any] = {
        "id": plan.id,
        "status": look.status,
        "requestedAt": iso(plan.requested_ms),
        "startFrom": iso(plan.start_from_ms),
        "attempts": look.attempts,
        "issues": [issue_json(connection, issue, now_ms) if expand_issues else issue.id for issue in issues],
    }
    if look.progress is not None:
        # A whole number is written as one: 100, not 100.0.
        shown["progress"] = int(look.progress) if look.progress.is_integer() else look.progress
    if look.status == "completed":
        shown["completedAt"] = iso(plan.ended_ms)
    if look.status == "failed":
        shown["failureReason"] = plan.failure
    if look.provider_requests is not None:
        shown["providerRequests"] = list(look.provider_requests)
    return shown


def issue_json(
    connection: Connection, issue: IssuePlan, now_ms: int, expanded: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Return an issue.

    Args:
        connection: Whose it is.
        issue: The issue.
        now_ms: The time of the look, since the epoch.
        expanded: The whole connection, to be shown in place of its id.
    """
    last_reported_ms = connection.last_reported_ms(issue, now_ms)
    return issue.to_json(connection.is_ongoing(issue, now_ms), last_reported_ms, expanded or connection.id)
