"""What a look that failed in a way that nobody foresaw is told as: watching goes on, and the fault is not hidden."""

from __future__ import annotations

import logging
import traceback

from tui_app.api.errors import ApiError
from tui_app.models.problem import Problem, ProblemKind

logger = logging.getLogger(__name__)


def problem_of_look(error: BaseException) -> Problem:
    """Why a look failed: in the server's words, or, where the fault is ours, that it is."""
    if isinstance(error, ApiError):
        return error.problem
    # Its message may hold what a server sent: the log gets the type and the lines of code.
    where = "".join(traceback.format_tb(error.__traceback__))
    logger.error("A look failed in a way that was not foreseen: %s\n%s", type(error).__name__, where)
    return Problem(
        kind=ProblemKind.UNREADABLE,
        title="The look failed in a way that was not foreseen",
        meaning=f"This is a fault in Syncscope ({type(error).__name__}), and says nothing of the sync.",
        next_step="It is tried again. The log file says where it failed.",
    )
