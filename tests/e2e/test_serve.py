"""``syncscope serve`` with the real screens behind its tabs: they are there, and none outlives the server."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest

from tests.clocks import until
from tests.serving import PATIENCE, Serving, ends
from tests.unit.cli.run import syncscope
from tests.unit.serve.visitor import client, closed, heard


@asynccontextmanager
async def tab(serving: Serving, session: aiohttp.ClientSession) -> AsyncIterator[aiohttp.ClientWebSocketResponse[bool]]:
    """A tab of the person's browser, which used the link."""
    async with session.get(serving.link, allow_redirects=False) as response:
        cookie = response.headers["Set-Cookie"].split(";")[0]
    await asyncio.to_thread(serving.next_link)
    headers = {"Cookie": cookie, "Origin": serving.root.rstrip("/")}
    async with session.ws_connect(f"{serving.root}ws?width=120&height=40", headers=headers) as page:
        yield page


async def all_end(pids: list[int]) -> bool:
    """Whether all of these processes end while one waits."""
    return all(await asyncio.gather(*(asyncio.to_thread(ends, pid) for pid in pids)))


async def test_the_screens_are_drawn_read_only_hear_keys_and_leave() -> None:
    with Serving("--demo", "--read-only") as serving:
        async with client() as session, tab(serving, session) as page:
            await heard(page, "read-only")
            assert len(serving.tabs()) == 1
            await page.send_str(json.dumps(["stdin", "/"]))
            await page.send_str(json.dumps(["stdin", "\x1b[200~harvest\x1b[201~"]))
            await heard(page, "harvest")
            await page.send_str(json.dumps(["stdin", "\x11"]))
            assert await closed(page) == "Syncscope has ended."
        serving.process.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(serving.process.wait, PATIENCE) == 0


@pytest.mark.parametrize("wanted", ["ready", "\x1b[?1049h", "SIMULATED"], ids=["begun", "starting", "drawn"])
async def test_no_screens_outlive_a_server_that_is_killed(wanted: str) -> None:
    with Serving("--demo") as serving:
        async with client() as session, tab(serving, session) as page:
            if wanted != "ready":  # else as soon as the process is there
                await heard(page, wanted)
            await until(lambda: bool(serving.tabs()))
            pids = serving.tabs()
            serving.process.kill()
            assert await all_end(pids)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
async def test_told_to_end_it_ends_every_tab_in_order(how: signal.Signals) -> None:
    with Serving("--demo") as serving:
        async with client() as session, tab(serving, session) as page:
            await heard(page, "SIMULATED")
            pids = serving.tabs()
            serving.process.send_signal(how)
            assert await closed(page) == "The server was ended."
            assert await asyncio.to_thread(serving.process.wait, PATIENCE) == 0
            assert await all_end(pids)


def test_a_port_that_is_taken_is_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = syncscope("serve", "--demo", "--no-open", "--port", str(taken.getsockname()[1]))
    assert done.returncode == 1
    assert "cannot be listened on" in done.stderr
    assert "Traceback" not in done.stderr
