"""Reads the window that a person types: so many days of history, or a date to begin at."""

from __future__ import annotations

from datetime import datetime

from pydantic import ValidationError

from tui_app.models.sync import SyncRequest


def read_days(text: str) -> float:
    """Read a number of days; a comma serves as the point, too.

    Raises:
        ValueError: It is no number, or out of bounds; the text says so.
    """
    try:
        days = float(text.replace(",", "."))
    except ValueError:
        raise ValueError("days must be a number, such as 7 or 0.5") from None
    try:
        SyncRequest(days=days)
    except ValidationError:
        raise ValueError("days must be above 0 and at most 36,500") from None
    return days


def read_date(text: str) -> datetime:
    """Read a date or a date with a time as a person types it; without a zone it is local time.

    Raises:
        ValueError: It is neither.
    """
    moment = datetime.fromisoformat(text.strip().replace(" ", "T", 1))
    return moment if moment.tzinfo else moment.astimezone()
