"""Keyrings for tests, behind keyring's own interface: chosen by name through PYTHON_KEYRING_BACKEND.

The process that asks the keyring loads them, so each is a class of this module, which imports nothing but keyring.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from pathlib import Path

from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked

STORE = "TEST_KEYRING_FILE"
"""The variable that names the file in which the good keyring keeps what it is given."""


def environ_of(backend: str, store: Path) -> dict[str, str]:
    """The variables with which a process finds one of these keyrings."""
    return {
        "PYTHON_KEYRING_BACKEND": f"tests.keyrings.{backend}" if "." not in backend else backend,
        "PYTHONPATH": str(Path(__file__).parents[1]),
        STORE: str(store),
    }


class Good(KeyringBackend):
    """Keeps what it is given."""

    priority = 1
    name = "a good keyring"

    def _all(self) -> dict[str, str]:
        path = Path(os.environ[STORE])
        return dict(json.loads(path.read_text())) if path.exists() else {}

    def get_password(self, service: str, username: str) -> str | None:
        return self._all().get(f"{service}/{username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        Path(os.environ[STORE]).write_text(json.dumps(self._all() | {f"{service}/{username}": password}))

    def delete_password(self, service: str, username: str) -> None:
        left = self._all()
        del left[f"{service}/{username}"]
        Path(os.environ[STORE]).write_text(json.dumps(left))


class Forgetting(Good):
    """Takes everything, keeps it while its process lives, and then gives nothing back."""

    name = "a forgetting keyring"

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._held: dict[str, str] = {}

    def _all(self) -> dict[str, str]:
        return self._held

    def set_password(self, service: str, username: str, password: str) -> None:
        self._held[f"{service}/{username}"] = password


class Garbling(Good):
    """Gives back something else."""

    name = "a garbling keyring"

    def get_password(self, service: str, username: str) -> str | None:
        found = super().get_password(service, username)
        return found and found[:-1]


class Hanging(Good):
    """Never answers. Says in a file of its own that it was asked, and by which process."""

    name = "a hanging keyring"

    def get_password(self, service: str, username: str) -> str | None:
        Path(os.environ[STORE] + ".asked").write_text(str(os.getpid()))
        threading.Event().wait()
        return None

    def set_password(self, service: str, username: str, password: str) -> None:
        self.get_password(service, username)


class Locked(Good):
    """Was not unlocked."""

    def get_password(self, service: str, username: str) -> str | None:
        raise KeyringLocked("dismissed")

    def set_password(self, service: str, username: str, password: str) -> None:
        raise KeyringLocked("dismissed")


class Failing(Good):
    """Fails in a way of its own, and repeats what it was given while at it."""

    def get_password(self, service: str, username: str) -> str | None:
        raise OSError("the bus is gone")

    def set_password(self, service: str, username: str, password: str) -> None:
        print(password)
        print(password, file=sys.stderr)
        raise OSError(f"could not write {password} anywhere")


class Dying(Good):
    """Takes its process along."""

    def get_password(self, service: str, username: str) -> str | None:
        os._exit(3)

    def set_password(self, service: str, username: str, password: str) -> None:
        os._exit(3)
