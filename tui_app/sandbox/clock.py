"""Virtual time: it can run faster than the wall clock, stand still, and be moved forward by hand."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# What a date-time can hold, in milliseconds since the epoch: beyond these `datetime` itself gives up.
EARLIEST_MS = -62_135_596_800_000
LATEST_MS = 253_402_300_799_999


def to_ms(moment: datetime) -> int:
    """Return an aware date-time as whole milliseconds since the epoch."""
    return (moment - EPOCH) // timedelta(milliseconds=1)


def from_ms(ms: int) -> datetime:
    """Return milliseconds since the epoch as a date-time in UTC."""
    return EPOCH + timedelta(milliseconds=ms)


def iso(ms: int) -> str:
    """Return milliseconds since the epoch the way the API writes date-times: `2021-01-06T03:24:53.000Z`."""
    return f"{from_ms(ms).strftime('%Y-%m-%dT%H:%M:%S').zfill(19)}.{ms % 1000:03d}Z"


@dataclass(frozen=True, slots=True)
class Course:
    """How a clock goes.

    Attributes:
        shown_ms: What it showed when it was last made to run otherwise than before, in milliseconds since the epoch.
        real_s: When that was, in the real seconds that it is counted by.
        speed: Virtual seconds per real second while it runs.
        paused: Whether it stands still.
    """

    shown_ms: float
    real_s: float
    speed: float
    paused: bool


class VirtualClock:
    """A clock that starts anywhere and runs at any speed. Safe to use from several threads.

    It is anchored: every change of speed first takes the time that it shows as its new starting point, so what it
    shows never jumps and never runs backwards.

    Attributes:
        on_change: Called, outside the lock, after the clock was made to run otherwise than before. Whoever writes the
            clock's time down wants to know.
    """

    def __init__(self, start: datetime, speed: float, time_source: Callable[[], float] = time.monotonic) -> None:
        """Start the clock.

        Args:
            start: The time it shows first; must be aware.
            speed: Virtual seconds per real second, at least 0.
            time_source: Real seconds, never running backwards.

        Raises:
            ValueError: The start has no time zone, or the speed is negative.
        """
        if start.tzinfo is None:
            raise ValueError("the start of a virtual clock needs a time zone")
        self._lock = threading.Lock()
        self._time_source = time_source
        self._anchor_ms = float(to_ms(start))
        self._anchor_real = time_source()
        self._speed = _valid_speed(speed)
        self._paused = False
        self.on_change: Callable[[], None] | None = None

    @property
    def speed(self) -> float:
        """Virtual seconds per real second while the clock runs; kept while it is paused."""
        return self._speed

    @property
    def paused(self) -> bool:
        """Whether the clock stands still."""
        return self._paused

    @property
    def course(self) -> Course:
        """How it goes."""
        with self._lock:
            return Course(self._anchor_ms, self._anchor_real, self._speed, self._paused)

    def follow(self, course: Course) -> None:
        """Go as another clock does that is counted by the same real seconds. Nobody is told."""
        with self._lock:
            self._anchor_ms, self._anchor_real = course.shown_ms, course.real_s
            self._speed, self._paused = course.speed, course.paused

    def now(self) -> datetime:
        """Return the virtual time, in UTC."""
        return from_ms(self.now_ms())

    def now_ms(self) -> int:
        """Return the virtual time in whole milliseconds since the epoch."""
        with self._lock:
            return int(self._shown_ms(self._time_source()))

    def set_speed(self, speed: float) -> None:
        """Run at another speed from now on.

        Args:
            speed: Virtual seconds per real second, at least 0.

        Raises:
            ValueError: The speed is negative or not a number.
        """
        speed = _valid_speed(speed)
        with self._lock:
            self._anchor()
            self._speed = speed
        self._changed()

    def pause(self) -> None:
        """Stand still until `resume`."""
        with self._lock:
            self._anchor()
            self._paused = True
        self._changed()

    def resume(self) -> None:
        """Run again, from the time at which the clock was paused."""
        with self._lock:
            self._anchor()
            self._paused = False
        self._changed()

    def advance(self, seconds: float) -> None:
        """Move the clock forward at once, running or paused.

        Args:
            seconds: Virtual seconds, at least 0.

        Raises:
            ValueError: The time would run backwards.
        """
        if not seconds >= 0:
            raise ValueError("a virtual clock only moves forward")
        with self._lock:
            self._anchor()
            self._anchor_ms = min(self._anchor_ms + seconds * 1000, float(LATEST_MS))
        self._changed()

    def _shown_ms(self, real: float) -> float:
        if self._paused:
            return self._anchor_ms
        return min(self._anchor_ms + (real - self._anchor_real) * self._speed * 1000, float(LATEST_MS))

    def _anchor(self) -> None:
        real = self._time_source()
        self._anchor_ms = self._shown_ms(real)
        self._anchor_real = real

    def _changed(self) -> None:
        if self.on_change is not None:
            self.on_change()


def _valid_speed(speed: float) -> float:
    if not 0 <= speed < float("inf"):
        raise ValueError("the speed of a virtual clock is a number of at least 0")
    return float(speed)
