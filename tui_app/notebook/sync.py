"""A sync in hand: what is known of it, and following it to its end."""

from __future__ import annotations

from collections.abc import AsyncIterator, Generator, Iterator
from typing import TYPE_CHECKING, Any

from tui_app.notebook.entry_tables import journal_table
from tui_app.notebook.errors import ExplorerError, closed
from tui_app.notebook.issue_tables import SyncIssue, sync_issues_table
from tui_app.notebook.kernel import Shown, in_kernel
from tui_app.notebook.loop import Following, Ready
from tui_app.notebook.shown import Showable, bundle_of
from tui_app.notebook.sync_card import SyncState

if TYPE_CHECKING:
    from concurrent.futures import Future

    from tui_app.models.observation import Observation
    from tui_app.models.sync import Sync
    from tui_app.notebook.pieces import Blocks
    from tui_app.notebook.session import Session
    from tui_app.notebook.tables import Table
    from tui_app.watch.journal import Entry
    from tui_app.watch.watch import Watch


class SyncHandle(Showable, Ready):
    """One sync of a connection. A cell shows it as a card.

    Args:
        session: The open profile.
        connection_id: Whose sync it is.
        sync: As the server has just told it.
        attached: Whether it ran already when it was asked for, so that no second one was started.

    Attributes:
        connection_id: Whose sync it is.
        id: The server's ID of it.
        attached: Whether it ran already when it was asked for.
    """

    def __init__(self, session: Session, connection_id: str, sync: Sync, *, attached: bool = False) -> None:
        self._session = session
        self._listed = sync
        self.connection_id = connection_id
        self.id = sync.id
        self.attached = attached
        self._state = session.call(self._snapshot)

    @property
    def state(self) -> SyncState:
        """What is known of it now; after the explorer is closed, what was known last. Nothing is asked."""
        if self._session.loop_thread.running:
            self._state = self._session.call(self._snapshot)
        return self._state

    @property
    def sync(self) -> Sync:
        """The sync as last seen: ``status``, ``phase``, ``progress`` (percent), times (with their zone), issues."""
        return self.state.sync or self._listed

    @property
    def ended(self) -> bool:
        """Whether nothing more will change."""
        return self.sync.phase.is_final

    def watch(self, *, card: bool = True) -> Watching:
        """Follow it to its end.

        What comes back is gone through by ``async for`` or ``for``; each look is an ``Observation``: ``observed_at`` in
        the server's time, ``latency`` in seconds, and a ``sync`` or, where the look failed, a ``problem``. Or it is
        waited for as a whole: ``await sync.watch()`` in a kernel, ``sync.watch().wait()`` anywhere. In a kernel a live
        card stands in the cell; as the last line of a cell it goes on by itself while other cells run.

        Looks are taken about once a second while the sync moves, more slowly while it does not, and go on in the
        background whoever leaves. That a look fails says nothing of the sync: it is told, and looking goes on.

        Args:
            card: Whether a kernel shows the card.

        Raises:
            ExplorerError: The explorer is closed, or was before the sync ended: also where it is gone through, or
                waited for.

        >>> sync = connection.request_sync(days=7)
        >>> shares = [seen.sync.percent for seen in sync.watch() if seen.sync]
        >>> len(shares) > 0, sync.ended
        (True, True)
        """
        return Watching(self, self._session, card=card and in_kernel())

    def journal(self) -> Table[Entry]:
        """What changed between looks, oldest first, as far as it was followed; times are the server's.

        >>> "requested" in {entry.kind for entry in sync.journal()}
        True
        """
        return journal_table(self.state)

    def issues(self) -> Table[SyncIssue]:
        """The issues that it met, as far as it was seen.

        >>> sync.issues().column_names[:3]
        ['code', 'status', 'next_to_act']
        """
        return sync_issues_table(self.state)

    def blocks(self) -> Blocks:
        """The card."""
        return self.state.blocks()

    def _snapshot(self) -> SyncState:
        return SyncState.of(self._session.workspace, self.connection_id, self.id, self._listed)

    def _followed(self) -> Watch:
        workspace = self._session.workspace
        known = self._listed if self._listed.phase.is_final else None
        watch = workspace.watch(self.connection_id, self.id, known=known)
        # How long its connection's earlier syncs took tells when this one will end; it is read once.
        self._session.loop_thread.submit(workspace.estimates.learn(self.connection_id))
        return watch

    async def _looks(self, watch: Watch) -> AsyncIterator[Observation]:
        """Every look up to the sync's end, the newest first.

        Raises:
            ExplorerError: It is followed no more, and its end was not seen.
        """
        async for seen in watch.stream():
            yield seen
        if watch.finished:
            return
        if self._session.workspace.watcher.find(self.connection_id, self.id) is watch:  # it ended with its watcher
            raise closed()
        raise ExplorerError("This sync is followed no more: somebody let go of it.", "watch() follows it anew.")


class Watching:
    """A sync that is followed, as :meth:`SyncHandle.watch` says. Going through it begins with the newest look."""

    def __init__(self, handle: SyncHandle, session: Session, *, card: bool) -> None:
        self._handle = handle
        self._session = session
        self._watch = session.call(handle._followed)
        self._card = card
        self._live: _LiveCard | None = None

    def __iter__(self) -> Iterator[Observation]:
        live = self._show()
        yield from Following(self._session.loop_thread, self._handle._looks(self._watch))
        if live is not None:
            live.end()

    async def __aiter__(self) -> AsyncIterator[Observation]:
        live = self._show()
        async for seen in Following(self._session.loop_thread, self._handle._looks(self._watch)):
            yield seen
        if live is not None:
            live.end()

    def __await__(self) -> Generator[Any, None, SyncHandle]:
        return self._to_the_end().__await__()

    async def _to_the_end(self) -> SyncHandle:
        async for _ in self:
            pass
        return self._handle

    def wait(self, timeout: float | None = None) -> SyncHandle:
        """Wait for its end in the thread that calls.

        Args:
            timeout: Seconds of yours to wait; ``None``: as long as it takes.

        Returns:
            The sync, as it ended.

        Raises:
            TimeoutError: It still runs. It is followed on.
            ExplorerError: The explorer was closed before it ended.
        """
        live = self._show()
        try:
            self._session.loop_thread.run(_through(self._handle._looks(self._watch)), timeout)
        except TimeoutError:
            raise TimeoutError(f"The sync still runs after {timeout:g} s. It is followed on.") from None
        if live is not None:
            live.end()
        return self._handle

    def _show(self) -> _LiveCard | None:
        if self._card and self._live is None:
            self._live = _LiveCard(self._handle, self._session, self._watch)
        return self._live

    def _ipython_display_(self) -> None:
        if self._show() is None:
            print(repr(self))

    def __repr__(self) -> str:
        return repr(self._handle)


class _LiveCard:
    """The card in a cell, replaced after every look: on the profile's thread, so that no cell has to end for it."""

    def __init__(self, handle: SyncHandle, session: Session, watch: Watch) -> None:
        self._handle = handle
        self._shown = Shown(bundle_of(handle.blocks()))
        self._going: Future[None] = session.loop_thread.submit(self._keep(watch))

    async def _keep(self, watch: Watch) -> None:
        async for _ in watch.stream():
            self._shown.replace(bundle_of(self._handle.blocks()))

    def end(self) -> None:
        """Leave the card as it is at the end, in the output of the cell that has waited for that.

        Who executes a notebook keeps nothing that comes after a cell has ended, and takes the order from one thread.
        """
        self._going.result()
        self._shown.replace_here(bundle_of(self._handle.blocks()))


async def _through(stream: AsyncIterator[Observation]) -> None:
    async for _ in stream:
        pass
