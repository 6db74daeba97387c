"""What was seen, kept in SQLite: the observations of followed syncs, the fleet as last seen, what is being watched."""

from __future__ import annotations

from tui_app.history.history import History, KeptFleet, Listed, Place, Watching
from tui_app.history.summary import PastSync

__all__ = ["History", "KeptFleet", "Listed", "PastSync", "Place", "Watching"]
