"""What a past sync comes to, for whoever wants to tell from it how long the next one takes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from tui_app.models.sync import Phase, Sync


@dataclass(frozen=True, slots=True)
class PastSync:
    """One sync that was followed to its end; of one that was tried again, its latest run. Times are the server's.

    Attributes:
        sync: As it was last seen.
        ended_at: When it ended: as the server says, else when it was first seen to have ended, which is later.
        phases: Each phase that it was seen in, with when it was first seen in it, oldest first.
        steps: Each value of its progress in percent, with when it was first seen, oldest first. Empty where the server
            names none.
        gaps: Seconds between each two changes of the progress. A time in which looks failed, a provider was waited for
            or the server tried again is no gap.
    """

    sync: Sync
    ended_at: datetime
    phases: tuple[tuple[datetime, Phase], ...]
    steps: tuple[tuple[datetime, float], ...]
    gaps: tuple[float, ...]

    @property
    def duration(self) -> timedelta:
        """From the request to the end."""
        return max(self.ended_at - self.sync.requested_at, timedelta(0))


def summary(seen: Iterable[tuple[datetime, Sync | None]]) -> PastSync | None:
    """Sum a sync's latest run up.

    Args:
        seen: When it was looked at and how it was seen, oldest first; ``None`` where the look failed.

    Returns:
        ``None`` where its end was not seen.
    """
    phases: list[tuple[datetime, Phase]] = []
    steps: list[tuple[datetime, float]] = []
    gaps: list[float] = []
    changed: datetime | None = None
    last: Sync | None = None
    for at, sync in seen:
        if sync is None:
            changed = None
            continue
        if last is not None and last.phase.is_final and not sync.phase.is_final:  # it was tried again, from anew
            phases, steps, gaps, changed = [], [], [], None
        if not phases or phases[-1][1] is not sync.phase:
            phases.append((at, sync.phase))
        if sync.percent is not None and (not steps or steps[-1][1] != sync.percent):
            if changed is not None:
                gaps.append((at - changed).total_seconds())
            changed = at if steps else None  # the first value is no change
            steps.append((at, float(sync.percent)))
        if sync.awaits_provider or sync.phase is Phase.RETRYING:
            changed = None
        last = sync
    if last is None or not last.phase.is_final:
        return None
    return PastSync(last, last.completed_at or phases[-1][0], tuple(phases), tuple(steps), tuple(gaps))
