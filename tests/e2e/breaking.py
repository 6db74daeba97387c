"""Syncscope with something in it that breaks while secrets are at hand. A test runs it in a terminal of its own.

The first argument says what breaks; the others are Syncscope's. The secrets come in `CANARIES`, so that none of them
stands in a line of code.
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from typing import Any, NoReturn

from pydantic import SecretStr

KEY, PASSWORD, TOKEN = os.environ["CANARIES"].split()


def breaks(*_: Any) -> NoReturn:
    """Break, with secrets in variables and in what is said."""
    password, key = PASSWORD, KEY
    headers = {"Authorization": f"Bearer {KEY}", "Connection-Token": TOKEN}
    token = SecretStr(TOKEN)
    raise RuntimeError(f"{key} was refused\nfor {headers}: {password!r}, {token.get_secret_value()} \x1b]0;title\x07")


async def breaks_later(*_: Any) -> None:
    """Break with another error as the cause."""
    await asyncio.sleep(0)
    try:
        breaks()
    except RuntimeError as error:
        raise ValueError("a second one") from error


def prepare(what: str) -> None:
    """Make something break."""
    from textual.drivers.linux_driver import LinuxDriver

    from tui_app.app import Syncscope
    from tui_app.cli import screens
    from tui_app.screens.connections import ConnectionsScreen

    hooks: dict[str, tuple[Any, str, Any]] = {
        "action": (ConnectionsScreen, "action_copy_id", breaks),
        "worker": (ConnectionsScreen, "action_copy_id", lambda self: self.run_worker(breaks_later())),
        "timer": (ConnectionsScreen, "action_copy_id", lambda self: self.set_timer(0.01, breaks)),
        "drawing": (ConnectionsScreen, "body", breaks),
        "leaving": (Syncscope, "on_unmount", breaks),
        "before the screens": (screens, "open_screens", breaks),
        "a thread": (ConnectionsScreen, "action_copy_id", lambda _: threading.Thread(target=breaks).start()),
        "a task": (ConnectionsScreen, "action_copy_id", lambda _: _forgotten()),
        "the keyboard": (LinuxDriver, "process_message", breaks),
    }
    owner, name, put = hooks[what]
    setattr(owner, name, put)


def _forgotten() -> None:
    asyncio.get_running_loop().call_soon(breaks)


if __name__ == "__main__":
    prepare(sys.argv.pop(1))
    from tui_app.__main__ import entry

    sys.exit(entry())
