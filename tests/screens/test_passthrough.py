"""Asking a connection's provider: what is sent, what it answers, and that nothing secret or live is shown of either."""

from __future__ import annotations

import json
from typing import Any

import pytest
from textual.events import Paste
from textual.widgets import Checkbox, Footer, RadioButton, Static
from textual.widgets._footer import FooterKey

from tests.clocks import until
from tests.screens.conftest import Opening, Scripted
from tests.screens.scripted import KEY, TOKEN, Terminal
from tests.screens.stage import LARGE, MEDIUM, SIZES, SMALL, Stage
from tests.screens.test_hostile import HOSTILE, inert
from tests.servers import Reply
from tui_app.models.passthrough import METHODS
from tui_app.screens.connection import ConnectionScreen
from tui_app.screens.connections import ConnectionsScreen
from tui_app.screens.dialogs import UnlockDialog
from tui_app.screens.passthrough import PassthroughScreen
from tui_app.widgets.header_fields import HeaderFields


def asking(stage: Stage) -> PassthroughScreen:
    screen = stage.app.screen
    assert isinstance(screen, PassthroughScreen), stage.text
    return screen


def answer(stage: Stage) -> str:
    """Everything that is shown of the answer, on screen or below its edge."""
    return "\n".join(str(part.render()) for part in asking(stage).query("#answer Static").results(Static))


async def open_on(stage: Stage, status: str = "connected") -> None:
    """Open the form for the first connection of a status."""
    screen = stage.app.screen
    assert isinstance(screen, ConnectionsScreen)
    row = next(row for row in screen.table.rows if row.connection.status == status)
    assert screen.table.select(row.id)
    await stage.press("enter", "p")
    asking(stage)


async def header(stage: Stage, place: int, name: str, value: str) -> None:
    line = asking(stage).query_one(HeaderFields).lines()[place]
    line.named.post_message(Paste(name))
    line.given.post_message(Paste(value))
    await stage.rest()


def envelope(**fields: Any) -> dict[str, Any]:
    return {
        "method": "GET",
        "path": "/vehicles",
        "statusCode": 200,
        "headers": {"Content-Type": "application/json"},
        "response": {"items": []},
    } | fields


def answering(reply: Reply) -> Terminal:
    terminal = Terminal()
    terminal.replies["POST", "/passthrough"] = reply
    terminal.replies["POST", "/passthrough/raw"] = reply
    return terminal


async def ask(stage: Stage, path: str = "/vehicles", *, raw: bool = False) -> None:
    if isinstance(stage.app.screen, ConnectionsScreen):
        await open_on(stage)
    await stage.fill("path", path)
    asking(stage).query_one("#raw", Checkbox).value = raw
    await stage.press("ctrl+s")


class TestTheSimulatedProvider:
    @pytest.mark.parametrize("size", SIZES)
    async def test_by_keys_it_is_asked_and_what_was_typed_stays(self, opened: Opening, size: tuple[int, int]) -> None:
        async with opened(size) as stage:
            await open_on(stage)
            await stage.type("/vehicles?limit=3")
            await stage.press("ctrl+s")
            assert "✓ 200 · application/json ·" in stage.text
            assert '"odometerMeters"' in answer(stage)
            assert "vehicles" in stage.text
            screen = asking(stage)
            assert screen.path.value == "/vehicles?limit=3"
            assert stage.app.focused is screen.query_one("#answer")
            await stage.fill("path", "/drivers")
            await stage.press("ctrl+s")
            assert '"drivers' in answer(stage)
            await stage.press("escape")
            assert isinstance(stage.app.screen, ConnectionScreen)

    async def test_by_mouse_with_a_body_it_is_told_what_it_received(self, opened: Opening) -> None:
        async with opened(LARGE) as stage:
            await open_on(stage)
            await stage.click("#path")
            await stage.type("/notes")
            await stage.click_text("( ) POST")
            await stage.click("#text")
            await stage.type('{"note":\n  "hello there"}')
            assert "hello there" in str(asking(stage).query_one("#request", Static).render())
            await stage.click("#ask")
            assert '"received"' in answer(stage)
            assert '"note": "hello there"' in answer(stage)

    async def test_that_it_refuses_is_an_answer(self, opened: Opening) -> None:
        async with opened(MEDIUM) as stage:
            await open_on(stage)
            await ask(stage, "/status/404")
            assert "✗ 404 the provider refused: this is its own answer" in stage.words
            assert "status 404, as it asked for" in answer(stage)
            assert not asking(stage).query_one("#form-problem").display

    async def test_that_the_server_refuses_is_an_error_with_what_to_do(self, opened: Opening) -> None:
        async with opened(MEDIUM) as stage:
            await open_on(stage, "disconnected")
            await ask(stage)
            assert "✗ The connection is disconnected" in stage.words
            assert "Send the fleet its re-link URL" in stage.words
            assert not asking(stage).query_one("#answer").display
            assert asking(stage).path.value == "/vehicles"

    async def test_raw_brings_a_table_as_it_is(self, opened: Opening) -> None:
        async with opened(MEDIUM) as stage:
            await open_on(stage)
            await ask(stage, "/trips.csv", raw=True)
            assert "✓ 200 · text/csv" in stage.text
            assert "id,name,active,odometerMeters" in answer(stage)

    async def test_the_footer_shows_its_keys_whole(self, opened: Opening) -> None:
        async with opened(SMALL) as stage:
            await open_on(stage)
            keys = list(stage.app.screen.query(FooterKey))
            assert 1 <= len(keys) <= 7
            footer = stage.app.screen.query_one(Footer)
            assert all(footer.region.contains_region(key.region) for key in keys)

    @pytest.mark.parametrize("size", [*SIZES, (120, 40), (139, 40), (140, 40)])
    async def test_every_method_is_seen(self, opened: Opening, size: tuple[int, int]) -> None:
        async with opened(size) as stage:
            await open_on(stage)
            form = asking(stage).query_one("#form").content_region
            methods = asking(stage).query("#method RadioButton")
            assert all(form.contains_region(method.region) for method in methods)
            for method in METHODS:
                assert f"( ) {method}" in stage.text or f"(•) {method}" in stage.text
            await stage.click_text(") DELETE")
            assert "(•) DELETE" in stage.text


class TestWhatIsSent:
    async def test_everything_on_the_form_and_masked_beside_it(self, scripted: Scripted) -> None:
        terminal = answering(Reply(json=envelope()))
        async with scripted(terminal, LARGE) as stage:
            await open_on(stage)
            list(asking(stage).query("#method RadioButton").results(RadioButton))[3].value = True
            await stage.fill("path", "/vehicles?apiKey=hush-hush-1")
            await header(stage, 0, "X-Api-Key", "hush-hush-2")
            await header(stage, 1, "X-Trace", "7")
            asking(stage).text.text = '{"password": "hush-hush-3"}'
            await stage.rest()
            shown = str(asking(stage).query_one("#request", Static).render())
            assert "POST /tsp/v1/passthrough" in shown
            for secret in ("hush-hush-1", "hush-hush-2", "hush-hush-3"):
                assert secret not in shown
            assert "hush-hush-2" not in stage.text
            await stage.press("ctrl+y")
            assert "hush-hush" not in stage.clipboard
            assert "$CONNECTION_TOKEN" in stage.clipboard
            await stage.press("ctrl+s")
            assert terminal.sent("POST")[0].json == {
                "method": "PATCH",
                "path": "/vehicles?apiKey=hush-hush-1",
                "headers": {"X-Api-Key": "hush-hush-2", "X-Trace": "7"},
                "body": '{"password": "hush-hush-3"}',
            }

    @pytest.mark.parametrize(
        ("path", "said"),
        [
            ("", "say what to ask for"),
            ("https://elsewhere.example/x", "only what follows the provider's address"),
            ("/a b", "a path has no spaces"),
        ],
    )
    async def test_a_wrong_path_is_said_on_its_field(self, scripted: Scripted, path: str, said: str) -> None:
        terminal = answering(Reply(json=envelope()))
        async with scripted(terminal) as stage:
            await ask(stage, path)
            assert stage.problem("path").startswith(said)
            assert not terminal.sent("POST")

    @pytest.mark.parametrize(
        ("name", "value", "said"),
        [("X Y", "1", "letters, digits and dashes"), ("", "1", "name this header"), ("X-A", "ä", "ASCII characters")],
    )
    async def test_a_wrong_header_is_said(self, scripted: Scripted, name: str, value: str, said: str) -> None:
        terminal = answering(Reply(json=envelope()))
        async with scripted(terminal, MEDIUM) as stage:
            await open_on(stage)
            await header(stage, 0, name, value)
            await ask(stage)
            assert said in str(asking(stage).query_one("#header-problem").render())
            assert not terminal.sent("POST")

    async def test_by_tab_one_gets_from_field_to_field(self, scripted: Scripted) -> None:
        terminal = answering(Reply(json=envelope()))
        async with scripted(terminal, MEDIUM) as stage:
            await open_on(stage)
            await stage.type("/x")
            await stage.press("tab")
            await stage.type("X-Trace")
            await stage.press("tab")
            await stage.type("7")
            await stage.press("ctrl+s")
            assert terminal.sent("POST")[0].json == {"method": "GET", "path": "/x", "headers": {"X-Trace": "7"}}

    async def test_while_locked_it_is_asked_about(self, scripted: Scripted) -> None:
        terminal = answering(Reply(json=envelope()))
        async with scripted(terminal, settings="read_only = true") as stage:
            await ask(stage, "/vehicles?apiKey=hush-hush")
            assert isinstance(stage.app.screen, UnlockDialog)
            assert "You are about to send GET /vehicles to the provider" in stage.words
            assert "hush-hush" not in stage.words
            await stage.press("escape")
            assert not terminal.sent("POST")
            await stage.press("ctrl+s")
            await stage.fill("name", "own")
            await stage.press("enter")
            assert "✓ 200" in stage.text
            assert len(terminal.sent("POST")) == 1


class TestWhatIsShown:
    @pytest.mark.parametrize("raw", [False, True])
    async def test_secrets_in_an_answer_are_masked_whatever_stands_around_them(
        self, scripted: Scripted, raw: bool
    ) -> None:
        content = {
            "echo": "you sent hush-hush-2 and hush-hush-3",
            "password": "of-somebody",
            "deep": [{"credentials": {"user": "somebody-else"}}],
            "text": f"{TOKEN} {KEY} sk_prod_4eC39HqLyjWDarjtT1zdp7dc",
        }
        headers = {"Set-Cookie": "session=hush", "X-Echo": "hush-hush-2"}
        reply = Reply(json=content, headers=headers) if raw else Reply(json=envelope(response=content, headers=headers))
        async with scripted(answering(reply), LARGE) as stage:
            await open_on(stage)
            await header(stage, 0, "X-Api-Key", "hush-hush-2")
            asking(stage).text.text = '{"password": "hush-hush-3"}'
            await ask(stage, raw=raw)
            shown = answer(stage)
            assert "✓ 200" in shown
            assert '"echo": "you sent ••••••••' in shown
            for secret in ("hush", "of-somebody", "somebody-else", TOKEN, KEY, "sk_prod_4eC39HqLyjWDarjtT1zdp7dc"):
                assert secret not in shown, secret

    async def test_what_was_not_recorded_is_masked_by_names_and_shapes(self, scripted: Scripted) -> None:
        content = {"password": "of-somebody", "text": f"{TOKEN} sk_prod_4eC39HqLyjWDarjtT1zdp7dc"}
        terminal = answering(Reply(json=envelope(response=content, headers={"Set-Cookie": "session=hush"})))
        async with scripted(terminal, LARGE) as stage:
            stage.workspace.recorder._limit = 0
            await ask(stage)
            assert "✓ 200" in answer(stage)
            for secret in ("hush", "of-somebody", TOKEN, "sk_prod_4eC39HqLyjWDarjtT1zdp7dc"):
                assert secret not in answer(stage), secret

    @pytest.mark.parametrize("name", ["closing markup", "an action", "escape sequences", "bidi", "64 kB of markup"])
    @pytest.mark.parametrize("raw", [False, True])
    async def test_whatever_an_answer_says_is_inert(self, scripted: Scripted, name: str, raw: bool) -> None:
        text = HOSTILE[name]
        reply = (
            Reply(body=text.encode(), headers={"Content-Type": "text/html"})
            if raw
            else Reply(json=envelope(statusCode=418, headers={text[:99]: text, "Content-Type": text}, response=text))
        )
        async with scripted(answering(reply), SMALL) as stage:
            await ask(stage, raw=raw)
            inert(stage)
            await stage.press("end")
            inert(stage)
            assert stage.app.is_running

    @pytest.mark.parametrize("raw", [False, True])
    async def test_of_a_large_answer_as_much_is_shown_as_can_be_looked_at(self, scripted: Scripted, raw: bool) -> None:
        rows = [{"id": number, "name": f"vehicle {number}"} for number in range(9000)]
        reply = Reply(json=rows) if raw else Reply(json=envelope(response=rows))
        async with scripted(answering(reply), MEDIUM) as stage:
            await ask(stage, raw=raw)
            assert "KiB" in stage.line("✓ 200")
            shown = answer(stage)
            assert '"name": "vehicle 0"' in shown
            assert "… more came than is shown here." in shown
            assert len(shown) < 200_000
            await stage.press("end")
            inert(stage)

    async def test_64_kb_of_text_are_shown_whole_and_scroll(self, scripted: Scripted) -> None:
        text = "".join(f"line {number:05d}\n" for number in range(5900))
        async with scripted(answering(Reply(body=text.encode(), headers={"Content-Type": "text/plain"}))) as stage:
            await ask(stage, raw=True)
            assert "line 00000" in stage.text
            assert "line 05899" in answer(stage)
            await stage.press("end")
            await until(lambda: "line 05899" in stage.text)

    async def test_what_is_no_text_is_shown_as_its_first_bytes(self, scripted: Scripted) -> None:
        content = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8
        async with scripted(answering(Reply(body=content, headers={"Content-Type": "image/png"})), MEDIUM) as stage:
            await ask(stage, raw=True)
            assert "✓ 200 · image/png · 2,056 bytes" in stage.text
            shown = answer(stage)
            assert "This is no text. Its first bytes:" in shown
            assert "0000  89 50 4e 47 0d 0a 1a 0a 00 01 02 03 04 05 06 07" in shown
            assert "00f0  " in shown
            assert "0100  " not in shown
            inert(stage)

    async def test_no_content_is_said(self, scripted: Scripted) -> None:
        async with scripted(answering(Reply(json=envelope(statusCode=204, response=None)))) as stage:
            await ask(stage)
            assert "✓ 204" in stage.text
            assert "There is no content." in answer(stage)

    async def test_a_refusal_by_the_server_after_an_answer_stands_above_it_and_goes_with_the_next(
        self, scripted: Scripted
    ) -> None:
        terminal = answering(Reply(json=envelope()))
        async with scripted(terminal, MEDIUM) as stage:
            await ask(stage)
            body = {"code": "provider_unavailable", "message": f"Gone: {TOKEN}"}
            terminal.replies["POST", "/passthrough"] = Reply(502, json=body)
            await stage.press("ctrl+s")
            assert "The provider is not available just now" in stage.words
            assert TOKEN not in stage.text
            terminal.replies["POST", "/passthrough"] = Reply(json=envelope(response=json.loads("[1]")))
            await stage.press("ctrl+s")
            assert "The provider is not available" not in stage.words


async def test_leaving_forgets_nothing_by_one_key(scripted: Scripted) -> None:
    async with scripted(answering(Reply(json=envelope())), MEDIUM) as stage:
        await open_on(stage)
        await stage.fill("path", "/vehicles")
        await stage.press("escape")
        assert "Press Esc again to leave" in stage.text
        await stage.press("escape")
        assert isinstance(stage.app.screen, ConnectionScreen)
