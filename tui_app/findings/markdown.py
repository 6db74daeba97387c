"""Text from elsewhere in Markdown: whatever it holds, it stays text."""

from __future__ import annotations

import re

from tui_app.models.text import safe_text

# What can begin anything in Markdown but text, in the middle of a line: emphasis, code, links, images, HTML, headings,
# tables, formulas, strikethrough, entities. A line's beginning is always ours.
_SPECIAL = re.compile(r"[\\`*\[\]<>#|~$]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|!(?=\[)|&(?=#?\w+;)")
# What becomes a link by itself: addresses with a scheme, those that begin with www, e-mail addresses, and mentions.
_SCHEME = re.compile(r"(?=://)|(?<=mailto)(?=:)|(?<=xmpp)(?=:)", re.IGNORECASE)
_WWW = re.compile(r"(?<=www)(?=\.)", re.IGNORECASE)
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")


def escaped(text: str, limit: int = 600) -> str:
    """A text from elsewhere, on one line, that can be put into the middle of a line of Markdown.

    Args:
        text: Whatever it is.
        limit: The most characters of it to keep.
    """
    text = _SPECIAL.sub(lambda found: "\\" + found.group(), safe_text(text, limit))
    text = _WWW.sub(r"\\", _SCHEME.sub(r"\\", text))
    return text.replace("@", "`@`")  # as code: else an address is found again behind any escape


def code(text: str) -> str:
    """An ID or a word of a server's, as code where it is nothing but that."""
    return f"`{text}`" if _PLAIN.fullmatch(text) else escaped(text, 128)
