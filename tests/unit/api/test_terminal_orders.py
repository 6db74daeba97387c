"""What a person orders of Terminal's API beside syncs and new connections: each sent once, told as it came out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from pydantic import SecretStr

from tests.servers import Reply, ServerRequest
from tests.unit.api.support import CONNECTION, KEY, SYNC, SYNC_ID, TOKEN, Bench, bench, connection
from tui_app.api.errors import ApiError, SyncConflict, Unread
from tui_app.api.exchanges import Request
from tui_app.models.connection import Backfill, Connection, Standing
from tui_app.models.link import LinkDraft
from tui_app.models.passthrough import PassthroughRequest
from tui_app.models.problem import ProblemKind
from tui_app.models.sync import Phase, SyncRequest

ISSUE_ID, LINK_ID = "isu_01D8ZQFGHVJ858NBF2Q7DV9MNC", "slk_01JB7K3N2QZP7TVR4FX8SDWFH9"
OTHER_SYNC = "sync_01D8ZQFGHVJ858NBF2Q7DV9MNC"
PUBLIC = "pub_tkn_9jNzH26e5b9RgErDnRt8zfm5emDUUyyG"
ISSUE = {
    "id": ISSUE_ID,
    "status": "resolved",
    "connection": CONNECTION["id"],
    "error": {"code": "missing_permissions", "message": "Trips cannot be read"},
}
LINK = {
    "id": LINK_ID,
    "code": "az9qtk2d",
    "url": "https://term.new/az9qtk2d",
    "expiresAt": "2027-11-22T10:00:00.000Z",
}
OUTPUT = {
    "method": "POST",
    "path": "/reports",
    "statusCode": 200,
    "headers": {"Content-Type": "application/json", "Set-Cookie": "session=tr0ub4dor"},
    "response": {"reportId": "1234", "apiKey": "tr0ub4dor"},
}
REPORT = PassthroughRequest(method="POST", path="/reports", headers={"X-Trace": "7"}, body='{"reportId":"1234"}')

Order = tuple[str, str, str, Callable[[Bench], Awaitable[Any]], Callable[[Bench], Request], Any]

ORDERS: dict[str, Order] = {
    "update_connection": (
        "PATCH",
        "/connections/current",
        TOKEN,
        lambda b: b.api.update_connection(connection(), {"externalId": "pl-310"}),
        lambda b: b.api.planned_update(connection(), {"externalId": "pl-310"}),
        CONNECTION,
    ),
    "delete_connection": (
        "DELETE",
        "/connections/current",
        TOKEN,
        lambda b: b.api.delete_connection(connection()),
        lambda b: b.api.planned_deletion(connection()),
        {"message": "Deletion requested"},
    ),
    "retry_sync": (
        "POST",
        f"/syncs/{SYNC_ID}/retry",
        TOKEN,
        lambda b: b.api.retry_sync(connection(), SYNC_ID),
        lambda b: b.api.planned_retry(connection(), SYNC_ID),
        {"id": SYNC_ID, "message": "Sync retry requested"},
    ),
    "cancel_sync": (
        "POST",
        f"/syncs/{SYNC_ID}/cancel",
        TOKEN,
        lambda b: b.api.cancel_sync(connection(), SYNC_ID),
        lambda b: b.api.planned_cancellation(connection(), SYNC_ID),
        {"id": SYNC_ID, "message": "Sync cancellation requested"},
    ),
    "resolve_issue": (
        "POST",
        f"/issues/{ISSUE_ID}/resolve",
        "",
        lambda b: b.api.resolve_issue(ISSUE_ID),
        lambda b: b.api.planned_resolution(ISSUE_ID),
        ISSUE,
    ),
    "exchange_token": (
        "POST",
        "/public-token/exchange",
        "",
        lambda b: b.api.exchange_public_token(SecretStr(PUBLIC)),
        lambda b: b.api.planned_exchange(SecretStr(PUBLIC)),
        CONNECTION,
    ),
    "create_link": (
        "POST",
        "/link/short",
        "",
        lambda b: b.api.create_link(LinkDraft()),
        lambda b: b.api.planned_link(LinkDraft()),
        LINK,
    ),
    "delete_link": (
        "DELETE",
        f"/link/short/{LINK_ID}",
        "",
        lambda b: b.api.delete_link(LINK_ID),
        lambda b: b.api.planned_link_deletion(LINK_ID),
        None,
    ),
    "passthrough": (
        "POST",
        "/passthrough",
        TOKEN,
        lambda b: b.api.passthrough(connection(), PassthroughRequest(path="/vehicles")),
        lambda b: b.api.planned_passthrough(connection(), PassthroughRequest(path="/vehicles")),
        OUTPUT,
    ),
    "passthrough raw": (
        "POST",
        "/passthrough/raw",
        TOKEN,
        lambda b: b.api.passthrough_raw(connection(), PassthroughRequest(path="/vehicles")),
        lambda b: b.api.planned_passthrough(connection(), PassthroughRequest(path="/vehicles"), raw=True),
        {"vehicles": []},
    ),
}
every_order = pytest.mark.parametrize("name", ORDERS)

REFUSALS = [
    (400, "bad_request", ProblemKind.INVALID),
    (401, "unauthorized", ProblemKind.UNAUTHORIZED),
    (403, "forbidden", ProblemKind.FORBIDDEN),
    (404, "not_found", ProblemKind.NOT_FOUND),
    (422, "unprocessable_entity", ProblemKind.INVALID),
    (422, "connection_disconnected", ProblemKind.INVALID),
    (429, "too_many_requests", ProblemKind.RATE_LIMITED),
    (500, "internal_server_error", ProblemKind.SERVER),
    (501, "not_implemented", ProblemKind.UNSUPPORTED),
    (502, "bad_gateway", ProblemKind.SERVER),
    (504, "gateway_timeout", ProblemKind.SERVER),
]


def after(answer: Any) -> Callable[[ServerRequest], Reply]:
    """Answer a change with this, and a look that follows it with what is there then."""

    def reply(request: ServerRequest) -> Reply:
        if request.method != "GET":
            return Reply(204) if answer is None else Reply(json=answer)
        return Reply(json=SYNC if "/syncs/" in request.path else CONNECTION)

    return reply


@every_order
class TestEach:
    """What holds for every order."""

    async def test_it_is_sent_once_with_the_token_that_it_needs_and_no_other(self, name: str) -> None:
        method, path, token, send, _, answer = ORDERS[name]
        async with bench(after(answer)) as b:
            await send(b)
            (sent,) = [request for request in b.server.requests if request.method != "GET"]

            assert (sent.method, sent.path) == (method, f"/tsp/v1{path}")
            assert sent.headers.get("connection-token", "") == token
            assert sent.headers["authorization"] == f"Bearer {KEY}"

    async def test_it_is_shown_before_it_is_sent_just_as_it_is_then_sent(self, name: str) -> None:
        _, _, _, send, planned, answer = ORDERS[name]
        async with bench(after(answer)) as b:
            shown = planned(b)
            assert b.server.requests == []
            await send(b)

            assert shown == next(one.request for one in b.recorder if one.method != "GET")

    async def test_a_locked_profile_sends_it_only_once_its_own_name_is_unlocked(self, name: str) -> None:
        send, answer = ORDERS[name][3], ORDERS[name][5]
        async with bench(after(answer), locked=True) as b:
            for unlocked in (None, "request_sync"):
                if unlocked:
                    b.gate.unlock(unlocked)
                with pytest.raises(ApiError) as caught:
                    await send(b)
                assert caught.value.problem.kind is ProblemKind.REFUSED
            assert b.server.requests == []
            b.gate.unlock(name.split(" ")[0])
            await send(b)
            assert b.gate.unlocked is None
            with pytest.raises(ApiError):
                await send(b)

    @pytest.mark.parametrize(("status", "code", "kind"), REFUSALS)
    async def test_each_documented_refusal_is_told_and_nothing_is_sent_again(
        self, name: str, status: int, code: str, kind: ProblemKind
    ) -> None:
        async with bench(Reply(status, json={"code": code, "message": "What the server says"})) as b:
            with pytest.raises(ApiError) as caught:
                await ORDERS[name][3](b)

            problem = caught.value.problem
            assert (problem.kind, problem.status, problem.code) == (kind, status, code)
            assert "What the server says" in problem.server_words
            assert problem.next_step
            assert len(b.server.requests) == 1
            assert b.slept == []
            if status in (500, 502, 504):
                assert "not known" in problem.meaning

    async def test_where_the_answer_is_lost_it_says_that_it_may_have_happened(self, name: str) -> None:
        async with bench(Reply(drop=True)) as b:
            with pytest.raises(ApiError) as caught:
                await ORDERS[name][3](b)

            assert "not known" in caught.value.problem.meaning
            assert len(b.server.requests) == 1


@pytest.mark.parametrize("name", [name for name, order in ORDERS.items() if order[2]])
async def test_a_connection_without_a_token_is_asked_for_nothing(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(CONNECTION, "token", None)
    async with bench(Reply()) as b:
        with pytest.raises(ApiError) as sent:
            await ORDERS[name][3](b)
        with pytest.raises(ApiError) as shown:
            ORDERS[name][4](b)
        assert sent.value.problem == shown.value.problem
        assert sent.value.problem.kind is ProblemKind.REFUSED
        assert b.server.requests == []


@pytest.mark.parametrize("hostile", ["../connections", "a/b", "a?b=c", "a#b", "ü %2F", "x\r\ny"])
async def test_an_id_is_one_part_of_the_path_whatever_it_holds(hostile: str) -> None:
    async with bench(after({})) as b:
        await b.api.retry_sync(connection(), hostile)
        await b.api.cancel_sync(connection(), hostile)
        with pytest.raises(ApiError):
            await b.api.resolve_issue(hostile)  # what is answered here is no issue
        await b.api.delete_link(f"slk_{hostile}")

        for request in b.server.requests:
            assert len(request.path.split("/")) in (5, 6)
            assert request.path.rpartition("/")[2] in ("retry", "cancel", "resolve") or request.query in (
                {},
                {"expand": "issues"},
            )


@pytest.mark.parametrize("nothing", ["", ".", ".."])
async def test_what_is_no_id_is_refused_before_anything_is_sent(nothing: str) -> None:
    async with bench(Reply()) as b:
        for write in (
            b.api.retry_sync(connection(), nothing),
            b.api.cancel_sync(connection(), nothing),
            b.api.resolve_issue(nothing),
            b.api.delete_link(nothing),
        ):
            with pytest.raises(ApiError) as caught:
                await write
            assert caught.value.problem.kind is ProblemKind.REFUSED
        assert b.server.requests == []


class TestRetryAndCancel:
    """What comes of them is read at once."""

    @pytest.mark.parametrize("name", ["retry_sync", "cancel_sync"])
    async def test_the_sync_is_read_as_it_is_then(self, name: str) -> None:
        looked = Reply(json=SYNC | {"status": "in_progress"})
        async with bench(Reply(json=ORDERS[name][5]), looked) as b:
            sync = await ORDERS[name][3](b)

            assert (sync.id, sync.phase) == (SYNC_ID, Phase.RUNNING)
            assert b.server.requests[1].query == {"expand": "issues"}

    @pytest.mark.parametrize("name", ["retry_sync", "cancel_sync"])
    async def test_it_is_the_sync_that_the_answer_names(self, name: str) -> None:
        answers = Reply(json={"id": OTHER_SYNC, "message": "m"}), Reply(json=SYNC | {"id": OTHER_SYNC})
        async with bench(*answers) as b:
            assert (await ORDERS[name][3](b)).id == OTHER_SYNC
            assert b.server.requests[1].path.endswith(f"/syncs/{OTHER_SYNC}")

    @pytest.mark.parametrize("answer", [{}, None, {"id": 7}, {"message": "m"}, ["x"]])
    async def test_where_the_answer_names_none_it_is_the_one_that_was_asked_for(self, answer: Any) -> None:
        async with bench(Reply(json=answer), Reply(json=SYNC)) as b:
            assert (await b.api.retry_sync(connection(), SYNC_ID)).id == SYNC_ID

    @pytest.mark.parametrize("name", ["retry_sync", "cancel_sync"])
    @pytest.mark.parametrize("look", [Reply(500), Reply(404), Reply(json={"id": 1}), Reply(drop=True)])
    async def test_where_it_cannot_be_read_then_the_order_still_counts_as_taken(self, name: str, look: Reply) -> None:
        async with bench(Reply(json=ORDERS[name][5]), look) as b:
            with pytest.raises(Unread) as caught:
                await ORDERS[name][3](b)

            assert caught.value.id == SYNC_ID
            assert "took it" in caught.value.problem.title
            assert "Nothing has to be sent again" in caught.value.problem.next_step
            assert [one.method for one in b.server.requests].count("POST") == 1

    async def test_a_look_that_fails_once_is_taken_again(self) -> None:
        async with bench(Reply(json={"id": SYNC_ID}), Reply(503), Reply(json=SYNC)) as b:
            assert (await b.api.retry_sync(connection(), SYNC_ID)).id == SYNC_ID

    @pytest.mark.parametrize(
        ("name", "title"),
        [
            ("retry_sync", "This sync cannot be retried now"),
            ("cancel_sync", "This sync cannot be cancelled now"),
            ("resolve_issue", "This issue cannot be resolved now"),
        ],
    )
    async def test_the_wrong_state_is_told_as_such_and_other_reasons_as_theirs(self, name: str, title: str) -> None:
        for code, told in (("unprocessable_entity", True), ("", True), ("connection_disconnected", False)):
            async with bench(Reply(422, json={"code": code, "message": "m"})) as b:
                with pytest.raises(ApiError) as caught:
                    await ORDERS[name][3](b)
                assert (caught.value.problem.title == title) is told

    @pytest.mark.parametrize("name", ["request_sync", "retry_sync", "passthrough", "passthrough_raw"])
    @pytest.mark.parametrize(
        ("status", "code", "words"),
        [
            (400, "bad_request", "Connection must be connected to perform this action"),
            (422, "connection_disconnected", "Connection must be connected to perform this action"),
            (422, "connection_disconnected", "m"),
        ],
    )
    @pytest.mark.parametrize(
        ("standing", "title", "next_step"),
        [
            ("disconnected", "The connection is disconnected", "Send the fleet its re-link URL"),
            ("connected", "The connection is disconnected", "Send the fleet its re-link URL"),
            ("archived", "The connection is archived", "Make it connected again"),
            ("leaving", "The connection is being deleted", "Nothing to do"),
            ("deleted", "The connection is deleted", "Nothing to do"),
        ],
    )
    async def test_one_that_is_not_connected_is_told_so_by_every_order_that_needs_its_provider(
        self, name: str, status: int, code: str, words: str, standing: str, title: str, next_step: str
    ) -> None:
        seen = connection().model_copy(update={"standing": Standing(standing)})
        async with bench(Reply(status, json={"code": code, "message": words})) as b:
            orders: dict[str, Callable[[], Awaitable[Any]]] = {
                "request_sync": lambda: b.api.request_sync(seen, SyncRequest()),
                "retry_sync": lambda: b.api.retry_sync(seen, SYNC_ID),
                "passthrough": lambda: b.api.passthrough(seen, REPORT),
                "passthrough_raw": lambda: b.api.passthrough_raw(seen, REPORT),
            }
            with pytest.raises(ApiError) as caught:
                await orders[name]()
            problem = caught.value.problem
            assert (problem.kind, problem.title) == (ProblemKind.INVALID, title)
            assert problem.next_step.startswith(next_step)
            assert problem.server_words == f"{status} · {code} · {words}"

    async def test_another_bad_request_for_a_sync_stays_one(self) -> None:
        seen = connection().model_copy(update={"standing": Standing.DISCONNECTED})
        async with bench(Reply(400, json={"code": "bad_request", "message": "'days' must be positive"})) as b:
            with pytest.raises(ApiError) as caught:
                await b.api.request_sync(seen, SyncRequest())
            assert "Correct what the server names" in caught.value.problem.next_step

    async def test_a_retry_that_another_sync_is_in_the_way_of_names_it(self) -> None:
        detail = f"Existing sync in progress: {OTHER_SYNC}"
        conflict = {"code": "conflict", "message": "Sync already in progress", "detail": detail}
        async with bench(Reply(409, json=conflict)) as b:
            with pytest.raises(SyncConflict) as caught:
                await b.api.retry_sync(connection(), SYNC_ID)

            assert caught.value.running == OTHER_SYNC


class TestUpdate:
    """What is sent of a change."""

    @pytest.mark.parametrize(
        ("changes", "body"),
        [
            ({"externalId": "pl-310"}, {"externalId": "pl-310"}),
            ({"externalId": None}, {"externalId": ""}),
            ({"tags": ("midwest", "vip")}, {"tags": ["midwest", "vip"]}),
            ({"tags": ()}, {"tags": []}),
            ({"tags": None}, {"tags": []}),
            ({"syncMode": "manual", "status": "archived"}, {"syncMode": "manual", "status": "archived"}),
            ({"company.name": "Prairie"}, {"company": {"name": "Prairie", "dotNumbers": ["1234567"]}}),
            ({"company.name": None}, {"company": {"name": "", "dotNumbers": ["1234567"]}}),
            ({"company.dotNumbers": ()}, {"company": {"name": "Frank's Trucking", "dotNumbers": []}}),
            (
                {"company.name": "P", "company.dotNumbers": ("7",)},
                {"company": {"name": "P", "dotNumbers": ["7"]}},
            ),
            (
                {"filters.drivers.excludeIds": ("drv_1",)},
                {
                    "filters": {
                        "vehicles": {"status": "active", "includeIds": ["vcl_1"]},
                        "drivers": {"excludeIds": ["drv_1"]},
                    }
                },
            ),
        ],
    )
    async def test_what_changes_is_sent_and_an_object_whole(self, changes: Any, body: Any) -> None:
        one = connection(filters={"vehicles": {"status": "active", "includeIds": ["vcl_1"]}})
        async with bench(Reply(json=CONNECTION | {"tags": ["x"]})) as b:
            changed = await b.api.update_connection(one, changes)

            assert changed.tags == ["x"]
            assert changed.standing is Standing.CONNECTED
            assert b.server.requests[0].json == body
        assert one.filters == {"vehicles": {"status": "active", "includeIds": ["vcl_1"]}}

    @pytest.mark.parametrize(
        "changes", [{}, {"name": "x"}, {"company": "x"}, {"syncMode": "never"}, {"status": "deleted"}, {"status": None}]
    )
    async def test_what_cannot_be_changed_so_is_refused_before_anything_is_sent(self, changes: Any) -> None:
        async with bench(Reply(json=CONNECTION)) as b:
            with pytest.raises(ApiError) as caught:
                await b.api.update_connection(connection(), changes)

            assert caught.value.problem.kind is ProblemKind.REFUSED
            assert b.server.requests == []

    async def test_a_400_without_a_body_is_told_all_the_same(self) -> None:
        async with bench(Reply(400)) as b:
            with pytest.raises(ApiError) as caught:
                await b.api.update_connection(connection(), {"externalId": "x"})

            assert caught.value.problem.kind is ProblemKind.INVALID


class TestDeletion:
    """What is left of a connection."""

    async def test_it_is_read_as_it_is_afterwards(self) -> None:
        left = CONNECTION | {"status": "pending_deletion"}
        async with bench(Reply(202, json={"message": "m"}), Reply(json=left)) as b:
            found = await b.api.delete_connection(connection())

            assert found is not None
            assert found.standing is Standing.LEAVING
            assert b.server.requests[0].body == b""

    @pytest.mark.parametrize("status", [403, 404, 410])
    async def test_one_that_the_server_does_not_know_any_more_is_gone(self, status: int) -> None:
        async with bench(Reply(202), Reply(status)) as b:
            assert await b.api.delete_connection(connection()) is None

    @pytest.mark.parametrize("look", [Reply(500), Reply(drop=True), Reply(json=[])])
    async def test_one_that_cannot_be_read_then_is_as_the_server_says_that_it_will_be(self, look: Reply) -> None:
        async with bench(Reply(202, json={"message": "m"}), look) as b:
            found = await b.api.delete_connection(connection())

            assert found is not None
            assert (found.status, found.standing) == ("pending_deletion", Standing.LEAVING)
            assert found.token == connection().token
            assert [one.method for one in b.server.requests].count("DELETE") == 1


class TestExchange:
    """Public tokens."""

    async def test_it_brings_the_connection_with_its_token(self) -> None:
        async with bench(Reply(json=CONNECTION)) as b:
            found = await b.api.exchange_public_token(SecretStr(PUBLIC))

            assert isinstance(found, Connection)
            assert found.token is not None
            assert found.token.get_secret_value() == TOKEN
            assert b.server.requests[0].json == {"publicToken": PUBLIC}

    @pytest.mark.parametrize(
        "text", ["", "pub_tkn_", "con_tkn_abc", "sk_sandbox_abc", f"{PUBLIC} ", f"{PUBLIC}\n", "é"]
    )
    async def test_what_is_no_public_token_is_refused_without_being_quoted(self, text: str) -> None:
        async with bench(Reply(json=CONNECTION)) as b:
            with pytest.raises(ApiError) as caught:
                await b.api.exchange_public_token(SecretStr(text))
            with pytest.raises(ApiError):
                b.api.planned_exchange(SecretStr(text))
            assert caught.value.problem.kind is ProblemKind.REFUSED
            assert len(text) < 9 or text.strip() not in repr(caught.value.problem)
            assert b.server.requests == []

    async def test_one_of_any_shape_is_masked_wherever_it_is_repeated(self) -> None:
        odd = 'pub_tkn_9jNz,H26e5b9"RgErD;nRt8zfm5'
        async with bench(lambda request: Reply(400, json={"message": f"what is {odd}?", "echo": request.json})) as b:
            with pytest.raises(ApiError) as caught:
                await b.api.exchange_public_token(SecretStr(odd))

            for seen in (
                repr(caught.value.problem),
                repr(list(b.recorder)),
                repr(b.api.planned_exchange(SecretStr(odd))),
            ):
                assert "RgErD" not in seen
                assert "nRt8zfm5" not in seen

    async def test_a_token_that_was_used_before_is_told_as_such(self) -> None:
        async with bench(Reply(404, json={"code": "not_found", "message": "m"})) as b:
            with pytest.raises(ApiError) as caught:
                await b.api.exchange_public_token(SecretStr(PUBLIC))

            assert "works once" in caught.value.problem.meaning


class TestLinks:
    """Short links."""

    async def test_everything_is_sent_as_documented(self) -> None:
        draft = LinkDraft(
            name="Prairie Lines",
            provider="geotab",
            provider_hints=("geotab", "samsara"),
            external_id="pl-310",
            tags=("midwest",),
            redirect_url="https://fleet.example/done",
            sync_mode="manual",
            backfill=Backfill(days=2),
            template="ltp_01HXQ4YK8V2X0X0X0X0X0X0X0X",
        )
        async with bench(Reply(json=LINK)) as b:
            link = await b.api.create_link(draft)

            assert (link.id, link.code, link.url, link.replayed) == (LINK_ID, "az9qtk2d", LINK["url"], False)
            assert link.to_json() == LINK
            assert b.server.requests[0].json == {
                "name": "Prairie Lines",
                "provider": "geotab",
                "providerHints": ["geotab", "samsara"],
                "externalId": "pl-310",
                "tags": ["midwest"],
                "redirectUrl": "https://fleet.example/done",
                "syncMode": "manual",
                "backfill": {"days": 2},
                "template": "ltp_01HXQ4YK8V2X0X0X0X0X0X0X0X",
            }

    async def test_nothing_is_asked_for_by_an_empty_object(self) -> None:
        async with bench(Reply(json=LINK)) as b:
            await b.api.create_link(LinkDraft())

            assert b.server.requests[0].json == {}

    @pytest.mark.parametrize(("header", "replayed"), [("true", True), ("True", True), ("false", False)])
    async def test_one_that_was_made_before_is_marked(self, header: str, replayed: bool) -> None:
        async with bench(Reply(json=LINK, headers={"idempotent-Replayed": header})) as b:
            assert (await b.api.create_link(LinkDraft())).replayed is replayed

    @pytest.mark.parametrize("reply", [Reply(204), Reply(200), Reply(202, json={"message": "m"}), Reply(json=LINK)])
    async def test_any_success_deletes_one(self, reply: Reply) -> None:
        async with bench(reply) as b:
            await b.api.delete_link(LINK_ID)

    @pytest.mark.parametrize("other", ["az9qtk2d", "https://term.new/az9qtk2d"])
    async def test_its_code_or_address_does_not_delete_it(self, other: str) -> None:
        async with bench(Reply()) as b:
            with pytest.raises(ApiError) as caught:
                await b.api.delete_link(other)

            assert "slk_" in caught.value.problem.meaning
            assert b.server.requests == []


class TestPassthrough:
    """Asking the provider."""

    async def test_the_question_is_sent_as_documented_and_the_answer_read(self) -> None:
        async with bench(Reply(json=OUTPUT)) as b:
            answer = await b.api.passthrough(connection(), REPORT)

            assert b.server.requests[0].json == {
                "method": "POST",
                "path": "/reports",
                "headers": {"X-Trace": "7"},
                "body": '{"reportId":"1234"}',
            }
            assert (answer.status_code, answer.response["reportId"]) == (200, "1234")
            assert "tr0ub4dor" not in f"{answer.to_json()}{answer!r}"

    async def test_that_the_provider_refuses_is_an_answer(self) -> None:
        async with bench(Reply(json=OUTPUT | {"statusCode": 404, "response": "no such report"})) as b:
            answer = await b.api.passthrough(connection(), REPORT)

            assert (answer.ok, answer.status_code, answer.response) == (False, 404, "no such report")

    @pytest.mark.parametrize(
        ("status", "content", "kind"),
        [
            (200, b'{"vehicles": [1]}', "application/json"),
            (201, b"\x89PNG\r\n\x1a\n\x00\xff", "image/png"),
            (200, "id,name\n1,Prärie".encode(), "text/csv"),
            (204, b"", ""),
            (200, b"<!doctype html><title>Report</title>", "text/html"),
        ],
    )
    async def test_raw_bytes_come_as_the_provider_sent_them(self, status: int, content: bytes, kind: str) -> None:
        async with bench(Reply(status, body=content, headers={"content-TYPE": kind} if kind else {})) as b:
            answer = await b.api.passthrough_raw(connection(), REPORT)

            assert (answer.ok, answer.status, answer.content_type, answer.content) == (True, status, kind, content)
            assert b.server.requests[0].headers["accept"] == "*/*"
            assert len(content) < 5 or repr(content)[2:-1] not in repr(answer)

    async def test_an_envelope_of_a_refusal_is_told_from_the_providers_own_data(self) -> None:
        for status, refused in ((404, True), (503, True), (200, False)):
            async with bench(Reply(json=OUTPUT | {"statusCode": status})) as b:
                answer = await b.api.passthrough_raw(connection(), REPORT)
                assert answer.ok is not refused
                assert answer.status == status
                assert bool(answer.content) is not refused
        async with bench(Reply(json={"statusCode": 404, "path": "/x"})) as b:
            assert (await b.api.passthrough_raw(connection(), REPORT)).ok

    async def test_what_is_no_json_is_no_answer_where_json_was_asked_for(self) -> None:
        async with bench(Reply(body=b"<html>")) as b:
            with pytest.raises(ApiError) as caught:
                await b.api.passthrough(connection(), REPORT)

            assert caught.value.problem.kind is ProblemKind.UNREADABLE
