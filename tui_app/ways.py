"""Ways to go: what leads over several screens, and so belongs to none of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING

from textual import work
from textual.screen import Screen

from tui_app.screens.base import AppScreen, Host

if TYPE_CHECKING:
    from tui_app.models.pasted import Pasted
    from tui_app.widgets.json_lines import IdChosen
    from tui_app.workspace import Workspace
    from tui_app.workspace.search import Place


class Ways(Host):
    """The part of the app that leads from screen to screen."""

    def open_connection(self, connection_id: str) -> None:
        """Show one connection."""
        from tui_app.screens.connection import ConnectionScreen

        if self.workspace is not None and self.workspace.row(connection_id) is not None:
            self.push_screen(ConnectionScreen(connection_id))

    def open_sync(self, connection_id: str, sync_id: str) -> None:
        """Show one sync and follow it; where it is on screen already, nothing is put over it."""
        from tui_app.screens.sync import SyncScreen

        if isinstance(self.screen, SyncScreen):
            if self.screen.sync_id == sync_id:
                return
            self.switch_screen(SyncScreen(connection_id, sync_id))
        else:
            self.push_screen(SyncScreen(connection_id, sync_id))

    def land(self, text: str | Pasted) -> None:
        """Open the object of whatever somebody sent: at once where it was seen, else by a search with its progress.

        Args:
            text: An ID, a connection token, a DOT number, a reference or a name, or a line that holds one.
        """
        self._land(text)

    @work(group="go", exclusive=True, exit_on_error=False)
    async def _land(self, text: str | Pasted) -> None:
        from tui_app.screens.find import FindDialog

        if self.workspace is None:
            self.say("No server is open yet.", severity="warning")
            return
        found = self.workspace.landing.find(text)
        if found.pasted.refusal:
            self.say(found.words, severity="warning", timeout=12)
            return
        place = found.places[0] if len(found.places) == 1 else await self.push_screen_wait(FindDialog(found.pasted))
        if place is not None:
            self._open_place(place)

    def open_find(self) -> None:
        """Ask what to find, and open it."""
        self._ask_what_to_find()

    @work(group="go", exclusive=True, exit_on_error=False)
    async def _ask_what_to_find(self) -> None:
        from tui_app.screens.find import FindDialog

        if self.workspace is None:
            self.say("No server is open yet.", severity="warning")
        elif (place := await self.push_screen_wait(FindDialog())) is not None:
            self._open_place(place)

    def _open_place(self, place: Place) -> None:
        """Show what was found, over what it was asked from: that is where Escape leads back to."""
        from tui_app.screens.connection import ConnectionScreen
        from tui_app.screens.sync import SyncScreen

        if self.workspace is None or self.workspace.row(place.connection_id) is None:
            self.say(f"Its connection {place.connection_id} is not in the list.", severity="warning")
            return
        shown = self.screen
        if place.sync_id:
            if not isinstance(shown, SyncScreen) or shown.sync_id != place.sync_id:
                self.push_screen(SyncScreen(place.connection_id, place.sync_id))
        elif not isinstance(shown, ConnectionScreen) or shown.connection_id != place.connection_id or place.issue_id:
            self.push_screen(ConnectionScreen(place.connection_id, place.issue_id))

    def reads_first(self, connection_ids: Sequence[str], go: Callable[[], object]) -> bool:
        """Whether connections are known from an earlier start only, of which there is no token.

        They are read then, and `go` is done afterwards; where they cannot be read, it is said why, and nothing is done.
        """
        workspace = self.workspace
        rows = [workspace.row(each) for each in connection_ids] if workspace else []
        waiting = [row.id for row in rows if row is not None and row.connection.recalled_at is not None]
        if waiting:
            self._read_first(waiting[0], go)
        return bool(waiting)

    @work(group="first", exclusive=True, exit_on_error=False)
    async def _read_first(self, connection_id: str, go: Callable[[], object]) -> None:
        from tui_app.api.errors import ApiError

        if self.workspace is None:
            return
        self.say("This was seen at an earlier start: it is read first.", timeout=4)
        try:
            await self.workspace.fleet.fetch(connection_id)  # all others are read with it
        except ApiError as error:
            self.complain(error.problem)
            return
        go()

    def watch_newest(self, connection_id: str) -> None:
        """Show a connection's newest sync and follow it."""
        self._watch_newest(connection_id)

    @work(group="go", exclusive=True, exit_on_error=False)
    async def _watch_newest(self, connection_id: str) -> None:
        from tui_app.api.errors import ApiError

        workspace = self.workspace
        row = workspace.row(connection_id) if workspace else None
        if workspace is None or row is None:
            return
        if row.last_sync is None:
            try:
                row = await workspace.read_connection(connection_id)
            except ApiError as error:
                self.complain(error.problem, "Could not look for its newest sync")
                return
        if row.last_sync is None:
            self.say("It was never synced. Press s to request a sync.", title=row.connection.name)
            return
        self.open_sync(connection_id, row.last_sync.id)

    async def open_sandbox(self) -> None:
        """Show the embedded server's clock and scenarios, about the connection that one comes from."""
        from tui_app.screens.sandbox import SandboxScreen

        behind = next((screen for screen in reversed(self.screen_stack) if isinstance(screen, AppScreen)), None)
        subject = behind.subject if behind is not None and self.current_mode != "sandbox" else None
        await self.switch_mode("sandbox")
        while len(self.screen_stack) > 1:
            await self.pop_screen()
        if subject is not None and isinstance(self.screen, SandboxScreen):
            self.screen.chosen = subject

    async def open_create(self) -> None:
        """Show the form that makes a connection."""
        if self.workspace is None:
            self.say("No server is open yet.", severity="warning")
        elif self.workspace.capabilities.create_fields:
            from tui_app.screens.connection_form import NewConnectionScreen

            self._create(NewConnectionScreen())
        elif self.workspace.capabilities.create_connection:
            from tui_app.screens.create import CreateScreen

            self._create(CreateScreen())
        elif self._links:
            from tui_app.screens.link import LinkScreen

            why = "This server does not create connections directly: by Link, the fleet signs in on its own page."
            self._create(LinkScreen(why=why))
        else:
            self.say("This server does not create connections directly.", severity="warning")

    @property
    def _links(self) -> bool:
        can = self.workspace.capabilities if self.workspace else None
        return can is not None and (can.links or can.public_tokens)

    def open_by_link(self) -> None:
        """Show the way by Link: a link for the fleet, and the token that it brings back."""
        if self.workspace is None:
            self.say("No server is open yet.", severity="warning")
        elif self._links:
            from tui_app.screens.link import LinkScreen

            self._create(LinkScreen())
        else:
            self.say("This server has no Link.", severity="warning")

    def open_passthrough(self, connection_id: str) -> None:
        """Show the form by which a connection's provider is asked."""
        workspace = self.workspace
        if workspace is None or workspace.row(connection_id) is None:
            return
        if not workspace.capabilities.passthrough:
            self.say("This server passes nothing on to providers.", severity="warning")
            return
        if self.reads_first([connection_id], lambda: self.open_passthrough(connection_id)):
            return
        from tui_app.screens.passthrough import PassthroughScreen

        self.push_screen(PassthroughScreen(connection_id))

    def open_hand_over(self, connection_id: str, sync_id: str = "") -> None:
        """Show the report of a connection or sync, to be written or copied, and what a bundle would hold."""
        from tui_app.screens.hand_over import HandOverDialog

        workspace = self.workspace
        row = workspace.row(connection_id) if workspace else None
        if workspace is not None and row is not None:
            named = f"{row.connection.name} · {sync_id}" if sync_id else row.connection.name
            self.push_screen(HandOverDialog(workspace, connection_id, sync_id, named))

    def show_recorded(self) -> None:
        """Show what a recording is about, where one is open."""
        subject = self.workspace.subject if self.workspace else None
        if subject is not None:
            self.open_connection(subject[0])
            if subject[1]:
                self.open_sync(*subject)

    def _only_recorded(self) -> bool:
        """Whether a recording is open, of which nothing can be asked: then this is said."""
        if self.workspace is None or not self.workspace.capabilities.recorded:
            return False
        self.say("This is a recording: nothing can be asked of its server.", severity="warning")
        return True

    def open_relink(self, connection_id: str) -> None:
        """Open the page where a fleet signs in again, in a browser."""
        workspace = self.workspace
        row = workspace.row(connection_id) if workspace else None
        if workspace is None or row is None or self._only_recorded():
            return
        url = row.connection.link_url
        if not url and self.reads_first([connection_id], lambda: self.open_relink(connection_id)):
            return
        if not url:
            self.say("The server names no re-link URL for it.", title=row.connection.name, severity="warning")
            return
        if workspace.profile.embedded:  # the page that it stands for is on that server
            from tui_app.browser import on_server

            url = on_server(url, workspace.base_url)
        self.open_address(url, "its re-link URL", "Press Y, then l, to copy it.")

    def open_address(self, url: str, what: str, otherwise: str) -> None:
        """Open an address in a browser; where that cannot be, say why, and what to do otherwise."""
        self._browse(url, what, otherwise)

    @work(group="browser", exclusive=True, exit_on_error=False)
    async def _browse(self, url: str, what: str, otherwise: str) -> None:
        from tui_app.browser import open_address, why_not

        own = self.workspace.base_url if self.workspace else ""
        if self.is_web:  # the browser that shows these screens is where the person is
            if not (problem := why_not(url, own)):
                self.open_url(url)
        else:
            problem = await open_address(url, own)
        if problem:
            self.say(f"{problem} {otherwise}", title=f"Not opened: {what}", severity="warning", timeout=10)
        else:
            self.say(f"Opened {what} in the browser")

    @work(group="go", exclusive=True, exit_on_error=False)
    async def _create(self, form: Screen[str | None]) -> None:
        created = await self.push_screen_wait(form)
        if created is not None:
            self.open_connection(created)

    def open_edit(self, connection_id: str) -> None:
        """Show the form that changes a connection."""
        workspace = self.workspace
        if workspace is None or workspace.row(connection_id) is None:
            return
        if not workspace.capabilities.edit_fields:
            self.say("This server does not change connections.", severity="warning")
            return
        if self.reads_first([connection_id], lambda: self.open_edit(connection_id)):
            return
        from tui_app.screens.connection_form import EditConnectionScreen

        self.push_screen(EditConnectionScreen(connection_id))

    def ask_sync(self, connection_id: str) -> None:
        """Ask which window to sync, request it, and show it."""
        if not self.reads_first([connection_id], lambda: self.ask_sync(connection_id)):
            self._ask_sync(connection_id)

    @work(group="go", exclusive=True, exit_on_error=False)
    async def _ask_sync(self, connection_id: str) -> None:
        from tui_app.api.errors import ApiError
        from tui_app.screens.dialogs import SyncDialog

        workspace = self.workspace
        row = workspace.row(connection_id) if workspace else None
        if workspace is None or row is None:
            return
        if self._only_recorded():
            return
        running = row.last_sync is not None and not row.last_sync.phase.is_final
        request = await self.push_screen_wait(SyncDialog(row.connection, workspace.capabilities, running))
        if request is None or not await self.may_write("request_sync", f"request a sync of {row.connection.name}"):
            return
        try:
            requested = await workspace.request_sync(connection_id, request)
        except ApiError as error:
            self.complain(error.problem, "Requesting the sync")
            return
        if requested.attached:
            self.say("A sync of this connection runs already: this is it. No second one was started.", timeout=8)
        self.open_sync(connection_id, requested.sync.id)

    async def may_write(self, action: str, what: str) -> bool:
        """Ask for an unlock where the profile is locked."""
        workspace = self.workspace
        if workspace is None:
            return False
        if workspace.gate.allows(action):
            return True
        if self._only_read(workspace):
            return False
        from tui_app.screens.dialogs import UnlockDialog

        if not await self.push_screen_wait(UnlockDialog(workspace.profile.name, workspace.environment.value, what)):
            return False
        workspace.gate.unlock(action)
        return True

    async def may_write_each(self, action: str, what: str, targets: Sequence[str]) -> bool:
        """Ask for an unlock of one request for each of these targets, where the profile is locked."""
        workspace = self.workspace
        if workspace is None:
            return False
        if self._only_read(workspace):
            return False
        if workspace.gate.locked:
            from tui_app.screens.dialogs import UnlockDialog

            profile, environment = workspace.profile.name, workspace.environment.value
            if not await self.push_screen_wait(UnlockDialog(profile, environment, what, len(targets))):
                return False
            workspace.gate.unlock_each(action, targets)
        return True

    def _only_read(self, workspace: Workspace) -> bool:
        """Whether nothing can be changed, and nothing unlocked either: then this is said."""
        if workspace.gate.sealed:
            from tui_app.api.gate import SEALED

            self.say(SEALED, title="Read-only", severity="warning", timeout=8)
        return workspace.gate.sealed

    def open_bulk(self, action: str, connection_ids: Sequence[str], hidden: Collection[str]) -> None:
        """Show what a bulk action would do to these connections; while another one runs, that one instead."""
        from tui_app.screens.bulk import BulkScreen
        from tui_app.workspace.bulk import Stage
        from tui_app.workspace.bulk_orders import bulk_of

        workspace = self.workspace
        if workspace is None or not connection_ids or self._only_recorded():
            return
        if workspace.bulk is not None and workspace.bulk.stage is Stage.RUNNING:
            self.say("One bulk action at a time: this one still runs.", severity="warning")
            self.show_bulk()
            return

        def again() -> None:
            left = [each for each in connection_ids if workspace.row(each) is not None]
            self.open_bulk(action, left, [each for each in hidden if each in left])

        if self.reads_first(connection_ids, again):
            return
        self.push_screen(BulkScreen(bulk_of(workspace, action, connection_ids, hidden)))

    def show_bulk(self) -> None:
        """Come back to the latest bulk action."""
        from tui_app.screens.bulk import BulkScreen

        if self.workspace is not None and self.workspace.bulk is not None:
            self.push_screen(BulkScreen(self.workspace.bulk))

    def tell_bulk_end(self, text: str) -> None:
        """Say that a bulk action has ended, unless it is on screen."""
        if getattr(self.screen, "SCOPE", "") != "bulk":
            self.say(f"{text} Press b in the list to see each outcome.", title="Bulk action", timeout=12)

    def on_id_chosen(self, event: IdChosen) -> None:
        """An ID in a text or in JSON is a way to what has it."""
        event.stop()
        self.land(event.text)

    def show_json(self, title: str, value: object) -> None:
        """Show something as the server sent it."""
        from tui_app.screens.json_dialog import JsonDialog

        self.push_screen(JsonDialog(title, value))
