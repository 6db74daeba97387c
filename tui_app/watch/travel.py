"""Time travel: a sync as it was known at every look that was kept. Functions of observations; nothing is asked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from itertools import accumulate

from tui_app.models.observation import Observation
from tui_app.watch.journal import MOST_ENTRIES, Entry, EntryKind, Journal


class Mark(IntEnum):
    """What one look brought; of several, the greatest is what is told."""

    QUIET = 0
    STEP = 1  # the progress moved, and nothing else
    FAILED = 2  # could not look
    CHANGE = 3


@dataclass(frozen=True, slots=True)
class Frame:
    """What was known once one look had ended.

    Attributes:
        place: Which look, from 0.
        count: How many looks there are.
        seen: That look.
        good: The newest look until then that saw the sync; ``None`` where none had yet.
        entries: The journal until then, oldest first; bounded as `Journal` says.
    """

    place: int
    count: int
    seen: Observation
    good: Observation | None
    entries: tuple[Entry, ...]

    @property
    def finished(self) -> bool:
        """Whether the sync was known to have ended, so that it was looked at no more."""
        return self.seen.sync is not None and self.seen.sync.phase.is_final


class Travel:
    """All looks at one sync, to go through in either direction. It does not change when more are taken.

    Every look is a frame, those that failed too: that nothing could be seen then is part of how it was.

    Args:
        observations: The looks, oldest first.
        journal: The journal as it was kept. Where looks were not kept, it may tell what these cannot.
    """

    def __init__(self, observations: Iterable[Observation], journal: Sequence[Entry] = ()) -> None:
        self._seen = tuple(observations)
        self._good: list[int] = []  # for each look, the newest good one until then; -1 where there is none
        told, good = Journal(), -1
        added: list[list[Entry]] = []
        for place, seen in enumerate(self._seen):
            good = place if seen.sync is not None else good
            self._good.append(good)
            added.append(told.add(seen))
        self.marks = tuple(_mark(seen, new) for seen, new in zip(self._seen, added, strict=True))
        if not {entry for new in added for entry in new}.issuperset(journal):
            added = _told_by(journal, self._seen, added)
        self._entries = [entry for new in added for entry in new]
        self._told = list(accumulate(len(new) for new in added))  # for each look, how many entries until then

    def __len__(self) -> int:
        """How many looks there are."""
        return len(self._seen)

    @property
    def span(self) -> tuple[datetime, datetime]:
        """When the first and the last look were taken, in the server's time.

        Raises:
            IndexError: There are no looks at all.
        """
        return self._seen[0].observed_at, self._seen[-1].observed_at

    def frame(self, place: int) -> Frame:
        """What was known at one look.

        Args:
            place: Which, from 0; beyond either end, the last one on that side.

        Raises:
            IndexError: There are no looks at all.
        """
        if not self._seen:
            raise IndexError("nothing was seen yet")
        place = min(max(place, 0), len(self._seen) - 1)
        good = self._good[place]
        entries = self._entries[: self._told[place]]
        if len(entries) > MOST_ENTRIES:  # as the journal itself does: the first, and the newest
            entries = [entries[0], *entries[1 - MOST_ENTRIES :]]
        return Frame(
            place,
            len(self._seen),
            self._seen[place],
            self._seen[good] if good >= 0 else None,
            tuple(entries),
        )

    def until(self, place: int) -> tuple[Observation, ...]:
        """The looks that had been taken by then, this one the last: for what is inferred from them."""
        return self._seen[: place + 1]

    def change_before(self, place: int) -> int:
        """The newest look before this one at which something else than the progress changed; else the first."""
        return next((found for found in range(place - 1, 0, -1) if self.marks[found] is Mark.CHANGE), 0)

    def change_after(self, place: int) -> int:
        """The next look after this one at which something else than the progress changed; else the last."""
        last = len(self._seen) - 1
        return next((found for found in range(place + 1, last) if self.marks[found] is Mark.CHANGE), max(last, 0))


def _told_by(kept: Sequence[Entry], seen: Sequence[Observation], added: Sequence[list[Entry]]) -> list[list[Entry]]:
    """What each look adds to a journal that knows of more looks than were kept.

    An entry that a look tells belongs to that look; any other one to the first look after it. What these looks alone
    would tell of the time between them, that all of it changed at once, is left out.
    """
    places: dict[Entry, list[int]] = {}
    for place, new in enumerate(added):
        for entry in new:
            places.setdefault(entry, []).append(place)
    told: list[list[Entry]] = [[] for _ in seen]
    place = 0
    for entry in kept:
        at = next((found for found in places.get(entry, ()) if found >= place), None)
        while at is None and place < len(seen) - 1 and seen[place].observed_at < entry.at:
            place += 1
        place = place if at is None else at
        told[place].append(entry)
    return told


def _mark(seen: Observation, added: list[Entry]) -> Mark:
    if seen.sync is None:
        return Mark.FAILED
    if not added:
        return Mark.QUIET
    return Mark.STEP if all(entry.kind is EntryKind.PROGRESS for entry in added) else Mark.CHANGE
