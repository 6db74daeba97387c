"""However the terminal is left, it is in order afterwards and nothing stays behind."""

from __future__ import annotations

import signal

from tests.e2e.terminal import Terminal


def test_leaving_gives_the_terminal_back_as_it_was() -> None:
    with Terminal("demo", width=80, height=24) as terminal:
        terminal.wait_for(r"48 connections")
        terminal.press("q")
        assert terminal.end() == 0
        written = bytes(terminal.written)
        for sequence, what in (
            (b"\x1b[?1049l", "the ordinary screen"),
            (b"\x1b[?25h", "the cursor"),
            (b"\x1b[?1000l", "the mouse"),
        ):
            assert sequence in written, f"{what} was not given back"
        assert not terminal.cursor_hidden


def test_whoever_closes_the_terminal_leaves_no_process_behind() -> None:
    # Below another process, such as make, nobody tells it by a signal.
    with Terminal("demo", width=80, height=24, ignoring=signal.SIGHUP) as terminal:
        terminal.wait_for(r"48 connections")
        terminal.close()
        # 129 is a hang-up's; 120 is Python's when what it writes last has nowhere to go.
        assert terminal.end() in (0, 120, 129)
