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
        "muted": "#8d9bad",
        "track": "#2b3746",
        "cursor": "#19324a",
        "line": "#2a3543",
        "simulated": "#2f6fb5",
        "sandbox": "#8f6010",
        "production": "#b93a3a",
        "recorded": "#6a5aa8",
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
        "cursor": "#e2eefa",
        "line": "#cdd5de",
        "simulated": "#2f6fb5",
        "sandbox": "#96660f",
        "production": "#b3261e",
        "recorded": "#6a4fa3",
        "footer-background": "#f0f3f6",
        "footer-key-foreground": "#1b66b3",
        "footer-description-foreground": "#3b4756",
        "footer-key-background": "#f0f3f6",
        "footer-description-background": "#f0f3f6",
        "block-cursor-text-style": "none",
        "input-selection-background": "#1b66b3 25%",
    },
)

# Blue against orange, which nearly everybody can tell apart; words and glyphs say the same.
COLOUR_BLIND = Theme(
    name="syncscope-colour-blind",
    primary="#7cc0f5",
    secondary="#8fa3bf",
    accent="#b6c7f2",
    success="#56b4e9",
    warning="#f0e442",
    error="#ff9a3d",
    foreground="#e4e9ef",
    background="#10151b",
    surface="#161d26",
    panel="#1d2631",
    dark=True,
    variables={
        **DARK.variables,
        "simulated": "#2f6fb5",
        "sandbox": "#7f6f00",
        "production": "#b35200",
        "recorded": "#5c6470",
        "footer-key-foreground": "#7cc0f5",
        "input-selection-background": "#7cc0f5 35%",
    },
)

# The sixteen colours that the terminal itself is set to, on its own background.
TERMINAL = Theme(
    name="syncscope-terminal",
    ansi=True,
    primary="ansi_blue",
    secondary="ansi_cyan",
    accent="ansi_cyan",
    success="ansi_green",
    warning="ansi_yellow",
    error="ansi_red",
    foreground="ansi_default",
    background="ansi_default",
    surface="ansi_default",
    panel="ansi_default",
    boost="ansi_default",
    dark=True,
    variables={
        "muted": "ansi_default",
        "track": "ansi_default",
        "cursor": "ansi_default",  # told by reversal: no two of the sixteen are sure to differ
        "line": "ansi_default",
        "simulated": "ansi_blue",
        "sandbox": "ansi_yellow",
        "production": "ansi_red",
        "recorded": "ansi_magenta",
        "footer-background": "ansi_default",
        "footer-key-foreground": "ansi_cyan",
        "footer-description-foreground": "ansi_default",
        "footer-key-background": "ansi_default",
        "footer-description-background": "ansi_default",
        "block-cursor-text-style": "reverse",
        "block-cursor-foreground": "ansi_default",
        "block-cursor-background": "ansi_default",
        "ansi-background": "ansi_black",
        "ansi-foreground": "ansi_white",
        "border-blurred": "ansi_default",
        "input-cursor-background": "ansi_default",
        "input-cursor-foreground": "ansi_default",
        "input-cursor-text-style": "reverse",
        "input-selection-background": "ansi_blue",
        "input-selection-foreground": "ansi_default",
        "screen-selection-background": "ansi_blue",
        "screen-selection-foreground": "ansi_default",
    },
)

THEMES = (DARK, LIGHT, COLOUR_BLIND, TERMINAL)


def theme_names(wanted: str) -> tuple[str, ...]:
    """The names that a person may mean by a word: ours may be given without what they all begin with."""
    return (wanted, f"syncscope-{wanted}")
