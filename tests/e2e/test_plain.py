"""Where no colours are wanted, none is written: in a real terminal, byte by byte."""

from __future__ import annotations

import re

from tests.e2e.terminal import Terminal

_SGR = re.compile(rb"\x1b\[([0-9;:]*)m")
COLOURS = {*range(30, 39), *range(40, 49), *range(90, 98), *range(100, 108)}


def colours(written: bytes) -> set[bytes]:
    """Every sequence that sets a colour."""
    return {
        found[0]
        for found in _SGR.finditer(written)
        if COLOURS & {int(number) for number in re.split(rb"[;:]", found[1]) if number}
    }


def shown(environ: dict[str, str]) -> bytes:
    """All that is written on the way over a few screens and a dialog."""
    with Terminal("demo", "--speed", "1", width=120, height=40, environ=environ) as terminal:
        terminal.wait_for("48 connections")
        terminal.press("s")
        terminal.wait_for("Request a sync")
        terminal.press("escape")
        terminal.wait_gone("Request a sync")
        terminal.press("5")
        terminal.wait_for("a add")
        terminal.press("q")
        assert terminal.end() == 0
    return bytes(terminal.written)


def test_without_colours_none_is_written() -> None:
    assert colours(shown({"NO_COLOR": "1"})) == set()


def test_with_colours_there_are_some() -> None:
    assert colours(shown({}))
