"""Creating a connection: the form, what it says, what it sends, and what comes of it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.screens.conftest import Opening, Scripted
from tests.screens.scripted import Terminal, connection
from tests.screens.stage import LARGE, MEDIUM, SIZES, SMALL, Stage
from tests.servers import Reply
from tui_app.screens.connection import ConnectionScreen
from tui_app.screens.connections import ConnectionsScreen
from tui_app.screens.create import CreateScreen
from tui_app.widgets.credentials import Credentials
from tui_app.widgets.field import Field


async def choose(stage: Stage, provider: str) -> CreateScreen:
    """Open the form and choose a provider by typing."""
    await stage.press("n")
    await stage.type(provider)
    await stage.press("enter")
    screen = stage.app.screen
    assert isinstance(screen, CreateScreen)
    return screen


def asked(stage: Stage) -> list[str]:
    """The labels of the credential fields."""
    return [field.label for field in stage.app.screen.query_one(Credentials).query(Field)]


def planned(stage: Stage) -> Any:
    """The request on the side as JSON."""
    text = str(stage.app.screen.query_one("#request").render())
    return json.loads(text[text.index("{") : text.rindex("}") + 1])


async def fill_geotab(stage: Stage) -> None:
    await choose(stage, "geotab")
    for index, value in enumerate(("fleet@prairie.example", "pass-word-1", "prairie")):
        stage.app.screen.query_one(f"#credential-{index}", Field).input.value = value
    await stage.rest()


class TestProvider:
    @pytest.mark.parametrize("size", SIZES)
    async def test_typing_offers_those_that_fit(self, opened: Opening, size: tuple[int, int]) -> None:
        async with opened(size) as stage:
            await stage.press("n")
            assert "30 providers: type a name" in stage.words
            await stage.type("geo")
            assert "geotab  live" in stage.text
            assert "samsara" not in stage.text

    async def test_enter_takes_the_first_and_asks_for_exactly_its_fields(self, opened: Opening) -> None:
        async with opened() as stage:
            await choose(stage, "geotab")
            assert asked(stage) == ["Username", "Password", "Database"]
            assert "Geotab, live" in stage.text
            assert stage.app.focused is stage.app.screen.query_one("#credential-0", Field).input

    async def test_the_arrow_down_goes_through_the_offers(self, opened: Opening) -> None:
        async with opened() as stage:
            await stage.press("n")
            await stage.type("geotab")
            await stage.press("down", "enter")
            assert asked(stage)

    async def test_a_click_takes_an_offer(self, opened: Opening) -> None:
        async with opened() as stage:
            await stage.press("n")
            await stage.type("motiv")
            await stage.click_text("Motive")
            assert stage.app.screen.query_one("#provider", Field).value == "motive"
            assert asked(stage)

    async def test_another_provider_asks_for_other_fields(self, opened: Opening) -> None:
        async with opened() as stage:
            await choose(stage, "geotab")
            await stage.fill("provider", "samsara")
            await stage.press("enter")
            assert asked(stage) != ["Username", "Password", "Database"]

    async def test_a_provider_with_several_ways_to_sign_in_offers_them(self, opened: Opening) -> None:
        async with opened() as stage:
            await choose(stage, "samsara")
            several = stage.app.screen.query("#way")
            assert several or asked(stage)

    async def test_a_provider_that_is_not_known_gets_free_fields(self, scripted: Scripted) -> None:
        terminal = Terminal(providers=[{"code": "brand-new", "name": "Brand New", "status": "beta"}])
        async with scripted(terminal) as stage:
            await choose(stage, "brand")
            assert "This provider's credentials are not known here" in stage.words
            await stage.fill("free-name-0", "apiKey")
            await stage.fill("free-value-0", "very-secret")
            await stage.press("ctrl+s")
            assert terminal.sent("POST")[0].json["credentials"] == {"apiKey": "very-secret"}

    async def test_a_code_that_the_list_lacks_is_sent_as_typed(self, scripted: Scripted) -> None:
        terminal = Terminal()
        async with scripted(terminal) as stage:
            await stage.press("n")
            await stage.type("nobody-knows")
            await stage.press("tab")
            await stage.fill("free-name-0", "key")
            await stage.fill("free-value-0", "x")
            await stage.press("ctrl+s")
            assert terminal.sent("POST")[0].json["provider"] == "nobody-knows"

    async def test_providers_that_cannot_be_read_leave_a_form_that_works(self, scripted: Scripted) -> None:
        terminal = Terminal()
        terminal.replies["GET", "/providers"] = Reply(404, json={"code": "not_found", "message": "No such thing"})
        async with scripted(terminal) as stage:
            await stage.press("n")
            assert "the providers could not be read: type a provider's code" in stage.words
            await stage.type("geotab")
            await stage.press("tab")
            assert asked(stage) == ["Username", "Password", "Database"]


class TestWords:
    async def test_nothing_filled_in_is_said_on_the_first_field_and_sends_nothing(self, scripted: Scripted) -> None:
        terminal = Terminal()
        async with scripted(terminal) as stage:
            await stage.press("n", "ctrl+s")
            assert stage.problem("provider") == "choose a provider"
            assert "✗ choose a provider" in stage.text
            assert not terminal.sent("POST")

    async def test_each_missing_credential_is_said_on_its_field(self, scripted: Scripted) -> None:
        terminal = Terminal()
        async with scripted(terminal) as stage:
            await choose(stage, "geotab")
            await stage.fill("credential-2", "only what is optional")
            await stage.press("ctrl+s")
            said = [stage.problem(f"credential-{index}") for index in range(3)]
            assert said == ["this provider needs it", "this provider needs it", ""]
            assert stage.app.focused is stage.app.screen.query_one("#credential-0", Field).input
            assert not terminal.sent("POST")

    @pytest.mark.parametrize(
        ("field", "value", "said"),
        [
            ("days", "0", "days must be above 0 and at most 36,500"),
            ("days", "soon", "days must be a number, such as 7 or 0.5"),
            ("from", "tomorrow", "write a date as 2026-11-01"),
            ("dot", "12ab", "a DOT number has digits only: 12ab"),
        ],
    )
    async def test_a_wrong_value_is_said_in_words_on_its_field(
        self, scripted: Scripted, field: str, value: str, said: str
    ) -> None:
        terminal = Terminal()
        async with scripted(terminal) as stage:
            await fill_geotab(stage)
            await stage.fill(field, value)
            await stage.press("ctrl+s")
            assert stage.problem(field) == said
            assert said in stage.words
            assert not terminal.sent("POST")

    async def test_days_and_a_date_together_are_refused(self, scripted: Scripted) -> None:
        terminal = Terminal()
        async with scripted(terminal) as stage:
            await fill_geotab(stage)
            await stage.fill("days", "7")
            await stage.fill("from", "2026-11-01")
            await stage.press("ctrl+s")
            assert stage.problem("from") == "give days or a date, not both"
            assert not terminal.sent("POST")

    async def test_a_wrong_backfill_is_said_when_the_field_is_left(self, opened: Opening) -> None:
        async with opened() as stage:
            await stage.press("n")
            await stage.fill("days", "soon")
            await stage.press("tab")
            assert stage.problem("days") == "days must be a number, such as 7 or 0.5"


class TestRequest:
    @pytest.mark.parametrize(("size", "shown"), [(SMALL, False), (MEDIUM, True)])
    async def test_it_stands_beside_the_form_where_there_is_room(
        self, opened: Opening, size: tuple[int, int], shown: bool
    ) -> None:
        async with opened(size) as stage:
            await stage.press("n")
            assert ("POST /tsp/v1/connections" in stage.text) is shown

    async def test_it_follows_what_is_typed_with_secrets_masked(self, opened: Opening) -> None:
        async with opened(MEDIUM) as stage:
            await fill_geotab(stage)
            await stage.fill("company", "Prairie Lines")
            await stage.fill("days", "7")
            await stage.fill("tags", "midwest, vip")
            request = planned(stage)
            assert request["provider"] == "geotab"
            assert request["company"] == {"name": "Prairie Lines"}
            assert request["backfill"] == {"days": 7}
            assert request["tags"] == ["midwest", "vip"]
            assert set(request["credentials"]) == {"username", "password", "database"}
            assert "pass-word-1" not in stage.text
            assert "fleet@prairie.example" not in str(request)

    async def test_it_is_copied_as_curl_without_secrets(self, opened: Opening) -> None:
        async with opened() as stage:
            await fill_geotab(stage)
            await stage.press("ctrl+y")
            assert stage.clipboard.startswith("curl")
            assert "/connections" in stage.clipboard
            for secret in ("pass-word-1", "fleet@prairie.example", "prairie", "sk_sandbox_"):
                assert secret not in stage.clipboard.replace("/tsp/v1", "")
            assert any("as cURL, secrets left out" in toast for toast in stage.toasts)

    async def test_manual_is_chosen_by_a_click(self, opened: Opening) -> None:
        async with opened(MEDIUM) as stage:
            await stage.press("n")
            assert planned(stage)["syncMode"] == "automatic"
            await stage.click_text("( ) manual")
            assert planned(stage)["syncMode"] == "manual"
            assert "(•) manual" in stage.text


class TestSending:
    async def test_success_lands_on_the_new_connection(self, opened: Opening) -> None:
        async with opened() as stage:
            await fill_geotab(stage)
            await stage.fill("company", "Prairie Two")
            await stage.fill("external", "pr-2")
            await stage.press("ctrl+s")
            assert isinstance(stage.app.screen, ConnectionScreen)
            assert "Prairie Two · Geotab · conn_" in stage.text
            assert any("Created. Press s to request its first sync." in toast for toast in stage.toasts)
            await stage.press("escape")
            assert isinstance(stage.app.screen, ConnectionsScreen)
            assert "17 connections" in stage.text

    async def test_everything_is_sent_as_it_was_typed(self, scripted: Scripted) -> None:
        terminal = Terminal()
        async with scripted(terminal) as stage:
            await fill_geotab(stage)
            await stage.fill("company", "  Prairie Lines ")
            await stage.fill("dot", "1234567, 7654321")
            await stage.fill("external", "pr-1")
            await stage.fill("from", "2026-11-01")
            await stage.fill("tags", "midwest,vip,")
            await stage.click("#create")
            assert terminal.sent("POST")[0].json == {
                "provider": "geotab",
                "credentials": {"username": "fleet@prairie.example", "password": "pass-word-1", "database": "prairie"},
                "company": {"name": "Prairie Lines", "dotNumbers": ["1234567", "7654321"]},
                "externalId": "pr-1",
                "syncMode": "automatic",
                "backfill": {"startFrom": "2026-11-01T00:00:00.000Z"},
                "tags": ["midwest", "vip"],
            }

    async def test_a_connection_that_was_there_already_is_shown_and_said(self, scripted: Scripted) -> None:
        terminal = Terminal()
        terminal.replies["POST", "/connections"] = Reply(json=connection())
        async with scripted(terminal) as stage:
            await fill_geotab(stage)
            await stage.press("ctrl+s")
            assert isinstance(stage.app.screen, ConnectionScreen)
            assert any("This provider account is connected already" in toast for toast in stage.toasts)

    @pytest.mark.parametrize(
        ("path", "field"),
        [
            ("{requestBody}.credentials.password", "credential-1"),
            ("{requestBody}.company.name", "company"),
            ("{requestBody}.company.dotNumbers.0", "dot"),
            ("{requestBody}.externalId", "external"),
            ("{requestBody}.backfill.days", "days"),
            ("{requestBody}.tags.1", "tags"),
            ("{requestBody}.provider", "provider"),
        ],
    )
    async def test_the_servers_400_lands_on_the_field_that_it_names(
        self, scripted: Scripted, path: str, field: str
    ) -> None:
        terminal = Terminal()
        detail = [{"path": path, "message": "The server does not like this", "suggestion": "Try another"}]
        body = {"code": "bad_request", "message": "Invalid request", "detail": detail}
        terminal.replies["POST", "/connections"] = Reply(400, json=body)
        async with scripted(terminal) as stage:
            await fill_geotab(stage)
            await stage.press("ctrl+s")
            assert stage.problem(field) == "The server does not like this"
            assert stage.app.focused is stage.app.screen.query_one(f"#{field}", Field).input
            assert isinstance(stage.app.screen, CreateScreen)
            assert stage.app.screen.query_one("#credential-1", Field).input.value == "pass-word-1"

    async def test_a_refusal_is_said_in_the_servers_own_words(self, scripted: Scripted) -> None:
        terminal = Terminal()
        terminal.replies["POST", "/connections"] = Reply(500, json={"code": "oops", "message": "We broke"})
        async with scripted(terminal, MEDIUM) as stage:
            await fill_geotab(stage)
            await stage.press("ctrl+s")
            assert "the server: 500 · oops · We broke" in stage.words

    @pytest.mark.parametrize(("status", "size"), [(403, SMALL), (404, MEDIUM), (405, SMALL), (501, LARGE)])
    async def test_a_server_without_direct_creation_says_so_and_what_to_do(
        self, scripted: Scripted, status: int, size: tuple[int, int]
    ) -> None:
        terminal = Terminal()
        terminal.replies["POST", "/connections"] = Reply(status)
        async with scripted(terminal, size) as stage:
            await fill_geotab(stage)
            await stage.press("ctrl+s")
            assert "✗ This server does not offer direct creation" in stage.words
            assert "Use Link: the fleet signs in on its own page" in stage.words
            assert len(terminal.sent("POST")) == 1

    async def test_a_second_try_after_a_refusal_works(self, scripted: Scripted) -> None:
        terminal = Terminal()
        terminal.replies["POST", "/connections"] = Reply(500)
        async with scripted(terminal) as stage:
            await fill_geotab(stage)
            await stage.press("ctrl+s")
            del terminal.replies["POST", "/connections"]
            await stage.press("ctrl+s")
            assert isinstance(stage.app.screen, ConnectionScreen)


@pytest.mark.parametrize("way", ["escape", "#cancel"])
async def test_leaving_sends_nothing(scripted: Scripted, way: str) -> None:
    terminal = Terminal()
    async with scripted(terminal) as stage:
        await fill_geotab(stage)
        if way == "escape":
            await stage.press(way)  # one key alone throws nothing away
            assert "Press Esc again to leave" in stage.text
        await (stage.click(way) if way.startswith("#") else stage.press(way))
        assert isinstance(stage.app.screen, ConnectionsScreen)
        assert not terminal.sent("POST")


@pytest.mark.parametrize("size", SIZES)
async def test_every_field_can_be_reached_by_tab_and_is_then_on_screen(opened: Opening, size: tuple[int, int]) -> None:
    async with opened(size) as stage:
        await choose(stage, "geotab")
        seen = set()
        for _ in range(14):
            focused = stage.app.focused
            assert focused is not None
            place = focused.parent.parent.id if focused.parent and focused.parent.parent else None
            seen.add(place if isinstance(focused.parent and focused.parent.parent, Field) else focused.id)
            assert stage.app.screen.region.contains_region(focused.region), focused
            await stage.press("tab")
        wanted = {"provider", "credential-0", "credential-1", "credential-2", "company", "dot", "external", "mode"}
        assert wanted | {"days", "from", "tags", "create", "cancel"} <= seen
