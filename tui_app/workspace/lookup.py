"""Finds the connection or sync that an ID names, for whoever has nothing but the ID."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tui_app.api.base import ConnectionQuery
from tui_app.api.errors import ApiError
from tui_app.models.problem import ProblemKind

if TYPE_CHECKING:
    from tui_app.models.connection import Connection
    from tui_app.workspace.workspace import Workspace

PAGE = 200
MOST_ASKED = 2000
"""Connections that are asked whether a sync is theirs."""

_NOT_HERE = {ProblemKind.NOT_FOUND, ProblemKind.FORBIDDEN, ProblemKind.INVALID}
_LONG_AGO = datetime(1, 1, 2, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Found:
    """What an ID names.

    Attributes:
        connection_id: The connection, which the workspace's fleet knows now.
        sync_id: The sync; empty where the ID is the connection's own.
    """

    connection_id: str
    sync_id: str = ""


async def look_up(workspace: Workspace, wanted: str, tell: Callable[[str], None]) -> Found | None:
    """Find what an ID names, within the request budget.

    The list of connections is read until one has that ID, external ID or newest sync. What is in no list, a sync of
    long ago, is asked for at one connection after the other, those that synced last first.

    Args:
        workspace: The open profile.
        wanted: The ID.
        tell: Told now and then how far it is, in a few words.

    Returns:
        What it names; ``None`` where nothing that can be found has it.

    Raises:
        ApiError: The list could not be read, or the server cannot be reached.
    """
    connections: list[Connection] = []
    async for page in workspace.api.connections(ConnectionQuery(limit=PAGE)):
        for connection in page.items:
            if found := _named(connection, wanted):
                workspace.fleet.adopt(connection)
                if connection.last_sync is not None:
                    workspace.fleet.saw(connection.id, connection.last_sync, workspace.server_now())
                return found
        connections += page.items
        tell(f"{len(connections)} connections listed")
    return await _asked(workspace, connections, wanted, tell)


def _named(connection: Connection, wanted: str) -> Found | None:
    if wanted in (connection.id, connection.external_id):
        return Found(connection.id)
    syncs = {model.last_sync_id for model in connection.models}
    if connection.last_sync is not None:
        syncs.add(connection.last_sync.id)
    return Found(connection.id, wanted) if wanted in syncs else None


async def _asked(
    workspace: Workspace, connections: list[Connection], wanted: str, tell: Callable[[str], None]
) -> Found | None:
    can = workspace.capabilities
    if can.listed_syncs:
        return None  # what is in no list, nobody can be asked for
    askable = [each for each in connections if each.token is not None or not can.connection_tokens]
    askable.sort(key=_synced, reverse=True)
    for count, connection in enumerate(askable[:MOST_ASKED], 1):
        try:
            sync = await workspace.api.sync(connection, wanted)
        except ApiError as error:
            if error.problem.kind not in _NOT_HERE:
                raise
        else:
            if sync.id == wanted:
                workspace.fleet.adopt(connection)
                return Found(connection.id, wanted)
        if count % 25 == 0:
            tell(f"{count} of {len(askable)} connections asked for it")
    return None


def _synced(connection: Connection) -> datetime:
    """When it was last synced, as far as a list tells: a sync touches its connection's record."""
    last = connection.last_sync
    return (last.requested_at if last is not None else connection.updated_at) or _LONG_AGO
