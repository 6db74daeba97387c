"""Searches a server for what it cannot be asked for directly: within the budget, to be left and gone on with."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from tui_app.api.base import ConnectionQuery, IssueQuery
from tui_app.api.errors import ApiError
from tui_app.models.pasted import Kind, Pasted
from tui_app.models.problem import Problem, ProblemKind
from tui_app.watch.faults import problem_of_look

if TYPE_CHECKING:
    from tui_app.models.fleet import FleetRow
    from tui_app.models.issue import Issue
    from tui_app.models.page import Page
    from tui_app.workspace.workspace import Workspace

AT_ONCE = 4
"""Requests of a search that are under way at the same time: what a person does meanwhile waits for these at most."""

PAGE = 200

_NOT_HERE = (ProblemKind.NOT_FOUND, ProblemKind.FORBIDDEN)
"""What a server says of a sync to whoever asks with another connection's token."""

_STANDSTILL = (ProblemKind.UNREACHABLE, ProblemKind.UNAUTHORIZED, ProblemKind.RATE_LIMITED)
"""What the next request would only meet again."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is.

    Attributes:
        connection_id: Its connection, or it itself.
        sync_id: The sync that it is; empty where it is none.
        issue_id: The issue that it is; empty where it is none.
    """

    connection_id: str
    sync_id: str = ""
    issue_id: str = ""


class Stage(StrEnum):
    """How far a search is."""

    READY = "ready"
    RUNNING = "running"
    LEFT = "left"  # it goes on from where it was when it is asked to
    FOUND = "found"
    ENDED = "ended"  # without having found anything


class Search:
    """One search. It runs by itself once it was begun, until it finds, ends, or is left.

    Attributes:
        pasted: What is looked for.
        stage: How far it is.
        places: Where it was found.
        looked: How many connections, or issues, were looked through.
        total: Out of how many; ``None`` where that is not known.
        unlooked: Which connections could not be looked at, by their IDs, and why.
        problem: Why it stands still, if it does.
    """

    ready = ""
    """What it would do, in words."""

    def __init__(
        self,
        workspace: Workspace,
        pasted: Pasted,
        spawn: Callable[[Coroutine[Any, Any, None]], asyncio.Task[None]],
    ) -> None:
        self.pasted = pasted
        self.stage = Stage.READY
        self.places: tuple[Place, ...] = ()
        self.looked = 0
        self.total: int | None = None
        self.unlooked: dict[str, Problem] = {}
        self.problem: Problem | None = None
        self._workspace = workspace
        self._spawn = spawn
        self._task: asyncio.Task[None] | None = None
        self._news = asyncio.Event()

    def begin(self) -> None:
        """Begin, or go on from where it was. What could not be looked at is tried again."""
        self.problem = None
        self.stage = Stage.RUNNING
        if self._task is None or self._task.done():
            self._task = self._spawn(self._run())
        self._tell()

    def leave(self) -> None:
        """Stop once what is under way has been answered."""
        if self.stage is Stage.RUNNING:
            self.stage = Stage.LEFT
            self._tell()

    def meet(self, pasted: Pasted) -> None:
        """Take in that the same was pasted once more, perhaps with more beside it."""

    async def moved(self) -> None:
        """Wait until there is news."""
        await self._news.wait()
        self._news.clear()

    @property
    def words(self) -> str:
        """How far it is and what it came to, in a sentence or two."""
        if self.stage is Stage.READY:
            return f"{self._what_it_is} was not seen here yet. {self.ready}"
        if self.stage is Stage.FOUND:
            return f"Found: {self.pasted.kind.value}."
        if self.stage is Stage.ENDED:
            return self.outcome
        if self.problem is not None:
            return f"{self.progress}. {self.problem.title}. {self.problem.next_step} Enter goes on.".replace("..", ".")
        return f"{self.progress} …" if self.stage is Stage.RUNNING else f"{self.progress}. Enter goes on."

    @property
    def progress(self) -> str:
        """How far it is, without its end."""
        return "Asking the server"

    @property
    def outcome(self) -> str:
        """The plain answer once nothing was found."""
        return f"{self._what_it_is} is not known to this server. Another profile?"

    @property
    def _what_it_is(self) -> str:
        return {
            Kind.TOKEN: "This connection token",
            Kind.WORDS: f"“{self.pasted.text}”",
            Kind.DOT: f"DOT number {self.pasted.text}",
        }.get(self.pasted.kind, f"This {self.pasted.kind.value}")

    async def _run(self) -> None:
        try:
            await self._look()
        except ApiError as error:
            self._stand_still(error.problem)
        if self.places:
            self.stage = Stage.FOUND
        elif self.stage is Stage.RUNNING:
            self.stage = Stage.ENDED
        self._tell()

    async def _look(self) -> None:
        """Look, until something is found, nothing is left, or the stage is `LEFT`."""
        raise NotImplementedError

    def _stand_still(self, problem: Problem) -> None:
        self.problem = problem
        self.stage = Stage.LEFT

    def _tell(self) -> None:
        self._news.set()

    def _found(self, *places: Place) -> None:
        self.places = (*self.places, *places)


class AmongConnections(Search):
    """Asks each connection for a sync: nobody else can be asked for one.

    The connection that was named beside it comes first, then those whose newest sync is latest, then, in the list's
    order, those that were not looked at yet. What was asked once is not asked again; connections that the list has
    gained meanwhile are.
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
        return f"Enter asks {count:,} connections for it, the newest synced first."

    @property
    def progress(self) -> str:
        """How many of how many."""
        if self.total is None:
            return "Reading the list of connections"
        return f"Looked through {self.looked:,} of {_connections(self.total)}"

    @property
    def outcome(self) -> str:
        """Where it is not, and what could not be looked at."""
        profile = self._workspace.profile.name
        answer = f"Not in any of {_connections(self.looked - len(self.unlooked))} of “{profile}”. Another profile?"
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
        if not self._workspace.reading.complete:
            await self._workspace.read_fleet()
        self._asked.difference_update(self.unlooked)  # these are tried again
        self.looked -= len(self.unlooked)
        self.unlooked.clear()
        self._line_up()
        await asyncio.gather(*(self._ask_on() for _ in range(AT_ONCE)))

    def _line_up(self) -> None:
        first = self._first()
        rows = [row for row in self._workspace.rows if row.id not in self._asked]
        rows.sort(key=lambda row: (row.id != first, _newest_first(row)))  # equal ones stay in the list's order
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
        while self._waiting and self.stage is Stage.RUNNING and not self.places:
            connection_id = self._waiting.popleft()
            row = self._workspace.row(connection_id)
            if row is None:
                continue  # it is gone meanwhile
            self._asked.add(connection_id)
            problem = await self._ask(row)
            if problem is not None and problem.kind in _STANDSTILL:
                self._asked.discard(connection_id)
                self._waiting.appendleft(connection_id)
                self._stand_still(problem)
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
            return None if problem.kind in _NOT_HERE else problem
        if answer.id.lower() == self.pasted.text.lower():
            self._workspace.landing.knows(row.id, answer.id)
            self._workspace.watch(row.id, answer.id, known=answer)
            self._found(Place(row.id, answer.id))
        return None


class AmongIssues(Search):
    """Reads the list of issues, resolved ones too, page by page."""

    ready = "Enter looks through the issues of all connections for it."

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._pages: AsyncIterator[Page[Issue]] | None = None

    @property
    def progress(self) -> str:
        """How many issues so far: how many there are, no server says."""
        return f"Looked through {self.looked:,} issues"

    @property
    def outcome(self) -> str:
        """Where it is not."""
        count = "1 issue" if self.looked == 1 else f"{self.looked:,} issues"
        return f"Not among the {count} of “{self._workspace.profile.name}”, open or resolved. Another profile?"

    async def _look(self) -> None:
        if self._pages is None:
            self.looked = 0
            self._pages = self._workspace.api.issues(IssueQuery(limit=PAGE))
        try:
            while self.stage is Stage.RUNNING and not self.places:
                page = await anext(self._pages, None)
                if page is None:
                    self._pages = None  # asked again, it begins anew: there may be others by then
                    return
                self._take(page)
        except ApiError:
            self._pages = None  # a list that broke off cannot be gone on with
            raise
        if self.places and self._workspace.row(self.places[0].connection_id) is None:
            await self._workspace.read_fleet()

    def _take(self, page: Page[Issue]) -> None:
        self.looked += len(page.items)
        self._workspace.landing.saw_issues(page.items)
        for issue in page.items:
            if issue.id.lower() == self.pasted.text.lower() and issue.connection_id:
                self._found(Place(issue.connection_id, issue_id=issue.id))
        self._tell()


class ByToken(Search):
    """Asks the server once which connection a token opens."""

    ready = "Enter asks the server which connection it opens."

    @property
    def outcome(self) -> str:
        """What the server says of it."""
        said = f" It says: {self._refused.server_words}." if self._refused and self._refused.server_words else ""
        return f"The server does not accept this token: it is of another environment, or not whole.{said}"

    _refused: Problem | None = None

    async def _look(self) -> None:
        if self.pasted.token is None:  # what is masked can be compared, not sent
            return
        try:
            connection = await self._workspace.api.connection_of(self.pasted.token)
        except ApiError as error:
            if error.problem.kind not in _NOT_HERE:
                raise
            self._refused = error.problem
            return
        self._workspace.fleet.adopt(connection)
        self._found(Place(connection.id))


class ByQuery(Search):
    """Asks the list for connections of this DOT number or this external ID."""

    @property
    def ready(self) -> str:  # type: ignore[override]
        """What it would do."""
        if self.pasted.kind is Kind.DOT:
            return "Enter asks the server for connections with this number."
        return "Enter asks the server for a connection with this external ID."

    @property
    def outcome(self) -> str:
        """What the server does not have."""
        what = "DOT number or external ID" if self.pasted.kind is Kind.DOT else "external ID"
        profile = self._workspace.profile.name
        return f"No connection of “{profile}” has the {what} “{self.pasted.text}”. Another profile?"

    async def _look(self) -> None:
        text = self.pasted.text
        queries = [ConnectionQuery(external_id=text, limit=PAGE)]
        if self.pasted.kind is Kind.DOT:
            queries.insert(0, ConnectionQuery(dot_number=text, limit=PAGE))
        for query in queries:
            async for page in self._workspace.api.connections(query):
                # What a server that knows no such filter lists instead is not what was asked for.
                fitting = [each for each in page.items if text in (each.external_id, *each.company.dot_numbers)]
                for connection in fitting:
                    self._workspace.fleet.adopt(connection)
                self._found(*(Place(connection.id) for connection in fitting))
                break  # one page: more than that nobody chooses from
            if self.places:
                return


class ByReading(Search):
    """Reads the list once more: what it brings now is all that the server can be asked for."""

    ready = "Enter reads the list of connections again, and looks there."

    @property
    def progress(self) -> str:
        """What is under way."""
        return "Reading the list of connections"

    @property
    def outcome(self) -> str:
        """Where it is not, and what this server cannot be asked for."""
        count = _connections(len(self._workspace.rows))
        answer = f"Not in the list of {count} of “{self._workspace.profile.name}”. Another profile?"
        if self._workspace.capabilities.parts and self.pasted.kind is not Kind.CONNECTION:
            answer += " This server lists only the newest job of each model; earlier ones cannot be asked for."
        return answer

    async def _look(self) -> None:
        await self._workspace.read_fleet()
        problem = self._workspace.reading.problem
        if problem is not None:
            self._stand_still(problem)
            return
        self._found(*self._workspace.landing.find(self.pasted).places)


def search_of(
    workspace: Workspace, pasted: Pasted, spawn: Callable[[Coroutine[Any, Any, None]], asyncio.Task[None]]
) -> Search | None:
    """The search that can find what was pasted; ``None`` where the server could be asked for nothing."""
    can = workspace.capabilities
    kind: type[Search] | None = ByReading
    if pasted.kind is Kind.SYNC and can.connection_tokens:
        kind = AmongConnections
    elif pasted.kind is Kind.ISSUE:
        kind = AmongIssues if can.issues else None
    elif pasted.kind is Kind.TOKEN:
        kind = ByToken if can.connection_tokens and pasted.token is not None else None
    elif pasted.kind in (Kind.DOT, Kind.WORDS, Kind.ID) and can.labels:
        kind = ByQuery
    return kind(workspace, pasted, spawn) if kind else None


def _newest_first(row: FleetRow) -> float:
    return -row.last_sync.requested_at.timestamp() if row.last_sync else 0.0


def _connections(count: int) -> str:
    return "1 connection" if count == 1 else f"{count:,} connections"
