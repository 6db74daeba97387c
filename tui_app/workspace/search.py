"""Searches a server for what it cannot be asked for directly: within the budget, to be left and gone on with."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from tui_app.api.base import ConnectionQuery, IssueQuery
from tui_app.api.errors import ApiError
from tui_app.models.pasted import Kind, Pasted
from tui_app.models.problem import Problem, ProblemKind

if TYPE_CHECKING:
    from tui_app.models.issue import Issue
    from tui_app.models.page import Page
    from tui_app.workspace.workspace import Workspace

PAGE = 200

NOT_HERE = (ProblemKind.NOT_FOUND, ProblemKind.FORBIDDEN)
"""What a server says of a sync to whoever asks with another connection's token."""


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
    """What it would do, as what follows “Enter”."""

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
    def under_way(self) -> bool:
        """Whether it runs."""
        return self.stage is Stage.RUNNING

    @property
    def words(self) -> str:
        """How far it is and what it came to, in a sentence or two."""
        if self.stage is Stage.READY:
            return f"{self._what_it_is} was not seen here yet. Enter {self.ready}."
        if self.stage is Stage.FOUND:
            return "Found."
        if self.stage is Stage.ENDED:
            return self.outcome
        if self.stage is Stage.RUNNING:
            return f"{self.progress} …"
        if self.problem is not None:
            return f"{self.progress}. {self.problem.title.rstrip('.')}. {self.problem.next_step} Enter goes on."
        return f"{self.progress}. Enter goes on."

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
        if self.pasted.kind is Kind.WORDS:
            return f"“{self.pasted.text}”"
        return f"This {self.pasted.kind.value.removesuffix(' ID') or 'ID'}"

    async def _run(self) -> None:
        try:
            await self._look()
        except ApiError as error:
            self.problem = error.problem
        if self.places:
            self.stage = Stage.FOUND
        elif self.problem is not None:  # only now, when nothing is under way any more that could meet the same
            self.stage = Stage.LEFT
        elif self.stage is Stage.RUNNING:
            self.stage = Stage.ENDED
        self._tell()

    async def _look(self) -> None:
        """Look, until something is found, nothing is left, or the stage is `LEFT`."""
        raise NotImplementedError

    def _tell(self) -> None:
        self._news.set()

    def _found(self, *places: Place) -> None:
        self.places = (*self.places, *places)


class AmongIssues(Search):
    """Reads the list of issues, resolved ones too, page by page."""

    ready = "looks through all issues for it"

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

    ready = "asks the server for it"

    @property
    def outcome(self) -> str:
        """What the server says of it."""
        words = self._refused.server_words.rstrip(".") if self._refused else ""
        said = f" It says: {words}." if words else ""
        return f"The server does not accept this token: it is of another environment, or not whole.{said}"

    _refused: Problem | None = None

    async def _look(self) -> None:
        if self.pasted.token is None:  # what is masked can be compared, not sent
            return
        try:
            connection = await self._workspace.api.connection_of(self.pasted.token)
        except ApiError as error:
            if error.problem.kind not in NOT_HERE:
                raise
            self._refused = error.problem
            return
        self._workspace.fleet.adopt(connection)
        self._found(Place(connection.id))


class ByQuery(Search):
    """Asks the list for connections of this DOT number or this external ID."""

    ready = "asks the server for it"

    @property
    def outcome(self) -> str:
        """What the server does not have."""
        what = "DOT number or external ID" if self.pasted.kind is Kind.DOT else "external ID"
        known = "No known connection is called so, and none" if self.pasted.kind is Kind.WORDS else "No connection"
        profile = self._workspace.profile.name
        return f"{known} of “{profile}” has the {what} “{self.pasted.text}”. Another profile?"

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

    ready = "reads the list again"

    @property
    def progress(self) -> str:
        """What is under way."""
        return "Reading the list of connections"

    @property
    def outcome(self) -> str:
        """Where it is not, and what this server cannot be asked for."""
        count = connections_words(len(self._workspace.rows))
        answer = f"Not in the list of {count} of “{self._workspace.profile.name}”. Another profile?"
        if self._workspace.capabilities.parts and self.pasted.kind is not Kind.CONNECTION:
            answer += " This server lists only the newest job of each model; earlier ones cannot be asked for."
        return answer

    async def _look(self) -> None:
        await self._workspace.read_fleet()
        self.problem = self._workspace.reading.problem
        if self.problem is None:
            self._found(*self._workspace.landing.find(self.pasted).places)


def connections_words(count: int) -> str:
    """So many connections."""
    return "1 connection" if count == 1 else f"{count:,} connections"
