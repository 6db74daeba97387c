"""How observations and connections lie in the file's rows."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from tui_app.history import encoding
from tui_app.history.encoding import Mask
from tui_app.models.connection import Connection
from tui_app.models.fleet import FleetRow
from tui_app.models.issue import Issue
from tui_app.models.observation import Observation
from tui_app.models.sync import Sync
from tui_app.models.text import mask as masked

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_LOOKED_AGAIN = timedelta(minutes=10)
_LEAST = 6  # a shorter token would be found in everything

_OF_SYNC = (
    "SELECT id, sync, problem, first_at, last_at FROM observation"
    " WHERE server = ? AND connection_id = ? AND sync_id = ? ORDER BY last_at DESC, id DESC LIMIT 1"
)


def add(db: sqlite3.Connection, server: int, seen: Observation, sync: str | None, problem: str | None) -> None:
    """Add an observation, or let the newest row say that it was the same until now: whoever wrote that row."""
    at = stamp(seen.observed_at)
    newest = db.execute(_OF_SYNC, (server, seen.connection_id, seen.sync_id)).fetchone()
    look = (at, seen.latency, seen.next_look, seen.pace)
    if newest is not None and (sync, problem) == newest[1:3] and at >= newest[3]:
        if at >= newest[4]:
            db.execute(
                "UPDATE observation SET looks = looks + 1, last_at = ?, last_latency = ?, last_next = ?, last_pace = ?"
                " WHERE id = ?",
                (*look, newest[0]),
            )
        return  # else another one who looks at it has already seen the same before and after
    db.execute(
        "INSERT INTO observation (server, connection_id, sync_id, sync, problem, looks,"
        " first_at, first_latency, first_next, first_pace, last_at, last_latency, last_next, last_pace)"
        " VALUES (?, ?, ?, ?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?)",
        (server, seen.connection_id, seen.sync_id, sync, problem, *look, *look),
    )


def observations_in(connection_id: str, sync_id: str, row: tuple[Any, ...]) -> Iterable[Observation]:
    """What one row tells: a look, or the first and the last of those that brought the same."""
    told, wrong, looks, *times = row
    sync = encoding.sync_from(told) if isinstance(told, str) else None
    problem = encoding.problem_from(wrong) if isinstance(wrong, str) else None
    if (sync is None) == (problem is None):
        return  # nobody can read it any more
    for at, latency, following, pace in (times[:4], times[4:])[: 2 if looks > 1 else 1]:
        yield Observation(connection_id, sync_id, moment(at), latency, sync, problem, following, pace)


def syncs_in(
    db: sqlite3.Connection, server: int, connection_id: str, sync_id: str
) -> Iterable[tuple[datetime, Sync | None]]:
    """How a sync was seen, and when first, oldest first; ``None`` where a look failed."""
    rows = db.execute(
        "SELECT first_at, sync FROM observation"
        " WHERE server = ? AND connection_id = ? AND sync_id = ? ORDER BY first_at, id",
        (server, connection_id, sync_id),
    )
    for at, text in rows:
        yield moment(at), None if text is None else encoding.sync_from(text)


Told = Connection | tuple[Connection, Sync | None, tuple[Issue, ...] | None, datetime | None]
"""What a row told when it was written: its connection, and what else was known of it, if anything was."""


def told(row: FleetRow) -> Told:
    """What a row tells, without the row: that is replaced often, and most of it is not written."""
    known = (row.last_sync, row.issues, row.looked_at)
    return row.connection if known == (None, None, None) else (row.connection, *known)


def same(kept: Told | None, row: FleetRow) -> bool:
    """Whether there is nothing new in a row. That it was looked at again, and nothing more, is written now and then."""
    if kept is None:
        return False
    connection, sync, issues, looked_at = kept if isinstance(kept, tuple) else (kept, None, None, None)
    if (connection, sync, issues) != (row.connection, row.last_sync, row.issues):
        return False
    if looked_at is None or row.looked_at is None:
        return looked_at is row.looked_at
    return abs(row.looked_at - looked_at) < _LOOKED_AGAIN


def row_values(row: FleetRow, at: datetime, mask: Mask) -> tuple[object, ...]:
    """A connection as the file has it: its ID, then what is known of it. Its token is not among that."""
    token = row.connection.token
    mask = and_token(mask, token.get_secret_value() if token else "")
    return (
        row.id,
        encoding.connection_text(row.connection, mask),
        None if row.last_sync is None else encoding.sync_text(row.last_sync, mask),
        None if row.looked_at is None else stamp(row.looked_at),
        None if row.issues is None else encoding.issues_text(row.issues, mask),
        stamp(at),
    )


def row_from(
    connection: str, last_sync: str | None, looked_at: int | None, issues: str | None, at: int
) -> FleetRow | None:
    """Read it again, marked with when it was seen; ``None`` where nobody can."""
    seen_at = moment(at)
    sync = encoding.sync_from(last_sync) if last_sync is not None else None
    known = encoding.connection_from(connection, sync, seen_at)
    if known is None:
        return None
    looked = None if looked_at is None else moment(looked_at)
    return FleetRow(
        known, sync, looked, issues=None if issues is None else encoding.issues_from(issues), recalled_at=seen_at
    )


def only(db: sqlite3.Connection, server: int, places: dict[str, int]) -> None:
    """Let go of connections that are not among these, and put those that are into their order."""
    kept = dict(db.execute("SELECT connection_id, place FROM fleet WHERE server = ?", (server,)).fetchall())
    gone = [(server, connection_id) for connection_id in kept if connection_id not in places]
    db.executemany("DELETE FROM fleet WHERE server = ? AND connection_id = ?", gone)
    moved = [(place, server, each) for each, place in places.items() if kept.get(each, place) != place]
    db.executemany("UPDATE fleet SET place = ? WHERE server = ? AND connection_id = ?", moved)


def and_token(mask: Mask, token: str) -> Mask:
    """A mask that knows one more secret."""
    if len(token) < _LEAST:
        return mask
    return lambda text: mask(text.replace(token, masked(token)))


def stamp(time: datetime) -> int:
    """A time as the file has it."""
    return (time - _EPOCH) // _MICROSECOND


def moment(microseconds: int) -> datetime:
    """A time as it was."""
    return _EPOCH + timedelta(microseconds=microseconds)
