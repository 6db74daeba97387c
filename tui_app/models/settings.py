"""How a person likes things. Light to import: the first screen is painted by it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

THEME = "SYNCSCOPE_THEME"
"""The environment variable that names a theme."""

LOG_LEVELS = ("info", "debug", "warning", "off")
"""How much the log says; the first unless something else is set."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a person has set.

    Attributes:
        theme: The name of the theme; empty: the dark one, or the terminal's own where colours are not wanted.
        ascii: Whether nothing but ASCII is painted.
        motion: Whether things may move by themselves.
        zone: A zone that times can also be told in, e.g. the customer's: a name such as ``America/Chicago``, or empty.
        bell: Whether the terminal's bell rings when a followed sync ends.
        notify: Whether the terminal is asked to notify (OSC 9) when one ends.
        hook: A command that is run when one ends, and its arguments.
        log: How much the log says, one of `LOG_LEVELS`; empty: the first.
        history: How large the file of what was seen may become, in megabytes; 0: nothing is kept.
        keys: Other keys for actions, by ``scope.action``.
        problems: What in the file cannot be used, each with its reason.
    """

    theme: str = ""
    ascii: bool = False
    motion: bool = True
    zone: str = ""
    bell: bool = False
    notify: bool = False
    hook: tuple[str, ...] = ()
    log: str = ""
    history: int = 200
    keys: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
