"""Questions in front of a screen: which window to sync, whether to unlock, which key, and what the keys are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import SecretStr
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Button, Checkbox, Input, Static

from tui_app.actions import SCOPES, Action, actions_of
from tui_app.models.connection import doubt_of_sync
from tui_app.models.sync import SyncRequest
from tui_app.models.text import safe_text
from tui_app.screens.base import Dialog
from tui_app.widgets.choice import Tick
from tui_app.widgets.field import Field
from tui_app.widgets.window import read_date, read_days

if TYPE_CHECKING:
    from tui_app.api.base import Capabilities
    from tui_app.models.connection import Connection
    from tui_app.screens.base import AppScreen

_ASKS = {
    "historical_files": "ask for historical files: may take days",
    "provision_credentials": "ask for credentials: may take days",
}


class SyncDialog(Dialog[SyncRequest | None]):
    """Asks which window a sync should bring in."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "cancel"),
        Binding("ctrl+s", "request", "request"),
    ]

    def __init__(self, connection: Connection, can: Capabilities, running: bool) -> None:
        super().__init__()
        self._connection = connection
        self._words = can.provider_requests
        self._syncing = running
        self._window = can.sync_window
        self._parts = can.parts

    def compose(self) -> ComposeResult:
        """Days or a date, what to ask of the provider, and two buttons."""
        with Vertical(classes="dialog"):
            yield Static(self.heading(), classes="dialog-title")
            yield from self.warnings()
            if self._window:
                yield Field("Days", "days", "7", hint="of history, back from now; fractions are fine")
                yield Field(
                    "From", "from", placeholder="e.g. 2026-11-01", hint="instead of days: a date, or a date and time"
                )
                yield Static(
                    "Both empty: the server goes on from the sync before; without one it begins now.", classes="hint"
                )
            if self._parts:
                yield Static(self.what_is_read(), classes="hint")
            for word in self._words:
                yield Tick(safe_text(_ASKS.get(word, word)), id=f"ask-{word}", compact=True)
            with Horizontal(classes="buttons"):
                yield Button("Request", variant="primary", id="request", compact=True)
                yield Button("Cancel", id="cancel", compact=True)

    def heading(self) -> Content:
        """What is asked for, and for whom."""
        return Content.assemble(("Request a sync", "bold"), "  ", safe_text(self._connection.name, 60))

    def warnings(self) -> ComposeResult:
        """What a person should know before they ask."""
        if doubts := self._doubts():
            yield Static(Content.assemble(("! ", "bold $warning"), doubts), classes="hint")
        if self._syncing:
            yield Static(
                "A sync runs already: the server will refuse a second one, and that one is watched instead.",
                classes="hint",
            )

    def _doubts(self) -> str:
        """What speaks against asking now."""
        if doubt := doubt_of_sync(self._connection):
            return safe_text(doubt, 300)
        health = self._connection.health
        if health is None or health.healthy is not False:
            return ""
        why = "somebody must sign in again" if health.authentication_required else safe_text(health.code, 60)
        return f"The server finds it unhealthy ({why}): the sync may well fail."

    def what_is_read(self) -> Content:
        """What a server that syncs model by model brings in."""
        names = [safe_text(model.name, 60) for model in self._connection.models if model.reads is not False]
        if not names:
            return Content("No model of it is switched on for reading: there is nothing to sync.")
        return Content(f"One job each for {', '.join(names)}. From when they read is the server's own decision.")

    def on_mount(self) -> None:
        """The days can be typed over at once."""
        if self._window:
            self.set_focus(self.query_one("#days", Field).input)

    @on(Button.Pressed, "#cancel")
    def _cancel(self) -> None:
        self.dismiss(None)

    @on(Button.Pressed, "#request")
    @on(Input.Submitted)
    def action_request(self) -> None:
        """Ask for it, if what was typed makes sense."""
        days = start = None
        if self._window:
            days_field, from_field = self.query_one("#days", Field), self.query_one("#from", Field)
            days_field.problem = from_field.problem = ""
            days, start = self._days(days_field), self._start(from_field)
            if days_field.problem or from_field.problem:
                return
            if days is not None and start is not None:
                from_field.problem = "give days or a date, not both"
                return
        asked = tuple(word for word in self._words if self.query_one(f"#ask-{word}", Checkbox).value)
        self.dismiss(SyncRequest(days=days, start_from=start, provider_requests=asked))

    def _days(self, field: Field) -> float | None:
        if not field.value:
            return None
        try:
            return read_days(field.value)
        except ValueError as error:
            field.problem = str(error)
            return None

    def _start(self, field: Field) -> datetime | None:
        if not field.value:
            return None
        try:
            moment = read_date(field.value)
        except ValueError:
            field.problem = "write a date as 2026-11-01, or with a time as 2026-11-01 14:30"
            return None
        workspace = self.host.workspace
        if workspace is not None and moment > workspace.server_now():
            field.problem = "that lies in the future"
            return None
        return moment


class UnlockDialog(Dialog[bool]):
    """Asks whether one change may be sent to a locked server."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(False)", "cancel")]

    def __init__(self, profile: str, environment: str, what: str, requests: int = 1) -> None:
        super().__init__()
        self._profile, self._environment, self._what = profile, environment, what
        self._requests = requests

    def compose(self) -> ComposeResult:
        """What would be sent where, and the profile's name to type."""
        with Vertical(classes="dialog -danger"):
            yield Static(Content.assemble(("This profile is locked", "bold $warning")), classes="dialog-title")
            yield Static(
                Content.assemble(
                    f"You are about to {self._what} at “{safe_text(self._profile)}”, which is ",
                    (self._environment.upper(), f"bold $text on ${self._environment}"),
                    f".\nUnlocking lets {self._lets_through()} through and locks again.",
                )
            )
            yield Field("Name", "name", hint=f"type {safe_text(self._profile)} to unlock")
            with Horizontal(classes="buttons"):
                words = "once" if self._requests == 1 else f"for these {self._requests}"
                yield Button(f"Unlock {words}", variant="warning", id="unlock", compact=True)
                yield Button("Leave it locked", id="cancel", compact=True)

    def _lets_through(self) -> str:
        return "this one change" if self._requests == 1 else f"these {self._requests} requests, each once,"

    @on(Button.Pressed, "#cancel")
    def _cancel(self) -> None:
        self.dismiss(False)

    @on(Button.Pressed, "#unlock")
    @on(Input.Submitted)
    def _unlock(self) -> None:
        field = self.query_one("#name", Field)
        if field.value == self._profile:
            self.dismiss(True)
        else:
            field.problem = f"that is not the profile's name: type {safe_text(self._profile)}"


@dataclass(frozen=True, slots=True)
class TypedKey:
    """A key as it was typed.

    Attributes:
        key: The key.
        remember: Whether the system's keyring is to keep it.
    """

    key: SecretStr
    remember: bool


class KeyDialog(Dialog[TypedKey | None]):
    """Asks for an API key, which is kept in memory unless the system's keyring is to keep it.

    Args:
        profile: Whose key it is.
        where: The only address that it is sent to.
        why: Why it is asked for.
        remember: Whether the keyring is to keep it, before the person says; ``None`` where that is not offered.
        answer: What is done with it.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "cancel")]

    def __init__(
        self, profile: str, where: str, why: str, *, remember: bool | None = None, answer: str = "Open"
    ) -> None:
        super().__init__()
        self._profile, self._where, self._why = profile, where, why
        self._remember = remember
        self._answer = answer

    def compose(self) -> ComposeResult:
        """Where the key will be sent, a masked field, and whether it is remembered."""
        with Vertical(classes="dialog"):
            yield Static(
                Content.assemble((f"API key for “{safe_text(self._profile)}”", "bold")), classes="dialog-title"
            )
            yield Static(safe_text(self._why, 600), markup=False)
            yield Static(
                Content.assemble(
                    ("It is sent to ", "$muted"),
                    safe_text(self._where, 200),
                    (" only, and forgotten when Syncscope ends", "$muted"),
                    ("." if self._remember is None else ", unless it is remembered.", "$muted"),
                )
            )
            yield Field("Key", "key", password=True, placeholder="paste it here")
            if self._remember is not None:
                yield Tick("remember it in the system's keyring", self._remember, id="remember", compact=True)
            with Horizontal(classes="buttons"):
                yield Button(self._answer, variant="primary", id="open", compact=True)
                yield Button("Cancel", id="cancel", compact=True)

    @on(Button.Pressed, "#cancel")
    def _cancel(self) -> None:
        self.dismiss(None)

    @on(Button.Pressed, "#open")
    @on(Input.Submitted)
    def _open(self) -> None:
        field = self.query_one("#key", Field)
        if not field.value:
            field.problem = "paste the key, or press Esc"
            return
        remember = self.query_one_optional("#remember", Checkbox)
        self.dismiss(TypedKey(SecretStr(field.value), remember is not None and remember.value))


class WaitDialog(Dialog[None]):
    """Says what is waited for, and can be left.

    Args:
        words: What is waited for.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "leave")]

    def __init__(self, words: str) -> None:
        super().__init__()
        self._words = words
        self._over = False

    def compose(self) -> ComposeResult:
        """The words, and the way out."""
        with Vertical(classes="dialog"):
            yield Static(Content.styled(safe_text(self._words, 200), "bold"))
            yield Static(Content.styled("Esc leaves", "$muted"))

    def close(self) -> None:
        """What was waited for is there, be it before this is even shown."""
        self._over = True
        self.on_screen_resume()

    def on_screen_resume(self) -> None:
        """It is in front, for the first time or again."""
        if self._over and self.is_current:
            self.dismiss(None)


class HelpDialog(Dialog[None]):
    """Explains the screen behind it and lists every key that works there."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "close"),
        Binding("question_mark", "dismiss(None)", "close"),
        Binding("q", "dismiss(None)", "close"),
    ]

    def __init__(self, screen: AppScreen[Any], keys: Mapping[str, str]) -> None:
        """Explain a screen.

        Args:
            screen: The one behind.
            keys: The person's own keys, by an action's scope and name.
        """
        super().__init__()
        self._behind, self._keys = screen, keys

    def compose(self) -> ComposeResult:
        """What the screen is for, then its keys, then those that work everywhere."""
        with Vertical(classes="dialog -wide"):
            yield Static(Content.styled(SCOPES.get(self._behind.SCOPE, "Syncscope"), "bold"), classes="dialog-title")
            with VerticalScroll():
                yield Static(self._behind.ABOUT, markup=False, classes="about")
                for scope in (self._behind.SCOPE, *self._behind.MORE_SCOPES, "app"):
                    yield Static(Content.styled(SCOPES.get(scope, ""), "bold $accent"), classes="help-group")
                    for action in actions_of(scope):
                        yield self._line(action)
            yield Static(Content.styled("Esc closes this", "$muted"))

    def _line(self, action: Action) -> Horizontal:
        # What leads to other screens waits only for this dialog to close; a part of a screen has all its keys always.
        works = action.scope != self._behind.SCOPE or self._behind.check_action(action.id, ()) is True
        key = Content.styled(safe_text(action.key_with(self._keys), 12), "bold $accent" if works else "$muted")
        meaning = action.tooltip if works else f"{action.tooltip} (not here, or not now)"
        return Horizontal(
            Static(key, classes="help-key"),
            Static(Content.styled(meaning, "" if works else "$muted")),
            classes="help-line",
        )
