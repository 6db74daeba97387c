"""Filters as keywords: each is a term of the filter line, and means the same."""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Real

from tui_app.models.filter import ACTORS, FilterError, no_such_actor

FilterValue = str | int | list[str] | tuple[str, ...] | None
"""What narrows: a word as in a filter line, a number, or several words that must all fit; ``None`` narrows nothing."""


def filter_line(text: str, terms: Mapping[str, FilterValue]) -> str:
    """Write a filter line.

    Args:
        text: What stands in it already.
        terms: Values by the names of their fields; one that begins with ``-`` is left out instead.

    Raises:
        FilterError: A value that a filter line cannot hold.

    >>> filter_line("prairie", {"state": "connected", "issues": ">0", "tag": ["west coast", "-test"], "mode": None})
    'prairie state:"connected" issues:">0" tag:"west coast" -tag:"test"'
    """
    parts = [_line(text)]
    for name, value in terms.items():
        for word in _words(name, value):
            if '"' in word:
                raise FilterError("a value cannot hold a quotation mark")
            excluded = word.startswith("-") and len(word) > 1
            parts.append(f'{"-" if excluded else ""}{name}:"{word.removeprefix("-") if excluded else word}"')
    return " ".join(part for part in parts if part)


def issue_filter_line(text: str, terms: Mapping[str, FilterValue]) -> str:
    """Write a filter line of the screen of issues, which knows no quotes: each word of a value is a term of its own.

    Args:
        text: What stands in it already.
        terms: Values by the names of their fields.

    Raises:
        FilterError: A value that means nothing there.

    >>> issue_filter_line("vin", {"who": "the fleet", "provider": "verizon connect", "code": None})
    'vin who:fleet provider:verizon provider:connect'
    """
    parts = [_line(text)]
    for name, value in terms.items():
        for said in _words(name, value):
            if said.startswith("-"):
                raise FilterError(f"{name}: leaves nothing out, so no value begins with -")
            parts += [f"{name}:{word}" for word in (_who(said) if name == "who" else said).split()]
    return " ".join(part for part in parts if part)


def _line(text: object) -> str:
    if not isinstance(text, str):
        raise FilterError("a filter line is a text; what narrows by a field stands behind its name")
    return text.strip()


def _words(name: str, value: object) -> list[str]:
    """What a field is to fit, word by word."""
    if not name.isalpha():  # in a filter line it would be a word like any other, which fits nothing
        raise FilterError(f"there is no filter “{name}:”, their names are single words")
    if value is None:
        return []
    if isinstance(value, list | tuple):
        return [word for each in value for word in _words(name, each)]
    if isinstance(value, str | Real):
        return [str(value)]
    raise FilterError(f"{name}: takes a word, a number, or a list of them")


def _who(said: str) -> str:
    """Whose turn it is, in one word."""
    word = said.strip().lower().removeprefix("the ")
    if any(word in each for each in ACTORS):
        return word
    raise no_such_actor("who")
