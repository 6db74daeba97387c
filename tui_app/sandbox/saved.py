"""Connections as a state file holds them: what clients made, and what they did."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from tui_app.sandbox.connections import Connection, MadeConnection, Profile
from tui_app.sandbox.issues import IssuePlan
from tui_app.sandbox.plans import SyncPlan


def changed(connections: Iterable[Connection]) -> dict[str, dict[str, Any]]:
    """Return what clients did to connections, by connection id; those that are as they were are left out."""
    return {each.id: change for each in connections if any((change := _change(each)).values())}


def apply_change(connection: Connection, change: dict[str, Any]) -> None:
    """Do to a connection what clients did to it before.

    Args:
        connection: A connection as it was at first.
        change: What was written down. Parts that an older version did not know may be missing.

    Raises:
        LookupError, TypeError, ValueError, AttributeError: The file is damaged.
    """
    connection.requested = [_plan(saved) for saved in change["requested"]]
    connection.reported = [IssuePlan(**saved) for saved in change["reported"]]
    connection.moved = [(int(ms), str(status)) for ms, status in change["moved"]]
    connection.unasked = [(int(ms), str(status)) for ms, status in change.get("unasked", ())]
    connection.turns = [_plan(saved) for saved in change.get("turns", ())]
    amended = [_plan(saved) for saved in change.get("amended", ())]
    connection.amended = {plan.id: plan for plan in amended}
    edited = change.get("edited")
    connection.edited = None if edited is None else _profile(edited)
    connection.touched_ms = int(change.get("touched_ms", 0))
    connection.modes = [(int(ms), str(mode)) for ms, mode in change.get("modes", ())]
    connection.resolved = {str(issue_id): int(ms) for issue_id, ms in change.get("resolved", {}).items()}
    connection.withdrawn = {str(issue_id) for issue_id in change.get("withdrawn", ())}


def made_json(connection: MadeConnection) -> dict[str, Any]:
    """Return a connection that a client made, as it was at first."""
    return {
        "id": connection.id,
        "token": connection.token,
        "created_ms": connection.created_ms,
        "number": connection.number,
        "profile": asdict(connection.original),
        "status": connection.story.moves[0][1],
        "account_key": connection.account_key,
        "backfill_ms": connection.backfill_ms,
    }


def made_again(saved: dict[str, Any]) -> MadeConnection:
    """Return the connection that `made_json` wrote down.

    Raises:
        LookupError, TypeError, ValueError, AttributeError: The file is damaged.
    """
    return MadeConnection(**{**saved, "profile": _profile(saved["profile"])})


def _change(connection: Connection) -> dict[str, Any]:
    return {
        "requested": [asdict(plan) for plan in connection.requested],
        "reported": [asdict(issue) for issue in connection.reported],
        "moved": [list(move) for move in connection.moved],
        "unasked": [list(move) for move in connection.unasked],
        "turns": [asdict(plan) for plan in connection.turns],
        "amended": [asdict(plan) for plan in connection.amended.values()],
        "withdrawn": sorted(connection.withdrawn),
        "resolved": connection.resolved,
        "modes": [list(mode) for mode in connection.modes],
        "edited": None if connection.edited is None else asdict(connection.edited),
        "touched_ms": connection.touched_ms,
    }


def _profile(saved: dict[str, Any]) -> Profile:
    return Profile(**{**saved, "tags": tuple(saved["tags"]), "agreements": tuple(saved["agreements"])})


def _plan(saved: dict[str, Any]) -> SyncPlan:
    meets = saved.get("meets")
    return SyncPlan(
        **{
            **saved,
            "waypoints": tuple((float(place), float(percent)) for place, percent in saved["waypoints"]),
            "retries_ms": tuple(saved["retries_ms"]),
            "provider_requests": tuple(saved["provider_requests"]),
            "earlier": tuple(_plan(each) for each in saved.get("earlier", ())),
            "meets": None if meets is None else tuple(meets),
        }
    )
