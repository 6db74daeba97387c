"""What a server kind raises when something cannot be done."""

from __future__ import annotations

from tui_app.models.problem import Problem


class ApiError(Exception):
    """A request that did not bring what it was for. `problem` says why, in the server's words and in ours."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.title)
        self.problem = problem


class SyncConflict(ApiError):
    """A sync of this connection runs already.

    Attributes:
        running: The ID of the one that runs, where the server told it, else an empty string.
    """

    def __init__(self, problem: Problem, running: str = "") -> None:
        super().__init__(problem)
        self.running = running
