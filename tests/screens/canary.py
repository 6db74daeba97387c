"""The canary: secrets that no other text looks like, and whoever uses the app with them is looked over at every step.

A flow is a function that takes a `Watched` stage and does what a person does. Each key, text and click is a step, and
after each one everything that a person or a program could read is searched for every eight characters of every secret:
all widgets of all screens, also what is scrolled off, toasts and tooltips, the clipboard, the recorded exchanges, the
log and every other file. To add a flow is to write such a function (`test_secrets.py`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from textual.geometry import Region
from textual.widget import Widget
from textual.widgets import Input

from tests.clocks import FakeClock
from tests.screens.scripted import Terminal, connection, issue, sync
from tests.screens.stage import Stage, store
from tests.servers import Reply, ServerRequest
from tui_app.api.exchanges import as_curl
from tui_app.logs.log_file import LogFile
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


def _parts(secret: str) -> Iterator[str]:
    body = re.sub(r"^(?:[sp]k_[a-z]+_|con_tkn_|pub_tkn_)", "", secret)
    return (body[start : start + PART] for start in range(len(body) - PART + 1))


_PARTS = {part: name for name, secret in SECRETS.items() for part in _parts(secret)}
_ANY = re.compile("|".join(map(re.escape, _PARTS)))


def told(text: str) -> list[str]:
    """Which secrets a text tells, whole or in part, also where lines, borders or control characters break them."""
    flat = re.sub(r"[\s│┃▌█║|\\]|\x1b\[[0-9;?]*[A-Za-z]", "", text)
    return sorted({_PARTS[found.group()] for each in (text, flat) for found in _ANY.finditer(each)})


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
    """

    def __init__(
        self, server: Echo, folder: Path, home: Path, profile: str = "own", *, secret_files: tuple[Path, ...] = ()
    ) -> None:
        self.log = LogFile(folder / "logs" / "syncscope.log", "debug")
        super().__init__(FakeClock(), store(folder / "profiles.toml"), profile, log_file=self.log)
        self.server = server
        self.folder = folder
        self.steps = 0
        self._folders = (folder, home)
        self._secret_files = secret_files
        self._opened_before = 0

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
        found = {place: secrets for place, text in self._places() if (secrets := told(text))}
        assert not found, f"after {step}: {found}"

    def _places(self) -> Iterator[tuple[str, str]]:
        if self.app.is_running:
            yield "the screen", self.text
        for screen in {id(each): each for stack in self.app._screen_stacks.values() for each in stack}.values():
            for widget in screen.walk_children(Widget, with_self=True):
                yield from ((f"{screen!r} {widget!r}", text) for text in texts_of(widget))
        for toast in self.app._notifications:
            yield "a toast", f"{toast.title}\n{toast.message}"
        yield "the clipboard", self.clipboard
        yield "what is printed at the end", self.app.last_words
        for workspace in self.opened:
            for exchange in list(workspace.recorder):
                yield f"exchange {exchange.number}", repr(exchange)
                yield f"exchange {exchange.number} as cURL", as_curl(exchange)
        for folder in self._folders:
            for path in folder.rglob("*"):
                if path.is_file() and path not in self._secret_files:
                    yield str(path), path.read_text(errors="replace")


def texts_of(widget: Widget) -> Iterator[str]:
    """All that a widget paints or would paint, scrolled off or not shown at all, and its tooltip."""
    if widget.is_attached and widget.size:
        try:
            strips = widget.render_lines(Region(0, 0, *widget.size))
        except Exception as error:  # noqa: BLE001 - what cannot be painted now is looked at another time
            strips = []
            yield str(error)
        yield "\n".join(strip.text for strip in strips)
    if not isinstance(widget, Table | Input):
        yield str(widget.render())
    if isinstance(widget, Table):
        for place in range(len(widget.rows)):
            cells, _ = widget._cells(place, widget.rows[place], widget.rich_style)
            yield "".join(segment.text for segment in cells)
    for each in (widget.tooltip, widget.border_title, widget.border_subtitle):
        yield str(each or "")


Flow = Callable[[Watched], Any]
