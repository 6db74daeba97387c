"""Names and values under one another: the quiet way to show what is known of one thing."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable

from textual.content import Content

from tui_app.models.text import safe_text

Fact = tuple[str, str | Content]

NAME_WIDTH = 13
"""Cells for a fact's name and the space after it."""


def facts_content(facts: Iterable[Fact], width: int) -> Content:
    """Lines of a muted name and its value; what does not fit goes on below the value, not below the name.

    Args:
        facts: Text values are made inert; values that are empty are left out.
        width: Cells in all.
    """
    lines: list[Content] = []
    for name, value in facts:
        shown = _hung(value, width) if isinstance(value, Content) else Content(_wrapped(safe_text(value, 600), width))
        if shown.plain:
            lines.append(Content.assemble((f"{name:<{NAME_WIDTH}}", "$muted"), shown))
    return Content("\n").join(lines)


_NEXT_LINE = "\n" + " " * NAME_WIDTH


def _wrapped(text: str, width: int) -> str:
    return _NEXT_LINE.join(textwrap.wrap(text, max(width - NAME_WIDTH, 20)))


def _hung(text: Content, width: int) -> Content:
    return Content(_NEXT_LINE).join(line.rstrip() for line in text.wrap(max(width - NAME_WIDTH, 20)))
