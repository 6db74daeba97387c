"""How a connection becomes a row of the list."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from operator import attrgetter
from typing import TYPE_CHECKING

from tui_app.models.actor import Actor
from tui_app.models.text import safe_text
from tui_app.models.times import ahead
from tui_app.widgets.columns import Column
from tui_app.widgets.spans import Spans
from tui_app.widgets.states import last_sync_spans, state_spans

if TYPE_CHECKING:
    from tui_app.api.base import Capabilities
    from tui_app.models.fleet import FleetRow

Now = Callable[[], datetime]


def _state(row: FleetRow, width: int) -> Spans:
    ((word, role),) = state_spans(row.state)
    return ((word, role if row.recalled_at is None else "muted"),)


def _company(row: FleetRow, width: int) -> Spans:
    return ((safe_text(row.connection.name, width * 2), ""),)


_by_name = attrgetter("haystack")  # which begins with it


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


def _actor(row: FleetRow, width: int) -> Spans:
    """Whose turn it is, where it is anybody's."""
    if row.actor is None or row.actor is Actor.NOBODY:
        return (("—", "muted"),)
    word = row.actor.value.removeprefix("the ")
    return ((word, "warning" if row.recalled_at is None else "muted"),)


def _what_to_know(row: FleetRow, width: int) -> Spans:
    connection, health = row.connection, row.connection.health
    if health is not None and health.healthy is False:
        return ((safe_text(health.message or health.code, width * 2), "error"),)
    return ((safe_text(connection.hindrance, width * 2), "muted"),)


def fleet_columns(now: Now, can: Capabilities | None = None) -> tuple[Column[FleetRow], ...]:
    """The list's columns.

    Args:
        now: The time that ages count to.
        can: What the open server can do; ``None`` while none is open.
    """

    def last_sync(row: FleetRow, width: int) -> Spans:
        return last_sync_spans(row, now(), width)

    def next_sync(row: FleetRow, width: int) -> Spans:
        moment = row.connection.next_sync_at
        return ((ahead(moment, now()) if moment else "—", "muted"),)

    def by_next_sync(row: FleetRow) -> tuple[bool, float]:
        moment = row.connection.next_sync_at
        return (moment is None, moment.timestamp() if moment else 0.0)

    columns = (
        Column("state", "State", _state, 14, priority=0, sort=attrgetter("state.rank")),
        Column("company", "Company", _company, 16, 3, 36, comfort=26, sort=_by_name),
        Column("name", "Connection", _company, 16, 2, 36, comfort=26, sort=_by_name),
        Column("provider", "Provider", _provider, 11, 1, 20, 2, sort=attrgetter("by_provider")),
        Column("external", "External ID", _external, 11, 1, 14, 5, sort=attrgetter("external_id")),
        Column("last_sync", "Last sync", last_sync, 21, 1, 24, 1, sort=attrgetter("by_sync")),
        Column("next_sync", "Next sync", next_sync, 10, 0, 10, 3, sort=by_next_sync),
        Column("actor", "Next", _actor, 9, 0, 9, 3, sort=attrgetter("urgency")),
        Column("issues", "Open", _open_issues, 4, 0, 4, 3, "right", sort=attrgetter("by_issues")),
        Column("mode", "Mode", _mode, 9, 0, 9, 6, sort=attrgetter("connection.sync_mode")),
        Column("tags", "Tags", _tags, 12, 1, 24, 7),
        Column("know", "What to know", _what_to_know, 16, 3, 60, 4),
    )
    labels, issues, parts = (can.labels, can.issues, can.parts) if can else (True, True, False)
    shown = {
        **dict.fromkeys(("company", "external", "mode", "tags"), labels),
        "name": not labels,
        "issues": issues,
        **dict.fromkeys(("next_sync", "know"), parts),
    }
    return tuple(column for column in columns if shown.get(column.key, True))
