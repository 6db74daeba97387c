"""Syncs are requested once, followed look by look, and found again where one runs already."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from tests.servers import Reply
from tests.unit.api.support import CONNECTION, SYNC, SYNC_ID, TOKEN, bench, connection
from tui_app.api.errors import ApiError, SyncConflict
from tui_app.models.connection import Standing
from tui_app.models.problem import ProblemKind
from tui_app.models.sync import Phase, SyncRequest

CONFLICT = {"code": "conflict", "message": "Sync already in progress"}
RUNNING = "sync_01D8ZQFGHVJ858NBF2Q7DV9MNC"


class TestLooking:
    """Reading one connection or sync."""

    @pytest.mark.parametrize(
        ("status", "phase"),
        [
            ("requested", Phase.WAITING),
            ("in_progress", Phase.RUNNING),
            ("completed", Phase.SUCCEEDED),
            ("failed", Phase.FAILED),
            ("paused", Phase.UNKNOWN),
            ("COMPLETED", Phase.UNKNOWN),
            ("", Phase.UNKNOWN),
        ],
    )
    async def test_every_status_word_is_kept_and_placed(self, status: str, phase: Phase) -> None:
        async with bench(Reply(json=SYNC | {"status": status})) as b:
            sync = await b.api.sync(connection(), SYNC_ID)

            assert (sync.status, sync.phase) == (status, phase)
            (request,) = b.server.requests
            assert (request.path, request.query) == (f"/tsp/v1/syncs/{SYNC_ID}", {"expand": "issues"})
            assert request.headers["connection-token"] == TOKEN

    async def test_expanded_issues_are_read_whole_and_others_as_ids(self) -> None:
        issues = [
            "isu_1",
            {"id": "isu_2"},
            {"id": "isu_3", "status": "ongoing", "connection": "conn_1", "error": {"code": "x", "message": "y"}},
        ]
        async with bench(Reply(json=SYNC | {"issues": issues, "progress": 85, "attempts": 1.5})) as b:
            sync = await b.api.sync(connection(), SYNC_ID)

            assert sync.issue_ids == ["isu_1", "isu_2", "isu_3"]
            assert [issue.error.code for issue in sync.known_issues] == ["x"]
            assert (sync.progress, sync.attempts) == (85, 1.5)

    async def test_provider_requests_are_read_as_words_and_as_objects(self) -> None:
        words = ["historical_files", {"type": "provision_credentials"}]
        async with bench(Reply(json=SYNC | {"status": "in_progress", "providerRequests": words})) as b:
            sync = await b.api.sync(connection(), SYNC_ID)

            assert sync.provider_requests == ["historical_files", "provision_credentials"]
            assert sync.awaits_provider

    @pytest.mark.parametrize("reply", [Reply(503), Reply(429), Reply(drop=True)])
    async def test_a_look_is_taken_once(self, reply: Reply) -> None:
        async with bench(reply) as b:
            with pytest.raises(ApiError):
                await b.api.sync(connection(), SYNC_ID)
            with pytest.raises(ApiError):
                await b.api.connection(connection())

            assert len(b.server.requests) == 2
            assert b.slept == []

    async def test_reading_a_connection_brings_its_last_sync(self) -> None:
        answer = CONNECTION | {
            "status": "disconnected",
            "token": "T9klMDQrcHdm9jrt",
            "lastSync": SYNC | {"status": "failed"},
        }
        async with bench(Reply(json=answer)) as b:
            one = await b.api.connection(connection())

            assert one.standing is Standing.DISCONNECTED
            assert one.last_sync is not None
            assert one.last_sync.phase is Phase.FAILED
            assert one.token is not None
            assert one.token.get_secret_value() == "T9klMDQrcHdm9jrt"
            assert b.server.requests[0].path == "/tsp/v1/connections/current"
            assert b.server.requests[0].headers["connection-token"] == TOKEN

    @pytest.mark.parametrize("answer", [{}, [], None, "x", {"id": SYNC_ID}, SYNC | {"progress": "most"}])
    async def test_what_is_no_sync_is_unreadable(self, answer: Any) -> None:
        async with bench(Reply(json=answer)) as b:
            with pytest.raises(ApiError, match="not a sync") as caught:
                await b.api.sync(connection(), SYNC_ID)

            assert caught.value.problem.kind is ProblemKind.UNREADABLE

    async def test_a_number_that_is_none_is_not_taken_for_progress(self) -> None:
        async with bench(Reply(body=b'{"id": "s", "status": "x", "requestedAt": "2026-01-01", "progress": NaN}')) as b:
            with pytest.raises(ApiError) as caught:
                await b.api.sync(connection(), SYNC_ID)

            assert "progress" in caught.value.problem.message

    @pytest.mark.parametrize(
        ("sync_id", "path"),
        [("a/b", "/tsp/v1/syncs/a%2Fb"), ("a?b=c", "/tsp/v1/syncs/a%3Fb%3Dc"), ("é ", "/tsp/v1/syncs/%C3%A9%20")],
    )
    async def test_an_id_stays_one_part_of_the_path(self, sync_id: str, path: str) -> None:
        async with bench(Reply(json=SYNC)) as b:
            await b.api.sync(connection(), sync_id)

            assert b.server.requests[0].path == path

    @pytest.mark.parametrize("sync_id", ["", ".", ".."])
    async def test_what_is_no_id_is_not_sent(self, sync_id: str) -> None:
        async with bench(Reply(json=SYNC)) as b:
            with pytest.raises(ApiError) as caught:
                await b.api.sync(connection(), sync_id)

            assert caught.value.problem.kind is ProblemKind.REFUSED
            assert b.server.requests == []

    @pytest.mark.parametrize("token", [None, ""])
    async def test_a_connection_without_a_token_is_not_asked_about(self, token: str | None) -> None:
        async with bench(Reply(json=SYNC)) as b:
            for asked in (
                b.api.sync(connection(token=token), SYNC_ID),
                b.api.connection(connection(token=token)),
                b.api.request_sync(connection(token=token), SyncRequest()),
            ):
                with pytest.raises(ApiError) as caught:
                    await asked
                assert "no token" in caught.value.problem.title
            assert b.server.requests == []

    async def test_a_token_that_does_not_fit_is_told_as_such(self) -> None:
        async with bench(Reply(403, json={"code": "forbidden", "message": "Forbidden Request"})) as b:
            with pytest.raises(ApiError) as caught:
                await b.api.connection(connection())

            assert caught.value.problem.kind is ProblemKind.FORBIDDEN
            assert "token" in caught.value.problem.title


class TestRequesting:
    """Asking for a sync."""

    async def test_asking_for_nothing_sends_no_body_at_all(self) -> None:
        async with bench(Reply(201, json=SYNC | {"status": "requested"})) as b:
            sync = await b.api.request_sync(connection(), SyncRequest())

            assert sync.phase is Phase.WAITING
            (request,) = b.server.requests
            assert (request.method, request.path, request.body) == ("POST", "/tsp/v1/syncs", b"")
            assert request.headers.get("content-length", "0") == "0"
            assert "content-type" not in request.headers
            assert request.headers["connection-token"] == TOKEN

    @pytest.mark.parametrize(
        ("asked", "body"),
        [
            (SyncRequest(days=7), b'{"days": 7}'),
            (SyncRequest(days=0.5), b'{"days": 0.5}'),
            (
                SyncRequest(start_from=datetime(2021, 1, 6, 5, 24, 53, tzinfo=timezone(timedelta(hours=2)))),
                b'{"startFrom": "2021-01-06T03:24:53.000Z"}',
            ),
            (SyncRequest(provider_requests=("historical_files",)), b'{"providerRequests": ["historical_files"]}'),
        ],
    )
    async def test_what_is_asked_for_is_sent_as_documented(self, asked: SyncRequest, body: bytes) -> None:
        async with bench(Reply(201, json=SYNC)) as b:
            await b.api.request_sync(connection(), asked)

            assert b.server.requests[0].body == body

    @pytest.mark.parametrize("status", [200, 201, 202])
    async def test_any_success_is_one(self, status: int) -> None:
        async with bench(Reply(status, json=SYNC)) as b:
            assert (await b.api.request_sync(connection(), SyncRequest())).id == SYNC_ID

    async def test_what_no_provider_can_be_asked_is_refused_before_the_gate(self) -> None:
        async with bench(Reply(201, json=SYNC), locked=True) as b:
            b.gate.unlock("request_sync")
            with pytest.raises(ApiError) as caught:
                await b.api.request_sync(connection(), SyncRequest(provider_requests=("pizza",)))

            assert caught.value.problem.kind is ProblemKind.REFUSED
            assert b.gate.unlocked == "request_sync"
            assert b.server.requests == []

    async def test_a_locked_profile_sends_nothing(self) -> None:
        async with bench(Reply(201, json=SYNC), locked=True) as b:
            with pytest.raises(ApiError) as caught:
                await b.api.request_sync(connection(), SyncRequest())

            assert caught.value.problem.kind is ProblemKind.REFUSED
            assert b.server.requests == []

    async def test_the_request_can_be_shown_before_it_is_sent(self) -> None:
        async with bench(Reply()) as b:
            planned = b.api.planned_sync(connection(), SyncRequest(days=7))

            assert (planned.method, planned.path, planned.body) == ("POST", "/tsp/v1/syncs", '{"days": 7}')
            assert TOKEN not in repr(planned)
            assert b.server.requests == []


class TestConflict:
    """One runs already."""

    async def conflict(self, *script: Reply) -> tuple[SyncConflict, int]:
        """Ask for a sync where one runs; what was raised, and how many requests it took."""
        async with bench(*script) as b:
            with pytest.raises(SyncConflict) as caught:
                await b.api.request_sync(connection(), SyncRequest(days=7))
            assert [one.method for one in b.server.requests].count("POST") == 1
            return caught.value, len(b.server.requests)

    async def test_the_one_that_runs_is_named_in_the_detail(self) -> None:
        error, requests = await self.conflict(
            Reply(409, json=CONFLICT | {"detail": f"Existing sync in progress: {RUNNING}"})
        )

        assert (error.running, requests) == (RUNNING, 1)
        assert error.problem.kind is ProblemKind.CONFLICT
        assert error.problem.message == "Sync already in progress"

    async def test_without_a_detail_the_first_that_is_not_final_is_looked_for(self) -> None:
        error, requests = await self.conflict(
            Reply(409, json=CONFLICT),
            Reply(json={"results": [SYNC], "next": "c1"}),
            Reply(json={"results": [SYNC | {"id": RUNNING, "status": "in_progress"}, SYNC | {"id": "sync_x"}]}),
        )

        assert (error.running, requests) == (RUNNING, 3)

    @pytest.mark.parametrize(
        "body", [b"", b"<html>", b'{"detail": ["x"]}', b'{"detail": "Existing sync in progress: ?"}']
    )
    async def test_where_it_cannot_be_found_it_stays_unnamed(self, body: bytes) -> None:
        error, _ = await self.conflict(Reply(409, body=body), Reply(json={"results": [SYNC]}))

        assert error.running == ""

    async def test_looking_for_it_may_fail_without_hiding_the_conflict(self) -> None:
        error, _ = await self.conflict(Reply(409, json=CONFLICT), Reply(403))

        assert error.running == ""
        assert error.problem.status == 409

    async def test_looking_for_it_ends(self) -> None:
        script = [Reply(json={"results": [SYNC], "next": f"c{number}"}) for number in range(100)]
        error, requests = await self.conflict(Reply(409, json=CONFLICT), *script)

        assert error.running == ""
        assert requests == 21

    async def test_another_failure_is_no_conflict(self) -> None:
        async with bench(Reply(422, json={"code": "connection_disconnected", "message": "m"})) as b:
            with pytest.raises(ApiError) as caught:
                await b.api.request_sync(connection(), SyncRequest())

            assert not isinstance(caught.value, SyncConflict)
            assert "disconnected" in caught.value.problem.title
