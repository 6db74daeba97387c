"""A server that dies in the middle of a sync and comes back, and a terminal that is left in order."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.e2e.terminal import Terminal


@contextmanager
def sandbox(state: Path, port: int = 0) -> Iterator[tuple[dict[str, str], subprocess.Popen[str]]]:
    """``syncscope sandbox --state`` in a process of its own, and what it announces."""
    command = [sys.executable, "-m", "tui_app", "sandbox", "--port", str(port), "--state", str(state), "--speed", "20"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            assert process.stdout is not None
            yield json.loads(process.stdout.readline()), process
        finally:
            if process.poll() is None:
                os.kill(process.pid, signal.SIGKILL)
            process.wait()


@pytest.mark.parametrize(("width", "height"), [(80, 24), (160, 50)])
def test_a_sync_is_followed_over_a_server_that_is_killed_and_started_again(
    width: int, height: int, tmp_path: Path
) -> None:
    state = tmp_path / "state.json"
    with sandbox(state) as (first, process):
        port = urlsplit(first["terminal_url"]).port
        assert port is not None
        environ = {"TERMINAL_API_KEY": first["api_key"], "TERMINAL_BASE_URL": first["terminal_url"]}
        with Terminal(width=width, height=height, environ=environ) as terminal:
            terminal.wait_for(r"environment +SIMULATED")
            terminal.wait_for(r"48 connections")
            terminal.press("/")
            terminal.wait_gone(r"enter open")
            terminal.type("mode:manual")
            terminal.wait_for(r"\d+ of 48 connections")
            terminal.press("enter")
            terminal.wait_for(r"enter open")
            terminal.press("s")
            terminal.wait_for(r"Days\s+7")
            terminal.press("enter")
            terminal.wait_for(r"in progress")
            before = float(terminal.wait_for(r"(\d+(?:\.\d+)?) %")[1])
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
            terminal.wait_for(r"Could not look")
            terminal.wait_for(r"What is shown was seen")
            terminal.wait_for(r"offline")
            kept = float(terminal.wait_for(r"(\d+(?:\.\d+)?) %")[1])
            assert kept >= before
            with sandbox(state, port) as (again, _):
                assert again == first
                terminal.wait_gone(r"Could not look:")
                terminal.wait_for(r"answers again")
                terminal.wait_for(r"live \d+ ms")
                terminal.until(
                    lambda: float(terminal.wait_for(r"(\d+(?:\.\d+)?) %")[1]) > kept, "progress after the restart"
                )
                terminal.press("q")
                assert terminal.end() == 0
