"""What the control path refuses, and in which words."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.unit.sandbox.steps import done, refused
from tui_app.sandbox.gatekeeper import MOST_BYTES
from tui_app.sandbox.server import Sandbox

JSON = {"Content-Type": "application/json"}


@pytest.fixture
def control(sandbox: Sandbox) -> Iterator[httpx.Client]:
    said = sandbox.announcement
    headers = {"Authorization": f"Bearer {said.api_key}"}
    with httpx.Client(base_url=said.control_url, headers=headers, trust_env=False) as client:
        yield client


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""),
        ("GET", "/clock"),
        ("PATCH", "/clock"),
        ("GET", "/scenarios"),
        ("POST", "/scenarios/stall"),
        ("PUT", "/faults/latency"),
        ("GET", "/nope"),
        ("GET", "/openapi.json/"),
    ],
)
def test_nothing_but_the_description_is_told_without_the_key(sandbox: Sandbox, method: str, path: str) -> None:
    said = sandbox.announcement
    for value in (None, "Bearer", "Bearer nope", f"Bearer {said.stuut_key}", f"Basic {said.api_key}"):
        authorization = {} if value is None else {"Authorization": value}
        answer = httpx.request(method, said.control_url + path, headers=authorization, trust_env=False)
        refused(answer, 401, "unauthorized")
        assert answer.headers["www-authenticate"] == "Bearer"
    assert "openapi" in done(httpx.get(f"{said.control_url}/openapi.json", trust_env=False))


@pytest.mark.parametrize("path", ["/nope", "/clock/", "/scenarios/stall/x", "/openapi.json/", "/tsp/v1/providers"])
def test_a_path_that_is_not_there_is_not_found_in_words_of_its_own(control: httpx.Client, path: str) -> None:
    told = refused(control.get(path), 404, "not_found")
    assert f"/sandbox{path}" in told["message"]
    assert "/sandbox/openapi.json" in told["message"]


def test_a_path_that_only_begins_alike_is_somebody_elses(sandbox: Sandbox, control: httpx.Client) -> None:
    answer = httpx.get(f"{sandbox.announcement.control_url}ed", trust_env=False)
    assert answer.json()["message"] == "Resource not found"


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [("DELETE", "/clock", "GET, PATCH"), ("POST", "", "GET"), ("GET", "/scenarios/stall", "POST")],
)
def test_a_method_that_is_not_there_is_told_with_those_that_are(
    control: httpx.Client, method: str, path: str, allowed: str
) -> None:
    answer = control.request(method, path)
    refused(answer, 405, "method_not_allowed")
    assert answer.headers["allow"] == allowed


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"null",
        b" null ",
        b"{",
        b"[]",
        b'"text"',
        b"12",
        b'{"speed": 1',
        b'{"\\ud800": 30}',
        b"\xff\xfe",
        b"[" * 100_000,
    ],
)
def test_a_body_that_is_no_object_is_a_bad_request(sandbox: Sandbox, control: httpx.Client, content: bytes) -> None:
    told = refused(control.patch("/clock", content=content, headers=JSON), 400, "bad_request")
    assert "JSON object" in told["message"]
    if content:
        refused(control.post("/scenarios/stall", content=content, headers=JSON), 400, "bad_request")
    assert not sandbox._store.made


def test_a_body_of_another_type_is_a_bad_request(control: httpx.Client) -> None:
    refused(
        control.patch("/clock", content=b'{"speed": 5}', headers={"Content-Type": "text/plain"}), 400, "bad_request"
    )


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_over_the_limit_is_refused_and_says_so(control: httpx.Client, chunked: bool) -> None:
    body = b'{"connectionId": "' + b"x" * MOST_BYTES + b'"}'
    content = iter((body[:MOST_BYTES], body[MOST_BYTES:])) if chunked else body
    told = refused(control.post("/scenarios/stall", content=content, headers=JSON), 400, "bad_request")
    assert str(MOST_BYTES) in told["detail"][0]["message"]


@pytest.mark.parametrize(
    ("content", "path", "text"),
    [
        ('{"speed": 0}', "speed", "greater than or equal to 1"),
        ('{"speed": 0.999}', "speed", "greater than or equal to 1"),
        ('{"speed": 600.5}', "speed", "less than or equal to 600"),
        ('{"speed": -1}', "speed", "greater"),
        ('{"speed": "30"}', "speed", "must be a valid number"),
        ('{"speed": true}', "speed", "must be a valid number"),
        ('{"speed": NaN}', "speed", "must be a finite number"),
        ('{"speed": null}', "speed", "must not be null"),
        ('{"speed": 1e999}', "speed", "must be a finite number"),
        ('{"paused": 1}', "paused", "must be a valid boolean"),
        ('{"paused": "yes"}', "paused", "must be a valid boolean"),
        ('{"advanceSeconds": -1}', "advanceSeconds", "greater than or equal to 0"),
        ('{"advanceSeconds": 31622401}', "advanceSeconds", "less than or equal to 31622400"),
        ('{"advance_seconds": 1}', "advance_seconds", "is not known here"),
        ('{"speeed": 30}', "speeed", "is not known here"),
    ],
)
def test_a_clock_that_cannot_be_is_refused_and_nothing_changes(
    sandbox: Sandbox, control: httpx.Client, content: str, path: str, text: str
) -> None:
    before = done(control.get("/clock"))
    told = refused(control.patch("/clock", content=content.encode(), headers=JSON), 422, "unprocessable")
    assert [each["path"] for each in told["detail"]] == [path]
    assert told["detail"][0]["message"].startswith(f"'{path}' ")
    assert text in told["detail"][0]["message"]
    assert done(control.get("/clock")) == before


def test_one_wrong_value_keeps_the_others_from_being_set(control: httpx.Client) -> None:
    told = refused(control.patch("/clock", json={"speed": 50, "paused": "no", "x": 1}), 422, "unprocessable")
    assert {each["path"] for each in told["detail"]} == {"paused", "x"}
    assert done(control.get("/clock"))["speed"] == 0


def test_the_clock_is_not_moved_to_where_dates_end(sandbox: Sandbox, control: httpx.Client, api: httpx.Client) -> None:
    sandbox.clock.advance(6970 * 366 * 86_400)
    told = refused(control.patch("/clock", json={"speed": 9, "advanceSeconds": 31_622_400}), 422, "unprocessable")
    assert "9000-01-01" in told["detail"][0]["message"]
    assert done(control.get("/clock"))["speed"] == 0
    done(control.post("/scenarios/provider-files"), 201)
    assert done(api.post("/link/short"))["expiresAt"].startswith("90")


@pytest.mark.parametrize("name", ["nope", "Stall", "stall ", "%00", "%ff", "%C3%A9", "x" * 5000])
def test_an_unknown_scenario_is_not_found_and_told_with_those_that_there_are(control: httpx.Client, name: str) -> None:
    told = refused(control.post(f"/scenarios/{name}"), 404, "unknown_scenario")
    assert "There are: healthy-first-sync" in told["message"]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"connectionId": "conn_nowhere"}, "There is no connection 'conn_nowhere'"),
        ({"connectionId": "\x1b[31m"}, "There is no connection '\\x1b[31m'"),
        ({"connectionId": 7}, "must be a valid string"),
        ({"connectionId": None}, "must not be null"),
        ({"connection": "conn_x"}, "is not known here"),
    ],
)
def test_a_connection_that_cannot_be_played_on_is_refused_with_the_reason(
    sandbox: Sandbox, control: httpx.Client, body: dict[str, object], text: str
) -> None:
    told = refused(control.post("/scenarios/stall", json=body), 422, "unprocessable")
    assert text in told["detail"][0]["message"]
    assert not sandbox._store.made


def test_a_connection_id_that_no_encoding_has_is_refused(control: httpx.Client) -> None:
    answer = control.post("/scenarios/stall", content=b'{"connectionId": "\\ud800"}', headers=JSON)
    refused(answer, 422, "unprocessable")


def test_a_deleted_connection_is_refused(control: httpx.Client, api: httpx.Client) -> None:
    gone = done(api.get("/connections?status=deleted"))["results"][0]["id"]
    told = refused(control.post("/scenarios/stall", json={"connectionId": gone}), 422, "unprocessable")
    assert "is deleted" in told["message"]
