"""Which issues are open over all connections, by one list: read page by page, and again when a sync meets a new one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, replace
from datetime import datetime

from tui_app.api.base import IssueQuery, SyncApi
from tui_app.api.errors import ApiError
from tui_app.changes import Change, IssuesChanged
from tui_app.models.clock import Clock
from tui_app.models.issue import Issue
from tui_app.models.packed import Packer
from tui_app.models.page import Unreadable
from tui_app.models.problem import Problem, ProblemKind
from tui_app.models.sync import Sync

PASSING = (ProblemKind.UNREACHABLE, ProblemKind.SERVER, ProblemKind.RATE_LIMITED)
"""What goes by itself: the same request may succeed a little later."""

PAGE = 200
"""Rows asked for at a time: the first screen is there after one answer, and a large fleet takes few."""

RECOUNT = 10.0
"""Seconds for which new issues are gathered before they are counted: one list serves them all."""

FRESH = 300.0
"""Seconds for which what was read is fresh enough for a person who comes to look."""


@dataclass(frozen=True, slots=True)
class IssuesReading:
    """How far the open issues are read. Times are in the server's time.

    Attributes:
        loading: Whether pages are being read.
        read: How many issues this reading brought so far, or the last one did.
        page_at: When the last page came.
        whole_at: When a reading last reached the end of the list; ``None``: none did yet.
        problem: Why the last reading stopped before the end, if it did. What was seen stands.
    """

    loading: bool = False
    read: int = 0
    page_at: datetime | None = None
    whole_at: datetime | None = None
    problem: Problem | None = None


class OpenIssues:
    """The open issues, read when the fleet was read and whenever a sync meets one that is not among them.

    Args:
        api: The server.
        clock: What waiting is measured by.
        packer: Packs what is kept: there may be very many.
        on_count: Called after the counts by connection have changed.
        server_now: The date and time as the server has it.
        publish: Told of each change.
        spawn: Runs what goes on by itself, until the workspace closes.

    Attributes:
        reading: How far they are read.
        unreadable: The rows of the last reading that could not be read.
    """

    def __init__(
        self,
        api: SyncApi,
        clock: Clock,
        packer: Packer,
        on_count: Callable[[], Awaitable[None]],
        *,
        server_now: Callable[[], datetime],
        publish: Callable[[Change], None],
        spawn: Callable[[Coroutine[None, None, None]], asyncio.Task[None]],
    ) -> None:
        self.reading = IssuesReading()
        self.unreadable: list[Unreadable] = []
        self._api = api
        self._clock = clock
        self._packer = packer
        self._on_count = on_count
        self._server_now = server_now
        self._publish = publish
        self._spawn = spawn
        self._seen: dict[str, Issue] = {}  # whatever there is to show, of a reading under way too
        self._open: dict[str, tuple[Issue, ...]] | None = None  # by connection; of whole readings alone
        self._met: set[str] = set()
        self._resolved: set[str] = set()  # while they are being read: the pages may be older
        self._read_since: float | None = None  # when the last whole reading ended, on the clock
        self._one_at_a_time = asyncio.Lock()
        self._next_waits = False
        self._uncounted = asyncio.Event()

    # What is known

    @property
    def issues(self) -> list[Issue]:
        """Every open issue that was seen.

        While they are read again, or once that broke off, what the reading before saw and this one did not come to is
        among them.
        """
        return list(self._seen.values())

    def of(self, connection_id: str) -> tuple[Issue, ...] | None:
        """A connection's open issues; ``None`` where they are not known."""
        return None if self._open is None else self._open.get(connection_id, ())

    # What is taken in

    def meet(self, sync: Sync | None) -> None:
        """Notice issues that were not counted yet."""
        if sync is not None and self._open is not None and not self._met.issuperset(sync.issue_ids):
            self._met.update(sync.issue_ids)
            self._uncounted.set()

    def resolve(self, issue: Issue) -> str:
        """Take in that an issue was resolved. Where it is met again, all are counted anew.

        Returns:
            The ID of its connection, or an empty string where nobody knows it.
        """
        owners = [owner for owner, found in (self._open or {}).items() if any(each.id == issue.id for each in found)]
        if self.reading.loading:
            self._resolved.add(issue.id)
        for owner in owners:
            assert self._open is not None
            self._open[owner] = tuple(each for each in self._open[owner] if each.id != issue.id)
        self._seen.pop(issue.id, None)
        self._met.discard(issue.id)
        self._publish(IssuesChanged())
        return issue.connection_id or next(iter(owners), "")

    # What is read

    def look(self) -> None:
        """Somebody looks at them: read them, unless that was done of late or is tried by itself."""
        if self.reading.loading or self.reading.problem is not None:
            return
        if self._read_since is None or self._clock.monotonic() - self._read_since >= FRESH:
            self.read_again()

    def read_again(self) -> None:
        """Read them again, unless that is under way. It goes on whoever leaves."""
        if not self.reading.loading:
            self._spawn(self.count())

    async def keep(self) -> None:
        """Count anew when a sync met an issue that was not counted, for as long as this runs."""
        while True:
            await self._uncounted.wait()
            await self._clock.sleep(RECOUNT)
            self._uncounted.clear()
            await self.count()

    async def count(self) -> None:
        """Read and count them. Not knowing is shown as not knowing; where the server failed, it is tried later.

        One reading at a time: who asks during one is given another one after it, the same for all who ask.
        """
        if self._next_waits:
            return
        self._next_waits = True
        try:
            await self._one_at_a_time.acquire()
        finally:
            self._next_waits = False
        try:
            await self._read()
        finally:
            self._resolved.clear()
            self._one_at_a_time.release()

    async def _read(self) -> None:
        found: dict[str, Issue] = {}
        unreadable: list[Unreadable] = []
        self._tell(loading=True, read=0, problem=None)
        try:
            async for page in self._api.issues(IssueQuery(status="ongoing", limit=PAGE)):
                self._packer.prime(page.items)
                stand = {
                    each.id: self._packer.pack(each)
                    for each in page.items
                    if each.is_open and each.id not in self._resolved
                }
                found.update(stand)
                self._seen.update(stand)
                unreadable += page.unreadable
                self._tell(read=len(found), page_at=self._server_now())
        except ApiError as error:
            # The exchange is recorded, the health line shows it, and what was counted stays as it was.
            if error.problem.kind in PASSING:
                self._uncounted.set()
            self._tell(problem=error.problem)
            return
        else:
            self._take(self._perhaps_open(unreadable) | found)
            self.unreadable = unreadable
            self._tell(whole_at=self._server_now())
        finally:
            self._tell(loading=False)
        await self._on_count()

    def _perhaps_open(self, unreadable: list[Unreadable]) -> dict[str, Issue]:
        """What was open before and which rows that cannot be read may be about: it is not gone."""
        ids = {row.id for row in unreadable}
        return dict(self._seen) if "" in ids else {each: self._seen[each] for each in ids & self._seen.keys()}

    def _take(self, found: dict[str, Issue]) -> None:
        for issue_id in self._resolved:
            found.pop(issue_id, None)
        self._seen = found
        self._met.update(found)
        by_owner: dict[str, list[Issue]] = {}
        for issue in found.values():
            by_owner.setdefault(issue.connection_id, []).append(issue)
        self._open = {owner: tuple(each) for owner, each in by_owner.items()}
        self._read_since = self._clock.monotonic()

    def _tell(self, **changes: object) -> None:
        self.reading = replace(self.reading, **changes)  # type: ignore[arg-type]
        self._publish(IssuesChanged())
