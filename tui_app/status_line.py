"""What the line on top says, and when: the part of the app that tells the time and how the server is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, tzinfo
from typing import TYPE_CHECKING

from tui_app.models.times import clock_time, day_and_time, telling
from tui_app.screens.base import Host
from tui_app.widgets.status_bar import Status, budget_words, few_of, health_words, steady_latency

if TYPE_CHECKING:
    from datetime import datetime

    from textual.timer import Timer

    from tui_app.api.health import Health
    from tui_app.models.clock import Clock
    from tui_app.models.profile import Profile

A_SECOND = 1.0
"""Seconds between two tellings of the embedded server's time, however fast that goes."""

MOST_COUNTED = 60
"""Seconds of a wait up to which each is told; of a longer one, each minute is."""


class StatusLine(Host):
    """The part of the app that keeps the line on top true.

    Attributes:
        clock: What time is told and waited by.
    """

    clock: Clock

    def __init__(self) -> None:
        super().__init__()
        self._counting: Timer | None = None
        self._ticking: Timer | None = None
        self._latency: float | None = None  # as it was told last
        self._minute: datetime | None = None  # in which it was told anew

    def _say_status(self, profile: Profile | None = None) -> None:
        workspace = self.workspace
        clock = f"{clock_time(self.clock.now())[:5]} {telling.zone_name}"
        if workspace is not None and workspace.speed is not None:
            # Everything on the screens is told in the embedded server's time, so that is the time to read beside it.
            zone = "" if telling.zone is None else f"{telling.zone_name}, "
            clock = f"{clock_time(workspace.server_now())[:5]} {zone}simulated"
        if workspace is None:
            self.status = Status(profile=profile.name if profile else self.status.profile, time=clock)
            return
        health, used = workspace.health, workspace.budget_used()
        self._latency = steady_latency(self._latency, health.latency)
        text, trouble = health_words(replace(health, latency=self._latency), self.clock.now())
        budget = budget_words(used, workspace.profile.budget)
        if workspace.recorded_at is not None:  # its clock stands, and nobody is asked anything
            text = f"{workspace.environment.value} as of {day_and_time(workspace.recorded_at)}"
            clock = budget = ""
        self._say_again(health, used > few_of(workspace.profile.budget))
        self.status = Status(
            profile=workspace.profile.name,
            environment=workspace.stamp,
            speed=workspace.speed,
            paused=workspace.paused,
            faulty=workspace.simulation is not None and workspace.simulation.faults.count > 0,
            lock=workspace.gate.words,
            health=text,
            trouble=trouble,
            budget=budget,
            time=clock,
        )

    def _say_again(self, health: Health, busy: bool) -> None:
        """Tell it anew in a second where it would not be true any more: a wait of seconds, and many requests in one."""
        if self._counting is not None:
            self._counting.stop()
        left = (health.resuming_at - self.clock.now()).total_seconds() if health.resuming_at else 0
        self._counting = self.set_timer(1, self._say_status) if busy or 0 < left <= MOST_COUNTED else None

    def _tick(self) -> None:
        minute = self.clock.now().replace(second=0, microsecond=0)
        if minute != self._minute:  # a latency that flickers says less: it is told anew with our own minutes alone
            self._minute, self._latency = minute, None
        self._tell_time_anew()
        self._tick_at_next_minute()

    def _tick_at_next_minute(self) -> None:
        # An idle screen is written to once a minute, at its beginning, and not more often: a minute of the time that
        # it tells, but of one that flies no more than each second.
        now = self.clock.now()
        wait = 60 - now.second - now.microsecond / 1e6
        simulation = self.workspace.simulation if self.workspace is not None else None
        if simulation is not None and (theirs := simulation.to_next_minute) is not None:
            wait = min(wait, max(theirs, A_SECOND))
        if self._ticking is not None:
            self._ticking.stop()
        self._ticking = self.set_timer(wait + 0.01, self._tick)

    def watch_status(self, before: Status, now: Status) -> None:
        """Where the time that is told goes otherwise than before, its next minute comes at another time."""
        if self._ticking is not None and (before.speed, before.paused) != (now.speed, now.paused):
            self._tick_at_next_minute()

    # How times are told

    def action_switch_zone(self) -> None:
        """Tell times in the next zone: this machine's, UTC, the one of the settings."""
        from zoneinfo import ZoneInfo

        zones: list[tzinfo | None] = [None, UTC, *([ZoneInfo(self.settings.zone)] if self.settings.zone else [])]
        telling.zone = zones[(zones.index(telling.zone) + 1) % len(zones)] if telling.zone in zones else None
        self.say(f"Times are told in {telling.zone_name} time.", timeout=3)
        self._tell_time_anew()

    def action_exact_times(self) -> None:
        """Tell ages as dates and times, or the other way round."""
        telling.exact = not telling.exact
        self.say("Times are told exactly." if telling.exact else "Times are told as ages.", timeout=3)
        self._tell_time_anew()

    def _tell_time_anew(self) -> None:
        self._say_status()
        self.minute.publish(None)
