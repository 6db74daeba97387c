"""The one place where a request that changes something is allowed or refused."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from tui_app.api.errors import ApiError
from tui_app.models.problem import Problem, ProblemKind

logger = logging.getLogger(__name__)

# What is sent on behalf of a bulk action says so here, task by task: nothing else that is sent meanwhile can be taken
# for a part of it, nor a part of it for anything else.
_acting_on: ContextVar[str | None] = ContextVar("acting_on", default=None)

SEALED = "It was started to look only: nothing that is done here changes anything at a server."
"""Why a sealed gate refuses."""


@dataclass(frozen=True, slots=True)
class BulkPass:
    """What a person unlocked together: one request of one action for each of these targets.

    Attributes:
        action: What may be done.
        targets: The targets whose request was not sent yet.
    """

    action: str
    targets: frozenset[str]


class Gate:
    """A profile's lock on changes. Every write passes :meth:`admit`, called by the transport and by nothing else.

    Reading is never asked about. While locked, a person may unlock one action: it lets that action's next write
    through, and locks again. Or they unlock one action for a list of targets: it lets one write through for each of
    them, sent inside :meth:`acting_on`, and nothing else. Sealed, it stays locked: nothing is unlocked any more.

    Attributes:
        locked: Whether changes are refused unless unlocked one by one.
        sealed: Whether nobody can unlock anything.
        unlocked: The one action that may pass next, or ``None``.
        bulk: What was unlocked for several targets and is not used up, or ``None``.
    """

    def __init__(self, *, locked: bool, profile: str, on_change: Callable[[], None] | None = None) -> None:
        self.locked = locked
        self.sealed = False
        self.unlocked: str | None = None
        self.bulk: BulkPass | None = None
        self._profile = profile
        self._on_change = on_change

    @property
    def words(self) -> str:
        """How the lock stands, in a few words: what is unlocked stands there. Empty where nothing is locked."""
        if self.sealed:
            return "read-only"
        if self.unlocked:
            return f"unlocked for {self.unlocked.replace('_', ' ')}"
        if self.bulk is not None:
            return f"unlocked for {len(self.bulk.targets)} × {self.bulk.action.replace('_', ' ')}"
        return "locked" if self.locked else ""

    def seal(self) -> None:
        """Lock it for good, and take back whatever was unlocked."""
        self.locked = self.sealed = True
        self.unlocked = self.bulk = None
        self._changed()

    def allows(self, action: str) -> bool:
        """Whether a write for this action would pass now."""
        return not self.locked or self.unlocked == action

    def unlock(self, action: str) -> None:
        """Let the next write of this one action pass: what a person has just confirmed."""
        if self.sealed:
            return
        self.unlocked = action
        logger.info("unlocked once: %s", action)
        self._changed()

    def unlock_each(self, action: str, targets: Iterable[str]) -> None:
        """Let one write of this action pass for each of these targets; what was unlocked so before is taken back."""
        self.bulk = BulkPass(action, frozenset(targets)) if self.locked and not self.sealed else None
        self._changed()

    def relock(self) -> None:
        """Take an unlock back that was not used."""
        self.unlocked = None
        self._changed()

    def relock_each(self) -> None:
        """Take back what is left of an unlock for several targets."""
        self.bulk = None
        self._changed()

    @contextmanager
    def acting_on(self, target: str) -> Iterator[None]:
        """Send what is sent inside this for one target of a bulk action: only what was unlocked for it passes."""
        before = _acting_on.set(target)
        try:
            yield
        finally:
            _acting_on.reset(before)

    def admit(self, action: str) -> None:
        """Let one write pass, or refuse it.

        Args:
            action: What the person is doing, e.g. ``request_sync``.

        Raises:
            ApiError: The profile is locked and this action was not unlocked. Nothing was sent.
        """
        if not self.locked:
            logger.info("admitted: %s", action)
            return
        target = _acting_on.get()
        if not (self._use(action) if target is None else self._use_each(action, target)):
            logger.warning("refused, because the profile is locked: %s", action)
            raise ApiError(
                Problem(
                    kind=ProblemKind.REFUSED,
                    title="Nothing was sent: this profile is locked",
                    meaning=f"The profile “{self._profile}” is read-only until one action is unlocked.",
                    next_step="Unlock this action once, and it is sent.",
                )
                if not self.sealed
                else Problem(kind=ProblemKind.REFUSED, title="Nothing was sent: Syncscope is read-only", meaning=SEALED)
            )
        logger.info("admitted, because it was unlocked: %s", action)
        self._changed()

    def _use(self, action: str) -> bool:
        if self.unlocked != action:
            return False
        self.unlocked = None
        return True

    def _use_each(self, action: str, target: str) -> bool:
        bulk = self.bulk
        if bulk is None or bulk.action != action or target not in bulk.targets:
            return False
        left = bulk.targets - {target}
        self.bulk = BulkPass(action, left) if left else None
        return True

    def _changed(self) -> None:
        if self._on_change is not None:
            self._on_change()
