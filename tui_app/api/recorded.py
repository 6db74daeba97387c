"""What answers where a recording is shown: from memory, read-only. No socket is opened, whatever is asked."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from importlib import import_module
from typing import Any, NoReturn

from tui_app.api.base import Capabilities, ConnectionQuery, IssueQuery, SyncApi
from tui_app.api.errors import ApiError
from tui_app.api.gate import Gate
from tui_app.api.kinds import KINDS
from tui_app.api.transport import Transport
from tui_app.models.clock import Clock
from tui_app.models.connection import Connection
from tui_app.models.issue import Issue
from tui_app.models.page import Page
from tui_app.models.problem import Problem, ProblemKind
from tui_app.models.sync import Sync, SyncRequest

_READING = {"sync_history", "progress", "issues", "labels", "parts", "connection_tokens"}
"""Of what a kind of server can do: what shows something, and changes nothing."""


def recorded_capabilities(kind: str) -> Capabilities:
    """What can be shown of a recording.

    Args:
        kind: Which kind of server was recorded.

    Raises:
        ValueError: No such kind.
    """
    if kind not in KINDS:
        raise ValueError("it is of a kind of server that is not known")
    module, _, name = KINDS[kind].speaks.partition(":")
    can: Capabilities = getattr(import_module(module), name).capabilities
    return replace(Capabilities(recorded=True), **{each: getattr(can, each) for each in _READING})


def only_recorded() -> ApiError:
    """The error of everything that would need the server itself."""
    return ApiError(
        Problem(
            ProblemKind.REFUSED,
            "This is a recording",
            meaning="Nothing was sent: its server is not open, and cannot be from here.",
            next_step="Open the server's own profile to do that.",
        )
    )


class Nowhere(Transport):
    """A transport that leads nowhere: whatever would be sent is refused, and its clock stands.

    Args:
        at: When the recording was made, in the server's time.
        clock: What would be waited by.
    """

    def __init__(self, at: datetime, clock: Clock | None = None) -> None:
        super().__init__("https://recording.invalid", None, gate=Gate(locked=True, profile="recording"), clock=clock)
        self._at = at

    def server_now(self) -> datetime:
        """When the recording was made."""
        return self._at

    def planned(self, *args: Any, **options: Any) -> NoReturn:
        """Nothing would be sent."""
        raise only_recorded()

    def _call(self, *args: Any, **options: Any) -> NoReturn:
        raise only_recorded()

    async def _receive(self, call: object) -> NoReturn:
        raise only_recorded()


class RecordedApi(SyncApi):
    """One connection as it was recorded.

    Args:
        transport: Leads nowhere.
        capabilities: What can be shown.
        connection: The connection.
        syncs: Its syncs, newest first; each as it was last seen.
        issues: Its issues.
    """

    transport: Transport

    def __init__(
        self,
        transport: Nowhere,
        capabilities: Capabilities,
        connection: Connection,
        syncs: Sequence[Sync],
        issues: Sequence[Issue],
    ) -> None:
        self.transport = transport
        self.capabilities = capabilities
        self._connection = connection
        self._syncs = {sync.id: sync for sync in syncs}
        self._issues = list(issues)

    async def connections(self, query: ConnectionQuery | None = None) -> AsyncIterator[Page[Connection]]:
        """The one connection."""
        yield Page([self._connection])

    async def connection(self, connection: Connection) -> Connection:
        """The connection as it was recorded."""
        if connection.id != self._connection.id:
            raise only_recorded()
        return self._connection

    async def syncs(
        self, connection: Connection, *, status: str | None = None, limit: int | None = None
    ) -> AsyncIterator[Page[Sync]]:
        """Its syncs, on one page."""
        yield Page([sync for sync in self._syncs.values() if status in (None, sync.status)])

    async def sync(self, connection: Connection, sync_id: str) -> Sync:
        """A sync as it was last seen."""
        if sync_id not in self._syncs:
            raise only_recorded()
        return self._syncs[sync_id]

    async def request_sync(self, connection: Connection, request: SyncRequest) -> Sync:
        """Nothing can be asked for."""
        raise only_recorded()

    async def issues(self, query: IssueQuery | None = None) -> AsyncIterator[Page[Issue]]:
        """Its issues that fit, on one page."""
        query = query or IssueQuery()
        wanted: Mapping[str, str | None] = {"status": query.status, "code": query.error_code}
        yield Page(
            [
                issue
                for issue in self._issues
                if query.connection_id in (None, self._connection.id)
                and wanted["status"] in (None, issue.status)
                and wanted["code"] in (None, issue.error.code)
            ]
        )

    async def aclose(self) -> None:
        """There is nothing to let go of."""
