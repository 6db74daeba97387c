"""How jobs come about: on a connection's schedule, or because somebody asked; and in which ways they can go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tui_app.sandbox.ids import Draw, uuid
from tui_app.sandbox.plans import HOUR, MINUTE, SECOND
from tui_app.sandbox.stuut.jobs import JobPlan, Step

# How long before its turn a scheduled job can be seen.
LEAD = 2 * MINUTE
# How long after a request by hand its jobs stand as the last ones, whatever the schedule says.
KEPT = HOUR
# From being made to the end. A batch takes as long as the slowest of its jobs.
_SHORTEST, _LONGEST = 5 * MINUTE + 10 * SECOND, 14 * MINUTE + 50 * SECOND


@dataclass(frozen=True, slots=True)
class Outcome:
    """In which way a job goes: how often it is tried again, how it ends, and whether it gets to read anything."""

    retries: int
    end: str
    reads: bool = True


OUTCOMES: Mapping[str, Outcome] = {
    "complete": Outcome(0, "complete"),
    "retry_once": Outcome(1, "complete"),
    "retry": Outcome(2, "complete"),
    "failed": Outcome(2, "failed"),
    # Trying again helps nobody whose credentials are turned down.
    "rejected": Outcome(0, "failed", reads=False),
    "unreachable": Outcome(2, "failed", reads=False),
    "cancelled": Outcome(0, "cancelled"),
}
# How an ordinary job goes.
USUAL = (("complete", 12), ("retry_once", 2), ("failed", 1))


@dataclass(frozen=True, slots=True)
class Order:
    """What is settled of a job before chance has its say.

    Attributes:
        model_id: What is to be synced.
        batch_id: Shared by the jobs that are made together; None on premise.
        requested_ms: When it is made, since the epoch.
        previous_ms: When the last job of the model was made, since the epoch; None if this is the first one.
        is_one_off: Whether somebody asked for it.
    """

    model_id: str
    batch_id: str | None
    requested_ms: int
    previous_ms: int | None
    is_one_off: bool


def plan_job(draw: Draw, order: Order, outcome: str, error: str) -> JobPlan:
    """Settle a job.

    Args:
        draw: Where chance comes from.
        order: What is settled already.
        outcome: A key of `OUTCOMES`.
        error: What goes wrong, if something does.
    """
    way = OUTCOMES[outcome]
    return JobPlan(
        id=uuid(draw),
        model_id=order.model_id,
        batch_id=order.batch_id,
        requested_ms=order.requested_ms,
        steps=_steps(draw, way, draw.between(2 * SECOND, 15 * SECOND) if order.is_one_off else LEAD),
        error=error if way.retries or way.end == "failed" else None,
        since_ms=order.previous_ms,
        is_initial=order.previous_ms is None,
        is_one_off=order.is_one_off,
        page_ms=draw.between(6 * SECOND, 30 * SECOND) if way.reads else None,
    )


def _steps(draw: Draw, way: Outcome, scheduled_ms: int) -> tuple[Step, ...]:
    total_ms = draw.between(_SHORTEST, _LONGEST)
    begun_ms = scheduled_ms + draw.between(5 * SECOND, 45 * SECOND)
    words = ["running", *["pending_retry", "queued", "running"] * way.retries]
    weights = [_weight(draw, word) for word in words]
    steps: list[Step] = [(0, "scheduled"), (scheduled_ms, "queued")]
    reached = 0.0
    for word, weight in zip(words, weights, strict=True):
        steps.append((begun_ms + int((total_ms - begun_ms) * reached / sum(weights)), word))
        reached += weight
    return (*steps, (total_ms, way.end))


def _weight(draw: Draw, word: str) -> float:
    """Return how much of a job's time a status takes, relative to the others."""
    return {"running": 1.0, "pending_retry": 0.4, "queued": 0.05}[word] * (1 + draw.unit())


@dataclass(frozen=True, slots=True)
class Schedule:
    """The turns at which a connection syncs by itself, numbered. Times are in milliseconds since the epoch.

    Attributes:
        phase_ms: When turn 0 comes.
        cadence_ms: From one turn to the next; longer than any batch takes.
        first_ms: No turn comes before this time.
        until_ms: No turn comes after this time; None for no end.
    """

    phase_ms: int
    cadence_ms: int
    first_ms: int
    until_ms: int | None = None

    def turn_ms(self, number: int) -> int:
        """Return when a turn comes."""
        return self.phase_ms + number * self.cadence_ms

    def seen_ms(self, number: int) -> int:
        """Return from when on a turn's jobs can be seen."""
        return self.turn_ms(number) - LEAD

    def latest(self, now_ms: int) -> int | None:
        """Return the last turn whose jobs can be seen at a time, or None."""
        until_ms = now_ms if self.until_ms is None else min(now_ms, self.until_ms)
        number = (until_ms + LEAD - self.phase_ms) // self.cadence_ms
        return number if self.seen_ms(number) >= self.first_ms else None

    def following(self, now_ms: int) -> int | None:
        """Return the first turn that comes after a time, or None."""
        number = (max(now_ms, self.first_ms + LEAD - 1) - self.phase_ms) // self.cadence_ms + 1
        over = self.until_ms is not None and self.seen_ms(number) > self.until_ms
        return None if over else number
