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
from bench.startup import BARE, DEMO, at_home

CONNECTIONS = 48
SETTLING = 60.0
"""Seconds after which everything has been looked at, and what does not move is known not to."""

IDLE, FOLLOW = 60.0, 60.0
"""Seconds that are measured."""

SPEED = 10.0
"""How fast the followed sync's time goes: as in the demo, so that it moves with every look, at full pace."""

REPAINTS = 5

ASKS = """
import asyncio, json, sys, httpx, sniffio
async def ask():
    async with httpx.AsyncClient() as client:
        print("painted", flush=True)
        while True:
            json.loads((await client.get(sys.argv[1], headers={"Authorization": "Bearer " + sys.argv[2]})).content)
            await asyncio.sleep(1)
asyncio.run(ask())
"""
"""A program that asks for one sync a second, and shows nothing of it."""

CALIBRATED = 30.0
"""Seconds for which such a program is measured: what a wake costs differs by several times between machines."""

_WHOLE = re.compile(rb"\x1b\[1;1H(?:(?!\x1b\[1;1H).)*?\x1b\[40;1H[^\r]*?\x1b\[\d+;\d+H", re.DOTALL)
"""All that is written for one whole screen of 40 lines."""


def idle() -> Line:
    """The demo's fleet, paused as a person pauses it, on the home screen; and one that stands still elsewhere."""
    with at_home() as (_, environ), Program(DEMO, environ) as program:
        program.until(b"disconnected")
        program.read(10)
        for keys, mark in (("6", b"Scenario"), ("p", b"paused"), ("1", b"Company")):
            program.press(keys)
            program.until(mark)
        busy, bytes_a_second = _at_rest(program)
        bare = _takes([sys.executable, "-c", BARE], environ)
    server = Server(CONNECTIONS, 0)
    try:
        with home(server) as environ, Program([sys.executable, "-m", "tui_app", "-p", "bench"], environ) as program:
            program.until(b"disconnected")
            elsewhere, _ = _at_rest(program)
    finally:
        server.close()
    return Line(
        "idle",
        f"the demo's fleet, paused, on the home screen for {IDLE:g} s: processor; bytes to the terminal",
        [busy, bytes_a_second],
        "%; B/s",
        f"a bare Textual app that does nothing, {bare:.2f} %",
        [0.5, 20.0],
        "What is left is the minute that the line on top and the ages tell. Tried: while its time stands still nothing "
        "is looked at; the thread for the keys sleeps until there is one, where Textual's wakes ten times a second; "
        "only lines that differ are painted, and of the line on top only its right part.",
        spread=f"a fleet that does not move though its server's time might, {elsewhere:.2f} %",
    )


def _at_rest(program: Program) -> tuple[float, float]:
    """The processor in percent, and the bytes in a second, of a program that has settled."""
    program.read(SETTLING)
    written = program.written
    return _percent(program, IDLE), (program.written - written) / IDLE


def _percent(program: Program, seconds: float) -> float:
    """The processor that a program takes in the next seconds, in percent."""
    before = program.processor
    program.read(seconds)
    return 100 * (program.processor - before) / seconds


def _takes(command: list[str], environ: dict[str, str]) -> float:
    """The processor that another program takes, in percent."""
    with Program(command, environ) as program:
        program.until(b"painted")
        program.read(5)
        return _percent(program, CALIBRATED)


def follow() -> Line:
    """One sync on its own screen, which moves with every look."""
    server = Server(CONNECTIONS, SPEED)
    try:
        [followed] = server.syncing(1)
        with home(server) as environ:
            given = environ | {"FOLLOW": json.dumps([followed]), "EVERY": "5"}
            with Program([sys.executable, "-c", FOLLOWING], given) as program:
                figures = _followed(program, Path(environ["TOLD"]), followed[1])
            asks = _takes([sys.executable, "-c", ASKS, f"{server.url}/syncs/{followed[1]}", server.key], environ)
    finally:
        server.close()
    busy, bytes_a_change, whole, changes, seconds = figures
    return Line(
        "follow",
        "one sync followed at full pace: processor; bytes per observed change, over rewriting the whole screen",
        [busy, bytes_a_change / whole],
        "%; ×",
        f"a program that asks once a second and shows nothing, {asks:.2f} %; the whole screen, {whole:,.0f} bytes",
        [3.0, 0.1],
        "A look a second is a request, an answer that is read, masked for the record and compared, and some lines "
        "painted; to ask and read alone takes nearly the bound where processors rest in between. Tried: nothing is "
        "laid out, only cells that differ are painted, what httpcore looked for in vain with each request is there, "
        "its connection is asked for every 20 s only, news of connections is kept every 10 s. Processors that are "
        "kept from resting by programs of the lowest priority made no difference.",
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
    before, written = _changes(told), program.written
    busy = _percent(program, FOLLOW)
    changes = _changes(told) - before
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
