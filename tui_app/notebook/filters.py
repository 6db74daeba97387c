"""Filters as keywords: each is a term of the filter line, and means the same."""

from __future__ import annotations

from collections.abc import Mapping

from tui_app.models.filter import FilterError

FilterValue = str | int | list[str] | tuple[str, ...]
"""What narrows: a word as in a filter line, a number, or several words that must all fit."""


def filter_line(text: str, terms: Mapping[str, FilterValue]) -> str:
    """Write a filter line.

    Args:
        text: What stands in it already.
        terms: Values by the names of their fields; one that begins with ``-`` is left out instead.

    Raises:
        FilterError: A value that a filter line cannot hold.

    >>> filter_line("prairie", {"state": "connected", "issues": ">0", "tag": ["west coast", "-test"]})
    'prairie state:"connected" issues:">0" tag:"west coast" -tag:"test"'
    """
    parts = [text.strip()]
    for name, value in terms.items():
        for word in value if isinstance(value, list | tuple) else (str(value),):
            if '"' in word:
                raise FilterError("a value cannot hold a quotation mark")
            excluded = word.startswith("-") and len(word) > 1
            parts.append(f'{"-" if excluded else ""}{name}:"{word.removeprefix("-") if excluded else word}"')
    return " ".join(part for part in parts if part)
