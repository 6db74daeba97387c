"""Finding what an ID names, for whoever has nothing but the ID."""

from __future__ import annotations

import asyncio

import pytest

from tests.servers import Reply, ServerRequest
from tests.unit.workspace.bench import Terminal, a_connection, a_list, a_sync, let_pass, opened
from tui_app.api.errors import ApiError
from tui_app.workspace.lookup import Found, look_up

FLEET = [
    a_connection(
        number, token=f"con_tkn_{number:032d}", externalId=f"fleet-{number}", updatedAt=f"2026-11-{number:02d}"
    )
    for number in range(1, 31)
]


def server(owner: int = 3, status: int = 404) -> Terminal:
    """A server on which one connection has the sync; the others are refused with a status."""
    made = Terminal()

    def sync(request: ServerRequest) -> Reply:
        if request.headers["connection-token"] == FLEET[owner - 1]["token"]:
            return Reply(json=a_sync(7))
        return Reply(status, json={"code": "not_found", "message": "No such sync"})

    made.routes |= {"GET /connections": a_list(*FLEET), f"GET /syncs/{a_sync(7)['id']}": sync}
    return made


async def found(made: Terminal, wanted: str) -> tuple[Found | None, list[str], Terminal]:
    said: list[str] = []
    async with opened(made, start=False) as (workspace, clock):
        task = asyncio.create_task(look_up(workspace, wanted, said.append))
        await let_pass(clock, task.done)
        result = task.result()
        if result is not None:
            assert workspace.row(result.connection_id) is not None
    return result, said, made


@pytest.mark.parametrize("wanted", ["conn_3", "fleet-3"])
async def test_a_connection_is_found_in_the_list(wanted: str) -> None:
    place, _, made = await found(server(), wanted)
    assert place == Found("conn_3")
    assert made.asked == ["GET /connections"]


async def test_a_sync_is_asked_for_where_synced_last_first_with_progress() -> None:
    place, said, made = await found(server(owner=3), a_sync(7)["id"])
    assert place == Found("conn_3", a_sync(7)["id"])
    asked = [request.headers["connection-token"] for request in made.sent(f"GET /syncs/{a_sync(7)['id']}")]
    assert asked == [FLEET[number - 1]["token"] for number in range(30, 2, -1)]
    assert said == ["30 connections listed", "25 of 30 connections asked for it"]


async def test_what_nobody_has_is_not_found() -> None:
    place, _, made = await found(server(), "sync_nobody")
    assert place is None
    assert len(made.asked) == 31


async def test_a_server_that_fails_is_no_answer() -> None:
    with pytest.raises(ApiError):
        await found(server(status=500), a_sync(7)["id"])
