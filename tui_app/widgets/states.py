"""Every state as a glyph, a word and a colour role: never by colour alone."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from tui_app.models.text import safe_text
from tui_app.models.times import age, duration
from tui_app.widgets.spans import Spans

if TYPE_CHECKING:
    from tui_app.models.fleet import FleetRow, State
    from tui_app.models.sync import Sync, SyncPart

_GLYPHS = {
    "connected": "●",
    "disconnected": "○",
    "failing": "✗",
    "syncing": "◐",
    "requested": "◌",
    "waiting": "◌",
    "retrying": "◔",
    "stalled?": "◔",
    "leaving": "▫",
    "archived": "▫",
    "deleted": "▫",
    "completed": "✓",
    "failed": "✗",
    "in progress": "◐",
    "cancelled": "▫",
    "unhealthy": "✗",
    "unauthorised": "○",
    "setting up": "◌",
    "disabled": "▫",
}
_PHASES: dict[str, tuple[str, str]] = {
    "waiting": ("◌", "muted"),
    "running": ("◐", "accent"),
    "retrying": ("◔", "warning"),
    "succeeded": ("✓", "success"),
    "failed": ("✗", "error"),
    "cancelled": ("▫", "muted"),
    "lost": ("◇", "warning"),
    "unknown": ("?", "warning"),
}


def state_spans(state: State) -> Spans:
    """A connection's state; a word that nobody knows gets a question mark and stands as it came."""
    word = safe_text(state.word, 40)
    return ((f"{_GLYPHS.get(state.word, '?')} {word}", state.role),)


def phase_glyph(phase: str) -> tuple[str, str]:
    """A phase's glyph and role."""
    return _PHASES.get(phase, _PHASES["unknown"])


def sync_spans(sync: Sync) -> Spans:
    """A sync's state: its glyph and the server's own word."""
    glyph, role = phase_glyph(sync.phase.value)
    return ((f"{glyph} {_word(sync, 40)}", role),)


def _word(sync: Sync, most: int) -> str:
    """The server's word; of what it does not show any more, its last."""
    word = f"last {sync.status}" if sync.phase.value == "lost" else sync.status
    return safe_text(word.replace("_", " "), most)


def line(percent: float, width: int) -> tuple[str, str]:
    """A thin progress bar for a table's cell, as its filled and its empty part."""
    halves = round(max(0.0, min(percent, 100.0)) / 100 * width * 2)
    full, half = divmod(halves, 2)
    filled = "━" * full + ("╸" if half else "")
    return filled, "─" * (width - len(filled))


def progress_words(sync: Sync) -> str:
    """How far a sync is, in a few cells: the server's percent, else how many of its parts have ended or failed."""
    if sync.progress is not None:
        return f"{sync.progress:g} %"
    if not sync.parts:
        return ""
    if sync.phase.value == "lost":
        return "end not seen"
    failed = sum(1 for part in sync.parts if part.phase.value == "failed")
    if sync.phase.is_final and failed:
        return f"{failed} of {len(sync.parts)} failed"
    return f"{sync.parts_ended} of {len(sync.parts)}"


def part_spans(part: SyncPart) -> Spans:
    """A part's state: its glyph and the server's own word."""
    glyph, role = phase_glyph(part.phase.value)
    word = f"last {part.status}" if part.phase.value == "lost" else part.status
    return ((f"{glyph} {safe_text(word.replace('_', ' '), 40)}", role),)


def with_issues(sync: Sync) -> str:
    """How many issues a sync met, as what follows its end: `` with 2 issues``; nothing where there was none."""
    count = len(sync.issue_ids)
    return "" if not count else " with 1 issue" if count == 1 else f" with {count} issues"


_EIGHTHS = " ▏▎▍▌▋▊▉"


def bar(percent: float, width: int) -> tuple[str, str]:
    """A progress bar as its filled and its empty part, together `width` cells, in steps of an eighth of a cell."""
    eighths = round(max(0.0, min(percent, 100.0)) / 100 * width * 8)
    full, rest = divmod(eighths, 8)
    filled = "█" * full + (_EIGHTHS[rest] if rest else "")
    return filled, " " * (width - len(filled))


def last_sync_spans(row: FleetRow, now: datetime, width: int) -> Spans:
    """A connection's newest sync in one cell: a bar while one runs, else how it ended and when."""
    if row.recalled_at is not None:
        return ((_was(row, now, width), "muted"),)
    if row.problem is not None and row.last_sync is None:
        return (("could not look", "warning"),)
    if row.looked_at is None:
        at_rest = row.connection.standing.value in ("archived", "leaving", "deleted")
        return (("—", "muted"),) if at_rest else (("not looked at yet", "muted"),)
    if row.last_sync is None:
        return (("never synced", "muted"),)
    return _sync_cell(row.last_sync, now, width)


def _was(row: FleetRow, now: datetime, width: int) -> str:
    """The same, as it was when it was last seen, at an earlier start."""
    sync = row.last_sync
    if sync is None:
        return "not read yet" if row.looked_at is None else "was never synced"
    if sync.phase.is_final:
        words = f"was {_word(sync, 20)} {since(sync, now)}"
        return words if len(words) <= width else words.removesuffix(" ago")
    figure = f" {sync.percent:.0f}%" if sync.percent is not None else ""
    return f"was {safe_text(sync.status.replace('_', ' '), 20)}{figure}"


def _sync_cell(sync: Sync, now: datetime, width: int) -> Spans:
    phase = sync.phase.value
    if sync.awaits_provider:
        return (("provider, ", "muted"), (duration(sync.elapsed(now)), "muted"))
    if phase == "running" and sync.percent is not None:
        figure = f"{sync.percent:3.0f}%" if sync.progress is not None else f"{sync.parts_ended}/{len(sync.parts)}"
        filled, rest = line(sync.percent, max(min(width - 2 - len(figure), 16), 4))
        return ((filled, "accent"), (rest, "track"), (f" {figure}", ""))
    if not sync.phase.is_final:
        role = phase_glyph(phase)[1]
        return ((safe_text(sync.status.replace("_", " "), 20), role), (f" {duration(sync.elapsed(now))}", "muted"))
    return ((_word(sync, 20), phase_glyph(phase)[1]), (f" {since(sync, now)}", "muted"))


def since(sync: Sync, now: datetime) -> str:
    """When a sync ended, in a few cells.

    Not every server says when a sync failed: then it was at most as long ago as it was asked for.
    """
    return age(sync.completed_at, now) if sync.completed_at else f"≤ {age(sync.requested_at, now)}"
