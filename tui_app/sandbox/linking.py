"""Terminal's API: short links, and what comes of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Body, FastAPI, Request, Response

from tui_app.sandbox import signing_in, views
from tui_app.sandbox.clock import iso
from tui_app.sandbox.errors import bad_request
from tui_app.sandbox.links import ShortLink
from tui_app.sandbox.pages import SHORT
from tui_app.sandbox.providers import BY_CODE
from tui_app.sandbox.requests import BodyOrNone, LinkBody, LinkId, PublicTokenBody
from tui_app.sandbox.routes import PREFIX, not_ahead
from tui_app.sandbox.schema import answers
from tui_app.sandbox.serving import add_routes, answer
from tui_app.sandbox.store import Store


class LinkingApi:
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
            ("POST", "/public-token/exchange", self.exchange, "publicTokenExchange", answers("Connection", 200, 404)),
            ("POST", "/link/short", self.create, "createShortLink", answers("ShortLink")),
            ("DELETE", "/link/short/{id}", self.delete, "deleteShortLink", answers(None, 204, 404)),
        )

    async def exchange(self, body: PublicTokenBody) -> Response:
        """Exchange a public token for the connection that it stands for."""
        connection = signing_in.exchange(self._store, body.public_token)
        self._on_write()
        shown = views.connection_json(connection, self._store.clock.now_ms(), self._store.publishable_key)
        return answer(shown)

    async def create(
        self, request: Request, body: Annotated[LinkBody | None, Body()] = None, checked: BodyOrNone = None
    ) -> Response:
        """Make a short link, or find the one again that was made from the same body."""
        body = body or LinkBody()
        now_ms = self._store.clock.now_ms()
        if body.provider is not None and body.provider not in BY_CODE:
            wrong = ("{requestBody}.provider", "'provider' property must be a known code")
            raise bad_request("Invalid request body", wrong)
        if body.backfill is not None and body.backfill.days is None:
            not_ahead(body.backfill.start_from, now_ms, "{requestBody}.backfill.startFrom")
        with self._store.lock:
            link, replayed = self._store.links.make(body.model_dump(by_alias=True, exclude_none=True), now_ms)
        self._on_write()
        told = answer(_link_json(link, request))
        if replayed:
            told.headers["Idempotent-Replayed"] = "true"
        return told

    async def delete(self, id: LinkId) -> Response:
        """Make a short link useless."""
        with self._store.lock:
            self._store.links.delete(id, self._store.clock.now_ms())
        self._on_write()
        return Response(status_code=204)


def _link_json(link: ShortLink, request: Request) -> dict[str, Any]:
    # The address at which the request came in: the one that the client can reach.
    host, port = request.scope["server"]
    address = f"[{host}]" if ":" in host else host
    return {
        "id": link.id,
        "code": link.code,
        "url": f"http://{address}:{port}{SHORT}/{link.code}",
        "expiresAt": iso(link.expires_ms),
    }
