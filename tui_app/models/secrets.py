"""What counts as a secret, wherever it stands, and how it is masked."""

from __future__ import annotations

import re
from typing import Any

from tui_app.models.text import mask

# Names under which a value is a secret whatever it looks like. Compared without case, dashes and underscores.
_SECRET_NAMES = frozenset(
    {
        "authorization",
        "proxyauthorization",
        "connectiontoken",
        "token",
        "accesstoken",
        "refreshtoken",
        "publictoken",
        "password",
        "passphrase",
        "secret",
        "clientsecret",
        "apikey",
        "privatekey",
        "authcode",
        "cookie",
        "setcookie",
    }
)
_SECRET_SHAPE = re.compile(r"(?:con_tkn_|pub_tkn_|[sp]k_[a-z]+_|whsec_)[^\s\"'<>&,;)}\]]+")


def is_secret_name(name: str) -> bool:
    """Whether a field or header of this name holds a secret."""
    return re.sub(r"[-_]", "", name).lower() in _SECRET_NAMES


def redact_text(text: str) -> str:
    """Mask whatever in a text is shaped like a key or a token; the rest stays as it is."""
    return _SECRET_SHAPE.sub(lambda found: mask(found.group()), text)


def redacted(value: Any, name: str = "") -> Any:
    """Copy plain JSON values with every secret masked: by the name it stands under, or by its own shape.

    Args:
        value: Any JSON value.
        name: The field it stands under, where there is one.
    """
    if isinstance(value, dict):
        return {
            key: {field: _masked(inner) for field, inner in item.items()}
            if key == "credentials" and isinstance(item, dict)
            else redacted(item, str(key))
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [redacted(item, name) for item in value]
    if isinstance(value, str):
        return _masked(value) if is_secret_name(name) else redact_text(value)
    return value


def _masked(value: Any) -> Any:
    # What is masked already stays: masking twice would hide the prefix that tells two tokens apart.
    if isinstance(value, str):
        return value if value.endswith("•" * 8) else mask(value)
    return mask(str(value)) if value is not None else None
