"""One request and its answer in full: headers, bodies, how long it took, and what went wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import getters, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Static

from tui_app.actions import bindings_of
from tui_app.screens.base import AppScreen
from tui_app.screens.requests import copy_as, copy_url
from tui_app.style_sheets import styles
from tui_app.widgets.exchange_view import head_of, sections_of
from tui_app.widgets.json_view import JsonView

if TYPE_CHECKING:
    from tui_app.api.exchanges import Exchange


class ExchangeScreen(AppScreen[None]):
    """Shows one exchange; sent again, it shows how that went.

    Args:
        exchange: Which one.
    """

    CSS_PATH = styles("requests", "json_view")
    SCOPE = "request"
    MORE_SCOPES = ("json",)
    ABOUT = (
        "One request as it was sent and answered. Secrets were masked, and large answers cut, when it was recorded. "
        "Headings, objects and lists fold; / looks for a text in all of it, folded away or not; what is underlined is "
        "an ID, and Enter or a click goes to what has it."
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("request")
    AUTO_FOCUS = "JsonLines"

    view = getters.query_one(JsonView)

    def __init__(self, exchange: Exchange) -> None:
        super().__init__()
        self.exchange = exchange

    def body(self) -> ComposeResult:
        """How it went, then all of it."""
        yield Static(id="request-head")
        yield JsonView(id="request-view")

    def on_mount(self) -> None:
        """Show it."""
        self._draw()

    def tell_time(self) -> None:
        """Times may be told in another zone now."""
        self.query_one("#request-head", Static).update(head_of(self.exchange))

    def _draw(self) -> None:
        from tui_app.screens.ids import known_ids

        self.tell_time()
        self.view.show_sections(sections_of(self.exchange), known_ids(self.host))

    def action_again(self) -> None:
        """Send it again."""
        self._send_again()

    @work(group="order", exclusive=True, exit_on_error=False)
    async def _send_again(self) -> None:
        from tui_app.screens.sending_again import ask_again

        sent = await ask_again(self.host, self.exchange)
        if sent is not None:
            self.exchange = sent
            self._draw()
            self.host.say("Sent again: this is what came.", timeout=3)

    def action_copy_url(self) -> None:
        """Copy its address."""
        copy_url(self, self.exchange)

    def action_copy_as(self) -> None:
        """Copy something else of it."""
        copy_as(self, self.exchange)
