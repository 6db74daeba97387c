"""Every theme can be read: each colour that carries a word stands out from each ground that it may stand on."""

from __future__ import annotations

import itertools

import pytest
from textual.color import Color
from textual.theme import Theme

from tui_app.themes import COLOUR_BLIND, DARK, LIGHT, TERMINAL, THEMES, theme_names

OURS = (DARK, LIGHT, COLOUR_BLIND)
LEAST = 4.5  # of WCAG 2, level AA


def luminance(colour: Color) -> float:
    parts = [part / 255 for part in (colour.r, colour.g, colour.b)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(Color.parse(one)), luminance(Color.parse(other))), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def colours(theme: Theme) -> dict[str, str]:
    named = ("accent", "success", "warning", "error", "foreground", "background", "surface", "panel")
    return {name: getattr(theme, name) for name in named} | dict(theme.variables)


def _name(value: Theme | str) -> str:
    return value if isinstance(value, str) else value.name


TEXTS = ("foreground", "muted", "accent", "success", "warning", "error")
GROUNDS = ("background", "surface")


@pytest.mark.parametrize(
    ("theme", "text", "ground"),
    itertools.product(OURS, TEXTS, GROUNDS),
    ids=_name,
)
def test_words_stand_out_from_what_they_stand_on(theme: Theme, text: str, ground: str) -> None:
    known = colours(theme)
    assert contrast(known[text], known[ground]) >= LEAST


@pytest.mark.parametrize(("theme", "text"), itertools.product(OURS, TEXTS), ids=_name)
def test_words_stand_out_under_the_cursor(theme: Theme, text: str) -> None:
    known = colours(theme)
    assert contrast(known[text], known["cursor"]) >= LEAST


@pytest.mark.parametrize(
    ("theme", "place"),
    itertools.product(OURS, ("simulated", "sandbox", "production", "recorded")),
    ids=_name,
)
def test_the_environments_word_stands_out_from_its_colour(theme: Theme, place: str) -> None:
    ground = Color.parse(colours(theme)[place])
    assert contrast(ground.get_contrast_text(1.0).hex6, ground.hex6) >= LEAST


def test_the_terminals_own_theme_names_no_colour_that_the_terminal_does_not() -> None:
    for name, colour in colours(TERMINAL).items():
        if not name.endswith("style"):
            assert colour.startswith("ansi_"), name


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_a_theme_may_be_called_by_its_short_name(theme: Theme) -> None:
    assert theme.name in theme_names(theme.name.removeprefix("syncscope-"))
