"""Issues as tables: those of a sync, of a connection, and the open ones of all connections."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from tui_app.findings.catalogue import meaning_of
from tui_app.findings.issue_groups import OwnedIssue
from tui_app.findings.triage import WEIGHT
from tui_app.models.times import age
from tui_app.notebook.frames import in_utc
from tui_app.notebook.pieces import Line, Span, muted, plain
from tui_app.notebook.tables import Column, Shows, Table, heading
from tui_app.notebook.words import issue_state, turn_line

if TYPE_CHECKING:
    from tui_app.findings.catalogue import Meaning
    from tui_app.models.issue import Issue
    from tui_app.notebook.sync_card import SyncState


@dataclass(frozen=True, slots=True)
class SyncIssue:
    """An issue that a sync met.

    Attributes:
        id: The server's ID.
        issue: The whole of it; ``None`` where the server sent no more than the ID.
    """

    id: str
    issue: Issue | None

    @property
    def meaning(self) -> Meaning | None:
        """What it means, and whose turn it is."""
        return meaning_of(self.issue) if self.issue is not None else None


def sync_issues_table(state: SyncState) -> Table[SyncIssue]:
    """The issues that a sync met."""
    whole = {issue.id: issue for issue in state.sync.known_issues} if state.sync is not None else {}
    ids = state.sync.issue_ids if state.sync is not None else []
    rows = [SyncIssue(each, whole.get(each)) for each in ids]
    columns: tuple[Column[SyncIssue], ...] = (
        Column("code", "text", lambda row: row.issue.error.code if row.issue else None),
        Column("status", "text", lambda row: row.issue.status if row.issue else None),
        Column("next_to_act", "text", lambda row: row.meaning.actor.value if row.meaning else None),
        Column("message", "text", lambda row: row.issue.error.message if row.issue else None),
        Column("id", "text", lambda row: row.id),
    )
    shows: tuple[Shows[SyncIssue], ...] = (
        Shows("Issue", lambda row: _code(row.issue) if row.issue else _id(row.id)),
        Shows("Next to act", lambda row: turn_line(row.meaning.actor) if row.meaning else ()),
        Shows("What it means", lambda row: plain(row.meaning.words, 300) if row.meaning else ()),
        Shows("The server says", lambda row: plain(row.issue.error.message, 300) if row.issue else ()),
    )
    title = heading("Issues", len(rows), state.connection, state.sync_id)
    return Table(rows, columns, shows, heading=title, empty="It met none, as far as it was seen.")


def issues_table(rows: Sequence[OwnedIssue], now: datetime, title: str, *asides: str) -> Table[OwnedIssue]:
    """Issues and whose they are, those first that somebody has to act upon.

    Args:
        rows: Them.
        now: The server's time.
        title: What they are.
        asides: What else tells the table from others.
    """
    rows = sorted(rows, key=lambda row: (not row.issue.is_open, WEIGHT[row.meaning.actor], *row.sort_key()))
    columns: tuple[Column[OwnedIssue], ...] = (
        Column("code", "text", lambda row: row.issue.error.code),
        Column("status", "text", lambda row: row.issue.status),
        Column("next_to_act", "text", lambda row: row.meaning.actor.value),
        Column("meaning", "text", lambda row: row.meaning.words),
        Column("next_step", "text", lambda row: row.meaning.next_step),
        Column("message", "text", lambda row: row.issue.error.message),
        Column("connection", "text", lambda row: row.name),
        Column("connection_id", "text", lambda row: row.connection_id),
        Column("provider", "text", lambda row: row.provider),
        Column("first_reported_at", "time", lambda row: in_utc(row.issue.first_reported_at)),
        Column("last_reported_at", "time", lambda row: in_utc(row.issue.last_reported_at)),
        Column("id", "text", lambda row: row.id),
    )
    shows: tuple[Shows[OwnedIssue], ...] = (
        Shows("Issue", lambda row: _code(row.issue)),
        Shows("Next to act", lambda row: turn_line(row.meaning.actor)),
        Shows("Connection", lambda row: plain(row.name, 60)),
        Shows("What it means, and what to do", _advice),
        Shows("Last seen", lambda row: _seen(row.issue.last_reported_at, now)),
    )
    return Table(rows, columns, shows, heading=heading(title, len(rows), *asides), empty="No issue fits.")


def _code(issue: Issue) -> Line:
    return (issue_state(issue)[0], Span(" "), Span(issue.error.code, code=True, limit=80))


def _id(text: str) -> Line:
    return (Span(text, code=True, limit=60),)


def _advice(row: OwnedIssue) -> Line:
    said = f" “{row.issue.error.message}”" if row.issue.error.message else ""
    return (
        Span(row.meaning.words, limit=300),
        Span(said, "muted", limit=240),
        Span(f" → {row.meaning.next_step}" if row.meaning.next_step else "", limit=300),
    )


def _seen(moment: datetime | None, now: datetime) -> Line:
    return muted(age(moment, now)) if moment is not None else muted("—")
