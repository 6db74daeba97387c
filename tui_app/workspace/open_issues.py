"""Which issues of each connection are open, by one list over all of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from tui_app.api.base import IssueQuery, SyncApi
from tui_app.api.errors import ApiError
from tui_app.models.clock import Clock
from tui_app.models.issue import Issue
from tui_app.models.problem import ProblemKind
from tui_app.models.sync import Sync

PASSING = (ProblemKind.UNREACHABLE, ProblemKind.SERVER, ProblemKind.RATE_LIMITED)
"""What goes by itself: the same request may succeed a little later."""

PAGE = 200
"""Rows asked for at a time: the first screen is there after one answer, and a large fleet takes few."""

RECOUNT = 10.0
"""Seconds for which new issues are gathered before they are counted: one list serves them all."""


class OpenIssues:
    """The open issues, counted when the fleet was read and whenever a sync meets one that was not counted.

    Args:
        api: The server.
        clock: What waiting is measured by.
        on_count: Called after the counts have changed.
    """

    def __init__(self, api: SyncApi, clock: Clock, on_count: Callable[[], None]) -> None:
        self._api = api
        self._clock = clock
        self._on_count = on_count
        self._open: dict[str, dict[str, Issue]] | None = None  # by connection, by ID
        self._met: set[str] = set()
        self._resolved: set[str] = set()  # while a count was under way, whose pages may be older
        self._counting = 0
        self._uncounted = asyncio.Event()

    def of(self, connection_id: str) -> tuple[Issue, ...] | None:
        """A connection's open issues; ``None`` where they are not known."""
        return None if self._open is None else tuple(self._open.get(connection_id, {}).values())

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
        owners = [owner for owner, ids in (self._open or {}).items() if issue.id in ids]
        if self._counting:
            self._resolved.add(issue.id)
        for owner in owners:
            assert self._open is not None
            self._open[owner].pop(issue.id, None)
        self._met.discard(issue.id)
        return issue.connection_id or next(iter(owners), "")

    async def keep(self) -> None:
        """Count anew when a sync met an issue that was not counted, for as long as this runs."""
        while True:
            await self._uncounted.wait()
            await self._clock.sleep(RECOUNT)
            self._uncounted.clear()
            await self.count()

    async def count(self) -> None:
        """Count them. Not knowing is shown as not knowing; where the server could not be reached, it is tried later."""
        found: dict[str, dict[str, Issue]] = {}
        self._counting += 1
        try:
            async for page in self._api.issues(IssueQuery(status="ongoing", limit=PAGE)):
                for issue in page.items:
                    found.setdefault(issue.connection_id, {})[issue.id] = issue
        except ApiError as error:
            # The exchange is recorded, the health line shows it, and the column stays as it was.
            if error.problem.kind in PASSING:
                self._uncounted.set()
            return
        else:
            for issues in found.values():
                self._met.update(issues)
                for issue_id in self._resolved:
                    issues.pop(issue_id, None)
            self._open = found
        finally:
            self._counting -= 1
            if not self._counting:
                self._resolved.clear()
        self._on_count()
