"""Choices whose state is a character, not only a colour: ``(•) automatic  ( ) manual`` and ``[x] yes``."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Checkbox, RadioButton


class Choice(RadioButton):
    """One of several."""

    def render(self) -> Content:
        """A dot between brackets when it is the one."""
        mark = ("(•)", "bold $accent") if self.value else ("( )", "$muted")
        return Content.assemble(mark, " ", (self.label.plain, "bold" if self.value else ""), " ")


class Tick(Checkbox):
    """Yes or no."""

    def render(self) -> Content:
        """A cross between brackets when it is yes."""
        mark = ("[x]", "bold $accent") if self.value else ("[ ]", "$muted")
        return Content.assemble(mark, " ", (self.label.plain, "underline" if self.has_focus else ""), " ")
