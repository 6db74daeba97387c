"""Whatever comes back is read, bounded, timed and told; and so is why nothing does."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import shutil
import socket
import ssl
import subprocess
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from tests.clocks import START, until
from tests.servers import Reply, ScriptedServer
from tests.unit.api.support import OK, TOKEN, bench, problem_of_read, short
from tui_app.api.errors import ApiError
from tui_app.api.health import Health, HealthState
from tui_app.models.problem import ProblemKind


@pytest.fixture
def nobodys_certificate(tmp_path: Path) -> ssl.SSLContext:
    """A server's certificate that nobody has signed."""
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"]
    subprocess.run([*made, "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


class TestAnswers:
    """What comes back."""

    @pytest.mark.parametrize(
        ("body", "seen"),
        [
            (b"OK", "OK"),
            (b"<html><title>Sign in</title>", "a web page titled “Sign in”"),
            (b'{"results": [', '{"results": ['),
            (b"\xff\xfe\x00", "�"),
            (b"[" * 5000, "[[["),
            (b'{"a": "\\u00', '{"a":'),
        ],
    )
    async def test_what_is_no_json_is_unreadable_with_an_excerpt(self, body: bytes, seen: str) -> None:
        async with bench(Reply(body=body)) as b:
            problem = await problem_of_read(b)

            assert problem.kind is ProblemKind.UNREADABLE
            assert seen in problem.message
            assert len(problem.message) <= 200
            assert len(b.server.requests) == 1

    async def test_an_empty_answer_and_a_byte_order_mark_are_read(self) -> None:
        async with bench(Reply(204), Reply(body=b" \r\n"), Reply(body=b'\xef\xbb\xbf{"a": 1}')) as b:
            assert [(await b.transport.read("/x")).json for _ in range(3)] == [None, None, {"a": 1}]

    async def test_half_a_surrogate_pair_does_not_cost_the_page(self) -> None:
        async with bench(Reply(body=b'{"a": "\\ud83d", "b": 1}')) as b:
            assert (await b.transport.read("/x")).json == {"a": "\ufffd", "b": 1}

    async def test_half_a_surrogate_pair_does_not_let_endless_nesting_in(self) -> None:
        async with bench(Reply(body=b'["\\ud83d",' + b"[" * 400 + b"]" * 401)) as b:
            assert (await problem_of_read(b)).kind is ProblemKind.UNREADABLE

    async def test_an_answer_beyond_the_bound_is_left(self) -> None:
        async with bench(Reply(body=b'"' + b"x" * 5000 + b'"'), limits=short(largest=1000)) as b:
            problem = await problem_of_read(b)

            assert problem.kind is ProblemKind.UNREADABLE
            assert "larger than" in problem.title

    async def test_a_packed_answer_is_bounded_by_what_it_unpacks_to(self) -> None:
        packed = gzip.compress(b'"' + b"x" * 10**6 + b'"')
        reply = Reply(body=packed, headers={"Content-Encoding": "gzip"})
        async with bench(reply, limits=short(largest=100_000)) as b:
            assert "larger than" in (await problem_of_read(b)).title

    async def test_a_broken_packing_is_unreadable(self) -> None:
        async with bench(Reply(body=b"no gzip", headers={"Content-Encoding": "gzip"})) as b:
            assert (await problem_of_read(b)).kind is ProblemKind.UNREADABLE

    @pytest.mark.parametrize("status", [301, 302, 307, 308])
    async def test_no_redirect_is_followed(self, status: int) -> None:
        with ScriptedServer(OK) as other:
            async with bench(Reply(status, headers={"Location": other.url})) as b:
                problem = await problem_of_read(b, token=SecretStr(TOKEN))

                assert problem.kind is ProblemKind.UNREADABLE
                assert other.url in problem.meaning
                assert other.requests == []
                assert len(b.server.requests) == 1

    async def test_cookies_are_not_sent_back(self) -> None:
        async with bench(Reply(json=1, headers={"Set-Cookie": "session=abc"}), OK) as b:
            await b.transport.read("/x")
            await b.transport.read("/x")

            assert "cookie" not in b.server.requests[1].headers

    async def test_after_closing_nothing_is_sent(self) -> None:
        async with bench(OK) as b:
            await b.transport.aclose()
            await b.transport.aclose()

            assert (await problem_of_read(b)).kind is ProblemKind.REFUSED
            assert b.server.requests == []


class TestPacingAndTime:
    """The budget and the server's clock."""

    async def test_requests_beyond_the_budget_wait_for_it(self) -> None:
        async with bench(OK, budget=2) as b:
            for _ in range(5):
                await b.transport.read("/x")

            assert b.slept == [1.0, 1.0]
            assert b.transport.budget.used() == 1

    async def test_attempts_count_against_the_budget(self) -> None:
        async with bench(Reply(500), OK, budget=1) as b:
            await b.transport.read("/x")

            assert b.slept == [0.5, 0.5]

    async def test_the_servers_date_is_learnt(self) -> None:
        async with bench(Reply(json=1, headers={"Date": "Tue, 01 Jan 2030 12:00:00 GMT"}), OK) as b:
            assert b.transport.server_now() == START
            await b.transport.read("/x")
            learnt = b.transport.server_now()
            await b.transport.read("/x")

            assert learnt == datetime(2030, 1, 1, 12, 0, 0, 500_000, tzinfo=UTC)
            assert b.transport.server_now() == learnt

    async def test_a_failed_answer_tells_the_time_too(self) -> None:
        async with bench(Reply(404, headers={"Date": "Tue, 01 Jan 2030 12:00:00 GMT"})) as b:
            await problem_of_read(b)

            assert b.transport.server_now().year == 2030

    @pytest.mark.parametrize("headers", [{"Date": "yesterday"}, {"Date": "Tue, 01 Jan 2030 12:00:00 GMT", "Age": "60"}])
    async def test_a_date_that_tells_nothing_is_left_alone(self, headers: dict[str, str]) -> None:
        async with bench(Reply(json=1, headers=headers)) as b:
            await b.transport.read("/x")

            assert b.transport.server_now() == START


class TestHealth:
    """What the status bar says."""

    @pytest.mark.parametrize(
        ("reply", "state", "reason"),
        [
            (OK, HealthState.LIVE, ""),
            (Reply(404), HealthState.LIVE, ""),
            (Reply(422), HealthState.LIVE, ""),
            (Reply(401), HealthState.DEGRADED, "key refused"),
            (Reply(429), HealthState.DEGRADED, "429"),
            (Reply(503), HealthState.DEGRADED, "503"),
            (Reply(302), HealthState.DEGRADED, "302"),
            (Reply(body=b"hello"), HealthState.DEGRADED, "unreadable answer"),
            (Reply(drop=True), HealthState.OFFLINE, "connection dropped"),
        ],
    )
    async def test_each_exchange_tells_how_the_server_is(self, reply: Reply, state: HealthState, reason: str) -> None:
        told: list[Health] = []
        async with bench(reply, on_health=told.append) as b:
            assert b.transport.health == Health()
            with contextlib.suppress(ApiError):
                await b.transport.read("/x", attempts=1)

            assert (b.transport.health.state, b.transport.health.reason) == (state, reason)
            assert told[-1] == b.transport.health

    async def test_a_state_dates_from_when_it_began(self) -> None:
        async with bench(Reply(drop=True)) as b:
            await problem_of_read(b, attempts=1)
            await b.clock.sleep(60)
            await problem_of_read(b, attempts=1)

            assert b.transport.health.since == START

    async def test_a_wait_of_centuries_does_no_harm(self) -> None:
        async with bench(Reply(429, headers={"Retry-After": "9e99"})) as b:
            assert (await problem_of_read(b)).retry_after == 9e99

    async def test_a_request_that_is_left_is_recorded_as_such(self) -> None:
        never = threading.Event()
        async with bench(Reply(wait=never)) as b:
            reading = asyncio.create_task(b.transport.read("/x"))
            await until(lambda: len(b.server.requests) == 1)
            reading.cancel()
            with pytest.raises(asyncio.CancelledError):
                await reading

            assert [one.error for one in b.recorder] == ["left before the answer came"]
            never.set()


class TestTheWayThere:
    """Names, proxies, certificates."""

    async def test_a_name_that_does_not_exist_is_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def unknown(*arguments: Any, **options: Any) -> None:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

        monkeypatch.setattr(socket, "getaddrinfo", unknown)
        async with bench(OK, base_url="http://does-not-exist.invalid/tsp/v1") as b:
            assert "could not be resolved" in (await problem_of_read(b, attempts=1)).title

    async def test_tls_towards_a_server_without_tls_is_told(self) -> None:
        async with bench(OK) as b, bench(OK, base_url=b.server.url.replace("http", "https")) as secure:
            assert "No secure connection" in (await problem_of_read(secure)).title
            assert len(secure.recorder) == 1

    @pytest.mark.skipif(shutil.which("openssl") is None, reason="makes a certificate with openssl, which is not here")
    async def test_a_certificate_of_nobody_known_is_told_and_nothing_is_sent(
        self, nobodys_certificate: ssl.SSLContext
    ) -> None:
        server = HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
        server.socket = nobodys_certificate.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        async with bench(OK, base_url=f"https://127.0.0.1:{server.server_port}") as b:
            problem = await problem_of_read(b)
        server.shutdown()
        server.server_close()
        thread.join(10)

        assert "is not trusted" in problem.title
        assert problem.meaning.startswith("Self-signed certificate")

    async def test_loopback_never_goes_through_a_proxy(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with ScriptedServer(Reply(502)) as proxy:
            for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
                monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
            async with bench(OK) as b:
                await b.transport.read("/x")

                assert not b.transport.proxied
            assert proxy.requests == []

    async def test_another_host_is_asked_for_through_the_proxy(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with ScriptedServer(OK) as proxy:
            monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{proxy.port}")
            async with bench(OK, base_url="http://api.example/tsp/v1") as b:
                assert b.transport.proxied
                assert (await b.transport.read("/x")).json == {"fine": True}
            assert proxy.requests[0].headers["host"] == "api.example"

    async def test_a_proxy_that_cannot_be_used_is_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("ALL_PROXY", "carrier-pigeon://127.0.0.1:1")
        async with bench(OK, base_url="http://api.example/tsp/v1") as b:
            problem = await problem_of_read(b)

            assert problem.kind is ProblemKind.REFUSED
            assert "ALL_PROXY" in problem.next_step

    async def test_certificates_that_are_not_there_are_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SSL_CERT_FILE", "/does/not/exist.pem")
        async with bench(OK, base_url="https://127.0.0.1:1") as b:
            assert "SSL_CERT_FILE" in (await problem_of_read(b)).next_step
