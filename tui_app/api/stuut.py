"""Stuut's integrations API, spoken and read."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial

from tui_app.api import stuut_requests as requests
from tui_app.api.base import Capabilities, Changes, ConnectionQuery, SyncApi
from tui_app.api.errors import ApiError, SyncConflict
from tui_app.api.exchanges import Request
from tui_app.api.reading import read_one, read_rows, wrong_schema
from tui_app.api.refusals import nothing_to_change
from tui_app.api.stuut_batches import Part, answered, batches_in, id_of, look
from tui_app.api.stuut_listing import OneAtATime, elsewhere, pick, read_list, rows_of
from tui_app.api.stuut_memory import Memory
from tui_app.api.stuut_reading import connection_row, read_connection, read_job, sync_of
from tui_app.api.transport import Transport
from tui_app.api.wire import Answer
from tui_app.models.connection import Connection, ConnectionDraft
from tui_app.models.page import Page
from tui_app.models.problem import Problem, ProblemKind
from tui_app.models.sync import Phase, Sync, SyncRequest


class StuutApi(SyncApi):
    """One server of Stuut's integrations API.

    It can be asked for the list of connections and for nothing smaller, so every look reads that list, and looks at the
    same time share one request. Of a sync it lists only each model's newest job: what was seen of a sync's jobs is
    remembered here, so that one which was replaced meanwhile is told as lost rather than as something else.

    A sync's ID is the batch id of its jobs, or where they carry none the ID of its first job.

    Attributes:
        transport: What everything is sent through.
        capabilities: Creating and editing by plain fields, syncs in parts that are listed with the connections.
    """

    capabilities = Capabilities(
        create_connection=True,
        create_fields=requests.CREATE_FIELDS,
        edit_fields=requests.EDIT_FIELDS,
        parts=True,
        listed_syncs=True,
    )

    def __init__(self, transport: Transport) -> None:
        self.transport = transport
        self._memory = Memory()
        self._list = OneAtATime(self._read_list)

    async def connections(self, query: ConnectionQuery | None = None) -> AsyncIterator[Page[Connection]]:
        """All connections that fit, on one page. The server has no filters: they are applied here, `limit` is not.

        Rows that cannot be read are on the page whatever is asked for: whether they fit cannot be told.

        Raises:
            ApiError: While advancing, for a list that could not be read.
        """
        query = query or ConnectionQuery()
        page = await self._list.result()
        items = [one for one in page.items if _fits(one, query)]
        if query.order in ("asc", "desc"):
            items.sort(key=lambda one: (one.created_at.timestamp() if one.created_at else 0.0, one.id))
            items = items[::-1] if query.order == "desc" else items
        yield Page(items, list(page.unreadable))

    async def connection(self, connection: Connection) -> Connection:
        """One connection as it is now, with its newest sync. Tried once, unless a read with more tries is under way.

        Raises:
            ApiError: `NOT_FOUND` where it is not listed; whatever else went wrong.
        """
        return pick(await self._list.result(attempts=1), connection.id)

    def planned_read(self, connection: Connection) -> Request:
        """The request that `connection` would send: it reads the whole list, for there is no smaller one."""
        return self.transport.planned("GET", requests.LIST)

    def planned_sync_read(self, connection: Connection, sync_id: str) -> Request:
        """The request that `sync` would send: that for the list, in which each model's newest job stands."""
        return self.transport.planned("GET", requests.LIST)

    async def create_connection(self, draft: ConnectionDraft) -> Connection:
        """Make a connection from its plain fields. Passes the gate as ``create_connection``."""
        body = requests.creation(draft)
        try:
            answer = await self.transport.write("POST", requests.LIST, action="create_connection", json=body)
        finally:
            self._list.start_anew()
        return self._read_connection(answer)

    def planned_connection(self, draft: ConnectionDraft) -> Request:
        """The request that `create_connection` would send, secrets masked."""
        return self.transport.planned("POST", requests.LIST, json=requests.creation(draft))

    async def update_connection(self, connection: Connection, changes: Changes) -> Connection:
        """Change a connection; only the changes are sent. Passes the gate as ``update_connection``."""
        path, body = requests.connection_path(connection), requests.update(changes)
        if not body:
            raise nothing_to_change()
        try:
            answer = await self.transport.write("PATCH", path, action="update_connection", json=body)
        finally:
            self._list.start_anew()
        return self._read_connection(answer)

    def planned_update(self, connection: Connection, changes: Changes) -> Request:
        """The request that `update_connection` would send, secrets masked."""
        return self.transport.planned("PATCH", requests.connection_path(connection), json=requests.update(changes))

    async def request_sync(self, connection: Connection, request: SyncRequest) -> Sync:
        """Ask for a sync of every model. Passes the gate as ``request_sync``; nothing can be said of its window.

        Raises:
            SyncConflict: One runs already; its ID is with it.
            ApiError: Whatever else went wrong; `CONFLICT` too where the server is hindered by something else.
        """
        requests.check_sync(request)
        path = requests.connection_path(connection, "/sync")
        try:
            answer = await self.transport.write("POST", path, action="request_sync")
        except ApiError as error:
            problem = error.problem
        else:
            return self._requested(connection, answer)
        finally:
            self._list.start_anew()
        raise await self._conflict(connection, problem) if problem.kind is ProblemKind.CONFLICT else ApiError(problem)

    def planned_sync(self, connection: Connection, request: SyncRequest) -> Request:
        """The request that `request_sync` would send, secrets masked."""
        requests.check_sync(request)
        return self.transport.planned("POST", requests.connection_path(connection, "/sync"))

    async def sync(self, connection: Connection, sync_id: str) -> Sync:
        """One sync as it is now, told from the list of connections and from what was seen of it before.

        Raises:
            ApiError: `NOT_FOUND` where it is neither remembered nor listed; whatever else went wrong.
        """
        listed = pick(await self._list.result(attempts=1), connection.id)
        known = self._memory.of(connection.id, sync_id)
        parts = look(sync_id, known.parts, connection_row(listed.source).models, whole=known.whole)
        if not parts:
            raise ApiError(_not_listed(sync_id))
        self._memory.keep(connection.id, sync_id, parts, whole=known.whole)
        return sync_of(sync_id, parts)

    async def aclose(self) -> None:
        """Let go of every connection to the server."""
        await self.transport.aclose()

    async def _read_list(self, attempts: int | None) -> Page[Connection]:
        try:
            answer = await self.transport.read(requests.LIST, attempts=attempts)
        except ApiError as error:
            problem = elsewhere(error.problem)
        else:
            return await read_list(answer, partial(read_connection, remembered=self._memory.syncs_of_jobs))
        raise ApiError(problem)

    def _read_connection(self, answer: Answer) -> Connection:
        return read_one(answer, partial(read_connection, remembered=self._memory.syncs_of_jobs), "connection")

    def _requested(self, connection: Connection, answer: Answer) -> Sync:
        rows = rows_of(answer, "syncs")
        if not rows:
            raise ApiError(_nothing_started(answer.status))
        jobs, unreadable = read_rows(answer, rows, read_job)
        if not jobs:
            raise ApiError(wrong_schema(answer, "The server's answer is not a list of syncs", unreadable[0].reason))
        sync_id = id_of(jobs)
        names = {model.id: model.name for model in connection.models}
        parts = answered(self._memory.of(connection.id, sync_id).parts, jobs, names)
        # A job that could not be read may still be found in the list.
        self._memory.keep(connection.id, sync_id, parts, whole=not unreadable)
        return sync_of(sync_id, parts)

    async def _conflict(self, connection: Connection, problem: Problem) -> ApiError:
        """Tell a sync that runs already from other reasons for a 409, by what the list shows."""
        try:
            listed = pick(await self._list.result(attempts=1), connection.id)
            moving = self._moving(listed, problem)
        except ApiError:
            return ApiError(problem)  # the server's refusal is what the person has to know
        if moving is None:
            return ApiError(_not_now(problem, listed.hindrance))
        problem = replace(
            problem,
            title="A sync of this connection runs already",
            meaning="The server refuses another one while it runs; nothing new was started.",
            next_step="Follow the one that runs.",
        )
        return SyncConflict(problem, moving)

    def _moving(self, listed: Connection, problem: Problem) -> str | None:
        """The sync that is in the way: one that the server names, else one that is at work, else the newest waiting."""
        batches = batches_in(connection_row(listed.source).models, self._memory.syncs_of_jobs(listed.id))
        moving = {sync_id: parts for sync_id, parts in batches.items() if not sync_of(sync_id, parts).phase.is_final}

        def likelihood(sync_id: str) -> tuple[bool, bool, float]:
            parts = moving[sync_id]
            named = any(name in problem.server_words for name in (sync_id, *(part.job.id for part in parts)))
            return (named, _at_work(parts), max(part.job.made.timestamp() for part in parts))

        return max(moving, key=likelihood, default=None)


def _at_work(parts: tuple[Part, ...]) -> bool:
    return any(part.phase in (Phase.RUNNING, Phase.RETRYING) for part in parts)


def _fits(connection: Connection, query: ConnectionQuery) -> bool:
    """Whether a connection is among those asked for; what a connection does not have fits nothing."""
    asked = (
        (query.external_id, connection.external_id == query.external_id),
        (query.dot_number, query.dot_number in connection.company.dot_numbers),
        (query.tag, query.tag in connection.tags),
        (query.status, connection.status == query.status),
        (query.provider, connection.provider.code == query.provider),
    )
    updated = connection.updated_at
    after, before = query.updated_after, query.updated_before
    return (
        all(fits for given, fits in asked if given is not None)
        and (after is None or (updated is not None and updated >= after))
        and (before is None or (updated is not None and updated <= before))
    )


def _not_listed(sync_id: str) -> Problem:
    return Problem(
        ProblemKind.NOT_FOUND,
        "The server does not list this sync",
        meaning=f"The server keeps only each model's newest job, and none of them is of {sync_id}.",
        next_step="Reload the connection to see its newest sync.",
    )


def _nothing_started(status: int) -> Problem:
    return Problem(
        ProblemKind.INVALID,
        "The server started nothing",
        meaning="It answered with an empty list: no model of this connection is switched on.",
        next_step="Have a model switched on at Stuut, then request the sync again.",
        status=status,
    )


def _not_now(problem: Problem, hindrance: str) -> Problem:
    return replace(
        problem,
        title="The server does not start a sync of this connection now",
        meaning=hindrance or "No sync of it runs, so something else is in the way; the server's own words say what.",
        next_step="Settle that first, then request the sync again.",
    )
