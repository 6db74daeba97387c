"""A profile's test says which step failed, and what to do."""

from __future__ import annotations

import socket
from typing import Any

import pytest
from pydantic import SecretStr

from tests.servers import Reply, ScriptedServer
from tests.unit.api.support import CONNECTION, KEY
from tui_app.api.check import CONNECTION as CONNECTION_STEP
from tui_app.api.check import KEY as KEY_STEP
from tui_app.api.check import NAME, PAGE, STEPS, TLS, Step, steps
from tui_app.api.exchanges import Recorder


async def checked(url: str, key: str | None = KEY, recorder: Recorder | None = None) -> list[Step]:
    """The steps of a test."""
    secret = SecretStr(key) if key is not None else None
    return [step async for step in steps("terminal", url, secret, recorder=recorder)]


def outcome(found: list[Step]) -> list[tuple[str, bool]]:
    """Which steps were taken, and whether they succeeded."""
    return [(step.name, step.ok) for step in found]


async def test_a_server_that_can_be_used_passes_every_step_with_one_request() -> None:
    recorder = Recorder()
    with ScriptedServer(Reply(json={"results": [CONNECTION], "next": "c1"})) as server:
        found = await checked(server.url, recorder=recorder)

        assert outcome(found) == [(name, True) for name in STEPS]
        assert found[0].text == "127.0.0.1 is 127.0.0.1"
        assert found[4].text == "1 connection, more follow"
        assert all(not step.next_step and step.problem is None for step in found)
        assert [(one.method, one.query) for one in server.requests] == [("GET", {"limit": "1"})]
        assert len(recorder) == 1


async def test_an_empty_fleet_and_unreadable_rows_are_told() -> None:
    with ScriptedServer(Reply(json={"results": []}), Reply(json={"results": [{"id": 1}]})) as server:
        assert (await checked(server.url))[-1].text == "0 connections"
        assert (await checked(server.url))[-1].text == "1 connection, 1 unreadable"


async def test_a_name_that_does_not_exist_fails_the_first_step(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*arguments: Any, **options: Any) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    (step,) = await checked("https://api.withterminal.invalid/tsp/v1")

    assert (step.name, step.ok) == (NAME, False)
    assert "could not be resolved" in step.text
    assert "host" in step.next_step


async def test_a_host_that_no_name_can_be_fails_the_first_step() -> None:
    (step,) = await checked("http://" + "a" * 80 + ".localhost/")

    assert (step.name, step.ok) == (NAME, False)


async def test_nobody_listening_fails_the_second_step() -> None:
    with ScriptedServer() as gone:
        url = gone.url
    found = await checked(url)

    assert outcome(found) == [(NAME, True), (CONNECTION_STEP, False)]
    assert "refused" in found[1].text
    assert "port" in found[1].next_step


async def test_no_tls_where_tls_is_expected_fails_the_third_step() -> None:
    with ScriptedServer(Reply(json={"results": []})) as server:
        found = await checked(server.url.replace("http", "https"))

        assert outcome(found) == [(NAME, True), (CONNECTION_STEP, True), (TLS, False)]
        assert "http or https" in found[2].next_step
        assert server.requests == []


@pytest.mark.parametrize(
    ("status", "words"), [(401, "API key"), (403, "API key"), (404, "base URL"), (503, "available")]
)
async def test_a_refusal_fails_the_fourth_step(status: int, words: str) -> None:
    with ScriptedServer(Reply(status)) as server:
        found = await checked(server.url)

        assert outcome(found) == [(NAME, True), (CONNECTION_STEP, True), (TLS, True), (KEY_STEP, False)]
        assert words in found[3].text
        assert found[3].next_step
        assert found[3].problem is not None
        assert found[3].problem.status == status
        assert len(server.requests) == 1


async def test_a_key_that_cannot_be_sent_fails_the_fourth_step() -> None:
    with ScriptedServer(Reply(json={"results": []})) as server:
        found = await checked(server.url, key="with space")

        assert outcome(found)[-1] == (KEY_STEP, False)
        assert server.requests == []


@pytest.mark.parametrize("reply", [Reply(body=b"<title>Welcome</title>"), Reply(json={"data": []})])
async def test_an_answer_of_something_else_fails_the_last_step(reply: Reply) -> None:
    with ScriptedServer(reply) as server:
        found = await checked(server.url)

        assert outcome(found) == [*((name, True) for name in STEPS[:4]), (PAGE, False)]
        assert "base URL" in found[4].next_step


async def test_behind_a_proxy_the_proxy_is_left_to_connect(monkeypatch: pytest.MonkeyPatch) -> None:
    with ScriptedServer(Reply(json={"results": []})) as proxy:
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{proxy.port}")
        found = await checked("http://api.example/tsp/v1")

        assert outcome(found) == [(KEY_STEP, True), (PAGE, True)]
