"""What the tests of Stuut's client share: rows as its API sends them, and a client opened on a scripted server."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from tests.servers import Reply, ScriptedServer, ServerRequest
from tests.unit.api.support import Bench, bench
from tui_app.api.gate import Gate
from tui_app.api.stuut import StuutApi
from tui_app.api.stuut_reading import read_connection
from tui_app.models.connection import Connection

EXAMPLE: dict[str, Any] = {
    "created_at": "2023-11-07T05:31:56Z",
    "modified_at": "2023-11-07T05:31:56Z",
    "id": "<string>",
    "status": "scheduled",
    "attempt": 123,
    "batch_id": "3c90c3cc-0d44-4b50-8888-8dd25736052a",
    "completed_at": "2023-11-07T05:31:56Z",
    "entity_id": "<string>",
    "error": "<string>",
    "file_id": "<string>",
    "is_initial_sync": True,
    "is_one_off": True,
    "model_id": "<string>",
    "pagination_state": {},
    "started_at": "2023-11-07T05:31:56Z",
    "timerange_end": "2023-11-07T05:31:56Z",
    "timerange_start": "2023-11-07T05:31:56Z",
    "object": "<string>",
}
"""The documented example of the answer to POST /v2/integrations/connections/{connection_id}/sync."""

NULLABLE = (
    "modified_at",
    "batch_id",
    "completed_at",
    "entity_id",
    "error",
    "file_id",
    "started_at",
    "timerange_end",
    "timerange_start",
)
BATCH = "3c90c3cc-0d44-4b50-8888-8dd25736052a"
OTHER = "77777777-0d44-4b50-8888-8dd25736052a"


def at(minutes: float) -> str:
    """A time on the day of these tests."""
    seconds = round(minutes * 60)
    return f"2026-11-22T{12 + seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}Z"


def job(name: str, model: str, *, made: float = 0, status: str = "queued", **fields: Any) -> dict[str, Any]:
    """A job's row: of batch `BATCH`, requested, made and changed at a minute of the day."""
    row = dict.fromkeys(NULLABLE) | {
        "created_at": at(made),
        "modified_at": at(made),
        "id": name,
        "status": status,
        "attempt": 0,
        "batch_id": BATCH,
        "is_initial_sync": False,
        "is_one_off": True,
        "model_id": model,
        "pagination_state": {},
        "object": "sync",
    }
    return row | fields


def model(name: str, last_sync: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    """A model's row; its ID is its name, in capitals for people."""
    row = {
        "created_at": at(0),
        "modified_at": None,
        "id": name,
        "name": name,
        "display_name": name.capitalize(),
        "is_read_enabled": True,
        "is_write_enabled": False,
        "is_custom_object": False,
        "is_file_upload_enabled": False,
        "is_webhooks_setup": False,
        "is_sync_supported": True,
        "next_sync_at": None,
        "connection_id": "c1",
        "last_sync": last_sync,
        "object": "model",
    }
    return row | fields


def listed(*models: Any, **fields: Any) -> dict[str, Any]:
    """A connection's row."""
    row = {
        "id": "c1",
        "created_at": at(0),
        "modified_at": at(1),
        "is_authentication_pending": False,
        "is_running_setup": False,
        "is_sync_disabled": False,
        "health": {
            "authentication_required": False,
            "message": "Fine",
            "healthy": True,
            "status_code": "healthy",
            "suggested_resolution": None,
            "timestamp": at(2),
        },
        "models": list(models),
        "provider_name": "netsuite",
        "name": "Main ledger",
        "company": "Juniper & Vale",
        "environment": "production",
    }
    return row | fields


def connection(*models: Any, **fields: Any) -> Connection:
    """A connection as it was read from the list."""
    return read_connection(listed(*models, **fields))


@dataclass
class StuutBench:
    """A scripted server and a client of Stuut's API that speaks to it."""

    server: ScriptedServer
    api: StuutApi
    gate: Gate
    slept: list[float]

    @property
    def sent(self) -> list[str]:
        """What the server was sent: methods and paths below the base URL."""
        return [f"{one.method} {one.path.removeprefix('/v2/integrations')}" for one in self.server.requests]


@asynccontextmanager
async def stuut(*script: Reply | Callable[[ServerRequest], Reply], **options: Any) -> AsyncIterator[StuutBench]:
    """Start a server with a script, and a client of it."""
    made: Bench
    async with bench(*script, **options) as made:
        made.transport.base_url = f"http://127.0.0.1:{made.server.port}/v2/integrations"
        yield StuutBench(made.server, StuutApi(made.transport), made.gate, made.slept)
