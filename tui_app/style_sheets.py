"""Where the style sheets are. Each screen names its own, so that none is read before its screen is shown."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from textual.cache import LRUCache
from textual.css.stylesheet import Stylesheet

if TYPE_CHECKING:
    from textual.css.model import RuleSet

    Rules = LRUCache[tuple[Any, ...], list[RuleSet]]

_INSTALLED = Path(__file__).parent / "styles"
FOLDER = _INSTALLED if _INSTALLED.is_dir() else Path(__file__).parent.parent / "styles"
"""Inside the installed package, or at the top of a checkout."""


def styles(*names: str) -> list[str | PurePath]:
    """The paths of some style sheets, for a `CSS_PATH`."""
    return [FOLDER / f"{name}.tcss" for name in names]


@lru_cache(maxsize=16)
def _read_with(variables: frozenset[tuple[str, str]]) -> Rules:
    """What was read with the variables of one theme; more than all sheets of the app and its widgets fit in."""
    return LRUCache(1024)


class ReadOnce(Stylesheet):
    """The style sheets of an app, of which each is read once for each theme.

    Textual reads every sheet again when a screen brings one of its own, so each screen's first opening waited for all.
    """

    def __init__(self, variables: dict[str, str]) -> None:
        """Begin without any sheet.

        Args:
            variables: The theme's.
        """
        super().__init__(variables=variables)
        self._parse_cache = _read_with(frozenset(variables.items()))

    def set_variables(self, variables: dict[str, str]) -> None:
        """Read with another theme's variables from now on; where it is the same one, what was read stays taken."""
        if variables == self._variables:
            return
        self._parse_cache = LRUCache(1)  # which is emptied now: what was read for the theme before, stays read
        super().set_variables(variables)
        self._parse_cache = _read_with(frozenset(variables.items()))

    def reparse(self) -> None:
        """Take every sheet's rules; those of sheets that were not read yet are read."""
        self.parse()
