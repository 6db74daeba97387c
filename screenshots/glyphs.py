"""The shapes of characters as masks of one cell: lines and blocks as geometry, everything else from the font beside.

Lines and blocks have to meet their neighbours without a seam, which a font's outlines do only at some sizes.
"""

from __future__ import annotations

from functools import cache, lru_cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

FONTS = Path(__file__).parent / "font"

WIDTH, HEIGHT = 12, 24
"""A cell in pixels."""

_SIZE = 20
_BASELINE = 19
_LEVELS = 8
"""How many steps an edge has from nothing to full: enough for the eye, and half the file."""

_BOX_ARMS = {
    "─": "lr", "│": "ud", "┌": "rd", "┐": "ld", "└": "ru", "┘": "lu", "├": "udr", "┤": "udl", "┬": "lrd", "┴": "lru",
    "┼": "lrud", "╭": "rd", "╮": "ld", "╰": "ru", "╯": "lu", "╴": "l", "╵": "u", "╶": "r", "╷": "d",
    "━": "LR", "┃": "UD", "┏": "RD", "┓": "LD", "┗": "RU", "┛": "LU", "╸": "L", "╹": "U", "╺": "R", "╻": "D",
    "╼": "lR", "╾": "Lr",
}  # fmt: skip
"""Where lines leave the middle of a cell: left, right, up, down; heavy ones in capitals."""

_SHADES = {"░": 64, "▒": 128, "▓": 192}
_QUADRANTS = {
    "▖": "c",
    "▗": "d",
    "▘": "a",
    "▙": "acd",
    "▚": "ad",
    "▛": "abc",
    "▜": "abd",
    "▝": "b",
    "▞": "bc",
    "▟": "bcd",
}


@lru_cache(maxsize=4096)
def mask(character: str, bold: bool, width: int = WIDTH) -> Image.Image | None:
    """How much of each of a cell's pixels a character covers; none where it covers nothing.

    Args:
        character: What to draw.
        bold: Whether it is bold; geometry is not.
        width: The pixels that it may take: a wide character takes two cells.
    """
    if character.isspace() or not character.isprintable():
        return None
    if character in _SHADES:
        return Image.new("L", (WIDTH, HEIGHT), _SHADES[character])
    areas = _block(character) or _box(character)
    image = Image.new("L", (width, HEIGHT), 0)
    draw = ImageDraw.Draw(image)
    if areas:
        for left, top, right, bottom in areas:
            draw.rectangle((left, top, right - 1, bottom - 1), fill=255)
        return image
    draw.text((width / 2, _BASELINE), character, fill=255, font=_font(bold), anchor="ms")
    return image.point([round(round(level * _LEVELS / 255) * 255 / _LEVELS) for level in range(256)])


@cache
def _font(bold: bool) -> ImageFont.FreeTypeFont:
    # Basic layout: no shaping engine, which a machine may or may not have.
    name = "DejaVuSansMono-Bold.ttf" if bold else "DejaVuSansMono.ttf"
    return ImageFont.truetype(FONTS / name, _SIZE, layout_engine=ImageFont.Layout.BASIC)


def _block(character: str) -> list[tuple[int, int, int, int]]:
    """The areas of a block element, as left, top, right, bottom."""
    code, middle, centre = ord(character), HEIGHT // 2, WIDTH // 2
    if 0x2581 <= code <= 0x2588:
        return [(0, HEIGHT - round(HEIGHT * (code - 0x2580) / 8), WIDTH, HEIGHT)]
    if 0x2589 <= code <= 0x258F:
        return [(0, 0, max(1, round(WIDTH * (0x2590 - code) / 8)), HEIGHT)]
    halves = {
        "▀": (0, 0, WIDTH, middle),
        "▐": (centre, 0, WIDTH, HEIGHT),
        "▔": (0, 0, WIDTH, HEIGHT // 8),
        "▕": (WIDTH - 1, 0, WIDTH, HEIGHT),
    }
    if character in halves:
        return [halves[character]]
    quarters = {
        "a": (0, 0, centre, middle),
        "b": (centre, 0, WIDTH, middle),
        "c": (0, middle, centre, HEIGHT),
        "d": (centre, middle, WIDTH, HEIGHT),
    }
    return [quarters[which] for which in _QUADRANTS.get(character, "")]


def _box(character: str) -> list[tuple[int, int, int, int]]:
    """The areas of a line-drawing character, as left, top, right, bottom."""
    areas = []
    for arm in _BOX_ARMS.get(character, ""):
        thick = 4 if arm.isupper() else 2
        left, top = (WIDTH - thick) // 2, (HEIGHT - thick) // 2
        right, bottom = left + thick, top + thick
        areas.append(
            {
                "l": (0, top, right, bottom),
                "r": (left, top, WIDTH, bottom),
                "u": (left, 0, right, bottom),
                "d": (left, top, right, HEIGHT),
            }[arm.lower()]
        )
    return areas
