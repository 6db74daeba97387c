"""What was sent is sent again with the same token; changes pass the gate, and what was secret is not kept for it."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import SecretStr

from tests.servers import Reply
from tests.unit.api.support import KEY, OK, TOKEN, bench
from tests.unit.workspace.bench import Terminal, a_connection, a_list, a_sync, an_issue, current, let_pass, opened
from tui_app.api.again import Sent
from tui_app.api.errors import ApiError
from tui_app.api.wire import Body, Call
from tui_app.models.connection import ConnectionDraft
from tui_app.models.sync import Phase, Sync
from tui_app.workspace.again import planned_again, send_again
from tui_app.workspace.ids import KnownIds, Place

FLEET = [a_connection(number) for number in range(3)]


def terminal(**routes: Any) -> Terminal:
    """A server with three connections, of which the second has a sync and an issue."""
    made = Terminal()
    made.routes |= {
        "GET /connections": a_list(*FLEET),
        "GET /issues": a_list(an_issue(7, 1)),
        "GET /connections/current": current(*FLEET),
        **routes,
    }
    return made


class TestSendingAgain:
    async def test_a_read_is_sent_once_with_the_token_that_it_had(self) -> None:
        server = terminal()
        async with opened(server, start=False) as (workspace, _):
            await workspace.read_fleet()
            await workspace.read_connection("conn_1")
            (look,) = [each for each in workspace.recorder if each.request.path.endswith("/current")]
            again = planned_again(workspace, look)
            assert again is not None
            assert (again.planned, again.action) == (look.request, "")

            sent = await send_again(workspace, look)

            assert sent is not None
            assert (sent.request, sent.status) == (look.request, 200)
            assert sent.number > look.number
            tokens = [each.headers["connection-token"] for each in server.sent("GET /connections/current")]
            assert tokens == [FLEET[1]["token"]] * 2

    async def test_what_the_server_refuses_now_is_what_came_of_it(self) -> None:
        server = terminal()
        async with opened(server, start=False) as (workspace, _):
            await workspace.read_fleet()
            (read,) = [each for each in workspace.recorder if each.request.path.endswith("/connections")]
            server.routes["GET /connections"] = Reply(503)

            sent = await send_again(workspace, read)

            assert sent is not None
            assert (sent.status, sent.attempt) == (503, 1)
            assert len(server.sent("GET /connections")) == 2

    async def test_a_change_passes_the_gate_under_the_name_that_it_had(self) -> None:
        async with bench(OK, OK, locked=True) as b:
            b.gate.unlock("request_sync")
            await b.transport.write("POST", "/syncs", action="request_sync", json={"days": 7}, token=SecretStr(TOKEN))
            (made,) = b.recorder
            kept = b.transport.sent.of(made.number)
            assert kept is not None
            assert kept.action == "request_sync"
            assert kept.planned(b.transport) == made.request

            with pytest.raises(ApiError, match="locked"):
                await kept.send(b.transport)
            assert len(b.server.requests) == 1
            b.gate.unlock("request_sync")
            await kept.send(b.transport)

            first, second = b.server.requests
            assert (second.body, second.headers) == (first.body, first.headers)

    async def test_what_was_sent_with_typed_secrets_cannot_be_sent_again(self) -> None:
        server = terminal(**{"POST /connections": Reply(json=a_connection(9))})
        async with opened(server, start=False) as (workspace, _):
            credentials = {"username": SecretStr("user"), "password": SecretStr("hunter2-but-longer")}
            await workspace.create_connection(ConnectionDraft(provider="geotab", credentials=credentials))
            (made,) = workspace.recorder

            assert planned_again(workspace, made) is None
            assert await send_again(workspace, made) is None
            assert len(server.sent("POST /connections")) == 1

    def test_only_the_latest_are_kept_and_none_of_them_shows_a_secret(self) -> None:
        sent = Sent(most=2)
        for number in range(3):
            sent.keep(number, Call("GET", "/x", key=SecretStr(KEY), token=SecretStr(TOKEN), body=Body({"a": 1})))

        assert sent.of(0) is None
        assert sent.of(2) is not None
        assert TOKEN not in f"{sent!r} {sent.of(2)!r}"


class TestKnownIds:
    async def test_connections_syncs_and_issues_that_were_met_are_known(self) -> None:
        sync = Sync.model_validate(a_sync(1) | {"phase": Phase.RUNNING})
        async with opened(terminal()) as (workspace, clock):
            await let_pass(clock, lambda: any(row.issues for row in workspace.rows))
            workspace.fleet.saw("conn_1", sync, workspace.server_now())
            known = KnownIds(workspace)

            assert known.find("conn_2") == Place("conn_2")
            assert known.find(sync.id) == Place("conn_1", sync.id)
            assert known.find("isu_7") == Place("conn_1")
            assert "isu_8" not in known
            assert "connections" not in known
