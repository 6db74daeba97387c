"""What can be done to a sync that there is: it is cancelled while it runs, and retried once it has failed."""

from __future__ import annotations

from tui_app.sandbox.connections import Connection, MadeConnection
from tui_app.sandbox.errors import disconnected, not_found, unprocessable
from tui_app.sandbox.ids import Draw
from tui_app.sandbox.issues import plan_issue
from tui_app.sandbox.planning import retried_plan
from tui_app.sandbox.plans import CANCELLED, SyncPlan
from tui_app.sandbox.store import Store

_ID = "{requestPath}.id"


def cancel(store: Store, connection: Connection, sync_id: str) -> None:
    """Let a sync that is under way fail now.

    Args:
        store: What the server knows.
        connection: Whose sync it is.
        sync_id: Which one.

    Raises:
        ApiError: There is no such sync (404), or it is over (422).
    """
    with store.lock:
        now_ms = store.clock.now_ms()
        plan = _found(connection, sync_id, now_ms)
        status = plan.at(now_ms).status
        if status not in {"requested", "in_progress"}:
            raise unprocessable(f"Only a sync that is under way can be cancelled, this one is {status}", _ID)
        end(connection, plan, now_ms, CANCELLED)
        store.note(connection)


def retry(store: Store, connection: Connection, sync_id: str) -> None:
    """Let a sync that failed begin anew, with the same parameters.

    Args:
        store: What the server knows.
        connection: Whose sync it is.
        sync_id: Which one.

    Raises:
        ApiError: There is no such sync (404); it did not fail, another one is under way, or the connection is not
            connected (422).
    """
    with store.lock:
        now_ms = store.clock.now_ms()
        plan = _found(connection, sync_id, now_ms)
        if connection.status_at(now_ms) != "connected":
            raise disconnected()
        status = plan.at(now_ms).status
        if status != "failed":
            raise unprocessable(f"Only a failed sync can be retried, this one is {status}", _ID)
        running = connection.running_sync(now_ms)
        if running is not None:
            raise unprocessable(f"A sync can be retried once no other is under way; {running.id} is", _ID)
        draw = Draw("retry", plan.id, len(plan.earlier))
        again = retried_plan(draw, plan, now_ms)
        connection.amend(again)
        store.note(connection)
        if isinstance(connection, MadeConnection) and not connection.issues and again.meets is None:
            # The sync that was to bring up the connection's issue had been ended before it could.
            midway_ms = again.started_ms + int(again.run_ms * (0.4 + 0.2 * draw.unit()))
            store.report(connection, plan_issue(draw, midway_ms))


def end_running(connection: Connection, now_ms: int, reason: str) -> None:
    """End the sync that is under way, if there is one: it fails.

    Args:
        connection: Whose sync it is.
        now_ms: When, since the epoch.
        reason: Why.
    """
    running = connection.running_sync(now_ms)
    if running is not None:
        end(connection, running, now_ms, reason)


def end(connection: Connection, plan: SyncPlan, now_ms: int, reason: str) -> None:
    """End a sync that is under way: it fails, and what it had not met yet does not come up any more.

    Args:
        connection: Whose sync it is.
        plan: The sync.
        now_ms: When, since the epoch.
        reason: Why.
    """
    ahead = [issue for issue in connection.issues if now_ms < issue.first_ms < plan.ended_ms]
    connection.withdrawn.update(issue.id for issue in ahead)
    connection.amend(plan.cut(now_ms, reason))


def _found(connection: Connection, sync_id: str, now_ms: int) -> SyncPlan:
    plan = connection.sync(sync_id, now_ms)
    if plan is None:
        raise not_found(sync_id)
    return plan
