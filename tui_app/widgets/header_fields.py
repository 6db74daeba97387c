"""Headers of a request: names and values, one line each, and always one more to write into."""

from __future__ import annotations

import re

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Input, Static

from tui_app.models.secrets import is_secret_name
from tui_app.widgets.field import SafeInput

MOST = 20
"""Lines that there are at most."""

_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,200}")
_VALUE = re.compile(r"[\x20-\x7e]{0,8000}")


class HeaderLine(Horizontal):
    """One header. Its value is masked where its name says that it holds a secret."""

    def __init__(self) -> None:
        super().__init__(classes="field-line header-line")
        self.named = SafeInput(placeholder="name", compact=True, classes="header-name")
        self.given = SafeInput(placeholder="value", compact=True, classes="header-value")
        self.named.cursor_blink = self.given.cursor_blink = False

    def compose(self) -> ComposeResult:
        """Name and value beside each other."""
        yield Static("", classes="field-label")
        yield self.named
        yield self.given

    @property
    def name_typed(self) -> str:
        """The name, without spaces around it."""
        return self.named.value.strip()


class HeaderFields(Vertical):
    """As many headers as are written."""

    def compose(self) -> ComposeResult:
        """The first line, and what is wrong with any."""
        yield HeaderLine()
        yield Static(id="header-problem")

    def on_mount(self) -> None:
        """The first line has the label."""
        self.query(HeaderLine).first().query_one(".field-label", Static).update("Headers")
        self.query_one("#header-problem").display = False

    def lines(self) -> list[HeaderLine]:
        """Every line, from above."""
        return list(self.query(HeaderLine))

    def values(self) -> dict[str, str]:
        """Name to value; a line without a name is none."""
        return {line.name_typed: line.given.value.strip() for line in self.lines() if line.name_typed}

    def complain(self) -> Input | None:
        """Say what is wrong with a header, and return the field where it is."""
        found: tuple[str, Input] | None = None
        seen: set[str] = set()
        for line in self.lines():
            name, value = line.name_typed, line.given.value
            if not name and value.strip():
                found = found or ("name this header", line.named)
            elif name and not _NAME.fullmatch(name):
                found = found or ("a header's name has letters, digits and dashes", line.named)
            elif name.lower() in seen:
                found = found or ("this header is there already", line.named)
            elif not _VALUE.fullmatch(value):
                found = found or ("a header's value has ASCII characters only", line.given)
            seen |= {name.lower()} if name else set()
        place = self.query_one("#header-problem", Static)
        place.update(Content.styled(f"✗ {found[0]}", "$error") if found else "")
        place.display = found is not None
        return found[1] if found else None

    @on(Input.Changed)
    def _typed(self) -> None:
        lines = self.lines()
        for line in lines:
            line.given.password = is_secret_name(line.name_typed)
        self.query_one("#header-problem").display = False
        if lines[-1].name_typed and len(lines) < MOST:
            self.mount(HeaderLine(), after=lines[-1])
