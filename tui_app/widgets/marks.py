"""Which rows are marked: by what they are, not by where they stand, so that marks outlast every order and filter."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

WIDE = 100
"""Columns of the terminal from which on there is always room for marks in front of the rows."""


@dataclass(frozen=True, slots=True)
class MarkSigns:
    """What stands in front of a row that is marked, and of one that is not: as many cells each.

    Attributes:
        marked: In front of a marked row.
        plain: In front of any other.
        always: Whether there is room for it also while nothing is marked. A narrow table gives it only when needed.
    """

    marked: str
    plain: str
    always: bool = False


class Marks:
    """The keys of the rows that are marked, in the order in which they were."""

    def __init__(self) -> None:
        self._keys: dict[str, None] = {}

    def __len__(self) -> int:
        return len(self._keys)

    def __iter__(self) -> Iterator[str]:
        return iter(self._keys)

    def __contains__(self, key: object) -> bool:
        return key in self._keys

    def toggle(self, key: str) -> bool:
        """Mark a row, or take its mark away; answer whether it is marked now."""
        if key in self._keys:
            del self._keys[key]
            return False
        self._keys[key] = None
        return True

    def toggle_all(self, keys: Collection[str]) -> None:
        """Mark all of these; where all are marked already, take their marks away. Other marks stay."""
        if all(key in self._keys for key in keys):
            self.drop(keys)
        else:
            self.put(keys)

    def put(self, keys: Iterable[str]) -> None:
        """Mark these."""
        self._keys.update(dict.fromkeys(keys))

    def drop(self, keys: Iterable[str]) -> None:
        """Take the marks of these away."""
        for key in keys:
            self._keys.pop(key, None)

    def keep(self, keys: Collection[str]) -> None:
        """Drop every mark whose row is not among these: it is gone."""
        for key in [key for key in self._keys if key not in keys]:
            del self._keys[key]

    def clear(self) -> None:
        """Drop every mark."""
        self._keys.clear()

    def outside(self, keys: Collection[str]) -> int:
        """How many are marked that are not among these."""
        return sum(1 for key in self._keys if key not in keys)
