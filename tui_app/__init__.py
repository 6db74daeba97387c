"""Syncscope: an interactive terminal explorer for connections and their syncs."""

import logging

TYPE_CHECKING = False  # what typing has under this name; importing that would cost more than all the rest here
if TYPE_CHECKING:
    from tui_app.notebook.explorer import Explorer

__all__ = ["Explorer", "__version__"]

__version__ = "0.1.0"

# Whoever uses a part of this as a library decides where its messages go; without that, Python would print warnings.
logging.getLogger(__name__).addHandler(logging.NullHandler())


def __getattr__(name: str) -> "type[Explorer]":
    """Import the explorer when somebody asks for it: whoever imports anything else does not wait for it."""
    if name != "Explorer":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from tui_app.notebook.explorer import Explorer

    return Explorer
