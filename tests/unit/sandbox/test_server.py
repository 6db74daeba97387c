"""How a server starts, announces itself and ends."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
from datetime import datetime

import httpx
import pytest

from tests.unit.sandbox.conftest import START
from tui_app.api.gate import Gate
from tui_app.api.transport import Transport
from tui_app.sandbox.server import Sandbox, SandboxError


def test_it_announces_itself_in_one_line_with_exactly_seven_names() -> None:
    with Sandbox(connections=12, start=START, speed=0) as sandbox:
        said = sandbox.announcement
        assert "\n" not in said.to_json()
        assert json.loads(said.to_json()) == {
            "terminal_url": said.terminal_url,
            "api_key": said.api_key,
            "connection_tokens": said.connection_tokens,
            "stuut_url": said.stuut_url,
            "stuut_key": said.stuut_key,
            "control_url": said.terminal_url.replace("/tsp/v1", "/sandbox"),
            "scenarios": [],
        }
        assert said.terminal_url.startswith("http://127.0.0.1:")
        assert said.terminal_url.endswith("/tsp/v1")
        assert said.api_key.startswith("sk_sandbox_")


@pytest.mark.parametrize("size", [2, 3, 48])
def test_the_first_token_it_announces_can_be_synced_at_once(size: int) -> None:
    with Sandbox(connections=size, start=START, speed=0) as sandbox:
        said = sandbox.announcement
        headers = {"Authorization": f"Bearer {said.api_key}", "Connection-Token": said.connection_tokens[0]}
        assert httpx.post(f"{said.terminal_url}/syncs", headers=headers, trust_env=False).status_code == 201


def test_the_key_and_the_tokens_depend_on_the_seed() -> None:
    with Sandbox(seed=3, connections=4) as one, Sandbox(seed=3, connections=4) as same, Sandbox(seed=4) as other:
        assert one.announcement.api_key == same.announcement.api_key != other.announcement.api_key
        assert one.announcement.connection_tokens == same.announcement.connection_tokens


def test_a_port_that_is_taken_is_named() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(SandboxError, match=f"127.0.0.1:{port}"):
            Sandbox(connections=0, port=port).start()


@pytest.mark.parametrize("port", [-1, 70_000])
def test_a_port_that_does_not_exist_is_named(port: int) -> None:
    with pytest.raises(SandboxError, match=str(port)):
        Sandbox(connections=0, port=port).start()


def test_it_ends_although_somebody_holds_a_connection_open() -> None:
    before = threading.enumerate()
    sandbox = Sandbox(connections=0)
    said = sandbox.start()
    with httpx.Client(headers={"Authorization": f"Bearer {said.api_key}"}, trust_env=False) as client:
        assert client.get(f"{said.terminal_url}/providers").status_code == 200
        sandbox.stop()
        sandbox.stop()
        assert set(threading.enumerate()) <= set(before)
        with pytest.raises(httpx.ConnectError):
            client.get(f"{said.terminal_url}/providers")


def test_a_connection_that_rests_is_closed_by_the_client_before_the_server_would() -> None:
    """Else a change may meet a server that is just closing: it is lost, and may not be sent again."""
    with Sandbox(connections=0, start=START, speed=0) as sandbox:
        gate = Gate(locked=True, profile="test")
        client = Transport(sandbox.announcement.terminal_url, None, gate=gate)._open()
        pool = client._transport._pool  # type: ignore[attr-defined]
        assert sandbox._server is not None
        assert pool._keepalive_expiry * 2 < sandbox._server.config.timeout_keep_alive


def test_it_can_be_started_again_on_the_same_port() -> None:
    sandbox = Sandbox(connections=2)
    first = sandbox.start()
    with pytest.raises(SandboxError, match="running already"):
        sandbox.start()
    sandbox.stop()
    again = Sandbox(connections=2, port=int(first.terminal_url.split(":")[2].split("/")[0]))
    assert again.start() == first
    again.stop()


def test_it_has_nothing_to_announce_before_it_is_started() -> None:
    with pytest.raises(SandboxError, match="not started"):
        _ = Sandbox(connections=0).announcement


def test_it_refuses_a_fleet_that_cannot_be() -> None:
    with pytest.raises(ValueError, match="at least 0"):
        Sandbox(connections=-1)
    with pytest.raises(ValueError, match="zone"):
        Sandbox(start=datetime(2026, 1, 1))


def test_a_connection_can_be_added_with_any_values_at_all() -> None:
    company = "\x1b]2;owned\x07[/bold]" + "x" * 65_536 + "\u202e\ud83d"
    with Sandbox(connections=1, start=START, speed=0) as sandbox:
        said = sandbox.announcement
        added = sandbox.add_connection(company=company, status="perplexed", external_id="", tags=["\x00"])
        headers = {"Authorization": f"Bearer {said.api_key}", "Connection-Token": added["token"]}
        listed = httpx.get(f"{said.terminal_url}/connections?order=desc", headers=headers, trust_env=False).content
        current = httpx.get(f"{said.terminal_url}/connections/current", headers=headers, trust_env=False)
    assert json.loads(listed)["results"][0] == added
    assert added["company"]["name"] == company
    assert added["status"] == json.loads(current.content)["status"] == "perplexed"


def test_a_fleet_of_100_000_is_listed_to_the_end() -> None:
    with Sandbox(connections=100_000, start=START, speed=0, rate_limits=False) as sandbox:
        said = sandbox.announcement
        with httpx.Client(headers={"Authorization": f"Bearer {said.api_key}"}, trust_env=False) as client:
            last = client.get(f"{said.terminal_url}/connections?order=desc&limit=3").json()
            first = client.get(f"{said.terminal_url}/connections?limit=3").json()
    ids = [each["id"] for page in (first["results"], last["results"][::-1]) for each in page]
    assert ids == sorted(set(ids))


def test_what_nobody_asked_yet_is_not_built() -> None:
    script = (
        "import sys, urllib.request; from tui_app.sandbox.server import Sandbox\n"
        "built = lambda: [name for name in ('stuut', 'control') if f'tui_app.sandbox.{name}.app' in sys.modules]\n"
        "with Sandbox(connections=3) as sandbox:\n"
        "    said = sandbox.announcement\n"
        "    ask = lambda url: urllib.request.urlopen(f'{url}/openapi.json').status\n"
        "    root = said.terminal_url.removesuffix('/tsp/v1')\n"
        "    print(ask(root), built(), ask(said.stuut_url), ask(said.control_url), built())"
    )
    out = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert out.strip() == "200 [] 200 200 ['stuut', 'control']"


def test_importing_it_imports_no_web_framework_and_nothing_else_of_ours() -> None:
    script = (
        "import sys; from tui_app.sandbox.server import Sandbox; Sandbox(connections=3);"
        "print(sorted(name for name in sys.modules if name.split('.')[0] in"
        " {'fastapi', 'uvicorn', 'pydantic', 'textual', 'httpx', 'tui_app'}"
        " and not name.startswith('tui_app.sandbox')))"
    )
    out = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert out.strip() == "['tui_app']"
