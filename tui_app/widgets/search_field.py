"""The field of a search: understands what is pasted into it, and shows nothing of a secret."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual import events
from textual.message import Message

from tui_app.models.known_secrets import KNOWN
from tui_app.widgets.field import SafeInput

if TYPE_CHECKING:
    from tui_app.models.pasted import Pasted


def _knows_none(text: str) -> bool:
    return False


class SearchField(SafeInput):
    """A text field for anything that something can be found by.

    What is pasted is recognised before it is put in: of a line that holds an ID, that ID; of a connection token, its
    mask; of a key, nothing. What is typed key by key is covered from the first character of a secret on.

    Attributes:
        is_token: Tells whether a word is a connection's token, for those that are not shaped like one.
    """

    @dataclass
    class Took(Message):
        """Something was pasted.

        Attributes:
            field: Where.
            pasted: What it was. What was refused is not in the field.
        """

        field: SearchField
        pasted: Pasted

        @property
        def control(self) -> SearchField:
            """Where."""
            return self.field

    def __init__(self, *, id: str, placeholder: str = "", is_token: Callable[[str], bool] = _knows_none) -> None:
        super().__init__(id=id, placeholder=placeholder, compact=True)
        # Blinking is off: a focused field would otherwise write to the terminal all the time.
        self.cursor_blink = False
        self.is_token = is_token
        self._covered: Pasted | None = None
        KNOWN.add(self, lambda field: [field.value] if field.password else [])

    @property
    def pasted(self) -> Pasted:
        """What stands in it."""
        if self._covered is not None and self._covered.text == self.value:
            return self._covered
        return self._recognise(self.value)

    def _recognise(self, text: str) -> Pasted:
        from tui_app.models.pasted import recognise  # not before something stands in a field

        return recognise(text, self.is_token)

    def validate_value(self, value: str) -> str:
        """Cover a secret before it is painted."""
        if value:
            from tui_app.models.pasted import hides_secret

            self.password = hides_secret(value)
        else:
            self.password = False
        return super().validate_value(value)

    def take(self, text: str) -> Pasted:
        """Put in what was pasted, in place of what is selected; in place of everything where it is a token."""
        pasted = self._recognise(text)
        if pasted.token is not None or (pasted.text and self.value in ("", self.selected_text)):
            self.put(pasted)  # with the whole text that it stood in
        elif pasted.text:
            self.replace(pasted.text, *self.selection)
        self.post_message(self.Took(self, pasted))
        return pasted

    def put(self, pasted: Pasted) -> None:
        """Put in what was recognised, in place of everything; what belongs to it and is not shown stays with it."""
        self._covered = pasted
        self.value = pasted.text
        self.cursor_position = len(self.value)

    def cover(self) -> Pasted:
        """Let go of a secret that was typed, now that it is not typed on: what stands in the field then is its mask."""
        pasted = self.pasted
        if self.password:
            self.put(pasted)
        return pasted

    def action_paste(self) -> None:
        """What was copied here is pasted as anything else is."""
        self.take(self.app.clipboard)

    def _on_paste(self, event: events.Paste) -> None:
        event.stop()
        event.prevent_default()
        self.take(event.text)
