"""Several APIs on one port: the path says whose a request is."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send


class Dispatch:
    """An ASGI application that passes each request on to one of two others."""

    def __init__(self, prefix: str, below: ASGIApp, others: ASGIApp) -> None:
        """Join two applications.

        Args:
            prefix: A path; it and all paths below it are told apart from the others.
            below: Answers for those.
            others: Answers for the rest.
        """
        self._prefix = prefix
        self._below = below
        self._others = others

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        path = str(scope.get("path", ""))
        mine = path == self._prefix or path.startswith(f"{self._prefix}/")
        await (self._below if mine else self._others)(scope, receive, send)
