"""How much memory the interface takes, beside a server in a process of its own."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import statistics
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from fcntl import ioctl
from pathlib import Path

from bench.line import Line
from bench.startup import at_home

FLEETS = (48, 100_000)
LIMITS = (80.0, 180.0)
STARTS = 3
"""How often the small fleet is opened; the large one, once."""

AT_REST = 15.0
"""Seconds for which it is left alone before it is weighed."""

PATIENCE = 600.0
"""Seconds in which all connections have to be read."""

MEBIBYTE = 1024.0
"""In the kibibytes that systems count a process's memory in."""


def memory() -> Line:
    """Resident size of the interface on an idle demo, and with 100,000 connections.

    Raises:
        TimeoutError: The larger list was not read in time; the text says what the smaller one takes.
    """
    small, large = FLEETS
    with at_home() as (_, environ):
        sizes = [resident(small, environ) for _ in range(STARTS)]
        value = [statistics.median(sizes)]
        try:
            value.append(resident(large, environ))
        except TimeoutError as error:
            raise TimeoutError(f"{error}; with {small} connections it takes {value[0]:.0f} MiB") from error
    return Line(
        "memory",
        f"resident size of the interface with {small} connections, and with {large:,}",
        value,
        "MiB; MiB",
        "nothing: the server has a process of its own",
        list(LIMITS),
        "with 100,000, each connection takes 1.1 KiB above the idle demo: what it is searched in 0.23, what is told of "
        "it, packed, 0.2, its row 0.14, its ID and what lists show of it 0.16, and its places in lists. Tried: one "
        "copy of each, models written without their fields' names, issues and long answers packed as well",
        f"{min(sizes):.0f}–{max(sizes):.0f} MiB with {small}",
    )


def resident(connections: int, environ: Mapping[str, str]) -> float:
    """Mebibytes of the interface once it has read so many connections and was left alone for a while."""
    with _served(connections) as (url, key), _opened({**environ, **_profile(url, key)}) as (process, terminal):
        # The count of the whole list: while more is to come, a plus stands behind the number.
        _read_until(terminal, re.compile(rf"(?<![0-9,]){connections:,} connections".encode()), PATIENCE)
        _read_for(terminal, AT_REST)
        return _kibibytes(process) / MEBIBYTE


def _profile(url: str, key: str) -> dict[str, str]:
    return {"TERMINAL_BASE_URL": url, "TERMINAL_API_KEY": key}


@contextmanager
def _served(connections: int) -> Iterator[tuple[str, str]]:
    """A simulated server in a process of its own: its address and its key."""
    command = [sys.executable, "-m", "tui_app", "sandbox", "--connections", str(connections)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        try:
            told = json.loads(process.stdout.readline())
            yield told["terminal_url"], told["api_key"]
        finally:
            process.terminate()


@contextmanager
def _opened(environ: Mapping[str, str]) -> Iterator[tuple[int, int]]:
    """The interface in a pseudo-terminal: its process, and the terminal."""
    process, terminal = pty.fork()
    if process == 0:
        os.execvpe(sys.executable, [sys.executable, "-m", "tui_app"], environ)
    ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    try:
        yield process, terminal
    finally:
        os.kill(process, signal.SIGKILL)
        os.close(terminal)
        os.waitpid(process, 0)


def _read_until(terminal: int, mark: re.Pattern[bytes], patience: float) -> None:
    end, seen = time.monotonic() + patience, b""
    while mark.search(seen) is None:
        if not select.select([terminal], [], [], max(end - time.monotonic(), 0))[0]:
            raise TimeoutError(f"{mark.pattern!r} did not appear in {patience:g} s")
        seen = seen[-1000:] + os.read(terminal, 65536)


def _read_for(terminal: int, seconds: float) -> None:
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        if select.select([terminal], [], [], left)[0]:
            os.read(terminal, 65536)


def _kibibytes(process: int) -> float:
    status = Path(f"/proc/{process}/status")
    if status.exists():
        found = re.search(r"VmRSS:\s*(\d+) kB", status.read_text())
        assert found is not None
        return float(found[1])
    told = subprocess.run(["ps", "-o", "rss=", "-p", str(process)], capture_output=True, text=True, check=True)
    return float(told.stdout)
