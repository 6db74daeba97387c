"""Whether a key can be the right one: decided before anything is sent."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import SecretStr

from tui_app.config.environment import key_contradiction, key_environment
from tui_app.models.known_secrets import KNOWN
from tui_app.models.profile import Environment, Profile


@dataclass(frozen=True, slots=True)
class KeyFound:
    """A key that may be used.

    Attributes:
        secret: The key.
        source: Where it came from, in words.
    """

    secret: SecretStr
    source: str


@dataclass(frozen=True, slots=True)
class KeyMissing:
    """There is no key yet.

    Attributes:
        reason: Why, in words.
        next_step: How to give one.
    """

    reason: str
    next_step: str


@dataclass(frozen=True, slots=True)
class KeyRefused:
    """There is a key that must not be sent. Its value is in neither text.

    Attributes:
        reason: Why, in words.
        next_step: What to do instead.
    """

    reason: str
    next_step: str


def check_key(profile: Profile, key: str, source: str = "typed in") -> KeyFound | KeyRefused:
    """Judge a key by what can be known without sending it.

    Args:
        profile: What it is to open.
        key: The key as it was given; white space around it does not count.
        source: Where it came from, in words.
    """
    key = key.strip()
    wrong = _malformed(key) or _not_a_secret_key(key)
    if wrong is not None:
        return wrong
    contradiction = key_contradiction(profile.base_url, profile.environment, key)
    if contradiction is not None:
        reason = f"Nothing was sent: {contradiction}."
        return KeyRefused(reason, f"Use this server's own key{_other_profile(key)}.")
    secret = SecretStr(key)
    KNOWN.add(secret, lambda kept: [kept.get_secret_value()])
    return KeyFound(secret, source)


def _malformed(key: str) -> KeyRefused | None:
    if not key:
        return KeyRefused("The key is empty.", "Set it to the whole key.")
    if key.lower().startswith("bearer "):
        return KeyRefused("The key starts with the word Bearer.", "Give the key alone.")
    if any(character.isspace() for character in key):
        return KeyRefused("The key has white space or a line end in it.", "Copy it again, as one word.")
    # What is sent in a header is visible ASCII; anything else came from somewhere by mistake.
    if not key.isascii() or not key.isprintable():
        return KeyRefused("The key holds characters that no key has.", "Copy it again from where it was given out.")
    if key[0] in "\"'" or key[-1] in "\"'":
        return KeyRefused("The key stands in quotation marks.", "Give it without them.")
    return None


def _not_a_secret_key(key: str) -> KeyRefused | None:
    if key.startswith("pk_"):
        reason = "This is a publishable key (pk_), which can only make connections."
        return KeyRefused(reason, "Use the secret key, which starts with sk_.")
    if key.startswith(("con_tkn_", "pub_tkn_")):
        return KeyRefused("This is a token of one connection, not a key.", "Use the secret key, which starts with sk_.")
    return None


def _other_profile(key: str) -> str:
    names = {Environment.SANDBOX: "sandbox", Environment.PRODUCTION: "production"}
    said = key_environment(key)
    return f", or open the profile “{names[said]}” with this one" if said in names else ""
