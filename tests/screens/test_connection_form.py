"""Creating and editing a connection of plain fields: the forms, what they say, what they send, and what comes of it."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from tests.clocks import until
from tests.screens.conftest import Opening, Scripted
from tests.screens.integrations import Integrations, ledger
from tests.screens.scripted import Terminal, connection
from tests.screens.stage import LARGE, MEDIUM, SIZES, SMALL, Stage
from tests.screens.test_hostile import HOSTILE, inert
from tests.servers import Reply, ServerRequest
from tests.unit.test_actions import own_bindings
from tui_app.actions import bindings_of
from tui_app.api.base import FormField
from tui_app.api.kinds import KINDS
from tui_app.api.stuut import StuutApi
from tui_app.api.terminal import TerminalApi
from tui_app.palette import ActionCommands
from tui_app.screens.connection import ConnectionScreen
from tui_app.screens.connection_form import EditConnectionScreen, NewConnectionScreen
from tui_app.screens.connections import ConnectionsScreen
from tui_app.screens.dialogs import UnlockDialog
from tui_app.widgets.field import Field
from tui_app.widgets.plain_fields import PlainFields, SwitchField, list_as_text, list_of

PLAIN = 'kind = "stuut"\n'
URL_SAID = "write an address that starts with http:// or https:// and names a host"


def refusal(*steps: str, words: str = "The server does not like this") -> Reply:
    """A 422 about one place in the request."""
    return Reply(422, json={"detail": [{"loc": ["body", *steps], "msg": words, "type": "value_error"}]})


def planned(stage: Stage) -> Any:
    """The request that is shown, as JSON."""
    text = str(stage.app.screen.query_one("#request").render())
    return json.loads(text[text.index("{") : text.rindex("}") + 1])


def line(stage: Stage, name: str) -> Field | SwitchField:
    """The line of a plain field."""
    found = stage.app.screen.query_one(PlainFields).line(name)
    assert found is not None
    return found


def changed_fields(monkeypatch: pytest.MonkeyPatch, fields: Sequence[FormField]) -> None:
    """Let the kind of server offer other fields to edit."""
    monkeypatch.setattr(StuutApi, "capabilities", replace(StuutApi.capabilities, edit_fields=tuple(fields)))


async def fill_new(stage: Stage) -> None:
    await stage.press("n")
    await stage.fill("provider", "netsuite")
    await stage.fill("value-name", "Second ledger")


async def edit(stage: Stage) -> None:
    """Open the first connection, and the form that changes it."""
    await stage.press("enter", "e")
    assert isinstance(stage.app.screen, EditConnectionScreen)


def test_the_keys_are_those_of_the_table_of_actions() -> None:
    assert own_bindings(NewConnectionScreen) == bindings_of("create")
    assert own_bindings(EditConnectionScreen) == bindings_of("edit")


class TestCreating:
    @pytest.mark.parametrize("size", SIZES)
    async def test_it_asks_for_the_provider_and_then_for_what_the_server_names(
        self, scripted: Scripted, size: tuple[int, int]
    ) -> None:
        async with scripted(Integrations(), size, settings=PLAIN) as stage:
            await stage.press("n")
            screen = stage.app.screen
            assert isinstance(screen, NewConnectionScreen)
            labels = [each.label for each in screen.query(".field") if isinstance(each, Field | SwitchField)]
            assert labels == ["Provider", "Name", "API URL", "On premise"]
            for label in labels:
                assert stage.line(label)
            assert stage.app.focused is screen.query_one("#provider", Field).input

    @pytest.mark.parametrize("size", SIZES)
    async def test_the_request_is_shown_at_every_size_and_follows_what_is_typed(
        self, scripted: Scripted, size: tuple[int, int]
    ) -> None:
        async with scripted(Integrations(), size, settings=PLAIN) as stage:
            await fill_new(stage)
            assert "POST /v2/integrations/connections" in stage.text
            assert planned(stage) == {"provider_name": "netsuite", "name": "Second ledger", "is_on_premise": False}
            await stage.fill("value-api_url", "https://erp.example/api")
            line(stage, "is_on_premise").input.focus()
            await stage.press("space")
            assert planned(stage)["is_on_premise"] is True
            assert '"api_url": "https://erp.example/api"' in stage.text

    async def test_success_lands_on_the_new_connection(self, scripted: Scripted) -> None:
        server = Integrations()
        async with scripted(server, settings=PLAIN) as stage:
            await fill_new(stage)
            await stage.press("ctrl+s")
            [sent] = server.sent("POST")
            assert sent.path == "/v2/integrations/connections"
            assert sent.json == {"provider_name": "netsuite", "name": "Second ledger", "is_on_premise": False}
            assert isinstance(stage.app.screen, ConnectionScreen)
            assert stage.app.screen.connection_id == "c-new"
            assert "Second ledger" in stage.text
            assert any("Created. Press s to request its first sync." in toast for toast in stage.toasts)
            await stage.press("escape")
            assert isinstance(stage.app.screen, ConnectionsScreen)
            assert "2 connections" in stage.text

    async def test_everything_can_be_done_by_mouse_but_typing(self, scripted: Scripted) -> None:
        server = Integrations()
        async with scripted(server, MEDIUM, settings=PLAIN) as stage:
            await fill_new(stage)
            await stage.click_text("[ ] yes")
            assert "[x] yes" in stage.text
            await stage.click("#create")
            assert server.sent("POST")[0].json["is_on_premise"] is True

    async def test_what_is_missing_is_said_on_its_field_and_sends_nothing(self, scripted: Scripted) -> None:
        server = Integrations()
        async with scripted(server, settings=PLAIN) as stage:
            await stage.press("n", "ctrl+s")
            assert stage.problem("provider") == "say which provider it is"
            assert stage.problem("value-name") == "this must not be empty"
            assert stage.problem("value-api_url") == ""
            assert "✗ this must not be empty" in stage.words
            assert stage.app.focused is stage.app.screen.query_one("#provider", Field).input
            await stage.fill("value-name", "S")
            assert stage.problem("value-name") == ""
            assert not server.sent("POST")

    @pytest.mark.parametrize("url", ["erp.example", "ftp://erp.example", "https://", "http://[", "https://a b", "x"])
    async def test_what_is_no_address_is_said_when_the_field_is_left_and_never_sent(
        self, scripted: Scripted, url: str
    ) -> None:
        server = Integrations()
        async with scripted(server, settings=PLAIN) as stage:
            await fill_new(stage)
            await stage.fill("value-api_url", url)
            assert stage.problem("value-api_url") == ""
            await stage.press("tab")
            assert stage.problem("value-api_url") == URL_SAID
            assert URL_SAID in stage.words
            await stage.press("ctrl+s")
            assert stage.app.focused is line(stage, "api_url").input
            assert not server.sent("POST")

    @pytest.mark.parametrize("url", ["https://erp.example", "http://10.0.0.1:8080/api/v1", "https://erp.example/a?b=c"])
    async def test_an_address_is_sent_as_it_was_typed(self, scripted: Scripted, url: str) -> None:
        server = Integrations()
        async with scripted(server, settings=PLAIN) as stage:
            await fill_new(stage)
            await stage.fill("value-api_url", f" {url} ")
            await stage.press("ctrl+s")
            assert server.sent("POST")[0].json["api_url"] == url

    async def test_a_wrong_address_is_right_as_soon_as_it_is_corrected(self, scripted: Scripted) -> None:
        async with scripted(Integrations(), settings=PLAIN) as stage:
            await stage.press("n")
            await stage.fill("value-api_url", "erp.example")
            await stage.press("tab", "shift+tab", "home")
            await stage.type("https://")
            assert line(stage, "api_url").value == "https://erp.example"
            assert stage.problem("value-api_url") == ""

    @pytest.mark.parametrize(
        ("steps", "place"),
        [
            (("name",), "value-name"),
            (("api_url",), "value-api_url"),
            (("is_on_premise",), "value-is_on_premise"),
            (("provider_name",), "provider"),
            (("provider",), "provider"),
        ],
    )
    async def test_a_refusal_lands_on_the_field_that_it_names(
        self, scripted: Scripted, steps: tuple[str, ...], place: str
    ) -> None:
        server = Integrations()
        server.replies["POST"] = refusal(*steps)
        async with scripted(server, MEDIUM, settings=PLAIN) as stage:
            await fill_new(stage)
            await stage.press("ctrl+s")
            found = stage.app.screen.query_one(f"#{place}")
            assert isinstance(found, Field | SwitchField)
            assert found.problem == "The server does not like this"
            assert "✗ The server does not like this" in stage.words
            assert stage.app.focused is found.input
            assert stage.app.screen.query_one("#value-name", Field).value == "Second ledger"

    async def test_a_refusal_of_nothing_in_particular_stands_above_the_buttons(self, scripted: Scripted) -> None:
        server = Integrations()
        server.replies["POST"] = Reply(500, json={"detail": "We broke"})
        async with scripted(server, settings=PLAIN) as stage:
            await fill_new(stage)
            await stage.press("ctrl+s")
            assert "the server: 500 · We broke" in stage.words
            del server.replies["POST"]
            await stage.press("ctrl+s")
            assert isinstance(stage.app.screen, ConnectionScreen)

    async def test_it_is_not_sent_twice_while_it_is_under_way(self, scripted: Scripted) -> None:
        server, go = Integrations(), threading.Event()
        server.replies["POST"] = Reply(json=ledger(id="c-new"), wait=go)
        async with scripted(server, settings=PLAIN) as stage:
            await fill_new(stage)
            screen = stage.app.screen
            assert isinstance(screen, NewConnectionScreen)
            screen.action_send()
            await until(lambda: bool(server.sent("POST")))
            screen.action_send()
            go.set()
            await stage.rest()
            assert isinstance(stage.app.screen, ConnectionScreen)
            assert len(server.sent("POST")) == 1

    async def test_the_request_is_copied_as_curl_without_the_key(self, scripted: Scripted) -> None:
        async with scripted(Integrations(), settings=PLAIN) as stage:
            await fill_new(stage)
            await stage.press("ctrl+y")
            assert stage.clipboard.startswith("curl")
            assert "Second ledger" in stage.clipboard
            assert "sk_sandbox_" not in stage.clipboard

    @pytest.mark.parametrize("filled", ["provider", "switch"])
    async def test_esc_throws_nothing_away_at_once(self, scripted: Scripted, filled: str) -> None:
        server = Integrations()
        async with scripted(server, settings=PLAIN) as stage:
            await stage.press("n")
            if filled == "provider":
                await stage.fill("provider", "netsuite")
            else:
                line(stage, "is_on_premise").input.focus()
                await stage.press("space")
            await stage.press("escape")
            assert "Press Esc again to leave" in stage.text
            await stage.press("escape")
            assert isinstance(stage.app.screen, ConnectionsScreen)
            assert not server.sent("POST")

    async def test_an_empty_form_is_left_at_once(self, scripted: Scripted) -> None:
        async with scripted(Integrations(), settings=PLAIN) as stage:
            await stage.press("n", "escape")
            assert isinstance(stage.app.screen, ConnectionsScreen)

    async def test_a_locked_profile_asks_before_it_is_sent(self, scripted: Scripted) -> None:
        server = Integrations()
        async with scripted(server, settings=PLAIN + "read_only = true") as stage:
            await fill_new(stage)
            await stage.press("ctrl+s")
            assert isinstance(stage.app.screen, UnlockDialog)
            assert "You are about to create a connection for Second ledger" in stage.words
            await stage.press("escape")
            assert isinstance(stage.app.screen, NewConnectionScreen)
            assert not server.sent("POST")
            await stage.press("ctrl+s")
            await stage.fill("name", "own")
            await stage.press("enter")
            assert len(server.sent("POST")) == 1

    @pytest.mark.parametrize("size", SIZES)
    async def test_every_field_can_be_reached_by_tab_and_is_then_on_screen(
        self, scripted: Scripted, size: tuple[int, int]
    ) -> None:
        async with scripted(Integrations(), size, settings=PLAIN) as stage:
            await stage.press("n", "ctrl+s")  # each with what is wrong below it
            reached = []
            for _ in range(6):
                focused = stage.app.focused
                assert focused is not None
                assert stage.app.screen.region.contains_region(focused.region), focused
                reached.append(focused)
                await stage.press("tab")
            assert len(set(reached)) == 6
            assert stage.app.focused is reached[0]

    async def test_a_server_that_makes_no_connections_is_told_so(
        self, scripted: Scripted, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        none = replace(StuutApi.capabilities, create_connection=False, create_fields=())
        monkeypatch.setattr(StuutApi, "capabilities", none)
        async with scripted(Integrations(), settings=PLAIN) as stage:
            await stage.app.open_create()
            await stage.rest()
            assert isinstance(stage.app.screen, ConnectionsScreen)
            assert any("does not create connections" in toast for toast in stage.toasts)


class TestEditing:
    async def test_the_fields_hold_what_is_there_now(self, scripted: Scripted) -> None:
        async with scripted(Integrations(), settings=PLAIN) as stage:
            await edit(stage)
            held = stage.app.screen.query_one(PlainFields).values()
            assert held == {
                "provider_name": "netsuite",
                "name": "Main ledger",
                "company": "Prairie Lines",
                "environment": "",
            }
            assert "Change a connection  Main ledger" in stage.text
            assert "Nothing is changed yet: there is nothing to send." in stage.words

    async def test_an_object_goes_by_its_name_and_what_is_neither_stays_empty(self, scripted: Scripted) -> None:
        server = Integrations(ledger(company={"name": "Prairie Lines", "id": 7}, environment=["a"]))
        async with scripted(server, settings=PLAIN) as stage:
            await edit(stage)
            held = stage.app.screen.query_one(PlainFields).values()
            assert (held["company"], held["environment"]) == ("Prairie Lines", "")

    @pytest.mark.parametrize("size", SIZES)
    async def test_each_change_is_shown_above_the_request_before_it_is_sent(
        self, scripted: Scripted, size: tuple[int, int]
    ) -> None:
        server = Integrations()
        async with scripted(server, size, settings=PLAIN) as stage:
            await edit(stage)
            await stage.fill("value-name", "First ledger")
            await stage.fill("value-environment", "production")
            await stage.fill("value-company", "")
            for said in (
                "Name: Main ledger → First ledger",
                "Company: Prairie Lines → empty",
                "Environment: empty → production",
            ):
                assert said in stage.text
            assert stage.text.index("Name: Main ledger →") < stage.text.index("PATCH")
            assert planned(stage) == {"name": "First ledger", "company": None, "environment": "production"}
            assert not server.sent("PATCH")

    async def test_only_what_differs_is_sent_and_the_connection_shows_it(self, scripted: Scripted) -> None:
        server = Integrations()
        async with scripted(server, settings=PLAIN) as stage:
            await edit(stage)
            await stage.fill("value-name", "First ledger")
            await stage.fill("value-company", "")
            await stage.press("ctrl+s")
            [sent] = server.sent("PATCH")
            assert sent.path == "/v2/integrations/connections/c1"
            assert sent.json == {"name": "First ledger", "company": None}
            assert isinstance(stage.app.screen, ConnectionScreen)
            assert "First ledger · netsuite · c1" in stage.text
            assert any("Saved." in toast for toast in stage.toasts)
            assert "Prairie Lines" not in stage.text

    async def test_nothing_changed_says_so_and_sends_nothing(self, scripted: Scripted) -> None:
        server = Integrations()
        async with scripted(server, settings=PLAIN) as stage:
            await edit(stage)
            await stage.fill("value-name", "Another")
            await stage.fill("value-name", "Main ledger ")
            await stage.press("ctrl+y")
            assert stage.clipboard == ""
            await stage.click("#save")
            assert isinstance(stage.app.screen, EditConnectionScreen)
            assert any("Nothing is changed: nothing was sent." in toast for toast in stage.toasts)
            assert not server.sent("PATCH")

    async def test_a_field_that_is_needed_must_not_be_emptied(
        self, scripted: Scripted, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        changed_fields(monkeypatch, [FormField("name", "Name", required=True), FormField("company", "Company")])
        server = Integrations()
        async with scripted(server, settings=PLAIN) as stage:
            await edit(stage)
            await stage.fill("value-name", "")
            await stage.press("ctrl+s")
            assert stage.problem("value-name") == "this must not be empty"
            assert stage.app.focused is line(stage, "name").input
            assert not server.sent("PATCH")

    async def test_a_field_that_is_needed_and_was_never_set_is_in_nobodys_way(
        self, scripted: Scripted, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        changed_fields(monkeypatch, [FormField("environment", "Where", required=True), FormField("name", "Name")])
        server = Integrations()
        async with scripted(server, settings=PLAIN) as stage:
            await edit(stage)
            await stage.fill("value-name", "First ledger")
            await stage.press("ctrl+s")
            assert server.sent("PATCH")[0].json == {"name": "First ledger"}

    async def test_a_switch_is_changed_in_words(self, scripted: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
        changed_fields(monkeypatch, [FormField("name", "Name"), FormField("company", "Own", kind="switch")])
        server = Integrations(ledger(company=True))
        async with scripted(server, settings=PLAIN) as stage:
            await edit(stage)
            await stage.click_text("[x] yes")
            assert "Own: yes → no" in stage.text
            await stage.press("ctrl+s")
            assert server.sent("PATCH")[0].json == {"company": False}

    async def test_a_refusal_lands_on_the_field_that_it_names(self, scripted: Scripted) -> None:
        server = Integrations()
        server.replies["PATCH"] = refusal("environment", words="Only staging or production")
        async with scripted(server, settings=PLAIN) as stage:
            await edit(stage)
            await stage.fill("value-environment", "moon")
            await stage.press("ctrl+s")
            assert stage.problem("value-environment") == "Only staging or production"
            assert line(stage, "environment").value == "moon"
            await stage.type("x")  # what the server said was about another value
            assert stage.problem("value-environment") == ""

    async def test_a_refusal_of_what_was_not_changed_does_not_keep_a_second_try_away(self, scripted: Scripted) -> None:
        server = Integrations()
        server.replies["PATCH"] = refusal("company", words="There is no such company")
        async with scripted(server, settings=PLAIN) as stage:
            await edit(stage)
            await stage.fill("value-name", "First ledger")
            await stage.press("ctrl+s")
            assert stage.problem("value-company") == "There is no such company"
            del server.replies["PATCH"]
            await stage.press("ctrl+s")
            assert isinstance(stage.app.screen, ConnectionScreen)
            assert len(server.sent("PATCH")) == 2

    async def test_esc_leaves_at_once_only_where_nothing_is_changed(self, scripted: Scripted) -> None:
        server = Integrations()
        async with scripted(server, settings=PLAIN) as stage:
            await edit(stage)
            await stage.press("escape")
            assert isinstance(stage.app.screen, ConnectionScreen)
            await stage.press("e")
            await stage.fill("value-name", "First ledger")
            await stage.press("escape")
            assert isinstance(stage.app.screen, EditConnectionScreen)
            assert "Press Esc again to leave" in stage.text
            await stage.press("escape")
            assert isinstance(stage.app.screen, ConnectionScreen)
            assert not server.sent("PATCH")

    async def test_a_locked_profile_asks_before_it_is_sent(self, scripted: Scripted) -> None:
        server = Integrations()
        async with scripted(server, settings=PLAIN + "read_only = true") as stage:
            await edit(stage)
            await stage.fill("value-name", "First ledger")
            await stage.press("ctrl+s")
            assert isinstance(stage.app.screen, UnlockDialog)
            assert "You are about to change Main ledger at “own”" in stage.words
            await stage.press("escape")
            assert not server.sent("PATCH")
            await stage.press("ctrl+s")
            await stage.fill("name", "own")
            await stage.press("enter")
            assert [sent.json for sent in server.sent("PATCH")] == [{"name": "First ledger"}]

    async def test_a_connection_that_is_gone_is_said_and_nothing_is_sent(self, scripted: Scripted) -> None:
        server = Integrations(ledger(), ledger(id="c2", name="Other"))
        async with scripted(server, settings=PLAIN) as stage:
            await stage.press("enter")
            screen = stage.app.screen
            assert isinstance(screen, ConnectionScreen)
            await stage.press("e")
            await stage.fill("value-name", "First ledger")
            server.connections = [each for each in server.connections if each["id"] != screen.connection_id]
            await stage.workspace.read_fleet()
            await stage.press("ctrl+y", "ctrl+s")
            assert any("not in the list any more" in toast for toast in stage.toasts)
            assert not server.sent("PATCH")

    @pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
    async def test_a_hostile_value_is_inert_and_not_changed_by_being_shown(self, scripted: Scripted, text: str) -> None:
        server = Integrations(ledger(name=text, company=text, environment=text))
        async with scripted(server, LARGE, settings=PLAIN) as stage:
            await edit(stage)
            inert(stage)
            assert "Nothing is changed yet" in stage.text
            await stage.fill("value-company", "Prairie Lines")
            inert(stage)
            await stage.press("ctrl+s")
            assert [sent.json for sent in server.sent("PATCH")] == [{"company": "Prairie Lines"}]


class TestFieldsInObjects:
    """Lists, choices, and fields that lie in an object, as a server of Terminal's kind has them."""

    def server(self, **fields: Any) -> Terminal:
        held = {"tags": ["midwest", "Frank's, LLC"], "externalId": "pl-310"} | fields
        server = Terminal([connection(**held)])

        def change(request: ServerRequest) -> Reply:
            server.connections[0] |= request.json
            return Reply(json=server.connections[0])

        server.replies["PATCH", "/connections/current"] = change
        return server

    async def test_the_fields_hold_what_is_there_now(self, scripted: Scripted) -> None:
        async with scripted(self.server(filters={"vehicles": {"includeIds": ["vcl_1", "vcl_2"]}}), LARGE) as stage:
            await edit(stage)
            plain = stage.app.screen.query_one(PlainFields)
            assert plain.values() == {
                "company.name": "Frank's Trucking",
                "company.dotNumbers": ("1234567",),
                "externalId": "pl-310",
                "tags": ("midwest", "Frank's, LLC"),
                "syncMode": "automatic",
                "status": "connected",
                "filters.vehicles.includeIds": ("vcl_1", "vcl_2"),
                "filters.vehicles.excludeIds": (),
                "filters.drivers.includeIds": (),
                "filters.drivers.excludeIds": (),
            }
            assert 'midwest, "Frank\'s, LLC"' in stage.text
            assert "(•) automatic" in stage.text
            assert "Nothing is changed yet" in stage.words

    @pytest.mark.parametrize("size", SIZES)
    async def test_each_change_is_shown_and_sent_as_a_list_an_object_or_a_word(
        self, scripted: Scripted, size: tuple[int, int]
    ) -> None:
        server = self.server()
        async with scripted(server, size) as stage:
            await edit(stage)
            await stage.fill("value-company-name", "Prairie Lines")
            await stage.fill("value-tags", "midwest ,, vip,")
            choice = line(stage, "syncMode")
            choice.input.focus()
            await stage.press("right", "space")
            said = [
                "Company: Frank's Trucking → Prairie Lines",
                'Tags: midwest, "Frank\'s, LLC" → midwest, vip',
                "Mode: automatic → manual",
            ]
            for each in said:
                assert each in stage.words
            wanted = {
                "company": {"name": "Prairie Lines", "dotNumbers": ["1234567"]},
                "tags": ["midwest", "vip"],
                "syncMode": "manual",
            }
            assert not server.sent("PATCH")
            await stage.press("ctrl+s")
            assert [sent.json for sent in server.sent("PATCH")] == [wanted]
            assert isinstance(stage.app.screen, ConnectionScreen)

    async def test_a_list_is_emptied_and_a_text_too(self, scripted: Scripted) -> None:
        server = self.server()
        async with scripted(server) as stage:
            await edit(stage)
            await stage.fill("value-tags", " , ")
            await stage.fill("value-externalId", "")
            await stage.press("ctrl+s")
            assert [sent.json for sent in server.sent("PATCH")] == [{"externalId": "", "tags": []}]

    async def test_the_same_list_written_otherwise_is_no_change(self, scripted: Scripted) -> None:
        async with scripted(self.server()) as stage:
            await edit(stage)
            await stage.fill("value-tags", 'midwest,"Frank\'s, LLC",')
            assert "Nothing is changed yet" in stage.words

    @pytest.mark.parametrize("size", SIZES)
    async def test_every_choice_is_in_sight(self, scripted: Scripted, size: tuple[int, int]) -> None:
        async with scripted(self.server(), size) as stage:
            await edit(stage)
            line(stage, "status").input.focus()
            await stage.rest()
            for word in ("(•) automatic", "( ) manual", "(•) connected", "( ) disconnected", "( ) archived"):
                assert word in stage.text

    async def test_a_choice_is_made_by_mouse(self, scripted: Scripted) -> None:
        server = self.server()
        async with scripted(server, MEDIUM) as stage:
            await edit(stage)
            await stage.click_text("( ) archived")
            assert "(•) archived" in stage.text
            assert "Status: connected → archived" in stage.text
            await stage.click("#save")
            assert [sent.json for sent in server.sent("PATCH")] == [{"status": "archived"}]

    async def test_a_word_that_is_none_of_the_choices_stays_until_another_is_chosen(self, scripted: Scripted) -> None:
        server = self.server(syncMode="on_demand")
        async with scripted(server) as stage:
            await edit(stage)
            assert "(•) automatic" not in stage.text
            await stage.fill("value-externalId", "pl-311")
            await stage.press("ctrl+s")
            assert [sent.json for sent in server.sent("PATCH")] == [{"externalId": "pl-311"}]

    @pytest.mark.parametrize(
        ("path", "place"),
        [
            ("{requestBody}.company.dotNumbers.0", "company.dotNumbers"),
            ("{requestBody}.company", "company.name"),
            ("{requestBody}.tags[1]", "tags"),
            ("body.filters.drivers.excludeIds", "filters.drivers.excludeIds"),
            ("syncMode", "syncMode"),
        ],
    )
    async def test_a_refusal_lands_on_the_field_that_it_names(self, scripted: Scripted, path: str, place: str) -> None:
        server = self.server()
        detail = [{"path": path, "message": "The server does not like this"}]
        refused = {"code": "unprocessable_entity", "message": "No", "detail": detail}
        server.replies["PATCH", "/connections/current"] = Reply(422, json=refused)
        async with scripted(server, LARGE) as stage:
            await edit(stage)
            await stage.fill("value-externalId", "pl-311")
            await stage.press("ctrl+s")
            assert line(stage, place).problem == "The server does not like this"
            assert "✗ The server does not like this" in stage.words
            assert stage.app.focused is line(stage, place).input

    @pytest.mark.parametrize("size", SIZES)
    async def test_every_field_can_be_reached_by_tab_and_is_then_on_screen(
        self, scripted: Scripted, size: tuple[int, int]
    ) -> None:
        async with scripted(self.server(), size) as stage:
            await edit(stage)
            reached = []
            for _ in range(12):
                focused = stage.app.focused
                assert focused is not None
                assert stage.app.screen.region.contains_region(focused.region), focused
                reached.append(focused)
                await stage.press("tab")
            assert len(set(reached)) == 12

    @pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
    async def test_a_hostile_value_is_inert_and_not_changed_by_being_shown(self, scripted: Scripted, text: str) -> None:
        server = self.server(tags=[text, text], company={"name": text, "dotNumbers": [text]}, syncMode=text)
        async with scripted(server, LARGE) as stage:
            await edit(stage)
            inert(stage)
            assert "Nothing is changed yet" in stage.text
            await stage.fill("value-externalId", "pl-311")
            inert(stage)
            await stage.press("ctrl+s")
            assert [sent.json for sent in server.sent("PATCH")] == [{"externalId": "pl-311"}]


@pytest.mark.parametrize(
    "parts", [[], ["a"], ["a", "b c"], ["a, b", "c"], ['"a"', 'b"c', ","], ["'", "ü"], ['a"', '"'], ["a\\,b"]]
)
def test_a_list_is_read_as_it_was_written(parts: list[str]) -> None:
    assert list_of(list_as_text(parts)) == parts


class TestWhereItIsOffered:
    async def test_where_nothing_can_be_changed_there_is_no_such_key(
        self, opened: Opening, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(TerminalApi, "capabilities", replace(TerminalApi.capabilities, edit_fields=()))
        async with opened() as stage:
            await stage.press("enter", "e")
            assert isinstance(stage.app.screen, ConnectionScreen)
            listed = [str(hit) async for hit in ActionCommands(stage.app.screen).discover()]
            assert not [hit for hit in listed if "Change what can be changed" in hit]
            stage.app.open_edit(stage.app.screen.connection_id)
            await stage.rest()
            assert isinstance(stage.app.screen, ConnectionScreen)
            assert any("does not change connections" in toast for toast in stage.toasts)

    async def test_where_something_can_be_changed_the_palette_finds_it(self, scripted: Scripted) -> None:
        async with scripted(Integrations(), settings=PLAIN) as stage:
            await stage.press("enter")
            listed = [str(hit) async for hit in ActionCommands(stage.app.screen).discover()]
            assert [hit for hit in listed if "Change what can be changed" in hit]

    async def test_what_is_not_there_is_not_edited(self, scripted: Scripted) -> None:
        async with scripted(Integrations(), settings=PLAIN) as stage:
            stage.app.open_edit("nobody")
            await stage.rest()
            assert isinstance(stage.app.screen, ConnectionsScreen)

    @pytest.mark.parametrize("scope", ["create", "edit"])
    @pytest.mark.parametrize("size", [SMALL, MEDIUM])
    async def test_the_help_explains_the_form_and_lists_its_keys(
        self, scripted: Scripted, scope: str, size: tuple[int, int]
    ) -> None:
        async with scripted(Integrations(), size, settings=PLAIN) as stage:
            await (edit(stage) if scope == "edit" else stage.press("n"))
            screen = stage.app.screen
            assert isinstance(screen, NewConnectionScreen | EditConnectionScreen)
            await stage.press("f1")
            assert screen.ABOUT.split(".")[0] in stage.words


def test_the_screens_name_no_kind_of_server() -> None:
    from pathlib import Path

    import tui_app

    folder = Path(tui_app.__file__).parent
    folders = ("workspace", "screens", "widgets")
    sources = [folder / "app.py", *(path for name in folders for path in folder.glob(f"{name}/*.py"))]
    for path in sources:
        text = path.read_text()
        assert not [kind for kind in KINDS if f'"{kind}"' in text or f"'{kind}'" in text], path
