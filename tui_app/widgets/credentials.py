"""The credential fields of one provider: those it needs, or free names and values where that is not known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Select, Static

from tui_app.widgets.field import Field

if TYPE_CHECKING:
    from tui_app.api.credentials import CredentialForm

FREE_PAIRS = 4
"""Free name-and-value lines for a provider that the table does not know."""


class Credentials(Vertical):
    """Draws itself anew for each provider.

    Attributes:
        forms: The ways to sign in that the provider offers; empty before one is chosen, ``None`` where it is not known.
        way: Which of them is used.
    """

    def __init__(self) -> None:
        super().__init__()
        self.forms: tuple[CredentialForm, ...] | None = ()
        self.way = 0

    def compose(self) -> ComposeResult:
        """The way to sign in where there are several, then its fields."""
        if self.forms is None:
            yield Static(
                Content.styled(
                    "This provider's credentials are not known here: give each field's name and value.", "$muted"
                )
            )
            for index in range(FREE_PAIRS):
                yield Field("Field name", f"free-name-{index}")
                yield Field("Its value", f"free-value-{index}", password=True)
            return
        if len(self.forms) > 1:
            yield Select(
                [(Content(form.label), index) for index, form in enumerate(self.forms)],
                value=self.way,
                allow_blank=False,
                compact=True,
                id="way",
            )
        if self.forms:
            for index, field in enumerate(self.forms[self.way].fields):
                optional = "" if field.required else "optional"
                yield Field(
                    field.label,
                    f"credential-{index}",
                    name=field.name,
                    password=field.secret,
                    placeholder=field.placeholder,
                    hint=optional,
                )

    async def ask(self, forms: Sequence[CredentialForm] | None) -> None:
        """Ask for another provider's credentials."""
        wanted = None if forms is None else tuple(forms)
        if wanted != self.forms:
            self.forms, self.way = wanted, 0
            await self.recompose()

    @on(Select.Changed, "#way")
    async def _way_chosen(self, event: Select.Changed) -> None:
        event.stop()
        if isinstance(event.value, int) and event.value != self.way:
            self.way = event.value
            await self.recompose()
            self.focus_first()

    def focus_first(self) -> None:
        """Put the cursor into the first field."""
        first = self.query(Input).first() if self.query(Input) else None
        if first is not None:
            self.screen.set_focus(first)

    def values(self) -> dict[str, str]:
        """Field name to what was typed; fields left empty are left out."""
        if self.forms is None:
            pairs = [
                (
                    self.query_one(f"#free-name-{index}", Field).value,
                    self.query_one(f"#free-value-{index}", Field).input.value,
                )
                for index in range(FREE_PAIRS)
                if self.query(f"#free-name-{index}")
            ]
            return {name: value for name, value in pairs if name and value}
        return {field.name or "": field.input.value for field in self.query(Field) if field.input.value}

    def field(self, name: str) -> Field | None:
        """The field of that name, or the first where the server names none."""
        fields = list(self.query(Field))
        return next((field for field in fields if field.name == name), fields[0] if fields and not name else None)

    def complain(self) -> None:
        """Say on each field what is missing."""
        if self.forms is None:
            self._complain_free()
            return
        if not self.forms:
            return
        required = {field.name for field in self.forms[self.way].fields if field.required}
        for field in self.query(Field):
            if field.name in required and not field.input.value:
                field.problem = "this provider needs it"

    def _complain_free(self) -> None:
        for index in range(FREE_PAIRS):
            name, value = self.query_one(f"#free-name-{index}", Field), self.query_one(f"#free-value-{index}", Field)
            if value.input.value and not name.value:
                name.problem = "name this field"
            elif name.value and not value.input.value:
                value.problem = f"give a value for {name.value}"
        if not self.values():
            self.query_one("#free-name-0", Field).problem = "give at least one field"
