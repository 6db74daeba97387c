"""Reads the list of connections, which is all that Stuut's integrations API can be asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, Generic, TypeVar

from tui_app.api.errors import ApiError, unreadable
from tui_app.api.reading import Model, Read, read_rows, wrong_schema
from tui_app.api.wire import Answer
from tui_app.models.connection import Connection
from tui_app.models.page import Page
from tui_app.models.problem import Problem, ProblemKind

_AT_ONCE = 12  # rows read without letting others run: 10 ms for connections of seven models

Found = TypeVar("Found")


class OneAtATime(Generic[Found]):
    """A read that everybody who wants it at the same time shares.

    It goes on while anybody waits for it, whoever leaves, and ends when the last one does. Those who join share its
    outcome, also where it fails.
    """

    def __init__(self, read: Callable[[int | None], Awaitable[Found]]) -> None:
        """Prepare.

        Args:
            read: Reads; called with the most tries, ``None`` for the usual number.
        """
        self._read = read
        self._under_way: asyncio.Future[Found] | None = None
        self._waiting: dict[asyncio.Future[Found], int] = {}

    async def result(self, attempts: int | None = None) -> Found:
        """Wait for what is under way, or read.

        Args:
            attempts: The most tries, where nothing is under way.
        """
        reading = self._under_way
        if reading is None or reading.done():
            reading = self._under_way = asyncio.ensure_future(self._read(attempts))
        self._waiting[reading] = self._waiting.get(reading, 0) + 1
        try:
            return await asyncio.shield(reading)
        finally:
            self._leave(reading)

    def start_anew(self) -> None:
        """Let whoever comes next read by itself: something was changed, which a read under way may not show."""
        self._under_way = None

    def _leave(self, reading: asyncio.Future[Found]) -> None:
        self._waiting[reading] -= 1
        if self._waiting[reading]:
            return
        del self._waiting[reading]
        if self._under_way is reading:
            self._under_way = None
        if not reading.done():
            reading.cancel()


async def read_list(answer: Answer, read: Read[Model]) -> Page[Model]:
    """Read the list of connections, letting others run in between: a bare array, or the same in an envelope.

    Raises:
        ApiError: It is no such list.
    """
    found = rows_of(answer, "connections")
    page: Page[Model] = Page([], [])
    for start in range(0, len(found), _AT_ONCE):
        items, broken = read_rows(answer, found[start : start + _AT_ONCE], read, start)
        page.items.extend(items)
        page.unreadable.extend(broken)
        await asyncio.sleep(0)
    return page


def pick(page: Page[Connection], connection_id: str) -> Connection:
    """Find a connection in the list.

    Raises:
        ApiError: `NOT_FOUND` where it is not there, `UNREADABLE` where it is and cannot be read.
    """
    for one in page.items:
        if one.id == connection_id:
            return one
    for row in page.unreadable:
        if row.id == connection_id:
            raise ApiError(unreadable("The server's answer about this connection cannot be read", row.reason))
    raise ApiError(
        Problem(
            ProblemKind.NOT_FOUND,
            "The server does not list this connection",
            meaning="It was deleted, or it belongs to another account or environment.",
            next_step="Reload the connections.",
        )
    )


def elsewhere(problem: Problem) -> Problem:
    """A list that is not found is no list of this API: the address leads somewhere else."""
    if problem.status not in (404, 405):
        return problem
    return replace(
        problem,
        kind=ProblemKind.UNREADABLE,
        title="This does not look like Stuut's API",
        meaning="Something answers at this base URL, but it lacks what every such server has.",
        next_step="Check the base URL: it ends in /v2/integrations.",
    )


def rows_of(answer: Answer, what: str) -> list[Any]:
    """The rows of an answer that is a bare array, or the same as `data`, as other lists of this vendor are.

    Args:
        answer: What came.
        what: What it should be a list of, for the words.

    Raises:
        ApiError: It is no list.
    """
    found = answer.json
    if isinstance(found, dict):
        found = found.get("data")
    if isinstance(found, list):
        return found
    del found  # it may hold secrets, and what is raised here may be printed with its variables
    raise ApiError(wrong_schema(answer, f"The server's answer is not a list of {what}"))
