"""A request that the server passes on to a connection's provider, and what the provider answered."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from tui_app.models.remote import Remote
from tui_app.models.secrets import redact_text, redacted

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]

HEAD = 256
"""Bytes that are shown of what is no text."""

METHODS: tuple[str, ...] = get_args(Method)


class PassthroughRequest(BaseModel):
    """What to ask of the provider; the server adds the connection's own authorisation.

    Headers and body may hold secrets and are not in any `repr`.

    Attributes:
        method: The HTTP method, in capitals.
        path: Below the provider's address, e.g. ``/reports``; with a query, where there is one.
        headers: Names and values.
        body: The text of the body; ``None`` sends none.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    method: Method = "GET"
    path: str = Field(min_length=1, repr=False)
    headers: dict[str, str] = Field(default={}, repr=False)
    body: str | None = Field(default=None, repr=False)


def _headers(value: Any) -> Any:
    return {} if value is None else value


class PassthroughAnswer(Remote):
    """What the provider answered, as the server tells it.

    Attributes:
        method: The method that was used.
        path: The path that was called.
        status_code: The provider's HTTP status.
        headers: Its headers; those that hold secrets stay masked in any dump.
        response: The body: JSON as it came, or text.
    """

    method: str = ""
    path: str = ""
    status_code: int
    headers: Annotated[dict[str, Any], BeforeValidator(_headers)] = {}
    response: Any = None

    @property
    def ok(self) -> bool:
        """Whether the provider did what it was asked."""
        return 200 <= self.status_code < 300


@dataclass(frozen=True, slots=True)
class RawAnswer:
    """What the provider answered, byte for byte. No `repr` shows its content.

    Attributes:
        status: The provider's HTTP status.
        content_type: What it says that the bytes are.
        content: The bytes; empty where the provider refused.
        head: The first of them, those masked that spell a secret: what may be shown of what is no text.
        refusal: What the provider answered where it did not do what it was asked.
    """

    status: int
    content_type: str = ""
    content: bytes = field(default=b"", repr=False)
    head: bytes = field(default=b"", repr=False)
    refusal: PassthroughAnswer | None = None

    @property
    def ok(self) -> bool:
        """Whether the provider did what it was asked."""
        return self.refusal is None

    def text(self) -> str | None:
        """The content as text with its secrets masked, JSON as JSON; ``None`` where it is no text."""
        try:
            text = self.content.decode()
        except UnicodeDecodeError:
            return None
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            return redact_text(text)
        return json.dumps(redacted(value), ensure_ascii=False, indent=2)
