"""How a connection becomes a row of the list."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from tui_app.models.text import safe_text
from tui_app.widgets.spans import Spans
from tui_app.widgets.states import last_sync_spans, state_spans
from tui_app.widgets.table import Column

if TYPE_CHECKING:
    from tui_app.models.fleet import FleetRow

Now = Callable[[], datetime]


def _state(row: FleetRow, width: int) -> Spans:
    return state_spans(row.state)


def _company(row: FleetRow, width: int) -> Spans:
    return ((safe_text(row.connection.name, width * 2), ""),)


def _provider(row: FleetRow, width: int) -> Spans:
    provider = row.connection.provider
    return ((safe_text(provider.name or provider.code, width * 2), ""),)


def _external(row: FleetRow, width: int) -> Spans:
    return ((safe_text(row.connection.external_id or "", width * 2), "muted"),)


def _mode(row: FleetRow, width: int) -> Spans:
    return ((safe_text(row.connection.sync_mode, width * 2), "muted"),)


def _tags(row: FleetRow, width: int) -> Spans:
    return ((safe_text(", ".join(row.connection.tags), width * 2), "muted"),)


def _open_issues(row: FleetRow, width: int) -> Spans:
    if row.open_issues is None:
        return ()
    return ((str(row.open_issues), "warning" if row.open_issues else "muted"),)


def fleet_columns(now: Now) -> tuple[Column[FleetRow], ...]:
    """The list's columns.

    Args:
        now: The time that ages count to.
    """

    def last_sync(row: FleetRow, width: int) -> Spans:
        return last_sync_spans(row, now(), width)

    def by_last_sync(row: FleetRow) -> tuple[bool, float]:
        sync = row.last_sync
        return (sync is None, -(sync.completed_at or sync.requested_at).timestamp() if sync else 0.0)

    return (
        Column("state", "State", _state, 14, priority=0, sort=lambda row: row.state.rank),
        Column("company", "Company", _company, 16, 3, 36, comfort=26, sort=lambda row: row.connection.name.lower()),
        Column("provider", "Provider", _provider, 11, 1, 20, 2, sort=lambda row: row.connection.provider.name.lower()),
        Column("external", "External ID", _external, 11, 1, 14, 5, sort=lambda row: row.connection.external_id or ""),
        Column("last_sync", "Last sync", last_sync, 21, 1, 24, 1, sort=by_last_sync),
        Column("issues", "Open", _open_issues, 4, 0, 4, 3, "right", sort=lambda row: -(row.open_issues or 0)),
        Column("mode", "Mode", _mode, 9, 0, 9, 6, sort=lambda row: row.connection.sync_mode),
        Column("tags", "Tags", _tags, 12, 1, 24, 7),
    )
