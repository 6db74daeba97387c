"""What is kept of an exchange holds no secret, stays bounded, and can be pasted into a shell."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.api.support import KEY, TOKEN
from tui_app.api.exchanges import Exchange, Recorder, Redactor, Request, as_curl, json_text

PASSWORD = "hunter2-but-longer"

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.just(f"before {TOKEN} after") | st.just(PASSWORD),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8) | st.just(TOKEN), inner, max_size=4)
    ),
    max_leaves=20,
)


def exchange(number: int = 1, body: str = "") -> Exchange:
    """An exchange with a body."""
    return Exchange(
        number, datetime(2026, 11, 22, tzinfo=UTC), Request("GET", "http://127.0.0.1/x"), response_body=body
    )


@pytest.mark.parametrize("body", ["", "short", '{"id": "conn_1", "name": "•"}' * 3000, "half a pair \ud800 " * 200])
def test_a_body_is_read_as_it_was_kept_and_takes_little_room(body: str) -> None:
    kept = exchange(body=body)
    assert kept.response_body == body
    assert replace(kept, number=2).response_body == body
    assert sys.getsizeof(vars(kept)["response_body"]) < 1100


@given(value=json_values, limit=st.integers(0, 400))
def test_no_known_secret_survives_whatever_the_json_and_wherever_it_is_cut(value: Any, limit: int) -> None:
    shown, _ = Redactor([PASSWORD, TOKEN]).json({"echo": value}, limit)
    text = json_text(shown)

    assert PASSWORD not in text
    assert TOKEN not in text
    assert TOKEN[:20] not in text


@pytest.mark.parametrize(
    "value",
    [
        {"token": "plain"},
        {"token": {"value": "plain"}},
        {"token": ["plain"]},
        {"credentials": {"username": "plain", "extra": {"deep": "plain"}}},
        {"X-Api-Key": "plain"},
        {"apiSecret": "plain"},
        {"refresh_token": "plain"},
        {"password": "plain"},
    ],
)
def test_what_stands_under_a_secrets_name_is_masked_whatever_it_looks_like(value: Any) -> None:
    assert "plain" not in json_text(Redactor().json(value)[0])


def test_facts_about_secrets_are_no_secrets() -> None:
    value = {"token": None, "hasPassword": True, "id": "conn_1", "tokens": 3}

    assert Redactor().json(value) == (value, False)


def test_a_secret_is_found_url_encoded_too() -> None:
    shown = Redactor(["p@ss/word"]).url("http://127.0.0.1/x?q=p%40ss%2Fword&token=abc&externalId=fr-1029")

    assert "p%40ss" not in shown
    assert "abc" not in shown
    assert shown.endswith("externalId=fr-1029")


def test_an_address_without_secrets_stays_as_it_is() -> None:
    url = "http://127.0.0.1/tsp/v1/connections?tag=a%20b&updatedAfter=2026-01-01T00%3A00%3A00.000Z"

    assert Redactor([KEY]).url(url) == url


def test_a_list_that_is_too_long_is_cut_and_says_so() -> None:
    shown, cut = Redactor().json({"results": [{"id": f"conn_{number}"} for number in range(50_000)]}, 10_000)

    assert cut
    assert 0 < len(shown["results"]) < 1000
    assert len(json_text(shown)) < 20_000


def test_one_text_of_64_kb_is_cut_too() -> None:
    shown, cut = Redactor().json({"name": "x" * 65_536}, 1000)

    assert cut
    assert len(shown["name"]) < 1001


def test_deep_nesting_is_cut_rather_than_followed() -> None:
    value: Any = "end"
    for _ in range(190):
        value = [value]

    assert Redactor().json(value)[1]


def test_characters_that_cannot_be_seen_are_written_as_escapes() -> None:
    text = json_text({"name": "a\x1b]0;t\x07\x9b31m\u202eb\U000e0001é€"})

    assert text.isprintable()
    assert "é€" in text
    assert json.loads(text) == {"name": "a\x1b]0;t\x07\x9b31m\u202eb\U000e0001é€"}


@given(st.text())
def test_json_text_reads_back_as_what_it_was(text: str) -> None:
    assert json.loads(json_text([text])) == [text]


def test_a_curl_command_names_variables_for_the_key_and_the_token() -> None:
    request = Request(
        "POST",
        "https://api.example/tsp/v1/syncs?x=[1]",
        (
            ("Accept", "application/json"),
            ("User-Agent", "syncscope/1"),
            ("Authorization", "Bearer ••••••••"),
            ("Connection-Token", "con_tkn_22vU••••••••"),
        ),
        '{"name": "It\'s $HOME `id` \\" !"}',
        "TERMINAL_API_KEY",
    )
    command = as_curl(request)

    assert shlex.split(command.replace("\\\n", "")) == [
        "curl",
        "--globoff",
        "--request",
        "POST",
        "https://api.example/tsp/v1/syncs?x=[1]",
        "--header",
        "Accept: application/json",
        "--header",
        "Authorization: Bearer $TERMINAL_API_KEY",
        "--header",
        "Connection-Token: $CONNECTION_TOKEN",
        "--data-raw",
        '{"name": "It\'s $HOME `id` \\" !"}',
    ]


def test_a_shell_fills_in_the_variables_and_nothing_else() -> None:
    request = Request(
        "GET", "http://127.0.0.1/$HOME`id`", (("Authorization", "Bearer ••••••••"),), "$(id) 'x'", "TERMINAL_API_KEY"
    )
    script = f"curl() {{ printf '%s\\n' \"$@\"; }}\n{as_curl(request)}"
    said = subprocess.run(
        ["/bin/sh", "-c", script], env={"TERMINAL_API_KEY": "k y"}, capture_output=True, text=True, check=True
    ).stdout

    assert said.splitlines() == [
        "--globoff",
        "--request",
        "GET",
        "http://127.0.0.1/$HOME`id`",
        "--header",
        "Authorization: Bearer k y",
        "--data-raw",
        "$(id) 'x'",
    ]


def test_the_oldest_exchanges_go_when_there_are_too_many() -> None:
    recorder = Recorder(limit=3)
    for number in range(1, 6):
        recorder.add(exchange(number))

    assert [one.number for one in recorder] == [3, 4, 5]
    assert len(recorder) == 3


def test_the_oldest_exchanges_go_when_their_bodies_are_too_long() -> None:
    recorder = Recorder(text_limit=100)
    for number in range(1, 6):
        recorder.add(exchange(number, "x" * 40))

    assert [one.number for one in recorder] == [4, 5]


def test_one_body_beyond_the_limit_is_kept_alone() -> None:
    recorder = Recorder(text_limit=100)
    recorder.add(exchange(1))
    recorder.add(exchange(2, "x" * 1000))

    assert [one.number for one in recorder] == [2]


def test_whoever_listens_is_told_of_each_exchange() -> None:
    told: list[Exchange] = []
    recorder = Recorder(on_exchange=told.append)
    recorder.add(exchange(recorder.next_number()))
    recorder.clear()
    recorder.add(exchange(recorder.next_number()))

    assert [one.number for one in told] == [1, 2]
    assert [one.number for one in recorder] == [2]
