"""When a sync will probably end: a range, and what it rests on in words. Pure functions over observations.

How long the connection's earlier syncs took gives a first distribution of the end, which the time that has passed
already narrows. The progress of this run then weighs every possible end: an end is likely in so far as some shape that
syncs are known to have (even, fast first, in bursts, resting before another try) leads through what was seen. So a run
that only seems fast, because it does the most at its beginning, is held back by what is usual here, and one that moves
evenly needs no history. Where neither is known, nothing is said.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import exp, log

from tui_app.models.observation import Observation
from tui_app.models.sync import Phase
from tui_app.models.times import between, duration
from tui_app.watch.earlier import NOTHING_KNOWN, History
from tui_app.watch.run import Run, run_of
from tui_app.watch.shapes import likelihood
from tui_app.watch.usual import Usual, ordinary, shortest

MASS = 0.87
"""How sure the range is, taking the distribution at its word; simulated syncs end in it at least 80 times of 100."""

_STEPS = 110
_LEAST = 0.02
"""The progress, of 1, that a run has to make before its pace alone says anything."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """When a sync will probably end. Inferred: whoever shows it shows `basis`, too.

    Attributes:
        earliest: In the server's time, as `latest`; ``None``, as `latest`, where nothing can be said.
        latest: After `earliest`.
        basis: What it rests on, in words; where nothing can be said, why.
        overdue: Whether it has run longer than earlier syncs let expect.
        as_of: When the sync was last seen to run, which the range rests on.
    """

    earliest: datetime | None = None
    latest: datetime | None = None
    basis: str = ""
    overdue: bool = False
    as_of: datetime | None = None

    def left(self, now: datetime) -> tuple[float, float] | None:
        """The range in seconds from now, never below 0; ``None`` where nothing can be said, or it has passed.

        Args:
            now: The server's time.
        """
        if self.earliest is None or self.latest is None or now >= self.latest:
            return None
        return max((self.earliest - now).total_seconds(), 0.0), (self.latest - now).total_seconds()

    def words(self, now: datetime) -> str:
        """The range as a person says it: ``done in 5–8 min``, ``overdue: done in 1–6 min``; empty where none is known.

        Args:
            now: The server's time.
        """
        if self.latest is None:
            return ""
        left = self.left(now)
        if left is None:  # nobody has looked since
            return "may be done by now"
        return f"{'overdue: ' if self.overdue else ''}done {_ahead(*left)}"


def estimate(observations: Sequence[Observation], history: History = NOTHING_KNOWN) -> Estimate:
    """When a sync will probably end, as of the last look that saw it.

    Args:
        observations: The looks at it, oldest first.
        history: What its connection's earlier syncs tell.
    """
    run = run_of(observations)
    if run is None:
        return Estimate(basis="it was not seen yet")
    if run.phase.is_final:
        return Estimate(basis="it has ended")
    if run.awaits_provider:
        return Estimate(basis="it waits for the provider, which may take days")
    usual = Usual.of(history.durations) if history.durations else None
    if usual is not None and run.tried_before and run.first_worked > usual.longest:
        # It failed and was tried again, nobody here saw when: neither its age nor what is usual says anything.
        run, usual = run.since_seen(), None
    paced = run.told and run.gained >= _LEAST
    if usual is None and not paced:
        return Estimate(basis=_why_none(run, history), as_of=run.seen_at)
    low, high = _range(run, usual, paced)
    overdue = usual is not None and run.worked > usual.longest
    return Estimate(
        run.seen_at + timedelta(seconds=low),
        run.seen_at + timedelta(seconds=max(high, low + 1)),
        _basis(history if usual is not None else NOTHING_KNOWN, paced),
        overdue,
        run.seen_at,
    )


def _range(run: Run, usual: Usual | None, paced: bool) -> tuple[float, float]:
    """The shortest range of seconds left that holds `MASS` of the chance."""
    worked = max(run.worked, 1.0)
    most = 60 * worked if usual is None else max(usual.most, 4 * worked)
    first, last = log(max(0.002 * worked, 0.5)), log(most)
    step = (last - first) / _STEPS
    left = [exp(first + step * (number + 0.5)) for number in range(_STEPS)]
    weights = []
    for seconds in left:
        total = worked + seconds
        weight = seconds / total  # even steps of log(seconds) are that much narrower in log(total)
        if usual is not None:
            weight *= usual.density(total)
        if paced:
            weight *= likelihood(run, seconds)
        weights.append(weight)
    edges = [0.0, *(exp(first + step * (number + 1)) for number in range(_STEPS))]
    return shortest(edges, weights, MASS)


def _why_none(run: Run, history: History) -> str:
    earlier = "no earlier sync of this connection is known to have completed"
    if history.durations:
        earlier = "it was tried before, so that earlier syncs do not compare"
    if run.phase is Phase.WAITING:
        return f"it has not begun, and {earlier}"
    return f"{earlier}, and {'it has hardly moved yet' if run.told else 'the server tells no progress'}"


def _basis(history: History, paced: bool) -> str:
    count = len(history.durations)
    if not count:
        return "from the pace of this run alone: no earlier sync compares"
    low, high = ordinary(history.durations)
    earlier = "1 earlier sync" if count == 1 else f"{count} earlier syncs"
    took = f"it took {duration(timedelta(seconds=low))}" if count == 1 else f"usual {between(low, high)}"
    return f"from {earlier} of this connection ({took}){' and its pace' if paced else ''}"


def _ahead(low: float, high: float) -> str:
    words = between(low, high)
    return f"within {words.removeprefix('0–')}" if words.startswith("0–") else f"in {words}"
