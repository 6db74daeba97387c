"""What the list says of its marks, and of the bulk action that goes on behind it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui_app.workspace import Workspace
    from tui_app.workspace.bulk import Bulk

Offers = Callable[[str, tuple[object, ...]], bool | None]


def marks_words(marked: int, hidden: int, offers: Offers) -> str:
    """How many are marked, how many of them the filter hides, and which keys act on them; empty without marks.

    Args:
        marked: How many are marked.
        hidden: How many of those are not shown.
        offers: Whether an action is offered now.
    """
    if not marked:
        return ""
    keys = ["s sync", *(words for action, words in _KEYS.items() if offers(action, ())), "esc drop them"]
    outside = f", {hidden:,} hidden by the filter" if hidden else ""
    return "  ".join([f"{marked:,} marked{outside}", *keys])


_KEYS = {"tags": "t tags", "resolve": "v resolve"}


def bulk_words(bulk: Bulk) -> str:
    """How far a bulk action is, and how to come back to it."""
    if bulk.stage.value == "running":
        return f"{bulk.order.title}: {bulk.tried:,} of {bulk.of:,}, b shows it"
    return f"{bulk.order.title}: {bulk.summary()}, b shows it"


def can_in_bulk(action: str, workspace: Workspace) -> bool:
    """Whether an action of the list that is about many connections is offered by this server, or is there at all."""
    can = workspace.capabilities
    if action == "bulk":
        return workspace.bulk is not None
    if action == "resolve":
        return can.resolve_issues
    return any(field.name == "tags" and field.kind == "list" for field in can.edit_fields)
