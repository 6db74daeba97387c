"""Whether a sync stands still: told against how often its progress usually changes. Pure functions over observations.

Only looks that saw the sync count: a server that does not answer says nothing of it. A change may have come at any time
since the look before the one that saw it; from there on, `PATIENCE` usual gaps may pass. The last look before that time
is up decides, so that a sync that stands still is said to within them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from tui_app.models.observation import Observation
from tui_app.models.sync import Phase, Sync
from tui_app.models.times import duration
from tui_app.watch.earlier import NOTHING_KNOWN, History, gaps_of
from tui_app.watch.pacing import facts

PATIENCE = 3.0
"""How many usual gaps may pass without a change."""

_TRYING = 0.25
"""The share of a usual sync that trying again may take without a change: a server waits before it does."""

_TRYING_MOST = 300.0
"""The same in seconds where no earlier sync says how long they are."""

ENOUGH = 5
"""Gaps that say what is usual."""

_TOLERANCE = 1.02


@dataclass(frozen=True, slots=True)
class Stall:
    """Whether a sync stands still. Inferred: said with a question mark, and with `words`.

    Attributes:
        stalled: Whether it seems to.
        since: When it was last seen to change, in the server's time; ``None`` where it was not seen.
        unchanged: Seconds from then to the last look that saw it unchanged.
        usual_gap: Seconds that usually lie between two changes of its progress; ``None`` where nothing says so.
        basis: What that rests on, in words; where nothing can be said, why.
    """

    stalled: bool = False
    since: datetime | None = None
    unchanged: float = 0.0
    usual_gap: float | None = None
    basis: str = ""

    @property
    def words(self) -> str:
        """What is seen beside what is usual: ``no change for 9 min; usually every 40 s``; empty unless it stalls."""
        if not self.stalled or self.usual_gap is None:
            return ""
        usual = duration(timedelta(seconds=max(round(self.usual_gap), 1)))
        return f"no change for {duration(timedelta(seconds=self.unchanged))}; usually every {usual}"


def stall(observations: Sequence[Observation], history: History = NOTHING_KNOWN) -> Stall:
    """Whether a sync stands still, as of the last look that saw it.

    Args:
        observations: The looks at it, oldest first.
        history: What its connection's earlier syncs tell.
    """
    standing = _standing(observations)
    if standing is None:
        return Stall(basis="it was not seen yet")
    unchanged = (standing.last - standing.changed).total_seconds()
    why = _why_never(standing.sync)
    own = gaps_of(observations) if len(history.gaps) < ENOUGH else ()
    if not why and len(history.gaps) + len(own) < ENOUGH:
        why = "how often its progress usually changes is not known yet"
    if why:
        return Stall(since=standing.changed, unchanged=unchanged, basis=why)
    gap = median((*history.gaps, *own))
    basis = "by this run so far" if own else "by earlier syncs of this connection that were watched"
    # The next look comes about as long after the last as that came after the one before it.
    next_look = (standing.last - standing.before + (standing.last - standing.previous)).total_seconds()
    late = unchanged > 0 and next_look > _limit(standing, gap, own, history) * _TOLERANCE
    return Stall(late, standing.changed, unchanged, gap, basis)


@dataclass(slots=True)
class _Standing:
    """How long a sync has stood as it is.

    Attributes:
        sync: As last seen.
        before: When it was last seen otherwise; where it never was, when it was first seen.
        changed: When it was first seen as it is.
        previous: When it was seen the last time but one.
        last: When it was last seen.
        trying: Whether its last change was that the server tries again.
    """

    sync: Sync
    before: datetime
    changed: datetime
    previous: datetime
    last: datetime
    trying: bool = False

    def take(self, sync: Sync, at: datetime) -> None:
        """Take in one more look."""
        was = self.sync
        self.sync, self.previous, self.last = sync, self.last, at
        if sync is not was and (sync.percent != was.percent or facts(sync) != facts(was)):
            self.before, self.changed = self.previous, at
            self.trying = (sync.attempts or 0) > (was.attempts or 0)


def _standing(observations: Iterable[Observation]) -> _Standing | None:
    """How long a sync has stood as it is; ``None`` where it was not seen."""
    standing: _Standing | None = None
    for seen in observations:
        if seen.sync is None:
            continue
        at = seen.observed_at
        if standing is None:
            standing = _Standing(seen.sync, at, at, at, at)
        else:
            standing.take(seen.sync, at)
    return standing


def _why_never(sync: Sync) -> str:
    """Why a sync in this state does not count as stalled, whatever passes; empty where it may."""
    if sync.phase.is_final:
        return "it has ended"
    if sync.awaits_provider:
        return "it waits for the provider, which may take days"
    if sync.phase is Phase.WAITING:
        return "it has not begun yet"
    if sync.percent is None:
        return "the server tells no progress to compare"
    return ""


def _limit(standing: _Standing, gap: float, own: Sequence[float], history: History) -> float:
    """Seconds without a change from which on a sync counts as stalled."""
    limit = PATIENCE * gap
    if len(history.gaps) < ENOUGH:  # a run that tells what is usual while it runs may not have told all
        limit = max(limit, 2 * max(own))
    if standing.trying or standing.sync.phase is Phase.RETRYING:
        usual = median(history.durations) * _TRYING if history.durations else _TRYING_MOST
        limit = max(limit, usual)
    return limit
