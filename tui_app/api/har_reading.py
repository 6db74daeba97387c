"""Reads exchanges from an HTTP Archive that Syncscope wrote, as far as it says what an exchange needs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from tui_app.api.exchanges import Exchange, Headers, Request

MOST = 2000
"""Exchanges that are read."""


def exchanges_of(archive: Any) -> list[Exchange]:
    """The exchanges of an archive, in its order.

    Raises:
        ValueError: It is none.
    """
    try:
        return [_exchange(number, entry) for number, entry in enumerate(archive["log"]["entries"][:MOST], 1)]
    except (KeyError, TypeError, AttributeError, OverflowError) as error:
        raise ValueError("an entry is not what it should be") from error


def _exchange(number: int, entry: dict[str, Any]) -> Exchange:
    sent, came = entry["request"], entry["response"]
    content, status = came["content"], came["status"]
    began = datetime.fromisoformat(_text(entry["startedDateTime"]))
    body = sent.get("postData")
    urlsplit(_text(sent["url"]))  # what shows an exchange takes its address apart
    return Exchange(
        number=_whole(entry.get("_number", number)),
        started_at=began.astimezone(UTC) if began.tzinfo else began.replace(tzinfo=UTC),
        request=Request(
            _text(sent["method"]),
            _text(sent["url"]),
            _headers(sent["headers"]),
            None if body is None else _text(body["text"]),
        ),
        attempt=_whole(entry.get("_attempt", 1)),
        status=_whole(status) or None,
        response_headers=_headers(came["headers"]),
        response_body=_text(content.get("text", "")),
        truncated=content.get("_truncated") is True,
        size=_whole(content["size"]),
        latency=float(entry["time"]) / 1000,
        error=_text(entry.get("_problem", "")),
    )


def _headers(rows: list[dict[str, Any]]) -> Headers:
    return tuple((_text(row["name"]), _text(row["value"])) for row in rows)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("a text was expected")
    return value


def _whole(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) > 1 << 53:
        raise TypeError("a whole number was expected")
    return value
