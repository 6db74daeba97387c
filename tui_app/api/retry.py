"""When to try again: what the server says, else ever longer waits.

Not tenacity or stamina: each attempt is recorded, passes the budget and waits on the injected clock, and a server's
Retry-After is kept to the fraction. What would be left for a library is the loop itself.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

FIRST_WAIT = 0.5  # seconds after the first failure
LONGEST_WAIT = 8.0  # seconds that our own back-off never exceeds

_IN_WORDS = re.compile(
    r"(?:try again|retry) (?:in|after) (\d+(?:\.\d+)?)\s*(ms|milliseconds?|seconds?|secs?|s|minutes?|mins?|m)?\b", re.I
)


def backoff(attempt: int, chance: float) -> float:
    """How long to wait after a failed attempt where the server does not say.

    Args:
        attempt: Which attempt failed, from 1.
        chance: A random number from 0 to 1, so that many clients do not come back at once.

    Returns:
        Seconds: between half and all of 0.5, 1, 2, 4 … up to 8.
    """
    longest: float = min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(attempt - 1, 16))
    return longest * (0.5 + chance / 2)


def http_date(text: str | None) -> datetime | None:
    """Read an HTTP date, or ``None`` where it is none."""
    if not text:
        return None
    try:
        moment = parsedate_to_datetime(text)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def retry_after(headers: Mapping[str, str], body: Any, server_now: datetime) -> float | None:
    """How long the server asks to wait: its header, else its body's field, else its words.

    Args:
        headers: The answer's headers, looked up without regard to case.
        body: The answer's JSON, or ``None``.
        server_now: The server's time, which a date in the header is counted from.

    Returns:
        Seconds, possibly fractions, or ``None`` where nothing was said.
    """
    header = headers.get("retry-after")
    if header is not None:
        said = _seconds(header)
        if said is None and (moment := http_date(header)) is not None:
            said = max(0.0, (moment - (http_date(headers.get("date")) or server_now)).total_seconds())
        if said is not None:
            return said
    if not isinstance(body, dict):
        return None
    said = _seconds(body.get("retryAfter"))
    return said if said is not None else _in_words(body)


def _seconds(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        seconds = float(value)
    except (ValueError, OverflowError):
        return None
    return seconds if math.isfinite(seconds) and seconds >= 0 else None


def _in_words(body: dict[str, Any]) -> float | None:
    for field in ("detail", "message"):
        text = body.get(field)
        if isinstance(text, str) and (found := _IN_WORDS.search(text[:2000])):
            amount, unit = float(found.group(1)), (found.group(2) or "s").lower()
            if unit.startswith("ms") or unit.startswith("milli"):
                return amount / 1000
            return amount * 60 if unit.startswith("m") else amount
    return None
