"""Copying: what is on the clipboard, what is said of it, and that no secret is copied unasked or ever shown."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from textual import events

from tests.clocks import until
from tests.screens.conftest import Opening, Scripted, running, stage_on
from tests.screens.scripted import CONNECTION_ID, KEY, SYNC_ID, TOKEN, Terminal, connection, issue, sync
from tests.screens.stage import MEDIUM, SIZES, SMALL, Stage
from tests.screens.test_third_kind import Boxes
from tests.servers import ScriptedServer
from tests.unit.test_clipboard import environ, tool
from tui_app.api.kinds import KINDS, Kind
from tui_app.clipboard import MOST
from tui_app.sandbox.server import Sandbox
from tui_app.screens.copy_menu import CopyMenu

LINK = "https://link.example/connection/conn_1?key=pk_sandbox_4eC39HqLyjWDarjtT1zdp7dc"
WHOLE = connection(externalId="pl-310", linkUrl=LINK)


def written(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is written to the terminal from now on to set its clipboard."""
    sequences: list[str] = []
    driver = stage.app._driver
    assert driver is not None
    monkeypatch.setattr(driver, "write", lambda data: sequences.append(data) if "]52;" in data else None)
    return sequences


def offered(stage: Stage) -> str:
    """The letters that the menu in front offers."""
    assert isinstance(stage.app.screen, CopyMenu), stage.text
    return "".join(str(option.id) for option in stage.app.screen.options.options)


class TestHow:
    async def test_the_terminal_is_asked_and_the_first_time_that_is_said(
        self, scripted: Scripted, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async with scripted(Terminal(), MEDIUM) as stage:
            sequences = written(stage, monkeypatch)
            await stage.press("y")
            assert sequences == [f"\x1b]52;c;{base64.b64encode(CONNECTION_ID.encode()).decode()}\x07"]
            assert stage.clipboard == CONNECTION_ID
            assert f"Copied connection ID {CONNECTION_ID}" in stage.words
            assert "does not allow that: drag with Shift" in stage.words
            stage.app.clear_notifications()
            await stage.press("y")
            assert [toast.strip() for toast in stage.toasts] == [f"Copied connection ID {CONNECTION_ID}"]

    async def test_a_tool_that_took_it_needs_no_hint(self, scripted: Scripted, tmp_path: Path) -> None:
        tool(tmp_path, "xclip", f"cat >{tmp_path}/new; mv {tmp_path}/new {tmp_path}/taken")
        async with scripted(Terminal(), MEDIUM) as stage:
            stage.app.surroundings = environ(tmp_path, DISPLAY=":0")
            await stage.press("y")
            await until(lambda: bool(stage.toasts))
            assert [toast.strip() for toast in stage.toasts] == [f"Copied connection ID {CONNECTION_ID}"]
            assert (tmp_path / "taken").read_text() == CONNECTION_ID

    async def test_a_tool_that_fails_is_told_with_what_was_done_instead(
        self, scripted: Scripted, tmp_path: Path
    ) -> None:
        tool(tmp_path, "xclip", "echo no display >&2; exit 1")
        async with scripted(Terminal(), MEDIUM) as stage:
            stage.app.surroundings = environ(tmp_path, DISPLAY=":0")
            await stage.press("y")
            await until(lambda: bool(stage.toasts))
            [said] = stage.toasts
            assert "xclip failed with exit code 1 (no display). The terminal was asked instead." in said

    async def test_while_a_tool_hangs_keys_are_heard(self, scripted: Scripted, tmp_path: Path) -> None:
        tool(tmp_path, "xclip", "sleep 600")
        async with scripted(Terminal(), MEDIUM) as stage:
            stage.app.surroundings = environ(tmp_path, DISPLAY=":0")
            await stage.press("y", "enter")
            assert CONNECTION_ID in stage.text
            assert stage.toasts == []

    async def test_what_no_terminal_takes_is_not_said_to_be_copied(
        self, scripted: Scripted, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        terminal = Terminal([connection(options={"note": "x" * MOST})])
        async with scripted(terminal, MEDIUM) as stage:
            sequences = written(stage, monkeypatch)
            await stage.press("Y", "j")
            [said] = stage.toasts
            assert said.strip().startswith("Not copied: the JSON of this connection, secrets masked.")
            assert "kB are more than terminals take" in said
            assert sequences == []
            assert len(stage.clipboard) > MOST

    async def test_what_a_field_copies_goes_the_same_way_and_can_be_pasted(
        self, scripted: Scripted, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async with scripted(Terminal(), MEDIUM) as stage:
            sequences = written(stage, monkeypatch)
            await stage.press("slash")
            await stage.type("frank")
            await stage.press("shift+home", "ctrl+c", "end", "ctrl+v")
            assert len(sequences) == 1
            field: Any = stage.app.focused
            assert field.value == "frankfrank"
            assert stage.toasts == []


class TestMenu:
    @pytest.mark.parametrize("size", SIZES)
    @pytest.mark.parametrize("way", [(), ("enter",)], ids=["list", "connection"])
    async def test_everything_of_a_connection_is_offered_and_each_letter_copies_it(
        self, scripted: Scripted, size: tuple[int, int], way: tuple[str, ...]
    ) -> None:
        async with scripted(Terminal([WHOLE]), size) as stage:
            await stage.press(*way, "Y")
            assert offered(stage) == "ieltcpj"
            assert TOKEN not in stage.text
            copied = {}
            for letter in "ielcpj":
                await stage.press(letter)
                copied[letter] = stage.clipboard
                assert any("Copied" in toast for toast in stage.toasts)
                stage.app.clear_notifications()
                await stage.press("Y")
            assert (copied["i"], copied["e"], copied["l"]) == (CONNECTION_ID, "pl-310", LINK)
            assert copied["c"].startswith("curl --globoff --request GET http://127.0.0.1:")
            assert 'Bearer $TERMINAL_API_KEY"' in copied["c"]
            assert '"Connection-Token: $CONNECTION_TOKEN"' in copied["c"]
            assert 'os.environ["TERMINAL_API_KEY"]' in copied["p"]
            compile(copied["p"], "copied", "exec")
            assert json.loads(copied["j"])["externalId"] == "pl-310"
            assert not [text for text in copied.values() if TOKEN in text or KEY in text]
            assert "pk_sandbox_4eC39HqLyjWDarjtT1zdp7dc" not in copied["j"]

    async def test_arrows_and_enter_choose_and_escape_leaves(self, scripted: Scripted) -> None:
        async with scripted(Terminal([WHOLE])) as stage:
            await stage.press("Y", "escape")
            assert stage.clipboard == ""
            await stage.press("Y", "down", "enter")
            assert stage.clipboard == "pl-310"

    @pytest.mark.parametrize("size", SIZES)
    async def test_the_mouse_chooses_and_answers(self, scripted: Scripted, size: tuple[int, int]) -> None:
        async with scripted(Terminal([WHOLE]), size) as stage:
            await stage.press("Y")
            await stage.click_text("external ID")
            assert stage.clipboard == "pl-310"
            await stage.press("Y")
            await stage.click_text("connection token")
            await stage.click_text("Leave it")
            await stage.click_text("connection token")
            assert stage.clipboard == "pl-310"
            await stage.click_text("Copy it  ")
            assert stage.clipboard == TOKEN

    @pytest.mark.parametrize("size", SIZES)
    async def test_a_token_is_copied_only_once_that_was_agreed_to_and_is_never_shown(
        self, scripted: Scripted, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
    ) -> None:
        async with scripted(Terminal([WHOLE]), size) as stage:
            sequences = written(stage, monkeypatch)
            for keys in (("Y",), ("t",), ("enter",), ("t",), ("escape",), ("t",), ("n",)):
                await stage.press(*keys)
                assert TOKEN not in stage.text
                assert TOKEN not in "".join(stage.toasts)
                assert stage.clipboard == ""
            assert not isinstance(stage.app.screen, CopyMenu)
            await stage.press("Y", "t")
            assert "This opens one fleet's data. Copy it?" in stage.words
            await stage.press("y")
            assert stage.clipboard == TOKEN
            assert "Copied the connection token of Frank's Trucking" in stage.words
            assert TOKEN not in stage.text
            assert TOKEN not in "".join(stage.toasts)
            token_sequence = base64.b64encode(TOKEN.encode()).decode()
            assert [one for one in sequences if token_sequence in one] == [f"\x1b]52;c;{token_sequence}\x07"]
            workers = "".join(repr(worker) for worker in stage.app.workers)
            notified = "".join(repr(shown) for shown in stage.app._notifications)
            assert TOKEN not in workers + notified

    async def test_what_a_connection_lacks_is_not_offered(self, scripted: Scripted) -> None:
        async with scripted(Terminal([connection(token=None)])) as stage:
            await stage.press("Y")
            assert offered(stage) == "ij"  # without its token nothing about it can be read, either

    async def test_what_a_server_lacks_is_not_offered(self, sandbox: Sandbox, tmp_path: Path) -> None:
        made = sandbox.add_integration(company="Aa Works", models=("customers",))
        async with running(stage_on(sandbox, tmp_path, "demo-stuut"), MEDIUM) as stage:
            screen: Any = stage.app.screen
            assert screen.table.select(made["id"])
            await stage.press("Y")
            assert offered(stage) == "icpj"
            await stage.press("c")
            assert 'Bearer $STUUT_API_KEY"' in stage.clipboard
            assert "Connection-Token" not in stage.clipboard

    async def test_a_kind_that_tells_no_requests_offers_none(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from tests.clocks import FakeClock
        from tests.screens.stage import store

        monkeypatch.setitem(KINDS, "boxes", Kind("Boxes", "tests.screens.test_third_kind:BoxApi", "https://x.example"))
        monkeypatch.setenv("OWN_KEY", "k")
        with ScriptedServer(Boxes()) as server:
            path = tmp_path / "profiles.toml"
            path.write_text(f'[profiles.own]\nkind = "boxes"\nbase_url = "{server.url}"\nkey_env = "OWN_KEY"\n')
            async with running(Stage(FakeClock(), store(path), "own"), SMALL) as stage:
                await stage.press("Y")
                assert offered(stage) == "ij"

    @pytest.mark.parametrize("size", SIZES)
    async def test_a_sync_is_copied_from_its_screen(self, scripted: Scripted, size: tuple[int, int]) -> None:
        async with scripted(Terminal([WHOLE], last_sync=sync()), size) as stage:
            await stage.press("w", "Y")
            assert offered(stage) == "incpj"
            await stage.press("c")
            assert f"/syncs/{SYNC_ID}?expand=issues" in stage.clipboard
            await stage.press("Y", "n")
            assert stage.clipboard == CONNECTION_ID
            await stage.press("Y", "j")
            assert json.loads(stage.clipboard)["status"] == "in_progress"

    @pytest.mark.parametrize("size", SIZES)
    async def test_among_issues_the_selected_one_is_copied(self, scripted: Scripted, size: tuple[int, int]) -> None:
        terminal = Terminal([WHOLE], issues=[issue(documentationUrl="https://docs.example/x")])
        async with scripted(terminal, size) as stage:
            await stage.press("enter", "tab", "tab", "Y")
            assert offered(stage) == "indcpj"
            await stage.press("i")
            assert stage.clipboard == issue()["id"]
            await stage.press("Y", "p")
            assert f"/issues?connectionId={CONNECTION_ID}&limit=100" in stage.clipboard
            await stage.press("Y", "d")
            assert stage.clipboard == "https://docs.example/x"

    async def test_keys_in_quick_succession_leave_it_once(self, scripted: Scripted) -> None:
        async with scripted(Terminal([WHOLE])) as stage:
            await stage.press("enter")
            behind = stage.app.screen
            await stage.press("Y")
            front = stage.app.screen
            for _ in range(3):
                front.post_message(events.Key("i", "i"))
            await stage.rest()
            assert stage.app.screen is behind
            assert stage.clipboard == CONNECTION_ID

    async def test_it_is_not_offered_where_there_is_nothing(self, scripted: Scripted) -> None:
        async with scripted(Terminal([])) as stage:
            await stage.press("Y")
            assert not isinstance(stage.app.screen, CopyMenu)


HOSTILE = ["'; id; '\n$(id) `id`", "x\x1b[201~\nid\n", "é\u202e漢", "../../..", "[@click=app.quit]x[/]"]


@pytest.mark.parametrize("text", HOSTILE)
async def test_hostile_ids_stay_one_line_and_within_their_quotes(scripted: Scripted, text: str) -> None:
    rows = [connection(id=text, externalId=text, linkUrl=text, company={"name": text})]
    async with scripted(Terminal(rows, last_sync=sync(id=text)), MEDIUM) as stage:
        for letter in "iel":
            await stage.press("Y", letter)
            assert len(stage.clipboard.splitlines()) == 1
            assert "\x1b" not in stage.clipboard
        await stage.press("Y", "j")
        assert json.loads(stage.clipboard)["id"] == text
        assert "\x1b" not in stage.clipboard
        await stage.press("Y", "p")
        compile(stage.clipboard, "copied", "exec")


async def test_the_menu_of_the_demo_copies_what_can_be_asked_for(opened: Opening) -> None:
    async with opened(SMALL) as stage:
        await stage.press("Y", "c")
        assert stage.clipboard.startswith("curl")
        assert not [toast for toast in stage.toasts if "con_tkn_" in toast]
