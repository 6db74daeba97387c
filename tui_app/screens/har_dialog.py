"""Asks where a HAR file should be written; over another file only once that was asked about."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Input, Static

from tui_app.screens.base import Dialog
from tui_app.widgets.field import Field
from tui_app.workspace.har_file import here, place_of


@dataclass(frozen=True, slots=True)
class HarPlace:
    """Where to write.

    Attributes:
        path: The file.
        replace: Whether a file that is there may be replaced.
    """

    path: Path
    replace: bool


class HarDialog(Dialog[HarPlace | None]):
    """Asks for the file.

    Args:
        what: What will be in it, e.g. ``all 120 requests``.
        suggested: The name that stands in the field first.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "cancel")]

    def __init__(self, what: str, suggested: str) -> None:
        super().__init__()
        self._what, self._suggested = what, suggested

    def compose(self) -> ComposeResult:
        """What will be written, where, two buttons."""
        with Vertical(classes="dialog"):
            yield Static(Content.assemble(("Save as HAR", "bold"), f"  {self._what}"), classes="dialog-title")
            yield Static(
                "Browsers' tools read it. Keys, tokens and passwords in it are masked; what servers said else, such as "
                "names and addresses, is not. Only you can read the file.",
                classes="hint",
            )
            yield Field("File", "file", self._suggested, hint=f"in {here()}, unless you give another folder")
            with Horizontal(classes="buttons"):
                yield Button("Save", variant="primary", id="save", compact=True)
                yield Button("Replace it", variant="warning", id="replace", compact=True)
                yield Button("Cancel", id="cancel", compact=True)

    def on_mount(self) -> None:
        """Its name can be typed at once; nothing is replaced yet."""
        self.query_one("#replace").display = False
        self.set_focus(self.query_one("#file", Field).input)

    @on(Input.Changed)
    def _other_file(self, event: Input.Changed) -> None:
        event.stop()
        self._may_replace(False)
        self.query_one("#file", Field).problem = ""

    def _may_replace(self, there: bool) -> None:
        self.query_one("#replace").display = there
        self.query_one("#save").display = not there

    @on(Button.Pressed, "#save")
    @on(Input.Submitted)
    def _save(self) -> None:
        field = self.query_one("#file", Field)
        path, problem = place_of(field.value) if field.value else (Path(), "say which file to write")
        if not problem and path.exists():
            self._may_replace(True)
            field.problem = "this file is there already: replace it, or give another name"
            self.set_focus(self.query_one("#cancel"))  # a second Enter by habit replaces nothing
        elif problem:
            field.problem = problem
        else:
            self.dismiss(HarPlace(path, replace=False))

    @on(Button.Pressed, "#replace")
    def _replace(self) -> None:
        self.dismiss(HarPlace(place_of(self.query_one("#file", Field).value)[0], replace=True))

    @on(Button.Pressed, "#cancel")
    def _cancel(self) -> None:
        self.dismiss(None)
