"""What stands in front of an API while faults are on: it meets requests with them, and passes the rest on untouched."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

from tui_app.sandbox.clock import VirtualClock
from tui_app.sandbox.faults import FaultSet
from tui_app.sandbox.faults.board import Faults
from tui_app.sandbox.faults.bodies import malformed, spoilt, truncated
from tui_app.sandbox.faults.operations import operation_of
from tui_app.sandbox.faults.refusals import REFUSING, Answer, refusal

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

SEVER = "sandbox.sever"
"""Under this name a request's scope has what closes its connection; what was written before is still sent."""

LATE, DROPPED, MIDWAY, TIMED_OUT = "latency", "drop-before", "drop-midway", "error-504"


class Injector:
    """An ASGI application around an API."""

    def __init__(self, app: ASGIApp, kind: str, faults: Faults, clock: VirtualClock) -> None:
        """Stand in front of an API.

        Args:
            app: The API.
            kind: Which one.
            faults: What is on.
            clock: The time that answers tell.
        """
        self._app = app
        self._kind = kind
        self._faults = faults
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        met = self._met(scope) if scope["type"] == "http" and self._faults.on else []
        if not met:
            await self._app(scope, receive, send)
            return
        await self._with_faults(met, scope, receive, send)

    def _met(self, scope: Scope) -> list[FaultSet]:
        operation = operation_of(self._kind, scope["method"], scope["path"])
        return [] if operation is None else list(self._faults.met_by(operation, _identity(scope)))

    async def _with_faults(self, met: Sequence[FaultSet], scope: Scope, receive: Receive, send: Send) -> None:
        by_name = {each.fault.name: each for each in met}
        if late := by_name.get(LATE):
            await asyncio.sleep(late.delay_ms / 1000)
        # The first that ends it does: whoever is refused meets no other fault.
        ending = next((each for each in met if each.fault.name in REFUSING or each.fault.name == DROPPED), None)
        if ending is not None and ending.fault.name == DROPPED:
            await _sever(scope, receive)
            return
        if ending is not None and ending.fault.name != TIMED_OUT:
            await self._refuse(ending, scope, send)
            return
        kept = _Kept()
        await self._app(scope, receive, kept.take)
        if ending is not None:
            await self._refuse(ending, scope, send)
            return
        kept.body = self._garbled(kept.body, met)
        await kept.send(send, partly=MIDWAY in by_name)
        if MIDWAY in by_name:
            await _sever(scope, receive)

    async def _refuse(self, known: FaultSet, scope: Scope, send: Send) -> None:
        now = self._clock.now()
        draw = self._faults.draw(known.fault, "words", *_identity(scope))
        answer = refusal(known, self._kind, now, draw)
        await _Kept.of(answer, format_datetime(now, usegmt=True)).send(send)

    def _garbled(self, body: bytes, met: Sequence[FaultSet]) -> bytes:
        for each in met:
            if each.fault.per_object:
                body = spoilt(body, self._kind, each.fault.name, self._chooser(each))
        names = {each.fault.name for each in met}
        if "malformed-json" in names:
            body = malformed(body)
        return truncated(body) if "truncated-json" in names else body

    def _chooser(self, known: FaultSet) -> Callable[[str], bool]:
        return lambda object_id: self._faults.draw(known.fault, object_id).unit() * 100 < known.rate


class _Kept:
    """An answer that is held back until it is whole."""

    def __init__(self) -> None:
        self.start: dict[str, Any] = {}
        self.body = b""

    @classmethod
    def of(cls, answer: Answer, date: str) -> _Kept:
        """Take an answer that no API made."""
        kept = cls()
        headers = {**answer.headers, "Date": date}
        raw = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
        kept.start = {"type": "http.response.start", "status": answer.status, "headers": raw}
        kept.body = answer.body
        return kept

    async def take(self, message: Message) -> None:
        """Take what an API sends."""
        if message["type"] == "http.response.start":
            self.start = dict(message)
        else:
            self.body += message.get("body", b"")

    async def send(self, send: Send, *, partly: bool = False) -> None:
        """Send it, or no more than the half of its body."""
        headers = [(name, value) for name, value in self.start["headers"] if name.lower() != b"content-length"]
        if self.start["status"] != 204:
            headers.append((b"content-length", str(len(self.body)).encode()))
        if partly and len(self.body) < 2:
            return  # there is no middle: it is dropped before it begins
        await send({**self.start, "headers": headers})
        body = self.body[: len(self.body) // 2] if partly else self.body
        await send({"type": "http.response.body", "body": body, "more_body": partly})


async def _sever(scope: Scope, receive: Receive) -> None:
    """Close the connection, and wait until that is so: else the server would answer that something broke."""
    scope[SEVER]()
    while (await receive())["type"] != "http.disconnect":
        pass


def _identity(scope: Scope) -> tuple[str, ...]:
    """What tells a request from others: method, path, query and the connection that it is about."""
    token = next((value for name, value in scope["headers"] if name == b"connection-token"), b"")
    return (scope["method"], scope["path"], scope["query_string"].decode("latin-1"), token.decode("latin-1"))
