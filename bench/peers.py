"""Other programs to stand beside: each in an environment of its own, made when it is first needed and kept."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_cache_path

FOLDER = user_cache_path("syncscope-bench", appauthor=False)
PATIENCE = 600.0
"""Seconds that installing one may take."""


class PeerError(Exception):
    """A peer that cannot be measured here; the text says why."""


@dataclass(frozen=True, slots=True)
class Peer:
    """Another Textual application.

    Attributes:
        name: What it is called, which is also its command.
        requirements: What is installed for it.
        mark: What it writes with its first paint.
    """

    name: str
    requirements: tuple[str, ...]
    mark: bytes

    def installed(self) -> list[str]:
        """The command that starts it.

        Raises:
            PeerError: It cannot be installed.
        """
        return [str(environment(self.name, *self.requirements).parent / self.name)]


PEERS = (
    Peer("posting", ("posting", "tree-sitter<0.26"), b"Posting"),
    Peer("harlequin", ("harlequin",), b"Data Catalog"),
)


def environment(name: str, *requirements: str) -> Path:
    """The Python of an environment that holds some packages, on the version that runs this.

    Raises:
        PeerError: It cannot be made: without a registry, say.
    """
    folder = FOLDER / f"{name}-{sys.version_info.major}.{sys.version_info.minor}"
    python = folder / "bin" / "python"
    if (folder / "whole").exists():
        return python
    shutil.rmtree(folder, ignore_errors=True)
    # Compiled as it is installed, as ours is.
    environ = {variable: value for variable, value in os.environ.items() if variable != "PYTHONDONTWRITEBYTECODE"}
    install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *requirements]
    for command in ([sys.executable, "-m", "venv", str(folder)], install):
        try:
            subprocess.run(command, env=environ, check=True, capture_output=True, timeout=PATIENCE)
        except (subprocess.SubprocessError, OSError):
            shutil.rmtree(folder, ignore_errors=True)
            raise PeerError(f"{', '.join(requirements)} could not be installed") from None
    (folder / "whole").touch()
    return python
