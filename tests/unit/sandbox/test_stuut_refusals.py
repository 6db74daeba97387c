"""Whom the integrations API refuses, and in which words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.unit.sandbox.conftest import START
from tui_app.sandbox.gatekeeper import MOST_BYTES
from tui_app.sandbox.server import Sandbox

GOOD = {"provider_name": "netsuite", "name": "Books"}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    # One server for all of them: whoever is refused leaves no trace.
    with Sandbox(start=START, speed=0) as running:
        yield running


@pytest.mark.parametrize("key", [None, "", "Bearer", "Bearer wrong", "Bearer stuut_test_", "Basic eDp5", "ü"])
@pytest.mark.parametrize("path", ["/connections", "/connections/x/sync", "/nowhere", ""])
def test_nobody_without_the_key_is_told_anything(stuut: httpx.Client, path: str, key: str | None) -> None:
    del stuut.headers["Authorization"]
    headers = [] if key is None else [(b"Authorization", key.encode("latin-1"))]
    answer = stuut.post(path, headers=headers, content="{")
    assert answer.status_code == 401
    assert list(answer.json()) == ["detail"]
    assert isinstance(answer.json()["detail"], str)
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.headers["date"] == "Sun, 22 Nov 2026 12:00:00 GMT"


def test_the_keys_of_the_two_apis_open_one_each(sandbox: Sandbox, stuut: httpx.Client, api: httpx.Client) -> None:
    said = sandbox.announcement
    assert said.stuut_key.startswith("stuut_test_")
    assert stuut.get("/connections", headers={"Authorization": f"Bearer {said.api_key}"}).status_code == 401
    assert api.get("/connections", headers={"Authorization": f"Bearer {said.stuut_key}"}).status_code == 401


def test_the_description_needs_no_key(stuut: httpx.Client) -> None:
    del stuut.headers["Authorization"]
    assert stuut.get("/openapi.json").json()["openapi"].startswith("3.1")


@pytest.mark.parametrize("path", ["/connections/", "/nowhere", "/connections/x/sync/more", "/"])
def test_a_path_that_is_not_there_is_not_found(stuut: httpx.Client, path: str) -> None:
    answer = stuut.get(path)
    assert (answer.status_code, answer.json()) == (404, {"detail": "Not Found"})


def test_a_path_that_only_begins_alike_belongs_to_the_other_api(sandbox: Sandbox) -> None:
    answer = httpx.get(f"{sandbox.announcement.stuut_url}x/connections", trust_env=False)
    assert answer.json()["code"] == "not_found"


@pytest.mark.parametrize(("method", "path"), [("PATCH", "/connections/nobody"), ("POST", "/connections/nobody/sync")])
def test_a_connection_that_is_not_there_is_not_found(stuut: httpx.Client, method: str, path: str) -> None:
    answer = stuut.request(method, path, json={})
    assert (answer.status_code, answer.json()) == (404, {"detail": "Connection not found"})


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/connections", "GET, POST"),
        ("GET", "/connections/x", "PATCH"),
        ("DELETE", "/connections/x", "PATCH"),
        ("GET", "/connections/x/sync", "POST"),
        ("HEAD", "/connections", "GET, POST"),
    ],
)
def test_a_method_that_is_not_there_is_refused_with_all_that_are(
    stuut: httpx.Client, method: str, path: str, allowed: str
) -> None:
    answer = stuut.request(method, path)
    assert (answer.status_code, answer.headers["allow"]) == (405, allowed)
    if method != "HEAD":
        assert answer.json() == {"detail": "Method Not Allowed"}


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"{", "application/json"),
        (b"[]", "application/json"),
        (b"null", "application/json"),
        (b"\xff\xfe", "application/json"),
        (b"[" * 100_000, "application/json"),
        (b'{"name": ' + b"1" * 5000 + b"}", "application/json"),
        (b"provider_name=netsuite", "application/x-www-form-urlencoded"),
        (b"{}", "text/plain"),
        (b"", "application/json"),
    ],
)
@pytest.mark.parametrize(("method", "path"), [("POST", "/connections"), ("PATCH", "/connections/x")])
def test_a_body_that_is_no_json_object_is_refused(
    stuut: httpx.Client, method: str, path: str, content: bytes, kind: str
) -> None:
    answer = stuut.request(method, path, content=content, headers={"Content-Type": kind})
    assert answer.status_code in (400, 422)
    assert list(answer.json()) == ["detail"]
    if answer.status_code == 422:
        assert answer.json()["detail"][0]["loc"][0] == "body"


@pytest.mark.parametrize("announced", [True, False])
def test_a_body_that_is_too_large_is_refused(stuut: httpx.Client, announced: bool) -> None:
    large = b" " * (MOST_BYTES + 1)
    answer = stuut.post("/connections", content=large if announced else iter([large[:700_000], large[:700_000]]))
    assert answer.status_code == 413
    assert "1048576 bytes" in answer.json()["detail"]
    if announced:
        # Refused unread, also where nobody would have read it.
        assert stuut.post("/connections/nobody/sync", content=large).status_code == 413


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"name": None}, "name"),
        ({"name": ""}, "name"),
        ({"name": 7}, "name"),
        ({"provider_name": ["netsuite"]}, "provider_name"),
        ({"api_url": 1}, "api_url"),
        ({"is_on_premise": "yes"}, "is_on_premise"),
        ({"is_on_premise": None}, "is_on_premise"),
    ],
)
def test_a_wrong_value_is_named_by_its_place(stuut: httpx.Client, change: dict[str, Any], place: str) -> None:
    answer = stuut.post("/connections", json={**GOOD, **change})
    assert answer.status_code == 422
    assert [each["loc"] for each in answer.json()["detail"]] == [["body", place]]
    assert all(list(each) == ["loc", "msg", "type"] for each in answer.json()["detail"])


def test_what_is_missing_is_named(stuut: httpx.Client) -> None:
    answer = stuut.post("/connections", json={"name": "Books"})
    assert answer.status_code == 422
    assert [(each["loc"], each["type"]) for each in answer.json()["detail"]] == [(["body", "provider_name"], "missing")]


@pytest.mark.parametrize("change", [{"name": None}, {"provider_name": ""}, {"company": 1}, {"environment": []}])
def test_an_edit_with_a_wrong_value_changes_nothing(stuut: httpx.Client, change: dict[str, Any]) -> None:
    before = stuut.get("/connections").json()
    answer = stuut.patch(f"/connections/{before[0]['id']}", json={"company": "Renamed", **change})
    assert answer.status_code == 422
    assert stuut.get("/connections").json() == before


def test_text_that_no_answer_could_carry_is_refused(stuut: httpx.Client) -> None:
    kind = {"Content-Type": "application/json"}
    content = b'{"provider_name": "netsuite", "name": "\\ud83d"}'
    assert stuut.post("/connections", content=content, headers=kind).status_code == 422


def test_no_number_of_requests_is_too_many(stuut: httpx.Client) -> None:
    assert {stuut.patch("/connections/nobody", json={}).status_code for _ in range(500)} == {404}
