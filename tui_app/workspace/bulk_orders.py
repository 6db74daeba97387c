"""What can be done to many connections at once: request syncs, change tags, resolve issues."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from tui_app.api.base import IssueQuery
from tui_app.api.errors import ApiError, SyncConflict
from tui_app.models.connection import doubt_of_sync
from tui_app.models.sync import Sync, SyncRequest
from tui_app.workspace.bulk import Bulk, BulkOrder, Outcome, Target, Told

if TYPE_CHECKING:
    from tui_app.api.exchanges import Request
    from tui_app.models.fleet import FleetRow
    from tui_app.workspace.workspace import Workspace

WATCHED = 24
"""Syncs of one bulk action that are watched one by one, at the most. Each is looked at about every three seconds; the
others are seen as the list is looked at."""

FRESH = 10.0
"""Seconds for which the tags that were read count as the present ones."""


class SyncOrder:
    """Request a sync of each; where one runs already, that one is followed."""

    action, title, what = "request_sync", "Request syncs", "request a sync"
    noun = ("connection", "connections")
    asks: Literal["window", "tags", ""] = "window"
    reads = False
    details = ""

    def __init__(self, workspace: Workspace) -> None:
        self.request = SyncRequest()
        self._workspace = workspace
        self._watched = 0

    def planned(self, target: Target) -> Request:
        """Show the request that asks for a sync."""
        return self._workspace.planned_sync(target.connection_id, self.request)

    async def prepare(self, target: Target) -> list[Target]:
        """Leave it as it is: nothing has to be read first."""
        return [target]

    async def send(self, target: Target) -> Told:
        """Ask for the sync, and follow it."""
        workspace = self._workspace
        connection = workspace.fleet.connection(target.connection_id)
        outcome, words = Outcome.DONE, ""
        try:
            sync = await workspace.api.request_sync(connection, self.request)
        except SyncConflict as conflict:
            outcome, words = Outcome.ATTACHED, "A sync runs already: that one is followed."
            if not conflict.running:
                return Told(outcome, "A sync runs already; which one, the server does not say.")
            try:
                sync = await workspace.api.sync(connection, conflict.running)
            except ApiError as error:
                return Told(outcome, f"A sync runs already, and could not be looked at: {error.problem.title}.")
        self._follow(target, sync)
        return Told(outcome, words or sync.id)

    def _follow(self, target: Target, sync: Sync) -> None:
        """Watch the first ones closely; a watch for each of hundreds would leave nothing of the budget."""
        workspace = self._workspace
        workspace.asked_in_bulk.add(sync.id)
        workspace.fleet.saw(target.connection_id, sync, workspace.server_now())
        if self._watched < min(WATCHED, workspace.profile.budget):
            self._watched += 1
            workspace.watch(target.connection_id, sync.id, known=sync)
        else:
            workspace.fleet.hasten(target.connection_id)


class TagOrder:
    """Add and remove tags. The server takes them as a whole, so each target's own are read first and kept."""

    action, title, what = "update_connection", "Change tags", "change the tags"
    noun = ("connection", "connections")
    asks: Literal["window", "tags", ""] = "tags"
    reads = True
    details = "Tags"

    def __init__(self, workspace: Workspace) -> None:
        self.add: tuple[str, ...] = ()
        self.remove: tuple[str, ...] = ()
        self._workspace = workspace
        self._read_at: dict[str, float] = {}

    def wanted(self, tags: Sequence[str]) -> tuple[str, ...]:
        """The tags that a connection with these should have, its own in their order."""
        kept = [tag for tag in tags if tag not in self.remove]
        return (*kept, *(tag for tag in self.add if tag not in kept))

    def _present(self, target: Target) -> list[str]:
        return self._workspace.fleet.connection(target.connection_id).tags

    def planned(self, target: Target) -> Request:
        """Show the request that changes the tags."""
        return self._workspace.planned_update(target.connection_id, {"tags": self.wanted(self._present(target))})

    async def prepare(self, target: Target) -> list[Target]:
        """Read its tags as they are now, and say what would change."""
        await self._workspace.read_connection(target.connection_id)
        self._read_at[target.key] = self._workspace.clock.monotonic()
        before = self._present(target)
        after = self.wanted(before)
        if list(after) == before:
            target.outcome, target.words = Outcome.UNCHANGED, "its tags stay as they are"
        added = [f"+{tag}" for tag in after if tag not in before]
        removed = [f"−{tag}" for tag in before if tag not in after]
        target.detail = " ".join([*added, *removed])
        return [target]

    async def send(self, target: Target) -> Told:
        """Change its tags, from what they are now."""
        workspace = self._workspace
        if workspace.clock.monotonic() - self._read_at.get(target.key, -FRESH) >= FRESH:
            try:
                await workspace.read_connection(target.connection_id)
            except ApiError as error:
                words = f"It could not be read: {error.problem.reason_first}"
                return Told(Outcome.NOT_SENT, words, error.problem)
            except KeyError:
                return Told(Outcome.NOT_SENT, "It is not in the list any more.")
        before = self._present(target)
        after = self.wanted(before)
        if list(after) == before:
            return Told(Outcome.UNCHANGED, "its tags stay as they are")
        changed = await workspace.update_connection(target.connection_id, {"tags": after})
        return Told(Outcome.DONE, f"now: {', '.join(changed.tags)}" if changed.tags else "now without tags")


class ResolveOrder:
    """Resolve every open issue of each, one request for each issue."""

    action, title, what = "resolve_issue", "Resolve issues", "resolve the open issues"
    noun = ("issue", "issues")
    asks: Literal["window", "tags", ""] = ""
    reads = True
    details = "Issue"

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def planned(self, target: Target) -> Request:
        """Show the request that resolves the issue."""
        return self._workspace.planned_resolution(target.key)

    async def prepare(self, target: Target) -> list[Target]:
        """Read its open issues: each is a target of its own."""
        found: list[Target] = []
        query = IssueQuery(connection_id=target.connection_id, status="ongoing", limit=100)
        async for page in self._workspace.api.issues(query):
            found += [replace(target, key=issue.id, detail=issue.error.code) for issue in page.items if issue.is_open]
        if not found:
            return [replace(target, outcome=Outcome.UNCHANGED, words="no open issue")]
        return sorted(found, key=lambda each: each.detail)

    async def send(self, target: Target) -> Told:
        """Resolve the issue."""
        issue = await self._workspace.resolve_issue(target.key)
        return Told(Outcome.DONE, f"The server still calls it {issue.status}." if issue.is_open else "")


_ORDERS: dict[str, type[SyncOrder] | type[TagOrder] | type[ResolveOrder]] = {
    order.action: order for order in (SyncOrder, TagOrder, ResolveOrder)
}


def _doubt(row: FleetRow, action: str) -> str:
    """Why the server will most likely refuse."""
    if action != SyncOrder.action:
        return ""  # what a connection is like keeps neither its tags nor its issues from being changed
    return doubt_of_sync(row.connection, brief=True)


def _runs(row: FleetRow, action: str) -> bool:
    """Whether what is asked for runs already."""
    return action == SyncOrder.action and row.last_sync is not None and not row.last_sync.phase.is_final


def bulk_of(workspace: Workspace, action: str, connection_ids: Sequence[str], hidden: Collection[str] = ()) -> Bulk:
    """A bulk action, not begun.

    Args:
        workspace: The open profile.
        action: The gate's name for what it does.
        connection_ids: Its targets; those that are not known are left out.
        hidden: Those of them that the list does not show.

    Raises:
        KeyError: There is no bulk action of that name.
    """
    order: BulkOrder = _ORDERS[action](workspace)
    rows = [row for row in map(workspace.row, connection_ids) if row is not None]
    return Bulk(
        workspace,
        order,
        [
            Target(row.id, row.id, row.connection.name, row.id in hidden, _doubt(row, action), _runs(row, action))
            for row in rows
        ],
    )
