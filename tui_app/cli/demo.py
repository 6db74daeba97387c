"""``syncscope demo`` without a terminal: the main job from beginning to end, in plain lines."""

from __future__ import annotations

import asyncio
import sys
import time
from collections import Counter
from typing import TYPE_CHECKING

from pydantic import SecretStr

from tui_app.api.errors import ApiError
from tui_app.config.profiles import built_in_profiles
from tui_app.logs.log_file import logged
from tui_app.models.connection import Backfill, Connection, ConnectionDraft
from tui_app.models.sync import SyncRequest
from tui_app.models.text import safe_text
from tui_app.models.times import clock_time, day, duration
from tui_app.opening import EmbeddedServer, open_workspace
from tui_app.watch.journal import EntryKind
from tui_app.widgets.states import last_sync_spans, progress_words, state_spans, with_issues
from tui_app.workspace import Workspace

if TYPE_CHECKING:
    from tui_app.api.base import Capabilities
    from tui_app.models.fleet import FleetRow
    from tui_app.models.sync import Sync
    from tui_app.watch.watch import Watch

ROWS = 16
"""Connections listed; their counts are of all."""

LOOK_FOR = 8.0
"""Seconds to wait for the last syncs before the list is printed as far as it is known."""

DAYS = 7


def say(text: str = "") -> None:
    """One line, at once: whoever reads a pipe sees progress as it comes."""
    print(text, flush=True)


def play(speed: float | None = None, profile: str = "") -> int:
    """Play the main job and return the exit code.

    Args:
        speed: How many times faster than ours the embedded server's time goes.
        profile: Which of the embedded servers; the first by default.
    """
    try:
        with logged("demo, in plain lines"):
            return asyncio.run(_play(speed, profile))
    except ApiError as error:
        problem = error.problem
        for line in (f"✗ {problem.title}", problem.meaning, problem.next_step, problem.server_words):
            if line:
                print(safe_text(line), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Left before the end.", file=sys.stderr)
        return 130


async def _play(speed: float | None, name: str) -> int:
    say("Syncscope demo, SIMULATED, in plain lines because there is no terminal here to show screens in.")
    embedded = EmbeddedServer(speed)
    demo = next(profile for profile in built_in_profiles() if profile.embedded and name in ("", profile.name))
    workspace = await open_workspace(demo, None, None, embedded)
    try:
        say(f"An embedded server answers at {workspace.base_url}; its time goes ×{workspace.speed:g}.")
        say()
        await _list(workspace)
        connection = await _create(workspace)
        return await _sync(workspace, connection)
    finally:
        await workspace.close()
        await embedded.stop()


async def _list(workspace: Workspace) -> None:
    changes = workspace.changes()
    workspace.start()
    workspace.show([])
    try:
        async with asyncio.timeout(LOOK_FOR):
            async for _ in changes:
                reading = workspace.reading
                if reading.problem is not None:
                    raise ApiError(reading.problem)
                if reading.complete and workspace.looked_at >= workspace.to_look_at:
                    break
                if reading.complete:
                    workspace.show([row.id for row in workspace.rows])
    except TimeoutError:
        say(f"(last syncs looked at: {workspace.looked_at} of {workspace.to_look_at})")
    rows = sorted(workspace.rows, key=lambda row: row.sort_key())
    counts = Counter(row.state.word for row in rows)
    say(f"{len(rows)} connections: " + ", ".join(f"{count} {word}" for word, count in counts.items()))
    for row in rows[:ROWS]:
        say("  " + _line(row, workspace))
    if len(rows) > ROWS:
        say(f"  … and {len(rows) - ROWS} more")
    say()


def _line(row: FleetRow, workspace: Workspace) -> str:
    sync = row.last_sync
    if sync is not None and not sync.phase.is_final and progress_words(sync):
        last = progress_words(sync)
    else:
        last = "".join(text for text, _ in last_sync_spans(row, workspace.server_now(), 24))
    name, provider = safe_text(row.connection.name, 32), safe_text(row.connection.provider.name, 18)
    return f"{state_spans(row.state)[0][0]:<16}{name:<34}{provider:<20}{last}".rstrip()


def _draft(can: Capabilities) -> ConnectionDraft:
    """A connection to make, in the form that the server takes."""
    if can.create_fields:
        examples = {"text": "Prairie Lines", "url": "https://erp.prairie.example"}
        values = {field.name: examples[field.kind] for field in can.create_fields if field.kind in examples}
        return ConnectionDraft(provider="netsuite", values=values)
    return ConnectionDraft(
        provider="geotab",
        credentials={
            "username": SecretStr("fleet@prairie.example"),
            "password": SecretStr("simulated"),
            "database": SecretStr("prairie"),
        },
        company_name="Prairie Lines",
        dot_numbers=("1234567",),
        external_id="demo-1",
        backfill=Backfill(days=DAYS),
        tags=("demo",),
    )


async def _create(workspace: Workspace) -> Connection:
    connection = await workspace.create_connection(_draft(workspace.capabilities))
    say(f"Created a connection: {safe_text(connection.name)}, {safe_text(connection.provider.name)}, {connection.id}")
    said = ""
    while (row := workspace.row(connection.id)) is not None and row.connection.hindrance:
        if row.connection.hindrance != said:
            said = row.connection.hindrance
            say(f"Waiting: {safe_text(said)}")
        await asyncio.sleep(1)
        await workspace.read_connection(connection.id)
    return connection


async def _sync(workspace: Workspace, connection: Connection) -> int:
    began = time.monotonic()
    window = workspace.capabilities.sync_window
    requested = await workspace.request_sync(connection.id, SyncRequest(days=DAYS if window else None))
    start = requested.sync.start_from
    days = f" of {DAYS} days" if window else ""
    say(f"Requested a sync{days}{f' (from {day(start)})' if start else ''}: {requested.sync.id}")
    watch = workspace.watch(connection.id, requested.sync.id)
    await _stream(watch)
    sync = watch.latest_sync
    assert sync is not None
    return _end(sync, workspace, time.monotonic() - began)


async def _stream(watch: Watch) -> None:
    """Print the journal as it grows."""
    said = 0
    async for _ in watch.stream():
        for entry in watch.journal[said:]:
            text = f"{float(entry.after):5.1f} %" if entry.kind is EntryKind.PROGRESS and entry.after else entry.text
            say(f"  {clock_time(entry.at)}  {safe_text(text, 200)}")
            if entry.kind is EntryKind.ISSUE_ADDED and watch.latest_sync is not None:
                for issue in watch.latest_sync.known_issues:
                    say(f"            {safe_text(issue.error.message, 300)}")
        said = len(watch.journal)


def _end(sync: Sync, workspace: Workspace, seconds: float) -> int:
    took = f"after {duration(sync.elapsed(workspace.server_now()))} of the server's time, {seconds:.0f} s of yours"
    say()
    if sync.phase.value == "succeeded":
        say(f"✓ Completed{with_issues(sync)}, {took}.")
    else:
        say(f"✗ The sync ended as {safe_text(sync.status)}, {took}. {safe_text(sync.failure_reason or '')}")
    say("To see all this on screens, run `syncscope demo` in a terminal; `syncscope --help` says what else there is.")
    return 0 if sync.phase.value == "succeeded" else 1
