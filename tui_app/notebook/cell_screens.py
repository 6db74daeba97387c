"""The screens as they are in a notebook's cell: drawn on a wire, on a profile that somebody else has opened."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr
from rich.color import ColorSystem
from textual import work

from tui_app.app import Syncscope
from tui_app.browser import why_not
from tui_app.filters import SolidBlocks
from tui_app.models.clock import Clock
from tui_app.notebook.cell_driver import CellDriver
from tui_app.notebook.cell_picture import strips_of
from tui_app.opening import EmbeddedServer, open_workspace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import RenderableType
    from textual.filter import LineFilter
    from textual.screen import Screen
    from textual.strip import Strip

    from tui_app.config.profiles import ProfileStore
    from tui_app.models.profile import Profile
    from tui_app.models.settings import Settings
    from tui_app.notebook.cell_wire import Wire
    from tui_app.workspace import Workspace


class CellScreens(Syncscope):
    """The terminal explorer, for a cell.

    Args:
        lent: The profile that is shown first. It is open, and stays so: it is neither started nor closed here.
        wire: Where it is drawn.
        profiles: What else can be opened; the person's own by default.
        embedded: The embedded server for profiles on it; one of its own by default, which it ends.
        settings: How the person likes things.

    Attributes:
        wire: Where it is drawn.
        worth_seeing: Set once it shows the list, or why there is none.
        last_seen: The lines that stood when it was left; empty until then, and where it broke.
    """

    def __init__(
        self,
        lent: Workspace,
        wire: Wire,
        *,
        profiles: ProfileStore | None = None,
        embedded: EmbeddedServer | None = None,
        settings: Settings | None = None,
    ) -> None:
        super().__init__(
            lent.profile.name, profiles, clock=lent.clock, settings=settings, open_workspace=self._open_or_lend
        )
        self.driver_class = CellDriver
        self.wire = wire
        self.worth_seeing = asyncio.Event()
        self.last_seen: list[Strip] = []
        self.surroundings = {}  # the tools of the kernel's machine reach another clipboard than the person's
        self._lent = lent
        self._shared = embedded
        self._streams = sys.stdout, sys.stderr
        if not self.no_color:
            # The kernel's environment speaks of no terminal, or of another one.
            self.console._color_system = ColorSystem.TRUECOLOR
        wire.repaint = self._repaint

    # What cells print goes where it went before: Textual takes what the whole process prints, which is not only ours

    def keep_streams(self) -> None:
        """Have Textual redirect the streams to where they go anyway; called right before it does."""
        self._capture_stdout = sys.stdout  # type: ignore[assignment]
        self._capture_stderr = sys.stderr  # type: ignore[assignment]

    async def _process_messages_loop(self) -> None:
        try:
            await super()._process_messages_loop()
        finally:
            self._streams = sys.stdout, sys.stderr

    def restore_streams(self) -> None:
        """Undo what Textual has just done: it set those that stood at its beginning, maybe of a cell long over."""
        sys.stdout, sys.stderr = self._streams

    # Drawing

    def get_line_filters(self) -> Sequence[LineFilter]:
        """What is painted passes these."""
        return [*super().get_line_filters(), SolidBlocks()]

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        if not self.worth_seeing.is_set() and self._says_much():
            self.call_after_refresh(self.worth_seeing.set)
        if renderable is not None and not self.wire.free:
            self.wire.miss()
            return
        super()._display(screen, renderable)

    def strips(self) -> list[Strip]:
        """The lines that are on the screen now; once it was left, those that were then."""
        if self._exit or not self.screen_stack:
            return self.last_seen
        with self._context():
            return strips_of(self)

    def _says_much(self) -> bool:
        reading = self.workspace.reading if self.workspace else None
        known = reading is not None and (bool(reading.problem) or reading.complete)
        return known and bool(self.strips()[-1].text.strip())  # what can be pressed is told last

    def _repaint(self) -> None:
        if isinstance(self._driver, CellDriver) and self._running:
            self._driver.repaint()
            with self._context():
                self.refresh()  # a size that is no new one may leave standing what a page has never seen

    def exit(self, result: int | None = None, return_code: int = 0, message: RenderableType | None = None) -> None:
        """Leave, and remember what stood on the screen then."""
        if not self.last_seen:
            self.last_seen = self.strips()
        super().exit(result, return_code, message)

    # The profile that is lent

    def on_mount(self) -> None:
        """End with the profile that is shown. What the class above does here, Textual does besides."""
        self._end_with_lent()

    @work(group="lent", exit_on_error=False)
    async def _end_with_lent(self) -> None:
        async for _ in self._lent.changes():
            continue
        self.exit()

    def _find(self, name: str) -> Profile | None:
        return self._lent.profile if name in ("", self._lent.profile.name) else super()._find(name)

    async def key_for(self, profile: Profile) -> SecretStr | None:
        """A profile's key; of the one that is open already nobody is asked for it."""
        return SecretStr("") if profile is self._lent.profile else await super().key_for(profile)

    async def _open_or_lend(self, profile: Profile, key: SecretStr | None, clock: Clock) -> Workspace:
        if profile is self._lent.profile:
            return self._lent
        if self._shared is None:
            self._shared = self._embedded = EmbeddedServer()
        return await open_workspace(profile, key, clock, self._shared, history=self.settings.history)

    async def _close_profile(self, workspace: Workspace) -> None:
        if workspace is self._lent:
            self.workers.cancel_group(self, "changes")  # else they would be told of while another profile is shown
        else:
            await super()._close_profile(workspace)

    # The person's browser is at the other end of the wire, too

    def open_address(self, url: str, what: str, otherwise: str) -> None:
        """Have the page open an address; where that cannot be, say why, and what to do otherwise."""
        own = self.workspace.base_url if self.workspace else ""
        if problem := why_not(url, own):
            self.say(f"{problem} {otherwise}", title=f"Not opened: {what}", severity="warning", timeout=10)
            return
        self.wire.tell("open", url=url)
        self.say(f"The page was asked to open {what}. If nothing opens, it forbids pop-ups. {otherwise}", timeout=8)
