"""Terminal's telematics API, spoken and read."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from pydantic import SecretStr

from tui_app.api.base import Capabilities, ConnectionQuery, IssueQuery, SyncApi
from tui_app.api.credentials import wire_value
from tui_app.api.errors import ApiError, SyncConflict
from tui_app.api.exchanges import Request
from tui_app.api.reading import Model, Read, read_bare_list, read_one
from tui_app.api.terminal_reading import (
    read_connection,
    read_issue,
    read_page,
    read_provider,
    read_sync,
    running_sync_in,
)
from tui_app.api.transport import Transport
from tui_app.api.wire import Body
from tui_app.models.connection import Connection, ConnectionDraft
from tui_app.models.issue import Issue
from tui_app.models.page import Page
from tui_app.models.problem import Problem, ProblemKind
from tui_app.models.provider import Provider
from tui_app.models.remote import iso
from tui_app.models.sync import Sync, SyncRequest

PROVIDER_REQUESTS = ("historical_files", "provision_credentials")

_NOT_OFFERED = frozenset({404, 405, 501})
_PAGES_SEARCHED = 20  # pages of a connection's history in which a running sync is looked for


class TerminalApi(SyncApi):
    """One Terminal server: production, sandbox, or the embedded one.

    Lists and the providers are read with retries; `connection` and `sync` try once, because what follows a sync
    paces itself and shows each look that failed.

    Attributes:
        transport: What everything is sent through.
        capabilities: Creating with credentials, windows, history, progress, issues, providers.
    """

    capabilities = Capabilities(
        create_connection=True,
        credential_fields=True,
        sync_window=True,
        provider_requests=PROVIDER_REQUESTS,
        sync_history=True,
        progress=True,
        issues=True,
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
            "limit": _limit(query.limit),
        }
        return self._pages("/connections", params, read_connection)

    async def connection(self, connection: Connection) -> Connection:
        """One connection as it is now, with its last sync. Tried once."""
        answer = await self.transport.read("/connections/current", token=_token(connection), attempts=1)
        return read_one(answer, read_connection, "connection")

    async def create_connection(self, draft: ConnectionDraft) -> Connection:
        """Make a connection directly.

        Raises:
            ApiError: `UNSUPPORTED` where this server does not offer it; whatever else went wrong.
        """
        try:
            answer = await self.transport.write(
                "POST", "/connections", action="create_connection", json=_creation(draft)
            )
        except ApiError as error:
            problem = _creation_problem(error.problem)
        else:
            return read_one(answer, read_connection, "connection")
        raise ApiError(problem)

    def planned_connection(self, draft: ConnectionDraft) -> Request:
        """The request that `create_connection` would send, secrets masked."""
        return self.transport.planned("POST", "/connections", json=_creation(draft))

    async def request_sync(self, connection: Connection, request: SyncRequest) -> Sync:
        """Ask for a sync.

        Raises:
            SyncConflict: One runs already; its ID is with it where it could be found.
            ApiError: Whatever else went wrong.
        """
        token, body = _token(connection), _sync_body(request)
        try:
            answer = await self.transport.write("POST", "/syncs", action="request_sync", json=body, token=token)
        except ApiError as error:
            problem = error.problem
        else:
            return read_one(answer, read_sync, "sync")
        if problem.kind is not ProblemKind.CONFLICT:
            raise ApiError(problem)
        problem = replace(
            problem,
            title="A sync of this connection runs already",
            meaning="The server runs one sync per connection at a time; nothing new was started.",
            next_step="Follow the one that runs.",
        )
        running = running_sync_in(problem.detail) or running_sync_in(problem.message)
        raise SyncConflict(problem, running or await self._running_sync(connection))

    def planned_sync(self, connection: Connection, request: SyncRequest) -> Request:
        """The request that `request_sync` would send, secrets masked."""
        return self.transport.planned("POST", "/syncs", json=_sync_body(request), token=_token(connection))

    def syncs(
        self, connection: Connection, *, status: str | None = None, limit: int | None = None
    ) -> AsyncIterator[Page[Sync]]:
        """All pages of a connection's syncs; their issues are IDs."""
        return self._pages("/syncs", {"status": status, "limit": _limit(limit)}, read_sync, _token(connection))

    async def sync(self, connection: Connection, sync_id: str) -> Sync:
        """One sync as it is now, with its issues whole. Tried once."""
        path = f"/syncs/{_segment(sync_id)}"
        answer = await self.transport.read(path, {"expand": "issues"}, _token(connection), attempts=1)
        return read_one(answer, read_sync, "sync")

    def issues(self, query: IssueQuery | None = None) -> AsyncIterator[Page[Issue]]:
        """All pages of the issues that fit."""
        query = query or IssueQuery()
        params = {
            "connectionId": query.connection_id,
            "status": query.status,
            "errorCode": query.error_code,
            "lastReportedAfter": iso(query.last_reported_after) if query.last_reported_after else None,
            "lastReportedBefore": iso(query.last_reported_before) if query.last_reported_before else None,
            "limit": _limit(query.limit),
        }
        return self._pages("/issues", params, read_issue, optional="issues")

    async def providers(self) -> list[Provider]:
        """Every provider that the server offers; those without a code, which nothing could be done with, left out."""
        try:
            answer = await self.transport.read("/providers")
        except ApiError as error:
            problem = _unsupported(error.problem, "providers")
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
    ) -> AsyncIterator[Page[Model]]:
        cursor: str | None = None
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
                raise ApiError(_endless(row))
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
            problem = _unsupported(error.problem, optional) if optional else _elsewhere(error.problem)
        else:
            return await read_page(answer, read, row)
        raise ApiError(problem)

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


def _refused(title: str, meaning: str, next_step: str) -> ApiError:
    return ApiError(Problem(kind=ProblemKind.REFUSED, title=title, meaning=meaning, next_step=next_step))


def _token(connection: Connection) -> SecretStr:
    token = connection.token
    if token is None or not token.get_secret_value():
        raise _refused(
            "Nothing was sent: this connection has no token",
            "The server sent none for it, as for a record that was deleted.",
            "Reload the connections; a deleted one can no longer be asked for anything.",
        )
    return token


def _limit(limit: int | None) -> str | None:
    if limit is None:
        return None
    if limit < 1:
        raise _refused("Nothing was sent: a page needs at least one row", f"{limit} was asked for.", "Ask for more.")
    return str(limit)


def _segment(text: str) -> str:
    """Quote an ID as one part of a path, whatever it holds."""
    if not text.strip("."):
        raise _refused("Nothing was sent: this is not an ID", f"“{text}” cannot name anything.", "Check the ID.")
    return quote(text, safe="")


def _sync_body(request: SyncRequest) -> Body | None:
    """The body of a sync request; none at all where nothing is asked for, which lets the server decide the window."""
    unknown = [word for word in request.provider_requests if word not in PROVIDER_REQUESTS]
    if unknown:
        raise _refused(
            "Nothing was sent: the provider cannot be asked for this",
            f"Unknown: {', '.join(unknown)}.",
            f"Known are {' and '.join(PROVIDER_REQUESTS)}.",
        )
    body: dict[str, Any] = {}
    if request.start_from is not None:
        body["startFrom"] = iso(request.start_from)
    if request.days is not None:
        body["days"] = _number(request.days)
    if request.provider_requests:
        body["providerRequests"] = list(request.provider_requests)
    return Body(body) if body else None


def _number(value: float) -> int | float:
    return int(value) if value.is_integer() else value


def _creation(draft: ConnectionDraft) -> Body:
    """The body that creates a connection; every credential is a secret, the user's name too."""
    secrets = {name: value.get_secret_value() for name, value in draft.credentials.items()}
    body: dict[str, Any] = {
        "provider": draft.provider,
        "credentials": {name: wire_value(draft.provider, name, value) for name, value in secrets.items()},
    }
    company = {"name": draft.company_name, "dotNumbers": list(draft.dot_numbers)}
    if given := {name: value for name, value in company.items() if value}:
        body["company"] = given
    if draft.external_id:
        body["externalId"] = draft.external_id
    body["syncMode"] = draft.sync_mode
    if draft.backfill is not None and draft.backfill.start_from is not None:
        body["backfill"] = {"startFrom": iso(draft.backfill.start_from)}
    elif draft.backfill is not None and draft.backfill.days is not None:
        body["backfill"] = {"days": _number(draft.backfill.days)}
    if draft.tags:
        body["tags"] = list(draft.tags)
    return Body(body, tuple(secrets.values()))


def _creation_problem(problem: Problem) -> Problem:
    # 403 is no statement about the key here: Terminal enables direct creation per account. A 403 with a code of its own
    # says something else and stays what it is.
    closed = problem.status == 403 and problem.code in ("", "forbidden")
    if not closed and problem.status not in _NOT_OFFERED:
        return problem
    return replace(
        problem,
        kind=ProblemKind.UNSUPPORTED,
        title="This server does not offer direct creation",
        meaning="Connections are made with credentials only where that is enabled for the account.",
        next_step="Use Link: the fleet signs in on its own page, and the connection appears here.",
    )


def _unsupported(problem: Problem, what: str) -> Problem:
    if problem.status not in _NOT_OFFERED:
        return problem
    return replace(
        problem,
        kind=ProblemKind.UNSUPPORTED,
        title=f"This server does not offer a list of {what}",
        meaning="It knows no such list, or the base URL is not quite right.",
        next_step="Check the profile's base URL; otherwise go on without it.",
    )


def _elsewhere(problem: Problem) -> Problem:
    """A list that is not found is no list of this API: the address leads somewhere else."""
    if problem.status != 404:
        return problem
    return replace(
        problem,
        kind=ProblemKind.UNREADABLE,
        title="This does not look like Terminal's API",
        meaning="Something answers at this base URL, but it lacks what every such server has.",
        next_step="Check the base URL: it ends in /tsp/v1.",
    )


def _endless(rows: int) -> Problem:
    return Problem(
        kind=ProblemKind.UNREADABLE,
        title="The list does not end",
        meaning=f"After {rows:,} rows the server sent a cursor for the second time: the pages go round in a circle.",
        next_step="What was read so far stands. Read the list again, or narrow it.",
    )
