"""The filter line of the requests: words, IDs, and ``name:value`` terms."""

from __future__ import annotations

import re
from collections.abc import Callable

from tui_app.api.exchanges import Exchange
from tui_app.api.har import status_words
from tui_app.models.filter import Filter, FilterError, read_filter

Test = Callable[[Exchange], bool]

# A word that may be an ID is looked for in what was sent and what came as well: a token, and no ID, names a connection.
_MAY_BE_ID = re.compile(r"(?:conn|sync|isu|slk)_\w{3,}|(?=\S*\d)[\w-]{8,}")


def parse_exchange_filter(text: str) -> Filter[Exchange]:
    """Read a filter line.

    Words match method, path, query, status and what went wrong; those that may be an ID, the bodies, too. ``status:``
    takes a number, its beginning or ``4xx``; ``method:`` and ``path:`` narrow to one; ``is:failed``, ``is:ok`` and
    ``is:retried`` to what they say. A leading ``-`` excludes.

    Raises:
        FilterError: A name or a value that means nothing here.
    """
    return read_filter(text, _word, _FIELDS)


def _word(value: str) -> Test:
    word = value.lower()

    def fits(exchange: Exchange) -> bool:
        status = f"{exchange.status or ''} {status_words(exchange.status)}"
        told = f"{exchange.method} {exchange.request.path_and_query} {status} {exchange.error}".lower()
        return word in told or (in_bodies and in_body(exchange))

    def in_body(exchange: Exchange) -> bool:  # asked for last: a long answer has to be unpacked
        return value in (exchange.request.body or "") or value in exchange.response_body

    in_bodies = _MAY_BE_ID.fullmatch(value) is not None
    return fits


def _status(word: str) -> Test:
    if not re.fullmatch(r"[1-9][0-9x]{0,2}", word):
        raise FilterError("status: takes a number or a class of them, as in status:404 or status:4xx")
    begin = word.rstrip("x")
    return lambda exchange: exchange.status is not None and str(exchange.status).startswith(begin)


def _is(word: str) -> Test:
    kinds: dict[str, Test] = {
        "failed": lambda exchange: bool(exchange.error),
        "ok": lambda exchange: not exchange.error,
        "retried": lambda exchange: exchange.attempt > 1,
    }
    fitting = [test for kind, test in kinds.items() if kind.startswith(word)]
    if not fitting:
        raise FilterError("is: takes " + ", ".join(f"is:{kind}" for kind in kinds))
    return fitting[0]


_FIELDS: dict[str, Callable[[str], Test]] = {
    "status": _status,
    "method": lambda word: lambda exchange: exchange.method.lower().startswith(word),
    "path": lambda word: lambda exchange: word in exchange.request.path_and_query.lower(),
    "is": _is,
}
