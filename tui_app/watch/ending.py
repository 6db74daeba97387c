"""How soon a sync may have ended, so that looks fall where its end is likely. Pure, and cheap enough for each look.

Two things tell it: how long the connection's earlier syncs took, and where the progress of this run leads. How far the
latter is to be trusted shows in how well it held so far. What is asked of both is one number: for how many seconds the
end is to be expected to have gone unnoticed, were the next look at a certain time. A look is due once that is worth
one. Of all ways to spend the same looks, this one notices ends soonest: each look is taken where it gains the most.

`estimate.py` tells a person when a sync ends, and weighs many shapes for that, which takes a hundred times longer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import erfc, exp, log, sqrt

from tui_app.watch.usual import Usual

_TRUST = 1.5
"""How many times farther off an end may be than the moves of its projection tell."""

_FORGET = 0.8
"""What an earlier move still counts when the next is smaller."""

_BASE = 0.2
"""The part of a run over which the moves of a projection are measured, at least."""

_SLIPS_MOST = 0.95
"""What slips away nearly as fast as time passes is no projection."""

_CLOSEST = 0.25
"""Seconds that no projection is better than: an answer was made some time before it arrived."""

_ROUGH = 0.6
"""How far off an end may be, as a logarithm, where one pace is all that is known."""

_HALVINGS = 9
"""Of the logarithm of a wait's bounds: one part in a hundred."""

Point = tuple[float, float]
Part = tuple[float, float, float]
"""One log-normal part of what is expected: its weight, the logarithm of the seconds in its middle, and its spread."""


@dataclass(frozen=True, slots=True)
class Projection:
    """Where the progress of one run leads. Times are seconds since its request, in the server's time.

    A projection that held for a good part of the run is trusted; one that slips away at half the speed of time will go
    on to do so, and is off by as much again as what seems to be left.

    Attributes:
        since: When its progress was first seen, and how far it was, in percent.
        at: The same when it last moved.
        total: When it ends if it goes on as on the whole.
        marks: Two earlier ages and totals, the first from the third quarter of the run or before it.
        slip: By how many seconds `total` lately moved on with each second.
        doubt: The most that it moved so in either direction, earlier moves counting ever less; ``None`` before the
            first.
    """

    since: Point
    at: Point
    total: float | None = None
    marks: tuple[Point, Point] | None = None
    slip: float = 0.0
    doubt: float | None = None

    @classmethod
    def begun(cls, age: float, progress: float) -> Projection:
        """A run whose progress is seen for the first time."""
        return cls((age, progress), (age, progress))

    def after(self, age: float, progress: float) -> Projection:
        """What the next look makes of it. What fell back begins anew; what has not moved says nothing."""
        if progress < self.at[1]:
            return self.begun(age, progress)
        if progress == self.at[1] or age <= self.at[0]:
            return self
        pace = (progress - self.since[1]) / (age - self.since[0])
        total = age + max(100 - progress, 0.0) / pace
        if self.marks is None:
            return replace(self, at=(age, progress), total=total, marks=((age, total), (age, total)))
        older, newer = self.marks
        slip = (total - older[1]) / (age - older[0])
        doubt = max(abs(slip), _FORGET * (self.doubt or 0.0))
        marks = (newer, (age, total)) if age - newer[0] > _BASE * (age - self.since[0]) else self.marks
        return replace(self, at=(age, progress), total=total, marks=marks, slip=slip, doubt=doubt)

    def end(self) -> Point | None:
        """The logarithm of the seconds after which it ends, and how far off that may be; ``None`` if unknown."""
        if self.total is None or self.doubt is None:
            return None
        left = self.total - self.at[0]
        total = self.total + left * _carried(self.slip)
        spread = _TRUST * left * _carried(self.doubt) / total
        return log(total), max(min(spread, _ROUGH), _CLOSEST / total)


def _carried(slip: float) -> float:
    """What is added to each second that is left by what slips away meanwhile, and while that passes, and so on."""
    slip = min(max(slip, -1.0), _SLIPS_MOST)
    return slip / (1 - slip)


def ending(usual: Usual | None, run: Projection | None) -> Sequence[Part]:
    """When a sync ends, as far as is known; no parts where nothing is.

    Args:
        usual: How long its connection's syncs take. Without it, nobody knows how far a run's own pace is to be trusted.
        run: Where its own progress leads.
    """
    if usual is None:
        return []
    broad = (usual.middle, 2 * usual.scale)
    end = None if run is None else run.end()
    if end is None:
        return [(0.9, usual.middle, usual.scale), (0.1, *broad)]
    middle, spread = end
    trust = usual.scale**2 / (usual.scale**2 + spread**2)
    middle, spread = trust * middle + (1 - trust) * usual.middle, spread * sqrt(trust)
    # The last is for what neither tells. It counts for next to nothing until the others have passed without an end.
    return [(0.949, middle, spread), (0.05, middle, 3 * spread), (0.001, *broad)]


def wait_worth(parts: Sequence[Part], age: float, worth: float, least: float, most: float) -> float:
    """How long to wait for the look that is worth it.

    Args:
        parts: When the sync ends, as `ending` has it.
        age: Seconds since its request when it was last seen to run.
        worth: The seconds for which an end has to be expected to have gone unnoticed before a look is due.
        least: The shortest wait, in seconds.
        most: The longest.
    """
    if unnoticed(parts, age, most) <= worth:
        return most
    low, high = log(least), log(most)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if unnoticed(parts, age, exp(middle)) > worth:
            high = middle
        else:
            low = middle
    return exp(low)


def unnoticed(parts: Sequence[Part], age: float, wait: float) -> float:
    """For how many seconds the end is to be expected to have gone unnoticed after a wait.

    Args:
        parts: When the sync ends.
        age: Seconds since its request when it was last seen to run; above 0.
        wait: Seconds since then.
    """
    passed = going = 0.0
    for weight, middle, spread in parts:
        away = (log(age) - middle) / spread
        # The smaller share is the exact one: of what is nearly 1, the digits that count are lost.
        side = -1 if away > 0 else 1
        between = _integral(age + wait, middle, spread, side) - _integral(age, middle, spread, side)
        passed += weight * max(side * (between - wait * _share(side * away)), 0.0)
        going += weight * _share(-away)
    # Longer than anything that is known: what is still to come is as far off as what has passed.
    return passed / going if going > 1e-9 else wait * wait / (2 * age)


def _share(away: float) -> float:
    """The share of a normal distribution that lies below."""
    return 0.5 * erfc(-away / sqrt(2))


def _integral(until: float, middle: float, spread: float, side: int) -> float:
    """The integral over seconds of the share that has ended (`side` 1) or has not (-1), but for a constant."""
    away = (log(until) - middle) / spread
    return until * _share(side * away) - exp(middle + spread * spread / 2) * _share(side * (away - spread))
