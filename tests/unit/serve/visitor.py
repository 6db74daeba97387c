"""Whoever speaks to the server in tests: the person's browser, and those who are not it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import aiohttp

from tui_app.serve.server import TabServer, listening

STAND_IN = [sys.executable, "-S", "-E", str(Path(__file__).with_name("stand_in.py"))]
PATIENCE = 30.0
"""Seconds to wait for what comes. Only ever used up by a failure."""


class Served:
    """A running server and what it told the person.

    Attributes:
        server: The server.
        links: The links that it gave out, oldest first.
    """

    def __init__(self, behind: str = "", *, most: int = 8, idle: float = 0.0, deaf: bool = False) -> None:
        self.links: list[str] = []
        self.server = TabServer(
            [*STAND_IN, *(["deaf"] if deaf else [])],
            listening(0),
            on_link=self.links.append,
            behind=behind,
            most=most,
            idle=idle,
        )

    @property
    def root(self) -> str:
        """Its address, as it is reached here."""
        return f"http://127.0.0.1:{self.server.port}/"

    @property
    def origin(self) -> str:
        """The origin of its pages."""
        return self.root.rstrip("/")

    @property
    def token(self) -> str:
        """The token of the newest link."""
        return parse_qs(urlsplit(self.links[-1]).query)["token"][0]

    @property
    def cookie(self) -> dict[str, str]:
        """A header with the cookie that a link is exchanged for."""
        return {"Cookie": f"{self.server.access.cookie_name}={self.server.access.cookie}"}

    @property
    def person(self) -> dict[str, str]:
        """The headers that the person's browser sends for a websocket."""
        return {**self.cookie, "Origin": self.origin}


@asynccontextmanager
async def served(behind: str = "", *, most: int = 8, idle: float = 0.0, deaf: bool = False) -> AsyncIterator[Served]:
    """A server that runs meanwhile."""
    given = Served(behind, most=most, idle=idle, deaf=deaf)
    async with given.server.running():
        yield given


@asynccontextmanager
async def client() -> AsyncIterator[aiohttp.ClientSession]:
    """Something that speaks HTTP, keeps no cookies by itself, and goes nowhere else than it is told."""
    async with aiohttp.ClientSession(
        cookie_jar=aiohttp.DummyCookieJar(), timeout=aiohttp.ClientTimeout(total=PATIENCE)
    ) as session:
        yield session


async def status(session: aiohttp.ClientSession, url: str, headers: dict[str, str] | None = None) -> int:
    """The status of an answer to GET."""
    async with session.get(url, headers=headers, allow_redirects=False) as response:
        return response.status


async def socket_status(session: aiohttp.ClientSession, served: Served, headers: dict[str, str]) -> int:
    """The status with which a websocket is answered; 101 where it is opened."""
    try:
        async with session.ws_connect(f"{served.root}ws", headers=headers):
            return 101
    except aiohttp.WSServerHandshakeError as error:
        return error.status


async def heard(socket: aiohttp.ClientWebSocketResponse[bool], wanted: str) -> str:
    """Read what the screens write until it holds a text, and return all of it.

    Raises:
        AssertionError: The connection was closed before.
    """
    text = ""
    async with asyncio.timeout(PATIENCE):
        while wanted not in text:
            message = await socket.receive()
            assert message.type in (aiohttp.WSMsgType.BINARY, aiohttp.WSMsgType.TEXT), f"{message} after {text!r}"
            text += message.data if isinstance(message.data, str) else message.data.decode()
    return text


async def closed(socket: aiohttp.ClientWebSocketResponse[bool]) -> str:
    """Read until the connection is closed, and return why."""
    async with asyncio.timeout(PATIENCE):
        while True:
            message = await socket.receive()
            if message.type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.CLOSING):
                return str(message.extra or "")


async def raw(port: int, *lines: str) -> str:
    """Send a request as it is written here, and return the whole answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write("\r\n".join([*lines, "Connection: close", "", ""]).encode())
        async with asyncio.timeout(PATIENCE):
            return (await reader.read()).decode("utf-8", "replace")
    finally:
        writer.close()
