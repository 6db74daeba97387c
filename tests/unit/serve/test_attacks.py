"""Whoever is not the browser that used the link gets nothing: no page, no file, no screens. Over real sockets."""

from __future__ import annotations

import asyncio
import socket

import aiohttp
import pytest

from tests.unit.serve.visitor import Served, client, heard, raw, served, socket_status, status
from tui_app.serve.access import Access
from tui_app.serve.server import FILES, HEADERS


def free_port() -> int:
    """A port on which somebody else might listen."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


class TestWithoutTheCookie:
    @pytest.mark.parametrize("path", ["", "ws", "static/page.js", "static/textual.js", "static/nothing", "nothing"])
    async def test_nothing_is_answered(self, path: str) -> None:
        async with served() as here, client() as session:
            assert await status(session, here.root + path, {"Origin": here.origin}) == 403

    @pytest.mark.parametrize("token", ["", "x", "%C3%A9", "%FF", "%00", "x" * 5000])
    async def test_a_token_that_is_none_opens_nothing(self, token: str) -> None:
        async with served() as here:
            lines = [f"GET /?token={token} HTTP/1.1", f"Host: 127.0.0.1:{here.server.port}"]
            assert " 403 " in (await raw(here.server.port, *lines)).splitlines()[0]

    async def test_no_screens_are_started(self) -> None:
        async with served() as here, client() as session:
            assert await socket_status(session, here, {"Origin": here.origin}) == 403
            wrong = {"Cookie": f"{here.server.access.cookie_name}=x", "Origin": here.origin}
            assert await socket_status(session, here, wrong) == 403
            assert not here.server.tabs.count

    async def test_the_cookie_of_another_server_on_this_machine_is_none(self) -> None:
        async with served() as here, served() as other, client() as session:
            theirs = {"Cookie": f"{here.server.access.cookie_name}={other.server.access.cookie}"}
            assert await status(session, here.root, theirs) == 403
            assert await status(session, here.root, other.cookie) == 403


class TestTheLink:
    def test_its_token_is_used_once_and_only_the_newest_is_one(self) -> None:
        access = Access(8000)
        older, newer = (access.new_link().partition("token=")[2] for _ in range(2))
        assert not access.use(older)
        assert access.use(newer)
        assert not access.use(newer)
        assert not access.use("")

    async def test_it_is_exchanged_for_a_cookie_that_scripts_and_other_sites_do_not_get(self) -> None:
        async with served() as here, client() as session:
            async with session.get(here.links[0]) as response:
                assert response.status == 200
                cookie = response.headers["Set-Cookie"]
                assert 'content="0;url=./"' in await response.text()
            assert "HttpOnly" in cookie
            assert "SameSite=Strict" in cookie
            assert "Path" not in cookie  # the folder of the page, be it behind a proxy
            assert "Max-Age" not in cookie
            assert "expires" not in cookie.lower()
            assert await status(session, here.root, {"Cookie": cookie.split(";")[0]}) == 200

    async def test_a_replayed_link_is_refused_also_where_the_cookie_is(self) -> None:
        async with served() as here, client() as session:
            assert await status(session, here.links[0]) == 200
            assert await status(session, here.links[0]) == 403
            assert await status(session, here.links[0], here.cookie) == 403

    async def test_one_that_is_used_by_many_at_once_lets_one_in(self) -> None:
        async with served() as here, client() as session:
            given = await asyncio.gather(*(status(session, here.links[0]) for _ in range(8)))
            assert sorted(given) == [200] + [403] * 7

    async def test_once_it_is_used_there_is_another_for_another_browser(self) -> None:
        async with served() as here, client() as session:
            await status(session, here.links[0])
            assert len(set(here.links)) == 2
            assert await status(session, here.links[1]) == 200

    async def test_it_is_not_used_up_by_what_does_not_open_it(self) -> None:
        async with served() as here, client() as session:
            for method in ("HEAD", "POST", "OPTIONS"):
                async with session.request(method, here.links[0]) as response:
                    assert response.status == 403
            assert await status(session, here.links[0], {"Host": "evil.example"}) == 403
            assert await status(session, here.links[0], {"Origin": "https://evil.example"}) == 403
            assert await status(session, here.links[0]) == 200


class TestFromElsewhere:
    @pytest.mark.parametrize(
        "origin",
        [
            "https://evil.example",
            "http://evil.example",
            "null",
            "",
            "http://127.0.0.1",
            "http://localhost",
            "http://127.0.0.1.evil.example:{port}",
            "http://localhost:{other}",
            "http://127.0.0.1:{other}",
            "https://127.0.0.1:{port}",
            "http://127.0.0.1:{port}.evil.example",
            "http://127.0.0.1:{port}0",
            "http://localhost:{port}",
        ],
    )
    async def test_a_page_of_another_origin_is_refused_though_the_browser_has_the_cookie(self, origin: str) -> None:
        async with served() as here, client() as session:
            named = origin.format(port=here.server.port, other=free_port())
            assert await socket_status(session, here, here.cookie | {"Origin": named}) == 403
            assert await status(session, here.root, here.cookie | {"Origin": named}) == 403
            assert not here.server.tabs.count

    async def test_a_websocket_that_names_no_origin_is_refused(self) -> None:
        async with served() as here, client() as session:
            assert await socket_status(session, here, here.cookie) == 403
            assert not here.server.tabs.count

    async def test_two_origins_are_none(self) -> None:
        async with served() as here:
            answer = await raw(
                here.server.port,
                "GET / HTTP/1.1",
                f"Host: 127.0.0.1:{here.server.port}",
                f"Cookie: {here.cookie['Cookie']}",
                f"Origin: {here.origin}",
                "Origin: https://evil.example",
            )
            assert answer.split()[1] in ("400", "403")

    @pytest.mark.parametrize(
        "host",
        ["evil.example", "evil.example:{port}", "127.0.0.1", "localhost", "127.0.0.1:{other}", "0.0.0.0:{port}", ""],
    )
    async def test_a_name_that_was_made_to_lead_here_is_refused(self, host: str) -> None:
        async with served() as here:
            named = host.format(port=here.server.port, other=free_port())
            for path in ("/", "/ws", "/static/page.js", f"/?token={here.token}"):
                lines = [f"GET {path} HTTP/1.1", f"Host: {named}", f"Cookie: {here.cookie['Cookie']}"]
                answer = await raw(here.server.port, *lines, f"Origin: http://{named}")
                assert answer.split()[1] in ("400", "403"), answer

    async def test_no_host_or_two_are_refused(self) -> None:
        async with served() as here:
            ours = f"Host: 127.0.0.1:{here.server.port}"
            for hosts in ([], [ours, "Host: evil.example"], ["Host: evil.example", ours]):
                answer = await raw(here.server.port, "GET / HTTP/1.1", *hosts, f"Cookie: {here.cookie['Cookie']}")
                assert answer.split()[1] in ("400", "403"), answer

    async def test_only_loopback_is_listened_on(self) -> None:
        async with served() as here:
            assert here.server._listener.getsockname()[0] == "127.0.0.1"

    @pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LOCALHOST"])
    async def test_the_persons_own_page_is_let_in(self, host: str) -> None:
        async with served() as here, client() as session:
            there = f"{host}:{here.server.port}"
            ours = here.cookie | {"Host": there, "Origin": f"http://{there}"}
            assert await status(session, here.root, ours) == 200
            assert await socket_status(session, here, ours) == 101


class TestBehindAProxy:
    ADDRESS = "https://hub.example/user/jo/proxy/8000/"

    @pytest.mark.parametrize("host", ["hub.example", "127.0.0.1:{port}"])
    async def test_its_own_address_is_let_in_and_the_link_leads_there(self, host: str) -> None:
        async with served(self.ADDRESS) as here, client() as session:
            assert here.links[0].startswith(f"{self.ADDRESS}?token=")
            front = {"Host": host.format(port=here.server.port)}
            async with session.get(f"{here.root}?token={here.token}", headers=front) as response:
                assert response.status == 200
                assert "Secure" in response.headers["Set-Cookie"]
            ours = here.cookie | front | {"Origin": "https://hub.example"}
            assert await socket_status(session, here, ours) == 101

    @pytest.mark.parametrize("origin", ["http://hub.example", "https://evil.example", "https://hub.example:444"])
    async def test_other_origins_are_refused_all_the_same(self, origin: str) -> None:
        async with served(self.ADDRESS) as here, client() as session:
            theirs = here.cookie | {"Host": "hub.example", "Origin": origin}
            assert await socket_status(session, here, theirs) == 403

    @pytest.mark.parametrize(
        "address",
        ["http://hub.example/x/", "http://10.0.0.7/", "http://localhost.evil.example/", "http://[2001:db8::1]/"],
    )
    def test_one_on_another_machine_is_refused_unless_by_https(self, address: str) -> None:
        with pytest.raises(ValueError, match="has to be reached by https"):
            Access(8000, address)
        assert Access(8000, address.replace("http:", "https:")).secure

    @pytest.mark.parametrize("host", ["localhost:8888", "127.0.0.1:8888", "127.8.0.1", "[::1]:8888", "LOCALHOST"])
    def test_one_on_this_machine_needs_no_https(self, host: str) -> None:
        assert Access(8000, f"http://{host}/proxy/8000/").address == f"http://{host}/proxy/8000/"

    async def test_without_being_told_no_proxy_is_known(self) -> None:
        async with served() as here, client() as session:
            front = here.cookie | {"Host": "hub.example", "Origin": "https://hub.example"}
            assert await status(session, here.root, front) == 403


class TestFiles:
    @pytest.mark.parametrize(
        "path",
        [
            "/static/../server.py",
            "/static/..%2fserver.py",
            "/static/%2e%2e/server.py",
            "/static/%2e%2e%2fserver.py",
            "/static/....//server.py",
            "/static/..\\server.py",
            "/static//etc/passwd",
            "/static/%2fetc%2fpasswd",
            "/static/page.html",
            "/static/page.js%00.css",
            "/static/",
            "/static",
            "/../../etc/passwd",
            "//etc/passwd",
            "/download/x",
        ],
    )
    async def test_no_way_leads_out_of_those_that_are_served(self, path: str) -> None:
        async with served() as here:
            lines = [f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{here.server.port}", f"Cookie: {here.cookie['Cookie']}"]
            answer = await raw(here.server.port, *lines)
            assert answer.split()[1] in ("400", "404"), answer
            assert "root:" not in answer
            assert "import" not in answer

    async def test_each_that_is_served_is_there_and_the_page_names_no_other(self) -> None:
        async with served() as here, client() as session:
            for name in FILES:
                assert await status(session, f"{here.root}static/{name}", here.cookie) == 200, name
            async with session.get(here.root, headers=here.cookie) as response:
                page = await response.text()
            named = [each.split('"')[0] for mark in ('href="', 'src="') for each in page.split(mark)[1:]]
            assert {each.removeprefix("static/") for each in named} <= FILES.keys()
            assert "://" not in page


class TestHeaders:
    @pytest.mark.parametrize("path", ["", "static/page.js", "static/nothing"])
    async def test_every_answer_says_that_nothing_else_may_be_loaded(self, path: str) -> None:
        async with served() as here, client() as session:
            for headers in (here.cookie, {}):
                async with session.get(here.root + path, headers=headers) as response:
                    assert HEADERS.items() <= dict(response.headers).items()
            policy = HEADERS["Content-Security-Policy"]
            assert "default-src 'none'" in policy
            assert "script-src 'self';" in policy
            assert "://" not in policy

    @pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "TRACE"])
    async def test_nothing_but_reading_is_answered(self, method: str) -> None:
        async with (
            served() as here,
            client() as session,
            session.request(method, here.root, headers=here.cookie) as response,
        ):
            assert response.status == 405


class TestFlood:
    async def test_of_many_at_once_no_more_than_may_be_get_in(self) -> None:
        async with served(most=2) as here, client() as session:
            sockets = []

            async def visit() -> int:
                try:
                    sockets.append(await session.ws_connect(f"{here.root}ws", headers=here.person))
                except aiohttp.WSServerHandshakeError as error:
                    return error.status
                return 101

            given = await asyncio.gather(*(visit() for _ in range(20)))
            assert sorted(given) == [101, 101] + [503] * 18
            assert here.server.tabs.count == 2
            for each in sockets:
                await each.close()

    async def test_who_reloads_the_last_tab_gets_it_again(self) -> None:
        async with served(most=1) as here, client() as session:
            for _ in range(3):  # each begins before the one before has wholly ended
                async with session.ws_connect(f"{here.root}ws", headers=here.person) as page:
                    await heard(page, "ready")


def test_a_page_cannot_be_made_to_say_what_it_was_sent() -> None:
    here = Served()
    here.server._listener.close()
    assert "&lt;script&gt;" in (here.server._said(403, "<script>").text or "")
