"""Everything that changes something at the server, and what is known of the fleet afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from pydantic import SecretStr

from tui_app.api.base import Changes
from tui_app.api.errors import ApiError, SyncConflict, Unread
from tui_app.models.connection import Connection, ConnectionDraft
from tui_app.models.issue import Issue
from tui_app.models.link import Link, LinkDraft
from tui_app.models.passthrough import PassthroughAnswer, PassthroughRequest, RawAnswer
from tui_app.models.sync import Sync, SyncRequest

if TYPE_CHECKING:
    from tui_app.api.exchanges import Request
    from tui_app.api.kinds import OpenApi
    from tui_app.models.clock import Clock
    from tui_app.watch.watcher import Watcher
    from tui_app.workspace.fleet import Fleet

SETTLING = 5
"""Looks, a second apart, for which a retried sync may still be told as ended: a server may take its time."""


@dataclass(frozen=True, slots=True)
class Requested:
    """A sync that was asked for.

    Attributes:
        sync: As the server answered.
        attached: Whether it ran already, so that no second one was started.
    """

    sync: Sync
    attached: bool


class Orders:
    """The part of an open profile that gives orders; each passes the gate, and what comes of it is taken in."""

    api: OpenApi
    clock: Clock
    fleet: Fleet
    watcher: Watcher
    links: list[Link]
    cancelled: set[str]

    def server_now(self) -> datetime:
        """The time at the server."""
        raise NotImplementedError

    def planned_connection(self, draft: ConnectionDraft) -> Request:
        """The request that :meth:`create_connection` would send, secrets masked. Nothing is sent."""
        return self.api.planned_connection(draft)

    async def create_connection(self, draft: ConnectionDraft) -> Connection:
        """Make a connection and put it into the fleet.

        Raises:
            ApiError: It was refused; nothing was made.
        """
        connection = await self.api.create_connection(draft)
        self.fleet.adopt(connection, made=True)
        return connection

    def planned_update(self, connection_id: str, changes: Changes) -> Request:
        """The request that :meth:`update_connection` would send, secrets masked. Nothing is sent."""
        return self.api.planned_update(self.fleet.connection(connection_id), changes)

    async def update_connection(self, connection_id: str, changes: Changes) -> Connection:
        """Change a connection.

        Raises:
            ApiError: It was refused; nothing was changed.
        """
        changed = await self.api.update_connection(self.fleet.connection(connection_id), changes)
        self.fleet.adopt(changed)
        return changed

    def planned_deletion(self, connection_id: str) -> Request:
        """The request that :meth:`delete_connection` would send, secrets masked. Nothing is sent."""
        return self.api.planned_deletion(self.fleet.connection(connection_id))

    async def delete_connection(self, connection_id: str) -> Connection | None:
        """Delete a connection.

        Returns:
            The connection as it is afterwards; ``None`` where it is gone, and its row with it.

        Raises:
            ApiError: It was refused; nothing was deleted.
        """
        left = await self.api.delete_connection(self.fleet.connection(connection_id))
        if left is None:
            self.fleet.drop(connection_id)
        elif self.fleet.row(connection_id) is not None:  # a list that was read meanwhile may be ahead
            self.fleet.adopt(left)
        return left

    def planned_exchange(self, token: SecretStr) -> Request:
        """The request that :meth:`exchange_public_token` would send, secrets masked. Nothing is sent."""
        return self.api.planned_exchange(token)

    async def exchange_public_token(self, token: SecretStr) -> Connection:
        """Get the connection that a fleet made by Link, and put it into the fleet. The token works once.

        Raises:
            ApiError: It was refused.
        """
        connection = await self.api.exchange_public_token(token)
        self.fleet.adopt(connection)
        return connection

    def planned_link(self, draft: LinkDraft) -> Request:
        """The request that :meth:`create_link` would send, secrets masked. Nothing is sent."""
        return self.api.planned_link(draft)

    async def create_link(self, draft: LinkDraft) -> Link:
        """Make a short link, by which a fleet connects by itself.

        Raises:
            ApiError: It was refused; nothing was made.
        """
        link = await self.api.create_link(draft)
        self.links = [*(known for known in self.links if known.id != link.id), link]
        return link

    def planned_link_deletion(self, link_id: str) -> Request:
        """The request that :meth:`delete_link` would send, secrets masked. Nothing is sent."""
        return self.api.planned_link_deletion(link_id)

    async def delete_link(self, link_id: str) -> None:
        """Delete a short link by its ID: whoever opens it from now on is turned away.

        Raises:
            ApiError: It was refused.
        """
        await self.api.delete_link(link_id)
        self.links = [known for known in self.links if known.id != link_id]

    def planned_passthrough(self, connection_id: str, request: PassthroughRequest, *, raw: bool = False) -> Request:
        """The request that :meth:`passthrough` would send, secrets masked. Nothing is sent."""
        return self.api.planned_passthrough(self.fleet.connection(connection_id), request, raw=raw)

    async def passthrough(self, connection_id: str, request: PassthroughRequest) -> PassthroughAnswer:
        """Ask a connection's provider directly. That it refuses is an answer.

        Raises:
            ApiError: The server refused, or could not ask it.
        """
        return await self.api.passthrough(self.fleet.connection(connection_id), request)

    async def passthrough_raw(self, connection_id: str, request: PassthroughRequest) -> RawAnswer:
        """The same, and the provider's answer byte for byte."""
        return await self.api.passthrough_raw(self.fleet.connection(connection_id), request)

    def planned_sync(self, connection_id: str, request: SyncRequest) -> Request:
        """The request that :meth:`request_sync` would send, secrets masked. Nothing is sent."""
        return self.api.planned_sync(self.fleet.connection(connection_id), request)

    async def request_sync(self, connection_id: str, request: SyncRequest) -> Requested:
        """Ask for a sync and follow it. Where one runs already, that one is followed instead.

        Raises:
            ApiError: It was refused, or one runs but cannot be found.
        """
        connection = self.fleet.connection(connection_id)
        try:
            requested = Requested(await self.api.request_sync(connection, request), attached=False)
        except SyncConflict as conflict:
            requested = await self._running_instead(connection, conflict)
        await self._follow(connection, requested.sync)
        return requested

    def planned_retry(self, connection_id: str, sync_id: str) -> Request:
        """The request that :meth:`retry_sync` would send, secrets masked. Nothing is sent."""
        return self.api.planned_retry(self.fleet.connection(connection_id), sync_id)

    async def retry_sync(self, connection_id: str, sync_id: str) -> Requested:
        """Try a sync that failed again, and follow what runs for it: the same sync from anew, or another one.

        Raises:
            Unread: It was taken, and is followed; how it is now could not be read.
            ApiError: It was refused, or another sync runs but cannot be found.
        """
        connection = self.fleet.connection(connection_id)
        try:
            requested = Requested(await self.api.retry_sync(connection, sync_id), attached=False)
        except SyncConflict as conflict:
            requested = await self._running_instead(connection, conflict)
        except Unread as unread:
            self.cancelled.discard(unread.id)
            await self._watch_anew(connection, unread.id)
            raise
        if requested.sync.id == sync_id:
            requested = Requested(await self._begun(connection, requested.sync), requested.attached)
        self.cancelled.discard(requested.sync.id)
        await self._follow(connection, requested.sync)
        return requested

    def planned_cancellation(self, connection_id: str, sync_id: str) -> Request:
        """The request that :meth:`cancel_sync` would send, secrets masked. Nothing is sent."""
        return self.api.planned_cancellation(self.fleet.connection(connection_id), sync_id)

    async def cancel_sync(self, connection_id: str, sync_id: str) -> Sync:
        """Cancel a sync, and follow it to its end: it may still run for a moment.

        Returns:
            The sync as it is now. Once cancelled, it counts as failed, and can be retried.

        Raises:
            Unread: It was taken; how the sync is now could not be read.
            ApiError: It was refused; the sync goes on.
        """
        connection = self.fleet.connection(connection_id)
        try:
            sync = await self.api.cancel_sync(connection, sync_id)
        except Unread as unread:
            self.cancelled.add(unread.id)
            self.watcher.watch(connection, unread.id).look_now()
            raise
        self.cancelled.add(sync.id)
        self.fleet.saw(connection_id, sync, self.server_now())
        self.watcher.watch(connection, sync.id, known=sync).look_now()
        return sync

    def planned_resolution(self, issue_id: str) -> Request:
        """The request that :meth:`resolve_issue` would send, secrets masked. Nothing is sent."""
        return self.api.planned_resolution(issue_id)

    async def resolve_issue(self, issue_id: str) -> Issue:
        """Mark an issue as resolved. It stays so until it is observed again.

        Raises:
            ApiError: It was refused.
        """
        issue = await self.api.resolve_issue(issue_id)
        if not issue.is_open:
            self.fleet.resolved(issue)
        return issue

    # How they are followed

    async def _running_instead(self, connection: Connection, conflict: SyncConflict) -> Requested:
        """The sync that is in the way of another one.

        Raises:
            SyncConflict: Which one it is, is not known.
        """
        if not conflict.running:
            raise conflict
        return Requested(await self.api.sync(connection, conflict.running), attached=True)

    async def _begun(self, connection: Connection, sync: Sync) -> Sync:
        """A retried sync once it is told as begun anew, or as it is when waiting any longer makes no sense."""
        for _ in range(SETTLING):
            if not sync.phase.is_final:
                break
            await self.clock.sleep(1)
            try:
                sync = await self.api.sync(connection, sync.id)
            except ApiError:
                break  # the watch goes on looking
        return sync

    async def _follow(self, connection: Connection, sync: Sync) -> None:
        """Follow a sync that has just begun; where an earlier run of it was followed to its end, from anew."""
        self.fleet.saw(connection.id, sync, self.server_now())
        await self._watch_anew(connection, sync.id, sync)

    async def _watch_anew(self, connection: Connection, sync_id: str, known: Sync | None = None) -> None:
        watch = self.watcher.find(connection.id, sync_id)
        if watch is not None and watch.finished:
            await self.watcher.forget(watch)
        self.watcher.watch(connection, sync_id, known=known).look_now()
