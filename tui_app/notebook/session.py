"""What an explorer and everything that it hands out share: one open profile, and the thread that it lives on."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from tui_app.models.problem import ProblemKind
from tui_app.notebook.errors import ExplorerError, in_plain_words
from tui_app.notebook.loop import LoopThread

if TYPE_CHECKING:
    from tui_app.workspace import Workspace

T = TypeVar("T")

ACTIONS = ("create_connection", "request_sync")
"""What an explorer changes, as the gate calls it."""


@dataclass(frozen=True, slots=True)
class Session:
    """An open profile and its thread.

    Attributes:
        loop_thread: Where the profile lives: nothing of it may be touched on any other thread.
        workspace: The open profile.
    """

    loop_thread: LoopThread
    workspace: Workspace

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Have something done on the profile's thread, and wait for it.

        Raises:
            ExplorerError: It was refused, or the explorer is closed.
        """
        with in_plain_words():
            return self.loop_thread.run(work)

    def order(self, action: str, work: Coroutine[Any, Any, T]) -> T:
        """The same with something that changes the server's data.

        Args:
            action: What the gate calls it.
            work: What is done.

        Raises:
            ExplorerError: It was refused; where the profile is locked, that says how one action is unlocked.
        """
        try:
            return self.run(work)
        except ExplorerError as error:
            if error.problem is None or error.problem.kind is not ProblemKind.REFUSED or not self.workspace.gate.locked:
                raise
            problem, how = error.problem, f'To do it all the same: with explorer.unlocked("{action}", profile="…"): …'
        raise ExplorerError(f"{problem.title}.", problem.meaning, how, problem=problem)

    def call(self, function: Callable[[], T]) -> T:
        """Ask something of what is known, on the profile's thread.

        Raises:
            ExplorerError: The explorer is closed.
        """
        return self.loop_thread.call(function)


def check_zone(start_from: object) -> None:
    """See that a moment says of which zone it is. What is no moment at all is left to the model to refuse.

    Raises:
        ExplorerError: It does not: the server would take it for UTC, the person may have meant their own.
    """
    moment = start_from
    if isinstance(moment, str):
        try:
            moment = datetime.fromisoformat(moment)
        except ValueError:
            return
    if isinstance(moment, datetime) and moment.utcoffset() is not None:
        return
    if isinstance(moment, date):  # a datetime is one, too
        raise ExplorerError(
            "Nothing was sent: start_from needs a zone.", "For UTC: datetime(2026, 1, 31, tzinfo=timezone.utc)."
        )
