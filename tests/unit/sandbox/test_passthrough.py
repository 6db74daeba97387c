"""What becomes of requests that are passed through to a provider, over a real socket."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.unit.sandbox.steps import Token, done, make, refused
from tui_app.sandbox.server import Sandbox


@pytest.fixture(scope="session")
def token(shared_api: httpx.Client) -> Token:
    return make(shared_api, credentials={"username": "passed through", "password": "x"})


def of(sandbox: Sandbox, provider: str, status: str = "connected") -> Token:
    return {"Connection-Token": str(sandbox.add_connection(provider=provider, status=status)["token"])}


def through(api: httpx.Client, token: Token, method: str, path: str, raw: bool = False, **more: Any) -> httpx.Response:
    target = "/passthrough/raw" if raw else "/passthrough"
    return api.post(target, headers=token, json={"method": method, "path": path, **more})


def test_the_same_question_is_answered_alike_and_another_otherwise(shared_api: httpx.Client, token: Token) -> None:
    first = done(through(shared_api, token, "GET", "/vehicles"))
    assert set(first) == {"method", "path", "statusCode", "headers", "response"}
    assert (first["method"], first["path"], first["statusCode"]) == ("GET", "/vehicles", 200)
    assert first["headers"] == {"Content-Type": "application/json"}
    assert done(through(shared_api, token, "GET", "/vehicles")) == first
    assert done(through(shared_api, token, "GET", "/drivers"))["response"] != first["response"]
    other = make(shared_api, credentials={"username": "another account", "password": "x"})
    assert done(through(shared_api, other, "GET", "/vehicles"))["response"] != first["response"]


@pytest.mark.parametrize(
    ("provider", "names"),
    [
        ("geotab", {"jsonrpc", "result"}),
        ("transflo", {"jsonrpc", "result"}),
        ("samsara", {"data", "pagination"}),
        ("motive", {"vehicles", "pagination"}),
        ("zonar", {"items", "total"}),
    ],
)
def test_a_provider_answers_in_its_own_manner(
    sandbox: Sandbox, api: httpx.Client, provider: str, names: set[str]
) -> None:
    told = done(through(api, of(sandbox, provider), "GET", "/fleet/vehicles"))["response"]
    assert set(told) == names


def test_a_record_of_a_list_is_found_again_by_its_number(shared_api: httpx.Client, token: Token) -> None:
    rows = done(through(shared_api, token, "GET", "/vehicles?limit=3"))["response"]
    assert rows["query"] == {"limit": "3"}
    for row in rows["result"]:
        assert done(through(shared_api, token, "GET", f"/vehicles/{row['id']}"))["response"]["result"] == row


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize(
    ("body", "received"),
    [
        ('{"reportId":"1234"}', {"reportId": "1234"}),
        ("[1, null]", [1, None]),
        ("no JSON {", "no JSON {"),
        ("", ""),
        ("[NaN]", "[NaN]"),
    ],
)
def test_what_is_sent_comes_back(
    shared_api: httpx.Client, token: Token, method: str, body: str, received: object
) -> None:
    headers = {"Content-Type": "application/json"}
    told = done(through(shared_api, token, method, "/reports", headers=headers, body=body))
    assert told["response"]["result"]["received"] == received


def test_a_status_that_was_asked_for_is_told_in_the_envelope(shared_api: httpx.Client, token: Token) -> None:
    for status in (201, 204, 301, 400, 404, 429):
        told = done(through(shared_api, token, "GET", f"/status/{status}"))
        assert told["statusCode"] == status
    assert "error" in told["response"]


def test_a_body_of_any_depth_comes_back(shared_api: httpx.Client, token: Token) -> None:
    for depth in (*range(900, 1010), 100_000):
        for raw in (False, True):
            answer = through(shared_api, token, "POST", "/reports", raw, body="[" * depth + "]" * depth)
            assert answer.status_code == 200, depth


@pytest.mark.parametrize("status", [500, 503])
def test_a_provider_that_breaks_down_is_a_bad_gateway(shared_api: httpx.Client, token: Token, status: int) -> None:
    told = refused(through(shared_api, token, "GET", f"/status/{status}"), 502, "bad_gateway")
    assert told["message"] == "Provider Unavailable"
    assert told["detail"] == f"Error response received from provider with status {status}"


def test_what_a_provider_grants_is_handed_on_as_it_is(shared_api: httpx.Client, token: Token) -> None:
    wrapped = done(through(shared_api, token, "GET", "/vehicles"))
    raw = through(shared_api, token, "GET", "/vehicles", raw=True)
    assert raw.headers["content-type"] == "application/json"
    assert done(raw) == wrapped["response"]
    table = through(shared_api, token, "GET", "/exports/vehicles.csv", raw=True)
    assert table.headers["content-type"].startswith("text/csv")
    assert table.content.startswith(b"id,name,active,odometerMeters\r\n")
    assert done(through(shared_api, token, "GET", "/exports/vehicles.csv"))["response"] == table.text
    assert through(shared_api, token, "POST", "/status/201", raw=True).status_code == 201
    empty = through(shared_api, token, "DELETE", "/status/204", raw=True)
    assert (empty.status_code, empty.content) == (204, b"")


@pytest.mark.parametrize("status", [301, 404, 500])
def test_what_a_provider_refuses_is_told_in_the_envelope_even_raw(
    shared_api: httpx.Client, token: Token, status: int
) -> None:
    told = done(through(shared_api, token, "GET", f"/status/{status}", raw=True))
    assert told["statusCode"] == status
    assert "error" in told["response"]


@pytest.mark.parametrize("raw", [False, True])
def test_only_a_connected_connection_is_passed_through(sandbox: Sandbox, api: httpx.Client, raw: bool) -> None:
    for status in ("disconnected", "archived", "pending_deletion"):
        token = of(sandbox, "geotab", status)
        told = refused(through(api, token, "GET", "/vehicles", raw), 422, "connection_disconnected")
        assert told["detail"] == []
    for provider in ("bigroad", "nobody"):
        refused(through(api, of(sandbox, provider), "GET", "/vehicles", raw), 501, "not_implemented")


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"path": "/x"}, "method"),
        ({"method": "GET"}, "path"),
        ({"method": "HEAD", "path": "/x"}, "method"),
        ({"method": "get", "path": "/x"}, "method"),
        ({"method": "GET", "path": "https://elsewhere.example/x"}, "path"),
        ({"method": "GET", "path": 7}, "path"),
        ({"method": "GET", "path": "/x", "headers": []}, "headers"),
        ({"method": "GET", "path": "/x", "headers": {"A": 1}}, "headers.A"),
        ({"method": "POST", "path": "/x", "body": {"a": 1}}, "body"),
        ({"method": "POST", "path": "/x", "body": None}, "body"),
    ],
)
def test_what_is_wrong_with_a_request_is_named_by_its_path(
    shared_api: httpx.Client, token: Token, body: dict[str, Any], path: str
) -> None:
    for target in ("/passthrough", "/passthrough/raw"):
        told = refused(shared_api.post(target, headers=token, json=body), 400, "bad_request")
        assert [each["path"] for each in told["detail"]] == ["{requestBody}." + path]


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "?",
        "//",
        "/%",
        "/%ff",
        "vehicles",
        "/x/²",
        "/\x00",
        "/.csv",
        "/a/b.csv?c",
        "?a=http://b",
        "/status/999",
    ],
)
def test_any_path_at_all_is_answered(shared_api: httpx.Client, token: Token, path: str) -> None:
    for raw in (False, True):
        for method in ("GET", "POST"):
            assert through(shared_api, token, method, path, raw).status_code == 200
