"""How often the range that is shown for a sync holds its true end, how wide it is, and how well a standstill is found.

Run ``python -m bench.estimate [--seeds 10] [--count 400]``.
"""

from __future__ import annotations

import argparse
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from statistics import median

from bench.mix import SHARES, START, Case, Plan, cases, looks
from tui_app.models.observation import Observation
from tui_app.watch.estimate import estimate
from tui_app.watch.stall import stall

PLACES = (0.25, 0.5, 0.75)
"""The shares of a sync's true time at which its range is read."""


@dataclass
class Tally:
    """What was counted over some cases.

    Attributes:
        held: By place, whether each range held the true end; a range that is not there does not.
        widths: By place, how wide each was, as a multiple of the time that was left.
        alarms: For each sync that ran as it should, whether it was ever said to stand still.
        provider_alarms: The same for each that waited for the provider once.
        found: For each that stopped, after how many usual gaps it was said to; infinite where it never was.
        untold: How many stopped of which nothing usual is known.
    """

    held: dict[float, list[bool]] = field(default_factory=lambda: {place: [] for place in PLACES})
    widths: dict[float, list[float]] = field(default_factory=lambda: {place: [] for place in PLACES})
    alarms: list[bool] = field(default_factory=list)
    provider_alarms: list[bool] = field(default_factory=list)
    found: list[float] = field(default_factory=list)
    untold: int = 0

    def add(self, case: Case, speed: float) -> None:
        """Try one case."""
        seen = list(looks(case.plan, case.chance("looks"), history=case.history, speed=speed))
        for place in PLACES:
            self._estimate(case, seen, place)
        self.alarms.append(_first_alarm(case, seen) is not None)
        waiting = list(looks(case.with_provider(), case.chance("looks"), history=case.history, speed=speed))
        self.provider_alarms.append(any(_alarm(case, waiting[: count + 1]) for count in _awaiting(waiting)))
        self._stall(case, case.stopped(), speed)

    def _estimate(self, case: Case, seen: Sequence[Observation], place: float) -> None:
        now = START + timedelta(seconds=place * case.plan.whole)
        until = bisect_right(seen, now, key=lambda look: look.observed_at)
        told = estimate(seen[:until], case.history).left(now)
        left = (1 - place) * case.plan.whole
        self.held[place].append(told is not None and told[0] <= left <= told[1])
        if told is not None:
            self.widths[place].append((told[1] - told[0]) / left)

    def _stall(self, case: Case, plan: Plan, speed: float) -> None:
        usual = case.usual_gap
        if usual is None:
            self.untold += 1
            return
        changed = plan.last_change()
        until, late = changed + 20 * usual + 600, float("inf")
        seen: list[Observation] = []
        for look in looks(plan, case.chance("looks"), history=case.history, until=until, speed=speed):
            seen.append(look)
            since = (look.observed_at - START).total_seconds() - changed
            if since >= 0 and _alarm(case, seen):
                late = since
                break
        self.found.append(late / usual)

    def row(self, name: str) -> str:
        """One line of the table."""
        held = "".join(f"{_share(self.held[place]):>6}" for place in PLACES)
        widths = "".join(f"{median(self.widths[place] or [0]):6.2f}" for place in PLACES)
        within = _share([gaps <= 3 for gaps in self.found])
        worst = f"{max(self.found, default=0):6.2f}"
        alarms = f"{_share(self.alarms):>8}{_share(self.provider_alarms):>9}"
        return f"{name:<14}{len(self.alarms):>6} {held} {widths} {alarms} {within:>8}{worst}"


def _alarm(case: Case, seen: Sequence[Observation]) -> bool:
    return stall(seen, case.history).stalled


def _first_alarm(case: Case, seen: Sequence[Observation]) -> int | None:
    return next((count for count in range(len(seen)) if _alarm(case, seen[: count + 1])), None)


def _awaiting(seen: Sequence[Observation]) -> Iterable[int]:
    return (count for count, look in enumerate(seen) if look.sync is not None and look.sync.awaits_provider)


def _share(of: Sequence[bool]) -> str:
    return f"{100 * sum(of) / len(of):.1f}" if of else "—"


def tried(seed: int, count: int = 400, *, speed: float = 1.0, earlier: int = 5, watched: int = 2) -> dict[str, Tally]:
    """Try the cases of one seed.

    Args:
        seed: What all chance depends on.
        count: How many.
        speed: How many times faster than ours the server's time goes.
        earlier: Syncs that each connection had before.
        watched: How many of those, the last, were watched.

    Returns:
        What was counted, by shape.
    """
    tallies = {shape: Tally() for shape in SHARES}
    for case in cases(seed, count, speed=speed, earlier=earlier, watched=watched):
        tallies[case.shape].add(case, speed)
    return tallies


def together(tallies: Iterable[Tally]) -> Tally:
    """What several tallies count together."""
    whole = Tally()
    for tally in tallies:
        for place in PLACES:
            whole.held[place] += tally.held[place]
            whole.widths[place] += tally.widths[place]
        whole.alarms += tally.alarms
        whole.provider_alarms += tally.provider_alarms
        whole.found += tally.found
        whole.untold += tally.untold
    return whole


HEAD = """\
                      range holds the end   median width of the     said to stand still   standstill found
                      at 25   50   75 %     time left, at the       though it   provider  within 3  after at
shape          syncs                        same places             does not    waits     gaps, %   most gaps"""


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m bench.estimate", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="the first seed (default: 1)")
    parser.add_argument("--seeds", type=int, default=1, help="how many seeds, one after the other (default: 1)")
    parser.add_argument("--count", type=int, default=400, help="syncs for each seed (default: 400)")
    parser.add_argument("--speed", type=float, default=1.0, help="how fast the server's time goes (default: 1)")
    parser.add_argument("--earlier", type=int, default=5, help="earlier syncs of each connection (default: 5)")
    parser.add_argument("--watched", type=int, default=2, help="how many of those were watched (default: 2)")
    asked = parser.parse_args()
    seeds = range(asked.seed, asked.seed + asked.seeds)
    runs = [tried(seed, asked.count, speed=asked.speed, earlier=asked.earlier, watched=asked.watched) for seed in seeds]
    print(HEAD)
    for shape in SHARES:
        print(together(run[shape] for run in runs).row(shape))
    for seed, run in zip(seeds, runs, strict=True):
        if len(runs) > 1:
            print(together(run.values()).row(f"seed {seed}"))
    print(together(tally for run in runs for tally in run.values()).row("together"))


if __name__ == "__main__":
    main()
