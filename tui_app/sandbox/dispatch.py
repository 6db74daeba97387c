"""Several APIs on one port: the path says whose a request is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send


class Dispatch:
    """An ASGI application that passes each request on to one of several others."""

    def __init__(self, below: Mapping[str, Callable[[], ASGIApp]], others: ASGIApp) -> None:
        """Join applications.

        Args:
            below: What makes the one that answers for a path and all paths below it: called once, at the first request.
            others: Answers for the rest.
        """
        self._makers = dict(below)
        self._made: dict[str, ASGIApp] = {}
        self._others = others

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        path = str(scope.get("path", ""))
        below = (prefix for prefix in self._makers if path == prefix or path.startswith(f"{prefix}/"))
        prefix = next(below, None)
        await (self._others if prefix is None else self._answering(prefix))(scope, receive, send)

    def _answering(self, prefix: str) -> ASGIApp:
        if prefix not in self._made:
            self._made[prefix] = self._makers[prefix]()
        return self._made[prefix]
