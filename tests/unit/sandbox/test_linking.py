"""Short links, signing in by them, and public tokens, over a real socket."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.unit.sandbox.steps import LOGIN, Token, ask, done, make, refused
from tui_app.sandbox.server import Sandbox

YEAR = 365 * 86_400
TYPED = {"provider": "samsara", "account": "dispatch", "secret": "anything"}


def link(api: httpx.Client, **asked: Any) -> dict[str, Any]:
    found: dict[str, Any] = done(api.post("/link/short", json=asked))
    return found


def browse(method: str, url: str, **more: Any) -> httpx.Response:
    """Do what a browser does: it has no key."""
    return httpx.request(method, url, trust_env=False, **more)


def public_token(url: str, **more: Any) -> str:
    return str(done(browse("POST", url, json={**LOGIN, **more}))["publicToken"])


def exchange(api: httpx.Client, token: str) -> httpx.Response:
    return api.post("/public-token/exchange", json={"publicToken": token})


def test_a_link_is_good_for_a_year_and_leads_to_this_server(sandbox: Sandbox, api: httpx.Client) -> None:
    made = link(api, name="Frank's Trucking")
    assert re.fullmatch("slk_[0-9A-HJKMNP-TV-Z]{26}", made["id"])
    assert re.fullmatch("[a-hjkmnp-z2-9]{8}", made["code"])
    assert made["expiresAt"] == "2027-11-22T12:00:00.000Z"
    assert made["url"] == sandbox.announcement.terminal_url.replace("/tsp/v1", f"/link/{made['code']}")
    assert "Frank&#x27;s Trucking" in browse("GET", made["url"]).text
    sandbox.clock.advance(YEAR - 1)
    assert browse("GET", made["url"]).status_code == 200
    sandbox.clock.advance(1)
    assert browse("GET", made["url"]).status_code == 404
    refused(api.delete(f"/link/short/{made['id']}"), 404, "not_found")


def test_the_same_body_brings_the_same_link_and_says_so(sandbox: Sandbox, api: httpx.Client) -> None:
    first = api.post("/link/short", json={"name": "One", "tags": ["a"]})
    sandbox.clock.advance(86_400)
    again = api.post("/link/short", json={"tags": ["a"], "name": "One"})
    other = api.post("/link/short", json={"name": "Two", "tags": ["a"]})
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.json() == first.json()
    assert "Idempotent-Replayed" not in other.headers
    assert other.json()["code"] != first.json()["code"]
    sandbox.clock.advance(YEAR)
    assert link(api, name="One", tags=["a"])["id"] != first.json()["id"]


def test_no_body_is_the_same_as_an_empty_one(api: httpx.Client) -> None:
    assert done(api.post("/link/short")) == link(api)


def test_a_deleted_link_leads_nowhere_and_is_made_anew(api: httpx.Client) -> None:
    made = link(api)
    for wrong in (made["code"], "slk_01JB7K3N2QZP7TVR4FX8SDWFH9"):
        refused(api.delete(f"/link/short/{wrong}"), 404, "not_found")
    gone = api.delete(f"/link/short/{made['id']}")
    assert (gone.status_code, gone.content) == (204, b"")
    refused(api.delete(f"/link/short/{made['id']}"), 404, "not_found")
    assert browse("GET", made["url"]).status_code == 404
    assert browse("POST", made["url"], data=TYPED).status_code == 404
    refused(browse("POST", made["url"], json=LOGIN), 404, "not_found")
    assert link(api)["code"] != made["code"]


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"name": 1}, "name"),
        ({"name": None}, "name"),
        ({"provider": "nobody"}, "provider"),
        ({"providerHints": "geotab"}, "providerHints"),
        ({"tags": [None]}, "tags.0"),
        ({"redirectUrl": "javascript:alert(1)"}, "redirectUrl"),
        ({"redirectUrl": "https://x.example/\r\nSet-Cookie: a"}, "redirectUrl"),
        ({"syncMode": "never"}, "syncMode"),
        ({"backfill": {"days": 0}}, "backfill.days"),
        ({"backfill": {"startFrom": "2999-01-01T00:00:00Z"}}, "backfill.startFrom"),
    ],
)
def test_what_is_wrong_with_a_link_is_named_by_its_path(api: httpx.Client, body: dict[str, Any], path: str) -> None:
    told = refused(api.post("/link/short", json=body), 400, "bad_request")
    assert [each["path"] for each in told["detail"]] == ["{requestBody}." + path]


def test_somebody_signs_in_in_a_browser_and_is_shown_a_public_token(api: httpx.Client) -> None:
    made = link(api, name="<b>Åse & Co</b>", externalId="e-1", tags=["t"], syncMode="manual", providerHints=["samsara"])
    page = browse("GET", made["url"])
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "&lt;b&gt;Åse &amp; Co&lt;/b&gt;" in page.text
    assert re.findall('value="([^"]+)"', page.text)[:2] == ["samsara", "geotab"]
    shown = browse("POST", made["url"], data=TYPED)
    assert shown.status_code == 200
    found = re.search(r"pub_tkn_\w+", shown.text)
    assert found is not None
    connection = done(exchange(api, found[0]))
    assert connection["status"] == "connected"
    assert connection["company"] == {"name": "<b>Åse & Co</b>"}
    assert connection["provider"] == {"name": "Samsara", "code": "samsara"}
    asked = {name: connection[name] for name in ("externalId", "tags", "syncMode")}
    assert asked == {"externalId": "e-1", "tags": ["t"], "syncMode": "manual"}
    ask(api, {"Connection-Token": connection["token"]})


def test_somebody_who_signed_in_is_sent_back_with_the_token(api: httpx.Client) -> None:
    made = link(api, provider="geotab", redirectUrl="https://fleets.example/done?state=7#top")
    assert re.findall('value="([^"]+)"', browse("GET", made["url"]).text) == ["geotab"]
    sent = browse("POST", made["url"], data={**TYPED, "provider": "motive"})
    assert sent.status_code == 303
    parts = urlsplit(sent.headers["location"])
    assert (parts.netloc, parts.path, parts.fragment) == ("fleets.example", "/done", "top")
    query = parse_qs(parts.query)
    assert query["state"] == ["7"]
    assert done(exchange(api, query["token"][0]))["provider"]["code"] == "geotab"
    told = done(browse("POST", made["url"], json={"credentials": LOGIN["credentials"]}))
    assert parse_qs(urlsplit(told["redirectUrl"]).query)["token"] == [told["publicToken"]]


def test_a_wrong_password_is_told_on_the_page_and_to_programs(api: httpx.Client) -> None:
    made = link(api, provider="geotab")
    page = browse("POST", made["url"], data={**TYPED, "secret": "wrong"})
    assert page.status_code == 422
    assert "Invalid credentials" in page.text
    assert "<form" in page.text
    wrong = {**LOGIN, "credentials": {"username": "x", "password": "wrong"}}
    refused(browse("POST", made["url"], json=wrong), 422, "invalid_credentials")
    assert browse("POST", made["url"], data={}).status_code == 400
    for content in ("[]", "{}", '{"credentials": 1}', "{"):
        headers = {"Content-Type": "application/json"}
        refused(browse("POST", made["url"], content=content, headers=headers), 400, "bad_request")
    assert len(api.get("/connections").json()["results"]) == 48


def test_a_public_token_is_good_once(api: httpx.Client) -> None:
    token = public_token(link(api)["url"])
    connection = done(exchange(api, token))
    assert done(api.get("/connections?order=desc&limit=1"))["results"] == [connection]
    told = refused(exchange(api, token), 404, "not_found")
    assert token in told["detail"]
    refused(exchange(api, "pub_tkn_unknown"), 404, "not_found")
    for wrong in ("", "con_tkn_x", 7, None):
        refused(api.post("/public-token/exchange", json={"publicToken": wrong}), 400, "bad_request")
    refused(api.post("/public-token/exchange"), 400, "bad_request")


def test_the_same_account_is_linked_to_its_one_connection(api: httpx.Client) -> None:
    made = link(api)
    first, second = public_token(made["url"]), public_token(made["url"])
    assert first != second
    assert done(exchange(api, first)) == done(exchange(api, second))


def test_the_token_of_a_connection_that_is_gone_is_not_found(sandbox: Sandbox, api: httpx.Client) -> None:
    made = link(api)
    first, second = public_token(made["url"]), public_token(made["url"])
    token = {"Connection-Token": done(exchange(api, first))["token"]}
    done(api.delete("/connections/current", headers=token), 202)
    sandbox.clock.advance(86_400)
    refused(exchange(api, second), 404, "not_found")


def test_a_backfill_counts_from_when_somebody_signed_in(sandbox: Sandbox, api: httpx.Client) -> None:
    made = link(api, backfill={"days": 2})
    sandbox.clock.advance(86_400)
    token = {"Connection-Token": done(exchange(api, public_token(made["url"])))["token"]}
    assert done(api.post("/syncs", headers=token), 201)["startFrom"] == "2026-11-21T12:00:00.000Z"


def own_link(sandbox: Sandbox, connection: dict[str, Any]) -> str:
    at = urlsplit(connection["linkUrl"])
    return sandbox.announcement.terminal_url.replace("/tsp/v1", f"{at.path}?{at.query}")


@pytest.mark.parametrize("status", ["disconnected", "archived"])
def test_a_connections_own_link_connects_it_again(sandbox: Sandbox, api: httpx.Client, status: str) -> None:
    lost = done(api.get("/connections", params={"status": status}))["results"][0]
    token: Token = {"Connection-Token": lost["token"]}
    url = own_link(sandbox, lost)
    assert browse("GET", url).text.count("<option") == 1
    assert browse("POST", url, data={**TYPED, "secret": "wrong", "account": "wrong"}).status_code == 422
    assert done(api.get("/connections/current", headers=token))["status"] == status
    shown = browse("POST", url, data=TYPED)
    found = re.search(r"pub_tkn_\w+", shown.text)
    assert found is not None
    connection = done(exchange(api, found[0]))
    assert (connection["id"], connection["token"], connection["status"]) == (lost["id"], lost["token"], "connected")
    done(api.patch("/connections/current", headers=token, json={"status": "disconnected"}))
    assert done(api.patch("/connections/current", headers=token, json={"status": "connected"}))["status"] == "connected"


def test_a_connections_own_link_needs_its_key_and_a_connection_that_stays(sandbox: Sandbox, api: httpx.Client) -> None:
    token = make(api)
    connection = done(api.get("/connections/current", headers=token))
    url = own_link(sandbox, connection)
    for wrong in (url.partition("?")[0], url + "x", url.replace("conn_", "conn_x")):
        assert browse("GET", wrong).status_code == 404
        refused(browse("POST", wrong, json=LOGIN), 404, "not_found")
    done(api.delete("/connections/current", headers=token), 202)
    assert browse("POST", url, data=TYPED).status_code == 404
