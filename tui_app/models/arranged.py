"""Every connection in triage order, counted: a row that changes costs its own place, not that of all the others."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Sequence
from operator import attrgetter
from typing import TYPE_CHECKING

from tui_app.models.actor import Actor

if TYPE_CHECKING:
    from tui_app.models.fleet import FleetRow, State

_FEW = 32
"""Rows that are put into a group one by one; more are appended and sorted together, which costs less."""

_within = attrgetter("haystack")

Group = tuple[int, int]


def _group(row: FleetRow) -> Group:
    return row.urgency, row.state.rank


class Arranged:
    """Rows by triage: groups of the same urgency and state, in each by name. What comes is put in when somebody looks.

    Attributes:
        version: Grows whenever the order may have changed, or what words a row is found by.
        fleets: For how many rows it is the fleet's turn.
    """

    def __init__(self) -> None:
        self.version = 0
        self.fleets = 0
        self._counts: Counter[str] = Counter()  # by the state's word, which costs less to find than the state
        self._states: dict[str, State] = {}
        self._groups: dict[Group, list[FleetRow]] = {}
        self._coming: dict[str, FleetRow] = {}
        self._rows: list[FleetRow] | None = None
        self._haystacks: list[str] = []

    def put(self, row: FleetRow, before: FleetRow | None) -> None:
        """Take a row in.

        Args:
            row: As it is now.
            before: As it was put in last; ``None`` for a new one.
        """
        if before is not None:
            if self._replaced(row, before):
                return
            self.drop(before)
        self._coming[row.id] = row
        self._count(row, 1)
        self._changed()

    def drop(self, row: FleetRow) -> None:
        """Let a row go.

        Args:
            row: As it was put in last.
        """
        self._count(row, -1)
        self._changed()
        if self._coming.pop(row.id, None) is None:
            group = self._groups[_group(row)]
            del group[bisect_left(group, row.haystack, key=_within)]

    @property
    def states(self) -> dict[State, int]:
        """How many rows are in each state."""
        return {self._states[word]: count for word, count in self._counts.items() if count}

    @property
    def rows(self) -> Sequence[FleetRow]:
        """All rows, in triage order. It is replaced, not changed, when that order changes."""
        if self._rows is None:
            self._settle()
            self._rows = [row for group in sorted(self._groups) for row in self._groups[group]]
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
        if _group(row) != _group(before) or row.haystack != before.haystack:
            return False
        self._count(before, -1)
        self._count(row, 1)
        if before.id in self._coming:
            self._coming[row.id] = row
            return True
        group = self._groups[_group(row)]
        place = bisect_left(group, row.haystack, key=_within)
        group[place] = row
        if self._rows is not None:
            first = sum(len(self._groups[each]) for each in self._groups if each < _group(row))
            self._rows[first + place] = row
        return True

    def _settle(self) -> None:
        coming: dict[Group, list[FleetRow]] = {}
        for row in self._coming.values():
            coming.setdefault(_group(row), []).append(row)
        for key, rows in coming.items():
            group = self._groups.setdefault(key, [])
            if len(rows) <= _FEW:
                for row in rows:
                    insort(group, row, key=_within)
            else:
                group += rows
                group.sort(key=_within)
        self._coming.clear()

    def _count(self, row: FleetRow, by: int) -> None:
        state = row.state
        self._counts[state.word] += by
        self._states[state.word] = state
        if row.actor is Actor.FLEET:
            self.fleets += by

    def _changed(self) -> None:
        self.version += 1
        self._rows, self._haystacks = None, []
