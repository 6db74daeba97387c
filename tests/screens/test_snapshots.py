"""What the screens look like: compared with pictures that somebody has looked at and would show to a customer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.screens.conftest import stage_on
from tests.screens.stage import LARGE, MEDIUM, SMALL, Stage
from tests.screens.test_create import fill_geotab
from tests.screens.test_sync import watch
from tui_app.sandbox.server import Sandbox

Compare = Callable[..., bool]
Scene = Callable[[Stage, Sandbox], Awaitable[Any]]

LOOKS = [("dark", SMALL), ("dark", MEDIUM), ("dark", LARGE), ("light", MEDIUM)]


async def connections(stage: Stage, sandbox: Sandbox) -> None:
    await stage.press("down", "down")


async def connection(stage: Stage, sandbox: Sandbox) -> None:
    await stage.press("down", "down", "enter")


async def create(stage: Stage, sandbox: Sandbox) -> None:
    await fill_geotab(stage)
    await stage.fill("company", "Prairie Lines")
    await stage.fill("days", "7")
    await stage.fill("tags", "midwest, vip")


async def sync_running(stage: Stage, sandbox: Sandbox) -> None:
    await watch(stage, "pine barrens")
    await stage.pass_time(40)


async def sync_completed(stage: Stage, sandbox: Sandbox) -> None:
    await watch(stage, "pine barrens")
    await stage.pass_time(40)
    sandbox.clock.advance(600)
    await stage.see("✓ Completed", within=60)


async def profiles(stage: Stage, sandbox: Sandbox) -> None:
    await stage.press("5")


async def explained(stage: Stage, sandbox: Sandbox) -> None:
    await stage.press("question_mark")


async def sync_earlier(stage: Stage, sandbox: Sandbox) -> None:
    await sync_running(stage, sandbox)
    await stage.press("t", "left", "left", "left")


async def compared(stage: Stage, sandbox: Sandbox) -> None:
    await sync_completed(stage, sandbox)
    await stage.press("d", "enter")


async def issues(stage: Stage, sandbox: Sandbox) -> None:
    await stage.press("2", "down")


async def integrations(stage: Stage, sandbox: Sandbox) -> None:
    await stage.press("down")


async def integration_models(stage: Stage, sandbox: Sandbox) -> None:
    await stage.press("enter", "tab")


async def parts_running(stage: Stage, sandbox: Sandbox) -> None:
    outcomes = {"customers": "retry", "invoices": "failed"}
    models = ("customers", "invoices", "payments", "credit_memos")
    sandbox.add_integration(company="Aa Works", models=models, outcomes=outcomes)
    await stage.press("R")
    await stage.press("/")
    await stage.type("aa works")
    await stage.press("enter", "s", "enter")
    await stage.see("✗ failed")


SCENES: dict[str, Scene] = {
    "connections": connections,
    "connection": connection,
    "create": create,
    "sync-running": sync_running,
    "sync-completed": sync_completed,
    "sync-earlier": sync_earlier,
    "compared": compared,
    "issues": issues,
    "profiles": profiles,
    "help": explained,
    "integrations": integrations,
    "integration-models": integration_models,
    "parts-running": parts_running,
}
ON_THE_OTHER_SERVER = ("integrations", "integration-models", "parts-running")


@pytest.mark.parametrize(("theme", "size"), LOOKS, ids=lambda part: part if isinstance(part, str) else f"{part[0]}")
@pytest.mark.parametrize("scene", SCENES)
def test_it_looks_as_approved(
    snap_compare: Compare,
    sandbox: Sandbox,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    scene: str,
    theme: str,
    size: tuple[int, int],
) -> None:
    monkeypatch.setenv("SYNCSCOPE_THEME", f"syncscope-{theme}")
    other = scene in ON_THE_OTHER_SERVER
    stage = stage_on(sandbox, tmp_path, "demo-stuut", speed=30) if other else stage_on(sandbox, tmp_path)

    async def play(pilot: Pilot[int]) -> None:
        await stage.begin(pilot)
        await SCENES[scene](stage, sandbox)
        stage.app.clear_notifications()
        await stage.rest()

    assert snap_compare(stage.app, terminal_size=size, run_before=play)
