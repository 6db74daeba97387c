"""Connections and syncs as tables whose rows are the objects themselves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from tui_app.findings.triage import triage
from tui_app.models.actor import Actor
from tui_app.models.times import age, day_and_time, duration
from tui_app.notebook.frames import in_utc, number
from tui_app.notebook.pieces import Line, Span, muted, plain
from tui_app.notebook.tables import Column, Shows, Table, heading
from tui_app.notebook.words import issues_words, last_sync, state_line, sync_state, turn_line

if TYPE_CHECKING:
    from tui_app.models.fleet import FleetRow
    from tui_app.models.sync import Sync
    from tui_app.notebook.connection import ConnectionHandle
    from tui_app.notebook.sync import SyncHandle

Row = Callable[["ConnectionHandle"], "FleetRow"]


def connections_table(
    handles: Sequence[ConnectionHandle], now: datetime, *asides: str, notes: Sequence[Line] = ()
) -> Table[ConnectionHandle]:
    """Connections in triage order: what needs somebody first.

    Args:
        handles: Them, in any order.
        now: The server's time.
        asides: What else tells the table from others.
        notes: What a person should know of how it was read.
    """
    rows = {handle.id: handle.row for handle in handles}  # as they are now, whatever becomes of them later
    found = {each: triage(row, row.issues or (), now=now) for each, row in rows.items()}
    handles = sorted(handles, key=lambda handle: rows[handle.id].sort_key())

    def row(handle: ConnectionHandle) -> FleetRow:
        return rows[handle.id]

    def why(handle: ConnectionHandle) -> Line:
        finding = found[handle.id]
        return () if finding.actor is Actor.NOBODY else muted(finding.reason, 160)

    shows: tuple[Shows[ConnectionHandle], ...] = (
        Shows("Next to act", lambda handle: turn_line(row(handle).actor or Actor.NOBODY)),
        Shows("Connection", lambda handle: (Span(row(handle).connection.name, strong=True, limit=60),)),
        Shows("Provider", lambda handle: plain(row(handle).connection.provider.name, 40)),
        Shows("State", lambda handle: state_line(row(handle).state)),
        Shows("Last sync", lambda handle: last_sync(row(handle), now)),
        Shows("Issues", lambda handle: issues_words(row(handle).open_issues)),
        Shows("Why", lambda handle: why(handle)),
        Shows("ID", lambda handle: (Span(handle.id, "muted", code=True, limit=40),)),
    )
    return Table(
        handles,
        [*_facts(row), *_newest(row), Column("why", "text", lambda handle: found[handle.id].reason)],
        shows,
        heading=heading("Connections", len(handles), *asides),
        notes=notes,
        empty="No connection fits.",
    )


def _facts(row: Row) -> list[Column[ConnectionHandle]]:
    """What a connection is, by itself."""
    return [
        Column("id", "text", lambda handle: handle.id),
        Column("name", "text", lambda handle: row(handle).connection.name),
        Column("provider", "text", lambda handle: row(handle).connection.provider.name),
        Column("state", "text", lambda handle: row(handle).state.word),
        Column("status", "text", lambda handle: row(handle).connection.status),
        Column("sync_mode", "text", lambda handle: row(handle).connection.sync_mode),
        Column("external_id", "text", lambda handle: row(handle).connection.external_id),
        Column("dot_numbers", "texts", lambda handle: list(row(handle).connection.company.dot_numbers)),
        Column("tags", "texts", lambda handle: list(row(handle).connection.tags)),
        Column("created_at", "time", lambda handle: in_utc(row(handle).connection.created_at)),
    ]


def _newest(row: Row) -> list[Column[ConnectionHandle]]:
    """How it stands: its issues, its newest sync, whose turn it is."""

    def last(handle: ConnectionHandle) -> Sync | None:
        return row(handle).last_sync

    return [
        Column("open_issues", "count", lambda handle: row(handle).open_issues),
        Column("last_sync_id", "text", lambda handle: s.id if (s := last(handle)) else None),
        Column("last_sync_status", "text", lambda handle: s.status if (s := last(handle)) else None),
        Column("last_sync_percent", "number", lambda handle: number(s.percent) if (s := last(handle)) else None),
        Column(
            "last_sync_requested_at", "time", lambda handle: in_utc(s.requested_at) if (s := last(handle)) else None
        ),
        Column(
            "last_sync_completed_at", "time", lambda handle: in_utc(s.completed_at) if (s := last(handle)) else None
        ),
        Column("next_to_act", "text", lambda handle: (row(handle).actor or Actor.NOBODY).value),
    ]


def syncs_table(handles: Sequence[SyncHandle], now: datetime, name: str, *asides: str) -> Table[SyncHandle]:
    """A connection's syncs, the newest first.

    Args:
        handles: Them, in the server's order.
        now: The server's time.
        name: What their connection is called.
        asides: What else tells the table from others.
    """
    syncs = {handle.id: handle.sync for handle in handles}

    def took(sync: Sync) -> float | None:
        length = sync.elapsed(now)
        return length.total_seconds() if length is not None else None

    def sync(handle: SyncHandle) -> Sync:
        return syncs[handle.id]

    columns: list[Column[SyncHandle]] = [
        Column("id", "text", lambda handle: handle.id),
        Column("status", "text", lambda handle: sync(handle).status),
        Column("phase", "text", lambda handle: sync(handle).phase.value),
        Column("percent", "number", lambda handle: number(sync(handle).percent)),
        Column("requested_at", "time", lambda handle: in_utc(sync(handle).requested_at)),
        Column("completed_at", "time", lambda handle: in_utc(sync(handle).completed_at)),
        Column("seconds", "number", lambda handle: took(sync(handle))),
        Column("start_from", "time", lambda handle: in_utc(sync(handle).start_from)),
        Column("attempts", "number", lambda handle: number(sync(handle).attempts)),
        Column("issues", "count", lambda handle: len(sync(handle).issue_ids)),
        Column("failure_reason", "text", lambda handle: sync(handle).failure_reason),
    ]
    shows: list[Shows[SyncHandle]] = [
        Shows("Sync", lambda handle: sync_state(sync(handle))),
        Shows("Requested", lambda handle: muted(day_and_time(sync(handle).requested_at))),
        Shows("", lambda handle: muted(age(sync(handle).requested_at, now))),
        Shows("Took", lambda handle: plain(duration(sync(handle).elapsed(now)))),
        Shows("Issues", lambda handle: issues_words(len(sync(handle).issue_ids))),
        Shows("Why it failed", lambda handle: plain(sync(handle).failure_reason or "", 160)),
        Shows("ID", lambda handle: (Span(handle.id, "muted", code=True, limit=40),)),
    ]
    return Table(
        handles, columns, shows, heading=heading("Syncs", len(handles), name, *asides), empty="It was never synced."
    )
