"""Reads a sync that is held against another one: nobody follows it, so it is asked for once."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui_app.models.sync import Sync
    from tui_app.workspace.workspace import Workspace


async def read_sync(workspace: Workspace, connection_id: str, sync_id: str) -> Sync:
    """A sync of a connection, with its issues whole: as it was seen where it is followed, else as the server has it.

    Raises:
        ApiError: It is neither followed nor to be had of the server, e.g. as this connection has no such sync.
        KeyError: The connection is not known.
    """
    watch = workspace.watcher.find(connection_id, sync_id)
    known = watch.latest_sync if watch is not None else None
    if known is None and not workspace.capabilities.sync_history:
        # The server may not have it any more; once it has ended, what was seen of it is all there will be.
        seen = workspace.fleet.seen_sync(connection_id, sync_id)
        known = seen if seen is not None and seen.phase.is_final else None
    return known or await workspace.api.sync(workspace.fleet.connection(connection_id), sync_id)
