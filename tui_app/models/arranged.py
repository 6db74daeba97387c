"""Every connection in triage order, counted: a row that changes costs its own place, not that of all the others."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import chain
from operator import attrgetter
from typing import TYPE_CHECKING

from tui_app.models.actor import Actor

if TYPE_CHECKING:
    from tui_app.models.fleet import FleetRow, State

_FEW = 32
"""Rows that are put into a group one by one; more are appended and sorted together, which costs less."""

_within = attrgetter("haystack")
_state = attrgetter("state")
_actor = attrgetter("actor")

Group = tuple[int, int]


def _group(row: FleetRow) -> Group:
    return row.urgency, row.state.rank


def _stays(row: FleetRow, before: FleetRow) -> bool:
    return _group(row) == _group(before) and row.haystack == before.haystack


class Arranged:
    """Rows by triage: groups of the same urgency and state, in each by name. What comes is put in when somebody looks.

    Attributes:
        version: Grows whenever the order may have changed, or what words a row is found by.
    """

    def __init__(self) -> None:
        self.version = 0
        self._fleets = 0
        self._counts: Counter[str] = Counter()  # by the state's word, which costs less to find than the state
        self._states: dict[str, State] = {}
        self._groups: dict[Group, list[FleetRow]] = {}
        self._new: list[FleetRow] = []  # what came last, whose IDs nobody had to find yet
        self._coming: dict[str, FleetRow] = {}  # what came before that, by ID
        self._rows: list[FleetRow] | None = None
        self._haystacks: list[str] = []

    def put(self, row: FleetRow, before: FleetRow | None) -> None:
        """Take a row in.

        Args:
            row: As it is now.
            before: As it was put in last; ``None`` for a new one.
        """
        if before is None:
            self._new.append(row)
            self._changed()
            return
        waiting = self._waiting()
        waits = row.id in waiting
        if not waits:
            if self._replaced(row, before):
                return
            self.drop(before)
        waiting[row.id] = row
        if not waits or not _stays(row, before):
            self._changed()

    def drop(self, row: FleetRow) -> None:
        """Let a row go.

        Args:
            row: As it was put in last.
        """
        self._changed()
        if self._waiting().pop(row.id, None) is None:
            self._count(row, -1)
            group = self._groups[_group(row)]
            del group[bisect_left(group, row.haystack, key=_within)]

    @property
    def states(self) -> dict[State, int]:
        """How many rows are in each state."""
        self._settle()
        return {self._states[word]: count for word, count in self._counts.items() if count}

    @property
    def fleets(self) -> int:
        """For how many rows it is the fleet's turn."""
        self._settle()
        return self._fleets

    @property
    def rows(self) -> Sequence[FleetRow]:
        """All rows, in triage order. It is replaced, not changed, when that order changes."""
        if self._rows is None:
            self._settle()
            self._rows = list(chain.from_iterable(self._groups[group] for group in sorted(self._groups)))
        return self._rows

    @property
    def haystacks(self) -> Sequence[str]:
        """What each of them is searched in, in the same order. It is replaced, not changed, when that order changes."""
        rows = self.rows
        if not self._haystacks:
            self._haystacks = [row.haystack for row in rows]
        return self._haystacks

    def _replaced(self, row: FleetRow, before: FleetRow) -> bool:
        """Put a row in the place of its earlier version, where that stays the same."""
        if not _stays(row, before):
            return False
        self._count(before, -1)
        self._count(row, 1)
        group = self._groups[_group(row)]
        place = bisect_left(group, row.haystack, key=_within)
        group[place] = row
        if self._rows is not None:
            first = sum(len(self._groups[each]) for each in self._groups if each < _group(row))
            self._rows[first + place] = row
        return True

    def _waiting(self) -> dict[str, FleetRow]:
        """What has come since somebody looked, by ID."""
        if self._new:
            self._coming.update((row.id, row) for row in self._new)
            self._new.clear()
        return self._coming

    def _settle(self) -> None:
        """Put in what has come, and count it: many together cost a fraction of what they do one by one."""
        if not self._coming and not self._new:
            return
        all_new = [*self._coming.values(), *self._new]
        self._coming.clear()
        self._new.clear()
        # First by the objects that they share, of which there are few: to look into those for each row takes longer.
        alike: defaultdict[tuple[int, int], list[FleetRow]] = defaultdict(list)
        states, actors = map(id, map(_state, all_new)), map(id, map(_actor, all_new))
        for row, state, actor in zip(all_new, states, actors, strict=True):
            alike[state, actor].append(row)
        coming: defaultdict[Group, list[FleetRow]] = defaultdict(list)
        for rows in alike.values():
            self._count(rows[0], len(rows))
            coming[_group(rows[0])] += rows
        for key, rows in coming.items():
            group = self._groups.setdefault(key, [])
            if len(rows) <= _FEW:
                for row in rows:
                    insort(group, row, key=_within)
            else:
                group += rows
                group.sort(key=_within)

    def _count(self, row: FleetRow, by: int) -> None:
        state = row.state
        self._counts[state.word] += by
        self._states[state.word] = state
        if row.actor is Actor.FLEET:
            self._fleets += by

    def _changed(self) -> None:
        self.version += 1
        if self._rows is not None:
            self._rows, self._haystacks = None, []
