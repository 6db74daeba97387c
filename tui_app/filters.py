"""For terminals that show less or otherwise. Each works on what is painted, cell by cell."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter

_SIGNS = {
    # States.
    **dict(zip("●○✓✗◐◌◔▫◇▪◆", "*ovx~.?-?-+", strict=True)),
    # Lines, corners and bars.
    **dict.fromkeys("─╌┄╴╶▁▂▔", "-"),
    **dict.fromkeys("━═╸╺╼╾", "="),  # the part of a thin bar that is filled
    **dict.fromkeys("│┃║▌▐▍▎▏", "|"),
    **dict.fromkeys("┌┐└┘├┤┬┴┼╭╮╰╯╔╗╚╝╠╣╦╩╬┏┓┗┛", "+"),
    **dict.fromkeys("█▉▊▋▓▀▄▇▆▅▃", "#"),
    **dict.fromkeys("░▒", "."),
    # Punctuation.
    **dict(zip("…·•—–−→←↑↓▶▸◀▲▼▾▴≤≥×‹›“”‘’⟵⭘", "..*---><^v>><^vv^<>x<>\"\"''<o", strict=True)),
}


@lru_cache(maxsize=4096)
def ascii_of(text: str) -> str:
    """Write a text in ASCII, as wide as it was: our signs by their likes, letters without their accents, else ``?``."""
    if text.isascii():
        return text
    return "".join(character if character.isascii() else _ascii(character) for character in text)


def _ascii(character: str) -> str:
    sign = _SIGNS.get(character)
    if sign is not None:
        return sign
    width = cell_len(character)
    letter = unicodedata.normalize("NFKD", character)[:1]
    return (letter if letter.isascii() and letter.isprintable() else "?") * width


class PlainAscii(LineFilter):
    """Paints nothing but ASCII."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Replace the text of each segment."""
        return [Segment(ascii_of(text), style, control) for text, style, control in segments]


class NoColours(LineFilter):
    """Paints in the terminal's own two colours: weight, underline and reversal are left."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Take the colours from each segment's style."""
        return [Segment(text, None if style is None else _uncoloured(style), None) for text, style, _ in segments]


@lru_cache(maxsize=2048)
def _uncoloured(style: Style) -> Style:
    return Style(
        bold=style.bold, italic=style.italic, underline=style.underline, reverse=style.reverse, strike=style.strike
    )


_SOLID = re.compile("(█+)")


class SolidBlocks(LineFilter):
    """Paints full blocks as what is behind letters: a page of the web shows a seam between each block and the next."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Cut the blocks out of each segment, as spaces on the colour that they had."""
        painted: list[Segment] = []
        for segment in segments:
            style = segment.style
            if "█" not in segment.text or style is None or style.color is None or style.reverse:
                painted.append(segment)
                continue
            solid = style + Style(bgcolor=style.color)
            parts = filter(None, _SOLID.split(segment.text))
            painted += [Segment(" " * len(part), solid) if part[0] == "█" else Segment(part, style) for part in parts]
        return painted
