"""Reads are repeated where that is safe, writes never; both wait as they are asked to."""

from __future__ import annotations

import asyncio
import threading
from datetime import timedelta

import pytest
from pydantic import SecretStr

from tests.clocks import START, FakeClock, until
from tests.servers import Reply, ScriptedServer
from tests.unit.api.support import KEY, OK, TOKEN, bench, problem_of_read, problem_of_write, short
from tui_app.api.health import Health, HealthState
from tui_app.models.problem import ProblemKind


class TestReading:
    """GET requests."""

    async def test_the_key_and_the_token_travel_in_their_headers(self) -> None:
        async with bench(OK) as b:
            answer = await b.transport.read("/x", {"a": "1 &", "b": None}, SecretStr(TOKEN))

            assert answer.json == {"fine": True}
            (request,) = b.server.requests
            assert (request.method, request.path, request.query) == ("GET", "/tsp/v1/x", {"a": "1 &"})
            assert request.headers["authorization"] == f"Bearer {KEY}"
            assert request.headers["connection-token"] == TOKEN
            assert request.headers["accept"] == "application/json"
            assert request.body == b""

    async def test_without_a_key_or_a_token_neither_header_is_sent(self) -> None:
        async with bench(OK, key=None) as b:
            await b.transport.read("/x")

            assert (
                not {"authorization", "connection-token", "content-type", "cookie"}
                & b.server.requests[0].headers.keys()
            )

    @pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
    async def test_a_passing_failure_is_tried_again(self, status: int) -> None:
        async with bench(Reply(status), Reply(status), OK) as b:
            assert (await b.transport.read("/x")).json == {"fine": True}

            assert b.slept == [0.5, 1.0]
            assert [(one.attempt, one.status) for one in b.recorder] == [(1, status), (2, status), (3, 200)]

    @pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409, 418, 422, 501, 520])
    async def test_a_lasting_failure_is_not_tried_again(self, status: int) -> None:
        async with bench(Reply(status), OK) as b:
            assert (await problem_of_read(b)).status == status
            assert len(b.server.requests) == 1

    @pytest.mark.parametrize(
        "broken",
        [
            Reply(drop=True),
            Reply(raw=b"garbage\r\n\r\n"),
            Reply(json={"a": 1}, length=1000),
            Reply(raw=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"),
        ],
    )
    async def test_a_broken_connection_is_tried_again(self, broken: Reply) -> None:
        async with bench(broken, OK) as b:
            assert (await b.transport.read("/x")).json == {"fine": True}
            first, second = b.recorder
            assert first.status is None
            assert "dropped the connection" in first.error
            assert (second.attempt, second.error) == (2, "")

    async def test_a_server_that_is_silent_too_long_is_tried_again(self) -> None:
        never = threading.Event()
        async with bench(Reply(wait=never), OK, limits=short(read=0.05)) as b:
            assert (await b.transport.read("/x")).json == {"fine": True}
            assert "did not answer within 0.05 s" in next(iter(b.recorder)).error
            never.set()

    async def test_an_answer_that_drips_for_ever_is_left(self) -> None:
        never = threading.Event()
        async with bench(Reply(wait=never), limits=short(total=0.05)) as b:
            assert "within 0.05 s" in (await problem_of_read(b)).title
            assert len(b.server.requests) == 1
            never.set()

    async def test_a_server_that_is_not_there_is_tried_as_often_as_asked_for(self) -> None:
        with ScriptedServer(OK) as gone:
            url = gone.url
        async with bench(OK, base_url=url) as b:
            problem = await problem_of_read(b, attempts=3)

            assert problem.kind is ProblemKind.UNREACHABLE
            assert "refused the connection" in problem.title
            assert len(b.recorder) == 3
            assert b.server.requests == []

    async def test_the_last_problem_is_told_after_the_last_attempt(self) -> None:
        async with bench(Reply(500), Reply(502), Reply(503), Reply(504), OK) as b:
            assert (await problem_of_read(b)).status == 504
            assert len(b.server.requests) == 4

    async def test_one_attempt_is_one_attempt(self) -> None:
        async with bench(Reply(503), OK) as b:
            assert (await problem_of_read(b, attempts=1)).status == 503
            assert len(b.server.requests) == 1
            assert b.slept == []


class TestWaitingAsAsked:
    """Retry-After."""

    @pytest.mark.parametrize(
        "reply",
        [
            Reply(429, headers={"Retry-After": "0.62"}),
            Reply(
                429,
                json={
                    "message": "Too Many Requests",
                    "detail": "API rate limit exceeded - please try again in 0.62 s",
                },
            ),
            Reply(429, json={"code": "too_many_requests", "retryAfter": 0.62, "message": "m"}),
            Reply(503, headers={"Retry-After": "0.62"}, body=b"<html>busy</html>"),
        ],
    )
    async def test_it_is_honoured_exactly_wherever_it_stands(self, reply: Reply) -> None:
        async with bench(reply, OK) as b:
            await b.transport.read("/x")

            assert b.slept == [0.62]

    async def test_a_date_counts_from_the_servers_own_clock(self) -> None:
        headers = {"Retry-After": "Sun, 22 Nov 2009 14:02:09 GMT", "Date": "Sun, 22 Nov 2009 14:02:00 GMT"}
        async with bench(Reply(429, headers=headers), OK) as b:
            await b.transport.read("/x")

            assert b.slept == [9.0]

    async def test_more_than_patience_allows_is_left_to_the_caller(self) -> None:
        async with bench(Reply(429, headers={"Retry-After": "3600"}), OK) as b:
            assert (await problem_of_read(b)).retry_after == 3600
            assert b.slept == []
            assert len(b.server.requests) == 1

    async def test_while_it_waits_the_health_says_until_when(self) -> None:
        clock = FakeClock()
        async with bench(Reply(429, headers={"Retry-After": "12"}), OK, clock=clock) as b:
            reading = asyncio.create_task(b.transport.read("/x"))
            await until(lambda: clock.sleeping == 1)

            assert b.transport.health == Health(
                HealthState.DEGRADED, START, latency=0.0, reason="429", resuming_at=START + timedelta(seconds=12)
            )
            await clock.advance(11.9)
            assert len(b.server.requests) == 1
            await clock.advance(0.1)
            await reading
            assert b.transport.health.state is HealthState.LIVE
            assert b.transport.health.resuming_at is None


class TestWriting:
    """Requests that change something."""

    async def test_a_write_passes_with_its_json(self) -> None:
        async with bench(Reply(201, json={"made": 1})) as b:
            answer = await b.transport.write("POST", "/x", action="act", json={"a": "é"}, token=SecretStr(TOKEN))

            assert (answer.status, answer.json) == (201, {"made": 1})
            (request,) = b.server.requests
            assert request.json == {"a": "é"}
            assert request.headers["content-type"] == "application/json"

    async def test_without_json_there_is_no_body_at_all(self) -> None:
        async with bench(Reply(202)) as b:
            answer = await b.transport.write("POST", "/x", action="act")

            assert (answer.status, answer.json) == (202, None)
            (request,) = b.server.requests
            assert request.body == b""
            assert "content-type" not in request.headers

    @pytest.mark.parametrize(
        "failing",
        [Reply(429, headers={"Retry-After": "0.1"}), Reply(500), Reply(502), Reply(503), Reply(504), Reply(drop=True)],
    )
    async def test_a_write_is_never_repeated(self, failing: Reply) -> None:
        async with bench(failing, OK) as b:
            await problem_of_write(b)

            assert len(b.server.requests) == 1
            assert len(b.recorder) == 1
            assert b.slept == []

    async def test_a_write_that_got_no_answer_says_that_it_may_have_been_carried_out(self) -> None:
        async with bench(Reply(drop=True)) as b:
            assert "not known" in (await problem_of_write(b)).meaning

    async def test_a_locked_gate_sends_nothing(self) -> None:
        async with bench(OK, locked=True) as b:
            assert (await problem_of_write(b)).kind is ProblemKind.REFUSED
            assert b.server.requests == []
            assert len(b.recorder) == 0

    async def test_an_unlock_lets_one_write_through_even_if_it_fails(self) -> None:
        async with bench(Reply(500), OK, locked=True) as b:
            b.gate.unlock("act")
            assert (await problem_of_write(b)).status == 500
            assert (await problem_of_write(b)).kind is ProblemKind.REFUSED
            assert len(b.server.requests) == 1

    async def test_an_unlock_for_another_action_does_not_count(self) -> None:
        async with bench(OK, locked=True) as b:
            b.gate.unlock("something_else")
            assert (await problem_of_write(b)).kind is ProblemKind.REFUSED
            assert b.server.requests == []

    async def test_what_cannot_be_sent_does_not_use_up_an_unlock(self) -> None:
        async with bench(OK, locked=True) as b:
            b.gate.unlock("act")
            await problem_of_write(b, token=SecretStr("line\nend"))

            assert b.gate.unlocked == "act"
            assert b.server.requests == []

    async def test_a_locked_gate_does_not_stand_in_the_way_of_reading(self) -> None:
        async with bench(OK, locked=True) as b:
            await b.transport.read("/x")

    async def test_what_is_planned_is_shown_and_not_sent(self) -> None:
        async with bench(OK) as b:
            planned = b.transport.planned(
                "POST", "/x", params={"q": "1"}, json={"credentials": {"password": "hunter2"}}, token=SecretStr(TOKEN)
            )

            assert planned.url.endswith("/tsp/v1/x?q=1")
            assert "hunter2" not in repr(planned)
            assert TOKEN not in repr(planned)
            assert b.server.requests == []
