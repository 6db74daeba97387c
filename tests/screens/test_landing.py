"""Whatever was pasted leads to its object: with few keys, with a search where it takes one, and back again."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from tests.clocks import FakeClock
from tests.screens.conftest import Opening, Scripted, running
from tests.screens.integrations import Integrations, ledger
from tests.screens.scripted import CONNECTION_ID, SYNC_ID, TOKEN, Terminal, connection, issue, sync
from tests.screens.stage import LARGE, MEDIUM, SMALL, Stage, store
from tests.servers import Reply, ServerRequest
from tests.unit.api.stuut_support import BATCH, job, model
from tui_app.models.text import mask
from tui_app.sandbox.server import Sandbox
from tui_app.screens.connection import ConnectionScreen
from tui_app.screens.connections import ConnectionsScreen
from tui_app.screens.find import FindDialog
from tui_app.screens.sync import SyncScreen
from tui_app.widgets.search_field import SearchField

OLD = "sync_01GV12VR4DJP70GD1ZBK0SD000"
FAILED = sync(status="failed", failureReason="The licence has run out", completedAt="2026-11-22T14:01:00.000Z")


def field(stage: Stage) -> SearchField:
    """The search line, or the one of the dialog in front."""
    return stage.app.screen.query_one(SearchField)


async def paste(stage: Stage, text: str) -> None:
    """One stroke: it goes to what has the focus, the list itself as well."""
    await stage.type(text)


def fleet(count: int = 3) -> Terminal:
    """A server whose last connection alone has an old sync."""
    server = Terminal(
        [connection(id=f"conn_{n}", token=f"{TOKEN}{n}", company={"name": f"Fleet {n}"}) for n in range(count)]
    )
    by_token = {each["token"]: each for each in server.connections}

    def one(request: ServerRequest) -> Reply:
        ours = request.headers["connection-token"] == f"{TOKEN}{count - 1}" and request.path.endswith(OLD)
        return Reply(json=FAILED | {"id": OLD}) if ours else Reply(404, json={"code": "not_found", "message": "None"})

    server.replies["GET", "/syncs/…"] = one
    server.replies["GET", "/connections/current"] = lambda request: Reply(
        json=by_token[request.headers["connection-token"]] | {"lastSync": None}
    )
    return server


@pytest.mark.parametrize(
    ("text", "screen", "reason", "size"),
    [
        (SYNC_ID, SyncScreen, "Failed: The licence has run out", SMALL),
        (SYNC_ID, SyncScreen, "Failed: The licence has run out", LARGE),
        (TOKEN, ConnectionScreen, "permission_missing: The account may not read part of the data", MEDIUM),
        (issue()["id"], ConnectionScreen, "Driver data cannot be read with these credentials.", SMALL),
        (issue()["id"], ConnectionScreen, "Driver data cannot be read with these credentials.", MEDIUM),
    ],
)
async def test_paste_and_enter_lead_from_the_list_to_the_reason(
    scripted: Scripted, size: tuple[int, int], text: str, screen: type, reason: str
) -> None:
    async with scripted(Terminal(last_sync=FAILED, issues=[issue()]), size) as stage:
        await paste(stage, f'  "{text}",\n')
        assert field(stage).value == (mask(text) if text == TOKEN else text)
        await stage.press("enter")
        assert isinstance(stage.app.screen, screen)
        assert "Next to act: the fleet" in stage.words
        assert reason in stage.words
        await stage.press("escape")
        assert isinstance(stage.app.screen, ConnectionsScreen)
        assert field(stage).value == (mask(text) if text == TOKEN else text)
        assert "1 of 1 connection" in stage.text


@pytest.mark.parametrize(
    "text", [CONNECTION_ID.lower(), f"https://link.example/connection/{CONNECTION_ID}", "1234567", "frank's trucking"]
)
async def test_slash_paste_and_enter_open_the_connection(scripted: Scripted, text: str) -> None:
    async with scripted(Terminal(), SMALL) as stage:
        await stage.press("slash")
        await paste(stage, text)
        await stage.press("enter")
        assert isinstance(stage.app.screen, ConnectionScreen)
        assert "Next to act:" in stage.text


async def test_of_several_that_fit_the_list_is_left_to_choose_from(opened: Opening) -> None:
    async with opened(MEDIUM) as stage:
        await paste(stage, "geotab")
        await stage.press("enter")
        assert isinstance(stage.app.screen, ConnectionsScreen)
        assert len(stage.app.screen.table.rows) > 1
        await stage.press("enter")
        assert isinstance(stage.app.screen, ConnectionScreen)


async def test_an_unseen_sync_is_searched_for_and_escape_leads_back_the_same_way(scripted: Scripted) -> None:
    async with scripted(fleet(), SMALL) as stage:
        await paste(stage, f"GET /syncs/{OLD} 404")
        assert "This sync was not seen here yet. Enter asks all 3 connections for it." in stage.text
        await stage.press("enter")
        assert isinstance(stage.app.screen, SyncScreen)
        assert "Fleet 2" in stage.text
        assert "Next to act: Terminal" in stage.text
        await stage.press("escape")
        assert isinstance(stage.app.screen, ConnectionsScreen)
        assert "1 of 3 connections" in stage.text
        assert stage.app.screen.table.rows[0].connection.name == "Fleet 2"


async def test_a_search_shows_how_far_it_is_can_be_left_and_goes_on(scripted: Scripted, tmp_path: Path) -> None:
    server, release = fleet(9), threading.Event()
    reply = server.replies["GET", "/syncs/…"]
    server.replies["GET", "/syncs/…"] = Reply(404, json={"code": "not_found", "message": "None"}, wait=release)
    async with scripted(server, SMALL) as stage:
        await paste(stage, OLD)
        stage.traffic.under_way -= 4  # what hangs is not waited for
        await stage.press("enter")
        assert isinstance(stage.app.screen, FindDialog)
        assert "Looked through 0 of 9 connections …" in stage.text
        await stage.press("escape")
        assert isinstance(stage.app.screen, ConnectionsScreen)
        stage.traffic.under_way += 4
        release.set()
        await stage.rest()
        assert callable(reply)
        server.replies["GET", "/syncs/…"] = reply
        asked = len([each for each in server.requests if OLD in each.path])
        await stage.press("slash", "enter")
        assert type(stage.app.screen).__name__ == SyncScreen.__name__
        assert asked == 4
        assert len([each for each in server.requests if OLD in each.path]) == 9


async def test_what_is_nowhere_is_said_and_another_can_be_pasted_over_it(scripted: Scripted) -> None:
    async with scripted(fleet(), SMALL) as stage:
        await paste(stage, OLD.replace("000", "999"))
        await stage.press("enter")
        assert "Not in any of 3 connections of “own”. Another profile?" in stage.words
        await stage.press("home", "shift+end")
        await paste(stage, "conn_1")
        assert "Enter opens it." in stage.text
        await stage.press("enter")
        assert isinstance(stage.app.screen, ConnectionScreen)


async def test_find_is_a_key_away_on_every_screen_and_comes_back_to_it(scripted: Scripted) -> None:
    async with scripted(Terminal(last_sync=FAILED), MEDIUM) as stage:
        await stage.press("enter", "f3")
        await paste(stage, SYNC_ID)
        assert "Enter opens it." in stage.text
        await stage.press("enter")
        assert isinstance(stage.app.screen, SyncScreen)
        await stage.press("escape")
        assert isinstance(stage.app.screen, ConnectionScreen)


async def test_others_lead_to_an_object_by_its_id(scripted: Scripted) -> None:
    async with scripted(fleet(), MEDIUM) as stage:
        for text, screen in (("conn_1", ConnectionScreen), (OLD, SyncScreen), ("sk_prod_4eC39HqLyjW", SyncScreen)):
            stage.app.land(text)
            await stage.rest()
            assert isinstance(stage.app.screen, screen)
        assert any("API key" in toast for toast in stage.toasts)


async def test_a_token_typed_key_by_key_is_covered_from_its_first_character_on(scripted: Scripted) -> None:
    async with scripted(Terminal(), SMALL) as stage:
        await stage.press("slash", *"con_tkn_")
        assert "con_tkn_" in stage.text
        await stage.press(*TOKEN[8:12])
        assert "con_tkn_2" not in stage.text
        assert "••••" in stage.text
        await stage.press(*TOKEN[12:], "enter")
        assert isinstance(stage.app.screen, ConnectionScreen)
        await stage.press("escape")
        assert field(stage).value == mask(TOKEN)


async def test_a_key_is_refused_where_it_is_pasted_and_where_it_is_typed(scripted: Scripted) -> None:
    async with scripted(Terminal(), MEDIUM) as stage:
        await paste(stage, "Bearer sk_prod_4eC39HqLyjWDarj")
        assert field(stage).value == ""
        assert "looks like an API key" in stage.words
        assert "Frank's Trucking" in stage.text  # the list stays as it was
        await stage.press("slash", *"sk_prod_4eC3")
        assert "4eC3" not in stage.text
        await stage.press("enter")
        assert field(stage).value == ""
        assert any("API key" in toast for toast in stage.toasts)


async def test_a_job_and_a_batch_of_the_other_kind_lead_to_their_sync(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OWN_KEY", "a-key")
    path = tmp_path / "profiles.toml"
    models = [model("invoices", job("job-7", "invoices", status="failed", error="Quota reached"))]
    with Integrations(ledger(models=models)) as server:
        path.write_text(f'[profiles.own]\nkind = "stuut"\nbase_url = "{server.url}"\nkey_env = "OWN_KEY"\n')
        async with running(Stage(FakeClock(), store(path), "own"), MEDIUM) as stage:
            for text in ("job-7", BATCH):
                await stage.press("slash")
                await paste(stage, text)
                await stage.press("enter")
                assert isinstance(stage.app.screen, SyncScreen)
                assert "Next to act: Terminal" in stage.words
                assert "Quota reached" in stage.words
                await stage.press("escape")


async def test_the_demos_ids_lead_there_too(opened: Opening, sandbox: Sandbox) -> None:
    async with opened(SMALL) as stage:
        await stage.until(lambda: stage.workspace.looked_at == stage.workspace.to_look_at, within=60)
        for row in [row for row in stage.workspace.rows if row.last_sync is not None][:4]:
            assert row.last_sync is not None
            await paste(stage, row.last_sync.id)
            await stage.press("enter")
            assert "Next to act:" in stage.text, row.connection.name
            await stage.press("escape", "escape")
