"""What a failure of Terminal's API means for the operation that met it, where the status alone does not say."""

from __future__ import annotations

from dataclasses import replace

from tui_app.api.errors import as_if
from tui_app.models.connection import Connection, Standing
from tui_app.models.problem import Problem, ProblemKind

_NOT_OFFERED = frozenset({404, 405, 501})
_PLAIN_REFUSALS = ("", "unprocessable_entity")
_DISCONNECTED = "connection_disconnected"

_PUT_AWAY = {
    Standing.ARCHIVED: (
        "The connection is archived",
        "It was put away on purpose, so nothing can be asked of its provider.",
        "Make it connected again, then try again.",
    ),
    Standing.LEAVING: (
        "The connection is being deleted",
        "Its deletion was asked for, so nothing can be asked of its provider any more.",
        "Nothing to do, if that was meant; otherwise ask the server's support.",
    ),
    Standing.DELETED: (
        "The connection is deleted",
        "Only this record of it is left, so nothing can be asked of its provider any more.",
        "Nothing to do, if that was meant; otherwise let the fleet connect anew.",
    ),
}


def of_creation(problem: Problem) -> Problem:
    """Tell that connections are not made directly here from other failures."""
    # 403 is no statement about the key here: Terminal enables direct creation per account. A 403 with a code of its own
    # says something else and stays what it is.
    closed = problem.status == 403 and problem.code in ("", "forbidden")
    if not closed and problem.status not in _NOT_OFFERED:
        return problem
    return replace(
        problem,
        kind=ProblemKind.UNSUPPORTED,
        title="This server does not offer direct creation",
        meaning="Connections are made with credentials only where that is enabled for the account.",
        next_step="Use Link: the fleet signs in on its own page, and the connection appears here.",
    )


def of_unconnected(problem: Problem, connection: Connection) -> Problem:
    """Tell that a connection is not connected from a request that is written wrongly.

    Args:
        problem: A refusal.
        connection: What it was asked for, as it was last seen.
    """
    # Syncs answer 400 with no code of its own where passthrough answers 422 with one: the words alone tell.
    named = problem.code == _DISCONNECTED or "must be connected" in problem.message.lower()
    if problem.status not in (400, 422) or not named:
        return problem
    if connection.standing not in _PUT_AWAY:
        return as_if(problem, _DISCONNECTED)
    title, meaning, next_step = _PUT_AWAY[connection.standing]
    return replace(problem, kind=ProblemKind.INVALID, title=title, meaning=meaning, next_step=next_step)


def of_conflict(problem: Problem) -> Problem:
    """Say that a sync runs already."""
    return replace(
        problem,
        title="A sync of this connection runs already",
        meaning="The server runs one sync per connection at a time; nothing new was started.",
        next_step="Follow the one that runs.",
    )


def of_retry(problem: Problem) -> Problem:
    """Say that a sync cannot be retried as it is."""
    return _in_another_state(
        problem,
        title="This sync cannot be retried now",
        meaning="A sync can be retried once it has failed; this one is in another state.",
        next_step="Look at it as it is now; otherwise request a new one.",
    )


def of_cancellation(problem: Problem) -> Problem:
    """Say that a sync cannot be cancelled as it is."""
    return _in_another_state(
        problem,
        title="This sync cannot be cancelled now",
        meaning="A sync can be cancelled while it waits or runs; this one is in another state.",
        next_step="Look at it as it is now: it may have ended meanwhile.",
    )


def of_resolution(problem: Problem) -> Problem:
    """Say that an issue cannot be resolved as it is."""
    return _in_another_state(
        problem,
        title="This issue cannot be resolved now",
        meaning="It may be resolved already.",
        next_step="Read the issues again.",
    )


def _in_another_state(problem: Problem, *, title: str, meaning: str, next_step: str) -> Problem:
    """Put a refusal that names no reason of its own into these words: what it is about is in another state."""
    if problem.status != 422 or problem.code not in _PLAIN_REFUSALS:
        return problem
    return replace(problem, title=title, meaning=meaning, next_step=next_step)


def of_exchange(problem: Problem) -> Problem:
    """Say what is the matter with a public token that the server does not know."""
    if problem.status != 404:
        return problem
    return replace(
        problem,
        title="The server does not know this public token",
        meaning="It works once: it may have been exchanged already, or belong to another environment.",
        next_step="Look whether the connection is in the list; otherwise let the fleet go through Link again.",
    )


def unread(problem: Problem, what: str) -> Problem:
    """Say that an order was taken, though what came of it could not be read."""
    return replace(
        problem,
        title=f"The server took it, but the {what} could not be read afterwards",
        meaning=f"{problem.title}. {problem.meaning}".strip(),
        next_step="Nothing has to be sent again. Look at it once the server answers.",
        retry_after=None,
    )


def unsupported(problem: Problem, what: str) -> Problem:
    """Say that there is no such list here."""
    if problem.status not in _NOT_OFFERED:
        return problem
    return replace(
        problem,
        kind=ProblemKind.UNSUPPORTED,
        title=f"This server does not offer a list of {what}",
        meaning="It knows no such list, or the base URL is not quite right.",
        next_step="Check the profile's base URL; otherwise go on without it.",
    )


def elsewhere(problem: Problem) -> Problem:
    """A list that is not found is no list of this API: the address leads somewhere else."""
    if problem.status != 404:
        return problem
    return replace(
        problem,
        kind=ProblemKind.UNREADABLE,
        title="This does not look like Terminal's API",
        meaning="Something answers at this base URL, but it lacks what every such server has.",
        next_step="Check the base URL: it ends in /tsp/v1.",
    )


def endless(rows: int) -> Problem:
    """A cursor came a second time."""
    return Problem(
        kind=ProblemKind.UNREADABLE,
        title="The list does not end",
        meaning=f"After {rows:,} rows the server sent a cursor for the second time: the pages go round in a circle.",
        next_step="What was read so far stands. Read the list again, or narrow it.",
    )
