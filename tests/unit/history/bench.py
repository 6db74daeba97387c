"""What the tests of the history share: things as the API modules read them, and a file to keep them in."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tests.clocks import START
from tests.screens import scripted
from tui_app.api.terminal_reading import read_connection, read_issue, read_sync
from tui_app.history import History, Place
from tui_app.models.fleet import FleetRow
from tui_app.models.issue import Issue
from tui_app.models.observation import Observation
from tui_app.models.problem import Problem, ProblemKind
from tui_app.models.sync import Sync

PLACE = Place("own", "https://api.example/v1", "terminal")
CONNECTION, SYNC = scripted.CONNECTION_ID, scripted.SYNC_ID
AWAY = Problem(ProblemKind.UNREACHABLE, "No answer", "The server could not be reached.", "It is tried again.")


def kept_in(path: Path | None, place: Place = PLACE, **options: Any) -> History:
    """A history in a file."""
    return History.open(path, place, **options)


def at(seconds: float) -> datetime:
    """A time on the day of these tests."""
    return START + timedelta(seconds=seconds)


def sync(**fields: Any) -> Sync:
    """A sync as it is read."""
    return read_sync(scripted.sync(**fields))


def seen(seconds: float, **fields: Any) -> Observation:
    """A look that saw the sync."""
    found = sync(**fields)
    return Observation(CONNECTION, found.id, at(seconds), 0.25, found, None, 2.0, "it moves")


def unseen(seconds: float, problem: Problem = AWAY) -> Observation:
    """A look that failed."""
    return Observation(CONNECTION, SYNC, at(seconds), 5.0, None, problem, 4.0, "the server could not be reached")


def row(**fields: Any) -> FleetRow:
    """A connection that was looked at, with an open issue."""
    connection = read_connection(scripted.connection(**fields))
    return FleetRow(connection, sync(), at(1), issues=(issue(),))


def issue(**fields: Any) -> Issue:
    """An open issue."""
    return read_issue(scripted.issue(**fields))


def as_recalled(known: FleetRow, seen_at: datetime) -> FleetRow:
    """What is left of a row in a file."""
    connection = known.connection.model_copy(update={"token": None, "recalled_at": seen_at})
    return replace(known, connection=connection, recalled_at=seen_at)
