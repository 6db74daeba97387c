"""Reads the window that a person types: so many days of history, or a date to begin at."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from pydantic import ValidationError

from tui_app.models.connection import Backfill
from tui_app.models.sync import SyncRequest

if TYPE_CHECKING:
    from tui_app.widgets.field import Field


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


def backfill_of(days_field: Field, from_field: Field, *, complain: bool) -> Backfill | None:
    """How much history is asked for by two fields, of which one at most is filled in.

    Args:
        days_field: Days of history.
        from_field: A date to begin at.
        complain: Whether to say on the fields what is wrong with them.

    Returns:
        ``None`` where nothing is asked for, or where something is wrong.
    """
    days: float | None = None
    problems = {"days": "", "from": ""}
    start = None
    if days_field.value:
        try:
            days = read_days(days_field.value)
        except ValueError as error:
            problems["days"] = str(error)
    if from_field.value:
        try:
            start = read_date(from_field.value)
        except ValueError:
            problems["from"] = "write a date as 2026-11-01"
    if days_field.value and from_field.value and not any(problems.values()):
        problems["from"] = "give days or a date, not both"
    if complain:
        days_field.problem, from_field.problem = problems["days"], problems["from"]
    if any(problems.values()) or (days is None and start is None):
        return None
    return Backfill(days=days, start_from=start)
