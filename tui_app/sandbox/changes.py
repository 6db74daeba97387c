"""Terminal's API: what changes something that there is already."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import FastAPI, Response

from tui_app.sandbox import jobs
from tui_app.sandbox.requests import ConnectionToken, SyncId
from tui_app.sandbox.routes import add_routes, answer, opened
from tui_app.sandbox.schema import answers
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
            ("POST", "/syncs/{id}/retry", self.retry_sync, "retrySync", answers("SyncAnswer", 200, 404, 422)),
            ("POST", "/syncs/{id}/cancel", self.cancel_sync, "cancelSync", answers("SyncAnswer", 200, 404, 422)),
        )

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
