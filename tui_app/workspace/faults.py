"""What can go wrong between here and the embedded server, switched on and off by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui_app.sandbox.faults import FaultSet
    from tui_app.sandbox.steering import Steered

RATES = (1, 5, 10, 30, 50, 100)
"""The shares that are offered, in percent."""
STEPS = {"delayMs": (250, 1500, 5000, 25_000), "waitSeconds": (3, 12, 60)}
"""What is offered of the settings that are numbers: one delay among them is longer than is waited."""


@dataclass(frozen=True, slots=True)
class FaultLine:
    """A fault, how it is set or would be, and whether it is on."""

    known: FaultSet
    on: bool

    @property
    def key(self) -> str:
        """What tells it from the others."""
        return self.known.fault.name

    @property
    def settings(self) -> str:
        """What is set of it besides rate and operations, in few words; empty where there is nothing."""
        from tui_app.sandbox.faults.board import settings_of

        units = {"delayMs": "{} ms", "retryAfter": "{}", "waitSeconds": "{} s"}
        return ", ".join(units[name].format(value) for name, value in settings_of(self.known).items())

    @property
    def command(self) -> str:
        """The command that serves a sandbox with it."""
        from tui_app.sandbox.faults.board import typed

        return f"syncscope sandbox --fault {typed(self.known)}"


class FaultControls:
    """The faults of the embedded server that can happen to one kind of server.

    Args:
        sandbox: The server.
        kind: The kind of server that the profile opened, of the several that it simulates.
        changed: Told when another fault is on, or one is set otherwise.
    """

    def __init__(self, sandbox: Steered, kind: str, changed: Callable[[], None]) -> None:
        self._faults = sandbox.faults
        self._kind = kind
        self._changed = changed
        self._meant: dict[str, FaultSet] = {}  # how those are meant to be that are off

    @property
    def lines(self) -> list[FaultLine]:
        """Every fault that can happen, in the order in which they are listed."""
        from tui_app.sandbox.faults import FAULTS

        return [self.line(fault.name) for fault in FAULTS if self._kind in fault.kinds]

    @property
    def count(self) -> int:
        """How many are on, those of other kinds of servers included."""
        return len(self._faults.on)

    @property
    def words(self) -> str:
        """Which are on: each with its rate where that is not everything."""
        shares = [(each.fault.title, each.rate) for each in self._faults.on]
        return ", ".join(title if rate == 100 else f"{title} {rate:g} %" for title, rate in shares)

    @property
    def operations(self) -> dict[str, str]:
        """What a fault can be set for, and what each word stands for; of an operation, its method and path."""
        from tui_app.sandbox.faults.operations import GROUPS, OPERATIONS

        named = {each.name: f"{each.method} {each.path}" for each in OPERATIONS if each.kind == self._kind}
        return {**GROUPS, **named}

    def line(self, name: str) -> FaultLine:
        """One fault."""
        from tui_app.sandbox.faults import FaultSet, named

        on = self._faults.find(name)
        return FaultLine(on or self._meant.get(name) or FaultSet(named(name)), on is not None)

    def switch(self, name: str) -> None:
        """Switch it on as it is meant to be, or off."""
        line = self.line(name)
        if line.on:
            self._meant[name] = line.known
            self._faults.end(name)
        else:
            self._faults.put(line.known)
        self._changed()

    def end_all(self) -> None:
        """Switch all off, those of other kinds of servers included."""
        for each in self._faults.on:
            self._meant[each.fault.name] = each
        self._faults.end_all()
        self._changed()

    def set_rate(self, name: str, *, more: bool) -> bool:
        """Take the next of the rates, or the one before; answer whether there is one."""
        known = self.line(name).known
        further = [rate for rate in RATES if (rate > known.rate if more else rate < known.rate)]
        if further:
            self._set(replace(known, rate=float(further[0] if more else further[-1])))
        return bool(further)

    def set_operation(self, name: str, operation: str) -> None:
        """Set it for one operation, or for what a word stands for."""
        self._set(replace(self.line(name).known, operations=(operation,)))

    def next_setting(self, name: str) -> bool:
        """Take the next value of its first setting; answer whether it has any."""
        from tui_app.sandbox.faults import FORMS
        from tui_app.sandbox.faults.board import changed, settings_of

        known = self.line(name).known
        if not known.fault.settings:
            return False
        first = known.fault.settings[0]
        values: tuple[str | int, ...] = STEPS.get(first, FORMS)
        now = settings_of(known)[first]
        following = values[(values.index(now) + 1) % len(values)] if now in values else values[0]
        self._set(changed(known, {first: following}))
        return True

    def _set(self, wanted: FaultSet) -> None:
        if self.line(wanted.fault.name).on:
            self._faults.put(wanted)
        else:
            self._meant[wanted.fault.name] = wanted
        self._changed()
