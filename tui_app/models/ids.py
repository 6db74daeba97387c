"""IDs of objects, found where they stand in texts."""

from __future__ import annotations

import re
from collections.abc import Callable

# A prefix says what it is, and what follows is long: `sync_mode` is no ID.
_SHAPED = re.compile(r"(?:conn|sync|isu)_[0-9A-Za-z]{20,}")
_WORD = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]{5,}")

Known = Callable[[str], bool]


def no_id(word: str) -> bool:
    """Know no ID at all."""
    return False


def ids_in(text: str, known: Known = no_id) -> list[tuple[int, int]]:
    """Find the IDs in a text.

    Args:
        text: Any text.
        known: Tells whether a word that does not look like an ID is one all the same.

    Returns:
        Where each begins and ends, in characters.
    """
    words = _WORD.finditer(text)
    return [word.span() for word in words if _SHAPED.fullmatch(word.group()) or known(word.group())]
