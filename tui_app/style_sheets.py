"""Where the style sheets are. Each screen names its own, so that none is read before its screen is shown."""

from __future__ import annotations

from pathlib import Path, PurePath

from textual.cache import LRUCache
from textual.css.stylesheet import Stylesheet

_INSTALLED = Path(__file__).parent / "styles"
FOLDER = _INSTALLED if _INSTALLED.is_dir() else Path(__file__).parent.parent / "styles"
"""Inside the installed package, or at the top of a checkout."""


def styles(*names: str) -> list[str | PurePath]:
    """The paths of some style sheets, for a `CSS_PATH`."""
    return [FOLDER / f"{name}.tcss" for name in names]


MOST_SOURCES = 512
"""Sources whose rules are kept: more than all our screens and Textual's widgets have together."""


class KeptStylesheet(Stylesheet):
    """Reads each source once for each theme.

    Textual's own reads every source anew for each screen that brings a style sheet, and twice more at the start; it
    would also forget the rules of the first of more than 64 sources before it comes back to them.
    """

    def __init__(self, *, variables: dict[str, str] | None = None) -> None:
        super().__init__(variables=variables)
        self._parse_cache = LRUCache(MOST_SOURCES)

    def set_variables(self, variables: dict[str, str]) -> None:
        """Take the colours of a theme; the rules are kept where it is the same one."""
        if variables != self._variables:
            super().set_variables(variables)

    def reparse(self) -> None:
        """Take in what was added, and everything where the theme is another one."""
        self.parse()
