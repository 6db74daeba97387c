"""The embedded server behind an open profile: how its time goes, what can be played on it, and what goes wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from tui_app.workspace.faults import FaultControls

if TYPE_CHECKING:
    from tui_app.sandbox.scenarios import Scenario
    from tui_app.sandbox.steering import Steered

SPEEDS = (1, 2, 5, 10, 30, 60, 100, 300, 600)
"""How many times faster than ours its time may go, step by step."""


class NotPlayed(Exception):
    """A scenario could not be started, and nothing was changed; the text says why."""


@dataclass(frozen=True, slots=True)
class Started:
    """One scenario that was started.

    Attributes:
        number: Which one, from 1.
        scenario: What is played.
        connection_id: On which connection.
        sync_id: Its sync; ``None`` where it has none.
        at: When, in the server's time.
    """

    number: int
    scenario: Scenario
    connection_id: str
    sync_id: str | None
    at: datetime


class Simulation:
    """What can be done with the embedded server beside what any client can do.

    Args:
        sandbox: The server.
        kind: The kind of server that the profile opened, of the several that it simulates.
        changed: Told when its time goes otherwise than before, or was moved.
        faulty: Told when other faults are on.

    Attributes:
        faults: What can go wrong between here and it.
        started: What was started through it, oldest first.
    """

    def __init__(self, sandbox: Steered, kind: str, *, changed: Callable[[], None], faulty: Callable[[], None]) -> None:
        self.faults = FaultControls(sandbox, kind, faulty)
        self.started: list[Started] = []
        self._sandbox = sandbox
        self._kind = kind
        self._changed = changed

    def hear(self, written: Callable[[], None]) -> None:
        """Have it told, on the loop that runs now, when anybody has changed something there.

        Args:
            written: Is told.
        """
        loop = asyncio.get_running_loop()

        def tell() -> None:
            with suppress(RuntimeError):  # the loop has ended, and nobody hears it any more
                loop.call_soon_threadsafe(written)

        self._sandbox.on_write = tell

    def leave(self) -> None:
        """Hear no more of what is changed there."""
        self._sandbox.on_write = None

    @property
    def ended(self) -> bool:
        """Whether it has ended by itself."""
        return self._sandbox.has_ended

    # How its time goes

    @property
    def now(self) -> datetime:
        """Its date and time."""
        return self._sandbox.clock.now()

    @property
    def speed(self) -> float:
        """How many times faster than ours its time goes, while it goes."""
        return self._sandbox.clock.speed

    @property
    def paused(self) -> bool:
        """Whether its time stands still."""
        return self._sandbox.clock.paused

    @property
    def to_next_minute(self) -> float | None:
        """Seconds of ours until it shows another minute; ``None`` while its time stands still."""
        if self.paused or not self.speed:
            return None
        now = self.now
        return (60 - now.second - now.microsecond / 1e6) / self.speed

    def pause(self) -> None:
        """Let its time stand still."""
        self._sandbox.clock.pause()
        self._changed()

    def resume(self) -> None:
        """Let its time go on."""
        self._sandbox.clock.resume()
        self._changed()

    def faster(self) -> bool:
        """Take the next of the speeds; answer whether there is one."""
        return self._run_at(next((speed for speed in SPEEDS if speed > self.speed), None))

    def slower(self) -> bool:
        """Take the speed before; answer whether there is one."""
        return self._run_at(next((speed for speed in reversed(SPEEDS) if speed < self.speed), None))

    def advance(self, seconds: float) -> None:
        """Move its time forward at once, running or paused.

        Args:
            seconds: Of its own.
        """
        self._sandbox.clock.advance(seconds)
        self._changed()

    def _run_at(self, speed: float | None) -> bool:
        if speed is None:
            return False
        self._sandbox.clock.set_speed(speed)
        self._changed()
        return True

    # What can be played on it

    @property
    def scenarios(self) -> list[Scenario]:
        """The scenarios of the kind of server that is open."""
        return [scenario for scenario in self._sandbox.scenarios if scenario.kind == self._kind]

    async def play(self, name: str, connection_id: str | None) -> Started:
        """Start a scenario.

        Args:
            name: Which one.
            connection_id: Where; ``None`` on a connection that is made for it.

        Raises:
            NotPlayed: It cannot be played there.
        """
        from tui_app.sandbox.errors import SandboxError

        try:
            # On a thread: it waits for its turn among the server's own requests.
            played = await asyncio.to_thread(self._sandbox.play, name, connection_id)
        except SandboxError as error:
            raise NotPlayed(str(error)) from error
        scenario = next(scenario for scenario in self._sandbox.scenarios if scenario.name == name)
        started = Started(len(self.started) + 1, scenario, played.connection_id, played.sync_id, self.now)
        self.started.append(started)
        return started
