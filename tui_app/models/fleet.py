"""A connection as the list shows it: what the server lists, what was looked at since, and what state that makes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from tui_app.models.actor import Actor

if TYPE_CHECKING:
    from tui_app.models.connection import Connection
    from tui_app.models.issue import Issue
    from tui_app.models.problem import Problem
    from tui_app.models.sync import Sync

Role = Literal["success", "accent", "muted", "warning", "error"]
"""What a state's colour stands for; its glyph follows from its word."""


@dataclass(frozen=True, slots=True)
class State:
    """A state in one word.

    Attributes:
        word: Our word where we know what it means, the server's own where we do not.
        role: What its colour stands for.
        rank: Its place in the list, what needs somebody first.
    """

    word: str
    role: Role
    rank: int


_STANDINGS: dict[str, State] = {
    "disconnected": State("disconnected", "error", 0),
    "unhealthy": State("unhealthy", "error", 1),
    "unauthorised": State("unauthorised", "warning", 5),
    "setting_up": State("setting up", "muted", 42),
    "disabled": State("disabled", "muted", 75),
    "leaving": State("leaving", "muted", 70),
    "archived": State("archived", "muted", 80),
    "deleted": State("deleted", "muted", 90),
}
_PHASES: dict[str, State] = {
    "failed": State("failing", "error", 10),
    "retrying": State("retrying", "warning", 20),
    "running": State("syncing", "accent", 30),
    "waiting": State("requested", "muted", 40),
}
_PROVIDER_AWAITED = State("waiting", "muted", 45)
_STALLED = State("stalled?", "warning", 18)
_CONNECTED = State("connected", "success", 60)


@dataclass(frozen=True)
class FleetRow:
    """One connection with what is known about it.

    Attributes:
        connection: As last read.
        last_sync: Its newest sync, where it was looked at.
        looked_at: When it was looked at, in the server's time; ``None``: not yet.
        problem: Why the last look failed, if it did. What was seen before stands.
        issues: Those of its issues that are open; ``None``: not known yet.
        actor: Whose turn it is by all that; ``None``: nobody judged it.
        recalled_at: When what is shown was seen, as long as some of it is known from an earlier start only.
        stalled: Whether its newest sync seems to stand still. Inferred, and only of a sync that is followed.
    """

    connection: Connection
    last_sync: Sync | None = None
    looked_at: datetime | None = None
    problem: Problem | None = None
    issues: tuple[Issue, ...] | None = None
    actor: Actor | None = None
    recalled_at: datetime | None = None
    stalled: bool = False

    @property
    def open_issues(self) -> int | None:
        """How many of its issues are open; ``None``: not known yet."""
        return None if self.issues is None else len(self.issues)

    @property
    def id(self) -> str:
        """The connection's ID."""
        return self.connection.id

    @cached_property
    def state(self) -> State:
        """What needs saying first about this connection."""
        standing = self.connection.standing.value
        if standing in _STANDINGS:
            return _STANDINGS[standing]
        if standing == "unknown":
            return State(self.connection.status or "no status", "warning", 15)
        if self.last_sync is None:
            return _CONNECTED
        if self.last_sync.awaits_provider:
            return _PROVIDER_AWAITED
        if self.stalled and not self.last_sync.phase.is_final:
            return _STALLED
        return _PHASES.get(self.last_sync.phase.value, _CONNECTED)

    @cached_property
    def haystack(self) -> str:
        """Everything that a free word may match, in lower case."""
        connection = self.connection
        account = connection.account.name if connection.account else None
        parts = [
            connection.id,
            connection.title,
            connection.company.name,
            account,
            connection.external_id,
            connection.source_id,
            connection.provider.name,
            connection.provider.code,
            connection.status,
            connection.sync_mode,
            self.state.word,
            *connection.tags,
            *connection.company.dot_numbers,
            self.last_sync.id if self.last_sync else None,
        ]
        return "\n".join(part for part in parts if part).lower()

    @property
    def urgency(self) -> int:
        """How soon somebody has to act, the smallest first."""
        return Actor.NOBODY.urgency if self.actor is None else self.actor.urgency

    def sort_key(self) -> tuple[int, int, str, str]:
        """Triage order: what needs somebody first, then by state and name."""
        return (self.urgency, self.state.rank, self.connection.name.lower(), self.id)
