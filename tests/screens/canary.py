"""The canary: secrets that no other text looks like, and whoever uses the app with them is looked over at every step.

A flow is a function that takes a `Watched` stage and does what a person does. Each key, text and click is a step, and
after each one everything that a person or a program could read is searched for every eight characters of every secret:
all widgets of all screens, also what is scrolled off, toasts and tooltips, the clipboard, the recorded exchanges, the
log, the history and every other file. To add a flow is to write such a function under `@flow`
(`test_secrets.py`, `secret_flows.py`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from textual.css.query import NoMatches
from textual.errors import NoWidget
from textual.geometry import Region
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Input

from tests.clocks import FakeClock
from tests.screens.scripted import Terminal, connection, issue, sync
from tests.screens.stage import Stage, store
from tests.servers import Reply, ServerRequest
from tui_app.api.exchanges import as_curl
from tui_app.logs.log_file import LogFile
from tui_app.screens.passthrough import PassthroughScreen
from tui_app.widgets.json_lines import JsonLines
from tui_app.widgets.table import Table

KEY = "sk_sandbox_Qm7Zt2Vb9Xk4Ws8Jh5Rd"
OTHER_KEY = "sk_sandbox_Bn3Yc6Lf1Pg9Ta4Ue8Mo"
ODD_KEY = "Kv5Dq8Hs2-Zx7Wc4Jn9-Fb6Rt3Gy"  # shaped like no key that is known
TOKEN = "con_tkn_Ep2Ua7Io4Sd9Fg6Hj3Kl8Zx5Cv1Bn"
PUBLIC_TOKEN = "pub_tkn_Wq4Er9Ty2Ui7Op3As8Df5Gh1Jk6Lz"
PASSWORD = "Xc6Vb1Nm8-Qa3Ws9Ed4-Rf7Tg2Yh"
SECRETS = {
    "the key": KEY,
    "another key": OTHER_KEY,
    "the odd key": ODD_KEY,
    "the connection's token": TOKEN,
    "the public token": PUBLIC_TOKEN,
    "the password": PASSWORD,
}
PART = 8
"""Characters of a secret that give it away. A mask shows the prefix and four more."""


_BREAKS = re.compile(r"[\s│┃▌█║|\\]+|\x1b\[[0-9;?]*[A-Za-z]")


def _body(secret: str) -> str:
    return re.sub(r"^(?:[sp]k_[a-z]+_|con_tkn_|pub_tkn_)", "", secret)


def _parts(secret: str) -> Iterator[str]:
    body = _body(secret)
    return (body[start : start + PART] for start in range(len(body) - PART + 1))


def _quarters(secret: str) -> Iterator[str]:
    """Four characters at a time, but for the first four, which masks show: each part holds one of these.

    They are quickly looked for, and where none is, no part is.
    """
    body = _body(secret)
    return (body[start : start + 4] for start in range(4, len(body) - 3, 4))


class Canaries:
    """Finds secrets in texts, whole or in part.

    Args:
        secrets: Each by its name.
    """

    def __init__(self, secrets: Mapping[str, str]) -> None:
        parts = {part: name for name, secret in secrets.items() for part in _parts(secret)}
        # In hexadecimal, too, as what is no text is shown.
        self._parts = parts | {part.encode().hex(): name for part, name in parts.items()}
        self._any = re.compile("|".join(map(re.escape, self._parts)))
        quarters = {quarter for secret in secrets.values() for quarter in _quarters(secret)}
        self._quarters = [*quarters, *(quarter.encode().hex() for quarter in quarters)]
        self.told = lru_cache(maxsize=5000)(self._told)  # most of what is looked at was there a step before

    def _told(self, text: str) -> list[str]:
        """Which secrets a text tells, also where lines, borders or control characters break them."""
        flat = _BREAKS.sub("", text)
        suspect = [each for each in (text, flat) if any(quarter in each for quarter in self._quarters)]
        return sorted({self._parts[found.group()] for each in suspect for found in self._any.finditer(each)})


told = Canaries(SECRETS).told


def everything(request: ServerRequest) -> dict[str, Any]:
    """What a careless server repeats: all that it was sent, under names that promise no secret."""
    return {
        "code": "echo",
        "message": f"You sent {request.headers} and {request.body.decode()} to {request.path}?{request.query}",
        "detail": [{"loc": ["body"], "msg": f"with {request.headers}", "path": json.dumps(request.headers)}],
        "echo": {"headers": request.headers, "body": request.body.decode(), "words": sorted(request.headers.values())},
    }


class Echo(Terminal):
    """A server that repeats what it is sent: in errors while it refuses, and beside its answers all the time.

    Attributes:
        refuses: The status of its refusals; 0 while it does what it is asked.
    """

    def __init__(self) -> None:
        super().__init__(
            [connection(token=TOKEN, externalId="pl-310", credentials={"password": PASSWORD})],
            last_sync=sync(failureReason=f"The provider refused {TOKEN}"),
            issues=[issue(error={"code": "permission_missing", "message": f"Not allowed with {TOKEN}"})],
        )
        self.refuses = 0

    def _answer(self, request: ServerRequest) -> Reply:
        if self.refuses:
            return Reply(self.refuses, json=everything(request), headers={"X-Echo": str(request.headers)})
        reply = super()._answer(request)
        if isinstance(reply.json, dict):
            return Reply(reply.status, json=reply.json | {"debug": {"headers": request.headers, "path": request.path}})
        return reply


class Watched(Stage):
    """A stage that looks for secrets after each step.

    Args:
        server: What answers.
        folder: Where the profiles file is, and the log.
        home: The person's home.
        profile: Which to open.
        secret_files: Files that may hold a secret, because a person put it there.

    Attributes:
        agreed: What the clipboard may hold, to the letter, because the person was asked and agreed to that.
    """

    def __init__(
        self, server: Echo, folder: Path, home: Path, profile: str = "own", *, secret_files: tuple[Path, ...] = ()
    ) -> None:
        self.log = LogFile(folder / "logs" / "syncscope.log", "debug")
        profiles, history = store(folder / "profiles.toml"), folder / "history.db"
        super().__init__(FakeClock(), profiles, profile, log_file=self.log, history=history)
        self.server = server
        self.folder = folder
        self.steps = 0
        self.agreed = ""
        self._secrets = dict(SECRETS)
        self._canaries = Canaries(SECRETS)
        self._looked_at: set[tuple[int, int]] = set()
        self._read: dict[Path, tuple[int, int]] = {}
        self._folders = (folder, home)
        self._secret_files = secret_files

    def watch_for(self, secrets: Mapping[str, str]) -> None:
        """Look for these as well from now on."""
        self._secrets |= secrets
        self._canaries = Canaries(self._secrets)
        self._read.clear()

    async def press(self, *keys: str) -> None:
        """Press keys, and look after each."""
        for key in keys:
            await super().press(key)
            self.look(f"pressing {key}")

    async def type(self, text: str) -> None:
        """Type, and look."""
        await super().type(text)
        self.look("typing")

    async def fill(self, field: str, text: str) -> None:
        """Fill a field in, and look."""
        await super().fill(field, text)
        self.look(f"filling {field} in")

    async def click(self, target: str | Widget) -> None:
        """Click, and look."""
        await super().click(target)
        self.look(f"clicking on {target}")

    async def pass_time(self, seconds: float) -> None:
        """Let time pass, and look."""
        await super().pass_time(seconds)
        self.look(f"{seconds:g} s")

    def look(self, step: str) -> None:
        """Search everything; fail where a secret is found."""
        self.steps += 1
        found = {place: secrets for place, text in self._places() if (secrets := self._canaries.told(text))}
        assert not found, f"after {step}: {found}"

    def _places(self) -> Iterator[tuple[str, str]]:
        yield from self._shown()
        for toast in self.app._notifications:
            yield "a toast", f"{toast.title}\n{toast.message}"
        if not self.agreed or self.clipboard != self.agreed:
            yield "the clipboard", self.clipboard
        yield "what is printed at the end", self.app.last_words
        yield from self._recorded()
        yield from self._written()

    def _written(self) -> Iterator[tuple[str, str]]:
        """The files that were written since they were last looked at."""
        for path in (path for folder in self._folders for path in folder.rglob("*") if path not in self._secret_files):
            # What lies beside the history for as long as it is open tells of its pages, and of nothing that is in them.
            if path.suffix == ".db-shm" or not path.is_file():
                continue
            found = path.stat()
            if self._read.get(path) != (state := (found.st_mtime_ns, found.st_size)):
                yield str(path), path.read_text(errors="replace")
                self._read[path] = state

    def _shown(self) -> Iterator[tuple[str, str]]:
        screens = {id(each): each for stack in self.app._screen_stacks.values() for each in stack}.values()
        in_clear = {id(field): field for screen in screens for field in typed_in_clear(screen)}
        holes = [region for field in in_clear.values() if (region := where(field))]
        if self.app.is_running:
            yield "the screen", painted(self.app.screen._compositor.render_strips(), holes)
        for screen in screens:
            for widget in screen.walk_children(Widget, with_self=True):
                if id(widget) not in in_clear:
                    # What paints all of the screen behind a dialog paints those fields again.
                    shown = texts_of(widget, holes if widget is screen else ())
                    yield from ((f"{screen!r} {widget!r}", text) for text in shown)

    def _recorded(self) -> Iterator[tuple[str, str]]:
        for workspace in self.opened:
            for exchange in list(workspace.recorder):
                if (id(workspace), exchange.number) not in self._looked_at:  # it never changes
                    yield f"exchange {exchange.number}", repr(exchange)
                    yield f"exchange {exchange.number} as cURL", as_curl(exchange)
                    self._looked_at.add((id(workspace), exchange.number))


def typed_in_clear(screen: Screen[Any]) -> list[Widget]:
    """The fields in which a secret stands in clear while it is typed, and nowhere else.

    They are two: path (with its query) and body of a request to the provider. They are free text, of which a secret may
    be any part: who could not read them could not write them. Everything that is made of them has to be masked.
    """
    if not isinstance(screen, PassthroughScreen):
        return []
    try:
        return [screen.path.input, screen.text]
    except NoMatches:  # it is not composed yet
        return []


def where(widget: Widget) -> Region | None:
    """Where a widget can be seen; ``None`` where it cannot."""
    try:
        return widget.screen.find_widget(widget).visible_region
    except NoWidget:
        return None


def painted(strips: Sequence[Strip], holes: Sequence[Region] = ()) -> str:
    """The text of painted lines, but for what stands in some places."""
    lines = []
    for y, strip in enumerate(strips):
        for hole in holes:
            if hole.y <= y < hole.bottom:
                strip = Strip.join([strip.crop(0, hole.x), Strip.blank(hole.width), strip.crop(hole.right)])
        lines.append(strip.text)
    return "\n".join(lines)


def texts_of(widget: Widget, holes: Sequence[Region] = ()) -> Iterator[str]:
    """All that a widget paints or would paint, scrolled off or not shown at all, and its tooltip."""
    if widget.is_attached and widget.size:
        try:
            strips = widget.render_lines(Region(0, 0, *widget.size))
        except Exception as error:  # noqa: BLE001 - what cannot be painted now is looked at another time
            strips = []
            yield str(error)
        yield painted(strips, holes)
    if not isinstance(widget, Table | Input):
        yield str(widget.render())
    if isinstance(widget, JsonLines):
        yield widget.whole
    if isinstance(widget, Table):
        for place in range(len(widget.rows)):
            cells, _ = widget._cells(place, widget.rows[place], widget.rich_style)
            yield "".join(segment.text for segment in cells)
    for each in (widget.tooltip, widget.border_title, widget.border_subtitle):
        yield str(each or "")


Flow = Callable[[Watched], Awaitable[None]]
FLOWS: dict[str, Flow] = {}


def flow(function: Flow) -> Flow:
    """Put a flow among those that are looked over."""
    FLOWS[function.__name__] = function
    return function


async def every_part(stage: Watched) -> None:
    """Go through a connection's parts and back."""
    await stage.press("enter", "tab", "tab", "tab", "tab", "shift+tab", "question_mark", "escape", "escape")
