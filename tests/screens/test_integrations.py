"""Connections with models, on the simulated integrations server: health first, parts, and a history of our own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.screens.conftest import running, stage_on
from tests.screens.stage import LARGE, MEDIUM, SIZES, SMALL, Stage
from tui_app.models.fleet import FleetRow
from tui_app.sandbox.server import Sandbox
from tui_app.screens.connection import ConnectionScreen
from tui_app.screens.connections import ConnectionsScreen
from tui_app.screens.sync import SyncScreen
from tui_app.widgets.table import Table


def on(sandbox: Sandbox, folder: Path) -> Stage:
    return stage_on(sandbox, folder, "demo-stuut", speed=30)


async def choose(stage: Stage, name: str) -> None:
    """Put the list's cursor on a connection."""
    screen = stage.app.screen
    assert isinstance(screen, ConnectionsScreen)
    row = next(row for row in screen.table.rows if row.connection.name == name)
    assert screen.table.select(row.id)
    await stage.rest()


async def synced(stage: Stage, name: str) -> None:
    """Request a sync of a connection and go to its screen."""
    await choose(stage, name)
    await stage.press("s", "enter")
    assert isinstance(stage.app.screen, SyncScreen), stage.text


@pytest.mark.parametrize("size", SIZES)
async def test_what_is_unhealthy_stands_first_and_everything_fits(
    sandbox: Sandbox, tmp_path: Path, size: tuple[int, int]
) -> None:
    async with running(on(sandbox, tmp_path), size) as stage:
        screen = stage.app.screen
        assert isinstance(screen, ConnectionsScreen)
        words = [row.state.word for row in screen.table.rows]
        assert words[0] == "unhealthy"
        assert list(screen.table.rows) == sorted(screen.table.rows, key=FleetRow.sort_key)
        assert all(len(line) <= size[0] for line in stage.lines)
        assert "Connection" in stage.line("Last sync")
        assert "External" not in stage.text
        assert "Open" not in stage.line("Last sync")
        assert "issues:" not in stage.text


async def test_health_is_what_a_person_sees_first(sandbox: Sandbox, tmp_path: Path) -> None:
    made = sandbox.add_integration(company="Aa Works")
    sandbox.set_health(
        made["id"],
        healthy=False,
        status_code="token_expired",
        authentication_required=True,
        message="The refresh token is no longer valid",
        suggested_resolution="Ask the controller to connect again",
    )
    async with running(on(sandbox, tmp_path), MEDIUM) as stage:
        await choose(stage, "Aa Works")
        await stage.press("enter")
        above = stage.words.split("last sync")[0]
        for said in (
            "✗ unhealthy",
            "token_expired",
            "somebody must sign in again",
            "found",
            "The refresh token is no longer valid",
            "→ Ask the controller to connect again",
        ):
            assert said in above


async def test_a_sync_shows_each_model_and_ends_when_all_have(sandbox: Sandbox, tmp_path: Path) -> None:
    sandbox.add_integration(company="Aa Works", models=("customers", "invoices"))
    async with running(on(sandbox, tmp_path), MEDIUM) as stage:
        await choose(stage, "Aa Works")
        await stage.press("s")
        assert "One job each for Customers, Invoices." in stage.words
        await stage.press("enter")
        assert "Models 0 of 2 ended · asked for by hand, first sync" in stage.words
        assert "no try yet" in stage.line("Customers")
        await stage.see("◐ running")
        await stage.see("1 of 2 models")
        await stage.see("✓ Completed")
        assert "Models 2 of 2 ended" in stage.words
        assert "✓ complete" in stage.line("Customers  ")
        assert "everything up to" in stage.text
        assert "Customers: running → complete" in stage.text
        assert any("Sync completed" in toast for toast in stage.toasts)


async def test_a_retry_and_a_failure_are_told_model_by_model(sandbox: Sandbox, tmp_path: Path) -> None:
    sandbox.add_integration(
        company="Aa Works",
        models=("customers", "invoices", "payments"),
        outcomes={"customers": "retry", "invoices": "failed", "payments": "cancelled"},
    )
    async with running(on(sandbox, tmp_path), LARGE) as stage:
        await synced(stage, "Aa Works")
        await stage.see("◔ pending retry")
        await stage.see("✗ Failed:")
        assert "1 of 3 failed" in stage.text
        assert "✗ failed" in stage.line("Invoices  ")
        assert "▫ cancelled" in stage.line("Payments  ")
        assert "✓ complete" in stage.line("Customers  ")
        assert "try 3" in stage.line("Customers  ")
        assert "Customers: pending_retry → " in stage.text
        assert "attempt 2" in stage.text
        assert "Invoices: " in stage.line("✗ Failed:")


@pytest.mark.parametrize("field", ["is_sync_disabled", "is_running_setup", "is_authentication_pending"])
async def test_what_cannot_sync_says_why_before_and_after_it_is_asked_to(
    sandbox: Sandbox, tmp_path: Path, field: str
) -> None:
    sandbox.add_integration(
        company="Aa Works",
        is_sync_disabled=field == "is_sync_disabled",
        is_running_setup=field == "is_running_setup",
        is_authentication_pending=field == "is_authentication_pending",
    )
    async with running(on(sandbox, tmp_path), MEDIUM) as stage:
        await choose(stage, "Aa Works")
        assert field in stage.words.replace(" ", "")
        await stage.press("s")
        assert field in stage.words
        assert "It will most likely refuse." in stage.words
        await stage.press("enter")
        assert any("for this connection" in toast for toast in stage.toasts), stage.toasts
        assert isinstance(stage.app.screen, ConnectionsScreen)


async def test_models_tell_what_they_carry_and_when_they_sync_next(sandbox: Sandbox, tmp_path: Path) -> None:
    made = sandbox.add_integration(company="Aa Works", models=("customers", "invoices"))
    sandbox.switch_model(made["id"], "invoices", enabled=False)
    async with running(on(sandbox, tmp_path), MEDIUM) as stage:
        await choose(stage, "Aa Works")
        await stage.press("enter", "tab")
        assert "Overview Models Syncs JSON" in stage.words
        assert "never synced" in stage.line("Customers")
        assert "not read" in stage.line("Invoices")
        await stage.press("enter")
        assert any("never synced" in toast for toast in stage.toasts)


async def test_a_models_job_opens_the_sync_that_it_belongs_to(sandbox: Sandbox, tmp_path: Path) -> None:
    async with running(on(sandbox, tmp_path), MEDIUM) as stage:
        screen = stage.app.screen
        assert isinstance(screen, ConnectionsScreen)
        row = next(row for row in screen.table.rows if row.last_sync is not None and row.last_sync.phase.is_final)
        await choose(stage, row.connection.name)
        await stage.press("enter", "tab", "enter")
        assert isinstance(stage.app.screen, SyncScreen), stage.text
        assert "Models" in stage.text


async def test_what_was_seen_is_the_history_and_said_to_be(sandbox: Sandbox, tmp_path: Path) -> None:
    sandbox.add_integration(company="Aa Works", models=("customers",))
    async with running(on(sandbox, tmp_path), MEDIUM) as stage:
        await choose(stage, "Aa Works")
        await stage.press("enter", "tab", "tab")
        assert "This server keeps no history. These are the syncs that Syncscope itself saw" in stage.words
        assert "No sync of it was seen yet." in stage.text
        await stage.press("s", "enter")
        await stage.see("✓ Completed")
        await stage.press("escape")
        screen = stage.app.screen
        assert isinstance(screen, ConnectionScreen)
        assert "✓ complete" in stage.text
        assert "1 of 1" in stage.text
        assert len(screen.query_one("#syncs-table", Table).rows) == 1


async def test_jobs_without_a_batch_are_said_to_be_told_by_model_and_time(sandbox: Sandbox, tmp_path: Path) -> None:
    sandbox.add_integration(company="Aa Works", models=("customers",), is_on_premise=True)
    async with running(on(sandbox, tmp_path), MEDIUM) as stage:
        await synced(stage, "Aa Works")
        await stage.see("✓ Completed")


async def test_two_keys_go_from_one_embedded_server_to_the_other_and_back(sandbox: Sandbox, tmp_path: Path) -> None:
    async with running(stage_on(sandbox, tmp_path), MEDIUM) as stage:
        assert "Company" in stage.line("Last sync")
        assert "] other server" in stage.lines[-1]
        await stage.press("]")
        await stage.see("unhealthy")
        assert "demo-stuut" in stage.lines[0]
        assert "Connection" in stage.line("Last sync")
        await stage.press("[")
        await stage.see("Company")
        assert "demo-stuut" not in stage.lines[0]
        await stage.press("[")
        await stage.see("unhealthy")
        assert "demo-stuut" in stage.lines[0]


async def test_on_a_narrow_screen_the_models_stand_before_the_journal(sandbox: Sandbox, tmp_path: Path) -> None:
    sandbox.add_integration(company="Aa Works", models=("customers",))
    async with running(on(sandbox, tmp_path), SMALL) as stage:
        await synced(stage, "Aa Works")
        assert "Models 0 of 1" in stage.text
        assert "Journal" not in stage.text
        await stage.press("tab")
        assert "Journal" in stage.text
        assert "Models" not in stage.text
        await stage.press("tab")
        assert "Models 0 of 1" in stage.text
