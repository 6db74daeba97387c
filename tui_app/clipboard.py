"""The clipboard: asked for of the terminal, which may be far away, and of the system's own tool where that is here.

A terminal takes a text by OSC 52 and never says whether it did. A tool says by its exit code; but it reaches the
machine that it runs on, which over SSH is not the one that the person sits at.
"""

from __future__ import annotations

import asyncio
import base64
import os
import re
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from tui_app.models.text import safe_text

PATIENCE = 2.0
"""Seconds that a tool may take."""

MOST = 74_994
"""Bytes of base64 that every terminal takes which knows OSC 52 at all; some take 100,000, a few any number."""

_CHUNK = 240
"""Bytes that GNU screen surely takes as one string: 256 in its older versions, 768 in newer ones."""

_SHORT = 700
"""Bytes that GNU screen takes as a string of its own without painting the rest."""

# What ends a paste early, or is a key: nothing that is pasted into a shell may hold it. Tabs and line ends may stay.
_UNPASTEABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")

_FAR = ("SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY")
_WINDOWS = ("WSL_DISTRO_NAME", "WSL_INTEROP")


@dataclass(frozen=True, slots=True)
class Copied:
    """How copying went.

    Attributes:
        tool: The system's tool that took the text; empty where none did.
        asked: Whether the terminal was asked to take it. It does not say whether it did.
        problem: What went wrong with the tools, in words; empty where nothing did.
    """

    tool: str = ""
    asked: bool = False
    problem: str = ""


def pasteable(text: str) -> str:
    """A text without what a terminal would obey when it is pasted, and without what no encoding has."""
    return _UNPASTEABLE.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))


def sequence(text: str, environ: Mapping[str, str]) -> str:
    """What to write to the terminal so that it takes a text; empty where the text is too long for that.

    Within tmux the plain sequence works with ``set-clipboard on``, the one that is passed through to the terminal
    around it with ``allow-passthrough on``; what tmux does not allow it drops. GNU screen would paint the rest of a
    long string that it takes for its own, so there the text is passed through in pieces.
    """
    content = base64.b64encode(text.encode()).decode()
    if len(content) > MOST:
        return ""
    plain = f"\x1b]52;c;{content}\x07"
    kind = environ.get("TERM", "")
    if environ.get("TMUX") or kind.startswith("tmux"):
        doubled = plain.replace("\x1b", "\x1b\x1b")
        return f"{plain}\x1bPtmux;{doubled}\x1b\\"
    if environ.get("STY"):
        return _in_pieces(plain)
    if kind.startswith("screen"):  # far from where screen runs; or from tmux, which calls itself so, too
        return (plain if len(plain) <= _SHORT else "") + _in_pieces(plain)
    return plain


def _in_pieces(plain: str) -> str:
    pieces = (plain[start : start + _CHUNK] for start in range(0, len(plain), _CHUNK))
    return "".join(f"\x1bP{piece}\x1b\\" for piece in pieces)


def tools(environ: Mapping[str, str], platform: str = sys.platform) -> Iterator[tuple[str, ...]]:
    """The commands that put their standard input on this machine's clipboard, the likeliest first; only what is there.

    Args:
        environ: The program's environment. Over SSH there are none: they would reach the wrong machine.
        platform: As `sys.platform` has it.
    """
    if any(environ.get(name) for name in _FAR):
        return
    wanted: list[tuple[str, ...]] = []
    if platform == "darwin":
        wanted.append(("pbcopy",))
    if environ.get("WAYLAND_DISPLAY"):
        wanted.append(("wl-copy",))
    if environ.get("DISPLAY"):
        wanted += [("xclip", "-selection", "clipboard"), ("xsel", "--clipboard", "--input")]
    if any(environ.get(name) for name in _WINDOWS):
        wanted.append(("clip.exe",))
    for name, *options in wanted:
        found = shutil.which(name, path=environ.get("PATH", ""))
        if found:
            yield (found, *options)


async def put(text: str, environ: Mapping[str, str], write: Callable[[str], None]) -> Copied:
    """Put a text on the clipboard in every way that may work here.

    Args:
        text: What; see `pasteable`.
        environ: The program's environment.
        write: Writes a sequence to the terminal.
    """
    asked = sequence(text, environ)
    if asked:
        write(asked)
    problems: list[str] = []
    for command in tools(environ):
        problem = await _given(command, text, environ)
        if not problem:
            return Copied(Path(command[0]).name, bool(asked))
        problems.append(problem)
    return Copied("", bool(asked), "; ".join(problems))


async def _given(command: tuple[str, ...], text: str, environ: Mapping[str, str]) -> str:
    """Give a text to a tool.

    Returns:
        What went wrong, in words; empty where nothing did.
    """
    name = Path(command[0]).name
    # What a tool leaves running to serve pastes keeps its outputs open, so that no end of them can be waited for.
    with tempfile.TemporaryFile() as said:
        try:
            process = await _started(command, environ, said)
        except OSError as error:
            return f"{name} could not be started: {error.strerror or error}"
        try:
            async with asyncio.timeout(PATIENCE):
                await _feed(process, _encoded(name, text))
                code = await process.wait()
        except TimeoutError:
            return f"{name} was ended: it took longer than {PATIENCE:g} s"
        finally:
            if process.returncode is None:
                _end(process)
                await process.wait()
        if code == 0:
            return ""
        said.seek(0)
        words = safe_text(said.read(2000).decode(errors="replace").strip().partition("\n")[0], 120)
        return f"{name} failed with exit code {code}{f' ({words})' if words else ''}"


def _encoded(name: str, text: str) -> bytes:
    # Windows' tool reads its own encodings only; ASCII is the same in all of them.
    return text.encode("utf-16-le") if name == "clip.exe" and not text.isascii() else text.encode()


async def _feed(process: asyncio.subprocess.Process, content: bytes) -> None:
    assert process.stdin is not None
    try:
        process.stdin.write(content)
        await process.stdin.drain()
        process.stdin.close()
        await process.stdin.wait_closed()
    except (BrokenPipeError, ConnectionResetError):
        return  # it ended before it had read everything: its exit code tells


async def _started(command: tuple[str, ...], environ: Mapping[str, str], said: IO[bytes]) -> asyncio.subprocess.Process:
    """Start a tool. Who gives up meanwhile leaves none behind: it may run already when that is heard of."""
    starting = asyncio.ensure_future(
        asyncio.create_subprocess_exec(
            *command,
            env=dict(environ),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=said,
            start_new_session=True,
        )
    )
    try:
        return await asyncio.shield(starting)
    except asyncio.CancelledError:
        process = await starting
        _end(process)
        await process.wait()
        raise


def _end(process: asyncio.subprocess.Process) -> None:
    """End a tool and whatever it started."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
