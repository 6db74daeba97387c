"""Requests and their answers: a line of the table for each, and one in full."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from textual.content import Content

from tui_app.api.har import status_words
from tui_app.models.ids import ids_in
from tui_app.models.text import safe_text
from tui_app.models.times import clock_time, day_and_time
from tui_app.widgets.columns import Column
from tui_app.widgets.outline import Section
from tui_app.widgets.spans import Spans

if TYPE_CHECKING:
    from tui_app.api.exchanges import Exchange


# An object's own ID, behind nothing but plain values: the ID of the first row of a list is not what was asked for.
_ITS_ID = re.compile(r'\{(?:"\w+": (?:"[^"]*"|[\w.+-]+), )*"id": "([^"]+)"')


def size_words(size: int) -> str:
    """Bytes as a person reads them: ``84 B``, ``3.2 kB``, ``1.4 MB``."""
    if size < 1000:
        return f"{size} B"
    return f"{size / 1000:.1f} kB" if size < 999_950 else f"{size / 1e6:.1f} MB"


def latency_words(seconds: float) -> str:
    """A latency as a person reads it: ``84 ms``, ``1.2 s``, ``95 s``."""
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f} ms"
    return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"


def outcome_spans(exchange: Exchange) -> Spans:
    """How it went: the status and what that means; what failed is marked, and said by a word."""
    if exchange.status is None:
        return (("✗ no answer", "error"),)
    words = status_words(exchange.status)
    if exchange.error:
        return ((f"✗ {exchange.status} {words if exchange.status >= 300 and words else 'failed'}", "error"),)
    return ((f"{exchange.status}", ""), (f" {words}", "muted"))


def _time(exchange: Exchange, width: int) -> Spans:
    return ((clock_time(exchange.started_at), "muted"),)


def _method(exchange: Exchange, width: int) -> Spans:
    return ((safe_text(exchange.method, width), "" if exchange.method == "GET" else "strong"),)


def _latency(exchange: Exchange, width: int) -> Spans:
    return ((latency_words(exchange.latency), ""),)


def _size(exchange: Exchange, width: int) -> Spans:
    return ((size_words(exchange.size) if exchange.status is not None else "", "muted"),)


def _attempt(exchange: Exchange, width: int) -> Spans:
    return ((str(exchange.attempt), "warning" if exchange.attempt > 1 else "muted"),)


def _error(exchange: Exchange, width: int) -> Spans:
    return ((safe_text(exchange.error, width * 2), "error"),)


def subject_of(exchange: Exchange) -> str:
    """The ID of the one object that a request was about: by its path, else by what came; empty where it was none."""
    path = exchange.request.path
    if found := ids_in(path):
        return path[slice(*found[-1])]
    first = _ITS_ID.match(exchange.response_body)
    return first[1] if first else ""


def exchange_columns(base_path: Callable[[], str], name_of: Callable[[str], str]) -> tuple[Column[Exchange], ...]:
    """The columns of the table of requests.

    Args:
        base_path: What every path of the open server begins with; the table leaves it out.
        name_of: What a person calls the object of an ID; empty where nobody knows.
    """

    def where(exchange: Exchange, width: int) -> Spans:
        path, question, query = exchange.request.path_and_query.partition("?")
        shown = ((safe_text(path.removeprefix(base_path()) or path, width * 2), ""),)
        return (*shown, (safe_text(question + query, width * 2), "muted")) if query else shown

    def about(exchange: Exchange, width: int) -> Spans:
        subject = subject_of(exchange)
        name = name_of(subject) if subject else ""
        return ((safe_text(name or subject, width * 2), "" if name else "muted"),)

    return (
        Column("time", "Sent", _time, 8, sort=lambda exchange: exchange.number),
        Column("method", "Method", _method, 6, sort=lambda exchange: exchange.method),
        Column("path", "Path", where, 18, 5, 90, comfort=28, sort=lambda exchange: exchange.request.path_and_query),
        Column("status", "Status", lambda exchange, width: outcome_spans(exchange), 14, 1, 27, sort=_by_status),
        Column("latency", "Took", _latency, 7, align="right", sort=lambda exchange: exchange.latency),
        Column("size", "Size", _size, 8, align="right", priority=1, sort=lambda exchange: exchange.size),
        Column("attempt", "Try", _attempt, 3, align="right", priority=2, sort=lambda exchange: exchange.attempt),
        Column("about", "About", about, 16, 2, 34, priority=3, sort=subject_of),
        Column("error", "What went wrong", _error, 24, 3, 70, priority=4, sort=lambda exchange: exchange.error),
    )


def _by_status(exchange: Exchange) -> tuple[int, str]:
    return (exchange.status or 0, exchange.error)


def head_of(exchange: Exchange) -> Content:
    """What was asked, how it went, when and how long: two lines, and a third where something went wrong."""
    request = exchange.request
    ((outcome, role), *rest) = outcome_spans(exchange)
    facts = [
        day_and_time(exchange.started_at).rpartition(" ")[0] + " " + clock_time(exchange.started_at),
        f"took {latency_words(exchange.latency)}",
        size_words(exchange.size) if exchange.status is not None else "",
        "first try" if exchange.attempt == 1 else f"try {exchange.attempt}",
        f"#{exchange.number}",  # as the log counts it
    ]
    pieces: list[str | tuple[str, str]] = [
        (safe_text(request.method, 12), "bold $accent"),
        (f" {safe_text(request.path, 300)}", "bold"),
        "\n",
        (outcome, f"bold ${role}" if role else "bold"),
        *((text, f"${role}") for text, role in rest),
        (" · " + " · ".join(filter(None, facts)), "$muted"),
    ]
    if exchange.error:
        pieces += ["\n", (f"✗ {safe_text(exchange.error, 600)}", "$error")]
    return Content.assemble(*pieces)


def sections_of(exchange: Exchange) -> Sequence[Section]:
    """An exchange in full: address, headers, what was sent, what came."""
    request = exchange.request
    sections = [
        Section("Address", text=request.url, pairs=_query(request.url)),
        Section("Request headers", pairs=request.headers, folded=True),
    ]
    if request.body is not None:
        sections.append(_body("Sent", request.body, ""))
    if exchange.status is None:
        return sections
    note = "… more came than was kept." if exchange.truncated else ""
    if not exchange.response_body:
        note = "It came without any content."
    sections.append(Section("Answer headers", pairs=exchange.response_headers, folded=True))
    return [*sections, _body("Answer", exchange.response_body, note)]


def _query(url: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(urlsplit(url).query, keep_blank_values=True)
    except ValueError:  # brackets that hold no address
        return []


def _body(title: str, text: str, note: str) -> Section:
    """A body as JSON where it is, else as text."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return Section(title, text=text, note=note)
    return Section(title, value=value, is_json=True, note=note)
