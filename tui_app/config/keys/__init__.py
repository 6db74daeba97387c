"""Where a key comes from: the system's keyring, an environment variable, a command, a file, or whoever types it."""

from __future__ import annotations

from collections.abc import Mapping

from tui_app.config.keys.from_command import key_from_command
from tui_app.config.keys.from_file import key_from_file
from tui_app.config.keys.judging import KeyFound, KeyMissing, KeyRefused, check_key
from tui_app.config.keys.memory import TypedKeys
from tui_app.config.keys.vault import FALLBACK, KeyringFailed, KeySaved, forget_key, key_from_keyring, save_key
from tui_app.models.profile import Profile

__all__ = [
    "FALLBACK",
    "KeyFound",
    "KeyMissing",
    "KeyRefused",
    "KeySaved",
    "KeyringFailed",
    "TypedKeys",
    "asking_words",
    "check_key",
    "find_key",
    "forget_key",
    "save_key",
]


async def find_key(profile: Profile, environ: Mapping[str, str]) -> KeyFound | KeyMissing | KeyRefused:
    """Find a profile's key where the profile says that it is. Never raises, and never takes longer than its limits.

    The embedded server needs none from here: it gives out its own. Whoever stops waiting ends whatever was asked.

    Args:
        profile: What is to be opened.
        environ: The environment variables.
    """
    if profile.embedded:
        return KeyMissing("The embedded server gives out its own key.", "Nothing has to be set.")
    if profile.key_keyring:
        return await key_from_keyring(profile, environ)
    if profile.key_command:
        return await key_from_command(profile, environ)
    if profile.key_file:
        return key_from_file(profile)
    return _key_from_variable(profile, environ)


def _key_from_variable(profile: Profile, environ: Mapping[str, str]) -> KeyFound | KeyMissing | KeyRefused:
    variable = profile.key_env
    if variable is None:
        reason = f"The profile “{profile.name}” names no place for its key."
        return KeyMissing(
            reason, "Type the key. Or name a place: key_env, key_command, key_file, or key_keyring = true."
        )
    if variable not in environ:
        reason = f"The environment variable {variable} is not set."
        return KeyMissing(reason, f"Set {variable} to the key and start again, or type the key.")
    return check_key(profile, environ[variable], f"the environment variable {variable}")


def asking_words(profile: Profile) -> str:
    """Who is asked for a key and may take a while to answer; empty where none is asked."""
    if profile.key_keyring:
        return "Asking the keyring …"
    return f"Asking the command {profile.key_command[0]} …" if profile.key_command else ""
