"""Our own themes. Every colour on a screen is a variable of the theme; every state has a glyph and a word besides."""

from __future__ import annotations

from textual.theme import Theme

DARK = Theme(
    name="syncscope-dark",
    primary="#6cb2f7",
    secondary="#8fa3bf",
    accent="#6cb2f7",
    success="#63c07d",
    warning="#e0ac45",
    error="#f0716b",
    foreground="#d9e0e8",
    background="#10151b",
    surface="#161d26",
    panel="#1d2631",
    dark=True,
    variables={
        "muted": "#8593a5",
        "track": "#2b3746",
        "cursor": "#21415f",
        "line": "#2a3543",
        "simulated": "#2f6fb5",
        "sandbox": "#a8741a",
        "production": "#b93a3a",
        "footer-background": "#161d26",
        "footer-key-foreground": "#6cb2f7",
        "footer-description-foreground": "#a9b5c3",
        "footer-key-background": "#161d26",
        "footer-description-background": "#161d26",
        "block-cursor-text-style": "none",
        "input-selection-background": "#6cb2f7 35%",
    },
)

LIGHT = Theme(
    name="syncscope-light",
    primary="#1b66b3",
    secondary="#52627a",
    accent="#1b66b3",
    success="#1f7a3d",
    warning="#8f5f00",
    error="#b3261e",
    foreground="#1d2530",
    background="#fbfcfd",
    surface="#f0f3f6",
    panel="#e4e9ef",
    dark=False,
    variables={
        "muted": "#5c6a7b",
        "track": "#cdd6df",
        "cursor": "#cfe2f6",
        "line": "#cdd5de",
        "simulated": "#2f6fb5",
        "sandbox": "#96660f",
        "production": "#b3261e",
        "footer-background": "#f0f3f6",
        "footer-key-foreground": "#1b66b3",
        "footer-description-foreground": "#3b4756",
        "footer-key-background": "#f0f3f6",
        "footer-description-background": "#f0f3f6",
        "block-cursor-text-style": "none",
        "input-selection-background": "#1b66b3 25%",
    },
)

THEMES = (DARK, LIGHT)
