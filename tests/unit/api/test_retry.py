"""What a server asks to wait is read from wherever it says so, to the fraction."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_app.api.retry import LONGEST_WAIT, backoff, http_date, retry_after

NOW = datetime(2026, 11, 22, 14, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "body", "seconds"),
    [
        ({"Retry-After": "0.62"}, None, 0.62),
        ({"Retry-After": "60"}, {"retryAfter": 5}, 60),
        ({"Retry-After": "Sun, 22 Nov 2026 14:02:30 GMT"}, None, 30),
        ({"Retry-After": "Sun, 22 Nov 2026 14:01:30 GMT"}, None, 0),
        # Both stamps are the server's own, so its clock may be hours off without any harm.
        ({"Retry-After": "Sun, 22 Nov 2026 09:00:07 GMT", "Date": "Sun, 22 Nov 2026 09:00:00 GMT"}, None, 7),
        ({}, {"retryAfter": 60}, 60),
        ({}, {"retryAfter": "1.5"}, 1.5),
        ({"Retry-After": "soon"}, {"retryAfter": 2}, 2),
        ({"Retry-After": "-3"}, {"retryAfter": 2}, 2),
        ({"Retry-After": "nan"}, {"retryAfter": 2}, 2),
        ({"Retry-After": "1e999"}, {"retryAfter": 2}, 2),
        ({}, {"message": "Too Many Requests", "detail": "API rate limit exceeded - please try again in 0.62 s"}, 0.62),
        ({}, {"detail": "Please retry after 2 minutes."}, 120),
        ({}, {"detail": "try again in 250 ms"}, 0.25),
        ({}, {"detail": "You have exceeded your rate limit. Please try again later."}, None),
        ({}, {"detail": [{"message": "try again in 5 s"}]}, None),
        ({}, {"retryAfter": True}, None),
        ({}, {"retryAfter": None}, None),
        ({}, None, None),
        ({}, ["retryAfter"], None),
    ],
)
def test_the_wait_is_read_from_header_then_body_then_words(
    headers: dict[str, str], body: Any, seconds: float | None
) -> None:
    assert retry_after(httpx.Headers(headers), body, NOW) == (None if seconds is None else pytest.approx(seconds))


@given(text=st.text(), body=st.dictionaries(st.sampled_from(["retryAfter", "detail", "message"]), st.text()))
def test_whatever_a_server_says_the_wait_is_a_finite_number_or_none(text: str, body: dict[str, str]) -> None:
    said = retry_after({"retry-after": text}, body, NOW)

    assert said is None or 0 <= said < float("inf")


def test_own_waits_double_up_to_a_bound() -> None:
    assert [backoff(attempt, 1.0) for attempt in range(1, 8)] == [0.5, 1, 2, 4, 8, 8, 8]


@given(attempt=st.integers(1, 10_000), chance=st.floats(0, 1))
def test_jitter_takes_off_up_to_half_a_wait(attempt: int, chance: float) -> None:
    longest = backoff(attempt, 1.0)

    assert longest / 2 <= backoff(attempt, chance) <= longest <= LONGEST_WAIT


@given(st.text())
def test_any_text_at_all_is_a_date_or_none(text: str) -> None:
    found = http_date(text)

    assert found is None or found.tzinfo is not None
