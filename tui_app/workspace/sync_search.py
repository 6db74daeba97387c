"""Searches for a sync among the connections of a profile, each of which can be asked for its own only."""

from __future__ import annotations

import asyncio
from collections import deque
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from tui_app.models.pasted import Pasted
from tui_app.models.problem import Problem, ProblemKind
from tui_app.watch.faults import problem_of_look
from tui_app.workspace.search import NOT_HERE, Place, Search, Stage, connections_words

if TYPE_CHECKING:
    from tui_app.models.fleet import FleetRow

AT_ONCE = 4
"""Requests of a search that are under way at the same time: what a person does meanwhile waits for these at most."""

GIVE_WAY = 1.0
"""Seconds for which nothing is looked at by itself, after each request of a search: somebody waits for it."""

_DOUBT = timedelta(hours=1)
"""How far the times of a server and of its IDs may lie apart."""

_STANDSTILL = (ProblemKind.UNREACHABLE, ProblemKind.UNAUTHORIZED, ProblemKind.RATE_LIMITED)
"""What the next request would only meet again."""


class AmongConnections(Search):
    """Asks each connection for a sync: nobody else can be asked for one.

    The connection that was named beside it comes first, then those whose newest sync is latest, then, in the list's
    order, those that were not looked at yet. Those that were made after it, or synced last before it, come last. What
    was asked once is not asked again; connections that the list has gained meanwhile are.
    """

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._waiting: deque[str] = deque()
        self._asked: set[str] = set()
        self._refused = 0

    @property
    def ready(self) -> str:  # type: ignore[override]
        """What it would do."""
        count = len(self._workspace.rows)
        return f"asks all {count:,} connections for it" if count != 1 else "asks the one connection for it"

    @property
    def progress(self) -> str:
        """How many of how many."""
        if self.total is None:
            return "Reading the list of connections"
        return f"Looked through {self.looked:,} of {connections_words(self.total)}"

    @property
    def outcome(self) -> str:
        """Where it is not, and what could not be looked at."""
        profile = self._workspace.profile.name
        answer = f"Not in any of {connections_words(self.looked - len(self.unlooked))} of “{profile}”. Another profile?"
        if self._workspace.reading.problem is not None:
            answer += " The list of connections could not be read to its end, so there may be more."
        if self._refused and self._refused == self.looked:
            answer += " The server refused every one of these requests, as it does where a token does not fit."
        if self.unlooked:
            answer += f" {self._unlooked_words()} Enter tries them again."
        return answer

    def _unlooked_words(self) -> str:
        names = []
        for connection_id, problem in self.unlooked.items():
            row = self._workspace.row(connection_id)
            names.append(f"{row.connection.name if row else connection_id} ({problem.title})")
        more = f" and {len(names) - 3:,} more" if len(names) > 3 else ""
        return f"{len(names):,} could not be looked at: {', '.join(names[:3])}{more}."

    def meet(self, pasted: Pasted) -> None:
        """The connection that was named this time is asked next."""
        if pasted.connection_id:
            self.pasted = pasted

    async def _look(self) -> None:
        listed_now = not self._workspace.reading.complete
        if listed_now:
            await self._workspace.read_fleet()
        self._asked.difference_update(self.unlooked)  # these are tried again
        self.looked -= len(self.unlooked)
        self.unlooked.clear()
        self._line_up()
        await self._ask_all()
        if not listed_now and self.stage is Stage.RUNNING and not self.places and self.problem is None:
            await self._workspace.read_fleet()  # it may be of a connection that was made since
            self._line_up()
            await self._ask_all()

    async def _ask_all(self) -> None:
        await asyncio.gather(*(self._ask_on() for _ in range(AT_ONCE)))

    def _line_up(self) -> None:
        first = self._first()
        rows = [row for row in self._workspace.rows if row.id not in self._asked]
        made = made_at(self.pasted.text)
        # Equal ones stay in the list's order.
        rows.sort(key=lambda row: (row.id != first, _hardly(row, made), _newest_first(row)))
        self._waiting = deque(row.id for row in rows)
        self.total = self.looked + len(rows)
        self._tell()

    def _first(self) -> str:
        """The connection that was named beside it, by its ID or its token."""
        pasted = self.pasted
        for row in self._workspace.rows if pasted.connection_id or pasted.token else ():
            token = row.connection.token
            if row.id.lower() == pasted.connection_id.lower() or (
                pasted.token and token and token.get_secret_value() == pasted.token.get_secret_value()
            ):
                return row.id
        return ""

    async def _ask_on(self) -> None:
        while self._waiting and self.stage is Stage.RUNNING and not self.places and self.problem is None:
            connection_id = self._waiting.popleft()
            row = self._workspace.row(connection_id)
            if row is None:
                continue  # it is gone meanwhile
            self._asked.add(connection_id)
            self._workspace.fleet.give_way(GIVE_WAY)
            problem = await self._ask(row)
            if problem is not None and problem.kind in _STANDSTILL:
                self._asked.discard(connection_id)
                self._waiting.appendleft(connection_id)
                self.problem = problem
                return
            self.looked += 1
            if problem is not None:
                self.unlooked[connection_id] = problem
            self._tell()

    async def _ask(self, row: FleetRow) -> Problem | None:
        """Ask one connection.

        Returns:
            Why it could not be asked; ``None`` where it answered, be it that it has no such sync.
        """
        if row.connection.token is None:
            return Problem(ProblemKind.REFUSED, "no token of it is known")
        # As a result rather than an exception: a fault of ours with one connection must not end the search.
        [answer] = await asyncio.gather(
            self._workspace.api.sync(row.connection, self.pasted.text), return_exceptions=True
        )
        if isinstance(answer, BaseException):
            problem = problem_of_look(answer)
            self._refused += problem.kind is ProblemKind.FORBIDDEN
            return None if problem.kind in NOT_HERE else problem
        if answer.id.lower() == self.pasted.text.lower():
            self._workspace.landing.knows(row.id, answer.id)
            self._workspace.watch(row.id, answer.id, known=answer)
            self._found(Place(row.id, answer.id))
        return None


def _newest_first(row: FleetRow) -> float:
    return -row.last_sync.requested_at.timestamp() if row.last_sync else 0.0


def made_at(sync_id: str) -> datetime | None:
    """When an ID was made, which its first ten characters tell; ``None`` where it is not made like that."""
    digits = sync_id.removeprefix("sync_")
    if len(digits) != 26 or any(digit not in _CROCKFORD for digit in digits):
        return None
    milliseconds = 0
    for digit in digits[:10]:
        milliseconds = milliseconds << 5 | _CROCKFORD.index(digit)
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC)
    except (ValueError, OverflowError, OSError):  # a time that no calendar has
        return None


_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def _hardly(row: FleetRow, made: datetime | None) -> bool:
    """Whether a sync that was made then is hardly this connection's."""
    if made is None:
        return False
    created, newest = row.connection.created_at, row.last_sync
    too_young = created is not None and created > made + _DOUBT
    return too_young or (newest is not None and newest.requested_at < made - _DOUBT)
