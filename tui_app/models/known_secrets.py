"""Which secrets are in use, for whoever has to keep them out of a log or a traceback.

Nothing is kept here: what holds a secret is remembered weakly, and asked at the moment when a text is to be masked. A
secret that nobody holds any more is known to nobody.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

Holder = TypeVar("Holder")


class KnownSecrets:
    """Those who hold secrets, as long as they live."""

    def __init__(self) -> None:
        self._holders: dict[int, tuple[weakref.ref[Any], Callable[[Any], Iterable[str]]]] = {}

    def __len__(self) -> int:
        return len(self._holders)

    def add(self, holder: Holder, read: Callable[[Holder], Iterable[str]]) -> None:
        """Remember who holds secrets.

        Args:
            holder: Who; only as long as somebody else keeps it.
            read: Tells what the holder holds now. It must not keep the holder itself.
        """
        key = id(holder)
        gone = weakref.ref(holder, lambda _: self._holders.pop(key, None))
        self._holders[key] = (gone, read)

    def texts(self) -> set[str]:
        """Every secret that is held now, in clear."""
        found: set[str] = set()
        for reference, read in list(self._holders.values()):
            if (holder := reference()) is not None:
                found.update(text for text in read(holder) if text)
        return found


KNOWN = KnownSecrets()
"""Those of this process."""
