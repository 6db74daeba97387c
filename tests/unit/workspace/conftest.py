"""The embedded server's workspace, for every test here that wants one."""

from __future__ import annotations

from tests.unit.workspace.bench import embedded

__all__ = ["embedded"]
