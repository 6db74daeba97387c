"""What a bulk action asks first: one window for all its syncs, or which tags to add and to remove."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Input, Static

from tui_app.models.text import safe_text
from tui_app.screens.base import Dialog
from tui_app.screens.dialogs import SyncDialog
from tui_app.widgets.field import Field
from tui_app.widgets.plain_fields import list_of

if TYPE_CHECKING:
    from tui_app.api.base import Capabilities
    from tui_app.models.connection import Connection

SHOWN_TAGS = 8
"""Tags named at most, the most frequent first: whoever removes one need not remember how it is written."""


class BulkSyncDialog(SyncDialog):
    """Asks which window the syncs of several connections should bring in.

    Args:
        connection: Any of them.
        can: What the server can do.
        count: How many they are.
    """

    def __init__(self, connection: Connection, can: Capabilities, count: int) -> None:
        super().__init__(connection, can, running=False)
        self._count = count

    def heading(self) -> Content:
        """How many are asked for."""
        noun = "connection" if self._count == 1 else "connections"
        return Content.assemble(("Request syncs", "bold"), f"  of {self._count} {noun}, all alike")

    def warnings(self) -> ComposeResult:
        """None: what speaks against each stands in the list."""
        return iter(())

    def what_is_read(self) -> Content:
        """What a server that syncs model by model brings in."""
        return Content("One job for each model that is read. From when they read is the server's own decision.")


class TagsDialog(Dialog[tuple[tuple[str, ...], tuple[str, ...]] | None]):
    """Asks which tags to add and which to remove.

    Args:
        count: How many connections it is about.
        present: The tags of each, as they are known.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "cancel")]

    def __init__(self, count: int, present: Iterable[Iterable[str]]) -> None:
        super().__init__()
        self._count = count
        self._present = Counter(tag for tags in present for tag in dict.fromkeys(tags))

    def compose(self) -> ComposeResult:
        """Two fields, what is there now, and two buttons."""
        noun = "connection" if self._count == 1 else "connections"
        with Vertical(classes="dialog"):
            yield Static(
                Content.assemble(("Change tags", "bold"), f"  of {self._count} {noun}"), classes="dialog-title"
            )
            yield Static(
                "Each keeps its other tags. They are read again before anything is sent.", classes="hint", markup=False
            )
            if self._present:
                yield Static(self._what_is_there(), classes="hint")
            yield Field("Add", "add", placeholder="e.g. midwest, vip", hint="separated by commas")
            yield Field("Remove", "remove", hint="separated by commas")
            with Horizontal(classes="buttons"):
                yield Button("See what changes", variant="primary", id="go-on", compact=True)
                yield Button("Cancel", id="cancel", compact=True)

    def _what_is_there(self) -> Content:
        most = self._present.most_common(SHOWN_TAGS)
        named = ", ".join(f"{safe_text(tag, 30)} ({count})" for tag, count in most)
        more = len(self._present) - len(most)
        return Content(f"There now: {named}{f' and {more} more' if more else ''}.")

    def on_mount(self) -> None:
        """What is typed first is added."""
        self.set_focus(self.query_one("#add", Field).input)

    @on(Button.Pressed, "#cancel")
    def _cancel(self) -> None:
        self.dismiss(None)

    @on(Button.Pressed, "#go-on")
    @on(Input.Submitted)
    def _go_on(self) -> None:
        add_field, remove_field = self.query_one("#add", Field), self.query_one("#remove", Field)
        add, remove = (tuple(dict.fromkeys(list_of(field.value))) for field in (add_field, remove_field))
        add_field.problem = remove_field.problem = ""
        if not add and not remove:
            add_field.problem = "give a tag to add, or one to remove"
        elif both := [tag for tag in add if tag in remove]:
            remove_field.problem = f"“{safe_text(both[0], 30)}” cannot be both added and removed"
        else:
            self.dismiss((add, remove))
