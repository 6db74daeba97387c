"""The server's clock, learnt from what it stamps its answers with."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tui_app.models.clock import Clock

_RESOLUTION = 1.0  # seconds: a Date header has no fractions
_HELD_BACK = 2.0  # seconds that a correction may lie in the past without the clock being seen to go back


class ServerClock:
    """An estimate of a server's clock that moves no more than its answers force it to.

    One answer tells that the server's clock stood between its `Date` and a second later, at some time between our
    sending and our receiving. The estimate is kept while it agrees with that, and moved to the nearest value that
    does where it does not. So it does not jitter, and a simulated clock that runs faster than ours is followed.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._offset: float | None = None  # server's seconds since 1970, minus our monotonic seconds
        self._shown: float | None = None

    @property
    def known(self) -> bool:
        """Whether any answer told the server's time yet."""
        return self._offset is not None

    def learn(self, date: datetime, sent: float, received: float) -> None:
        """Take in what one answer tells.

        Args:
            date: Its `Date`.
            sent: When the request left, in monotonic seconds.
            received: When the answer's head arrived, in monotonic seconds.
        """
        stamp = date.timestamp()
        least, most = stamp - received, stamp + _RESOLUTION - sent
        if self._offset is None:
            self._offset = (least + most) / 2
        else:
            self._offset = min(max(self._offset, least), most)

    def now(self) -> datetime:
        """The server's date and time in UTC, as well as it is known; this machine's own until the first answer."""
        if self._offset is None:
            return self._clock.now()
        moment = self._offset + self._clock.monotonic()
        if self._shown is not None and self._shown - _HELD_BACK < moment < self._shown:
            moment = self._shown
        self._shown = moment
        return datetime.fromtimestamp(0, UTC) + timedelta(seconds=moment)
