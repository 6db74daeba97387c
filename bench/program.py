"""The program in a terminal of its own, on a simulated server in a process of its own, seen from outside."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

COLUMNS, ROWS = 120, 40
LIMIT = 120.0
"""Seconds after which something that was awaited counts as failed."""

_TICKS = os.sysconf("SC_CLK_TCK")

SERVER = """
import json, signal, sys
from tui_app.sandbox.server import Sandbox
server = Sandbox(seed=1, connections=int(sys.argv[1]), speed=float(sys.argv[2]), rate_limits=True)
announced = server.start()
print(json.dumps([announced.terminal_url, announced.api_key]), flush=True)
signal.pause()
"""

FOLLOWING = """
import asyncio, json, os, sys
from tui_app.app import Syncscope

async def follow(pilot):
    wanted = json.loads(os.environ["FOLLOW"])
    while (workspace := pilot.app.workspace) is None or any(workspace.row(one) is None for one, _ in wanted):
        await asyncio.sleep(0.1)
    for connection_id, sync_id in wanted:
        workspace.watch(connection_id, sync_id)
    while True:
        looks = changes = 0
        for watch in workspace.watcher.watches:
            seen = [one.sync for one in watch.observations if one.sync is not None]
            looks += len(watch.observations)
            changes += sum(before != after for before, after in zip(seen, seen[1:]))
        with open(os.environ["TOLD"] + ".new", "w") as told:
            json.dump({"looks": looks, "changes": changes, "followed": len(workspace.watcher.watches)}, told)
        os.replace(os.environ["TOLD"] + ".new", os.environ["TOLD"])
        await asyncio.sleep(float(os.environ.get("EVERY", "1")))

Syncscope(profile="bench").run(auto_pilot=follow)
"""
"""The program, which follows some syncs from the beginning on, and tells beside how much it has seen."""


class Server:
    """A simulated server of this project, in a process of its own.

    Args:
        connections: How many it has.
        speed: How fast its time goes; 0 where it stands.
    """

    def __init__(self, connections: int, speed: float) -> None:
        command = [sys.executable, "-c", SERVER, str(connections), str(speed)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.url, self.key = json.loads(self._process.stdout.readline())

    def ask(self, path: str, token: str = "", method: str = "GET") -> Any:
        """Ask it something, as any program would."""
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        headers |= {"Connection-Token": token} if token else {}
        body = b"{}" if method == "POST" else None
        request = urllib.request.Request(self.url + path, body, headers, method=method)
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    def connections(self) -> list[Any]:
        """Every connection that works."""
        rows: list[Any] = []
        cursor = ""
        while True:
            page = self.ask(f"/connections?limit=100{cursor}")
            rows += page["results"]
            if not page.get("next"):
                return [row for row in rows if row["status"] == "connected"]
            cursor = f"&cursor={page['next']}"

    def syncing(self, most: int) -> list[tuple[str, str]]:
        """Request syncs of so many connections.

        Returns:
            The IDs of each connection and sync.
        """
        found: list[tuple[str, str]] = []
        for row in self.connections():
            if len(found) == most:
                break
            try:
                found.append((row["id"], self.ask("/syncs", row["token"], "POST")["id"]))
            except urllib.error.HTTPError:  # one runs already
                last = self.ask("/connections/current", row["token"]).get("lastSync")
                if last is not None and last["status"] in ("requested", "in_progress"):
                    found.append((row["id"], last["id"]))
        return found

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()


class Program:
    """The program in a pseudo-terminal.

    Args:
        command: What to run.
        environ: With what environment.
    """

    def __init__(self, command: list[str], environ: dict[str, str]) -> None:
        self._process, self._terminal = pty.fork()
        if self._process == 0:
            os.execvpe(command[0], command, environ)
        self.size(COLUMNS)
        self.written = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        os.kill(self._process, signal.SIGKILL)
        os.close(self._terminal)
        os.waitpid(self._process, 0)

    def size(self, columns: int) -> None:
        """Make the terminal so wide."""
        fcntl.ioctl(self._terminal, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, columns, 0, 0))

    def press(self, keys: str) -> float:
        """Press keys.

        Returns:
            When, by `time.perf_counter`.
        """
        at = time.perf_counter()
        os.write(self._terminal, keys.encode())
        return at

    def read(self, seconds: float) -> bytes:
        """What it writes within so many seconds."""
        seen, end = bytearray(), time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0:
            seen += self._some(left)
        return bytes(seen)

    def until(self, mark: bytes, limit: float = LIMIT) -> float:
        """Wait until it writes something.

        Returns:
            When it did, by `time.perf_counter`.
        """
        seen, end = bytearray(), time.perf_counter() + limit
        while mark not in seen:
            if (left := end - time.perf_counter()) <= 0:
                raise TimeoutError(f"{mark!r} did not appear in {limit:g} s; last: {bytes(seen[-2000:])!r}")
            seen += self._some(left)
        return time.perf_counter()

    def _some(self, seconds: float) -> bytes:
        ready, _, _ = select.select([self._terminal], [], [], seconds)
        some = os.read(self._terminal, 65536) if ready else b""
        self.written += len(some)
        return some

    @property
    def processor(self) -> float:
        """Seconds for which it has kept a processor busy, all of its threads."""
        fields = Path(f"/proc/{self._process}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS


@contextmanager
def home(server: Server, budget: float = 20.0) -> Iterator[dict[str, str]]:
    """The environment of somebody who knows that server, and nothing else."""
    with tempfile.TemporaryDirectory() as folder:
        passed = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        environ = {**passed, "HOME": folder, "TERM": "xterm-256color", "COLORTERM": "truecolor", "KEY": server.key}
        adding = ["profiles", "add", "bench", "--base-url", server.url, "--key-env", "KEY", "--budget", str(budget)]
        subprocess.run([sys.executable, "-m", "tui_app", *adding], env=environ, check=True, capture_output=True)
        yield environ | {"TOLD": f"{folder}/told.json"}
