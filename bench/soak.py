"""Whether hours of following let memory grow: eight virtual ones, two hundred syncs at a time."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import cast

from bench.line import Line
from bench.many_syncs import BUDGET, LISTING, SEED, mix
from bench.mix import Case
from bench.virtual import Followed, VirtualServer, run
from tui_app.api.base import SyncApi
from tui_app.models.connection import Connection
from tui_app.watch.watcher import Watcher

MANY = 200
HOURS = 8
CASES = 400
"""Different syncs; after the last the first comes again, under another name."""


def resident() -> float:
    """Bytes of memory that this process holds, in MiB."""
    gc.collect()
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("this system does not tell what a process holds")


async def _hours() -> tuple[list[float], int, int]:
    """Follow for all of the hours.

    Returns:
        The memory after each, in MiB, how many syncs ended, and how many looks were taken.
    """
    server = VirtualServer(BUDGET, SEED)
    watcher = Watcher(cast(SyncApi, server), clock=server.clock, server_now=server.clock.now, random=lambda: 0.5)
    plans, names, ended = mix(SEED, CASES), count(), [0]
    tasks = [asyncio.create_task(_one_after_the_other(server, watcher, plans, names, ended)) for _ in range(MANY)]
    held: list[float] = []
    for hour in range(1, HOURS + 1):
        await asyncio.sleep(3600 * hour - server.clock.monotonic())
        held.append(resident())
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await watcher.close()
    return held, ended[0], server.sent


async def _one_after_the_other(
    server: VirtualServer, watcher: Watcher, plans: list[Case], names: Iterator[int], ended: list[int]
) -> None:
    """Follow syncs to their ends. Nobody tells the watcher to forget them: a person leaves that to the program."""
    while True:
        number = next(names)
        case, sync_id = plans[number % len(plans)], f"sync_{number}"
        server.syncs[sync_id] = Followed(case.plan, server.clock.monotonic())
        watch = watcher.watch(Connection(id=f"conn_{number}", status="connected"), sync_id)
        watch.expect(case.history)
        watch.visible = False
        async for _ in watch.stream():
            pass
        del server.syncs[sync_id]
        ended[0] += 1


def soak() -> Line:
    """How much more is held after eight hours than after the first."""
    held, ended, sent = run(_hours())
    growth = 100 * (held[-1] / held[0] - 1)
    return Line(
        "soak",
        f"{HOURS} virtual hours of {MANY} followed syncs: growth of memory after the first",
        growth,
        "%",
        f"what it holds after one hour, {held[0]:.1f} MiB",
        5.0,
        "",
        spread="after each hour: " + ", ".join(f"{each:.1f}" for each in held) + " MiB",
        beside={"followed": f"{ended:,} syncs to their ends, {sent + LISTING * ended:,} requests"},
    )
