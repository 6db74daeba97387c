"""Two syncs side by side, as lines of a screen and as text for a ticket."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from rich.cells import cell_len, set_cell_size
from textual.content import Content

from tui_app.findings.comparison import Verdict
from tui_app.models.text import safe_text

if TYPE_CHECKING:
    from tui_app.findings.comparison import Compared, Comparison

# The word says it; the sign is only quicker to find, the colour quicker still.
_SIGNS = {
    Verdict.DIFFERS: ("●", "$warning"),
    Verdict.ONLY_THIS: ("◀", "$warning"),
    Verdict.ONLY_OTHER: ("▶", "$warning"),
    Verdict.ABOUT_SAME: ("~", "$muted"),
    Verdict.SAME: ("=", "$muted"),
    Verdict.ITS_OWN: ("·", "$muted"),
}
_VERDICT, _NAME, _GAP = 18, 20, 2
SIDE_BY_SIDE = 90
"""Cells from which the two stand beside each other; else one under the other."""
_LONGEST = 600


def comparison_content(fields: Iterable[Compared], width: int) -> Content:
    """Fields of both syncs: verdict, name, this, the other; where that is too much for a line, under one another.

    Args:
        fields: What to show, in this order.
        width: Cells that a line has.
    """
    if width < SIDE_BY_SIDE:
        return Content("\n").join(line for field in fields for line in _below(field, width))
    value = (width - _VERDICT - _NAME - _GAP) // 2
    lines = [
        Content.styled(f"{'':{_VERDICT}}{'':{_NAME}}{'This sync':{value + _GAP}}The other", "$muted"),
        *(line for field in fields for line in _beside(field, value)),
    ]
    return Content("\n").join(lines)


def comparison_text(comparison: Comparison, this: str, other: str) -> str:
    """The whole comparison as plain text, a line for each field.

    Args:
        comparison: What was found.
        this: The ID of the sync in hand.
        other: The ID of the other one.
    """
    lines = [
        safe_text(comparison.summary, _LONGEST),
        "",
        f"this:  {safe_text(this, 80)}",
        f"other: {safe_text(other, 80)}",
        "",
    ]
    for field in comparison.fields:
        this_value, other_value = _values(field)
        values = this_value if field.verdict is Verdict.SAME else f"{this_value} | {other_value}"
        lines.append(f"{field.verdict.value}: {safe_text(field.name, 80)}: {values}")
    return "\n".join(lines)


def _values(field: Compared) -> tuple[str, str]:
    note = f" ({field.note})" if field.note else ""
    return safe_text(field.this, _LONGEST) + note, safe_text(field.other, _LONGEST)


def _beside(field: Compared, value: int) -> Iterable[Content]:
    sign, role = _SIGNS[field.verdict]
    this, other = _values(field)
    verdict, name = _cell(f"{sign} {field.verdict.value}", _VERDICT), _cell(safe_text(field.name, 80), _NAME)
    left, right = _wrapped(this, value), _wrapped(other, value)
    style = "" if field.verdict.is_difference else "$muted"
    for line in range(max(len(left), len(right))):
        begin = left[line] if line < len(left) else ""
        end = right[line] if line < len(right) else ""
        yield Content.assemble(
            (verdict if not line else " " * _VERDICT, role),
            (name if not line else " " * _NAME, "bold" if field.verdict.is_difference else "$muted"),
            (set_cell_size(begin, value + _GAP), style),
            (end, style),
        )


def _below(field: Compared, width: int) -> Iterable[Content]:
    sign, role = _SIGNS[field.verdict]
    different = field.verdict.is_difference
    name = "bold" if different else "$muted"
    title = _cell(safe_text(field.name, 80), width - _VERDICT).rstrip()
    yield Content.assemble((_cell(f"{sign} {field.verdict.value}", _VERDICT), role), (title, name))
    this, other = _values(field)
    pairs = (("both", this),) if field.verdict is Verdict.SAME else (("this", this), ("other", other))
    for side, text in pairs:
        for number, line in enumerate(_wrapped(text, width - 9)):
            yield Content.assemble((f"  {'' if number else side:<7}", "$muted"), (line, "" if different else "$muted"))


def _wrapped(text: str, width: int) -> list[str]:
    return [line.plain.rstrip() for line in Content(text).wrap(max(width, 10))] or [""]


def _cell(text: str, width: int) -> str:
    """A text in a column of its own, with a space after it."""
    return set_cell_size(text if cell_len(text) < width else set_cell_size(text, width - 2) + "…", width)
