"""What is stopped here, before anything is sent, whatever kind of server it was meant for."""

from __future__ import annotations

from urllib.parse import quote

from tui_app.api.errors import ApiError
from tui_app.models.problem import Problem, ProblemKind


def refused(title: str, meaning: str, next_step: str) -> ApiError:
    """The error of what is stopped here, before anything is sent."""
    return ApiError(Problem(ProblemKind.REFUSED, f"Nothing was sent: {title}", meaning=meaning, next_step=next_step))


def nothing_to_change() -> ApiError:
    """The error of a change that changes nothing."""
    return refused("nothing is to change", "Every field is as it was.", "Change one first.")


def segment(text: str) -> str:
    """Quote an ID as one part of a path, whatever it holds.

    Raises:
        ApiError: It is none.
    """
    if not text.strip("."):
        raise refused("this is not an ID", f"“{text}” cannot name anything.", "Check the ID.")
    return quote(text, safe="")
