"""One open profile: its server, its watch, what is known of its fleet, and every action a person can take on it."""

from __future__ import annotations

from tui_app.workspace.fleet import FleetReading
from tui_app.workspace.orders import Requested
from tui_app.workspace.workspace import Workspace

__all__ = ["FleetReading", "Requested", "Workspace"]
