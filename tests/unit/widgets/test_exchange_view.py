"""How a request reads: in a line of the table, and in full."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tui_app.api.exchanges import Exchange, Request
from tui_app.widgets.exchange_view import head_of, latency_words, outcome_spans, sections_of, size_words, subject_of

READ = Exchange(
    3,
    datetime(2026, 11, 22, 14, 2, 30, tzinfo=UTC),
    Request("GET", "http://127.0.0.1/tsp/v1/connections/current", (("Accept", "application/json"),)),
    status=200,
    response_headers=(("Content-Type", "application/json"),),
    response_body='{"createdAt": "2026", "count": 1.5, "id": "conn_1", "token": null}',
    size=1234,
    latency=0.084,
)
LOST = replace(READ, status=None, response_body="", response_headers=(), size=0, error="No answer came", attempt=2)


@pytest.mark.parametrize(
    ("size", "words"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (35_600, "35.6 kB"), (999_949, "999.9 kB"), (1_400_000, "1.4 MB")],
)
def test_sizes(size: int, words: str) -> None:
    assert size_words(size) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 ms"), (0.0844, "84 ms"), (0.9994, "999 ms"), (0.9996, "1.0 s"), (9.94, "9.9 s"), (94.6, "95 s")],
)
def test_latencies(seconds: float, words: str) -> None:
    assert latency_words(seconds) == words


@pytest.mark.parametrize(
    ("exchange", "words", "role"),
    [
        (READ, "200 OK", ""),
        (replace(READ, status=299), "299", ""),
        (replace(READ, status=404, error="Not there"), "✗ 404 Not Found", "error"),
        (replace(READ, status=599, error="Broken"), "✗ 599 failed", "error"),
        (replace(READ, error="The server's answer is not JSON"), "✗ 200 failed", "error"),
        (LOST, "✗ no answer", "error"),
    ],
)
def test_what_failed_is_said_by_a_word_and_a_sign(exchange: Exchange, words: str, role: str) -> None:
    spans = outcome_spans(exchange)

    assert "".join(text for text, _ in spans).strip() == words
    assert spans[0][1] == role


@pytest.mark.parametrize(
    ("exchange", "subject"),
    [
        (READ, "conn_1"),
        (replace(READ, response_body='{"results": [{"id": "conn_1"}]}'), ""),
        (replace(READ, response_body='{"provider": {"id": "x"}, "id": "conn_1"}'), ""),
        (replace(READ, response_body="<html>"), ""),
        (
            replace(READ, request=Request("GET", "http://127.0.0.1/syncs/sync_01GV12VR4DJP70GD1ZBK0SDWFH/retry?a=1")),
            "sync_01GV12VR4DJP70GD1ZBK0SDWFH",
        ),
    ],
)
def test_what_a_request_was_about_is_its_own_object_and_no_row_of_a_list(exchange: Exchange, subject: str) -> None:
    assert subject_of(exchange) == subject


def test_the_head_says_how_it_went_when_and_how_long() -> None:
    assert head_of(READ).plain.startswith("GET /tsp/v1/connections/current\n200 OK · 22 Nov 2026 ")
    assert head_of(READ).plain.endswith("took 84 ms · 1.2 kB · first try · #3")
    assert head_of(LOST).plain.endswith("try 2 · #3\n✗ No answer came")


def test_in_full_it_has_all_that_was_sent_and_all_that_came() -> None:
    posted = replace(READ, request=replace(READ.request, method="POST", body='{"days": 7}'), truncated=True)

    titles = [section.title for section in sections_of(posted)]
    assert titles == ["Address", "Request headers", "Sent", "Answer headers", "Answer"]
    assert sections_of(posted)[2].value == {"days": 7}
    assert sections_of(posted)[4].note == "… more came than was kept."
    assert [section.title for section in sections_of(LOST)] == ["Address", "Request headers"]


@pytest.mark.parametrize("text", ["<h1>no</h1>\nline", "1" * 5000, "[" * 100_000, '{"cut": "in ha'])
def test_what_is_no_json_is_shown_as_text(text: str) -> None:
    answer = sections_of(replace(READ, response_body=text))[-1]

    assert not answer.is_json
    assert answer.text == text


def test_an_answer_without_content_says_so() -> None:
    assert sections_of(replace(READ, response_body=""))[-1].note == "It came without any content."


def test_an_address_that_cannot_be_taken_apart_is_shown_whole() -> None:
    assert sections_of(replace(READ, request=Request("GET", "http://[x/?a=1")))[0].pairs == []
