"""One look at a sync: what was seen, or why nothing could be seen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tui_app.models.problem import Problem
from tui_app.models.sync import Sync


@dataclass(frozen=True, slots=True)
class Observation:
    """One look. Exactly one of `sync` and `problem` is set.

    A look that failed says nothing of the sync: what was last seen stands, with its age.

    Attributes:
        connection_id: Whose sync it is.
        sync_id: Which sync was looked at.
        observed_at: When, in the server's time.
        latency: How long the look took, in seconds.
        sync: What was seen.
        problem: Why nothing was seen.
        next_look: Seconds until the next look is due, or ``None`` when there will be none.
        pace: Why that long, in words.
    """

    connection_id: str
    sync_id: str
    observed_at: datetime
    latency: float
    sync: Sync | None = None
    problem: Problem | None = None
    next_look: float | None = None
    pace: str = ""
