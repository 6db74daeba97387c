"""Finds the public token in what a person pastes: the token itself, or the address that it came with."""

from __future__ import annotations

import re
from urllib.parse import unquote

_NAMED = re.compile(r"(?:^|[?&#;])token=([^&#;\s\"'<>]+)")


def public_token_in(text: str) -> str:
    """The public token in a text, or an empty string where an address carries none.

    Whether it is a token at all is for the server's kind to say.

    Args:
        text: A token, or an address with ``token=…`` in its query or behind its `#`.
    """
    text = text.strip().strip("\"'<>")
    if found := _NAMED.search(text):
        return unquote(found[1])
    return "" if "://" in text or "?" in text else text
