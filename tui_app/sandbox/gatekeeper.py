"""What happens to every request before its operation is looked for: date, key, rate, size."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from email.utils import format_datetime
from typing import TYPE_CHECKING

from tui_app.sandbox.clock import VirtualClock
from tui_app.sandbox.errors import ApiError, bad_request, too_many_requests, unauthorized
from tui_app.sandbox.limits import RateLimits
from tui_app.sandbox.store import Store

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Far above any sensible body; what is larger is refused unread where its length is announced.
MOST_BYTES = 1_048_576


class Gatekeeper:
    """An ASGI application around another one.

    It stands in front of the routing, so that nobody without a key learns which paths and methods there are, nor what
    is wrong with a body.
    """

    def __init__(
        self, app: ASGIApp, store: Store, prefix: str, limits: RateLimits | None, *, open_path: str | None = None
    ) -> None:
        """Guard an application.

        Args:
            app: What is guarded.
            store: Knows the key and the time.
            prefix: Paths below this one need the key.
            limits: How many requests pass per second; None for any number.
            open_path: The one path among them that does not need the key, if there is one.
        """
        self._app = app
        self._store = store
        self._prefix = prefix
        self._limits = limits
        self._open_path = open_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        send_dated = dated(send, self._store.clock)
        try:
            if scope["path"].startswith(self._prefix) and scope["path"] != self._open_path:
                self._admit(read_headers(scope))
        except ApiError as error:
            from tui_app.sandbox.web import refusal

            await refusal(error)(scope, receive, send_dated)
            return
        await self._app(scope, bounded(receive, _too_large), send_dated)

    def _admit(self, headers: dict[str, bytes]) -> None:
        scheme, _, key = headers.get("authorization", b"").partition(b" ")
        key = key.strip()
        if scheme.lower() != b"bearer" or not key:
            raise unauthorized()
        if not hmac.compare_digest(key, self._store.api_key.encode()):
            raise unauthorized(_hint(key))
        if self._limits is not None:
            wait_s = self._limits.wait_s(headers.get("connection-token", b"").decode("latin-1") or None)
            if wait_s > 0:
                raise too_many_requests(wait_s)
        length = headers.get("content-length", b"0")
        if length.isdigit() and int(length) > MOST_BYTES:
            raise _too_large()


def _hint(key: bytes) -> str:
    if key.startswith(b"sk_prod_"):
        return "This is a key for production; a simulated server takes keys that begin with sk_sandbox_"
    if key.startswith(b"pk_"):
        return "This is a publishable key; a secret key is needed here"
    return "Please ensure you have a valid API key"


def read_headers(scope: Scope) -> dict[str, bytes]:
    """Return a request's headers by their names in lower case."""
    return {name.decode("latin-1"): value for name, value in scope["headers"]}


def dated(send: Send, clock: VirtualClock) -> Send:
    """Let answers carry the time of a clock in their `Date`."""

    async def send_dated(message: Message) -> None:
        if message["type"] == "http.response.start":
            date = format_datetime(clock.now(), usegmt=True)
            message["headers"] = [*message["headers"], (b"date", date.encode())]
        await send(message)

    return send_dated


def bounded(receive: Receive, too_large: Callable[[], Exception]) -> Receive:
    """Refuse a body that turns out too large although no length, or a wrong one, was announced.

    Args:
        receive: Where the body comes from.
        too_large: Makes what is raised.
    """
    total = 0

    async def counted() -> Message:
        nonlocal total
        message = await receive()
        total += len(message.get("body", b""))
        if total > MOST_BYTES:
            raise too_large()
        return message

    return counted


def _too_large() -> ApiError:
    return bad_request("Invalid request body", ("{requestBody}", f"The body must not exceed {MOST_BYTES} bytes"))
