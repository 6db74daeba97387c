"""Short links as they are asked for and as they are shown."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from textual.content import Content

from tui_app.api.base import FormField
from tui_app.models.text import safe_text
from tui_app.models.times import ahead, day_and_time
from tui_app.widgets.spans import Spans
from tui_app.widgets.table import Column

if TYPE_CHECKING:
    from tui_app.models.link import Link, LinkDraft

LINK_FIELDS = (
    FormField("name", "Company", placeholder="e.g. Prairie Lines", hint="what its page calls the company"),
    FormField("externalId", "External ID", hint="your own reference for the connection"),
    FormField("tags", "Tags", kind="list", placeholder="e.g. midwest, vip"),
    FormField("syncMode", "Mode", kind="choice", choices=("automatic", "manual")),
    FormField("redirectUrl", "Then lead to", kind="url", hint="an address of yours, which gets the public token"),
    FormField("template", "Template", hint="the ID of one that you made for the page"),
)
"""What a link is made from, besides providers and backfill."""


def present_of(draft: LinkDraft) -> dict[str, Any]:
    """What a draft holds, by the names of `LINK_FIELDS`."""
    return {
        "name": draft.name,
        "externalId": draft.external_id,
        "tags": list(draft.tags),
        "syncMode": draft.sync_mode,
        "redirectUrl": draft.redirect_url,
        "template": draft.template,
    }


def step_title(number: int, title: str, rest: str) -> Content:
    """The head of one of several steps."""
    return Content.assemble((f"{number} ", "bold $accent"), (title, "bold"), (f"  {rest}", "$muted"))


def link_columns(now: Callable[[], datetime]) -> tuple[Column[Link], ...]:
    """The columns of a list of links.

    Args:
        now: Tells the server's time.
    """

    def address(link: Link, width: int) -> Spans:
        return ((safe_text(link.url, width * 2), "strong"),)

    def expires(link: Link, width: int) -> Spans:
        return ((ahead(link.expires_at, now()) if link.expires_at else "", "muted"),)

    return (
        Column("url", "Link", address, 24, 1, 80),
        Column("expires", "Stops working", expires, 13, 0, 13, 1),
    )


def whole_link(link: Link) -> Content:
    """A link as it is handed out."""
    pieces: list[str | tuple[str, str]] = [(safe_text(link.url, 2000), "bold")]
    about = [safe_text(link.id, 60)]
    if link.expires_at is not None:
        about.append(f"works until {day_and_time(link.expires_at)}")
    pieces += ["\n", (" · ".join(about), "$muted")]
    return Content.assemble(*pieces)
