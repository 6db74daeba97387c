"""The list of connections is read once for all who want it at the same time, in whatever envelope it comes."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

from tests.clocks import settle, until
from tests.servers import Reply
from tests.unit.api.stuut_support import BATCH, connection, job, listed, model, stuut
from tests.unit.api.support import rows
from tui_app.api.errors import ApiError
from tui_app.api.exchanges import Redactor
from tui_app.api.stuut_listing import OneAtATime, read_list
from tui_app.api.stuut_reading import read_connection
from tui_app.api.wire import Answer
from tui_app.models.problem import ProblemKind
from tui_app.models.sync import SyncRequest


class TestForms:
    """What is taken for the list."""

    @pytest.mark.parametrize("envelope", [lambda rows: rows, lambda rows: {"data": rows}])
    async def test_a_bare_array_and_an_envelope_are_both_read(self, envelope: Any) -> None:
        async with stuut(Reply(json=envelope([listed(), listed(id="c2")]))) as b:
            assert [one.id for one in await rows(b.api.connections())] == ["c1", "c2"]

    @pytest.mark.parametrize("answer", [None, 5, "x", {}, {"data": None}, {"results": []}, {"connections": []}])
    async def test_what_is_no_list_is_unreadable_with_an_excerpt(self, answer: Any) -> None:
        async with stuut(Reply(json=answer)) as b:
            with pytest.raises(ApiError) as caught:
                await rows(b.api.connections())

            assert caught.value.problem.kind is ProblemKind.UNREADABLE
            assert caught.value.problem.message

    async def test_a_row_that_cannot_be_read_costs_that_row(self) -> None:
        answer = [listed(), {"name": "no id", "access_token": "hunter2-secret"}, "text", listed(id="c2")]
        async with stuut(Reply(json=answer)) as b:
            (page,) = [page async for page in b.api.connections()]

            assert [one.id for one in page.items] == ["c1", "c2"]
            assert [(one.row, one.id) for one in page.unreadable] == [(1, ""), (2, "")]
            assert "id" in page.unreadable[0].reason
            assert "hunter2" not in repr(page.unreadable)

    async def test_a_list_that_is_not_there_points_to_the_base_url(self) -> None:
        async with stuut(Reply(404, json={"detail": "Not Found"})) as b:
            for asked in (rows(b.api.connections()), b.api.connection(connection()), b.api.sync(connection(), BATCH)):
                with pytest.raises(ApiError) as caught:
                    await asked
                assert caught.value.problem.kind is ProblemKind.UNREADABLE
                assert caught.value.problem.title == "This does not look like Stuut's API"
                assert "/v2/integrations" in caught.value.problem.next_step
                assert caught.value.problem.detail == "Not Found"

    async def test_a_list_of_hundreds_lets_others_run_while_it_is_read(self) -> None:
        row = listed(model("invoices", job("j1", "invoices")))
        answer = Answer(200, [row | {"id": str(number)} for number in range(200)] + [5], 0.0, Redactor())
        reading = asyncio.create_task(read_list(answer, read_connection))
        turns = 0
        while not reading.done():
            await asyncio.sleep(0)
            turns += 1

        assert turns >= 15
        page = reading.result()
        assert [one.id for one in page.items] == [str(number) for number in range(200)]
        assert [one.row for one in page.unreadable] == [200]

    async def test_the_list_is_read_again_where_that_may_help(self) -> None:
        async with stuut(Reply(503), Reply(json=[listed()])) as b:
            assert len(await rows(b.api.connections())) == 1
            assert len(b.slept) == 1


class TestSharing:
    """Readers at the same time."""

    async def test_all_who_look_at_once_share_one_request(self) -> None:
        answer = [listed(model("invoices", job("j1", "invoices")))]
        async with stuut(Reply(json=answer)) as b:
            found = await asyncio.gather(
                rows(b.api.connections()),
                b.api.connection(connection()),
                *(b.api.sync(connection(), BATCH) for _ in range(50)),
            )

            assert len(found) == 52
            assert b.sent == ["GET /connections"]
            await b.api.connection(connection())
            assert len(b.sent) == 2

    async def test_one_who_leaves_takes_nothing_from_the_others(self) -> None:
        answered = threading.Event()
        async with stuut(Reply(json=[listed()], wait=answered)) as b:
            looks = [asyncio.create_task(b.api.connection(connection())) for _ in range(3)]
            await until(lambda: len(b.sent) == 1)
            looks[0].cancel()
            await settle()
            assert looks[0].cancelled()
            answered.set()

            assert [one.id for one in await asyncio.gather(*looks[1:])] == ["c1", "c1"]
            assert len(b.sent) == 1

    async def test_a_failure_is_told_to_all_who_waited_and_to_nobody_after(self) -> None:
        async with stuut(Reply(500), Reply(json=[listed()])) as b:
            looks = [b.api.connection(connection()) for _ in range(3)]
            told = await asyncio.gather(*looks, return_exceptions=True)

            assert [type(one) for one in told] == [ApiError] * 3
            assert (await b.api.connection(connection())).id == "c1"

    async def test_no_reader_is_given_the_rows_of_another(self) -> None:
        async with stuut(Reply(json=[listed()])) as b:
            first, second = await asyncio.gather(*(anext(b.api.connections()) for _ in range(2)))
            first.items.clear()

            assert len(b.sent) == 1
            assert len(second.items) == 1

    @pytest.mark.parametrize("write", ["update", "request"])
    async def test_who_looks_after_a_change_is_not_given_what_was_asked_for_before_it(self, write: str) -> None:
        answered = threading.Event()
        script = [
            Reply(json=[listed(name="Old")], wait=answered),
            Reply(json=listed() if write == "update" else [job("j", "invoices")]),
            Reply(json=[listed(name="New")]),
        ]
        async with stuut(*script) as b:
            before = asyncio.create_task(b.api.connection(connection()))
            await until(lambda: len(b.sent) == 1)
            if write == "update":
                await b.api.update_connection(connection(), {"name": "New"})
            else:
                await b.api.request_sync(connection(), SyncRequest())

            assert (await b.api.connection(connection())).name == "New"
            answered.set()
            assert (await before).name == "Old"

    async def test_a_read_that_nobody_waits_for_any_more_ends(self) -> None:
        ended = asyncio.Event()

        async def read(attempts: int | None) -> int:
            try:
                await asyncio.Event().wait()
            finally:
                ended.set()
            return 1

        shared = OneAtATime(read)
        looks = [asyncio.create_task(shared.result()) for _ in range(2)]
        await settle()
        looks[0].cancel()
        await settle()
        assert not ended.is_set()
        looks[1].cancel()
        await settle()
        assert ended.is_set()

    async def test_the_first_to_come_says_how_often_it_is_tried(self) -> None:
        tried: list[int | None] = []

        async def read(attempts: int | None) -> int:
            tried.append(attempts)
            await asyncio.sleep(0)
            return 1

        shared = OneAtATime(read)
        await asyncio.gather(shared.result(1), shared.result(), shared.result(1))
        await shared.result()

        assert tried == [1, None]

    async def test_closing_twice_is_fine(self) -> None:
        async with stuut(Reply(json=[listed()])) as b:
            await b.api.connection(connection())
            await b.api.aclose()
            await b.api.aclose()
            with pytest.raises(ApiError) as caught:
                await b.api.connection(connection())

            assert caught.value.problem.kind is ProblemKind.REFUSED
