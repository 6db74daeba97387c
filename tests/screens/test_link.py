"""Connecting by Link: a link is made and handed out, the fleet signs in, the token that comes back is exchanged."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from textual.widgets import RadioButton, RadioSet

from tests.clocks import until
from tests.screens.conftest import Opening, Scripted, running, stage_on
from tests.screens.scripted import PROVIDERS, Terminal, connection
from tests.screens.stage import LARGE, MEDIUM, SIZES, SMALL, Stage
from tests.screens.test_create import fill_geotab
from tests.screens.test_hostile import HOSTILE, inert
from tests.servers import Reply
from tui_app import browser
from tui_app.api.terminal import TerminalApi
from tui_app.sandbox.server import Sandbox
from tui_app.screens.connection import ConnectionScreen
from tui_app.screens.connections import ConnectionsScreen
from tui_app.screens.create import CreateScreen
from tui_app.screens.dialogs import UnlockDialog
from tui_app.screens.link import LinkScreen
from tui_app.screens.orders import OrderDialog
from tui_app.widgets.field import Field

TOKEN = "pub_tkn_5SvqS3E1iTTl8Hn4eLgTNpqZ4iGU7Cm2"
GEOTAB = {"username": "fleet@prairie.example", "password": "their-pass-word", "database": "prairie"}
LINK = {"id": "slk_01GV12VR4DJP70GD1ZBK0SDWFH", "code": "abcdefgh", "url": "https://term.new/abcdefgh"}


@pytest.fixture(autouse=True)
def asked_to_open(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a browser would have been given: none is ever started."""
    asked: list[str] = []

    def started(url: str) -> str:
        asked.append(url)
        return ""

    monkeypatch.setattr(browser, "_open", started)
    monkeypatch.setattr(browser, "unavailable", lambda environ: "")
    return asked


class Can:
    """Takes capabilities from the scripted server."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch

    def __call__(self, **changed: Any) -> None:
        self._monkeypatch.setattr(TerminalApi, "capabilities", replace(TerminalApi.capabilities, **changed))


@pytest.fixture
def can(monkeypatch: pytest.MonkeyPatch) -> Can:
    """Changes what the server can do."""
    return Can(monkeypatch)


def link_screen(stage: Stage) -> LinkScreen:
    screen = stage.app.screen
    assert isinstance(screen, LinkScreen), stage.text
    return screen


async def reach(stage: Stage, target: str) -> None:
    """Click on something that may have to be scrolled to first."""
    stage.app.screen.query_one(target).scroll_visible(animate=False)
    await stage.rest()
    await stage.click(target)


async def sign_in(url: str, **changed: Any) -> Any:
    """Sign in at a link as a program does."""
    async with httpx.AsyncClient(trust_env=False) as fleet:
        answer = await fleet.post(url, json={"provider": "geotab", "credentials": GEOTAB, **changed})
    assert answer.status_code == 200, answer.text
    return answer.json()


def landed(stage: Stage) -> str:
    assert isinstance(stage.app.screen, ConnectionScreen), stage.text
    return stage.app.screen.connection_id


def scripted_link() -> Terminal:
    terminal = Terminal()
    terminal.replies["POST", "/link/short"] = Reply(json=LINK)
    terminal.replies["POST", "/public-token/exchange"] = Reply(json=connection(id="conn_01NEW"))
    return terminal


class TestWholeWay:
    @pytest.mark.parametrize("size", SIZES)
    async def test_by_keys_a_link_is_made_and_its_token_leads_to_the_connection(
        self, opened: Opening, size: tuple[int, int]
    ) -> None:
        async with opened(size) as stage:
            before = len(stage.workspace.rows)
            await stage.press("L")
            link_screen(stage)
            await stage.fill("value-name", "Prairie Lines")
            await stage.fill("value-externalId", "crm-77")
            await stage.press("ctrl+s")
            (link,) = stage.workspace.links
            assert link.url in stage.text
            assert "works until" in stage.words
            await stage.press("y")
            assert stage.clipboard == link.url
            token = (await sign_in(stage.clipboard))["publicToken"]
            await stage.press("ctrl+t")
            await stage.type(token)
            await stage.press("enter")
            row = stage.workspace.row(landed(stage))
            assert row is not None
            assert (row.connection.company.name, row.connection.external_id) == ("Prairie Lines", "crm-77")
            assert any("Connected by Link. Press s" in toast for toast in stage.toasts)
            assert token not in stage.text
            assert len(stage.workspace.rows) == before + 1
            await stage.press("escape")
            assert isinstance(stage.app.screen, ConnectionsScreen)

    @pytest.mark.parametrize("size", SIZES)
    async def test_by_mouse_the_same(self, opened: Opening, asked_to_open: list[str], size: tuple[int, int]) -> None:
        async with opened(size) as stage:
            await stage.press("n")
            await stage.click_text("^l by Link")
            await reach(stage, "#value-name")
            await stage.type("Prairie Lines")
            await reach(stage, "#make")
            (link,) = stage.workspace.links
            await reach(stage, "#link-open")
            await until(lambda: bool(asked_to_open))
            assert asked_to_open == [link.url]
            stage.app.clear_notifications()
            await stage.rest()
            await reach(stage, "#link-copy")
            assert stage.clipboard == link.url
            token = (await sign_in(link.url))["publicToken"]
            stage.app.clear_notifications()
            await stage.rest()
            await reach(stage, "#token")
            await stage.type(token)
            await reach(stage, "#exchange")
            landed(stage)

    async def test_a_token_needs_no_link_made_here_and_an_address_does_as_well(
        self, opened: Opening, sandbox: Sandbox
    ) -> None:
        async with opened(MEDIUM) as stage:
            await stage.press("L")
            await stage.fill("value-redirectUrl", "https://ours.example/done?state=7")
            await stage.press("ctrl+s")
            (link,) = stage.workspace.links
            address = (await sign_in(link.url))["redirectUrl"]
            await stage.press("escape")
            await stage.press("L", "ctrl+t")
            await stage.type(address)
            assert "••••••••" in stage.line("Public token")
            assert "its token will be taken out of this address" in stage.words
            await stage.press("ctrl+t")
            landed(stage)
            await stage.press("escape", "L")
            assert link.url in stage.text

    async def test_a_used_up_token_is_told_in_the_servers_words_and_kept(self, opened: Opening) -> None:
        async with opened(MEDIUM) as stage:
            await stage.press("L", "ctrl+s")
            token = (await sign_in(stage.workspace.links[0].url))["publicToken"]
            await stage.workspace.exchange_public_token(SecretStr(token))
            await stage.press("ctrl+t")
            await stage.type(token)
            await stage.press("enter")
            assert "✗ The server does not know this public token" in stage.words
            assert "It works once" in stage.words
            assert "the server: 404" in stage.words
            assert link_screen(stage).token.value == token
            assert token not in stage.text

    async def test_an_account_that_was_connected_already_is_said_to_be(self, opened: Opening) -> None:
        async with opened(MEDIUM) as stage:
            await stage.press("L", "ctrl+s")
            url = stage.workspace.links[0].url
            for said in ("Connected by Link", "This account was connected already"):
                token = (await sign_in(url))["publicToken"]
                await stage.press("ctrl+t")
                await stage.type(token)
                await stage.pass_time(2)  # so many requests at once are more than the budget
                await stage.press("enter")
                landed(stage)
                assert any(said in toast for toast in stage.toasts)
                await stage.press("escape", "L")


class TestMaking:
    async def test_everything_that_a_link_takes_is_sent_and_shown_before(self, scripted: Scripted) -> None:
        terminal = scripted_link()
        terminal.providers = [*PROVIDERS, {"code": "motive", "name": "Motive", "status": "live", "supportedModels": {}}]
        async with scripted(terminal, LARGE) as stage:
            await stage.press("L")
            await stage.type("geo")
            assert "Geotab  geotab" in stage.text
            await stage.press("enter")
            await stage.fill("hints", "Geotab, motive")
            await stage.fill("value-name", "Prairie Lines")
            await stage.fill("value-tags", "a, b")
            await stage.fill("value-redirectUrl", "https://ours.example/?secret=hush-hush")
            await stage.fill("value-template", "ltp_1")
            await stage.fill("days", "7")
            stage.app.screen.query_one("#value-syncMode RadioSet", RadioSet).query(RadioButton).last().value = True
            await stage.rest()
            shown = str(stage.app.screen.query_one("#request").render())
            assert "POST /tsp/v1/link/short" in shown
            assert "hush-hush" not in shown
            await stage.press("ctrl+s")
            assert terminal.sent("POST")[0].json == {
                "name": "Prairie Lines",
                "provider": "geotab",
                "providerHints": ["geotab", "motive"],
                "tags": ["a", "b"],
                "redirectUrl": "https://ours.example/?secret=hush-hush",
                "syncMode": "manual",
                "backfill": {"days": 7},
                "template": "ltp_1",
            }

    @pytest.mark.parametrize(
        ("field", "value", "said"),
        [
            ("value-redirectUrl", "ours.example", "write an address that starts with http:// or https://"),
            ("days", "soon", "days must be a number"),
            ("from", "tomorrow", "write a date as 2026-11-01"),
        ],
    )
    async def test_a_wrong_value_is_said_on_its_field_and_nothing_is_sent(
        self, scripted: Scripted, field: str, value: str, said: str
    ) -> None:
        terminal = scripted_link()
        async with scripted(terminal) as stage:
            await stage.press("L")
            await stage.fill(field, value)
            await stage.press("ctrl+s")
            assert stage.problem(field).startswith(said)
            assert said in stage.words
            assert not terminal.sent("POST")

    @pytest.mark.parametrize(("field", "typed"), [("provider", "Acme"), ("hints", "geotab, Acme")])
    async def test_a_provider_in_no_list_is_said_on_its_field_and_nothing_is_sent(
        self, scripted: Scripted, field: str, typed: str
    ) -> None:
        terminal = scripted_link()
        async with scripted(terminal) as stage:
            await stage.press("L")
            await stage.fill(field, typed)
            await stage.press("ctrl+s")
            assert stage.problem(field) == "there is no provider “Acme”; choose one from the list"
            assert "✗ there is no provider “Acme”" in stage.words
            assert not terminal.sent("POST")
            await stage.fill(field, "Geotab")
            await stage.press("ctrl+s")
            assert len(terminal.sent("POST")) == 1

    async def test_where_no_providers_were_read_any_code_is_sent(self, scripted: Scripted) -> None:
        terminal = scripted_link()
        terminal.replies["GET", "/providers"] = Reply(403)
        async with scripted(terminal) as stage:
            await stage.press("L")
            await stage.fill("provider", "acme")
            await stage.press("ctrl+s")
            assert terminal.sent("POST")[0].json["provider"] == "acme"

    async def test_what_the_server_refuses_stands_on_its_field_and_nothing_typed_is_lost(
        self, scripted: Scripted
    ) -> None:
        terminal = scripted_link()
        detail = [{"path": "{requestBody}.provider", "message": "must be a known code", "suggestion": "look"}]
        body = {"code": "bad_request", "message": "Invalid request body", "detail": detail}
        terminal.replies["POST", "/link/short"] = Reply(400, json=body)
        async with scripted(terminal, MEDIUM) as stage:
            await stage.press("L")
            await stage.type("geotab")
            await stage.fill("value-name", "Prairie Lines")
            await stage.press("ctrl+s")
            assert stage.problem("provider") == "must be a known code"
            assert "the server: 400 · bad_request" in stage.words
            assert stage.app.screen.query_one("#value-name", Field).value == "Prairie Lines"
            terminal.replies["POST", "/link/short"] = Reply(json=LINK)
            await stage.press("ctrl+s")
            assert LINK["url"] in stage.text
            assert "the server: 400" not in stage.words

    async def test_the_same_link_again_is_said_to_be_and_listed_once(self, opened: Opening) -> None:
        async with opened(MEDIUM) as stage:
            await stage.press("L", "ctrl+s", "ctrl+s")
            assert len(stage.workspace.links) == 1
            assert any("The server had made it before" in toast for toast in stage.toasts)

    @pytest.mark.parametrize("name", ["closing markup", "escape sequences", "bidi", "64 kB of markup"])
    async def test_whatever_the_server_calls_a_link_is_inert_and_not_opened(
        self, scripted: Scripted, asked_to_open: list[str], name: str
    ) -> None:
        terminal = scripted_link()
        terminal.replies["POST", "/link/short"] = Reply(json={**LINK, "id": HOSTILE[name], "url": HOSTILE[name]})
        async with scripted(terminal, SMALL) as stage:
            await stage.press("L", "ctrl+s")
            inert(stage)
            await stage.press("o")
            await until(lambda: any("Not opened" in toast for toast in stage.toasts))
            inert(stage)
            await stage.press("x")
            inert(stage)
            assert not asked_to_open
            assert stage.app.is_running

    async def test_the_request_is_copied_as_curl_without_the_key(self, scripted: Scripted) -> None:
        async with scripted(scripted_link()) as stage:
            await stage.press("L", "ctrl+y")
            assert "/link/short" in stage.clipboard
            assert "$TERMINAL_API_KEY" in stage.clipboard
            await stage.press("ctrl+t")
            await stage.type(TOKEN)
            await stage.press("ctrl+y")
            assert "/public-token/exchange" in stage.clipboard
            assert TOKEN not in stage.clipboard


class TestLinks:
    @pytest.mark.parametrize("key", ["x", "D"])
    async def test_a_link_is_deleted_after_it_was_asked_about(self, opened: Opening, key: str) -> None:
        async with opened(MEDIUM) as stage:
            await stage.press("L", "ctrl+s", key)
            assert isinstance(stage.app.screen, OrderDialog)
            assert "DELETE" in stage.text
            await stage.press("escape")
            assert stage.workspace.links
            await stage.press(key, "enter")
            assert not stage.workspace.links
            assert "No link was made here yet." in stage.words
            assert any("turned away" in toast for toast in stage.toasts)

    async def test_links_made_earlier_are_listed_newest_first_and_can_be_chosen(self, opened: Opening) -> None:
        async with opened(LARGE) as stage:
            await stage.press("L", "ctrl+s")
            await stage.fill("value-name", "Second")
            await stage.press("ctrl+s", "escape")
            assert isinstance(stage.app.screen, ConnectionsScreen)
            first, second = (link.url for link in stage.workspace.links)
            await stage.press("L")
            assert stage.text.index(second) < stage.text.index(first)
            stage.app.screen.set_focus(link_screen(stage).table)
            await stage.press("down", "y")
            assert stage.clipboard == first

    async def test_without_a_browser_that_is_said_with_what_to_do(
        self, scripted: Scripted, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(browser, "unavailable", lambda environ: "The browser here is w3m.")
        async with scripted(scripted_link(), MEDIUM) as stage:
            await stage.press("L", "ctrl+s", "o")
            await until(lambda: bool(stage.toasts))
            assert any("w3m. Press y to copy it instead." in toast for toast in stage.toasts)

    async def test_letters_are_typed_where_a_field_has_the_focus(self, scripted: Scripted) -> None:
        async with scripted(scripted_link(), MEDIUM) as stage:
            await stage.press("L", "ctrl+s")
            assert "y copy" in stage.lines[-1]
            await stage.fill("value-name", "")
            await stage.press("x", "y", "o")
            assert stage.app.screen.query_one("#value-name", Field).value == "xyo"
            assert "y copy" not in stage.lines[-1]


class TestToken:
    @pytest.mark.parametrize(
        ("typed", "said"),
        [
            ("sk_sandbox_4eC39HqLyjWDarjtT1zdp7dc", "A public token begins with pub_tkn_"),
            ("hello", "A public token begins with pub_tkn_"),
            ("https://ours.example/done?state=7", "this address carries no token"),
            ("https://ours.example/?token=abc", "A public token begins with pub_tkn_"),
        ],
    )
    async def test_what_is_no_token_is_said_in_words_and_nothing_is_sent(
        self, scripted: Scripted, typed: str, said: str
    ) -> None:
        terminal = scripted_link()
        async with scripted(terminal) as stage:
            await stage.press("L", "ctrl+t")
            await stage.type(typed)
            await stage.press("enter")
            assert said in stage.problem("token")
            assert not terminal.sent("POST")
            assert typed not in stage.text

    async def test_without_one_the_key_leads_to_its_field_and_then_says_what_is_missing(
        self, scripted: Scripted
    ) -> None:
        async with scripted(scripted_link()) as stage:
            await stage.press("L", "ctrl+t")
            assert stage.app.focused is link_screen(stage).token.input
            assert not stage.problem("token")
            await stage.press("ctrl+t")
            assert stage.problem("token").startswith("paste the public token")

    @pytest.mark.parametrize("status", [404, 422, 400, 500])
    async def test_what_the_server_refuses_is_told_and_the_token_kept_and_never_shown(
        self, scripted: Scripted, status: int
    ) -> None:
        terminal = scripted_link()
        detail = [{"path": "{requestBody}.publicToken", "message": f"{TOKEN} is spent", "suggestion": TOKEN}]
        body = {"code": "spent", "message": f"No {TOKEN}", "detail": detail}
        terminal.replies["POST", "/public-token/exchange"] = Reply(status, json=body)
        async with scripted(terminal, LARGE) as stage:
            await stage.press("L", "ctrl+t")
            await stage.type(TOKEN)
            await stage.press("enter")
            assert f"the server: {status} · spent" in stage.words
            assert "is spent" in stage.problem("token")
            assert link_screen(stage).token.value == TOKEN
            assert TOKEN not in stage.text
            assert TOKEN[:20] not in stage.text
            assert len(terminal.sent("POST")) == 1

    @pytest.mark.parametrize("by_button", [False, True])
    @pytest.mark.parametrize("size", SIZES)
    async def test_after_a_refusal_one_types_the_next_token_beside_what_was_wrong(
        self, scripted: Scripted, size: tuple[int, int], by_button: bool
    ) -> None:
        terminal = scripted_link()
        terminal.replies["POST", "/public-token/exchange"] = Reply(404, json={"code": "not_found", "message": "No"})
        async with scripted(terminal, size) as stage:
            await stage.press("L", "ctrl+s", "ctrl+t")
            await stage.type(TOKEN)
            if by_button:
                await stage.press("tab", "enter")
            else:
                await stage.press("enter")
            screen = link_screen(stage)
            seen = screen.query_one("#form").region
            assert seen.contains_region(screen.token.region)
            assert seen.contains_region(screen.query_one("#token-problem").region)
            assert "✗ The server does not know this public token" in stage.words
            assert screen.focused is screen.token.input
            assert screen.token.input.selected_text == TOKEN
            await stage.press("x", "o", "y")
            assert screen.token.value == "xoy"
            assert stage.workspace.links
            assert not stage.clipboard
            await stage.press("enter")
            assert link_screen(stage) is screen

    async def test_at_the_buttons_below_the_token_letters_are_no_commands(self, scripted: Scripted) -> None:
        async with scripted(scripted_link()) as stage:
            await stage.press("L", "ctrl+s", "ctrl+t", "tab")
            assert link_screen(stage).focused is link_screen(stage).query_one("#exchange")
            await stage.press("x", "y")
            link_screen(stage)
            assert not stage.clipboard


class TestFromCreate:
    @pytest.mark.parametrize(("status", "size"), [(403, SMALL), (404, MEDIUM), (405, LARGE), (501, SMALL)])
    async def test_where_creating_is_not_offered_link_is_and_what_was_typed_comes_along(
        self, scripted: Scripted, status: int, size: tuple[int, int]
    ) -> None:
        terminal = scripted_link()
        terminal.replies["POST", "/connections"] = Reply(status)
        async with scripted(terminal, size) as stage:
            await fill_geotab(stage)
            await stage.fill("company", "Prairie Lines")
            await stage.fill("external", "crm-77")
            await stage.fill("tags", "a, b")
            await stage.fill("days", "7")
            await stage.press("ctrl+s")
            assert "✗ This server does not offer direct creation" in stage.words
            assert "^l leads there. What you typed comes along" in stage.words
            await (stage.press("ctrl+l") if size != LARGE else stage.click("#by-link"))
            await stage.press("ctrl+s")
            assert terminal.sent("POST")[-1].json == {
                "name": "Prairie Lines",
                "provider": "geotab",
                "externalId": "crm-77",
                "tags": ["a", "b"],
                "syncMode": "automatic",
                "backfill": {"days": 7},
            }
            assert "pass-word-1" not in json.dumps([request.json for request in terminal.sent("POST")[1:]])
            await stage.press("escape")
            assert isinstance(stage.app.screen, CreateScreen)
            assert stage.app.screen.query_one("#company", Field).value == "Prairie Lines"

    async def test_a_token_exchanged_from_there_leads_to_its_connection(self, scripted: Scripted) -> None:
        async with scripted(scripted_link(), MEDIUM) as stage:
            await stage.press("n", "ctrl+l", "ctrl+t")
            await stage.type(TOKEN)
            await stage.press("enter")
            assert landed(stage) == "conn_01NEW"
            await stage.press("escape")
            assert isinstance(stage.app.screen, ConnectionsScreen)

    async def test_another_refusal_does_not_offer_it(self, scripted: Scripted) -> None:
        terminal = scripted_link()
        terminal.replies["POST", "/connections"] = Reply(422, json={"code": "invalid_credentials", "message": "No"})
        async with scripted(terminal, MEDIUM) as stage:
            await fill_geotab(stage)
            await stage.press("ctrl+s")
            assert "^l leads there" not in stage.words
            assert not stage.app.screen.query_one("#by-link").display

    async def test_a_server_that_creates_nothing_directly_says_so_and_shows_link(
        self, scripted: Scripted, can: Can
    ) -> None:
        can(create_connection=False)
        async with scripted(scripted_link()) as stage:
            await stage.press("n")
            link_screen(stage)
            assert "! This server does not create connections directly: by Link" in stage.words

    async def test_without_links_and_tokens_there_is_no_such_way(self, scripted: Scripted, can: Can) -> None:
        can(links=False, public_tokens=False)
        terminal = scripted_link()
        terminal.replies["POST", "/connections"] = Reply(405)
        async with scripted(terminal, MEDIUM) as stage:
            await stage.press("L")
            assert not isinstance(stage.app.screen, LinkScreen)
            await fill_geotab(stage)
            assert "by Link" not in stage.text
            await stage.press("ctrl+l", "ctrl+s")
            assert not isinstance(stage.app.screen, LinkScreen)
            assert "^l leads there" not in stage.words

    async def test_with_tokens_alone_only_the_token_is_asked_for(self, scripted: Scripted, can: Can) -> None:
        can(links=False)
        terminal = scripted_link()
        async with scripted(terminal, LARGE) as stage:
            await stage.press("L")
            assert "Make a link" not in stage.text
            assert "1 Bring its token back" in stage.words
            await stage.press("ctrl+s")
            assert not terminal.sent("POST")
            await stage.type(TOKEN)
            assert "/public-token/exchange" in stage.text
            await stage.press("enter")
            assert landed(stage) == "conn_01NEW"

    async def test_with_links_alone_no_token_is_asked_for(self, scripted: Scripted, can: Can) -> None:
        can(public_tokens=False)
        async with scripted(scripted_link(), LARGE) as stage:
            await stage.press("L", "ctrl+t", "ctrl+s")
            assert LINK["url"] in stage.text
            assert "token back" not in stage.text
            await stage.press("escape")
            assert isinstance(stage.app.screen, ConnectionsScreen)


async def test_while_locked_each_write_is_unlocked_by_itself(scripted: Scripted) -> None:
    terminal = scripted_link()
    async with scripted(terminal, MEDIUM, settings="read_only = true") as stage:
        await stage.press("L", "ctrl+s")
        assert isinstance(stage.app.screen, UnlockDialog)
        assert "You are about to make a link for any fleet" in stage.words
        await stage.press("escape")
        assert not terminal.sent("POST")
        await stage.press("ctrl+s")
        await stage.fill("name", "own")
        await stage.press("enter")
        assert len(terminal.sent("POST")) == 1
        await stage.press("x", "enter")
        assert isinstance(stage.app.screen, UnlockDialog)
        await stage.press("escape")
        assert not terminal.sent("DELETE")
        await stage.press("ctrl+t")
        await stage.type(TOKEN)
        await stage.press("enter")
        assert isinstance(stage.app.screen, UnlockDialog)
        assert "exchange a public token for its connection" in stage.words
        await stage.fill("name", "own")
        await stage.press("enter")
        assert landed(stage) == "conn_01NEW"
        assert len(terminal.sent("POST")) == 2


async def test_leaving_forgets_nothing_by_one_key(scripted: Scripted) -> None:
    async with scripted(scripted_link()) as stage:
        await stage.press("L")
        await stage.fill("value-name", "Prairie Lines")
        await stage.press("escape")
        assert "Press Esc again to leave" in stage.text
        await stage.press("escape")
        assert isinstance(stage.app.screen, ConnectionsScreen)
        await stage.press("L", "escape")
        assert isinstance(stage.app.screen, ConnectionsScreen)


class TestRelink:
    @pytest.mark.parametrize("deeper", [False, True])
    async def test_the_re_link_url_is_opened_on_the_server_that_it_stands_for(
        self, opened: Opening, sandbox: Sandbox, asked_to_open: list[str], deeper: bool
    ) -> None:
        async with opened(MEDIUM) as stage:
            if deeper:
                await stage.press("enter")
            await stage.press("o")
            await until(lambda: bool(asked_to_open))
            own = sandbox.announcement.terminal_url.removesuffix("/tsp/v1")
            assert asked_to_open[0].startswith(f"{own}/connection/conn_")
            async with httpx.AsyncClient(trust_env=False) as fleet:
                assert (await fleet.get(asked_to_open[0])).status_code == 200

    async def test_a_real_servers_is_opened_as_it_came(self, scripted: Scripted, asked_to_open: list[str]) -> None:
        url = "https://link.example/connection/conn_1?key=pk_sandbox_1"
        async with scripted(Terminal([connection(linkUrl=url)]), MEDIUM) as stage:
            await stage.press("o")
            await until(lambda: bool(asked_to_open))
            assert asked_to_open == [url]

    @pytest.mark.parametrize(
        ("url", "said"),
        [
            (None, "The server names no re-link URL for it."),
            ("javascript:alert(1)", "no address that a browser could be given safely"),
            ("file:///etc/passwd", "no address that a browser could be given safely"),
            ("http://link.example/x", "Only https addresses are opened"),
            ("https://link.example/\x1b[2J", "no address that a browser could be given safely"),
        ],
    )
    async def test_where_there_is_none_that_can_be_opened_that_is_said(
        self, scripted: Scripted, asked_to_open: list[str], url: str | None, said: str
    ) -> None:
        async with scripted(Terminal([connection(linkUrl=url)]), MEDIUM) as stage:
            await stage.press("o")
            await until(lambda: bool(stage.toasts))
            assert any(said in toast for toast in stage.toasts)
            inert(stage)
            assert not asked_to_open


async def test_without_a_browser_the_way_to_copy_the_re_link_url_is_said_and_works(
    scripted: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(browser, "unavailable", lambda environ: "The browser here is w3m.")
    url = "https://link.example/connection/conn_1?key=pk_sandbox_1"
    async with scripted(Terminal([connection(linkUrl=url)]), SMALL) as stage:
        await stage.press("o")
        await until(lambda: bool(stage.toasts))
        assert any("w3m. Press Y, then l, to copy it." in toast for toast in stage.toasts)
        await stage.press("Y", "l")
        assert stage.clipboard == url


async def test_a_server_without_link_says_nothing_of_it(sandbox: Sandbox, tmp_path: Path) -> None:
    async with running(stage_on(sandbox, tmp_path, "demo-stuut"), MEDIUM) as stage:
        await stage.press("L")
        assert isinstance(stage.app.screen, ConnectionsScreen)
        await stage.press("o")
        await until(lambda: bool(stage.toasts))
        assert any("no re-link URL" in toast for toast in stage.toasts)
        await stage.press("n")
        assert "by Link" not in stage.text


@pytest.mark.parametrize("url", ["https://link.example/connection/conn_1", "javascript:alert(1)"])
async def test_in_a_browsers_tab_that_browser_opens_what_is_safe_and_no_other_is_started(
    scripted: Scripted, monkeypatch: pytest.MonkeyPatch, asked_to_open: list[str], url: str
) -> None:
    handed: list[str] = []
    async with scripted(Terminal([connection(linkUrl=url)]), MEDIUM) as stage:
        monkeypatch.setattr(type(stage.app), "is_web", property(lambda app: True))
        monkeypatch.setattr(stage.app, "open_url", handed.append)
        await stage.press("o")
        await until(lambda: bool(stage.toasts))
        assert handed == ([url] if url.startswith("https") else [])
        assert not asked_to_open
