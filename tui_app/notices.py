"""Being told that a followed sync has ended, beyond the toast: each way only where a person asked for it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from dataclasses import dataclass

from tui_app.models.settings import Settings
from tui_app.models.text import safe_text

PATIENCE = 10.0
"""Seconds that a hook command may take."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A followed sync that has ended.

    Attributes:
        connection_id: Whose it is.
        connection: What that is called.
        sync_id: Which sync.
        outcome: Our word: succeeded, failed, cancelled or lost.
        status: The server's word.
        words: All of it in one sentence.
    """

    connection_id: str
    connection: str
    sync_id: str
    outcome: str
    status: str
    words: str

    def environment(self) -> dict[str, str]:
        """What a hook command finds in its environment. Nothing in it can end a line or a command."""
        told = {
            "EVENT": self.outcome,
            "CONNECTION_ID": self.connection_id,
            "CONNECTION": self.connection,
            "SYNC_ID": self.sync_id,
            "STATUS": self.status,
            "TEXT": self.words,
        }
        return {f"SYNCSCOPE_{name}": safe_text(value, 500) for name, value in told.items()}


def osc9(text: str) -> str:
    """The sequence by which a terminal is asked to notify of something."""
    return f"\x1b]9;{safe_text(text, 200)}\x07"


async def tell(ended: Ended, settings: Settings, *, ring: Callable[[], None], write: Callable[[str], None]) -> str:
    """Tell of an end in every way that was asked for.

    Args:
        ended: What ended.
        settings: What was asked for.
        ring: Rings the terminal's bell.
        write: Writes a sequence to the terminal.

    Returns:
        What went wrong with the hook command, in words; empty where nothing did.
    """
    if settings.bell:
        ring()
    if settings.notify:
        write(osc9(f"{ended.connection}: {ended.words}"))
    return await _run(settings.hook, ended) if settings.hook else ""


async def _run(hook: tuple[str, ...], ended: Ended) -> str:
    try:
        process = await asyncio.create_subprocess_exec(
            *hook,
            env={**os.environ, **ended.environment()},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,  # what it prints would be painted over the screen
            stderr=asyncio.subprocess.DEVNULL,
        )
    except OSError as error:
        return f"The hook “{hook[0]}” could not be started: {error.strerror or error}"
    try:
        async with asyncio.timeout(PATIENCE):
            code = await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
        return f"The hook “{hook[0]}” was ended: it took longer than {PATIENCE:.0f} s"
    return f"The hook “{hook[0]}” failed with exit code {code}" if code else ""
