"""What can be done to a connection that there is: it is updated, and its deletion is requested and taken back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from tui_app.sandbox.connections import GONE, GRACE, Connection, Move
from tui_app.sandbox.errors import disconnected, unprocessable
from tui_app.sandbox.jobs import end_running
from tui_app.sandbox.store import Store

_ENDED = {
    "disconnected": "The connection was disconnected while the sync was running",
    "archived": "The connection was archived while the sync was running",
    "pending_deletion": "The deletion of the connection was requested while the sync was running",
}


@dataclass(frozen=True, slots=True)
class Update:
    """What is to be changed about a connection. None leaves a value as it is.

    Attributes:
        status: connected, archived or disconnected.
        company: `name` and `dotNumbers`; what it does not name stays.
        external_id: The id in the system of whoever made the connection.
        sync_mode: automatic or manual.
        tags: In place of all that there were.
        options: In place of all that there were.
        filters: In place of all that there were.
    """

    status: str | None = None
    company: dict[str, Any] | None = None
    external_id: str | None = None
    sync_mode: str | None = None
    tags: tuple[str, ...] | None = None
    options: dict[str, Any] | None = None
    filters: dict[str, Any] | None = None


def update(store: Store, connection: Connection, wanted: Update) -> None:
    """Change a connection, wholly or, if anything is refused, not at all.

    Args:
        store: What the server knows.
        connection: The connection.
        wanted: What to change; nothing at all changes nothing.

    Raises:
        ApiError: Its deletion was requested and is not taken back by this, or it is to be connected although its
            provider does not accept the stored credentials (422).
    """
    if wanted == Update():
        return
    with store.lock:
        now_ms = store.clock.now_ms()
        status = _next_status(connection, wanted.status, now_ms)
        profile = connection.profile
        edited: dict[str, Any] = {
            "company": None if wanted.company is None else profile.company | wanted.company,
            "external_id": wanted.external_id,
            "sync_mode": wanted.sync_mode,
            "tags": wanted.tags,
            "options": wanted.options,
            "filters": wanted.filters,
        }
        if wanted.sync_mode is not None and wanted.sync_mode != profile.sync_mode:
            connection.modes.append((now_ms, wanted.sync_mode))
        connection.edited = replace(profile, **{name: value for name, value in edited.items() if value is not None})
        connection.touched_ms = now_ms
        if status != connection.status_at(now_ms):
            _move(connection, (now_ms, status))
        store.note(connection)


def request_deletion(store: Store, connection: Connection) -> None:
    """Let a connection be deleted after a day of grace; one whose deletion was requested before keeps its day.

    Args:
        store: What the server knows.
        connection: The connection.
    """
    with store.lock:
        now_ms = store.clock.now_ms()
        if connection.status_at(now_ms) != "pending_deletion":
            later = (now_ms + GRACE, "deleting"), (now_ms + GONE, "deleted")
            _move(connection, (now_ms, "pending_deletion"), *later)
            store.note(connection)


def _move(connection: Connection, now: Move, *later: Move) -> None:
    if now[1] != "connected":
        end_running(connection, now[0], _ENDED[now[1]])
    connection.move(now, *later)


def _next_status(connection: Connection, wanted: str | None, now_ms: int) -> str:
    status = connection.status_at(now_ms)
    if status == "pending_deletion" and wanted != "connected":
        raise unprocessable(
            "The deletion of this connection was requested: it takes no change but the status 'connected'",
            "{requestBody}.status",
        )
    if wanted != "connected" or connection.accepted_at(now_ms):
        return wanted or status
    if status == "disconnected":
        raise disconnected("The provider does not accept the stored credentials: the account must be linked again")
    # To be connected again means to be looked at again: what comes of it is for the provider to say.
    return "disconnected"
