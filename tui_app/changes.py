"""What changes in an open workspace, and how its readers hear of it. Light to import: the first screen knows these."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui_app.models.observation import Observation


@dataclass(frozen=True, slots=True)
class FleetChanged:
    """The list of connections, how far it is read, or a count over it has changed."""


@dataclass(frozen=True, slots=True)
class RowChanged:
    """What is known of one connection has changed."""

    connection_id: str


@dataclass(frozen=True, slots=True)
class IssuesChanged:
    """What is known of the open issues, or how far they are read, has changed."""


@dataclass(frozen=True, slots=True, eq=False)
class Watched:
    """A followed sync was looked at."""

    observation: Observation


@dataclass(frozen=True, slots=True)
class Recalled:
    """What was seen of a followed sync at an earlier start is known now."""

    connection_id: str
    sync_id: str


@dataclass(frozen=True, slots=True)
class Told:
    """Something that a person should know, though nothing broke.

    Attributes:
        title: What it is about.
        text: What is said of it.
    """

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class ServerChanged:
    """The server's health, the lock or the budget's use has changed."""


@dataclass(frozen=True, slots=True)
class BulkChanged:
    """A bulk action went on."""


@dataclass(frozen=True, slots=True)
class BulkEnded:
    """A bulk action has ended, or was stopped; the text says how it went."""

    text: str


@dataclass(frozen=True, slots=True)
class Broken:
    """A mistake of ours ended something that runs by itself; the text says which and how."""

    text: str


Change = (
    FleetChanged
    | RowChanged
    | IssuesChanged
    | Watched
    | Recalled
    | Told
    | ServerChanged
    | BulkChanged
    | BulkEnded
    | Broken
)


class ChangeFeed:
    """One reader's changes that wait to be taken. Equal ones collapse, so a slow reader never falls behind."""

    def __init__(self) -> None:
        self._waiting: dict[Change, None] = {}
        self._ready = asyncio.Event()
        self._closed = False

    def put(self, change: Change) -> None:
        """Tell of a change."""
        self._waiting[change] = None
        self._ready.set()

    def close(self) -> None:
        """End the feed; what waits is still handed out."""
        self._closed = True
        self._ready.set()

    async def __aiter__(self) -> AsyncIterator[Change]:
        while True:
            await self._ready.wait()
            self._ready.clear()
            waiting, self._waiting = self._waiting, {}
            for change in waiting:
                yield change
            if self._closed:
                return
