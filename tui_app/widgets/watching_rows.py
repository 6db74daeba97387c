"""How a followed sync becomes one line."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from tui_app.models.text import safe_text
from tui_app.models.times import age
from tui_app.widgets.columns import Column
from tui_app.widgets.spans import Spans
from tui_app.widgets.states import line, phase_glyph, progress_words, sync_spans

if TYPE_CHECKING:
    from tui_app.workspace.watching import Followed

Now = Callable[[], datetime]

BAR = 14
"""Cells of a bar, at the most."""


def _state(each: Followed, width: int) -> Spans:
    """How it stands: a word of the watch where that is what matters, else the server's."""
    standing = each.standing.name
    if standing == "STALLED":
        return (("◔ stalled?", "warning"),)
    if standing == "UNSEEN":
        return (("! could not look", "warning"),)
    if standing == "PAUSED":
        return (("▪ paused", "warning"),)
    if each.sync is None:
        return (("◌ not seen yet", "muted"),)
    return sync_spans(each.sync)


def _progress(each: Followed, width: int) -> Spans:
    """How far it is as last seen. A bar that ended keeps its colour; what has no figure has no bar."""
    sync = each.sync
    if sync is None or sync.percent is None:
        return (("—", "muted"),)
    figure = progress_words(sync)
    cells = min(width - len(figure) - 1, BAR)
    if cells < 4 or (sync.phase.is_final and sync.phase.value != "succeeded"):
        return ((figure, ""),)
    filled, rest = line(sync.percent, cells)
    moves = each.standing.name in ("MOVING", "ENDED")
    return ((filled, phase_glyph(sync.phase.value)[1] if moves else "warning"), (rest, "track"), (f" {figure}", ""))


def _name(each: Followed, width: int) -> Spans:
    return ((safe_text(each.name, width * 2), "strong"),)


def _pace(each: Followed, width: int) -> Spans:
    """What it rests on that it seems to stand still; else why it is looked at when it is, or why it failed."""
    if each.standing.name == "STALLED":
        return ((safe_text(each.stall.words, width * 2), "warning"),)
    if each.problem is not None:
        return ((safe_text(each.problem.title, width * 2), "warning"),)
    if each.standing.name == "ENDED":
        return ((safe_text((each.sync.failure_reason if each.sync else "") or "ended", width * 2), "muted"),)
    if each.standing.name == "PAUSED":
        return (("not looked at; p goes on", "muted"),)
    return ((safe_text(each.pace.removesuffix(", not on screen"), width * 2), "muted"),)


def followed_columns(now: Now) -> tuple[Column[Followed], ...]:
    """The columns.

    Args:
        now: The time that ages count to.
    """

    def changed(each: Followed, width: int) -> Spans:
        moment = each.ended_at if each.standing.name == "ENDED" else each.changed_at
        return ((age(moment, now()) if moment is not None else "—", "muted"),)

    def change(each: Followed, width: int) -> Spans:
        return ((safe_text(each.change, width * 2), ""),)

    def done(each: Followed, width: int) -> Spans:
        if each.standing.name not in ("STALLED", "UNSEEN", "MOVING", "PAUSED"):
            return ()
        words = each.estimate.words(now()).replace("done in ", "in ").replace("done within ", "within ")
        return ((safe_text(words, width * 2) or "—", "warning" if each.estimate.overdue else "" if words else "muted"),)

    def by_done(each: Followed) -> float:
        left = each.estimate.left(now())
        return left[1] if left is not None else float("inf")

    def by_change(each: Followed) -> float:
        return -each.changed_at.timestamp() if each.changed_at is not None else 0.0

    return (
        Column("state", "State", _state, 16, sort=lambda each: each.sort_key()),
        Column("name", "Connection", _name, 15, 2, 32, comfort=22, sort=lambda each: each.name.lower()),
        Column("progress", "Progress", _progress, 12, 1, 22, comfort=20, sort=_by_progress),
        Column("done", "Probably done", done, 13, 1, 19, 1, sort=by_done),
        Column("changed", "Last change", changed, 12, 0, 12, 1, sort=by_change),
        Column("change", "What changed", change, 18, 2, 44, 4),
        Column("pace", "Pace", _pace, 16, 2, 48, 3),
    )


def _by_progress(each: Followed) -> float:
    return -float(each.sync.percent) if each.sync is not None and each.sync.percent is not None else 1.0
