"""Finds the one connection that somebody named: by what was seen already, else by asking the server."""

from __future__ import annotations

import contextlib
from numbers import Integral
from typing import TYPE_CHECKING

from tui_app.api.errors import ApiError
from tui_app.notebook.errors import ExplorerError
from tui_app.workspace.search import Stage

if TYPE_CHECKING:
    from tui_app.models.fleet import FleetRow
    from tui_app.workspace import Workspace
    from tui_app.workspace.landing import Found
    from tui_app.workspace.search import Place

_NAMED = 10
"""Connections that are named where several fit."""


def name_of(named: object) -> str:
    """What names a connection, as text: a number, as a data frame has a DOT number, is taken as its digits.

    Raises:
        ExplorerError: It can name none.
    """
    if isinstance(named, str):
        return named
    if isinstance(named, bool) or not isinstance(named, Integral):
        raise ExplorerError(
            "Nothing was named.", "A connection is named by a text: its ID, its external ID, a DOT number, or its name."
        )
    return str(int(named))


async def find_connection(workspace: Workspace, named: str) -> FleetRow:
    """The connection that a text names, as it is now.

    Args:
        workspace: The open profile, its list read.
        named: An ID of any kind, an external ID, a DOT number, words of a name, or a token.

    Raises:
        ExplorerError: Nothing has it, or several do.
        ApiError: The server could not be asked.
    """
    found = workspace.landing.find(named)
    places = found.places or await _searched(found)
    ids = list(dict.fromkeys(place.connection_id for place in places))
    if len(ids) > 1:
        raise _several(workspace, found, ids)
    with contextlib.suppress(ApiError):  # what was known of it stands, and says that it could not be looked at
        await workspace.read_connection(ids[0])
    row = workspace.row(ids[0])
    if row is None:
        raise ExplorerError(f"The connection {ids[0]} is not there any more.")
    return row


async def _searched(found: Found) -> tuple[Place, ...]:
    search = found.search
    if search is None:
        raise ExplorerError(found.words or "Nothing was named.")
    search.begin()
    try:
        while search.under_way:
            await search.moved()
    finally:
        search.leave()
    if search.problem is not None:
        raise ApiError(search.problem)
    if search.stage is not Stage.FOUND or not search.places:
        raise ExplorerError(search.outcome)
    return search.places


def _several(workspace: Workspace, found: Found, ids: list[str]) -> ExplorerError:
    rows = [row for row in map(workspace.row, ids[:_NAMED]) if row is not None]
    lines = [f"  {row.id}  {row.connection.name}, {row.connection.provider.name}" for row in rows]
    more = [f"  … and {len(ids) - _NAMED:,} more"] if len(ids) > _NAMED else []
    title = f"{len(ids):,} connections fit “{found.pasted.text}”. Name one by its ID:"
    return ExplorerError(title, *lines, *more)
