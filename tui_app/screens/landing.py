"""What a search line does with what stands in it: narrow, open, search, refuse."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_app.models.filter import Filter, has_terms, parse_filter
from tui_app.models.pasted import Kind

if TYPE_CHECKING:
    from tui_app.models.fleet import FleetRow
    from tui_app.models.pasted import Pasted
    from tui_app.screens.base import Host
    from tui_app.widgets.search_field import SearchField
    from tui_app.widgets.spans import Spans
    from tui_app.workspace import Workspace

LEFT_OUT = "A key stood in what you pasted. It was left out: it is neither shown nor kept."


def filter_in(workspace: Workspace | None, field: SearchField) -> Filter[FleetRow]:
    """The filter that stands in a field.

    Raises:
        FilterError: It means nothing, or is refused.
    """
    if workspace is None:
        return parse_filter("" if field.password else field.value)
    return workspace.landing.filter_of(field.pasted, field.value)


def unseen_words(workspace: Workspace, field: SearchField) -> Spans | None:
    """What is said where no row fits but Enter can look further; ``None`` where it cannot."""
    if _narrows(field):
        return None
    found = workspace.landing.find(field.pasted)
    if found.search is None:
        return None
    if found.pasted.kind is Kind.WORDS:
        return (("No connection fits. ", ""), ("Esc twice clears the filter, Enter asks the server.", "muted"))
    return ((found.words, ""),)


def land_from(host: Host, field: SearchField) -> None:
    """Open what stands in a field, where it is one thing; of several the list is left to choose from.

    What narrows the list by a term opens nothing, however few are left: it is about a state, and not about one of them.
    """
    pasted = field.cover()
    if host.workspace is None or pasted.kind is Kind.NOTHING:
        return
    places = host.workspace.landing.find(pasted).places
    if len(places) < 2 and (pasted.kind is not Kind.WORDS or not has_terms(field.value) or _is_a_name(host, pasted)):
        host.land(pasted)


def _is_a_name(host: Host, pasted: Pasted) -> bool:
    """Whether it names something to the letter, as the reference `crm:4711` does, or a line that a name stands in."""
    return host.workspace is not None and bool(host.workspace.landing.named(pasted))


def _narrows(field: SearchField) -> bool:
    """Whether it narrows the list by a term, and so is nobody's name."""
    return field.pasted.kind is Kind.WORDS and has_terms(field.value)
