"""Whose turn it is."""

from __future__ import annotations

from enum import StrEnum


class Actor(StrEnum):
    """Who has to act next, in the words that stand behind “Next to act:”."""

    FLEET = "the fleet"
    PLATFORM = "Terminal"
    PROVIDER = "the provider"
    US = "us"
    NOBODY = "nobody"


URGENCIES: dict[Actor | None, int] = {
    Actor.FLEET: 0, Actor.US: 1, Actor.PLATFORM: 1, Actor.PROVIDER: 2, Actor.NOBODY: 2, None: 2,
}  # fmt: skip
"""The place among what waits: what only the customer can end, what we can end or have ended, the rest.

``None``: nobody judged it.
"""
