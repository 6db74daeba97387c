"""One sync, followed live: how far it is, what came incompletely, what changed and when."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import getters, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.reactive import reactive
from textual.widgets import Static

from tui_app.actions import bindings_of
from tui_app.changes import Recalled
from tui_app.screens.time_travel import TimeTravel
from tui_app.style_sheets import styles
from tui_app.widgets.parts_view import parts_content
from tui_app.widgets.progress import Progress
from tui_app.widgets.saying import Saying, say
from tui_app.widgets.sync_view import (
    SyncView,
    banner,
    finding_of,
    heading,
    issues_content,
    journal_content,
    outlook,
    path,
    poll_line,
)
from tui_app.widgets.timeline import TravelBar, view_at

if TYPE_CHECKING:
    from tui_app.changes import Change
    from tui_app.models.observation import Observation
    from tui_app.watch.watch import Watch


class SyncScreen(TimeTravel):
    """Follows one sync for as long as it runs, and shows it as last seen whatever happens to the server."""

    CSS_PATH = styles("sync")
    SCOPE = "sync"
    ABOUT = (
        "One sync, followed live. The bar is the server's own progress; the journal holds every change between two "
        "looks, with its time; the line at the bottom says when the server was last looked at, and why that often. "
        "A look that fails says nothing about the sync: what was last seen stays, with its age. "
        "t goes back to how all of it was at any look that was kept; d compares it with another sync."
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("sync")
    AUTO_FOCUS = "#journal-pane"

    observation: reactive[Observation | None] = reactive(None, init=False, always_update=True, repaint=False)

    progress = getters.query_one(Progress)

    def __init__(self, connection_id: str, sync_id: str) -> None:
        super().__init__()
        self.connection_id = connection_id
        self.sync_id = sync_id
        self._watch: Watch | None = None
        self._one_pane = False

    def body(self) -> ComposeResult:
        """Heading, path, bar, banner, issues beside the journal, poll line."""
        yield TravelBar()
        with Vertical(id="sync-head"):
            with Horizontal(id="sync-title"):
                yield Saying(id="sync-name")
                yield Saying(id="sync-window")
            with Horizontal(id="sync-path"):
                yield Saying(id="path")
                yield Saying(id="elapsed")
            yield Progress()
            yield Saying(id="outlook")
            yield Saying(id="banner")
        with Horizontal(id="sync-panes"):
            with VerticalScroll(id="issues-pane", classes="pane"):
                yield Saying(id="issues-title", classes="pane-title")
                yield Saying(id="issues-text")
            with VerticalScroll(id="journal-pane", classes="pane"):
                yield Saying(id="journal-title", classes="pane-title")
                yield Saying(id="journal-text")
        yield Saying(id="poll-line")

    def on_mount(self) -> None:
        """Follow the sync; count seconds while it is followed."""
        workspace = self.host.workspace
        if workspace is None:
            return
        self._watch = workspace.watch(self.connection_id, self.sync_id)
        self._one_pane = not (workspace.capabilities.parts or workspace.capabilities.issues)
        self.set_class(self._one_pane, "-one-pane")
        if self._in_parts():
            self.add_class("-issues")  # where both do not fit, the models are what is looked for
            self.set_focus(self.query_one("#issues-pane"))
        self._draw()
        self._follow()
        self._learn()
        self._tick()

    @work(group="learn", exclusive=True, exit_on_error=False)
    async def _learn(self) -> None:
        """Have the connection's earlier syncs read, which say how long this one may take."""
        workspace = self.host.workspace
        if workspace is not None and self._watch is not None and not self._watch.finished:
            await workspace.estimates.learn(self.connection_id)
            self._draw()

    @work(group="watch", exclusive=True, exit_on_error=False)
    async def _follow(self) -> None:
        if self._watch is not None:
            async for observation in self._watch.stream():
                self.observation = observation

    def watch_observation(self) -> None:
        """Draw what was seen, unless the screen shows an earlier time."""
        if self.frame is None:
            self._draw()

    def _tick(self) -> None:
        # Seconds count only while something is followed; the timer sets itself again, so that none is left over.
        if self._watch is None or self._watch.finished:
            return
        if self.is_current and self.frame is None:
            self._draw_time(self._view())
        self.set_timer(1, self._tick)

    def on_screen_resume(self) -> None:
        """Draw what came behind another screen; what is seen is looked at faster again."""
        workspace = self.host.workspace
        if self._watch is not None:
            if workspace is not None and self._watch.closed and not self._watch.finished:
                # It was let go of on another screen; what is shown here is followed.
                self._watch = workspace.watch(self.connection_id, self.sync_id)
                self._follow()
            self._watch.visible = True
        self._draw()

    def on_resize(self) -> None:
        """What is laid out by its width is laid out anew."""
        self.call_after_refresh(self._draw)

    def on_screen_suspend(self) -> None:
        """What nobody sees is looked at more slowly."""
        if self._watch is not None:
            self._watch.visible = False

    def on_unmount(self) -> None:
        """It is followed on, at a slower pace."""
        self.on_screen_suspend()

    @property
    def subject(self) -> str | None:
        """The connection whose sync it shows."""
        return self.connection_id

    # What is shown

    def on_change(self, change: Change) -> None:
        """Draw what was seen of it at an earlier start, once that is known."""
        if change == Recalled(self.connection_id, self.sync_id):
            self._draw()

    def _in_parts(self) -> bool:
        workspace = self.host.workspace
        return workspace is not None and workspace.capabilities.parts

    def _view(self) -> SyncView | None:
        workspace = self.host.workspace
        if workspace is None or self._watch is None:
            return None
        from tui_app.workspace.estimates import estimate_of, stall_of

        row = workspace.row(self.connection_id)
        if self.frame is not None:
            told = workspace.estimates.told_then(self._watch, self.shown_looks)
            return view_at(self.frame, row, told.estimate, told.stall)
        return SyncView.of(
            self._watch,
            row,
            workspace.server_now(),
            workspace.clock.monotonic(),
            estimate_of(workspace, self._watch),
            stall_of(workspace, self._watch),
            workspace.fleet.newest_syncs(row) if row is not None else (),
        )

    def _draw_left(self, title: Content, text: Content) -> None:
        say(self.query_one("#issues-title", Static), title)
        say(self.query_one("#issues-text", Static), text)

    def _draw(self) -> None:
        view = self._view()
        if view is None:
            return
        title, window = heading(view)
        say(self.query_one("#sync-name", Static), title)
        say(self.query_one("#sync-window", Static), window)
        # A server that has issues tells what came incompletely; one that syncs model by model, how each one is.
        if not self._in_parts():
            self._draw_left(*issues_content(view))
        journal_title, journal = journal_content(view)
        say(self.query_one("#journal-title", Static), journal_title)
        say(self.query_one("#journal-text", Static), journal)
        self.progress.show(view)
        self._draw_time(view)
        self.refresh_bindings()

    def _draw_time(self, view: SyncView | None) -> None:
        if view is None:
            return
        way, elapsed = path(view)
        say(self.query_one("#path", Static), way)
        say(self.query_one("#elapsed", Static), elapsed)
        said = [each for each in (self._cancelled_here(view, banner(view)), finding_of(view)) if each is not None]
        for name, content in (("#outlook", outlook(view)), ("#banner", Content("\n").join(said) if said else None)):
            place = self.query_one(name, Static)
            say(place, content or Content(""))
            place.display = content is not None
        if self._in_parts():  # how long each has run is a matter of time
            width = self.query_one("#issues-pane").scrollable_content_region.width
            self._draw_left(*parts_content(view.sync, view.now, width))
        say(self.query_one("#poll-line", Static), poll_line(view))

    def _cancelled_here(self, view: SyncView, said: Content | None) -> Content | None:
        """Say of a failure that it is none: who cancelled the sync should not look for what went wrong."""
        workspace = self.host.workspace
        failed = view.sync is not None and view.sync.phase.value == "failed"
        if said is None or workspace is None or not failed or self.sync_id not in workspace.cancelled:
            return said
        return Content("\n").join(
            [said, Content("It was cancelled here: the server tells a cancelled sync as failed.")]
        )

    # What a person does

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Nothing is paused or looked at once the sync has ended; the journal key is for where it is hidden."""
        if action in ("pause", "look_now") and self._watch is not None and self._watch.recorded:
            return False
        if self.switched_off(action):
            return None if self._offered(action) else False
        if action in ("pause", "look_now"):
            return self._watch is not None and not self._watch.finished
        if action == "journal":
            return self.size.width < 100 and not self._one_pane
        if action in ("retry", "cancel"):
            return self._may(action)
        if action == "request_sync":
            return self.host.workspace is None or not self.host.workspace.capabilities.recorded
        return super().check_action(action, parameters)

    def _may(self, action: str) -> bool:
        workspace = self.host.workspace
        sync = self._watch.latest_sync if self._watch is not None else None
        if workspace is None or sync is None:
            return False
        if action == "retry":
            return self._offered(action) and sync.phase.value == "failed"
        return self._offered(action) and not sync.phase.is_final

    def _offered(self, action: str) -> bool:
        """Whether this server does such a thing at all."""
        can = self.host.workspace.capabilities if self.host.workspace is not None else None
        return action not in ("retry", "cancel") or (can is not None and bool(getattr(can, action)))

    def action_retry(self) -> None:
        """Try the sync again."""
        if not self.host.reads_first([self.connection_id], self.action_retry):
            self._retry_it()

    @work(group="order", exclusive=True, exit_on_error=False)
    async def _retry_it(self) -> None:
        from tui_app.api.errors import Unread
        from tui_app.screens.orders import ShortOrder, carry_out

        workspace = self.host.workspace
        if workspace is None:
            return
        taken: list[str] = []

        async def send() -> str:
            try:
                taken.append((await workspace.retry_sync(self.connection_id, self.sync_id)).sync.id)
            except Unread as unread:  # it tries again, only how it is now is not known yet
                taken.append(unread.id)
                raise
            return taken[0]

        done = await carry_out(
            self.host,
            ShortOrder(
                "retry_sync",
                "Try this sync again",
                f"try {self.sync_id} again",
                "The server starts it once more, as the same sync or as a new one; it is followed either way.",
                "Try again",
                workspace.planned_retry(self.connection_id, self.sync_id),
                send,
            ),
        )
        if not taken:
            return
        if taken[0] != self.sync_id:
            self.host.say("The server tries again as a new sync: this is it.", timeout=8)
            self.host.open_sync(self.connection_id, taken[0])
            return
        if done is not None:
            self.host.say("The server tries this sync again.")
        self._watch = workspace.watch(self.connection_id, self.sync_id)
        self._draw()
        self._follow()
        self._tick()

    def action_cancel(self) -> None:
        """Cancel the sync."""
        if not self.host.reads_first([self.connection_id], self.action_cancel):
            self._cancel_it()

    @work(group="order", exclusive=True, exit_on_error=False)
    async def _cancel_it(self) -> None:
        from tui_app.screens.orders import ShortOrder, carry_out

        workspace = self.host.workspace
        if workspace is None:
            return
        done = await carry_out(
            self.host,
            ShortOrder(
                "cancel_sync",
                "Cancel this sync",
                f"cancel {self.sync_id}",
                "What it brought in so far stays. The server tells a cancelled sync as failed; it can be tried again.",
                "Cancel the sync",
                workspace.planned_cancellation(self.connection_id, self.sync_id),
                lambda: workspace.cancel_sync(self.connection_id, self.sync_id),
            ),
        )
        if done is not None:
            self.host.say("Cancelling was asked for. The sync will end as failed: that is how the server tells it.")

    def action_pause(self) -> None:
        """Stop looking, or go on."""
        if self._watch is not None:
            if self._watch.paused:
                self._watch.resume()
            else:
                self._watch.pause()
            self._draw()

    def action_look_now(self) -> None:
        """Look at once."""
        if self._watch is not None:
            self._watch.look_now()

    def action_journal(self) -> None:
        """Show the journal instead of the issues or models, or the other way round, where both do not fit."""
        self.toggle_class("-issues")
        self.query_one("#issues-pane" if self.has_class("-issues") else "#journal-pane").focus()

    def action_json(self) -> None:
        """Show the sync as it came."""
        if self.shown_sync is not None:
            self.host.show_json(self.sync_id, self.shown_sync.to_json())

    def action_compare(self) -> None:
        """Compare it with another sync of its connection."""
        from tui_app.screens.comparison import compare_with_another

        compare_with_another(self.host, self.connection_id, self.sync_id)

    def action_request_sync(self) -> None:
        """Request a new sync."""
        self.host.ask_sync(self.connection_id)

    def action_copy_id(self) -> None:
        """Copy the sync's ID."""
        self.host.copy(self.sync_id, f"sync ID {self.sync_id}")

    def action_hand_over(self) -> None:
        """Hand over what is known of it."""
        self.host.open_hand_over(self.connection_id, self.sync_id)

    def action_copy_as(self) -> None:
        """Copy something else of this sync."""
        from tui_app.screens.copies import sync_copies
        from tui_app.screens.copy_menu import ask_copy

        if self.host.workspace is not None:
            copies = sync_copies(self.host.workspace, self.connection_id, self.sync_id, self.shown_sync)
            ask_copy(self.host, f"sync {self.sync_id}", copies)
