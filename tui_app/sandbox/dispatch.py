"""Several APIs on one port: the path says whose a request is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send


class Dispatch:
    """An ASGI application that passes each request on to one of several others."""

    def __init__(self, below: Mapping[str, ASGIApp], others: ASGIApp) -> None:
        """Join applications.

        Args:
            below: Who answers for which path and all paths below it.
            others: Answers for the rest.
        """
        self._below = dict(below)
        self._others = others

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        path = str(scope.get("path", ""))
        below = (app for prefix, app in self._below.items() if path == prefix or path.startswith(f"{prefix}/"))
        await next(below, self._others)(scope, receive, send)
