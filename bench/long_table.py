"""What a hundred thousand rows cost: to fill the list of connections with them, and to sort it by any column.

Both run in the real application on its own screen, without a terminal; each fill is timed to its first painted frame.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
from operator import attrgetter
from pathlib import Path
from typing import Any

from bench.fleet import COUNT, application, painted, timed
from bench.line import Line, ratios
from bench.peers import PeerError, environment
from tui_app.models.arranged import Arranged
from tui_app.screens.connections import ConnectionsScreen

PAIRS = 11
SIZE = (120, 40)
PEER = "textual-fastdatatable"

STOCK = """
import asyncio, json, sys, time
from textual.app import App
cells = json.load(open(sys.argv[1]))
titles = ["State", "Company", "Provider", "External ID", "Mode"]
def stock():
    from textual.widgets import DataTable
    table = DataTable()
    table.add_columns(*titles)
    table.add_rows(cells)
    return table
def fast():
    from textual_fastdatatable import ArrowBackend, DataTable
    columns = [list(column) for column in zip(*cells)]
    return DataTable(backend=ArrowBackend.from_pydict(dict(zip(titles, columns))))
class Filled(App):
    async def fill(self, make):
        began = time.process_time()
        table = make()
        await self.mount(table)
        done = asyncio.Event()
        self.screen.call_after_refresh(done.set)
        await done.wait()
        taken = time.process_time() - began
        await table.remove()
        return taken
async def main():
    app = Filled()
    async with app.run_test(size=(120, 40)):
        for line in sys.stdin:
            print(await app.fill(globals()[line.strip()]), flush=True)
asyncio.run(main())
"""
"""Fills another table by the same cells, each time that it is asked to, and tells the seconds."""


class Peer:
    """A process that fills another table."""

    def __init__(self, python: str, kind: str, cells: Path) -> None:
        self._kind = kind
        command = [python, "-c", STOCK, str(cells)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def fill(self) -> float:
        """Seconds for which it fills its table."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{self._kind}\n")
        self._process.stdin.flush()
        return float(self._process.stdout.readline())

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()


async def opened(app: Any, pilot: Any) -> ConnectionsScreen:
    """Wait until the list stands."""
    while app.workspace is None or not app.workspace.reading.complete or not app.screen.table.rows:
        await pilot.pause(0.1)
    screen = app.screen
    assert isinstance(screen, ConnectionsScreen)
    await painted(screen)
    return screen


async def fills(rounds: int, cells: Path, peers: list[tuple[str, list[float]]]) -> list[float]:
    """Fill our list, and after each time the others'.

    Args:
        rounds: How often.
        cells: Where to write what the rows say.
        peers: The Python and the kind of each other table, and where to put its seconds.

    Returns:
        Seconds for which ours took.
    """
    ours: list[float] = []
    app = application()
    async with app.run_test(size=SIZE) as pilot:
        screen = await opened(app, pilot)
        workspace = app.workspace
        assert workspace is not None
        rows = workspace.rows  # in the server's order
        keys = ("state.word", "connection.name", "connection.provider.name", "external_id", "connection.sync_mode")
        cells.write_text(  # noqa: ASYNC240 - nothing else runs
            json.dumps([[attrgetter(key)(row) for key in keys] for row in rows])
        )
        others = [(Peer(which.partition(" ")[0], which.partition(" ")[2], cells), into) for which, into in peers]
        fleet: Any = workspace.fleet
        for _ in range(rounds):
            arranged = Arranged()
            fleet._rows.arranged = arranged
            screen.table.set_rows([])
            await painted(screen)
            with timed(ours):
                for row in rows:
                    arranged.put(row, None)
                screen._draw()
                await painted(screen)
            assert len(screen.table.rows) == COUNT
            for peer, into in others:
                into.append(await asyncio.to_thread(peer.fill))
        for peer, _ in others:
            peer.close()
    return ours


def fill() -> Line:
    """Fill 100,000 rows."""
    stock, fast = list[float](), list[float]()
    peers, why = [(f"{sys.executable} stock", stock)], ""
    try:
        peers.append((f"{environment(PEER, PEER, 'textual')} fast", fast))
    except PeerError as error:
        why = str(error)
    with tempfile.TemporaryDirectory() as folder:
        ours = asyncio.run(fills(PAIRS, Path(folder) / "cells.json", peers))
    value, spread = ratios(ours, stock)
    reference = f"stock DataTable: {_seconds(stock)}"
    beside = {"ours": _seconds(ours), PEER: why or _seconds(fast)}
    reason = (
        "Most of it is the triage: rows are put into their groups, each sorted by name, and counted; the stock table "
        "does none of that. Tried: all that came is put in and counted together, once somebody looks."
    )
    return Line("fill", f"fill {COUNT:,} rows", value, "×", reference, 0.01, reason, spread, beside)


async def sorts(rounds: int) -> dict[str, tuple[list[float], list[float]]]:
    """Sort by each column, from the order that another one made; then let `sorted` do it to the same keys.

    Returns:
        By column: the seconds for which each took.
    """
    taken: dict[str, tuple[list[float], list[float]]] = {}
    app = application(known=True)
    async with app.run_test(size=SIZE) as pilot:
        table = (await opened(app, pilot)).table
        usual = table._given
        columns = [(column.key, column.sort) for column in table.columns if column.sort is not None]
        for _ in range(rounds):
            for (column, key_of), (other, _) in zip(columns, [*columns[1:], columns[0]], strict=True):
                table._sort = (other, False)
                table.set_rows(usual)
                before = list(table.rows)
                ours, theirs = taken.setdefault(column, ([], []))
                keys = [key_of(row) for row in before]
                with timed(theirs):
                    sorted(keys)
                del keys
                table._given = before
                with timed(ours):
                    table.sort_by(column)
    return taken


def sort() -> Line:
    """Sort 100,000 rows by any column; the worst counts."""
    taken = asyncio.run(sorts(PAIRS))
    by_column = {key: ratios(*times) for key, times in taken.items()}
    worst = max(by_column, key=lambda key: by_column[key][0])
    value, spread = by_column[worst]
    reference = f"sorted() of the same keys, for {worst}: {_seconds(taken[worst][1])}"
    beside = {key: f"{ratio:.2f}× of {_seconds(taken[key][1])}" for key, (ratio, _) in by_column.items()}
    name = f"sort {COUNT:,} rows by any column, of which {worst} is the worst"
    reason = (
        "Each row is asked for its key, which takes 3 to 6 ms for all. sorted() of keys that are few and stand in runs "
        "takes as little as 0.4 ms. Tried: keys that stand ready, one list for each column, by which the rows' numbers "
        "are sorted; with the rows put into that order it takes 5 ms for states where sorted() takes 0.4 and asking "
        "the rows 8, and 21 for the providers where those take 10 and 15."
    )
    return Line("sort", name, value, "×", reference, 2.0, reason, spread, beside)


def _seconds(values: list[float]) -> str:
    ordered = sorted(values)
    return f"{ordered[len(ordered) // 2]:.4g} s ({ordered[0]:.4g}–{ordered[-1]:.4g} s)"
