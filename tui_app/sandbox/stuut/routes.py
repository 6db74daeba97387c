"""The API's routes, and nothing about what is behind them."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import FastAPI, Response

from tui_app.sandbox.serving import add_routes, answer
from tui_app.sandbox.stuut import PREFIX, views
from tui_app.sandbox.stuut.bodies import ConnectionEditBody, NewConnectionBody
from tui_app.sandbox.stuut.facts import Profile
from tui_app.sandbox.stuut.schema import answers
from tui_app.sandbox.stuut.store import IntegrationStore


class StuutApi:
    """The operations. They run on one thread, the server's; what they change is guarded by the store."""

    def __init__(self, store: IntegrationStore, on_write: Callable[[], None]) -> None:
        """Answer from a store.

        Args:
            store: What the server knows.
            on_write: Called after every change, before it is answered.
        """
        self._store = store
        self._on_write = on_write

    def add_to(self, app: FastAPI) -> None:
        """Add the routes to an application."""
        one = "/connections/{connection_id}"
        body = (400, 413, 422)
        add_routes(
            app,
            PREFIX,
            ("GET", "/connections", self.list_connections, "listConnections", answers("Connections")),
            ("POST", "/connections", self.create_connection, "createConnection", answers("Connection", *body)),
            ("PATCH", one, self.update_connection, "updateConnection", answers("Connection", 404, *body)),
            ("POST", f"{one}/sync", self.request_sync, "requestSync", answers("Syncs", 404, 409, 413)),
        )

    async def list_connections(self) -> Response:
        """List all connections, with the last job of each of their models."""
        now_ms = self._store.clock.now_ms()
        return answer([views.connection_json(each, now_ms) for each in self._store.connections()])

    async def create_connection(self, body: NewConnectionBody) -> Response:
        """Make a connection."""
        made = self._store.create(Profile(**body.model_dump()))
        self._on_write()
        return answer(views.connection_json(made, self._store.clock.now_ms()))

    async def update_connection(self, connection_id: str, body: ConnectionEditBody) -> Response:
        """Change what is said of a connection."""
        connection = self._store.connection(connection_id)
        self._store.edit(connection, body.model_dump(exclude_unset=True))
        self._on_write()
        return answer(views.connection_json(connection, self._store.clock.now_ms()))

    async def request_sync(self, connection_id: str) -> Response:
        """Request a sync: one job for each model that is synced."""
        jobs = self._store.request_sync(self._store.connection(connection_id))
        self._on_write()
        now_ms = self._store.clock.now_ms()
        return answer([views.sync_json(job, now_ms) for job in jobs])
