"""What the earlier syncs of a connection tell of a later one, in a form that is small enough to keep."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

from tui_app.models.observation import Observation
from tui_app.models.sync import Phase, Sync

MOST_DURATIONS = 30
"""Earlier syncs that count, the newest first: what was long ago says little of today."""

MOST_GAPS = 600
"""Gaps that count, of the newest watched syncs: about a dozen of them."""

ENOUGH = 5
"""Gaps that say what is usual."""


_FAR, _LONG = 1.0, 10.0
"""The percent, and the seconds, from which on a movement counts as a change of its own."""


@dataclass(frozen=True, slots=True)
class History:
    """What is known of a connection's earlier syncs; two tuples of numbers, so that it can be kept as it is.

    Attributes:
        durations: Seconds from the request to the end of each that succeeded, newest first. Every listed sync tells it.
        gaps: Seconds between two changes of the progress. Only syncs that were watched tell them.
    """

    durations: tuple[float, ...] = ()
    gaps: tuple[float, ...] = ()


NOTHING_KNOWN = History()


def history_of(earlier: Iterable[Sync], gaps: Iterable[Sequence[float]] = (), *, of: str = "") -> History:
    """What a connection's earlier syncs tell.

    Args:
        earlier: As they were last seen, in any order. Those that did not succeed tell no duration.
        gaps: The gaps of each that was watched, the newest sync first.
        of: The ID of the sync that is asked about, which is no earlier one of its own.
    """
    newest = sorted((sync for sync in earlier if sync.id != of), key=lambda sync: sync.requested_at, reverse=True)
    durations = [duration for sync in newest if (duration := duration_of(sync)) is not None]
    return History(tuple(durations[:MOST_DURATIONS]), tuple(chain.from_iterable(gaps))[:MOST_GAPS])


def duration_of(sync: Sync) -> float | None:
    """Seconds from the request to the end; ``None`` unless it succeeded and the server says when."""
    if sync.phase is not Phase.SUCCEEDED or sync.completed_at is None:
        return None
    seconds = (sync.completed_at - sync.requested_at).total_seconds()
    return seconds if seconds > 0 else None


def gaps_of(observations: Iterable[Observation]) -> tuple[float, ...]:
    """Seconds between each two changes of the progress, as the looks saw them.

    Where looks are close together, as they are near an end, a movement is seen in many small changes: they count as one
    until it has come `_FAR` or took `_LONG`. Else the looks would say how often it changes, and that how often to look.

    The first change counts from nothing, so that it gives no gap. A time in which a provider was waited for, in which
    the server was trying again, or in which looks failed is no gap either: it is not how the progress usually moves.
    """
    gaps: list[float] = []
    changed: Observation | None = None
    before: Sync | None = None
    for seen in observations:
        sync = seen.sync
        if sync is None or sync.awaits_provider or sync.phase is Phase.RETRYING:
            before = changed = None
            continue
        if before is not None and sync.percent is not None and sync.percent != before.percent:
            if changed is None or changed.sync is None:
                changed = seen
            elif (gap := _gap(changed, changed.sync, seen, sync)) is not None:
                gaps.append(gap)
                changed = seen
        before = sync
    return tuple(gap for gap in gaps if gap > 0)


def _gap(before: Observation, then: Sync, seen: Observation, sync: Sync) -> float | None:
    """Seconds between two changes, or ``None`` where they are one."""
    seconds = (seen.observed_at - before.observed_at).total_seconds()
    far = abs(float(sync.percent or 0) - float(then.percent or 0)) >= _FAR
    return seconds if far or seconds >= _LONG else None
