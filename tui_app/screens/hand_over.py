"""Handing over what is known of a connection or sync: chosen, looked at as it will be read, and written to a file."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import getters, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Button, Input, RadioSet, Static

from tui_app.models.text import safe_text
from tui_app.screens.base import Dialog
from tui_app.style_sheets import styles
from tui_app.widgets.choice import Choice
from tui_app.widgets.field import Field
from tui_app.widgets.text import shown_block

if TYPE_CHECKING:
    from tui_app.workspace import Workspace
    from tui_app.workspace.handing_over import HandedOver

ROOMY = 30
"""Rows from which on there is room for a hint."""

ENDINGS = {"report": "md", "bundle": "zip"}


class HandOverDialog(Dialog[Path | None]):
    """Shows the report, and writes it or a bundle of all that is known.

    Args:
        workspace: The open profile.
        connection_id: Which connection.
        sync_id: Which of its syncs, where it is about one.
        named: What it is about, in few words.
    """

    CSS_PATH = styles("fields", "dialogs", "hand_over")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "leave"),
        Binding("r", "choose('report')", "choose the report"),
        Binding("b", "choose('bundle')", "choose the bundle"),
        Binding("y", "copy", "copy the report"),
        Binding("ctrl+s", "write", "write the file"),
    ]
    AUTO_FOCUS = "#handed-text"

    place = getters.query_one("#path", Field)

    def __init__(self, workspace: Workspace, connection_id: str, sync_id: str, named: str) -> None:
        super().__init__()
        self._workspace = workspace
        self._about = connection_id, sync_id
        self._named = named
        self._what = "report"
        self._handed: HandedOver | None = None
        self._replacing = ""
        self._own_place = ""

    def compose(self) -> ComposeResult:
        """What to write, what the leak check says, how it reads, and where it goes."""
        with Vertical(classes="dialog -wide"):
            heading = Content.assemble(("Hand over", "bold"), "  ", (safe_text(self._named, 80), "$muted"))
            yield Static(heading, classes="dialog-title")
            with RadioSet(id="what", compact=True):
                yield Choice("Report, to read", value=True, id="report")
                yield Choice("Bundle, to open in another Syncscope", id="bundle")
            yield Static("Gathering what is known …", id="verdict")
            yield Static(id="contents")
            with VerticalScroll(id="handed-text"):
                yield Static(id="report-text")
            yield Field("Write to", "path")
            with Horizontal(classes="buttons"):
                yield Button("Write", variant="primary", id="write", compact=True, disabled=True)
                yield Button("Copy the report", id="copy", compact=True, disabled=True)
                yield Button("Leave", id="leave", compact=True)
            keys = "r report · b bundle · y copies the report · Ctrl+S writes · Esc leaves"
            yield Static(Content.styled(keys, "$muted"), id="handed-keys")

    def on_mount(self) -> None:
        """Gather what there is."""
        self.place.display = False
        self.query_one("#contents").display = False
        self._gather()

    @work(group="gather", exclusive=True, exit_on_error=False)
    async def _gather(self) -> None:
        from tui_app.workspace.handing_over import hand_over

        try:
            self._handed = await hand_over(self._workspace, *self._about)
        except KeyError:
            self.query_one("#verdict", Static).update(Content("This connection is not known any more."))
            return
        self.query_one("#report-text", Static).update(shown_block(self._handed.report, None))
        if self.size.height >= ROOMY:
            self.place.hint = f"a name alone is written to {Path.cwd()}"
        self.place.display = True
        self._show()

    def _show(self) -> None:
        """What was chosen: its files and the leak check's verdict, and where it would be written."""
        handed = self._handed
        if handed is None:
            return
        leaks = handed.leaks if self._what == "bundle" else handed.report_leaks()
        verdict = Content.styled("✓ The leak check found no secret in it.", "$success")
        if leaks:
            found = "; ".join(safe_text(str(leak), 120) for leak in leaks)
            verdict = Content.assemble(("✗ Not written: the leak check found ", "bold $error"), (found, "$error"), ".")
        self.query_one("#verdict", Static).update(verdict)
        contents = self.query_one("#contents", Static)
        contents.display = self._what == "bundle"
        sizes = [f"{name} {_size(size)}" for name, size in handed.sizes()]
        contents.update(Content.styled(" · ".join(sizes), "$muted"))
        self.query_one("#write", Button).disabled = bool(leaks)
        self.query_one("#copy", Button).disabled = bool(handed.report_leaks())
        if self.place.value in ("", self._own_place):  # what the person typed stays
            self._own_place = f"{handed.name}.{ENDINGS[self._what]}"
            self.place.input.value = self._own_place

    # What a person does

    @on(RadioSet.Changed)
    def _chosen(self, event: RadioSet.Changed) -> None:
        event.stop()
        self._what = event.pressed.id or "report"
        self._show()

    def action_choose(self, what: str) -> None:
        """Choose the report or the bundle."""
        self.query_one(f"#{what}", Choice).value = True

    @on(Button.Pressed, "#leave")
    def _leave(self) -> None:
        self.dismiss(None)

    @on(Button.Pressed, "#copy")
    def action_copy(self) -> None:
        """Put the report on the clipboard."""
        if self._handed is not None and not self._handed.report_leaks():
            self.host.copy(self._handed.report, "the report, secrets masked")

    @on(Button.Pressed, "#write")
    @on(Input.Submitted)
    def action_write(self) -> None:
        """Write what was chosen; a file that is there already is only replaced when asked a second time."""
        handed = self._handed
        if handed is None or self.query_one("#write", Button).disabled:
            return
        if not self.place.value:
            self.place.problem = "name a file"
            return
        path = Path(self.place.value).expanduser()
        self._write(path, handed.bundle if self._what == "bundle" else handed.checked_report)

    @work(group="write", exclusive=True, exit_on_error=False)
    async def _write(self, path: Path, make: Callable[[], bytes]) -> None:
        from tui_app.config.files import write_new
        from tui_app.findings.bundle.layout import BundleError

        replacing = self._replacing == str(path)
        try:
            await asyncio.to_thread(lambda: write_new(path, make(), replacing=replacing))
        except FileExistsError:
            self._replacing = str(path)
            self.place.problem = "that file is there already: write again to replace it"
        except OSError as error:
            self.place.problem = f"it could not be written: {(error.strerror or str(error)).lower()}"
        except BundleError as error:
            self.place.problem = error.reason
        else:
            self.host.say(f"Written: {path}", title=f"The {self._what}", timeout=8)
            self.dismiss(path)

    @on(Input.Changed)
    def _moved(self) -> None:
        self.place.problem = ""


def _size(size: int) -> str:
    return f"{size:,} B" if size < 1000 else f"{size / 1000:,.1f} kB"
