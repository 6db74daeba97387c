"""Running a program for what it prints: no shell, no terminal, a limited time, and nothing left behind."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import cast

LARGEST = 64 * 1024
"""Bytes that are read of what a program prints. A key has less than a hundred."""


@dataclass(frozen=True, slots=True)
class Printed:
    """A program that ran to its end.

    Attributes:
        code: What it ended with; 0 is success.
        output: What it printed.
        errors: What it said beside that.
    """

    code: int
    output: bytes
    errors: bytes


class TooMuchError(Exception):
    """A program printed more than is read."""


async def run(command: Sequence[str], *, environ: Mapping[str, str], seconds: float, given: bytes = b"") -> Printed:
    """Run a program and take what it prints. Whoever leaves, and whatever goes wrong, ends it and what it started.

    It has a session of its own, and so no terminal: it can neither paint over the screens nor take keys from them.

    Args:
        command: The program and its arguments.
        environ: Its environment variables.
        seconds: How long it may take.
        given: What it reads as its input.

    Raises:
        OSError: It could not be started.
        TimeoutError: It took too long.
        TooMuchError: It printed without end.
    """
    loop = asyncio.get_running_loop()
    transport, running = await loop.subprocess_exec(
        lambda: _Running(loop),
        *command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=dict(environ),
        start_new_session=True,
    )
    try:
        stdin = cast(asyncio.WriteTransport, transport.get_pipe_transport(0))
        stdin.write(given)
        stdin.close()  # once it is written
        async with asyncio.timeout(seconds):
            await running.over
        return Printed(transport.get_returncode() or 0, bytes(running.printed[1]), bytes(running.printed[2]))
    except BaseException:
        _end(transport.get_pid())
        raise
    finally:
        transport.close()
        # A program that was killed is gone at once; one that hangs in the system is not waited for.
        await asyncio.wait([running.gone], timeout=0.5)


class _Running(asyncio.SubprocessProtocol):
    """Gathers what a program prints, up to its end or the most that is read."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.printed = {1: bytearray(), 2: bytearray()}
        self.gone: asyncio.Future[None] = loop.create_future()
        self.over: asyncio.Future[None] = loop.create_future()

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        """It printed something."""
        self.printed[fd] += data
        if len(self.printed[fd]) > LARGEST and not self.over.done():
            self.over.set_exception(TooMuchError())

    def process_exited(self) -> None:
        """It ended. What it started may go on, and what it printed may still be on its way."""
        self.gone.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        """It ended, and nothing more of it comes."""
        if not self.over.done():
            self.over.set_result(None)


def _end(process: int) -> None:
    """End a program and whatever it started: its group is its own."""
    with suppress(ProcessLookupError, PermissionError):
        if sys.platform == "win32":
            os.kill(process, signal.SIGTERM)
        else:
            os.killpg(process, signal.SIGKILL)
