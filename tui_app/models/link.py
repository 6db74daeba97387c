"""A short link: an address that a fleet opens to connect its provider by itself."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from tui_app.models.connection import Backfill
from tui_app.models.remote import Moment, Remote


class Link(Remote):
    """A short link, as the server made it.

    Attributes:
        id: The server's ID; what deletes the link.
        code: The last part of its address.
        url: What the fleet opens. It is made to be handed out, and connects whoever opens it.
        expires_at: When it stops working, in the server's time.
        replayed: Whether the server had made it before, for the same request; set by the API module.
    """

    id: str = Field(min_length=1)
    code: str = ""
    url: str = Field(min_length=1)
    expires_at: Moment | None = None
    replayed: bool = Field(default=False, alias="x-syncscope-replayed", exclude=True)


class LinkDraft(BaseModel):
    """What is sent to make a short link. Nothing at all is a valid request.

    Attributes:
        name: What the company is called on the page that the link opens.
        provider: The code of the one provider that is offered; empty leaves the choice to the fleet.
        provider_hints: Codes of providers that are offered first.
        external_id: The customer's own reference, which the connection will carry.
        tags: The labels that it will carry.
        redirect_url: Where the fleet is sent afterwards. Its query may hold secrets, and is not in any `repr`.
        sync_mode: ``automatic`` or ``manual``; ``None`` leaves it to the server.
        backfill: How much history the connection starts with.
        template: The ID of a template that the page is made from.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    name: str | None = None
    provider: str | None = None
    provider_hints: tuple[str, ...] = ()
    external_id: str | None = None
    tags: tuple[str, ...] = ()
    redirect_url: str | None = Field(default=None, repr=False)
    sync_mode: Literal["automatic", "manual"] | None = None
    backfill: Backfill | None = None
    template: str | None = None
