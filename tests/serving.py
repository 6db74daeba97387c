"""``syncscope serve`` as a person runs it: a process of its own, and the processes below it."""

from __future__ import annotations

import os
import re
import select
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

PATIENCE = 30.0
"""Seconds to wait for something. Only ever used up by a failure."""

_LINK = re.compile(r"http://127\.0\.0\.1:\d+/\?token=[\w-]+")


class Serving:
    """A server that runs inside a ``with``.

    Args:
        arguments: What follows ``syncscope serve --no-open``.

    Attributes:
        link: The newest link that was printed.
    """

    def __init__(self, *arguments: str) -> None:
        self._command = [sys.executable, "-m", "tui_app", "serve", "--no-open", *arguments]
        self.link = ""

    def __enter__(self) -> Self:
        self.process = subprocess.Popen(
            self._command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        self.next_link()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        assert self.process.stdout is not None
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    @property
    def root(self) -> str:
        """Its address."""
        return self.link.partition("?")[0]

    def next_link(self) -> str:
        """Wait for the next link that it prints."""
        end, said = time.monotonic() + PATIENCE, ""
        assert self.process.stdout is not None
        descriptor = self.process.stdout.fileno()
        while not (found := _LINK.search(said)) or not said.endswith("\n"):
            ready, _, _ = select.select([descriptor], [], [], max(end - time.monotonic(), 0))
            data = os.read(descriptor, 65536) if ready else b""
            assert data, f"no link was printed, but: {said}"
            said += data.decode()
        self.link = found[0]
        return self.link

    def tabs(self) -> list[int]:
        """The processes of its tabs."""
        return [
            int(path.name)
            for path in Path("/proc").iterdir()
            if path.name.isdigit() and _parent(path) == self.process.pid
        ]


def _parent(path: Path) -> int:
    try:
        return int((path / "stat").read_text().rpartition(")")[2].split()[1])
    except OSError:  # it ended meanwhile
        return 0


def ends(pid: int) -> bool:
    """Whether a process ends while one waits."""
    try:
        watched = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([watched], [], [], PATIENCE)[0])
    finally:
        os.close(watched)
