"""Comparing two syncs: which one is proposed, how any other is named, and what the screen then says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.widgets import Footer
from textual.widgets._footer import FooterKey

from tests.clocks import until
from tests.screens.conftest import Scripted, running, stage_on
from tests.screens.scripted import SYNC_ID, TOKEN, Terminal, issue, sync
from tests.screens.stage import MEDIUM, SIZES, SMALL, Stage
from tests.screens.test_integrations import synced
from tests.servers import Reply, ServerRequest
from tui_app.sandbox.server import Sandbox
from tui_app.screens.comparison import ComparisonScreen
from tui_app.screens.sync import SyncScreen
from tui_app.screens.sync_picker import SyncPicker

EARLIER_ID, OLDEST_ID = "sync_01EARLIER", "sync_01OLDEST"
DAY = "2026-11-2{}T13:00:00.000Z"


def past(identity: str, day: int, **fields: Any) -> dict[str, Any]:
    """A sync of a day before that completed after ten minutes."""
    return sync(
        id=identity,
        status="completed",
        progress=100,
        requestedAt=DAY.format(day),
        startFrom=f"2026-11-1{day + 3}T13:00:00.000Z",
        completedAt=DAY.format(day).replace("13:00", "13:10"),
        **fields,
    )


FAILED = sync(status="failed", progress=70, attempts=3, failureReason="no access", issues=[issue()])


def three(this: dict[str, Any] = FAILED) -> Terminal:
    """A server with this sync and two before it, the older one in its second attempt."""
    syncs = {each["id"]: each for each in (this, past(EARLIER_ID, 1), past(OLDEST_ID, 0, attempts=2))}
    terminal = Terminal(last_sync=this)

    def one(request: ServerRequest) -> Reply:
        found = syncs.get(request.path.rpartition("/")[2])
        return Reply(json=found) if found else Reply(404, json={"code": "not_found", "message": "No such sync"})

    terminal.replies["GET", "/syncs/…"] = one
    terminal.replies["GET", "/syncs"] = Reply(json={"results": list(syncs.values())})
    return terminal


def compared(stage: Stage) -> ComparisonScreen:
    assert isinstance(stage.app.screen, ComparisonScreen), stage.text
    return stage.app.screen


@pytest.mark.parametrize("size", SIZES)
async def test_the_newest_earlier_success_is_proposed_and_the_difference_is_told(
    scripted: Scripted, size: tuple[int, int]
) -> None:
    async with scripted(three(), size) as stage:
        await stage.press("w", "d")
        assert isinstance(stage.app.screen, SyncPicker)
        assert [each.id for each in stage.app.screen.table.rows] == [EARLIER_ID, OLDEST_ID]
        assert "proposed" in stage.line("21 Nov 2026")
        assert "proposed" not in stage.line("20 Nov 2026")
        await stage.press("enter")
        assert compared(stage).other_id == EARLIER_ID
        assert (
            "It failed where the other completed, met permission_missing, which the other did not, and needed "
            "3 attempts instead of 1." in stage.words
        )
        told = stage.line("ended as")
        assert "● differs" in told
        if size[0] < 100:
            assert [
                line[1:] for line in stage.lines if line.startswith(("   this   failed", "   other  completed"))
            ] == ["  this   failed", "  other  completed"]
        else:
            assert told.split() == ["●", "differs", "ended", "as", "failed", "completed"]
        assert all(len(line) <= size[0] for line in stage.lines)
        footer = stage.app.screen.query_one(Footer)
        shown = list(stage.app.screen.query(FooterKey))
        assert len(shown) == 6
        assert all(footer.region.contains_region(key.region) for key in shown)
        await stage.press("f")
        assert "= same" not in stage.text
        await stage.press("end")
        await until(lambda: "that do not differ are left out; f shows them." in stage.words)


async def test_another_is_chosen_by_the_list_or_by_its_id_and_opened(scripted: Scripted) -> None:
    async with scripted(three(), MEDIUM) as stage:
        await stage.press("w", "d", "down", "enter")
        assert compared(stage).other_id == OLDEST_ID
        await stage.press("d")
        await stage.type(EARLIER_ID)
        await stage.press("enter")
        assert compared(stage).other_id == EARLIER_ID
        assert f"other  {EARLIER_ID}" in stage.text
        await stage.press("y")
        assert f"other: {EARLIER_ID}" in stage.clipboard
        assert "only this: issue: permission_missing | —" in stage.clipboard
        await stage.press("o")
        assert isinstance(stage.app.screen, SyncScreen)
        assert stage.app.screen.sync_id == EARLIER_ID
        await stage.press("escape")
        compared(stage)
        await stage.press("escape")
        assert isinstance(stage.app.screen, SyncScreen)
        assert stage.app.screen.sync_id == SYNC_ID


async def test_what_is_no_other_sync_of_this_connection_is_refused_with_the_reason(scripted: Scripted) -> None:
    terminal = three()
    async with scripted(terminal, SMALL) as stage:
        await stage.press("w", "d")
        for typed, said in (
            (SYNC_ID, "That is this sync itself."),
            (TOKEN, "That looks like a secret, not like a sync ID. It was not sent."),
            ("two words", "That is no sync ID."),
        ):
            await stage.type(typed)
            await stage.press("enter")
            assert isinstance(stage.app.screen, SyncPicker)
            assert said in stage.text
            await stage.press("ctrl+u")
        assert not [request for request in terminal.requests if TOKEN in request.path]
        await stage.type("sync_01OTHER")
        assert "Enter takes what is typed as the ID of one." in stage.words
        await stage.press("enter")
        assert compared(stage).comparison is None
        assert "✗ " in stage.text
        assert "Press d to choose another." in stage.text
        await stage.press("f", "y", "o")  # of which nothing is offered
        compared(stage)
        await stage.press("d", "escape", "escape")
        assert isinstance(stage.app.screen, SyncScreen)


async def test_it_keeps_up_with_a_sync_that_runs(scripted: Scripted) -> None:
    terminal = three(sync(progress=40, issues=[]))
    async with scripted(terminal, MEDIUM) as stage:
        await stage.press("w", "d", "enter")
        assert "It still runs where the other completed" in stage.words
        assert "2 min so far" in stage.text
        terminal.replies |= three(sync(status="failed", failureReason="no access")).replies
        await stage.pass_time(20)
        assert "It failed where the other completed." in stage.words
        assert "no access" in stage.text


async def test_models_of_the_other_kind_are_compared_one_by_one(sandbox: Sandbox, tmp_path: Path) -> None:
    sandbox.add_integration(company="Aa Works", models=("customers", "invoices"))
    async with running(stage_on(sandbox, tmp_path, "demo-stuut", speed=600), MEDIUM) as stage:
        await synced(stage, "Aa Works")
        first = stage.app.screen
        assert isinstance(first, SyncScreen)
        await stage.see("2 of 2 ended", within=600)
        await stage.press("s", "enter")
        await stage.rest()
        await stage.press("d", "enter")
        assert compared(stage).other_id == first.sync_id
        assert "model Customers" in stage.text
        assert "model Invoices" in stage.text
