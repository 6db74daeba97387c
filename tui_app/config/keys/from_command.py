"""The key that a program prints, such as a password manager's."""

from __future__ import annotations

import shlex
from collections.abc import Mapping

from tui_app.config.keys.judging import KeyFound, KeyMissing, KeyRefused, check_key
from tui_app.config.keys.program import TooMuchError, run
from tui_app.models.profile import Profile
from tui_app.models.secrets import redact_text

COMMAND_S = 10.0
"""Seconds that a command may take: long enough for one that asks a server, too short to be taken for a hang."""


async def key_from_command(profile: Profile, environ: Mapping[str, str]) -> KeyFound | KeyMissing | KeyRefused:
    """Run a profile's key_command and judge what it prints. What it prints is repeated nowhere."""
    assert profile.key_command is not None
    program = profile.key_command[0]
    by_hand = f"Run it in a shell to see why ({shlex.join(profile.key_command)}), or type the key."
    try:
        printed = await run(profile.key_command, environ=environ, seconds=COMMAND_S)
    except FileNotFoundError:
        return KeyMissing(
            f"The command {program} was not found.",
            "Write its whole path into key_command, or type the key.",
        )
    except TimeoutError:
        return KeyMissing(
            f"The command {program} did not end within {COMMAND_S:g} s, and was ended.",
            f"It may have waited for a password: it has no terminal here. {by_hand}",
        )
    except OSError as error:  # after TimeoutError, which is one
        return KeyMissing(f"The command {program} could not be started: {error.strerror or error}.", by_hand)
    except TooMuchError:
        return KeyRefused(f"The command {program} prints far more than a key.", "It must print the key and no more.")
    if printed.code != 0:
        return KeyMissing(f"The command {program} failed ({_ending(printed.code)}){_said(printed.errors)}", by_hand)
    try:
        key = printed.output.decode()
    except UnicodeDecodeError:
        return KeyRefused(f"The command {program} prints no text.", "It must print the key and no more.")
    if not key.strip():
        return KeyMissing(f"The command {program} printed nothing.", by_hand)
    return check_key(profile, key, f"the command {program}")


def _ending(code: int) -> str:
    return f"ended by signal {-code}" if code < 0 else f"exit code {code}"


def _said(errors: bytes) -> str:
    """The first line of what it complained of, with whatever is shaped like a key masked."""
    lines = errors.decode(errors="replace").strip().splitlines()
    return f": {redact_text(lines[0].strip())[:200]}" if lines else "."
