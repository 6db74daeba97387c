"""The one place where a request that changes something is allowed or refused."""

from __future__ import annotations

from collections.abc import Callable

from tui_app.api.errors import ApiError
from tui_app.models.problem import Problem, ProblemKind


class Gate:
    """A profile's lock on changes. Every write passes :meth:`admit`, called by the transport and by nothing else.

    Reading is never asked about. While locked, a person may unlock one action: it lets that action's next write
    through, and locks again.

    Attributes:
        locked: Whether changes are refused unless unlocked one by one.
        unlocked: The one action that may pass next, or ``None``.
    """

    def __init__(self, *, locked: bool, profile: str, on_change: Callable[[], None] | None = None) -> None:
        self.locked = locked
        self.unlocked: str | None = None
        self._profile = profile
        self._on_change = on_change

    def allows(self, action: str) -> bool:
        """Whether a write for this action would pass now."""
        return not self.locked or self.unlocked == action

    def unlock(self, action: str) -> None:
        """Let the next write of this one action pass: what a person has just confirmed."""
        self.unlocked = action
        self._changed()

    def relock(self) -> None:
        """Take an unlock back that was not used."""
        self.unlocked = None
        self._changed()

    def admit(self, action: str) -> None:
        """Let one write pass, or refuse it.

        Args:
            action: What the person is doing, e.g. ``request_sync``.

        Raises:
            ApiError: The profile is locked and this action was not unlocked. Nothing was sent.
        """
        if not self.locked:
            return
        if self.unlocked != action:
            raise ApiError(
                Problem(
                    kind=ProblemKind.REFUSED,
                    title="Nothing was sent: this profile is locked",
                    meaning=f"The profile “{self._profile}” is read-only until one action is unlocked.",
                    next_step="Unlock this action once, and it is sent.",
                )
            )
        self.unlocked = None
        self._changed()

    def _changed(self) -> None:
        if self._on_change is not None:
            self._on_change()
