"""The parts of a sync, one for each model of its connection, in words."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from rich.cells import cell_len, set_cell_size
from textual.content import Content

from tui_app.models.text import safe_text
from tui_app.models.times import day, day_and_time, duration
from tui_app.widgets.states import part_spans

if TYPE_CHECKING:
    from tui_app.models.sync import Sync, SyncPart

_STATE = 16
_NAME = 9
"""The least cells of a name and the space after it; how long a part takes gives way to them."""


def parts_content(sync: Sync | None, now: datetime, width: int) -> tuple[Content, Content]:
    """The parts of a sync: title and list.

    Args:
        sync: As last seen; ``None`` before the first good look.
        now: The server's time.
        width: Cells that a line has.
    """
    if sync is None or not sync.parts:
        return Content.styled("Models", "bold"), Content.styled("Each model's own state appears here.", "$muted")
    lost = sum(1 for part in sync.parts if part.phase.value == "lost")
    title: list[str | tuple[str, str]] = [
        ("Models ", "bold"),
        (f"{sync.parts_ended - lost} of {len(sync.parts)} ended", "$muted"),
    ]
    if lost:
        title.append((f", the end of {lost} was not seen", "$warning"))
    if traits := _common(sync):
        title.append((f" · {traits}", "$muted"))
    return Content.assemble(*title), Content("\n").join(_part(part, now, max(width, 40)) for part in sync.parts)


def _common(sync: Sync) -> str:
    """What holds for every part alike."""
    by_hand = {part.is_one_off for part in sync.parts}
    initial = {part.is_initial for part in sync.parts}
    words = [{True: "asked for by hand", False: "by schedule"}[kind] for kind in (True, False) if by_hand == {kind}]
    words += ["first sync"] if initial == {True} else []
    return ", ".join(words)


def _part(part: SyncPart, now: datetime, width: int) -> Content:
    ((word, role),) = part_spans(part)
    tries, took = _tries(part), _took(part, now)
    right = f"{tries} · {took}" if took else tries
    room = width - _STATE - _NAME
    right = right if cell_len(right) <= room else _cut(tries, room)
    name = width - _STATE - cell_len(right)
    pieces: list[str | tuple[str, str]] = [
        (_cell(word, _STATE), f"${role}"),
        (_cell(safe_text(part.name, 80), name), "bold"),
        (right, "$muted"),
    ]
    if window := _window(part):
        pieces.append(_below(window, width, "$muted"))
    if part.failure_reason:
        style = "$error" if part.phase.value == "failed" else "$warning"
        pieces.append(_below(safe_text(part.failure_reason, 600), width, style))
    pieces += [_below(safe_text(text, 300), width, "italic $muted") for text in (part.note, part.inference) if text]
    return Content.assemble(*pieces)


def _cut(text: str, width: int) -> str:
    return text if cell_len(text) <= width else set_cell_size(text, width - 1) + "…"


def _cell(text: str, width: int) -> str:
    """A text in a column of its own, with a space after it."""
    return set_cell_size(_cut(text, width - 1), width)


def _below(text: str, width: int, style: str) -> tuple[str, str]:
    """A text on lines of its own, indented by what the glyph takes."""
    lines = (line.plain.strip() for line in Content(text).wrap(width - 2))
    return ("".join(f"\n  {line}" for line in lines if line), style)


def _tries(part: SyncPart) -> str:
    if part.attempt is None:
        return "tries unknown"
    return "no try yet" if part.attempt == 0 else f"try {part.attempt}"


def _took(part: SyncPart, now: datetime) -> str:
    if part.started_at is None:
        return ""
    if part.completed_at is not None:
        return duration(part.completed_at - part.started_at)
    return "" if part.phase.is_final else duration(now - part.started_at)


def _window(part: SyncPart) -> str:
    """The window that a part brings in; without a begin it is everything up to its end."""
    if part.until is None:
        return f"window from {day_and_time(part.start_from)}" if part.start_from else ""
    if part.start_from is None:
        return f"everything up to {day_and_time(part.until)}"
    begin, end = day_and_time(part.start_from), day_and_time(part.until)
    if day(part.start_from) == day(part.until):
        end = end.rpartition(" ")[2]
    return f"window {begin} to {end}"
