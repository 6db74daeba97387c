"""Whether a sync stands still: told against how often its progress usually changes. Pure functions over observations.

Only looks that saw the sync count: a server that does not answer says nothing of it. A change may have come at any time
since the look before the one that saw it; from there on, `PATIENCE` usual gaps may pass. The last look before that time
is up decides, so that a sync that stands still is said to within them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from tui_app.models.observation import Observation
from tui_app.models.sync import Phase, Sync
from tui_app.models.times import duration
from tui_app.watch.earlier import ENOUGH, NOTHING_KNOWN, History, gaps_of
from tui_app.watch.pacing import facts

PATIENCE = 2.97
"""How many usual gaps may pass without a change: a little below three, as a look takes a little time itself."""

_RESTING = 0.25
"""The share of a usual sync that may pass without a change where a server rests before it tries again, or finishes."""

_RESTING_MOST = 300.0
"""The same in seconds where no earlier sync says how long they are."""

_MOST_OF_IT = 0.75
"""The share of a usual sync that passes without a change only where it stands still, whatever its pace."""

_LONG = 1800.0
"""The same in seconds where nothing at all is known of earlier syncs."""

_NEARLY = 99.97
"""The percent from which on the progress has no room to tell what is still done."""

_UNSEEN = 1.5
"""The usual gaps for which a change may have gone unseen, at most: after an outage nobody knows."""


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
        """What is seen beside what is usual: ``no change for 9 min; usually every 40 s``; empty unless it stalls.

        Where nothing says what is usual, ``no change for 35 min``.
        """
        if not self.stalled:
            return ""
        words = f"no change for {duration(timedelta(seconds=self.unchanged))}"
        if self.usual_gap is None:
            return words
        return f"{words}; usually every {duration(timedelta(seconds=max(round(self.usual_gap), 1)))}"


def stall(observations: Sequence[Observation], history: History = NOTHING_KNOWN) -> Stall:
    """Whether a sync stands still, as of the last look that saw it.

    Args:
        observations: The looks at it, oldest first.
        history: What its connection's earlier syncs tell.
    """
    latest = next((seen.sync for seen in reversed(observations) if seen.sync is not None), None)
    why = "it was not seen yet" if latest is None else _why_never(latest)
    if latest is None or why:
        return Stall(basis=why)
    own = gaps_of(observations) if len(history.gaps) < ENOUGH else ()
    standing = _standing(observations, latest)
    unchanged = (standing.last - standing.changed).total_seconds()
    if len(history.gaps) + len(own) < ENOUGH:
        return _without_a_pace(standing.changed, unchanged, history)
    gap = median((*history.gaps, *own))
    basis = "by what this run did so far" if own else "by earlier syncs of this connection that were watched"
    # It may have changed at once after the look before: as far as that was no longer ago than looks usually are apart.
    unseen = min((standing.changed - standing.before).total_seconds(), _UNSEEN * gap)
    until_next = unseen + unchanged + _next_look(observations)
    late = unchanged > 0 and until_next > _limit(standing, gap, own, history)
    return Stall(late, standing.changed, unchanged, gap, basis)


def _without_a_pace(changed: datetime, unchanged: float, history: History) -> Stall:
    """What can be said where nobody knows how often the progress usually changes: only of what lasts very long."""
    limit, basis = _LONG, "how often its progress usually changes is not known, nor how long its syncs take"
    if history.durations:
        usual = median(history.durations)
        limit = max(_MOST_OF_IT * usual, _RESTING_MOST)
        basis = f"by how long earlier syncs of this connection took: {duration(timedelta(seconds=usual))}"
    if unchanged <= limit:
        return Stall(False, changed, unchanged, None, "how often its progress usually changes is not known yet")
    return Stall(True, changed, unchanged, None, basis)


@dataclass(frozen=True, slots=True)
class _Standing:
    """How long a sync has stood as it is.

    Attributes:
        sync: As last seen.
        before: When it was last seen otherwise; where it never was, when it was first seen.
        changed: When it was first seen as it is.
        last: When it was last seen.
        trying: Whether its last change was that the server tries again.
    """

    sync: Sync
    before: datetime
    changed: datetime
    last: datetime
    trying: bool


def _standing(observations: Sequence[Observation], newest: Sync) -> _Standing:
    """How long a sync has stood as it is. Goes back over the looks no further than that."""
    known = facts(newest)
    alike: list[datetime] = []
    for seen in reversed(observations):
        sync = seen.sync
        if sync is None:
            continue
        if sync.percent != newest.percent or facts(sync) != known:
            trying = (newest.attempts or 0) > max(sync.attempts or 0, 1)
            return _Standing(newest, seen.observed_at, alike[-1], alike[0], trying)
        alike.append(seen.observed_at)
    return _Standing(newest, alike[-1], alike[-1], alike[0], False)


def _next_look(observations: Sequence[Observation]) -> float:
    """Seconds of the server's time until the next look: its pace is known, and how fast that time goes beside ours."""
    good = (seen for seen in reversed(observations) if seen.sync is not None)
    last, before = next(good, None), next(good, None)
    if last is None or before is None:
        return 0.0
    passed = (last.observed_at - before.observed_at).total_seconds()
    return passed * last.next_look / before.next_look if last.next_look and before.next_look else passed


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
    sync = standing.sync
    if standing.trying or sync.phase is Phase.RETRYING or (sync.percent or 0) >= _NEARLY:
        usual = median(history.durations) * _RESTING if history.durations else _RESTING_MOST
        limit = max(limit, usual)
    return limit
