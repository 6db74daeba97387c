"""Keys take effect in the order in which they were pressed, however fast they come.

A key travels: the app hands it to what has the focus, and what that leaves alone comes back up to the app, as Tab does.
Left to itself, the app looks at the next key meanwhile: text pasted by a password manager or sent over a slow line
would land in the field before, and Ctrl+S would send a form without its last word. So each key waits until the one
before has arrived everywhere.
"""

from __future__ import annotations

from collections import deque
from functools import partial
from typing import TYPE_CHECKING

from textual import events
from textual.app import ScreenStackError
from textual.message import Message

from tui_app.screens.base import Host, too_small

if TYPE_CHECKING:
    from textual.message_pump import MessagePump
    from textual.timer import Timer

LEAVES = "ctrl+q"
"""The key that leaves Syncscope from anywhere."""

_LOST = 0.3
"""Seconds after which a key is no longer waited for: what had the focus is gone, or is busy with something long."""

_ROUNDS = 2
"""How often the way is gone after a key: once behind the key itself, once behind what the key made others say."""


class Arrived(Message, bubble=True):
    """Follows a key on its way, and comes back when the key has arrived."""

    def __init__(self, key: int, rounds: int) -> None:
        super().__init__()
        self.key, self.rounds = key, rounds


class TypingOrder(Host):
    """The part of the app that lets keys and pastes take effect one after the other."""

    def __init__(self) -> None:
        super().__init__()
        self._to_come: deque[events.InputEvent] = deque()
        self._key_under_way = 0  # its number, while one is
        self._keys_seen = 0
        self._patience: Timer | None = None

    async def on_event(self, event: events.Event) -> None:
        """Take a key now, or once those before it have arrived; none but that which leaves where nothing is seen."""
        if isinstance(event, events.InputEvent) and too_small(self.size) and getattr(event, "key", "") != LEAVES:
            return
        if not isinstance(event, events.InputEvent) or isinstance(event, events.MouseMove) or event.is_forwarded:
            await super().on_event(event)
        else:
            self._to_come.append(event)  # a click, too: what was typed before it belongs to the field before
            await self._go_on()

    async def _go_on(self) -> None:
        """Let what has come take effect, until a key is on its way."""
        while self._to_come and not self._key_under_way:
            event = self._to_come.popleft()
            if not isinstance(event, events.Key | events.Paste):
                await super().on_event(event)
                continue
            self._keys_seen += 1
            key = self._key_under_way = self._keys_seen
            await super().on_event(event)
            self._patience = self.set_timer(_LOST, partial(self._let_go, key))
            self._follow(Arrived(key, _ROUNDS))

    def _follow(self, arrived: Arrived) -> None:
        try:
            target: MessagePump = self.focused or self.screen
        except ScreenStackError:
            target = self  # the app is leaving
        if not target.post_message(arrived):
            self.call_later(self._let_go, arrived.key)

    async def on_arrived(self, arrived: Arrived) -> None:
        """The key has arrived, or what it made others say has; go on with the next."""
        arrived.stop()
        if arrived.key == self._key_under_way and arrived.rounds > 1:
            self._follow(Arrived(arrived.key, arrived.rounds - 1))
        else:
            await self._let_go(arrived.key)

    async def _let_go(self, key: int) -> None:
        """Wait for a key no longer; one that was given up before is not the one that is waited for now."""
        if key != self._key_under_way:
            return
        self._key_under_way = 0
        if self._patience is not None:
            self._patience.stop()
            self._patience = None
        await self._go_on()
