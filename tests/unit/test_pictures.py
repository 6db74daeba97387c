"""The README's pictures: all are there, and can be taken again to the byte, whatever fonts a machine has."""

from __future__ import annotations

import re
from io import BytesIO

import pytest
from PIL import Image

from screenshots.glyphs import FONTS, HEIGHT, WIDTH, mask
from screenshots.stage import Set
from screenshots.stories import PICTURES, TOUR, Picture
from screenshots.take import FOLDER, TOUR_NAME, main, take

ROOT = FOLDER.parent
KB = 1000


async def one_step(stage: Set) -> None:
    await stage.press("down")


async def test_a_picture_taken_twice_is_the_same_to_the_byte() -> None:
    picture = Picture("small", one_step, size=(80, 24))
    first, second = [await take(picture, connections=4) for _ in range(2)]
    assert set(first) == {"svg", "png"}
    assert first == second


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.name)
def test_every_picture_of_the_table_is_there_as_svg_and_as_a_small_png(picture: Picture) -> None:
    columns, rows = picture.size
    with Image.open(FOLDER / f"{picture.name}.png") as image:
        assert (image.width // WIDTH, image.height // HEIGHT) >= (columns, rows)
    assert (FOLDER / f"{picture.name}.png").stat().st_size < 300 * KB
    assert "https://cdn" not in (FOLDER / f"{picture.name}.svg").read_text(encoding="utf-8")


def test_no_picture_is_left_of_which_the_table_says_nothing() -> None:
    assert {path.stem for path in FOLDER.glob("*.svg")} == {picture.name for picture in PICTURES}
    assert {path.stem for path in FOLDER.glob("*.png")} == {picture.name for picture in PICTURES} | {TOUR_NAME}


def test_the_tour_repeats_and_takes_half_a_minute_at_most() -> None:
    content = (FOLDER / f"{TOUR_NAME}.png").read_bytes()
    assert len(content) < 2000 * KB
    with Image.open(BytesIO(content)) as image:
        assert (getattr(image, "n_frames", 1), image.info["loop"]) == (len(TOUR), 0)
    assert sum(step.hold for step in TOUR) <= 30


def test_the_readme_shows_pictures_that_there_are_and_says_what_is_on_them() -> None:
    shown = re.findall(r"!\[(.*?)\]\((.*?)\)", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert f"screenshots/{TOUR_NAME}.png" in [path for _, path in shown]
    assert [path for words, path in shown if not (ROOT / path).is_file() or len(words) < 20] == []


@pytest.mark.parametrize("bold", [False, True])
def test_what_the_screens_use_is_in_the_font_beside_or_drawn(bold: bool) -> None:
    unknown = mask("\ufffe", bold)
    for character in "AÅéñ…·•–—“”×≤→↑↓●○◐◌◔◇✗✓▫▾▴▶‹›":
        drawn = mask(character, bold)
        assert drawn is not None
        assert unknown is None or drawn.tobytes() != unknown.tobytes(), character
    assert {path.name for path in FONTS.iterdir()} == {"DejaVuSansMono.ttf", "DejaVuSansMono-Bold.ttf", "LICENSE"}


@pytest.mark.parametrize("character", "█━─")
def test_lines_and_blocks_reach_their_neighbours(character: str) -> None:
    drawn = mask(character, False)
    assert drawn is not None
    box = drawn.getbbox()
    assert box is not None
    assert (box[0], box[2]) == (0, WIDTH)


def test_a_picture_that_there_is_not_is_told_with_those_that_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sunset"]) == 2
    assert "There are: connections" in capsys.readouterr().err
