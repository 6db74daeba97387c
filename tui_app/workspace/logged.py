"""What the log says of an open profile, and of the syncs that are followed."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from tui_app.models.observation import Observation
    from tui_app.workspace.workspace import Workspace

logger = logging.getLogger(__name__)


def told(workspace: Workspace) -> str:
    """Which profile is open, on which server."""
    parts = urlsplit(workspace.base_url)
    place = f"{parts.scheme}://{parts.hostname}{f':{parts.port}' if parts.port else ''}{parts.path}"
    lock = "locked" if workspace.gate.locked else "writable"
    return (
        f"opened “{workspace.profile.name}” at {place}: {workspace.profile.kind}, {workspace.environment.value}, {lock}"
    )


class SyncNews:
    """Logs each followed sync when it begins, when its state changes, and when it cannot be looked at."""

    def __init__(self) -> None:
        self._last: dict[str, str] = {}

    def saw(self, observation: Observation) -> None:
        """Log what is new in an observation, if anything is."""
        sync, problem = observation.sync, observation.problem
        words, level = "", logging.INFO
        if problem is not None:
            words, level = f"could not look: {problem.title}", logging.WARNING
        elif sync is not None:
            words = sync.status + (f": {sync.failure_reason}" if sync.failure_reason else "")
            logger.debug("sync %s: looked at, %s %%", sync.id, sync.progress)
        if words == self._last.get(observation.sync_id):
            return
        self._last[observation.sync_id] = words
        logger.log(level, "sync %s of %s: %s", observation.sync_id, observation.connection_id, words)
