"""What one measured claim comes to, and how it is written down."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

Figure = float | list[float]
"""A number; of a claim about two things at once, one for each, in the order in which the claim names them."""


@dataclass(frozen=True, slots=True)
class Line:
    """One claim, measured.

    Attributes:
        id: The claim's short name.
        name: What is measured, in words.
        value: What was measured, in `unit`.
        unit: What `value` and `limit` count; ``×`` where both are multiples of `reference`.
        reference: What it was held against in the same run, with its own figure, in words.
        limit: The most that `value` may be.
        reason: Why it does not hold; empty where it does.
        spread: The least and the most over the rounds, in `unit`, in words.
        beside: Other figures of the same run that say nothing of the claim: peers, shares of the mix.
    """

    id: str
    name: str
    value: Figure
    unit: str
    reference: str
    limit: Figure
    reason: str = ""
    spread: str = ""
    beside: dict[str, str] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        """Whether every figure is within its limit."""
        pairs = zip(figures(self.value), figures(self.limit), strict=True)
        return all(value <= limit for value, limit in pairs)

    def as_json(self) -> dict[str, Any]:
        """The line as it stands in `results.json`."""
        return asdict(self) | {"holds": self.holds, "reason": "" if self.holds else self.reason or "not found out yet"}


def figures(figure: Figure) -> list[float]:
    """A figure's numbers."""
    return list(figure) if isinstance(figure, list) else [figure]


def ratios(values: Sequence[float], references: Sequence[float]) -> tuple[float, str]:
    """How many times the reference something takes, of samples that were taken in turns.

    Returns:
        The ratio of the medians, and the spread of the ratios of each pair, in words.
    """
    each = [value / reference for value, reference in zip(values, references, strict=True)]
    return statistics.median(values) / statistics.median(references), f"{min(each):.2f}–{max(each):.2f}×"
