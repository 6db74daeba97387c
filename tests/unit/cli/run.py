"""Running the command line as people run it: in a process of its own, without a terminal."""

from __future__ import annotations

import os
import subprocess
import sys


def syncscope(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, in the isolated home."""
    return subprocess.run(
        [sys.executable, "-m", "tui_app", *arguments],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        env=os.environ | environ,
        timeout=60,
        check=False,
    )
