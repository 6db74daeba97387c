"""How a bulk action's targets become rows, before it is sent and after."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_app.models.text import safe_text
from tui_app.widgets.columns import Column
from tui_app.widgets.spans import Spans

if TYPE_CHECKING:
    from tui_app.workspace.bulk import Target

_OUTCOMES = {
    "waiting": ("◌", "muted"),
    "under way": ("◐", "accent"),
    "done": ("✓", "success"),
    "attached": ("◐", "accent"),
    "unchanged": ("·", "muted"),
    "refused": ("✗", "error"),
    "not sent": ("▫", "warning"),
    "doubtful": ("?", "warning"),
    "left out": ("▫", "muted"),
}


def outcome_spans(outcome: str) -> Spans:
    """An outcome as glyph and word."""
    glyph, role = _OUTCOMES.get(outcome, ("?", "warning"))
    return ((f"{glyph} {outcome}", role),)


def _name(target: Target, width: int) -> Spans:
    return ((safe_text(target.name, width * 2), "strong" if target.ticked else "muted"),)


def _detail(target: Target, width: int) -> Spans:
    return ((safe_text(target.detail, width * 2), ""),)


def _outcome(target: Target, width: int) -> Spans:
    return outcome_spans(target.outcome.value)


def _to_know(target: Target, width: int) -> Spans:
    """Before it is sent: what a person may not know of this target."""
    if target.outcome.value != "waiting":
        return ((safe_text(target.words, 400), "muted"),)
    hidden = (("hidden by the filter", "accent"),) if target.hidden else ()
    doubt: Spans = ((f"! {safe_text(target.doubt, 400)}", "warning"),) if target.doubt else ()
    if target.runs and not doubt:
        doubt = (("syncs already: that one will be followed", "muted"),)
    return (*hidden, (", ", "muted"), *doubt) if hidden and doubt else (*hidden, *doubt)


def _words(target: Target, width: int) -> Spans:
    role = {"refused": "error", "doubtful": "warning", "not sent": "warning"}.get(target.outcome.value, "muted")
    return ((safe_text(target.words, 400), role),)


def plan_columns(details: str) -> tuple[Column[Target], ...]:
    """The columns while targets are chosen.

    Args:
        details: What the column is called that tells what would change; empty where there is none.
    """
    return _columns(details, Column("know", "What to know", _to_know, 22, 3, 90))


def outcome_columns(details: str) -> tuple[Column[Target], ...]:
    """The columns once it is sent."""
    return _columns(
        details,
        Column("outcome", "Outcome", _outcome, 11, sort=lambda target: target.outcome.value),
        Column("words", "In its words", _words, 20, 3, 90),
    )


def _columns(details: str, *others: Column[Target]) -> tuple[Column[Target], ...]:
    name = Column("name", "Connection", _name, 16, 2, 36, sort=lambda target: target.name.lower())
    detail = Column("detail", details, _detail, 14, 2, 40, sort=lambda target: target.detail)
    return (name, *([detail] if details else []), *others)
