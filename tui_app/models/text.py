"""The text boundary: whatever came from outside is made inert here before anything displays it."""

from __future__ import annotations

import re

# C0 but for nothing: tab and newline too, because a cell or a title is one line. DEL and C1. Line and paragraph
# separators, surrogates, and what Unicode calls default-ignorable: bidirectional controls, zero-width and other
# characters that are there without being seen, the byte-order mark.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ud800-\udfff\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff]"
)

# What every secret of a kind begins with, and so gives nothing away. An environment is one short word: without a bound
# a key that happens to be all letters would be taken for one.
_PREFIX = re.compile(r"con_tkn_|pub_tkn_|[sp]k_[a-z]{1,10}_")
_DOTS = "•" * 8


def _visible(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code < 0x20:
        return chr(0x2400 + code)  # Unicode has a picture for each C0 character: ESC becomes ␛
    if code == 0x7F:
        return "␡"
    return f"‹{code:04X}›"


def safe_text(text: str, limit: int | None = None) -> str:
    """Make remote text safe to send to a terminal, on one line.

    Args:
        text: What a server, a file or a person's clipboard held.
        limit: The most characters to keep; what is cut is replaced by an ellipsis. ``None`` keeps all.

    Returns:
        The text with control, bidirectional, zero-width and other invisible characters made visible.
    """
    if limit is not None and len(text) > limit:
        text = text[: max(limit - 1, 0)] + "…"
    return _UNSAFE.sub(_visible, text)


def safe_block(text: str, limit: int | None = None) -> str:
    """Like :func:`safe_text`, but line ends are kept and tabs become spaces: for JSON and messages of several lines."""
    if limit is not None and len(text) > limit:
        text = text[: max(limit - 1, 0)] + "…"
    return "\n".join(_UNSAFE.sub(_visible, line.replace("\t", "    ")) for line in text.split("\n"))


def mask(secret: str) -> str:
    """Show enough of a secret to recognise it and no more: its public prefix and up to four characters.

    >>> mask("con_tkn_22vUhkC6tgre4kwaYfUkCDA1rzn6eyb4")
    'con_tkn_22vU••••••••'
    """
    prefix = _PREFIX.match(secret)
    head = prefix.group() if prefix else ""
    rest = secret[len(head) :]
    # A short secret would be given away by four of its characters.
    shown = rest[:4] if prefix and len(rest) >= 16 else ""
    return safe_text(f"{head}{shown}") + _DOTS


def is_masked(text: str) -> bool:
    """Whether a text is what :func:`mask` made, so that masking it again would only hide its prefix."""
    head = text.removesuffix(_DOTS)
    if head == text:
        return False
    prefix = _PREFIX.match(head)
    return not head or (prefix is not None and len(head) - prefix.end() in (0, 4))
