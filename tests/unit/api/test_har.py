"""An export is what HAR 1.2 asks for, holds what was recorded, and no more than that."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import jsonschema_rs
import pytest
from pydantic import SecretStr

from tests.servers import Reply
from tests.unit.api.har_schema import HAR
from tests.unit.api.support import KEY, OK, TOKEN, bench, problem_of_read
from tui_app.api.exchanges import Exchange, Request
from tui_app.api.har import as_har, har_text

VALID = jsonschema_rs.Draft202012Validator(HAR, validate_formats=True)
AT = datetime(2026, 11, 22, 14, 2, 30, 123456, tzinfo=UTC)
READ = Exchange(
    3,
    AT,
    Request("GET", "http://127.0.0.1/tsp/v1/syncs?cursor=a%20b&empty=", (("Accept", "application/json"),)),
    attempt=2,
    status=200,
    response_headers=(("Content-Type", "application/json"), ("X-Trace", "7")),
    response_body='{"id": "sync_1"}',
    size=4096,
    latency=0.0841239,
)


def entries(exchanges: Iterable[Exchange]) -> list[dict[str, Any]]:
    """The entries of an export that the schema takes."""
    har = as_har(exchanges, version="9.9")
    VALID.validate(har)
    found: list[dict[str, Any]] = har["log"]["entries"]
    return found


def test_an_empty_session_is_a_valid_archive_that_says_who_made_it() -> None:
    har = as_har([], version="9.9")

    VALID.validate(har)
    assert har["log"]["creator"] == {"name": "Syncscope", "version": "9.9"}
    assert har["log"]["entries"] == []


def test_an_entry_holds_what_was_recorded() -> None:
    (entry,) = entries([READ])

    assert entry["startedDateTime"] == "2026-11-22T14:02:30.123+00:00"
    assert entry["request"]["method"] == "GET"
    assert entry["request"]["queryString"] == [{"name": "cursor", "value": "a b"}, {"name": "empty", "value": ""}]
    assert entry["request"]["headers"] == [{"name": "Accept", "value": "application/json"}]
    assert "postData" not in entry["request"]
    assert (entry["response"]["status"], entry["response"]["statusText"]) == (200, "OK")
    assert entry["response"]["content"] == {"size": 4096, "mimeType": "application/json", "text": '{"id": "sync_1"}'}
    assert entry["_number"] == 3
    assert entry["_attempt"] == 2
    assert "_problem" not in entry


def test_the_times_of_an_entry_add_up_to_its_whole() -> None:
    (entry,) = entries([READ])

    assert entry["time"] == 84.124
    assert sum(entry["timings"].values()) == entry["time"]


async def test_what_a_client_really_exchanged_is_valid_with_its_tries_its_problems_and_what_was_sent() -> None:
    async with bench(Reply(503), OK, OK, Reply(404, body=b"<h1>no</h1>"), Reply(drop=True)) as b:
        await b.transport.read("/x", {"externalId": "fr-1029"}, SecretStr(TOKEN))
        await b.transport.write("POST", "/syncs", action="request_sync", json={"days": 7})
        await problem_of_read(b)
        await problem_of_read(b, attempts=1)
        found = entries(b.recorder)

    assert [entry["_attempt"] for entry in found] == [1, 2, 1, 1, 1]
    assert [entry["response"]["status"] for entry in found] == [503, 200, 200, 404, 0]
    assert [bool(entry.get("_problem")) for entry in found] == [True, False, False, True, True]
    assert found[2]["request"]["postData"] == {"mimeType": "application/json", "text": '{"days": 7}'}
    assert found[3]["response"]["content"]["text"] == "<h1>no</h1>"
    assert KEY not in json.dumps(found)
    assert TOKEN not in json.dumps(found)


def test_where_no_answer_came_the_entry_says_so() -> None:
    lost = replace(READ, status=None, response_headers=(), response_body="", size=0, error="No answer came")

    (entry,) = entries([lost])

    assert entry["response"]["status"] == 0
    assert entry["_problem"] == "No answer came"


def test_a_body_of_which_more_came_is_marked() -> None:
    (whole, cut) = entries([READ, replace(READ, truncated=True)])

    assert "_truncated" not in whole["response"]["content"]
    assert cut["response"]["content"]["_truncated"] is True


def test_a_redirect_tells_where_to() -> None:
    moved = replace(READ, status=308, response_headers=(("Location", "https://elsewhere.example/"),))

    (entry,) = entries([moved])

    assert entry["response"]["redirectURL"] == "https://elsewhere.example/"


@pytest.mark.parametrize("status", [599, 299, 999])
def test_a_status_that_nobody_named_has_no_words(status: int) -> None:
    (entry,) = entries([replace(READ, status=status)])

    assert entry["response"]["statusText"] == ""


def test_the_file_is_json_in_which_every_character_can_be_seen() -> None:
    nasty = replace(READ, response_body='{"a": "\u202e\x1b[2J\ud800"}', error="\x1b]0;x\x07")

    text = har_text([nasty], version="9.9")

    assert all(character.isprintable() or character == "\n" for character in text)
    assert json.loads(text)["log"]["entries"][0]["_problem"] == "\x1b]0;x\x07"
    text.encode()


@pytest.mark.parametrize(
    ("field", "value"),
    [("time", -1), ("startedDateTime", "yesterday"), ("startedDateTime", "2026-11-22T14:02:30"), ("attempt", 1)],
)
def test_the_schema_refuses_what_the_specification_does(field: str, value: Any) -> None:
    har = as_har([READ], version="9.9")
    har["log"]["entries"][0][field] = value

    assert not VALID.is_valid(har)
