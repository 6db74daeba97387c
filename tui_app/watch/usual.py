"""How long a connection's syncs usually take, as chance: what a handful of durations lets expect of the next."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import exp, log, sqrt
from statistics import fmean, median

# Before anything is known, one connection's durations are taken to lie within a third of each other, and that is
# believed as much as four syncs are.
_SPREAD, _WORTH = 0.28, 4.0

# A sync that took this many times longer, or shorter, than the median was something else: one that waited for days.
_ODD = 8.0


@dataclass(frozen=True, slots=True)
class Usual:
    """How long the next sync takes: Student's t over the logarithm of seconds.

    Attributes:
        middle: The logarithm of the seconds in the middle.
        scale: How far around it the others lie.
        freedom: Degrees of freedom: the fewer syncs are known, the farther out the next may lie.
    """

    middle: float
    scale: float
    freedom: float

    @classmethod
    def of(cls, durations: Sequence[float]) -> Usual:
        """What these durations let expect.

        Args:
            durations: Seconds, at least one.
        """
        logs = [log(seconds) for seconds in alike(durations)]
        middle, count = fmean(logs), len(logs)
        squares = _WORTH * _SPREAD**2 + sum((one - middle) ** 2 for one in logs)
        freedom = _WORTH + count - 1
        return cls(middle, sqrt(squares / freedom * (1 + 1 / count)), freedom)

    def density(self, seconds: float) -> float:
        """How likely a sync is to take that long, up to a factor."""
        away = (log(seconds) - self.middle) / self.scale
        return float((1 + away * away / self.freedom) ** (-(self.freedom + 1) / 2))

    @property
    def longest(self) -> float:
        """The seconds that hardly one in forty exceeds: whatever takes longer is overdue."""
        return exp(self.middle + (2 + 3 / self.freedom) * self.scale)

    @property
    def most(self) -> float:
        """The seconds beyond which nothing is looked for."""
        return exp(self.middle + 9 * self.scale)


def alike(durations: Sequence[float]) -> list[float]:
    """The durations without those that are far from all others."""
    middle = median(durations)
    return [seconds for seconds in durations if middle / _ODD <= seconds <= middle * _ODD]


def ordinary(durations: Sequence[float]) -> tuple[float, float]:
    """The seconds between which most of the durations lie: of fewer than five, all.

    Args:
        durations: Seconds, at least one.
    """
    lengths = sorted(alike(durations))
    cut = len(lengths) // 5
    return lengths[cut], lengths[-1 - cut]


def shortest(edges: Sequence[float], weights: Sequence[float], mass: float) -> tuple[float, float]:
    """The shortest range that holds a share of the chance.

    Args:
        edges: Where each cell begins, and the end of the last: one more than there are cells. Rising.
        weights: The chance of each cell, up to a factor.
        mass: The share, above 0 and below 1.
    """
    total = sum(weights)
    if not total > 0:  # no end fits what was seen: any may come
        return edges[0], edges[-1]
    sums = [0.0, *accumulate(weight / total for weight in weights)]
    best = (edges[0], edges[-1])
    for first in range(len(weights)):
        wanted = sums[first] + mass
        if wanted > sums[-1]:
            break
        last = max(bisect_left(sums, wanted), first + 1)
        part = (wanted - sums[last - 1]) / (sums[last] - sums[last - 1])
        end = edges[last - 1] + part * (edges[last] - edges[last - 1])
        if end - edges[first] < best[1] - best[0]:
            best = (edges[first], end)
    return best
