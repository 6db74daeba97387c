"""Remote text on its way into a widget: inert first, then `Content`, never markup."""

from __future__ import annotations

from textual.content import Content
from textual.highlight import highlight

from tui_app.models.text import safe_block, safe_text


def shown(text: str, limit: int | None = 2000) -> Content:
    """A remote string as one line that a widget may show."""
    return Content(safe_text(text, limit))


def shown_block(text: str, limit: int | None = 20000) -> Content:
    """A remote string of several lines that a widget may show."""
    return Content(safe_block(text, limit))


def shown_json(text: str, limit: int = 200_000) -> Content:
    """JSON, coloured. It is made inert before it is coloured, as colouring keeps what it is given."""
    return highlight(safe_block(text, limit), language="json")


def assemble(*pieces: str | tuple[str, str] | Content) -> Content:
    """Join safe pieces into one `Content`; a pair is text with a Textual style such as ``"bold $error"``."""
    return Content.assemble(*pieces)
