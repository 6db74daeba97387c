"""Which words on a screen are IDs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_app.models.ids import Known, no_id

if TYPE_CHECKING:
    from tui_app.screens.base import Host


def known_ids(host: Host) -> Known:
    """Tells whether a word is the ID of something that the open profile knows, as it is now."""
    from tui_app.workspace.ids import KnownIds

    return KnownIds(host.workspace).__contains__ if host.workspace is not None else no_id
