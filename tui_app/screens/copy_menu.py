"""The menu of what can be copied, chosen from by letter, arrows or mouse; a secret only once that was asked about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events, getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, OptionList, Static
from textual.widgets.option_list import Option

from tui_app.models.text import safe_text
from tui_app.screens.base import Dialog, Host
from tui_app.screens.copies import Copy
from tui_app.style_sheets import styles

_LABEL = 18  # cells


class CopyMenu(Dialog[Copy | None]):
    """Asks what to copy.

    Args:
        heading: Of what.
        copies: What there is.
    """

    CSS_PATH = styles("fields", "dialogs", "copy_menu")
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "cancel")]

    options = getters.query_one("#copies", OptionList)

    def __init__(self, heading: str, copies: Sequence[Copy]) -> None:
        super().__init__()
        self._heading = heading
        self._copies = {copy.key: copy for copy in copies}
        self._asked: Copy | None = None

    def compose(self) -> ComposeResult:
        """The heading and a line for each; behind them the question about a secret."""
        with Vertical(classes="dialog"):
            yield Static(Content.assemble(("Copy", "bold"), "  ", safe_text(self._heading, 60)), classes="dialog-title")
            with Vertical(id="choosing"):
                yield OptionList(*map(_option, self._copies.values()), id="copies", compact=True)
                yield Static(Content.styled("Enter or its letter copies, Esc leaves", "$muted"), id="copy-keys")
            with Vertical(id="asking"):
                yield Static(id="question")
                yield Static(Content.styled("y copies it, Esc goes back", "$muted"))
                with Horizontal(classes="buttons"):
                    yield Button("Copy it", variant="warning", id="copy", compact=True)
                    yield Button("Leave it", id="leave", compact=True)

    def on_mount(self) -> None:
        """Begin with choosing."""
        self._show()

    def _show(self) -> None:
        asked = self._asked
        self.query_one("#choosing").display = asked is None
        self.query_one("#asking").display = asked is not None
        if asked is None:
            self.set_focus(self.options)
            return
        self.query_one("#question", Static).update(Content(asked.question))
        self.set_focus(self.query_one("#leave"))  # a second Enter by habit copies nothing

    def on_key(self, event: events.Key) -> None:
        """A letter chooses; while something is asked, y answers."""
        if self._asked is not None:
            if event.character in ("y", "n"):
                event.stop()
                self._answer(self._asked if event.character == "y" else None)
        elif event.character in self._copies:
            event.stop()
            self._choose(event.character)

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self._choose(event.option_id or "")

    def _choose(self, key: str) -> None:
        chosen = self._copies[key]
        if chosen.question:
            self._asked = chosen
            self._show()
        else:
            self._answer(chosen)

    @on(Button.Pressed, "#copy")
    def _copy(self) -> None:
        self._answer(self._asked)

    @on(Button.Pressed, "#leave")
    def action_leave(self) -> None:
        """From the question back to choosing; from there, away."""
        if self._asked is None:
            self._answer(None)
        else:
            self._asked = None
            self._show()

    def _answer(self, chosen: Copy | None) -> None:
        if self.is_current:  # keys may come in quick succession: it is left once
            self.dismiss(chosen)


def _option(copy: Copy) -> Option:
    line = Content.assemble(
        (f" {copy.key} ", "bold $accent"), f" {copy.label:<{_LABEL}}", (safe_text(copy.shown, 200), "$muted")
    )
    return Option(line, id=copy.key)


def ask_copy(host: Host, heading: str, copies: Sequence[Copy]) -> None:
    """Ask what to copy, and copy that."""

    def copy(chosen: Copy | None) -> None:
        if chosen is not None:
            host.copy(chosen.text(), chosen.what)

    host.push_screen(CopyMenu(heading, copies), copy)
