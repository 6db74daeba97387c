"""Which faults are on, and which of them a request meets."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from tui_app.sandbox.faults import (
    DELAY,
    FAULTS,
    FORM,
    FORMS,
    MOST_DELAY_MS,
    MOST_WAIT_S,
    WAIT,
    BadFault,
    Fault,
    FaultSet,
    named,
)
from tui_app.sandbox.faults.operations import GROUPS, Operation, is_among, names
from tui_app.sandbox.ids import Draw

# Different requests whose turns are counted; beyond this, counting begins anew.
_COUNTED = 100_000
_FIELDS = {DELAY: "delay_ms", FORM: "retry_after", WAIT: "wait_s"}


class Faults:
    """The faults of one server. They may be set from any thread; what they meet is asked on the server's own.

    Attributes:
        on_change: Called, outside the lock, after others are on than before or one is set anew.
    """

    def __init__(self, seed: int) -> None:
        """Begin with none.

        Args:
            seed: What chance depends on.
        """
        self.seed = seed
        self._lock = threading.Lock()
        self._on: tuple[FaultSet, ...] = ()
        self._turns: dict[str, Counter[tuple[str, ...]]] = {}
        self.on_change: Callable[[], None] | None = None

    @property
    def on(self) -> tuple[FaultSet, ...]:
        """The faults that are on, in the order in which all are listed."""
        return self._on

    def find(self, name: str) -> FaultSet | None:
        """Return a fault as it is set; None if it is not on."""
        return next((each for each in self._on if each.fault.name == name), None)

    def put(self, wanted: FaultSet) -> None:
        """Switch a fault on, or set one that is on anew; its chances begin anew.

        Raises:
            BadFault: It cannot be set like that; nothing is changed.
        """
        _check(wanted)
        with self._lock:
            others = [each for each in self._on if each.fault != wanted.fault]
            self._turns.pop(wanted.fault.name, None)
            self._on = tuple(sorted([*others, wanted], key=lambda each: FAULTS.index(each.fault)))
        self._changed()

    def end(self, name: str) -> None:
        """Switch a fault off, if it is on."""
        with self._lock:
            self._on = tuple(each for each in self._on if each.fault.name != name)
        self._changed()

    def end_all(self) -> None:
        """Switch all faults off."""
        with self._lock:
            self._on = ()
        self._changed()

    def met_by(self, operation: Operation, request: tuple[str, ...]) -> Iterator[FaultSet]:
        """Return the faults that a request meets; those whose rate is a share of objects may spare all that it shows.

        Args:
            operation: What it is for.
            request: What tells it from others.
        """
        for each in self._on:
            if operation.kind not in each.fault.kinds or not is_among(operation, each.operations):
                continue
            if each.fault.per_object or self._turn(each.fault, request).unit() * 100 < each.rate:
                yield each

    def draw(self, fault: Fault, *parts: object) -> Draw:
        """Return where chance comes from in a fault."""
        return Draw("fault", self.seed, fault.name, *parts)

    def _changed(self) -> None:
        if self.on_change is not None:
            self.on_change()

    def _turn(self, fault: Fault, request: tuple[str, ...]) -> Draw:
        turns = self._turns.setdefault(fault.name, Counter())
        if len(turns) >= _COUNTED:
            turns.clear()
        turns[request] += 1
        return self.draw(fault, *request, turns[request])


def changed(known: FaultSet, settings: dict[str, Any]) -> FaultSet:
    """Return a fault set otherwise.

    Args:
        known: As it is.
        settings: New values by the names that a fault lists in `settings`.

    Raises:
        BadFault: The fault has no such setting, or not with that value.
    """
    for name in settings:
        if name not in known.fault.settings:
            has = f"it has {', '.join(known.fault.settings)}" if known.fault.settings else "it has none"
            raise BadFault(f"{known.fault.name!a} has no setting {name!a}: {has}")
    made = replace(known, **{_FIELDS[name]: value for name, value in settings.items()})
    _check(made)
    return made


def settings_of(known: FaultSet) -> dict[str, Any]:
    """Return what is set of a fault besides rate and operations, by the names that it lists in `settings`."""
    return {name: getattr(known, _FIELDS[name]) for name in known.fault.settings}


def told(known: FaultSet) -> str:
    """Say in few words how a fault is set: `30 %, reads, Retry-After: date, 12 s`."""
    ways = {DELAY: f"{known.delay_ms} ms", FORM: f"Retry-After: {known.retry_after}", WAIT: f"{known.wait_s} s"}
    return ", ".join([f"{known.rate:g} %", *known.operations, *(ways[name] for name in known.fault.settings)])


def typed(known: FaultSet) -> str:
    """Write a fault as `parsed` reads it; of several settings, one alone."""
    given = {DELAY: known.delay_ms, FORM: known.retry_after, WAIT: known.wait_s}
    first = FaultSet(known.fault)
    changes = [name for name in known.fault.settings if settings_of(known)[name] != settings_of(first)[name]]
    setting = f"={given[changes[0]]}" if changes else ""
    where = "" if known.operations == ("all",) else f":{','.join(known.operations)}"
    rate = f":{known.rate:g}" if where or known.rate != 100 else ""
    return f"{known.fault.name}{setting}{rate}{where}"


def parsed(text: str) -> FaultSet:
    """Read a fault as it is typed: `NAME[=SETTING][:RATE[:OPERATION]]`, operations joined by commas.

    The setting is a number of milliseconds or seconds, or a form of Retry-After.

    Raises:
        NoFault: There is no fault of that name.
        BadFault: The rest cannot be read.
    """
    name, *rest = text.split(":")
    name, given, setting = name.partition("=")
    made = FaultSet(named(name))
    if given:
        wanted = FORM if not setting.isdecimal() else DELAY if DELAY in made.fault.settings else WAIT
        made = changed(made, {wanted: setting if wanted == FORM else int(setting[:9])})
    if len(rest) > 2:
        raise BadFault(f"A fault is written as NAME[:RATE[:OPERATION]], and not as {text!a}")
    if rest and rest[0]:
        try:
            made = replace(made, rate=float(rest[0].removesuffix("%")))
        except ValueError as error:
            raise BadFault(f"A rate is a number from 0 to 100, and not {rest[0]!a}") from error
    if len(rest) > 1:
        made = replace(made, operations=tuple(rest[1].split(",")))
    _check(made)
    return made


def _check(wanted: FaultSet) -> None:
    known = (*GROUPS, *names(*wanted.fault.kinds))
    if not 0 <= wanted.rate <= 100:
        raise BadFault(f"A rate is a number from 0 to 100, and not {wanted.rate:g}")
    if not wanted.operations:
        raise BadFault("A fault is set for one operation at least")
    for operation in wanted.operations:
        if operation not in known:
            raise BadFault(
                f"There is no operation {operation!a} for {wanted.fault.name}. There are: {', '.join(known)}"
            )
    if not 1 <= wanted.delay_ms <= MOST_DELAY_MS:
        raise BadFault(f"A delay is 1 to {MOST_DELAY_MS} ms, and not {wanted.delay_ms}")
    if not 1 <= wanted.wait_s <= MOST_WAIT_S:
        raise BadFault(f"A wait is 1 to {MOST_WAIT_S} s, and not {wanted.wait_s}")
    if wanted.retry_after not in FORMS:
        raise BadFault(f"There is no form {wanted.retry_after!a}. There are: {', '.join(FORMS)}")
