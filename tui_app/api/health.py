"""How a server is doing, as far as this session's own requests tell."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from tui_app.models.clock import Clock
from tui_app.models.problem import Problem, ProblemKind

_LONGEST_WAIT = 366 * 86400.0  # seconds: a server may name a wait that no calendar holds


class HealthState(StrEnum):
    """In one word, how a server is doing."""

    UNKNOWN = "unknown"  # nothing was asked yet
    LIVE = "live"
    DEGRADED = "degraded"  # it answers, but not with what was asked for
    OFFLINE = "offline"  # no answer


@dataclass(frozen=True, slots=True)
class Health:
    """The state of a server after the latest exchange.

    Attributes:
        state: In one word.
        since: When that state began, by this machine's clock.
        latency: Seconds that answers take: the median of the latest five, for one is often slow by chance. ``None``
            before the first.
        reason: Why it is not live, in a few words: ``429``, ``key refused``, ``refused the connection``.
        resuming_at: When requests go on, by this machine's clock, where the server or the back-off says.
    """

    state: HealthState = HealthState.UNKNOWN
    since: datetime | None = None
    latency: float | None = None
    reason: str = ""
    resuming_at: datetime | None = None


class HealthMonitor:
    """Keeps a server's health up to date with each exchange.

    Attributes:
        health: The latest.
    """

    def __init__(self, clock: Clock, on_health: Callable[[Health], None] | None = None) -> None:
        self.health = Health()
        self._latencies = deque[float](maxlen=5)
        self._clock = clock
        self._on_health = on_health

    def note(self, problem: Problem | None, reason: str, latency: float | None) -> None:
        """Take in what one exchange told.

        Args:
            problem: What went wrong, if anything.
            reason: The same in a few words.
            latency: Seconds that the answer took, or ``None`` where none came.
        """
        state = _state(problem, answered=latency is not None)
        if state is None:
            return
        before = self.health
        since = before.since if before.state is state else self._clock.now()
        reason = "" if state is HealthState.LIVE else reason
        if latency is not None:
            self._latencies.append(latency)
        self._set(Health(state, since, self._usual, reason))
        if problem is not None and problem.retry_after is not None:
            self.resumes_in(problem.retry_after)

    @property
    def _usual(self) -> float | None:
        return sorted(self._latencies)[len(self._latencies) // 2] if self._latencies else None

    def resumes_in(self, seconds: float) -> None:
        """Say that requests go on after so many seconds."""
        moment = self._clock.now() + timedelta(seconds=min(seconds, _LONGEST_WAIT))
        self._set(replace(self.health, resuming_at=moment))

    def _set(self, health: Health) -> None:
        self.health = health
        if self._on_health is not None:
            self._on_health(health)


def _state(problem: Problem | None, *, answered: bool) -> HealthState | None:
    if problem is None:
        return HealthState.LIVE
    if problem.kind is ProblemKind.REFUSED:
        return None  # nothing was sent: that says nothing of the server
    if problem.kind is ProblemKind.UNREACHABLE and not answered:
        return HealthState.OFFLINE
    if answered and problem.kind not in _DEGRADING:
        return HealthState.LIVE  # it answered as it should, if not what was hoped for
    return HealthState.DEGRADED


_DEGRADING = frozenset(
    {
        ProblemKind.UNAUTHORIZED,
        ProblemKind.RATE_LIMITED,
        ProblemKind.SERVER,
        ProblemKind.UNREADABLE,
        ProblemKind.UNREACHABLE,
    }
)
