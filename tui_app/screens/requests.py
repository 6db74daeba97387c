"""Every request of the session, as it was sent and answered: to see what happened, and to show it to others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

from textual import events, getters, on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Input, Static

from tui_app.actions import bindings_of
from tui_app.api.exchange_filter import parse_exchange_filter
from tui_app.changes import ServerChanged
from tui_app.models.filter import Filter, FilterError
from tui_app.models.text import safe_text
from tui_app.screens.base import AppScreen
from tui_app.style_sheets import styles
from tui_app.widgets.exchange_view import exchange_columns
from tui_app.widgets.field import SafeInput
from tui_app.widgets.spans import Spans
from tui_app.widgets.table import Table

if TYPE_CHECKING:
    from tui_app.api.exchanges import Exchange
    from tui_app.changes import Change
    from tui_app.workspace import Workspace


class RequestsScreen(AppScreen[None]):
    """The list, oldest first, so that no line moves while new ones come."""

    CSS_PATH = styles("requests")
    SCOPE = "requests"
    ABOUT = (
        "Every request that was sent since the profile was opened, the newest last, with what came and how long it "
        "took, by this machine's clock. Secrets were masked when it was recorded. While the cursor stands on the "
        "newest, it goes on to each that comes. Words narrow the list; so do status:4xx, method:post, path:syncs, "
        "is:failed, is:retried, and any ID, also where it stands in what was sent or came."
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("requests")
    AUTO_FOCUS = "#exchanges"

    table = getters.query_one("#exchanges", Table)
    filter_input = getters.query_one("#filter", Input)

    def __init__(self) -> None:
        super().__init__()
        self._filter: Filter[Exchange] = Filter()
        self._newest = 0

    def body(self) -> ComposeResult:
        """Filter, a line that counts, the table."""
        with Horizontal(id="filter-line"):
            yield Static("/", id="filter-mark")
            place = SafeInput(
                id="filter", compact=True, placeholder="filter: any words or IDs, status:4xx method:post is:failed"
            )
            place.cursor_blink = False
            yield place
        yield Static(id="requests-said")
        yield Table[Any](
            exchange_columns(self._base_path, self._name_of), lambda exchange: str(exchange.number), id="exchanges"
        )

    def on_mount(self) -> None:
        """Show what was sent so far."""
        self.watch(self.host, "workspace", self._opened, init=False)
        self._draw()

    def _opened(self, workspace: Workspace | None) -> None:
        self._newest = 0
        self._draw()

    def on_change(self, change: Change) -> None:
        """The server's health is told after each exchange: there is another one."""
        if isinstance(change, ServerChanged) and self.is_current:
            self._draw()

    def on_screen_resume(self) -> None:
        """What was sent behind another screen is shown now."""
        self._draw()

    def tell_time(self) -> None:
        """Times may be told in another zone now."""
        self.table.refresh()

    # What is shown

    @property
    def _all(self) -> list[Exchange]:
        return list(self.host.workspace.recorder) if self.host.workspace else []

    def _base_path(self) -> str:
        return urlsplit(self.host.workspace.base_url).path.rstrip("/") if self.host.workspace else ""

    def _name_of(self, object_id: str) -> str:
        workspace = self.host.workspace
        row = workspace.row(object_id) if workspace else None
        return row.connection.name if row else ""

    def _draw(self) -> None:
        everything = self._all
        fitting = [exchange for exchange in everything if self._filter(exchange)]
        current: Exchange | None = self.table.current
        newest = fitting[-1].number if fitting else 0
        follows = current is None or current.number == self._newest
        self._newest = newest
        self.table.empty = self._empty(bool(everything))
        self.table.set_rows(fitting)
        if follows and fitting:
            self.table.select(str(newest))
        self._say(everything, len(fitting))

    def _empty(self, narrowed: bool) -> Spans:
        if narrowed:
            return (("No request fits this filter. ", ""), ("Press Esc twice to clear it.", "muted"))
        if self.host.workspace is None:
            return ((self.host.opening or "No profile is open. Press 5 to open one.", "muted"),)
        return (
            ("Nothing was sent yet. ", ""),
            ("Each request appears here as it is sent: press 1, then R, to read the list.", "muted"),
        )

    def _say(self, everything: list[Exchange], fitting: int) -> None:
        failed = sum(1 for exchange in everything if exchange.error)
        count = len(everything)
        noun = "request" if count == 1 else "requests"
        pieces: list[str | tuple[str, str]] = [
            f"{fitting:,} of {count:,} {noun}" if self._filter.tests else f"{count:,} {noun}"
        ]
        if failed:
            pieces += ["   ", (f"✗ {failed:,} failed", "$error")]
        gone = everything[0].number - 1 if everything else 0
        if gone:
            pieces.append((f"   the {gone:,} before them are no longer kept", "$muted"))
        self.query_one("#requests-said", Static).update(Content.assemble(*pieces))

    # What a person does

    @on(Input.Changed, "#filter")
    def _filter_typed(self, event: Input.Changed) -> None:
        event.stop()
        try:
            self._filter = parse_exchange_filter(event.value)
        except FilterError as error:
            problem = Content.styled(f"✗ {safe_text(str(error), 200)}", "$error")
            self.query_one("#requests-said", Static).update(problem)
            return
        self._draw()

    @on(Input.Submitted, "#filter")
    def _filter_done(self, event: Input.Submitted) -> None:
        event.stop()
        self.set_focus(self.table)

    def on_key(self, event: events.Key) -> None:
        """From the filter, the arrow down goes into the list."""
        if event.key == "down" and self.filter_input.has_focus:
            event.stop()
            self.set_focus(self.table)

    @on(Table.Chosen, "#exchanges")
    def _chosen(self, event: Table.Chosen) -> None:
        from tui_app.screens.exchange import ExchangeScreen

        event.stop()
        self.app.push_screen(ExchangeScreen(event.row))

    def action_open(self) -> None:
        """Open the selected request."""
        self.table.action_choose()

    def action_filter(self) -> None:
        """Go to the filter."""
        self.set_focus(self.filter_input)

    def action_again(self) -> None:
        """Send the selected request again."""
        if self.table.current is not None:
            self._send_again(self.table.current)

    @work(group="order", exclusive=True, exit_on_error=False)
    async def _send_again(self, exchange: Exchange) -> None:
        from tui_app.screens.sending_again import ask_again

        sent = await ask_again(self.host, exchange)
        self._draw()
        if sent is not None and not self.table.select(str(sent.number)):
            self.host.say("It was sent again. The filter hides it.")

    def action_copy_url(self) -> None:
        """Copy the selected request's address."""
        if self.table.current is not None:
            copy_url(self, self.table.current)

    def action_copy_as(self) -> None:
        """Copy something else of it."""
        if self.table.current is not None:
            copy_as(self, self.table.current)

    def action_export(self) -> None:
        """Write what is shown to a file."""
        if self.host.workspace is None or not self.table.rows:
            self.host.say("There is no request to save here.", severity="warning")
        else:
            self._export(self.host.workspace, [each for each in self._all if self._filter(each)])

    @work(group="export", exclusive=True, exit_on_error=False)
    async def _export(self, workspace: Workspace, exchanges: list[Exchange]) -> None:
        import asyncio

        from tui_app.screens.har_dialog import HarDialog
        from tui_app.workspace.har_file import har_name, write_har

        count = f"{len(exchanges):,} request{'s' * (len(exchanges) != 1)}"
        what = f"the {count} that the filter shows" if self._filter.tests else f"all {count}"
        name = har_name(workspace.profile.name, workspace.clock.now())
        place = await self.app.push_screen_wait(HarDialog(what, name))
        if place is None:
            return
        try:
            await asyncio.to_thread(write_har, exchanges, place.path, replace=place.replace)
        except OSError as error:
            why = error.strerror or str(error)
            self.host.say(f"{place.path}: {why}", title="Nothing was saved", severity="error", timeout=12)
            return
        self.host.say(f"{count} written to {place.path}", title="Saved as HAR", timeout=12)

    async def action_back(self) -> None:
        """Leave the filter; from the list, clear it; where there is none, go back to the connections."""
        if self.filter_input.has_focus:
            self.set_focus(self.table)
        elif self.filter_input.value:
            self.filter_input.value = ""
        else:
            await self.app.switch_mode("connections")


def copy_url(screen: AppScreen[Any], exchange: Exchange) -> None:
    """Copy an exchange's address."""
    from tui_app.api.exchanges import sendable_url

    screen.host.copy(safe_text(sendable_url(exchange.url)), "the URL")


def copy_as(screen: AppScreen[Any], exchange: Exchange) -> None:
    """Ask what to copy of an exchange, and copy that."""
    from tui_app.screens.copies import exchange_copies
    from tui_app.screens.copy_menu import ask_copy

    ask_copy(screen.host, f"{exchange.method} {exchange.request.path}", exchange_copies(exchange))
