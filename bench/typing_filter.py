"""What a key in the filter of a hundred thousand connections takes, in a real terminal, against a bare Textual `Input`.

Both applications are open all the time, each in a pseudo-terminal of its own, and get the same key in turns.
"""

from __future__ import annotations

import fcntl
import json
import os
import pty
import select
import signal
import struct
import sys
import tempfile
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.fleet import COUNT
from bench.line import Line, ratios

PAIRS = 21
BARE = """
from textual.app import App
from textual.widgets import Input
class Bare(App):
    def compose(self):
        yield Input(compact=True)
Bare().run()
"""
KEY = b"z"
"""Not a letter that ends an escape sequence: where it first stands in the output, it is the key that was typed."""

ROWS = f" of {COUNT:,}".encode()
"""What stands beside the filtered rows, painted with them."""

QUIET, LIMIT = 0.4, 300.0
"""Seconds without output until a terminal is at rest, and until it counts as hung."""


class Terminal:
    """An application in a pseudo-terminal."""

    def __init__(self, command: list[str], environ: dict[str, str]) -> None:
        self._process, self._file = pty.fork()
        if self._process == 0:
            os.execvpe(command[0], command, environ)
        fcntl.ioctl(self._file, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))

    def close(self) -> None:
        """End it."""
        os.kill(self._process, signal.SIGKILL)
        os.close(self._file)
        os.waitpid(self._process, 0)

    def rest(self) -> None:
        """Wait until nothing is written any more."""
        while select.select([self._file], [], [], QUIET)[0]:
            os.read(self._file, 65536)

    def time_to(self, keys: bytes, *marks: bytes) -> list[float]:
        """Press keys, and time when each mark first stands in what is written after that.

        Raises:
            TimeoutError: One did not appear.
        """
        seen, found = bytearray(), list[float]()
        began = time.perf_counter()
        os.write(self._file, keys)
        while len(found) < len(marks):
            if not select.select([self._file], [], [], LIMIT)[0]:
                raise TimeoutError(f"{marks[len(found)]!r} did not appear")
            seen += os.read(self._file, 65536)
            while len(found) < len(marks) and marks[len(found)] in seen:
                found.append(time.perf_counter() - began)
        return found


@contextmanager
def both() -> Iterator[tuple[Terminal, Terminal, list[str]]]:
    """The bare application and ours with its filter focused, and what our rows are searched in."""
    with tempfile.TemporaryDirectory() as home:
        passed = {name: os.environ[name] for name in ("PATH", "LANG", "VIRTUAL_ENV") if name in os.environ}
        environ = {**passed, "HOME": home, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
        (Path(home) / "bare.py").write_text(BARE)
        haystacks = Path(home) / "haystacks.json"
        bare = Terminal([sys.executable, f"{home}/bare.py"], environ)
        ours = Terminal([sys.executable, "-m", "bench.fleet", str(haystacks)], environ)
        try:
            ours.time_to(b"", f"{COUNT:,} connections".encode())
            ours.time_to(b"/")
            bare.rest()
            ours.rest()
            while not haystacks.exists():
                time.sleep(0.1)
            yield bare, ours, json.loads(haystacks.read_text())
        finally:
            bare.close()
            ours.close()


def scanned(texts: list[str]) -> float:
    """Seconds for which one list comprehension looks for the key in all texts."""
    word = KEY.decode()
    began = time.perf_counter()
    _ = [text for text in texts if word in text]
    return time.perf_counter() - began


def measure() -> tuple[list[float], list[float], list[float], list[float]]:
    """Press the key in both, in turns.

    Returns:
        Seconds: the bare key, ours painted, our rows painted, and a scan.
    """
    bare_keys, keys, rows, scans = list[float](), list[float](), list[float](), list[float]()
    with both() as (bare, ours, texts):
        for pair in range(PAIRS + 1):
            times = bare.time_to(KEY, KEY), ours.time_to(KEY, KEY, ROWS), scanned(texts)
            if pair:  # the first key finds nothing warm, in neither
                bare_keys += times[0]
                keys.append(times[1][0])
                rows.append(times[1][1])
                scans.append(times[2])
            for each in (bare, ours):
                each.rest()
                each.time_to(b"\x7f")
                each.rest()
    return bare_keys, keys, rows, scans


def milliseconds(values: list[float]) -> str:
    """The median and the spread, in words."""
    ordered = sorted(values)
    return f"{ordered[len(ordered) // 2] * 1000:.1f} ms ({ordered[0] * 1000:.1f}–{ordered[-1] * 1000:.1f} ms)"


def typed() -> Line:
    """A character typed to that character painted."""
    bare, keys, _, _ = measure()
    value, spread = ratios(keys, bare)
    reference = f"a bare Textual Input: {milliseconds(bare)}"
    beside = {"ours": milliseconds(keys)}
    name = f"a character typed in the filter of {COUNT:,} connections to that character painted"
    reason = (
        "The key goes through a screen of some forty widgets, each of whose bindings may want it. Tried: nothing is "
        "laid out for it, and the list is narrowed only once it is painted."
    )
    return Line("type", name, value, "×", reference, 3.0, reason, spread, beside)


def filtered() -> Line:
    """A character typed to the filtered rows painted."""
    bare, _, rows, scans = measure()
    references = [key + scan for key, scan in zip(bare, scans, strict=True)]
    value, spread = ratios(rows, references)
    reference = f"a bare Input's key ({milliseconds(bare)}) and one scan of the same strings ({milliseconds(scans)})"
    beside = {"ours": milliseconds(rows)}
    name = f"a character typed in the filter of {COUNT:,} connections to the filtered rows painted"
    reason = (
        "Forty lines of a dozen cells each, the counts and the preview are laid out and painted, which a bare Input is "
        "not. Tried: the first two thousand rows are looked through and shown before the rest, and no line is painted "
        "that looks as before."
    )
    return Line("filter", name, value, "×", reference, 2.0, reason, spread, beside)
