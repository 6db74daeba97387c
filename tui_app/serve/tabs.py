"""The tabs that are open: how many may be, and when one is closed because nobody uses it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from contextlib import suppress

from aiohttp import WSCloseCode, WSMsgType, web

from tui_app.serve.process import GRACE, TabProcess

MOST_TYPED = 1 << 20
"""Bytes of one message of a page: what a person pastes is far less."""

MOST_CELLS = 1000
"""Columns or lines that a page may ask for; what is larger is none that a person looks at."""

CLOSING = 2.0
"""Seconds that a page has to agree that it is closed."""


class Tab:
    """One tab: its websocket, its process, and how long ago it was used.

    Args:
        command: The program behind it, and its arguments.
        idle: Seconds after which it is closed because nobody used it; 0: never.
    """

    def __init__(self, command: Sequence[str], idle: float) -> None:
        self._socket = web.WebSocketResponse(heartbeat=15, timeout=CLOSING, max_msg_size=MOST_TYPED)
        self._process = TabProcess(command, send=self._send, send_text=self._send_text, close=self._ended)
        self._idle = idle
        self._closing: asyncio.TimerHandle | asyncio.Task[None] | None = None
        self.leaving = False
        self.gone = asyncio.get_running_loop().create_future()

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """Run the screens until the page or they leave."""
        try:
            await self._socket.prepare(request)
            width, height = (_cells(request.query.get(name), usual) for name, usual in (("width", 80), ("height", 24)))
            await self._process.start(width, height)
            self._use()
            await self._pass_on()
        finally:
            self.leaving = True
            if self._closing is not None:
                self._closing.cancel()
            try:
                await asyncio.shield(self._process.stop())
            finally:
                self.gone.set_result(None)
        return self._socket

    async def close(self, code: int, reason: str) -> None:
        """Close it, and tell the person why."""
        self.leaving = True
        await self._socket.close(code=code, message=reason.encode())

    async def _pass_on(self) -> None:
        async for message in self._socket:
            if message.type is not WSMsgType.TEXT:
                continue
            try:
                kind, *rest = json.loads(message.data)
            except (ValueError, TypeError, RecursionError):  # no message, or one that is nested without end
                continue
            await self._take(kind, rest[0] if rest else None)

    async def _take(self, kind: object, what: object) -> None:
        """Pass one message of the page on to the screens; what means nothing is left out."""
        if kind == "stdin" and isinstance(what, str):
            self._use()
            await self._process.send_bytes(what.encode("utf-8", "replace"))
        elif kind == "resize" and isinstance(what, dict):
            await self._process.set_terminal_size(_cells(what.get("width"), 80), _cells(what.get("height"), 24))
        elif kind == "ping" and isinstance(what, str):
            await self._send_text(json.dumps(["pong", what]))
        elif kind == "focus":
            await self._process.focus()
        elif kind == "blur":
            await self._process.blur()

    def _use(self) -> None:
        """It was used just now: it is closed so much later."""
        if isinstance(self._closing, asyncio.TimerHandle):
            self._closing.cancel()
        if self._idle and not self.leaving:
            self._closing = asyncio.get_running_loop().call_later(self._idle, self._close_unused)

    def _close_unused(self) -> None:
        reason = f"Closed because it was not used for {_told(self._idle)}."
        self._closing = asyncio.ensure_future(self.close(WSCloseCode.GOING_AWAY, reason))

    # What the process says after its page has gone is read all the same: it could not end otherwise.

    async def _send(self, data: bytes) -> None:
        with suppress(ConnectionResetError, RuntimeError):
            await self._socket.send_bytes(data)

    async def _send_text(self, text: str) -> None:
        with suppress(ConnectionResetError, RuntimeError):
            await self._socket.send_str(text)

    async def _ended(self) -> None:
        await self.close(WSCloseCode.OK, "Syncscope has ended.")


class Tabs:
    """All tabs.

    Args:
        command: The program behind each, and its arguments.
        most: How many may be open.
        idle: Seconds after which one that nobody uses is closed; 0: never.
    """

    def __init__(self, command: Sequence[str], *, most: int, idle: float) -> None:
        self._command = tuple(command)
        self._most = most
        self._idle = idle
        self._open: set[Tab] = set()

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """Open one more, and serve it to its end.

        Raises:
            HTTPServiceUnavailable: As many are open as may be.
        """
        if not await self._has_room():
            raise web.HTTPServiceUnavailable(text=f"As many tabs are open as may be: {self._most}.")
        tab = Tab(self._command, self._idle)
        self._open.add(tab)
        try:
            return await tab.serve(request)
        finally:
            self._open.discard(tab)

    @property
    def count(self) -> int:
        """How many are open, or not wholly closed."""
        return len(self._open)

    async def close(self) -> None:
        """Close all of them."""
        closing = [tab.close(WSCloseCode.GOING_AWAY, "The server was ended.") for tab in self._open]
        await asyncio.gather(*closing)

    async def _has_room(self) -> bool:
        """Whether one more may be opened. A tab that is being left, as by a reload, is waited for."""
        while len(self._open) >= self._most:
            leaving = [tab.gone for tab in self._open if tab.leaving]
            if not leaving:
                return False
            done, _ = await asyncio.wait(leaving, timeout=GRACE + 1, return_when=asyncio.FIRST_COMPLETED)
            if not done:
                return False
            await asyncio.sleep(0)  # whoever served it takes it out
        return True


def _cells(said: object, usual: int) -> int:
    try:
        return min(max(int(said), 1), MOST_CELLS)  # type: ignore[call-overload, no-any-return]
    except (TypeError, ValueError, OverflowError):
        return usual


def _told(seconds: float) -> str:
    return f"{seconds / 60:g} minutes" if seconds >= 60 else f"{seconds:g} seconds"
