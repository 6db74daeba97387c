"""Every sync that is followed, one line each, live: what needs somebody first, what has ended last."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar

from textual import getters, on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import Static

from tui_app.actions import bindings_of
from tui_app.changes import Watched
from tui_app.screens.base import AppScreen
from tui_app.style_sheets import styles
from tui_app.widgets.sync_view import SyncView, banner, outlook
from tui_app.widgets.table import MarkSigns, Table
from tui_app.widgets.watching_rows import followed_columns

if TYPE_CHECKING:
    from tui_app.changes import Change
    from tui_app.watch.watch import Watch
    from tui_app.widgets.spans import Spans
    from tui_app.workspace.watching import Followed

_WORDS = {
    "STALLED": ("stalled", "$warning"),
    "UNSEEN": ("could not be looked at", "$warning"),
    "MOVING": ("moving", "$accent"),
    "WAITING": ("waiting", ""),
    "PAUSED": ("paused", "$warning"),
    "ENDED": ("ended", "$muted"),
}


def _empty(waiting: int) -> Spans:
    """What is said where no line is; some may wait from an earlier start, until their connections can be read."""
    if not waiting:
        return (("Nothing is followed yet. ", ""), ("Press 1, select a connection, and press w.", "muted"))
    syncs = "1 sync was" if waiting == 1 else f"{waiting:,} syncs were"
    again = "followed when Syncscope was left, and will be again once the list of connections can be read."
    return ((f"{syncs} {again} ", ""), ("Press R on Connections to read it now.", "muted"))


class WatchingScreen(AppScreen[None]):
    """How many are followed and how they stand, and a line for each."""

    CSS_PATH = styles("watching")
    SCOPE = "watching"
    ABOUT = (
        "Every sync that is followed, one line each, kept up to date: how it stands, how far it is, what changed last. "
        "What needs somebody rises to the top; what has ended stands last, with how it ended. A sync is followed from "
        "where it was asked for or opened, and goes on at the server whether it is followed or not."
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("watching")
    AUTO_FOCUS = "#followed"

    table = getters.query_one("#followed", Table)

    def __init__(self) -> None:
        super().__init__()
        self._draw_waits = False
        self._shown: list[Watch] = []
        self._learnt: set[str] = set()
        self._offered = (False, False)

    def body(self) -> ComposeResult:
        """The counts and the list."""
        yield Static(id="watching-head")
        yield Table[Any](
            followed_columns(self._now),
            lambda each: each.key,
            marks=MarkSigns("◆ ", "  "),
            empty=_empty(0),
            id="followed",
        )
        yield Static(id="followed-text")

    def on_mount(self) -> None:
        """Show what is followed in the open profile."""
        self.watch(self.host, "workspace", lambda _: self._draw())

    def on_screen_resume(self) -> None:
        """Draw what came behind another screen; what is seen is looked at faster."""
        self._draw()

    def on_screen_suspend(self) -> None:
        """What nobody sees is looked at more slowly."""
        self._shown = []
        self._see()

    @property
    def subject(self) -> str | None:
        """The connection of the selected sync."""
        return self.table.current.connection_id if self.table.current is not None else None

    # What is shown

    def _now(self) -> datetime:
        return self.host.workspace.server_now() if self.host.workspace else datetime.now(UTC)

    def on_change(self, change: Change) -> None:
        """Take one sync's news to its line; where it now belongs elsewhere in the order, draw the list."""
        if isinstance(change, Watched) and self.is_current:  # else it is drawn when it comes to the front again
            self._take(change.observation.connection_id, change.observation.sync_id)

    def _take(self, connection_id: str, sync_id: str) -> None:
        from tui_app.workspace.watching import of_watch

        workspace = self.host.workspace
        watch = workspace.watcher.find(connection_id, sync_id) if workspace is not None else None
        if workspace is None or watch is None:
            return
        shown: Followed | None = self.table.row(f"{connection_id} {sync_id}")
        now = of_watch(workspace, watch)
        self._see()  # a screen that closed in front of this one has slowed it down
        if shown is not None and shown.sort_key() == now.sort_key():
            self.table.update_row(now)
        else:
            self._draw_soon()

    def tell_time(self) -> None:
        """Ages are a minute older."""
        self._draw()

    def _draw_soon(self) -> None:
        # Many may change at once; the list is ordered and counted once for all of them.
        if not self._draw_waits:
            self._draw_waits = True
            self.set_timer(0.1, self._draw_if_due)

    def _draw_if_due(self) -> None:
        if self._draw_waits:  # else it was drawn for another reason meanwhile
            self._draw()

    def _draw(self) -> None:
        from tui_app.workspace.watching import followed

        self._draw_waits = False
        workspace = self.host.workspace
        rows = followed(workspace) if workspace is not None else []
        if self.table.marks is not None:
            self.table.marks.keep({each.key for each in rows})
        self.table.empty = _empty(workspace.to_watch_again if workspace is not None else 0)
        self.table.set_rows(rows, sort=lambda each: each.sort_key())
        self.query_one("#watching-head", Static).update(self._counted(rows))
        self._offer()

    def _counted(self, rows: list[Followed]) -> Content:
        counts = Counter(each.standing.name for each in rows)
        pieces: list[str | tuple[str, str]] = [(f"{len(rows):,} followed", "bold") if rows else ""]
        for name, (word, style) in _WORDS.items():
            if counts[name]:
                pieces += ["   ", (f"{counts[name]:,} {word}", style)]
        marked = len(self.table.marks or ())
        if marked:
            pieces += ["   ", (f"{marked:,} marked, esc drops them", "$accent")]
        return Content.assemble(*pieces)

    @on(Table.Shown, "#followed")
    def _rows_shown(self, event: Table.Shown) -> None:
        event.stop()
        self._shown = [each.watch for each in event.rows] if self.is_current else []
        self._see()

    def _see(self) -> None:
        from tui_app.workspace.watching import see

        if self.host.workspace is None:
            return
        for watch in see(self.host.workspace.watcher.watches, self._shown):
            if watch.connection.id not in self._learnt:
                self._learnt.add(watch.connection.id)
                self._learn(watch)

    @work(group="learn", exit_on_error=False)
    async def _learn(self, watch: Watch) -> None:
        """Have the connection's earlier syncs read, which say how long this one may take."""
        if self.host.workspace is not None:
            await self.host.workspace.estimates.learn(watch.connection.id)
            self._take(watch.connection.id, watch.sync_id)

    # What a person does

    @on(Table.Highlighted, "#followed")
    def _highlighted(self, event: Table.Highlighted) -> None:
        event.stop()
        self._say(event.row)
        self._offer()

    def _say(self, each: Followed | None) -> None:
        """Of the selected one, in full: what must not be overlooked, else when it will end and what that rests on."""
        workspace, place = self.host.workspace, self.query_one("#followed-text", Static)
        if workspace is None or each is None:
            place.update("")
            return
        view = SyncView.of(
            each.watch,
            workspace.row(each.connection_id),
            workspace.server_now(),
            workspace.clock.monotonic(),
            each.estimate,
            each.stall,
        )
        place.update(Content("\n").join(filter(None, (banner(view), outlook(view)))))

    def _offer(self) -> None:
        """Let the keys below say what can be done; painted anew only where that is something else."""
        meant = self._meant()
        offered = (bool(meant), any(not each.watch.finished for each in meant))
        if offered != self._offered:
            self._offered = offered
            self.refresh_bindings()

    @on(Table.Marked, "#followed")
    def _marked(self, event: Table.Marked) -> None:
        event.stop()
        self._draw()

    @on(Table.Chosen, "#followed")
    def _chosen(self, event: Table.Chosen) -> None:
        event.stop()
        self.host.open_sync(event.row.connection_id, event.row.sync_id)

    def _meant(self) -> list[Followed]:
        """What an action is about: all that are marked, else the selected one."""
        marked = [each for each in self.table.rows if self.table.marks is not None and each.key in self.table.marks]
        return marked or ([self.table.current] if self.table.current is not None else [])

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Nothing is looked at or paused that has ended; nothing can be done without a row."""
        if action == "back":
            return True
        meant = self._meant() if self.is_mounted else []
        if action in ("look_now", "pause"):
            return True if any(not each.watch.finished for each in meant) else None
        if action in ("open", "stop", "mark", "mark_all", "copy_id", "copy_as"):
            return True if meant else None
        return super().check_action(action, parameters)

    def action_open(self) -> None:
        """Open the selected sync."""
        self.table.action_choose()

    def action_look_now(self) -> None:
        """Look at once."""
        asked = [each.watch.look_now() for each in self._meant() if not each.watch.finished]
        if asked and not any(asked):
            self.host.say("It is paused: nothing is sent. Press p to go on.")

    def action_pause(self) -> None:
        """Stop looking, or go on: all alike, as the first of them is not now."""
        watches = [each.watch for each in self._meant() if not each.watch.finished]
        pausing = bool(watches) and not watches[0].paused
        for watch in watches:
            if pausing:
                watch.pause()
            else:
                watch.resume()
        self._draw()

    def action_stop(self) -> None:
        """Follow it no more."""
        self._stop(self._meant())

    @work(group="stop", exit_on_error=False)
    async def _stop(self, meant: list[Followed]) -> None:
        from tui_app.workspace.watching import stop_following

        workspace = self.host.workspace
        if workspace is None or not meant:
            return
        for each in meant:
            await stop_following(workspace, each.watch)
        running = sum(not each.watch.finished for each in meant)
        name = meant[0].name if len(meant) == 1 else f"{len(meant)} syncs"
        goes_on = "Nothing is lost: it goes on at the server, and w on its connection follows it again."
        self.host.say(
            goes_on if running else "It had ended; its connection's history keeps it.",
            title=f"Not followed any more: {name}",
        )
        self._draw()

    def action_mark(self) -> None:
        """Mark the selected one, or take its mark away, and go to the next."""
        self.table.toggle_mark()
        self.table.action_move(1)

    def action_mark_all(self) -> None:
        """Mark all, or take their marks away."""
        self.table.toggle_all_marks()

    def action_copy_id(self) -> None:
        """Copy the selected sync's ID."""
        if self.table.current is not None:
            self.host.copy(self.table.current.sync_id, f"sync ID {self.table.current.sync_id}")

    def action_copy_as(self) -> None:
        """Copy something else of the selected sync."""
        from tui_app.screens.copies import sync_copies
        from tui_app.screens.copy_menu import ask_copy

        each: Followed | None = self.table.current
        if each is not None and self.host.workspace is not None:
            copies = sync_copies(self.host.workspace, each.connection_id, each.sync_id, each.sync)
            ask_copy(self.host, f"sync {each.sync_id}", copies)

    async def action_back(self) -> None:
        """Drop the marks; without any, go back to the connections."""
        if self.table.marks:
            self.table.marks.clear()
            self.table.show_marks()
        else:
            await self.app.switch_mode("connections")
