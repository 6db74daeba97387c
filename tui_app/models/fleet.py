"""A connection as the list shows it: what the server lists, what was looked at since, and what state that makes."""

from __future__ import annotations

import sys
from dataclasses import InitVar, dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from tui_app.models.actor import URGENCIES, Actor

if TYPE_CHECKING:
    from tui_app.models.connection import Account, Connection
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

_PART, _END = "\x1f", "\x1e"
"""What stands between the parts of a haystack, and behind what is found to the letter: nobody types these."""

_NEVER = float("inf")


@dataclass(frozen=True, slots=True)
class FleetRow:
    """One connection with what is known about it. There may be very many: each holds no more than a list needs at once.

    Attributes:
        connection: As last read.
        last_sync: Its newest sync, where it was looked at.
        looked_at: When it was looked at, in the server's time; ``None``: not yet.
        problem: Why the last look failed, if it did. What was seen before stands.
        issues: Those of its issues that are open; ``None``: not known yet.
        actor: Whose turn it is by all that; ``None``: nobody judged it.
        recalled_at: When what is shown was seen, as long as some of it is known from an earlier start only.
        stalled: Whether its newest sync seems to stand still. Inferred, and only of a sync that is followed.
        known: The haystack of an earlier row of the same connection, which spares reading that again.
        haystack: Everything that a free word may match, in lower case; what it is called comes first, what tells it
            from others next, and what its newest sync changes last.
        state: What needs saying first about this connection.
        by_provider: What it is sorted by, by provider.
        by_sync: What it is sorted by, by its newest sync: the latest first.
        by_issues: What it is sorted by, by its open issues: the most first.
    """

    connection: Connection
    last_sync: Sync | None = None
    looked_at: datetime | None = None
    problem: Problem | None = None
    issues: tuple[Issue, ...] | None = None
    actor: Actor | None = None
    recalled_at: datetime | None = None
    stalled: bool = False
    known: InitVar[str] = ""
    haystack: str = field(init=False, repr=False, compare=False)
    state: State = field(init=False, repr=False, compare=False)
    by_provider: str = field(init=False, repr=False, compare=False)
    by_sync: float = field(init=False, repr=False, compare=False)
    by_issues: int = field(init=False, repr=False, compare=False)

    def __post_init__(self, known: str) -> None:
        """Work out once what lists sort and search by."""
        settle = object.__setattr__
        sync, state = self.last_sync, _state_of(self.connection, self.last_sync, stalled=self.stalled)
        own = known.partition(_END)[0] or _own_words(self.connection)
        settle(self, "state", state)
        haystack = f"{own}{_END}{state.word.lower()}\n{sync.id.lower() if sync else ''}"
        settle(self, "haystack", known if known == haystack else haystack)  # one text for all versions of a row
        provider = self.connection.provider
        settle(self, "by_provider", sys.intern((provider.name or provider.code).lower()))
        moment = (sync.completed_at or sync.requested_at) if sync else None
        settle(self, "by_sync", -moment.timestamp() if moment else _NEVER)
        settle(self, "by_issues", -len(self.issues or ()))

    @property
    def open_issues(self) -> int | None:
        """How many of its issues are open; ``None``: not known yet."""
        return None if self.issues is None else len(self.issues)

    @property
    def id(self) -> str:
        """The connection's ID."""
        return self.connection.id

    @property
    def identity(self) -> str:
        """Its IDs and the customer's reference, in lower case."""
        return "\n".join(self.haystack.split(_PART, 4)[1:4])

    @property
    def external_id(self) -> str:
        """The customer's own reference, in lower case; empty where there is none."""
        return self.haystack.split(_PART, 3)[2]

    @property
    def names(self) -> list[str]:
        """What it is called, in lower case, what it is called first at the beginning."""
        parts = self.haystack.partition(_END)[0].split(_PART)
        return [each for each in (parts[0], *parts[-2].split("\n")) if each]

    @property
    def urgency(self) -> int:
        """How soon somebody has to act, the smallest first."""
        return URGENCIES[self.actor]

    def sort_key(self) -> tuple[int, int, str]:
        """Triage order: what needs somebody first, then by state and name, then by ID."""
        return (self.urgency, self.state.rank, self.haystack)


def called(name: str) -> str:
    """What stands in the haystacks of the rows that a name tells from others, and in no other haystack."""
    return f"{_PART}{name.lower()}{_PART}"


def _state_of(connection: Connection, sync: Sync | None, *, stalled: bool) -> State:
    standing = connection.standing.value
    if standing in _STANDINGS:
        return _STANDINGS[standing]
    if standing == "unknown":
        return _unknown(connection.status or "no status")
    if sync is None:
        return _CONNECTED
    if sync.awaits_provider:
        return _PROVIDER_AWAITED
    if stalled and not sync.phase.is_final:
        return _STALLED
    return _PHASES.get(sync.phase.value, _CONNECTED)


@lru_cache(maxsize=256)
def _unknown(word: str) -> State:
    return State(word, "warning", 15)


def _own_words(connection: Connection) -> str:
    """What a connection is found by, apart from its syncs."""
    account = connection.account
    numbers = (*connection.company.dot_numbers, *(account.dot_numbers if account else ()))
    identity = (connection.id, connection.external_id, connection.source_id)
    more = (*numbers, _address(account) if account else "")
    provider = connection.provider
    names = _told(connection, connection.title, connection.company.name, account.name if account else None)
    words = (provider.name, provider.code, connection.status, connection.sync_mode, *connection.tags)
    parts = (
        _inert(connection.name),
        *(_inert(each or "") for each in identity),
        *dict.fromkeys(_inert(each) for each in more if each),
        # The break in front tells names from what identifies: two may be called the same.
        "\n" + "\n".join(each.replace("\n", " ") for each in names),
        "\n".join(_told(connection, *words)),
    )
    return _PART.join(parts).lower()


def _address(account: Account) -> str:
    """The e-mail address of who owns an account at a provider, where it is told."""
    email = account.user.get("email") if account.user else None
    return email if isinstance(email, str) else ""


def _told(connection: Connection, *words: str | None) -> list[str]:
    """These words, once each, and without those that the connection's name begins the haystack with."""
    return list(dict.fromkeys(_inert(each).lower() for each in words if each and each != connection.name))


def _inert(text: str) -> str:
    """A text that holds nothing of what stands between the parts."""
    return text if text.isprintable() else text.replace(_PART, " ").replace(_END, " ")
