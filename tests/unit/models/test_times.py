"""Times in words."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.clocks import START
from tui_app.models.times import age, ahead, between, clock_time, day, day_and_time, duration


@pytest.fixture
def in_new_york(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    before = os.environ.get("TZ")
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    yield
    if before is None:
        monkeypatch.delenv("TZ")
    else:
        monkeypatch.setenv("TZ", before)
    time.tzset()


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "0 s"),
        (0.9, "0 s"),
        (95, "95 s"),
        (119.9, "119 s"),
        (120, "2 min"),
        (31 * 60 + 59, "31 min"),
        (3599, "59 min"),
        (3600, "1 h"),
        (4 * 3600 + 50 * 60, "4 h 50 min"),
        (86399, "23 h 59 min"),
        (86400, "1 day"),
        (3 * 86400 - 1, "2 days"),
    ],
)
def test_a_length_is_said_in_the_units_that_matter(seconds: float, words: str) -> None:
    assert duration(timedelta(seconds=seconds)) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-3600, "just now"),
        (0, "just now"),
        (59, "just now"),
        (60, "1 min ago"),
        (26 * 60, "26 min ago"),
        (3600, "1 h ago"),
        (86399, "23 h ago"),
        (86400, "1 day ago"),
        (2 * 86400, "2 days ago"),
    ],
)
def test_an_age_is_coarse_and_never_in_the_future(seconds: float, words: str) -> None:
    assert age(START - timedelta(seconds=seconds), START) == words


@given(st.integers(0, 10**9), st.integers(0, 10**6))
def test_an_age_never_grows_younger(seconds: int, more: int) -> None:
    def rank(words: str) -> tuple[int, int]:
        count, _, unit = words.removesuffix(" ago").partition(" ")
        return ({"now": 0, "min": 1, "h": 2, "day": 3, "days": 3}[unit], 0 if unit == "now" else int(count))

    then = START.replace(year=2020)
    earlier, later = (age(then, then + timedelta(seconds=s)) for s in (seconds, seconds + more))
    assert rank(earlier) <= rank(later)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-86400, "now"),
        (0, "now"),
        (59.9, "now"),
        (60, "in 1 min"),
        (26 * 60 + 59, "in 26 min"),
        (3600, "in 1 h"),
        (86399, "in 23 h"),
        (86400, "in 1 day"),
        (2 * 86400, "in 2 days"),
    ],
)
def test_what_lies_ahead_is_coarse_and_what_is_past_is_now(seconds: float, words: str) -> None:
    assert ahead(START + timedelta(seconds=seconds), START) == words


@given(st.integers(-(10**9), 10**9))
def test_what_lies_ahead_of_one_is_as_long_ago_for_the_other(seconds: int) -> None:
    then = START + timedelta(seconds=seconds)
    assert ahead(then, START).removeprefix("in ").replace("now", "just now") == age(START, then).removesuffix(" ago")


@pytest.mark.usefixtures("in_new_york")
def test_moments_are_told_in_the_local_zone() -> None:
    moment = datetime(2026, 11, 3, 2, 4, 5, tzinfo=UTC)
    assert clock_time(moment) == "21:04:05"
    assert day_and_time(moment) == "2 Nov 2026 21:04"
    assert day(moment) == "2 Nov 2026"


@pytest.mark.usefixtures("in_new_york")
@pytest.mark.parametrize("moment", [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)])
def test_a_time_that_the_local_zone_has_not_is_told_all_the_same(moment: datetime) -> None:
    assert str(moment.year) in day(moment)
    assert clock_time(moment)
    assert day_and_time(moment)


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (0, 3, "0–10 s"),
        (41, 88, "40–90 s"),
        (90, 100.5, "1–2 min"),
        (2041, 2455, "34–41 min"),
        (290, 300, "4–5 min"),
        (300, 300, "5 min"),
        (4200, 7000, "1 h 10 min – 2 h"),
        (10, 7000, "0–2 h"),
        (36001, 50000, "10–14 h"),
        (90000, 300000, "1–4 days"),
    ],
)
def test_a_range_is_told_in_one_unit_and_rounded_outward(low: float, high: float, words: str) -> None:
    assert between(low, high) == words
