"""What importing the watch and the configuration brings along: looked at in a process of its own."""

from __future__ import annotations

import subprocess
import sys

import pytest

MODULES = ["tui_app.watch.watcher", "tui_app.watch.journal", "tui_app.config.profiles", "tui_app.config.keys"]


@pytest.mark.parametrize("module", MODULES)
def test_importing_it_brings_no_interface_and_no_http(module: str) -> None:
    code = f"import sys, {module}; print(*sys.modules)"
    loaded = set(
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    )
    assert module in loaded
    assert not loaded & {"textual", "rich", "httpx", "fastapi", "uvicorn", "keyring"}
