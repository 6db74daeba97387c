"""Takes the README's pictures from the running application on its embedded server.

Run ``make screenshots``.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from pathlib import Path

from pydantic import SecretStr
from textual.pilot import Pilot

from tui_app.app import Syncscope
from tui_app.models.connection import ConnectionDraft
from tui_app.models.sync import SyncRequest
from tui_app.screens.sync import SyncScreen

FOLDER = Path(__file__).parent


async def until(pilot: Pilot[int], holds: Callable[[], bool]) -> None:
    """Let the application run until something holds.

    Raises:
        TimeoutError: It did not within a minute.
    """
    async with asyncio.timeout(60):
        while not holds():
            await pilot.pause(0.05)


def save(app: Syncscope, name: str) -> None:
    """Write the screen as SVG, without the web font that Textual names: a picture asks no host for anything."""
    picture = app.export_screenshot(title="syncscope", simplify=True)
    picture = re.sub(r'\s*url\("https?://[^"]*"\)[^;,]*,?', "", picture)
    picture = re.sub(r",\s*;", ";", picture)
    assert "https://cdn" not in picture
    (FOLDER / f"{name}.svg").write_text(picture)


async def take() -> None:
    """Go through the main job and take a picture at each place."""
    app = Syncscope("demo", demo_speed=30)
    async with app.run_test(size=(140, 34)) as pilot:
        await until(pilot, lambda: app.workspace is not None and app.workspace.reading.complete)
        workspace = app.workspace
        assert workspace is not None
        await until(pilot, lambda: workspace.looked_at >= workspace.to_look_at)
        await pilot.press("down", "down", "down", "down")
        await pilot.pause(0.3)
        save(app, "connections")
        credentials = {"username": SecretStr("fleet@prairie.example"), "password": SecretStr("simulated")}
        draft = ConnectionDraft(provider="geotab", credentials=credentials, company_name="Prairie Lines")
        created = await workspace.create_connection(draft)
        requested = await workspace.request_sync(created.id, SyncRequest(days=7))
        app.open_sync(created.id, requested.sync.id)
        await until(pilot, lambda: isinstance(app.screen, SyncScreen))
        watch = workspace.watch(created.id, requested.sync.id)

        def issue_came() -> bool:
            sync = watch.latest_sync
            return sync is not None and bool(sync.known_issues) and (sync.progress or 0) > 65

        await until(pilot, issue_came)
        await pilot.pause(0.2)
        save(app, "sync")


if __name__ == "__main__":
    asyncio.run(take())
