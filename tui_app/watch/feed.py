"""A bounded run of items that many readers follow, none of whom can hold up the one who writes."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Feed(Generic[Item]):
    """The newest items, and a way to follow them.

    A reader that falls behind by more than the bound misses the oldest of what it has not read; whoever keeps up gets
    every item. Writing never waits.

    Args:
        bound: How many items are kept.
    """

    def __init__(self, bound: int) -> None:
        self._items: deque[Item] = deque(maxlen=bound)
        self._written = 0
        self._closed = False
        self._news = asyncio.Event()

    @property
    def items(self) -> Sequence[Item]:
        """What is kept, oldest first."""
        return self._items

    @property
    def closed(self) -> bool:
        """Whether nothing more will come."""
        return self._closed

    def put(self, item: Item) -> None:
        """Write one item. After the end nothing is written."""
        if self._closed:
            return
        self._items.append(item)
        self._written += 1
        self._tell()

    def put_before(self, items: Sequence[Item]) -> None:
        """Put earlier items before the others, as far as there is room; nobody who follows is told of them."""
        room = (self._items.maxlen or 0) - len(self._items)
        self._items.extendleft(reversed(items[len(items) - room :] if room < len(items) else items))

    def close(self) -> None:
        """End the feed. Readers still get what is kept and not yet read."""
        self._closed = True
        self._tell()

    def follow(self, known: int = 0) -> AsyncIterator[Item]:
        """Follow the feed from now on: nothing that is written after this call is missed.

        Args:
            known: How many of the items that are there already to begin with.
        """
        return self._read(self._written - min(known, len(self._items)))

    async def _read(self, position: int) -> AsyncIterator[Item]:
        while True:
            news = self._news  # taken before looking, so that what is written in between is not slept through
            position = max(position, self._written - len(self._items))
            if position < self._written:
                item = self._items[position - self._written]
                position += 1
                yield item
            elif self._closed:
                return
            else:
                await news.wait()

    def _tell(self) -> None:
        told, self._news = self._news, asyncio.Event()
        told.set()
