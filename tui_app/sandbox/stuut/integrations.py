"""A connection: how it fares, and the last job of each of its models, at any time."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from tui_app.sandbox.ids import Draw, uuid
from tui_app.sandbox.stuut import health
from tui_app.sandbox.stuut.facts import Batch, Circumstances, Model, Profile
from tui_app.sandbox.stuut.jobs import JobPlan
from tui_app.sandbox.stuut.planning import KEPT, USUAL, Order, plan_job

T = TypeVar("T")

# Something that holds from a time on (milliseconds since the epoch).
Since = tuple[int, T]


class Integration:
    """A connection, settled by its circumstances and by what happened to it since.

    Lists only ever grow, by one entry at a time, so that others may read them meanwhile.

    Attributes:
        id: A UUID.
        created_ms: When it was made, since the epoch.
        part: Whether it belongs to the fleet or was made, the seed, and its number: what chance depends on.
        models: What is synced.
        circumstances: What was settled from the beginning.
        profiles: What its owner says of it, since when; the first with its creation.
        batches: What clients asked for.
        switches: Models that were switched on or off by hand, by name.
        notes: How it fared since it was told by hand.
    """

    def __init__(
        self,
        id: str,
        created_ms: int,
        part: tuple[str, int, int],
        profile: Profile,
        models: Sequence[Model],
        circumstances: Circumstances,
    ) -> None:
        """Make a connection."""
        self.id = id
        self.created_ms = created_ms
        self.part = part
        self.models = tuple(models)
        self.circumstances = circumstances
        self.profiles: list[Since[Profile]] = [(created_ms, profile)]
        self.batches: list[Batch] = []
        self.switches: list[Since[tuple[str, bool]]] = []
        self.notes: list[Since[dict[str, Any]]] = []

    @property
    def profile(self) -> Profile:
        """What its owner says of it now."""
        return self.profiles[-1][1]

    @property
    def touched(self) -> bool:
        """Whether anything happened to it since the beginning that has to be remembered."""
        return bool(self.batches or self.switches or self.notes) or len(self.profiles) > 1

    def health_at(self, ms: int) -> Mapping[str, Any]:
        """Return how it fares at a time (since the epoch)."""
        return _last(self.notes[: bisect_right(self.notes, ms, key=_when)], self.circumstances.health)

    def is_running_setup(self, ms: int) -> bool:
        """Whether it is still being set up at a time (since the epoch)."""
        until_ms = self.circumstances.setup_until_ms
        return until_ms is not None and ms < until_ms

    def is_enabled(self, model: Model, ms: int) -> bool:
        """Whether a model is synced at a time (since the epoch)."""
        return _last(self._switched(model)[: bisect_right(self._switched(model), ms, key=_when)], model.enabled)

    def modified_ms(self, now_ms: int) -> int | None:
        """Return when anything but its jobs last changed until a time (both since the epoch), or None."""
        setup_ms = self.circumstances.setup_until_ms
        changes = [*self.profiles[1:], *self.notes, *([] if setup_ms is None else [(setup_ms, None)])]
        return max((ms for ms, _ in changes if ms <= now_ms), default=None)

    def model_modified_ms(self, model: Model, now_ms: int) -> int | None:
        """Return when a model was last switched on or off until a time (both since the epoch), or None."""
        return max((ms for ms, _ in self._switched(model) if ms <= now_ms), default=None)

    def last_job(self, model: Model, now_ms: int) -> JobPlan | None:
        """Return the last job of a model that can be seen at a time (since the epoch), or None."""
        found = self._last(model, now_ms)
        if found is None:
            return None
        return self._scheduled(model, found[1]) if isinstance(found[1], int) else found[1]

    def running_job(self, now_ms: int) -> JobPlan | None:
        """Return a job that is not over at a time (since the epoch), or None."""
        # One batch at a time: of each model, only the last job can be under way.
        jobs = (self.last_job(model, now_ms) for model in self.models)
        return next((job for job in jobs if job is not None and now_ms < job.ended_ms), None)

    def next_turn_ms(self, model: Model, now_ms: int) -> int | None:
        """Return when a model is synced by itself next after a time (both since the epoch), or None."""
        schedule = self.circumstances.schedule
        if schedule is None or not self.is_enabled(model, now_ms):
            return None
        number = schedule.following(now_ms)
        while number is not None and self._passed_over(schedule.seen_ms(number)):
            number = schedule.following(schedule.turn_ms(number))
        return None if number is None else schedule.turn_ms(number)

    def plan_batch(self, now_ms: int) -> Batch:
        """Return the jobs that a request at a time (since the epoch) makes: one for each model that is synced."""
        number = len(self.batches)
        draw = Draw("stuut batch", *self.part, number)
        batch_id = self._batch_id(draw)
        models = [model for model in self.models if self.is_enabled(model, now_ms)]
        wayward = draw.pick(models) if models and self.circumstances.retries_first and not number else None
        jobs = []
        for model in models:
            draw = Draw("stuut job", *self.part, number, model.id)
            settled = {wayward.name: "retry_once"} if wayward else self.circumstances.requested
            found = self._last(model, now_ms)
            order = Order(model.id, batch_id, now_ms, found[0] if found else None, is_one_off=True)
            usual = self.circumstances.usual and wayward is None
            outcome, error = _outcome(draw, self.health_at(now_ms), settled.get(model.name), usual)
            jobs.append(plan_job(draw, order, outcome, error))
        return Batch(now_ms, tuple(jobs))

    def _batch_id(self, draw: Draw) -> str | None:
        return None if self.profile.is_on_premise else uuid(draw)

    def _scheduled(self, model: Model, number: int) -> JobPlan:
        assert self.circumstances.schedule is not None
        seen_ms = self.circumstances.schedule.seen_ms(number)
        batch_id = self._batch_id(Draw("stuut turn", *self.part, number))
        found = self._last(model, seen_ms - 1)
        draw = Draw("stuut turn", *self.part, number, model.id)
        order = Order(model.id, batch_id, seen_ms, found[0] if found else None, is_one_off=False)
        # What is noticed at the very moment a job can be seen comes too late for it: the job may have been seen.
        fares = self.health_at(seen_ms - 1)
        facts = self.circumstances
        outcome, error = _outcome(draw, fares, facts.scheduled, facts.usual)
        return plan_job(draw, order, outcome, error)

    def _last(self, model: Model, now_ms: int) -> tuple[int, JobPlan | int] | None:
        """Return when a model's last job was made, and the job itself, or the number of its turn."""
        asked = self._asked(model, now_ms)
        turn = self._last_turn(model, now_ms)
        if turn is not None and self.circumstances.schedule is not None:
            seen_ms = self.circumstances.schedule.seen_ms(turn)
            if asked is None or seen_ms > asked.requested_ms:
                return seen_ms, turn
        return None if asked is None else (asked.requested_ms, asked)

    def _asked(self, model: Model, now_ms: int) -> JobPlan | None:
        batches = self.batches[: bisect_right(self.batches, now_ms, key=_requested)]
        return next((job for batch in reversed(batches) for job in batch.jobs if job.model_id == model.id), None)

    def _last_turn(self, model: Model, now_ms: int) -> int | None:
        """Return the last turn of a model that can be seen at a time, or None."""
        schedule = self.circumstances.schedule
        number = None if schedule is None else schedule.latest(now_ms)
        while schedule is not None and number is not None:
            seen_ms = schedule.seen_ms(number)
            # As with health: a switch at the very moment comes too late.
            before = self._switched(model)[: bisect_left(self._switched(model), seen_ms, key=_when)]
            if not _last(before, model.enabled):
                number = schedule.latest(before[-1][0]) if before else None
            elif self._passed_over(seen_ms):
                number = schedule.latest(schedule.seen_ms(number) - 1)
            else:
                return number
        return None

    def _passed_over(self, seen_ms: int) -> bool:
        """Whether a turn is left out, because somebody asked for a sync not long before."""
        before = bisect_left(self.batches, seen_ms, key=_requested)
        return before > 0 and seen_ms <= self.batches[before - 1].requested_ms + KEPT

    def _switched(self, model: Model) -> list[Since[bool]]:
        return [(ms, enabled) for ms, (name, enabled) in self.switches if name == model.name]


def _outcome(draw: Draw, fares: Mapping[str, Any], settled: str | None, usual: bool) -> tuple[str, str]:
    """Return how a job goes, and what goes wrong in it if something does."""
    error = draw.pick(health.PASSING)
    forced = health.enforced(fares)
    if forced is not None:
        return forced
    if settled is not None:
        return settled, error
    return health.expected(fares) or (draw.weighted(USUAL) if usual else "complete", error)


def _last(entries: Sequence[Since[T]], otherwise: T) -> T:
    return entries[-1][1] if entries else otherwise


def _when(entry: Since[Any]) -> int:
    return entry[0]


def _requested(batch: Batch) -> int:
    return batch.requested_ms
