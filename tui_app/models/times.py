"""Times in words. Coarse on purpose: an age that changes every second would repaint an idle screen every second."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from math import ceil, floor, inf

# Ranges up to so many seconds: in steps of so many, in a unit of so many.
_RANGES = (
    (100, (10, 1, "s")),
    (3600, (60, 60, "min")),
    (36000, (300, 3600, "h")),
    (172800, (3600, 3600, "h")),
    (inf, (86400, 86400, "days")),
)
_UNITS = ((86400, "day", "days"), (3600, "h", "h"), (60, "min", "min"))


def duration(length: timedelta | None) -> str:
    """A length in the units that matter: ``95 s`` (below two minutes), ``31 min``, ``4 h 50 min``, ``2 days``.

    What nobody knows is a dash.
    """
    if length is None:
        return "—"
    seconds = max(int(length.total_seconds()), 0)
    if seconds < 120:
        return f"{seconds} s"
    if seconds < 3600:
        return f"{seconds // 60} min"
    if seconds < 86400:
        hours, minutes = seconds // 3600, seconds % 3600 // 60
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    days = seconds // 86400
    return f"{days} day" if days == 1 else f"{days} days"


def between(low: float, high: float) -> str:
    """A range of seconds in one unit, rounded outward: ``40–90 s``, ``5–8 min``, ``1 h 10 min – 2 h``, ``2–4 days``.

    Args:
        low: Seconds, 0 or more.
        high: Seconds, more than `low`.
    """
    step, unit, word = next(told for most, told in _RANGES if high <= most)
    lower, upper = floor(low / step) * step, max(ceil(high / step) * step, step)
    if step < unit:  # hours and minutes
        if not lower:
            return f"0–{duration(timedelta(seconds=upper))}"
        return f"{duration(timedelta(seconds=lower))} – {duration(timedelta(seconds=upper))}"
    first, last = lower // unit, upper // unit
    return f"{last} {word}" if first == last else f"{first}–{last} {word}"


@dataclass
class Telling:
    """How times are told, for the whole program: a person changes it by a key, and every screen is drawn anew.

    Attributes:
        zone: The zone of dates and times; ``None``: this machine's.
        exact: Whether an age is told as its date and time.
    """

    zone: tzinfo | None = None
    exact: bool = False

    @property
    def zone_name(self) -> str:
        """The zone as a person calls it."""
        return "local" if self.zone is None else "UTC" if self.zone is UTC else str(self.zone)


telling = Telling()


def age(moment: datetime, now: datetime) -> str:
    """How long ago something was, in one unit: ``just now`` (the future too), ``26 min ago``, ``2 days ago``.

    Where times are told exactly, its date and time, without the year where that is this one.
    """
    if telling.exact:
        return _exactly(moment, now)
    seconds = int((now - moment).total_seconds())
    for size, one, many in _UNITS:
        if seconds >= size:
            count = seconds // size
            return f"{count} {one if count == 1 else many} ago"
    return "just now"


def ahead(moment: datetime, now: datetime) -> str:
    """How far off something is, in one unit: ``now`` (the past too), ``in 26 min``, ``in 2 days``.

    Where times are told exactly, its date and time, without the year where that is this one.
    """
    if telling.exact:
        return _exactly(moment, now)
    seconds = int((moment - now).total_seconds())
    for size, one, many in _UNITS:
        if seconds >= size:
            count = seconds // size
            return f"in {count} {one if count == 1 else many}"
    return "now"


def _local(moment: datetime) -> datetime:
    """A time in the zone that is told, or as it is where that cannot have it: servers may write year 1 for never."""
    try:
        return moment.astimezone(telling.zone)
    except (OverflowError, OSError, ValueError):
        return moment


def _exactly(moment: datetime, now: datetime) -> str:
    return day_and_time(moment).replace(_local(now).strftime(" %Y "), " ")


def clock_time(moment: datetime) -> str:
    """Hours, minutes and seconds in the zone that is told."""
    return _local(moment).strftime("%H:%M:%S")


def day_and_time(moment: datetime) -> str:
    """Date and minute in the zone that is told, e.g. ``22 Nov 2026 14:02``."""
    local = _local(moment)
    return f"{local.day} {local.strftime('%b %Y %H:%M')}"


def day(moment: datetime) -> str:
    """The date in the zone that is told, e.g. ``22 Nov 2026``."""
    local = _local(moment)
    return f"{local.day} {local.strftime('%b %Y')}"
