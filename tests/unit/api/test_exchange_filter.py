"""The filter line of the requests says what fits, and what is wrong with it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tui_app.api.exchange_filter import parse_exchange_filter
from tui_app.api.exchanges import Exchange, Request
from tui_app.models.filter import FilterError

AT = datetime(2026, 11, 22, tzinfo=UTC)
SYNC_ID = "sync_01GV12VR4DJP70GD1ZBK0SDWFH"
LIST = Exchange(
    1,
    AT,
    Request("GET", "http://127.0.0.1/tsp/v1/connections?limit=200"),
    status=200,
    response_body='{"results": [{"id": "conn_01GV12VR4DJP70GD1ZBK0SDWFH", "externalId": "fr-1029"}], "limit": 7}',
)
ORDER = Exchange(
    2,
    AT,
    Request("POST", "http://127.0.0.1/tsp/v1/syncs", body='{"days": 7}'),
    status=409,
    error="This is in the way of something that runs already",
)
LOST = Exchange(3, AT, Request("GET", f"http://127.0.0.1/tsp/v1/syncs/{SYNC_ID}"), attempt=2, error="No answer came")
EVERYTHING = (LIST, ORDER, LOST)


def fitting(text: str) -> list[int]:
    chosen = parse_exchange_filter(text)
    return [exchange.number for exchange in EVERYTHING if chosen(exchange)]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("", [1, 2, 3]),
        ("  ", [1, 2, 3]),
        ("SYNCS", [2, 3]),
        ("limit=200", [1]),
        ("post", [2]),
        ("conflict", [2]),
        ("409", [2]),
        ('"in the way"', [2]),
        ("no answer", [3]),
        ("get syncs", [3]),
        ("-get", [2]),
        ("status:4xx", [2]),
        ("status:40", [2]),
        ("status:200", [1]),
        ("-status:2xx", [2, 3]),
        ("status:", [1, 2, 3]),
        ("method:post", [2]),
        ("path:connections", [1]),
        ("is:failed", [2, 3]),
        ("is:f", [2, 3]),
        ("is:ok", [1]),
        ("is:retried", [3]),
        (SYNC_ID, [3]),
    ],
)
def test_what_fits(text: str, numbers: list[int]) -> None:
    assert fitting(text) == numbers


def test_an_id_is_found_in_what_came_and_in_what_was_sent() -> None:
    sent = replace(ORDER, request=replace(ORDER.request, body='{"connection": "conn_01GV12VR4DJP70GD1ZBK0SDWFH"}'))
    chosen = parse_exchange_filter("conn_01GV12VR4DJP70GD1ZBK0SDWFH")

    assert chosen(LIST)
    assert chosen(sent)
    assert not chosen(ORDER)


def test_a_common_word_is_not_looked_for_in_bodies() -> None:
    assert fitting("results") == []
    assert fitting("externalId") == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("stat:4xx", "did you mean status: ?"),
        ("colour:red", "known: status: method: path: is:"),
        ("status:ok", "status:404 or status:4xx"),
        ("is:odd", "is:failed, is:ok, is:retried"),
        ('"open', "close it"),
    ],
)
def test_what_means_nothing_is_said(text: str, said: str) -> None:
    with pytest.raises(FilterError, match=re.escape(said)):
        parse_exchange_filter(text)


def test_a_word_that_is_no_id_unpacks_no_long_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    long = replace(LIST, response_body="[" + "1, " * 1000 + "1]")
    fits = parse_exchange_filter("current -nothing")
    monkeypatch.setattr("tui_app.api.exchanges.zlib.decompress", lambda content: pytest.fail("it was unpacked"))
    fits(long)
