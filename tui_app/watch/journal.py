"""What changed between looks, in few words: pure functions over observations."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from tui_app.models.observation import Observation
from tui_app.models.problem import Problem
from tui_app.models.sync import Number, Phase, Sync, SyncPart
from tui_app.models.times import duration
from tui_app.watch.pacing import LASTING

# What is kept of one journal: the first entry and the newest. A sync at one look a second for an hour stays below it.
MOST_ENTRIES = 5000
_LONGEST = 80


class EntryKind(StrEnum):
    """What sort of thing an entry tells."""

    REQUESTED = "requested"
    FIRST_SEEN = "first_seen"
    STATUS = "status"
    PROGRESS = "progress"
    ATTEMPTS = "attempts"
    START_FROM = "start_from"
    ISSUE_ADDED = "issue_added"
    ISSUE_GONE = "issue_gone"
    ISSUE_CHANGED = "issue_changed"
    PROVIDER_ADDED = "provider_added"
    PROVIDER_GONE = "provider_gone"
    FAILURE = "failure"
    COMPLETED = "completed"
    PART = "part"
    FIELD = "field"
    LOST = "lost"  # could not look: says nothing of the sync
    BACK = "back"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the journal. Texts hold the server's words as they came: display passes them through `safe_text`.

    Attributes:
        at: When, in the server's time: when the server says it happened, else when it was seen.
        kind: What sort of thing it tells.
        text: The line.
        before: The value before, as text; empty where there was none.
        after: The value after, as text; empty where there is none.
    """

    at: datetime
    kind: EntryKind
    text: str
    before: str = ""
    after: str = ""


class Journal:
    """The journal of one sync, told look by look.

    `entries` holds at most `MOST_ENTRIES`: the first, and the newest.
    """

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self._seen: Sync | None = None
        self._lost_at: datetime | None = None
        self._said: set[object] = set()

    def add(self, observation: Observation) -> list[Entry]:
        """Take in one more look.

        Returns:
            What it added to the journal, oldest first.
        """
        if observation.sync is None:
            added = self._lost(observation)
        else:
            added = [*self._back(observation), *changes(self._seen, observation.sync, observation.observed_at)]
            self._seen = observation.sync
        self.entries += added
        if len(self.entries) > MOST_ENTRIES:
            del self.entries[1 : 1 + len(self.entries) - MOST_ENTRIES]
        return added

    def _lost(self, observation: Observation) -> list[Entry]:
        if self._lost_at is None:
            self._lost_at = observation.observed_at
        # Once per outage; once more where it turns into a refusal, as when a server comes back without its state.
        said = _sort_of(observation.problem)
        if said in self._said:
            return []
        self._said.add(said)
        return [_lost_entry(observation)]

    def _back(self, observation: Observation) -> list[Entry]:
        if self._lost_at is None:
            return []
        lost_at, self._lost_at, self._said = self._lost_at, None, set()
        return [_back_entry(lost_at, observation.observed_at)]


def journal(observations: Iterable[Observation]) -> list[Entry]:
    """The whole journal of one sync's looks, oldest first."""
    told = Journal()
    for observation in observations:
        told.add(observation)
    return told.entries


def entries(previous: Observation | None, current: Observation) -> list[Entry]:
    """What two looks that follow each other tell, without regard to any before them.

    `Journal` remembers more: what was last seen before an outage, and when that began.
    """
    told = Journal()
    if previous is not None:
        told.add(previous)
    return told.add(current)


def changes(before: Sync | None, after: Sync, at: datetime) -> list[Entry]:
    """What is different between two states of one sync, oldest first.

    Args:
        before: What was last seen, or ``None`` where this is the first look.
        after: What is seen now.
        at: When it was seen, in the server's time.
    """
    found = list(_first(after, at)) if before is None else list(_between(before, after, at))
    return sorted(found, key=lambda entry: entry.at)  # stable: what was seen at one time keeps its order


def _first(sync: Sync, at: datetime) -> Iterator[Entry]:
    yield Entry(sync.requested_at, EntryKind.REQUESTED, "requested")
    yield from _issues({}, _issues_of(sync), at)
    yield from _members(sync.provider_requests, [], at)
    if sync.parts:
        names = ", ".join(part.name for part in sync.parts)
        yield Entry(at, EntryKind.PART, f"{len(sync.parts)} {'model' if len(sync.parts) == 1 else 'models'}: {names}")
    if sync.phase is not Phase.WAITING:
        progress = "" if sync.progress is None else f" at {sync.progress}"
        yield Entry(at, EntryKind.FIRST_SEEN, f"first seen {sync.status}{progress}", after=sync.status)
    yield from _failure(None, sync, at)
    yield from _completed(None, sync)


def _between(before: Sync, after: Sync, at: datetime) -> Iterator[Entry]:
    if before.requested_at != after.requested_at:
        yield Entry(after.requested_at, EntryKind.REQUESTED, "requested again")
    yield from _value(EntryKind.START_FROM, "window starts", before.start_from, after.start_from, at)
    yield from _parts(before, after, at)
    if not after.parts:  # each part tells its own
        yield from _value(EntryKind.ATTEMPTS, "attempts", before.attempts, after.attempts, at)
    yield from _members(after.provider_requests, before.provider_requests, at)
    yield from _issues(_issues_of(before), _issues_of(after), at)
    yield from _value(EntryKind.PROGRESS, "progress", before.progress, after.progress, at)
    if before.status != after.status:
        text = f"{before.status} → {after.status}"
        yield Entry(at, EntryKind.STATUS, text, before.status, after.status)
    yield from _failure(before, after, at)
    yield from _completed(before, after)
    yield from _unknown_fields(before, after, at)


def _parts(before: Sync, after: Sync, at: datetime) -> Iterator[Entry]:
    pairs, gone = _paired(before, after)
    for was, part in pairs:
        if was is None:
            yield Entry(at, EntryKind.PART, f"model + {part.name}", after=part.status)
            continue
        tried = f"attempt {_plain(part.attempt) or '—'}" if was.attempt != part.attempt else ""
        if (was.status, was.phase) != (part.status, part.phase):
            new = f"out of sight, last {part.status}" if part.phase is Phase.LOST else part.status
            text = f"{part.name}: {was.status} → {new}{f', {tried}' if tried else ''}"
            yield Entry(at, EntryKind.PART, text, was.status, part.status)
        elif tried:
            yield Entry(at, EntryKind.PART, f"{part.name}: {tried}", _plain(was.attempt), _plain(part.attempt))
        if part.failure_reason and part.failure_reason != was.failure_reason:
            text = _short(f"{part.name}: {part.failure_reason}")
            yield Entry(at, EntryKind.PART, text, was.failure_reason or "", part.failure_reason)
        if part.note and part.note != was.note:
            yield Entry(at, EntryKind.PART, _short(f"{part.name}: {part.note}"), was.note, part.note)
    for part in gone:
        yield Entry(at, EntryKind.PART, f"model − {part.name}", before=part.status)


def _paired(before: Sync, after: Sync) -> tuple[list[tuple[SyncPart | None, SyncPart]], list[SyncPart]]:
    """Each part beside what it was before, by its ID or else its model; and those that are there no more."""
    stayed = {part.id for part in before.parts} & {part.id for part in after.parts}
    same = {part.id: part for part in before.parts if part.id in stayed}
    others = [part for part in before.parts if part.id not in stayed]
    pairs: list[tuple[SyncPart | None, SyncPart]] = []
    for part in after.parts:
        was = same.get(part.id) or next((one for one in others if one.model_id == part.model_id), None)
        if was in others:
            others.remove(was)
        pairs.append((was, part))
    return pairs, others


def _value(
    kind: EntryKind, name: str, before: Number | datetime | None, after: Number | datetime | None, at: datetime
) -> Iterator[Entry]:
    if before != after:
        was, now = _plain(before), _plain(after)
        yield Entry(at, kind, f"{name} {was} → {now or '—'}" if was else f"{name} {now}", was, now)


def _plain(value: Number | datetime | None) -> str:
    if value is None:
        return ""
    return f"{value.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if isinstance(value, datetime) else f"{value:.10g}"


def _members(after: list[str], before: list[str], at: datetime) -> Iterator[Entry]:
    for word in dict.fromkeys(after):
        if word not in before:
            yield Entry(at, EntryKind.PROVIDER_ADDED, f"provider request + {word}", after=word)
    for word in dict.fromkeys(before):
        if word not in after:
            yield Entry(at, EntryKind.PROVIDER_GONE, f"provider request − {word}", before=word)


def _issues_of(sync: Sync) -> dict[str, tuple[str, str]]:
    """Issue ID to its code and status, both empty where the server sent no more than the ID."""
    known = {issue.id: (issue.error.code, issue.status) for issue in sync.known_issues}
    return {issue_id: known.get(issue_id, ("", "")) for issue_id in sync.issue_ids}


def _issues(before: dict[str, tuple[str, str]], after: dict[str, tuple[str, str]], at: datetime) -> Iterator[Entry]:
    for issue_id, (code, status) in after.items():
        if issue_id not in before:
            yield Entry(at, EntryKind.ISSUE_ADDED, f"issue + {code or issue_id}", after=issue_id)
            continue
        was = before[issue_id][1]
        if was and status and was != status:
            yield Entry(at, EntryKind.ISSUE_CHANGED, f"issue {code}: {was} → {status}", was, status)
    for issue_id, (code, _) in before.items():
        if issue_id not in after:
            yield Entry(at, EntryKind.ISSUE_GONE, f"issue − {code or issue_id}", before=issue_id)


def _failure(before: Sync | None, after: Sync, at: datetime) -> Iterator[Entry]:
    was = before.failure_reason if before is not None else None
    if before is not None and after.parts:
        return  # each part tells its own
    if after.failure_reason and after.failure_reason != was:
        text = _short(f"reason: {after.failure_reason}")
        yield Entry(at, EntryKind.FAILURE, text, was or "", after.failure_reason)


def _completed(before: Sync | None, after: Sync) -> Iterator[Entry]:
    was = before.completed_at if before is not None else None
    if after.completed_at is not None and after.completed_at != was:
        took = duration(after.elapsed(after.completed_at))
        yield Entry(after.completed_at, EntryKind.COMPLETED, f"ended after {took}", after=_plain(after.completed_at))


def _unknown_fields(before: Sync, after: Sync, at: datetime) -> Iterator[Entry]:
    was, now = _extras(before), _extras(after)
    for name in [*now, *(name for name in was if name not in now)]:
        if was.get(name) != now.get(name):
            old, new = was.get(name, ""), now.get(name, "")
            yield Entry(
                at, EntryKind.FIELD, _short(f"{name} {old} → {new or '—'}" if old else f"{name} {new}"), old, new
            )


def _extras(sync: Sync) -> dict[str, str]:
    if not sync.model_extra:
        return {}
    shown: dict[str, Any] = sync.to_json()  # masked: a field that nobody knows may hold a secret
    return {name: _word(shown[name]) for name in sync.model_extra if name in shown}


def _word(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _sort_of(problem: Problem | None) -> object:
    return problem.kind if problem is not None and problem.kind in LASTING else "no answer"


def _lost_entry(observation: Observation) -> Entry:
    title = observation.problem.title if observation.problem else ""
    return Entry(observation.observed_at, EntryKind.LOST, _short(f"could not look: {title}"), after=title)


def _back_entry(lost_at: datetime, at: datetime) -> Entry:
    took = duration(at - lost_at)
    return Entry(at, EntryKind.BACK, f"answers again after {took}")


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
