"""What whoever holds a sandbox does with it, be it on a thread of theirs or in a process of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_app.sandbox.announcement import Announcement
    from tui_app.sandbox.clock import VirtualClock
    from tui_app.sandbox.faults import FaultSet
    from tui_app.sandbox.scenarios import Played, Scenario

DEMO_SPEED = 30.0
"""How many times faster than ours the demo's server lives: a sync of 12 minutes takes 24 seconds to watch."""


class SteeredFaults(Protocol):
    """Its faults; see `tui_app.sandbox.faults.board.Faults`."""

    @property
    def on(self) -> tuple[FaultSet, ...]:
        """Those that are on."""

    def find(self, name: str) -> FaultSet | None:
        """A fault as it is set; None if it is not on."""

    def put(self, wanted: FaultSet) -> None:
        """Switch a fault on, or set it anew."""

    def end(self, name: str) -> None:
        """Switch a fault off."""

    def end_all(self) -> None:
        """Switch all faults off."""


class Steered(Protocol):
    """A sandbox; see `tui_app.sandbox.server.Sandbox`."""

    on_write: Callable[[], None] | None
    """Called after each change that a client or whoever holds it makes, and when it ends by itself, on any thread."""

    @property
    def clock(self) -> VirtualClock:
        """Its virtual time."""

    @property
    def faults(self) -> SteeredFaults:
        """What goes wrong between clients and it."""

    @property
    def has_ended(self) -> bool:
        """Whether it served and, by itself, does not any more."""

    @property
    def scenarios(self) -> tuple[Scenario, ...]:
        """What can be played on it."""

    def start(self) -> Announcement:
        """Serve, and return where."""

    def play(self, name: str, connection_id: str | None = None) -> Played:
        """Begin a scenario now."""

    def stop(self) -> None:
        """End it."""
