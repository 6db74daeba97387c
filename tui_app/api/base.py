"""What every server kind fulfils, so that screens ask what a server can do and never which one it is."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, Protocol

from tui_app.api.errors import ApiError
from tui_app.models.connection import Connection, ConnectionDraft
from tui_app.models.issue import Issue
from tui_app.models.page import Page
from tui_app.models.problem import Problem, ProblemKind
from tui_app.models.provider import Provider
from tui_app.models.sync import Sync, SyncRequest

if TYPE_CHECKING:
    from pydantic import SecretStr

    from tui_app.api.exchanges import Request
    from tui_app.models.link import Link, LinkDraft
    from tui_app.models.passthrough import PassthroughAnswer, PassthroughRequest, RawAnswer

Changes = Mapping[str, str | bool | tuple[str, ...] | None]
"""What is to change of a connection, by the names of `Capabilities.edit_fields`; ``None`` empties a field."""


@dataclass(frozen=True, slots=True)
class FormField:
    """A plain field of a connection that a person fills in.

    Attributes:
        name: As the server calls it; with dots where it lies in an object, as `company.name`.
        label: As a person calls it.
        kind: What it takes; `switch` is yes or no, `list` several texts, `choice` one of `choices`.
        required: Whether it must not be empty.
        placeholder: An example.
        hint: What it is for, in a few words.
        choices: What there is to choose from, in the server's words.
    """

    name: str
    label: str
    kind: Literal["text", "url", "switch", "list", "choice"] = "text"
    required: bool = False
    placeholder: str = ""
    hint: str = ""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a server kind can do. What it cannot is not offered on any screen.

    Attributes:
        create_connection: Make a connection directly.
        credential_fields: Making one takes the provider's credentials, company, backfill and so on.
        create_fields: Making one takes the provider and these plain fields instead.
        edit_fields: What can be changed of a connection; none, and nothing can.
        sync_window: A sync request takes a window (days or a start date).
        provider_requests: Words that a sync request may ask of the provider.
        sync_history: Earlier syncs can be listed. Where not, what Syncscope saw itself is the history.
        progress: A running sync may say how far it is, in percent.
        retry: A sync that failed can be tried again, with the same parameters.
        cancel: A sync that runs can be cancelled.
        delete_connection: A connection can be deleted.
        resolve_issues: An issue can be marked as resolved.
        public_tokens: A public token that a fleet brings from Link can be exchanged for its connection.
        links: Short links, by which a fleet connects by itself, can be made and deleted.
        passthrough: A connection's provider can be asked directly, through the server.
        issues: Issues can be listed.
        providers: Providers can be listed.
        labels: Connections carry their company, a reference of the customer's own, a sync mode and tags.
        parts: A sync has one part for each model of its connection.
        connection_tokens: What concerns one connection is asked for with a token of its own.
        listed_syncs: The list of connections carries each one's newest sync, so that none is asked for singly.
        recorded: What answers is a recording: nothing can be changed, nor looked at anew.
    """

    create_connection: bool = False
    credential_fields: bool = False
    create_fields: tuple[FormField, ...] = ()
    edit_fields: tuple[FormField, ...] = ()
    sync_window: bool = False
    provider_requests: tuple[str, ...] = ()
    sync_history: bool = False
    progress: bool = False
    retry: bool = False
    cancel: bool = False
    delete_connection: bool = False
    resolve_issues: bool = False
    public_tokens: bool = False
    links: bool = False
    passthrough: bool = False
    issues: bool = False
    providers: bool = False
    labels: bool = False
    parts: bool = False
    connection_tokens: bool = False
    listed_syncs: bool = False
    recorded: bool = False


def not_offered(what: str) -> ApiError:
    """The error of an operation that this kind of server does not have.

    Args:
        what: The operation, as what follows "does not offer".
    """
    return ApiError(
        Problem(
            ProblemKind.UNSUPPORTED,
            f"This kind of server does not offer {what}",
            meaning="Nothing was sent: its interface has no such operation.",
        )
    )


async def _refusing(error: ApiError) -> AsyncIterator[Page[Any]]:
    pages: tuple[Page[Any], ...] = ()
    for page in pages:
        yield page
    raise error


@dataclass(frozen=True, slots=True)
class ConnectionQuery:
    """Which connections to list; ``None`` does not narrow. Times are in the server's time, both ends included.

    With `cursor`, what a page named as its `next`, the list is read on from there; a server without pages has none.
    """

    external_id: str | None = None
    dot_number: str | None = None
    tag: str | None = None
    updated_after: datetime | None = None
    updated_before: datetime | None = None
    status: str | None = None
    provider: str | None = None
    order: str | None = None
    limit: int | None = None
    cursor: str | None = None


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
    rather than never. A kind that derives from this class leaves out what its capabilities do not name.
    """

    capabilities: Capabilities

    def connections(self, query: ConnectionQuery | None = None) -> AsyncIterator[Page[Connection]]:
        """All pages of the connections that fit."""
        ...

    async def connection(self, connection: Connection) -> Connection:
        """One connection as it is now, with its last sync where the server sends it. Tried once: callers pace."""
        ...

    async def connection_of(self, token: SecretStr) -> Connection:
        """The connection that a token opens. Tried once."""
        raise not_offered("finding a connection by its token")

    def planned_read(self, connection: Connection) -> Request:
        """Show the request that reads this connection, secrets masked. Nothing is sent."""
        raise not_offered("a connection's request before it is sent")

    async def create_connection(self, draft: ConnectionDraft) -> Connection:
        """Make a connection. Passes the gate as ``create_connection``; never repeated by itself."""
        raise not_offered("making connections")

    def planned_connection(self, draft: ConnectionDraft) -> Request:
        """Show the request that making this connection would send, secrets masked. Nothing is sent."""
        raise not_offered("making connections")

    async def update_connection(self, connection: Connection, changes: Changes) -> Connection:
        """Change a connection. Passes the gate as ``update_connection``; never repeated by itself."""
        raise not_offered("changing connections")

    def planned_update(self, connection: Connection, changes: Changes) -> Request:
        """Show the request that changing this connection would send, secrets masked. Nothing is sent."""
        raise not_offered("changing connections")

    async def delete_connection(self, connection: Connection) -> Connection | None:
        """Delete a connection. Passes the gate as ``delete_connection``; never repeated by itself.

        Returns:
            The connection as it is afterwards, because a server may take its time; ``None`` where it is gone.
        """
        raise not_offered("deleting connections")

    def planned_deletion(self, connection: Connection) -> Request:
        """Show the request that deleting this connection would send, secrets masked. Nothing is sent."""
        raise not_offered("deleting connections")

    async def exchange_public_token(self, token: SecretStr) -> Connection:
        """Get the connection that a fleet made by Link. Passes the gate as ``exchange_token``; never repeated.

        The token works once, and the connection may be one that was there before.
        """
        raise not_offered("exchanging public tokens")

    def planned_exchange(self, token: SecretStr) -> Request:
        """Show the request that exchanging this token would send, secrets masked. Nothing is sent."""
        raise not_offered("exchanging public tokens")

    async def create_link(self, draft: LinkDraft) -> Link:
        """Make a short link. Passes the gate as ``create_link``; never repeated by itself."""
        raise not_offered("short links")

    def planned_link(self, draft: LinkDraft) -> Request:
        """Show the request that making this link would send, secrets masked. Nothing is sent."""
        raise not_offered("short links")

    async def delete_link(self, link_id: str) -> None:
        """Delete a short link by its ID. Passes the gate as ``delete_link``; never repeated by itself."""
        raise not_offered("short links")

    def planned_link_deletion(self, link_id: str) -> Request:
        """Show the request that deleting this link would send, secrets masked. Nothing is sent."""
        raise not_offered("short links")

    async def passthrough(self, connection: Connection, request: PassthroughRequest) -> PassthroughAnswer:
        """Ask a connection's provider directly. Passes the gate as ``passthrough``, whatever its method.

        It is never repeated by itself. That the provider refuses is an answer, not an error.
        """
        raise not_offered("asking providers directly")

    async def passthrough_raw(self, connection: Connection, request: PassthroughRequest) -> RawAnswer:
        """The same, and the provider's answer byte for byte."""
        raise not_offered("asking providers directly")

    def planned_passthrough(self, connection: Connection, request: PassthroughRequest, *, raw: bool = False) -> Request:
        """Show the request that asking the provider would send, secrets masked. Nothing is sent."""
        raise not_offered("asking providers directly")

    async def request_sync(self, connection: Connection, request: SyncRequest) -> Sync:
        """Ask for a sync. Passes the gate as ``request_sync``; never repeated by itself.

        Raises:
            SyncConflict: One runs already.
        """
        ...

    def planned_sync(self, connection: Connection, request: SyncRequest) -> Request:
        """Show the request that asking for this sync would send, secrets masked. Nothing is sent."""
        raise not_offered("a sync's request before it is sent")

    async def retry_sync(self, connection: Connection, sync_id: str) -> Sync:
        """Try a sync that failed again. Passes the gate as ``retry_sync``; never repeated by itself.

        Returns:
            The sync that runs for it, as it is now: the same or a new one, as the server decides.

        Raises:
            SyncConflict: Another one runs already.
            Unread: It was taken; how the sync is now could not be read.
        """
        raise not_offered("retrying syncs")

    def planned_retry(self, connection: Connection, sync_id: str) -> Request:
        """Show the request that retrying this sync would send, secrets masked. Nothing is sent."""
        raise not_offered("retrying syncs")

    async def cancel_sync(self, connection: Connection, sync_id: str) -> Sync:
        """Cancel a sync. Passes the gate as ``cancel_sync``; never repeated by itself.

        Returns:
            The sync as it is now, which may still run for a moment.

        Raises:
            Unread: It was taken; how the sync is now could not be read.
        """
        raise not_offered("cancelling syncs")

    def planned_cancellation(self, connection: Connection, sync_id: str) -> Request:
        """Show the request that cancelling this sync would send, secrets masked. Nothing is sent."""
        raise not_offered("cancelling syncs")

    def syncs(
        self, connection: Connection, *, status: str | None = None, limit: int | None = None
    ) -> AsyncIterator[Page[Sync]]:
        """All pages of a connection's syncs, issues as the server lists them."""
        return _refusing(not_offered("a history of syncs"))

    async def sync(self, connection: Connection, sync_id: str) -> Sync:
        """One sync as it is now, with its issues whole. Tried once: the watch paces itself."""
        ...

    def planned_sync_read(self, connection: Connection, sync_id: str) -> Request:
        """Show the request that reads this sync, secrets masked. Nothing is sent."""
        raise not_offered("a sync's request before it is sent")

    def planned_issues_read(self, query: IssueQuery | None = None) -> Request:
        """Show the request that reads the first page of the issues that fit, secrets masked. Nothing is sent."""
        raise not_offered("a list of issues")

    def issues(self, query: IssueQuery | None = None) -> AsyncIterator[Page[Issue]]:
        """All pages of the issues that fit."""
        return _refusing(not_offered("a list of issues"))

    async def resolve_issue(self, issue_id: str) -> Issue:
        """Mark an issue as resolved. Passes the gate as ``resolve_issue``; never repeated by itself.

        It stays so until the issue is observed again.
        """
        raise not_offered("resolving issues")

    def planned_resolution(self, issue_id: str) -> Request:
        """Show the request that resolving this issue would send, secrets masked. Nothing is sent."""
        raise not_offered("resolving issues")

    async def providers(self) -> list[Provider]:
        """Every provider that the server offers."""
        raise not_offered("a list of providers")

    async def aclose(self) -> None:
        """Let go of every connection to the server."""
        ...
