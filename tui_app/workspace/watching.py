"""Every sync that is followed, each in one line: what needs a person first, how it ended last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import TYPE_CHECKING

from tui_app.watch.journal import EntryKind
from tui_app.workspace.estimates import estimate_of, stall_of

if TYPE_CHECKING:
    from tui_app.models.fleet import FleetRow
    from tui_app.models.problem import Problem
    from tui_app.models.sync import Sync
    from tui_app.watch.estimate import Estimate
    from tui_app.watch.stall import Stall
    from tui_app.watch.watch import Watch
    from tui_app.workspace.workspace import Workspace

CLOSE = 8
"""Syncs that are looked at as closely as on a screen of their own, at the most: more would leave nothing of the
budget to what else a person does."""


class Standing(IntEnum):
    """How a followed sync stands, what needs a person first."""

    STALLED = 0  # it seems to
    UNSEEN = 1  # the newest look at it failed
    MOVING = 2
    WAITING = 3  # it has not begun, or the provider is waited for
    PAUSED = 4
    ENDED = 5


@dataclass(frozen=True, slots=True)
class Followed:
    """One followed sync, as it is known now. Times are in the server's time.

    Attributes:
        watch: What follows it.
        name: What its connection is called, as it came.
        sync: As last seen; ``None`` before the first look.
        seen_at: When that was.
        problem: Why the newest look failed, if it did.
        standing: How it stands.
        pace: Why the next look is due when it is, in words.
        changed_at: When something of it last changed.
        change: What that was, in words.
        estimate: When it will probably end.
        stall: Whether it seems to stand still.
    """

    watch: Watch
    name: str
    sync: Sync | None
    seen_at: datetime | None
    problem: Problem | None
    standing: Standing
    pace: str
    changed_at: datetime | None
    change: str
    estimate: Estimate
    stall: Stall

    @property
    def key(self) -> str:
        """What a table knows it by."""
        return key_of(self.watch)

    @property
    def connection_id(self) -> str:
        """Whose sync it is."""
        return self.watch.connection.id

    @property
    def sync_id(self) -> str:
        """Which sync it is."""
        return self.watch.sync_id

    @property
    def ended_at(self) -> datetime | None:
        """When it ended: as the server says, else when that was seen."""
        return (self.sync.completed_at if self.sync is not None else None) or self.seen_at

    def sort_key(self) -> tuple[int, float, str, str]:
        """What needs a person first; what ended last of all, the latest end first."""
        ended = -self.ended_at.timestamp() if self.standing is Standing.ENDED and self.ended_at else 0.0
        return (self.standing, ended, self.name.lower(), self.key)


def key_of(watch: Watch) -> str:
    """What a table knows a followed sync by."""
    return f"{watch.connection.id} {watch.sync_id}"


def followed(workspace: Workspace) -> list[Followed]:
    """Every sync that is followed, or was followed to its end, in no order.

    One that had ended before it was looked at for the first time is not among them: somebody only opened it.
    """
    return [of_watch(workspace, watch) for watch in workspace.watcher.watches if not _only_opened(watch)]


def _only_opened(watch: Watch) -> bool:
    if not watch.finished:
        return False
    first = next((seen.sync for seen in watch.observations if seen.sync is not None), None)
    return first is not None and first.phase.is_final


def of_watch(workspace: Workspace, watch: Watch) -> Followed:
    """One followed sync as it is known now."""
    row: FleetRow | None = workspace.row(watch.connection.id)
    # That the server could not be looked at is no change of the sync.
    of_the_sync = (entry for entry in reversed(watch.journal) if entry.kind not in (EntryKind.LOST, EntryKind.BACK))
    newest = next(of_the_sync, None)
    stall = stall_of(workspace, watch)
    return Followed(
        watch=watch,
        name=(row.connection if row is not None else watch.connection).name,
        sync=watch.latest_sync,
        seen_at=watch.latest_good.observed_at if watch.latest_good is not None else None,
        problem=watch.problem,
        standing=_standing(watch, stall),
        pace=watch.pace,
        changed_at=newest.at if newest is not None else None,
        change=newest.text if newest is not None else "",
        estimate=estimate_of(workspace, watch),
        stall=stall,
    )


def _standing(watch: Watch, stall: Stall) -> Standing:
    sync = watch.latest_sync
    if watch.finished:
        return Standing.ENDED
    if watch.paused:
        return Standing.PAUSED
    if watch.problem is not None:
        return Standing.UNSEEN
    if stall.stalled:
        return Standing.STALLED
    if sync is None or sync.awaits_provider or sync.phase.value == "waiting":
        return Standing.WAITING
    return Standing.MOVING


def see(watches: Sequence[Watch], shown: Sequence[Watch]) -> list[Watch]:
    """Look closely at the first of those that are shown and still run, and more slowly at all others.

    Args:
        watches: All of them.
        shown: Those that a screen shows, from the top; none, and none is seen.

    Returns:
        Those that are looked at closely.
    """
    close = [watch for watch in shown if not watch.finished][:CLOSE]
    for watch in watches:
        watch.visible = watch in close
    return close


async def stop_following(workspace: Workspace, watch: Watch) -> None:
    """Follow a sync no more. It goes on at the server; whoever asks for it again follows it anew."""
    await workspace.watcher.forget(watch)
