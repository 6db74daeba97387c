"""What counts as a secret, wherever it stands, and how it is masked."""

from __future__ import annotations

import re
from typing import Any

from tui_app.models.text import is_masked, mask

# Endings of names under which a value is a secret whatever it looks like: `apiKey`, `X-Api-Key`, `client_secret`,
# `Set-Cookie`. Compared without case, dashes and underscores.
_SECRET_ENDINGS = (
    "authorization",
    "token",
    "password",
    "passphrase",
    "secret",
    "apikey",
    "privatekey",
    "authcode",
    "cookie",
)
# The usual environments count wherever they stand, because a text may run into a key (`%3Dsk_prod_…`, `\\nsk_prod_…`);
# any other word only where nothing is before it: `disk_usage_low` and `task_force_7` hold no key.
_SECRET_SHAPE = re.compile(
    r"(?:con_tkn_|pub_tkn_|whsec_|[sp]k_(?:prod|sandbox|live|test)_|(?<![A-Za-z0-9])[sp]k_[a-z]+_)"
    r"[^\s\"'<>&,;)}\]]+"
)


def is_secret_name(name: str) -> bool:
    """Whether a field or header of this name holds a secret."""
    return name.replace("-", "").replace("_", "").lower().endswith(_SECRET_ENDINGS)


def is_secret_in_query(name: str) -> bool:
    """Whether a parameter of this name in an address holds a secret: there a mere ``key`` is one, too."""
    return name.lower() == "key" or is_secret_name(name)


def holds_secret(text: str) -> bool:
    """Whether something in a text is shaped like a key or a token."""
    return _SECRET_SHAPE.search(text) is not None


def redact_text(text: str) -> str:
    """Mask whatever in a text is shaped like a key or a token; the rest stays as it is."""
    return _SECRET_SHAPE.sub(lambda found: str(_masked(found.group())), text)


def redacted(value: Any, name: str = "") -> Any:
    """Copy plain JSON values with every secret masked: by the name it stands under, or by its own shape.

    Args:
        value: Any JSON value.
        name: The field it stands under, where there is one.
    """
    if isinstance(value, dict):
        # Whatever stands below a secret's name is secret, and so is every field of `credentials`.
        below = is_secret_name(name)
        return {
            redact_text(str(key)): redacted(inner, name if below else "secret" if key == "credentials" else str(key))
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [redacted(item, name) for item in value]
    if is_secret_name(name):
        return _masked(value)
    return redact_text(value) if isinstance(value, str) else value


def _masked(value: Any) -> Any:
    # What is masked already stays: masking twice would hide the prefix that tells two tokens apart.
    if isinstance(value, str):
        return value if is_masked(value) else mask(value)
    # Whether a secret is there is no secret, and a SecretStr masks itself.
    return mask(str(value)) if isinstance(value, int | float) and not isinstance(value, bool) else value
