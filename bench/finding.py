"""How long it takes from pasting an ID to the reason on screen, against the first paint of a bare Textual application.

Run ``python -m bench.finding [--rounds 3]``. A simulated server with 40 connections stands still in a process of its
own; the program is opened on it in a pseudo-terminal, given time to look at all of them, and then pasted an ID as a
terminal does, and Enter. The mark is the first line of the finding. It ends with an error where the median of any way
takes longer than five first paints.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import pty
import select
import signal
import statistics
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
from typing import Any

from bench.startup import BARE, LIMIT, time_to

CONNECTIONS = 40
MOST = 5.0
"""First paints that any way may take."""

LOOKING = 12.0
"""Seconds in which the program looks at all of them, five in a second; it then goes on with those that move."""

MARK = b"Next to act"
COLUMNS, ROWS = 110, 40  # too narrow for the preview, which would say it of every connection that is selected

SERVER = f"""
import json, signal
from tui_app.sandbox.server import Sandbox
server = Sandbox(seed=1, connections={CONNECTIONS}, speed=0, rate_limits=False)
announced = server.start()
print(json.dumps([announced.terminal_url, announced.api_key]), flush=True)
signal.pause()
"""


@contextmanager
def serving() -> Iterator[tuple[str, str]]:
    """A simulated server, with its address and key."""
    with subprocess.Popen([sys.executable, "-c", SERVER], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            url, key = json.loads(process.stdout.readline())
            yield url, key
        finally:
            process.kill()


def ask(url: str, key: str, path: str, token: str = "") -> Any:
    """Ask the server, as any program would."""
    headers = {"Authorization": f"Bearer {key}"} | ({"Connection-Token": token} if token else {})
    with urllib.request.urlopen(urllib.request.Request(url + path, headers=headers)) as answer:
        return json.load(answer)


def what_to_paste(url: str, key: str) -> dict[str, str]:
    """Something of each kind that a person may be sent; the last was never seen, and is asked for last of all."""
    rows = ask(url, key, "/connections?limit=100")["results"]
    rows = [row for row in rows if row["status"] == "connected"]
    newest = {row["id"]: ask(url, key, "/connections/current", row["token"]).get("lastSync") for row in rows}
    synced = [row for row in rows if newest[row["id"]]]
    synced.sort(key=lambda row: newest[row["id"]]["requestedAt"])
    failed = next(row for row in synced if newest[row["id"]]["status"] == "failed" and _has_everything(row))
    history = (ask(url, key, "/syncs?limit=50", row["token"])["results"] for row in synced)
    old = next(syncs[-1]["id"] for syncs in history if len(syncs) > 1)
    return {
        "connection ID": failed["id"],
        "sync ID": newest[failed["id"]]["id"],
        "issue ID": ask(url, key, "/issues?status=ongoing")["results"][0]["id"],
        "token": failed["token"],
        "external ID": failed["externalId"],
        "DOT number": failed["company"]["dotNumbers"][0],
        "unseen sync ID": old,
    }


def _has_everything(row: Any) -> bool:
    return bool(row.get("externalId") and row["company"].get("dotNumbers"))


def time_to_reason(environ: dict[str, str], pasted: str) -> float:
    """Open the program, let it come to rest, paste and press Enter.

    Returns:
        Seconds from the paste to the reason on screen.

    Raises:
        TimeoutError: It did not come.
    """
    process, terminal = pty.fork()
    if process == 0:
        os.execvpe(sys.executable, [sys.executable, "-m", "tui_app"], environ)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    try:
        _read_until(terminal, b"disconnected")  # the first row's state
        looking = time.perf_counter() + LOOKING
        while (left := looking - time.perf_counter()) > 0:
            _read(terminal, left)
        began = time.perf_counter()
        os.write(terminal, b"\x1b[200~" + pasted.encode() + b"\x1b[201~\r")
        _read_until(terminal, MARK)
        return time.perf_counter() - began
    finally:
        os.kill(process, signal.SIGKILL)
        os.close(terminal)
        os.waitpid(process, 0)


def _read(terminal: int, seconds: float) -> bytes:
    ready, _, _ = select.select([terminal], [], [], max(seconds, 0))
    return os.read(terminal, 65536) if ready else b""


def _read_until(terminal: int, mark: bytes) -> None:
    seen, end = bytearray(), time.perf_counter() + LIMIT
    while mark not in seen:
        if (left := end - time.perf_counter()) <= 0:
            raise TimeoutError(f"{mark!r} did not appear in {LIMIT:g} s")
        seen += _read(terminal, left)


def measure(rounds: int) -> tuple[list[float], dict[str, list[float]]]:
    """Time the bare application and each way, taking turns."""
    bare: list[float] = []
    with tempfile.TemporaryDirectory() as home, serving() as (url, key):
        passed = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        environ = {**passed, "HOME": home, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
        script = Path(home) / "bare.py"
        script.write_text(BARE)
        ways = what_to_paste(url, key)
        times: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(rounds):
            for name, pasted in ways.items():
                bare += time_to([sys.executable, str(script)], [b"painted"], environ)
                opened = environ | {"TERMINAL_BASE_URL": url, "TERMINAL_API_KEY": key}
                times[name].append(time_to_reason(opened, pasted))
    return bare, times


def main() -> int:
    """Print medians, spread and ratios.

    Returns:
        1 where a way takes too long.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    bare, times = measure(parser.parse_args().rounds)
    paint = statistics.median(bare)
    slow = 0
    for name, values in {"bare paint": bare, **times}.items():
        middle = statistics.median(values)
        spread = f"{min(values) * 1000:.0f}–{max(values) * 1000:.0f}"
        print(f"{name:<15} {middle * 1000:6.0f} ms  ({spread} ms)  {middle / paint:.2f}×")
        slow += middle > MOST * paint
    print(f"at most {MOST:g}×: {'no' if slow else 'yes'}")
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
