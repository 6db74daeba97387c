"""Terminal's telematics API, spoken and read."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping

from pydantic import SecretStr

from tui_app.api import terminal_problems as problems
from tui_app.api import terminal_requests as requests
from tui_app.api.base import Capabilities, Changes, ConnectionQuery, IssueQuery, SyncApi
from tui_app.api.errors import ApiError, SyncConflict, Unread
from tui_app.api.exchanges import Request
from tui_app.api.reading import Model, Read, read_bare_list, read_one
from tui_app.api.refusals import nothing_to_change, segment
from tui_app.api.terminal_reading import (
    deletion_requested,
    named_id,
    raw_answer,
    read_connection,
    read_issue,
    read_link,
    read_page,
    read_passthrough,
    read_provider,
    read_sync,
    running_sync_in,
)
from tui_app.api.terminal_requests import CURRENT, token_of
from tui_app.api.transport import Transport
from tui_app.models.connection import Connection, ConnectionDraft
from tui_app.models.issue import Issue
from tui_app.models.link import Link, LinkDraft
from tui_app.models.page import Page
from tui_app.models.passthrough import PassthroughAnswer, PassthroughRequest, RawAnswer
from tui_app.models.problem import Problem, ProblemKind
from tui_app.models.provider import Provider
from tui_app.models.remote import iso
from tui_app.models.sync import Sync, SyncRequest

_PAGES_SEARCHED = 20  # pages of a connection's history in which a running sync is looked for
_GONE = frozenset({403, 404, 410})


class TerminalApi(SyncApi):
    """One Terminal server: production, sandbox, or the embedded one.

    Lists and the providers are read with retries; `connection` and `sync` try once, because what follows a sync
    paces itself and shows each look that failed.

    Attributes:
        transport: What everything is sent through.
        capabilities: Everything but parts and syncs that come with the list.
    """

    capabilities = Capabilities(
        create_connection=True,
        credential_fields=True,
        edit_fields=requests.EDIT_FIELDS,
        delete_connection=True,
        public_tokens=True,
        links=True,
        sync_window=True,
        provider_requests=requests.PROVIDER_REQUESTS,
        sync_history=True,
        progress=True,
        retry=True,
        cancel=True,
        passthrough=True,
        issues=True,
        resolve_issues=True,
        providers=True,
        labels=True,
        connection_tokens=True,
    )

    def __init__(self, transport: Transport) -> None:
        self.transport = transport

    def connections(self, query: ConnectionQuery | None = None) -> AsyncIterator[Page[Connection]]:
        """All pages of the connections that fit.

        Raises:
            ApiError: While advancing, for a page that could not be read or a cursor that came back.
        """
        query = query or ConnectionQuery()
        params = {
            "externalId": query.external_id,
            "dotNumber": query.dot_number,
            "tag": query.tag,
            "updatedAfter": iso(query.updated_after) if query.updated_after else None,
            "updatedBefore": iso(query.updated_before) if query.updated_before else None,
            "status": query.status,
            "provider": query.provider,
            "order": query.order,
            "limit": requests.limit(query.limit),
        }
        return self._pages("/connections", params, read_connection, cursor=query.cursor)

    async def connection(self, connection: Connection) -> Connection:
        """One connection as it is now, with its last sync. Tried once."""
        answer = await self.transport.read(CURRENT, token=token_of(connection), attempts=1)
        return read_one(answer, read_connection, "connection")

    async def connection_of(self, token: SecretStr) -> Connection:
        """The connection that a token opens, with its last sync. Tried once."""
        answer = await self.transport.read(CURRENT, token=token, attempts=1)
        connection = read_one(answer, read_connection, "connection")
        return connection if connection.token is not None else connection.model_copy(update={"token": token})

    def planned_read(self, connection: Connection) -> Request:
        """The request that `connection` would send, secrets masked."""
        return self.transport.planned("GET", CURRENT, token=token_of(connection))

    async def create_connection(self, draft: ConnectionDraft) -> Connection:
        """Make a connection directly.

        Raises:
            ApiError: `UNSUPPORTED` where this server does not offer it; whatever else went wrong.
        """
        try:
            answer = await self.transport.write(
                "POST", "/connections", action="create_connection", json=requests.creation(draft)
            )
        except ApiError as error:
            problem = problems.of_creation(error.problem)
        else:
            return read_one(answer, read_connection, "connection")
        raise ApiError(problem)

    def planned_connection(self, draft: ConnectionDraft) -> Request:
        """The request that `create_connection` would send, secrets masked."""
        return self.transport.planned("POST", "/connections", json=requests.creation(draft))

    async def update_connection(self, connection: Connection, changes: Changes) -> Connection:
        """Change a connection; of an object of which a part changes, the whole is sent."""
        token, body = token_of(connection), requests.update(connection, changes)
        if not body:
            raise nothing_to_change()
        answer = await self.transport.write("PATCH", CURRENT, action="update_connection", json=body, token=token)
        return read_one(answer, read_connection, "connection")

    def planned_update(self, connection: Connection, changes: Changes) -> Request:
        """The request that `update_connection` would send, secrets masked."""
        body = requests.update(connection, changes)
        return self.transport.planned("PATCH", CURRENT, json=body, token=token_of(connection))

    async def delete_connection(self, connection: Connection) -> Connection | None:
        """Ask for a connection's deletion, which the server carries out after a day's grace.

        Returns:
            The connection as it is afterwards, or as the server says that it will be where it cannot be read at once;
            ``None`` where the server does not know it any more.
        """
        token = token_of(connection)
        await self.transport.write("DELETE", CURRENT, action="delete_connection", token=token)
        try:
            answer = await self.transport.read(CURRENT, token=token)
            return read_one(answer, read_connection, "connection")
        except ApiError as error:
            return None if error.problem.status in _GONE else deletion_requested(connection)

    def planned_deletion(self, connection: Connection) -> Request:
        """The request that `delete_connection` would send, secrets masked."""
        return self.transport.planned("DELETE", CURRENT, token=token_of(connection))

    async def exchange_public_token(self, token: SecretStr) -> Connection:
        """Exchange what a fleet brought from Link for its connection, once."""
        body = requests.exchange(token)
        try:
            answer = await self.transport.write("POST", "/public-token/exchange", action="exchange_token", json=body)
        except ApiError as error:
            problem = problems.of_exchange(error.problem)
        else:
            return read_one(answer, read_connection, "connection")
        raise ApiError(problem)

    def planned_exchange(self, token: SecretStr) -> Request:
        """The request that `exchange_public_token` would send, secrets masked."""
        return self.transport.planned("POST", "/public-token/exchange", json=requests.exchange(token))

    async def create_link(self, draft: LinkDraft) -> Link:
        """Make a short link. The same draft twice is answered with the same link, marked as replayed."""
        answer = await self.transport.write("POST", "/link/short", action="create_link", json=requests.link(draft))
        link = read_one(answer, read_link, "link")
        replayed = answer.headers.get("idempotent-replayed", "").lower() == "true"
        return link.model_copy(update={"replayed": replayed})

    def planned_link(self, draft: LinkDraft) -> Request:
        """The request that `create_link` would send, secrets masked."""
        return self.transport.planned("POST", "/link/short", json=requests.link(draft))

    async def delete_link(self, link_id: str) -> None:
        """Delete a short link. What the server answers then is not documented: any success is one."""
        await self.transport.write("DELETE", requests.link_path(link_id), action="delete_link")

    def planned_link_deletion(self, link_id: str) -> Request:
        """The request that `delete_link` would send, secrets masked."""
        return self.transport.planned("DELETE", requests.link_path(link_id))

    async def passthrough(self, connection: Connection, request: PassthroughRequest) -> PassthroughAnswer:
        """Ask the provider. The server sends this by POST: it counts as a change, even where the method is GET."""
        token, body = token_of(connection), requests.passthrough(request)
        try:
            answer = await self.transport.write("POST", "/passthrough", action="passthrough", json=body, token=token)
        except ApiError as error:
            raise ApiError(problems.of_unconnected(error.problem, connection)) from error
        return read_one(answer, read_passthrough, "provider's answer")

    async def passthrough_raw(self, connection: Connection, request: PassthroughRequest) -> RawAnswer:
        """The same, with the answer byte for byte; where the provider refuses, as `passthrough` has it."""
        token, body = token_of(connection), requests.passthrough(request)
        try:
            answer = await self.transport.write(
                "POST", "/passthrough/raw", action="passthrough", json=body, token=token, raw=True
            )
        except ApiError as error:
            raise ApiError(problems.of_unconnected(error.problem, connection)) from error
        return raw_answer(answer)

    def planned_passthrough(self, connection: Connection, request: PassthroughRequest, *, raw: bool = False) -> Request:
        """The request that `passthrough` or `passthrough_raw` would send, secrets masked."""
        path = "/passthrough/raw" if raw else "/passthrough"
        body = requests.passthrough(request)
        return self.transport.planned("POST", path, json=body, token=token_of(connection), raw=raw)

    async def request_sync(self, connection: Connection, request: SyncRequest) -> Sync:
        """Ask for a sync.

        Raises:
            SyncConflict: One runs already; its ID is with it where it could be found.
            ApiError: Whatever else went wrong.
        """
        token, body = token_of(connection), requests.sync(request)
        try:
            answer = await self.transport.write("POST", "/syncs", action="request_sync", json=body, token=token)
        except ApiError as error:
            problem = problems.of_unconnected(error.problem, connection)
        else:
            return read_one(answer, read_sync, "sync")
        raise await self._conflict(connection, problem) if problem.kind is ProblemKind.CONFLICT else ApiError(problem)

    def planned_sync(self, connection: Connection, request: SyncRequest) -> Request:
        """The request that `request_sync` would send, secrets masked."""
        return self.transport.planned("POST", "/syncs", json=requests.sync(request), token=token_of(connection))

    async def retry_sync(self, connection: Connection, sync_id: str) -> Sync:
        """Try a sync that failed again; whether that is the same sync or a new one is the server's affair.

        Raises:
            SyncConflict: Another one runs already.
            Unread: It was taken; how the sync is now could not be read.
            ApiError: It cannot be retried; whatever else went wrong.
        """
        path, token = requests.sync_path(sync_id, "/retry"), token_of(connection)
        try:
            answer = await self.transport.write("POST", path, action="retry_sync", token=token)
        except ApiError as error:
            problem = problems.of_retry(problems.of_unconnected(error.problem, connection))
        else:
            return await self._afterwards(connection, named_id(answer) or sync_id)
        raise await self._conflict(connection, problem) if problem.kind is ProblemKind.CONFLICT else ApiError(problem)

    def planned_retry(self, connection: Connection, sync_id: str) -> Request:
        """The request that `retry_sync` would send, secrets masked."""
        return self.transport.planned("POST", requests.sync_path(sync_id, "/retry"), token=token_of(connection))

    async def cancel_sync(self, connection: Connection, sync_id: str) -> Sync:
        """Cancel a sync; it ends as failed, and can be retried.

        Raises:
            Unread: It was taken; how the sync is now could not be read.
            ApiError: It cannot be cancelled; whatever else went wrong.
        """
        path, token = requests.sync_path(sync_id, "/cancel"), token_of(connection)
        try:
            answer = await self.transport.write("POST", path, action="cancel_sync", token=token)
        except ApiError as error:
            problem = problems.of_cancellation(error.problem)
        else:
            return await self._afterwards(connection, named_id(answer) or sync_id)
        raise ApiError(problem)

    def planned_cancellation(self, connection: Connection, sync_id: str) -> Request:
        """The request that `cancel_sync` would send, secrets masked."""
        return self.transport.planned("POST", requests.sync_path(sync_id, "/cancel"), token=token_of(connection))

    def syncs(
        self, connection: Connection, *, status: str | None = None, limit: int | None = None
    ) -> AsyncIterator[Page[Sync]]:
        """All pages of a connection's syncs; their issues are IDs."""
        return self._pages(
            "/syncs", {"status": status, "limit": requests.limit(limit)}, read_sync, token_of(connection)
        )

    async def sync(self, connection: Connection, sync_id: str) -> Sync:
        """One sync as it is now, with its issues whole. Tried once."""
        return await self._sync(connection, sync_id, attempts=1)

    def planned_sync_read(self, connection: Connection, sync_id: str) -> Request:
        """The request that `sync` would send, secrets masked."""
        path = requests.sync_path(sync_id)
        return self.transport.planned("GET", path, params=requests.WHOLE_ISSUES, token=token_of(connection))

    def issues(self, query: IssueQuery | None = None) -> AsyncIterator[Page[Issue]]:
        """All pages of the issues that fit."""
        return self._pages("/issues", requests.issues(query), read_issue, optional="issues")

    def planned_issues_read(self, query: IssueQuery | None = None) -> Request:
        """The first request that `issues` would send, secrets masked."""
        return self.transport.planned("GET", "/issues", params=requests.issues(query))

    async def resolve_issue(self, issue_id: str) -> Issue:
        """Mark an issue as resolved, until it is observed again."""
        path = f"/issues/{segment(issue_id)}/resolve"
        try:
            answer = await self.transport.write("POST", path, action="resolve_issue")
        except ApiError as error:
            problem = problems.of_resolution(error.problem)
        else:
            return read_one(answer, read_issue, "issue")
        raise ApiError(problem)

    def planned_resolution(self, issue_id: str) -> Request:
        """The request that `resolve_issue` would send, secrets masked."""
        return self.transport.planned("POST", f"/issues/{segment(issue_id)}/resolve")

    async def providers(self) -> list[Provider]:
        """Every provider that the server offers; those without a code, which nothing could be done with, left out."""
        try:
            answer = await self.transport.read("/providers")
        except ApiError as error:
            problem = problems.unsupported(error.problem, "providers")
        else:
            return read_bare_list(answer, read_provider, "providers")
        raise ApiError(problem)

    async def aclose(self) -> None:
        """Let go of every connection to the server."""
        await self.transport.aclose()

    async def _pages(
        self,
        path: str,
        params: Mapping[str, str | None],
        read: Read[Model],
        token: SecretStr | None = None,
        optional: str = "",
        cursor: str | None = None,
    ) -> AsyncIterator[Page[Model]]:
        seen: set[str] = set()
        row = 0
        while True:
            page = await self._page(path, {**params, "cursor": cursor}, read, token, row, optional)
            row += len(page.items) + len(page.unreadable)
            yield page
            cursor = page.next
            if cursor is None:
                return
            if cursor in seen:
                raise ApiError(problems.endless(row))
            seen.add(cursor)

    async def _page(
        self,
        path: str,
        params: Mapping[str, str | None],
        read: Read[Model],
        token: SecretStr | None,
        row: int,
        optional: str,
    ) -> Page[Model]:
        try:
            answer = await self.transport.read(path, params, token)
        except ApiError as error:
            problem = problems.unsupported(error.problem, optional) if optional else problems.elsewhere(error.problem)
        else:
            return await read_page(answer, read, row)
        raise ApiError(problem)

    async def _sync(self, connection: Connection, sync_id: str, attempts: int | None = None) -> Sync:
        path = requests.sync_path(sync_id)
        answer = await self.transport.read(path, requests.WHOLE_ISSUES, token_of(connection), attempts=attempts)
        return read_one(answer, read_sync, "sync")

    async def _afterwards(self, connection: Connection, sync_id: str) -> Sync:
        """How a sync is now that the server took an order about it."""
        try:
            return await self._sync(connection, sync_id)
        except ApiError as error:
            problem = problems.unread(error.problem, "sync")
        raise Unread(problem, sync_id)

    async def _conflict(self, connection: Connection, problem: Problem) -> SyncConflict:
        """A 409 with the sync that runs, where it can be found."""
        problem = problems.of_conflict(problem)
        running = running_sync_in(problem.detail) or running_sync_in(problem.message)
        return SyncConflict(problem, running or await self._running_sync(connection))

    async def _running_sync(self, connection: Connection) -> str:
        """Look for the sync that runs: the first of the history that is not final."""
        searched = 0
        try:
            async for page in self.syncs(connection):
                for sync in page.items:
                    if not sync.phase.is_final:
                        return sync.id
                searched += 1
                if searched >= _PAGES_SEARCHED:
                    break
        except ApiError:
            return ""  # the conflict is what the person has to know; which sync it is, they can look up
        return ""
