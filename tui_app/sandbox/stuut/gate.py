"""What happens to every request before its operation is looked for: date, key, size."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException

from tui_app.sandbox.gatekeeper import MOST_BYTES, bounded, dated, read_headers
from tui_app.sandbox.stuut.refusals import Refusal, too_large, unauthorized
from tui_app.sandbox.stuut.store import IntegrationStore

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send


class Gate:
    """An ASGI application around another one: nobody without a key learns what there is behind it."""

    def __init__(self, app: ASGIApp, store: IntegrationStore, *, open_path: str) -> None:
        """Guard an application.

        Args:
            app: What is guarded.
            store: Knows the key and the time.
            open_path: The one path that needs no key.
        """
        self._app = app
        self._store = store
        self._open_path = open_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        send = dated(send, self._store.clock)
        try:
            self._admit(scope)
        except Refusal as error:
            from tui_app.sandbox.stuut.app import refusal

            await refusal(error)(scope, receive, send)
            return
        await self._app(scope, bounded(receive, _too_large), send)

    def _admit(self, scope: Scope) -> None:
        headers = read_headers(scope)
        if scope["path"] != self._open_path:
            self._check_key(headers.get("authorization", b""))
        length = headers.get("content-length", b"0")
        if length.isdigit() and int(length) > MOST_BYTES:
            raise too_large(MOST_BYTES)

    def _check_key(self, authorization: bytes) -> None:
        scheme, _, key = authorization.partition(b" ")
        key = key.strip()
        if scheme.lower() != b"bearer" or not key:
            raise unauthorized()
        if not hmac.compare_digest(key, self._store.key.encode()):
            raise unauthorized("Invalid token: a simulated server takes the one that begins with stuut_test_")


def _too_large() -> HTTPException:
    # FastAPI, while it reads a body, lets this kind of error alone pass as it is.
    error = too_large(MOST_BYTES)
    return HTTPException(error.status, error.body["detail"])
