"""The process behind one tab: how it is started, and how it surely ends."""

from __future__ import annotations

import asyncio
import os
import shlex
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

from textual_serve.app_service import AppService
from textual_serve.download_manager import DownloadManager

GRACE = 4.0
"""Seconds that a process has to end in order before it is ended."""

DRIVER = "tui_app.serve.driver:TabDriver"

# What says of the terminal that the server was started in what is not true of a page.
_ABOUT_THE_TERMINAL = ("TMUX", "STY", "SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY", "CI", "COLUMNS", "LINES")

Send = Callable[[bytes], Awaitable[None]]
SendText = Callable[[str], Awaitable[None]]
Close = Callable[[], Awaitable[None]]


class TabProcess(AppService):
    """Runs the screens in a process of their own, spoken to over its standard input and output.

    No shell reads its command. It is in a session of its own, so that Ctrl-C in the terminal ends the server alone,
    which then ends it in order; and when the server is gone, its input ends, and it with that.

    Args:
        command: The program and its arguments.
        send: Sends bytes to the page.
        send_text: Sends a message to the page.
        close: Closes the page's connection.
    """

    def __init__(self, command: Sequence[str], *, send: Send, send_text: SendText, close: Close) -> None:
        super().__init__(
            shlex.join(command),
            write_bytes=send,
            write_str=send_text,
            close=close,
            download_manager=DownloadManager(),
        )
        self._arguments = tuple(command)

    def _build_environment(self, width: int = 80, height: int = 24) -> dict[str, str]:
        environment = super()._build_environment(width, height)
        for name in _ABOUT_THE_TERMINAL:
            environment.pop(name, None)
        return environment | {
            "COLUMNS": str(width),
            "TEXTUAL_DRIVER": DRIVER,
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
        }

    async def _open_app_process(self, width: int = 80, height: int = 24) -> asyncio.subprocess.Process:
        self._process = await asyncio.create_subprocess_exec(
            *self._arguments,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=self._build_environment(width, height),
            start_new_session=os.name == "posix",
        )
        assert self._process.stdin is not None
        self._stdin = self._process.stdin
        return self._process

    async def run(self) -> None:
        """Pass on what the screens write until they end, and close the page's connection then."""
        await super().run()
        await self.remote_close()

    async def stop(self) -> None:
        """Ask the screens to end, and see that they do."""
        process, passing_on = self._process, self._task
        if process is None or passing_on is None:
            return
        # Asked beside the waiting: what hangs does not read either.
        asking = asyncio.ensure_future(self.send_meta({"type": "quit"}))
        ended = asyncio.ensure_future(process.wait())
        await asyncio.wait({ended}, timeout=GRACE)
        if process.returncode is None:
            with suppress(ProcessLookupError):  # it ended by itself in this moment
                process.kill()
        await asyncio.wait({ended, passing_on}, timeout=GRACE)
        for task in (asking, ended, passing_on):
            task.cancel()
