"""The whole interface in a notebook's cell: what a page draws, and the application behind it, on a thread.

Until a page has answered, the cell shows the screen as a picture; so it stays where none ever does, as in a notebook
that a program executes, or one that is exported.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import contextvars
import html
import os
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from tui_app.notebook.cell_driver import CellDriver
from tui_app.notebook.cell_picture import html_of, text_of
from tui_app.notebook.cell_screens import CellScreens
from tui_app.notebook.cell_wire import Wire
from tui_app.notebook.errors import ExplorerError
from tui_app.notebook.kernel import Shown

if TYPE_CHECKING:
    from textual.strip import Strip

    from tui_app.config.profiles import ProfileStore
    from tui_app.models.settings import Settings
    from tui_app.opening import EmbeddedServer
    from tui_app.workspace import Workspace


try:
    import traitlets
    from anywidget import AnyWidget
except ImportError:
    raise ExplorerError(
        "The interface in a cell needs anywidget, which is not installed.",
        "Run: pip install 'syncscope[jupyter]', then restart the kernel and load the page anew.",
    ) from None

ROWS, COLUMNS = 32, 120
"""Lines and columns of a picture that no page was there to size."""

FIRST_PAINT = 5.0
"""Seconds that a cell waits for the first screen worth a picture."""

ENDING = 5.0
"""Seconds that the application has to end in."""

SOON = 0.02
"""Seconds after which a message is taken up again that came before there was a screen."""

ENDED = "Syncscope has ended. Run the cell again to open it."

_WIDGET = "application/vnd.jupyter.widget-view+json"
_MOST = 500  # columns or lines: no screen has more


@cache
def _built(name: str) -> bytes:
    """A file of what a page runs; the folder ``js`` is what it is built from."""
    return files("tui_app.notebook").joinpath("static", name).read_bytes()


class Page(AnyWidget):
    """The widget that a notebook's page shows. A notebook that is saved with it keeps no more of it than this."""

    _esm = traitlets.Unicode(_built("loader.js").decode()).tag(sync=True)
    version = traitlets.Unicode(sha256(_built("cell.js")).hexdigest()[:16]).tag(sync=True)
    rows = traitlets.Int(ROWS).tag(sync=True)
    columns = traitlets.Int(0).tag(sync=True)
    background = traitlets.Unicode().tag(sync=True)


class CellApp:
    """The interface, running, and shown by every cell whose last value it is. One that ends with `q` has ended.

    Args:
        workspace: The open profile that is shown first. It stays open, whatever happens here.
        loop: The loop that the profile lives on, on a thread of its own. The interface runs there, too.
        rows: Lines; a person can drag the cell's lower edge.
        columns: Columns; ``None``: as many as there is room for.
        profiles: What else can be opened; the person's own by default.
        embedded: The embedded server that other profiles on it share; one of its own by default.
        settings: How the person likes things; what their settings file says by default.
    """

    def __init__(
        self,
        workspace: Workspace,
        loop: asyncio.AbstractEventLoop,
        *,
        rows: int = ROWS,
        columns: int | None = None,
        profiles: ProfileStore | None = None,
        embedded: EmbeddedServer | None = None,
        settings: Settings | None = None,
    ) -> None:
        self._loop = loop
        self._wire = Wire(self._send, loop)
        self._screens = CellScreens(
            workspace, self._wire, profiles=profiles, embedded=embedded, settings=settings or _persons_settings()
        )
        # What is sent is sent as an answer to what was heard last: so a kernel knows which of its threads is asked, and
        # keys do not wait for a cell that runs.
        self._context = contextvars.copy_context()
        self._displays: list[Shown] = []
        self._answered = False
        self.widget = Page(rows=rows, columns=columns or 0, background=self._background)
        self.widget.on_msg(self._heard)
        self._running = asyncio.run_coroutine_threadsafe(self._run((columns or COLUMNS, rows)), loop)

    @property
    def running(self) -> bool:
        """Whether it can still be used."""
        return not self._running.done()

    def close(self) -> None:
        """End it, as `q` does. The profile that it was opened on stays open."""
        if self.running:
            self._loop.call_soon_threadsafe(self._screens.exit)
            with contextlib.suppress(concurrent.futures.CancelledError, TimeoutError):
                self._running.result(ENDING)

    # On the kernel's threads

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return self._bundle(self._strips())

    def _ipython_display_(self) -> None:
        self._displays.append(Shown(self._bundle(self._strips())))

    def _strips(self) -> list[Strip]:
        if not self.running:
            return self._screens.last_seen
        return asyncio.run_coroutine_threadsafe(self._first_strips(), self._loop).result()

    def _heard(self, _: object, message: object, __: object) -> None:
        if self.running and isinstance(message, dict):
            self._loop.call_soon_threadsafe(self._take, message, contextvars.copy_context())
        elif not self.running:
            self.widget.send({"kind": "ended", "words": self._last_words})

    # On the loop

    async def _run(self, size: tuple[int, int]) -> None:
        try:
            await self._screens.run_async(size=size)
        finally:
            self._send({"kind": "ended", "words": self._last_words})
            for display in self._displays:
                display.replace(self._bundle(self._screens.last_seen, live=False))

    async def _first_strips(self) -> list[Strip]:
        """What is on the screen, once there is something worth seeing."""
        app = self._screens
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(app.worth_seeing.wait(), FIRST_PAINT)
        return app.strips()

    def _send(self, message: dict[str, Any], buffers: list[bytes] | None = None) -> None:
        if message["kind"] == "draw":
            message["background"] = self._background
        self._context.copy().run(self.widget.send, message, buffers)

    def _take(self, message: dict[str, Any], context: contextvars.Context) -> None:
        """Do what a page asks for."""
        self._context = context
        match message:
            case {"kind": "code"}:
                self._send({"kind": "code"}, [_built("cell.js")])
            case {"kind": "here"}:
                self._answer()
            case _ if isinstance(self._screens._driver, CellDriver):
                self._pass_on(self._screens._driver, message)
            case _ if self.running:  # it has hardly begun
                self._loop.call_later(SOON, self._take, message, context)

    def _answer(self) -> None:
        """There is a page: from now on it shows the application itself where there was a picture."""
        if not self._answered:
            self._answered = True
            for display in self._displays:
                display.replace(self._bundle(self._screens.strips()))

    def _pass_on(self, driver: CellDriver, message: dict[str, Any]) -> None:
        match message:
            case {"kind": "type", "text": str(text)}:
                driver.heard(text)
            case {"kind": "drawn", "frame": int(frame)}:
                self._wire.drawn(frame)
            case {"kind": "show" | "size" as kind, "columns": int(columns), "rows": int(rows)}:
                size = min(max(columns, 1), _MOST), min(max(rows, 1), _MOST)
                driver.shown(*size) if kind == "show" else driver.resized(*size)

    # How it is shown

    @property
    def _background(self) -> str:
        return self._screens.current_theme.background or ""

    @property
    def _last_words(self) -> str:
        return self._screens.last_words or ENDED

    def _bundle(self, strips: list[Strip], *, live: bool = True) -> dict[str, Any]:
        colour = self._screens.current_theme.foreground or ""
        below = "" if self.running and live else f"<pre>{html.escape(self._last_words)}</pre>"
        bundle: dict[str, Any] = {
            "text/plain": text_of(strips) or self._last_words,
            "text/html": html_of(strips, colour, self._background) + below,
        }
        if live and self._answered and self.running:
            bundle[_WIDGET] = {"version_major": 2, "version_minor": 0, "model_id": self.widget.model_id}
        return bundle


def _persons_settings() -> Settings:
    from tui_app.config.paths import find_paths
    from tui_app.config.settings import read_settings

    return read_settings(find_paths().settings, os.environ)
