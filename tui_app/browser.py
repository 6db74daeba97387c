"""Opens an address in the person's browser, and nothing else than an address, without giving the terminal away."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
import webbrowser
from collections.abc import Mapping
from pathlib import PurePath
from urllib.parse import SplitResult, urlsplit, urlunsplit

PATIENCE = 10.0
"""Seconds that a browser may take to say that it could not be started. One that is still there then was."""

TEXT_BROWSERS = frozenset(
    {"www-browser", "links", "links2", "elinks", "lynx", "w3m", "w3mmee", "browsh", "carbonyl", "edbrowse", "retawq"}
)
"""What would draw its pages over our screen."""

# Addresses have no other characters: no space, no quote, nothing that a terminal or a shell would obey.
_PLAIN = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]{1,4000}")
_OPEN = "import sys, webbrowser; sys.exit(0 if webbrowser.get().open(sys.argv[1]) else 1)"


def why_not(url: str, own: str = "") -> str:
    """Why an address is not opened, in words; empty where nothing speaks against it.

    Only https is opened, and what lies on the server that is spoken to anyway where that is this machine.

    Args:
        url: The address.
        own: The base URL of the server that is spoken to.
    """
    if not url:
        return "There is no address to open."
    parts = _split(url)
    if parts is None or not _PLAIN.fullmatch(url):
        return "This is no address that a browser could be given safely."
    if parts.username is not None or parts.password is not None:
        return "This address carries a user's name before its host, as addresses do that lead astray."
    if parts.scheme == "https" or (parts.scheme == "http" and _is_own(parts, own)):
        return ""
    return "Only https addresses are opened, and those of the server that comes with Syncscope."


def on_server(url: str, own: str) -> str:
    """The same place on another server: where an address stands for a page of that one."""
    parts, server = urlsplit(url), urlsplit(own)
    return urlunsplit((server.scheme, server.netloc, parts.path, parts.query, parts.fragment))


async def open_address(url: str, own: str = "") -> str:
    """Open an address, and say what came in the way, in words; empty where nothing did.

    Args:
        url: The address.
        own: The base URL of the server that is spoken to.
    """
    return why_not(url, own) or unavailable(os.environ) or await asyncio.to_thread(_open, url)


def unavailable(environ: Mapping[str, str]) -> str:
    """Why no browser can be opened here, in words; empty where one can be."""
    remote = any(environ.get(name) for name in ("SSH_CONNECTION", "SSH_TTY"))
    shown = any(environ.get(name) for name in ("BROWSER", "DISPLAY", "WAYLAND_DISPLAY"))
    if remote and not shown:
        return "You are connected over SSH: a browser would open on the other machine, where you do not see it."
    try:
        browser = webbrowser.get()
    except webbrowser.Error:
        return "No browser is found on this machine."
    name = _name(browser)
    if name in TEXT_BROWSERS:
        return f"The browser here is {name}, which would take this terminal over."
    return ""


def _open(url: str) -> str:
    # In a process of its own without a terminal: whatever is started, it can neither draw over the screen nor take
    # its keys, and a browser that stays in front of its command holds nothing up.
    try:
        process = subprocess.Popen(
            [sys.executable, "-c", _OPEN, url],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:
        return f"The browser could not be started: {error.strerror or error}."
    try:
        code = process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        return ""
    return "The browser could not be started." if code else ""


def _name(browser: webbrowser.BaseBrowser) -> str:
    """A browser's command without its folder."""
    return PurePath(str(getattr(browser, "name", ""))).name.lower()


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        return parts if parts.hostname and parts.port != 0 else None
    except ValueError:  # a port that is no number, an address in brackets that is none
        return None


def _is_own(parts: SplitResult, own: str) -> bool:
    from tui_app.models.profile import is_loopback

    server = _split(own)
    if server is None or not is_loopback(server.hostname or ""):
        return False
    return (parts.hostname, parts.port) == (server.hostname, server.port)
