"""Simulated syncs for trying estimates on, looked at as the product looks: at the times that its pacing decides.

Each case is one connection: some earlier syncs, of which all are listed and the last few were watched, and one more
that is followed. How long each takes is log-normal; its progress has the shape that its connection's syncs have.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from math import exp, floor, log
from statistics import median
from typing import Any

from tui_app.models.observation import Observation
from tui_app.models.problem import Problem, ProblemKind
from tui_app.models.sync import Phase, Sync
from tui_app.watch.earlier import NOTHING_KNOWN, History, gaps_of, history_of
from tui_app.watch.pacing import Pacing, Tempo, next_look

START = datetime(2026, 11, 22, 14, 2, tzinfo=UTC)
MEDIAN = 12 * 60.0
BETWEEN, WITHIN = 0.5, 0.25
"""Sigma of the logarithm of durations, between connections and within one."""

SHARES = {"linear": 40, "front-loaded": 20, "bursty": 20, "with a retry": 10, "no progress": 10}
"""How many of a hundred connections have syncs of each shape."""

Curve = Callable[[float], float]
"""The progress, from 0 to 1, by the share of the sync's time."""


@dataclass(frozen=True)
class Plan:
    """All that happens in one simulated sync, in seconds from its request.

    Attributes:
        id: Its ID.
        shape: A key of `SHARES`.
        seconds: How long it takes, a wait for the provider left out.
        begins: The share of that time after which it begins.
        curve: Its progress after that; ``None`` where none is told.
        digits: How many decimals of a percent the server tells.
        retry: Between which shares of its time after it began it rests before it tries again, and whether the server
            has a word for that.
        provider: When it begins to wait for the provider, and for how long.
        stops: When it stops changing for good.
    """

    id: str
    shape: str
    seconds: float
    begins: float
    curve: Curve | None
    digits: int
    retry: tuple[float, float, bool] | None = None
    provider: tuple[float, float] | None = None
    stops: float | None = None

    @property
    def whole(self) -> float:
        """When it ends: seconds from its request, a wait for the provider included."""
        return self.seconds + (self.provider[1] if self.provider else 0.0)

    def at(self, seconds: float) -> dict[str, Any]:
        """What changes of it, at a time."""
        if self.stops is not None:
            seconds = min(seconds, self.stops)
        waits = False
        if self.provider is not None and seconds > self.provider[0]:
            waits = seconds < sum(self.provider)
            seconds = max(self.provider[0], seconds - self.provider[1])
        share = seconds / self.seconds
        if share >= 1:
            progress = None if self.curve is None else 100.0
            return {"status": "completed", "phase": Phase.SUCCEEDED, "progress": progress, "attempts": self._tries(1)}
        if share < self.begins:
            return {"status": "requested", "phase": Phase.WAITING, "progress": None, "attempts": 0}
        told: dict[str, Any] = {"status": "in_progress", "phase": Phase.RUNNING, "attempts": self._tries(share)}
        if self.retry and self.retry[2] and self.retry[0] <= self.worked(share) < self.retry[1]:
            told |= {"status": "retrying", "phase": Phase.RETRYING}
        if waits:
            told["provider_requests"] = ["historical_files"]
        return told | {"progress": self._progress(share)}

    def _tries(self, share: float) -> int:
        return 2 if self.retry and self.worked(share) >= self.retry[0] else 1

    def worked(self, share: float) -> float:
        """The share of the time after it began, by the share of all its time."""
        return (share - self.begins) / (1 - self.begins)

    def _progress(self, share: float) -> float | None:
        if self.curve is None:
            return None
        done = 100.0 * self.curve(self.worked(share))
        parts = 10.0**self.digits
        return min(floor(done * parts) / parts, 100 - 1 / parts)

    def last_change(self) -> float:
        """When what the server tells last changed before the sync stopped: seconds from its request."""
        assert self.stops is not None
        told, earlier, later = self.at(self.stops), 0.0, self.stops
        running = replace(self, stops=None)
        for number in range(2000, -1, -1):  # backward, as a retry may have it fall
            if running.at(place := self.stops * number / 2000) != told:
                earlier = place
                break
            later = place
        for _ in range(30):
            middle = (earlier + later) / 2
            earlier, later = (earlier, middle) if running.at(middle) == told else (middle, later)
        return later


def looks(
    plan: Plan,
    chance: random.Random,
    *,
    history: History = NOTHING_KNOWN,
    requested_at: datetime = START,
    until: float | None = None,
    visible: bool = True,
    speed: float = 1.0,
    failing: float = 0.0,
) -> Iterator[Observation]:
    """The looks at a sync that is followed from its request on, until it ends.

    Args:
        plan: The sync.
        chance: What latencies and failures are drawn from.
        history: What is usual on its connection, where that is known: the sync is looked at accordingly.
        requested_at: When it is requested, in the server's time.
        until: Seconds after which nobody looks any more, where it does not end.
        visible: Whether a screen shows it.
        speed: How many times faster than ours the server's time goes.
        failing: How many of the looks fail, of 1.
    """
    pacing, tempo, ours = Pacing().knowing(history, speed), Tempo(), 0.0
    while until is None or ours * speed <= until:
        ours += chance.uniform(0.02, 0.3)
        seconds = ours * speed
        at = requested_at + timedelta(seconds=seconds)
        if chance.random() < failing:
            problem = Problem(ProblemKind.UNREACHABLE, "No answer")
            seen = Observation("conn_01", plan.id, at, 0.1, None, problem)
        else:
            told = plan.at(seconds)
            if told["phase"].is_final:
                told["completed_at"] = requested_at + timedelta(seconds=plan.whole)
            seen = Observation("conn_01", plan.id, at, 0.1, Sync(id=plan.id, requested_at=requested_at, **told))
        tempo = tempo.after(seen, ours)
        wait = next_look(tempo, random=chance.random, pacing=pacing, visible=visible).seconds
        yield replace(seen, next_look=wait)
        if wait is None:
            return
        ours += wait


@dataclass(frozen=True)
class Case:
    """One connection: what is known of its earlier syncs, and the sync that is followed.

    Attributes:
        shape: A key of `SHARES`.
        history: What its earlier syncs tell the product.
        plan: The sync that is followed.
        number: Which case it is: what chance depends on.
    """

    shape: str
    history: History
    plan: Plan
    number: str

    @property
    def usual_gap(self) -> float | None:
        """The median of the gaps that are known, in seconds."""
        return median(self.history.gaps) if self.history.gaps else None

    def chance(self, purpose: str) -> random.Random:
        """Chance for one purpose, the same each time."""
        return random.Random(f"{self.number} {purpose}")

    def with_provider(self) -> Plan:
        """The same sync, but that it waits for the provider once, for two minutes to two days."""
        chance = self.chance("provider")
        begins = chance.uniform(max(self.plan.begins, 0.05), 0.9) * self.plan.seconds
        return replace(self.plan, provider=(begins, exp(chance.uniform(log(120), log(172800)))))

    def stopped(self) -> Plan:
        """The same sync, but that it stops changing for good somewhere between 10 and 90 percent of its time.

        It does so while it works: where the server has just said that it tries again, a rest is no standstill.
        """
        chance, plan = self.chance("stop"), self.plan
        share = chance.uniform(0.1, 0.9)
        while plan.retry and plan.retry[0] <= plan.worked(share) < plan.retry[1]:
            share = chance.uniform(0.1, 0.9)
        return replace(plan, stops=share * plan.seconds)


def cases(
    seed: int,
    count: int = 400,
    *,
    earlier: int = 5,
    watched: int = 2,
    speed: float = 1.0,
    shares: Mapping[str, int] = SHARES,
    spread: tuple[float, float] = (BETWEEN, WITHIN),
) -> Iterator[Case]:
    """Connections of each shape.

    Args:
        seed: What all chance depends on.
        count: How many.
        earlier: Syncs that each had before.
        watched: How many of those, the last, were watched.
        speed: How many times faster than ours the server's time goes.
        shares: How many of a hundred connections have syncs of each shape.
        spread: Sigma of the logarithm of durations, between connections and within one.
    """
    between, within = spread
    shapes = [shape for shape, share in shares.items() for _ in range(round(count * share / 100))]
    for index, shape in enumerate(shapes):
        number = f"{seed} {shape} {index}"
        chance = random.Random(number)
        middle = log(MEDIAN) + chance.gauss(0, between)
        traits = Traits(middle, chance.randint(8, 20), 2, within)
        plans = [_plan(f"sync_{place}", shape, traits, chance) for place in range(earlier + 1)]
        syncs: list[Sync] = []
        gaps: list[tuple[float, ...]] = []
        for place, plan in enumerate(plans[:-1]):
            asked = START - timedelta(hours=2 * (earlier - place))
            end = asked + timedelta(seconds=plan.whole)
            syncs.append(Sync(id=plan.id, requested_at=asked, completed_at=end, **plan.at(plan.whole)))
            if place >= earlier - watched:
                history = history_of(syncs[:-1], gaps)
                gaps.insert(0, gaps_of(looks(plan, chance, history=history, requested_at=asked, speed=speed)))
        yield Case(shape, history_of(syncs, gaps), plans[-1], number)


@dataclass(frozen=True)
class Traits:
    """What the syncs of one connection have in common.

    Attributes:
        middle: The logarithm of the seconds that they take.
        bursts: In how many steps they progress, give or take one, where they do it in bursts.
        digits: How many decimals of a percent the server tells.
        within: Sigma of the logarithm of the seconds.
    """

    middle: float
    bursts: int
    digits: int
    within: float


def _plan(name: str, shape: str, traits: Traits, chance: random.Random) -> Plan:
    seconds = exp(chance.gauss(traits.middle, traits.within))
    plan = Plan(name, shape, seconds, chance.uniform(0.002, 0.04), _even, traits.digits)
    if shape == "front-loaded":
        return replace(plan, curve=_front(chance))
    if shape == "bursty":
        return replace(plan, curve=_bursts(chance, traits.bursts + chance.randint(-1, 1)))
    if shape == "with a retry":
        return _retried(plan, chance)
    return replace(plan, curve=None) if shape == "no progress" else plan


def _even(share: float) -> float:
    return share


def _front(chance: random.Random) -> Curve:
    """Either ever slower, or most of it in the first part and the rest evenly after that."""
    if chance.random() < 0.5:
        power = chance.uniform(1.6, 3.5)
        return lambda share: 1 - (1 - share) ** power
    knee, done = chance.uniform(0.2, 0.4), chance.uniform(0.6, 0.85)
    return lambda share: share / knee * done if share < knee else done + (share - knee) / (1 - knee) * (1 - done)


def _bursts(chance: random.Random, count: int) -> Curve:
    """Rests and sudden steps, each of them longer or shorter than the others by up to half."""
    rests = [chance.uniform(0.5, 1.5) for _ in range(count)]
    steps = [chance.uniform(0.5, 1.5) for _ in range(count)]
    places = [sum(rests[: index + 1]) / sum(rests) for index in range(count)]
    heights = [sum(steps[: index + 1]) / sum(steps) for index in range(count)]
    return lambda share: max(
        (height for place, height in zip(places, heights, strict=True) if place <= share), default=0.0
    )


def _retried(plan: Plan, chance: random.Random) -> Plan:
    """Evenly, but that it once rests before it is tried again: from where it was, or from the beginning."""
    fails, rests = chance.uniform(0.2, 0.7), chance.uniform(0.02, 0.1)
    again, anew = fails + rests, chance.random() < 0.5

    def curve(share: float) -> float:
        if anew:
            return (share - again) / (1 - again) if share >= again else min(share, fails)
        return (min(share, fails) + max(share - again, 0.0)) / (1 - rests)

    return replace(plan, curve=curve, retry=(fails, again, chance.random() < 0.5))
