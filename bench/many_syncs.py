"""How soon the ends of many syncs are noticed, at what cost, and whether any is left out: on a virtual clock.

What is measured is the product's own: its watcher, pacing, turns and budget. Simulated are the server, the network and
time. Held against it is polling at a fixed interval, which is granted what no real program has: it meets no limit, and
its interval is known beforehand to come to the very same number of requests.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from math import sqrt
from statistics import median
from typing import cast

from bench.line import Line
from bench.mix import WITHIN, Case, cases
from bench.virtual import Followed, VirtualServer, run
from tui_app.api.base import SyncApi
from tui_app.models.connection import Connection
from tui_app.watch.watch import Watch
from tui_app.watch.watcher import Watcher

SEED = 6
MANY, BUDGET = 1000, 50.0
MINUTES = 20
SHARES = {"linear": 60, "bursty": 25, "no progress": 15}
SIGMA = 0.6
SPREAD = (sqrt(SIGMA**2 - WITHIN**2), WITHIN)
"""Together 0.6; within one connection as in the other simulations."""

ALONE = 200
"""Syncs that are followed alone, one after the other."""

ON_SCREEN = 8
"""As many as the product looks at as closely as on a screen of their own."""

LISTING = 1
"""Requests that reading a connection's earlier syncs takes."""


@dataclass
class Seen:
    """What following brought.

    Attributes:
        ours: By shape, the seconds from the end of each sync to its detection.
        fixed: The same for polling at a fixed interval.
        sent: By shape, the requests that were sent.
        polled: By shape, the requests of a fixed poll each second.
        unlooked: The longest time between two looks at each, or from its being followed to the first.
        refused: Answers 429.
    """

    ours: dict[str, list[float]] = field(default_factory=dict)
    fixed: dict[str, list[float]] = field(default_factory=dict)
    sent: dict[str, int] = field(default_factory=dict)
    polled: dict[str, int] = field(default_factory=dict)
    unlooked: list[float] = field(default_factory=list)
    refused: int = 0

    @property
    def all_ours(self) -> list[float]:
        """The delays of every shape."""
        return [delay for delays in self.ours.values() for delay in delays]

    @property
    def all_fixed(self) -> list[float]:
        """The delays of every shape, polled at a fixed interval."""
        return [delay for delays in self.fixed.values() for delay in delays]


def mix(seed: int, count: int, spread: tuple[float, float] = SPREAD) -> list[Case]:
    """The syncs that are followed, in an order of their own: their earlier ones are listed, none was watched."""
    found = list(cases(seed, count, watched=0, shares=SHARES, spread=spread))
    random.Random(seed).shuffle(found)
    return [replace(case, plan=replace(case.plan, id=case.number)) for case in found]


async def follow(server: VirtualServer, watcher: Watcher, case: Case, *, visible: bool) -> tuple[Followed, float]:
    """Follow one sync from its request to its end.

    Returns:
        The sync, and when its end was noticed.
    """
    followed = Followed(case.plan, server.clock.monotonic())
    server.syncs[case.plan.id] = followed
    watch: Watch = watcher.watch(Connection(id=case.number, status="connected"), case.plan.id)
    watch.expect(case.history)
    watch.visible = visible
    async for _ in watch.stream():
        pass
    noticed = server.clock.monotonic()
    await watcher.forget(watch)
    return followed, noticed


def polled(followed: Followed, interval: float, phase: float, latency: float) -> float:
    """Seconds from a sync's end to its detection, asked for at a fixed interval."""
    first = followed.requested + phase * interval
    asked = first + max(-(-(followed.ends - latency / 2 - first) // interval), 0) * interval
    return asked + latency - followed.ends


async def _many(all_cases: Sequence[Case]) -> tuple[list[tuple[Case, Followed, float]], VirtualServer]:
    """Follow so many at all times: where one ends, the next is requested. All are at the beginning, at once."""
    server = VirtualServer(BUDGET, SEED)
    watcher = Watcher(cast(SyncApi, server), clock=server.clock, server_now=server.clock.now, random=lambda: 0.5)
    left, done = iter(all_cases), list[tuple[Case, Followed, float]]()

    async def one_after_the_other(number: int) -> None:
        while server.clock.monotonic() < 60 * MINUTES:
            case = next(left)
            followed, noticed = await follow(server, watcher, case, visible=number < ON_SCREEN)
            done.append((case, followed, noticed))

    await asyncio.gather(*(one_after_the_other(number) for number in range(MANY)))
    await watcher.close()
    return done, server


def many(spread: tuple[float, float] = SPREAD) -> tuple[Seen, float]:
    """Follow a thousand at a time.

    Returns:
        What it brought of all that ended in time, and the interval of the fixed poll, in seconds.
    """
    done, server = run(_many(mix(SEED, 5 * MANY, spread)))
    inside = [each for each in done if each[1].ends <= 60 * MINUTES]
    looks = server.sent + LISTING * len(done)
    interval = sum(noticed - followed.requested for _, followed, noticed in done) / looks
    seen, chance = Seen(refused=server.refused), random.Random(SEED)
    for case, followed, noticed in inside:
        seen.ours.setdefault(case.shape, []).append(noticed - followed.ends)
        late = polled(followed, interval, chance.random(), server.latency())
        seen.fixed.setdefault(case.shape, []).append(late)
    for case, followed, noticed in done:
        seen.sent[case.shape] = seen.sent.get(case.shape, 0) + len(followed.looks) + LISTING
        times = [followed.requested, *followed.looks, noticed]
        seen.unlooked.append(max(after - before for before, after in pairwise(times)))
    return seen, interval


def delay() -> Line:
    """How soon ends are noticed among a thousand syncs."""
    seen, interval = many()
    apart, _ = many((0.0, SIGMA))
    ours, fixed = median(seen.all_ours), median(seen.all_fixed)
    beside = _by_shape(seen) | {
        "where a connection's syncs have nothing in common": _both(median(apart.all_ours), median(apart.all_fixed)),
        "nine of ten are noticed within": f"{_tenth(seen.all_ours):.1f} s, polled {_tenth(seen.all_fixed):.1f} s",
    }
    return Line(
        "delay",
        "1,000 syncs within 50 requests/s: median delay from a sync's end to its detection",
        ours / fixed,
        "×",
        f"polling each at a fixed interval of {interval:.1f} s, the same requests: {fixed:.2f} s",
        0.5,
        spread=f"{len(seen.all_ours):,} ends within {MINUTES} virtual minutes",
        beside=beside,
    )


def fair() -> Line:
    """Whether any of a thousand is left out, and whether the server ever has to say no."""
    seen, _ = many()
    share = MANY / BUDGET
    longest = sorted(waited / share for waited in seen.unlooked)
    return Line(
        "fair",
        "the same: 429 answers caused by ourselves; longest time that a followed sync went unlooked at",
        [float(seen.refused), longest[-1]],
        "; ×",
        f"a server that allows {BUDGET:g} in any one second; the fair share of the budget, {share:g} s",
        [0.0, 4.0],
        spread=f"the longest of each sync: median {median(longest):.2f}×",
    )


async def _alone(case: Case) -> tuple[Followed, float, VirtualServer]:
    server = VirtualServer(BUDGET, SEED)
    watcher = Watcher(cast(SyncApi, server), clock=server.clock, server_now=server.clock.now, random=lambda: 0.5)
    followed, noticed = await follow(server, watcher, case, visible=True)
    await watcher.close()
    return followed, noticed, server


def alone(all_cases: Iterable[Case]) -> Seen:
    """Follow each of these alone, and poll it each second beside."""
    seen, chance = Seen(), random.Random(SEED)
    for case in all_cases:
        followed, noticed, server = run(_alone(case))
        phase, latency = chance.random(), server.latency()
        late = polled(followed, 1.0, phase, latency)
        seen.ours.setdefault(case.shape, []).append(noticed - followed.ends)
        seen.fixed.setdefault(case.shape, []).append(late)
        seen.sent[case.shape] = seen.sent.get(case.shape, 0) + server.sent + LISTING
        polls = round(followed.ends + late - latency - phase) + 1
        seen.polled[case.shape] = seen.polled.get(case.shape, 0) + polls
    return seen


def single() -> Line:
    """One sync alone, on its own screen."""
    seen = alone(mix(SEED, ALONE))
    ours, fixed = median(seen.all_ours), median(seen.all_fixed)
    requests = 100 * sum(seen.sent.values()) / sum(seen.polled.values())
    beside = {
        shape: f"{told}, {100 * seen.sent[shape] / seen.polled[shape]:.0f} % of the requests"
        for shape, told in _by_shape(seen).items()
    }
    return Line(
        "single",
        "one sync followed alone: median delay from its end to its detection; requests",
        [ours / fixed, requests],
        "×; %",
        f"polling it each second: {fixed:.2f} s; {sum(seen.polled.values()) / ALONE:.0f} requests a sync",
        [1.0, 60.0],
        spread=f"{ALONE} syncs, one after the other",
        beside=beside,
    )


def _by_shape(seen: Seen) -> dict[str, str]:
    return {shape: _both(median(seen.ours[shape]), median(seen.fixed[shape])) for shape in SHARES}


def _both(ours: float, fixed: float) -> str:
    return f"{ours:.2f} s, polled {fixed:.2f} s: {ours / fixed:.2f}×"


def _tenth(delays: Sequence[float]) -> float:
    return sorted(delays)[len(delays) * 9 // 10]
