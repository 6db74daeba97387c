"""How a connection's syncs, issues and models become rows, and how its syncs went so far."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from statistics import quantiles
from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.content import Content

from tui_app.models.text import safe_text
from tui_app.models.times import age, ahead, day_and_time, duration
from tui_app.widgets.columns import Column
from tui_app.widgets.spans import Spans
from tui_app.widgets.states import part_spans, phase_glyph, progress_words, sync_spans

if TYPE_CHECKING:
    from tui_app.api.base import Capabilities
    from tui_app.models.connection import ConnectionModel
    from tui_app.models.issue import Issue
    from tui_app.models.sync import Sync

Now = Callable[[], datetime]

MOST_CHARTED, FEW_CHARTED, ROOMY = 24, 12, 100
"""Syncs in the chart from `ROOMY` cells on, and with fewer."""


def sync_columns(now: Now, can: Capabilities) -> tuple[Column[Sync], ...]:
    """The columns of a connection's syncs.

    Args:
        now: The time that ages count to.
        can: What the open server can do.
    """

    def state(sync: Sync, width: int) -> Spans:
        return sync_spans(sync)

    def requested(sync: Sync, width: int) -> Spans:
        return ((day_and_time(sync.requested_at), ""), (f"  {age(sync.requested_at, now())}", "muted"))

    def took(sync: Sync, width: int) -> Spans:
        return ((duration(sync.elapsed(now())), "" if sync.phase.is_final else "accent"),)

    def progress(sync: Sync, width: int) -> Spans:
        return ((progress_words(sync), ""),)

    def attempts(sync: Sync, width: int) -> Spans:
        return (("" if sync.attempts is None else f"{sync.attempts:g}", "muted"),)

    def issues(sync: Sync, width: int) -> Spans:
        count = len(sync.issue_ids)
        return ((str(count), "warning" if count else "muted"),)

    def identity(sync: Sync, width: int) -> Spans:
        return ((safe_text(sync.failure_reason or sync.id, width * 2), "error" if sync.failure_reason else "muted"),)

    outcome = 15 if can.parts else 9  # "24 of 24 failed"; "100 %"
    columns = (
        Column("state", "State", state, 14),
        Column("requested", "Requested", requested, 17, 2, 31, comfort=31),
        Column("took", "Took", took, 10, 0, 10, 1, "right"),
        Column("progress", "Progress", progress, outcome, 0, outcome, 3, "right"),
        Column("issues", "Issues", issues, 6, 0, 6, 4, "right"),
        Column("attempts", "Tries", attempts, 5, 0, 5, 5, "right"),
        Column("id", "ID or reason", identity, 12, 3, 80, 6),
    )
    return tuple(column for column in columns if can.issues or column.key != "issues")


def issue_columns(now: Now) -> tuple[Column[Issue], ...]:
    """The columns of a connection's issues.

    Args:
        now: The time that ages count to.
    """

    def state(issue: Issue, width: int) -> Spans:
        mark, role = ("!", "warning") if issue.is_open else ("✓", "success")
        return ((f"{mark} {safe_text(issue.status, 30)}", role),)

    def code(issue: Issue, width: int) -> Spans:
        return ((safe_text(issue.error.code, width * 2), "strong" if issue.is_open else ""),)

    def first(issue: Issue, width: int) -> Spans:
        return ((age(issue.first_reported_at, now()) if issue.first_reported_at else "", "muted"),)

    def last(issue: Issue, width: int) -> Spans:
        return ((age(issue.last_reported_at, now()) if issue.last_reported_at else "", "muted"),)

    def who(issue: Issue, width: int) -> Spans:
        return ((safe_text((issue.resolution_type or "").replace("_", " "), width * 2), "muted"),)

    return (
        Column("state", "State", state, 12),
        Column("code", "Code", code, 24, 2, 36),
        Column("first", "First seen", first, 12, 0, 12, 2),
        Column("last", "Last seen", last, 12, 0, 12, 1),
        Column("who", "Resolution", who, 16, 1, 26, 3),
    )


def model_columns(now: Now) -> tuple[Column[ConnectionModel], ...]:
    """The columns of a connection's models.

    Args:
        now: The time that ages count to.
    """

    def name(model: ConnectionModel, width: int) -> Spans:
        return ((safe_text(model.name, width * 2), "strong" if model.reads else ""),)

    def last(model: ConnectionModel, width: int) -> Spans:
        if model.last is None:
            return (("never synced", "muted"),)
        moment = model.last.completed_at or model.last.started_at or model.last.requested_at
        return (*part_spans(model.last), (f"  {age(moment, now())}", "muted"))

    def tries(model: ConnectionModel, width: int) -> Spans:
        attempt = model.last.attempt if model.last else None
        return (("" if attempt is None else str(attempt), "muted"),)

    def following(model: ConnectionModel, width: int) -> Spans:
        return ((ahead(model.next_sync_at, now()) if model.next_sync_at else "—", "muted"),)

    def flows(model: ConnectionModel, width: int) -> Spans:
        words = [word for word, flag in (("reads", model.reads), ("writes", model.writes)) if flag]
        if model.reads is False:
            words.insert(0, "not read")
        return ((", ".join(words), "warning" if model.reads is False else "muted"),)

    def know(model: ConnectionModel, width: int) -> Spans:
        if model.last is not None and model.last.failure_reason:
            return ((safe_text(model.last.failure_reason, width * 2), "error"),)
        return ((safe_text(", ".join(model.traits), width * 2), "muted"),)

    return (
        Column("name", "Model", name, 16, 1, 28),
        Column("last", "Last job", last, 24, 1, 32, 1),
        Column("tries", "Tries", tries, 5, 0, 5, 4, "right"),
        Column("next", "Next sync", following, 10, 0, 10, 3),
        Column("flows", "Data", flows, 15, 0, 15, 2),
        Column("know", "What to know", know, 16, 3, 80, 5),
    )


def sync_chart(syncs: list[Sync], width: int = 80) -> Content:
    """The outcomes of the newest syncs in one line, oldest first: a sign for each, their counts in words where these
    fit, and how long such syncs usually take.

    Args:
        syncs: A connection's syncs, newest first.
        width: Cells that the line has.
    """
    newest = syncs[: MOST_CHARTED if width >= ROOMY else FEW_CHARTED]
    if not newest:
        return Content("")
    pieces: list[str | tuple[str, str]] = [(f"last {len(newest)}  ", "$muted")]
    for sync in reversed(newest):
        glyph, role = phase_glyph(sync.phase.value)
        pieces.append((glyph, f"${role}"))
    usual = _usual(syncs)
    line = Content.assemble(*pieces)
    words = f"  {outcomes(newest)}"
    if line.cell_length + cell_len(words) + cell_len(usual) <= width:
        line = Content.assemble(line, words)
    return Content.assemble(line, (usual, "$muted"))


def outcomes(syncs: list[Sync]) -> str:
    """How many of some syncs ended how, in words: `9 completed, 3 failed`; the most frequent first."""
    counts = Counter(_OUTCOMES.get(sync.phase.value, "still running") for sync in syncs)
    return ", ".join(f"{count} {word}" for word, count in counts.most_common())


_OUTCOMES = {"succeeded": "completed", "failed": "failed", "cancelled": "cancelled", "lost": "end not seen"}


def _usual(syncs: list[Sync]) -> str:
    lengths = [
        (sync.completed_at - sync.requested_at).total_seconds() / 60
        for sync in syncs
        if sync.completed_at and sync.phase.value == "succeeded"
    ]
    if len(lengths) < 4:
        return ""
    low, _, high = quantiles(lengths, n=4)
    return f"   usually {low:.0f} min" if round(low) == round(high) else f"   usually {low:.0f}–{high:.0f} min"
