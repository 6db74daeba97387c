"""Terminal's API: requests that are passed through to a connection's provider."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Response

from tui_app.sandbox.errors import bad_gateway, disconnected, not_implemented
from tui_app.sandbox.providers import BY_CODE
from tui_app.sandbox.requests import ConnectionToken, PassthroughBody
from tui_app.sandbox.routes import PREFIX, opened
from tui_app.sandbox.schema import answers, raw_answers
from tui_app.sandbox.serving import add_routes, answer
from tui_app.sandbox.store import Store
from tui_app.sandbox.telematics import Question, Reply, ask


class PassthroughApi:
    """The operations. They change nothing."""

    def __init__(self, store: Store) -> None:
        """Answer from a store: what the server knows."""
        self._store = store

    def add_to(self, app: FastAPI) -> None:
        """Add the routes to an application."""
        also = (422, 501, 502)
        add_routes(
            app,
            PREFIX,
            ("POST", "/passthrough", self.passthrough, "passthrough", answers("PassthroughOutput", 200, *also)),
            ("POST", "/passthrough/raw", self.raw, "passthroughRaw", raw_answers("PassthroughOutput", *also)),
        )

    async def passthrough(self, token: ConnectionToken, body: PassthroughBody) -> Response:
        """Ask a provider, and tell what it answered; if it broke down over that, say so."""
        reply = self._reply(token, body)
        if reply.status >= 500:
            raise bad_gateway(reply.status)
        return answer(_output(body, reply))

    async def raw(self, token: ConnectionToken, body: PassthroughBody) -> Response:
        """Ask a provider, and hand on what it granted byte by byte; what it refused is told as by `passthrough`."""
        reply = self._reply(token, body)
        if reply.status >= 300:
            return answer(_output(body, reply))
        return Response(reply.content, reply.status, media_type=reply.content_type)

    def _reply(self, token: str, body: PassthroughBody) -> Reply:
        connection = opened(self._store, token)
        if connection.status_at(self._store.clock.now_ms()) != "connected":
            raise disconnected()
        provider = BY_CODE.get(connection.profile.provider)
        if provider is None or provider.status == "deprecated":
            raise not_implemented("Passthrough requests are not supported for this provider")
        return ask(Question(provider.base or provider.code, connection.id, body.method, body.path, body.body))


def _output(body: PassthroughBody, reply: Reply) -> dict[str, Any]:
    return {
        "method": body.method,
        "path": body.path,
        "statusCode": reply.status,
        "headers": {"Content-Type": reply.content_type},
        "response": reply.value,
    }
