"""The system's keyring: asked with a time limit, in a process of its own, and believed only where it gives back.

A process and not a thread, because a keyring may wait for ever for somebody to unlock it, ask for a password on the
terminal that the screens are painted on, or bring down whoever asks. A process can be ended at any time, has no
terminal, and once it is ended it saves nothing behind the back of whoever was told that nothing was saved.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from tui_app.config.keys.judging import KeyFound, KeyMissing, KeyRefused, check_key
from tui_app.config.keys.program import TooMuchError, run
from tui_app.models.profile import Profile
from tui_app.models.secrets import redact_text

SERVICE = "syncscope"
"""What keys are kept under; the user beside it is the profile's name."""

KEYRING_S = 3.0
"""Seconds that a keyring gets for everything that one act needs."""

FALLBACK = (
    "The key is kept in memory and forgotten when Syncscope ends. To keep it: put it into an environment variable and "
    "name that as key_env, or into a file that only you can read (chmod 600) and name that as key_file."
)

_CHILD = Path(__file__).with_name("keyring_process.py")


@dataclass(frozen=True, slots=True)
class KeySaved:
    """A key that the keyring took, and gave back.

    Attributes:
        where: What the keyring calls itself.
    """

    where: str


@dataclass(frozen=True, slots=True)
class KeyringFailed:
    """Something that the keyring did not do.

    Attributes:
        reason: Why, in words.
        next_step: What to do instead.
    """

    reason: str
    next_step: str


class _FailedError(Exception):
    """The keyring did not answer as it should; the words say why."""


async def key_from_keyring(profile: Profile, environ: Mapping[str, str]) -> KeyFound | KeyMissing | KeyRefused:
    """Ask the keyring for a profile's key."""
    try:
        async with asyncio.timeout(KEYRING_S):
            answer = await _ask("get", profile.name, environ)
    except (TimeoutError, _FailedError) as error:
        return KeyMissing(_reason(error), f"Type the key. {FALLBACK}")
    key = answer["key"]
    if key is None:
        reason = f"The keyring ({answer['name']}) holds no key for “{profile.name}”."
        return KeyMissing(reason, "Type the key; it can be remembered there.")
    return check_key(profile, str(key), f"the keyring ({answer['name']})")


async def save_key(profile: Profile, key: SecretStr, environ: Mapping[str, str]) -> KeySaved | KeyringFailed:
    """Save a profile's key in the keyring, and read it back. Whatever comes of it, the key can be used.

    Args:
        profile: Whose key it is.
        key: The key.
        environ: The environment variables.
    """
    try:
        async with asyncio.timeout(KEYRING_S):
            answer = await _ask("set", profile.name, environ, key.get_secret_value())
            # By another process: what only this one remembers is not kept.
            back = (await _ask("get", profile.name, environ))["key"]
    except (TimeoutError, _FailedError) as error:
        return KeyringFailed(_reason(error), FALLBACK)
    if back != key.get_secret_value():
        gives = "nothing" if back is None else "something else"
        return KeyringFailed(f"The keyring ({answer['name']}) took the key, but gives back {gives}.", FALLBACK)
    return KeySaved(str(answer["name"]))


async def forget_key(profile: Profile, environ: Mapping[str, str]) -> bool | KeyringFailed:
    """Take a profile's key out of the keyring.

    Args:
        profile: Whose key it is.
        environ: The environment variables.

    Returns:
        Whether there was one; or why it may still be there.
    """
    try:
        async with asyncio.timeout(KEYRING_S):
            if (await _ask("get", profile.name, environ))["key"] is None:
                return False
            await _ask("delete", profile.name, environ)
            left = (await _ask("get", profile.name, environ))["key"] is not None
    except (TimeoutError, _FailedError) as error:
        return KeyringFailed(_reason(error), _by_hand(profile))
    return KeyringFailed("The keyring still holds the key.", _by_hand(profile)) if left else True


def _by_hand(profile: Profile) -> str:
    return f"Look for “{SERVICE}” and “{profile.name}” in the keyring, and delete that there."


def _reason(error: TimeoutError | _FailedError) -> str:
    if isinstance(error, TimeoutError):
        return f"The keyring did not answer within {KEYRING_S:g} s. It may be waiting to be unlocked."
    return str(error)


async def _ask(act: str, user: str, environ: Mapping[str, str], key: str | None = None) -> dict[str, object]:
    """Let the process ask. The key goes through its input: arguments can be seen by everyone on this machine."""
    question = json.dumps({"act": act, "service": SERVICE, "user": user, "key": key})
    try:
        # -P: a keyring.py that lies in some folder is not what is asked.
        printed = await run(
            [sys.executable, "-P", str(_CHILD)], environ=environ, seconds=KEYRING_S, given=question.encode()
        )
        answer = json.loads(printed.output)
    except TimeoutError:  # an OSError, too
        raise
    except OSError as error:
        raise _FailedError(f"The keyring could not be asked: {error.strerror or error}.") from error
    except (ValueError, TooMuchError):
        raise _FailedError("The keyring ended without an answer.") from None
    if failure := answer.get("failure"):
        raise _FailedError(_words(failure, str(answer.get("words", "")), key))
    return dict(answer)


def _words(failure: str, said: str, key: str | None) -> str:
    if failure == "not installed":
        return "The library that asks the system's keyring (keyring) is not installed."
    if failure == "none":
        return "This system has no keyring."
    if failure == "locked":
        return "The keyring is locked, and was not unlocked."
    said = redact_text(said.replace(key, "•••") if key else said)[:160]
    return f"The keyring failed: {failure}{f', “{said}”' if said else ''}."
