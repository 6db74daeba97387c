"""Which words are IDs of objects that an open workspace knows, and what they are IDs of."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui_app.models.sync import Sync
    from tui_app.workspace.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Place:
    """Where an object is shown.

    Attributes:
        connection_id: Its connection, or the connection that it is.
        sync_id: The sync that it is or belongs to; empty where it is none.
    """

    connection_id: str
    sync_id: str = ""


class KnownIds:
    """The IDs of all connections, of the syncs and jobs that were seen, and of the open issues, as they are now."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def __contains__(self, word: str) -> bool:
        return self.find(word) is not None

    def find(self, word: str) -> Place | None:
        """Where what has this ID is shown; ``None`` where nobody has met it yet."""
        if self._workspace.row(word) is not None:
            return Place(word)
        return self._places.get(word)

    @cached_property
    def _places(self) -> dict[str, Place]:
        places: dict[str, Place] = {}
        fleet = self._workspace.fleet
        for row in fleet.rows:
            for issue in row.issues or ():
                places[issue.id] = Place(row.id)
            for sync in (*fleet.seen_syncs(row.id), *((row.last_sync,) if row.last_sync else ())):
                _put(places, row.id, sync)
        for watch in self._workspace.watcher.watches:
            if watch.latest_sync is not None:
                _put(places, watch.connection.id, watch.latest_sync)
        return places


def _put(places: dict[str, Place], connection_id: str, sync: Sync) -> None:
    place = Place(connection_id, sync.id)
    places[sync.id] = place
    places.update((part.id, place) for part in sync.parts)
