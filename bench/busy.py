"""How long a key takes to be seen while 300 syncs are followed for real, and while none of them is looked at."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from statistics import median

from bench.line import Line
from bench.program import FOLLOWING, LIMIT, Program, Server, home

MANY, BUDGET = 300, 50.0
CONNECTIONS = 400
SPEED = 4.0
"""How fast the server's time goes: so that what is followed asks for about all of the budget."""

KEYS = 30
"""Keys that are pressed in each of the turns."""

TURNS = 2
"""Turns of either kind, one after the other."""

MARKED = b"marked"
"""What the screen's head says once a line is marked, and no other part of it ever says."""


def busy() -> Line:
    """The same key, with and without looks going on."""
    server = Server(CONNECTIONS, SPEED)
    try:
        syncs = server.syncing(MANY)
        with home(server, BUDGET) as environ:
            given = environ | {"FOLLOW": json.dumps(syncs)}
            with Program([sys.executable, "-c", FOLLOWING], given) as program:
                rested, moving, sent = _turns(program, Path(environ["TOLD"]), len(syncs))
    finally:
        server.close()
    idle, live = _late(rested), _late(moving)
    return Line(
        "busy",
        f"{len(syncs)} syncs followed at {BUDGET:g} requests/s: from a key to what it paints, p95",
        live / idle,
        "×",
        f"the same screen while nothing is looked at: {1000 * idle:.1f} ms",
        3.0,
        "An answer takes a few milliseconds to be read and shown, and a key that comes meanwhile waits for it.",
        spread=f"medians: {1000 * median(moving):.1f} ms, idle {1000 * median(rested):.1f} ms",
        beside={"looks that were taken": f"{sent:.1f} a second"},
    )


def _turns(program: Program, told: Path, count: int) -> tuple[list[float], list[float], float]:
    """Press keys while all are paused, and while all are followed, in turns.

    Returns:
        Seconds of each key when paused, and when followed, and how many looks a second were taken then.
    """
    program.until(b"disconnected")
    _wait_for(program, told, "followed", count)
    program.press("3")
    program.until(b"followed")
    _wait_for(program, told, "looks", count)
    rested, moving, looks, seconds = list[float](), list[float](), 0, 0.0
    for _ in range(TURNS):
        _pause_or_go_on(program)
        rested += [_seen(program) for _ in range(KEYS)]
        _pause_or_go_on(program)
        began, before = time.perf_counter(), _told(told, "looks")
        moving += [_seen(program) for _ in range(KEYS)]
        looks, seconds = looks + _told(told, "looks") - before, seconds + time.perf_counter() - began
    return rested, moving, looks / seconds


def _pause_or_go_on(program: Program) -> None:
    """Pause all that are followed, or go on with all, as a person does; both come to rest first."""
    program.press("*")
    program.until(MARKED)
    program.press("p")
    program.read(2)
    program.press("\x1b")
    program.read(5)


def _seen(program: Program) -> float:
    """Mark the selected line, and take its mark away.

    Returns:
        Seconds until the mark was on screen.
    """
    program.read(0.05)
    pressed = program.press("m")
    seen = program.until(MARKED)
    program.press("m")
    program.read(0.4)
    return seen - pressed


def _wait_for(program: Program, told: Path, what: str, least: int) -> None:
    end = time.perf_counter() + LIMIT
    while not told.exists() or _told(told, what) < least:
        if time.perf_counter() > end:
            raise TimeoutError(f"{what} stayed below {least}")
        program.read(0.5)


def _told(told: Path, what: str) -> int:
    return int(json.loads(told.read_text())[what])


def _late(seconds: list[float]) -> float:
    """The 95th percentile."""
    return sorted(seconds)[len(seconds) * 95 // 100]
