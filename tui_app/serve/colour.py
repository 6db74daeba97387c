"""What a page is coloured with around the screens, and before they are there."""

from __future__ import annotations

from textual.theme import BUILTIN_THEMES, Theme

from tui_app.themes import DARK, THEMES, theme_names

BLACK = "#000000"
"""Where a theme leaves the background to the terminal: the terminal's own."""


def page_colour(theme: Theme) -> str:
    """The colour behind a theme, as #rrggbb."""
    return theme.background if theme.background and theme.background.startswith("#") else BLACK


def colour_of(name: str) -> str:
    """The colour behind the theme that the app begins with, given what a person's settings call it."""
    known = {**BUILTIN_THEMES, **{theme.name: theme for theme in THEMES}}
    return page_colour(next((known[each] for each in theme_names(name) if each in known), DARK))
