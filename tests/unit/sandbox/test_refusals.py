"""Whom the server refuses, and in which words."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.unit.sandbox.conftest import START
from tui_app.sandbox.gatekeeper import MOST_BYTES
from tui_app.sandbox.limits import RateLimits
from tui_app.sandbox.server import Sandbox


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    # One server for all of them: whoever is refused leaves no trace.
    with Sandbox(start=START, speed=0, rate_limits=False) as running:
        yield running


@pytest.mark.parametrize("key", [None, "", "Bearer", "Bearer wrong", "Bearer sk_prod_1", "Basic eDp5", "ü"])
@pytest.mark.parametrize("path", ["/connections", "/providers", "/nowhere", "/syncs"])
def test_nobody_without_the_key_is_told_anything(api: httpx.Client, path: str, key: str | None) -> None:
    del api.headers["Authorization"]
    headers = [] if key is None else [(b"Authorization", key.encode("latin-1"))]
    answer = api.post(path, headers=headers, content="{")
    assert answer.status_code == 401
    assert answer.json()["code"] == "unauthorized"
    assert isinstance(answer.json()["detail"], str)


def test_a_key_for_production_is_refused_with_a_hint(api: httpx.Client) -> None:
    answer = api.get("/providers", headers={"Authorization": "Bearer sk_prod_123"})
    assert answer.status_code == 401
    assert "production" in answer.json()["detail"]


@pytest.mark.parametrize("token", ["con_tkn_unknown", "wrong", ""])
def test_a_wrong_connection_token_is_forbidden(api: httpx.Client, token: str) -> None:
    answer = api.get("/connections/current", headers={"Connection-Token": token})
    assert answer.status_code == 403
    assert answer.json()["code"] == "forbidden"


def test_a_missing_connection_token_is_a_bad_request(api: httpx.Client) -> None:
    answer = api.get("/syncs")
    assert answer.status_code == 400
    assert answer.json()["detail"][0]["path"] == "{requestHeaders}.Connection-Token"


def test_a_revoked_token_opens_nothing_any_more(sandbox: Sandbox, api: httpx.Client) -> None:
    token = str(sandbox.add_connection()["token"])
    assert api.get("/connections/current", headers={"Connection-Token": token}).status_code == 200
    sandbox.revoke_token(token)
    assert api.get("/connections/current", headers={"Connection-Token": token}).status_code == 403


@pytest.mark.parametrize("status", ["deleting", "deleted"])
def test_the_token_of_a_removed_connection_opens_nothing(api: httpx.Client, status: str) -> None:
    removed = api.get("/connections", params={"status": status}).json()["results"][0]
    assert api.get("/syncs", headers={"Connection-Token": removed["token"]}).status_code == 403


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/connections", "GET, POST"),
        ("DELETE", "/syncs", "GET, POST"),
        ("POST", "/connections/current", "DELETE, GET, PATCH"),
        ("GET", "/syncs/sync_1/retry", "POST"),
        ("HEAD", "/providers", "GET"),
        ("OPTIONS", "/syncs/sync_1", "GET"),
    ],
)
def test_a_method_that_is_not_there_is_refused_with_all_that_are(
    api: httpx.Client, method: str, path: str, allowed: str
) -> None:
    answer = api.request(method, path)
    assert answer.status_code == 405
    assert answer.headers["allow"] == allowed
    if method != "HEAD":
        assert answer.json()["code"] == "method_not_allowed"


@pytest.mark.parametrize("path", ["/connections/", "/nowhere", "/connections/current/more", "/"])
def test_a_path_that_is_not_there_is_not_found(api: httpx.Client, path: str) -> None:
    assert api.get(path).json()["code"] == "not_found"


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"{", "application/json"),
        (b"[]", "application/json"),
        (b"null", "application/json"),
        (b'{"provider": "geotab"', "application/json"),
        (b"\xff\xfe", "application/json"),
        (b"[" * 100_000, "application/json"),
        (b'{"provider": ' + b"1" * 5000 + b"}", "application/json"),
        (b"provider=geotab", "application/x-www-form-urlencoded"),
        (b"{}", "text/plain"),
        (b"", "application/json"),
    ],
)
def test_a_body_that_is_no_json_object_is_a_bad_request(api: httpx.Client, content: bytes, kind: str) -> None:
    answer = api.post("/connections", content=content, headers={"Content-Type": kind})
    assert answer.status_code == 400
    assert answer.json()["code"] == "bad_request"
    assert answer.json()["detail"][0]["path"].startswith("{requestBody}")


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/syncs"), ("PATCH", "/connections/current"), ("POST", "/link/short")]
)
def test_null_is_not_taken_for_a_body_that_was_left_out(
    sandbox: Sandbox, api: httpx.Client, method: str, path: str
) -> None:
    headers = {"Connection-Token": sandbox.announcement.connection_tokens[0], "Content-Type": "application/json"}
    answer = api.request(method, path, headers=headers, content=" null\n")
    assert answer.status_code == 400
    assert answer.json()["detail"][0]["path"] == "{requestBody}"


@pytest.mark.parametrize("announced", [True, False])
def test_a_body_that_is_too_large_is_a_bad_request(api: httpx.Client, announced: bool) -> None:
    large = b" " * (MOST_BYTES + 1)
    answer = api.post("/connections", content=large if announced else iter([large[:700_000], large[:700_000]]))
    assert answer.status_code == 400
    assert answer.json()["code"] == "bad_request"


def test_the_application_header_is_accepted_and_changes_nothing(api: httpx.Client) -> None:
    headers = {"X-Application-Id": "app_1"}
    assert api.get("/connections", headers=headers).json() == api.get("/connections").json()


def test_too_many_requests_are_told_when_to_come_back() -> None:
    with Sandbox(connections=2, speed=0) as limited:
        said = limited.announcement
        token = {"Connection-Token": said.connection_tokens[0]}
        with httpx.Client(headers={"Authorization": f"Bearer {said.api_key}"}, trust_env=False) as api:
            answers = [api.get(f"{said.terminal_url}/connections/current", headers=token) for _ in range(400)]
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert 0 < float(refused.headers["retry-after"]) < 1
    assert refused.json()["code"] == "too_many_requests"
    assert refused.json()["retryAfter"] == 1
    assert refused.json()["detail"].endswith(f"{refused.headers['retry-after']} s")


def test_a_connection_has_100_requests_a_second_and_all_together_400() -> None:
    now = 0.0
    limits = RateLimits(lambda: now)
    assert [limits.wait_s("one") for _ in range(100)] == [0.0] * 100
    assert limits.wait_s("one") == pytest.approx(0.01)
    assert [limits.wait_s(token) for token in ("two", "three", "four") for _ in range(100)] == [0.0] * 300
    assert limits.wait_s(None) == pytest.approx(0.0025)
    now = 0.5
    assert [limits.wait_s("one") for _ in range(50)] == [0.0] * 50
    assert limits.wait_s("one") > 0
