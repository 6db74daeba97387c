"""The plain fields of a connection: texts, lists, addresses, choices and switches, as its server names them."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Checkbox, Input, RadioSet, Static

from tui_app.models.text import safe_text
from tui_app.widgets.choice import Choice, Tick
from tui_app.widgets.field import Field

if TYPE_CHECKING:
    from tui_app.api.base import FormField

Value = str | bool | tuple[str, ...]


class SwitchField(Vertical):
    """A labelled yes or no.

    Attributes:
        problem: What is wrong with it, in words; empty where nothing is.
    """

    problem: reactive[str] = reactive("", init=False)

    def __init__(self, label: str, id: str, value: bool = False, *, hint: str = "", name: str | None = None) -> None:
        super().__init__(id=id, name=name, classes="field")
        self.label = label
        self._hint = Content.styled(safe_text(hint, 200), "$muted")
        self.input: Widget = self.control(value)

    def control(self, value: Any) -> Widget:
        """What is set by key or mouse."""
        self._box = Tick("yes", value, compact=True)
        return self._box

    def compose(self) -> ComposeResult:
        """Label and box beside each other, the hint below."""
        with Horizontal(classes="field-line"):
            yield Static(Content(safe_text(self.label, 24)), classes="field-label")
            yield self.input
        yield Static(self._hint, classes="field-hint")

    def on_mount(self) -> None:
        """A field without a hint is one line high."""
        self._tell()

    @property
    def value(self) -> Value:
        """Whether it is on."""
        return self._box.value

    def watch_problem(self) -> None:
        """Say what is wrong in place of the hint."""
        self.set_class(bool(self.problem), "-wrong")
        self._tell()

    def _tell(self) -> None:
        said = Content.styled(f"✗ {safe_text(self.problem, 300)}", "$error") if self.problem else self._hint
        line = self.query_one(".field-hint", Static)
        line.update(said)
        line.display = bool(said)


class ChoiceField(SwitchField):
    """A labelled choice: a switch with several positions, of which at most one is taken."""

    def __init__(
        self, label: str, id: str, choices: Sequence[str], value: str = "", *, hint: str = "", name: str | None = None
    ) -> None:
        self._choices = [Choice(safe_text(choice, 40), choice == value, name=choice) for choice in choices]
        super().__init__(label, id, hint=hint, name=name)
        self.set_class(len(choices) > 2, "-many")

    def control(self, value: Any) -> Widget:
        """The choices beside each other; one below the other where they are many."""
        return RadioSet(*self._choices, compact=True)

    @property
    def value(self) -> str:
        """The one that is taken, or an empty text where none is."""
        return next((choice.name or "" for choice in self._choices if choice.value), "")


class PlainFields(Vertical):
    """One line for each field that a server asks for.

    Args:
        fields: Which.
        present: What they hold at first, by their names; ``None``: they are asked for the first time.
    """

    def __init__(self, fields: Sequence[FormField], present: Mapping[str, Any] | None = None) -> None:
        super().__init__()
        self._asked = {field.name: field for field in fields}
        self._lines = {field.name: _line(field, present) for field in fields}
        # As they are shown: what a field does not take in is not changed by whoever never touched it.
        self._before = self.values()

    def compose(self) -> ComposeResult:
        """The lines, in the server's order."""
        yield from self._lines.values()

    def values(self) -> dict[str, Value]:
        """What each field holds, by its name."""
        return {name: _value(self._asked[name], line.value) for name, line in self._lines.items()}

    def changes(self) -> dict[str, tuple[Value, Value]]:
        """Of each field that was changed: what it held, and what it holds."""
        return {
            name: (self._before[name], value) for name, value in self.values().items() if value != self._before[name]
        }

    def label(self, name: str) -> str:
        """What a person calls a field."""
        return self._asked[name].label

    def line(self, name: str) -> Field | SwitchField | None:
        """The line of a field."""
        return self._lines.get(name)

    def at(self, path: Sequence[str]) -> Field | SwitchField | None:
        """The line of the field that a path in the request leads to, or into: the one that says most of the path."""
        named = [name for name in self._lines if _leads(path, name.split("."))]
        within = [name for name in self._lines if name.split(".")[0] in path]
        place = max(named, key=len, default=None) or next(iter(within), None)
        return self._lines[place] if place is not None else None

    def complain(self, *names: str) -> None:
        """Say on each of these fields what is wrong with it. Whatever was said before, there and elsewhere, goes."""
        for name, line in self._lines.items():
            if name in names:
                self._judge(name)
            else:
                line.problem = ""

    def _judge(self, name: str) -> None:
        line = self._lines[name]
        line.problem = _problem(self._asked[name], line.value)

    @on(Input.Changed)
    @on(Checkbox.Changed)
    @on(RadioSet.Changed)
    def _changed(self, event: Input.Changed | Checkbox.Changed | RadioSet.Changed) -> None:
        """What was wrong is looked at again with each key, so that it goes as soon as it is right."""
        name = self._asking(event.control)
        if name is not None and self._lines[name].problem:
            self._judge(name)

    @on(Input.Blurred)
    def _left(self, event: Input.Blurred) -> None:
        """What was written is judged when it is left; what is missing, not before it is sent."""
        name = self._asking(event.control)
        if name is not None and event.value:
            self._judge(name)

    def _asking(self, control: Widget) -> str | None:
        return next((name for name, line in self._lines.items() if line.input is control), None)


def _line(asked: FormField, present: Mapping[str, Any] | None) -> Field | SwitchField:
    held = _held(present or {}, asked.name)
    place = f"value-{asked.name.replace('.', '-')}"
    if asked.kind == "switch":
        return SwitchField(asked.label, place, held is True, hint=asked.hint, name=asked.name)
    if asked.kind == "choice":
        return ChoiceField(asked.label, place, asked.choices, _text(held), hint=asked.hint, name=asked.name)
    optional = "" if asked.required or present is not None else "optional"
    return Field(
        asked.label,
        place,
        _list_text(held) if asked.kind == "list" else _text(held),
        hint=asked.hint or optional,
        placeholder=asked.placeholder,
        name=asked.name,
    )


def _held(present: Mapping[str, Any], name: str) -> Any:
    """What stands under a name; where it has dots, in the object that they lead into."""
    if name in present:
        return present[name]
    found: Any = present
    for step in name.split("."):
        found = found.get(step) if isinstance(found, Mapping) else None
    return found


def _leads(path: Sequence[str], name: Sequence[str]) -> bool:
    """Whether the steps of a name stand in a path, one right after the other."""
    return any(list(path[at : at + len(name)]) == list(name) for at in range(len(path)))


def _value(asked: FormField, value: Value) -> Value:
    return tuple(list_of(value)) if asked.kind == "list" and isinstance(value, str) else value


def list_of(text: str) -> list[str]:
    """The parts of a text between its commas, in order; a part in double quotes may itself have commas."""
    parts = next(csv.reader([text], skipinitialspace=True), [])
    return [part.strip() for part in parts if part.strip()]


def list_as_text(parts: Iterable[str]) -> str:
    """Write a list so that `list_of` reads it."""
    quoted = ('"' + part.replace('"', '""') + '"' if "," in part or part.startswith('"') else part for part in parts)
    return ", ".join(quoted)


def _list_text(held: Any) -> str:
    return list_as_text(str(part) for part in held) if isinstance(held, list | tuple) else ""


def _text(held: Any) -> str:
    """What the server holds, as a text that can be edited; an object goes by its name."""
    if isinstance(held, dict):
        held = held.get("name")
    return "" if held is None or isinstance(held, dict | list) else str(held)


def _problem(asked: FormField, value: Value) -> str:
    if isinstance(value, bool):
        return ""
    text = str(value)
    if asked.required and not text:
        return "this must not be empty"
    if asked.kind == "url" and text and not _is_address(text):
        return "write an address that starts with http:// or https:// and names a host"
    return ""


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and " " not in text and parts.port != 0
    except ValueError:  # a port that is no number, an address in brackets that is none
        return False
