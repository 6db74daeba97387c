"""Creating a connection directly, and what it means where a server does not offer that."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from tests.servers import Reply
from tests.unit.api.support import CONNECTION, bench
from tui_app.api.errors import ApiError
from tui_app.models.connection import Backfill, ConnectionDraft, Standing
from tui_app.models.problem import FieldProblem, ProblemKind

USER, PASSWORD = "fleet@prairie.example", "correct horse"


def draft(**fields: Any) -> ConnectionDraft:
    """What a person filled in."""
    credentials = {"username": SecretStr(USER), "password": SecretStr(PASSWORD)}
    return ConnectionDraft(**({"provider": "geotab", "credentials": credentials} | fields))


async def test_the_least_is_provider_credentials_and_mode() -> None:
    async with bench(Reply(201, json=CONNECTION)) as b:
        made = await b.api.create_connection(draft())

        assert made.standing is Standing.CONNECTED
        (request,) = b.server.requests
        assert (request.method, request.path) == ("POST", "/tsp/v1/connections")
        assert "connection-token" not in request.headers
        assert request.json == {
            "provider": "geotab",
            "credentials": {"username": USER, "password": PASSWORD},
            "syncMode": "automatic",
        }


async def test_everything_is_sent_as_documented() -> None:
    full = draft(
        company_name="Prairie Lines",
        dot_numbers=("1234567",),
        external_id="pl-310",
        sync_mode="manual",
        backfill=Backfill(days=7),
        tags=("midwest", "vip"),
    )
    async with bench(Reply(200, json=CONNECTION)) as b:
        await b.api.create_connection(full)

        sent = b.server.requests[0].json
        assert {name: value for name, value in sent.items() if name not in ("provider", "credentials")} == {
            "company": {"name": "Prairie Lines", "dotNumbers": ["1234567"]},
            "externalId": "pl-310",
            "syncMode": "manual",
            "backfill": {"days": 7},
            "tags": ["midwest", "vip"],
        }


async def test_a_backfill_may_start_from_a_date() -> None:
    async with bench(Reply(201, json=CONNECTION)) as b:
        await b.api.create_connection(draft(backfill=Backfill(start_from=datetime(2026, 1, 1, tzinfo=UTC))))

        assert b.server.requests[0].json["backfill"] == {"startFrom": "2026-01-01T00:00:00.000Z"}


async def test_a_field_that_is_a_number_is_sent_as_one() -> None:
    credentials = {name: SecretStr(value) for name, value in {"username": "007", "companyDotNumber": " 123 "}.items()}
    async with bench(Reply(201, json=CONNECTION)) as b:
        await b.api.create_connection(draft(provider="verizon", credentials=credentials))

        assert b.server.requests[0].json["credentials"] == {"username": "007", "companyDotNumber": 123}


@pytest.mark.parametrize("fields", [{"backfill": {"days": 1, "start_from": "2026-01-01"}}, {"provider": ""}, {"x": 1}])
def test_what_cannot_be_is_refused_before_anything_is_sent(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        draft(**fields)


@pytest.mark.parametrize(
    "reply",
    [
        Reply(403, json={"code": "forbidden", "message": "Forbidden Request"}),
        Reply(403),
        Reply(404, json={"code": "not_found", "message": "Not Found"}),
        Reply(405),
        Reply(501, json={"code": "not_implemented", "message": "m"}),
    ],
)
async def test_where_it_is_not_offered_the_way_is_link(reply: Reply) -> None:
    async with bench(reply) as b:
        with pytest.raises(ApiError) as caught:
            await b.api.create_connection(draft())

        problem = caught.value.problem
        assert problem.kind is ProblemKind.UNSUPPORTED
        assert "does not offer" in problem.title
        assert "Link" in problem.next_step
        assert problem.status == reply.status
        assert len(b.server.requests) == 1


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply(401, json={"code": "unauthorized", "message": "m"}), ProblemKind.UNAUTHORIZED),
        (Reply(403, json={"code": "insufficient_permissions", "message": "m"}), ProblemKind.INVALID),
        (Reply(403, json={"code": "key_suspended", "message": "m"}), ProblemKind.FORBIDDEN),
        (Reply(422, json={"code": "invalid_credentials", "message": "m"}), ProblemKind.INVALID),
        (Reply(500), ProblemKind.SERVER),
        (Reply(drop=True), ProblemKind.UNREACHABLE),
    ],
)
async def test_another_failure_stays_what_it_is(reply: Reply, kind: ProblemKind) -> None:
    async with bench(reply) as b:
        with pytest.raises(ApiError) as caught:
            await b.api.create_connection(draft())

        assert caught.value.problem.kind is kind
        assert len(b.server.requests) == 1


async def test_a_400_names_the_field() -> None:
    detail = [{"path": "{requestBody}.credentials.password", "message": "is wrong", "suggestion": "Try another"}]
    async with bench(Reply(400, json={"code": "bad_request", "message": "m", "detail": detail})) as b:
        with pytest.raises(ApiError) as caught:
            await b.api.create_connection(draft())

        assert caught.value.problem.fields == (
            FieldProblem("{requestBody}.credentials.password", "is wrong", "Try another"),
        )


async def test_what_a_server_repeats_of_the_credentials_is_masked() -> None:
    body = {"code": "bad_request", "message": f"{USER} / {PASSWORD}", "detail": [{"path": "x", "message": PASSWORD}]}
    async with bench(Reply(400, json=body)) as b:
        with pytest.raises(ApiError) as caught:
            await b.api.create_connection(draft())

        for seen in (repr(caught.value.problem), repr(list(b.recorder))):
            assert PASSWORD not in seen
            assert USER not in seen


async def test_a_locked_profile_sends_nothing() -> None:
    async with bench(Reply(201, json=CONNECTION), locked=True) as b:
        with pytest.raises(ApiError) as caught:
            await b.api.create_connection(draft())

        assert caught.value.problem.kind is ProblemKind.REFUSED
        assert b.server.requests == []


async def test_the_request_can_be_shown_before_it_is_sent() -> None:
    async with bench(Reply()) as b:
        planned = b.api.planned_connection(draft(company_name="Prairie Lines"))

        assert planned.body is not None
        assert "Prairie Lines" in planned.body
        assert USER not in planned.body
        assert PASSWORD not in planned.body
        assert b.server.requests == []
