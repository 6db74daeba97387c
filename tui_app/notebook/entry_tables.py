"""The journal of a sync as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_app.models.times import day_and_time
from tui_app.notebook.frames import in_utc
from tui_app.notebook.pieces import muted, plain
from tui_app.notebook.tables import Column, Shows, Table, heading

if TYPE_CHECKING:
    from tui_app.notebook.sync_card import SyncState
    from tui_app.watch.journal import Entry


def journal_table(state: SyncState) -> Table[Entry]:
    """What changed in a sync, oldest first."""
    columns: tuple[Column[Entry], ...] = (
        Column("at", "time", lambda entry: in_utc(entry.at)),
        Column("kind", "text", lambda entry: entry.kind.value),
        Column("text", "text", lambda entry: entry.text),
        Column("before", "text", lambda entry: entry.before),
        Column("after", "text", lambda entry: entry.after),
    )
    shows: tuple[Shows[Entry], ...] = (
        Shows("When", lambda entry: muted(f"{day_and_time(entry.at)}:{entry.at.second:02}")),
        Shows("What changed", lambda entry: plain(entry.text, 300)),
    )
    return Table(
        state.entries,
        columns,
        shows,
        heading=heading("Journal", len(state.entries), state.connection, state.sync_id),
        empty="Nothing was seen to change.",
    )
