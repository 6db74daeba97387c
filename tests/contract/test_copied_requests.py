"""What is copied as code works: run as it is, with the keys in the environment, it brings what the server sends."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.contract.test_kinds import START, client
from tui_app.api.base import IssueQuery
from tui_app.api.exchanges import Request, as_curl
from tui_app.api.kinds import KINDS
from tui_app.api.snippets import as_python
from tui_app.models.connection import Connection
from tui_app.sandbox.server import Sandbox


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """The embedded server, its time standing still."""
    server = Sandbox(seed=3, connections=4, speed=0, start=START, rate_limits=False)
    server.start()
    yield server
    server.stop()


async def reads(sandbox: Sandbox, kind: str) -> tuple[Connection, list[Request]]:
    """A connection that was synced, and every request that reads something of it."""
    async with client(sandbox, kind) as api:
        async for page in api.connections():
            for listed in page.items:
                if api.capabilities.connection_tokens and listed.token is None:
                    continue
                one = await api.connection(listed)
                if one.last_sync is not None:
                    found = [api.planned_read(one), api.planned_sync_read(one, one.last_sync.id)]
                    if api.capabilities.issues:
                        found.append(api.planned_issues_read(IssueQuery(connection_id=one.id, limit=100)))
                    return one, found
    raise AssertionError("no connection was ever synced")


def variables(sandbox: Sandbox, kind: str, one: Connection) -> dict[str, str]:
    """What a person puts into the environment."""
    token = one.token.get_secret_value() if one.token is not None else ""
    return {KINDS[kind].key_variable: sandbox.announcement.servers[kind][1], "CONNECTION_TOKEN": token}


def sent(request: Request, told: dict[str, str]) -> Any:
    """What the server sends to whoever asks by hand."""
    headers = {"Authorization": f"Bearer {next(iter(told.values()))}"}
    if told["CONNECTION_TOKEN"]:
        headers["Connection-Token"] = told["CONNECTION_TOKEN"]
    return httpx.get(request.url, headers=headers, trust_env=False).raise_for_status().json()


@pytest.mark.parametrize("kind", KINDS)
def test_python_runs_as_it_is_copied(sandbox: Sandbox, kind: str) -> None:
    one, requests = asyncio.run(reads(sandbox, kind))
    told = variables(sandbox, kind, one)
    for request in requests:
        code = as_python(request)
        assert not any(secret and secret in code for secret in told.values())
        where = {"PATH": os.environ["PATH"], "NO_PROXY": "*", **told}
        done = subprocess.run([sys.executable, "-c", code], env=where, capture_output=True, text=True, check=False)
        assert done.stderr == ""
        assert json.loads(done.stdout) == sent(request, told)


@pytest.mark.parametrize("kind", KINDS)
def test_curl_brings_the_same(sandbox: Sandbox, kind: str) -> None:
    one, requests = asyncio.run(reads(sandbox, kind))
    told = variables(sandbox, kind, one)
    for request in requests:
        command = as_curl(request)
        assert not any(secret and secret in command for secret in told.values())
        assert replayed(command, told) == sent(request, told)
        if shutil.which("curl"):
            where = {"PATH": os.environ["PATH"], "NO_PROXY": "*", **told}
            done = subprocess.run(["/bin/sh", "-c", command], env=where, capture_output=True, text=True, check=True)
            assert json.loads(done.stdout) == sent(request, told)


def replayed(command: str, told: dict[str, str]) -> Any:
    """What a cURL command brings, by its words."""
    words = shlex.split(command.replace("\\\n", " "))
    assert words[:3] == ["curl", "--globoff", "--request"]
    headers = dict(
        re.sub(r"\$(\w+)", lambda found: told[found[1]], value).split(": ", 1)
        for option, value in zip(words[5::2], words[6::2], strict=True)
        if option == "--header"
    )
    return httpx.request(words[3], words[4], headers=headers, trust_env=False).raise_for_status().json()
