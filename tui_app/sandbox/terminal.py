"""Terminal's API: what lists and reads, and what makes connections and syncs; nothing about what is behind it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from itertools import dropwhile
from typing import Annotated, Any

from fastapi import Body, FastAPI, Response

from tui_app.sandbox import paging, views
from tui_app.sandbox.clock import iso
from tui_app.sandbox.connections import Connection, Profile
from tui_app.sandbox.credentials import check_credentials
from tui_app.sandbox.errors import not_found
from tui_app.sandbox.ids import Draw, ulid
from tui_app.sandbox.issues import IssuePlan
from tui_app.sandbox.plans import DAY, SyncPlan
from tui_app.sandbox.providers import provider_list
from tui_app.sandbox.requests import (
    ApplicationId,
    BackfillBody,
    BodyOrNone,
    ConnectionBody,
    ConnectionStatusFilter,
    ConnectionToken,
    Cursor,
    ExpandConnection,
    ExpandIssues,
    IssueStatusFilter,
    Limit,
    MomentFilter,
    Order,
    SyncBody,
    SyncId,
    SyncStatusFilter,
    TextFilter,
)
from tui_app.sandbox.routes import PREFIX, not_ahead, opened
from tui_app.sandbox.schema import answers
from tui_app.sandbox.serving import add_routes, answer
from tui_app.sandbox.store import NewConnection, Store, SyncRequest

__all__ = ["TerminalApi", "answer"]


class TerminalApi:
    """The operations. They run on one thread, the server's; what they change is guarded by the store."""

    def __init__(self, store: Store, on_write: Callable[[], None]) -> None:
        """Answer from a store.

        Args:
            store: What the server knows.
            on_write: Called after every change, before it is answered.
        """
        self._store = store
        self._on_write = on_write

    def add_to(self, app: FastAPI) -> None:
        """Add the routes to an application."""
        add_routes(
            app,
            PREFIX,
            ("GET", "/connections", self.list_connections, "listConnections", answers("ConnectionPage")),
            ("POST", "/connections", self.create_connection, "createConnection", answers("Connection", 201, 422)),
            ("GET", "/connections/current", self.current_connection, "getCurrentConnection", answers("Current")),
            ("POST", "/syncs", self.request_sync, "requestSync", answers("Sync", 201, 409)),
            ("GET", "/syncs", self.list_syncs, "listSyncHistory", answers("SyncPage")),
            ("GET", "/syncs/{id}", self.read_sync, "getSyncJobStatus", answers("Sync", 200, 404)),
            ("GET", "/issues", self.list_issues, "listIssues", answers("IssuePage")),
            ("GET", "/providers", self.list_providers, "listProviders", answers("Providers")),
        )

    async def list_connections(
        self,
        cursor: Cursor = None,
        limit: Limit = None,
        externalId: TextFilter = None,
        dotNumber: TextFilter = None,
        tag: TextFilter = None,
        updatedAfter: MomentFilter = None,
        updatedBefore: MomentFilter = None,
        status: ConnectionStatusFilter = None,
        provider: TextFilter = None,
        order: Order = "asc",
        application: ApplicationId = None,
    ) -> Response:
        """List connections by creation."""
        now_ms = self._store.clock.now_ms()
        after_id = paging.decode_cursor(cursor, order, "conn")
        wanted: list[Callable[[Connection], bool]] = []
        if externalId is not None:
            wanted.append(lambda each: each.profile.external_id == externalId)
        if dotNumber is not None:
            wanted.append(lambda each: dotNumber in each.profile.company.get("dotNumbers", ()))
        if tag is not None:
            wanted.append(lambda each: tag in each.profile.tags)
        if provider is not None:
            wanted.append(lambda each: each.profile.provider == provider)
        if status is not None:
            wanted.append(lambda each: each.status_at(now_ms) == status)
        if updatedAfter is not None:
            wanted.append(lambda each: each.updated_ms(now_ms) >= updatedAfter)
        if updatedBefore is not None:
            wanted.append(lambda each: each.updated_ms(now_ms) <= updatedBefore)
        return answer(
            await paging.page(
                self._store.connections(order, after_id),
                lambda each: all(fits(each) for fits in wanted),
                limit,
                order,
                lambda each: each.id,
                lambda each: self._shown(each, now_ms),
            )
        )

    async def create_connection(self, body: ConnectionBody) -> Response:
        """Make a connection, or find again the one that the account already has."""
        now_ms = self._store.clock.now_ms()
        account_key = check_credentials(body.provider, body.credentials)
        made = self._store.create(
            NewConnection(_profile(body, now_ms), account_key, _backfill_ms(body.backfill, now_ms))
        )
        self._on_write()
        return answer(self._shown(made, self._store.clock.now_ms()), 201)

    async def current_connection(self, token: ConnectionToken, application: ApplicationId = None) -> Response:
        """Read the connection that a token opens."""
        connection = opened(self._store, token)
        now_ms = self._store.clock.now_ms()
        return answer(views.current_json(connection, now_ms, self._store.publishable_key))

    async def request_sync(
        self, token: ConnectionToken, body: Annotated[SyncBody | None, Body()] = None, checked: BodyOrNone = None
    ) -> Response:
        """Request a sync."""
        connection = opened(self._store, token)
        body = body or SyncBody()
        now_ms = self._store.clock.now_ms()
        if body.days is None:
            not_ahead(body.start_from, now_ms, "{requestBody}.startFrom")
        requests = tuple(dict.fromkeys(body.provider_requests))
        plan = self._store.request_sync(connection, SyncRequest(body.start_from, body.days, requests))
        self._on_write()
        return answer(views.sync_json(connection, plan, self._store.clock.now_ms()), 201)

    async def list_syncs(
        self,
        token: ConnectionToken,
        limit: Limit = None,
        cursor: Cursor = None,
        status: SyncStatusFilter = None,
        expand: ExpandIssues = None,
        application: ApplicationId = None,
    ) -> Response:
        """List a connection's syncs, the newest first."""
        connection = opened(self._store, token)
        now_ms = self._store.clock.now_ms()
        after_id = paging.decode_cursor(cursor, "desc", "sync")
        syncs: Iterator[SyncPlan] = connection.syncs(now_ms)
        if after_id is not None:
            last_id = after_id
            syncs = dropwhile(lambda plan: plan.id >= last_id, syncs)
        expanded = expand is not None
        return answer(
            await paging.page(
                syncs,
                lambda plan: status is None or plan.at(now_ms).status == status,
                limit,
                "desc",
                lambda plan: plan.id,
                lambda plan: views.sync_json(connection, plan, now_ms, expand_issues=expanded),
            )
        )

    async def read_sync(
        self,
        id: SyncId,
        token: ConnectionToken,
        expand: ExpandIssues = None,
        application: ApplicationId = None,
    ) -> Response:
        """Read one sync of a connection."""
        connection = opened(self._store, token)
        now_ms = self._store.clock.now_ms()
        plan = connection.sync(id, now_ms)
        if plan is None:
            raise not_found(id)
        return answer(views.sync_json(connection, plan, now_ms, expand_issues=expand is not None))

    async def list_issues(
        self,
        limit: Limit = None,
        cursor: Cursor = None,
        lastReportedAfter: MomentFilter = None,
        lastReportedBefore: MomentFilter = None,
        expand: ExpandConnection = None,
        connectionId: TextFilter = None,
        errorCode: TextFilter = None,
        status: IssueStatusFilter = None,
        application: ApplicationId = None,
    ) -> Response:
        """List the issues of all connections, the newest first."""
        now_ms = self._store.clock.now_ms()
        after_id = paging.decode_cursor(cursor, "desc", "isu")
        wanted: list[Callable[[Connection, IssuePlan], bool]] = []
        if connectionId is not None:
            wanted.append(lambda owner, issue: owner.id == connectionId)
        if errorCode is not None:
            wanted.append(lambda owner, issue: issue.code == errorCode)
        if status is not None:
            ongoing = status == "ongoing"
            wanted.append(lambda owner, issue: owner.is_ongoing(issue, now_ms) == ongoing)
        if lastReportedAfter is not None:
            wanted.append(lambda owner, issue: owner.last_reported_ms(issue, now_ms) >= lastReportedAfter)
        if lastReportedBefore is not None:
            wanted.append(lambda owner, issue: owner.last_reported_ms(issue, now_ms) <= lastReportedBefore)
        for _ in self._store.indexing():
            await asyncio.sleep(0)
        found = self._store.issues(after_id)

        def shown(pair: tuple[Connection, IssuePlan]) -> dict[str, Any]:
            owner, issue = pair
            expanded = self._shown(owner, now_ms) if expand is not None else None
            return views.issue_json(owner, issue, now_ms, expanded)

        return answer(
            await paging.page(
                found, lambda pair: all(fits(*pair) for fits in wanted), limit, "desc", lambda pair: pair[1].id, shown
            )
        )

    async def list_providers(self, application: ApplicationId = None) -> Response:
        """List all providers."""
        return answer(provider_list())

    def _shown(self, connection: Connection, now_ms: int) -> dict[str, Any]:
        return views.connection_json(connection, now_ms, self._store.publishable_key)


def _backfill_ms(backfill: BackfillBody | None, now_ms: int) -> int | None:
    if backfill is None:
        return None
    if backfill.days is not None:
        return max(now_ms - int(min(backfill.days * DAY, float(now_ms))), 0)
    not_ahead(backfill.start_from, now_ms, "{requestBody}.backfill.startFrom")
    return backfill.start_from


def _profile(body: ConnectionBody, now_ms: int) -> Profile:
    company = body.company.model_dump(by_alias=True, exclude_none=True) if body.company else {}
    draw = Draw("agreement", now_ms, len(body.agreements))
    agreements = [
        {
            "id": f"agr_{ulid(now_ms, draw)}",
            "applicationId": f"app_{ulid(now_ms, Draw('application'))}",
            "acceptedAt": iso(now_ms),
            **given.model_dump(by_alias=True, exclude_none=True, exclude={"type", "accepted_at"}),
            **({} if given.accepted_at is None else {"acceptedAt": iso(given.accepted_at)}),
        }
        for given in body.agreements
    ]
    return Profile(
        company=company,
        account=company,
        provider=body.provider,
        sync_mode=body.sync_mode,
        external_id=body.external_id,
        tags=tuple(body.tags),
        options=body.options or {},
        agreements=tuple(agreements),
    )
