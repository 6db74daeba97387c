"""Connections are listed, made and changed, and syncs requested and followed, by the four requests that there are."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from tests.servers import Reply
from tests.unit.api.stuut_support import BATCH, OTHER, at, connection, job, listed, model, stuut
from tests.unit.api.support import rows
from tui_app.api.base import ConnectionQuery
from tui_app.api.errors import ApiError, SyncConflict
from tui_app.api.stuut import StuutApi
from tui_app.api.stuut_batches import BY_TIME, NOT_LISTED, OVERTAKEN, SWITCHED_OFF
from tui_app.models.connection import Backfill, ConnectionDraft, Standing
from tui_app.models.problem import FieldProblem, ProblemKind
from tui_app.models.sync import Phase, SyncRequest

DRAFT = ConnectionDraft(provider="netsuite", values={"name": "Main ledger", "api_url": "", "is_on_premise": False})


def listing(*models: Any, **fields: Any) -> Reply:
    """A list of one connection."""
    return Reply(json=[listed(*models, **fields)])


class TestCapabilities:
    """What this kind of server can do."""

    def test_it_makes_and_changes_connections_by_plain_fields_and_syncs_in_parts(self) -> None:
        can = StuutApi.capabilities

        assert can.create_connection
        assert can.parts
        assert can.listed_syncs
        assert [(one.name, one.kind, one.required) for one in can.create_fields] == [
            ("name", "text", True),
            ("api_url", "url", False),
            ("is_on_premise", "switch", False),
        ]
        assert [one.name for one in can.edit_fields] == ["provider_name", "name", "company", "environment"]
        assert not any(
            (
                can.credential_fields,
                can.sync_window,
                can.provider_requests,
                can.sync_history,
                can.progress,
                can.retry,
                can.cancel,
                can.issues,
                can.providers,
                can.connection_tokens,
            )
        )

    async def test_what_it_cannot_is_refused_without_a_request(self) -> None:
        async with stuut() as b:
            for asked in (rows(b.api.syncs(connection())), rows(b.api.issues()), b.api.providers()):
                with pytest.raises(ApiError) as caught:
                    await asked
                assert caught.value.problem.kind is ProblemKind.UNSUPPORTED
            assert b.sent == []


class TestReading:
    """One connection, or those that fit."""

    async def test_one_connection_is_picked_from_the_list_by_a_single_try(self) -> None:
        async with stuut(Reply(json=[listed(id="c0"), listed(name="Now called this")])) as b:
            assert (await b.api.connection(connection())).name == "Now called this"
            assert b.sent == ["GET /connections"]
            assert b.server.requests[0].query == {}
            assert b.server.requests[0].headers["authorization"].startswith("Bearer ")
        async with stuut(Reply(503)) as b:
            with pytest.raises(ApiError):
                await b.api.connection(connection())
            assert (len(b.sent), b.slept) == (1, [])

    async def test_a_connection_that_is_gone_is_not_found(self) -> None:
        async with stuut(Reply(json=[])) as b:
            for asked in (b.api.connection(connection()), b.api.sync(connection(), BATCH)):
                with pytest.raises(ApiError) as caught:
                    await asked
                assert caught.value.problem.kind is ProblemKind.NOT_FOUND
                assert "connection" in caught.value.problem.title

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            (ConnectionQuery(), ["c1", "c2", "c3"]),
            (ConnectionQuery(limit=1), ["c1", "c2", "c3"]),
            (ConnectionQuery(status="healthy"), ["c1", "c2"]),
            (ConnectionQuery(status="rate_limited"), ["c3"]),
            (ConnectionQuery(provider="xero"), ["c2"]),
            (ConnectionQuery(provider="xero", status="rate_limited"), []),
            (ConnectionQuery(external_id="e"), []),
            (ConnectionQuery(tag="vip"), []),
            (ConnectionQuery(dot_number="1234567"), []),
            (ConnectionQuery(updated_after=datetime.fromisoformat(at(5))), ["c2"]),
            (ConnectionQuery(updated_before=datetime.fromisoformat(at(1))), ["c1"]),
            (ConnectionQuery(order="asc"), ["c3", "c1", "c2"]),
            (ConnectionQuery(order="desc"), ["c2", "c1", "c3"]),
        ],
    )
    async def test_filters_that_the_server_lacks_are_applied_here(
        self, query: ConnectionQuery, found: list[str]
    ) -> None:
        answer = [
            listed(),
            listed(id="c2", provider_name="xero", modified_at=at(5), created_at=at(3)),
            listed(id="c3", health={"status_code": "rate_limited"}, modified_at=None, created_at=None),
            {"name": "unreadable"},
        ]
        async with stuut(Reply(json=answer)) as b:
            (page,) = [page async for page in b.api.connections(query)]

            assert [one.id for one in page.items] == found
            assert [one.row for one in page.unreadable] == [3]
            assert page.next is None
            assert b.server.requests[0].query == {}


class TestMakingAndChanging:
    """Writes on connections."""

    async def test_a_connection_is_made_from_its_provider_and_its_fields(self) -> None:
        async with stuut(Reply(201, json=listed(is_running_setup=True))) as b:
            made = await b.api.create_connection(DRAFT)

            assert (made.id, made.standing) == ("c1", Standing.SETTING_UP)
            assert b.sent == ["POST /connections"]
            assert b.server.requests[0].json == {
                "provider_name": "netsuite",
                "name": "Main ledger",
                "is_on_premise": False,
            }

    async def test_what_is_shown_before_is_what_is_sent(self) -> None:
        async with stuut(Reply(201, json=listed())) as b:
            create, update = b.api.planned_connection(DRAFT), b.api.planned_update(connection(), {"name": "New"})
            assert b.sent == []
            await b.api.create_connection(DRAFT)
            await b.api.update_connection(connection(), {"name": "New"})

            for planned, sent in zip((create, update), b.server.requests, strict=True):
                assert planned.url.endswith(sent.path)
                assert planned.method == sent.method
                assert json.loads(planned.body or "") == sent.json
            assert b.api.planned_sync(connection(), SyncRequest()).url.endswith("/v2/integrations/connections/c1/sync")

    @pytest.mark.parametrize(
        "more",
        [
            {"credentials": {"password": SecretStr("hunter2")}},
            {"company_name": "J"},
            {"external_id": "e"},
            {"tags": ("t",)},
            {"dot_numbers": ("1",)},
            {"backfill": Backfill(days=1)},
            {"values": {"colour": "blue"}},
        ],
    )
    async def test_what_the_server_has_no_field_for_is_refused_rather_than_left_out(self, more: dict[str, Any]) -> None:
        async with stuut() as b:
            with pytest.raises(ApiError) as caught:
                await b.api.create_connection(DRAFT.model_copy(update=more))

            assert caught.value.problem.kind is ProblemKind.REFUSED
            assert "hunter2" not in repr(caught.value.problem)
            assert b.sent == []

    async def test_only_the_changes_are_sent(self) -> None:
        async with stuut(Reply(json=listed(company=None))) as b:
            changed = await b.api.update_connection(connection(), {"company": None, "environment": "sandbox"})

            assert changed.company.name is None
            assert b.sent == ["PATCH /connections/c1"]
            assert b.server.requests[0].json == {"company": None, "environment": "sandbox"}

    @pytest.mark.parametrize("changes", [{}, {"status": "healthy"}, {"name": "New", "id": "c2"}])
    async def test_no_change_and_what_cannot_be_changed_is_refused(self, changes: dict[str, str]) -> None:
        async with stuut() as b:
            with pytest.raises(ApiError) as caught:
                await b.api.update_connection(connection(), changes)

            assert caught.value.problem.kind is ProblemKind.REFUSED
            assert b.sent == []

    async def test_a_field_that_the_server_refuses_is_named(self) -> None:
        detail = [{"loc": ["body", "name"], "msg": "Field required", "type": "missing"}]
        async with stuut(Reply(422, json={"detail": detail})) as b:
            with pytest.raises(ApiError) as caught:
                await b.api.create_connection(DRAFT)

            assert caught.value.problem.kind is ProblemKind.INVALID
            assert caught.value.problem.fields == (FieldProblem("name", "Field required"),)

    @pytest.mark.parametrize("answer", [None, [], {}, "made", {"connection": listed()}])
    async def test_an_answer_that_is_no_connection_is_unreadable(self, answer: Any) -> None:
        async with stuut(Reply(json=answer)) as b:
            with pytest.raises(ApiError) as caught:
                await b.api.create_connection(DRAFT)

            assert caught.value.problem.kind is ProblemKind.UNREADABLE

    @pytest.mark.parametrize(
        ("given", "path"), [("a/b", "a%2Fb"), ("a?b=c#d", "a%3Fb%3Dc%23d"), ("é ", "%C3%A9%20"), ("..a", "..a")]
    )
    async def test_an_id_stays_one_part_of_the_path(self, given: str, path: str) -> None:
        async with stuut(Reply(json=listed()), Reply(json=[job("j", "invoices")])) as b:
            await b.api.update_connection(connection(id=given), {"name": "New"})
            await b.api.request_sync(connection(id=given), SyncRequest())

            assert b.sent == [f"PATCH /connections/{path}", f"POST /connections/{path}/sync"]

    @pytest.mark.parametrize("given", [".", ".."])
    async def test_what_is_no_id_is_not_sent(self, given: str) -> None:
        async with stuut() as b:
            with pytest.raises(ApiError) as caught:
                await b.api.request_sync(connection(id=given), SyncRequest())

            assert caught.value.problem.kind is ProblemKind.REFUSED
            assert b.sent == []


@pytest.mark.parametrize("action", ["create_connection", "update_connection", "request_sync"])
async def test_each_write_passes_the_gate_by_its_own_name(action: str) -> None:
    async with stuut(Reply(json=listed()), locked=True) as b:
        writes: dict[str, Callable[[], Awaitable[object]]] = {
            "create_connection": lambda: b.api.create_connection(DRAFT),
            "update_connection": lambda: b.api.update_connection(connection(), {"name": "New"}),
            "request_sync": lambda: b.api.request_sync(connection(), SyncRequest()),
        }
        for other in writes:
            if other != action:
                b.gate.unlock(other)
            with pytest.raises(ApiError) as caught:
                await writes[action]()
            assert caught.value.problem.kind is ProblemKind.REFUSED
        assert b.sent == []
        b.gate.unlock(action)
        if action != "request_sync":
            await writes[action]()
            assert len(b.sent) == 1
            assert b.gate.unlocked is None


class TestRequesting:
    """Asking for a sync."""

    async def test_a_request_has_no_body_and_is_answered_with_a_part_for_each_model(self) -> None:
        jobs = [job("j1", "invoices", made=1), job("j2", "payments", made=1, status="scheduled"), job("j3", "m3")]
        async with stuut(Reply(json=jobs)) as b:
            sync = await b.api.request_sync(connection(model("invoices"), model("payments")), SyncRequest())

            assert (sync.id, sync.phase, sync.status) == (BATCH, Phase.WAITING, "queued")
            assert [(part.id, part.name) for part in sync.parts] == [
                ("j1", "Invoices"),
                ("j2", "Payments"),
                ("j3", "m3"),
            ]
            assert sync.to_json() == jobs
            assert b.sent == ["POST /connections/c1/sync"]
            assert b.server.requests[0].body == b""

    @pytest.mark.parametrize(
        "request_",
        [
            SyncRequest(days=7),
            SyncRequest(start_from=datetime(2026, 1, 1, tzinfo=UTC)),
            SyncRequest(provider_requests=("historical_files",)),
        ],
    )
    async def test_a_window_or_a_request_of_the_provider_is_refused_and_nothing_is_sent(
        self, request_: SyncRequest
    ) -> None:
        async with stuut() as b:
            with pytest.raises(ApiError) as caught:
                await b.api.request_sync(connection(), request_)
            with pytest.raises(ApiError):
                b.api.planned_sync(connection(), request_)

            assert caught.value.problem.kind is ProblemKind.REFUSED
            assert b.sent == []

    async def test_an_empty_answer_says_that_no_model_is_switched_on(self) -> None:
        async with stuut(Reply(json=[])) as b:
            with pytest.raises(ApiError) as caught:
                await b.api.request_sync(connection(), SyncRequest())

            assert "no model of this connection is switched on" in caught.value.problem.meaning

    @pytest.mark.parametrize("answer", [None, {}, "ok", [1, {"id": "j"}], {"detail": []}])
    async def test_what_is_no_list_of_jobs_is_unreadable(self, answer: Any) -> None:
        async with stuut(Reply(json=answer)) as b:
            with pytest.raises(ApiError) as caught:
                await b.api.request_sync(connection(), SyncRequest())

            assert caught.value.problem.kind is ProblemKind.UNREADABLE

    async def test_a_job_that_cannot_be_read_is_found_in_the_list_later(self) -> None:
        jobs = [job("j1", "invoices", batch_id=None), {"id": "j2"}]
        now = listing(model("invoices", jobs[0]), model("payments", job("j2", "payments", batch_id=None)))
        async with stuut(Reply(json=jobs), now) as b:
            sync = await b.api.request_sync(connection(), SyncRequest())

            assert [part.id for part in sync.parts] == ["j1"]
            assert [part.id for part in (await b.api.sync(connection(), sync.id)).parts] == ["j1", "j2"]

    async def test_a_request_is_never_repeated_by_itself(self) -> None:
        async with stuut(Reply(503)) as b:
            with pytest.raises(ApiError) as caught:
                await b.api.request_sync(connection(), SyncRequest())

            assert "not known" in caught.value.problem.meaning
            assert len(b.sent) == 1


class TestConflicts:
    """A 409, which is not always a sync that runs."""

    async def test_the_sync_that_runs_is_named(self) -> None:
        refusal = Reply(409, json={"detail": "A sync is already running for this connection"})
        models = [
            model("invoices", job("j1", "invoices", status="running")),
            model("payments", job("j2", "payments", status="complete")),
        ]
        async with stuut(refusal, listing(*models)) as b:
            with pytest.raises(SyncConflict) as caught:
                await b.api.request_sync(connection(), SyncRequest())

            assert caught.value.running == BATCH
            assert caught.value.problem.detail == "A sync is already running for this connection"
            assert b.sent == ["POST /connections/c1/sync", "GET /connections"]

    @pytest.mark.parametrize(
        ("words", "running"), [("busy", OTHER), (f"busy with {BATCH}", BATCH), ("busy with j1", BATCH)]
    )
    async def test_of_several_it_is_the_one_that_is_named_else_the_one_at_work(self, words: str, running: str) -> None:
        models = [
            model("invoices", job("j1", "invoices", made=9, status="scheduled")),
            model("payments", job("j2", "payments", made=1, status="running", batch_id=OTHER)),
            model("notes", job("j3", "notes", made=10, status="complete", batch_id="over")),
        ]
        async with stuut(Reply(409, json={"detail": words}), listing(*models)) as b:
            with pytest.raises(SyncConflict) as caught:
                await b.api.request_sync(connection(), SyncRequest())

            assert caught.value.running == running

    async def test_a_sync_that_was_requested_here_is_named_as_it_was_then(self) -> None:
        jobs = [job("j1", "invoices", batch_id=None), job("j2", "payments", batch_id=None)]
        now = listing(model("payments", jobs[1]))
        async with stuut(Reply(json=jobs), Reply(409), now) as b:
            first = await b.api.request_sync(connection(), SyncRequest())
            with pytest.raises(SyncConflict) as caught:
                await b.api.request_sync(connection(), SyncRequest())

            assert caught.value.running == first.id == "j1"

    @pytest.mark.parametrize(
        ("fields", "meaning"),
        [
            ({"is_sync_disabled": True}, "is_sync_disabled"),
            ({"is_running_setup": True}, "is_running_setup"),
            ({}, "the server's own words"),
        ],
    )
    async def test_where_none_runs_the_servers_reason_stands(self, fields: dict[str, Any], meaning: str) -> None:
        over = model("invoices", job("j1", "invoices", status="failed"))
        async with stuut(Reply(409, json={"detail": "Switched off"}), listing(over, **fields)) as b:
            with pytest.raises(ApiError) as caught:
                await b.api.request_sync(connection(), SyncRequest())

            assert not isinstance(caught.value, SyncConflict)
            assert caught.value.problem.kind is ProblemKind.CONFLICT
            assert caught.value.problem.server_words == "409 · Switched off"
            assert meaning in caught.value.problem.meaning

    @pytest.mark.parametrize("reply", [Reply(500), Reply(json=[]), Reply(json="x")])
    async def test_where_the_list_cannot_be_read_the_refusal_is_told_all_the_same(self, reply: Reply) -> None:
        async with stuut(Reply(409, json={"detail": "Busy"}), reply) as b:
            with pytest.raises(ApiError) as caught:
                await b.api.request_sync(connection(), SyncRequest())

            assert caught.value.problem.server_words == "409 · Busy"

    async def test_other_refusals_look_for_nothing(self) -> None:
        async with stuut(Reply(404, json={"detail": "No such connection"})) as b:
            with pytest.raises(ApiError) as caught:
                await b.api.request_sync(connection(), SyncRequest())

            assert caught.value.problem.kind is ProblemKind.NOT_FOUND
            assert b.sent == ["POST /connections/c1/sync"]


class TestFollowing:
    """Looks at a sync."""

    async def test_a_sync_is_followed_to_its_end_whatever_happens_to_its_models(self) -> None:
        asked = [job("j1", "invoices"), job("j2", "payments"), job("j3", "notes")]
        later = job("s1", "payments", made=5, status="running", batch_id=OTHER, is_one_off=False)
        looks = [
            listing(model("invoices", asked[0] | {"status": "running", "modified_at": at(1)}), model("payments")),
            listing(
                model("invoices", asked[0] | {"status": "complete", "modified_at": at(6)}), model("payments", later)
            ),
            listing(model("notes", is_read_enabled=False)),
        ]
        async with stuut(Reply(json=asked), *looks) as b:
            one = connection(model("invoices"), model("payments"), model("notes"))
            seen = [await b.api.request_sync(one, SyncRequest())]
            seen += [await b.api.sync(one, BATCH) for _ in looks]

            assert [sync.phase for sync in seen] == [Phase.WAITING, Phase.RUNNING, Phase.RUNNING, Phase.LOST]
            assert [(part.phase, part.note) for part in seen[1].parts][1:] == [(Phase.WAITING, NOT_LISTED)] * 2
            assert [(part.phase, part.note) for part in seen[3].parts] == [
                (Phase.SUCCEEDED, ""),
                (Phase.LOST, OVERTAKEN),
                (Phase.LOST, SWITCHED_OFF),
            ]
            assert [row["status"] for row in seen[3].to_json()] == ["complete", "queued", "queued"]

    async def test_a_look_is_taken_once(self) -> None:
        async with stuut(Reply(429)) as b:
            with pytest.raises(ApiError):
                await b.api.sync(connection(), BATCH)

            assert (len(b.sent), b.slept) == (1, [])

    async def test_a_sync_from_the_list_is_told_from_the_list_and_remembered_from_then_on(self) -> None:
        first = listing(
            model("invoices", job("j1", "invoices", made=1, status="running", batch_id=None)),
            model("payments", job("j2", "payments", made=1, status="complete", batch_id=None)),
        )
        second = listing(
            model("invoices", job("k1", "invoices", made=9, batch_id=None)),
            model("payments", job("j2", "payments", made=1, status="complete", batch_id=None)),
        )
        async with stuut(first, first, second) as b:
            (one,) = await rows(b.api.connections())
            assert one.last_sync is not None
            seen = [await b.api.sync(one, one.last_sync.id) for _ in range(2)]

            assert [part.inference for part in seen[0].parts] == [BY_TIME, BY_TIME]
            assert [sync.phase for sync in seen] == [Phase.RUNNING, Phase.LOST]
            assert [part.phase for part in seen[1].parts] == [Phase.LOST, Phase.SUCCEEDED]

    async def test_the_list_calls_a_known_sync_as_it_was_called_before(self) -> None:
        asked = [job("j1", "invoices", batch_id=None), job("j2", "payments", batch_id=None)]
        later = job("k1", "invoices", made=90, batch_id=None)
        async with stuut(Reply(json=asked), listing(model("invoices", later), model("payments", asked[1]))) as b:
            await b.api.request_sync(connection(), SyncRequest())
            (one,) = await rows(b.api.connections())

            assert [found.last_sync_id for found in one.models] == ["k1", "j1"]

    async def test_a_sync_that_is_nowhere_is_not_found_and_the_reason_is_told(self) -> None:
        async with stuut(listing(model("invoices", job("j1", "invoices")))) as b:
            with pytest.raises(ApiError) as caught:
                await b.api.sync(connection(), OTHER)

            assert caught.value.problem.kind is ProblemKind.NOT_FOUND
            assert "keeps only each model's newest job" in caught.value.problem.meaning

    async def test_the_same_id_at_another_connection_is_another_sync(self) -> None:
        answer = Reply(json=[listed(), listed(id="c2")])
        async with stuut(Reply(json=[job("1", "invoices", batch_id=None)]), answer) as b:
            await b.api.request_sync(connection(), SyncRequest())

            assert (await b.api.sync(connection(), "1")).parts[0].note == NOT_LISTED
            with pytest.raises(ApiError):
                await b.api.sync(connection(id="c2"), "1")

    async def test_how_long_it_ran_is_known_once_it_ended(self) -> None:
        asked = [job("j1", "invoices", made=1)]
        done = asked[0] | {"status": "complete", "modified_at": at(4), "completed_at": at(4)}
        async with stuut(Reply(json=asked), listing(model("invoices", done))) as b:
            await b.api.request_sync(connection(), SyncRequest())
            sync = await b.api.sync(connection(), BATCH)

            assert sync.elapsed(datetime.max.replace(tzinfo=UTC)) == timedelta(minutes=3)
