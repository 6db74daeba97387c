"""Exchanges as an HTTP Archive (HAR 1.2), which browsers' tools and support desks read.

What was recorded had its secrets masked, and nothing is added to it here.
"""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tui_app.api.exchanges import Exchange, Headers, Request, json_text, sendable_url

_UNKNOWN = -1  # what HAR writes where a size or a time is not known
_COMMENT = "Secrets were masked when the exchanges were recorded. Bodies are JSON written anew, not byte for byte."
_CUT = "More came than was kept."


def as_har(exchanges: Iterable[Exchange], *, version: str) -> dict[str, Any]:
    """Make an HTTP Archive of exchanges, as plain JSON values.

    Fields that HAR does not have begin with an underscore: `_number` counts the exchanges of the session, `_attempt`
    the tries of one request, `_problem` says in words why no usable answer came, and `_truncated` stands at a content
    of which more came than was kept.

    Args:
        exchanges: What was recorded, in the order in which it shall stand.
        version: Syncscope's, for the archive's creator.
    """
    return {
        "log": {
            "version": "1.2",
            "creator": {"name": "Syncscope", "version": version},
            "entries": [_entry(exchange) for exchange in exchanges],
            "comment": _COMMENT,
        }
    }


def har_text(exchanges: Iterable[Exchange], *, version: str) -> str:
    """Write an HTTP Archive of exchanges as a file's text; every character in it can be seen."""
    return json_text(as_har(exchanges, version=version), indent=2) + "\n"


def _entry(exchange: Exchange) -> dict[str, Any]:
    milliseconds = round(max(exchange.latency, 0.0) * 1000, 3)
    return {
        "startedDateTime": exchange.started_at.isoformat(timespec="milliseconds"),
        "time": milliseconds,
        "request": _request(exchange.request),
        "response": _response(exchange),
        "cache": {},
        # Only the whole was measured, so all of it was waiting: HAR wants the times to add up.
        "timings": {"send": 0, "wait": milliseconds, "receive": 0},
        "_number": exchange.number,
        "_attempt": exchange.attempt,
        **({"_problem": exchange.error} if exchange.error else {}),
    }


def _request(request: Request) -> dict[str, Any]:
    body = request.body
    made: dict[str, Any] = {
        "method": request.method,
        "url": sendable_url(request.url),
        "httpVersion": "HTTP/1.1",
        "cookies": [],  # none are ever sent
        "headers": _named(request.headers),
        "queryString": _named(_query(request.url)),
        "headersSize": _UNKNOWN,
        "bodySize": _UNKNOWN if body else 0,
    }
    if body is not None:
        made["postData"] = {"mimeType": _header(request.headers, "content-type"), "text": body}
    return made


def _response(exchange: Exchange) -> dict[str, Any]:
    """The answer; where none came, status 0 and empty texts, as browsers write it."""
    headers = exchange.response_headers
    content: dict[str, Any] = {
        "size": exchange.size,
        "mimeType": _header(headers, "content-type") or "x-unknown",
        "text": exchange.response_body,
    }
    if exchange.truncated:
        content |= {"comment": _CUT, "_truncated": True}
    return {
        "status": exchange.status or 0,
        "statusText": status_words(exchange.status),
        "httpVersion": "" if exchange.status is None else "HTTP/1.1",
        "cookies": [],  # they stand masked among the headers
        "headers": _named(headers),
        "content": content,
        "redirectURL": _header(headers, "location"),
        "headersSize": _UNKNOWN,
        "bodySize": _UNKNOWN,
    }


def _named(pairs: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in pairs]


def _query(url: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(urlsplit(url).query, keep_blank_values=True)
    except ValueError:  # brackets that hold no address
        return []


def _header(headers: Headers, wanted: str) -> str:
    return next((value for name, value in headers if name.lower() == wanted), "")


def status_words(status: int | None) -> str:
    """What a status means, in the words of HTTP; empty where it has none. What the server called it is not recorded."""
    try:
        return HTTPStatus(status).phrase if status else ""
    except ValueError:
        return ""
