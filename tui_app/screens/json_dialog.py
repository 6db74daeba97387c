"""Something as the server sent it, in front of the screen that it belongs to."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from tui_app.models.text import safe_text
from tui_app.screens.base import Dialog
from tui_app.screens.ids import known_ids
from tui_app.style_sheets import styles
from tui_app.widgets.json_view import JsonView


class JsonDialog(Dialog[None]):
    """Shows a JSON value, secrets masked: folded, searched, its IDs links.

    Args:
        title: What it is.
        value: Plain JSON values.
    """

    CSS_PATH = styles("fields", "dialogs", "json_view")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "close"),
        Binding("j", "dismiss(None)", "close"),
        Binding("q", "dismiss(None)", "close"),
    ]
    AUTO_FOCUS = "JsonLines"

    def __init__(self, title: str, value: object) -> None:
        super().__init__()
        self._heading, self._value = title, value

    def compose(self) -> ComposeResult:
        """The JSON."""
        with Vertical(classes="dialog -wide"):
            yield Static(Content.styled(safe_text(self._heading, 100), "bold"), classes="dialog-title")
            yield JsonView()
            yield Static(Content.styled("Esc closes this", "$muted"))

    def on_mount(self) -> None:
        """Show it."""
        self.query_one(JsonView).show(self._value, known_ids(self.host))
