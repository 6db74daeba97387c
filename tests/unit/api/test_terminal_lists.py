"""Every page of every list is read, row by row."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.servers import Reply, pages
from tests.unit.api.support import CONNECTION, SYNC, TOKEN, bench, connection, rows
from tui_app.api.base import ConnectionQuery, IssueQuery
from tui_app.api.errors import ApiError
from tui_app.api.exchanges import Redactor
from tui_app.api.reading import read_rows
from tui_app.api.terminal_reading import read_connection, read_page
from tui_app.api.wire import Answer
from tui_app.models.connection import Connection, Standing
from tui_app.models.problem import ProblemKind
from tui_app.models.sync import Phase

ISSUE = {
    "id": "isu_01D8ZQFGHVJ858NBF2Q7DV9MNC",
    "status": "ongoing",
    "connection": "conn_1",
    "error": {"code": "missing_permissions", "message": "No access to drivers"},
    "firstReportedAt": "2021-01-06T03:24:53.000Z",
    "lastReportedAt": "2021-01-06T03:24:53.000Z",
}
PROVIDER = {"code": "geotab", "name": "Geotab", "status": "live", "supportedModels": {}}


def named(number: int) -> dict[str, Any]:
    """A connection's row."""
    return CONNECTION | {"id": f"conn_{number}"}


class TestPages:
    """Paging."""

    async def test_all_pages_are_read_in_order(self) -> None:
        async with bench(pages([named(1), named(2)], [named(3)], [named(4)])) as b:
            assert [one.id for one in await rows(b.api.connections())] == ["conn_1", "conn_2", "conn_3", "conn_4"]
            assert [one.query.get("cursor") for one in b.server.requests] == [None, "c1", "c2"]

    async def test_an_empty_page_in_the_middle_does_not_end_the_list(self) -> None:
        async with bench(pages([named(1)], [], [], [named(2)], [])) as b:
            assert [one.id for one in await rows(b.api.connections())] == ["conn_1", "conn_2"]
            assert len(b.server.requests) == 5

    async def test_only_an_absent_next_ends_the_list_not_a_short_page(self) -> None:
        async with bench(pages([named(1)], [named(2)])) as b:
            assert len(await rows(b.api.connections(ConnectionQuery(limit=50)))) == 2
            assert [one.query["limit"] for one in b.server.requests] == ["50", "50"]

    @pytest.mark.parametrize("end", [{}, {"next": None}, {"next": ""}])
    async def test_null_or_nothing_as_next_ends_the_list(self, end: dict[str, Any]) -> None:
        async with bench(Reply(json={"results": [named(1)]} | end)) as b:
            assert len(await rows(b.api.connections())) == 1
            assert len(b.server.requests) == 1

    @pytest.mark.parametrize("cursors", [["a", "a"], ["a", "b", "a"], ["a", "b", "c", "b"]])
    async def test_a_cursor_that_comes_back_ends_the_list_with_an_error(self, cursors: list[str]) -> None:
        script = [Reply(json={"results": [named(number)], "next": cursor}) for number, cursor in enumerate(cursors)]
        async with bench(*script) as b:
            listing = b.api.connections()
            seen = [(await anext(listing)).items[0].id for _ in cursors]
            with pytest.raises(ApiError, match="does not end") as caught:
                await anext(listing)

            assert caught.value.problem.kind is ProblemKind.UNREADABLE
            assert seen == [f"conn_{number}" for number in range(len(cursors))]
            assert len(b.server.requests) == len(cursors)

    async def test_a_cursor_travels_whole_whatever_it_holds(self) -> None:
        cursor = "a+b/c==&x=1 é"
        script = [Reply(json={"results": [], "next": cursor}), Reply(json={"results": []})]
        async with bench(*script) as b:
            await rows(b.api.connections())

            assert b.server.requests[1].query["cursor"] == cursor

    async def test_filters_are_sent_with_every_page(self) -> None:
        async with bench(pages([named(1)], [named(2)])) as b:
            await rows(b.api.connections(ConnectionQuery(tag="vip")))

            assert [one.query["tag"] for one in b.server.requests] == ["vip", "vip"]

    async def test_no_page_is_asked_for_before_it_is_wanted(self) -> None:
        async with bench(pages([named(1)], [named(2)])) as b:
            listing = b.api.connections()
            assert b.server.requests == []
            await anext(listing)
            assert len(b.server.requests) == 1

    async def test_a_failing_page_is_tried_again(self) -> None:
        async with bench(Reply(503), Reply(json={"results": [named(1)]})) as b:
            assert len(await rows(b.api.connections())) == 1

    @pytest.mark.parametrize(
        "answer",
        [
            [],
            [named(1)],
            {"data": []},
            {"results": None},
            {"results": {}},
            {"results": [], "next": {"a": 1}},
            "x",
            5,
            None,
        ],
    )
    async def test_what_is_no_page_is_unreadable_with_an_excerpt(self, answer: Any) -> None:
        async with bench(Reply(json=answer)) as b:
            with pytest.raises(ApiError) as caught:
                await rows(b.api.connections())

            assert caught.value.problem.kind is ProblemKind.UNREADABLE
            assert caught.value.problem.message
            assert TOKEN not in repr(caught.value.problem)

    async def test_a_page_of_thousands_of_rows_lets_others_run_while_it_is_read(self) -> None:
        answer = Answer(200, {"results": [named(number) for number in range(2000)] + [5]}, 0.0, Redactor())
        reading = asyncio.create_task(read_page(answer, read_connection, first=10))
        turns = 0
        while not reading.done():
            await asyncio.sleep(0)
            turns += 1

        assert turns >= 8
        page = reading.result()
        assert [one.id for one in page.items] == [f"conn_{number}" for number in range(2000)]
        assert [one.row for one in page.unreadable] == [2010]

    @pytest.mark.parametrize("limit", [0, -1])
    async def test_a_page_of_nothing_is_refused_before_it_is_asked_for(self, limit: int) -> None:
        async with bench(Reply()) as b:
            with pytest.raises(ApiError) as caught:
                await rows(b.api.connections(ConnectionQuery(limit=limit)))

            assert caught.value.problem.kind is ProblemKind.REFUSED
            assert b.server.requests == []


class TestFilters:
    """What narrows a list."""

    async def test_every_filter_of_connections_is_sent_under_its_name(self) -> None:
        query = ConnectionQuery(
            external_id="fr-1029 &?",
            dot_number="1234567",
            tag="vip",
            updated_after=datetime(2026, 1, 2, 3, 4, 5, 678_900, tzinfo=UTC),
            updated_before=datetime(2026, 2, 2, tzinfo=UTC),
            status="a_new_word",
            provider="geotab",
            order="desc",
            limit=7,
        )
        async with bench(Reply(json={"results": []})) as b:
            await rows(b.api.connections(query))

            assert b.server.requests[0].path == "/tsp/v1/connections"
            assert b.server.requests[0].query == {
                "externalId": "fr-1029 &?",
                "dotNumber": "1234567",
                "tag": "vip",
                "updatedAfter": "2026-01-02T03:04:05.678Z",
                "updatedBefore": "2026-02-02T00:00:00.000Z",
                "status": "a_new_word",
                "provider": "geotab",
                "order": "desc",
                "limit": "7",
            }
            assert "connection-token" not in b.server.requests[0].headers

    async def test_without_filters_none_is_sent(self) -> None:
        async with bench(Reply(json={"results": []})) as b:
            await rows(b.api.connections())
            await rows(b.api.issues())

            assert [one.query for one in b.server.requests] == [{}, {}]

    async def test_every_filter_of_issues_is_sent_under_its_name(self) -> None:
        query = IssueQuery(
            connection_id="conn_1",
            status="ongoing",
            error_code="missing_permissions",
            last_reported_after=datetime(2026, 1, 1, tzinfo=UTC),
            last_reported_before=datetime(2026, 2, 1, tzinfo=UTC),
            limit=3,
        )
        async with bench(pages([ISSUE])) as b:
            (issue,) = await rows(b.api.issues(query))

            assert issue.error.code == "missing_permissions"
            assert b.server.requests[0].path == "/tsp/v1/issues"
            assert b.server.requests[0].query == {
                "connectionId": "conn_1",
                "status": "ongoing",
                "errorCode": "missing_permissions",
                "lastReportedAfter": "2026-01-01T00:00:00.000Z",
                "lastReportedBefore": "2026-02-01T00:00:00.000Z",
                "limit": "3",
            }

    async def test_syncs_are_listed_with_the_connections_token(self) -> None:
        async with bench(pages([SYNC])) as b:
            (sync,) = await rows(b.api.syncs(connection(), status="completed", limit=2))

            assert sync.phase is Phase.SUCCEEDED
            assert b.server.requests[0].headers["connection-token"] == TOKEN
            assert b.server.requests[0].query == {"status": "completed", "limit": "2"}


class TestRows:
    """One row at a time."""

    @pytest.mark.parametrize(
        ("status", "standing"),
        [
            ("connected", Standing.CONNECTED),
            ("disconnected", Standing.DISCONNECTED),
            ("archived", Standing.ARCHIVED),
            ("pending_deletion", Standing.LEAVING),
            ("deleting", Standing.LEAVING),
            ("deleted", Standing.DELETED),
            ("hibernating", Standing.UNKNOWN),
            ("", Standing.UNKNOWN),
        ],
    )
    async def test_every_status_word_is_kept_and_placed(self, status: str, standing: Standing) -> None:
        async with bench(pages([CONNECTION | {"status": status}])) as b:
            (one,) = await rows(b.api.connections())

            assert (one.status, one.standing) == (status, standing)

    async def test_a_deleted_record_without_token_and_company_is_read(self) -> None:
        row = {
            "id": "conn_1",
            "provider": {"name": "Geotab", "code": "geotab"},
            "status": "deleted",
            "createdAt": "2021-01-06T03:24:53.000Z",
            "updatedAt": "2021-01-06T03:24:53.000Z",
            "deletedAt": "2021-01-07T03:24:53.000Z",
        }
        async with bench(pages([row])) as b:
            (one,) = await rows(b.api.connections())

            assert one.token is None
            assert one.standing is Standing.DELETED
            assert one.to_json() == row

    async def test_nulls_are_read_as_absent(self) -> None:
        nulls = {"tags": None, "externalId": None, "syncMode": None, "company": {"name": "A", "dotNumbers": None}}
        async with bench(pages([CONNECTION | nulls])) as b:
            (one,) = await rows(b.api.connections())

            assert (one.tags, one.external_id, one.company.name) == ([], None, "A")

    async def test_numbers_where_text_is_documented_are_read(self) -> None:
        async with bench(pages([CONNECTION | {"externalId": 1029, "company": {"dotNumbers": [1234567]}}])) as b:
            (one,) = await rows(b.api.connections())

            assert (one.external_id, one.company.dot_numbers) == ("1029", ["1234567"])

    async def test_unknown_fields_are_kept_even_where_they_are_called_as_ours(self) -> None:
        row = CONNECTION | {"standing": 5, "phase": [], "somethingNew": {"a": [1]}, "external_id": "no"}
        async with bench(pages([row])) as b:
            (one,) = await rows(b.api.connections())

            assert one.standing is Standing.CONNECTED
            assert one.external_id is None
            assert one.to_json()["somethingNew"] == {"a": [1]}

    async def test_a_name_of_64_kb_is_read_whole(self) -> None:
        name = "\x1b[31m" + "x" * 65_536
        async with bench(pages([CONNECTION | {"company": {"name": name}}])) as b:
            (one,) = await rows(b.api.connections())

            assert one.company.name == name

    async def test_a_row_that_cannot_be_read_costs_that_row(self) -> None:
        broken = {"id": "conn_2", "status": "connected", "token": TOKEN, "provider": "geotab", "createdAt": "yesterday"}
        async with bench(pages([named(1), broken, named(3)], ["text", None, named(6), {}])) as b:
            first, second = [page async for page in b.api.connections()]

            assert [one.id for one in first.items] == ["conn_1", "conn_3"]
            (unreadable,) = first.unreadable
            assert (unreadable.row, unreadable.id) == (1, "conn_2")
            assert "provider" in unreadable.reason
            assert "createdAt" in unreadable.reason
            assert TOKEN not in repr(unreadable)
            assert unreadable.source["provider"] == "geotab"
            assert [one.id for one in second.items] == ["conn_6"]
            assert [(one.row, one.id) for one in second.unreadable] == [(3, ""), (4, ""), (6, "")]

    async def test_half_a_surrogate_pair_costs_one_character(self) -> None:
        body = b'{"results": [{"id": "conn_1", "status": "a\\ud83d"}, {"id": "conn_2", "status": "connected"}]}'
        async with bench(Reply(body=body)) as b:
            assert [one.status for one in await rows(b.api.connections())] == ["a\ufffd", "connected"]

    async def test_providers_are_a_bare_array_that_needs_no_paging(self) -> None:
        odd = {"code": "odd", "name": None, "supportedModels": "none"}
        async with bench(Reply(json=[PROVIDER, odd, {"name": "no code"}, 5])) as b:
            first, second = await b.api.providers()

            assert (first.code, first.name, first.status) == ("geotab", "Geotab", "live")
            assert (second.code, second.name) == ("odd", "odd")
            assert b.server.requests[0].path == "/tsp/v1/providers"

    async def test_providers_in_a_page_are_read_too(self) -> None:
        async with bench(Reply(json={"results": [PROVIDER]})) as b:
            assert len(await b.api.providers()) == 1

    async def test_something_else_in_place_of_providers_is_unreadable(self) -> None:
        async with bench(Reply(json={"error": "x"})) as b:
            with pytest.raises(ApiError) as caught:
                await b.api.providers()

            assert caught.value.problem.kind is ProblemKind.UNREADABLE

    @pytest.mark.parametrize("status", [404, 405, 501])
    async def test_a_server_without_issues_or_providers_does_not_offer_them(self, status: int) -> None:
        async with bench(Reply(status)) as b:
            with pytest.raises(ApiError) as issues:
                await rows(b.api.issues())
            with pytest.raises(ApiError) as providers:
                await b.api.providers()

            assert issues.value.problem.kind is ProblemKind.UNSUPPORTED
            assert providers.value.problem.kind is ProblemKind.UNSUPPORTED


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*CONNECTION, "x", "lastSync"]), inner),
    max_leaves=12,
)


@given(
    changes=st.lists(
        st.dictionaries(st.sampled_from([*CONNECTION, "tags", "account", "lastSync", "linkUrl"]), json_values),
        max_size=4,
    )
)
def test_whatever_a_row_holds_it_is_read_or_said_why_not(changes: list[dict[str, Any]]) -> None:
    given_rows = [CONNECTION | change for change in changes]
    items, broken = read_rows(Answer(200, None, 0.0, Redactor([TOKEN])), given_rows, read_connection)

    assert len(items) + len(broken) == len(given_rows)
    assert all(isinstance(item, Connection) and TOKEN not in str(item.to_json()) for item in items)
    assert all(one.reason and TOKEN not in repr(one) for one in broken)
