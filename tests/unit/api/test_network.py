"""A profile's proxy, certificates and timeouts: what it says counts, and what cannot be used is told first."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)
from pydantic import SecretStr

from tests.servers import Reply, ScriptedServer
from tests.tls import Papers, papers, secured
from tests.unit.api.support import KEY, OK, SkippingClock
from tui_app.api.check import CONNECTION, NAME, PAGE, STEPS, TLS, Step, steps
from tui_app.api.check import KEY as KEY_STEP
from tui_app.api.errors import ApiError
from tui_app.api.exchanges import Recorder
from tui_app.api.gate import Gate
from tui_app.api.network import Limits, Network, limits_of, network_of
from tui_app.api.transport import Transport
from tui_app.models.problem import Problem, ProblemKind
from tui_app.models.profile import Profile, Timeouts

ROWS = Reply(json={"results": []})


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Papers:
    return papers(tmp_path_factory.mktemp("papers"))


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    """A server that a test starts once it is as it should be."""
    scripted = ScriptedServer(ROWS)
    yield scripted
    if scripted._thread.is_alive():
        scripted.stop()


async def checked(url: str, network: Network, limits: Limits | None = None) -> list[Step]:
    return [step async for step in steps("terminal", url, SecretStr(KEY), network=network, limits=limits)]


def outcome(found: list[Step]) -> list[tuple[str, bool]]:
    return [(step.name, step.ok) for step in found]


async def read(url: str, network: Network, recorder: Recorder | None = None) -> object:
    transport = Transport(
        url,
        SecretStr(KEY),
        gate=Gate(locked=True, profile="test"),
        network=network,
        clock=SkippingClock(),
        recorder=recorder,
    )
    try:
        return (await transport.read("/x", attempts=1)).json
    finally:
        await transport.aclose()


async def refused(url: str, network: Network, recorder: Recorder | None = None) -> Problem:
    with pytest.raises(ApiError) as raised:
        await read(url, network, recorder)
    return raised.value.problem


class TestCertificates:
    async def test_a_server_of_an_authority_that_nobody_knows_fails_tls(
        self, server: ScriptedServer, made: Papers
    ) -> None:
        url = secured(server, made)
        server.start()
        found = await checked(url, Network())
        assert outcome(found) == [(NAME, True), (CONNECTION, True), (TLS, False)]
        assert "is not trusted" in found[2].text
        assert "ca_bundle" in found[2].next_step
        assert server.requests == []

    async def test_the_profiles_bundle_makes_it_trusted(self, server: ScriptedServer, made: Papers) -> None:
        url = secured(server, made)
        server.start()
        network = Network(ca_bundle=str(made.bundle))
        found = await checked(url, network)
        assert outcome(found) == [(name, True) for name in STEPS]
        assert found[2].text == "TLSv1.3, certificate trusted"
        assert await read(url, network) == {"results": []}

    async def test_the_usual_variable_does_too(
        self, server: ScriptedServer, made: Papers, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SSL_CERT_FILE", str(made.bundle))
        url = secured(server, made)
        server.start()
        assert outcome(await checked(url, Network())) == [(name, True) for name in STEPS]

    async def test_the_bundle_takes_the_place_of_what_is_usually_trusted(
        self, server: ScriptedServer, made: Papers, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setenv("SSL_CERT_FILE", str(made.bundle))
        url = secured(server, made)
        server.start()
        other = papers(tmp_path)
        assert outcome(await checked(url, Network(ca_bundle=str(other.bundle))))[-1] == (TLS, False)

    @pytest.mark.parametrize("oldest", [False, True])
    async def test_a_server_that_asks_for_a_certificate_says_so(
        self, server: ScriptedServer, made: Papers, oldest: bool
    ) -> None:
        url = secured(server, made, asks=True, oldest=oldest)
        server.start()
        found = await checked(url, Network(ca_bundle=str(made.bundle)))
        assert outcome(found) == [(NAME, True), (CONNECTION, True), (TLS, False)]
        assert "client certificate" in found[-1].text or oldest
        assert found[-1].next_step
        assert server.requests == []

    @pytest.mark.parametrize("oldest", [False, True])
    @pytest.mark.parametrize("one_file", [False, True])
    async def test_the_profiles_certificate_is_shown(
        self, server: ScriptedServer, made: Papers, one_file: bool, oldest: bool
    ) -> None:
        url = secured(server, made, asks=True, oldest=oldest)
        server.start()
        shown = (str(made.both), None) if one_file else (str(made.certificate), str(made.key))
        found = await checked(url, Network(None, str(made.bundle), *shown))
        assert outcome(found) == [(name, True) for name in STEPS]


class TestWhatCannotBeUsed:
    """A clear problem, before anything is sent."""

    async def told(self, network: Network) -> Problem:
        recorder = Recorder()
        with ScriptedServer(OK) as server:
            problem = await refused(server.url, network, recorder)
            [step] = await checked(server.url, network)
            assert server.requests == []
            assert len(recorder) == 0
        assert (step.name, step.ok, step.problem) == (TLS, False, problem)
        assert problem.kind is ProblemKind.REFUSED
        assert problem.title.startswith("Nothing was sent")
        assert problem.next_step
        return problem

    async def test_files_that_are_not_there(self, made: Papers) -> None:
        gone = "/nowhere/at/all.pem"
        for network, setting in (
            (Network(ca_bundle=gone), "ca_bundle"),
            (Network(client_cert=gone), "client_cert"),
            (Network(client_cert=str(made.certificate), client_key=gone), "client_key"),
        ):
            problem = await self.told(network)
            assert f"profile's {setting} cannot" in problem.title
            assert problem.meaning == "/nowhere/at/all.pem cannot be read: No such file or directory."

    async def test_folders_and_homes_that_nobody_has(self, tmp_path: Path) -> None:
        assert "Is a directory" in (await self.told(Network(ca_bundle=str(tmp_path)))).meaning
        assert "home" in (await self.told(Network(ca_bundle="~nobody-of-that-name/x"))).meaning

    async def test_a_file_that_may_not_be_read(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def forbidden(*_: object) -> None:
            raise PermissionError(13, os.strerror(13))

        monkeypatch.setattr(Path, "open", forbidden)
        assert "Permission denied" in (await self.told(Network(ca_bundle=str(tmp_path / "x")))).meaning

    async def test_files_that_hold_something_else(self, made: Papers, tmp_path: Path) -> None:
        (tmp_path / "text").write_text("no certificate")
        text = str(tmp_path / "text")
        assert "holds no certificates" in (await self.told(Network(ca_bundle=text))).meaning
        assert "holds no certificate with" in (await self.told(Network(client_cert=text))).meaning
        assert "private key" in (await self.told(Network(client_cert=str(made.certificate)))).meaning
        assert "no private key" in (await self.told(Network(None, None, str(made.certificate), text))).meaning

    async def test_a_key_of_another_certificate(self, made: Papers, tmp_path: Path) -> None:
        other = papers(tmp_path)
        problem = await self.told(Network(client_cert=str(made.certificate), client_key=str(other.key)))
        assert "is not the one of" in problem.meaning

    async def test_a_key_behind_a_password_is_not_asked_for_on_the_terminal(self, made: Papers, tmp_path: Path) -> None:
        key = load_pem_private_key(made.key.read_bytes(), None)
        locked = tmp_path / "locked.pem"
        closed = BestAvailableEncryption(b"secret words")
        locked.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, closed))
        problem = await self.told(Network(client_cert=str(made.certificate), client_key=str(locked)))
        assert "is encrypted" in problem.meaning


class TestProxy:
    async def test_the_profiles_proxy_is_taken_whatever_the_environment_says(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
        monkeypatch.setenv("no_proxy", "*")
        with ScriptedServer(ROWS) as proxy:
            found = await checked("http://api.example/tsp/v1", Network(proxy=f"http://127.0.0.1:{proxy.port}"))
        assert outcome(found) == [(KEY_STEP, True), (PAGE, True)]
        assert proxy.requests[0].headers["host"] == "api.example"

    async def test_without_one_the_environments_is(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with ScriptedServer(ROWS) as proxy:
            monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{proxy.port}")
            assert outcome(await checked("http://api.example/", Network())) == [(KEY_STEP, True), (PAGE, True)]

    async def test_a_server_that_needs_none_is_asked_directly(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
        monkeypatch.setenv("no_proxy", "localhost")
        with ScriptedServer(ROWS) as server:
            found = await checked(f"http://localhost:{server.port}/", Network())
        assert outcome(found) == [(name, True) for name in STEPS]

    async def test_one_that_is_not_there_fails_the_connection_and_not_the_key(self) -> None:
        with ScriptedServer() as gone:
            port = gone.port
        [step] = await checked("https://api.example/", Network(proxy=f"http://127.0.0.1:{port}"))
        assert (step.name, step.ok) == (CONNECTION, False)
        assert "The proxy refused the connection" in step.text

    async def test_one_that_refuses_fails_the_connection_too(self) -> None:
        with ScriptedServer(Reply(raw=b"HTTP/1.1 407 No\r\n\r\n")) as proxy:
            [step] = await checked("https://api.example/", Network(proxy=f"http://127.0.0.1:{proxy.port}"))
        assert (step.name, step.ok) == (CONNECTION, False)
        assert "profile's proxy" in step.next_step

    async def test_one_that_is_reached_by_tls_is_trusted_by_the_bundle(
        self, server: ScriptedServer, made: Papers
    ) -> None:
        secured(server, made)
        server.start()
        network = Network(proxy=f"https://localhost:{server.port}", ca_bundle=str(made.bundle))
        assert await read("http://api.example", network) == {"results": []}


class TestTimeouts:
    def test_what_a_profile_says_takes_the_place_of_what_is_usual(self) -> None:
        profile = Profile(name="mine", kind="terminal", base_url="https://x.example")
        assert limits_of(profile) == Limits()
        patient = profile.model_copy(update={"timeout": Timeouts(connect=1.5, read=300)})
        assert limits_of(patient) == Limits(connect=1.5, read=300, total=600)
        assert limits_of(profile.model_copy(update={"timeout": Timeouts(read=2)})) == Limits(read=2)

    async def test_they_are_what_is_waited(self) -> None:
        never = threading.Event()
        with ScriptedServer(Reply(wait=never)) as server:
            found = await checked(server.url, Network(), Limits(read=0.05))
            never.set()
        assert outcome(found)[-1] == (KEY_STEP, False)
        assert "within 0.05 s" in found[-1].text


def test_a_profiles_settings_are_the_networks() -> None:
    profile = Profile(
        name="mine",
        kind="terminal",
        base_url="https://x.example",
        proxy="http://proxy:3128/",
        ca_bundle="~/ca.pem",
        client_cert="/c.pem",
        client_key="/k.pem",
    )
    assert network_of(profile) == Network("http://proxy:3128", "~/ca.pem", "/c.pem", "/k.pem")
