"""Paints what is on the screen: cell by cell as PNG, as a terminal with true colours shows it, or as SVG."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from PIL import Image, ImageChops, ImageDraw
from rich.cells import cell_len
from rich.color import Color as RichColour
from rich.segment import Segment
from rich.style import Style
from textual.color import Color

from screenshots.glyphs import HEIGHT, WIDTH, mask
from tui_app.app import Syncscope

RGB = tuple[int, int, int]

MARGIN = 12
TITLE = 36
CAPTION = 60
_TITLE = "syncscope"
_LIGHTS: tuple[RGB, ...] = ((255, 95, 86), (255, 189, 46), (39, 201, 63))
_CAPTION_GROUND: RGB = (8, 11, 15)
_CAPTION_WORDS: RGB = (217, 224, 232)
_CAP_GROUND: RGB = (47, 111, 181)
_CAP_WORDS: RGB = (255, 255, 255)


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture of a tour.

    Attributes:
        image: What is seen.
        hold: For how many seconds.
    """

    image: Image.Image
    hold: float


def svg(app: Syncscope) -> str:
    """The screen as SVG, without the web font that Textual names: a picture asks no host for anything."""
    picture = app.export_screenshot(title=_TITLE, simplify=True)
    picture = re.sub(r'\s*url\("https?://[^"]*"\)[^;,]*,?', "", picture)
    picture = re.sub(r",\s*;", ";", picture)
    return picture.replace("\r\n", "\n")


def image(app: Syncscope, keys: Sequence[str] = (), words: str = "") -> Image.Image:
    """The screen as an image in a window.

    Args:
        app: The running application.
        keys: What was pressed, for a line below.
        words: What is seen, for that line; there is none without words.
    """
    columns, rows = app.size
    theme = app.theme_variables
    ground, bar = _rgb(theme["background"]), _rgb(theme["panel"])
    size = (columns * WIDTH + 2 * MARGIN, TITLE + rows * HEIGHT + 2 * MARGIN + (CAPTION if words else 0))
    picture = Image.new("RGB", size, ground)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 0, size[0], TITLE - 1), fill=bar)
    for index, colour in enumerate(_LIGHTS):
        picture.paste(colour, (MARGIN + 4 + 22 * index, TITLE // 2 - 7), _disc(14))
    _write(picture, ((size[0] - len(_TITLE) * WIDTH) // 2, (TITLE - HEIGHT) // 2), _TITLE, _rgb(theme["muted"]))
    for row, strip in enumerate(app.screen._compositor.render_strips()):
        _line(picture, row, strip, (_rgb(theme["foreground"]), ground))
    if words:
        draw.rectangle((0, size[1] - CAPTION, *size), fill=_CAPTION_GROUND)
        _caption(picture, size[1] - CAPTION // 2, keys, words)
    return picture


def png(picture: Image.Image) -> bytes:
    """An image as the bytes of a PNG file: with a palette where its colours fit into one, which is far smaller."""
    target = io.BytesIO()
    _reduced(picture).save(target, "PNG", optimize=True)
    return target.getvalue()


def _reduced(picture: Image.Image) -> Image.Image:
    colours = picture.getcolors(256)
    if colours is None:
        return picture
    # By colour, not by how often: the same picture always has the same palette.
    order = sorted(colour for _, colour in colours if isinstance(colour, tuple))
    palette = Image.new("P", (1, 1))
    palette.putpalette([part for colour in order for part in colour[:3]])
    return picture.quantize(palette=palette, dither=Image.Dither.NONE)


def tour(frames: Sequence[Frame]) -> bytes:
    """Frames as the bytes of one animated PNG, which repeats for ever.

    Each frame but the first holds only what differs from the one before, and nothing elsewhere.
    """
    painted = [frames[0].image.convert("RGBA")]
    for before, after in pairwise(frames):
        painted.append(_difference(before.image, after.image))
    target = io.BytesIO()
    painted[0].save(
        target,
        "PNG",
        save_all=True,
        append_images=painted[1:],
        duration=[round(frame.hold * 1000) for frame in frames],
        loop=0,
        disposal=0,
        blend=1,
        optimize=True,
    )
    return target.getvalue()


def _difference(before: Image.Image, after: Image.Image) -> Image.Image:
    changed = Image.new("L", after.size, 0)
    for band in ImageChops.difference(before, after).split():
        changed = ImageChops.lighter(changed, band)
    result = Image.new("RGBA", after.size, (0, 0, 0, 0))
    result.paste(after, (0, 0), changed.point([0, *[255] * 255]))
    return result


def _line(picture: Image.Image, row: int, segments: Iterable[Segment], default: tuple[RGB, RGB]) -> None:
    draw = ImageDraw.Draw(picture)
    left, top = MARGIN, TITLE + MARGIN + row * HEIGHT
    for text, style, control in segments:
        if control or not text:
            continue
        words, ground = _colours(style, default)
        right = left + cell_len(text) * WIDTH
        draw.rectangle((left, top, right - 1, top + HEIGHT - 1), fill=ground)
        _write(picture, (left, top), text, words, bold=bool(style and style.bold))
        if style and style.underline:
            draw.rectangle((left, top + HEIGHT - 3, right - 1, top + HEIGHT - 2), fill=words)
        if style and style.strike:
            draw.rectangle((left, top + HEIGHT // 2, right - 1, top + HEIGHT // 2 + 1), fill=words)
        left = right


def _write(picture: Image.Image, place: tuple[int, int], text: str, colour: RGB, *, bold: bool = False) -> None:
    left, top = place
    for character in text:
        width = cell_len(character) * WIDTH
        shape = mask(character, bold, width) if width else None
        if shape is not None:
            picture.paste(colour, (left, top), shape)
        left += width


def _caption(picture: Image.Image, middle: int, keys: Sequence[str], words: str) -> None:
    draw = ImageDraw.Draw(picture)
    left, top = MARGIN + WIDTH, middle - HEIGHT // 2
    for key in keys:
        right = left + (cell_len(key) + 2) * WIDTH
        draw.rounded_rectangle((left, top - 5, right - 1, top + HEIGHT + 4), radius=6, fill=_CAP_GROUND)
        _write(picture, (left + WIDTH, top), key, _CAP_WORDS, bold=True)
        left = right + WIDTH
    _write(picture, (left + (WIDTH if keys else 0), top), words, _CAPTION_WORDS)


def _disc(size: int) -> Image.Image:
    large = Image.new("L", (size * 4, size * 4), 0)
    ImageDraw.Draw(large).ellipse((0, 0, size * 4 - 1, size * 4 - 1), fill=255)
    return large.reduce(4)


def _colours(style: Style | None, default: tuple[RGB, RGB]) -> tuple[RGB, RGB]:
    if style is None:
        return default
    words, ground = _true(style.color, default[0]), _true(style.bgcolor, default[1])
    return (ground, words) if style.reverse else (words, ground)


def _true(colour: RichColour | None, default: RGB) -> RGB:
    if colour is None or colour.is_default:
        return default
    red, green, blue = colour.get_truecolor()
    return red, green, blue


def _rgb(colour: str) -> RGB:
    return Color.parse(colour).rgb
