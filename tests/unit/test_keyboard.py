"""The thread that reads the keyboard: every key is passed on, and where there is none it sleeps."""

from __future__ import annotations

import os
import pty
import selectors
import threading
import tty
from collections.abc import Iterator
from queue import SimpleQueue
from typing import Any

import pytest
from textual import events

from tui_app.keyboard import KeyboardDriver

PATIENCE = 20.0


class Typing:
    """A driver's thread on a terminal of its own.

    Attributes:
        keys: What came of what was typed, in order.
        waits: How long it was ready to sleep each time, in seconds; ``None``: for ever.
    """

    def __init__(self) -> None:
        self._far, near = pty.openpty()
        tty.setraw(near)
        self.driver = driver = KeyboardDriver.__new__(KeyboardDriver)  # no terminal of the test's is touched
        driver._debug, driver._leaving = False, False
        driver.fileno, driver.exit_event = near, threading.Event()
        driver._woken, driver._waker = os.pipe()
        driver._writer_thread = None
        self.keys: SimpleQueue[events.Key] = SimpleQueue()
        self.waits: SimpleQueue[float | None] = SimpleQueue()
        setattr(driver, "process_message", self._heard)  # noqa: B010 - a method, which mypy lets nobody assign
        driver._key_thread = self.thread = threading.Thread(target=driver.run_input_thread, daemon=True)

    def _heard(self, event: Any) -> None:
        if isinstance(event, events.Key):
            self.keys.put(event)

    def type(self, content: bytes) -> None:
        os.write(self._far, content)

    def key(self) -> str:
        return self.keys.get(timeout=PATIENCE).key

    def falls_asleep(self) -> None:
        while self.waits.get(timeout=PATIENCE) is not None:
            pass

    def close(self) -> None:
        self.driver.exit_event.set()
        os.write(self.driver._waker, b".")
        self.thread.join(PATIENCE)
        self.driver.close()
        for end in (self._far, self.driver.fileno, self.driver._woken, self.driver._waker):
            os.close(end)


@pytest.fixture
def typing(monkeypatch: pytest.MonkeyPatch) -> Iterator[Typing]:
    select = selectors.SelectSelector.select

    def noted(self: selectors.SelectSelector, timeout: float | None = None) -> Any:
        made.waits.put(timeout)
        return select(self, timeout)

    monkeypatch.setattr("tui_app.keyboard.selectors.SelectSelector.select", noted)
    made = Typing()
    made.thread.start()
    yield made
    made.close()


def test_it_sleeps_until_a_key_comes_and_sleeps_again(typing: Typing) -> None:
    for typed in ("a", "b"):
        typing.falls_asleep()
        typing.type(typed.encode())
        assert typing.key() == typed


def test_a_lone_escape_is_told_though_nothing_follows_it(typing: Typing) -> None:
    typing.falls_asleep()
    typing.type(b"\x1b")
    assert typing.key() == "escape"


def test_a_key_that_comes_in_pieces_is_one(typing: Typing) -> None:
    typing.falls_asleep()
    typing.type(b"\x1b[")
    typing.type(b"A")
    typing.type("é".encode()[:1])
    typing.type("é".encode()[1:])
    assert [typing.key(), typing.key()] == ["up", "é"]


def test_what_is_no_text_does_not_end_it(typing: Typing) -> None:
    typing.type(b"\xff\xfex")
    assert [typing.key() for _ in range(3)][-1] == "x"


def test_it_ends_when_it_is_told_to_though_it_is_asleep(typing: Typing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("signal.signal", lambda *given: None)
    monkeypatch.setattr(KeyboardDriver, "_disable_mouse_support", lambda self: None)
    typing.falls_asleep()
    typing.driver.disable_input()
    assert not typing.thread.is_alive()


def test_after_the_program_was_stopped_keys_are_read_again(typing: Typing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("signal.signal", lambda *given: None)
    monkeypatch.setattr(KeyboardDriver, "_disable_mouse_support", lambda self: None)
    typing.driver.disable_input()
    typing.driver.close()
    typing.driver.exit_event.clear()
    typing.driver._key_thread = typing.thread = threading.Thread(target=typing.driver.run_input_thread, daemon=True)
    typing.thread.start()
    typing.type(b"x")
    assert typing.key() == "x"
