"""The line on top of every screen: which server this is, whether it can be changed, and how it answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.reactive import reactive

from tui_app.models.text import safe_text
from tui_app.models.times import clock_time
from tui_app.widgets.saying import Saying, say

if TYPE_CHECKING:
    from tui_app.api.health import Health


@dataclass(frozen=True, slots=True)
class Status:
    """What the status bar says, in plain words.

    Attributes:
        profile: The open profile's name.
        environment: ``simulated``, ``sandbox``, ``production`` or ``recorded``; empty while none is open.
        speed: How many times faster the embedded server's time goes, else ``None``.
        paused: Whether that time stands still.
        faulty: Whether faults were switched on at the embedded server.
        lock: ``locked``, ``unlocked for …``, or empty where changes are free.
        health: How the server answers, in words.
        trouble: Whether `health` is not as it should be.
        budget: Requests used in the last second, of how many, in words.
        time: The time in minutes, with its zone.
    """

    profile: str = ""
    environment: str = ""
    speed: float | None = None
    paused: bool = False
    faulty: bool = False
    lock: str = ""
    health: str = ""
    trouble: bool = False
    budget: str = ""
    time: str = ""


LIKE, LIKELY = 0.02, 2.0
"""Seconds, and times, by which a latency has to differ from what is told to be told."""

TIGHT = 60
"""Below so many cells, the product's name and the time give way."""


class StatusBar(Horizontal):
    """Follows the app's `status`. Secondary parts give way first where there is little room."""

    status: reactive[Status] = reactive(Status(), init=False, repaint=False)

    def compose(self) -> ComposeResult:
        """Left what this is, right how it is."""
        yield Saying(id="status-what")
        yield Saying(id="status-how")

    def on_mount(self) -> None:
        """Follow the app."""
        self.watch(self.app, "status", self._follow)

    def _follow(self, status: Status) -> None:
        self.status = status

    def watch_status(self) -> None:
        """Say it anew, if anybody sees it: behind another screen it would have all of that one painted anew."""
        in_front = self.app.screen
        if self.screen is in_front or in_front.is_modal:
            self.say()

    def on_resize(self) -> None:
        """Other parts may fit now."""
        self.say()

    def say(self) -> None:
        """Say the app's status as it is now."""
        status, width = self.status, self.size.width
        # What may never be missed is which environment this is: where there is little room, it comes first.
        tight = width < TIGHT
        left: list[str | tuple[str, str]] = [] if tight else [" ", ("syncscope", "bold"), "  "]
        named = [safe_text(status.profile, 24), "  "] if status.profile else []
        left += [] if tight else named
        if status.environment:
            speed = f" ×{status.speed:g}" if status.speed and not tight else ""
            speed += " paused" if status.paused and not tight else ""
            left.append((f" {status.environment.upper()}{speed} ", f"bold $text on ${status.environment}"))
        left += [" ", *named] if tight else []
        if status.faulty:
            left += ["  ", ("faults on", "bold $warning")]
        if status.lock:
            left += ["  ", (status.lock, "bold $warning")]
        parts: list[tuple[str, str]] = []
        if status.health:
            parts.append((safe_text(status.health), "bold $warning" if status.trouble else ""))
        if status.budget and width >= 100:
            parts.append((f"budget {status.budget}", ""))
        if status.time and not tight:
            parts.append((status.time if width >= 100 else status.time.split(" ")[0], ""))
        taken = Content.assemble(*left).cell_length + 1
        while len(parts) > 1 and taken + sum(len(text) + 3 for text, _ in parts) - 2 > width:
            parts.pop()  # what is told of the server stays longest
        right: list[str | tuple[str, str]] = []
        for text, style in parts:
            right += [" · ", (text, style)] if right else [(text, style)]
        self._show(Content.assemble(*left), Content.assemble(*right, " "))

    def _show(self, left: Content, right: Content) -> None:
        """Show the left part, which seldom changes, and beside it the right one, which does without any layout."""
        what, how = (self.query_one_optional(f"#status-{each}", Saying) for each in ("what", "how"))
        if what is None or how is None:
            return  # its screen is just being left
        say(what, left)
        room = self.size.width - left.cell_length - right.cell_length
        how.say_in_place(Content.assemble(" " * max(room, 1), right.stylize_before("$muted")))


def steady_latency(told: float | None, now: float | None) -> float | None:
    """The latency to be told: as before while what is measured is like it, because a figure that flickers says less.

    Args:
        told: What is told until now, in seconds.
        now: What was measured last.
    """
    if told is None or now is None:
        return now
    return told if abs(now - told) < LIKE or told / LIKELY < now < told * LIKELY else now


def few_of(budget: float) -> int:
    """How many requests in a second are few, of so many that may be sent."""
    return int(budget // 4)


def budget_words(used: int, budget: float) -> str:
    """How much of the budget was used in the last second. How many few are exactly would change all the time."""
    few = few_of(budget)
    return f"{f'under {few + 1}' if used <= few and few else used} of {budget:g}/s"


def health_words(health: Health, now: datetime) -> tuple[str, bool]:
    """How a server answers, in few words, and whether that is trouble."""
    state = health.state.value
    if state == "live":
        return (f"live {health.latency * 1000:.0f} ms" if health.latency is not None else "live", False)
    if state == "degraded":
        until = ""
        if health.resuming_at is not None and (wait := (health.resuming_at - now).total_seconds()) > 0:
            until = f", resuming in {wait:.0f} s"
        return (f"degraded: {health.reason}{until}", True)
    if state == "offline":
        since = f" since {clock_time(health.since)[:5]}" if health.since else ""
        return (f"offline{since}", True)
    return ("", False)
