"""Servers are opened by their kind, and speaking HTTP is imported no earlier."""

from __future__ import annotations

import subprocess
import sys

import pytest
from pydantic import SecretStr

from tests.servers import ScriptedServer
from tui_app.api.base import SyncApi
from tui_app.api.gate import Gate
from tui_app.api.kinds import KINDS, open_api
from tui_app.api.terminal import TerminalApi
from tui_app.models.sync import SyncRequest


@pytest.mark.parametrize("kind", KINDS)
async def test_every_kind_opens_without_sending_anything(kind: str) -> None:
    with ScriptedServer() as server:
        api: SyncApi = open_api(kind, server.url, SecretStr("k"), gate=Gate(locked=False, profile="p"))
        await api.aclose()

        assert server.requests == []


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_described_and_its_class_is_where_it_says(kind: str) -> None:
    described = KINDS[kind]
    api = open_api(kind, described.example_url, None, gate=Gate(locked=True, profile="p"))

    assert described.label
    assert described.example_url.startswith("https://")
    assert f"{type(api).__module__}:{type(api).__name__}" == described.speaks


def test_an_unknown_kind_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(ValueError, match="terminal, stuut"):
        open_api("carrier-pigeon", "http://127.0.0.1:1", None, gate=Gate(locked=True, profile="p"))


def test_what_terminal_can_do_is_declared() -> None:
    can = TerminalApi.capabilities

    assert all(
        (
            can.create_connection,
            can.credential_fields,
            can.sync_window,
            can.sync_history,
            can.progress,
            can.issues,
            can.providers,
        )
    )
    for word in can.provider_requests:
        SyncRequest(provider_requests=(word,))


@pytest.mark.parametrize(
    "module",
    ["base", "kinds", "gate", "errors", "health", "exchanges", "credentials", "budget", "retry", "server_clock"],
)
def test_what_screens_import_does_not_import_http(module: str) -> None:
    code = f"import sys, tui_app.api.{module}; print('httpx' in sys.modules, 'textual' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert said.strip() == "False False"
