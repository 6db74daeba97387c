"""Identifiers and chance, both reproducible: the same seed makes the same fleet, on any machine and any Python."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from typing import TypeVar

T = TypeVar("T")

# Crockford's alphabet, as ULIDs use it: no I, L, O or U.
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
# Two characters at a time: half the divisions, and identifiers are what a large fleet spends its start-up on.
_PAIRS = [a + b for a in CROCKFORD for b in CROCKFORD]
_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_MASK = (1 << 64) - 1


class Draw:
    """A stream of choices that depends on nothing but what it was made from.

    `random.Random` would do, but only its `random()` is promised to stay the same between Python versions, and seeding
    one costs several times as much: a fleet of 100,000 makes that felt.
    """

    __slots__ = ("_state",)

    def __init__(self, *parts: object) -> None:
        """Start a stream.

        Args:
            parts: What the choices depend on: strings and numbers, told apart by value and position.
        """
        digest = blake2b(repr(parts).encode("utf-8", "backslashreplace"), digest_size=8).digest()
        self._state = int.from_bytes(digest, "big")

    def bits(self) -> int:
        """Return 64 random bits (one step of SplitMix64)."""
        self._state = (self._state + 0x9E3779B97F4A7C15) & _MASK
        mixed = self._state
        mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & _MASK
        return mixed ^ (mixed >> 31)

    def unit(self) -> float:
        """Return a number from 0 up to, not including, 1."""
        return (self.bits() >> 11) / (1 << 53)

    def chance(self, probability: float) -> bool:
        """Return True with the given probability."""
        return self.unit() < probability

    def between(self, low: int, high: int) -> int:
        """Return a whole number from low to high, both included."""
        return low + self.bits() % (high - low + 1)

    def pick(self, choices: Sequence[T]) -> T:
        """Return one of the choices."""
        return choices[self.bits() % len(choices)]

    def weighted(self, choices: Sequence[tuple[T, int]]) -> T:
        """Return one of the choices, each as likely as its weight is great."""
        left = self.bits() % sum(weight for _, weight in choices)
        for choice, weight in choices:
            if left < weight:
                return choice
            left -= weight
        raise ValueError("weights must be positive")

    def sample(self, choices: Sequence[T], count: int) -> list[T]:
        """Return several different choices, in random order."""
        left = list(choices)
        return [left.pop(self.bits() % len(left)) for _ in range(min(count, len(left)))]


def ulid(ms: int, draw: Draw) -> str:
    """Return a ULID: ten characters of time, then sixteen of chance.

    Args:
        ms: Creation time in milliseconds since the epoch.
        draw: Where the random part comes from.
    """
    value = (ms << 80) | ((draw.bits() << 16 | draw.bits() >> 48) & ((1 << 80) - 1))
    return "".join([_PAIRS[(value >> shift) & 1023] for shift in range(120, -1, -10)])


def next_ulid(ulid: str) -> str:
    """Return the ULID that follows another one: of the same time, unless chance had taken the last one of that."""
    value = 0
    for character in ulid:
        value = value << 5 | CROCKFORD.index(character)
    return "".join([_PAIRS[(value + 1 >> shift) & 1023] for shift in range(120, -1, -10)])


def uuid(draw: Draw) -> str:
    """Return a UUID of version 4, in lower case."""
    value = draw.bits() << 64 | draw.bits()
    value = value & ~(0xF << 76) | 4 << 76
    digits = f"{value & ~(3 << 62) | 2 << 62:032x}"
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def secret(draw: Draw, length: int = 32) -> str:
    """Return letters and digits that look like a key; reproducible, so no secret to anybody."""
    value = draw.bits()
    for _ in range(length * 6 // 64 + 1):
        value = value << 64 | draw.bits()
    characters = []
    for _ in range(length):
        value, digit = divmod(value, 62)
        characters.append(_BASE62[digit])
    return "".join(characters)
