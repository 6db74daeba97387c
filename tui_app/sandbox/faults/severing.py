"""Connections that the server can drop: HTTP as uvicorn speaks it, and a way for an application to end it midway."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from uvicorn.protocols.http.h11_impl import H11Protocol

from tui_app.sandbox.faults.injecting import SEVER

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send


class SeverableProtocol(H11Protocol):
    """Tells each request how its connection is closed without another word."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin a connection."""
        super().connection_made(transport)
        app: Any = self.app

        async def severable(scope: Scope, receive: Receive, send: Send) -> None:
            await app({**scope, SEVER: transport.close}, receive, send)

        self.app = severable
