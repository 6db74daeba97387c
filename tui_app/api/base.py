"""What every server kind fulfils, so that screens ask what a server can do and never which one it is."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from tui_app.models.connection import Connection, ConnectionDraft
from tui_app.models.issue import Issue
from tui_app.models.page import Page
from tui_app.models.provider import Provider
from tui_app.models.sync import Sync, SyncRequest


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a server kind can do. What it cannot is not offered on any screen.

    Attributes:
        create_connection: Make a connection directly, with credentials.
        credential_fields: Creating needs the provider's credentials.
        sync_window: A sync request takes a window (days or a start date).
        provider_requests: Words that a sync request may ask of the provider.
        sync_history: Earlier syncs can be listed.
        progress: A running sync may say how far it is.
        issues: Issues can be listed.
        providers: Providers can be listed.
    """

    create_connection: bool = False
    credential_fields: bool = False
    sync_window: bool = False
    provider_requests: tuple[str, ...] = ()
    sync_history: bool = False
    progress: bool = False
    issues: bool = False
    providers: bool = False


@dataclass(frozen=True, slots=True)
class ConnectionQuery:
    """Which connections to list; ``None`` does not narrow. Times are in the server's time, both ends included."""

    external_id: str | None = None
    dot_number: str | None = None
    tag: str | None = None
    updated_after: datetime | None = None
    updated_before: datetime | None = None
    status: str | None = None
    provider: str | None = None
    order: str | None = None
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class IssueQuery:
    """Which issues to list; ``None`` does not narrow."""

    connection_id: str | None = None
    status: str | None = None
    error_code: str | None = None
    last_reported_after: datetime | None = None
    last_reported_before: datetime | None = None
    limit: int | None = None


class SyncApi(Protocol):
    """One server, spoken to in its own words and read into ours.

    Every method raises :class:`~tui_app.api.errors.ApiError` when it cannot do what it says. Lists are read page by
    page as the iterator is advanced; a cursor that comes back a second time ends the list with an error
    rather than never.
    """

    capabilities: Capabilities

    def connections(self, query: ConnectionQuery | None = None) -> AsyncIterator[Page[Connection]]:
        """All pages of the connections that fit."""
        ...

    async def connection(self, connection: Connection) -> Connection:
        """One connection as it is now, with its last sync where the server sends it. Tried once: callers pace."""
        ...

    async def create_connection(self, draft: ConnectionDraft) -> Connection:
        """Make a connection. Passes the gate as ``create_connection``; never repeated by itself."""
        ...

    async def request_sync(self, connection: Connection, request: SyncRequest) -> Sync:
        """Ask for a sync. Passes the gate as ``request_sync``; never repeated by itself.

        Raises:
            SyncConflict: One runs already.
        """
        ...

    def syncs(
        self, connection: Connection, *, status: str | None = None, limit: int | None = None
    ) -> AsyncIterator[Page[Sync]]:
        """All pages of a connection's syncs, issues as the server lists them."""
        ...

    async def sync(self, connection: Connection, sync_id: str) -> Sync:
        """One sync as it is now, with its issues whole. Tried once: the watch paces itself."""
        ...

    def issues(self, query: IssueQuery | None = None) -> AsyncIterator[Page[Issue]]:
        """All pages of the issues that fit."""
        ...

    async def providers(self) -> list[Provider]:
        """Every provider that the server offers."""
        ...

    async def aclose(self) -> None:
        """Let go of every connection to the server."""
        ...
