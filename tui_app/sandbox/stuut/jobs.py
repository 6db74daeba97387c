"""A job: one synced model of one connection, once. Its whole way is settled at once; its look follows from the time."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from itertools import pairwise

FINAL = frozenset({"complete", "failed", "cancelled"})

Step = tuple[int, str]


@dataclass(frozen=True, slots=True)
class JobLook:
    """What a job looks like at one moment. Times are in milliseconds since the epoch.

    Attributes:
        status: The last of its steps.
        attempt: How many tries have begun.
        started_ms: When the first try began, or None.
        completed_ms: When it completed, or None; a job that failed or was cancelled never did.
        error: What the last try ran into, while that still matters.
        page: The page that is being read, from 1; None before the first try.
        changed_ms: When anything of this last changed; None for a job that is as it was made.
    """

    status: str
    attempt: int
    started_ms: int | None
    completed_ms: int | None
    error: str | None
    page: int | None
    changed_ms: int | None


@dataclass(frozen=True, slots=True)
class JobPlan:
    """All that will ever happen to one job.

    Attributes:
        id: A UUID.
        model_id: What is synced.
        batch_id: Shared by the jobs that were made together; None on premise.
        requested_ms: When it was made, since the epoch.
        steps: Its statuses, each with the milliseconds after which it takes it; the first after 0, the last is final.
        error: What goes wrong in it; None if nothing does.
        since_ms: The beginning of the time range that it reads, since the epoch; None for everything there is.
        is_initial: Whether it is the first of its model.
        is_one_off: Whether somebody asked for it, as opposed to the schedule.
        page_ms: How long it reads one page; None if it never gets to one.
    """

    id: str
    model_id: str
    batch_id: str | None
    requested_ms: int
    steps: tuple[Step, ...]
    error: str | None
    since_ms: int | None
    is_initial: bool
    is_one_off: bool
    page_ms: int | None

    @property
    def ended_ms(self) -> int:
        """When it takes its final status, since the epoch."""
        return self.requested_ms + self.steps[-1][0]

    def at(self, now_ms: int) -> JobLook:
        """Return what the job looks like at a time (since the epoch); the same time always gives the same look."""
        elapsed_ms = now_ms - self.requested_ms
        place = max(bisect_right(self.steps, elapsed_ms, key=_when) - 1, 0)
        since_step_ms, status = self.steps[place]
        tries = [begun_ms for begun_ms, word in self.steps[: place + 1] if word == "running"]
        page, page_since_ms = self._page(elapsed_ms) if tries else (None, 0)
        changed_ms = max(since_step_ms, page_since_ms) if status == "running" else since_step_ms
        return JobLook(
            status=status,
            attempt=len(tries),
            started_ms=self.requested_ms + tries[0] if tries else None,
            completed_ms=self.ended_ms if status == "complete" else None,
            error=self.error if status in ("pending_retry", "failed") else None,
            page=page,
            changed_ms=self.requested_ms + changed_ms if place else None,
        )

    def _page(self, elapsed_ms: int) -> tuple[int | None, int]:
        """Return the page that a try is at, and since when, were it running without a break until now.

        A further try goes on where the last one stopped.
        """
        if self.page_ms is None:
            return None, 0
        worked_ms = sum(
            max(min(elapsed_ms, ended_ms) - begun_ms, 0)
            for (begun_ms, word), (ended_ms, _) in pairwise(self.steps)
            if word == "running"
        )
        return 1 + worked_ms // self.page_ms, elapsed_ms - worked_ms % self.page_ms


def _when(step: Step) -> int:
    return step[0]
