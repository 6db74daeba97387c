"""The server: textual-serve's, closed to everybody but the person who started it."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from html import escape
from pathlib import Path
from string import Template

import textual_serve
from aiohttp import hdrs, web
from textual_serve.server import Server

from tui_app.serve.access import LOOPBACK, Access
from tui_app.serve.process import GRACE
from tui_app.serve.tabs import Tabs

_OURS = Path(__file__).parent / "static"
_THEIRS = Path(textual_serve.__file__).parent / "static"

# Named one by one: there is no folder to walk out of.
FILES = {
    "page.css": _OURS / "page.css",
    "page.js": _OURS / "page.js",
    "icon.svg": _OURS / "icon.svg",
    "mono.woff2": _OURS / "mono.woff2",
    "mono-Bold.woff2": _OURS / "mono-Bold.woff2",
    "xterm.css": _THEIRS / "css" / "xterm.css",
    "textual.js": _THEIRS / "js" / "textual.js",
}

HEADERS = {
    # Inline styles are what the terminal emulator draws with; everything comes from here or is not loaded at all.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self'; "
        "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), clipboard-read=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
    "Server": "Syncscope",
}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def listening(port: int) -> socket.socket:
    """A socket that listens on loopback; port 0 takes any free one.

    Raises:
        OSError: The port is taken, or not ours to take.
    """
    return socket.create_server((LOOPBACK, port))


class TabServer(Server):
    """Shows the screens in browser tabs, to the browser that used a link.

    Args:
        command: The program behind each tab, and its arguments.
        listener: A socket that listens on loopback.
        colour: What a page is coloured with until the screens are there.
        behind: The address at which a proxy shows it; empty: no proxy does.
        most: How many tabs may be open.
        idle: Seconds after which a tab that nobody uses is closed; 0: never.
        on_link: Called with an address that works once: at the beginning, and anew when one was used.
    """

    def __init__(
        self,
        command: Sequence[str],
        listener: socket.socket,
        *,
        on_link: Callable[[str], None],
        colour: str = "#000000",
        behind: str = "",
        most: int = 8,
        idle: float = 3600.0,
    ) -> None:
        port = listener.getsockname()[1]
        self.access = Access(port, behind)
        super().__init__("", LOOPBACK, port, "Syncscope", self.access.address)
        self.tabs = Tabs(command, most=most, idle=idle)
        self._listener = listener
        self._on_link = on_link
        self._page = Template((_OURS / "page.html").read_text("utf-8")).substitute(colour=escape(colour))
        self._words = Template((_OURS / "words.html").read_text("utf-8"))
        self._colour = colour

    async def _make_app(self) -> web.Application:
        app = web.Application(middlewares=[self._guarded])
        app.add_routes(
            [
                web.get("/", self._answer_page, allow_head=False),
                web.get("/ws", self.handle_websocket, allow_head=False),
                web.get("/static/{name}", self._answer_file, allow_head=False),
            ]
        )
        app.on_response_prepare.append(_with_headers)
        app.on_shutdown.append(self.on_shutdown)
        return app

    async def run(self) -> None:
        """Serve until a signal ends it, or whoever awaits this."""
        loop, told = asyncio.get_running_loop(), asyncio.Event()
        signals = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
        for each in signals:
            with suppress(NotImplementedError, RuntimeError, ValueError):  # where there are none, Ctrl-C cancels
                loop.add_signal_handler(each, told.set)
        async with self.running():
            await told.wait()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Serve meanwhile, and leave no process behind."""
        # No access log: addresses hold tokens.
        runner = web.AppRunner(await self._make_app(), access_log=None, shutdown_timeout=GRACE + 2)
        await runner.setup()
        try:
            await web.SockSite(runner, self._listener).start()
            self._on_link(self.access.new_link())
            yield
        finally:
            await runner.cleanup()

    async def on_shutdown(self, app: web.Application) -> None:
        """Close every tab, so that no process stays."""
        await self.tabs.close()

    async def handle_websocket(self, request: web.Request) -> web.WebSocketResponse:
        """One tab."""
        return await self.tabs.serve(request)

    @web.middleware
    async def _guarded(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Let nothing through that is not from the person's own browser and our own pages."""
        hosts, origins = (request.headers.getall(name, []) for name in (hdrs.HOST, hdrs.ORIGIN))
        if not self.access.is_ours(hosts, origins, strictly=request.path == "/ws"):
            return self._said(403, "Refused: this request was not made by a page of Syncscope.")
        if request.path == "/" and "token" in request.query and request.method == "GET":
            return self._exchanged(request.query["token"])
        if not self.access.knows(request.cookies.get(self.access.cookie_name)):
            return self._said(403, "Open the link that the terminal shows where Syncscope is served.")
        return await handler(request)

    def _exchanged(self, token: str) -> web.Response:
        """The cookie for a link. The page then goes on by itself: what another site's link leads to has no cookie."""
        if not self.access.use(token):
            words = "This link does not work, or no longer: each works once. The terminal shows the next one."
            return self._said(403, words)
        response = self._said(200, "", '<meta http-equiv="refresh" content="0;url=./">')
        response.set_cookie(
            self.access.cookie_name,
            self.access.cookie,
            path="",  # the folder of the address, which behind a proxy is not the root
            httponly=True,
            samesite="Strict",
            secure=self.access.secure or None,
        )
        self._on_link(self.access.new_link())
        return response

    async def _answer_page(self, request: web.Request) -> web.Response:
        return web.Response(text=self._page, content_type="text/html")

    async def _answer_file(self, request: web.Request) -> web.StreamResponse:
        path = FILES.get(request.match_info["name"])
        if path is None:
            raise web.HTTPNotFound
        return web.FileResponse(path)

    def _said(self, status: int, words: str, head: str = "") -> web.Response:
        text = self._words.substitute(colour=escape(self._colour), words=escape(words), head=head)
        return web.Response(status=status, text=text, content_type="text/html")


async def _with_headers(_: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(HEADERS)
