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

    def __init__(self, rate: float, clock: Clock, over: float = 1.0) -> None:
        """Make a budget.

        Args:
            rate: Requests per second, above 0; fractions mean fewer than one per second.
            clock: What is waited on.
            over: The seconds over which that holds, wherever they begin; 1 or more.
        """
        if not rate > 0:
            raise ValueError("a budget must be above 0 requests per second")
        self.rate = rate
        self._clock = clock
        self._most = max(1, int(rate * over))
        self._window = max(over, 1 / rate)  # seconds in which that many may be sent
        self._slots: deque[float] = deque()

    async def acquire(self) -> float:
        """Wait until one more request may be sent.

        Returns:
            Seconds waited.
        """
        wait = self.take()
        if wait > 0:
            await self._clock.sleep(wait)
        return wait

    def take(self) -> float:
        """Take the first place that is left.

        Returns:
            Seconds until it comes.
        """
        now = self._clock.monotonic()
        slot = self._slot(now)
        self._slots.append(slot)
        self._forget(now)
        return slot - now

    def wait(self) -> float:
        """Seconds that whoever asks now would wait."""
        now = self._clock.monotonic()
        return self._slot(now) - now

    def used(self) -> int:
        """How many requests were let through in the last second."""
        now = self._clock.monotonic()
        # Added up as a slot is, so that rounding cannot count a request twice.
        return sum(1 for slot in self._slots if slot <= now < slot + 1.0)

    def _slot(self, now: float) -> float:
        """The first moment at which the window has room."""
        return max(now, self._slots[-self._most] + self._window) if len(self._slots) >= self._most else now

    def _forget(self, now: float) -> None:
        while len(self._slots) > self._most and self._slots[0] <= now - max(1.0, self._window):
            self._slots.popleft()
