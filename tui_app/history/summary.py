"""What a past sync comes to, for whoever wants to tell from it how long the next one takes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from tui_app.models.sync import Phase, Sync


@dataclass(frozen=True, slots=True)
class PastSync:
    """One sync that was followed to its end. Times are the server's.

    Attributes:
        sync_id: Which one.
        requested_at: When it was asked for.
        ended_at: When it ended: as the server says, else when it was first seen to have ended, which is later.
        end_told: Whether `ended_at` is the server's own word.
        phase: How it ended.
        phases: Each phase that it was seen in, with when it was first seen in it, oldest first.
        steps: Each value of its progress in percent, with when it was first seen, oldest first. Empty where the server
            names none.
    """

    sync_id: str
    requested_at: datetime
    ended_at: datetime
    end_told: bool
    phase: Phase
    phases: tuple[tuple[datetime, Phase], ...]
    steps: tuple[tuple[datetime, float], ...]

    @property
    def duration(self) -> timedelta:
        """From the request to the end."""
        return max(self.ended_at - self.requested_at, timedelta(0))

    @property
    def gaps(self) -> tuple[timedelta, ...]:
        """The time between each change of the progress and the next, oldest first."""
        times = [at for at, _ in self.steps]
        return tuple(after - before for before, after in pairwise(times))


def summary(seen: Iterable[tuple[datetime, Sync]]) -> PastSync | None:
    """Sum a sync's latest run up.

    Args:
        seen: When it was seen and how, oldest first.

    Returns:
        ``None`` where its end was not seen.
    """
    phases: list[tuple[datetime, Phase]] = []
    steps: list[tuple[datetime, float]] = []
    last: Sync | None = None
    for at, sync in seen:
        if phases and phases[-1][1].is_final and not sync.phase.is_final:  # it was tried again, from anew
            phases, steps = [], []
        if not phases or phases[-1][1] is not sync.phase:
            phases.append((at, sync.phase))
        if sync.percent is not None and (not steps or steps[-1][1] != sync.percent):
            steps.append((at, float(sync.percent)))
        last = sync
    if last is None or not last.phase.is_final:
        return None
    told = last.completed_at is not None
    ended = last.completed_at or phases[-1][0]
    return PastSync(last.id, last.requested_at, ended, told, last.phase, tuple(phases), tuple(steps))
