"""Keys in front of the screens: looked for without holding anything up, asked for, remembered, forgotten."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

from tui_app.config.keys import (
    KeyFound,
    KeyMissing,
    KeyRefused,
    KeyringFailed,
    TypedKeys,
    asking_words,
    check_key,
    find_key,
    forget_key,
    save_key,
)
from tui_app.config.profile_file import RESERVED
from tui_app.config.profiles import ProfileError
from tui_app.models.profile import KEY_SOURCES
from tui_app.screens.dialogs import KeyDialog, WaitDialog

if TYPE_CHECKING:
    from pydantic import SecretStr

    from tui_app.models.profile import Profile
    from tui_app.screens.base import Host

SHORT_WAIT = 0.15
"""Seconds for which a key is looked for before the person is told so: who is answered at once sees nothing blink."""


class Keys:
    """Finds a profile's key, wherever it is, and asks for it where there is none. Call it from a worker.

    Args:
        host: The app in front of which it asks.
    """

    def __init__(self, host: Host) -> None:
        self._host = host
        self._typed = TypedKeys()

    async def key_for(self, profile: Profile) -> SecretStr | None:
        """A key that can be right: as typed before, else from where the profile says, else as typed now.

        A slow command or keyring holds nothing up, and can be left; then there is none.
        """
        if (typed := self._typed.get(profile)) is not None:
            return typed
        found = await self._look_for(profile)
        if found is None:
            return None
        if isinstance(found, KeyFound):
            return found.secret
        return await self._ask(profile, f"{found.reason} {found.next_step}", "Open")

    async def replace(self, profile: Profile) -> None:
        """Ask for another key than the one that is used."""
        why = "It takes the place of the one that is used, from the next time that the profile is opened."
        if await self._ask(profile, why, "Use it") is not None:
            self._host.say("It is used when the profile is opened again.", title=f"Another key for {profile.name}")

    async def forget(self, profile: Profile) -> str:
        """Forget a profile's key, in the keyring too where it is there; what could not be done, in words."""
        self.forget_typed(profile)
        if not profile.key_keyring:
            return ""
        gone = await forget_key(profile, os.environ)
        return f"{gone.reason} {gone.next_step}" if isinstance(gone, KeyringFailed) else ""

    def forget_typed(self, profile: Profile) -> None:
        """Forget what was typed for it."""
        self._typed.forget(profile)

    async def _look_for(self, profile: Profile) -> KeyFound | KeyMissing | KeyRefused | None:
        """Look where the profile says; ``None`` where the person left before the answer came."""
        looking = asyncio.ensure_future(find_key(profile, os.environ))
        waiting = WaitDialog(asking_words(profile) or "Looking for the key …")
        try:
            await asyncio.wait({looking}, timeout=SHORT_WAIT)
            if not looking.done():
                looking.add_done_callback(lambda _: waiting.close())
                await self._host.push_screen_wait(waiting)
            return await looking if looking.done() else None
        finally:
            looking.cancel()
            waiting.close()

    async def _ask(self, profile: Profile, why: str, answer: str) -> SecretStr | None:
        """Ask for a key until there is one that can be right, or the person leaves. It lasts for this session."""
        # A reserved name stands in no file, so none can say that its key is in the keyring.
        unkept = profile.name in RESERVED or self._host.read_only
        remember = None if unkept else bool(profile.key_keyring)
        while True:
            dialog = KeyDialog(profile.name, profile.base_url or "", why, remember=remember, answer=answer)
            typed = await self._host.push_screen_wait(dialog)
            if typed is None:
                return None
            found = check_key(profile, typed.key.get_secret_value())
            if isinstance(found, KeyFound):
                self._typed.keep(profile, found.secret)
                if typed.remember:  # by itself: the key is used meanwhile, whatever comes of it
                    self._host.run_worker(self._remember(profile, found.secret), group="keys", exit_on_error=False)
                return found.secret
            why = f"{found.reason} {found.next_step}"
            remember = None if remember is None else typed.remember

    async def _remember(self, profile: Profile, key: SecretStr) -> None:
        saved = await save_key(profile, key, os.environ)
        if isinstance(saved, KeyringFailed):
            said = f"{saved.reason} {saved.next_step}"
            self._host.say(said, title=f"The key of {profile.name} is not remembered", severity="warning", timeout=20)
            return
        said = f"Saved in the keyring ({saved.where}), and read back."
        if not profile.key_keyring:
            said += " " + self._told_to_profile(profile)
        self._host.say(said, title=f"The key of {profile.name} is remembered", timeout=8)

    def _told_to_profile(self, profile: Profile) -> str:
        """Make the profile say that its key is in the keyring, or say what to write for that."""
        nowhere_else: dict[str, object] = dict.fromkeys(KEY_SOURCES)
        try:
            self._host.profiles.edit(profile.model_copy(update={**nowhere_else, "key_keyring": True}))
        except ProfileError as error:
            return f"{error.reason} Write key_keyring = true into its profile."
        return f"{self._host.profiles.path.name} says so now: key_keyring = true."
