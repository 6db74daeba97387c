"""Where this runs: in a kernel, whose cells show things, or in a plain interpreter. No library is needed to ask."""

from __future__ import annotations

import contextvars
import sys
from collections.abc import Mapping
from typing import Any

Bundle = dict[str, str]
"""One thing in several forms, by their MIME types."""


def in_kernel() -> bool:
    """Whether this runs in a kernel, such as a notebook's. Nothing is imported for it: a kernel has IPython loaded."""
    shell = sys.modules.get("IPython")
    found = shell.get_ipython() if shell is not None and hasattr(shell, "get_ipython") else None
    return found is not None and hasattr(found, "kernel")


class Shown:
    """Something that stands in the output of a cell, and is replaced there as it changes.

    Args:
        bundle: How it looks at first. It is shown at once, in the cell that runs now.
    """

    def __init__(self, bundle: Mapping[str, Any]) -> None:
        from IPython.display import display

        self._handle = display(dict(bundle), raw=True, display_id=True)  # type: ignore[no-untyped-call]

    def replace(self, bundle: Mapping[str, Any]) -> None:
        """Show it as it is now. May be called from any thread.

        A page finds the place by the display's ID. Who executes a notebook keeps only what belongs to the cell that
        runs, which a kernel takes for the sender where the context names none.
        """
        contextvars.Context().run(lambda: self._handle.update(dict(bundle), raw=True))

    def replace_here(self, bundle: Mapping[str, Any]) -> None:
        """The same, as an output of the cell that runs now, which a program that executes notebooks waits for."""
        self._handle.update(dict(bundle), raw=True)
