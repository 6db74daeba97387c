"""Credentials: whether a provider would take them, and whose account they open."""

from __future__ import annotations

import json
from hashlib import blake2b
from typing import Any

from tui_app.sandbox.errors import bad_request, invalid_credentials
from tui_app.sandbox.providers import BY_CODE, SECRETS, Provider

# Any secret with this value is turned down, so that a client can see what a 422 looks like.
WRONG = "wrong"
_ROOT = "{requestBody}.credentials"
# The one credential field that is a number.
_NUMBERS = frozenset({"companyDotNumber"})


def check_credentials(provider_code: str, credentials: dict[str, Any]) -> str:
    """Check credentials as their provider would.

    Args:
        provider_code: The provider's code.
        credentials: What the client sent.

    Returns:
        Whose account they open: equal for equal accounts, and telling nothing about the credentials.

    Raises:
        ApiError: The provider is unknown, a field is missing or of the wrong type (400), or the password or the key is
            the word `wrong` (422).
    """
    provider = BY_CODE.get(provider_code)
    if provider is None:
        raise bad_request(
            "Invalid request body", ("{requestBody}.provider", "'provider' property must be a known code")
        )
    wrong = _types(provider, credentials) or _missing(provider, credentials)
    if wrong:
        raise bad_request("Invalid request body", *wrong)
    for name in ("password", "apiKey"):
        if credentials.get(name) == WRONG:
            raise invalid_credentials(f"{_ROOT}.{name}")
    return _account_key(provider, credentials)


def _fields(provider: Provider) -> list[str]:
    return [*dict.fromkeys(name for group in provider.credentials for name in group), *provider.optional]


def _types(provider: Provider, credentials: dict[str, Any]) -> list[tuple[str, str]]:
    wrong = []
    for name in _fields(provider):
        value = credentials.get(name, "-")
        if name in _NUMBERS:
            if name in credentials and (isinstance(value, bool) or not isinstance(value, int | float) or value < 1):
                wrong.append((f"{_ROOT}.{name}", f"'{name}' property must be a number of at least 1"))
        elif not isinstance(value, str) or not value:
            wrong.append((f"{_ROOT}.{name}", f"'{name}' property must be a string that is not empty"))
    return wrong


def _missing(provider: Provider, credentials: dict[str, Any]) -> list[tuple[str, str]]:
    lacking = [[name for name in group if name not in credentials] for group in provider.credentials]
    if not all(lacking):
        return []
    # What is told is what would be least work: the group that lacks the fewest fields.
    return [(f"{_ROOT}.{name}", f"'{name}' property is required") for name in min(lacking, key=len)]


def _account_key(provider: Provider, credentials: dict[str, Any]) -> str:
    given = {name: credentials[name] for name in _fields(provider) if name in credentials}
    telling = {name: value for name, value in given.items() if name not in SECRETS} or given
    text = json.dumps([provider.code, telling], sort_keys=True)
    return blake2b(text.encode(), digest_size=16).hexdigest()
