"""The answers that stand in an operation's place: 429 and 5xx, in the words of the API that was asked."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any

from tui_app.sandbox.faults import STUUT, FaultSet
from tui_app.sandbox.ids import Draw

NONSENSE = ("soon", "-5", "NaN", "1e999", "12 parsecs", "Thu, 32 Nov 2026 25:61:00 GMT")
"""What a Retry-After may say that means nothing."""

_PAGE = (
    "<html>\n<head><title>502 Bad Gateway</title></head>\n<body><h1>502 Bad Gateway</h1><hr>gateway</body>\n</html>\n"
)


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer.

    Attributes:
        status: Its HTTP status.
        body: Its content.
        headers: What it says besides its length and its date.
    """

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


def refusal(known: FaultSet, kind: str, now: datetime, draw: Draw) -> Answer:
    """Return what a fault answers.

    Args:
        known: The fault as it is set; one that refuses.
        kind: Which API was asked.
        now: The server's time, which the answer's `Date` tells.
        draw: Where chance comes from.
    """
    return _MADE[known.fault.name](known, kind, now, draw)


def _too_many(known: FaultSet, kind: str, now: datetime, draw: Draw) -> Answer:
    form, wait = known.retry_after, known.wait_s
    body: dict[str, Any] = _words(kind, "too_many_requests", "Too Many Requests", "API rate limit exceeded")
    headers: dict[str, str] = {}
    if form == "seconds":
        headers["Retry-After"] = str(wait)
    elif form == "fraction":
        # As one page of Terminal's documentation shows it: neither code nor field, but words.
        headers["Retry-After"] = f"{wait - 0.38:.2f}"
        detail = f"API rate limit exceeded - please try again in {wait - 0.38:.2f} s"
        body = {"detail": detail} if kind == STUUT else {"message": "Too Many Requests", "detail": detail}
    elif form == "date":
        # To be counted from the answer's own Date: the server's time is a simulated one.
        headers["Retry-After"] = format_datetime(now + timedelta(seconds=wait), usegmt=True)
    elif form == "body":
        body["retryAfter"] = wait
    elif form == "nonsense":
        headers["Retry-After"] = draw.pick(NONSENSE)
    return _json(429, body, headers)


def _broken(known: FaultSet, kind: str, now: datetime, draw: Draw) -> Answer:
    return _json(500, _words(kind, "internal_server_error", "Internal Server Error", "Something went wrong"))


def _bad_gateway(known: FaultSet, kind: str, now: datetime, draw: Draw) -> Answer:
    return Answer(502, _PAGE.encode(), {"Content-Type": "text/html"})


def _unavailable(known: FaultSet, kind: str, now: datetime, draw: Draw) -> Answer:
    body = _words(kind, "service_unavailable", "Service Unavailable", "Down for maintenance")
    return _json(503, body, {"Retry-After": str(known.wait_s)})


def _timed_out(known: FaultSet, kind: str, now: datetime, draw: Draw) -> Answer:
    return _json(504, _words(kind, "gateway_timeout", "Gateway Timeout", ""))


_MADE = {
    "rate-limit": _too_many,
    "error-500": _broken,
    "error-502": _bad_gateway,
    "error-503": _unavailable,
    "error-504": _timed_out,
}
REFUSING = frozenset(_MADE)
"""The faults that answer in an operation's place."""


def _words(kind: str, code: str, message: str, detail: str) -> dict[str, Any]:
    if kind == STUUT:
        return {"detail": detail or message}
    return {"code": code, "message": message} | ({"detail": detail} if detail else {})


def _json(status: int, body: dict[str, Any], headers: dict[str, str] | None = None) -> Answer:
    return Answer(status, json.dumps(body).encode(), {"Content-Type": "application/json", **(headers or {})})
