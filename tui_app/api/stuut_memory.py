"""The syncs that were requested or looked at here: the server itself soon forgets them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tui_app.api.stuut_batches import Part

MOST = 500
"""Syncs that are remembered; of more, those are forgotten that were looked at longest ago."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """A sync as it was last seen.

    Attributes:
        parts: Its parts.
        whole: Whether it was requested here, so that the server named all its jobs.
    """

    parts: tuple[Part, ...] = ()
    whole: bool = False


class Memory:
    """Syncs by their connection and ID, the newest so many of them."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._syncs: dict[tuple[str, str], Remembered] = {}
        self._of_job: dict[str, dict[str, str]] = {}

    def __len__(self) -> int:
        return len(self._syncs)

    def of(self, connection_id: str, sync_id: str) -> Remembered:
        """What is known of a sync; nothing of one that was never seen here."""
        return self._syncs.get((connection_id, sync_id), Remembered())

    def keep(self, connection_id: str, sync_id: str, parts: Sequence[Part], *, whole: bool) -> None:
        """Remember how a sync was seen."""
        key = (connection_id, sync_id)
        self._forget(key)
        self._syncs[key] = Remembered(tuple(parts), whole)
        jobs = self._of_job.setdefault(connection_id, {})
        jobs.update((part.job.id, sync_id) for part in parts)
        while len(self._syncs) > self._most:
            self._forget(next(iter(self._syncs)))

    def syncs_of_jobs(self, connection_id: str) -> Mapping[str, str]:
        """Of which sync each known job of a connection is, by the jobs' IDs."""
        return self._of_job.get(connection_id, {})

    def _forget(self, key: tuple[str, str]) -> None:
        gone = self._syncs.pop(key, None)
        if gone is None:
            return
        connection_id, sync_id = key
        jobs = self._of_job.get(connection_id, {})
        for part in gone.parts:
            if jobs.get(part.job.id) == sync_id:
                del jobs[part.job.id]
        if not jobs:
            self._of_job.pop(connection_id, None)
