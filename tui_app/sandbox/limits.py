"""Rate limits: token buckets on the wall clock, because that is the clock by which clients pace themselves."""

from __future__ import annotations

import time
from collections.abc import Callable

PER_APPLICATION = 400.0
PER_CONNECTION = 100.0
# Buckets of tokens nobody uses any more are dropped beyond this number.
_KEPT = 10_000


class RateLimits:
    """Requests per second, for the application and for each connection token. Used from one thread."""

    def __init__(self, time_source: Callable[[], float] = time.monotonic) -> None:
        """Start with full buckets; `time_source` tells real seconds."""
        self._time_source = time_source
        self._buckets: dict[str, tuple[float, float]] = {}

    def wait_s(self, token: str | None) -> float:
        """Take one request's share.

        Args:
            token: The connection token of the request, if it has one.

        Returns:
            0 if the request may pass, else the real seconds until it could.
        """
        now = self._time_source()
        wanted = [("", PER_APPLICATION)] + ([(token, PER_CONNECTION)] if token else [])
        levels = [(name, rate, self._level(name, rate, now)) for name, rate in wanted]
        wait = max((1 - level) / rate for _, rate, level in levels)
        if wait > 0:
            # A request that is turned away costs nothing.
            return wait
        if len(self._buckets) > _KEPT:
            self._buckets.clear()
        for name, _, level in levels:
            self._buckets[name] = (level - 1, now)
        return 0.0

    def _level(self, name: str, rate: float, now: float) -> float:
        level, since = self._buckets.get(name, (rate, now))
        return min(rate, level + (now - since) * rate)
