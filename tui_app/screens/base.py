"""What every screen is given: the app it belongs to, the bars around it, and what it hears of."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, TypeVar

from textual import events, getters, on
from textual.app import App, ComposeResult
from textual.await_complete import AwaitComplete
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Size
from textual.notifications import Notify
from textual.reactive import reactive
from textual.screen import ModalScreen, Screen
from textual.signal import Signal
from textual.widgets import Static

from tui_app.models.text import safe_text
from tui_app.style_sheets import styles
from tui_app.widgets.footer import KeysLine
from tui_app.widgets.status_bar import Status, StatusBar

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from pydantic import SecretStr

    from tui_app.changes import Change
    from tui_app.config.profiles import ProfileStore
    from tui_app.models.pasted import Pasted
    from tui_app.models.problem import Problem
    from tui_app.models.profile import Profile
    from tui_app.models.settings import Settings
    from tui_app.workspace import Workspace

Result = TypeVar("Result")


class Host(App[int]):
    """The part of the app that screens rely on.

    Attributes:
        workspace: The open profile, or ``None`` while one opens.
        status: What the status bar says.
        opening: What is being opened, in words, while it is; else empty.
        trouble: Why the profile could not be opened, if it could not.
        read_only: Whether nothing is changed, neither at a server nor in what is kept of profiles and their keys.
        settings: How the person likes things.
        changes: Tells everything that changes in the open workspace.
        minute: Tells that another minute began, so that ages are told anew.
    """

    HORIZONTAL_BREAKPOINTS: list[tuple[int, str]] = [(0, "-narrow"), (100, "-medium"), (120, "-wide")]
    VERTICAL_BREAKPOINTS: list[tuple[int, str]] = [(0, "-short"), (30, "-tall")]

    settings: Settings
    read_only: bool
    # Whoever shows one of these watches it; a reactive of the app would otherwise have the whole screen written anew.
    workspace: reactive[Workspace | None] = reactive(None, init=False, repaint=False)
    status: reactive[Status] = reactive(Status(), repaint=False)
    opening: reactive[str] = reactive("", init=False, repaint=False)
    trouble: reactive[Problem | None] = reactive(None, init=False, repaint=False)

    def __init__(self) -> None:
        super().__init__()
        self.changes: Signal[Change] = Signal(self, "changes")
        self.minute: Signal[None] = Signal(self, "minute")

    def say(self, text: str, *, title: str = "", severity: str = "information", timeout: float = 5) -> None:
        """A toast. The text is made inert and never read as markup."""
        self.notify(safe_text(text, 400), title=safe_text(title, 80), severity=severity, timeout=timeout, markup=False)  # type: ignore[arg-type]

    def complain(self, problem: Problem, what: str = "") -> None:
        """A toast about a problem: what happened, what to do, the server's own words."""
        lines = [problem.meaning, problem.next_step, problem.server_words]
        self.notify(
            "\n".join(safe_text(line, 300) for line in lines if line) or safe_text(problem.title),
            title=safe_text(f"{what}: {problem.title}" if what else problem.title, 120),
            severity="error",
            timeout=12,
            markup=False,
        )

    def on_notify(self, event: Notify) -> None:
        """Make room for a toast before it is shown: the same one that still stands goes, and the oldest of many."""
        new, most = event.notification, MOST_TOASTS if self.size.height >= ROOMY else MOST_TOASTS - 1
        standing = []
        for toast in self._notifications:
            if (toast.title, toast.message) == (new.title, new.message):
                toast.timeout = 0  # what has expired is taken down as the new one comes
            else:
                standing.append(toast)
        for toast in standing[: max(len(standing) + 1 - most, 0)]:
            toast.timeout = 0

    def copy(self, text: str, what: str) -> None:
        """Put a text on the clipboard and say what it was. The text itself is never said: it may be a secret."""
        raise NotImplementedError

    @property
    def profiles(self) -> ProfileStore:
        """The servers that can be opened."""
        raise NotImplementedError

    # Ways to go, which lead over several screens and so belong to none of them.

    def open_connection(self, connection_id: str) -> None:
        """Show one connection."""
        raise NotImplementedError

    def open_sync(self, connection_id: str, sync_id: str) -> None:
        """Show one sync and follow it."""
        raise NotImplementedError

    def land(self, text: str | Pasted) -> None:
        """Open the object of an ID, a token, a number or words; where it was not seen, search for it."""
        raise NotImplementedError

    def watch_newest(self, connection_id: str) -> None:
        """Show a connection's newest sync and follow it."""
        raise NotImplementedError

    def reads_first(self, connection_ids: Sequence[str], go: Callable[[], object]) -> bool:
        """Whether connections are known from an earlier start only: they are read then, and `go` is done after that."""
        raise NotImplementedError

    async def open_create(self) -> None:
        """Show the form that makes a connection."""
        raise NotImplementedError

    def open_edit(self, connection_id: str) -> None:
        """Show the form that changes a connection."""
        raise NotImplementedError

    def open_by_link(self) -> None:
        """Show the way by Link: a link for the fleet, and the token that it brings back."""
        raise NotImplementedError

    def open_passthrough(self, connection_id: str) -> None:
        """Show the form by which a connection's provider is asked."""
        raise NotImplementedError

    def open_relink(self, connection_id: str) -> None:
        """Open the page where a fleet signs in again, in a browser."""
        raise NotImplementedError

    def open_hand_over(self, connection_id: str, sync_id: str = "") -> None:
        """Show the report of a connection or sync, to be written or copied, and what a bundle would hold."""
        raise NotImplementedError

    def open_address(self, url: str, what: str, otherwise: str) -> None:
        """Open an address in a browser; where that cannot be, say why, and what to do otherwise."""
        raise NotImplementedError

    def ask_sync(self, connection_id: str) -> None:
        """Ask which window to sync, request it, and show it."""
        raise NotImplementedError

    async def may_write_each(self, action: str, what: str, targets: Sequence[str]) -> bool:
        """Whether one change may be sent for each of these targets, as :meth:`may_write`."""
        raise NotImplementedError

    def open_bulk(self, action: str, connection_ids: Sequence[str], hidden: Collection[str]) -> None:
        """Show what a bulk action would do to these connections, of which some are hidden."""
        raise NotImplementedError

    def show_bulk(self) -> None:
        """Come back to the latest bulk action."""
        raise NotImplementedError

    def show_json(self, title: str, value: object) -> None:
        """Show something as the server sent it, secrets masked."""
        raise NotImplementedError

    def open_profile(self, name: str) -> None:
        """Close the open profile and open this one."""
        raise NotImplementedError

    def switch_server(self, by: int) -> None:
        """Open the next of the embedded servers' profiles, or the one before."""
        raise NotImplementedError

    async def key_for(self, profile: Profile) -> SecretStr | None:
        """A profile's key, from where the profile says or as the person types it; ``None`` where there is none."""
        raise NotImplementedError

    async def replace_key(self, profile: Profile) -> None:
        """Ask for another key than the one that is used."""
        raise NotImplementedError

    async def forget_key(self, profile: Profile) -> str:
        """Forget a profile's key, wherever it is kept for it; what could not be done, in words."""
        raise NotImplementedError

    def read_again(self) -> None:
        """Read the list again, or open the profile again where it could not be opened."""
        raise NotImplementedError

    async def may_write(self, action: str, what: str) -> bool:
        """Whether a change may be sent: at once where nothing is locked, else as the person answers."""
        raise NotImplementedError


MOST_TOASTS = 3
"""Toasts that are shown at once; one fewer where there are not rows enough."""
ROOMY = 30
"""Rows from which there are enough."""
LEAST = Size(60, 16)
"""Columns and rows below which nothing sensible can be shown."""


def too_small(size: Size) -> bool:
    """Whether a terminal is too small for anything: what is pressed then would act on what nobody sees."""
    return size.width < LEAST.width or size.height < LEAST.height


class TooSmall(Static):
    """Stands over everything where the terminal is too small, and says so; what is behind it goes on."""

    def __init__(self) -> None:
        super().__init__(id="too-small")

    def say(self, size: Size) -> None:
        """Say how small the terminal is."""
        self.update(
            Content(
                f"The terminal is too small:\n{size.width}×{size.height}\n"
                f"Syncscope needs {LEAST.width}×{LEAST.height}.\nCtrl+Q leaves."
            )
        )


class Leavable(Screen[Result]):
    """A screen that is left once: by a second Enter in haste nothing that lies behind it is left, too."""

    _left_with: tuple[Result | None] | None = None

    @property
    def is_current(self) -> bool:
        """Whether anything of it is seen: nothing but dialogs stands before it.

        Textual counts whatever is right behind the front as seen, though that may cover all of it, and then has the
        front painted whole with each change behind it.
        """
        stack = self.app.screen_stack if super().is_current else []
        return self in stack and all(screen.is_modal for screen in stack[stack.index(self) + 1 :])

    def dismiss(self, result: Result | None = None) -> AwaitComplete:
        """Leave with an answer: the first one counts. Where something stands before it, it leaves once that is gone."""
        if self._left_with is not None:
            return AwaitComplete()
        self._left_with = (result,)
        return super().dismiss(result) if self.is_active else AwaitComplete()

    @on(events.Compose)
    def _know_room(self) -> None:
        """Say how much room there is before anything is styled: told after that, all of it is styled once more."""
        for size, steps in zip(self.app.size, (Host.HORIZONTAL_BREAKPOINTS, Host.VERTICAL_BREAKPOINTS), strict=True):
            known = self._get_breakpoint_classes(size, steps)
            self.update_classes({name: name in known for _, name in steps}, update=False)

    def _compositor_refresh(self) -> None:
        # What is painted while nothing may be shown is thrown away, and painted again as soon as something may.
        if not self.app._batch_count:
            super()._compositor_refresh()

    @on(events.Resize)
    async def _fit(self, event: events.Resize) -> None:
        """Say so where there is not room enough."""
        small = too_small(event.size)
        if small:
            if not self.query(TooSmall):
                await self.mount(TooSmall())
            self.query_one(TooSmall).say(event.size)
        self.set_class(small, "-too-small")

    def on_screen_resume(self) -> None:
        """It is in front again: if it was to leave meanwhile, it does so now."""
        if self._left_with is not None and self.is_active:
            super().dismiss(*self._left_with)


class AppScreen(Leavable[Result]):
    """A screen between the status bar and the footer."""

    SCOPE: ClassVar[str] = ""
    """Its name in the table of actions."""
    ABOUT: ClassVar[str] = ""
    """What it is for, in a few plain sentences: the head of its help."""
    MORE_SCOPES: ClassVar[tuple[str, ...]] = ()
    """What else in the table of actions applies on it: to a part of it that has keys of its own."""

    host = getters.app(Host)

    _minute_to_tell = False
    """Whether another minute began while nobody saw it."""

    def compose(self) -> ComposeResult:
        """The bars, and between them the body."""
        yield StatusBar()
        yield from self.body()
        yield KeysLine()

    @on(events.ScreenResume)
    def _come_to_the_front(self) -> None:
        """While it was behind another screen, its status line was left as it was, and other connections were seen."""
        self.query_one(StatusBar).say()
        if self.host.workspace is not None:
            self.host.workspace.show([] if self.subject is None else [self.subject])
        if self._minute_to_tell:
            self._minute_began()

    @property
    def subject(self) -> str | None:
        """The ID of the connection that it shows, or that is selected in it."""
        return None

    def body(self) -> ComposeResult:
        """What stands between the bars."""
        return iter(())

    @on(events.Mount)
    def _hear(self) -> None:
        # Not `on_mount`, which a screen has for itself: Textual calls both, and who called this one, too, heard twice.
        self.host.changes.subscribe(self, self.on_change)
        self.host.minute.subscribe(self, lambda _: self._minute_began())

    def _minute_began(self) -> None:
        # Behind another screen it would have that one painted anew, and a minute of the embedded server may be short.
        self._minute_to_tell = not self.is_current
        if self.is_current:
            self.tell_time()

    def on_change(self, change: Change) -> None:
        """Something in the workspace changed."""

    def tell_time(self) -> None:
        """Another minute began."""

    async def action_back(self) -> None:
        """Leave this screen."""
        if len(self.app.screen_stack) > 1:
            self.app.pop_screen()


class Dialog(Leavable[Result], ModalScreen[Result]):
    """A question in front of a screen. Escape answers nothing."""

    CSS_PATH = styles("fields", "dialogs")
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "cancel")]

    host = getters.app(Host)


def problem_content(problem: Problem) -> Content:
    """A problem in a screen's body: what happened, what it means, what to do, the server's own words."""
    pieces: list[str | tuple[str, str]] = [("✗ " + safe_text(problem.title), "bold $error")]
    for text in (problem.meaning, problem.next_step):
        if text:
            pieces += ["\n", safe_text(text, 600)]
    if problem.server_words:
        pieces += ["\n", ("the server: " + safe_text(problem.server_words, 600), "$muted")]
    return Content.assemble(*pieces)
