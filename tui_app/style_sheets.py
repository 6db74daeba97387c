"""Where the style sheets are. Each screen names its own, so that none is read before its screen is shown."""

from __future__ import annotations

from pathlib import Path, PurePath

_INSTALLED = Path(__file__).parent / "styles"
FOLDER = _INSTALLED if _INSTALLED.is_dir() else Path(__file__).parent.parent / "styles"
"""Inside the installed package, or at the top of a checkout."""


def styles(*names: str) -> list[str | PurePath]:
    """The paths of some style sheets, for a `CSS_PATH`."""
    return [FOLDER / f"{name}.tcss" for name in names]
