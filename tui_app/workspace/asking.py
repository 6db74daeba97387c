"""Asking a connection's provider: what came back, as it may be shown."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tui_app.api.exchanges import BODY_LIMIT, Exchange, json_text
from tui_app.models.passthrough import HEAD, PassthroughAnswer, PassthroughRequest, RawAnswer
from tui_app.models.secrets import redact_text, redacted

if TYPE_CHECKING:
    from tui_app.api.exchanges import Request
    from tui_app.workspace.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Told:
    """What a provider answered, every secret masked, and no more of it than can be looked at.

    Attributes:
        status: The provider's HTTP status.
        ok: Whether it did what it was asked.
        content_type: What it says that its content is.
        size: Bytes of the content; of JSON within the server's own answer, about as many.
        seconds: How long the server took with it; ``None`` where that is not known.
        headers: Names and values.
        text: The content where it is text, JSON indented; else empty.
        is_json: Whether `text` is JSON.
        head: The first bytes of what is no text; else empty.
        cut: Whether there was more than is shown.
    """

    status: int
    ok: bool
    content_type: str = ""
    size: int = 0
    seconds: float | None = None
    headers: tuple[tuple[str, str], ...] = ()
    text: str = ""
    is_json: bool = False
    head: bytes = field(default=b"", repr=False)
    cut: bool = False


async def ask(workspace: Workspace, connection_id: str, request: PassthroughRequest, *, raw: bool = False) -> Told:
    """Ask a connection's provider. That it refuses is an answer.

    Args:
        workspace: The open profile.
        connection_id: Whose provider.
        request: What to ask.
        raw: Whether the content is wanted byte for byte.

    Raises:
        ApiError: The server refused, or could not ask it.
    """
    planned = workspace.planned_passthrough(connection_id, request, raw=raw)
    if raw:
        answer = await workspace.passthrough_raw(connection_id, request)
        exchange = _recorded(workspace, planned)
        return _refused(answer.refusal, exchange) if answer.refusal else _bytes(answer, exchange)
    return _refused(await workspace.passthrough(connection_id, request), _recorded(workspace, planned))


def _recorded(workspace: Workspace, planned: Request) -> Exchange | None:
    """The exchange that was just recorded for a request.

    What it holds was masked with all that the request carried: the key, the token and the secrets among its headers and
    in its body, which a provider may quote wherever it likes.
    """
    made = (each for each in reversed(list(workspace.recorder)) if each.request == planned)
    return next(made, None)


def _refused(answer: PassthroughAnswer, exchange: Exchange | None) -> Told:
    """What the server told of the provider's answer."""
    told, cut = answer.to_json(), False
    if exchange is not None:
        told, cut = json.loads(exchange.response_body or "null"), exchange.truncated
    told = told if isinstance(told, dict) else {}
    headers, content = told.get("headers"), told.get("response")
    text, is_json = _shown(content)
    sent = answer.response if isinstance(answer.response, str) else json.dumps(answer.response, ensure_ascii=False)
    shown_headers = _headers(headers if isinstance(headers, Mapping) else {})
    return Told(
        status=answer.status_code,
        ok=answer.ok,
        content_type=_type_in(shown_headers),
        size=0 if answer.response is None else len(sent.encode("utf-8", "replace")),
        seconds=exchange.latency if exchange else None,
        headers=shown_headers,
        text=text[:BODY_LIMIT],
        is_json=is_json,
        cut=cut or len(text) > BODY_LIMIT,
    )


def _bytes(answer: RawAnswer, exchange: Exchange | None) -> Told:
    """What the provider sent, byte for byte."""
    text, is_json, cut = _text_of(answer, exchange)
    headers = exchange.response_headers if exchange else ()
    return Told(
        status=answer.status,
        ok=True,
        content_type=_type_in(headers) if exchange else redact_text(answer.content_type),
        size=len(answer.content),
        seconds=exchange.latency if exchange else None,
        headers=headers,
        text="" if text is None else text[:BODY_LIMIT],
        is_json=is_json,
        head=answer.head if text is None else b"",
        cut=cut or len(text or "") > BODY_LIMIT or (text is None and len(answer.content) > HEAD),
    )


def _text_of(answer: RawAnswer, exchange: Exchange | None) -> tuple[str | None, bool, bool]:
    """The content as text, whether it is JSON, and whether something is left out; ``None`` where it is no text."""
    plain = None if b"\0" in answer.content else answer.text()
    if plain is None or exchange is None or not plain:
        return plain, False, False
    try:
        json.loads(answer.content)
    except (ValueError, RecursionError):
        return exchange.response_body, False, exchange.truncated
    text, is_json = _shown(json.loads(exchange.response_body))
    return text, is_json, exchange.truncated


def _shown(content: Any) -> tuple[str, bool]:
    """A value as text, and whether that is JSON. Every character of it can be seen."""
    if content is None:
        return "", False
    if isinstance(content, str):
        return content, False
    return json_text_indented(content), True


def json_text_indented(value: Any) -> str:
    """JSON over several lines."""
    return json.dumps(json.loads(json_text(value)), ensure_ascii=False, indent=2)


def _type_in(headers: Iterable[tuple[str, str]]) -> str:
    return next((value for name, value in headers if name.lower() == "content-type"), "")


def _headers(headers: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    masked = redacted(dict(headers))
    return tuple((str(name), str(value)) for name, value in masked.items())
