"""``syncscope serve``: the screens in a browser tab."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sys
from dataclasses import dataclass
from urllib.parse import urlsplit

from tui_app.browser import open_address
from tui_app.logs.log_file import logged
from tui_app.models.text import safe_text

EXTRA = "To show the screens in a browser, Syncscope needs one thing more: pip install 'syncscope[web]'"


@dataclass(frozen=True, slots=True)
class Serving:
    """What is served, and how.

    Attributes:
        profile: The profile that each tab opens; empty: the default.
        speed: How many times faster an embedded server lives.
        port: Where to listen on loopback; 0: any free port.
        read_only: Whether nothing is changed, whatever is pressed.
        opens: Whether the browser is opened.
        tabs: How many tabs may be open.
        idle: Seconds after which a tab that is not used is closed; 0: never.
        behind: The address at which a proxy shows it; empty: none does.
    """

    profile: str = ""
    speed: float | None = None
    port: int = 0
    read_only: bool = False
    opens: bool = True
    tabs: int = 8
    idle: float = 3600.0
    behind: str = ""


def serve_tabs(wanted: Serving) -> int:
    """Serve until interrupted, and return the exit code."""
    if wanted.behind and not is_address(wanted.behind):
        _complain(f"“{safe_text(wanted.behind, 200)}” is no address of a proxy: https://, a host, and perhaps a path.")
        return 2
    try:
        from tui_app.serve.server import listening
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("tui_app"):
            raise
        _complain(EXTRA)
        return 1
    try:
        listener = listening(wanted.port)
    except OSError as error:
        _complain(f"Port {wanted.port} cannot be listened on: {error.strerror or error}. --port 0 takes any free one.")
        return 1
    with logged("serve"), listener:
        try:
            asyncio.run(_serve(wanted, listener))
        except KeyboardInterrupt:  # where signals cannot be waited for
            return 0
    return 0


def is_address(url: str) -> bool:
    """Whether an address can be that of a page behind a proxy: by plain http on this machine only."""
    from tui_app.serve.access import stays_private

    try:
        parts = urlsplit(url)
        usable = parts.port != 0 and bool(parts.hostname) and parts.username is None
    except ValueError:
        return False
    plain = url.isascii() and url.isprintable() and " " not in url
    known = parts.scheme in ("http", "https") and not parts.query and not parts.fragment
    return plain and usable and known and stays_private(url)


async def _serve(wanted: Serving, listener: socket.socket) -> None:
    from tui_app.config.paths import find_paths
    from tui_app.config.settings import read_settings
    from tui_app.serve.colour import colour_of
    from tui_app.serve.server import TabServer

    said = 0
    opening: set[asyncio.Task[None]] = set()

    def tell(link: str) -> None:
        nonlocal said
        said += 1
        if said > 1:
            _say(f"A browser has used the link. For another one: {link}")
            return
        whom = "the proxy" if wanted.behind else "this machine alone"
        _say(f"Syncscope is served to {whom}, at {server.access.address}\nCtrl-C ends it.")
        _say(f"Open this link; it works once: {link}")
        if wanted.opens:
            opening.add(asyncio.ensure_future(_open(link, server.access.address)))

    server = TabServer(
        tab_command(wanted),
        listener,
        on_link=tell,
        colour=colour_of(read_settings(find_paths().settings, os.environ).theme),
        behind=wanted.behind and wanted.behind.rstrip("/") + "/",
        most=wanted.tabs,
        idle=wanted.idle,
    )
    await server.run()


def tab_command(wanted: Serving) -> list[str]:
    """What is run for each tab."""
    told = {"profile": wanted.profile, "speed": wanted.speed, "read_only": wanted.read_only}
    return [sys.executable, "-m", "tui_app.cli.tab", json.dumps(told)]


async def _open(link: str, own: str) -> None:
    if problem := await open_address(link, own):
        _say(f"No browser was opened. {problem}")


def _say(text: str) -> None:
    print(text, flush=True)


def _complain(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
