"""The questions of the profiles' screen: what a server is and how it is reached, and whether one is to go."""

from __future__ import annotations

import shlex
from typing import Any, ClassVar

from pydantic import ValidationError
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Checkbox, Input, RadioSet, Static

from tui_app.api.kinds import KINDS
from tui_app.config.environment import environment_of
from tui_app.config.profiles import ProfileError
from tui_app.models.profile import KEY_SOURCES, Environment, Profile
from tui_app.models.text import safe_text
from tui_app.screens.base import Dialog
from tui_app.widgets.choice import Choice, Tick
from tui_app.widgets.field import Field

_DECLARED = tuple(environment.value for environment in reversed(Environment))
_SOURCES = {"key_env": "variable", "key_command": "command", "key_file": "file", "key_keyring": "keyring"}
_PLACES = {
    "key_env": ("ACME_API_KEY", "an environment variable's name; empty: asked for"),
    "key_command": ("op read op://vault/acme/key", "the program that prints it; no shell reads this"),
    "key_file": ("~/.config/acme.key", "a file that only you can read (chmod 600)"),
    "key_keyring": ("", "nothing to write here: it is typed once"),
}
_TEXTS = ("proxy", "ca_bundle", "client_cert", "client_key")


class ProfileDialog(Dialog[Profile | None]):
    """Asks for a server of one's own, or for what changes of one, and writes it into the profiles file.

    Args:
        before: The profile to change; ``None`` asks for a new one.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "cancel"),
        Binding("ctrl+s", "write", "save"),
    ]

    def __init__(self, before: Profile | None = None) -> None:
        super().__init__()
        self._before = before
        self._told = _declared(before)  # what the address tells it to be, as long as nobody says otherwise

    def compose(self) -> ComposeResult:
        """Name, kind, address, what it is, where its key comes from, and how it is reached."""
        before = self._before
        kind = _kind(before)
        waits = before.timeout if before else None
        with Vertical(classes="dialog"):
            title = f"Change “{safe_text(before.name)}”" if before else "Add a server"
            yield Static(Content.styled(title, "bold"), classes="dialog-title")
            if before is None:
                yield Field("Name", "name", placeholder="acme-prod")
            with Horizontal(classes="field-line", id="kind-line"):
                yield Static("Kind", classes="field-label")
                with RadioSet(id="kind", compact=True):
                    for name, each in KINDS.items():
                        yield Choice(each.label, value=name == kind)
            yield Field("Base URL", "url", _text(before, "base_url"), placeholder=KINDS[kind].example_url)
            with Horizontal(classes="field-line", id="environment-line"):
                yield Static("It is", classes="field-label")
                with RadioSet(id="environment", compact=True):
                    for word in _DECLARED:
                        yield Choice(word, value=word == _declared(before))
            with Horizontal(classes="field-line", id="source-line"):
                yield Static("Key from", classes="field-label")
                with RadioSet(id="source", compact=True):
                    source = (before and before.key_source) or KEY_SOURCES[0]
                    for name in KEY_SOURCES:
                        yield Choice(_SOURCES[name], value=name == source)
            yield Field("", "key-place", self._place(source), placeholder=_PLACES[source][0], hint=_PLACES[source][1])
            yield Tick("lock changes, whatever it is", bool(before and before.read_only), id="lock", compact=True)
            yield Field("Proxy", "proxy", _text(before, "proxy"), placeholder="as in HTTPS_PROXY")
            yield Field("CA bundle", "ca_bundle", _text(before, "ca_bundle"), placeholder="as usual")
            yield Field("Client certificate", "client_cert", _text(before, "client_cert"), placeholder="none")
            yield Field("Its private key", "client_key", _text(before, "client_key"), placeholder="in the same file")
            yield Field("Connect within, s", "connect", _number(waits.connect if waits else None), placeholder="5")
            yield Field("Wait for answer, s", "read", _number(waits.read if waits else None), placeholder="20")
            with Horizontal(classes="buttons"):
                yield Button("Change" if before else "Add", variant="primary", id="add", compact=True)
                yield Button("Cancel", id="cancel", compact=True)

    def on_mount(self) -> None:
        """The keyring needs no place to be named."""
        self.query_one("#key-place", Field).input.disabled = bool(self._before and self._before.key_keyring)

    def _place(self, source: str) -> str:
        value = getattr(self._before, source, None)
        if isinstance(value, tuple):
            return shlex.join(value)
        return value if isinstance(value, str) else ""

    def _chosen(self, radio: str) -> int:
        return max(self.query_one(f"#{radio}", RadioSet).pressed_index, 0)

    @on(RadioSet.Changed, "#kind")
    def _kind_chosen(self) -> None:
        self.query_one("#url", Field).input.placeholder = list(KINDS.values())[self._chosen("kind")].example_url

    @on(Input.Changed, "#url Input")
    def _address_written(self, event: Input.Changed) -> None:
        if self._before is not None or _DECLARED[self._chosen("environment")] != self._told:
            return
        address = event.value.strip()
        try:
            self._told = environment_of(address).value if address else _declared(None)
        except ValueError:  # an address that is not one yet
            return
        self.query_one("#environment", RadioSet).query(Choice)[_DECLARED.index(self._told)].value = True

    @on(RadioSet.Changed, "#source")
    def _source_chosen(self) -> None:
        source = KEY_SOURCES[self._chosen("source")]
        field = self.query_one("#key-place", Field)
        field.problem = ""
        field.input.value = self._place(source)
        field.input.placeholder, field.hint = _PLACES[source]
        field.input.disabled = source == "key_keyring"

    @on(Button.Pressed, "#cancel")
    def _cancel(self) -> None:
        self.dismiss(None)

    @on(Button.Pressed, "#add")
    @on(Input.Submitted)
    def action_write(self) -> None:
        """Write it down, or say what is wrong."""
        for field in self.query(Field):
            field.problem = ""
        try:
            profile = Profile.model_validate(self._settings())
        except ValidationError as error:
            for detail in error.errors(include_input=False):
                self._complain(*_reason(detail))
            return
        except _WrongError as error:
            self._complain(error.field, str(error))
            return
        try:
            write = self.host.profiles.edit if self._before else self.host.profiles.add
            notes = write(profile)
        except ProfileError as error:
            self._complain("name", f"{error.reason} {error.next_step}".strip())
            return
        for note in notes:
            self.host.say(note, severity="warning", timeout=12)
        self.dismiss(profile)

    def _complain(self, field: str, words: str) -> None:
        place = self.query_one_optional(f"#{field}", Field) or self.query_one("#url", Field)
        place.problem = words
        self.set_focus(place.input)

    def _settings(self) -> dict[str, Any]:
        """What the form says, beside what it does not ask for."""
        before = self._before
        url = self.query_one("#url", Field).value
        if not url:
            raise _WrongError("url", "say where the server answers")
        asked = {"built_in", "timeout", *KEY_SOURCES, *_TEXTS}
        waits = {wait: self._seconds(wait) for wait in ("connect", "read")}
        source = KEY_SOURCES[self._chosen("source")]
        kind = list(KINDS)[self._chosen("kind")]
        declared = _DECLARED[self._chosen("environment")]
        if before and kind == _kind(before):  # what was not touched stays as it was said, or not said
            kind = before.kind
        return {
            **(before.model_dump(exclude=asked, exclude_none=True) if before else {}),
            "name": before.name if before else self.query_one("#name", Field).value,
            "kind": kind,
            "base_url": url,
            "environment": before.environment if before and declared == _declared(before) else declared,
            "read_only": True if self.query_one("#lock", Checkbox).value else None,
            source: self._key_place(source),
            **{name: self.query_one(f"#{name}", Field).value or None for name in _TEXTS},
            "timeout": waits if any(wait is not None for wait in waits.values()) else None,
        }

    def _key_place(self, source: str) -> str | list[str] | bool | None:
        text = self.query_one("#key-place", Field).value
        if source == "key_keyring":
            return True
        if source == "key_command":
            try:
                return shlex.split(text) or None
            except ValueError:
                raise _WrongError("key-place", "a quotation mark is not closed") from None
        return text or None

    def _seconds(self, field: str) -> float | None:
        text = self.query_one(f"#{field}", Field).value
        try:
            return float(text) if text else None
        except ValueError:
            raise _WrongError(field, "seconds, as a number") from None


class RemoveProfileDialog(Dialog[bool]):
    """Says what is lost with a profile, and asks whether it is to go.

    Args:
        profile: Which one.
        path: The file that it stands in.
        is_open: Whether it is open.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(False)", "keep")]

    def __init__(self, profile: Profile, path: str, is_open: bool) -> None:
        super().__init__()
        self._profile, self._path, self._is_open = profile, path, is_open

    def compose(self) -> ComposeResult:
        """What goes, and what stays."""
        profile = self._profile
        lines = [f"Its entry in {safe_text(self._path)}"]
        if profile.key_keyring:
            lines.append("Its key in the system's keyring")
        with Vertical(classes="dialog -danger"):
            yield Static(Content.styled(f"Remove “{safe_text(profile.name)}”?", "bold"), classes="dialog-title")
            yield Static("What is lost:")
            for line in lines:
                yield Static(Content(f"  • {line}"))
            if self._is_open:
                yield Static("It is open, and stays so until you leave it.", classes="hint")
            with Horizontal(classes="buttons"):
                yield Button("Keep it", variant="primary", id="keep", compact=True)
                yield Button("Remove", variant="warning", id="remove", compact=True)

    @on(Button.Pressed, "#keep")
    def _keep(self) -> None:
        self.dismiss(False)

    @on(Button.Pressed, "#remove")
    def _remove(self) -> None:
        self.dismiss(True)


class _WrongError(Exception):
    """A field cannot be read."""

    def __init__(self, field: str, words: str) -> None:
        super().__init__(words)
        self.field = field


def _kind(profile: Profile | None) -> str:
    return profile.kind if profile and profile.kind in KINDS else next(iter(KINDS))


def _declared(profile: Profile | None) -> str:
    return environment_of(profile.base_url, profile.environment).value if profile else _DECLARED[0]


def _text(profile: Profile | None, name: str) -> str:
    return str(getattr(profile, name, None) or "")


def _number(seconds: float | None) -> str:
    return f"{seconds:g}" if seconds else ""


def _reason(detail: Any) -> tuple[str, str]:
    """Which field is wrong, and why; the value itself is not repeated, it may be a key."""
    path = [str(part) for part in detail["loc"]]
    place = path[0] if path else ""
    if place == "name":
        return "name", "letters, digits, dots, dashes; it must begin with a letter or digit"
    if place == "key_env":
        return (
            "key-place",
            "a variable's name: letters, digits, underscores. The key itself is never written down",
        )
    if place == "timeout":
        return (path[1] if len(path) > 1 else "connect"), "seconds, more than none and not for ever"
    words = detail["msg"].removeprefix("Value error, ")
    if place in KEY_SOURCES:
        return "key-place", words
    return ("client_key" if not place else "url" if place == "base_url" else place), words
