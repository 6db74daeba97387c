"""One tab: what passes between page and screens, and how both end. Sockets are real, a stand-in is the screens."""

from __future__ import annotations

import asyncio
import json
import os

import aiohttp
import pytest

from tests.clocks import until
from tests.serving import ends
from tests.unit.serve.visitor import Served, client, closed, heard, served
from tui_app.serve import process
from tui_app.serve.tabs import MOST_TYPED


async def gone(pid: int) -> bool:
    """Whether a process ends while one waits, and the server goes on meanwhile."""
    return await asyncio.to_thread(ends, pid)


def socket_of(here: Served, session: aiohttp.ClientSession, query: str = "") -> aiohttp.client._WSRequestContextManager:
    """The person's page opens its websocket."""
    return session.ws_connect(f"{here.root}ws{query}", headers=here.person)


async def ready(page: aiohttp.ClientWebSocketResponse[bool]) -> int:
    """The process behind a page, once it is there."""
    return int((await heard(page, "ready")).split()[1])


class TestPassing:
    async def test_what_is_typed_arrives_and_what_is_written_is_shown(self) -> None:
        async with served() as here, client() as session, socket_of(here, session, "?width=100&height=30") as page:
            assert "100x30" in await heard(page, "x")
            await page.send_str(json.dumps(["stdin", "ähre\x1b[A"]))
            assert "typed ähre\x1b[A" in await heard(page, "[A")
            await page.send_str(json.dumps(["resize", {"width": 120, "height": 40}]))
            await heard(page, "size 120x40")
            await page.send_str(json.dumps(["ping", "7"]))
            assert '["pong", "7"]' in await heard(page, "pong")

    @pytest.mark.parametrize(
        "message",
        [
            "",
            "{",
            "[]",
            "7",
            '"stdin"',
            '["stdin"]',
            '["stdin", 7]',
            '["resize", null]',
            '["resize", {"width": "wide"}]',
            '["resize", {"width": 1e999, "height": []}]',
            '["quit"]',
            '[["stdin"], "x"]',
            "[" * 10_000,
            '["stdin", "\\ud800"]',
        ],
        ids=range(14),
    )
    async def test_what_means_nothing_does_no_harm(self, message: str) -> None:
        async with served() as here, client() as session, socket_of(here, session) as page:
            await ready(page)
            await page.send_str(message)
            await page.send_bytes(b"\x00\xff")
            await page.send_str(json.dumps(["stdin", "still here"]))
            await heard(page, "typed still here")

    @pytest.mark.parametrize("query", ["?width=999999999&height=-5", "?width=x&height="])
    async def test_a_size_that_nobody_has_is_not_asked_of_the_screens(self, query: str) -> None:
        async with served() as here, client() as session, socket_of(here, session, query) as page:
            assert (await heard(page, "ready")).split()[2] in ("1000x1", "80x24")
            await page.send_str(json.dumps(["resize", {"width": 10**12, "height": 0}]))
            await heard(page, "size 1000x1")

    async def test_a_message_larger_than_any_paste_ends_the_connection(self) -> None:
        async with served() as here, client() as session, socket_of(here, session) as page:
            pid = await ready(page)
            await page.send_str(json.dumps(["stdin", "x" * (MOST_TYPED + 1)]))
            await closed(page)
            assert await gone(pid)


class TestEnding:
    async def test_a_page_that_leaves_takes_its_process_along(self) -> None:
        async with served() as here, client() as session:
            async with socket_of(here, session) as page:
                pid = await ready(page)
            assert await gone(pid)

    async def test_a_page_that_vanishes_takes_its_process_along(self) -> None:
        async with served() as here:
            async with client() as session:
                page = await socket_of(here, session)
                pid = await ready(page)
                assert page._response.connection is not None
                transport = page._response.connection.transport
                assert transport is not None
                transport.abort()
            assert await gone(pid)

    async def test_a_process_that_breaks_closes_its_page(self) -> None:
        async with served() as here, client() as session, socket_of(here, session) as page:
            await ready(page)
            await page.send_str(json.dumps(["stdin", "crash"]))
            assert await closed(page) == "Syncscope has ended."

    async def test_a_process_that_does_not_leave_is_ended(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(process, "GRACE", 0.05)
        async with served(deaf=True) as here, client() as session:
            async with socket_of(here, session) as page:
                pid = await ready(page)
            assert await gone(pid)

    async def test_the_server_leaves_none_and_tells_each_page(self) -> None:
        async with client() as session:
            async with served() as here:
                pages = [await socket_of(here, session) for _ in range(3)]
                pids = [await ready(page) for page in pages]
            assert [await closed(page) for page in pages] == ["The server was ended."] * 3
            assert [await gone(pid) for pid in pids] == [True] * 3

    async def test_ctrl_c_in_the_servers_terminal_reaches_no_process(self) -> None:
        async with served() as here, client() as session, socket_of(here, session) as page:
            assert os.getsid(await ready(page)) != os.getsid(0)


class TestIdle:
    async def test_a_tab_that_nobody_uses_is_closed_and_says_why(self) -> None:
        async with served(idle=0.2) as here, client() as session, socket_of(here, session) as page:
            pid = await ready(page)
            assert await closed(page) == "Closed because it was not used for 0.2 seconds."
            assert await gone(pid)
            await until(lambda: not here.server.tabs.count)

    async def test_typing_puts_it_off_and_what_a_page_says_by_itself_does_not(self) -> None:
        async with served(idle=600) as here, client() as session, socket_of(here, session) as page:
            await ready(page)
            [tab] = here.server.tabs._open
            first = tab._closing
            assert isinstance(first, asyncio.TimerHandle)
            await page.send_str(json.dumps(["ping", "1"]))
            await page.send_str(json.dumps(["resize", {"width": 90, "height": 30}]))
            await heard(page, "size 90x30")
            assert tab._closing is first
            await page.send_str(json.dumps(["stdin", "j"]))
            await heard(page, "typed j")
            assert first.cancelled()
            assert isinstance(tab._closing, asyncio.TimerHandle)
            assert tab._closing.when() > first.when()


async def test_what_the_terminal_is_called_is_not_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TMUX", "STY", "SSH_TTY"):
        monkeypatch.setenv(name, "x")
    monkeypatch.setenv("TERM", "screen")
    monkeypatch.setenv("OWN_KEY", "passed on")

    async def nothing(*_: object) -> None:
        return None

    given = process.TabProcess(["x"], send=nothing, send_text=nothing, close=nothing)._build_environment(100, 30)
    assert not {"TMUX", "STY", "SSH_TTY"} & given.keys()
    assert (given["TERM"], given["COLORTERM"], given["OWN_KEY"]) == ("xterm-256color", "truecolor", "passed on")
