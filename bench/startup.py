"""How long the program takes to its first paint, to its first rows and to its version, against the least that can be.

Each process runs in a pseudo-terminal of its own; the kinds take turns, so that whatever else the machine does falls on
all of them. Each is started once before anything is timed: what Python compiles at the first start of an installed
program is no part of any other.
"""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from bench.line import Line, ratios
from bench.peers import PEERS, Peer, PeerError

BARE = """
from textual.app import App
from textual.widgets import Static
class Bare(App):
    def compose(self):
        yield Static("painted")
Bare().run()
"""
LIMIT = 20.0
"""Seconds after which a process counts as hung."""

ROUNDS = 11
DEMO = [sys.executable, "-m", "tui_app", "demo"]
FRAME = [b"syncscope", b"Company", b"help"]
"""The line on top, the list's headings, the keys: the frame is painted when all of these are."""

ROWS = [b"disconnected"]
"""A state's word stands in the first row as soon as there are rows."""

ROWS_REASON = (
    "the server, in a process of its own, takes 1.5× of a bare app until it answers, most of it its web framework; "
    "beside it pydantic, the client's modules and what httpx imports are imported here. Done: models and APIs that "
    "nobody asked for are not built, no garbage is looked for meanwhile, and the first rows are drawn as they come."
)
"""Why the rows take longer than they may, where they do."""

PAINT_LIMIT, ROWS_LIMIT, VERSION_LIMIT = 1.4, 4.0, 4.0


def time_to(command: list[str], marks: list[bytes], environ: Mapping[str, str]) -> list[float]:
    """Start a command in a pseudo-terminal and time when each mark first appears in what it writes.

    Returns:
        Seconds from the start of the process, one per mark.

    Raises:
        TimeoutError: A mark did not appear.
    """
    began = time.perf_counter()
    process, terminal = pty.fork()
    if process == 0:
        os.execvpe(command[0], command, environ)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    seen, found = bytearray(), list[float]()
    try:
        while len(found) < len(marks):
            ready, _, _ = select.select([terminal], [], [], LIMIT)
            if not ready or time.perf_counter() - began > LIMIT:
                raise TimeoutError(f"{marks[len(found)]!r} did not appear in {LIMIT:g} s")
            seen += os.read(terminal, 65536)
            while len(found) < len(marks) and marks[len(found)] in seen:
                found.append(time.perf_counter() - began)
    finally:
        os.kill(process, signal.SIGKILL)
        os.close(terminal)
        os.waitpid(process, 0)
    return found


@contextmanager
def at_home() -> Iterator[tuple[Path, dict[str, str]]]:
    """A folder for a person who has just installed everything, and the variables of their terminal."""
    kept_out = ("TERMINAL_", "SYNCSCOPE_", "CI", "PYTHONDONTWRITEBYTECODE")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        given = {name: value for name, value in os.environ.items() if not name.startswith(kept_out)}
        yield Path(home), {**given, "HOME": home, "TERM": "xterm-256color", "COLORTERM": "truecolor"}


def in_turns(
    commands: Mapping[str, tuple[list[str], list[bytes]]], environ: Mapping[str, str], rounds: int
) -> dict[str, list[float]]:
    """Time several commands to the last of their marks, in turns.

    Returns:
        Seconds of each, one for each round.
    """
    times: dict[str, list[float]] = {name: [] for name in commands}
    for name, (command, marks) in commands.items():
        time_to(command, marks, environ)  # compiled, and in the system's cache
        assert not times[name]
    for _ in range(rounds):
        for name, (command, marks) in commands.items():
            times[name].append(time_to(command, marks, environ)[-1])
    return times


def _bare(home: Path) -> tuple[list[str], list[bytes]]:
    script = home / "bare.py"
    script.write_text(BARE)
    return [sys.executable, str(script)], [b"painted"]


def _median(times: list[float]) -> str:
    return f"{statistics.median(times) * 1000:.0f} ms"


PAINT_REASON = (
    "Above the bare application there are our style sheets, some twenty widgets and our own modules. Tried: styles "
    "that are read once, a screen that knows how much room there is before it is styled, nothing painted that is not "
    "shown, and nothing imported of the network, the server or pydantic before it."
)


def paint() -> Line:
    """Process start to first paint of the demo's frame, over a bare Textual app; peers beside it."""
    beside: dict[str, str] = {}
    with at_home() as (home, environ):
        commands = {"bare": _bare(home), "demo": (DEMO, FRAME)}
        for peer in PEERS:
            try:
                commands[peer.name] = _tried(peer, environ)
            except (PeerError, TimeoutError) as error:
                beside[peer.name] = f"not measured: {error}"
        times = in_turns(commands, environ, ROUNDS)
    for name in commands.keys() - {"bare", "demo"}:
        ratio, spread = ratios(times[name], times["bare"])
        beside[name] = f"{ratio:.2f}× ({spread}), {_median(times[name])}"
    ratio, spread = ratios(times["demo"], times["bare"])
    return Line(
        "paint",
        f"process start to the first paint of the demo's frame, {_median(times['demo'])}",
        ratio,
        "×",
        f"a bare Textual app, {_median(times['bare'])}",
        PAINT_LIMIT,
        PAINT_REASON,
        spread,
        dict(sorted(beside.items())),
    )


def _tried(peer: Peer, environ: Mapping[str, str]) -> tuple[list[str], list[bytes]]:
    command = peer.installed()
    time_to(command, [peer.mark], environ)  # a peer that does not start is no reason to measure nothing
    return command, [peer.mark]


def rows() -> Line:
    """Process start to the demo's first connection rows, over a bare Textual app."""
    with at_home() as (home, environ):
        times = in_turns({"bare": _bare(home), "demo": (DEMO, ROWS)}, environ, ROUNDS)
    ratio, spread = ratios(times["demo"], times["bare"])
    return Line(
        "rows",
        f"process start to the demo's first connection rows, {_median(times['demo'])}",
        ratio,
        "×",
        f"a bare Textual app, {_median(times['bare'])}",
        ROWS_LIMIT,
        ROWS_REASON,
        spread,
    )


def version() -> Line:
    """`syncscope --version` over `python -c pass`."""
    asked = [str(Path(sys.executable).with_name("syncscope")), "--version"]
    nothing = [sys.executable, "-c", "pass"]
    with at_home() as (_, environ):
        _ended(asked, environ)
        times: tuple[list[float], list[float]] = ([], [])
        for _ in range(ROUNDS):
            times[0].append(_ended(asked, environ))
            times[1].append(_ended(nothing, environ))
    ratio, spread = ratios(*times)
    reference = f"`python -c pass`, {_median(times[1])}"
    name = f"`syncscope --version`, {_median(times[0])}"
    return Line("version", name, ratio, "×", reference, VERSION_LIMIT, "", spread)


def _ended(command: list[str], environ: Mapping[str, str]) -> float:
    """Seconds from the start of a command to its end."""
    began = time.perf_counter()
    subprocess.run(command, env=environ, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - began
