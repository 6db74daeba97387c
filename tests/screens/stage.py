"""What drives the app in tests: keys, clicks and time, and what a person would then see."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import SecretStr
from textual import events
from textual.keys import _character_to_key
from textual.pilot import Pilot
from textual.widget import Widget
from textual.widgets._toast import Toast

from tests.clocks import FakeClock, settle, until
from tui_app.api.transport import Transport
from tui_app.app import Syncscope
from tui_app.config.profiles import ProfileStore
from tui_app.history import History, Place
from tui_app.logs.log_file import LogFile
from tui_app.logs.redaction import masker
from tui_app.models.clock import Clock
from tui_app.models.profile import Profile
from tui_app.sandbox.server import Sandbox
from tui_app.screens.connections import ConnectionsScreen
from tui_app.screens.issues import IssuesScreen
from tui_app.screens.sync import SyncScreen
from tui_app.screens.watching import WatchingScreen
from tui_app.widgets.field import Field
from tui_app.workspace import Workspace

if TYPE_CHECKING:
    from tui_app.workspace.remembering import OpenHistory

SMALL, MEDIUM, LARGE = (80, 24), (120, 40), (160, 50)
SIZES = (SMALL, MEDIUM, LARGE)

DRAWN_TOGETHER = (ConnectionsScreen, IssuesScreen, WatchingScreen)
"""Screens that let a moment pass, so that several changes are drawn at once."""

# Clock steps are real work: a request, an answer, a repaint. What needs more than this waits for something else.
_LIMIT_S = 20.0


_CHARACTERS = {"space": " ", "slash": "/", "question_mark": "?"}


class Traffic:
    """How many requests are under way, over all transports that it watches."""

    def __init__(self) -> None:
        self.under_way = 0

    def count(self, transport: Transport) -> None:
        """Count a transport's requests from now on."""
        receive = transport._receive

        async def counted(call: object) -> object:
            self.under_way += 1
            try:
                return await receive(call)  # type: ignore[arg-type]
            finally:
                self.under_way -= 1

        setattr(transport, "_receive", counted)  # noqa: B010 - a method, which mypy lets nobody assign


class Stage:
    """One app under test.

    Attributes:
        app: The app.
        clock: The time it lives by, which stands still unless a test lets it pass.
        traffic: The requests that it has under way.
        opened: Every workspace that was opened, in order.
    """

    def __init__(
        self,
        clock: FakeClock,
        profiles: ProfileStore,
        profile: str | None = None,
        *,
        open_as: Callable[[Profile, SecretStr | None], tuple[str, SecretStr]] | None = None,
        log_file: LogFile | None = None,
        sandbox: Sandbox | None = None,
        history: Path | None = None,
    ) -> None:
        """Make the app; it runs when `run_test` or a snapshot runs it.

        Args:
            clock: Its time.
            profiles: The servers that can be opened.
            profile: Which to open.
            open_as: Tells a profile's address and key, e.g. those of an embedded server that is running already.
            log_file: Where what happens is written, if anywhere.
            sandbox: The server that embedded profiles have in hand: its clock and its scenarios.
            history: The file in which what is seen is kept, if it is.
        """
        self.clock = clock
        self.traffic = Traffic()
        self.opened: list[Workspace] = []
        self._open_as = open_as
        self._sandbox = sandbox
        self._history = history
        self._pilot: Pilot[int] | None = None
        self.app = Syncscope(profile, profiles, clock=clock, log_file=log_file, open_workspace=self._open)
        self.app.animation_level = "none"
        self.app.surroundings = {}  # nobody's own clipboard is touched

    async def _open(self, profile: Profile, key: SecretStr | None, clock: Clock) -> Workspace:
        if self._open_as is not None:
            url, key = self._open_as(profile, key)
        else:
            assert profile.base_url is not None
            url = profile.base_url
        assert key is not None
        sandbox = self._sandbox if profile.embedded else None
        history = self._opens_history(profile, url) if self._history else None
        workspace = Workspace(profile, url, key, clock=clock, sandbox=sandbox, history=history)
        self.traffic.count(workspace.api.transport)
        self.opened.append(workspace)
        return workspace

    def _opens_history(self, profile: Profile, url: str) -> OpenHistory:
        path, place = self._history, Place(profile.name, url, profile.kind)
        return lambda tell: History.open(path, place, masks=masker, tell=tell)

    async def begin(self, pilot: Pilot[int], *, resting: bool = True) -> None:
        """Take the pilot of the running app, and wait until the first screen says what it can say at once."""
        self._pilot = pilot
        if resting:
            await until(lambda: bool(self.app.opening or self.app.workspace))
            await self.rest()

    @property
    def pilot(self) -> Pilot[int]:
        """The pilot of the running app."""
        assert self._pilot is not None
        return self._pilot

    @property
    def workspace(self) -> Workspace:
        """The open profile."""
        assert self.app.workspace is not None
        return self.app.workspace

    # Time

    async def rest(self) -> None:
        """Wait until nothing is under way any more but what waits for time."""
        app = self.app
        end = asyncio.get_running_loop().time() + _LIMIT_S
        quiet = 0
        while quiet < 3:
            # Off the processor meanwhile: the server wants it.
            await until(lambda: not self.traffic.under_way, limit=_LIMIT_S)
            await settle()
            while any(node.message_queue_size for node in (app, *app.screen.walk_children(with_self=True))):
                await settle()
            app.screen._on_timer_update()
            if isinstance(app.screen, DRAWN_TOGETHER) and app.screen._draw_waits:
                app.screen._draw()  # a tenth of a second early, each time
            # An app that leaves waits for no key any more.
            typing = app._key_under_way and not app._exit
            busy = self.traffic.under_way or typing or app.opening.endswith("…") or self._to_be_laid_out()
            quiet = 0 if busy else quiet + 1
            await asyncio.sleep(0 if quiet else 0.001)
            if self._asks():
                return
            if quiet == 1 and isinstance(app.screen, SyncScreen) and app.screen.is_mounted:
                app.screen._draw_time(app.screen._view())  # as each second does
            assert asyncio.get_running_loop().time() < end, f"the app does not come to rest: {self._restless()}"

    def _to_be_laid_out(self) -> list[Widget]:
        """What has asked for a layout that has not come yet."""
        screen = self.app.screen
        if not screen.is_current:
            return []
        # One that was hidden from the beginning is told of no idle moment, and so asks until it is shown.
        widgets = [node for node in screen.walk_children(with_self=True) if isinstance(node, Widget) and node.display]
        return [widget for widget in widgets if widget._layout_required or widget._scroll_required]

    def _restless(self) -> str:
        """What keeps the app from resting."""
        app = self.app
        return (
            f"requests {self.traffic.under_way}, typing {app._key_under_way}, opening {app.opening!r}, "
            f"to be laid out {self._to_be_laid_out()} on {app.screen}"
        )

    def _asks(self) -> bool:
        # A key that is asked for while a profile opens is waited for by the app, and so by nobody else.
        return self.app.opening.endswith("…") and self.app.screen.is_modal and not self.traffic.under_way

    async def pass_time(self, seconds: float) -> None:
        """Let time pass, from whoever is due to whoever is due next, each answered before the next."""
        end = self.clock.monotonic() + seconds
        await self.rest()
        while (left := end - self.clock.monotonic()) > 1e-9:
            before = self.clock.monotonic()
            try:
                await self.clock.advance_until(lambda before=before: self.clock.monotonic() > before, limit=left)  # type: ignore[misc]
            except AssertionError:  # nobody is due before then
                await self.clock.advance(left)
            await self.rest()

    async def until(self, predicate: Callable[[], bool], *, within: float = 3600.0) -> None:
        """Let time pass until something is so.

        Args:
            predicate: What has to become true.
            within: Seconds of the app's clock after which the test fails.
        """
        end = self.clock.monotonic() + within
        await self.rest()
        while not predicate():
            assert self.clock.monotonic() < end, f"did not come true within {within:g} s; the screen says:\n{self.text}"
            await self.pass_time(0.5)

    async def see(self, text: str, *, within: float = 3600.0) -> None:
        """Let time pass until the screen says something."""
        await self.until(lambda: text in self.text, within=within)

    # What a person does

    async def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        for key in keys:
            name = _character_to_key(key) if len(key) == 1 else key
            self.app.post_message(events.Key(name, key if len(key) == 1 else _CHARACTERS.get(key)))
            await self.rest()

    async def type(self, text: str) -> None:
        """Put a text into the field that has the focus, as a paste does."""
        target = self.app.focused
        assert target is not None, "nothing has the focus"
        target.post_message(events.Paste(text))
        await self.rest()

    async def fill(self, field: str, text: str) -> None:
        """Replace what a form's field holds."""
        place = self.app.screen.query_one(f"#{field}", Field)
        self.app.screen.set_focus(place.input)
        place.input.clear()
        place.input.post_message(events.Paste(text))
        await self.rest()

    async def click(self, target: str | Widget) -> None:
        """Click on the middle of a widget."""
        await self.pilot.click(target)
        await self.rest()

    async def click_text(self, text: str) -> None:
        """Click on the first place on screen that says something."""
        for y, line in enumerate(self.text.split("\n")):
            if text in line:
                await self.pilot.click(offset=(line.index(text) + len(text) // 2, y))
                await self.rest()
                return
        raise AssertionError(f"“{text}” is not on screen:\n{self.text}")

    # What a person sees

    @property
    def lines(self) -> list[str]:
        """The screen's lines, without the spaces at their ends."""
        return [strip.text.rstrip() for strip in self.app.screen._compositor.render_strips()]

    @property
    def text(self) -> str:
        """Everything on screen."""
        return "\n".join(self.lines)

    @property
    def words(self) -> str:
        """Everything on screen as one line, as a person reads over line ends and borders."""
        return " ".join(re.sub("[▌█│]", " ", self.text).split())

    def line(self, text: str) -> str:
        """The first line that says something."""
        found = next((line for line in self.lines if text in line), None)
        assert found is not None, f"“{text}” is not on screen:\n{self.text}"
        return found

    @property
    def toasts(self) -> list[str]:
        """What the toasts on screen say, title first."""
        return [f"{toast._notification.title}\n{toast._notification.message}" for toast in self.app.screen.query(Toast)]

    def problem(self, field: str) -> str:
        """What a form says is wrong with a field; empty where nothing is."""
        return self.app.screen.query_one(f"#{field}", Field).problem

    @property
    def clipboard(self) -> str:
        """What was copied last."""
        return self.app.clipboard

    def never_broke(self) -> None:
        """Fail where the app said that something in it broke."""
        said = [f"{shown.title}\n{shown.message}" for shown in self.app._notifications]
        assert not [text for text in said if "Something in Syncscope broke" in text], said


def store(path: Path, environ: dict[str, str] | None = None) -> ProfileStore:
    """A person's profiles in a file of the test's own, with no environment but what is given."""
    return ProfileStore(path, environ or {})
