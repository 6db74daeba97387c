"""Which jobs belong to one sync, and what became of each.

A sync here is what one request made, or one turn of the schedule: a job for each model. The server lists of each model
its newest job alone, so a job's end is seen only while no later one stands in its place.

A sync's ID is the batch id where its jobs carry one, else the ID of its first job (by creation, then by ID).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from tui_app.api.stuut_wire import Job, ModelRow
from tui_app.models.sync import Phase

PHASES = {
    "scheduled": Phase.WAITING,
    "queued": Phase.WAITING,
    "running": Phase.RUNNING,
    "pending_retry": Phase.RETRYING,
    "complete": Phase.SUCCEEDED,
    "failed": Phase.FAILED,
    "cancelled": Phase.CANCELLED,
}

TOGETHER = timedelta(seconds=5)
"""Jobs without a batch id belong together if they were made within this time of the first.

One request makes all its jobs in one go, which takes a moment for each. Two runs of one model are minutes apart: the
second has to wait for the first.
"""

BY_TIME = "told by model and time: the job carries no batch id"
BY_BATCH = "told by its batch: the job has another ID than before"
NOT_LISTED = "not in the server's list just now"
OVERTAKEN = "a later run took its place before its end was seen"
SWITCHED_OFF = "the model was switched off before its end was seen"


@dataclass(frozen=True, slots=True)
class Part:
    """A job of a sync as it was last seen.

    Attributes:
        job: The job.
        model_id: Whose newest job it was when it was listed.
        name: What a person calls that model.
        phase: What its status means, or `LOST`.
        note: What a person has to know about it.
        inference: How it was told to belong here, where neither its ID nor a batch id says so.
    """

    job: Job
    model_id: str
    name: str
    phase: Phase
    note: str = ""
    inference: str = ""


def phase_of_word(word: str) -> Phase:
    """What a status means; a word that is not documented is followed on."""
    return PHASES.get(word, Phase.UNKNOWN)


def id_of(jobs: Iterable[Job]) -> str:
    """The ID of the sync that these jobs make, of which there is at least one."""
    ordered = sorted(jobs, key=_age)
    return next((job.batch_id for job in ordered if job.batch_id), ordered[0].id)


def part_of(job: Job, model: ModelRow | None = None, names: Mapping[str, str] | None = None) -> Part:
    """A job as a part, told by its ID or its batch id.

    Args:
        job: The job.
        model: Whose newest job it is, where it was listed.
        names: What models are called by their IDs, for where it was not.
    """
    model_id = model.id if model is not None else job.model_id or ""
    name = model.label if model is not None else (names or {}).get(model_id, model_id)
    return Part(job, model_id, name, phase_of_word(job.status))


def batches_in(models: Iterable[ModelRow], remembered: Mapping[str, str] | None = None) -> dict[str, tuple[Part, ...]]:
    """Put the newest jobs of a connection's models together to the syncs that they are of.

    Args:
        models: As listed.
        remembered: The syncs of jobs that are known already, by the jobs' IDs.

    Returns:
        The parts of each sync, in the order of the models, by its ID.
    """
    remembered = remembered or {}
    found: dict[str, list[Part]] = {}
    loose: list[Part] = []
    for model in models:
        if (job := model.last_sync) is None:
            continue
        part = part_of(job, model)
        if sync_id := remembered.get(job.id) or job.batch_id:
            found.setdefault(sync_id, []).append(part)
        else:
            loose.append(replace(part, inference=BY_TIME))
    for group in _made_together(loose):
        found.setdefault(id_of(part.job for part in group), []).extend(group)
    return {sync_id: tuple(parts) for sync_id, parts in found.items()}


def look(sync_id: str, known: Sequence[Part], models: Sequence[ModelRow], *, whole: bool = False) -> tuple[Part, ...]:
    """Tell from a list what became of a sync.

    Args:
        sync_id: Which one.
        known: Its parts as they were last seen; none where it was never looked at.
        models: The connection's models, as listed now.
        whole: Whether the server named all its jobs when it was asked for, so that none can be added by time.

    Returns:
        Its parts as they are known now; none where it is nowhere.
    """
    if not known:
        return batches_in(models).get(sync_id, ())
    listing = _Listing(known, models)
    seen = tuple(listing.seen(part) for part in known)
    return (*seen, *listing.added(seen, sync_id, by_time=not whole))


def answered(known: Sequence[Part], jobs: Sequence[Job], names: Mapping[str, str]) -> tuple[Part, ...]:
    """The parts of a sync as the answer to its request names them.

    Args:
        known: What is known of it already: a server may answer a second request with what runs.
        jobs: The answer's.
        names: What models are called, by their IDs.
    """
    parts = {part.job.id: part for part in known}
    for job in jobs:
        parts[job.id] = newer(parts[job.id], job) if job.id in parts else part_of(job, names=names)
    return tuple(parts.values())


def newer(part: Part, job: Job) -> Part:
    """A part with its job seen again. What has ended stays so, and what is older than what is known is no news."""
    if part.phase.is_final or job.changed < part.job.changed:
        return part
    return replace(part, job=job, phase=phase_of_word(job.status), note="")


class _Listing:
    """One answer, against what was known of one sync before it."""

    def __init__(self, known: Sequence[Part], models: Sequence[ModelRow]) -> None:
        self._models = models
        self._by_id = {model.id: model for model in models}
        self._by_job = {model.last_sync.id: model for model in models if model.last_sync is not None}
        self._known = known
        self._known_ids = {part.job.id for part in known}
        self._batch_ids = {part.job.batch_id for part in known if part.job.batch_id}

    def seen(self, part: Part) -> Part:
        """What became of a part."""
        if part.phase.is_final:
            return part
        if (model := self._by_job.get(part.job.id)) is not None and model.last_sync is not None:
            # Listed, it is: an older state of it is no news, but no reason for a note either.
            return replace(newer(part, model.last_sync), model_id=model.id, name=model.label, note="")
        model = self._by_id.get(part.model_id)
        if model is None:
            return replace(part, note=NOT_LISTED)
        part = replace(part, name=model.label)
        job = model.last_sync
        if job is not None and self._is_ours(job):
            # Under another ID, in place of this one; or beside it, as one job for each of several entities is.
            if job.id in self._known_ids or _task(job) != _task(part.job) or job.changed < part.job.changed:
                return replace(part, note=NOT_LISTED)
            self._known_ids.add(job.id)
            return replace(newer(part, job), inference=BY_BATCH)
        if job is not None and job.made > part.job.made:
            return replace(part, phase=Phase.LOST, note=OVERTAKEN)
        if model.is_read_enabled is False:
            return replace(part, phase=Phase.LOST, note=SWITCHED_OFF)
        return replace(part, note=NOT_LISTED)  # none, or one from before ours: the answer may be older than the request

    def added(self, seen: Sequence[Part], sync_id: str, *, by_time: bool) -> tuple[Part, ...]:
        """Jobs of the sync that were not known of."""
        taken = {part.job.id for part in seen} | self._known_ids
        tasks = {(part.model_id, *_task(part.job)) for part in self._known}
        found = []
        for model in self._models:
            job = model.last_sync
            if job is None or job.id in taken or (model.id, *_task(job)) in tasks:
                continue
            if job.batch_id and job.batch_id in {*self._batch_ids, sync_id}:
                found.append(part_of(job, model))
        return (*found, *(self._joining() if by_time else ()))

    def _joining(self) -> tuple[Part, ...]:
        """Jobs without a batch id that were made with those that are known."""
        ours = {part.model_id for part in self._known}
        for group in _made_together(
            replace(part_of(model.last_sync, model), inference=BY_TIME)
            for model in self._models
            if model.last_sync is not None and not model.last_sync.batch_id
        ):
            if any(part.job.id in self._known_ids for part in group):
                others = [part for part in group if part.job.id not in self._known_ids]
                # Another job of a model of ours: two runs lie this close together, and time tells them apart no more.
                return () if any(part.model_id in ours for part in others) else tuple(others)
        return ()

    def _is_ours(self, job: Job) -> bool:
        return job.id in self._known_ids or (job.batch_id is not None and job.batch_id in self._batch_ids)


def _age(job: Job) -> tuple[object, str]:
    return (job.made, job.id)


def _task(job: Job) -> tuple[str | None, str | None]:
    return (job.entity_id, job.file_id)


def _made_together(parts: Iterable[Part]) -> list[list[Part]]:
    """Group parts without a batch id; each group in the order in which they came."""
    came = list(parts)
    groups: list[list[Part]] = []
    for part in sorted(came, key=lambda one: (bool(one.job.is_one_off), *_age(one.job))):
        first = groups[-1][0].job if groups else None
        same = first is not None and bool(first.is_one_off) == bool(part.job.is_one_off)
        if first is not None and same and part.job.made - first.made <= TOGETHER:
            groups[-1].append(part)
        else:
            groups.append([part])
    place = {part.job.id: number for number, part in enumerate(came)}
    return [sorted(group, key=lambda one: place[one.job.id]) for group in groups]
