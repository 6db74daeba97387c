"""How long the demo takes to its first paint and to its first connections, against a bare Textual application.

Run ``python -m bench.startup [--pairs 11]``. Each process runs in a pseudo-terminal of its own; the two kinds take
turns, so that whatever else the machine does falls on both.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import pty
import select
import signal
import statistics
import struct
import sys
import tempfile
import termios
import time
from pathlib import Path

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


def time_to(command: list[str], marks: list[bytes], environ: dict[str, str]) -> list[float]:
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


def measure(pairs: int) -> dict[str, list[float]]:
    """Time both applications, taking turns."""
    times: dict[str, list[float]] = {"bare": [], "paint": [], "rows": []}
    with tempfile.TemporaryDirectory() as home:
        environ = {
            **{
                name: value
                for name, value in os.environ.items()
                if not name.startswith(("TERMINAL_", "SYNCSCOPE_", "CI"))
            },
            "HOME": home,
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
        }
        script = Path(home) / "bare.py"
        script.write_text(BARE)
        for _ in range(pairs):
            times["bare"] += time_to([sys.executable, str(script)], [b"painted"], environ)
            # The state's word stands in the first row as soon as there are rows.
            paint, rows = time_to([sys.executable, "-m", "tui_app", "demo"], [b"syncscope", b"disconnected"], environ)
            times["paint"].append(paint)
            times["rows"].append(rows)
    return times


def main() -> None:
    """Print medians, spread and ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=11)
    times = measure(parser.parse_args().pairs)
    bare = statistics.median(times["bare"])
    for name, values in times.items():
        middle = statistics.median(values)
        spread = f"{min(values) * 1000:.0f}–{max(values) * 1000:.0f}"
        print(f"{name:<6} {middle * 1000:6.0f} ms  ({spread} ms)  {middle / bare:.2f}×")


if __name__ == "__main__":
    main()
