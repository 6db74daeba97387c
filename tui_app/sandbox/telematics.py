"""The providers' own APIs, as a passthrough request meets them: made up, and the same answer for the same question."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, unquote

from tui_app.sandbox.ids import Draw

JSON = "application/json"
_STATUS = re.compile(r"/?status/([2-5]\d\d)")
# How many records of each kind an account has.
_ROWS = 3


@dataclass(frozen=True, slots=True)
class Question:
    """A request to a provider.

    Attributes:
        provider: The provider's code.
        account: What its data depends on.
        method: GET, POST, PUT, PATCH or DELETE.
        path: The path, with its query if it has one.
        body: What is sent along; None if nothing is.
    """

    provider: str
    account: str
    method: str
    path: str
    body: str | None


@dataclass(frozen=True, slots=True)
class Reply:
    """What a provider answered.

    Attributes:
        status: Its HTTP status.
        content_type: What the content is.
        content: The bytes.
    """

    status: int
    content_type: str
    content: bytes

    @property
    def value(self) -> Any:
        """The content as a JSON value: what it stands for, or else its text."""
        text = self.content.decode("utf-8")
        return json.loads(text) if self.content_type == JSON else text


def ask(question: Question) -> Reply:
    """Return what a provider answers.

    A GET of a path that ends in `.csv` brings a table, any other GET a list of records, or one record for a path that
    ends in a number; what is sent comes back. `/status/<200 to 599>` answers with that status.
    """
    wanted = _STATUS.fullmatch(question.path.partition("?")[0])
    status = int(wanted[1]) if wanted else 200
    if status in {204, 205, 304}:
        # These say that there is no content.
        return Reply(status, "text/plain", b"")
    if status >= 300:
        return _json(status, _problem(question.provider, status))
    path, _, query = question.path.partition("?")
    segments = [unquote(each, errors="replace") for each in path.split("/") if each]
    if question.method == "GET" and segments and segments[-1].endswith(".csv"):
        return Reply(status, "text/csv", _table(question, segments[-1].removesuffix(".csv")).encode())
    if question.method == "GET":
        return _json(status, _found(question, segments, query))
    return _json(status, _wrapped(question.provider, question.method.lower(), {"received": _received(question.body)}))


def _found(question: Question, segments: list[str], query: str) -> Any:
    number = segments[-1] if segments and segments[-1].isdecimal() and segments[-1].isascii() else None
    kind = next((each for each in reversed(segments) if each != number), "items")
    asked = {name: values[-1] for name, values in parse_qs(query).items()}
    if number is not None:
        return _wrapped(question.provider, kind, _record(question, kind, number))
    rows = [_record(question, kind, _id(question, kind, row)) for row in range(_ROWS)]
    listed = _listed(question.provider, kind, rows)
    return {**listed, "query": asked} if asked else listed


def _id(question: Question, kind: str, row: int) -> str:
    return str(Draw("record", question.account, kind, row).between(10_000, 99_999_999))


def _record(question: Question, kind: str, number: str) -> dict[str, Any]:
    draw = Draw("record of", question.account, kind, number)
    return {
        "id": number,
        "name": f"{kind} {draw.between(1, 999):03d}",
        "active": draw.chance(0.9),
        "odometerMeters": draw.between(1_000_000, 900_000_000),
    }


def _table(question: Question, kind: str) -> str:
    rows = [_record(question, kind, _id(question, kind, row)) for row in range(_ROWS)]
    lines = [",".join(rows[0]), *(",".join(json.dumps(value) for value in row.values()) for row in rows)]
    return "".join(f"{line}\r\n" for line in lines)


def _received(body: str | None) -> Any:
    if body is None:
        return {}
    try:
        received = json.loads(body, parse_constant=_no_number)
        # What can only just be read cannot be written with more around it: it is told as text.
        json.dumps([[[[[[[[received]]]]]]]])
    except (ValueError, RecursionError):
        return body
    return received


def _no_number(text: str) -> Any:
    raise ValueError(f"{text} is no JSON")


def _listed(provider: str, kind: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return records in the way in which the provider lists them."""
    if provider == "geotab":
        return {"jsonrpc": "2.0", "result": rows}
    if provider == "samsara":
        return {"data": rows, "pagination": {"endCursor": "", "hasNextPage": False}}
    if provider == "motive":
        named = [{kind.removesuffix("s"): row} for row in rows]
        return {kind: named, "pagination": {"per_page": 25, "page_no": 1, "total": len(rows)}}
    return {"items": rows, "total": len(rows)}


def _wrapped(provider: str, kind: str, value: dict[str, Any]) -> dict[str, Any]:
    if provider == "geotab":
        return {"jsonrpc": "2.0", "result": value}
    if provider == "samsara":
        return {"data": value}
    if provider == "motive":
        return {kind.removesuffix("s"): value}
    return value


def _problem(provider: str, status: int) -> dict[str, Any]:
    text = f"The request was answered with status {status}, as it asked for"
    if provider == "geotab":
        return {"jsonrpc": "2.0", "error": {"code": -32000, "message": text, "data": {"type": "GenericException"}}}
    if provider == "samsara":
        return {"message": text, "requestId": f"{Draw('problem', status).bits():016x}"}
    if provider == "motive":
        return {"error_message": text}
    return {"error": text}


def _json(status: int, value: Any) -> Reply:
    # Escaped, so that half of a surrogate pair in what came back can travel.
    return Reply(status, JSON, json.dumps(value).encode())
