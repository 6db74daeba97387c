"""What the program costs while nobody touches it: with a fleet that stands still, and with one sync that runs."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from statistics import median
from typing import Any

from bench.line import Line
from bench.program import COLUMNS, FOLLOWING, Program, Server, home

CONNECTIONS = 48
SETTLING = 60.0
"""Seconds after which everything has been looked at, and what does not move is known not to."""

IDLE, FOLLOW = 60.0, 60.0
"""Seconds that are measured."""

SPEED = 10.0
"""How fast the followed sync's time goes: as in the demo, so that it moves with every look, at full pace."""

REPAINTS = 5

_WHOLE = re.compile(rb"\x1b\[1;1H(?:(?!\x1b\[1;1H).)*?\x1b\[40;1H[^\r]*?\x1b\[\d+;\d+H", re.DOTALL)
"""All that is written for one whole screen of 40 lines."""


def idle() -> Line:
    """A fleet whose time stands still, on the home screen."""
    server = Server(CONNECTIONS, 0)
    try:
        command = [sys.executable, "-m", "tui_app", "-p", "bench"]
        with home(server) as environ, Program(command, environ) as program:
            program.until(b"disconnected")
            program.read(SETTLING)
            processor, written = program.processor, program.written
            program.read(IDLE)
            busy = 100 * (program.processor - processor) / IDLE
            bytes_a_second = (program.written - written) / IDLE
    finally:
        server.close()
    return Line(
        "idle",
        f"a fleet that stands still on the home screen for {IDLE:g} s: processor; bytes to the terminal",
        [busy, bytes_a_second],
        "%; B/s",
        "none: a program that does nothing takes nothing",
        [0.5, 20.0],
        "The thread that reads the keys wakes ten times a second, as Textual has it, and takes 0.33 % by itself. The "
        "rest are looks: each row on screen is asked for once a minute, one that runs more often, and each answer is "
        "read and compared. What is written is the line on top, where latency and budget differ noticeably.",
    )


def follow() -> Line:
    """One sync on its own screen, which moves with every look."""
    server = Server(CONNECTIONS, SPEED)
    try:
        [followed] = server.syncing(1)
        with home(server) as environ:
            given = environ | {"FOLLOW": json.dumps([followed]), "EVERY": "5"}
            with Program([sys.executable, "-c", FOLLOWING], given) as program:
                figures = _followed(program, Path(environ["TOLD"]), followed[1])
    finally:
        server.close()
    busy, bytes_a_change, whole, changes, seconds = figures
    return Line(
        "follow",
        "one sync followed at full pace: processor; bytes per observed change, over rewriting the whole screen",
        [busy, bytes_a_change / whole],
        "%; ×",
        f"the screen painted anew, {whole:,.0f} bytes",
        [3.0, 0.1],
        "A look a second is a request, an answer that is read and compared, and some lines painted; each line is sent "
        "from the left end of its widget on, as Textual has it, the bar's two among them.",
        spread=f"{changes} changes in {seconds:.0f} s, {bytes_a_change:,.0f} bytes each",
    )


def _followed(program: Program, told: Path, sync_id: str) -> tuple[float, float, float, int, float]:
    """Watch the program for a while.

    Returns:
        The processor in percent, the bytes for each change, those of a whole screen, the changes, and the seconds.
    """
    program.until(b"disconnected")
    program.read(5)
    program.press(f"\x1b[200~{sync_id}\x1b[201~\r")
    program.read(10)
    before, processor, written = _changes(told), program.processor, program.written
    program.read(FOLLOW)
    changes = _changes(told) - before
    busy = 100 * (program.processor - processor) / FOLLOW
    each = (program.written - written) / max(changes, 1)
    whole = []
    for number in range(REPAINTS):
        program.size(COLUMNS - 1 + number % 2)
        # From the first line to the last: it may paint more than once until it has settled.
        whole += [len(each) for each in _WHOLE.findall(program.read(0.5))]
    return busy, each, median(whole), changes, FOLLOW


def _changes(told: Path) -> int:
    facts: dict[str, Any] = json.loads(told.read_text())
    return int(facts["changes"])
