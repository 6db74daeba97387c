"""The state file: what a server needs to be itself again after a restart, or after it was killed."""

from __future__ import annotations

import json
import os
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tui_app.sandbox import saved
from tui_app.sandbox.errors import SandboxError
from tui_app.sandbox.store import Play, Store
from tui_app.sandbox.stuut import saved as integrations_saved
from tui_app.sandbox.stuut.store import IntegrationStore

VERSION = 1
# Real seconds between two writes while nothing is asked of the server.
SAVE_INTERVAL_S = 1.0


@dataclass(frozen=True, slots=True)
class SavedState:
    """What a state file holds.

    Attributes:
        seed: The fleet's seed.
        connections: The fleet's size.
        start_ms: When the server's time began, since the epoch.
        now_ms: The virtual time to go on from, since the epoch.
        api_key: The key; kept, so that a later version that makes keys otherwise still takes the old one.
        made: The connections that clients made.
        changes: What clients did, by connection id.
        revoked: Tokens that open nothing any more.
        played: The scenarios that were played; none in a file from before there were any.
        links: The short links and public tokens; None in a file from before there were any.
        integrations: What is kept of the integrations API; None in a file from before there was one.
    """

    seed: int
    connections: int
    start_ms: int
    now_ms: int
    api_key: str
    made: list[dict[str, Any]]
    changes: dict[str, dict[str, Any]]
    revoked: list[str]
    played: list[Play]
    links: dict[str, Any] | None
    integrations: dict[str, Any] | None

    @classmethod
    def read(cls, path: Path) -> SavedState:
        """Read a state file; it is never changed by that.

        A server that was killed had gone on for up to one interval since its last write, and clients may have seen
        that time. It is made up for here, so that virtual time never runs backwards.

        Raises:
            SandboxError: The file cannot be read, or is no state file of this version.
        """
        try:
            content = json.loads(path.read_text("utf-8"))
            if content["version"] != VERSION:
                raise SandboxError(
                    f"{path} was written by another version of the sandbox (format {content['version']!r})"
                )
            unseen_ms = 0 if content["stopped"] else int(SAVE_INTERVAL_S * float(content["speed"]) * 1000)
            state = cls(
                seed=int(content["seed"]),
                connections=int(content["connections"]),
                start_ms=int(content["startMs"]),
                now_ms=int(content["nowMs"]) + unseen_ms,
                api_key=str(content["apiKey"]),
                made=list(content["made"]),
                changes=dict(content["changes"]),
                revoked=[str(token) for token in content["revoked"]],
                played=[_play(*each) for each in content.get("played", ())],
                links=content.get("links"),
                integrations=content.get("integrations"),
            )
        except OSError as error:
            raise SandboxError(f"The state file {path} cannot be read: {error.strerror}") from error
        except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
            raise _broken(path) from error
        return state

    def apply(self, store: Store, integrations: IntegrationStore, path: Path) -> None:
        """Give newly built stores back what clients made.

        Args:
            store: A store of the same seed, size and start.
            integrations: Another such, of the integrations API.
            path: Where the state was read, for the error.

        Raises:
            SandboxError: The file is damaged.
        """
        try:
            store.api_key = self.api_key
            store.revoked.update(self.revoked)
            store.played.extend(self.played)
            for made in self.made:
                store.restore(saved.made_again(made))
            for connection_id, change in self.changes.items():
                connection = store.connection(connection_id)
                if connection is None:
                    raise KeyError(connection_id)
                saved.apply_change(connection, change)
                store.note(connection)
            if self.links is not None:
                store.links.restore(self.links)
            if self.integrations is not None:
                integrations_saved.apply(self.integrations, integrations)
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            raise _broken(path) from error


class StateFile:
    """Writes the server's state, whole or not at all."""

    def __init__(self, path: Path, store: Store, integrations: IntegrationStore, size: int, start_ms: int) -> None:
        """Prepare to write.

        Args:
            path: The file. It is replaced at each write, never written into.
            store: What is written down.
            integrations: What is written down besides; it shares the store's lock.
            size: The fleet's size.
            start_ms: When the server's time began, since the epoch.
        """
        self._path = path
        self._store = store
        self._integrations = integrations
        self._size = size
        self._start_ms = start_ms

    def save(self, *, stopped: bool = False) -> None:
        """Write the state.

        Args:
            stopped: Nothing will happen after this: a restart goes on from exactly here.

        Raises:
            SandboxError: The file cannot be written.
        """
        with self._store.lock:
            text = json.dumps(self._content(stopped))
            try:
                replace_file(self._path, text)
            except OSError as error:
                raise SandboxError(f"The state file {self._path} cannot be written: {error.strerror}") from error

    def _content(self, stopped: bool) -> dict[str, Any]:
        store = self._store
        return {
            "version": VERSION,
            "seed": store.seed,
            "connections": self._size,
            "startMs": self._start_ms,
            "nowMs": store.clock.now_ms(),
            "speed": store.clock.speed,
            "stopped": stopped,
            "apiKey": store.api_key,
            "made": [saved.made_json(connection) for connection in store.made],
            "changes": saved.changed((*store.changed, *store.made)),
            "revoked": sorted(store.revoked),
            "played": store.played,
            "links": store.links.to_json(),
            "integrations": integrations_saved.to_json(self._integrations),
        }


def replace_file(path: Path, text: str) -> None:
    """Write a file readable by its owner only, so that others see the old content or the new, never a part.

    It is not forced out to the disk: what is to be survived is the end of the process, not of the machine.

    Raises:
        OSError: It cannot be written; the old content stands.
    """
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        # mkstemp makes files that only their owner can read.
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(name).replace(path)
    except OSError:
        with suppress(OSError):
            Path(name).unlink()
        raise


def _play(name: str, connection_id: str, sync_id: str | None, ms: int) -> Play:
    return str(name), str(connection_id), None if sync_id is None else str(sync_id), int(ms)


def _broken(path: Path) -> SandboxError:
    return SandboxError(f"{path} is not a state file of the sandbox, or it is damaged; it was left as it is")
