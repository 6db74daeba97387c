"""Terminal's API: what changes something that there is already."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import Body, FastAPI, Response

from tui_app.sandbox import jobs, updates, views
from tui_app.sandbox.requests import BodyOrNone, ConnectionToken, IssueId, SyncId, UpdateBody
from tui_app.sandbox.routes import PREFIX, opened
from tui_app.sandbox.schema import answers
from tui_app.sandbox.serving import add_routes, answer
from tui_app.sandbox.store import Store


class ChangesApi:
    """The operations. They run on one thread, the server's; what they change is guarded by the store's lock."""

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
            ("PATCH", "/connections/current", self.update, "updateCurrentConnection", answers("Connection", 200, 422)),
            ("DELETE", "/connections/current", self.delete, "deleteCurrentConnection", answers("Accepted", 202)),
            ("POST", "/syncs/{id}/retry", self.retry_sync, "retrySync", answers("SyncAnswer", 200, 404, 422)),
            ("POST", "/syncs/{id}/cancel", self.cancel_sync, "cancelSync", answers("SyncAnswer", 200, 404, 422)),
            ("POST", "/issues/{issueId}/resolve", self.resolve, "resolveIssue", answers("Issue", 200, 404, 422)),
        )

    async def update(
        self, token: ConnectionToken, body: Annotated[UpdateBody | None, Body()] = None, checked: BodyOrNone = None
    ) -> Response:
        """Change a connection."""
        connection = opened(self._store, token)
        updates.update(self._store, connection, _update(body or UpdateBody()))
        self._on_write()
        shown = views.connection_json(connection, self._store.clock.now_ms(), self._store.publishable_key)
        return answer(shown)

    async def delete(self, token: ConnectionToken) -> Response:
        """Let a connection be deleted after a day of grace."""
        updates.request_deletion(self._store, opened(self._store, token))
        self._on_write()
        return answer({"message": "Connection deletion requested"}, 202)

    async def retry_sync(self, id: SyncId, token: ConnectionToken) -> Response:
        """Let a failed sync begin anew."""
        jobs.retry(self._store, opened(self._store, token), id)
        self._on_write()
        return answer({"id": id, "message": "Sync retry requested"})

    async def cancel_sync(self, id: SyncId, token: ConnectionToken) -> Response:
        """Let a sync that is under way fail."""
        jobs.cancel(self._store, opened(self._store, token), id)
        self._on_write()
        return answer({"id": id, "message": "Sync cancellation requested"})

    async def resolve(self, issue_id: IssueId) -> Response:
        """Resolve an issue until it is met again."""
        connection, issue = self._store.resolve(issue_id)
        self._on_write()
        return answer(views.issue_json(connection, issue, self._store.clock.now_ms()))


def _update(body: UpdateBody) -> updates.Update:
    given = body.model_dump(by_alias=True, exclude_none=True)
    return updates.Update(
        status=body.status,
        company=given.get("company"),
        external_id=body.external_id,
        sync_mode=body.sync_mode,
        tags=None if body.tags is None else tuple(body.tags),
        options=body.options,
        filters=given.get("filters"),
    )
