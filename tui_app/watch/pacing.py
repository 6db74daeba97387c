"""When to look next: pure functions over what the looks so far brought.

Between two looks lies the time in which the progress is expected to move by one small step, measured on this run. Where
nothing moves, the wait is half of the time since something last did: each wait is one and a half times the one before,
and pressing "look now" neither slows nor hastens what follows. Every wait has a stated most, which is how late the end
of a sync can be noticed.

Where its end is likely, a sync is looked at sooner than that: as soon as the seconds for which the end is to be
expected to have gone unnoticed are worth a look (`ending.py`). Where there are more syncs than the budget has looks
for, all waits are stretched alike, which keeps what is still spent where it gains the most.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import Enum, auto
from statistics import median

from tui_app.api.turns import Room
from tui_app.models.observation import Observation
from tui_app.models.problem import Problem, ProblemKind
from tui_app.models.sync import Phase, Sync
from tui_app.models.times import duration
from tui_app.watch.earlier import ENOUGH, History
from tui_app.watch.ending import Projection, ending, wait_worth
from tui_app.watch.usual import Usual

# What trying again soon does not mend: the server answers, and answers no.
LASTING = frozenset(
    {
        ProblemKind.NOT_FOUND,
        ProblemKind.UNAUTHORIZED,
        ProblemKind.FORBIDDEN,
        ProblemKind.INVALID,
        ProblemKind.REFUSED,
        ProblemKind.UNSUPPORTED,
    }
)

_LASTING_WORDS = {
    ProblemKind.NOT_FOUND: "the server does not know this sync, looking now and then",
    ProblemKind.UNAUTHORIZED: "the key is not accepted, looking now and then",
    ProblemKind.FORBIDDEN: "the server does not allow it, looking now and then",
}

# A look takes a little time itself: three waits of so many usual gaps and their looks are three gaps, after which a
# sync counts as standing still.
_IN_TIME = 0.97

# A budget that leaves room for every look.
ROOMY = Room()

# From here on "nothing new" is said with its time; before, it would change with every look.
_QUIET = 10.0


@dataclass(frozen=True, slots=True)
class Span:
    """The waits of one state, in seconds: the one right after a change, and the longest."""

    first: float
    most: float


@dataclass(frozen=True, slots=True)
class Pacing:
    """How fast to look, in seconds unless said otherwise.

    Attributes:
        floor: The least between an answer and the next look.
        near: The same where the end is near, by how long the connection's earlier syncs took.
        worth: For which part of the time that a sync has run its end is to be expected to have gone unnoticed before a
            look is due: a sync of hours is not watched by the second.
        step: The progress that should lie between two looks, in percent.
        running: While it runs. Its `most` bounds how late the end is noticed.
        retrying: While the server tries again.
        waiting: While it has not begun.
        unknown: While the server's word is one that nobody knows.
        provider: While somebody at the provider is waited for, which may take days.
        hidden_factor: How many times slower a sync is looked at that no screen shows.
        hidden_most: The most that being hidden stretches a wait to.
        failed: The waits after looks that failed, doubling from first to most, the upper half of each by chance.
        refused: The same where the server answers no and trying again soon mends nothing.
        retry_floor: The least wait, even where the server asks for less.
        retry_most: The longest wait, even where the server asks for more.
        usual: How long the connection's syncs usually take, in the server's time; ``None`` where nobody knows.
        speed: How many times faster than ours the server's time goes.
    """

    floor: float = 1.0
    near: float = 0.5
    worth: float = 1e-6
    step: float = 2.0
    running: Span = field(default=Span(1.0, 15.0))
    retrying: Span = field(default=Span(2.0, 15.0))
    waiting: Span = field(default=Span(2.0, 15.0))
    unknown: Span = field(default=Span(2.0, 30.0))
    provider: Span = field(default=Span(5.0, 300.0))
    hidden_factor: float = 3.0
    hidden_most: float = 60.0
    failed: Span = field(default=Span(2.0, 60.0))
    refused: Span = field(default=Span(15.0, 60.0))
    retry_floor: float = 0.5
    retry_most: float = 3600.0
    usual: Usual | None = None
    speed: float = 1.0

    def expecting(self, gap: float) -> Pacing:
        """The same for a sync whose progress usually changes that often: looked at in time to see that it does not.

        Args:
            gap: Seconds between two changes, on the clock that paces.
        """
        most = min(max(_IN_TIME * gap, self.running.first), self.running.most)
        return replace(self, running=Span(self.running.first, most))

    def knowing(self, history: History, speed: float = 1.0) -> Pacing:
        """The same for a sync of a connection of which something is known.

        Args:
            history: What its earlier syncs tell.
            speed: How many times faster than ours the server's time goes.
        """
        usual = Usual.of(history.durations) if history.durations else None
        known = replace(self, usual=usual, speed=speed)
        return known.expecting(median(history.gaps) / speed) if len(history.gaps) >= ENOUGH else known

    def span(self, sync: Sync) -> Span:
        """Which waits this sync's state asks for."""
        if sync.awaits_provider:
            return self.provider
        spans = {Phase.RUNNING: self.running, Phase.RETRYING: self.retrying, Phase.WAITING: self.waiting}
        return spans.get(sync.phase, self.unknown)


@dataclass(frozen=True, slots=True)
class Pace:
    """When to look next.

    Attributes:
        seconds: How long to wait, or ``None`` where nothing more is to be seen.
        why: The reason, in words for the poll line.
    """

    seconds: float | None
    why: str


class News(Enum):
    """What the newest change was."""

    FIRST = auto()  # the first look: nothing to compare with
    STEP = auto()  # the progress, and nothing else
    EVENT = auto()  # anything else


@dataclass(frozen=True, slots=True)
class Tempo:
    """All that pacing remembers of one sync's looks. Times are seconds on the clock that paces.

    Attributes:
        sync: What was last seen.
        problem: Why the newest look failed, where it did.
        failures: How many looks in a row failed.
        looked_at: When the newest look ended.
        changed_at: When something last was new.
        stepped_at: When the progress last was new.
        rate: How fast the progress moves, in percent per second, where it was seen to.
        news: What the newest change was.
        age: How old the sync was when it was last seen, in seconds of the server's time.
        run: Where its progress leads.
        held_up: Whether it was ever seen to wait for the provider or to be tried again: its age compares with no other.
    """

    sync: Sync | None = None
    problem: Problem | None = None
    failures: int = 0
    looked_at: float = 0.0
    changed_at: float = 0.0
    stepped_at: float = 0.0
    rate: float | None = None
    news: News = News.FIRST
    age: float = 0.0
    run: Projection | None = None
    held_up: bool = False

    def after(self, observation: Observation, at: float) -> Tempo:
        """What to remember once one more look has ended.

        Args:
            observation: What it brought.
            at: When it ended, in seconds on the clock that paces.
        """
        if observation.sync is None:
            return replace(self, problem=observation.problem, failures=self.failures + 1, looked_at=at)
        seen = _aged(self, observation.sync, observation.observed_at)
        seen = replace(seen, sync=observation.sync, problem=None, failures=0, looked_at=at)
        if self.sync is None:
            return replace(seen, changed_at=at, stepped_at=at)
        return _compared(seen, self.sync, observation.sync, at)

    def anew(self, at: float) -> Tempo:
        """What to remember once the server's time goes otherwise: what was seen, and nothing of its pace.

        Args:
            at: Since when it does, in seconds on the clock that paces.
        """
        return self if self.sync is None else replace(self, changed_at=at, stepped_at=at, rate=None, news=News.FIRST)


def _aged(tempo: Tempo, sync: Sync, observed_at: datetime) -> Tempo:
    """What a look tells of when the sync ends."""
    age = (observed_at - sync.requested_at).total_seconds()
    held_up = sync.awaits_provider or sync.phase is Phase.RETRYING or (sync.attempts or 0) > 1
    run = tempo.run
    if sync.percent is None or sync.awaits_provider or sync.phase is not Phase.RUNNING:
        run = None
    else:
        progress = min(max(float(sync.percent), 0.0), 100.0)
        run = Projection.begun(age, progress) if run is None or age < run.at[0] else run.after(age, progress)
    return replace(tempo, age=age, run=run, held_up=tempo.held_up or held_up)


def facts(sync: Sync) -> tuple[object, ...]:
    """All of a sync that counts as news when it changes, but its progress."""
    # Fields that nobody knows do not count: a server that sends its own time with each answer would never be quiet.
    return (
        sync.status,
        sync.attempts,
        sync.requested_at,
        sync.start_from,
        sync.completed_at,
        sync.failure_reason,
        sorted(sync.issue_ids),
        sorted(sync.provider_requests),
        [(part.id, part.status, part.phase, part.attempt, part.failure_reason) for part in sync.parts],
    )


def _compared(tempo: Tempo, before: Sync, after: Sync, at: float) -> Tempo:
    event = facts(before) != facts(after)
    if before.progress == after.progress:
        return replace(tempo, changed_at=at, news=News.EVENT) if event else tempo
    distance = float(after.progress or 0) - float(before.progress or 0)
    elapsed = at - tempo.stepped_at
    rate = None  # where it began anew, or two looks fell on one time, there is nothing to learn
    if distance > 0 and elapsed > 0:
        rate = distance / elapsed
        # The mean with what was known smooths a server that moves in jumps, and follows one that changes its speed.
        rate = rate if tempo.rate is None else (tempo.rate + rate) / 2
    return replace(tempo, changed_at=at, stepped_at=at, rate=rate, news=News.EVENT if event else News.STEP)


def next_look(
    tempo: Tempo, *, random: Callable[[], float], pacing: Pacing, visible: bool = True, room: Room = ROOMY
) -> Pace:
    """Decide when to look next.

    Args:
        tempo: What the looks so far brought.
        random: Gives a number from 0 to 1, for spreading the looks of many syncs after a failure.
        pacing: The bounds.
        visible: Whether a screen shows this sync now.
        room: What the budget leaves to each look.
    """
    if tempo.problem is not None:
        return _after_failure(tempo.problem, tempo.failures, random, pacing)
    if tempo.sync is None:
        return Pace(0.0, "not looked yet")
    if tempo.sync.phase.is_final:
        return Pace(None, "it has ended")
    seconds = max(_steady(tempo, tempo.sync, pacing), pacing.floor)
    why = _why(tempo, tempo.sync)
    if not visible:
        seconds = min(seconds * pacing.hidden_factor, max(seconds, pacing.hidden_most))
        why = f"{why}, not on screen"
    seconds = min(seconds * room.stretch, max(seconds, room.most))
    near = _near(tempo, pacing, (1.0 if visible else pacing.hidden_factor) * room.stretch, seconds)
    if near < seconds:
        return Pace(near, f"it may end soon{'' if visible else ', not on screen'}")
    return Pace(seconds, why)


def _near(tempo: Tempo, pacing: Pacing, slower: float, most: float) -> float:
    """The seconds after which its end may have come, so that a look is worth it; `most` where that is later."""
    usual = None if tempo.held_up else pacing.usual
    parts = ending(usual, tempo.run)
    least = pacing.floor if usual is None else pacing.near
    if not parts or tempo.age <= 0 or most <= least:
        return most
    # Where the end comes evenly, what goes unnoticed grows with the square of the wait.
    worth, speed = pacing.worth * tempo.age * slower**2, pacing.speed
    return wait_worth(parts, tempo.age, worth, least * speed, most * speed) / speed


def _steady(tempo: Tempo, sync: Sync, pacing: Pacing) -> float:
    span = pacing.span(sync)
    quiet = tempo.looked_at - tempo.changed_at
    wait = span.first
    if tempo.rate and (tempo.news is News.STEP or quiet > 0):  # right after an event, a look at what comes of it
        # The last step is as long as what is left, so that the end is seen when it comes.
        left = 100 - float(sync.progress or 0)
        wait = max(wait, min(pacing.step, max(left, 0.0)) / tempo.rate)
    return min(max(wait, quiet / 2), span.most)


def _why(tempo: Tempo, sync: Sync) -> str:
    quiet = tempo.looked_at - tempo.changed_at
    if sync.awaits_provider:
        return "waiting for the provider"
    if sync.phase is Phase.UNKNOWN:
        return "the server uses a word that is not known here"
    if quiet >= _QUIET:
        return f"nothing new for {duration(timedelta(seconds=quiet))}"
    if sync.phase is Phase.WAITING:
        return "waiting for it to begin"
    if sync.phase is Phase.RETRYING:
        return "the server tries again"
    if tempo.news is News.EVENT and quiet == 0:
        return "something just changed"
    return "moving steadily" if tempo.rate else "watching for movement"


def _after_failure(problem: Problem, failures: int, random: Callable[[], float], pacing: Pacing) -> Pace:
    if problem.retry_after is not None and problem.retry_after >= 0:  # NaN is neither, and falls through
        asked = min(max(problem.retry_after, pacing.retry_floor), pacing.retry_most)
        return Pace(asked, f"the server asked for {problem.retry_after:.6g} s")
    lasting = problem.kind in LASTING
    span = pacing.refused if lasting else pacing.failed
    whole = min(span.first * 2.0 ** min(failures - 1, 30), span.most)
    seconds = max(whole * (0.5 + 0.5 * random()), pacing.floor)
    why = "could not look, trying again"
    if lasting:
        why = _LASTING_WORDS.get(problem.kind, "could not look, looking now and then")
    return Pace(seconds, why)
