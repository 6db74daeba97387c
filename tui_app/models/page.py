"""A page of a list, with the rows that could not be read beside those that could."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A row that is not what this API documents: shown with its reason, never a reason to lose the list.

    Attributes:
        row: Its place in the whole list, from 0.
        id: Its ID, where one could be found, else an empty string.
        reason: Why it could not be read, in words.
        source: The row as plain JSON values, secrets masked.
    """

    row: int
    id: str
    reason: str
    source: Any = None


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """One page. Only `next` says whether more follow: a page may hold fewer rows than asked for, or none."""

    items: list[Item]
    unreadable: list[Unreadable] = field(default_factory=list)
    next: str | None = None
