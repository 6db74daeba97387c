"""How many requests per second may be sent."""

from __future__ import annotations

from collections import deque

from tui_app.models.clock import Clock


class Budget:
    """At most so many requests in any one second, in the order in which they were asked for.

    A token bucket would let twice its rate through in the first second (what it has saved and what drips in), and the
    status bar would then show 40 of 20. So the times of the latest requests are kept, and a request gets the
    first moment at which the window has room. Each caller's moment is fixed when it asks: nobody overtakes.
    """

    def __init__(self, rate: float, clock: Clock) -> None:
        """Make a budget.

        Args:
            rate: Requests per second, above 0; fractions mean fewer than one per second.
            clock: What is waited on.
        """
        if not rate > 0:
            raise ValueError("a budget must be above 0 requests per second")
        self.rate = rate
        self._clock = clock
        self._most = max(1, int(rate))
        self._window = max(1.0, 1 / rate)  # seconds in which that many may be sent
        self._slots: deque[float] = deque()

    async def acquire(self) -> float:
        """Wait until one more request may be sent.

        Returns:
            Seconds waited.
        """
        now = self._clock.monotonic()
        slot = now
        if len(self._slots) >= self._most:
            slot = max(now, self._slots[-self._most] + self._window)
        self._slots.append(slot)
        self._forget(now)
        if slot > now:
            await self._clock.sleep(slot - now)
        return slot - now

    def used(self) -> int:
        """How many requests were let through in the last second."""
        now = self._clock.monotonic()
        # Added up as a slot is, so that rounding cannot count a request twice.
        return sum(1 for slot in self._slots if slot <= now < slot + 1.0)

    def _forget(self, now: float) -> None:
        while len(self._slots) > self._most and self._slots[0] <= now - max(1.0, self._window):
            self._slots.popleft()
