"""The shapes that a sync's progress may have over its time, and how well one leads through what was seen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import exp

from tui_app.watch.run import Point, Run

_CHECKS = 4
"""Places of a run that are compared with each shape."""

_WORTH = 0.2
"""What each check after the first counts: progress that is ahead now was ahead before, too."""


@dataclass(frozen=True, slots=True)
class Shape:
    """One shape: the share of the work that is done, by the share of the time.

    Attributes:
        curve: From 0 to 1 for 0 to 1.
        spread: How far from it runs of this shape lie.
        weight: How many syncs are of this shape, of 1.
    """

    curve: Callable[[float], float]
    spread: float
    weight: float


def _power(power: float) -> Callable[[float], float]:
    """Fast first, by a power above 1; slow first, by one below 1."""
    return lambda time: 1 - (1 - time) ** power


def _knee(time: float, done: float) -> Callable[[float], float]:
    """So much done after so much time, the rest evenly after that."""
    return lambda share: share / time * done if share < time else done + (share - time) / (1 - time) * (1 - done)


_POWERS = (1.4, 1.8, 2.2, 2.8, 3.5)
_KNEES = ((0.2, 0.6), (0.3, 0.7), (0.3, 0.8), (0.4, 0.7), (0.5, 0.8))

SHAPES = (
    Shape(lambda time: time, 0.015, 0.25),
    Shape(lambda time: time, 0.06, 0.25),
    *(Shape(_power(power), 0.03, 0.04) for power in _POWERS),
    *(Shape(_knee(time, done), 0.04, 0.03) for time, done in _KNEES),
    *(Shape(_power(1 / power), 0.05, 0.025) for power in (1.3, 1.8)),
    Shape(lambda time: time, 0.25, 0.10),
)


def likelihood(run: Run, left: float) -> float:
    """How well what was seen of a run fits an end, up to a factor.

    Args:
        run: The run, whose progress is told.
        left: Seconds from when it was last seen to that end.
    """
    since, done = run.begun
    whole = run.worked + left - since
    shares = [((at - since) / whole, (progress - done) / max(1 - done, 1e-6)) for at, progress in checks(run)]
    worth = (1 + _WORTH * (len(shares) - 1)) / len(shares) / 2
    total = 0.0
    for shape in SHAPES:
        away = sum((done - shape.curve(time)) ** 2 for time, done in shares) / shape.spread**2
        total += shape.weight / shape.spread * exp(-worth * away)
    return total


def checks(run: Run) -> Sequence[Point]:
    """A few places of a run, evenly over its time: the last look, and those before it."""
    since = run.begun[0]
    places: list[Point] = []
    for number in range(1, _CHECKS):
        at = since + (run.worked - since) * number / _CHECKS
        before = [point for point in run.points if point[0] <= at]
        if before and before[-1] not in places:
            places.append(before[-1])
    return [*places, (run.worked, run.progress)]
