"""Where things belong on this system, and how they are made private."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from platformdirs import PlatformDirs

CONFIG_VARIABLE = "SYNCSCOPE_CONFIG_DIR"
STATE_VARIABLE = "SYNCSCOPE_STATE_DIR"
DATA_VARIABLE = "SYNCSCOPE_DATA_DIR"
LOG_VARIABLE = "SYNCSCOPE_LOG_DIR"


@dataclass(frozen=True, slots=True)
class Paths:
    """The folders of one person. None is made before something is written into it.

    Attributes:
        config: What a person sets, e.g. profiles.
        state: What is kept from one start to the next.
        data: What was seen, and is kept.
        logs: The log files.
    """

    config: Path
    state: Path
    data: Path
    logs: Path

    @property
    def profiles(self) -> Path:
        """The file of the person's own profiles."""
        return self.config / "profiles.toml"

    @property
    def settings(self) -> Path:
        """The file of the person's own settings."""
        return self.config / "settings.toml"

    @property
    def history(self) -> Path:
        """The file of what was seen."""
        return self.data / "history.db"

    @property
    def log(self) -> Path:
        """The newest log file."""
        return self.logs / "syncscope.log"


def find_paths(environ: Mapping[str, str] | None = None) -> Paths:
    """Find the folders: each where its variable says, else where this system keeps such things.

    Args:
        environ: The environment variables; those of this process by default.
    """
    environ = os.environ if environ is None else environ
    system = PlatformDirs("syncscope", appauthor=False)

    def folder(variable: str, default: Path) -> Path:
        given = environ.get(variable, "").strip()
        return Path(given).expanduser().absolute() if given else default

    return Paths(
        config=folder(CONFIG_VARIABLE, system.user_config_path),
        state=folder(STATE_VARIABLE, system.user_state_path),
        data=folder(DATA_VARIABLE, system.user_data_path),
        logs=folder(LOG_VARIABLE, system.user_log_path),
    )


def private_folder(path: Path) -> Path:
    """Make a folder that nobody else can read (0700), and those above it that are missing.

    A folder that exists is left as it is: its owner may have reasons. What is written into it is private by itself.

    Raises:
        OSError: It cannot be made.
    """
    missing = []
    folder = path
    while not folder.exists():
        missing.append(folder)
        folder = folder.parent
    for folder in reversed(missing):
        folder.mkdir(mode=0o700, exist_ok=True)
    return path
