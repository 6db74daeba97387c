"""What every test gets: a machine without the developer's own configuration, keys and proxies."""

from __future__ import annotations

import gc
import itertools
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

# A slow machine is no reason to fail.
settings.register_profile("syncscope", deadline=None)
settings.load_profile("syncscope")

# An app is many objects, none of which is garbage while its test runs: looking for some at each turn took a quarter of
# the time.
gc.set_threshold(50_000, 10, 50)

# Whoever runs the tests behind something else has the programs that they start ignore Ctrl+C as well.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

_THEIRS = ("TERMINAL_", "SYNCSCOPE_", "XDG_")
_PROXIES = frozenset({"http_proxy", "https_proxy", "all_proxy", "no_proxy"})
_HOMES = {
    "HOME": "",
    "USERPROFILE": "",
    "APPDATA": "AppData/Roaming",
    "LOCALAPPDATA": "AppData/Local",
    "XDG_CONFIG_HOME": ".config",
    "XDG_DATA_HOME": ".local/share",
    "XDG_STATE_HOME": ".local/state",
    "XDG_CACHE_HOME": ".cache",
}


def pytest_collection_finish() -> None:
    """What was imported and collected stays until the end: nobody looks through it for garbage."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Folders that are new and empty, one after the other: `mktemp` looks at all that were made before, for each."""
    base = tmp_path_factory.mktemp("folders")

    def new() -> Iterator[Path]:
        for number in itertools.count():
            folder = base / str(number)
            folder.mkdir()
            yield folder

    return new()


@pytest.fixture(autouse=True)
def isolated(folders: Iterator[Path], monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the test a home folder of its own, and take what the developer's environment says of servers and keys.

    Returns:
        The home folder, empty.
    """
    home = next(folders)
    for name in list(os.environ):
        if name.startswith(_THEIRS) or name.lower() in _PROXIES:
            monkeypatch.delenv(name)
    for name, folder in _HOMES.items():
        monkeypatch.setenv(name, str(home / folder))
    # A home of its own does not hide a keyring that runs on this machine; a test that wants one names its own.
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    return home
