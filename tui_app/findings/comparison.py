"""Two syncs side by side: what is the same, what differs, and the difference in a sentence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from tui_app.models.sync import Phase, Sync, SyncPart
from tui_app.models.times import day_and_time, duration

NONE = "none"
"""Stands for a list that is empty."""
UNKNOWN = "—"
"""Stands for what the server does not say."""

ABOUT = 0.1
"""Two lengths that differ by no more than this share of the longer one are about the same."""
NOTABLE = 1.25
"""How many times as long one sync must take as the other before the sentence says so."""
MOST_SAID = 4
"""Differences in the sentence; the others stand below it."""

_ENDED = {
    Phase.SUCCEEDED: "completed",
    Phase.FAILED: "failed",
    Phase.CANCELLED: "was cancelled",
    Phase.LOST: "ended unseen",
    Phase.WAITING: "still waits",
    Phase.RETRYING: "is being tried again",
}


class Verdict(StrEnum):
    """How one field of two syncs compares, as the word that is shown; those that matter most come first."""

    DIFFERS = "differs"
    ONLY_THIS = "only this"
    ONLY_OTHER = "only the other"
    ABOUT_SAME = "about the same"
    SAME = "same"
    ITS_OWN = "each its own"  # of two syncs it cannot be the same, so that it differs says nothing

    @property
    def is_difference(self) -> bool:
        """Whether it sets the two apart."""
        return self in (Verdict.DIFFERS, Verdict.ONLY_THIS, Verdict.ONLY_OTHER)


_ORDER = {
    Verdict.DIFFERS: 0,
    Verdict.ONLY_THIS: 0,
    Verdict.ONLY_OTHER: 0,
    Verdict.ABOUT_SAME: 1,
    Verdict.SAME: 2,
    Verdict.ITS_OWN: 3,
}


@dataclass(frozen=True, slots=True)
class Compared:
    """One field of both. Texts hold the server's words as they came.

    Attributes:
        name: What it is called.
        this: What the sync in hand has; `NONE` or `UNKNOWN` where it has nothing.
        other: What the other has.
        verdict: How they compare.
        note: What is to be said of the difference, in a few words; empty where nothing.
    """

    name: str
    this: str
    other: str
    verdict: Verdict
    note: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two syncs of one connection.

    Attributes:
        summary: What sets this sync apart from the other, in a sentence of ours and the server's words.
        fields: Every field, those that differ first.
    """

    summary: str
    fields: tuple[Compared, ...]

    @property
    def differences(self) -> tuple[Compared, ...]:
        """The fields that set the two apart."""
        return tuple(field for field in self.fields if field.verdict.is_difference)


def proposed(this: Sync | None, others: Iterable[Sync]) -> Sync | None:
    """The sync to compare with unless a person says otherwise: the newest earlier one that succeeded.

    Where there is none, the newest earlier one at all; ``None`` where there is no other.

    Args:
        this: The sync in hand, or ``None`` where it was not seen yet: then every other one counts as earlier.
        others: Syncs of the same connection, this one among them or not.
    """
    earlier = [
        sync
        for sync in others
        if this is None or (sync.id != this.id and (sync.requested_at, sync.id) < (this.requested_at, this.id))
    ]
    good = [sync for sync in earlier if sync.phase is Phase.SUCCEEDED]
    return max(good or earlier, key=lambda sync: (sync.requested_at, sync.id), default=None)


def compare(this: Sync, other: Sync, now: datetime) -> Comparison:
    """Compare two syncs.

    Args:
        this: The one in hand: the sentence is about it.
        other: What it is held against.
        now: The server's time, up to which a sync that still runs is measured.
    """
    fields = sorted(_fields(this, other, now), key=lambda field: _ORDER[field.verdict])  # stable: else as they come
    return Comparison(_summary(this, other, now), tuple(fields))


# Field by field, the most telling first


def _fields(this: Sync, other: Sync, now: datetime) -> Iterator[Compared]:
    yield _valued("ended as" if this.phase.is_final and other.phase.is_final else "state", _state(this), _state(other))
    if this.failure_reason or other.failure_reason:
        yield _valued("failure reason", this.failure_reason or NONE, other.failure_reason or NONE)
    yield from _members("issue", _issues(this), _issues(other))
    yield _took(this, other, now)
    yield _valued("attempts", _number(this.attempts), _number(other.attempts))
    yield from _members("provider request", _counted(this.provider_requests), _counted(other.provider_requests))
    yield from _parts(this, other)
    if this.progress != other.progress:
        yield _valued("progress", _percent(this), _percent(other))
    yield Compared("window", _window(this), _window(other), _alike(_window_length(this), _window_length(other)))
    yield _own("window from", _moment(this.start_from), _moment(other.start_from))
    yield _own("started", _moment(_started(this)), _moment(_started(other)))
    apart = this.requested_at - other.requested_at
    note = f"{duration(abs(apart))} {'later' if apart > timedelta(0) else 'earlier'}" if apart else ""
    yield _own("requested", _moment(this.requested_at), _moment(other.requested_at), note)


def _valued(name: str, this: str, other: str) -> Compared:
    return Compared(name, this, other, Verdict.SAME if this == other else Verdict.DIFFERS)


def _own(name: str, this: str, other: str, note: str = "") -> Compared:
    return Compared(name, this, other, Verdict.SAME if this == other else Verdict.ITS_OWN, note)


def _members(name: str, this: Counter[str], other: Counter[str]) -> Iterator[Compared]:
    """One field for each member of two lists; where both are empty, one that says so."""
    if not this and not other:
        yield Compared(f"{name}s", NONE, NONE, Verdict.SAME)
    for word in dict.fromkeys((*this, *other)):
        verdict = Verdict.SAME if this[word] == other[word] else Verdict.DIFFERS
        if not other[word]:
            verdict = Verdict.ONLY_THIS
        elif not this[word]:
            verdict = Verdict.ONLY_OTHER
        yield Compared(name, _times(word, this[word]), _times(word, other[word]), verdict)


def _times(word: str, count: int) -> str:
    return UNKNOWN if not count else word if count == 1 else f"{word} ({count} times)"


def _took(this: Sync, other: Sync, now: datetime) -> Compared:
    times = _ratio(this, other, now)
    verdict = _alike(this.elapsed(now), other.elapsed(now))
    note = "" if times is None or verdict is not Verdict.DIFFERS else _as_long(times)
    return Compared("took", _length(this, now), _length(other, now), verdict, note)


def _alike(this: timedelta | None, other: timedelta | None) -> Verdict:
    """How two lengths compare, where no two are ever quite the same."""
    if this == other:
        return Verdict.SAME
    if this is not None and other is not None and abs(this - other) <= ABOUT * max(this, other):
        return Verdict.ABOUT_SAME
    return Verdict.DIFFERS


def _parts(this: Sync, other: Sync) -> Iterator[Compared]:
    mine, its = _by_model(this), _by_model(other)
    for model in dict.fromkeys((*mine, *its)):
        part, its_part = mine.get(model), its.get(model)
        name = f"model {(part or its_part).name}"  # type: ignore[union-attr]  # one of the two has it
        if part is None or its_part is None:
            verdict = Verdict.ONLY_OTHER if part is None else Verdict.ONLY_THIS
            yield Compared(name, _part(part), _part(its_part), verdict)
            continue
        same = _facts(part) == _facts(its_part)
        yield Compared(name, _part(part), _part(its_part), Verdict.SAME if same else Verdict.DIFFERS)


def _by_model(sync: Sync) -> dict[str, SyncPart]:
    return {part.model_id: part for part in sync.parts}


def _facts(part: SyncPart) -> tuple[object, ...]:
    # How long it took is told, but no two jobs take equally long: it alone makes no difference.
    return part.status, part.phase, part.attempt, part.failure_reason


def _part(part: SyncPart | None) -> str:
    if part is None:
        return UNKNOWN
    words = [part.status.replace("_", " ")]
    if part.attempt is not None and part.attempt != 1:
        words.append(f"{part.attempt} tries" if part.attempt else "no try yet")
    if part.started_at is not None and part.completed_at is not None:
        words.append(duration(part.completed_at - part.started_at))
    if part.failure_reason:
        words.append(part.failure_reason)
    return ", ".join(words)


# Values in words


def _state(sync: Sync) -> str:
    word = sync.status.replace("_", " ")
    return f"last {word}, its end was not seen" if sync.phase is Phase.LOST else word


def _number(value: float | None) -> str:
    return UNKNOWN if value is None else f"{value:g}"


def _percent(sync: Sync) -> str:
    return UNKNOWN if sync.progress is None else f"{sync.progress:g} %"


def _moment(moment: datetime | None) -> str:
    return UNKNOWN if moment is None else day_and_time(moment)


def _length(sync: Sync, now: datetime) -> str:
    elapsed = sync.elapsed(now)
    return duration(elapsed) if sync.phase.is_final or elapsed is None else f"{duration(elapsed)} so far"


def _window(sync: Sync) -> str:
    length = _window_length(sync)
    if length is None:
        return UNKNOWN
    days = length.total_seconds() / 86400
    return f"{days:.0f} days" if days >= 1.5 else "1 day" if days >= 0.95 else duration(length)


def _window_length(sync: Sync) -> timedelta | None:
    if sync.start_from is None:
        return None
    return max((sync.until or sync.requested_at) - sync.start_from, timedelta(0))


def _started(sync: Sync) -> datetime | None:
    """When its first part began: a server that has no parts does not say when a sync began."""
    return min((part.started_at for part in sync.parts if part.started_at is not None), default=None)


def _issues(sync: Sync) -> Counter[str]:
    """What it met, by code; an issue of which no more than the ID came, by that."""
    codes = {issue.id: issue.error.code for issue in sync.known_issues}
    return _counted([codes.get(issue_id, issue_id) for issue_id in sync.issue_ids])


def _counted(words: Iterable[str]) -> Counter[str]:
    return Counter(words)


# In a sentence


def _summary(this: Sync, other: Sync, now: datetime) -> str:
    said = list(_said(this, other, now))
    if not said:
        return "Nothing sets them apart but when they ran."
    if len(said) > MOST_SAID:
        said = [*said[:MOST_SAID], f"differs in {len(said) - MOST_SAID} more"]
    last = said.pop()
    text = f"{', '.join(said)}, and {last}" if said else last
    return f"It {text}."


def _said(this: Sync, other: Sync, now: datetime) -> Iterator[str]:
    """What sets this one apart, as what follows “It”."""
    if (this.phase, this.status) != (other.phase, other.status):
        yield f"{_did(this)} where the other {_did(other)}"
    elif this.phase is Phase.FAILED and this.failure_reason != other.failure_reason and not this.parts:
        yield "failed for another reason"
    times = _ratio(this, other, now)
    if times is not None and _worth_saying(this, other, times):
        yield f"{'took' if this.phase.is_final else 'has already taken'} {_as_long(times)}"
    mine, its = _issues(this), _issues(other)
    if only := [code for code in mine if code not in its]:
        yield f"met {_listed(only)}, which the other did not"
    if only := [code for code in its if code not in mine]:
        yield f"did not meet {_listed(only)}, which the other did"
    if this.attempts is not None and other.attempts is not None and _told(this, this.attempts, other.attempts):
        yield f"needed {_attempts(this.attempts)} instead of {_number(other.attempts)}"
    asked = [word for word in dict.fromkeys(this.provider_requests) if word not in other.provider_requests]
    if asked:
        yield f"asked the provider for {_listed(asked)}, which the other did not"
    if unlike := _unlike_parts(this, other):
        yield f"went otherwise for {'the model' if len(unlike) == 1 else 'the models'} {_listed(unlike)}"
    mine_of, its_of = _window_length(this), _window_length(other)
    if mine_of is not None and its_of is not None and _alike(mine_of, its_of) is Verdict.DIFFERS:
        yield f"{'brought' if this.phase.is_final else 'brings'} in {_window(this)} instead of {_window(other)}"


def _did(sync: Sync) -> str:
    if sync.phase is Phase.UNKNOWN:
        return f"is “{sync.status}”"
    return _ENDED.get(sync.phase, "still runs")


def _ratio(this: Sync, other: Sync, now: datetime) -> float | None:
    """How many times as long this one took as the other; ``None`` where one of the two cannot be told."""
    mine, its = this.elapsed(now), other.elapsed(now)
    return mine / its if mine is not None and its else None


def _worth_saying(this: Sync, other: Sync, times: float) -> bool:
    """Of what still runs, no more can be said than that it has taken longer already."""
    if not other.phase.is_final:
        return False
    return times >= NOTABLE or (this.phase.is_final and times <= 1 / NOTABLE)


def _as_long(times: float) -> str:
    if times >= 1:
        return f"{_round(times)} times as long" if times >= 1.05 else "about as long"
    return f"{max(round(100 * times), 1)} % of the time"


def _round(times: float) -> str:
    return f"{times:.0f}" if times >= 10 else f"{times:.1f}".removesuffix(".0")


def _told(this: Sync, mine: float, its: float) -> bool:
    """Whether a difference in tries says something: what still runs may come to more of them."""
    return mine != its if this.phase.is_final else mine > its


def _attempts(attempts: float) -> str:
    return "1 attempt" if attempts == 1 else f"{attempts:g} attempts"


def _unlike_parts(this: Sync, other: Sync) -> list[str]:
    """The models whose jobs ended otherwise, by name; of those that still run nobody knows yet."""
    running = {f"model {part.name}" for part in this.parts if not part.phase.is_final}
    unlike = [field.name for field in _parts(this, other) if field.verdict.is_difference]
    return [name.removeprefix("model ") for name in unlike if name not in running]


def _listed(words: Sequence[str]) -> str:
    shown = [*words[:3], *([f"{len(words) - 3} more"] if len(words) > 3 else [])]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
