"""A real pseudo-terminal with an emulator behind it: what a person sees, and the keys and the mouse that they use."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

import pyte

from tui_app.themes import DARK

PATIENCE = 30.0
"""Seconds to wait for something to appear. Only ever used up by a failure."""

STILL = 0.15
"""Seconds without output after which a screen counts as drawn."""

RESTLESS = 3.0
"""Seconds after which a screen is one that moves, as a bar without an end does."""

_OTHER_SIDE = 0x5441
"""Opens the side of a terminal that its program reads: `TIOCGPTPEER` of Linux, for which Python has no name."""

KEYS = {
    "enter": "\r",
    "escape": "\x1b",
    "tab": "\t",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "left": "\x1b[D",
    "right": "\x1b[C",
    "delete": "\x1b[3~",
    "space": " ",
    "backspace": "\x7f",
    "shift+tab": "\x1b[Z",
    "f1": "\x1bOP",
    "f2": "\x1bOQ",
    "slash": "/",
    "asterisk": "*",
    "minus": "-",
    "question_mark": "?",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    **{f"ctrl+{letter}": chr(ord(letter) - 96) for letter in "abcdefghijklmnopqrstuvwxyz"},
}


class Terminal:
    """Runs ``python -m tui_app`` with some arguments in a terminal of a given size.

    Args:
        arguments: What follows the command.
        width: Columns.
        height: Lines.
        environ: Environment variables beside those that every terminal has.
        ignoring: A signal that the program is started deaf to.
        script: What is run in place of ``-m tui_app``.
    """

    def __init__(
        self,
        *arguments: str,
        width: int,
        height: int,
        environ: dict[str, str] | None = None,
        ignoring: signal.Signals | None = None,
        script: Path | None = None,
    ) -> None:
        self._screen = pyte.Screen(width, height)
        self._stream = pyte.ByteStream(self._screen)
        self.written = bytearray()
        self.exit_code: int | None = None
        self._closed = False
        command = [sys.executable, *(["-m", "tui_app"] if script is None else [str(script)]), *arguments]
        variables = {
            # COLUMNS and LINES, where a runner of tests sets them, would go before the terminal's own size.
            **{name: value for name, value in os.environ.items() if name not in ("CI", "COLUMNS", "LINES")},
            **(environ or {}),
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "LANG": "C.UTF-8",
        }
        self.process, self._descriptor = pty.fork()
        if self.process == 0:
            if ignoring is not None:
                signal.signal(ignoring, signal.SIG_IGN)
            os.execvpe(command[0], command, variables)
        fcntl.ioctl(self._descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self.exit_code is None:
            os.kill(self.process, signal.SIGKILL)
            os.waitpid(self.process, 0)
        self.close()

    def close(self) -> None:
        """Close the terminal, as by its window's button."""
        if not self._closed:
            self._closed = True
            os.close(self._descriptor)

    @property
    def text(self) -> str:
        """The screen's lines."""
        # Not by the emulator's own way to say it, which fails where half of a wide character was painted over.
        lines = (self._screen.buffer[y] for y in range(self._screen.lines))
        return "\n".join("".join(line[x].data for x in range(self._screen.columns)).rstrip() for line in lines)

    @property
    def cursor_hidden(self) -> bool:
        """Whether the terminal shows no cursor."""
        return bool(self._screen.cursor.hidden)

    # What a person does

    def press(self, *keys: str) -> None:
        """Press keys, by name or as characters; after Esc lift the hand: what follows at once is Alt and that key."""
        for key in keys:
            self._write(KEYS.get(key, key))
            if key == "escape":
                self.until(self._all_read, "Esc to be read")
                self.rest()

    def type(self, text: str) -> None:
        """Type a text."""
        self._write(text)

    def click(self, text: str, times: int = 1, *, control: bool = False) -> None:
        """Click in the middle of the first place that shows a text, with the control key held or not."""
        self.until(lambda: text in self.text, f"“{text}” to click on")
        self._settled()  # nobody hits what is still being drawn
        for y, line in enumerate(self._screen.display):
            if text in line:
                x = line.index(text) + len(text) // 2
                button = 16 if control else 0
                for _ in range(times):
                    self._write(f"\x1b[<{button};{x + 1};{y + 1}M\x1b[<{button};{x + 1};{y + 1}m")
                return

    def click_field(self, label: str) -> None:
        """Click on a form's field and wait until it looks focused: what is typed earlier may go elsewhere."""
        self._field(label)
        self._settled()  # nobody hits what is still being drawn
        x, y = self._field(label)
        self._write(f"\x1b[<0;{x + 1};{y + 1}M\x1b[<0;{x + 1};{y + 1}m")
        self.wait_focus(label)

    def wait_focus(self, label: str) -> None:
        """Wait until a form's field looks focused."""

        def focused() -> bool:
            x, y = self._field(label)
            return f"#{self._screen.buffer[y][x].bg}" not in (DARK.background, DARK.surface)

        # What a form is drawn with for a moment, before it has its styles, may look like focus.
        self.until(lambda: focused() and self._settled() and focused(), f"the field “{label}” focused")

    def _field(self, label: str) -> tuple[int, int]:
        """A cell of a field, well behind its label and whatever is typed into it."""
        pattern = re.compile(rf" *{label}\b")
        self.until(lambda: any(map(pattern.match, self._screen.display)), f"a field “{label}”")
        y = next(y for y, line in enumerate(self._screen.display) if pattern.match(line))
        return self._screen.display[y].index(label) + 50, y

    def _write(self, text: str) -> None:
        os.write(self._descriptor, text.encode())

    def _all_read(self) -> bool:
        """Whether the program has read every key."""
        # Opened for this moment alone: held open, the terminal would not end with the program.
        side = fcntl.ioctl(self._descriptor, _OTHER_SIDE, os.O_RDWR | os.O_NOCTTY)
        try:
            (waiting,) = struct.unpack("i", fcntl.ioctl(side, termios.FIONREAD, bytes(4)))
        finally:
            os.close(side)
        return bool(waiting == 0)

    # What a person sees

    def wait_for(self, pattern: str, patience: float = PATIENCE) -> re.Match[str]:
        """Wait until the screen shows a pattern, and return the match."""
        self.until(lambda: re.search(pattern, self.text) is not None, f"/{pattern}/", patience)
        found = re.search(pattern, self.text)
        assert found is not None
        return found

    def wait_gone(self, pattern: str) -> None:
        """Wait until the screen no longer shows a pattern."""
        self.until(lambda: re.search(pattern, self.text) is None, f"/{pattern}/ to go")

    def until(self, holds: Callable[[], bool], what: str, patience: float = PATIENCE) -> None:
        """Take in what the program writes until something holds.

        Raises:
            AssertionError: It did not come to hold; the message shows the screen.
        """
        end = time.monotonic() + patience
        while not holds():
            left = end - time.monotonic()
            if left <= 0 or not self._take_in(left):
                raise AssertionError(f"not seen: {what}. The screen was:\n{self.text}")

    def rest(self, seconds: float = STILL) -> None:
        """Take in everything until the program has written nothing for so long, or keeps on writing."""
        end = time.monotonic() + RESTLESS
        while self._take_in(seconds) and time.monotonic() < end:
            pass

    def end(self) -> int:
        """Take in everything until the program has ended, and return its exit code."""
        deadline = time.monotonic() + PATIENCE
        while not self._closed and self._take_in(max(deadline - time.monotonic(), 0.0)):
            pass
        watched = os.pidfd_open(self.process)
        ended, _, _ = select.select([watched], [], [], max(deadline - time.monotonic(), 0.0))
        os.close(watched)
        assert ended, f"still running after {PATIENCE:g} s. The screen was:\n{self.text}"
        _, status = os.waitpid(self.process, 0)
        self.exit_code = os.waitstatus_to_exitcode(status)
        return self.exit_code

    def _settled(self) -> bool:
        """Take in everything until nothing more comes."""
        self.rest()
        return True

    def _take_in(self, seconds: float) -> bool:
        """Feed what comes next to the emulator; false when nothing came or the program has ended."""
        ready, _, _ = select.select([self._descriptor], [], [], seconds)
        if not ready:
            return False
        try:
            data = os.read(self._descriptor, 65536)
        except OSError:  # what Linux answers once the other side is closed
            return False
        self.written += data
        self._stream.feed(_known(data))
        return bool(data)


def _known(data: bytes) -> bytes:
    """Leave out what the emulator misreads: Kitty's keyboard sequences, which it would print."""
    return re.sub(rb"\x1b\[[<>=?][0-9;]*u", b"", data)
