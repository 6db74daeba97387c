"""A field for providers: those that fit what is typed are offered below it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from tui_app.models.text import safe_text
from tui_app.widgets.field import Field

if TYPE_CHECKING:
    from tui_app.models.provider import Provider

MATCHES = 200
"""Providers offered at a time; typing more narrows them."""


class ProviderField(Vertical):
    """Takes the codes of one or of several providers, typed or chosen by their names.

    A word that the server's list lacks stays as it was typed; `complain` says so. Where no list was read, any will do.

    Args:
        label: What a person calls it.
        id: The field's; this widget's is the same with `-choice` behind it.
        value: What it holds at first.
        many: Whether it takes several, with commas between them.
        hint: What to write there.
    """

    def __init__(self, label: str, id: str, value: str = "", *, many: bool = False, hint: str = "") -> None:
        super().__init__(id=f"{id}-choice")
        self.field = Field(label, id, value, hint=hint, placeholder="type a name, ↓ to choose")
        self._matches = OptionList(compact=True)
        self._many = many
        self._providers: Sequence[Provider] = ()
        self._offered: list[Provider] = []

    def compose(self) -> ComposeResult:
        """The field, and what fits."""
        yield self.field
        yield self._matches

    def know(self, providers: Sequence[Provider]) -> None:
        """Offer these from now on."""
        self._providers = providers
        if self.field.input.has_focus:
            self._offer()

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of those that were given; a name counts as its code."""
        return tuple(dict.fromkeys(self._code(part) for part in self._parts() if part))

    def complain(self) -> None:
        """Say on the field which word stands for no provider, where the providers were read."""
        known = {provider.code for provider in self._providers}
        unknown = next((code for code in self.codes if code not in known), None) if known else None
        if unknown is not None:
            self.field.problem = f"there is no provider “{safe_text(unknown, 60)}”; choose one from the list"

    def _parts(self) -> list[str]:
        text = self.field.input.value
        return [part.strip() for part in text.split(",")] if self._many else [text.strip()]

    def _code(self, typed: str) -> str:
        word = typed.lower()
        exact = (p.code for p in self._providers if word in (p.code.lower(), p.name.lower()))
        return next(exact, typed)

    def _begun(self, typed: str) -> str:
        """The code of the one whose name begins so, where there is no such code."""
        code = self._code(typed)
        if code != typed or not typed or any(typed == p.code for p in self._providers):
            return code
        return next((p.code for p in self._providers if p.name.lower().startswith(typed.lower())), typed)

    def _offer(self, *, all_of_them: bool = False) -> None:
        word = self._parts()[-1].lower()
        fitting = [p for p in self._providers if word in p.name.lower() or word in p.code.lower()]
        self._offered = fitting[:MATCHES]
        self._matches.clear_options()
        self._matches.add_options(
            Option(
                Content.assemble(safe_text(p.name, 40), "  ", (safe_text(f"{p.code}  {p.status}", 60), "$muted")),
                id=None,
            )
            for p in self._offered
        )
        settled = any(word == p.code.lower() for p in fitting)
        self.set_class(bool(fitting) and (all_of_them or (bool(word) and not settled)), "-offering")

    def _take(self, code: str) -> None:
        parts = [*self._parts()[:-1], code]
        self.field.input.value = ", ".join(parts)
        self.field.input.cursor_position = len(self.field.input.value)
        # The focus leaves the matches before they go: from what is hidden it would fall to nowhere.
        self.screen.set_focus(self.field.input)
        self.remove_class("-offering")

    @on(Input.Changed)
    def _typed(self) -> None:
        self.field.problem = ""
        if self.field.input.has_focus:
            self._offer()

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        """Enter takes the first that is offered; where none is, it means what it means elsewhere."""
        if self.has_class("-offering") and self._offered:
            event.stop()
            self._take(self._offered[0].code)

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self._take(self._offered[event.option_index].code)

    def on_key(self, event: events.Key) -> None:
        """The arrow down goes to what is offered."""
        if event.key != "down" or not self.field.input.has_focus:
            return
        if not self.has_class("-offering"):
            self._offer(all_of_them=True)
        if self._offered:
            event.stop()
            self.call_after_refresh(self._go_down)

    def _go_down(self) -> None:
        self.screen.set_focus(self._matches)
        self._matches.highlighted = 0

    def on_descendant_focus(self) -> None:
        """What fits is offered while one is in the field."""
        if self.field.input.has_focus:
            self._offer()

    def on_descendant_blur(self) -> None:
        """Leaving settles what was begun."""
        if self.has_focus_within:
            return
        self.remove_class("-offering")
        settled = ", ".join(part for part in map(self._begun, self._parts()) if part)
        if settled != self.field.input.value:
            self.field.input.value = settled
